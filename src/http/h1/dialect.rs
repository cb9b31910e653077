//! A response head that breaks the grammar, as each browser's HTTP implementation reads it.
//!
//! Browsers go on where the grammar ends, each in its own way: a blank before a colon belongs to the
//! name or spoils the line, a lone CR ends a line or is a part of the value, a NUL spoils the head or
//! its line, and of status lines each takes others. Measured with Chromium 156, Firefox 153 and
//! WebKitGTK 2.50 (whose libsoup is not what Safari has elsewhere).

use std::sync::Arc;

use crate::http::exchange::{Note, Notes};
use crate::http::h1::head::FirstLine;
use crate::http::h1::mended::Mended;
use crate::http::headers::{HeaderList, is_token, trim};
use crate::http::message::ResponseHead;
use crate::http::stack::HttpStack;

/// Notes who reads a malformed head differently from `head`, which is Chromium's reading, and who
/// refuses it.
pub(super) fn compare(bytes: &[u8], max_lines: usize, head: &mut ResponseHead) {
    let has_nul = memchr::memchr(0, bytes).is_some();
    if has_nul {
        head.refused_by.add(HttpStack::Chromium);
    }
    for stack in [HttpStack::Firefox, HttpStack::WebKit] {
        let reading = match stack {
            HttpStack::WebKit if has_nul => None,
            _ => read(bytes, max_lines, stack, &mut Notes::default()),
        };
        match reading {
            None => head.refused_by.add(stack),
            Some((first, headers)) => {
                if first.status != head.status || !headers.lines().eq(head.headers.lines()) {
                    let other = ResponseHead {
                        status: first.status,
                        headers,
                        ..ResponseHead::default()
                    };
                    head.otherwise.push((stack, Arc::new(other)));
                }
            }
        }
    }
}

/// Reads a response head as one implementation does; `None` where it refuses to.
pub(super) fn read(
    bytes: &[u8],
    max_lines: usize,
    stack: HttpStack,
    notes: &mut Notes,
) -> Option<(FirstLine, HeaderList)> {
    let mut lines = lines(bytes, stack);
    let first = status_line(lines.next()?, stack)?;
    // To Chromium such a line says that there is no head, and no head allows nothing.
    let headless = stack == HttpStack::Chromium && first.is_icy;
    let lines = lines.filter(|_| !headless);
    Some((first, fields(lines, max_lines, stack, notes)?))
}

/// Reads header lines as one implementation does; `None` where it refuses to. A folded line joins the
/// one before, and is left out with it.
pub(super) fn fields<'b>(
    lines: impl Iterator<Item = &'b [u8]>,
    max_lines: usize,
    stack: HttpStack,
    notes: &mut Notes,
) -> Option<HeaderList> {
    let mut mended = Mended::new(max_lines);
    let mut joins = false;
    for line in lines {
        let is_folded = matches!(line.first(), Some(b' ' | b'\t'));
        let field = field(line, stack).filter(|_| !is_folded);
        let kept = (is_folded && joins) || field.is_some();
        if kept && stack == HttpStack::Firefox && memchr::memchr(0, line).is_some() {
            return None;
        }
        match field {
            _ if is_folded && joins => {
                notes.add(Note::ObsoleteFolding);
                mended.fold(trim(line));
            }
            _ if is_folded => {}
            Some((name, value)) => joins = mended.push(name, value),
            None => joins = false,
        }
    }
    Some(mended.into_list())
}

/// The lines of a head: they end at LF, CR LF, and to Chromium at CR.
pub(super) fn lines(bytes: &[u8], stack: HttpStack) -> impl Iterator<Item = &[u8]> {
    let ends = move |b: &u8| *b == b'\n' || (*b == b'\r' && stack == HttpStack::Chromium);
    bytes
        .split(ends)
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .filter(|line| !line.is_empty())
}

/// Name and value of a line; `None` where it is left out.
fn field(line: &[u8], stack: HttpStack) -> Option<(&[u8], &[u8])> {
    let (name, value) = line.split_at(memchr::memchr(b':', line)?);
    let value = value.get(1..)?;
    let (name, value) = match stack {
        HttpStack::Chromium => (trim(name), trim(value)),
        HttpStack::Firefox => (name, trim(value)),
        HttpStack::WebKit => (name, trimmed(b" \t\r", value)),
    };
    is_token(name).then_some((name, value))
}

fn status_line(line: &[u8], stack: HttpStack) -> Option<FirstLine> {
    let begins = |with: &[u8]| {
        let prefix = line.get(..with.len());
        prefix.is_some_and(|prefix| prefix.eq_ignore_ascii_case(with))
    };
    let is_icy = begins(b"icy ");
    let minor = u8::from(!(is_icy || begins(b"http/1.0") || begins(b"http/0.9")));
    let after = |at: usize| line.get(at..).unwrap_or_default();
    let status = match stack {
        HttpStack::Chromium => {
            // No status, or none that begins with a digit, is 200.
            let rest = memchr::memchr(b' ', line).map_or(&b""[..], after);
            let (digits, _) = digits(without(b" ", rest));
            match digits {
                _ if !(is_icy || begins(b"http")) => return None,
                b"" => 200,
                digits => std::str::from_utf8(digits)
                    .ok()?
                    .parse()
                    .unwrap_or(u16::MAX),
            }
        }
        HttpStack::Firefox => {
            const BEGINNINGS: [&[u8]; 3] = [b"HTTP/1.", b"HTTP/2", b"HTTP/3"];
            if !(is_icy || BEGINNINGS.iter().any(|with| line.starts_with(with))) {
                return None;
            }
            match memchr::memchr(b' ', line) {
                None => 200,
                Some(space) => {
                    let (digits, rest) = digits(without(b" \t\r", after(space)));
                    let ends = rest.first().is_none_or(|b| b" \t\r".contains(b));
                    short_number(digits).filter(|_| ends)?
                }
            }
        }
        HttpStack::WebKit => {
            let rest = if line.starts_with(b"ICY") {
                after(3)
            } else {
                let (major, rest) = digits(line.strip_prefix(b"HTTP/")?);
                let (minor, rest) = digits(rest.strip_prefix(b".")?);
                let one = number(major)? == 1;
                (one && matches!(number(minor)?, 0 | 1)).then_some(rest)?
            };
            let (digits, _) = digits(without(b" \t", rest));
            let status = short_number(digits).filter(|_| digits.len() == 3)?;
            (status >= 100).then_some(status)?
        }
    };
    Some(FirstLine {
        status,
        minor,
        is_icy,
        ..FirstLine::default()
    })
}

/// What stands between such bytes.
fn trimmed<'b>(skipped: &[u8], bytes: &'b [u8]) -> &'b [u8] {
    let bytes = without(skipped, bytes);
    let last = bytes.iter().rposition(|b| !skipped.contains(b));
    bytes
        .get(..last.map_or(0, |last| last + 1))
        .unwrap_or_default()
}

/// What is left behind such bytes.
fn without<'b>(skipped: &[u8], bytes: &'b [u8]) -> &'b [u8] {
    let count = bytes.iter().take_while(|b| skipped.contains(b)).count();
    bytes.get(count..).unwrap_or_default()
}

/// The digits that something begins with, and the rest.
fn digits(bytes: &[u8]) -> (&[u8], &[u8]) {
    bytes.split_at(bytes.iter().take_while(|b| b.is_ascii_digit()).count())
}

fn number(digits: &[u8]) -> Option<u16> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// A number of three digits at most.
fn short_number(digits: &[u8]) -> Option<u16> {
    number(digits).filter(|_| digits.len() <= 3)
}

#[cfg(test)]
mod tests;
