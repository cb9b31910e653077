//! L-10: an origin on a domain where anyone can have a name, allowed with credentials.

use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Sink, text};
use crate::cors::advice::site;
use crate::cors::advice::trusted::Trusted;

pub(super) static L_10: Rule = Rule {
    number: 10,
    id: "L-10",
    severity: Severity::Medium,
    title: "an origin on a shared-hosting domain is trusted, with credentials",
    what: "An echoed origin stands under a domain where anyone can have a name, with Access-Control-Allow-Credentials: true.",
    why: "If the rule is for the whole domain, everyone there is trusted; and the name can pass to someone else.",
    fix: "allow exact host names only, and give them up when the page moves",
    example: "GET https://api.example/me\nOrigin: https://somebody.github.io\n\nHTTP/1.1 200 OK\nAccess-Control-Allow-Origin: https://somebody.github.io\nAccess-Control-Allow-Credentials: true",
};

/// Whether the origin is one of those: then L-11 need not speak of it.
pub(super) fn check(trusted: &Trusted<'_>, sink: &mut Sink<'_>) -> bool {
    let Some(suffix) = site::shared_suffix(trusted.host).filter(|_| trusted.is_foreign()) else {
        return false;
    };
    sink.add(&L_10, || {
        format!(
            "observed: the origin {} was echoed{}; under {suffix} anyone can have a name",
            text(trusted.origin),
            trusted.with()
        )
    });
    true
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

    #[test]
    fn names_that_anyone_can_have() {
        for (host, origin, more, expected) in [
            (
                "api.shop.com",
                "https://me.github.io",
                " | ACAC: true",
                &["L-10"][..],
            ),
            ("api.shop.com", "https://me.github.io", "", &[]),
            (
                "me.github.io",
                "https://me.github.io:8",
                " | ACAC: true",
                &[],
            ),
            ("api.shop.com", "https://github.com", " | ACAC: true", &[]),
        ] {
            let line =
                format!("GET / | Host: {host} | Origin: {origin} => 200 | ACAO: {origin}{more}");
            check(&["L-10"], &[(&line, &[&line], expected)]);
        }
    }
}
