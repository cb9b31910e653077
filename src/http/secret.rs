//! Which bytes of a message head are secrets: what lets its holder act as someone else.
//!
//! The one rule behind everything that hides secrets. Names stay visible, values do not:
//!
//! - of `Cookie` and `Set-Cookie` the values, not names and attributes;
//! - of `Authorization` and `Proxy-Authorization` all but the scheme;
//! - of other headers the value, where the name says so (`X-Api-Key`, `X-CSRF-Token`);
//! - of URLs the password, and values of query and fragment whose name says so (`access_token`) or
//!   that look random, as tokens do.

use std::ops::Range;

use smallvec::SmallVec;

use crate::http::headers::trim;

/// Places in a text, in order and without overlaps.
pub type Places = SmallVec<[Range<usize>; 4]>;

/// The secret parts of a header's value.
///
/// ```
/// use corshark::http::secret::header_secrets;
///
/// assert_eq!(header_secrets(b"Cookie", b"sid=abc; theme=dark")[..], [4..7, 15..19]);
/// assert_eq!(header_secrets(b"Authorization", b"Bearer abc")[..], [7..10]);
/// assert!(header_secrets(b"Accept", b"*/*").is_empty());
/// ```
#[must_use]
pub fn header_secrets(name: &[u8], value: &[u8]) -> Places {
    let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
    if is("cookie") {
        return pairs(value, b";")
            .map(|(_, value)| value)
            .filter(|place| !place.is_empty())
            .collect();
    }
    if is("set-cookie") {
        let first = pairs(value, b";").next();
        let places = first.into_iter().map(|(_, value)| value);
        return places.filter(|place| !place.is_empty()).collect();
    }
    if is("authorization") || is("proxy-authorization") {
        let scheme = value.iter().position(|b| *b == b' ');
        let start = scheme.map_or(0, |at| at + 1);
        return place(start..value.len());
    }
    if ["referer", "location", "content-location", "refresh"]
        .iter()
        .any(|known| is(known))
    {
        return url_secrets(value);
    }
    let is_protocol = |prefix: &str| {
        let start = name.get(..prefix.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
    };
    // A challenge tells no secret, nor do headers about headers.
    if is_secret_name(name)
        && !["access-control-", "sec-", "www-auth", "proxy-auth"]
            .iter()
            .any(|p| is_protocol(p))
    {
        return place(0..value.len());
    }
    Places::new()
}

/// The secret parts of a URL, or of a request target.
///
/// ```
/// use corshark::http::secret::url_secrets;
///
/// assert_eq!(url_secrets(b"/login?user=a&token=b")[..], [20..21]);
/// assert_eq!(url_secrets(b"http://a:b@c/")[..], [9..10]);
/// ```
#[must_use]
pub fn url_secrets(url: &[u8]) -> Places {
    let mut places = Places::new();
    let query = url.iter().position(|b| matches!(b, b'?' | b'#'));
    let query = query.unwrap_or(url.len());
    let before = url.get(..query).unwrap_or_default();
    if let Some(authority) = memchr::memmem::find(before, b"//").map(|at| at + 2) {
        let rest = before.get(authority..).unwrap_or_default();
        let end = rest.iter().position(|b| *b == b'/').unwrap_or(rest.len());
        let at = memchr::memrchr(b'@', rest.get(..end).unwrap_or_default());
        if let Some(at) = at {
            let user = rest.get(..at).unwrap_or_default();
            // Without a colon the user name is the secret: tokens are given that way.
            let start = user.iter().position(|b| *b == b':').map_or(0, |c| c + 1);
            places.extend(place(authority + start..authority + at));
        }
    }
    let start = (query + 1).min(url.len());
    let rest = url.get(start..).unwrap_or_default();
    for (name, value) in pairs(rest, b"&;#?") {
        let name = rest.get(name).unwrap_or_default();
        let text = rest.get(value.clone()).unwrap_or_default();
        if !text.is_empty() && (is_secret_name(name) || is_token_like(text)) {
            places.push(start + value.start..start + value.end);
        }
    }
    places
}

fn place(place: Range<usize>) -> Places {
    std::iter::once(place).filter(|p| !p.is_empty()).collect()
}

/// The places of names and values in `name=value;name=value`; what has no name is a value.
fn pairs<'a>(
    text: &'a [u8],
    separators: &'a [u8],
) -> impl Iterator<Item = (Range<usize>, Range<usize>)> + 'a {
    let mut start = 0;
    text.split(|b| separators.contains(b)).map(move |piece| {
        let at = start;
        start += piece.len() + 1;
        let value = piece.iter().position(|b| *b == b'=').map_or(0, |e| e + 1);
        let name = at..at + value.saturating_sub(1);
        let piece = piece.get(value..).unwrap_or_default();
        let blanks = piece.len() - trim_start(piece).len();
        let start = at + value + blanks;
        (name, start..start + trim(piece).len())
    })
}

fn trim_start(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = text {
        text = rest;
    }
    text
}

