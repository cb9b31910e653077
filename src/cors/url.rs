//! As much of the URL standard as a verdict needs: is it a URL, and where does a redirect lead.
//!
//! Only what browsers do with header values of HTTP servers is here (<https://url.spec.whatwg.org/>).
//! The `url` package is not used: Chromium, whose findings are told, departs from the standard in
//! what it takes for a host, and most values need no allocation this way.

use std::borrow::Cow;

use smallvec::SmallVec;

use crate::cors::host::parse_host;

/// A host and port in the form in which origins are compared.
pub type Authority = SmallVec<[u8; 36]>;

/// A URL split at its delimiters. Bytes are as in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Split<'a> {
    scheme: &'a [u8],
    rest: &'a [u8],
}

/// Without the controls and spaces around it, as the URL parser begins
/// (<https://url.spec.whatwg.org/#concept-basic-url-parser>).
fn trim_controls(mut url: &[u8]) -> &[u8] {
    while let [0..=b' ', rest @ ..] = url {
        url = rest;
    }
    while let [rest @ .., 0..=b' '] = url {
        url = rest;
    }
    url
}

fn split_scheme(url: &[u8]) -> Option<Split<'_>> {
    let colon = memchr::memchr(b':', url)?;
    let (scheme, rest) = url.split_at(colon);
    let well_formed = scheme.first().is_some_and(u8::is_ascii_alphabetic)
        && scheme
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(b));
    let rest = rest.get(1..).unwrap_or_default();
    well_formed.then_some(Split { scheme, rest })
}

/// Schemes whose URLs always have a host (<https://url.spec.whatwg.org/#special-scheme>).
fn is_special(scheme: &[u8]) -> bool {
    ["http", "https", "ws", "wss", "ftp"]
        .iter()
        .any(|special| scheme.eq_ignore_ascii_case(special.as_bytes()))
}

/// Without the tabs and line ends that the URL parser passes over.
fn without_tabs(url: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr3(b'\t', b'\n', b'\r', url).is_none() {
        return Cow::Borrowed(url);
    }
    let kept = |b: &u8| !matches!(b, b'\t' | b'\n' | b'\r');
    Cow::Owned(url.iter().copied().filter(kept).collect())
}

/// Whether the URL parser takes this without a base URL.
#[must_use]
pub fn is_absolute_url(url: &[u8]) -> bool {
    let url = without_tabs(trim_controls(url));
    let Some(Split { scheme, rest }) = split_scheme(&url) else {
        return false;
    };
    if scheme.eq_ignore_ascii_case(b"file") {
        // <https://url.spec.whatwg.org/#file-state>: no user, no port, and no host will do.
        let host = match rest {
            [b'/' | b'\\', b'/' | b'\\', rest @ ..] => before(rest, b"/\\?#"),
            _ => b"",
        };
        return host.is_empty() || parse_host(host, true).is_some();
    }
    let special = is_special(scheme);
    let authority = if special {
        let slashes = rest
            .iter()
            .take_while(|b| matches!(b, b'/' | b'\\'))
            .count();
        before(rest.get(slashes..).unwrap_or_default(), b"/\\?#")
    } else {
        match rest.strip_prefix(b"//") {
            Some(rest) => before(rest, b"/?#"),
            // An opaque path, such as `localhost:8080` has: anything goes.
            None => return true,
        }
    };
    let (host, port) = split_port(split_userinfo(authority).1);
    parse_host(host, special).is_some() && is_port(port)
}

/// Splits `user:password@host`: before the last `@`, and after it.
fn split_userinfo(authority: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memrchr(b'@', authority) {
        Some(at) => {
            let (userinfo, host) = authority.split_at(at);
            (userinfo, host.get(1..).unwrap_or_default())
        }
        None => (b"", authority),
    }
}

/// Splits `host:port`; the port is empty where there is none.
pub(super) fn split_port(authority: &[u8]) -> (&[u8], &[u8]) {
    let after_brackets = memchr::memrchr(b']', authority).unwrap_or(0);
    let tail = authority.get(after_brackets..).unwrap_or_default();
    match memchr::memchr(b':', tail) {
        Some(colon) => {
            let (host, port) = authority.split_at(after_brackets + colon);
            (host, port.get(1..).unwrap_or_default())
        }
        None => (authority, b""),
    }
}

