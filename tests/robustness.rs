//! Hostile and damaged input: nothing panics, nothing takes long, and every bound holds and is
//! counted.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests, their helpers too"
)]

mod support;

use std::time::Duration;

use corshark::analysis::{Analysis, Update};
use corshark::capture::CaptureError;
use corshark::capture::frame::{Frame, FrameNumber, LinkType};
use corshark::decode::Unusable;
use corshark::http::exchange::{Note, Outcome};
use corshark::limits::Limits;
use support::conversation::{ACK, Cutting, FIN, SYN};
use support::savefile::{pcap_header, pcap_record, pcapng_with};
use support::wire::{merged, time_of};
use support::{
    Conversation, Found, Link, PcapForm, Random, Record, Segment, Tunnel, Who, Wire, analyse,
    analyse_file, analyse_within, pcap, pcapng,
};

const ORIGIN: &str = "Host: api.test\r\nOrigin: http://page.test\r\n";

fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\n{ORIGIN}\r\n")
}

fn preflight(target: &str) -> String {
    format!("OPTIONS {target} HTTP/1.1\r\n{ORIGIN}Access-Control-Request-Method: PUT\r\n\r\n")
}

const OK: &str = "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 0\r\n\r\n";
const ALLOWED: &str = "HTTP/1.1 204 No\r\nAccess-Control-Allow-Origin: *\r\n\
     Access-Control-Allow-Methods: *\r\nAccess-Control-Allow-Headers: *\r\n\r\n";

/// A few exchanges of every kind, in small packets.
fn sample() -> Vec<Segment> {
    let cutting = Cutting {
        size: 20..=90,
        ..Cutting::default()
    };
    Conversation::new()
        .client(preflight("/p"))
        .server(ALLOWED)
        .client(get("/p").replace("GET", "PUT"))
        .server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n")
        .client(get("/g"))
        .server(OK)
        .closed_by(Who::Client)
        .cut(&cutting)
}

fn analyse_segments(segments: &[Segment], limits: &Limits) -> Found {
    analyse_within(&Wire::default().lay(segments), limits)
}

#[test]
fn random_bytes_are_no_capture_or_a_damaged_one() {
    let mut random = Random::new(1);
    let magics: [&[u8]; 6] = [
        b"",
        &[0xd4, 0xc3, 0xb2, 0xa1],
        &[0xa1, 0xb2, 0x3c, 0x4d],
        &[0x34, 0xcd, 0xb2, 0xa1],
        &[0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a],
        &[0x0a, 0x0d, 0x0d, 0x0a, 0, 0, 0, 28, 0x1a, 0x2b, 0x3c, 0x4d],
    ];
    let limits = Limits {
        block_bytes: 1 << 16,
        ..Limits::default()
    };
    for round in 0..3000 {
        let len = random.below(600);
        let mut file = magics[round % magics.len()].to_vec();
        file.extend(random.bytes(len));
        if random.chance(50) {
            // Small numbers are more often meaningful.
            for byte in file.iter_mut().skip(12) {
                if random.chance(70) {
                    *byte = u8::try_from(random.below(33)).unwrap();
                }
            }
        }
        analyse_file(&file, &limits);
    }
}

#[test]
fn random_blocks_do_no_harm() {
    let mut random = Random::new(2);
    for round in 0..3000 {
        let big_endian = round % 2 == 0;
        let number = |n: u32| {
            if big_endian {
                n.to_be_bytes()
            } else {
                n.to_le_bytes()
            }
        };
        let mut file = pcapng(&Wire::default().lay(&sample()[..2]), big_endian);
        for _ in 0..4 {
            let len = 4 * random.below(16);
            let mut body = random.bytes(len);
            for byte in &mut body {
                if random.chance(60) {
                    *byte = u8::try_from(random.below(10)).unwrap();
                }
            }
            let kind = random.one_of(&[1, 2, 3, 4, 5, 6, 10, 0xbad]);
            let total = number(u32::try_from(12 + len).unwrap());
            file.extend([number(kind), total].concat());
            file.extend(body);
            file.extend(total);
        }
        let found = analyse_file(&file, &Limits::default());
        assert!(found.stats.frames.frames >= 2);
    }
}

