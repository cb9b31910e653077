//! The sets of methods and headers that the Fetch standard treats apart.

use std::sync::LazyLock;

use crate::http::header_name::NameSet;
use crate::http::headers::trim;

/// Whether a method needs no preflight (<https://fetch.spec.whatwg.org/#cors-safelisted-method>).
#[must_use]
pub fn is_cors_safelisted_method(method: &[u8]) -> bool {
    matches!(method, b"GET" | b"HEAD" | b"POST")
}

/// A byte that makes a header value unsafe
/// (<https://fetch.spec.whatwg.org/#cors-unsafe-request-header-byte>).
#[must_use]
pub fn is_cors_unsafe_request_header_byte(byte: u8) -> bool {
    (byte < 0x20 && byte != b'\t') || b"\"():<>?@[\\]{}\x7f".contains(&byte)
}

/// Whether a header that the page sets needs no preflight
/// (<https://fetch.spec.whatwg.org/#cors-safelisted-request-header>).
#[must_use]
pub fn is_cors_safelisted_request_header(name: &[u8], value: &[u8]) -> bool {
    if value.len() > 128 {
        return false;
    }
    let safe_bytes = || !value.iter().any(|b| is_cors_unsafe_request_header_byte(*b));
    let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
    if is("accept") {
        safe_bytes()
    } else if is("accept-language") || is("content-language") {
        value
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b" *,-.;=".contains(b))
    } else if is("content-type") {
        safe_bytes() && is_form_content_type(value)
    } else {
        is("range") && is_simple_range(value)
    }
}

/// Whether a Content-Type is one that an HTML form can send, whatever its parameters.
fn is_form_content_type(value: &[u8]) -> bool {
    let essence = value.split(|b| *b == b';').next().unwrap_or_default();
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "text/plain",
    ]
    .iter()
    .any(|form| trim(essence).eq_ignore_ascii_case(form.as_bytes()))
}

/// Whether a Content-Type is one of those that browsers' own reports have, without a preflight
/// (<https://fetch.spec.whatwg.org/#cors-protocol-exceptions>).
#[must_use]
pub fn is_exempt_content_type(value: &[u8]) -> bool {
    const EXEMPT: [&str; 4] = [
        "application/csp-report",
        "application/expect-ct-report+json",
        "application/ocsp-request",
        "application/xss-auditor-report",
    ];
    is_one_of(value, &EXEMPT)
}

/// Whether a Range is `bytes=N-` or `bytes=N-M` (<https://fetch.spec.whatwg.org/#simple-range-header-value>).
fn is_simple_range(value: &[u8]) -> bool {
    let number = |digits: &[u8]| -> Option<u64> {
        let all_digits = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
        std::str::from_utf8(digits)
            .ok()
            .filter(|_| all_digits)?
            .parse()
            .ok()
    };
    let Some(range) = value.strip_prefix(b"bytes=") else {
        return false;
    };
    let Some(dash) = memchr::memchr(b'-', range) else {
        return false;
    };
    let (first, last) = range.split_at(dash);
    match (number(first), last.get(1..).unwrap_or_default()) {
        (Some(_), b"") => true,
        (Some(first), last) => number(last).is_some_and(|last| first <= last),
        (None, _) => false,
    }
}

/// Names of [`is_forbidden_request_header`].
const FORBIDDEN: [&str; 22] = [
    "accept-charset",
    "accept-encoding",
    "access-control-request-headers",
    "access-control-request-method",
    "access-control-request-private-network",
    "connection",
    "content-length",
    "cookie",
    "cookie2",
    "date",
    "dnt",
    "expect",
    "host",
    "keep-alive",
    "origin",
    "referer",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
];

/// The commonest of its names by prefix.
const SEC_FETCH: [&str; 4] = [
    "sec-fetch-dest",
    "sec-fetch-mode",
    "sec-fetch-site",
    "sec-fetch-storage-access",
];

/// Whether page script cannot set a header
/// (<https://fetch.spec.whatwg.org/#forbidden-request-header>, by name).
#[must_use]
pub fn is_forbidden_request_header(name: &[u8]) -> bool {
    let begins = |with: &str| {
        let prefix = name.get(..with.len());
        prefix.is_some_and(|prefix| prefix.eq_ignore_ascii_case(with.as_bytes()))
    };
    is_one_of(name, &FORBIDDEN) || begins("proxy-") || begins("sec-")
}