fn is_port(port: &[u8]) -> bool {
    port.is_empty() || parse_port(port).is_some()
}

fn parse_port(port: &[u8]) -> Option<u16> {
    if !port.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(port).ok()?.parse().ok()
}

/// An authority in the form in which origins are compared: lower case, IPv6 compressed, default
/// port left out. `None` where it is no host and port.
#[must_use]
pub fn normalise_authority(authority: &[u8], default_port: u16) -> Option<Authority> {
    let (host, port) = split_port(split_userinfo(authority).1);
    if !is_port(port) {
        return None;
    }
    let mut normal = parse_host(host, true)?;
    let number = parse_port(port).filter(|number| *number != default_port);
    if let Some(number) = number {
        normal.push(b':');
        if port.first() == Some(&b'0') {
            normal.extend_from_slice(number.to_string().as_bytes());
        } else {
            normal.extend_from_slice(port);
        }
    }
    Some(normal)
}

/// Where a redirect leads (<https://fetch.spec.whatwg.org/#concept-response-location-url>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// To an http or https URL: its origin's authority, normalised, and its path and query.
    Http {
        /// `http` or `https`.
        scheme: &'static str,
        /// Host and port.
        authority: Authority,
        /// Path and query, as a browser requests it.
        target: Vec<u8>,
        /// The URL holds a user name or password.
        credentials: bool,
    },
    /// To a URL of another scheme.
    OtherScheme,
    /// Nowhere: it does not parse.
    Invalid,
}

/// Resolves the value of a `Location` header against `http://authority` + `target`.
#[must_use]
pub fn resolve(location: &[u8], authority: &[u8], target: &[u8]) -> Location {
    let location = without_tabs(trim_controls(location));
    let location = before(&location, b"#");
    // Browsers take a backslash for a slash.
    let slashes = |url: &[u8]| url.iter().take_while(|b| matches!(b, b'/' | b'\\')).count();
    let (scheme, rest, inherited) = match split_scheme(location) {
        // <https://url.spec.whatwg.org/#special-relative-or-authority-state>: the base's scheme again
        // says nothing.
        Some(Split { scheme, rest }) if scheme.eq_ignore_ascii_case(b"http") => {
            ("http", rest, slashes(rest) < 2)
        }
        Some(Split { scheme, rest }) if scheme.eq_ignore_ascii_case(b"https") => {
            ("https", rest, false)
        }
        Some(_) => return Location::OtherScheme,
        None => ("http", location, slashes(location) < 2),
    };
    if !inherited {
        let rest = rest.get(slashes(rest)..).unwrap_or_default();
        let host_port = before(rest, b"/?\\");
        let default_port = if scheme == "https" { 443 } else { 80 };
        let Some(authority) = normalise_authority(host_port, default_port) else {
            return Location::Invalid;
        };
        let path = rest.get(host_port.len()..).unwrap_or_default();
        return Location::Http {
            scheme,
            authority,
            target: request_target(path),
            // An empty user with an empty password is none.
            credentials: !matches!(split_userinfo(host_port).0, b"" | b":"),
        };
    }
    let base_path = before(target, b"?");
    let path = match rest.first() {
        None => target.to_vec(),
        Some(b'/' | b'\\') => rest.to_vec(),
        Some(b'?') => [base_path, rest].concat(),
        Some(_) => {
            let directory = memchr::memrchr(b'/', base_path).map_or(0, |slash| slash + 1);
            let directory = base_path.get(..directory).unwrap_or_default();
            [directory, rest].concat()
        }
    };
    Location::Http {
        scheme,
        authority: Authority::from_slice(authority),
        target: request_target(&path),
        credentials: false,
    }
}

/// The bytes before the first of these delimiters.
fn before<'a>(bytes: &'a [u8], delimiters: &[u8]) -> &'a [u8] {
    let end = bytes.iter().position(|b| delimiters.contains(b));
    bytes.get(..end.unwrap_or(bytes.len())).unwrap_or_default()
}