#[test]
fn random_frames_of_each_link_type_are_counted() {
    let mut random = Random::new(3);
    let mut records = Vec::new();
    for ipv6 in [false, true] {
        for link in Link::ALL {
            let whole = Wire {
                link,
                ipv6,
                fragment: Some(64),
                ..Wire::default()
            }
            .lay(&sample());
            for round in 0..200 {
                let mut record = whole[round % whole.len()].clone();
                // The longer the true beginning, the deeper the layer that meets the random rest.
                let kept = random.below(record.bytes.len());
                record.bytes.truncate(kept);
                let len = random.below(200);
                record.bytes.extend(random.bytes(len));
                records.push(record);
            }
        }
    }
    for _ in 0..500 {
        let len = random.below(100);
        records.push(Record {
            time: time_of(random.next() % (1 << 40)),
            link_type: u16::try_from(random.below(300)).unwrap(),
            bytes: random.bytes(len),
            original: len,
        });
    }
    let frames = analyse(&records).stats.frames;
    assert_eq!(frames.frames, records.len() as u64);
    assert_eq!(
        frames.tcp + frames.copies + frames.unusable.iter().sum::<u64>(),
        frames.frames
    );
}

#[test]
fn random_payload_is_no_conversation() {
    let mut random = Random::new(4);
    let beginnings = [
        "",
        "GET / HTTP/1.1\r\n",
        "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n",
        "OPTIONS / HTTP/1.1\r\nOrigin: null\r\nAccess-Control-Request-Method: ",
        "HTTP/1.1 302 Found\r\nLocation: ",
        "\x16\x03",
    ];
    let odd = b"\r\n\r\n :;,0aF\t\0\x80\xff/%[]@HTTP/1.1";
    for seed in 0..600 {
        let mut conversation = Conversation::new();
        for _ in 0..random.below(6) {
            let mut says = random.one_of(&beginnings).as_bytes().to_vec();
            for _ in 0..random.below(200) {
                says.push(if random.chance(70) {
                    random.one_of(odd)
                } else {
                    random.bytes(1)[0]
                });
            }
            conversation = if random.chance(50) {
                conversation.client(says)
            } else {
                conversation.server(says)
            };
        }
        let cutting = Cutting {
            size: 1..=random.one_of(&[1, 5, 100, 1460]),
            handshake: random.chance(70),
            overlapping: 10,
            disorder: 3,
            seed,
            ..Cutting::default()
        };
        analyse(&Wire::default().lay(&conversation.cut(&cutting)));
    }
}

#[test]
fn random_segment_headers_do_no_harm() {
    let mut random = Random::new(5);
    for _ in 0..300 {
        let mut segments = sample();
        for segment in &mut segments {
            if random.chance(20) {
                segment.flags = random.bytes(1)[0];
            }
            let jump = random.one_of(&[1, 1000, 1 << 16, 1 << 30, 1 << 31, u32::MAX, u32::MAX / 3]);
            if random.chance(10) {
                segment.sequence = segment.sequence.wrapping_add(jump);
            }
            if random.chance(10) {
                segment.acknowledgement = segment.acknowledgement.wrapping_sub(jump);
            }
        }
        let found = analyse_segments(&segments, &Limits::default());
        // No more can be missing than sequence numbers can say.
        assert!(found.stats.tcp.gap_bytes < 1 << 40, "{:?}", found.stats.tcp);
    }
}

#[test]
fn damaged_captures_do_no_harm() {
    let records = Wire::default().lay(&sample());
    let files = [
        pcap(&records, PcapForm::COMMON),
        pcap(&records, PcapForm::ALL[3]),
        pcapng(&records, false),
        pcapng(&records, true),
    ];
    let mut random = Random::new(6);
    for round in 0..400 {
        let mut file = files[round % files.len()].clone();
        for _ in 0..=random.below(8) {
            let at = random.below(file.len());
            match random.below(4) {
                0 => file[at] ^= 1 << random.below(8),
                1 => file[at] = random.one_of(&[0, 1, 0x7f, 0x80, 0xff]),
                2 => {
                    let end = file.len().min(at + random.below(50));
                    file.drain(at..end);
                }
                _ => {
                    let end = file.len().min(at + random.below(50));
                    let again = file[at..end].to_vec();
                    file.splice(at..at, again);
                }
            }
        }
        analyse_file(&file, &Limits::default());
    }
}

#[test]
fn swapped_and_repeated_records_do_no_harm() {
    let records = Wire::default().lay(&sample());
    let whole = analyse(&records).heads();
    let mut random = Random::new(7);
    for _ in 0..300 {
        let mut mixed = records.clone();
        for _ in 0..random.below(10) {
            // The handshake stays: without it, nothing tells which bytes come first.
            let mut place = || 3 + random.below(mixed.len() - 3);
            let (a, b) = (place(), place());
            if random.chance(50) {
                mixed.swap(a, b);
            } else {
                let again = mixed[a].clone();
                mixed.insert(b, again);
            }
        }
        for head in analyse(&mixed).heads() {
            let complete = head.ends_with("Complete") && !head.starts_with('?');
            assert!(!complete || whole.contains(&head), "{head}");
        }
    }
}

