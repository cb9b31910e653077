//! L-17: headers that only count on the other kind of response.

use crate::cors::advice::answer::Answer;
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Sink, several};

pub(super) static L_17: Rule = Rule {
    number: 17,
    id: "L-17",
    severity: Severity::Low,
    title: "CORS headers on the wrong response",
    what: "A response to an actual request has headers that only count on a preflight's answer, or the other way round.",
    why: "Browsers ignore them there. Each response carries bytes for nothing, and a reader is misled about what is allowed.",
    fix: "send Access-Control-Allow-Methods, -Allow-Headers and -Max-Age on answers to OPTIONS only, Access-Control-Expose-Headers on the others",
    example: "GET https://api.example/items\nOrigin: https://app.example\n\nHTTP/1.1 200 OK\nAccess-Control-Allow-Methods: GET, POST\nAccess-Control-Max-Age: 600",
};

pub(super) fn check(answer: &Answer<'_>, sink: &mut Sink<'_>) {
    let cors = &answer.cors;
    if answer.preflight {
        if cors.expose_headers.is_there() {
            sink.add(
                &L_17,
                || "Access-Control-Expose-Headers on the answer to a preflight",
            );
        }
        return;
    }
    let misplaced = [
        (cors.allow_methods, "Access-Control-Allow-Methods"),
        (cors.allow_headers, "Access-Control-Allow-Headers"),
        (cors.max_age, "Access-Control-Max-Age"),
    ];
    // Who answers a plain OPTIONS request may as well answer like a preflight.
    if misplaced.iter().any(|(lines, _)| lines.is_there())
        && answer.half.fetch.head.method() != b"OPTIONS"
    {
        sink.add(&L_17, || {
            let names = misplaced.iter().filter(|(lines, _)| lines.is_there());
            format!(
                "{} on the response to the actual request",
                several(names.map(|(_, name)| name.as_bytes()))
            )
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

    #[test]
    fn headers_on_the_wrong_response() {
        let actual = |more: &str| format!("GET / | Origin: http://a.org => 200 | ACAO: *{more}");
        let preflight = |more: &str| {
            format!("OPTIONS / | Origin: http://a.org | ACRM: PUT => 204 | ACAO: *{more}")
        };
        for (line, expected) in [
            (actual(" | ACAM: GET"), &["L-17"][..]),
            (actual(" | ACMA: 5"), &["L-17"]),
            (actual(" | ACEH: x-a | ACAC: true"), &[]),
            (preflight(" | ACAM: PUT | ACAH: x | ACMA: 5"), &[]),
            (preflight(" | ACEH: x"), &["L-17"]),
        ] {
            check(&["L-17"], &[(&line, &[&line], expected)]);
        }
    }
}
