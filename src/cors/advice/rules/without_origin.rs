//! L-18: CORS headers on responses to requests without an Origin.

use crate::cors::advice::answer::Plain;
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Sink, text};

pub(super) static L_18: Rule = Rule {
    number: 18,
    id: "L-18",
    severity: Severity::Info,
    title: "CORS headers without a CORS request",
    what: "The request had no Origin, and the response names an allowed origin all the same.",
    why: "Harmless where the header is the same for everybody. Otherwise it tells strangers whom the server trusts, and shows that the answer does not depend on the Origin.",
    fix: "nothing, if there is one allowed origin; else answer by the request's Origin, with Vary: Origin",
    example: "GET https://api.example/items\n(no Origin)\n\nHTTP/1.1 200 OK\nAccess-Control-Allow-Origin: https://app.example",
};

pub(super) fn check(plain: &Plain<'_>, sink: &mut Sink<'_>) {
    let allowed = plain.cors.allow_origin;
    if let Some(value) = allowed.first
        && value != b"*"
    {
        sink.add(&L_18, || {
            format!(
                "the request has no Origin, the response has Access-Control-Allow-Origin: {}",
                text(value)
            )
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

    #[test]
    fn origins_named_without_being_asked() {
        check(
            &["L-18"],
            &[
                ("named", &["GET / => 200 | ACAO: http://a.org"], &["L-18"]),
                ("everybody", &["GET / => 200 | ACAO: *"], &[]),
                ("none", &["GET / => 200"], &[]),
                (
                    "asked",
                    &["GET / | Origin: http://a.org => 200 | ACAO: http://a.org"],
                    &[],
                ),
            ],
        );
    }
}