#[test]
fn a_cut_file_gives_what_stands_before_the_cut() {
    let records = Wire::default().lay(&sample());
    for (file, pcapng) in [
        (pcap(&records, PcapForm::COMMON), false),
        (pcapng(&records, false), true),
    ] {
        let whole = analyse_file(&file, &Limits::default());
        assert!(whole.damage.is_none());
        let mut frames = 0;
        for end in 0..file.len() {
            let found = analyse_file(&file[..end], &Limits::default());
            let now = found.stats.frames.frames;
            assert!(now == frames || now == frames + 1, "cut at {end}");
            let complete: Vec<String> = found
                .heads()
                .into_iter()
                .filter(|head| head.ends_with("Complete"))
                .collect();
            assert_eq!(complete, whole.heads()[..complete.len()], "cut at {end}");
            match &found.damage {
                None => assert!(now > frames || end == 24 || pcapng, "cut at {end}"),
                Some(CaptureError::NotACapture { .. }) => assert!(end < 4),
                Some(CaptureError::CutShort { frame, .. }) => assert_eq!(*frame, now + 1),
                Some(other) => panic!("cut at {end}: {other}"),
            }
            frames = now;
        }
        assert_eq!(frames + 1, records.len() as u64);
    }
}

// Bounds: each is reached, and that is counted.

/// The usual bounds but for the ones that a test is about.
fn limits(set: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits::default();
    set(&mut limits);
    limits
}

/// `count` segments of 10 bytes behind a hole.
fn behind_a_hole(count: u32) -> Vec<Segment> {
    let mut segments = Conversation::new().segments();
    let Some(last) = segments.last().cloned() else {
        return segments;
    };
    segments.extend((1..=count).map(|n| Segment {
        sequence: last.sequence.wrapping_add(100 * n),
        payload: vec![b'x'; 10],
        ..last.clone()
    }));
    segments
}

#[test]
fn out_of_order_bytes_of_a_direction_are_bounded() {
    let small = limits(|limits| limits.out_of_order_bytes = 4000);
    let found = analyse_segments(&behind_a_hole(5), &small);
    assert_eq!(found.stats.tcp.out_of_order_overflows, 0);
    let found = analyse_segments(&behind_a_hole(50), &small);
    assert!(found.stats.tcp.out_of_order_overflows > 0);
    assert!(found.stats.tcp.gaps > 0);
}

#[test]
fn out_of_order_bytes_of_all_connections_are_bounded() {
    let connections = (0..50).map(|n| Wire::port(40_000 + n).lay(&behind_a_hole(5)));
    let records = merged(connections.collect());
    let found = analyse_within(&records, &limits(|l| l.out_of_order_bytes_total = 10_000));
    assert!(found.stats.tcp.out_of_order_overflows > 0);
    let found = analyse(&records);
    assert_eq!(found.stats.tcp.out_of_order_overflows, 0);
}

#[test]
fn heads_are_bounded() {
    let small = limits(|limits| limits.head_bytes = 200);
    let long = get(&format!("/{}", "x".repeat(300)));
    for size in [1, 100, 299, 1460] {
        let cutting = Cutting {
            size: size..=size,
            ..Cutting::default()
        };
        for (target, expected) in [("/short", 0), (&*long, 1)] {
            let head = if expected == 0 {
                get(target)
            } else {
                long.clone()
            };
            let segments = Conversation::new().client(head).server(OK).cut(&cutting);
            let found = analyse_segments(&segments, &small);
            let count = found.stats.http.heads_too_long;
            // A head that is whole in one segment costs no memory.
            let expected = if size == 1460 { 0 } else { expected };
            assert_eq!(count, expected, "pieces of {size}");
        }
    }
}

/// Heads on their way and requests without an answer take memory until they are given up: those of
/// the connections that have been silent the longest, so that what comes later is read.
#[test]
fn unfinished_messages_of_all_connections_are_bounded() {
    let head = get(&format!("/{}", "x".repeat(300)));
    let begun = Conversation::new().client(&head[..200]).segments();
    let unanswered = Conversation::new().client(&*head).segments();
    let whole = Conversation::new().client(get("/")).server(OK).segments();
    let cutting = Cutting {
        size: 100..=100,
        ..Cutting::default()
    };
    let in_pieces = Conversation::new().client(&*head).server(OK).cut(&cutting);
    let wire = |n: u16| Wire {
        start: 1000 * u64::from(n),
        ..Wire::port(40_000 + n)
    };
    for unfinished in [begun, unanswered] {
        let mut records: Vec<_> = (0..50).flat_map(|n| wire(n).lay(&unfinished)).collect();
        records.extend(wire(50).lay(&whole));
        records.extend(wire(51).lay(&in_pieces));

        let found = analyse_within(&records, &limits(|l| l.unfinished_bytes = 10_000));
        let given_up = found.stats.tcp.unfinished_overflows;
        assert!((20..=49).contains(&given_up), "{given_up}");
        let complete = |head: &&String| head.starts_with("GET") && head.ends_with("200 Complete");
        let heads = found.heads();
        assert_eq!(heads.iter().filter(complete).count(), 2, "{heads:?}");
        let of_outcome = |outcome| found.stats.http.outcomes_of(outcome);
        let requests = of_outcome(Outcome::GivenUp) + of_outcome(Outcome::CaptureEnded);
        assert!(requests == 0 || (requests == 50 && of_outcome(Outcome::GivenUp) == given_up));

        let found = analyse(&records);
        assert_eq!(found.stats.tcp.unfinished_overflows, 0);
        assert_eq!(found.heads().iter().filter(complete).count(), 2);
    }
}

