//! What a header list says of its message's body (RFC 9112 §6.3), and of headers that an intermediary
//! takes off.

use crate::http::exchange::{Note, Notes};
use crate::http::h1::body::Framing;
use crate::http::headers::{HeaderList, list_elements};

/// What a header list says of its message's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Declared {
    length: Option<u64>,
    chunked: bool,
    /// What is to be noted of the length, where there may be a body.
    of_length: Notes,
    /// What is to be noted besides.
    notes: Notes,
}

impl Declared {
    pub(super) fn by(headers: &HeaderList) -> Self {
        let (mut of_length, mut notes) = (Notes::default(), Notes::default());
        if is_named_in_connection(headers) {
            notes.add(Note::NamedInConnection);
        }
        Self {
            length: content_length(headers, &mut of_length),
            chunked: is_chunked(headers),
            of_length,
            notes,
        }
    }

    /// The framing of a request's body.
    pub(super) fn of_request(self, notes: &mut Notes) -> Framing {
        notes.extend(self.notes);
        notes.extend(self.of_length);
        if self.chunked {
            if self.length.is_some() {
                notes.add(Note::LengthAndChunked);
            }
            return Framing::Chunked;
        }
        Framing::Length(self.length.unwrap_or(0))
    }

    /// The framing of a response's body; `head` where the request's method was HEAD.
    pub(super) fn of_response(
        self,
        status: u16,
        minor: u8,
        head: bool,
        notes: &mut Notes,
    ) -> Framing {
        notes.extend(self.notes);
        if head || matches!(status, 100..=199 | 204 | 304) {
            return Framing::Length(0);
        }
        notes.extend(self.of_length);
        // Browsers heed Transfer-Encoding in HTTP/1.1 alone.
        if minor >= 1 && self.chunked {
            if self.length.is_some() {
                notes.add(Note::LengthAndChunked);
            }
            return Framing::Chunked;
        }
        self.length.map_or(Framing::UntilClose, Framing::Length)
    }
}

fn is_chunked(headers: &HeaderList) -> bool {
    headers
        .values("transfer-encoding")
        .flat_map(list_elements)
        .any(|coding| coding.eq_ignore_ascii_case(b"chunked"))
}

/// The value of Content-Length where it has one that counts.
fn content_length(headers: &HeaderList, notes: &mut Notes) -> Option<u64> {
    let mut values = headers.values("content-length");
    let first = values.next()?;
    if values.next().is_none()
        && let Some(length) = plain_number(first)
    {
        return Some(length);
    }
    let mut length: Option<u64> = None;
    let mut seen = 0;
    for element in headers.values("content-length").flat_map(list_elements) {
        seen += 1;
        let digits = element.iter().all(u8::is_ascii_digit);
        let value = std::str::from_utf8(element)
            .ok()
            .filter(|_| digits)
            .and_then(|text| text.parse().ok());
        let Some(value) = value else {
            notes.add(Note::ImpossibleLength);
            return None;
        };
        if length.is_some_and(|first| first != value) {
            notes.add(Note::ConflictingLength);
            return None;
        }
        length = Some(value);
    }
    if seen > 1 {
        notes.add(Note::RepeatedLength);
    }
    length
}

/// A number that consists of digits, and of so few that it fits.
fn plain_number(digits: &[u8]) -> Option<u64> {
    let mut number = 0;
    for digit in digits.get(..19).unwrap_or(digits) {
        let digit = digit.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number * 10 + u64::from(digit);
    }
    (1..=19).contains(&digits.len()).then_some(number)
}

/// Whether Connection names a header that decides of CORS.
fn is_named_in_connection(headers: &HeaderList) -> bool {
    const PROTOCOL: &[u8] = b"access-control-";
    let decides = |name: &[u8]| {
        let prefix = name.get(..PROTOCOL.len());
        name.eq_ignore_ascii_case(b"origin")
            || name.eq_ignore_ascii_case(b"vary")
            || prefix.is_some_and(|prefix| prefix.eq_ignore_ascii_case(PROTOCOL))
    };
    let mut named = headers.values("connection").flat_map(list_elements);
    named.any(decides)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::headers::tests::list;

    #[test]
    fn framing_follows_the_numbered_steps() {
        let cl = |value| ("Content-Length", value);
        let te = |value| ("Transfer-Encoding", value);
        let length = Framing::Length;
        for (status, head, lines, expected) in [
            (200, false, vec![cl("5")], length(5)),
            (200, true, vec![cl("5")], length(0)),
            (204, false, vec![cl("5")], length(0)),
            (304, false, vec![cl("5")], length(0)),
            (200, false, vec![], Framing::UntilClose),
            (200, false, vec![cl("5"), cl("5")], length(5)),
            (200, false, vec![cl("5, 5")], length(5)),
            (200, false, vec![cl("5"), cl("6")], Framing::UntilClose),
            (200, false, vec![cl("+5")], Framing::UntilClose),
            (
                200,
                false,
                vec![cl("99999999999999999999")],
                Framing::UntilClose,
            ),
            (200, false, vec![cl("5"), te("chunked")], Framing::Chunked),
            (200, false, vec![te("gzip, Chunked")], Framing::Chunked),
            (200, false, vec![te("gzip")], Framing::UntilClose),
        ] {
            let framing =
                Declared::by(&list(&lines)).of_response(status, 1, head, &mut Notes::default());
            assert_eq!(framing, expected, "{status} {lines:?}");
        }
        let old = Declared::by(&list(&[te("chunked")]));
        let old = old.of_response(200, 0, false, &mut Notes::default());
        assert_eq!(old, Framing::UntilClose);
    }
}
