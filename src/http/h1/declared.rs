//! What a header list says of its message's body (RFC 9112 §6.3), and of headers that an intermediary
//! takes off.

use crate::http::exchange::{Note, Notes};
use crate::http::h1::body::Framing;
use crate::http::headers::{HeaderList, list_elements, trim};
use crate::http::stack::{HttpStack, HttpStacks};

/// What a header list says of its message's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Declared {
    length: Option<u64>,
    chunked: bool,
    /// There are several lengths, and they differ.
    contradicts: bool,
    /// libsoup makes nothing of it.
    is_odd: bool,
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
        let length = content_length(headers, &mut of_length);
        let is_plain = of_length == Notes::default() && is_plainly_coded(headers);
        Self {
            length,
            chunked: is_chunked(headers),
            contradicts: !is_plain && has_several_lengths(headers),
            is_odd: !is_plain && is_odd(headers),
            of_length,
            notes,
        }
    }

    /// Who refuses a response for it, where there may be a body.
    ///
    /// To Chromium and Firefox all elements of all Content-Length lines must be equal, byte for byte,
    /// though to Chromium none counts beside chunked coding. libsoup wants the last line that says how
    /// long the body is to say so in digits, or `chunked`.
    pub(super) fn refused_by(self, minor: u8) -> HttpStacks {
        let mut stacks = HttpStacks::default();
        if self.contradicts {
            stacks.add(HttpStack::Firefox);
            if minor == 0 || !self.chunked {
                stacks.add(HttpStack::Chromium);
            }
        }
        if self.is_odd {
            stacks.add(HttpStack::WebKit);
        }
        stacks
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

    /// The framing of the body of a response with this status; `to_head` where the request's method
    /// was HEAD. Who refuses the response for what it says of it is added to `refused_by`.
    pub(super) fn of_response(
        self,
        (status, minor): (u16, u8),
        to_head: bool,
        refused_by: &mut HttpStacks,
        notes: &mut Notes,
    ) -> Framing {
        notes.extend(self.notes);
        if to_head || matches!(status, 100..=199 | 204 | 304) {
            return Framing::Length(0);
        }
        refused_by.extend(self.refused_by(minor));
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

/// Whether Transfer-Encoding, if it is there, is nothing but chunked.
fn is_plainly_coded(headers: &HeaderList) -> bool {
    let mut codings = headers.values("transfer-encoding");
    codings.all(|coding| coding.eq_ignore_ascii_case(b"chunked"))
}

fn has_several_lengths(headers: &HeaderList) -> bool {
    let values = headers.values("content-length");
    let elements = values.flat_map(|value| value.split(|b| *b == b','));
    let mut elements = elements.map(trim);
    let first = elements.next();
    elements.any(|element| Some(element) != first)
}

fn is_odd(headers: &HeaderList) -> bool {
    let (mut chunked, mut odd) = (false, false);
    for (name, value) in headers.lines() {
        if name.eq_ignore_ascii_case(b"transfer-encoding") {
            chunked = value.eq_ignore_ascii_case(b"chunked");
            odd = !chunked;
        } else if name.eq_ignore_ascii_case(b"content-length") && !chunked {
            let sign = value.first().is_some_and(|b| matches!(b, b'+' | b'-'));
            let digits = value.get(usize::from(sign)..).unwrap_or_default();
            odd = !digits.iter().all(u8::is_ascii_digit) || (sign && digits.is_empty());
        }
    }
    odd
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
    let pieces = headers
        .values("content-length")
        .map(|value| value.split(|b| *b == b','));
    if pieces.map(Iterator::count).sum::<usize>() > 1 {
        notes.add(Note::RepeatedLength);
    }
    let mut length: Option<u64> = None;
    for element in headers.values("content-length").flat_map(list_elements) {
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
            let framing = framing_of(status, 1, head, &lines);
            assert_eq!(framing, expected, "{status} {lines:?}");
        }
        let old = framing_of(200, 0, false, &[te("chunked")]);
        assert_eq!(old, Framing::UntilClose);
    }

    fn framing_of(status: u16, minor: u8, to_head: bool, lines: &[(&str, &str)]) -> Framing {
        let (mut stacks, mut notes) = (HttpStacks::default(), Notes::default());
        let declared = Declared::by(&list(lines));
        declared.of_response((status, minor), to_head, &mut stacks, &mut notes)
    }

    /// What Chromium 156, Firefox 153 and WebKitGTK 2.50 made of them.
    #[test]
    fn who_refuses_which_lengths() {
        for (lines, refused) in [
            (&[("Content-Length", "2")][..], ""),
            (&[("Content-Length", "002")], ""),
            (&[("Content-Length", "+2")], ""),
            (&[("Content-Length", "-1")], ""),
            (&[("Content-Length", "")], ""),
            (&[("Content-Length", "99999999999999999999")], ""),
            (&[("Content-Length", "abc")], "W"),
            (&[("Content-Length", "2x")], "W"),
            (&[("Content-Length", "2.0")], "W"),
            (&[("Content-Length", "0x2")], "W"),
            (&[("Content-Length", "2;x")], "W"),
            (&[("Content-Length", "2, 2")], "W"),
            (&[("Content-Length", "2,2,2")], "W"),
            (&[("Content-Length", ",")], "W"),
            (&[("Content-Length", "abc, abc")], "W"),
            (&[("Content-Length", "2, 3")], "CFW"),
            (&[("Content-Length", "2, abc")], "CFW"),
            (&[("Content-Length", ",2")], "CFW"),
            (&[("Content-Length", "2,")], "CFW"),
            (&[("Content-Length", "2"), ("Content-Length", "2")], ""),
            (&[("Content-Length", "2"), ("Content-Length", "3")], "CF"),
            (&[("Content-Length", "2"), ("content-length", "02")], "CF"),
            (&[("Content-Length", "2"), ("Content-Length", "")], "CF"),
            (&[("Content-Length", ""), ("Content-Length", "2")], "CF"),
            (&[("Content-Length", "abc"), ("Content-Length", "2")], "CF"),
            (&[("Content-Length", "2"), ("Content-Length", "2, 2")], "W"),
            (&[("Content-Length", "2, 2"), ("Content-Length", "2")], ""),
            (&[("Transfer-Encoding", "chunked")], ""),
            (&[("Transfer-Encoding", "CHUNKED")], ""),
            (&[("Transfer-Encoding", "bogus")], "W"),
            (&[("Transfer-Encoding", "gzip, chunked")], "W"),
            (&[("Transfer-Encoding", "")], "W"),
            (
                &[("Transfer-Encoding", "identity"), ("Content-Length", "2")],
                "",
            ),
            (
                &[("Transfer-Encoding", "chunked"), ("Content-Length", "x")],
                "",
            ),
            (
                &[
                    ("Transfer-Encoding", "chunked"),
                    ("Content-Length", "3"),
                    ("Content-Length", "4"),
                ],
                "F",
            ),
        ] {
            let refused_by = Declared::by(&list(lines)).refused_by(1);
            let found: String = [
                ("C", HttpStack::Chromium),
                ("F", HttpStack::Firefox),
                ("W", HttpStack::WebKit),
            ]
            .into_iter()
            .filter(|(_, stack)| refused_by.contains(*stack))
            .map(|(letter, _)| letter)
            .collect();
            assert_eq!(found, refused, "{lines:?}");
        }
    }
}
