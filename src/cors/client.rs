//! Whether a browser sent a request: others do not enforce CORS, and are judged as a browser would.
//!
//! Only what no browser does counts, so that no browser is taken for something else.

use crate::cors::safelist::is_forbidden_request_header;
use crate::http::headers::{HeaderList, list_elements};

/// Programs that name themselves in their User-Agent; no browser's has one of these.
const PROGRAMS: [&str; 23] = [
    "curl/",
    "Wget/",
    "HTTPie/",
    "Postman",
    "insomnia/",
    "Go-http-client/",
    "python-requests/",
    "python-httpx/",
    "Python-urllib/",
    "aiohttp/",
    "okhttp/",
    "Apache-HttpClient/",
    "Java/",
    "Java-http-client/",
    "axios/",
    "node-fetch/",
    "undici",
    "got (",
    "Ruby",
    "libwww-perl/",
    "GuzzleHttp/",
    "reqwest/",
    "k6/",
];

/// Whether a request with an Origin has something that no browser sends, or lacks what all send.
pub(super) fn is_no_browser(headers: &HeaderList) -> bool {
    let agent = headers.values("user-agent").next().unwrap_or_default();
    let names_program = || {
        // All browsers begin so, but for old ones of Opera.
        if agent.starts_with(b"Mozilla/") {
            return false;
        }
        let mut programs = PROGRAMS.iter();
        programs.any(|program| memchr::memmem::find(agent, program.as_bytes()).is_some())
    };
    agent.is_empty() || names_program() || !is_browser_origin(headers) || !is_browser_list(headers)
}

/// Whether there is one Origin, in the form in which browsers send it
/// (<https://html.spec.whatwg.org/#ascii-serialisation-of-an-origin>).
fn is_browser_origin(headers: &HeaderList) -> bool {
    let mut origins = headers.values("origin");
    let (Some(origin), None) = (origins.next(), origins.next()) else {
        return false;
    };
    if origin == b"null" {
        return true;
    }
    let Some(scheme) = memchr::memmem::find(origin, b"://") else {
        return false;
    };
    let (scheme, host) = origin.split_at(scheme);
    let host = host.get(3..).unwrap_or_default();
    let default_port = match scheme {
        b"http" => &b":80"[..],
        b"https" => b":443",
        _ => return true,
    };
    !host.is_empty()
        && !host.ends_with(default_port)
        && !host
            .iter()
            .any(|b| b.is_ascii_uppercase() || b"/?#@, ".contains(b))
}

/// Whether the header names that a preflight asks for are those of a browser: in lower case, sorted,
/// none that pages cannot set (<https://fetch.spec.whatwg.org/#cors-preflight-fetch-0>).
fn is_browser_list(headers: &HeaderList) -> bool {
    let names = headers.values("access-control-request-headers");
    let mut last: &[u8] = b"";
    names.flat_map(list_elements).all(|name| {
        let in_order = name >= last;
        last = name;
        in_order && !name.iter().any(u8::is_ascii_uppercase) && !is_forbidden_request_header(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::headers::tests::list;

    const CHROME: &str =
        "Mozilla/5.0 (X11) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";

    #[test]
    fn other_programs_give_themselves_away() {
        for (agent, other, expected) in [
            (CHROME, ("Accept", "*/*"), false),
            (CHROME, ("Access-Control-Request-Headers", "a,b"), false),
            (CHROME, ("Access-Control-Request-Headers", "a, b"), false),
            (CHROME, ("Access-Control-Request-Headers", "b,a"), true),
            (CHROME, ("Access-Control-Request-Headers", "X-A"), true),
            (CHROME, ("Access-Control-Request-Headers", "cookie"), true),
            (CHROME, ("Origin", "http://a.test"), true),
            ("Opera/9.80 (X11; Linux)", ("Accept", "*/*"), false),
            ("curl/8.5.0", ("Accept", "*/*"), true),
            ("Go-http-client/1.1", ("Accept", "*/*"), true),
            ("", ("Accept", "*/*"), true),
        ] {
            let lines = [("Origin", "http://a.test"), ("User-Agent", agent), other];
            assert_eq!(is_no_browser(&list(&lines)), expected, "{agent} {other:?}");
        }
        for (origin, expected) in [
            ("null", false),
            ("http://a.test:8080", false),
            ("http://[::1]:81", false),
            ("chrome-extension://abc", false),
            ("http://a.test/", true),
            ("http://A.test", true),
            ("http://a.test:80", true),
            ("https://a.test:443", true),
            ("http://a, http://b", true),
            ("a.test", true),
            ("NULL", true),
            ("http://", true),
            ("", true),
        ] {
            let lines = [("Origin", origin), ("User-Agent", CHROME)];
            assert_eq!(is_no_browser(&list(&lines)), expected, "{origin}");
        }
    }
}