/// Path and query as a browser sends them: dot segments resolved, unsafe bytes percent-encoded.
fn request_target(path_and_query: &[u8]) -> Vec<u8> {
    let path = before(path_and_query, b"?");
    let query = path_and_query.get(path.len()..).unwrap_or_default();
    let mut segments: Vec<&[u8]> = Vec::new();
    let mut rest = path.split(|b| matches!(b, b'/' | b'\\')).peekable();
    if path.first().is_some_and(|b| matches!(b, b'/' | b'\\')) {
        rest.next();
    }
    while let Some(segment) = rest.next() {
        let last = rest.peek().is_none();
        let lower = segment.to_ascii_lowercase();
        match lower.as_slice() {
            b"." | b"%2e" if last => segments.push(b""),
            b"." | b"%2e" => {}
            b".." | b".%2e" | b"%2e." | b"%2e%2e" => {
                segments.pop();
                if last {
                    segments.push(b"");
                }
            }
            _ => segments.push(segment),
        }
    }
    let mut target = Vec::with_capacity(path_and_query.len() + 1);
    for segment in &segments {
        target.push(b'/');
        encode(segment, b" \"#<>?^`{}", &mut target);
    }
    if segments.is_empty() {
        target.push(b'/');
    }
    encode(query, b" \"#<>'", &mut target);
    target
}

