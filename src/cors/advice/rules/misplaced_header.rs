//! L-40: CORS headers where they mean nothing.

use crate::cors::advice::answer::CorsHeaders;
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Said, Sink, several, text};
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
pub(super) fn check(request: &HeaderList, cors: &CorsHeaders<'_>, sink: &mut Sink<'_>) {
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
}
