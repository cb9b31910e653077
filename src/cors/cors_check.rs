//! The CORS check (<https://fetch.spec.whatwg.org/#concept-cors-check>), with the finding that
//! Chromium names where it fails.

use crate::cors::browser::Browser;
use crate::cors::cors_error::CorsError;
use crate::cors::url::is_absolute_url;
use crate::http::headers::HeaderList;

/// A request's credentials mode, as far as the CORS check asks for it
/// (<https://fetch.spec.whatwg.org/#concept-request-credentials-mode>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialsMode {
    /// `include`.
    Include,
    /// `omit`, or `same-origin` across origins: no credentials.
    NotInclude,
}

/// Whether a page of `origin` may have a response with these headers.
pub fn cors_check(
    origin: &[u8],
    mode: CredentialsMode,
    response: &HeaderList,
    browser: Browser,
) -> Result<(), CorsError> {
    // 1. and 2. The value of Access-Control-Allow-Origin; without it, failure.
    let Some(allowed) = browser.header(response, "access-control-allow-origin") else {
        return Err(CorsError::MissingAllowOriginHeader);
    };
    // 3. Without credentials, `*` suffices.
    if &*allowed == b"*" {
        return match mode {
            CredentialsMode::NotInclude => Ok(()),
            CredentialsMode::Include => Err(CorsError::WildcardOriginNotAllowed),
        };
    }
    // 4. Otherwise it is the request's origin, byte for byte.
    if &*allowed != origin {
        return Err(mismatch(&allowed));
    }
    // 5. Without credentials, that is all.
    if mode == CredentialsMode::NotInclude {
        return Ok(());
    }
    // 6. to 8. With credentials, Access-Control-Allow-Credentials must be `true`.
    match browser.header(response, "access-control-allow-credentials") {
        Some(value) if &*value == b"true" => Ok(()),
        _ => Err(CorsError::InvalidAllowCredentials),
    }
}

/// What is wrong with a value that is neither `*` nor the origin.
fn mismatch(allowed: &[u8]) -> CorsError {
    if allowed.iter().any(|b| matches!(b, b' ' | b',')) {
        CorsError::MultipleAllowOriginValues
    } else if allowed != b"null" && !is_absolute_url(allowed) {
        CorsError::InvalidAllowOriginValue
    } else {
        CorsError::AllowOriginMismatch
    }
}

#[cfg(test)]
mod tests {
    use super::CredentialsMode::{Include, NotInclude};
    use super::*;
    use crate::cors::cors_error::CorsError as E;
    use crate::http::headers::tests::list;

