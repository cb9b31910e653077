//! L-8: an origin on the user's own machine, allowed by a public server with credentials.

use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Sink, text};
use crate::cors::advice::site;
use crate::cors::advice::trusted::Trusted;

pub(super) static L_8: Rule = Rule {
    number: 8,
    id: "L-8",
    severity: Severity::Medium,
    title: "a public server trusts localhost, with credentials",
    what: "A server with a public name allows an origin on the user's own machine, with Access-Control-Allow-Credentials: true.",
    why: "Anything that serves a page on that machine's port can read the data of a user who is logged in.",
    fix: "keep development origins out of the production configuration",
    example: "GET https://api.example/me\nOrigin: http://localhost:3000\n\nHTTP/1.1 200 OK\nAccess-Control-Allow-Origin: http://localhost:3000\nAccess-Control-Allow-Credentials: true",
};

pub(super) fn check(trusted: &Trusted<'_>, sink: &mut Sink<'_>) {
    if trusted.loopback && trusted.credentials && site::is_public(trusted.target) {
        sink.add(&L_8, || {
            format!(
                "the public host {} allows {}{}",
                text(trusted.target),
                text(trusted.origin),
                trusted.with()
            )
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

    #[test]
    fn the_users_machine_is_trusted_by_a_public_server() {
        for (host, origin, more, expected) in [
            (
                "api.shop.com",
                "http://localhost:3000",
                " | ACAC: true",
                &["L-8"][..],
            ),
            (
                "api.shop.com",
                "http://127.0.0.1",
                " | ACAC: true",
                &["L-8"],
            ),
            ("api.shop.com", "http://localhost:3000", "", &[]),
            ("api.shop.com", "https://www.shop.com", " | ACAC: true", &[]),
            (
                "localhost:8080",
                "http://localhost:3000",
                " | ACAC: true",
                &[],
            ),
            (
                "api.internal",
                "http://localhost:3000",
                " | ACAC: true",
                &[],
            ),
            ("10.0.0.1", "http://localhost:3000", " | ACAC: true", &[]),
        ] {
            let line =
                format!("GET / | Host: {host} | Origin: {origin} => 200 | ACAO: {origin}{more}");
            check(&["L-8"], &[(&line, &[&line], expected)]);
        }
    }
}
