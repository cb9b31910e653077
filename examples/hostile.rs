//! Captures that try to take memory or time, written to standard output:
//!
//! ```text
//! cargo run --release --example hostile -- CASE COUNT | corshark report -
//! ```
//!
//! Cases are in [`CASES`]; COUNT is in what each of them says. `tests/hostile/run` runs them all and measures.

#![allow(clippy::indexing_slicing, reason = "what is indexed here is made here")]

use std::error::Error;
use std::io::{self, BufWriter, ErrorKind, StdoutLock, Write};

/// A case: its name, what its COUNT counts, and how it is written.
type Case = (
    &'static str,
    &'static str,
    fn(&mut Wire, u64) -> io::Result<()>,
);

const CASES: &[Case] = &[
    ("half-open", "connections", half_open),
    ("open", "connections", open),
    ("unfinished-heads", "connections", unfinished_heads),
    ("unanswered", "connections", unanswered),
    ("large-unanswered", "connections", large_unanswered),
    ("preflights", "preflights", preflights),
    ("open-preflights", "preflights", open_preflights),
    ("head", "MiB", head),
    ("chunk-extension", "MiB", chunk_extension),
    ("trailer", "MiB", trailer),
    ("header-lines", "lines", header_lines),
    ("out-of-order", "segments", out_of_order),
    (
        "out-of-order-connections",
        "segments",
        out_of_order_connections,
    ),
    ("fragments", "fragments", fragments),
    ("endpoints", "exchanges", endpoints),
    ("empty-frames", "frames", empty_frames),
    ("block", "MiB", block),
    ("interfaces", "interfaces", interfaces),
    ("everything", "rounds", everything),
];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, count] = arguments.as_slice() else {
        let names: Vec<&str> = CASES.iter().map(|(name, ..)| *name).collect();
        return Err(format!("usage: hostile CASE COUNT; cases: {}", names.join(" ")).into());
    };
    let case = CASES.iter().find(|(case, ..)| case == name);
    let (.., write) = case.ok_or("no such case")?;
    let mut wire = Wire::new();
    let written = write(&mut wire, count.parse()?).and_then(|()| wire.out.flush());
    match written {
        // Whoever reads has had enough of it, as may be right.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

const SYN: u8 = 0x02;
const ACK: u8 = 0x10;
const CLIENT: u32 = 0x0a00_0001;
const SERVER: u32 = 0x0aff_0001;
/// As much as a segmentation-offload frame holds.
const SEGMENT: usize = 60_000;
const REQUEST: &str = "GET / HTTP/1.1\r\nHost: a.test\r\nOrigin: http://b.test\r\n\r\n";

/// A capture that is being written: frames one microsecond apart.
struct Wire {
    out: BufWriter<StdoutLock<'static>>,
    time: u64,
}

/// One direction of a connection.
#[derive(Clone, Copy)]
struct Stream {
    from: (u32, u16),
    to: (u32, u16),
    sequence: u32,
    acknowledgement: u32,
}

impl Stream {
    /// The client's side of the connection of this number; its server's.
    fn pair(number: u64) -> (Self, Self) {
        let port = 1024 + u16::try_from(number % 60_000).unwrap_or(0);
        let host = CLIENT + u32::try_from(number / 60_000).unwrap_or(0);
        let client = Self {
            from: (host, port),
            to: (SERVER, 80),
            sequence: 1000,
            acknowledgement: 5000,
        };
        let server = Self {
            from: client.to,
            to: client.from,
            sequence: client.acknowledgement,
            acknowledgement: client.sequence,
        };
        (client, server)
    }
}

impl Wire {
    fn new() -> Self {
        Self {
            out: BufWriter::with_capacity(1 << 20, io::stdout().lock()),
            time: 0,
        }
    }

    /// The header of a pcap file of Ethernet frames.
    fn begin(&mut self) -> io::Result<()> {
        for word in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 0x0004_0000, 1] {
            self.out.write_all(&word.to_le_bytes())?;
        }
        Ok(())
    }

    fn frame(&mut self, parts: &[&[u8]]) -> io::Result<()> {
        self.time += 1;
        let length = parts.iter().map(|part| part.len()).sum::<usize>();
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        let seconds = u32::try_from(1_700_000_000 + self.time / 1_000_000).unwrap_or(0);
        let micros = u32::try_from(self.time % 1_000_000).unwrap_or(0);
        for word in [seconds, micros, length, length] {
            self.out.write_all(&word.to_le_bytes())?;
        }
        parts.iter().try_for_each(|part| self.out.write_all(part))
    }

    fn ip(&mut self, from: u32, to: u32, fragment: (u16, u16), parts: &[&[u8]]) -> io::Result<()> {
        const ETHERNET: [u8; 14] = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0];
        let length = 20 + parts.iter().map(|part| part.len()).sum::<usize>();
        let length = u16::try_from(length).unwrap_or(0).to_be_bytes();
        let (identification, offset) = (fragment.0.to_be_bytes(), fragment.1.to_be_bytes());
        let mut header = [0; 20];
        header[..2].copy_from_slice(&[0x45, 0]);
        header[2..4].copy_from_slice(&length);
        header[4..6].copy_from_slice(&identification);
        header[6..8].copy_from_slice(&offset);
        header[8..10].copy_from_slice(&[64, 6]);
        header[12..16].copy_from_slice(&from.to_be_bytes());
        header[16..].copy_from_slice(&to.to_be_bytes());
        let all: Vec<&[u8]> = [&ETHERNET[..], &header]
            .into_iter()
            .chain(parts.iter().copied())
            .collect();
        self.frame(&all)
    }

    /// A segment as a frame; checksums are left to the interface, as often.
    fn segment(&mut self, stream: &Stream, flags: u8, payload: &[u8]) -> io::Result<()> {
        let mut header = [0; 20];
        header[..2].copy_from_slice(&stream.from.1.to_be_bytes());
        header[2..4].copy_from_slice(&stream.to.1.to_be_bytes());
        header[4..8].copy_from_slice(&stream.sequence.to_be_bytes());
        header[8..12].copy_from_slice(&stream.acknowledgement.to_be_bytes());
        header[12..16].copy_from_slice(&[0x50, flags, 0xff, 0xff]);
        self.ip(stream.from.0, stream.to.0, (0, 0), &[&header, payload])
    }

    fn handshake(&mut self, client: &Stream, server: &Stream) -> io::Result<()> {
        let before = |stream: &Stream| Stream {
            sequence: stream.sequence - 1,
            ..*stream
        };
        self.segment(&before(client), SYN, b"")?;
        self.segment(&before(server), SYN | ACK, b"")?;
        self.segment(client, ACK, b"")
    }

    /// Sends bytes and counts them on both sides.
    fn say(&mut self, from: &mut Stream, to: &mut Stream, bytes: &[u8]) -> io::Result<()> {
        self.segment(from, ACK, bytes)?;
        let length = u32::try_from(bytes.len()).unwrap_or(0);
        from.sequence = from.sequence.wrapping_add(length);
        to.acknowledgement = from.sequence;
        Ok(())
    }

    /// A request that is answered by `head` and then so many MiB of `filling`.
    fn endless(&mut self, head: &[u8], filling: &[u8], mib: u64) -> io::Result<()> {
        self.begin()?;
        let (mut client, mut server) = Stream::pair(0);
        self.handshake(&client, &server)?;
        self.say(&mut client, &mut server, REQUEST.as_bytes())?;
        self.say(&mut server, &mut client, head)?;
        let segment = filling.repeat(SEGMENT / filling.len());
        for _ in 0..(mib << 20) / segment.len() as u64 {
            self.say(&mut server, &mut client, &segment)?;
        }
        Ok(())
    }
}

