//! L-4 and L-5: `Vary: Origin`, missing where the answer varies, or there where it does not.
//!
//! Both rest on pairs that were seen: two answers of one endpoint to different Origins, or with and
//! without one. Only responses that a cache may keep count for L-4; preflights never are.

use crate::cors::advice::answer::{Answer, CorsHeaders, varies_by_origin};
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Evidence, Said, Sink, text};
use crate::http::headers::{HeaderList, list_elements};
use crate::http::message::ResponseHead;

pub(super) static L_4: Rule = Rule {
    number: 4,
    id: "L-4",
    severity: Severity::Medium,
    title: "Vary: Origin is missing",
    what: "One endpoint answered different Origins (or none) with different Access-Control-Allow-Origin headers, and a response that caches may keep does not say so by Vary: Origin.",
    why: "A cache then gives one page the answer that was made for another: failures that come and go, without anything on the wire.",
    fix: "send Vary: Origin on every response of the URL, also on those to requests without an Origin",
    example: "GET https://api.example/items\nOrigin: https://app.example\n\nHTTP/1.1 200 OK\nAccess-Control-Allow-Origin: https://app.example\nCache-Control: max-age=600\n(another Origin gets another value, and nothing says Vary: Origin)",
};

pub(super) static L_5: Rule = Rule {
    number: 5,
    id: "L-5",
    severity: Severity::Low,
    title: "Vary: Origin without need",
    what: "The endpoint gave every Origin the same Access-Control-Allow-Origin, and yet says Vary: Origin.",
    why: "Caches keep a copy for each page's origin and are hit less often.",
    fix: "leave Origin out of Vary as long as the header is the same for everybody",
    example: "HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\nVary: Origin",
};

/// Different answers kept for one endpoint.
const KEPT: usize = 4;

/// An answer that a cache could keep.
#[derive(Clone)]
struct Kept {
    /// The Origin; `None` for a request without.
    origin: Option<Box<[u8]>>,
    allowed: Option<Box<[u8]>>,
    varies: bool,
    shared: bool,
    evidence: Evidence,
}

/// The answers of one endpoint to different Origins.
#[derive(Clone, Default)]
pub(super) struct Answers {
    kept: Vec<Kept>,
    /// Answers whose Vary names Origin.
    varying: u64,
    /// Cacheable answers whose Vary does not.
    unvarying: u64,
}

/// Whether and by whom a response may be kept (RFC 9111 §3).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Caching {
    Never,
    ByBrowsers,
    BySharedCaches,
}

fn caching(headers: &HeaderList, cors: &CorsHeaders<'_>) -> Caching {
    let mut private = false;
    let mut shared = false;
    if cors.cache_control {
        for directive in headers.values("cache-control").flat_map(list_elements) {
            let name = directive.split(|b| *b == b'=').next().unwrap_or_default();
            let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
            if is("no-store") {
                return Caching::Never;
            }
            private |= is("private");
            shared |= is("public") || is("s-maxage") || is("max-age");
        }
    } else {
        shared = headers.contains("expires");
    }
    if shared && !private {
        Caching::BySharedCaches
    } else {
        Caching::ByBrowsers
    }
}

/// A response that a cache could keep, as far as this rule looks at it.
#[derive(Clone, Copy)]
pub(super) struct Cacheable {
    varies: bool,
    shared: bool,
    evidence: Evidence,
}

impl Cacheable {
    /// Of a response to a GET or HEAD; errors often come from elsewhere, and L-32 is about those.
    pub(super) fn of(
        method: &[u8],
        response: &ResponseHead,
        cors: &CorsHeaders<'_>,
        evidence: Evidence,
    ) -> Option<Self> {
        if !matches!(method, b"GET" | b"HEAD")
            || !(200..=299).contains(&response.status)
            || cors.allow_origin.count > 1
        {
            return None;
        }
        let caching = caching(&response.headers, cors);
        (caching != Caching::Never).then(|| Self {
            varies: cors.vary && varies_by_origin(&response.headers),
            shared: caching == Caching::BySharedCaches,
            evidence,
        })
    }
}

impl Answers {
    pub(super) fn observe(&mut self, answer: &Answer<'_>) {
        if answer.preflight {
            return;
        }
        let method = answer.half.fetch.head.method();
        let kept = Cacheable::of(method, answer.response, &answer.cors, answer.evidence);
        if let Some(kept) = kept {
            self.take(kept, Some(answer.origin), answer.cors.allow_origin.first);
        }
    }

    /// Takes an answer; `origin` is `None` for a request without.
    pub(super) fn take(
        &mut self,
        answer: Cacheable,
        origin: Option<&[u8]>,
        allowed: Option<&[u8]>,
    ) {
        self.varying += u64::from(answer.varies);
        self.unvarying += u64::from(!answer.varies);
        let known = self.kept.iter().any(|kept| {
            kept.origin.as_deref() == origin
                && kept.allowed.as_deref() == allowed
                && kept.varies == answer.varies
        });
        let short = |value: Option<&[u8]>| value.is_none_or(|value| value.len() <= 256);
        if !known && self.kept.len() < KEPT && short(origin) && short(allowed) {
            self.kept.push(Kept {
                origin: origin.map(Box::from),
                allowed: allowed.map(Box::from),
                varies: answer.varies,
                shared: answer.shared,
                evidence: answer.evidence,
            });
        }
    }

