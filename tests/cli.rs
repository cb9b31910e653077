//! The binary: arguments, exit codes, pipes.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests, their helpers too"
)]

mod support;

use std::io::{Read as _, Write as _};
use std::process::Stdio;

use serde_json::Value;
use support::binary::{Scratch, capture, corshark, run, stderr, stdout};
use support::table::lay;
use support::{Conversation, PcapForm, Wire, pcap};

#[test]
fn a_report_without_and_with_its_name() {
    let scratch = Scratch::new("name");
    let file = scratch.file("one.pcap", &capture(1));
    let short = run(&[&file]);
    assert_eq!(short.status.code(), Some(0), "{}", stderr(&short));
    assert!(stdout(&short).contains("FAIL"), "{}", stdout(&short));
    assert!(stdout(&short).contains("MissingAllowOriginHeader"));
    assert!(short.stderr.is_empty(), "{}", stderr(&short));
    assert_eq!(stdout(&run(&["report", &file])), stdout(&short));
}

#[test]
fn a_wrong_command_line_is_2() {
    for arguments in [
        &[][..],
        &["--nonsense"],
        &["report"],
        &["x", "--format", "xml"],
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        assert!(!output.stderr.is_empty(), "{arguments:?}");
    }
    for arguments in ["--help", "--version"] {
        let output = run(&[arguments]);
        assert_eq!(output.status.code(), Some(0), "{arguments}");
        assert!(!output.stdout.is_empty(), "{arguments}");
    }
}

#[test]
fn what_is_no_capture_is_3_and_named() {
    let scratch = Scratch::new("none");
    let directory = scratch.path().to_str().unwrap().to_owned();
    for (file, word) in [
        (
            scratch.path().join("missing").to_str().unwrap().to_owned(),
            "No such file",
        ),
        (directory, "directory"),
        (scratch.file("empty", b""), "empty"),
        (
            scratch.file("a.gz", &[0x1f, 0x8b, 8, 0, 0]),
            "gzip data is cut",
        ),
        (scratch.file("text", b"hello, world"), "not a capture"),
        (scratch.file("har", b"{\"log\": {}}"), "HAR"),
        (scratch.file("header", &capture(1)[..20]), "cut short"),
    ] {
        let output = run(&[&file]);
        let message = stderr(&output);
        assert_eq!(output.status.code(), Some(3), "{file}: {message}");
        assert!(output.stdout.is_empty(), "{file}");
        assert!(message.contains(word), "{message}");
        assert!(
            message.starts_with(&format!("corshark: {file}: ")),
            "{message}"
        );
        assert_eq!(message.lines().count(), 1, "{message}");
    }
}

#[test]
fn a_cut_capture_is_reported_up_to_the_cut() {
    let scratch = Scratch::new("cut");
    let whole = capture(3);
    let file = scratch.file("cut.pcap", &whole[..whole.len() - 1]);
    for format in ["text", "ndjson", "json"] {
        let output = run(&[&file, "--format", format]);
        assert_eq!(output.status.code(), Some(3), "{format}");
        assert_eq!(
            stdout(&output).matches("MissingAllowOriginHeader").count(),
            {
                // Each format names the code as often as it does; the text once a transaction.
                let whole = scratch.file("whole.pcap", &whole);
                let output = run(&[&whole, "--format", format]);
                assert_eq!(output.status.code(), Some(0), "{format}");
                stdout(&output).matches("MissingAllowOriginHeader").count()
            }
        );
        assert!(stderr(&output).contains("cut short"), "{}", stderr(&output));
    }
}

