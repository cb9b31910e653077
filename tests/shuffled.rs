//! A capture can show frames late: several queues, merged interfaces. What is found is the same.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests, their helpers too"
)]

mod support;

use std::path::{Path, PathBuf};
use std::time::Duration;

use corshark::capture::{FrameSource as _, Next, SaveFile};
use corshark::limits::Limits;
use corshark::wire_text::wire_text;
use support::conversation::Cutting;
use support::wire::merged;
use support::{Conversation, Random, Record, Who, Wire, analyse};

/// Each frame moves by less than so many places, and by less than this time: half of what is waited
/// for.
const WINDOW: usize = 64;
const TIME: Duration = Duration::from_millis(25);
/// The same where frames were seen to be late.
const PAUSE: Duration = Duration::from_millis(2500);

fn shuffled(records: &[Record], seed: u64, within: Duration) -> Vec<Record> {
    let mut random = Random::new(seed);
    let mut records = records.to_vec();
    let mut rest = records.as_mut_slice();
    while let Some(first) = rest.first() {
        let start = first.time;
        let near = rest.iter().take(WINDOW);
        let near = near.take_while(|record| record.time.since(start) < within);
        let (window, others) = rest.split_at_mut(near.count());
        for at in (1..window.len()).rev() {
            window.swap(at, random.below(at + 1));
        }
        rest = others;
    }
    records
}

/// Requests with their statuses, and verdicts, whatever their order. (How a connection ended may differ:
/// a reset does not tell what came before it.)
fn found(records: &[Record]) -> Vec<String> {
    let found = analyse(records);
    let exchanges = found.exchanges.iter().map(|exchange| {
        let request = exchange.request.as_ref().map(|request| &request.head);
        let response = exchange.response.as_ref().map(|response| &response.head);
        let line = request.map(|head| (wire_text(head.method()), wire_text(head.target())));
        format!("{line:?} {:?}", response.map(|head| head.status))
    });
    let transactions = found.transactions.iter().map(|transaction| {
        let halves = [&transaction.preflight, &transaction.actual].map(Option::is_some);
        let verdict = transaction.judgement.verdict;
        format!("{verdict:?} {} {halves:?}", transaction.url())
    });
    let mut lines: Vec<String> = exchanges.chain(transactions).collect();
    lines.sort();
    lines
}

fn check(name: &str, records: &[Record], seeds: u64, within: Duration) {
    let expected = found(records);
    for seed in 0..seeds {
        let found = found(&shuffled(records, seed, within));
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found, expected, "{name} {seed}");
        }
        assert_eq!(found.len(), expected.len(), "{name} {seed}");
    }
}

fn records_of(path: &Path) -> Vec<Record> {
    let mut records = Vec::new();
    let mut file = SaveFile::open(path, &Limits::default()).unwrap();
    while let Next::Frame(frame) = file.next_frame().unwrap() {
        records.push(Record {
            time: frame.time,
            link_type: frame.link_type.0,
            bytes: frame.bytes.to_vec(),
            original: frame.bytes.len(),
        });
    }
    records
}

#[test]
fn real_captures_give_the_same_in_any_order() {
    let captures = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    let files = std::fs::read_dir(captures).unwrap();
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.retain(|path| {
        path.extension()
            .is_some_and(|e| e == "pcap" || e == "pcapng")
    });
    files.sort();
    assert!(files.len() > 5);
    for path in files {
        check(&path.to_string_lossy(), &records_of(&path), 20, TIME);
    }
}

/// Short connections, so that whole ones are turned around; every other one does not say goodbye. After so
/// many of them comes a pause of 300 ms.
fn short_connections(between_pauses: u16) -> Vec<Record> {
    let connections = (0..100_u16).map(|n| {
        let common = "Host: api.test\r\nOrigin: http://page.test\r\n";
        let mut conversation = Conversation::new()
            .client(format!("GET /{n} HTTP/1.1\r\n{common}\r\n"))
            .server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        if n % 2 == 0 {
            conversation =
                conversation.closed_by([Who::Client, Who::Server][usize::from(n / 2 % 2)]);
        }
        // Ports of closed connections are used again.
        let port = if n % 2 == 0 {
            10_000 + n % 30
        } else {
            20_000 + n
        };
        let first = [1000, 5000].map(|first| first + u32::from(n) * 10_000);
        let cutting = Cutting {
            first,
            ..Cutting::default()
        };
        let wire = Wire {
            start: u64::from(n) * 200 + u64::from(n / between_pauses) * 300_000,
            ..Wire::port(port)
        };
        wire.lay(&conversation.cut(&cutting))
    });
    merged(connections.collect())
}

#[test]
fn short_connections_are_whole_in_any_order() {
    check("short", &short_connections(100), 100, TIME);
}

#[test]
fn pauses_among_late_frames_lose_nothing() {
    check("pauses", &short_connections(30), 100, PAUSE);
}