/// Those that browsers add by themselves though page script may set them too.
const ADDED: [&str; 23] = [
    "accept",
    "accept-language",
    // Chromium's client hints that do not begin with sec-.
    "device-memory",
    "downlink",
    "dpr",
    "ect",
    "rtt",
    "viewport-width",
    "width",
    "user-agent",
    "authorization",
    "cache-control",
    "pragma",
    "if-none-match",
    "if-modified-since",
    "if-range",
    "last-event-id",
    "priority",
    "purpose",
    "save-data",
    "ua-cpu",
    "upgrade-insecure-requests",
    "range",
];

/// Those that proxies add on the way, where a capture is taken behind one.
const ADDED_ON_THE_WAY: [&str; 19] = [
    "cdn-loop",
    "cf-connecting-ip",
    "cf-ipcountry",
    "cf-ray",
    "cf-visitor",
    "forwarded",
    "true-client-ip",
    "x-amzn-trace-id",
    "x-client-ip",
    "x-envoy-external-address",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-prefix",
    "x-forwarded-proto",
    "x-forwarded-server",
    "x-original-forwarded-for",
    "x-real-ip",
    "x-scheme",
];

/// Whether browsers add a header by themselves, or proxies on the way, so that its presence does not
/// show that the page set it and needs no preflight.
#[must_use]
pub fn is_browser_added(name: &[u8]) -> bool {
    is_one_of(name, &ADDED)
        || is_forbidden_request_header(name)
        || is_one_of(name, &ADDED_ON_THE_WAY)
}

/// The known header names that [`is_browser_added`] is true of.
pub(super) fn browser_added_names() -> NameSet {
    static NAMES: LazyLock<NameSet> = LazyLock::new(|| {
        let [added, forbidden] = [NameSet::of(&ADDED), NameSet::of(&FORBIDDEN)];
        let on_the_way = NameSet::of(&ADDED_ON_THE_WAY);
        added
            .and(forbidden)
            .and(on_the_way)
            .and(NameSet::of(&SEC_FETCH))
    });
    *NAMES
}