/// A request with a line that is longer by so many bytes, and what ends it.
fn request_with(more: usize, end: &str) -> Vec<u8> {
    let lines = REQUEST.trim_end();
    format!("{lines}\r\nX-More: {}{end}", "x".repeat(more)).into_bytes()
}

fn half_open(wire: &mut Wire, count: u64) -> io::Result<()> {
    wire.begin()?;
    (0..count).try_for_each(|n| wire.segment(&Stream::pair(n).0, SYN, b""))
}

/// Connections that are opened and then silent.
fn open(wire: &mut Wire, count: u64) -> io::Result<()> {
    wire.begin()?;
    for n in 0..count {
        let (client, server) = Stream::pair(n);
        wire.handshake(&client, &server)?;
    }
    Ok(())
}

fn each_says(wire: &mut Wire, count: u64, bytes: &[u8]) -> io::Result<()> {
    wire.begin()?;
    for n in 0..count {
        let (mut client, mut server) = Stream::pair(n);
        wire.handshake(&client, &server)?;
        wire.say(&mut client, &mut server, bytes)?;
    }
    Ok(())
}

fn unfinished_heads(wire: &mut Wire, count: u64) -> io::Result<()> {
    let head = request_with(900, "");
    each_says(wire, count, &head)
}

fn unanswered(wire: &mut Wire, count: u64) -> io::Result<()> {
    each_says(wire, count, REQUEST.as_bytes())
}