/// Answered preflights wait for their actual requests with all that their answers hold.
#[test]
fn open_transactions_are_bounded_by_their_bytes() {
    let mut conversation = Conversation::new();
    for n in 0..20 {
        conversation = conversation
            .client(format!(
                "OPTIONS /{n} HTTP/1.1\r\nHost: a.test\r\nOrigin: http://b.test\r\n\
                 Access-Control-Request-Method: PUT\r\n\r\n"
            ))
            .server(format!(
                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-More: {}\r\n\r\n",
                "x".repeat(10_000)
            ));
    }
    let wire = Wire {
        step: 1,
        ..Wire::default()
    };
    let records = wire.lay(&conversation.segments());
    // All of them would still wait for their actual request.
    let settled_before_the_end = |limits: &Limits| {
        let mut analysis = Analysis::new(limits);
        for (number, record) in (1..).zip(&records) {
            analysis.push_frame(&Frame {
                number: FrameNumber(number),
                time: record.time,
                link_type: LinkType(record.link_type),
                bytes: &record.bytes,
            });
        }
        analysis.advance_to(
            records
                .last()
                .unwrap()
                .time
                .plus(Duration::from_millis(200)),
        );
        let updates = analysis.drain_updates();
        updates
            .filter(|update| matches!(update, Update::Transaction(_)))
            .count()
    };
    assert_eq!(settled_before_the_end(&Limits::default()), 0);
    let small = limits(|limits| limits.open_transaction_bytes = 50_000);
    let settled = settled_before_the_end(&small);
    assert!((15..=17).contains(&settled), "{settled}");
}

/// Browsers pass over a few bytes before a status line; where these are cut makes no difference.
#[test]
fn bytes_before_a_status_line_are_passed_over_however_they_are_cut() {
    for (slop, is_read) in [
        ("", true),
        ("<", true),
        ("\r\n\r\n<", true),
        ("a\n\nb", true),
        ("HTTP", true),
        ("HTHT", true),
        ("abcde", false),
        ("<p>x</p>", false),
    ] {
        let conversation = Conversation::new()
            .client(get("/"))
            .server(format!("{slop}{OK}"));
        let whole = analyse_segments(&conversation.segments(), &Limits::default());
        let is_complete = whole
            .heads()
            .iter()
            .any(|head| head.ends_with("200 Complete"));
        assert_eq!(is_complete, is_read, "{slop:?}: {:?}", whole.heads());
        for size in [1, 2, 3, 5, 7] {
            let cutting = Cutting {
                size: size..=size,
                ..Cutting::default()
            };
            let cut = analyse_segments(&conversation.cut(&cutting), &Limits::default());
            if is_read {
                assert_eq!(cut.lines(), whole.lines(), "{slop:?} in pieces of {size}");
            }
        }
    }
}

const CHUNKED: &str = "5\r\nhello\r\n0\r\n\r\n";

