//! L-40 and L-41: CORS headers where they mean nothing, and preflights that no browser sent.

use crate::cors::advice::answer::{CorsHeaders, Plain};
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Said, Sink, several, text};
use crate::cors::safelist::is_forbidden_request_header;
use crate::http::headers::{HeaderList, list_elements};

pub(super) static L_40: Rule = Rule {
    number: 40,
    id: "L-40",
    severity: Severity::Medium,
    title: "a CORS header in the wrong place, or misspelt",
    what: "A response header of the server stands on the request, one of the request's on the response, or the name is none that browsers know.",
    why: "Browsers do not look at it there, and on a request it causes a preflight that asks for it.",
    fix: "send the Access-Control-Allow-… headers from the server, spelt as the standard does, and none of them from the page",
    example: "GET https://api.example/items\nAccess-Control-Allow-Origin: *         (on the request)\n\nHTTP/1.1 200 OK\nAccess-Control-Allowed-Origin: *       (misspelt)",
};

pub(super) static L_41: Rule = Rule {
    number: 41,
    id: "L-41",
    severity: Severity::Info,
    title: "a preflight that no browser sent",
    what: "A request has marks of a preflight that no browser gives it, or lacks some that every browser gives.",
    why: "It comes from a scanner, a test or a script: what it was answered shows the server, but no browser decided by it.",
    fix: "nothing, if you know the client; do not judge the page by it",
    example: "OPTIONS https://api.example/items\nOrigin: https://app.example\nAccess-Control-Request-Method: PUT\nAccess-Control-Request-Headers: X-B, X-A\nUser-Agent: curl/8.5.0",
};

/// Names of a response's CORS headers, as pages wrongly set them.
fn is_response_header(name: &[u8]) -> bool {
    const START: &[u8] = b"access-control-";
    if name.len() <= START.len() {
        return false;
    }
    let (start, rest) = name.split_at(START.len());
    start.eq_ignore_ascii_case(START)
        && !rest
            .get(..8)
            .is_some_and(|request| request.eq_ignore_ascii_case(b"request-"))
}

/// CORS headers of the response on the request, or misspelt ones on the response.
pub(super) fn check_names(request: &HeaderList, cors: &CorsHeaders<'_>, sink: &mut Sink<'_>) {
    let asked = request
        .values("access-control-request-headers")
        .flat_map(list_elements);
    // Only these begin like this; most requests have none.
    let set = request
        .lines()
        .map(|(name, _)| name)
        .filter(|name| name.first().is_some_and(|b| b.eq_ignore_ascii_case(&b'a')));
    let mut wrong = set.chain(asked).filter(|name| is_response_header(name));
    if let Some(first) = wrong.next() {
        sink.add(&L_40, || {
            Said::with_fix(
                format!(
                    "the page sets the request header {}, which only a response may have",
                    several(std::iter::once(first).chain(wrong))
                ),
                format!("remove {} from the page's request", text(first)),
            )
        });
    }
    if let Some(name) = cors.odd {
        let is_request_header = name
            .get(..23)
            .is_some_and(|start| start.eq_ignore_ascii_case(b"access-control-request-"));
        sink.add(&L_40, || {
            if is_request_header {
                format!(
                    "the response has {}, which only a request may have",
                    text(name)
                )
            } else {
                format!(
                    "the response has {}, a name that no browser knows",
                    text(name)
                )
            }
        });
    }
}

