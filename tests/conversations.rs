//! One conversation, many wires, the same exchanges and the same verdicts; and what is made of
//! connections that are not wholly in the capture.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests, their helpers too"
)]

mod support;

use corshark::http::protocol::Protocol;
use corshark::limits::Limits;
use support::conversation::{ACK, Cutting, RST};
use support::wire::merged;
use support::{
    Conversation, Found, Link, PcapForm, Random, Record, Segment, Tunnel, Who, Wire, analyse,
    analyse_file, pcap, pcapng,
};

const ORIGIN: &str = "Host: api.test\r\nOrigin: http://page.test\r\n";
const ALLOW: &str = "Access-Control-Allow-Origin: http://page.test\r\n";

fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\n{ORIGIN}\r\n")
}

fn ok(body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\n{ALLOW}Content-Length: {length}\r\n\r\n{body}")
}

/// A preflight, its PUT, pipelined requests, a 304: all on one connection.
fn long_conversation() -> Conversation {
    let body = "b".repeat(300);
    // The data of the second chunk looks like a message head.
    let chunked = format!(
        "HTTP/1.1 200 OK\r\n{ALLOW}Transfer-Encoding: chunked\r\n\r\n\
         5;x=y\r\nhello\r\n11\r\nHTTP/1.1 200 OK\r\n\r\n0\r\nX-Sum: 1\r\n\r\n"
    );
    Conversation::new()
        .client(format!(
            "OPTIONS /item HTTP/1.1\r\n{ORIGIN}Access-Control-Request-Method: PUT\r\n\
             Access-Control-Request-Headers: content-type,x-token\r\n\r\n"
        ))
        .server(format!(
            "HTTP/1.1 204 No Content\r\n{ALLOW}Access-Control-Allow-Methods: PUT\r\n\
             Access-Control-Allow-Headers: Content-Type, X-Token\r\n\r\n"
        ))
        .client(format!(
            "PUT /item HTTP/1.1\r\n{ORIGIN}Content-Type: application/json\r\nX-Token: 1\r\n\
             Expect: 100-continue\r\nContent-Length: 300\r\n\r\n"
        ))
        .server("HTTP/1.1 100 Continue\r\n\r\n")
        .client(body)
        .server(chunked)
        .client([get("/a"), get("/b")].concat() + &get("/c").replace("GET", "HEAD"))
        .server(format!(
            "HTTP/1.1 200 OK\r\n{ALLOW}ETag: \"1\"\r\nContent-Length: 3\r\n\r\nabc"
        ))
        .server("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nGET ")
        .server(format!(
            "HTTP/1.1 200 OK\r\n{ALLOW}Content-Length: 1234\r\n\r\n"
        ))
        .client(get("/a").replace("\r\n\r\n", "\r\nIf-None-Match: \"1\"\r\n\r\n"))
        .server("HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\nContent-Length: 3\r\n\r\n")
        .closed_by(Who::Client)
}

/// A response that goes on until the connection closes.
fn until_close() -> Conversation {
    Conversation::new()
        .client(get("/close"))
        .server(format!(
            "HTTP/1.0 200 OK\r\n{ALLOW}\r\nHTTP/1.1 500 no head\r\n\r\n"
        ))
        .closed_by(Who::Server)
}

/// A preflight that is refused.
fn refused() -> Conversation {
    Conversation::new()
        .client(format!(
            "OPTIONS /refused HTTP/1.1\r\n{ORIGIN}Access-Control-Request-Method: DELETE\r\n\r\n"
        ))
        .server(format!(
            "HTTP/1.1 200 OK\r\n{ALLOW}Content-Length: 0\r\n\r\n"
        ))
        .closed_by(Who::Client)
}

/// The three connections of the main property, laid in the same way.
fn lay_all(cutting: &Cutting, wire: &Wire) -> Vec<Record> {
    let conversations = [long_conversation(), until_close(), refused()];
    let connections = (0..).zip(conversations).map(|(n, conversation)| {
        let wire = Wire {
            client_port: wire.client_port + n,
            start: wire.start + 70 * u64::from(n),
            ..wire.clone()
        };
        wire.lay(&conversation.cut(cutting))
    });
    merged(connections.collect())
}