/// What one reader of a message takes for its end, or its lines, and another one does not, is read as browsers
/// read it, and said.
#[test]
fn messages_that_readers_disagree_about_are_noted() {
    for (lines, body, note) in [
        (
            "Content-Length: 5\r\nContent-Length: 5\r\n",
            "hello",
            "repeated-content-length",
        ),
        (
            "Content-Length: 5, 5\r\n",
            "hello",
            "repeated-content-length",
        ),
        (
            "Content-Length: 5\r\nContent-Length: 6\r\n",
            "hello",
            "conflicting-content-length",
        ),
        (
            "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
            CHUNKED,
            "content-length-and-chunked",
        ),
        (
            "Content-Length: +5\r\n",
            "hello",
            "impossible-content-length",
        ),
        ("Content-Length: 5\nX-A: b\n", "hello", "bare-lf-line-ends"),
        (
            "X-A: a\r\n b\r\nContent-Length: 5\r\n",
            "hello",
            "obsolete-line-folding",
        ),
        ("X-A: a\0b\r\nContent-Length: 5\r\n", "hello", "nul-in-head"),
        (
            "X-A : b\r\nContent-Length: 5\r\n",
            "hello",
            "malformed-head",
        ),
        (
            "Connection: close, Access-Control-Allow-Origin\r\nContent-Length: 5\r\n",
            "hello",
            "cors-header-named-in-connection",
        ),
    ] {
        let response =
            format!("HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\n{lines}\r\n{body}");
        let segments = Conversation::new().client(get("/")).server(response);
        let found = analyse_segments(
            &segments.closed_by(Who::Server).segments(),
            &Limits::default(),
        );
        let [exchange] = found.exchanges.as_slice() else {
            panic!("{lines:?}: {:?}", found.heads());
        };
        let notes: Vec<&str> = exchange.notes.iter().map(Note::name).collect();
        assert!(notes.contains(&note), "{lines:?}: {notes:?}");
        assert_eq!(
            exchange.response.as_ref().unwrap().head.status,
            200,
            "{lines:?}"
        );
    }
}

#[test]
fn requests_that_readers_disagree_about_are_noted() {
    for (lines, body, note) in [
        (
            "Content-Length: 5\r\nContent-Length: 5\r\n",
            "hello",
            "repeated-content-length",
        ),
        (
            "Content-Length: 5\r\nContent-Length: 6\r\n",
            "hello",
            "conflicting-content-length",
        ),
        (
            "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
            CHUNKED,
            "content-length-and-chunked",
        ),
        (
            "X-A: a\r\n b\r\nContent-Length: 5\r\n",
            "hello",
            "obsolete-line-folding",
        ),
        (
            "X-A: b\nContent-Length: 5\r\n",
            "hello",
            "bare-lf-line-ends",
        ),
        (
            "Connection: Origin\r\nContent-Length: 5\r\n",
            "hello",
            "cors-header-named-in-connection",
        ),
    ] {
        let request = format!("POST / HTTP/1.1\r\n{ORIGIN}{lines}\r\n{body}");
        let segments = Conversation::new().client(request).server(OK).segments();
        let found = analyse_segments(&segments, &Limits::default());
        let exchange = found.exchanges.first().unwrap();
        let notes: Vec<&str> = exchange.notes.iter().map(Note::name).collect();
        assert!(notes.contains(&note), "{lines:?}: {notes:?}");
    }
}

#[test]
fn header_lines_are_bounded() {
    let head = format!("GET / HTTP/1.1\r\n{ORIGIN}{}\r\n", "X-A: 1\r\n".repeat(100));
    let segments = Conversation::new().client(head).server(OK).segments();
    let found = analyse_segments(&segments, &limits(|l| l.header_lines = 70));
    let request = found.exchanges[0].request.as_ref().unwrap();
    assert_eq!(request.head.headers.lines().count(), 70);
    let notes = format!("{:?}", found.exchanges[0].notes);
    assert_eq!(notes, "{\"malformed-head\"}");
}

#[test]
fn requests_in_flight_are_bounded() {
    let requests = |count| {
        Conversation::new()
            .client(get("/").repeat(count))
            .segments()
    };
    let small = limits(|limits| limits.requests_in_flight = 5);
    let found = analyse_segments(&requests(5), &small);
    assert_eq!(found.stats.http.too_many_in_flight, 0);
    let found = analyse_segments(&requests(6), &small);
    assert_eq!(found.stats.http.too_many_in_flight, 1);
    assert_eq!(found.exchanges.len(), 5);
    assert!(
        found
            .heads()
            .iter()
            .all(|head| head.ends_with("Unreadable"))
    );
}

#[test]
fn connections_are_bounded() {
    let open = Conversation::new().client(get("/")).segments();
    let mut records = Vec::new();
    for n in 0..20 {
        let wire = Wire {
            start: 1000 * u64::from(n),
            ..Wire::port(40_000 + n)
        };
        records.extend(wire.lay(&open));
    }
    let found = analyse_within(&records, &limits(|limits| limits.connections = 5));
    assert_eq!(found.stats.tcp.evicted, 15);
    assert_eq!(found.exchanges.len(), 20);
    let given_up = |head: &&String| head.ends_with("GivenUp");
    assert_eq!(found.heads().iter().filter(given_up).count(), 15);
}

