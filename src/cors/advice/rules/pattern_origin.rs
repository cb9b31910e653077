//! L-21: Access-Control-Allow-Origin that is a pattern, as configuration files have them.

use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Sink, text};

pub(super) static L_21: Rule = Rule {
    number: 21,
    id: "L-21",
    severity: Severity::High,
    title: "Access-Control-Allow-Origin holds a pattern",
    what: "The header's value is a pattern or a placeholder, as a configuration file has them.",
    why: "Browsers know no patterns but the lone *, so it matches no page.",
    fix: "evaluate the pattern in the server, and send the origin that it matched, with Vary: Origin",
    example: "HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: ^https://.*\\.app\\.example$",
};

/// Whether a value is one of those: then L-20 need not speak of it.
pub(super) fn check(value: &[u8], sink: &mut Sink<'_>) -> bool {
    let found = is_pattern(value);
    if found {
        sink.add(&L_21, || {
            format!(
                "Access-Control-Allow-Origin is the pattern \"{}\"",
                text(value)
            )
        });
    }
    found
}

/// Whether a value is made for a matcher, and not for a browser.
pub(super) fn is_pattern(value: &[u8]) -> bool {
    // `"*"` is a mistake of form: somebody meant the lone wildcard.
    let quoted = value.iter().any(|b| b"\"'".contains(b));
    !quoted && value.iter().any(|b| b"\\^$(){}|*".contains(b))
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

    #[test]
    fn patterns_that_nobody_evaluates() {
        for (value, expected) in [
            ("*", &[][..]),
            ("http://b.org:8080", &[]),
            ("http://*.a.org", &["L-21"]),
            ("^https?://a\\.org$", &["L-21"]),
            ("$http_origin", &["L-21"]),
            ("{origin}", &["L-21"]),
            ("\"*\"", &[]),
        ] {
            let line = format!("GET / | Origin: http://a.org => 200 | ACAO: {value}");
            check(&["L-21"], &[(value, &[&line], expected)]);
        }
    }
}
