//! The bytes of a message head → [`RequestHead`] or [`ResponseHead`].
//!
//! A head in good order is parsed at once ([`strict`]), what is unusual by `httparse`. One that breaks
//! the grammar is read as browsers read it ([`dialect`]), and what was broken is noted. Read RFC 9112
//! §2.2, §3, §4 and §5 before changing this.

use std::mem::MaybeUninit;
use std::sync::Arc;

use crate::http::exchange::{Note, Notes};
use crate::http::gist::Kind;
use crate::http::h1::declared::Declared;
use crate::http::h1::dialect;
use crate::http::h1::memo::Memo;
use crate::http::h1::reader::WholeHead;
use crate::http::h1::strict;
use crate::http::headers::{HeaderList, Span, is_token, trim};
use crate::http::message::{RequestHead, RequestLine, ResponseHead};
use crate::http::stack::HttpStack;

/// Header lines that fit without asking the allocator.
const FEW_LINES: usize = 64;

/// libsoup refuses longer response heads.
pub(super) const LONGEST_FOR_LIBSOUP: usize = 64 << 10;

/// A head that is none, whatever one makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unreadable;

/// A parsed head, and what was noticed on the way.
pub(super) struct Parsed<H> {
    pub(super) head: Arc<H>,
    /// The minor version: HTTP/1.`minor`.
    pub(super) minor: u8,
    /// What it says of its body.
    pub(super) declared: Declared,
    pub(super) notes: Notes,
}

impl<H> Parsed<H> {
    /// One of which there is nothing to note.
    pub(super) fn in_order(head: Arc<H>, minor: u8, declared: Declared) -> Self {
        Self {
            head,
            minor,
            declared,
            notes: Notes::default(),
        }
    }
}

/// Parses a request head.
pub(super) fn request(
    whole: &mut WholeHead<'_>,
    max_lines: usize,
    memo: &mut Memo,
) -> Result<Parsed<RequestHead>, Unreadable> {
    if let Some((parsed, _)) = strict::request(whole.bytes(), max_lines, memo) {
        return Ok(parsed);
    }
    let (first, headers, notes) = parse(whole, max_lines, Kind::Request)?;
    Ok(Parsed {
        minor: first.minor,
        declared: Declared::by(&headers),
        head: Arc::new(RequestHead {
            line: first.line,
            headers,
        }),
        notes,
    })
}

/// Parses a response head.
pub(super) fn response(
    whole: &mut WholeHead<'_>,
    max_lines: usize,
    memo: &mut Memo,
) -> Result<Parsed<ResponseHead>, Unreadable> {
    if let Some((parsed, _)) = strict::response(whole.bytes(), max_lines, memo) {
        return Ok(parsed);
    }
    let (first, headers, notes) = parse(whole, max_lines, Kind::Response)?;
    let declared = Declared::by(&headers);
    let mut head = ResponseHead::new(first.status, headers);
    if notes.contains(Note::MalformedHead) {
        dialect::compare(whole.bytes(), max_lines, &mut head);
    } else if head.status < 100 {
        head.refused_by.add(HttpStack::WebKit);
    }
    if whole.bytes().len() > LONGEST_FOR_LIBSOUP {
        head.refused_by.add(HttpStack::WebKit);
    }
    Ok(Parsed {
        head: Arc::new(head),
        minor: first.minor,
        declared,
        notes,
    })
}

/// A request line, or a status line.
#[derive(Debug, Default)]
pub(super) struct FirstLine {
    pub(super) line: RequestLine,
    pub(super) status: u16,
    pub(super) minor: u8,
    /// It begins with ICY, as `SHOUTcast` servers answer.
    pub(super) is_icy: bool,
}

/// Parses a head by the grammar, else leniently.
fn parse(
    whole: &mut WholeHead<'_>,
    max_lines: usize,
    kind: Kind,
) -> Result<(FirstLine, HeaderList, Notes), Unreadable> {
    whole.end_at_first_blank_line();
    let bytes = whole.bytes();
    let mut notes = Notes::default();
    if has_bare_lf(bytes) {
        notes.add(Note::BareLf);
    }
    let (first, headers) = match parse_strictly(bytes, max_lines, kind) {
        Ok(parsed) => parsed,
        Err(_) => parse_leniently(bytes, max_lines, kind, &mut notes).ok_or(Unreadable)?,
    };
    Ok((first, headers, notes))
}

/// Whether some line ends in LF alone (RFC 9112 §2.2).
fn has_bare_lf(bytes: &[u8]) -> bool {
    memchr::memchr_iter(b'\n', bytes)
        .any(|end| !bytes.get(..end).is_some_and(|line| line.ends_with(b"\r")))
}

