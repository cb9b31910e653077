//! L-37: the headers of Private Network Access, which browsers have given up.

use crate::cors::advice::answer::Answer;
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::Sink;

pub(super) static L_37: Rule = Rule {
    number: 37,
    id: "L-37",
    severity: Severity::Info,
    title: "headers of Private Network Access",
    what: "A preflight asked with Access-Control-Request-Private-Network, or an answer has Access-Control-Allow-Private-Network.",
    why: "Browsers have given that proposal up; its successor, Local Network Access, asks the user and has no headers.",
    fix: "leave the header out",
    example: "OPTIONS http://192.168.0.1/\nAccess-Control-Request-Private-Network: true",
};

pub(super) fn check(answer: &Answer<'_>, sink: &mut Sink<'_>) {
    if answer.cors.allow_private_network {
        sink.add(
            &L_37,
            || "the answer has Access-Control-Allow-Private-Network",
        );
    } else if answer.preflight
        && answer
            .request()
            .contains("access-control-request-private-network")
    {
        sink.add(
            &L_37,
            || "the preflight has Access-Control-Request-Private-Network",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

    #[test]
    fn legacy_headers() {
        const P: &str = "Access-Control-Request-Private-Network: true";
        check(
            &["L-37"],
            &[
                (
                    "asked",
                    &[&format!(
                        "OPTIONS / | Origin: http://a.org | ACRM: GET | {P} => 204"
                    )],
                    &["L-37"],
                ),
                (
                    "allowed",
                    &[
                        "GET / | Origin: http://a.org => 200 | Access-Control-Allow-Private-Network: true",
                    ],
                    &["L-37"],
                ),
                (
                    "neither",
                    &["OPTIONS / | Origin: http://a.org | ACRM: GET => 204"],
                    &[],
                ),
            ],
        );
    }
}
