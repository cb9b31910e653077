//! L-29: preflights that better answers would have spared.

use crate::cors::advice::cost::milliseconds_of;
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Said, Sink};
use crate::cors::advice::waste::{Waste, Wasted, preflights};

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

/// So many spared preflights, or microseconds, make this more than information.
const MANY: u64 = 20;
const LONG_WAIT: u64 = 1_000_000;

/// `preflights_seen`: all of the endpoint.
pub(super) fn conclude(wasted: &Wasted, preflights_seen: u64, sink: &mut Sink<'_>) {
    // What comes of a missing or short age is told of by L-26 and L-27.
    let rest = Waste::ALL
        .into_iter()
        .filter(|w| !matches!(w, Waste::NoMaxAge | Waste::ShortMaxAge));
    let (mut count, mut micros) = (0, 0);
    let mut main: Option<Waste> = None;
    for waste in rest {
        let (n, sum) = wasted.of(waste);
        count += n;
        micros += sum;
        if n > main.map_or(0, |main| wasted.of(main).0) {
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
        let first = wasted.first(main);
        sink.about(first).add_as(&L_29, severity, || {
            Said::with_fix(
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
