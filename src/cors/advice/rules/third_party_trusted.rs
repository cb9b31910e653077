//! L-11: another site's origin, allowed with credentials.

use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Sink, text};
use crate::cors::advice::trusted::{Trusted, is_name};

pub(super) static L_11: Rule = Rule {
    number: 11,
    id: "L-11",
    severity: Severity::Info,
    title: "another site's origin is trusted, with credentials",
    what: "An echoed origin belongs to another site than the server, with Access-Control-Allow-Credentials: true.",
    why: "The server is then as safe as that site: a script injected there reads the user's data here.",
    fix: "check that this site is meant to have the data of users who are logged in",
    example: "GET https://api.example/me\nOrigin: https://partner.test\n\nHTTP/1.1 200 OK\nAccess-Control-Allow-Origin: https://partner.test\nAccess-Control-Allow-Credentials: true",
};

pub(super) fn check(trusted: &Trusted<'_>, sink: &mut Sink<'_>) {
    if trusted.is_foreign() && is_name(trusted.target) && is_name(trusted.host) {
        sink.add(&L_11, || {
            format!(
                "observed: the origin {} of another site than {} was echoed{}",
                text(trusted.origin),
                text(trusted.target),
                trusted.with()
            )
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

    #[test]
    fn partners_and_strangers() {
        for (host, origin, more, expected) in [
            (
                "api.shop.com",
                "https://partner.net",
                " | ACAC: true",
                &["L-11"][..],
            ),
            ("api.shop.com", "https://partner.net", "", &[]),
            ("api.shop.com", "https://www.shop.com", " | ACAC: true", &[]),
            ("10.0.0.1", "https://partner.net", " | ACAC: true", &[]),
            ("backend:8080", "https://partner.net", " | ACAC: true", &[]),
        ] {
            let line =
                format!("GET / | Host: {host} | Origin: {origin} => 200 | ACAO: {origin}{more}");
            check(&["L-11"], &[(&line, &[&line], expected)]);
        }
    }
}
