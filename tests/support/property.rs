//! What holds for any bytes: each property takes some and panics where it does not hold.
//!
//! `tests/properties.rs` tries them on mended and damaged seeds, the targets of `fuzz/` on
//! whatever a fuzzer comes up with.

use std::io::{self, Cursor, Read};

use corshark::analysis::{Analysis, Update};
use corshark::capture::frame::{Frame, FrameNumber, LinkType, Timestamp};
use corshark::capture::{FrameSource as _, Next, SaveFile};
use corshark::decode::Decoder;
use corshark::filter::Filter;
use corshark::http::protocol::Protocol;
use corshark::limits::Limits;
use corshark::report::{Format, Look, Output, Reporter, Scope};
use corshark::session::Session;

use super::conversation::{Conversation, Cutting};
use super::found::Found;
use super::wire::{Link, Record, Wire};

/// A property, and its name: that of its fuzz target and of its folder of seeds.
pub type Property = (&'static str, fn(&[u8]));

/// All of them.
pub const ALL: [Property; 5] = [
    ("savefile", savefile),
    ("decode", decode),
    ("stream", stream),
    ("head", head),
    ("verdict", verdict),
];

/// Between the parts of an input.
pub const SEPARATOR: u8 = 0x1e;

/// Gives its bytes in small, uneven pieces.
struct Dribble<R>(R, usize);

impl<R: Read> Read for Dribble<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1 = self.1 % 13 + 1;
        let len = buffer.len().min(self.1);
        self.0.read(&mut buffer[..len])
    }
}

/// Frames enough to show what a file holds.
const FRAMES: usize = 2000;

/// The frames of a file, and how it ended.
fn frames(reader: Box<dyn Read + Send>, limits: &Limits) -> (Vec<(Timestamp, Vec<u8>)>, String) {
    let mut frames = Vec::new();
    let mut file = match SaveFile::read(reader, limits) {
        Ok(file) => file,
        Err(error) => return (frames, error.to_string()),
    };
    while frames.len() < FRAMES {
        match file.next_frame() {
            Ok(Next::Frame(frame)) => {
                assert!(frame.bytes.len() <= limits.block_bytes);
                assert_eq!(frame.number, FrameNumber(frames.len() as u64 + 1));
                frames.push((frame.time, frame.bytes.to_vec()));
            }
            Ok(Next::Idle) => panic!("a file is never silent"),
            Ok(Next::End) => return (frames, "end".to_owned()),
            Err(error) => return (frames, error.to_string()),
        }
    }
    (frames, "enough".to_owned())
}

/// Any bytes as a savefile: however they come in, they give the same frames and the same end.
pub fn savefile(bytes: &[u8]) {
    let limits = Limits {
        block_bytes: 1 << 16,
        decompression_window: 1 << 20,
        ..Limits::default()
    };
    let whole = frames(Box::new(Cursor::new(bytes.to_vec())), &limits);
    let dribbled = frames(Box::new(Dribble(Cursor::new(bytes.to_vec()), 0)), &limits);
    if whole != dribbled {
        // A damaged compressed file ends with the frames before the damage; how near to it they go
        // hangs on how much was decompressed at once.
        assert!(
            [&whole.1, &dribbled.1]
                .iter()
                .any(|end| end.contains(" data is "))
        );
        assert!(whole.0.starts_with(&dribbled.0) || dribbled.0.starts_with(&whole.0));
    }
}

/// Link types that are read, and one that is not.
const LINK_TYPES: [u16; 17] = [
    1, 0, 101, 108, 113, 228, 229, 276, 12, 14, 9, 50, 51, 105, 127, 239, 147,
];

/// Any bytes as frames, each after two bytes of link type and length: every frame is accounted for.
pub fn decode(mut bytes: &[u8]) {
    let mut records = Vec::new();
    while let [link, len, rest @ ..] = bytes {
        let end = rest.len().min(usize::from(*len) * 2);
        let (frame, after) = rest.split_at(end);
        records.push(Record {
            time: Timestamp::new(i64::try_from(records.len()).unwrap_or(0), 0),
            link_type: LINK_TYPES[usize::from(*link) % LINK_TYPES.len()],
            bytes: frame.to_vec(),
            original: frame.len(),
        });
        bytes = after;
    }
    let mut decoder = Decoder::new(&Limits::default());
    for record in &records {
        let frame = Frame {
            number: FrameNumber(1),
            time: record.time,
            link_type: LinkType(record.link_type),
            bytes: &record.bytes,
        };
        if let Ok(segment) = decoder.decode(&frame) {
            assert!(segment.payload.len() <= 1 << 16);
        }
    }
    let found = super::analyse(&records);
    let frames = &found.stats.frames;
    assert_eq!(frames.frames, records.len() as u64);
    assert_eq!(
        frames.tcp + frames.copies + frames.unusable.iter().sum::<u64>(),
        frames.frames
    );
}

