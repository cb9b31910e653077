//! L-14: a list that is * beside Access-Control-Allow-Credentials: true.

use crate::cors::advice::answer::Answer;
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::Sink;
use crate::http::headers::list_elements;

pub(super) static L_14: Rule = Rule {
    number: 14,
    id: "L-14",
    severity: Severity::Medium,
    title: "a wildcard list beside credentials",
    what: "A response with Access-Control-Allow-Credentials: true uses * in a list of methods or headers.",
    why: "For a request with credentials * is a name like any other, and matches nothing.",
    fix: "name the methods and headers one by one",
    example: "HTTP/1.1 204 No Content\nAccess-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Credentials: true\nAccess-Control-Allow-Headers: *",
};

pub(super) fn check(answer: &Answer<'_>, sink: &mut Sink<'_>) {
    let cors = &answer.cors;
    // Beside an origin that is * too, the origin is what to repair: L-6.
    if !cors.allows_credentials() || cors.allow_origin.is(b"*") {
        return;
    }
    // What a response of the other kind says does not count: L-17.
    let lists = if answer.preflight {
        [
            ("Access-Control-Allow-Methods", cors.allow_methods.first),
            ("Access-Control-Allow-Headers", cors.allow_headers.first),
        ]
    } else {
        [
            ("Access-Control-Expose-Headers", cors.expose_headers.first),
            ("", None),
        ]
    };
    for (name, value) in lists {
        if list_elements(value.unwrap_or_default()).any(|element| element == b"*") {
            sink.add(&L_14, || {
                format!("{name}: * with Access-Control-Allow-Credentials: true")
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

    #[test]
    fn lists_that_match_nothing() {
        let preflight =
            |lines: &str| format!("OPTIONS / | Origin: http://a.org | ACRM: PUT => 204 | {lines}");
        let own = "ACAO: http://a.org | ACAC: true";
        for (line, expected) in [
            (preflight(&format!("{own} | ACAM: *")), &["L-14"][..]),
            (preflight(&format!("{own} | ACAH: x-a, *")), &["L-14"]),
            (preflight(&format!("{own} | ACAH: x-*")), &[]),
            (preflight("ACAO: http://a.org | ACAM: *"), &[]),
            (preflight("ACAO: * | ACAC: true | ACAM: *"), &[]),
            (
                format!("GET / | Origin: http://a.org => 200 | {own} | ACEH: *"),
                &["L-14"],
            ),
            (
                format!("GET / | Origin: http://a.org => 200 | {own} | ACAH: *"),
                &[],
            ),
        ] {
            check(&["L-14"], &[(&line, &[&line], expected)]);
        }
    }
}
