//! What was not used is said: copies of packets, gaps, frames cut by a snap length.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests, their helpers too"
)]

mod support;

use std::time::Duration;

use support::binary::{Scratch, run, stdout};
use support::wire::merged;
use support::{Conversation, Link, PcapForm, Record, Tunnel, Who, Wire, analyse, pcap};

fn conversation() -> Conversation {
    let body = "b".repeat(4000);
    Conversation::new()
        .client("GET /a HTTP/1.1\r\nHost: api.test\r\nOrigin: http://page.test\r\n\r\n")
        .server(format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ))
        .client("GET /b HTTP/1.1\r\nHost: api.test\r\nOrigin: http://page.test\r\n\r\n")
        .server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
}

fn later(records: &[Record], by: Duration) -> Vec<Record> {
    let mut records = records.to_vec();
    for record in &mut records {
        record.time = record.time.plus(by);
    }
    records
}

#[test]
fn a_packet_that_was_captured_twice_counts_once() {
    let segments = conversation().closed_by(Who::Client).segments();
    let step = 3000;
    let plain = Wire {
        step,
        ..Wire::default()
    };
    let records = plain.lay(&segments);
    let count = records.len() as u64;
    let lines = analyse(&records).lines();
    let mut forwarded = records.clone();
    for record in &mut forwarded {
        // After the Ethernet header: the time to live.
        record.bytes[14 + 8] -= 1;
    }
    let cooked = Wire {
        link: Link::Sll,
        step,
        ..Wire::default()
    };
    let tunnelled = Wire {
        tunnels: &[Tunnel::Vxlan],
        step,
        ..Wire::default()
    };
    for copy in [
        records.clone(),
        forwarded,
        cooked.lay(&segments),
        tunnelled.lay(&segments),
    ] {
        let both = merged(vec![
            records.clone(),
            later(&copy, Duration::from_micros(40)),
        ]);
        let found = analyse(&both);
        assert_eq!(found.lines(), lines);
        assert_eq!(found.stats.frames.copies, count);
        assert_eq!(found.stats.frames.tcp, count);
        assert_eq!(found.stats.tcp.repeated_segments, 0);
    }
}

#[test]
fn a_retransmission_is_no_copy() {
    let records = Wire::default().lay(&conversation().segments());
    let at = 3;
    // After the timeout, even the same bytes; sooner, with the identification of a new packet.
    let mut timeout = records[at].clone();
    timeout.time = records
        .last()
        .unwrap()
        .time
        .plus(Duration::from_millis(300));
    let mut fast = records[at].clone();
    fast.time = fast.time.plus(Duration::from_micros(500));
    fast.bytes[14 + 5] ^= 0xff;
    for again in [timeout, fast] {
        let found = analyse(&merged(vec![records.clone(), vec![again]]));
        assert_eq!(found.stats.frames.copies, 0);
        assert_eq!(found.stats.tcp.repeated_segments, 1);
        assert_eq!(found.stats.frames.tcp, records.len() as u64 + 1);
    }
}

#[test]
fn incomplete_exchanges_are_told_with_their_causes() {
    let conversation = |n: u16| {
        let long = "x".repeat(200);
        Conversation::new()
            .client(format!("GET /{n} HTTP/1.1\r\nHost: a.test\r\n\r\n"))
            .server(format!(
                "HTTP/1.1 200 OK\r\nX-Long: {long}\r\nContent-Length: 0\r\n\r\n"
            ))
            .closed_by(Who::Client)
    };
    let mut all = Vec::new();
    for n in 0..12 {
        let mut wire = Wire::port(40_000 + n);
        wire.start = u64::from(n) * 1000;
        let mut segments = conversation(n).segments();
        if n < 3 {
            // The response is not in the capture, the acknowledgement of it is.
            segments.retain(|segment| segment.who == Who::Client || segment.payload.is_empty());
        } else {
            wire.snap_length = Some(96);
        }
        all.push(wire.lay(&segments));
    }
    let scratch = Scratch::new("accounting");
    let file = scratch.file("cut.pcap", &pcap(&merged(all), PcapForm::COMMON));
    let text = stdout(&run(&[&file]));
    let line = "12 HTTP exchanges incomplete: 3 with gaps (the capture lost packets), \
                9 cut by the snap length 96: capture again with -s 0\n";
    assert!(text.contains(line), "{text}");
    let json: serde_json::Value =
        serde_json::from_str(&stdout(&run(&[&file, "--format", "json"]))).unwrap();
    let frames = json["totals"]["frames"].as_object().unwrap();
    let sum: u64 = frames.values().map(|n| n.as_u64().unwrap()).sum();
    assert_eq!(sum, 2 * frames["total"].as_u64().unwrap());
    let exchanges = &json["totals"]["exchanges"];
    assert_eq!(exchanges["not-captured"], 3);
    assert_eq!(exchanges["cut-by-snap-length"], 9);
}