/// Says the parts of `bytes` in turn, the client first; what starts with an escape comes from the
/// one who spoke before.
fn conversation(bytes: &[u8]) -> Conversation {
    let mut conversation = Conversation::new();
    let mut client = false;
    for part in bytes.split(|b| *b == SEPARATOR) {
        let says = part.strip_prefix(b"\x1b");
        client = client == says.is_some();
        let says = says.unwrap_or(part);
        conversation = if client {
            conversation.client(says)
        } else {
            conversation.server(says)
        };
    }
    conversation
}

/// Any bytes said in turn: as long as they are HTTP, they give the same exchanges and transactions
/// however they are cut, repeated, and put out of order. (After what is not, reading goes on at the
/// next segment that begins like a head: that hangs on the cutting.)
pub fn stream(bytes: &[u8]) {
    let Some((control, said)) = bytes.split_first_chunk::<8>() else {
        return;
    };
    let conversation = conversation(said);
    let whole = super::analyse(&Wire::default().lay(&conversation.segments()));
    let http = &whole.stats.http;
    let is_http = http.connections_of(Protocol::Http1) == 1
        && http.heads_unreadable + http.heads_too_long + http.bodies_unreadable == 0;
    if !is_http {
        return;
    }
    let [
        seed,
        least,
        most,
        repeated,
        overlapping,
        late,
        disorder,
        wire,
    ] = *control;
    let least = usize::from(least) + 1;
    let cutting = Cutting {
        size: least..=least + usize::from(most),
        repeated: usize::from(repeated % 50),
        overlapping: usize::from(overlapping % 50),
        late: usize::from(late % 50),
        disorder: usize::from(disorder % 10),
        seed: u64::from(seed),
        ..Cutting::default()
    };
    let wire = Wire {
        link: Link::ALL[usize::from(wire) % Link::ALL.len()],
        ipv6: wire & 0x80 != 0,
        fragment: (wire & 0x40 != 0).then_some(64),
        step: 1,
        ..Wire::default()
    };
    let cut = super::analyse(&wire.lay(&conversation.cut(&cutting)));
    assert_eq!(whole.lines(), cut.lines(), "{cutting:?} {wire:?}");
}

/// Any bytes as a message head: each report of it is one that its readers can take.
pub fn head(bytes: &[u8]) {
    let Some((kind, head)) = bytes.split_first() else {
        return;
    };
    let ok = "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 0\r\n\r\n";
    let ask = "GET /a HTTP/1.1\r\nHost: api.test\r\nOrigin: http://page.test\r\n\r\n";
    let preflight = "OPTIONS /a HTTP/1.1\r\nHost: api.test\r\nOrigin: http://page.test\r\n\
         Access-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: x-a\r\n\r\n";
    let conversation = match kind % 3 {
        0 => Conversation::new().client(ask).server(head),
        1 => Conversation::new().client(preflight).server(head),
        _ => Conversation::new().client(head).server(ok),
    };
    check_reports(&super::analyse(
        &Wire::default().lay(&conversation.segments()),
    ));
}

/// Any values in the header lines that decide: each report of it is one that its readers can take.
pub fn verdict(bytes: &[u8]) {
    let mut parts = bytes.split(|b| *b == SEPARATOR);
    let mut next = || parts.next().unwrap_or_default();
    let line = |name: &str, value: &[u8]| {
        if value.is_empty() {
            return Vec::new();
        }
        [name.as_bytes(), b": ", value, b"\r\n"].concat()
    };
    let [method, origin, target, asked, status] = [next(), next(), next(), next(), next()];
    let [allow_origin, allow_methods, allow_headers] = [next(), next(), next()];
    let [credentials, max_age, more] = [next(), next(), next()];
    let ask = |method: &[u8], more: &[u8]| {
        let first = [method, b" /", target, b" HTTP/1.1\r\nHost: api.test\r\n"].concat();
        [&first, &line("Origin", origin)[..], more, b"\r\n"].concat()
    };
    let answer = [
        &b"HTTP/1.1 "[..],
        if status.is_empty() { b"200" } else { status },
        b" x\r\nContent-Length: 0\r\n",
        &line("Access-Control-Allow-Origin", allow_origin),
        &line("Access-Control-Allow-Methods", allow_methods),
        &line("Access-Control-Allow-Headers", allow_headers),
        &line("Access-Control-Allow-Credentials", credentials),
        &line("Access-Control-Max-Age", max_age),
        b"\r\n",
    ]
    .concat();
    let preflight = [
        line("Access-Control-Request-Method", method),
        line("Access-Control-Request-Headers", asked),
    ]
    .concat();
    let actual = [&line("Cookie", more)[..], &line("X-A", asked)].concat();
    let conversation = Conversation::new()
        .client(ask(b"OPTIONS", &preflight))
        .server(&answer)
        .client(ask(method, &actual))
        .server(&answer);
    let records = Wire::default().lay(&conversation.segments());
    check_reports(&super::analyse(&records));
}

