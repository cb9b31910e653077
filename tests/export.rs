//! `corshark export`: what is in the file that it writes.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests, their helpers too"
)]

mod support;

use std::fs;

use support::binary::{Scratch, run, stderr, stdout};
use support::conversation::Cutting;
use support::wire::merged;
use support::{Conversation, PcapForm, Wire, pcap};

/// A passing and a failing request, each on a connection of its own, with secrets; in segments of
/// at most so many bytes.
fn traffic(segment: usize) -> Vec<u8> {
    let talk = |path: &str, lines: &str, port: u16| {
        let conversation = Conversation::new()
            .client(format!(
                "GET {path}?token=S3CRET-T HTTP/1.1\r\nHost: api.test\r\nOrigin: http://page.test\r\n\
                 Cookie: sid=S3CRET-COOKIE; b=S3CRET-B\r\nAuthorization: Bearer S3CRET-AUTH\r\n\r\n"
            ))
            .server(format!(
                "HTTP/1.1 200 OK\r\n{lines}Set-Cookie: sid=S3CRET-SET; Path=/\r\nContent-Length: 0\r\n\r\n"
            ));
        let cutting = Cutting {
            size: 1..=segment,
            ..Cutting::default()
        };
        Wire::port(port).lay(&conversation.cut(&cutting))
    };
    let good = talk(
        "/good",
        "Access-Control-Allow-Origin: http://page.test\r\nAccess-Control-Allow-Credentials: true\r\n",
        40_000,
    );
    let bad = talk("/bad", "", 40_001);
    pcap(&merged(vec![good, bad]), PcapForm::COMMON)
}

fn export(scratch: &Scratch, file: &str, more: &[&str]) -> Vec<u8> {
    let out = scratch.name("out.pcapng");
    let arguments = ["export", "-w", &out, "--force", file];
    let done = run(&[&arguments, more].concat());
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    assert!(done.stdout.is_empty());
    fs::read(out).unwrap()
}

fn has(bytes: &[u8], text: &str) -> bool {
    memchr::memmem::find(bytes, text.as_bytes()).is_some()
}

#[test]
fn the_packets_of_chosen_transactions_give_the_same_verdicts() {
    for segment in [1, 3, 1400] {
        let scratch = Scratch::new(&format!("export-{segment}"));
        let file = scratch.file("in.pcap", &traffic(segment));
        let bytes = export(&scratch, &file, &["-Y", "verdict:fail"]);
        assert!(has(&bytes, "frame ") && has(&bytes, "FAIL MissingAllowOriginHeader"));
        let report = |file: &str| {
            let output = run(&[file, "-Y", "verdict:fail", "--format", "csv"]);
            assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
            stdout(&output)
        };
        let again = report(&scratch.name("out.pcapng"));
        assert!(
            again.contains("/bad") && again.contains("MissingAllowOriginHeader"),
            "{again}"
        );
        let whole = stdout(&run(&[&scratch.name("out.pcapng"), "--format", "ndjson"]));
        assert_eq!(
            whole.lines().count(),
            1,
            "the other connection is not in it: {whole}"
        );
    }
}

#[test]
fn secrets_are_overwritten_however_they_are_cut() {
    for segment in [1, 2, 5, 1400] {
        let scratch = Scratch::new(&format!("export-secrets-{segment}"));
        let file = scratch.file("in.pcap", &traffic(segment));
        let hidden = export(&scratch, &file, &[]);
        let shown = export(&scratch, &file, &["--with-secrets"]);
        // Only the bytes of secrets and of checksums differ: every length is the same.
        assert_eq!(hidden.len(), shown.len());
        // What a reader puts together again holds none.
        let har = |secrets: bool| {
            let out = scratch.name("out.pcapng");
            fs::write(&out, if secrets { &shown } else { &hidden }).unwrap();
            let done = run(&[&out, "--format", "har", "--with-secrets"]);
            assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
            stdout(&done)
        };
        let (hidden, shown) = (har(false), har(true));
        assert_eq!(shown.matches("S3CRET").count(), 2 * 9, "{shown}");
        assert!(!hidden.contains("S3CRET"), "{segment}: {hidden}");
        assert!(
            hidden.contains("sid=xxxxxxx") && hidden.contains("Bearer xxxx"),
            "{hidden}"
        );
    }
}

#[test]
fn only_the_frames_of_the_messages_where_asked() {
    let scratch = Scratch::new("export-frames");
    let file = scratch.file("in.pcap", &traffic(1400));
    let whole = export(&scratch, &file, &["-Y", "verdict:fail"]);
    let frames = export(&scratch, &file, &["-Y", "verdict:fail", "--frames"]);
    assert!(frames.len() < whole.len());
    assert!(has(&frames, "FAIL MissingAllowOriginHeader"));
}

#[test]
fn what_cannot_be_exported_leaves_no_file() {
    let scratch = Scratch::new("export-wrong");
    let file = scratch.file("in.pcap", &traffic(1400));
    let there = scratch.file("there.pcapng", b"precious");
    let out = scratch.name("new.pcapng");
    for (arguments, code) in [
        (vec!["-w", &out, &file, "-Y", "nothing-like-it"], 4),
        (vec!["-w", &out, &file, "-Y", "verdict:x"], 2),
        (vec!["-w", &out, "-"], 2),
        (vec!["-w", &there, &file], 3),
        (vec!["-w", &out], 2),
    ] {
        let done = run(&[&["export"], &arguments[..]].concat());
        assert_eq!(
            done.status.code(),
            Some(code),
            "{arguments:?}: {}",
            stderr(&done)
        );
        assert!(!fs::exists(&out).unwrap(), "{arguments:?}");
    }
    assert_eq!(fs::read(there).unwrap(), b"precious");
}