const EXPECTED_VERDICTS: [&str; 7] = [
    "Fail(MethodDisallowedByPreflightResponse) DELETE /refused",
    "Fail(MissingAllowOriginHeader) GET /b",
    "Pass GET /a",
    "Pass GET /a",
    "Pass GET /close",
    "Pass HEAD /c",
    "Pass PUT /item",
];

#[test]
fn a_plain_wire_shows_the_whole_conversation() {
    let found = analyse(&lay_all(&Cutting::default(), &Wire::default()));
    let mut verdicts = found.verdicts();
    verdicts.sort();
    assert_eq!(verdicts.len(), 7, "{verdicts:#?}");
    for (verdict, expected) in verdicts.iter().zip(EXPECTED_VERDICTS) {
        assert!(verdict.starts_with(expected), "{verdict}, not {expected}");
    }
    assert!(verdicts[6].contains("preflight OPTIONS Some(204), actual PUT Some(200)"));
    assert_eq!(found.heads().len(), 8, "{:#?}", found.heads());
    assert!(found.heads().iter().all(|line| line.ends_with("Complete")));
    assert_eq!(found.stats.tcp.gaps, 0);
}

fn random_wire(seed: u64) -> (Cutting, Wire) {
    let mut random = Random::new(seed);
    let (least, most) = random.one_of(&[(1, 1), (1, 3), (1, 40), (20, 300), (536, 1460)]);
    let mut cutting = Cutting {
        size: least..=most,
        first: [0, 1].map(|_| {
            // Near the wrap of sequence numbers, often enough.
            let near = u32::try_from(random.below(4000)).unwrap();
            random.one_of(&[near, 0_u32.wrapping_sub(near), 0x7fff_ffff - near])
        }),
        repeated: random.one_of(&[0, 0, 10, 50]),
        overlapping: random.one_of(&[0, 0, 10, 50]),
        late: random.one_of(&[0, 0, 10]),
        disorder: random.one_of(&[0, 0, 2, 5, 20]),
        handshake: true,
        seed,
    };
    let fragment = random.one_of(&[None, None, Some(8), Some(64), Some(512)]);
    // A frame is looked for over so many frames, and a fragment is one.
    cutting.disorder = match fragment {
        None => cutting.disorder,
        Some(8) => 0,
        Some(_) => cutting.disorder.min(1),
    };
    let wire = Wire {
        link: random.one_of(&Link::ALL),
        tunnels: random.one_of(&[
            &[],
            &[],
            &[Tunnel::Vxlan],
            &[Tunnel::Gre, Tunnel::Ip6],
            &[Tunnel::Geneve, Tunnel::Ip, Tunnel::Gtp],
        ]),
        ipv6: random.chance(40),
        fragment,
        step: 20,
        ..Wire::default()
    };
    (cutting, wire)
}

#[test]
fn the_laying_does_not_matter() {
    let plain = analyse(&lay_all(&Cutting::default(), &Wire::default())).lines();
    for seed in 1..=100 {
        let (cutting, wire) = random_wire(seed);
        let records = lay_all(&cutting, &wire);
        let found = analyse(&records);
        assert_eq!(found.lines(), plain, "{seed}: {cutting:?} {wire:?}");
        assert_eq!(found.stats.tcp.gaps, 0, "{seed}: {cutting:?} {wire:?}");
    }
}

#[test]
fn every_link_type_is_read() {
    for link in Link::ALL {
        for ipv6 in [false, true] {
            let wire = Wire {
                link,
                ipv6,
                ..Wire::default()
            };
            let found = analyse(&wire.lay(&simple().segments()));
            assert_eq!(found.heads(), ["GET /x 200 Complete"], "{link:?} {ipv6}");
            assert_eq!(found.stats.frames.tcp, found.stats.frames.frames);
        }
    }
}

