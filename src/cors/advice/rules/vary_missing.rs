//! L-4: `Vary: Origin`, missing where the answer varies.

use crate::cors::advice::cached::{Answers, Kept};
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::Sink;

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

/// Whether two answers that a cache may mix up were seen.
pub(super) fn conclude(answers: &Answers, sink: &mut Sink<'_>) -> bool {
    let misleading = answers
        .pairs()
        .filter(|(a, b)| a.allowed != b.allowed && !(a.varies && b.varies));
    let may_share = |kept: &Kept| kept.shared && !kept.varies;
    // Of several pairs the one that shared caches mix up.
    let worst = misleading.max_by_key(|(a, b)| may_share(a) || may_share(b));
    let Some((a, b)) = worst else {
        return false;
    };
    let shared = may_share(a) || may_share(b);
    let severity = if shared { Severity::High } else { L_4.severity };
    sink.about(a.evidence).add_as(&L_4, severity, || {
        format!(
            "{} got {}, {} got {}, and {} Vary: Origin",
            a.who(),
            a.what(),
            b.who(),
            b.what(),
            match (a.varies, b.varies) {
                (false, false) => "neither has",
                (false, true) => "the first has no",
                _ => "the second has no",
            }
        )
    });
    sink.rest_on(&L_4, &[b.evidence], answers.unvarying);
    true
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