/// Parses with as many header slots as the head needs.
fn parse_strictly(
    bytes: &[u8],
    max_lines: usize,
    kind: Kind,
) -> Result<(FirstLine, HeaderList), httparse::Error> {
    let mut few = [const { MaybeUninit::uninit() }; FEW_LINES];
    match parse_into(bytes, kind, &mut few) {
        Err(httparse::Error::TooManyHeaders) => {
            let lines = memchr::memchr_iter(b'\n', bytes).count().min(max_lines);
            let mut many = Vec::new();
            many.resize_with(lines, MaybeUninit::uninit);
            parse_into(bytes, kind, &mut many)
        }
        other => other,
    }
}

fn parse_into<'b>(
    bytes: &'b [u8],
    kind: Kind,
    slots: &mut [MaybeUninit<httparse::Header<'b>>],
) -> Result<(FirstLine, HeaderList), httparse::Error> {
    match kind {
        Kind::Request => {
            let mut request = httparse::Request::new(&mut []);
            request.parse_with_uninit_headers(bytes, slots)?;
            let text = |text: Option<&'b str>| text.unwrap_or_default().as_bytes();
            let first = FirstLine {
                line: RequestLine::new(text(request.method), text(request.path)),
                minor: request.version.unwrap_or(1),
                ..FirstLine::default()
            };
            Ok((first, header_list(bytes, request.headers)))
        }
        Kind::Response => {
            let mut response = httparse::Response::new(&mut []);
            let config = httparse::ParserConfig::default();
            config.parse_response_with_uninit_headers(&mut response, bytes, slots)?;
            let first = FirstLine {
                status: response.code.unwrap_or_default(),
                minor: response.version.unwrap_or(1),
                ..FirstLine::default()
            };
            Ok((first, header_list(bytes, response.headers)))
        }
    }
}

