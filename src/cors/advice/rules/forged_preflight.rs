//! L-41: preflights that no browser sent.

use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Sink, text};
use crate::cors::safelist::is_forbidden_request_header;
use crate::http::headers::{HeaderList, list_elements};

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

/// A request with an Access-Control-Request-Method: `preflight` where it has an Origin too.
pub(super) fn check(method: &[u8], request: &HeaderList, preflight: bool, sink: &mut Sink<'_>) {
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

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

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