#[test]
fn every_tunnel_is_followed() {
    const EACH: [[Tunnel; 1]; 10] = {
        let mut each = [[Tunnel::Ip]; 10];
        let mut at = 0;
        while at < each.len() {
            each[at] = [Tunnel::ALL[at]];
            at += 1;
        }
        each
    };
    let nested: &[Tunnel] = &Tunnel::ALL[..8];
    for tunnels in EACH.iter().map(|one| &one[..]).chain([nested]) {
        for ipv6 in [false, true] {
            let wire = Wire {
                tunnels,
                ipv6,
                ..Wire::default()
            };
            let found = analyse(&wire.lay(&simple().segments()));
            assert_eq!(found.heads(), ["GET /x 200 Complete"], "{tunnels:?} {ipv6}");
            assert_eq!(found.stats.frames.tcp, found.stats.frames.frames);
        }
    }
}

#[test]
fn every_file_format_is_read() {
    let records = lay_all(&Cutting::default(), &Wire::default());
    let expected = analyse(&records).lines();
    let forms = PcapForm::ALL.map(|form| pcap(&records, form));
    let next_generation = [false, true].map(|big_endian| pcapng(&records, big_endian));
    for file in forms.iter().chain(&next_generation) {
        let found = analyse_file(file, &Limits::default());
        assert!(found.damage.is_none(), "{:?}", found.damage);
        assert_eq!(found.lines(), expected);
    }
}

#[test]
fn link_types_may_differ_within_a_pcapng_file() {
    let segments = simple().segments();
    let mut records = Vec::new();
    for (at, link) in (0..segments.len()).zip(Link::ALL.into_iter().cycle()) {
        let wire = Wire {
            link,
            start: 100 * u64::try_from(at).unwrap(),
            ..Wire::default()
        };
        records.extend(wire.lay(&segments[at..=at]));
    }
    let found = analyse_file(&pcapng(&records, false), &Limits::default());
    assert_eq!(found.heads(), ["GET /x 200 Complete"]);
}

/// One request with its response.
fn simple() -> Conversation {
    Conversation::new()
        .client(get("/x"))
        .server(ok("body"))
        .closed_by(Who::Client)
}

/// Two exchanges, one after the other.
fn two() -> Conversation {
    Conversation::new()
        .client(get("/1"))
        .server(ok("one"))
        .client(get("/2"))
        .server(ok("two"))
        .closed_by(Who::Client)
}

fn analyse_segments(segments: &[Segment]) -> Found {
    analyse(&Wire::default().lay(segments))
}

/// The places of the segments that carry something said.
fn said(segments: &[Segment]) -> Vec<usize> {
    let places = segments.iter().enumerate();
    places
        .filter(|(_, segment)| !segment.payload.is_empty())
        .map(|(place, _)| place)
        .collect()
}

#[test]
fn heads_are_read_however_they_are_split() {
    let plain = analyse_segments(&two().segments()).lines();
    let request = get("/1");
    for at in 1..request.len() {
        let (first, rest) = request.split_at(at);
        let split = Conversation::new()
            .client(first)
            .client(rest)
            .server(ok("one"))
            .client(get("/2"))
            .server(ok("two"))
            .closed_by(Who::Client);
        assert_eq!(analyse_segments(&split.segments()).lines(), plain, "{at}");
    }
    let response = ok("one");
    for at in 1..response.len() {
        let (first, rest) = response.split_at(at);
        let split = Conversation::new()
            .client(get("/1"))
            .server(first)
            .server(rest)
            .client(get("/2"))
            .server(ok("two"))
            .closed_by(Who::Client);
        assert_eq!(analyse_segments(&split.segments()).lines(), plain, "{at}");
    }
}

#[test]
fn sequence_numbers_wrap_anywhere() {
    let plain = analyse_segments(&two().segments()).lines();
    for before in 0..200_u32 {
        let cutting = Cutting {
            size: 7..=7,
            first: [0_u32.wrapping_sub(before); 2],
            ..Cutting::default()
        };
        let found = analyse_segments(&two().cut(&cutting));
        assert_eq!(found.lines(), plain, "{before} bytes before the wrap");
    }
}

#[test]
fn a_lost_request_leaves_its_response() {
    let mut segments = two().segments();
    let lost = said(&segments)[0];
    segments.remove(lost);
    let found = analyse_segments(&segments);
    assert_eq!(found.heads(), ["? 200 Complete", "GET /2 200 Complete"]);
    assert_eq!(found.stats.tcp.gaps, 1);
    assert_eq!(found.stats.tcp.gap_bytes, get("/1").len() as u64);
    assert_eq!(found.stats.http.responses_without_request, 1);
}

