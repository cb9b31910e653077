//! L-3: the origin `null` is allowed, with credentials.

use crate::cors::advice::answer::Answer;
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::Sink;

pub(super) static L_3: Rule = Rule {
    number: 3,
    id: "L-3",
    severity: Severity::High,
    title: "the origin null is allowed, with credentials",
    what: "A response has Access-Control-Allow-Origin: null and Access-Control-Allow-Credentials: true.",
    why: "null is nobody's own: every page gets it by a sandboxed frame or a redirect, so every site can read the data of a user who is logged in here.",
    fix: "never answer with null; serve local files and sandboxed frames from an origin of their own, and allow that",
    example: "GET https://api.example/me\nOrigin: null\n\nHTTP/1.1 200 OK\nAccess-Control-Allow-Origin: null\nAccess-Control-Allow-Credentials: true",
};

pub(super) fn check(answer: &Answer<'_>, sink: &mut Sink<'_>) {
    if answer.cors.allow_origin.is(b"null") && answer.cors.allows_credentials() {
        sink.add(&L_3, || {
            let asked = if answer.origin == b"null" {
                "to a request with the Origin null"
            } else {
                "even to a request with another Origin"
            };
            format!(
                "Access-Control-Allow-Origin: null with Access-Control-Allow-Credentials: true, {asked}"
            )
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

    #[test]
    fn null_with_credentials() {
        check(
            &["L-3"],
            &[
                (
                    "to null",
                    &["GET / | Origin: null => 200 | ACAO: null | ACAC: true"],
                    &["L-3"],
                ),
                (
                    "to another",
                    &["GET / | Origin: http://a.org => 200 | ACAO: null | ACAC: true"],
                    &["L-3"],
                ),
                (
                    "without credentials",
                    &["GET / | Origin: null => 200 | ACAO: null"],
                    &[],
                ),
                (
                    "credentials misspelt",
                    &["GET / | Origin: null => 200 | ACAO: null | ACAC: True"],
                    &[],
                ),
                ("everybody", &["GET / | Origin: null => 200 | ACAO: *"], &[]),
            ],
        );
    }
}