    #[test]
    fn the_cors_check_decides_as_browsers_do() {
        const O: &str = "http://localhost:18080";
        let origin = |value| vec![("Access-Control-Allow-Origin", value)];
        let with = |value, credentials| {
            vec![
                ("access-control-allow-origin", value),
                ("access-control-allow-credentials", credentials),
            ]
        };
        for (lines, mode, expected) in [
            (vec![], NotInclude, Err(E::MissingAllowOriginHeader)),
            (origin("*"), NotInclude, Ok(())),
            (origin(O), NotInclude, Ok(())),
            (origin("*"), Include, Err(E::WildcardOriginNotAllowed)),
            (origin(O), Include, Err(E::InvalidAllowCredentials)),
            (with(O, "true"), Include, Ok(())),
            (with(O, "True"), Include, Err(E::InvalidAllowCredentials)),
            (with(O, "1"), Include, Err(E::InvalidAllowCredentials)),
            (with(O, ""), Include, Err(E::InvalidAllowCredentials)),
            (
                with(O, "true, true"),
                Include,
                Err(E::InvalidAllowCredentials),
            ),
            (with("*", "true"), Include, Err(E::WildcardOriginNotAllowed)),
            (
                origin("http://localhost:18080/"),
                NotInclude,
                Err(E::AllowOriginMismatch),
            ),
            (
                origin("HTTP://LOCALHOST:18080"),
                NotInclude,
                Err(E::AllowOriginMismatch),
            ),
            (
                origin("http://*.localhost:18080"),
                NotInclude,
                Err(E::AllowOriginMismatch),
            ),
            (
                origin("localhost:18080"),
                NotInclude,
                Err(E::AllowOriginMismatch),
            ),
            (origin("null"), NotInclude, Err(E::AllowOriginMismatch)),
            (
                origin("localhost"),
                NotInclude,
                Err(E::InvalidAllowOriginValue),
            ),
            (
                origin("www.example.com"),
                NotInclude,
                Err(E::InvalidAllowOriginValue),
            ),
            (origin("**"), NotInclude, Err(E::InvalidAllowOriginValue)),
            (origin("\"*\""), NotInclude, Err(E::InvalidAllowOriginValue)),
            (origin(""), NotInclude, Err(E::InvalidAllowOriginValue)),
            (origin("NULL"), NotInclude, Err(E::InvalidAllowOriginValue)),
            (
                origin("*, *"),
                NotInclude,
                Err(E::MultipleAllowOriginValues),
            ),
            (
                origin("http://a http://b"),
                NotInclude,
                Err(E::MultipleAllowOriginValues),
            ),
            (
                [origin(O), origin(O)].concat(),
                NotInclude,
                Err(E::MultipleAllowOriginValues),
            ),
            (
                [origin(""), origin(O)].concat(),
                NotInclude,
                Err(E::MultipleAllowOriginValues),
            ),
        ] {
            let found = cors_check(O.as_bytes(), mode, &list(&lines), Browser::Unknown);
            assert_eq!(found, expected, "{lines:?} {mode:?}");
        }
        let null = list(&origin("null"));
        let check = |origin, mode| cors_check(origin, mode, &null, Browser::Unknown);
        assert_eq!(check(b"null", NotInclude), Ok(()));
    }

