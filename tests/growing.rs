//! Files that grow while they are read, and files that are the parts of one capture.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests, their helpers too"
)]

mod support;

use support::binary::{Scratch, run, stderr, stdout};
use support::{Conversation, PcapForm, Record, Who, Wire, pcap, pcapng};

/// One long connection with a preflight and failures.
fn traffic() -> Vec<Record> {
    let mut conversation = Conversation::new().client(
        "OPTIONS /0 HTTP/1.1\r\nHost: api.test\r\nOrigin: http://page.test\r\n\
         Access-Control-Request-Method: PUT\r\n\r\n",
    );
    conversation = conversation.server("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    for n in 1..8 {
        conversation = conversation
            .client(format!(
                "GET /{n} HTTP/1.1\r\nHost: api.test\r\nOrigin: http://page.test\r\n\r\n"
            ))
            .server("HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n")
            .server("b".repeat(300));
    }
    Wire::default().lay(&conversation.closed_by(Who::Client).segments())
}

#[test]
fn joined_files_are_one_capture_in_the_order_of_their_time() {
    let scratch = Scratch::new("join");
    let records = traffic();
    let whole = scratch.file("whole.pcap", &pcap(&records, PcapForm::COMMON));
    let arguments = ["--format", "ndjson", "--all"];
    let expected = stdout(&run(&[&[&whole[..]], &arguments[..]].concat()));
    assert!(expected.lines().count() > 10);

    // Cut in the midst of exchanges; named in another order; in different formats.
    let third = records.len() / 3;
    let parts = [
        scratch.file("c", &pcapng(&records[2 * third..], true)),
        scratch.file("a", &pcap(&records[..third], PcapForm::COMMON)),
        scratch.file("b", &pcapng(&records[third..2 * third], false)),
    ];
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let output = run(&[&parts[..], &["--join"], &arguments[..]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stdout(&output), expected);
    let said = stderr(&output);
    for (file, first, last) in [
        ("a", 1, third),
        ("b", third + 1, 2 * third),
        ("c", 2 * third + 1, records.len()),
    ] {
        let line = format!("{file}: frames {first} to {last}\n");
        assert!(said.contains(&line), "{said}");
    }
    // Without it they are three captures, and nothing that is cut is whole.
    let apart = stdout(&run(&[&parts[..], &arguments[..]].concat()));
    assert_ne!(apart, expected);
}

#[test]
fn a_damaged_part_costs_only_what_it_lacks() {
    let scratch = Scratch::new("join-damage");
    let records = traffic();
    let third = records.len() / 3;
    let first = pcap(&records[..third], PcapForm::COMMON);
    let parts = [
        scratch.file("a", &first[..first.len() - 1]),
        scratch.file("b", &pcap(&records[third..], PcapForm::COMMON)),
        scratch.file("c", b"no capture"),
        scratch.name("d"),
    ];
    let mut arguments: Vec<&str> = parts.iter().map(String::as_str).collect();
    arguments.extend(["--join", "--format", "json"]);
    let output = run(&arguments);
    assert_eq!(output.status.code(), Some(3));
    let document: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(document["totals"]["frames"]["total"], records.len() - 1);
    let said = stderr(&output);
    for word in ["a: cut short", "c: not a capture", "d: No such file"] {
        assert!(said.contains(word), "{said}");
    }
}

#[test]
fn files_that_overlap_in_time_are_told() {
    let scratch = Scratch::new("join-overlap");
    let laid = |start| {
        let wire = Wire {
            start,
            step: 100_000,
            ..Wire::default()
        };
        let conversation = Conversation::new().client("GET / HTTP/1.1\r\n\r\n");
        pcap(&wire.lay(&conversation.segments()), PcapForm::COMMON)
    };
    let parts = [laid(0), laid(200_000)];
    let files = [scratch.file("a", &parts[0]), scratch.file("b", &parts[1])];
    let output = run(&["--join", &files[0], &files[1]]);
    assert!(
        stderr(&output).contains("b: begins before"),
        "{}",
        stderr(&output)
    );
    assert_eq!(
        run(&["--join", "--follow", &files[0]]).status.code(),
        Some(2)
    );
    assert_eq!(
        run(&["--follow", &files[0], &files[1]]).status.code(),
        Some(2)
    );
}

#[cfg(all(feature = "live", unix))]
mod follow {
    use std::fs::OpenOptions;
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::process::{Command, Stdio};

    use super::{Scratch, pcap, pcapng, run, stdout, traffic};
    use crate::support::PcapForm;
    use crate::support::binary::corshark;

    /// Writes the file in pieces while it is followed, each after what the one before gave is there.
    fn follow(name: &str, whole: &[u8]) {
        let scratch = Scratch::new(name);
        let full = scratch.file("full", whole);
        let expected = stdout(&run(&[&full, "--format", "ndjson", "--all"]));
        let lines = expected.lines().count();
        let file = scratch.file("growing", &whole[..10]);
        let mut writer = OpenOptions::new().append(true).open(&file).unwrap();
        let mut child = corshark(&[&file, "--follow", "--format", "ndjson", "--all"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        // Borders within frames and headers; blocks that are passed over among them.
        for piece in whole[10..].chunks(whole.len() / 5 + 7) {
            writer.write_all(piece).unwrap();
            writer.flush().unwrap();
        }
        let mut got = String::new();
        // The last lines come when the silence has settled them, without any end.
        while got.lines().count() < lines {
            assert_ne!(out.read_line(&mut got).unwrap(), 0, "{got}");
        }
        let mut expected: Vec<&str> = expected.lines().collect();
        let mut found: Vec<&str> = got.lines().collect();
        expected.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, expected);
        let pid = child.id().to_string();
        let killed = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(killed.unwrap().success());
        let mut rest = String::new();
        out.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "");
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }

    #[test]
    fn a_growing_file_is_followed_until_a_signal() {
        follow("follow-pcap", &pcap(&traffic(), PcapForm::COMMON));
    }

    #[test]
    fn a_growing_pcapng_is_followed_until_a_signal() {
        let mut file = pcapng(&traffic(), false);
        // A block of a type that nobody knows, larger than one piece of the file.
        let mut unknown = vec![0x99, 0, 0, 0, 0, 0x10, 0, 0];
        unknown.resize(0x1000 - 4, 0);
        unknown.extend([0, 0x10, 0, 0]);
        file.splice(28..28, unknown);
        follow("follow-pcapng", &file);
    }
}
