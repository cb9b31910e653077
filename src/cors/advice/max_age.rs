//! L-26 to L-29: how long a preflight's answer is remembered, and what was spent for nothing.
//!
//! What better answers would have spared is counted by [`cost`](crate::cors::advice::cost), which
//! replays a cache of two hours. Each preflight that it would have spared is laid to one reason.

use crate::cors::advice::answer::Answer;
use crate::cors::advice::cost::milliseconds_of;
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Evidence, Sink, text};

pub(super) static L_26: Rule = Rule {
    number: 26,
    id: "L-26",
    severity: Severity::Medium,
    title: "preflights are repeated for want of Access-Control-Max-Age",
    what: "The answers to preflights have no Access-Control-Max-Age, and the same preflight came again.",
    why: "Without it browsers remember an answer for 5 seconds, and each request waits for another round trip.",
    fix: "send Access-Control-Max-Age: 7200 on the answers to OPTIONS",
    example: "OPTIONS https://api.example/items   at 10:00:00\nOPTIONS https://api.example/items   at 10:00:20\n\nHTTP/1.1 204 No Content             (no Access-Control-Max-Age)",
};

pub(super) static L_27: Rule = Rule {
    number: 27,
    id: "L-27",
    severity: Severity::Low,
    title: "Access-Control-Max-Age is short or no number",
    what: "Access-Control-Max-Age is less than a minute, or not a number of seconds.",
    why: "The answer is hardly remembered; with a value that is no number, Firefox does not remember it at all.",
    fix: "send a plain number of seconds: 600 to 7200",
    example: "HTTP/1.1 204 No Content\nAccess-Control-Max-Age: 10m",
};

pub(super) static L_28: Rule = Rule {
    number: 28,
    id: "L-28",
    severity: Severity::Info,
    title: "Access-Control-Max-Age beyond what browsers keep",
    what: "Access-Control-Max-Age is more than 7200 seconds.",
    why: "Chromium keeps 7200 seconds of it and Safari 600; Firefox keeps up to 86400, and learns of a changed policy as late.",
    fix: "send Access-Control-Max-Age: 7200",
    example: "HTTP/1.1 204 No Content\nAccess-Control-Max-Age: 31536000",
};

pub(super) static L_29: Rule = Rule {
    number: 29,
    id: "L-29",
    severity: Severity::Info,
    title: "preflights that could be spared",
    what: "The same preflight came again within a time for which browsers can remember the answer, or only the query differed.",
    why: "Each one delays its request by a round trip and the server's time.",
    fix: "send Access-Control-Max-Age: 7200, and name methods and headers instead of *",
    example: "OPTIONS https://api.example/items?page=1\nOPTIONS https://api.example/items?page=2\nOPTIONS https://api.example/items?page=3",
};

/// Shorter ages spare next to nothing.
const SHORT: u64 = 60;
/// The longest age that Chromium keeps.
const LONGEST: u64 = 7200;
/// So many spared preflights, or microseconds, make L-29 more than information.
const MANY: u64 = 20;
const LONG_WAIT: u64 = 1_000_000;

/// Why a preflight was sent that a good answer would have spared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waste {
    /// No Access-Control-Max-Age: 5 seconds.
    NoMaxAge,
    /// An Access-Control-Max-Age that is short, or none.
    ShortMaxAge,
    /// A good one ran out.
    RanOut,
    /// Firefox does not remember wildcards.
    WildcardInFirefox,
    /// Firefox asks again for HEAD.
    HeadInFirefox,
    /// Sent before the first was answered.
    AtOnce,
    /// Remembered, and sent all the same.
    Bypassed,
    /// The same path with another query.
    OtherQuery,
}

impl Waste {
    const ALL: [Self; 8] = [
        Self::NoMaxAge,
        Self::ShortMaxAge,
        Self::RanOut,
        Self::WildcardInFirefox,
        Self::HeadInFirefox,
        Self::AtOnce,
        Self::Bypassed,
        Self::OtherQuery,
    ];

