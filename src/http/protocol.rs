//! What a connection speaks, told by its bytes and not by its port.

use crate::http::headers::is_token_byte;

/// The protocol of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// No bytes that tell: none at all, or too few.
    Silent,
    /// HTTP/1.0 or HTTP/1.1.
    Http1,
    /// TLS: what it carries cannot be seen.
    Tls,
    /// HTTP/2 in cleartext.
    Http2,
    /// SSH.
    Ssh,
    /// Something else.
    Other,
}

impl Protocol {
    /// All of them, in the order in which reports list them.
    pub const ALL: [Self; 6] = [
        Self::Http1,
        Self::Tls,
        Self::Http2,
        Self::Ssh,
        Self::Other,
        Self::Silent,
    ];

    /// Its name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::Http1 => "http1",
            Self::Tls => "tls",
            Self::Http2 => "http2",
            Self::Ssh => "ssh",
            Self::Other => "other",
        }
    }
}

/// What the first bytes of a message may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sniff {
    /// An HTTP/1.x request line, as far as it is there.
    Request,
    /// An HTTP/1.x status line, as far as it is there.
    Response,
    /// Not HTTP/1.x.
    Not(Protocol),
    /// Too few bytes to tell.
    Undecided,
}

/// No registered method is longer (RFC 4437's UPDATEREDIRECTREF has 17); custom ones may be.
pub(super) const LONGEST_METHOD: usize = 64;

/// A segment of nothing but method and target has at least this length: it is full.
const LONG_TARGET: usize = 500;

/// Tells what begins with these bytes.
pub(super) fn sniff(bytes: &[u8]) -> Sniff {
    const STATUS: &[u8] = b"HTTP/";
    const HTTP2: &[u8] = b"PRI * HTTP/2.0\r\n";
    const SSH: &[u8] = b"SSH-";
    let begins = |with: &[u8]| bytes.starts_with(with) || with.starts_with(bytes);
    match bytes {
        [] | [0x14..=0x17] => return Sniff::Undecided,
        [0x14..=0x17, 3, ..] => return Sniff::Not(Protocol::Tls),
        _ => {}
    }
    for (prefix, found) in [
        (STATUS, Sniff::Response),
        (HTTP2, Sniff::Not(Protocol::Http2)),
        (SSH, Sniff::Not(Protocol::Ssh)),
    ] {
        if begins(prefix) {
            let whole = bytes.len() >= prefix.len();
            return if whole { found } else { Sniff::Undecided };
        }
    }
    request_line(bytes)
}

/// Tells whether a segment in an unknown place begins a message: only a whole first line does, as
/// bodies hold all kinds of bytes; or a target that fills the segment.
pub(super) fn sniff_anywhere(bytes: &[u8]) -> Sniff {
    const STATUS_LINE: usize = b"HTTP/1.1 200".len();
    let found = sniff(bytes);
    let certain = match found {
        Sniff::Response => bytes.get(9..STATUS_LINE).is_some_and(|status| {
            bytes.get(8) == Some(&b' ') && status.iter().all(u8::is_ascii_digit)
        }),
        Sniff::Request => {
            memchr::memchr(b'\n', bytes).is_some()
                || (bytes.len() >= LONG_TARGET
                    && bytes.iter().filter(|b| !b.is_ascii_graphic()).count() == 1)
        }
        Sniff::Not(_) | Sniff::Undecided => true,
    };
    if certain {
        found
    } else {
        Sniff::Not(Protocol::Other)
    }
}

fn request_line(bytes: &[u8]) -> Sniff {
    let other = Sniff::Not(Protocol::Other);
    let method = bytes.iter().take_while(|b| is_token_byte(**b)).count();
    if method > LONGEST_METHOD {
        return other;
    }
    match bytes.get(method) {
        None => return Sniff::Undecided,
        Some(b' ') if method > 0 => {}
        Some(_) => return other,
    }
    let rest = bytes.get(method + 1..).unwrap_or_default();
    match rest.first() {
        None => return Sniff::Undecided,
        Some(b) if b.is_ascii_control() => return other,
        Some(_) => {}
    }
    // Browsers and servers alike end the line with the version; without it this is HTTP/0.9, or text.
    let Some(end) = memchr::memchr(b'\n', rest) else {
        return Sniff::Request;
    };
    let line = rest.get(..end).unwrap_or_default().trim_ascii_end();
    let version = line.len().checked_sub(9).and_then(|at| line.get(at..));
    match version {
        Some(b" HTTP/1.0" | b" HTTP/1.1") => Sniff::Request,
        _ => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_an_unknown_place_only_a_whole_first_line_counts() {
        let long = format!("GET /{} HTTP/1.1\r\n", "a".repeat(2000));
        let other = Sniff::Not(Protocol::Other);
        for (bytes, expected) in [
            (&b"GET / HTTP/1.1\r\nHost"[..], Sniff::Request),
            (b"HTTP/1.1 204 No", Sniff::Response),
            (b"HTTP/1.1 2x4 No", other),
            (b"HTTP/1.1", other),
            (b"GET /half-of-a-lin", other),
            (b"k3 \x91\x02", other),
            (&long.as_bytes()[..1400], Sniff::Request),
        ] {
            assert_eq!(
                sniff_anywhere(bytes),
                expected,
                "{:?}",
                bytes.escape_ascii()
            );
        }
    }

    #[test]
    fn first_bytes_tell_the_protocol() {
        let not = Sniff::Not;
        for (bytes, expected) in [
            (&b""[..], Sniff::Undecided),
            (b"G", Sniff::Undecided),
            (b"GET ", Sniff::Undecided),
            (b"GET /", Sniff::Request),
            (b"GET / HTTP/1.1\r\n", Sniff::Request),
            (b"QUERY /q HTTP/1.0\n", Sniff::Request),
            (b"OPTIONS * HTTP/1.1\r\nHost", Sniff::Request),
            (b"GET /old\r\n", not(Protocol::Other)),
            (b"HTT", Sniff::Undecided),
            (b"HTTP/1.1 200", Sniff::Response),
            (b"\x16\x03\x01\x02", not(Protocol::Tls)),
            (b"PRI * HTTP/2.0\r\n\r\nSM", not(Protocol::Http2)),
            (b"SSH-2.0-x", not(Protocol::Ssh)),
            (b"220 mail ESMTP\r\n", not(Protocol::Other)),
            (b"\0\x01\x02", not(Protocol::Other)),
        ] {
            assert_eq!(sniff(bytes), expected, "{:?}", bytes.escape_ascii());
        }
    }
}