    pub(super) fn conclude(&self, sink: &mut Sink<'_>) {
        let pairs = self.kept.iter().enumerate().flat_map(|(n, one)| {
            let others = self.kept.iter().skip(n + 1);
            others.map(move |other| (one, other))
        });
        let different: Vec<_> = pairs.filter(|(a, b)| a.origin != b.origin).collect();
        let misleading = different
            .iter()
            .filter(|(a, b)| a.allowed != b.allowed && !(a.varies && b.varies));
        // Of several pairs the one that shared caches mix up.
        let worst = misleading.max_by_key(|(a, b)| {
            let may_share = |kept: &Kept| kept.shared && !kept.varies;
            may_share(a) || may_share(b)
        });
        if let Some((a, b)) = worst {
            let shared = [a, b].iter().any(|kept| kept.shared && !kept.varies);
            let severity = if shared { Severity::High } else { L_4.severity };
            sink.about(a.evidence).add_as(&L_4, severity, || {
                format!(
                    "{} got {}, {} got {}, and {} Vary: Origin",
                    who(a),
                    what(a),
                    who(b),
                    what(b),
                    match (a.varies, b.varies) {
                        (false, false) => "neither has",
                        (false, true) => "the first has no",
                        _ => "the second has no",
                    }
                )
            });
            sink.rest_on(&L_4, &[b.evidence], self.unvarying);
        } else if let Some((a, b)) = different.first()
            && different.iter().all(|(a, b)| a.allowed == b.allowed)
            && self
                .kept
                .iter()
                .all(|kept| kept.varies && kept.allowed.is_some())
        {
            sink.about(a.evidence).add(&L_5, || {
                let line = a.allowed.as_deref().unwrap_or_default();
                Said::from(format!(
                    "{} and {} both got Access-Control-Allow-Origin: {}, with Vary: Origin",
                    who(a),
                    who(b),
                    text(line)
                ))
            });
            sink.rest_on(&L_5, &[b.evidence], self.varying);
        }
    }
}

fn who(kept: &Kept) -> String {
    match &kept.origin {
        Some(origin) => format!("the origin {}", text(origin)),
        None => "a request without Origin".to_owned(),
    }
}

fn what(kept: &Kept) -> String {
    match &kept.allowed {
        Some(allowed) => format!("Access-Control-Allow-Origin: {}", text(allowed)),
        None => "none".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::Severity;
    use crate::cors::advice::testing::{advice_of, check};

    #[test]
    fn pairs_show_whether_the_answer_varies() {
        const A: &str = "GET /x | Origin: http://a.org => 200 | ACAO: http://a.org";
        const B: &str = "GET /x | Origin: http://b.org => 200 | ACAO: http://b.org";
        const NONE: &str = "GET /x => 200 | ETag: 1";
        let with = |line: &str, more: &str| format!("{line} | {more}");
        let star = |o| format!("GET /x | Origin: {o} => 200 | ACAO: * | Vary: Origin");
        check(
            &["L-4", "L-5"],
            &[
                ("dynamic", &[A, B], &["L-4"]),
                ("with and without", &[A, NONE], &["L-4"]),
                (
                    "Vary only where there is an Origin",
                    &[&with(A, "Vary: Origin"), NONE],
                    &["L-4"],
                ),
                (
                    "Vary on both",
                    &[
                        &with(A, "Vary: Accept, origin"),
                        &with(NONE, "Vary: Origin"),
                    ],
                    &[],
                ),
                ("Vary: *", &[&with(A, "Vary: *"), &with(B, "Vary: *")], &[]),
                ("one origin", &[A, A], &[]),
                ("constant", &[A, "GET /x => 200 | ACAO: http://a.org"], &[]),
                (
                    "not to be stored",
                    &[
                        &with(A, "Cache-Control: no-store"),
                        &with(B, "Cache-Control: no-store"),
                    ],
                    &[],
                ),
                (
                    "not cacheable",
                    &[&A.replace("GET", "POST"), &B.replace("GET", "POST")],
                    &[],
                ),
                (
                    "an error",
                    &[A, "GET /x | Origin: http://b.org => 500"],
                    &[],
                ),
                ("other endpoints", &[A, &B.replace("/x", "/y")], &[]),
                (
                    "needless",
                    &[&star("http://a.org"), &star("http://b.org")],
                    &["L-5"],
                ),
                ("needless, one origin", &[&star("http://a.org")], &[]),
                (
                    "needed: another origin is refused",
                    &[
                        &with(A, "Vary: Origin"),
                        "GET /x | Origin: http://b.org => 200 | Vary: Origin",
                    ],
                    &[],
                ),
            ],
        );
        let public = "Cache-Control: public, max-age=60";
        let found = advice_of(&[&with(A, public), &with(B, public)]);
        let found: Vec<_> = found.iter().filter(|a| a.id == "L-4").collect();
        assert_eq!(found[0].severity, Severity::High);
    }
}
