//! L-16: list entries that browsers never look at.

use crate::cors::advice::answer::Answer;
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Sink, several};
use crate::cors::safelist::is_forbidden_request_header;
use crate::http::headers::list_elements;

pub(super) static L_16: Rule = Rule {
    number: 16,
    id: "L-16",
    severity: Severity::Low,
    title: "list entries without effect",
    what: "A list names what can never be asked for: headers that pages cannot set, response headers among the request headers, headers that are always or never exposed.",
    why: "It does no harm, but shows that something else was meant; and long lists hide what matters.",
    fix: "remove these entries",
    example: "HTTP/1.1 204 No Content\nAccess-Control-Allow-Headers: Origin, Host, Content-Length, Access-Control-Allow-Origin",
};

/// Response headers that script may always read (<https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name>).
const ALWAYS_EXPOSED: [&str; 7] = [
    "cache-control",
    "content-language",
    "content-length",
    "content-type",
    "expires",
    "last-modified",
    "pragma",
];

pub(super) fn check(answer: &Answer<'_>, sink: &mut Sink<'_>) {
    let cors = &answer.cors;
    if answer.preflight {
        if let Some(value) = cors.allow_headers.first {
            let dead = |name: &&[u8]| is_dead_request_header(name);
            if list_elements(value).any(|name| dead(&name)) {
                sink.add(&L_16, || {
                    let names = list_elements(value).filter(dead);
                    format!(
                        "Access-Control-Allow-Headers names {}, which a page cannot set",
                        several(names)
                    )
                });
            }
        }
    } else if let Some(value) = cors.expose_headers.first {
        let dead = |name: &&[u8]| is_dead_response_header(name);
        if list_elements(value).any(|name| dead(&name)) {
            sink.add(&L_16, || {
                let names = list_elements(value).filter(dead);
                format!(
                    "Access-Control-Expose-Headers names {}, which is always or never exposed",
                    several(names)
                )
            });
        }
    }
}

/// Whether a name in Access-Control-Allow-Headers can never be asked for.
fn is_dead_request_header(name: &[u8]) -> bool {
    let starts = |prefix: &str| {
        let start = name.get(..prefix.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
    };
    if starts("sec-ch-") {
        // Pages do set client hints, in browsers that do not send them by themselves.
        return false;
    }
    starts("access-control-") || is_forbidden_request_header(name)
}

/// Whether a name in Access-Control-Expose-Headers changes nothing.
fn is_dead_response_header(name: &[u8]) -> bool {
    let is = |known: &&str| name.eq_ignore_ascii_case(known.as_bytes());
    is(&"set-cookie") || is(&"set-cookie2") || ALWAYS_EXPOSED.iter().any(is)
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

    #[test]
    fn entries_without_effect() {
        let allowed = |list: &str| {
            format!("OPTIONS / | Origin: http://a.org | ACRM: PUT => 204 | ACAO: * | ACAH: {list}")
        };
        let exposed =
            |list: &str| format!("GET / | Origin: http://a.org => 200 | ACAO: * | ACEH: {list}");
        for (line, expected) in [
            (allowed("Origin, Content-Type, Accept"), &["L-16"][..]),
            (allowed("Content-Type, Accept, X-A"), &[]),
            (allowed("access-control-allow-origin"), &["L-16"]),
            (allowed("Sec-CH-UA, sec-fetch"), &["L-16"]),
            (allowed("sec-ch-dpr"), &[]),
            (exposed("X-A, ETag"), &[]),
            (exposed("Content-Type"), &["L-16"]),
            (exposed("Set-Cookie"), &["L-16"]),
        ] {
            check(&["L-16"], &[(&line, &[&line], expected)]);
        }
    }
}
