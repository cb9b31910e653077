//! The fast way through a head in good order: its header lines are looked up, else one pass looks
//! for what is not in order, and they are read line by line.
//!
//! Whatever is not exactly so is left to `httparse`; a test holds both to the same answers.

use smallvec::SmallVec;

use crate::http::gist::Kind;
use crate::http::h1::declared::Declared;
use crate::http::h1::head::FirstLine;
use crate::http::h1::memo::Memo;
use crate::http::header_name::HeaderName;
use crate::http::headers::{Field, HeaderList, Span, is_token, trim};
use crate::http::message::RequestLine;

/// Lines that most heads do not exceed.
const FEW_LINES: usize = 24;

/// Parses a head, blank line included.
pub(super) fn parse(
    bytes: &[u8],
    max_lines: usize,
    kind: Kind,
    memo: &mut Memo,
) -> Option<(FirstLine, HeaderList, Declared)> {
    let (line, lines) = bytes.split_at_checked(memchr::memchr(b'\n', bytes)? + 1)?;
    let line = line.strip_suffix(b"\r\n")?;
    let first = match kind {
        Kind::Request => request_line(line)?,
        Kind::Response => status_line(line)?,
    };
    let parse = |lines: &[u8]| header_list(lines, max_lines);
    let (headers, declared) = memo.get_or_parse(kind, lines, parse)?;
    Some((first, headers, declared))
}

fn header_list(bytes: &[u8], max_lines: usize) -> Option<HeaderList> {
    if !has_clean_lines(bytes) {
        return None;
    }
    let mut fields: SmallVec<[Field; FEW_LINES]> = SmallVec::new();
    let mut rest = bytes;
    loop {
        let end = memchr::memchr(b'\n', rest)?;
        let line = rest.get(..end.checked_sub(1)?)?;
        rest = rest.get(end + 1..)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_at_checked(memchr::memchr(b':', line)?)?;
        let known = HeaderName::of(name);
        if known.is_none() && !is_token(name) {
            return None;
        }
        let value = trim(value.get(1..)?);
        fields.push(Field::new(
            Span::of(bytes, name),
            Span::of(bytes, value),
            known,
        ));
        if fields.len() > max_lines {
            return None;
        }
    }
    let whole = rest.is_empty();
    whole.then(|| HeaderList::of_fields(bytes.into(), &fields))
}

/// Whether all lines end in CR LF, and neither byte nor another control character stands elsewhere.
/// Without an early end, so that it is done many bytes at a time.
fn has_clean_lines(bytes: &[u8]) -> bool {
    let next = bytes.get(1..).unwrap_or_default();
    let unclean = |byte: u8, next: u8| {
        let control = byte < b' ' && byte != b'\r' && byte != b'\n' && byte != b'\t';
        let lone = (byte == b'\r') != (next == b'\n');
        u8::from(lone) | u8::from(control) | u8::from(byte == 0x7f)
    };
    let pairs = bytes.iter().zip(next);
    let found = pairs.fold(0, |so_far, (byte, next)| so_far | unclean(*byte, *next));
    found == 0 && bytes.len() > 1 && bytes.ends_with(b"\n")
}

fn request_line(line: &[u8]) -> Option<FirstLine> {
    let (rest, minor) = match line.split_last_chunk::<9>()? {
        (rest, b" HTTP/1.1") => (rest, 1),
        (rest, b" HTTP/1.0") => (rest, 0),
        _ => return None,
    };
    let space = memchr::memchr(b' ', rest)?;
    let (method, target) = (rest.get(..space)?, rest.get(space + 1..)?);
    let graphic = |so_far: bool, byte: &u8| so_far & (b'!'..=b'~').contains(byte);
    if !is_token(method) || target.is_empty() || !target.iter().fold(true, graphic) {
        return None;
    }
    Some(FirstLine {
        line: RequestLine::new(method, target),
        minor,
        ..FirstLine::default()
    })
}

fn status_line(line: &[u8]) -> Option<FirstLine> {
    let (version, rest) = line.split_first_chunk::<9>()?;
    let minor = match version {
        b"HTTP/1.1 " => 1,
        b"HTTP/1.0 " => 0,
        _ => return None,
    };
    let (code, reason) = rest.split_first_chunk::<3>()?;
    let printable = |byte: &u8| *byte == b'\t' || (b' '..=b'~').contains(byte);
    if !(reason.is_empty() || reason.starts_with(b" ")) || !reason.iter().all(printable) {
        return None;
    }
    let digits = code.map(|byte| u16::from(byte.wrapping_sub(b'0')));
    if digits.iter().any(|digit| *digit > 9) {
        return None;
    }
    let [hundreds, tens, ones] = digits;
    Some(FirstLine {
        status: hundreds * 100 + tens * 10 + ones,
        minor,
        ..FirstLine::default()
    })
}