fn encode(bytes: &[u8], unsafe_bytes: &[u8], target: &mut Vec<u8>) {
    for byte in bytes {
        if byte.is_ascii_control() || !byte.is_ascii() || unsafe_bytes.contains(byte) {
            target.extend_from_slice(format!("%{byte:02X}").as_bytes());
        } else {
            target.push(*byte);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_url_parser_takes_without_a_base() {
        for (url, expected) in [
            ("http://localhost:18080/", true),
            ("HTTP://LOCALHOST:18080", true),
            ("http://*.localhost:18080", true),
            ("localhost:18080", true),
            (" http://localhost:18080\u{b}", true),
            ("https:example.com", true),
            ("data:text/plain,x", true),
            ("http://[::1]:80", true),
            ("http://1.2.3.4", true),
            ("localhost", false),
            ("www.example.com", false),
            ("**", false),
            ("\"*\"", false),
            ("", false),
            ("//example.com", false),
            ("http://", false),
            ("http://a:70000", false),
            ("http://a:b", false),
            ("http://%6cocalhost", true),
            // Chromium's parser takes it, against the standard.
            ("http://a%20b", true),
            ("ht\ttp://a\t.b", true),
            ("file:///", true),
            ("file:", true),
            ("file://localhost/x", true),
            ("file://a:80", false),
            ("http://u:p@a", true),
            ("http:a", true),
            ("http:\\\\a", true),
            ("http://a:", true),
            ("http://:80", false),
            ("a://", true),
            ("a://b:99999", false),
            ("a://b^c", false),
            ("1a:b", false),
            ("a_b:c", false),
            ("blob:http://a/x", true),
            ("http://0x7f.1", true),
            ("http://1.2.3.4.5", false),
            ("http://a%zz", false),
            ("http://a b", false),
            ("http://[::1", false),
            ("http://1.2.3.400", false),
            ("NULL", false),
        ] {
            assert_eq!(is_absolute_url(url.as_bytes()), expected, "{url}");
        }
    }

    #[test]
    fn authorities_are_compared_in_one_form() {
        for (authority, port, expected) in [
            ("LocalHost:80", 80, Some("localhost")),
            ("a.example:8080", 80, Some("a.example:8080")),
            ("a.example:080", 80, Some("a.example")),
            ("[0:0::1]:81", 80, Some("[::1]:81")),
            ("a.example.", 80, Some("a.example.")),
            ("a:443", 443, Some("a")),
            ("127.1:81", 80, Some("127.0.0.1:81")),
            ("0x7f.0.0.1", 80, Some("127.0.0.1")),
            ("[::FFFF:7f00:1]", 80, Some("[::ffff:127.0.0.1]")),
            ("localhost.:80", 80, Some("localhost.")),
            ("XN--BCHER-KVA.example", 80, Some("xn--bcher-kva.example")),
            ("u:p@a:81", 80, Some("a:81")),
            ("a:", 80, Some("a")),
            ("a:70000", 80, None),
            ("a:-1", 80, None),
            ("1.2.3.4.5", 80, None),
            ("a b", 80, None),
            ("", 80, None),
        ] {
            let normal = normalise_authority(authority.as_bytes(), port);
            assert_eq!(
                normal.as_deref(),
                expected.map(str::as_bytes),
                "{authority}"
            );
        }
    }

    #[test]
    fn redirects_lead_where_browsers_go() {
        let to = |authority: &str, target: &str| Location::Http {
            scheme: "http",
            authority: Authority::from_slice(authority.as_bytes()),
            target: target.into(),
            credentials: false,
        };
        let https = |authority: &str, target: &str| Location::Http {
            scheme: "https",
            authority: Authority::from_slice(authority.as_bytes()),
            target: target.into(),
            credentials: false,
        };
        for (location, expected) in [
            ("/r2", to("api:81", "/r2")),
            ("r2?x#f", to("api:81", "/a/r2?x")),
            ("../r2", to("api:81", "/r2")),
            ("?y=1", to("api:81", "/a/b?y=1")),
            ("//Other/x", to("other", "/x")),
            ("\\/other/x", to("other", "/x")),
            ("http://other:80", to("other", "/")),
            ("http:/r2", to("api:81", "/r2")),
            ("http:\\r2", to("api:81", "/r2")),
            ("https:/r2", https("r2", "/")),
            ("https:r2/x", https("r2", "/x")),
            (
                "http://b\u{fc}cher.example/x",
                to("xn--bcher-kva.example", "/x"),
            ),
            (
                "http://B%C3%9CCHER.example/x",
                to("xn--bcher-kva.example", "/x"),
            ),
            ("http:r2", to("api:81", "/a/r2")),
            ("/a b/\u{e9}", to("api:81", "/a%20b/%C3%A9")),
            ("ftp://x/", Location::OtherScheme),
            ("about:blank", Location::OtherScheme),
            ("", to("api:81", "/a/b?q")),
            ("#x", to("api:81", "/a/b?q")),
            ("?", to("api:81", "/a/b?")),
            ("http:", to("api:81", "/a/b?q")),
            ("./r2", to("api:81", "/a/r2")),
            ("/x/../%2e/r2", to("api:81", "/r2")),
            ("\\r2\\x", to("api:81", "/r2/x")),
            ("http:\\\\other\\x", to("other", "/x")),
            ("http:///other/x", to("other", "/x")),
            ("HTTP://OTHER:080/x", to("other", "/x")),
            ("http://@other/x", to("other", "/x")),
            ("http://:@other/x", to("other", "/x")),
            ("http://0x7f.1/x", to("127.0.0.1", "/x")),
            ("http://2130706433:81/x", to("127.0.0.1:81", "/x")),
            ("http://[0:0:0:0:0:0:0:1]:81/x", to("[::1]:81", "/x")),
            ("http://%6cocalhost./x", to("localhost.", "/x")),
            ("ht\ttp://ot\ther/x", to("other", "/x")),
            ("\t/r2", to("api:81", "/r2")),
            ("a:b", Location::OtherScheme),
            ("1:2", to("api:81", "/a/1:2")),
            ("ws://x/", Location::OtherScheme),
            ("javascript:1", Location::OtherScheme),
            ("http://%/", Location::Invalid),
            ("http://a:99999/", Location::Invalid),
            ("http://", Location::Invalid),
            ("http://a:b:c/", Location::Invalid),
        ] {
            let found = resolve(location.as_bytes(), b"api:81", b"/a/b?q");
            assert_eq!(found, expected, "{location}");
        }
        let with_password = resolve(b"http://u:p@other/", b"api", b"/");
        assert!(matches!(
            with_password,
            Location::Http {
                credentials: true,
                ..
            }
        ));
    }
}