/// Whether the value under this name is likely a secret; a header's, a query's or a cookie's name.
#[must_use]
pub fn is_secret_name(name: &[u8]) -> bool {
    /// Anywhere in a name, whatever separates its words.
    const PARTS: [&str; 15] = [
        "token",
        "secret",
        "passw",
        "passphrase",
        "signature",
        "session",
        "apikey",
        "accesskey",
        "privatekey",
        "credential",
        "jwt",
        "csrf",
        "xsrf",
        "assertion",
        "auth",
    ];
    /// Only as the whole name: they are common words or parts of such.
    const WHOLE: [&str; 8] = ["key", "code", "sig", "sid", "pwd", "pin", "otp", "ticket"];
    let letters = name.iter().filter(|b| b.is_ascii_alphanumeric());
    let letters: SmallVec<[u8; 64]> = letters.take(64).map(u8::to_ascii_lowercase).collect();
    let has = |part: &&str| memchr::memmem::find(&letters, part.as_bytes()).is_some();
    WHOLE.iter().any(|whole| whole.as_bytes() == &letters[..]) || PARTS.iter().any(has)
}

/// Whether a value looks random, as tokens do: long, with letters and digits thoroughly mixed.
fn is_token_like(value: &[u8]) -> bool {
    let letters = value.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let mixed = value.iter().filter(|b| b.is_ascii_alphanumeric());
    let next = mixed.clone().skip(1);
    let switches = mixed
        .zip(next)
        .filter(|(one, next)| one.is_ascii_digit() != next.is_ascii_digit())
        .count();
    value.len() >= 20
        && letters * 4 >= value.len()
        && switches >= 4
        && value
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"-._~+/=%".contains(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text with its secret parts as `*`.
    fn hidden(text: &str, places: &Places) -> String {
        let mut bytes = text.as_bytes().to_vec();
        for place in places {
            bytes[place.clone()].fill(b'*');
        }
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn names_stay_and_values_go() {
        for (name, value, expected) in [
            ("Cookie", "a=1; b=2 ;c", "a=*; b=* ;*"),
            ("cookie", "", ""),
            ("Cookie", "a=; =x;;", "a=; =*;;"),
            (
                "Set-Cookie",
                "sid=x y; Path=/; HttpOnly",
                "sid=***; Path=/; HttpOnly",
            ),
            ("Set-Cookie", "nameless", "********"),
            ("authorization", "Bearer abc", "Bearer ***"),
            ("Proxy-Authorization", "Basic dTpw", "Basic ****"),
            ("Authorization", "abc", "***"),
            ("Authorization", "Digest a=\"b\", c=d", "Digest **********"),
            ("X-Api-Key", "k", "*"),
            ("X-CSRF-Token", "t", "*"),
            ("X-Amz-Security-Token", "t", "*"),
            ("X-Requested-With", "XMLHttpRequest", "XMLHttpRequest"),
            ("Access-Control-Allow-Headers", "x-token", "x-token"),
            ("Sec-WebSocket-Key", "abc", "abc"),
            ("WWW-Authenticate", "Basic realm=x", "Basic realm=x"),
            ("Location", "/x?code=abc&n=1", "/x?code=***&n=1"),
            ("Referer", "http://u:p@h/?q=1", "http://u:*@h/?q=1"),
            ("Content-Length", "3", "3"),
        ] {
            let places = header_secrets(name.as_bytes(), value.as_bytes());
            assert_eq!(hidden(value, &places), expected, "{name}: {value}");
        }
    }

    #[test]
    fn urls_keep_what_is_no_secret() {
        for (url, expected) in [
            ("/", "/"),
            ("/a?b=c", "/a?b=c"),
            ("/a?access_token=x&b=c", "/a?access_token=*&b=c"),
            ("/a?b=c#id_token=x", "/a?b=c#id_token=*"),
            ("/a?token=", "/a?token="),
            ("/a?token", "/a?token"),
            ("/a?X-Amz-Signature=ab", "/a?X-Amz-Signature=**"),
            (
                "/a?country_code=DE&keyword=x",
                "/a?country_code=DE&keyword=x",
            ),
            (
                "/a?u=4f0c2d7e-8a51-4b0e-9d6f-2c1b3a4d5e6f",
                "/a?u=************************************",
            ),
            (
                "/a?t=2026-11-24T08%3A31%3A34Z",
                "/a?t=2026-11-24T08%3A31%3A34Z",
            ),
            (
                "/a?n=some-long-product-name-2024",
                "/a?n=some-long-product-name-2024",
            ),
            (
                "/a?n=12345678901234567890123",
                "/a?n=12345678901234567890123",
            ),
            ("http://user:pass@host/x?a=1", "http://user:****@host/x?a=1"),
            ("https://ghp_abc@host/", "https://*******@host/"),
            ("//u:p@h", "//u:*@h"),
            ("http://host/@a:b@c", "http://host/@a:b@c"),
        ] {
            assert_eq!(hidden(url, &url_secrets(url.as_bytes())), expected);
        }
    }

    #[test]
    fn places_are_in_order_and_within_the_text() {
        let texts: [&[u8]; 6] = [b"", b"=", b";;==;", b"?&=&#?", b"//@:@", b"a=b=c;d"];
        for text in texts {
            for places in [
                header_secrets(b"cookie", text),
                header_secrets(b"set-cookie", text),
                header_secrets(b"location", text),
                url_secrets(text),
            ] {
                let mut end = 0;
                for place in places {
                    assert!(end <= place.start && place.start < place.end, "{text:?}");
                    end = place.end;
                }
                assert!(end <= text.len());
            }
        }
    }
}