#[test]
fn half_open_and_idle_connections_are_forgotten() {
    let later = |seconds: u64| Wire {
        start: seconds * 1_000_000,
        ..Wire::port(50_000)
    };
    let syn = &Conversation::new().segments()[..1];
    for (seconds, expected) in [(19, 0), (21, 1)] {
        let mut records = Wire::default().lay(syn);
        records.extend(later(seconds).lay(&sample()));
        let half_open = analyse_before_end(&records);
        assert_eq!(half_open.0, expected, "after {seconds} s");
    }
    let request = Conversation::new().client(get("/idle")).segments();
    for (seconds, expected) in [(599, 0), (601, 1)] {
        let mut records = Wire::default().lay(&request);
        records.extend(later(seconds).lay(&sample()));
        assert_eq!(
            analyse_before_end(&records).1,
            expected,
            "after {seconds} s"
        );
    }
}

/// Half-open connections and exchanges given up, as they stand before the capture's end.
fn analyse_before_end(records: &[Record]) -> (u64, usize) {
    use corshark::analysis::{Analysis, Update};
    use corshark::capture::frame::{Frame, FrameNumber, LinkType};
    use corshark::http::exchange::Outcome;

    let mut analysis = Analysis::new(&Limits::default());
    for (number, record) in (1..).zip(records) {
        analysis.push_frame(&Frame {
            number: FrameNumber(number),
            time: record.time,
            link_type: LinkType(record.link_type),
            bytes: &record.bytes,
        });
    }
    // What is told is told late by the time that frames may be.
    analysis.push_frame(&Frame {
        number: FrameNumber(u64::MAX),
        time: records.last().unwrap().time.plus(Duration::from_millis(60)),
        link_type: LinkType(0),
        bytes: b"",
    });
    let half_open = analysis.stats().tcp.half_open;
    let given_up = analysis
        .drain_updates()
        .filter(|update| match update {
            Update::Exchange(exchange) => exchange.outcome == Outcome::GivenUp,
            _ => false,
        })
        .count();
    (half_open, given_up)
}

#[test]
fn fragmented_datagrams_are_bounded_in_number_and_time() {
    let wire = Wire {
        fragment: Some(64),
        ..Wire::default()
    };
    let segments = Conversation::new()
        .client(get(&format!("/{}", "x".repeat(300))).repeat(3))
        .segments();
    let records = wire.lay(&segments);
    let is_whole = |record: &Record| record.bytes.len() < 60 + 64;
    let first_fragment = records.iter().find(|record| !is_whole(record));
    assert!(first_fragment.is_none(), "headers are small");
    // Many datagrams, of each the first fragment alone.
    let mut firsts = Vec::new();
    for n in 0..100_u16 {
        let wire = Wire {
            client_port: 40_000 + n % 16,
            ..wire.clone()
        };
        let number = usize::from(n / 16);
        let mut padded = vec![segments[0].clone(); number];
        padded.push(segments[3].clone());
        let laid = wire.lay(&padded);
        firsts.push(laid[number].clone());
    }
    let found = analyse_within(&firsts, &limits(|limits| limits.fragmented_datagrams = 10));
    assert_eq!(found.stats.frames.datagrams_dropped, 90);
    let place = Unusable::ALL.iter().position(|u| *u == Unusable::Fragment);
    assert_eq!(found.stats.frames.unusable[place.unwrap()], 100);
    // With time, the older ones make room.
    for (at, record) in firsts.iter_mut().enumerate() {
        record.time = time_of(if at < 10 { 0 } else { 31_000_000 });
    }
    let found = analyse_within(
        &firsts[..11],
        &limits(|limits| limits.fragmented_datagrams = 10),
    );
    assert_eq!(found.stats.frames.datagrams_dropped, 10);
}

#[test]
fn tunnels_within_tunnels_are_bounded() {
    let records = Wire {
        tunnels: &[Tunnel::Ip; 3],
        ..Wire::default()
    }
    .lay(&sample());
    let frames = |tunnels| {
        let limits = limits(|l| l.tunnels = tunnels);
        analyse_within(&records, &limits).stats.frames
    };
    assert_eq!(frames(3).tcp, records.len() as u64);
    let too_deep = Unusable::ALL.iter().position(|r| *r == Unusable::TooDeep);
    let refused = frames(2);
    assert_eq!(refused.unusable[too_deep.unwrap()], records.len() as u64);
    assert_eq!(refused.tcp, 0);
}

#[test]
fn open_transactions_are_bounded() {
    let preflights = |count: usize| {
        let mut conversation = Conversation::new();
        for n in 0..count {
            conversation = conversation
                .client(preflight(&format!("/{n}")))
                .server(ALLOWED);
        }
        let put = get("/0").replace("GET", "PUT");
        conversation.client(put).server(ALLOWED).segments()
    };
    let small = limits(|limits| {
        limits.open_transactions = 10;
        limits.preflight_cache = 0;
    });
    let pairs = |found: &Found| {
        let paired =
            |verdict: &&String| verdict.contains("preflight OPTIONS Some(204), actual PUT");
        found.verdicts().iter().filter(paired).count()
    };
    let found = analyse_segments(&preflights(10), &small);
    assert_eq!((found.transactions.len(), pairs(&found)), (10, 1));
    let found = analyse_segments(&preflights(11), &small);
    assert_eq!((found.transactions.len(), pairs(&found)), (12, 0));
}

