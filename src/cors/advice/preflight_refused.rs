//! L-22 to L-24: a preflight that never reached the code that knows CORS.

use crate::cors::advice::answer::Answer;
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Found, Said, Sink, text};
use crate::cors::preflight::is_redirect;

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

pub(super) static L_23: Rule = Rule {
    number: 23,
    id: "L-23",
    severity: Severity::High,
    title: "preflights are redirected",
    what: "A preflight was answered with a redirect.",
    why: "Browsers follow no redirect of a preflight: every request that needs one fails.",
    fix: "call the final URL from the page, and exempt OPTIONS from redirects",
    example: "OPTIONS http://api.example/items\nAccess-Control-Request-Method: PUT\n\nHTTP/1.1 301 Moved Permanently\nLocation: https://api.example/items",
};

pub(super) static L_24: Rule = Rule {
    number: 24,
    id: "L-24",
    severity: Severity::High,
    title: "nothing answers preflights",
    what: "A preflight was answered with 404, 405, 500 or 501.",
    why: "The server has no handler for OPTIONS here: every request that needs a preflight fails.",
    fix: "answer OPTIONS for all routes with 204 and the CORS headers, before routing",
    example: "OPTIONS https://api.example/items\nAccess-Control-Request-Method: PUT\n\nHTTP/1.1 405 Method Not Allowed\nAllow: GET, PUT",
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
    if !answer.preflight || answer.is_ok() {
        return;
    }
    let asks_to_log_in = || {
        let headers = &answer.response.headers;
        headers.contains("www-authenticate") || headers.contains("proxy-authenticate")
    };
    let status = answer.status;
    match status {
        _ if is_redirect(answer.response, answer.half.fetch.browser()) => sink.add(&L_23, || {
            let location = answer.response.headers.values("location").next();
            let location = text(location.unwrap_or_default());
            Said::with_fix(
                format!("the preflight was redirected ({status}) to {location}"),
                format!("call {location} from the page, or do not redirect OPTIONS"),
            )
        }),
        401 | 407 => {
            refusals.login = true;
            sink.add(&L_22, || {
                format!("the preflight was answered with {status}, as if it had to log in")
            });
        }
        _ if asks_to_log_in() => {
            refusals.login = true;
            sink.add(&L_22, || {
                format!("the preflight was answered with {status} and asked to log in")
            });
        }
        403 => sink.add(&L_22, || {
            "the preflight was answered with 403: access control, or a CORS filter that refuses this origin, method or header"
        }),
        404 | 405 | 500 | 501 => sink.add(&L_24, || {
            format!("the preflight was answered with {status}")
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
