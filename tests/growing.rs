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
    traffic_over(&Wire::default())
}

fn traffic_over(wire: &Wire) -> Vec<Record> {
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
    wire.lay(&conversation.closed_by(Who::Client).segments())
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
    let found = stdout(&output);
    let (found, told) = found.split_at(expected.len());
    assert_eq!(found, expected);
    let told: Vec<serde_json::Value> = told
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(told.len(), 3);
    let said = stderr(&output);
    for (file, first, last) in [
        ("a", 1, third),
        ("b", third + 1, 2 * third),
        ("c", 2 * third + 1, records.len()),
    ] {
        let line = format!("{file}: frames {first} to {last}\n");
        assert!(said.contains(&line), "{said}");
        let part = told.iter().find(|part| part["first_frame"] == first);
        let part = part.unwrap();
        assert_eq!(part["kind"], "part");
        assert_eq!(part["frames"], last + 1 - first);
        assert!(part["file"].as_str().unwrap().ends_with(file), "{part}");
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
fn every_command_joins() {
    let scratch = Scratch::new("join-all");
    let records = traffic();
    let half = records.len() / 2;
    let whole = scratch.file("whole", &pcap(&records, PcapForm::COMMON));
    let parts = [
        scratch.file("b", &pcap(&records[half..], PcapForm::COMMON)),
        scratch.file("a", &pcapng(&records[..half], false)),
    ];
    let [b, a] = parts.each_ref().map(String::as_str);

    let transactions = |arguments: &[&str]| {
        let output = run(&[&["check", "--format", "json"], arguments].concat());
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        let document: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
        document["transactions"].clone()
    };
    let expected = transactions(&[&whole]);
    assert!(expected.as_array().unwrap().len() > 3);
    assert_eq!(transactions(&["--join", b, a]), expected);

    let compared = |arguments: &[&str]| run(&[&["diff"], arguments].concat()).status.code();
    assert_eq!(compared(&[&whole, b]), Some(1));
    assert_eq!(compared(&["--join", &whole, "--", b, a]), Some(0));
    assert_eq!(compared(&["--join", a, b, "--", b, a]), Some(0));
    assert_eq!(compared(&["--join", a, b]), Some(2));
    assert_eq!(compared(&[a, b, &whole]), Some(2));

    let exported = |name: &str, arguments: &[&str]| {
        let out = scratch.name(name);
        let output = run(&[&["export", "-w", &out], arguments].concat());
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        stdout(&run(&[&out, "--format", "ndjson"]))
    };
    let once = exported("once.pcapng", &[&whole]);
    assert!(once.lines().count() > 3);
    assert_eq!(exported("joined.pcapng", &["--join", b, a]), once);
    let follows = run(&["export", "-w", &scratch.name("x.pcapng"), "--follow", a]);
    assert_eq!(follows.status.code(), Some(2));
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
    use std::process::{Child, Command, Output, Stdio};

    use super::traffic_over;
    use super::{Scratch, pcap, pcapng, run, stderr, stdout, traffic};
    use crate::support::binary::corshark;
    use crate::support::{PcapForm, Wire};

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

    /// Begins to follow a file, and asks for the end once signals are heard; what it said.
    fn followed_and_interrupted(arguments: &[&str]) -> Output {
        let mut child = corshark(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        assert!(line.contains("following"), "{line}");
        interrupt(&child);
        let mut rest = Vec::new();
        said.read_to_end(&mut rest).unwrap();
        let mut output = child.wait_with_output().unwrap();
        output.stderr = rest;
        output
    }

    fn interrupt(child: &Child) {
        let pid = child.id().to_string();
        let killed = Command::new("kill").args(["-INT", &pid]).status();
        assert!(killed.unwrap().success());
    }

    /// A file is what it is, whether it was followed until Ctrl-C or read once: also where it ends inside a
    /// frame, or before its first one.
    #[test]
    fn what_was_followed_is_told_as_what_was_read() {
        let scratch = Scratch::new("follow-ends");
        let classic = pcap(&traffic(), PcapForm::COMMON);
        let blocks = pcapng(&traffic(), false);
        for (name, bytes, code) in [
            ("whole.pcap", &classic[..], 0),
            ("inside-a-frame.pcap", &classic[..classic.len() - 1], 3),
            ("inside-a-header.pcap", &classic[..24 + 7], 3),
            ("header.pcap", &classic[..24], 0),
            ("half-a-header.pcap", &classic[..20], 3),
            ("magic.pcap", &classic[..4], 3),
            ("empty", b"", 3),
            ("one-byte", &classic[..1], 3),
            ("text", b"some text that is no capture at all", 3),
            ("whole.pcapng", &blocks, 0),
            ("inside-a-block.pcapng", &blocks[..blocks.len() - 1], 3),
            ("section.pcapng", &blocks[..28], 0),
            ("half-a-section.pcapng", &blocks[..20], 3),
        ] {
            let file = scratch.file(name, bytes);
            let arguments = [&file[..], "--format", "ndjson", "--all"];
            let expected = run(&arguments);
            assert_eq!(expected.status.code(), Some(code), "{name}");
            let found = followed_and_interrupted(&[&arguments[..], &["--follow"]].concat());
            assert_eq!(
                found.status.code(),
                Some(code),
                "{name}: {}",
                stderr(&found)
            );
            assert_eq!(stdout(&found), stdout(&expected), "{name}");
            assert_eq!(stderr(&found), stderr(&expected), "{name}");
        }
    }

    #[test]
    fn a_gate_can_follow_too() {
        let scratch = Scratch::new("follow-check");
        let file = scratch.file("file", &pcap(&traffic(), PcapForm::COMMON));
        let found = followed_and_interrupted(&["check", "--follow", &file]);
        assert_eq!(found.status.code(), Some(1), "{}", stderr(&found));
    }

    /// Ctrl-C goes to the whole pipeline: what the writer has sent by then is reported.
    #[test]
    fn an_interrupted_pipe_is_reported() {
        // So slow that what comes later settles what came before.
        let wire = Wire {
            step: 100_000,
            ..Wire::default()
        };
        let whole = pcap(&traffic_over(&wire), PcapForm::COMMON);
        for (missing, code) in [(0, 0), (1, 3)] {
            let sent = &whole[..whole.len() - missing];
            let scratch = Scratch::new("interrupted-pipe");
            let file = scratch.file("sent", sent);
            let expected = stdout(&run(&[&file, "--format", "ndjson", "--all"]));
            let mut child = corshark(&["report", "-", "--format", "ndjson", "--all"])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let mut input = child.stdin.take().unwrap();
            input.write_all(sent).unwrap();
            let mut out = BufReader::new(child.stdout.take().unwrap());
            let mut got = String::new();
            // It reads, so it listens to signals.
            out.read_line(&mut got).unwrap();
            interrupt(&child);
            out.read_to_string(&mut got).unwrap();
            assert_eq!(got, expected);
            let output = child.wait_with_output().unwrap();
            assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
            drop(input);
        }
    }
}