#[test]
fn the_preflight_cache_is_bounded() {
    // The first answer is remembered until others take its place.
    let conversation = |others: usize| {
        let answer = ALLOWED.replace(
            "\r\n\r\n",
            "\r\nAccess-Control-Max-Age: 600\r\nAccess-Control-Allow-Methods: PUT\r\n\r\n",
        );
        let put = get("/0").replace("GET", "PUT");
        let mut conversation = Conversation::new()
            .client(preflight("/0"))
            .server(&answer)
            .client(&put)
            .server(OK);
        for n in 1..=others {
            conversation = conversation
                .client(preflight(&format!("/{n}")))
                .server(&answer);
        }
        conversation.client(put).server(OK).segments()
    };
    let small = limits(|limits| limits.preflight_cache = 5);
    for (others, expected) in [(4, "preflight-cached"), (5, "preflight-not-seen")] {
        let found = analyse_segments(&conversation(others), &small);
        let noted = |verdict: &String| verdict.contains(expected);
        assert!(
            found.verdicts().iter().any(noted),
            "{:#?}",
            found.verdicts()
        );
    }
}

#[test]
fn interfaces_of_a_section_are_bounded() {
    let records = Wire::default().lay(&sample());
    let small = limits(|limits| limits.interfaces = 5);
    for (interfaces, damaged) in [(5, false), (6, true)] {
        let file = pcapng_with(&records, false, interfaces);
        let found = analyse_file(&file, &small);
        assert_eq!(found.stats.frames.frames, records.len() as u64);
        let told = matches!(found.damage, Some(CaptureError::Damaged { .. }));
        assert_eq!(told, damaged, "{:?}", found.damage);
    }
}

#[test]
fn blocks_and_frames_are_bounded() {
    let mut records = Wire::default().lay(&sample());
    let long = Record {
        bytes: vec![0; 5000],
        ..records[3].clone()
    };
    let before = 3;
    records.insert(before, long);
    let small = limits(|limits| limits.block_bytes = 4096);
    for file in [pcap(&records, PcapForm::COMMON), pcapng(&records, false)] {
        let found = analyse_file(&file, &small);
        assert_eq!(found.stats.frames.frames, before as u64);
        assert!(matches!(found.damage, Some(CaptureError::Damaged { .. })));
    }
}

#[test]
fn a_length_that_lies_costs_no_memory() {
    let record = Record {
        bytes: Vec::new(),
        ..Wire::default().lay(&sample())[0]
    };
    let mut file = pcap_header(1, PcapForm::COMMON);
    let mut lying = pcap_record(&record, PcapForm::COMMON);
    lying[8..12].copy_from_slice(&u32::MAX.to_le_bytes());
    file.extend(lying);
    let found = analyse_file(&file, &Limits::default());
    assert!(matches!(found.damage, Some(CaptureError::Damaged { .. })));
}

// Growth: each of these must be over at once; one that is quadratic is not.

#[test]
fn a_long_head_in_tiny_segments() {
    let cutting = Cutting {
        size: 1..=1,
        ..Cutting::default()
    };
    let head = get(&format!("/{}", "x".repeat(64 << 10)));
    let segments = Conversation::new().client(head).server(OK).cut(&cutting);
    let found = analyse_segments(&segments, &Limits::default());
    assert_eq!(found.exchanges.len(), 1);
}

#[test]
fn blanks_before_a_head_in_tiny_segments() {
    let cutting = Cutting {
        size: 1..=1,
        ..Cutting::default()
    };
    for blank in [" ", "\t", "\r\n"] {
        let head = blank.repeat(64 << 10) + &get("/");
        let segments = Conversation::new().client(head).server(OK).cut(&cutting);
        analyse_segments(&segments, &Limits::default());
    }
}

#[test]
fn a_flood_of_tiny_segments_out_of_order() {
    let mut segments = Conversation::new().segments();
    let last = segments.last().unwrap().clone();
    segments.extend((1..=100_000_u32).rev().map(|n| Segment {
        sequence: last.sequence.wrapping_add(2 * n),
        payload: vec![b'x'],
        ..last.clone()
    }));
    let found = analyse_segments(&segments, &Limits::default());
    assert!(found.stats.tcp.out_of_order_overflows > 0);
}