#[test]
fn a_dash_is_standard_input() {
    let mut child = corshark(&["-", "--format", "ndjson"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // Piece by piece: nothing may be assumed of how much comes at once.
    for piece in capture(2).chunks(7) {
        stdin.write_all(piece).unwrap();
        stdin.flush().unwrap();
    }
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(stdout(&output).lines().count(), 2);
}

#[test]
fn records_of_several_files_name_theirs() {
    let scratch = Scratch::new("several");
    let files = ["a.pcap", "b.pcap"].map(|name| scratch.file(name, &capture(1)));
    let missing = scratch.path().join("c.pcap");
    let missing = missing.to_str().unwrap();
    let output = run(&[&files[0], missing, &files[1], "--format", "ndjson"]);
    assert_eq!(output.status.code(), Some(3));
    let named: Vec<Value> = stdout(&output)
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["file"].clone())
        .collect();
    assert_eq!(
        named,
        files.each_ref().map(|file| Value::from(file.as_str()))
    );
    let output = run(&[&files[0], &files[1]]);
    for file in &files {
        assert!(stdout(&output).contains(&format!("== {file}")));
    }
    let alone = run(&[&files[0], "--format", "ndjson"]);
    let record: Value = serde_json::from_str(&stdout(&alone)).unwrap();
    assert_eq!(record.get("file"), None);
}

#[test]
fn json_is_one_document_and_ndjson_one_object_a_line() {
    let scratch = Scratch::new("json");
    let file = scratch.file("three.pcap", &capture(3));
    let document: Value =
        serde_json::from_str(&stdout(&run(&[&file, "--format", "json"]))).unwrap();
    assert_eq!(document["format"], "corshark");
    assert_eq!(document["transactions"].as_array().unwrap().len(), 3);
    assert_eq!(document["totals"]["transactions"]["fail"], 3);
    assert_eq!(document.get("exchanges"), None);
    let all: Value =
        serde_json::from_str(&stdout(&run(&[&file, "--all", "--format", "json"]))).unwrap();
    assert_eq!(all["exchanges"].as_array().unwrap().len(), 3);
    let lines = stdout(&run(&[&file, "--all", "--format", "ndjson"]));
    let mut kinds: Vec<String> = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["kind"].to_string())
        .collect();
    kinds.sort();
    assert_eq!(kinds.len(), 6);
    assert_eq!(kinds[2..4], ["\"exchange\"", "\"transaction\""]);
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let scratch = Scratch::new("pipe");
    let file = scratch.file("many.pcap", &capture(2000));
    let mut child = corshark(&[&file, "--format", "ndjson"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdout.take().unwrap();
    pipe.read_exact(&mut [0; 10]).unwrap();
    drop(pipe);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(output.stderr.is_empty(), "{}", stderr(&output));
}

#[test]
fn colours_come_where_they_are_asked_for() {
    let scratch = Scratch::new("colour");
    let file = scratch.file("one.pcap", &capture(1));
    for (arguments, environment, expected) in [
        (&[][..], None, false),
        (&["--color", "always"], None, true),
        (&["--color", "always"], Some("NO_COLOR"), true),
        (&["--color", "never"], Some("CLICOLOR_FORCE"), false),
        (&[], Some("CLICOLOR_FORCE"), true),
        (&[], Some("NO_COLOR"), false),
    ] {
        let mut command = corshark(&[&file]);
        command.args(arguments);
        if let Some(name) = environment {
            command.env(name, "1");
        }
        let text = stdout(&command.output().unwrap());
        assert_eq!(
            text.contains("\x1b["),
            expected,
            "{arguments:?} {environment:?}"
        );
    }
    let mut both = corshark(&[&file]);
    both.env("NO_COLOR", "1").env("CLICOLOR_FORCE", "1");
    assert!(!stdout(&both.output().unwrap()).contains('\x1b'));
}

#[test]
fn nothing_that_a_terminal_acts_on_comes_from_the_traffic() {
    let hostile: Vec<u8> = (1..=255).filter(|b| !b"\r\n".contains(b)).collect();
    let overrides = "\u{202e}\u{2066}\u{9b}31m\u{200f}\u{feff}";
    let conversation = |bytes: &[u8]| {
        let request = |line: &[u8], more: &str| {
            let bytes = [
                line,
                b" HTTP/1.1\r\nHost: h",
                bytes,
                b"\r\nOrigin: o",
                bytes,
            ];
            [&bytes.concat()[..], more.as_bytes(), b"\r\n\r\n"].concat()
        };
        let target = [b"GET /t", bytes].concat();
        let respond = |status: u16| {
            let lines = [
                "Allow-Origin",
                "Allow-Methods",
                "Allow-Headers",
                "Allow-Credentials",
            ];
            let mut head = format!("HTTP/1.1 {status} ").into_bytes();
            for line in lines {
                head.extend(format!("\r\nAccess-Control-{line}: v").as_bytes());
                head.extend(bytes);
            }
            head.extend(b"\r\nLocation: http://x");
            head.extend(bytes);
            head.extend(b"\r\nContent-Length: 0\r\n\r\n");
            head
        };
        let ask = "\r\nAccess-Control-Request-Method: M\x1b[1m\r\nAccess-Control-Request-Headers: a\x1b,b";
        Conversation::new()
            .client(request(&target, ""))
            .server(respond(200))
            .client(request(b"OPTIONS /p", ask))
            .server(respond(204))
            .client(request(b"GET /r", ""))
            .server(respond(302))
            .client(request(b"GET /\x1b]0;title\x07", ""))
    };
    let scratch = Scratch::new("hostile");
    for (name, bytes) in [("raw", &hostile[..]), ("overrides", overrides.as_bytes())] {
        let records = Wire::default().lay(&conversation(bytes).segments());
        let file = scratch.file(name, &pcap(&records, PcapForm::COMMON));
        for format in ["text", "json", "ndjson"] {
            let output = run(&[&file, "--all", "--format", format]);
            assert_eq!(output.status.code(), Some(0));
            let text = stdout(&output);
            assert!(text.contains("/r"), "{text}");
            let bad = |c: char| {
                (c.is_control() && c != '\n')
                    || matches!(c, '\u{202e}' | '\u{2066}' | '\u{200f}' | '\u{feff}')
            };
            assert_eq!(text.find(bad), None, "{format}: {text:?}");
        }
    }
}

#[test]
fn a_file_name_is_no_way_to_the_terminal_either() {
    let output = run(&["/no/such\x1b[2J\u{202e}file"]);
    assert_eq!(output.status.code(), Some(3));
    let message = stderr(&output);
    assert!(!message.contains(['\x1b', '\u{202e}']), "{message:?}");
}

#[test]
fn an_explanation_lands_on_the_transactions_of_captures() {
    let scratch = Scratch::new("explain");
    let file = scratch.file("one.pcap", &capture(1));
    let refused = scratch.file(
        "refused.pcap",
        &pcap(
            &lay(&[
                "OPTIONS /x | ACRM: PUT => 204 | ACAO: * | ACAM: PUT",
                "SYN => refused",
            ]),
            PcapForm::COMMON,
        ),
    );
    let unknown = scratch.file(
        "unknown.pcap",
        &pcap(&lay(&["SYN => unanswered"]), PcapForm::COMMON),
    );
    for (words, code, said) in [
        (
            &["TypeError: Failed to fetch", &refused][..],
            0,
            "cause      the request was not sent, as 10.0.0.2:8080 refused the connection for it (frame 9)",
        ),
        (
            &["(Reason: CORS request did not succeed)", &unknown],
            0,
            "unknown.pcap: no transaction fits, but connections failed",
        ),
        (
            &["MissingAllowOriginHeader", &file],
            0,
            "one.pcap: this fits\n\n✗ FAIL",
        ),
        (
            &["AllowOriginMismatch", &file],
            0,
            "one.pcap: no transaction fits",
        ),
        (&["L-3", &file], 0, "one.pcap: the rule found nothing"),
        (&["L-3"], 0, "Example\n\n      GET "),
        (&["L-44"], 2, ""),
        (&["L-3", "/nowhere.pcap"], 3, "Why the browser refuses"),
    ] {
        let output = run(&[&["explain"], words].concat());
        assert_eq!(output.status.code(), Some(code), "{words:?}");
        assert!(stdout(&output).contains(said), "{}", stdout(&output));
    }
}
