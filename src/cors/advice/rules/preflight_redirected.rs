//! L-23: a preflight that is redirected.

use crate::cors::advice::answer::Answer;
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Said, Sink, text};
use crate::cors::preflight::is_redirect;

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

/// Whether the preflight was redirected: then the status has no other meaning.
pub(super) fn check(answer: &Answer<'_>, sink: &mut Sink<'_>) -> bool {
    if !is_redirect(answer.response, answer.half.fetch.browser()) {
        return false;
    }
    sink.add(&L_23, || {
        let location = answer.response.headers.values("location").next();
        let location = text(location.unwrap_or_default());
        Said::with_fix(
            format!(
                "the preflight was redirected ({}) to {location}",
                answer.status
            ),
            format!("call {location} from the page, or do not redirect OPTIONS"),
        )
    });
    true
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

    #[test]
    fn redirects_of_preflights() {
        for (status, expected) in [
            ("301 | Location: https://x/", &["L-23"][..]),
            ("308 | Location: /", &["L-23"]),
            ("301", &[]),
            ("304 | Location: /", &[]),
            ("204 | Location: /", &[]),
        ] {
            let line = format!("OPTIONS / | Origin: http://a.org | ACRM: PUT => {status}");
            check(&["L-23"], &[(status, &[&line], expected)]);
        }
    }
}