fn is_one_of(name: &[u8], names: &[&str]) -> bool {
    names
        .iter()
        .any(|known| known.len() == name.len() && name.eq_ignore_ascii_case(known.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which values Chromium 156 and Firefox 153 sent without a preflight.
    #[test]
    fn headers_that_browsers_ask_for() {
        for (name, value, expected) in [
            ("accept", "application/json", true),
            ("accept", "a(b", false),
            ("accept", "a\tb", true),
            ("accept", "\"", false),
            ("accept-language", "en_US", false),
            ("accept-language", "en-US,en;q=0.9", true),
            ("accept-language", "e@", false),
            ("content-language", "de", true),
            ("range", "bytes=0-", true),
            ("range", "bytes=0-10", true),
            ("range", "bytes=10-0", false),
            ("range", "bytes=-5", false),
            ("range", "bytes=0-1,2-3", false),
            ("range", "bytes= 0-", false),
            ("range", "Bytes=0-", false),
            ("range", "bytes=0", false),
            ("range", "bytes=00-01", true),
            ("range", "bytes=99999999999999999999-", false),
            ("range", "bytes=0-99999999999999999999", false),
            ("range", "items=0-1", false),
            ("accept", "", true),
            ("content-type", "text/plain", true),
            ("content-type", "text/plain;charset=utf-8", true),
            ("content-type", "TEXT/PLAIN", true),
            ("content-type", "text/plain;", true),
            ("content-type", "text/plain; ", true),
            ("content-type", "text/plain;x", true),
            ("content-type", "text/plain;charset=\"a\"", false),
            ("content-type", "text/plain,", false),
            ("content-type", "text/plain, text/plain", false),
            ("content-type", "text /plain", false),
            ("content-type", "text/ plain", false),
            ("content-type", " text/plain ", true),
            ("content-type", "text/plain charset", false),
            ("content-type", "text/plain\tx", false),
            ("content-type", "text/plain;a=(", false),
            ("content-type", "text/plain;a=@", false),
            ("content-type", "text/plain;a=:", false),
            ("content-type", "text/plain;a={", false),
            ("content-type", "application/x-www-form-urlencoded", true),
            (
                "content-type",
                "application/x-www-form-urlencoded;charset=UTF-8",
                true,
            ),
            ("content-type", "multipart/form-data", true),
            ("content-type", "multipart/form-data; boundary=x", true),
            ("content-type", "application/json", false),
            ("content-type", "text/html", false),
            ("content-type", "text/xml", false),
            ("content-type", "text", false),
            ("content-type", "text/", false),
            ("content-type", "/plain", false),
            ("content-type", "text/plain/x", false),
            ("content-type", "", false),
            ("content-type", "x", false),
            ("content-type", "text/plainx", false),
            ("content-type", "application/csp-report", false),
            ("content-type", "text/plain; x=\"\\\"\"", false),
            ("content-type", "text/plain\u{b}", false),
            ("content-type", "*/*", false),
            ("content-type", "text\t/\tplain", false),
            ("content-type", ",text/plain", false),
            ("content-type", "text/plain,x/x", false),
            ("content-type", "text/plain\u{c}", false),
            ("content-type", "text/plain\u{1}", false),
            ("content-type", "application/www-form-urlencoded", false),
            (
                "content-type",
                "application/x-www-form-urlencoded;\u{7f}",
                false,
            ),
            ("content-type", "multipart/form-data;\"", false),
            ("content-type", "foo/bar, text/plain", false),
            ("range", "100-200", false),
            ("range", "MB=100-200", false),
            ("range", "bytes =100-200", false),
            ("range", "bytes=100 -200", false),
            ("range", "bytes=100- 200", false),
            ("range", "bytes=100-200hello", false),
            ("range", "bytes=abc-def", false),
            ("range", "bytes 100-200", false),
            ("range", ",bytes=100-200", false),
            ("range", "bytes=,100-200", false),
            ("range", "bytes=0-,", false),
            ("range", "bytes=--1", false),
            ("range", "bytes=200-200", true),
            ("accept", "\u{7f}", false),
            ("accept-language", "de\u{e9}", false),
            ("content-language", "@", false),
        ] {
            // Blanks around a value are not sent.
            let value = value.trim_matches([' ', '\t']);
            let found = is_cors_safelisted_request_header(name.as_bytes(), value.as_bytes());
            assert_eq!(found, expected, "{name}: {value:?}");
        }
        let of_length = |n: usize| format!("text/plain;{}", "a".repeat(n - 11));
        for (length, expected) in [(128, true), (129, false)] {
            let value = of_length(length);
            let found = is_cors_safelisted_request_header(b"content-type", value.as_bytes());
            assert_eq!(found, expected, "{length}");
        }
    }

    #[test]
    fn every_byte_is_safe_or_not() {
        const SAFE: &[u8] =
            b"\t !#$%&'*+,-./0123456789;=ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~";
        const LANGUAGE: &[u8] =
            b" *,-.;=0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        for byte in 0..=u8::MAX {
            let safe = byte >= 0x80 || SAFE.contains(&byte);
            let value = [b'a', byte, b'a'];
            let safelisted = |name: &[u8]| is_cors_safelisted_request_header(name, &value);
            assert_eq!(is_cors_unsafe_request_header_byte(byte), !safe, "{byte}");
            assert_eq!(safelisted(b"Accept"), safe, "{byte}");
            for name in [&b"accept-language"[..], b"Content-Language"] {
                assert_eq!(safelisted(name), LANGUAGE.contains(&byte), "{byte}");
            }
            let value = [b"text/plain;", &value[..]].concat();
            let found = is_cors_safelisted_request_header(b"content-type", &value);
            assert_eq!(found, safe, "{byte}");
        }
    }

    #[test]
    fn safelisted_request_headers() {
        let long = "a".repeat(129);
        for (name, value, expected) in [
            ("Accept", "application/json", true),
            ("accept", "a(b)", false),
            ("accept", "a\x01", false),
            ("accept", "\u{e9}", true),
            ("accept", &long, false),
            ("Accept-Language", "en-US, de;q=0.5", true),
            ("accept-language", "en_US", false),
            ("content-type", "text/plain;charset=utf-8", true),
            ("content-type", "TEXT/PLAIN", true),
            ("content-type", "text/plain;", true),
            ("content-type", "text/plain;garbage", true),
            ("content-type", "text/plain,", false),
            ("content-type", "text /plain", false),
            ("content-type", "text/plain, text/plain", false),
            ("content-type", "application/json", false),
            ("range", "bytes=0-", true),
            ("range", "bytes=0-99", true),
            ("range", "bytes=9-1", false),
            ("range", "bytes=-5", false),
            ("range", "bytes=0-1,3-4", false),
            ("range", "bytes = 0-", false),
            ("x-requested-with", "XMLHttpRequest", false),
        ] {
            assert_eq!(
                is_cors_safelisted_request_header(name.as_bytes(), value.as_bytes()),
                expected,
                "{name}: {value}"
            );
        }
    }
}