#[test]
fn a_lost_response_leaves_its_request_undecided() {
    let mut segments = two().segments();
    let lost = said(&segments)[1];
    segments.remove(lost);
    let found = analyse_segments(&segments);
    let mut heads = found.heads();
    heads.sort();
    assert_eq!(heads, ["GET /1 - NotCaptured", "GET /2 200 Complete"]);
    let mut verdicts = found.verdicts();
    verdicts.sort();
    verdicts.reverse();
    assert!(
        verdicts[0].starts_with("Unknown(NotCaptured) GET /1"),
        "{verdicts:#?}"
    );
    assert!(verdicts[1].starts_with("Pass GET /2"), "{verdicts:#?}");
}

#[test]
fn a_gap_in_a_body_is_told_and_does_no_harm() {
    let body = "HTTP/1.1 500 no\r\n\r\n".repeat(300);
    let conversation = Conversation::new()
        .client(get("/1"))
        .server(ok(&body))
        .client(get("/2"))
        .server(ok("two"));
    let mut segments = conversation.segments();
    let lost = said(&segments)[2];
    assert_eq!(segments[lost].who, Who::Server);
    segments.remove(lost);
    let found = analyse_segments(&segments);
    assert_eq!(
        found.heads(),
        ["GET /1 200 Complete", "GET /2 200 Complete"]
    );
    let first = format!("{:?}", found.exchanges[0].notes);
    assert_eq!(first, "{\"gap-in-body\"}");
    let response = found.exchanges[0].response.as_ref().unwrap();
    assert_eq!(response.body_bytes, body.len() as u64);
}

#[test]
fn one_direction_is_enough_to_see_its_half() {
    let half = |who| {
        let mut segments = two().segments();
        segments.retain(|segment| segment.who == who);
        analyse_segments(&segments).heads()
    };
    let requests = half(Who::Client);
    assert_eq!(requests.len(), 2, "{requests:?}");
    assert!(requests[0].starts_with("GET /1 - "), "{requests:?}");
    assert!(requests[1].starts_with("GET /2 - "), "{requests:?}");
    assert_eq!(half(Who::Server), ["? 200 Complete", "? 200 Complete"]);
}

#[test]
fn a_capture_may_start_anywhere() {
    let segments = two().segments();
    let places = said(&segments);
    for start in 1..segments.len() {
        let found = analyse_segments(&segments[start..]);
        let expected: &[&str] = match places.iter().filter(|place| **place < start).count() {
            0 => &["GET /1 200 Complete", "GET /2 200 Complete"],
            1 => &["? 200 Complete", "GET /2 200 Complete"],
            2 => &["GET /2 200 Complete"],
            3 => &["? 200 Complete"],
            _ => &[],
        };
        assert_eq!(found.heads(), expected, "from segment {start}");
    }
}

#[test]
fn a_capture_may_end_anywhere() {
    let segments = two().segments();
    let whole = analyse_segments(&segments).heads();
    for end in 0..segments.len() {
        let found = analyse_segments(&segments[..end]);
        let complete = found.stats.http.exchanges - found.stats.http.incomplete;
        let complete = usize::try_from(complete).unwrap();
        assert_eq!(found.heads()[..complete], whole[..complete], "{end}");
        for head in &found.heads()[complete..] {
            assert!(head.ends_with("CaptureEnded"), "{end}: {head}");
        }
    }
}

#[test]
fn a_reused_port_is_a_new_connection() {
    let mut records = Wire::default().lay(&simple().segments());
    for (start, first) in [(10_000, 90_000), (20_000, 3_000_000_000)] {
        let wire = Wire {
            start,
            ..Wire::default()
        };
        let cutting = Cutting {
            first: [first, first],
            ..Cutting::default()
        };
        records.extend(wire.lay(&two().cut(&cutting)));
    }
    let found = analyse(&records);
    assert_eq!(found.stats.tcp.connections, 3);
    assert_eq!(
        found.heads(),
        [
            "GET /x 200 Complete",
            "GET /1 200 Complete",
            "GET /2 200 Complete",
            "GET /1 200 Complete",
            "GET /2 200 Complete",
        ]
    );
}

