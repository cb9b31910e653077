//! L-22: a preflight that has to log in.

use crate::cors::advice::answer::Answer;
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Found, Sink};

pub(super) static L_22: Rule = Rule {
    number: 22,
    id: "L-22",
    severity: Severity::High,
    title: "preflights must log in",
    what: "A preflight was answered with 401, 403 or 407, or asked to authenticate.",
    why: "Preflights never carry cookies or Authorization, so they can never pass: every request that needs one fails.",
    fix: "answer OPTIONS before authentication",
    example: "OPTIONS https://api.example/items\nAccess-Control-Request-Method: PUT\n\nHTTP/1.1 401 Unauthorized\nWWW-Authenticate: Bearer",
};

/// What is kept of the refusals of one endpoint.
#[derive(Clone, Default)]
pub(super) struct Refusals {
    /// One of them was about a login beyond doubt.
    login: bool,
}

impl Refusals {
    /// Where other preflights pass, 403 is how the server's CORS filter refuses some.
    pub(super) fn conclude(&self, other_preflights_pass: bool, found: &mut Vec<Found>) {
        if other_preflights_pass && !self.login {
            found.retain(|found| found.rule.number != L_22.number);
        }
    }
}

pub(super) fn check(answer: &Answer<'_>, refusals: &mut Refusals, sink: &mut Sink<'_>) {
    let headers = &answer.response.headers;
    match answer.status {
        status @ (401 | 407) => {
            refusals.login = true;
            sink.add(&L_22, || {
                format!("the preflight was answered with {status}, as if it had to log in")
            });
        }
        status
            if headers.contains("www-authenticate") || headers.contains("proxy-authenticate") =>
        {
            refusals.login = true;
            sink.add(&L_22, || {
                format!("the preflight was answered with {status} and asked to log in")
            });
        }
        403 => sink.add(&L_22, || {
            "the preflight was answered with 403: access control, or a CORS filter that refuses this origin, method or header"
        }),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

    #[test]
    fn preflights_that_find_no_cors() {
        const ALL: [&str; 3] = ["L-22", "L-23", "L-24"];
        let answer =
            |status: &str| format!("OPTIONS / | Origin: http://a.org | ACRM: PUT => {status}");
        for (status, expected) in [
            ("204", &[][..]),
            ("200 | WWW-Authenticate: Basic", &[]),
            ("401", &["L-22"]),
            ("403", &["L-22"]),
            ("407", &["L-22"]),
            ("500 | WWW-Authenticate: Basic", &["L-22"]),
            ("301 | Location: https://x/", &["L-23"]),
            ("304", &[]),
            ("404", &["L-24"]),
            ("405", &["L-24"]),
            ("501", &["L-24"]),
            ("503", &[]),
        ] {
            check(&ALL, &[(status, &[&answer(status)], expected)]);
        }
        let passes = answer("204 | ACAO: http://a.org | ACAM: PUT");
        check(
            &ALL,
            &[
                ("a filter's refusal", &[&passes, &answer("403")], &[]),
                ("still to log in", &[&passes, &answer("401")], &["L-22"]),
                (
                    "no preflight",
                    &["GET / | Origin: http://a.org => 401"],
                    &[],
                ),
            ],
        );
    }
}