    const fn reason(self) -> &'static str {
        match self {
            Self::NoMaxAge => "no Access-Control-Max-Age",
            Self::ShortMaxAge => "a short Access-Control-Max-Age",
            Self::RanOut => "Access-Control-Max-Age had run out",
            Self::WildcardInFirefox => "Firefox does not remember answers with *",
            Self::HeadInFirefox => "Firefox asks again for HEAD",
            Self::AtOnce => "several sent at once",
            Self::Bypassed => {
                "the browser's cache was not used: a reload, Disable cache, another tab, or with and without credentials"
            }
            Self::OtherQuery => "only the query differed: answers are remembered for the whole URL",
        }
    }

    const fn fix(self) -> &'static str {
        match self {
            Self::NoMaxAge | Self::ShortMaxAge | Self::RanOut => {
                "send Access-Control-Max-Age: 7200 on the answers to OPTIONS"
            }
            Self::WildcardInFirefox => "name the methods and headers instead of *",
            Self::HeadInFirefox => "list HEAD in Access-Control-Allow-Methods",
            Self::AtOnce => "send one request first, the others after its preflight",
            Self::Bypassed => "nothing on the server; measure without Disable cache",
            Self::OtherQuery => {
                "put what varies into the body, or avoid the preflight (see what triggers it)"
            }
        }
    }
}

/// Preflights of one endpoint that could have been spared.
#[derive(Clone, Default)]
pub(super) struct Wasted {
    /// How many, and their summed microseconds, in the order of [`Waste::ALL`].
    by_reason: [(u64, u64); Waste::ALL.len()],
    evidence: [Option<Evidence>; Waste::ALL.len()],
}

impl Wasted {
    pub(super) fn add(&mut self, waste: Waste, micros: u32, evidence: Evidence) {
        let at = waste as usize;
        if let Some((count, sum)) = self.by_reason.get_mut(at) {
            *count += 1;
            *sum += u64::from(micros);
        }
        if let Some(first) = self.evidence.get_mut(at) {
            first.get_or_insert(evidence);
        }
    }

    fn of(&self, waste: Waste) -> (u64, u64) {
        let found = self.by_reason.get(waste as usize);
        found.copied().unwrap_or_default()
    }

    /// `preflights_seen`: all of the endpoint.
    pub(super) fn conclude(&self, preflights_seen: u64, sink: &mut Sink<'_>) {
        let (count, micros) = self.of(Waste::NoMaxAge);
        let first = |waste: Waste| self.evidence.get(waste as usize).copied().flatten();
        if count > 0 {
            let evidence = first(Waste::NoMaxAge).unwrap_or_default();
            sink.about(evidence).add(&L_26, || {
                format!(
                    "no Access-Control-Max-Age: {} repeated, {} ms in all",
                    preflights(count),
                    milliseconds_of(micros)
                )
            });
            sink.rest_on(&L_26, &[], count);
        }
        // What comes of a missing or short age is told of by L-26 and L-27.
        let rest = Waste::ALL
            .into_iter()
            .filter(|w| !matches!(w, Waste::NoMaxAge | Waste::ShortMaxAge));
        let (mut count, mut micros) = (0, 0);
        let mut main: Option<Waste> = None;
        for waste in rest {
            let (n, sum) = self.of(waste);
            count += n;
            micros += sum;
            if n > main.map_or(0, |main| self.of(main).0) {
                main = Some(waste);
            }
        }
        // One of them may be chance: a reload, two tabs.
        if let Some(main) = main
            && count >= 2
        {
            // A few of many are not worth a change.
            let many = count >= MANY && count >= preflights_seen / 10;
            let severity = if many || micros >= LONG_WAIT {
                Severity::Medium
            } else {
                L_29.severity
            };
            sink.about(first(main).unwrap_or_default())
                .add_as(&L_29, severity, || {
                    crate::cors::advice::sink::Said::with_fix(
                        format!(
                            "{} could be spared, {} ms in all; mostly: {}",
                            preflights(count),
                            milliseconds_of(micros),
                            main.reason()
                        ),
                        main.fix().to_owned(),
                    )
                });
            sink.rest_on(&L_29, &[], count);
        }
    }

    /// What a short Access-Control-Max-Age cost.
    pub(super) fn conclude_short(&self, sink: &mut Sink<'_>) {
        let (count, micros) = self.of(Waste::ShortMaxAge);
        if count > 0
            && let Some(evidence) = self
                .evidence
                .get(Waste::ShortMaxAge as usize)
                .copied()
                .flatten()
        {
            sink.about(evidence).add_as(&L_27, Severity::Medium, || {
                format!(
                    "a short Access-Control-Max-Age: {} repeated, {} ms in all",
                    preflights(count),
                    milliseconds_of(micros)
                )
            });
        }
    }
}