#[test]
fn a_response_captured_before_its_request_still_answers_it() {
    let plain = analyse_segments(&two().segments()).lines();
    let mut segments = two().segments();
    let places = said(&segments);
    for pair in [0, 2] {
        let response = segments.remove(places[pair + 1]);
        segments.insert(places[pair], response);
    }
    let found = analyse_segments(&segments);
    assert_eq!(found.lines(), plain);
    assert!(found.stats.tcp.out_of_order_segments > 0);
}

#[test]
fn data_captured_before_the_handshake_counts() {
    let plain = analyse_segments(&two().segments()).lines();
    let mut segments = two().segments();
    let request = segments.remove(said(&segments)[0]);
    segments.insert(0, request);
    assert_eq!(analyse_segments(&segments).lines(), plain);
}

#[test]
fn a_repeated_capture_of_every_frame_changes_nothing() {
    let plain = analyse_segments(&two().segments()).lines();
    let twice: Vec<Segment> = two()
        .segments()
        .into_iter()
        .flat_map(|segment| [segment.clone(), segment])
        .collect();
    assert_eq!(analyse_segments(&twice).lines(), plain);
}

#[test]
fn a_longer_repetition_of_what_waits_counts() {
    let plain = analyse_segments(&simple().segments()).lines();
    let mut segments = simple().segments();
    let place = said(&segments)[0];
    let whole = segments.remove(place);
    let piece = |from: usize, to: usize| Segment {
        sequence: whole.sequence.wrapping_add(u32::try_from(from).unwrap()),
        payload: whole.payload[from..to].to_vec(),
        ..whole.clone()
    };
    let end = whole.payload.len();
    // What comes first waits for what comes last.
    for pieces in [
        [piece(10, 20), piece(10, end), piece(0, 10)],
        [piece(10, end), piece(10, 20), piece(0, 12)],
        [piece(20, end), piece(5, 30), piece(0, 10)],
        [piece(10, 20), piece(15, end), piece(0, 11)],
    ] {
        let mut segments = segments.clone();
        segments.splice(place..place, pieces);
        let found = analyse_segments(&segments);
        assert_eq!(found.lines(), plain);
        assert!(found.stats.tcp.out_of_order_segments >= 2);
    }
}

#[test]
fn keep_alive_probes_are_no_data() {
    let conversation = Conversation::new()
        .client(get("/1"))
        .keep_alive_by(Who::Client)
        .server(ok("one"))
        .keep_alive_by(Who::Client)
        .keep_alive_by(Who::Server)
        .client(get("/2"))
        .server(ok("two"))
        .closed_by(Who::Client);
    let plain = analyse_segments(&two().segments()).lines();
    let found = analyse_segments(&conversation.segments());
    assert_eq!(found.lines(), plain);
    assert_eq!(found.stats.tcp.repeated_segments, 3);
}

#[test]
fn a_reset_ends_what_is_open() {
    let conversation = Conversation::new().client(get("/1")).reset_by(Who::Server);
    let found = analyse_segments(&conversation.segments());
    assert_eq!(found.heads(), ["GET /1 - Reset"]);
    let verdicts = found.verdicts();
    assert!(verdicts[0].starts_with("Fail(InvalidResponse) GET /1"));
}

#[test]
fn a_forged_reset_ends_nothing() {
    let mut segments = two().segments();
    let place = said(&segments)[1];
    let mut forged = segments[place].clone();
    forged.flags = RST | ACK;
    forged.sequence = forged.sequence.wrapping_add(1 << 29);
    forged.payload.clear();
    segments.insert(place, forged);
    let found = analyse_segments(&segments);
    assert_eq!(
        found.heads(),
        ["GET /1 200 Complete", "GET /2 200 Complete"]
    );
    assert_eq!(found.stats.tcp.ignored_resets, 1);
}