/// Whole requests with heads of 40 kB.
fn large_unanswered(wire: &mut Wire, count: u64) -> io::Result<()> {
    let head = request_with(40_000, "\r\n\r\n");
    each_says(wire, count, &head)
}

/// Preflights that are answered and that nothing follows.
fn preflights(wire: &mut Wire, count: u64) -> io::Result<()> {
    exchanges(wire, count, "OPTIONS", "", "")
}

/// The same with answers of 40 kB, while all of them still wait for their actual request.
fn open_preflights(wire: &mut Wire, count: u64) -> io::Result<()> {
    let more = format!("X-More: {}\r\n", "x".repeat(40_000));
    exchanges(wire, count, "OPTIONS", "", &more)
}

/// Requests to ever new endpoints.
fn endpoints(wire: &mut Wire, count: u64) -> io::Result<()> {
    exchanges(
        wire,
        count,
        "GET",
        "Cookie: a=b\r\n",
        "Content-Type: text/html\r\n",
    )
}

fn exchanges(wire: &mut Wire, count: u64, method: &str, asks: &str, gets: &str) -> io::Result<()> {
    wire.begin()?;
    let (mut client, mut server) = Stream::pair(0);
    wire.handshake(&client, &server)?;
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nAccess-Control-Allow-Origin: *\r\n\
         Access-Control-Allow-Methods: PUT\r\n{gets}\r\n"
    );
    for n in 0..count {
        let request = format!(
            "{method} /p{n:x}q/x{n} HTTP/1.1\r\nHost: h{n}.test\r\nOrigin: http://b{n}.test\r\n\
             Access-Control-Request-Method: PUT\r\n{asks}\r\n"
        );
        wire.say(&mut client, &mut server, request.as_bytes())?;
        wire.say(&mut server, &mut client, answer.as_bytes())?;
    }
    Ok(())
}

fn head(wire: &mut Wire, mib: u64) -> io::Result<()> {
    wire.endless(b"HTTP/1.1 200 OK\r\nX-More: ", b"x", mib)
}

fn chunk_extension(wire: &mut Wire, mib: u64) -> io::Result<()> {
    let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;";
    wire.endless(head, b"a=b;", mib)
}

fn trailer(wire: &mut Wire, mib: u64) -> io::Result<()> {
    let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
    wire.endless(head, b"X-More: x\r\n", mib)
}

/// One head of so many lines.
fn header_lines(wire: &mut Wire, count: u64) -> io::Result<()> {
    wire.begin()?;
    let (mut client, mut server) = Stream::pair(0);
    wire.handshake(&client, &server)?;
    wire.say(&mut client, &mut server, REQUEST.as_bytes())?;
    wire.say(&mut server, &mut client, b"HTTP/1.1 200 OK\r\n")?;
    for _ in 0..count / 1000 {
        wire.say(&mut server, &mut client, &b"A:b\r\n".repeat(1000))?;
    }
    wire.say(&mut server, &mut client, b"\r\n")
}

/// Segments of ten bytes in a wrong order, behind a hole.
fn out_of_order(wire: &mut Wire, count: u64) -> io::Result<()> {
    wire.begin()?;
    let (client, server) = Stream::pair(0);
    wire.handshake(&client, &server)?;
    for n in 0..count {
        // A permutation, as this prime divides no count that anybody gives.
        let place = n.wrapping_mul(1_000_003) % count;
        let sequence = server.sequence + 10 * u32::try_from(place + 1).unwrap_or(0);
        wire.segment(&Stream { sequence, ..server }, ACK, b"xxxxxxxxxx")?;
    }
    Ok(())
}

/// Full segments behind holes, of a hundred thousand connections in turn.
fn out_of_order_connections(wire: &mut Wire, count: u64) -> io::Result<()> {
    wire.begin()?;
    for n in 0..count {
        let (client, server) = Stream::pair(n % 100_000);
        if n < 100_000 {
            wire.handshake(&client, &server)?;
        }
        let sequence = server.sequence + 1 + 3000 * u32::try_from(n / 100_000).unwrap_or(0);
        wire.segment(&Stream { sequence, ..server }, ACK, &[b'x'; 1400])?;
    }
    Ok(())
}