/// Whether a character does something to a terminal, or to the order of a line.
fn is_dangerous(c: char) -> bool {
    let bidirectional = matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}');
    (c.is_control() && c != '\n')
        || bidirectional
        || matches!(c, '\u{feff}' | '\u{2028}' | '\u{2029}')
}

/// Writes each report: JSON is JSON, and nothing in any of them acts on a terminal.
fn check_reports(found: &Found) {
    let mut session = Session::default();
    for transaction in &found.transactions {
        session.count(&Update::Transaction(transaction.clone()));
    }
    session.stats = found.stats.clone();
    let look = Look {
        colour: false,
        trace: true,
        with_secrets: true,
    };
    for format in Format::ALL {
        let scope = Scope {
            all: true,
            several: true,
            advice: true,
            merged: true,
            filter: Filter::default(),
        };
        let mut bytes = Vec::new();
        let mut reporter = Reporter::new(scope, vec![Output::new(format, look, &mut bytes)]);
        reporter.begin_capture("capture");
        for exchange in &found.exchanges {
            reporter.exchange(exchange).unwrap();
        }
        for transaction in &found.transactions {
            reporter.transaction(transaction).unwrap();
        }
        reporter.end_capture(&session, None, &[]).unwrap();
        reporter.finish().unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(text.find(is_dangerous), None, "{text:?}");
        match format {
            Format::Json | Format::Har | Format::Sarif => {
                serde_json::from_str::<serde_json::Value>(&text).unwrap();
            }
            Format::NdJson => {
                for line in text.lines() {
                    serde_json::from_str::<serde_json::Value>(line).unwrap();
                }
            }
            _ => {}
        }
    }
}

/// Seeds for each property, from a saved capture.
pub fn seeds(capture: &[u8]) -> [Vec<Vec<u8>>; 5] {
    let mut decode = Vec::new();
    let mut said: Vec<u8> = b"\x01\x10\x40\x05\x05\x05\x03\x00".to_vec();
    let mut heads = Vec::new();
    let limits = Limits::default();
    let mut analysis = Analysis::new(&limits);
    if let Ok(mut file) = SaveFile::read(Box::new(Cursor::new(capture.to_vec())), &limits) {
        while let Ok(Next::Frame(frame)) = file.next_frame() {
            let link = LINK_TYPES.iter().position(|l| *l == frame.link_type.0);
            decode.push(u8::try_from(link.unwrap_or(0)).unwrap_or(0));
            let short = &frame.bytes[..frame.bytes.len().min(510)];
            decode.push(u8::try_from(short.len() / 2).unwrap_or(255));
            decode.extend_from_slice(&short[..short.len() / 2 * 2]);
            analysis.push_frame(&frame);
        }
    }
    analysis.finish();
    decode.truncate(8192);
    let mut verdicts = Vec::new();
    for update in analysis.drain_updates() {
        let Update::Exchange(exchange) = update else {
            continue;
        };
        let mut request = Vec::new();
        let mut response = Vec::new();
        let mut values: [&[u8]; 11] = [b""; 11];
        if let Some(message) = &exchange.request {
            let head = &message.head;
            let first = [head.method(), b" ", head.target(), b" HTTP/1.1\r\n"].concat();
            request.extend(first);
            for (name, value) in head.headers.lines() {
                request.extend([name, b": ", value, b"\r\n"].concat());
            }
            request.extend(b"\r\n");
            values[0] = b"PUT";
            values[1] = head
                .headers
                .lines()
                .find(|l| l.0.eq_ignore_ascii_case(b"origin"))
                .map_or(b"", |l| l.1);
            values[3] = b"x-a, content-type";
        }
        if let Some(message) = &exchange.response {
            let head = &message.head;
            response.extend(format!("HTTP/1.1 {} x\r\n", head.status).into_bytes());
            for (name, value) in head.headers.lines() {
                response.extend([name, b": ", value, b"\r\n"].concat());
                let at = match name.to_ascii_lowercase().as_slice() {
                    b"access-control-allow-origin" => 5,
                    b"access-control-allow-methods" => 6,
                    b"access-control-allow-headers" => 7,
                    b"access-control-allow-credentials" => 8,
                    b"access-control-max-age" => 9,
                    _ => continue,
                };
                values[at] = value;
            }
            response.extend(b"\r\n");
        }
        verdicts.push(values.join(&[SEPARATOR][..]));
        heads.push([b"\x02", &request[..]].concat());
        heads.push([b"\x00", &response[..]].concat());
        heads.push([b"\x01", &response[..]].concat());
        said.extend(request);
        said.push(SEPARATOR);
        said.extend(response);
        said.push(SEPARATOR);
    }
    said.truncate(8192);
    let mut file = capture.to_vec();
    file.truncate(16_384);
    [vec![file], vec![decode], vec![said], heads, verdicts]
}