#[test]
fn the_same_bytes_out_of_order_again_and_again() {
    let mut segments = Conversation::new().segments();
    let last = segments.last().unwrap().clone();
    for n in 0..20_000_u32 {
        segments.push(Segment {
            sequence: last.sequence.wrapping_add(10),
            payload: vec![b'x'; 1 + n as usize / 100],
            ..last.clone()
        });
    }
    analyse_segments(&segments, &Limits::default());
}

#[test]
fn a_flood_of_identical_preflights() {
    let mut conversation = Conversation::new();
    for _ in 0..20_000 {
        conversation = conversation.client(preflight("/same")).server(ALLOWED);
    }
    let wire = Wire {
        step: 0,
        ..Wire::default()
    };
    let found = analyse(&wire.lay(&conversation.segments()));
    assert_eq!(found.transactions.len(), 20_000);
}

/// `a0,a1,…`: as many short names.
fn names(count: usize) -> String {
    let names: Vec<String> = (0..count).map(|n| format!("{n:x}")).collect();
    names.join(",")
}

fn preflight_for(names: &str) -> String {
    let lines = format!("\r\nAccess-Control-Request-Headers: {names}\r\n\r\n");
    preflight("/").replace("\r\n\r\n", &lines)
}

#[test]
fn many_names_asked_for_and_many_allowed() {
    let asked = names(45_000);
    let mut allowed: Vec<&str> = asked.split(',').collect();
    allowed.reverse();
    allowed.pop();
    let answer = format!(
        "HTTP/1.1 204 No\r\nAccess-Control-Allow-Origin: *\r\nAccess-Control-Allow-Methods: *\r\n\
         Access-Control-Allow-Headers: {}\r\n\r\n",
        allowed.join(",")
    );
    let segments = Conversation::new()
        .client(preflight_for(&asked))
        .server(answer)
        .segments();
    let found = analyse_segments(&segments, &Limits::default());
    let verdicts = found.verdicts();
    assert!(
        verdicts[0].starts_with("Fail(HeaderDisallowedByPreflightResponse)"),
        "{verdicts:?}"
    );
}

#[test]
fn a_long_answer_remembered_and_many_requests() {
    let answer = format!(
        "HTTP/1.1 204 No\r\nAccess-Control-Allow-Origin: *\r\nAccess-Control-Allow-Methods: PUT\r\n\
         Access-Control-Allow-Headers: {}\r\n\r\n",
        names(45_000)
    );
    let mut conversation = Conversation::new()
        .client(preflight_for("a"))
        .server(answer);
    let put = get("/").replace("GET", "PUT");
    for _ in 0..2000 {
        conversation = conversation.client(&put).server(OK);
    }
    let found = analyse_segments(&conversation.segments(), &Limits::default());
    assert_eq!(found.transactions.len(), 2001);
}

#[test]
fn long_questions_unanswered_and_many_requests() {
    let question = preflight_for(&names(45_000));
    let mut conversation = Conversation::new();
    for _ in 0..8 {
        conversation = conversation.client(&question).server(ALLOWED);
    }
    let put = get("/").replace("GET", "PUT");
    for _ in 0..1000 {
        conversation = conversation.client(&put).server(OK);
    }
    let wire = Wire {
        step: 1,
        ..Wire::default()
    };
    let found = analyse(&wire.lay(&conversation.segments()));
    assert_eq!(found.transactions.len(), 1008);
}

#[test]
fn a_long_response_stored_and_many_confirmations() {
    let lines = "X-A: 1\r\n".repeat(8000);
    let stored = format!("HTTP/1.1 200 OK\r\nETag: 1\r\n{lines}Content-Length: 0\r\n\r\n");
    let confirm = get("/").replace("\r\n\r\n", "\r\nIf-None-Match: 1\r\n\r\n");
    let mut conversation = Conversation::new().client(get("/")).server(stored);
    for _ in 0..300 {
        conversation = conversation
            .client(&confirm)
            .server("HTTP/1.1 304 Not Modified\r\n\r\n");
    }
    let found = analyse_segments(&conversation.segments(), &Limits::default());
    assert_eq!(found.transactions.len(), 301);
}

#[test]
fn many_connections_between_the_same_ends() {
    let syn = Conversation::new().segments()[0].clone();
    let segments: Vec<Segment> = (0..100_000_u32)
        .map(|n| Segment {
            sequence: n.wrapping_mul(70_001),
            flags: if n % 2 == 0 { SYN } else { FIN | ACK },
            ..syn.clone()
        })
        .collect();
    let wire = Wire {
        step: 0,
        ..Wire::default()
    };
    let found = analyse(&wire.lay(&segments));
    assert_eq!(found.stats.tcp.connections, 50_000);
}