fn preflights(count: u64) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} preflight{plural}")
}

/// The seconds that an Access-Control-Max-Age value says.
pub(super) fn seconds(value: &[u8]) -> Option<u64> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    // Beyond 64 bits it is long in any case.
    Some(std::str::from_utf8(value).ok()?.parse().unwrap_or(u64::MAX))
}

/// Whether a value is good for so short a time that a repeated preflight is its doing.
pub(super) fn is_short(value: &[u8]) -> bool {
    seconds(value).is_none_or(|age| age < SHORT)
}

pub(super) fn check(answer: &Answer<'_>, sink: &mut Sink<'_>) {
    let Some(value) = answer.cors.max_age.single() else {
        return;
    };
    if !answer.preflight || !answer.is_ok() {
        return;
    }
    match seconds(value) {
        None => sink.add(&L_27, || {
            format!(
                "Access-Control-Max-Age is \"{}\", which is no number of seconds",
                text(value)
            )
        }),
        Some(0) => sink.add(
            &L_27,
            || "Access-Control-Max-Age is 0: no answer is remembered, every request is preflighted",
        ),
        Some(age) if age < SHORT => {
            sink.add(&L_27, || format!("Access-Control-Max-Age is {age} seconds"));
        }
        Some(age) if age > LONGEST => sink.add(&L_28, || {
            format!("Access-Control-Max-Age is {} seconds", text(value))
        }),
        Some(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

    const ALL: [&str; 4] = ["L-26", "L-27", "L-28", "L-29"];

    fn preflight(at: u32, target: &str, more: &str) -> String {
        format!(
            "@{at}s+5ms OPTIONS {target} | Origin: http://a.org | ACRM: PUT => 204 | ACAO: * | ACAM: PUT{more}"
        )
    }

    #[test]
    fn ages_that_serve_nobody() {
        for (age, expected) in [
            ("600", &[][..]),
            ("60", &[]),
            ("7200", &[]),
            ("59", &["L-27"]),
            ("0", &["L-27"]),
            ("-1", &["L-27"]),
            ("600s", &["L-27"]),
            ("7201", &["L-28"]),
            ("86400", &["L-28"]),
            ("99999999999999999999", &["L-28"]),
        ] {
            let line = preflight(1, "/", &format!(" | ACMA: {age}"));
            check(&ALL, &[(age, &[&line], expected)]);
        }
    }

    #[test]
    fn preflights_that_came_again() {
        let at = |at| preflight(at, "/", "");
        let kept = |at| preflight(at, "/", " | ACMA: 600");
        let other = |at| preflight(at, "/", "").replace("a.org", "b.org");
        let query = |at| preflight(at, &format!("/?n={at}"), " | ACMA: 600");
        check(
            &ALL,
            &[
                ("once", &[&at(1)], &[]),
                ("again", &[&at(1), &at(60)], &["L-26"]),
                ("after a day", &[&at(1), &at(90_000)], &[]),
                ("another page", &[&at(1), &other(60)], &[]),
                (
                    "refused",
                    &[
                        &at(1).replace("ACAO: *", "X: y"),
                        &at(60).replace("ACAO: *", "X: y"),
                    ],
                    &[],
                ),
                ("ran out once", &[&kept(1), &kept(700)], &[]),
                (
                    "ran out twice",
                    &[&kept(1), &kept(700), &kept(1400)],
                    &["L-29"],
                ),
                ("not used", &[&kept(1), &kept(2), &kept(3)], &["L-29"]),
                (
                    "another query",
                    &[&query(1), &query(2), &query(3)],
                    &["L-29"],
                ),
                (
                    "ids are other resources",
                    &[
                        &preflight(1, "/1", " | ACMA: 600"),
                        &preflight(2, "/2", " | ACMA: 600"),
                        &preflight(3, "/3", " | ACMA: 600"),
                    ],
                    &[],
                ),
                (
                    "short",
                    &[
                        &preflight(1, "/", " | ACMA: 1"),
                        &preflight(9, "/", " | ACMA: 1"),
                    ],
                    &["L-27"],
                ),
            ],
        );
    }
}