#[test]
fn a_snap_length_cuts_bodies_and_then_heads() {
    let conversation = Conversation::new()
        .client(get("/1"))
        .server(ok(&"b".repeat(1000)))
        .client(get("/2"))
        .server(ok("two"));
    let segments = conversation.segments();
    for ipv6 in [false, true] {
        let cut = |snap_length| {
            let wire = Wire {
                snap_length: Some(snap_length),
                ipv6,
                ..Wire::default()
            };
            analyse(&wire.lay(&segments))
        };
        let found = cut(300);
        assert_eq!(
            found.heads(),
            ["GET /1 200 Complete", "GET /2 200 Complete"]
        );
        let first = format!("{:?}", found.exchanges[0].notes);
        assert_eq!(first, "{\"body-cut-by-snap-length\"}");
        assert_eq!(found.stats.tcp.cut_segments, 1);
        // All of a request, and a part of a response head.
        let found = cut(if ipv6 { 140 } else { 120 });
        assert_eq!(
            found.heads(),
            ["GET /1 - CutBySnapLength", "GET /2 - CutBySnapLength"]
        );
        assert!(
            found.verdicts()[0].starts_with("Unknown(CutBySnapLength)"),
            "{:?}",
            found.verdicts()
        );
        assert!(cut(40).heads().is_empty());
    }
}

#[test]
fn another_protocol_may_follow() {
    for (request, answer) in [
        (
            "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
        ),
        (
            "GET /s HTTP/1.1\r\nHost: a.test\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
        ),
    ] {
        let conversation = Conversation::new()
            .client(request)
            .server(answer)
            .client(get("/hidden"))
            .server(ok("hidden"))
            .closed_by(Who::Client);
        let found = analyse_segments(&conversation.segments());
        assert_eq!(found.exchanges.len(), 1, "{:?}", found.heads());
        assert!(
            found.heads()[0].ends_with("Complete"),
            "{:?}",
            found.heads()
        );
        let notes = format!("{:?}", found.exchanges[0].notes);
        assert_eq!(notes, "{\"switched-protocol\"}");
        assert_eq!(found.stats.http.heads_unreadable, 0);
    }
}

#[test]
fn other_protocols_are_counted_by_name() {
    for (bytes, protocol) in [
        (
            &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
            Protocol::Tls,
        ),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Protocol::Http2),
        (b"SSH-2.0-OpenSSH_9.6\r\n", Protocol::Ssh),
        (b"\x00\x00\x00\x01", Protocol::Other),
        (b"", Protocol::Silent),
        (b"GET / HTTP/1.1\r\n\r\n", Protocol::Http1),
    ] {
        for size in [1, 1460] {
            let cutting = Cutting {
                size: size..=size,
                ..Cutting::default()
            };
            let conversation = Conversation::new().client(bytes).closed_by(Who::Client);
            let found = analyse_segments(&conversation.cut(&cutting));
            let count = found.stats.http.connections_of(protocol);
            assert_eq!(count, 1, "{protocol:?} in pieces of {size}");
        }
    }
}

#[test]
fn a_preflight_on_another_connection_belongs_to_its_request() {
    let preflight =
        format!("OPTIONS /item HTTP/1.1\r\n{ORIGIN}Access-Control-Request-Method: PUT\r\n\r\n");
    let answer =
        format!("HTTP/1.1 204 No Content\r\n{ALLOW}Access-Control-Allow-Methods: PUT\r\n\r\n");
    let asked = Conversation::new()
        .client(preflight)
        .server(answer)
        .segments();
    let put = get("/item").replace("GET", "PUT");
    let followed = Conversation::new().client(put).server(ok("")).segments();
    let mut records = Wire::port(40_001).lay(&asked);
    let wire = Wire {
        start: 600,
        ..Wire::port(40_002)
    };
    records.extend(wire.lay(&followed));
    let expected = "Pass PUT /item preflight OPTIONS Some(204), actual PUT Some(200)";
    let check = |found: &Found| {
        let verdicts = found.verdicts();
        assert_eq!(verdicts.len(), 1, "{verdicts:#?}");
        assert!(verdicts[0].starts_with(expected), "{verdicts:#?}");
    };
    check(&analyse(&records));
    // A merged capture shows the second connection first, with its true times.
    records.rotate_left(asked.len());
    check(&analyse(&records));
}