fn header_list(bytes: &[u8], headers: &[httparse::Header<'_>]) -> HeaderList {
    let lines = headers.iter().map(|header| {
        (
            Span::of(bytes, header.name.as_bytes()),
            Span::of(bytes, trim(header.value)),
        )
    });
    HeaderList::new(bytes.into(), lines)
}

/// Reads a head as Chromium does: lines end at LF, CR LF or CR; a folded line joins the one before;
/// blanks around names go; a line without a colon, or with a name that is no token, is left out.
/// Values stay as they are. Control characters and invalid UTF-8 in a target are percent-encoded.
///
/// `None` where the first line is no request or status line at all.
fn parse_leniently(
    bytes: &[u8],
    max_lines: usize,
    kind: Kind,
    notes: &mut Notes,
) -> Option<(FirstLine, HeaderList)> {
    let stack = HttpStack::Chromium;
    notes.add(Note::MalformedHead);
    if memchr::memchr(0, bytes).is_some() {
        notes.add(Note::NulInHead);
    }
    match kind {
        Kind::Request => {
            let mut lines = dialect::lines(bytes, stack);
            let first = request_line(lines.next()?)?;
            Some((first, dialect::fields(lines, max_lines, stack, notes)?))
        }
        Kind::Response => dialect::read(bytes, max_lines, stack, notes),
    }
}

fn request_line(line: &[u8]) -> Option<FirstLine> {
    let line = trim(line);
    let method_end = memchr::memchr(b' ', line)?;
    let version_start = memchr::memrchr(b' ', line)? + 1;
    let method = line.get(..method_end)?;
    let minor = minor_version(line.get(version_start..)?)?;
    let target = trim(line.get(method_end..version_start)?);
    if !is_token(method) || target.is_empty() {
        return None;
    }
    let mut encoded = Vec::new();
    for chunk in target.utf8_chunks() {
        for byte in chunk.valid().bytes() {
            if byte.is_ascii_graphic() || !byte.is_ascii() {
                encoded.push(byte);
            } else {
                encoded.extend_from_slice(format!("%{byte:02X}").as_bytes());
            }
        }
        for byte in chunk.invalid() {
            encoded.extend_from_slice(format!("%{byte:02X}").as_bytes());
        }
    }
    Some(FirstLine {
        line: RequestLine::new(method, &encoded),
        minor,
        ..FirstLine::default()
    })
}

fn minor_version(word: &[u8]) -> Option<u8> {
    match word {
        b"HTTP/1.0" => Some(0),
        b"HTTP/1.1" => Some(1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::gist::{self, Gist};
    use crate::http::h1::reader::end_by_crlf;
    use crate::http::protocol::{self, Sniff};

    fn lines(headers: &HeaderList) -> Vec<(String, String)> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        headers.lines().map(|(n, v)| (text(n), text(v))).collect()
    }

    #[test]
    fn a_broken_head_is_read_as_browsers_read_it() {
        let head =
            b"HTTP/1.1  200  \xff\r\nA : one\r\n two\nno colon\rB: x\x0b \r\nbad name: 1\r\n\r\n";
        let parsed = response(&mut WholeHead::of(head), 100, &mut Memo::default())
            .unwrap_or_else(|_| panic!("unreadable"));
        assert_eq!(parsed.head.status, 200);
        let expected = [("A", "one two"), ("B", "x\u{b}")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(lines(&parsed.head.headers), expected);
        assert!(parsed.notes.contains(Note::MalformedHead));
        assert!(parsed.notes.contains(Note::ObsoleteFolding));
        assert!(!parsed.notes.contains(Note::NulInHead));
    }

    /// Numbers that look random (xorshift64*).
    struct Random(u64);

    impl Random {
        fn below(&mut self, end: usize) -> usize {
            self.0 ^= self.0 >> 12;
            self.0 ^= self.0 << 25;
            self.0 ^= self.0 >> 27;
            let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32;
            usize::try_from(number).unwrap() % end
        }

        fn one_of<'a>(&mut self, choices: &[&'a [u8]]) -> &'a [u8] {
            choices[self.below(choices.len())]
        }
    }

    #[test]
    fn the_fast_way_and_httparse_give_the_same_heads() {
        const FIRST: [[&[u8]; 7]; 2] = [
            [
                b"GET /a?b=c HTTP/1.1\r\n",
                b"OPTIONS * HTTP/1.0\r\n",
                b"M-SEARCH http://h/%20[] HTTP/1.1\r\n",
                b"GET  /two HTTP/1.1\r\n",
                b"SSH-2 /a HTTP/1.1\r\n",
                b"A-METHOD-OF-MORE-THAN-64-BYTES-WHICH-NOBODY-HAS-REGISTERED-ANYWHERE /a HTTP/1.1\r\n",
                b"GET /\xc3\xa9 HTTP/1.1\n",
            ],
            [
                b"HTTP/1.1 200 OK\r\n",
                b"HTTP/1.0 204\r\n",
                b"HTTP/1.1 302 \r\n",
                b"HTTP/1.1 200 Yes\r\n",
                b"HTTP/1.1 600 \r\n",
                b"HTTP/1.1 099 \xe9t\xe9\r\n",
                b"HTTP/1.1 20x No\r\n",
            ],
        ];
        const LINES: [&[u8]; 12] = [
            b"Host: a.test\r\n",
            b"Origin:http://b\r\n",
            b"Access-Control-Allow-Origin: \t *\t \r\n",
            b"X-Empty:\r\n",
            b"x-unknown!: \xc3\xa9\xff\r\n",
            b"Sec-Fetch-Mode: cors\r\n",
            b": no name\r\n",
            b"no colon\r\n",
            b" folded: line\r\n",
            b"Bare: lf\n",
            b"Space : before\r\n",
            b"Two: cr\r\r\n",
        ];
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        let mut memo = Memo::new(64);
        let (mut fast, mut declined) = (0, 0);
        for round in 0..100_000 {
            let kind = [Kind::Request, Kind::Response][round % 2];
            let mut head = random.one_of(&FIRST[round % 2]).to_vec();
            for _ in 0..random.below(6) {
                // Mostly lines in good order.
                let choices = if random.below(8) == 0 { 12 } else { 6 };
                head.extend_from_slice(random.one_of(&LINES[..choices]));
            }
            for name in [&b"Date: "[..], b"Content-Length:", b"ETag: "] {
                let number = random.below(30) * random.below(30);
                let line = [name, number.to_string().as_bytes(), b"\r\n"].concat();
                head.extend_from_slice(if number.is_multiple_of(3) { b"" } else { &line });
            }
            head.extend_from_slice(b"\r\n");
            for _ in 0..random.below(3) {
                let at = random.below(head.len());
                head[at] = u8::try_from(random.below(256)).unwrap();
            }
            // A body may follow, or another head.
            let bytes = [&head[..], random.one_of(&[b"", b"", b"x", b"\r\n\r\n"])].concat();
            let found = match kind {
                Kind::Request => strict::request(&bytes, 100, &mut memo).map(|(parsed, used)| {
                    assert_eq!(protocol::sniff(&bytes), Sniff::Request);
                    let (line, headers) = (parsed.head.line.clone(), parsed.head.headers.clone());
                    (line, 0, headers, parsed.minor, parsed.declared, used)
                }),
                Kind::Response => strict::response(&bytes, 100, &mut memo).map(|(parsed, used)| {
                    assert_eq!(protocol::sniff(&bytes), Sniff::Response);
                    assert!(!parsed.head.is_contentious());
                    let (line, headers) = (RequestLine::default(), parsed.head.headers.clone());
                    let status = parsed.head.status;
                    (line, status, headers, parsed.minor, parsed.declared, used)
                }),
            };
            let Some((line, status, headers, minor, declared, used)) = found else {
                declined += 1;
                continue;
            };
            fast += 1;
            let head = &bytes[..used];
            assert_eq!(
                end_by_crlf(&bytes, 0),
                Some(used),
                "{}",
                head.escape_ascii()
            );
            let (expected, list) = parse_strictly(head, 100, kind)
                .unwrap_or_else(|error| panic!("{error}: {}", head.escape_ascii()));
            assert_eq!(declared, Declared::by(&list), "{}", head.escape_ascii());
            let expected = (expected.line, expected.status, expected.minor);
            assert_eq!((line, status, minor), expected, "{}", head.escape_ascii());
            let mut gist = Vec::new();
            gist::write(kind, &list, &mut gist);
            assert_eq!(headers.gist().map(Gist::lines), Some(&gist[..]));
            let found: Vec<_> = headers.lines().collect();
            let expected: Vec<_> = list.lines().collect();
            assert_eq!(found, expected, "{}", head.escape_ascii());
            for name in ["origin", "host", "access-control-allow-origin", "x-empty"] {
                assert_eq!(headers.get(name), list.get(name));
            }
        }
        assert!(fast > 20_000 && declined > 20_000, "{fast} {declined}");
    }

    #[test]
    fn odd_request_lines() {
        for (line, method, target) in [
            (&b"GET /caf\xe9 HTTP/1.1"[..], "GET", "/caf%E9"),
            (b"GET  /a b\xc3\xa9 HTTP/1.0", "GET", "/a%20b\u{e9}"),
            (b"PATCH * HTTP/1.1", "PATCH", "*"),
        ] {
            let head = [line, b"\r\n\r\n"].concat();
            let parsed = request(&mut WholeHead::of(&head), 100, &mut Memo::default())
                .unwrap_or_else(|_| panic!("unreadable"));
            assert_eq!(parsed.head.method(), method.as_bytes());
            assert_eq!(parsed.head.target(), target.as_bytes());
        }
        assert!(
            request(
                &mut WholeHead::of(b"GET /old\r\n\r\n"),
                100,
                &mut Memo::default()
            )
            .is_err()
        );
    }

    #[test]
    fn odd_status_lines() {
        for (line, status, minor) in [
            ("HTTP/1.1  204 No", 204, 1),
            ("HTTP/1.1\t204", 200, 1),
            ("HTTP/1.0 200OK", 200, 0),
            ("HTTP/2.0 404 x", 404, 1),
            ("HTTP/1.1", 200, 1),
            ("HTTP/1.1 abc", 200, 1),
            ("HTTP/1.1 +404", 200, 1),
            ("HTTP/1.1 0 x", 0, 1),
            ("HTTP/1.1 99", 99, 1),
            ("HTTP/1.1 2000", 2000, 1),
            ("HTTP/1.1 99999999", 65535, 1),
        ] {
            let head = format!("{line}\r\n\r\n");
            let parsed = response(
                &mut WholeHead::of(head.as_bytes()),
                100,
                &mut Memo::default(),
            );
            let parsed = parsed.unwrap_or_else(|_| panic!("unreadable: {line}"));
            assert_eq!(
                (parsed.head.status, parsed.minor),
                (status, minor),
                "{line}"
            );
        }
        assert!(
            response(
                &mut WholeHead::of(b"HTTQ/1.1 200\r\n\r\n"),
                100,
                &mut Memo::default()
            )
            .is_err()
        );
    }

    #[test]
    fn folded_lines_join_without_blanks_around() {
        for (folded, value) in [
            ("A:\r\n *", "*"),
            ("A: *\r\n ", "*"),
            ("A: one\r\n\ttwo", "one two"),
            ("A: one\r\n \r\n two", "one two"),
        ] {
            let head = format!("HTTP/1.1 200 OK\r\n B: left out\r\n{folded}\r\n\r\n");
            let parsed = response(
                &mut WholeHead::of(head.as_bytes()),
                100,
                &mut Memo::default(),
            );
            let parsed = parsed.unwrap_or_else(|_| panic!("unreadable: {folded}"));
            assert_eq!(
                lines(&parsed.head.headers),
                [("A".to_owned(), value.to_owned())]
            );
        }
    }

    #[test]
    fn header_lines_beyond_the_bound_are_refused() {
        let mut head = b"GET / HTTP/1.1\r\n".to_vec();
        for n in 0..300 {
            head.extend_from_slice(format!("X-{n}: {n}\r\n").as_bytes());
        }
        head.extend_from_slice(b"\r\n");
        let count = |max| {
            let parsed = request(&mut WholeHead::of(&head), max, &mut Memo::default())
                .unwrap_or_else(|_| panic!("unreadable"));
            parsed.head.headers.lines().count()
        };
        assert_eq!(count(300), 300);
        assert_eq!(count(200), 200);
    }
}
