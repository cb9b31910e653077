//! L-36: a request that the page was refused, and the server carried out.

use crate::cors::advice::answer::Answer;
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::rules::malformed_origin::flaw;
use crate::cors::advice::rules::pattern_origin::is_pattern;
use crate::cors::advice::sink::{Sink, text};

pub(super) static L_36: Rule = Rule {
    number: 36,
    id: "L-36",
    severity: Severity::Info,
    title: "a refused request was carried out",
    what: "The page may not read the response, but the server answered with success.",
    why: "CORS hides the response from the page; it does not stop the request. What it changed is changed.",
    fix: "refuse in the server, by authorisation or by the Origin, what is not to be done",
    example: "POST https://api.example/orders\nOrigin: https://other.test\n\nHTTP/1.1 201 Created                (no Access-Control-Allow-Origin)",
};

/// A response that the CORS check keeps from the page.
pub(super) fn check(answer: &Answer<'_>, sink: &mut Sink<'_>) {
    if answer.preflight || !answer.is_ok() || answer.grants() {
        return;
    }
    // A value that matches no page is a mistake (L-19 to L-21), not a refusal.
    let allowed = answer.cors.allow_origin;
    let malformed = |value| flaw(value).is_some() || is_pattern(value);
    if allowed.count > 1 || allowed.first.is_some_and(malformed) {
        return;
    }
    let method = answer.half.fetch.head.method();
    let reads = matches!(method, b"GET" | b"HEAD" | b"OPTIONS");
    // A server that sends no CORS headers at all to a GET does not believe that it refuses anything.
    if reads && (!answer.cors.allow_origin.is_there() || answer.half.body_bytes() == 0) {
        return;
    }
    sink.add(&L_36, || {
        format!(
            "the {} from {} is refused by the response's headers, but was answered with {} and {} bytes",
            text(method),
            text(answer.origin),
            answer.status,
            answer.half.body_bytes()
        )
    });
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

    #[test]
    fn refused_and_carried_out() {
        for (line, expected) in [
            (
                "POST / | Origin: http://b.org | Accept: application/json => 200",
                &["L-36"][..],
            ),
            (
                "POST / | Origin: http://b.org => 200 | ACAO: http://a.org",
                &["L-36"],
            ),
            ("POST / | Origin: http://b.org => 403", &[]),
            (
                "GET / | Origin: http://b.org => 200 | Content-Length: 9",
                &[],
            ),
            (
                "GET / | Origin: http://b.org => 200 | ACAO: http://a.org | Content-Length: 9",
                &["L-36"],
            ),
            (
                "GET / | Origin: http://b.org => 200 | ACAO: * | Content-Length: 9",
                &[],
            ),
        ] {
            check(&["L-36"], &[(line, &[line], expected)]);
        }
    }
}
