//! As much of the URL standard as a verdict needs: is it a URL, and where does a redirect lead.
//!
//! Only what browsers do with header values of HTTP servers is here (<https://url.spec.whatwg.org/>);
//! IDNA is not.

use std::borrow::Cow;
use std::net::Ipv6Addr;

use smallvec::SmallVec;

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

/// Whether the URL parser takes this without a base URL.
#[must_use]
pub fn is_absolute_url(url: &[u8]) -> bool {
    let url = trim_controls(url);
    let Some(Split { scheme, rest }) = split_scheme(url) else {
        return false;
    };
    if is_special(scheme) {
        let slashes = rest
            .iter()
            .take_while(|b| matches!(b, b'/' | b'\\'))
            .count();
        return is_authority(rest.get(slashes..).unwrap_or_default(), true);
    }
    match rest.strip_prefix(b"//") {
        Some(rest) => is_authority(rest, scheme.eq_ignore_ascii_case(b"file")),
        // An opaque path, such as `localhost:8080` has: anything goes.
        None => true,
    }
}

fn is_authority(rest: &[u8], special: bool) -> bool {
    let end = rest
        .iter()
        .position(|b| matches!(b, b'/' | b'?' | b'#') || (special && *b == b'\\'));
    let authority = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
    let host_port = match memchr::memrchr(b'@', authority) {
        Some(at) => authority.get(at + 1..).unwrap_or_default(),
        None => authority,
    };
    let (host, port) = split_port(host_port);
    is_host(host, special) && is_port(port)
}

/// Splits `host:port`; the port is empty where there is none.
fn split_port(authority: &[u8]) -> (&[u8], &[u8]) {
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

fn is_host(host: &[u8], special: bool) -> bool {
    if let [b'[', address @ .., b']'] = host {
        return parse_ipv6(address).is_some();
    }
    // <https://url.spec.whatwg.org/#host-parsing>: a special host is percent-decoded first.
    let host: Cow<'_, [u8]> = if special && host.contains(&b'%') {
        Cow::Owned(percent_decode(host))
    } else {
        Cow::Borrowed(host)
    };
    if host.iter().any(|b| is_forbidden_in_host(*b, special)) {
        return false;
    }
    if !special {
        return true;
    }
    // A host that ends in a digit may be an IPv4 address, and then must be one.
    let ends_in_digit = host
        .iter()
        .rev()
        .find(|b| **b != b'.')
        .is_some_and(u8::is_ascii_digit);
    !host.is_empty() && (!ends_in_digit || !ends_in_number(&host) || is_ipv4(&host))
}

/// <https://url.spec.whatwg.org/#forbidden-host-code-point>; in a special host also
/// <https://url.spec.whatwg.org/#forbidden-domain-code-point>.
fn is_forbidden_in_host(byte: u8, special: bool) -> bool {
    match byte {
        0 | b'\t' | b'\n' | b'\r' | b' ' | b'#' | b'/' | b':' | b'<' | b'>' | b'?' | b'@'
        | b'[' | b'\\' | b']' | b'^' | b'|' => true,
        0x01..=0x1f | b'%' | 0x7f => special,
        _ => false,
    }
}

fn percent_decode(bytes: &[u8]) -> Vec<u8> {
    let digit = |b: &u8| char::from(*b).to_digit(16);
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if let (b'%', [high, low, tail @ ..]) = (first, tail)
            && let (Some(high), Some(low)) = (digit(high), digit(low))
        {
            decoded.push(u8::try_from(high * 16 + low).unwrap_or_default());
            rest = tail;
        } else {
            decoded.push(*first);
        }
    }
    decoded
}

/// Whether the last label is a number (<https://url.spec.whatwg.org/#ends-in-a-number-checker>).
fn ends_in_number(host: &[u8]) -> bool {
    let host = host.strip_suffix(b".").unwrap_or(host);
    let last = host.rsplit(|b| *b == b'.').next().unwrap_or_default();
    !last.is_empty() && last.iter().all(u8::is_ascii_digit)
}

/// A host that ends in a number must be an IPv4 address; the usual form is enough here.
fn is_ipv4(host: &[u8]) -> bool {
    let text = std::str::from_utf8(host).unwrap_or_default();
    let text = text.strip_suffix('.').unwrap_or(text);
    text.split('.').count() <= 4
        && text
            .split('.')
            .all(|part| part.parse::<u32>().is_ok_and(|n| n <= 255 || part == text))
}

fn parse_ipv6(address: &[u8]) -> Option<Ipv6Addr> {
    std::str::from_utf8(address).ok()?.parse().ok()
}

/// An authority in the form in which origins are compared: lower case, IPv6 compressed, default
/// port left out. `None` where it is no host and port.
#[must_use]
pub fn normalise_authority(authority: &[u8], default_port: u16) -> Option<Authority> {
    let authority = match memchr::memrchr(b'@', authority) {
        Some(at) => authority.get(at + 1..).unwrap_or_default(),
        None => authority,
    };
    let (host, port) = split_port(authority);
    if !is_host(host, true) || !is_port(port) {
        return None;
    }
    let mut normal = match host {
        [b'[', address @ .., b']'] => {
            Authority::from_slice(format!("[{}]", parse_ipv6(address)?).as_bytes())
        }
        _ => Authority::from_slice(host),
    };
    normal.make_ascii_lowercase();
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
    let location = trim_controls(location);
    let location = before(location, b"#");
    let (scheme, rest, inherited) = match split_scheme(location) {
        Some(Split { scheme, rest }) if scheme.eq_ignore_ascii_case(b"http") => {
            ("http", rest, !rest.starts_with(b"/"))
        }
        Some(Split { scheme, rest }) if scheme.eq_ignore_ascii_case(b"https") => {
            ("https", rest, false)
        }
        Some(_) => return Location::OtherScheme,
        None => ("http", location, !location.starts_with(b"//")),
    };
    if !inherited {
        let slashes = rest
            .iter()
            .take_while(|b| matches!(b, b'/' | b'\\'))
            .count();
        let rest = rest.get(slashes..).unwrap_or_default();
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
            credentials: memchr::memchr(b'@', host_port).is_some(),
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
            ("http://a%20b", false),
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
        for (location, expected) in [
            ("/r2", to("api:81", "/r2")),
            ("r2?x#f", to("api:81", "/a/r2?x")),
            ("../r2", to("api:81", "/r2")),
            ("?y=1", to("api:81", "/a/b?y=1")),
            ("//Other/x", to("other", "/x")),
            ("http://other:80", to("other", "/")),
            ("http:/r2", to("r2", "/")),
            ("http:r2", to("api:81", "/a/r2")),
            ("/a b/\u{e9}", to("api:81", "/a%20b/%C3%A9")),
            ("ftp://x/", Location::OtherScheme),
            ("about:blank", Location::OtherScheme),
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
