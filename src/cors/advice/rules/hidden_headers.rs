//! L-31: response headers that the page probably wants, and cannot read.

use crate::cors::advice::answer::Answer;
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Said, Sink, several};
use crate::http::headers::list_elements;

pub(super) static L_31: Rule = Rule {
    number: 31,
    id: "L-31",
    severity: Severity::Low,
    title: "headers that the page cannot read",
    what: "A response that the page may read has headers meant for it, which Access-Control-Expose-Headers does not name.",
    why: "headers.get() and getResponseHeader() return null for them, without a message.",
    fix: "name them in Access-Control-Expose-Headers",
    example: "GET https://api.example/items\nOrigin: https://app.example\n\nHTTP/1.1 200 OK\nAccess-Control-Allow-Origin: https://app.example\nX-Total-Count: 812                  (and no Access-Control-Expose-Headers)",
};

/// Whether a header is made for the program that reads the response.
fn is_wanted(name: &[u8], status: u16, uses_etags: bool) -> bool {
    const WANTED: [&str; 14] = [
        "link",
        "content-disposition",
        "content-range",
        "x-total-count",
        "x-total-pages",
        "x-total",
        "x-request-id",
        "x-correlation-id",
        "x-pagination",
        "x-auth-token",
        "x-csrf-token",
        "x-access-token",
        "authorization",
        "deprecation",
    ];
    // The first letters of all of them: most headers need no further look.
    let first = name.first().map(u8::to_ascii_lowercase);
    if !matches!(first, Some(b'a' | b'c' | b'd' | b'e' | b'l' | b'r' | b'x')) {
        return false;
    }
    let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
    let starts = |prefix: &str| {
        let start = name.get(..prefix.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
    };
    match first {
        Some(b'l') if is("location") => matches!(status, 201 | 202),
        Some(b'r') if is("retry-after") => matches!(status, 429 | 503 | 202),
        // Nearly every response has one: it counts where the page works with them.
        Some(b'e') => is("etag") && uses_etags,
        Some(b'r') => starts("ratelimit"),
        Some(b'x') if starts("x-ratelimit-") || starts("x-rate-limit-") => true,
        _ => WANTED.iter().any(|wanted| is(wanted)),
    }
}

pub(super) fn check(answer: &Answer<'_>, sink: &mut Sink<'_>) {
    if answer.preflight || !answer.grants() {
        return;
    }
    let headers = &answer.response.headers;
    let uses_etags = answer.request().contains("if-match");
    let status = answer.status;
    let exposes = |name: &[u8]| {
        let mut names = headers
            .values("access-control-expose-headers")
            .flat_map(list_elements);
        names.any(|exposed| {
            exposed.eq_ignore_ascii_case(name)
                || (exposed == b"*" && !answer.cors.allows_credentials())
        })
    };
    let hidden = || {
        headers
            .lines()
            .map(|(name, _)| name)
            .filter(|name| is_wanted(name, status, uses_etags))
            // A hostile head has thousands of both kinds.
            .take(32)
            .filter(|name| !exposes(name))
    };
    let Some(first) = hidden().next() else {
        return;
    };
    // A number for the log is seldom read by the page itself.
    let for_logs = |name: &[u8]| {
        name.eq_ignore_ascii_case(b"x-request-id") || name.eq_ignore_ascii_case(b"x-correlation-id")
    };
    let severity = if for_logs(first) && hidden().all(for_logs) {
        Severity::Info
    } else {
        L_31.severity
    };
    sink.add_as(&L_31, severity, || {
        let names = several(hidden());
        Said::with_fix(
            format!("the page cannot read {names}"),
            format!("Access-Control-Expose-Headers: {names}"),
        )
    });
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

    #[test]
    fn headers_that_script_misses() {
        let answer = |rest: &str| format!("GET / | Origin: http://a.org => {rest}");
        for (rest, expected) in [
            ("200 | ACAO: * | X-Total-Count: 7", &["L-31"][..]),
            ("200 | ACAO: * | X-RateLimit-Limit: 7", &["L-31"]),
            ("201 | ACAO: * | Location: /7", &["L-31"]),
            ("302 | ACAO: * | Location: /7", &[]),
            ("429 | ACAO: * | Retry-After: 7", &["L-31"]),
            ("200 | ACAO: * | X-Request-Id: 7", &["L-31"]),
            ("200 | ACAO: * | ETag: 7", &[]),
            ("200 | ACAO: * | X-Powered-By: PHP", &[]),
            ("200 | X-Total-Count: 7", &[]),
            (
                "200 | ACAO: * | ACEH: x-total-count | X-Total-Count: 7",
                &[],
            ),
            ("200 | ACAO: * | ACEH: * | X-Total-Count: 7", &[]),
            (
                "200 | ACAO: http://a.org | ACAC: true | ACEH: * | X-Total-Count: 7",
                &["L-31"],
            ),
        ] {
            check(&["L-31"], &[(rest, &[&answer(rest)], expected)]);
        }
        let put = "PUT / | Origin: http://a.org | If-Match: 1 => 200 | ACAO: * | ETag: 2";
        check(&["L-31"], &[("a page that uses them", &[put], &["L-31"])]);
    }
}
