//! L-24: a preflight that nothing answers.

use crate::cors::advice::answer::Answer;
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::Sink;

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

pub(super) fn check(answer: &Answer<'_>, sink: &mut Sink<'_>) {
    let headers = &answer.response.headers;
    // Who asks to log in is L-22's.
    let login = || headers.contains("www-authenticate") || headers.contains("proxy-authenticate");
    if matches!(answer.status, 404 | 405 | 500 | 501) && !login() {
        sink.add(&L_24, || {
            format!("the preflight was answered with {}", answer.status)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

    #[test]
    fn preflights_without_a_handler() {
        for (status, expected) in [
            ("404", &["L-24"][..]),
            ("405", &["L-24"]),
            ("500", &["L-24"]),
            ("501", &["L-24"]),
            ("500 | WWW-Authenticate: Basic", &[]),
            ("403", &[]),
            ("503", &[]),
            ("204", &[]),
        ] {
            let line = format!("OPTIONS / | Origin: http://a.org | ACRM: PUT => {status}");
            check(&["L-24"], &[(status, &[&line], expected)]);
        }
        let actual = "GET / | Origin: http://a.org => 404";
        check(&["L-24"], &[("no preflight", &[actual], &[])]);
    }
}