/// Fragments that overlap, of datagrams that never become whole.
fn fragments(wire: &mut Wire, count: u64) -> io::Result<()> {
    wire.begin()?;
    for n in 0..count {
        let identification = u16::try_from(n / 50 % 65_536).unwrap_or(0);
        let offset = 0x2000 | u16::try_from(n * 3 % 8000).unwrap_or(0);
        wire.ip(CLIENT, SERVER, (identification, offset), &[&[b'z'; 64]])?;
    }
    Ok(())
}

/// Nothing but zeros: frames of no bytes. Compressed, a bomb.
fn empty_frames(wire: &mut Wire, count: u64) -> io::Result<()> {
    wire.begin()?;
    (0..count).try_for_each(|_| wire.out.write_all(&[0; 16]))
}

fn section(wire: &mut Wire) -> io::Result<()> {
    for word in [0x0a0d_0d0a_u32, 28, 0x1a2b_3c4d, 1, u32::MAX, u32::MAX, 28] {
        wire.out.write_all(&word.to_le_bytes())?;
    }
    Ok(())
}

/// A pcapng block that says it has 4 GiB, and as much of it as is asked for.
fn block(wire: &mut Wire, mib: u64) -> io::Result<()> {
    section(wire)?;
    for word in [6, 0xffff_fffc_u32] {
        wire.out.write_all(&word.to_le_bytes())?;
    }
    let zeros = vec![0; 1 << 20];
    (0..mib).try_for_each(|_| wire.out.write_all(&zeros))
}

fn interfaces(wire: &mut Wire, count: u64) -> io::Result<()> {
    section(wire)?;
    for _ in 0..count {
        for word in [1_u32, 20, 1, 0, 20] {
            wire.out.write_all(&word.to_le_bytes())?;
        }
    }
    Ok(())
}

/// All that takes memory at once, each round a bit of everything.
fn everything(wire: &mut Wire, rounds: u64) -> io::Result<()> {
    wire.begin()?;
    let head = request_with(900, "");
    for n in 0..rounds {
        // In blocks of connections of their own: silent, half open, unfinished, with an exchange, with a hole.
        let (client, server) = Stream::pair(n);
        wire.handshake(&client, &server)?;
        wire.segment(&Stream::pair(2_000_000 + n).0, SYN, b"")?;
        let (mut client, mut server) = Stream::pair(4_000_000 + n);
        wire.say(&mut client, &mut server, &head)?;
        let (mut client, mut server) = Stream::pair(6_000_000 + n);
        wire.handshake(&client, &server)?;
        let (request, answer) = remembered(n);
        wire.say(&mut client, &mut server, request.as_bytes())?;
        if n % 3 > 0 {
            wire.say(&mut server, &mut client, answer.as_bytes())?;
        }
        let (client, server) = Stream::pair(8_000_000 + n % 50_000);
        if n < 50_000 {
            wire.handshake(&client, &server)?;
        }
        let sequence = server.sequence + 1 + 3000 * u32::try_from(n / 50_000).unwrap_or(0);
        wire.segment(&Stream { sequence, ..server }, ACK, &[b'x'; 1400])?;
        let identification = u16::try_from(n / 50 % 65_536).unwrap_or(0);
        let offset = 0x2000 | u16::try_from(n * 3 % 8000).unwrap_or(0);
        wire.ip(CLIENT, SERVER, (identification, offset), &[&[b'z'; 64]])?;
    }
    Ok(())
}

/// An exchange whose answer is remembered: that to a preflight, and that to a request, to be confirmed by
/// a later 304. All together they are as long as is kept at most, or shorter.
fn remembered(n: u64) -> (String, String) {
    let host = format!("/{n:x} HTTP/1.1\r\nHost: h{n}.test\r\nOrigin: http://b{n}.test\r\n");
    let more = "x".repeat(if n.is_multiple_of(20) { 15_000 } else { 500 });
    if n.is_multiple_of(2) {
        let request = format!("GET {host}\r\n");
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nETag: \"{n}\"\r\nX-More: {more}\r\n\r\n"
        );
        return (request, answer);
    }
    let more = "x".repeat(if n.is_multiple_of(21) { 7000 } else { 500 });
    let request = format!("OPTIONS {host}Access-Control-Request-Method: PUT\r\n\r\n");
    let answer = format!(
        "HTTP/1.1 204 No\r\nAccess-Control-Allow-Origin: *\r\nAccess-Control-Allow-Methods: PUT\r\n\
         X-More: {more}\r\n\r\n"
    );
    (request, answer)
}
