//! The fast way through a head in good order: its header lines are looked up, else one pass looks
//! for what is not in order, and they are read line by line.
//!
//! Whatever is not exactly so is left to the thorough way, which looks first whether it is HTTP
//! ([`sniff`](crate::http::protocol::sniff)), and to `httparse`; a test holds both to the same answers.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::http::gist::Kind;
use crate::http::h1::head::{LONGEST_FOR_LIBSOUP, Parsed};
use crate::http::h1::memo::{Known, Memo};
use crate::http::h1::reader::end_by_crlf;
use crate::http::header_name::HeaderName;
use crate::http::headers::{Field, HeaderList, Span, is_token, is_token_byte, trim};
use crate::http::message::{RequestHead, RequestLine, ResponseHead};
use crate::http::protocol::LONGEST_METHOD;

/// Lines that most heads do not exceed.
const FEW_LINES: usize = 24;

/// Parses the request head that begins these bytes, and says how many of them it takes.
pub(super) fn request(
    bytes: &[u8],
    max_lines: usize,
    memo: &mut Memo,
) -> Option<(Parsed<RequestHead>, usize)> {
    let (line, start) = first_line(bytes)?;
    let (line, minor) = request_line(line)?;
    let known = known_lines(Kind::Request, bytes, start, max_lines, memo)?;
    let used = start + known.list.size();
    let head = Arc::new(RequestHead {
        line,
        headers: known.list.clone(),
    });
    Some((Parsed::in_order(head, minor, known.declared), used))
}

/// The same of a response head.
pub(super) fn response(
    bytes: &[u8],
    max_lines: usize,
    memo: &mut Memo,
) -> Option<(Parsed<ResponseHead>, usize)> {
    let (line, start) = first_line(bytes)?;
    let (status, minor) = status_line(line)?;
    let known = known_lines(Kind::Response, bytes, start, max_lines, memo)?;
    let used = start + known.list.size();
    if used > LONGEST_FOR_LIBSOUP {
        return None;
    }
    let parsed = Parsed::in_order(known.answer(status), minor, known.declared);
    Some((parsed, used))
}

/// The first line, without its end, and where the next one begins.
fn first_line(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let start = memchr::memchr(b'\n', bytes)? + 1;
    let line = bytes.get(..start)?.strip_suffix(b"\r\n")?;
    Some((line, start))
}

/// The header lines that begin at `start`, behind the first line; with the blank line.
fn known_lines<'m>(
    kind: Kind,
    bytes: &[u8],
    start: usize,
    max_lines: usize,
    memo: &'m mut Memo,
) -> Option<&'m mut Known> {
    // Most heads end with their segment. Where lines with such an end were seen before, this is it.
    let rest = bytes.get(start..)?;
    let ends_here = rest.ends_with(b"\r\n\r\n");
    let found = if ends_here {
        memo.find(kind, rest)
    } else {
        None
    };
    let place = if let Some(place) = found {
        place
    } else {
        let end = end_by_crlf(bytes, start - 1)?;
        let parse = |lines: &[u8]| header_list(lines, max_lines);
        memo.find_or_parse(kind, bytes.get(start..end)?, parse)?
    };
    memo.at(place)
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

/// The line, without its version, and the minor version.
fn request_line(line: &[u8]) -> Option<(RequestLine, u8)> {
    let (rest, minor) = match line.split_last_chunk::<9>()? {
        (rest, b" HTTP/1.1") => (rest, 1),
        (rest, b" HTTP/1.0") => (rest, 0),
        _ => return None,
    };
    let method = rest.iter().position(|byte| !is_token_byte(*byte))?;
    let target = rest.get(method..)?.strip_prefix(b" ")?;
    let graphic = |so_far: bool, byte: &u8| so_far & (b'!'..=b'~').contains(byte);
    if method == 0 || target.is_empty() || !target.iter().fold(true, graphic) {
        return None;
    }
    if method > LONGEST_METHOD || rest.starts_with(b"SSH-") {
        // Not HTTP, when it begins a connection.
        return None;
    }
    Some((RequestLine::of(rest, method), minor))
}

/// The status, and the minor version.
fn status_line(line: &[u8]) -> Option<(u16, u8)> {
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
    let [hundreds, tens, ones] = digits;
    // Below 100 there is no status that all take.
    if hundreds == 0 || digits.iter().any(|digit| *digit > 9) {
        return None;
    }
    Some((hundreds * 100 + tens * 10 + ones, minor))
}