    /// What Chromium 156 makes of values, asked by a page of `http://localhost:8080`.
    #[test]
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn values_get_the_finding_that_chromium_gives() {
        const PASS: [&str; 3] = ["http://localhost:8080", "*", "\thttp://localhost:8080 \t"];
        const MISMATCH: [&str; 96] = [
            "http://localhost:8080/",
            "http://localhost:8080/x",
            "http://localhost:8080?",
            "http://localhost:8080#",
            "http://localhost:8080\u{c}",
            "\u{b}http://localhost:8080",
            "http://localhost:8080\u{1}",
            "http://localhost",
            "http://localhost:80",
            "http://localhost:08080",
            "HTTP://localhost:8080",
            "http://LOCALHOST:8080",
            "http:localhost:8080",
            "http:/localhost:8080",
            "http:///localhost:8080",
            "http:\\\\localhost:8080",
            "localhost:8080",
            "https://localhost:8080",
            "ws://localhost:8080",
            "ftp://localhost:8080",
            "file://localhost",
            "file:///",
            "file:",
            "http://localhost:",
            "http://u:p@localhost:8080",
            "http://@localhost:8080",
            "http://[::1]:8080",
            "http://[0:0:0:0:0:0:0:1]",
            "http://[::1.2.3.4]",
            "http://1.2.3.4",
            "http://1.2.3",
            "http://0x7f.1",
            "http://0xzz",
            "http://1.0x",
            "http://4294967295",
            "http://1.2.3.4.",
            "http://1.2.3.4..",
            "http://a..b",
            "http://a.",
            "http://.",
            "http://..",
            "http://a_b",
            "http://a%41",
            "http://a%20b",
            "http://a`b",
            "http://a{b}",
            "http://a\"b",
            "http://a'b",
            "http://a!$&()+;=b",
            "http://a~b",
            "http://a*b",
            "http://*",
            "http://*.a.com",
            "http://*:8080",
            "http://\u{e9}.com",
            "http://\u{65e5}\u{672c}.jp",
            "http://a\u{ad}b.com",
            "http://xn--",
            "http://xn--a",
            "http://xn--bcher-kva.de",
            "http://xn--zn7c.com",
            "http://-a.com",
            "http://a-.com",
            "http://ab--c.com",
            "http://a\\b",
            "http://a/b",
            "http://a#b",
            "http://a?b",
            "a:",
            "a:b",
            "a:/b",
            "a://b",
            "a://",
            "a:///",
            "a://b%c",
            "a+b:c",
            "a.b-c:d",
            "mailto:x@y",
            "blob:http://localhost:8080/x",
            "javascript:1",
            "about:blank",
            "null",
            " null",
            "chrome-extension://abcdef",
            "moz-extension://x",
            "http://a@b@c",
            "http://a:0",
            "http://a:00080",
            "http://a:65535",
            "https:a",
            "file:x",
            "a://\u{7f}",
            "http://a\tb",
            "ht\ttp://a",
            "http://loc\talhost:8080",
            "http:\t//localhost:8080",
        ];
        const INVALID: [&str; 72] = [
            "",
            " ",
            "\u{1}",
            "//localhost:8080",
            "localhost",
            "http://",
            "http:",
            "http://:8080",
            "http://localhost:65536",
            "http://localhost:99999",
            "http://localhost:80x",
            "http://localhost:-1",
            "http://[::1",
            "http://[::g]",
            "http://[1:2]",
            "http://[::1.2.3.400]",
            "http://1.2.3.4.5",
            "http://256.1.1.1",
            "http://0x7f.1.1.1.1",
            "http://4294967296",
            "http://a%zz",
            "http://a%",
            "http://a%00",
            "http://a<b",
            "http://a>b",
            "http://a^b",
            "http://a|b",
            "a://b:99999",
            "a://b:x",
            "a://b<c",
            "a://b^c",
            "a://[::1",
            "1a:b",
            "+a:b",
            "a_b:c",
            ":",
            "::",
            "NULL",
            "Null",
            "null;",
            "\"http://localhost:8080\"",
            "'http://localhost:8080'",
            "<http://localhost:8080>",
            "http://localhost:8080;",
            "**",
            "\"*\"",
            "*.localhost",
            "true",
            "undefined",
            ".*",
            "^http://localhost:8080$",
            "https?://localhost",
            "%00",
            "http://localhost:8080%20",
            "http%3A%2F%2Flocalhost",
            "http://localhost:8080\u{200b}",
            "\u{feff}http://localhost:8080",
            "http//localhost",
            "http;//localhost",
            "http://localhost:8080:8080",
            "http://a:b:c",
            "http://a:b@",
            "http://@",
            "http://:",
            "HTTP:",
            "https:",
            "wss:",
            "ftp:",
            "file://a%b",
            "file://a:80",
            "http://a\u{7f}b",
            "http://localhost:8080\thttp://localhost:8080",
        ];
        const MULTIPLE: [&str; 8] = [
            "a://b c",
            "data:,",
            "http://localhost:8080,",
            ",http://localhost:8080",
            "http://localhost:8080, *",
            "* ,",
            "*,",
            "file://a b",
        ];
        let table = [
            (&PASS[..], Ok(())),
            (&MISMATCH, Err(E::AllowOriginMismatch)),
            (&INVALID, Err(E::InvalidAllowOriginValue)),
            (&MULTIPLE, Err(E::MultipleAllowOriginValues)),
        ];
        for (values, expected) in table {
            for value in values {
                // Blanks around a value go where a head is parsed.
                let value = value.trim_matches([' ', '\t']);
                let lines = list(&[("access-control-allow-origin", value)]);
                let found = cors_check(
                    b"http://localhost:8080",
                    NotInclude,
                    &lines,
                    Browser::Unknown,
                );
                assert_eq!(found, expected, "{value:?}");
            }
        }
    }
}