/// A request with an Access-Control-Request-Method: `preflight` where it has an Origin too.
pub(super) fn check_forged(
    method: &[u8],
    request: &HeaderList,
    preflight: bool,
    sink: &mut Sink<'_>,
) {
    if !preflight {
        if request.contains("access-control-request-method") {
            sink.add(&L_41, || {
                if method == b"OPTIONS" {
                    "a preflight without Origin".to_owned()
                } else {
                    format!(
                        "Access-Control-Request-Method on a {} request",
                        text(method)
                    )
                }
            });
        }
        return;
    }
    let asked = request
        .values("access-control-request-headers")
        .flat_map(list_elements);
    let mut last: &[u8] = b"";
    for name in asked {
        if is_forbidden_request_header(name) {
            sink.add(&L_41, || {
                format!(
                    "the preflight asks for {}, which no page can set",
                    text(name)
                )
            });
            return;
        }
        let flaw = if name.iter().any(u8::is_ascii_uppercase) {
            "in capitals"
        } else if name < last {
            "not in order"
        } else {
            last = name;
            continue;
        };
        sink.add(&L_41, || {
            format!(
                "Access-Control-Request-Headers names {} {flaw}; browsers sort the names in lower case",
                text(name)
            )
        });
        return;
    }
    let asked_for = request.values("access-control-request-method").next();
    if matches!(asked_for, Some(b"CONNECT" | b"TRACE" | b"TRACK")) {
        sink.add(&L_41, || {
            format!(
                "the preflight asks for {}, which no page can use",
                text(asked_for.unwrap_or_default())
            )
        });
    } else if request.contains("cookie") || request.contains("authorization") {
        sink.add(
            &L_41,
            || "the preflight carries credentials, which no browser does",
        );
    }
}

/// The same for a request without an Origin.
pub(super) fn check_plain(plain: &Plain<'_>, sink: &mut Sink<'_>) {
    check_names(plain.request, &plain.cors, sink);
    check_forged(plain.method, plain.request, false, sink);
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

    #[test]
    fn headers_in_the_wrong_place() {
        for (line, expected) in [
            (
                "GET / | Origin: http://a.org | ACAO: * => 200",
                &["L-40"][..],
            ),
            (
                "OPTIONS / | Origin: http://a.org | ACRM: GET | ACRH: access-control-allow-origin => 204",
                &["L-40"],
            ),
            ("GET / => 200 | Access-Control-Allowed-Origin: *", &["L-40"]),
            ("GET / => 200 | Allow-Origin: *", &["L-40"]),
            ("GET / | Origin: http://a.org => 200 | ACRH: x-a", &["L-40"]),
            (
                "GET / | Origin: http://a.org => 200 | ACAO: * | Allow: GET",
                &[],
            ),
            (
                "OPTIONS / | Origin: http://a.org | ACRM: GET | ACRH: x-a => 204 | ACAO: * | ACAM: GET | ACAH: x-a | ACMA: 5",
                &[],
            ),
        ] {
            check(&["L-40"], &[(line, &[line], expected)]);
        }
    }

    #[test]
    fn preflights_of_no_browser() {
        for (line, expected) in [
            (
                "OPTIONS / | Origin: http://a.org | ACRM: PUT | ACRH: a,b => 204",
                &[][..],
            ),
            (
                "OPTIONS / | Origin: http://a.org | ACRM: PUT | ACRH: b,a => 204",
                &["L-41"],
            ),
            (
                "OPTIONS / | Origin: http://a.org | ACRM: PUT | ACRH: X-A => 204",
                &["L-41"],
            ),
            (
                "OPTIONS / | Origin: http://a.org | ACRM: PUT | ACRH: host => 204",
                &["L-41"],
            ),
            (
                "OPTIONS / | Origin: http://a.org | ACRM: TRACE => 204",
                &["L-41"],
            ),
            (
                "OPTIONS / | Origin: http://a.org | ACRM: GET | Cookie: a=b => 204",
                &["L-41"],
            ),
            ("OPTIONS / | ACRM: PUT => 204", &["L-41"]),
            ("OPTIONS / | Origin: http://a.org => 204", &[]),
            ("GET / | Origin: http://a.org | ACRM: PUT => 200", &["L-41"]),
            ("GET / => 200", &[]),
        ] {
            check(&["L-41"], &[(line, &[line], expected)]);
        }
    }
}
