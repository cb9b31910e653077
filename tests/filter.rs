//! `-Y`: which transactions a report is about.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests, their helpers too"
)]

mod support;

use serde_json::Value;
use support::binary::{Scratch, run, stderr, stdout};
use support::{Conversation, PcapForm, Wire, pcap};

/// `/open` passes, `/shut` fails, `/echo` passes and earns an advice.
fn three() -> Vec<u8> {
    let get = |path: &str, more: &str| {
        format!("GET {path} HTTP/1.1\r\nHost: api.test\r\nOrigin: http://page.test\r\n{more}\r\n")
    };
    let ok = |lines: &str| format!("HTTP/1.1 200 OK\r\n{lines}Content-Length: 0\r\n\r\n");
    let conversation = Conversation::new()
        .client(get("/open", ""))
        .server(ok("Access-Control-Allow-Origin: *\r\n"))
        .client(get("/shut", ""))
        .server(ok(""))
        .client(get("/echo", "Cookie: a=b\r\n"))
        .server(ok(
            "Access-Control-Allow-Origin: null\r\nAccess-Control-Allow-Credentials: true\r\n",
        ));
    pcap(
        &Wire::default().lay(&conversation.segments()),
        PcapForm::COMMON,
    )
}

fn urls(output: &str) -> Vec<String> {
    let records = output
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let transactions = records.filter(|record| record["kind"] == "transaction");
    transactions
        .map(|record| record["url"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn only_what_matches_is_reported() {
    let scratch = Scratch::new("filter");
    let file = scratch.file("three.pcap", &three());
    for (filter, expected) in [
        ("", vec!["/open", "/shut", "/echo"]),
        ("verdict:pass", vec!["/open"]),
        ("verdict:fail !path:shut", vec!["/echo"]),
        ("/^cookie:/", vec!["/echo"]),
        ("lint:L-3", vec!["/echo"]),
        ("!lint:L-3", vec!["/open", "/shut"]),
        ("nowhere", vec![]),
    ] {
        let output = run(&[&file, "--format", "ndjson", "-Y", filter]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let expected = expected.iter().map(|path| format!("http://api.test{path}"));
        assert_eq!(
            urls(&stdout(&output)),
            expected.collect::<Vec<_>>(),
            "{filter}"
        );
    }
}

#[test]
fn advice_and_counts_follow_the_filter() {
    let scratch = Scratch::new("filter-advice");
    let file = scratch.file("three.pcap", &three());
    for (filter, has_advice) in [
        ("path:echo", true),
        ("path:open", false),
        ("lint:any", true),
    ] {
        for format in ["json", "ndjson", "text"] {
            let output = run(&[&file, "--format", format, "--advice", "-Y", filter]);
            let found = stdout(&output).contains("L-3");
            assert_eq!(found, has_advice, "{filter} {format}: {}", stdout(&output));
        }
    }
    let text = stdout(&run(&[&file, "-Y", "verdict:pass"]));
    assert!(text.contains("1 transaction shown"), "{text}");
    assert!(text.contains("3 transactions: 1 pass, 2 fail"), "{text}");
}

#[test]
fn a_filter_that_does_not_parse_is_2_in_one_line_with_its_place() {
    let scratch = Scratch::new("filter-wrong");
    let file = scratch.file("three.pcap", &three());
    for (filter, message) in [
        (
            "verdict:fail sttus:404",
            "-Y, at character 14: \"sttus\" is no key; did you mean status:?",
        ),
        ("/a(/", "-Y, at character 2: unclosed group"),
        (
            "verdict:\u{1b}[2J",
            "-Y, at character 9: \"\\u{1b}[2J\" is no verdict; write pass, fail, unknown, not-cors, conditional",
        ),
    ] {
        let output = run(&[&file, "-Y", filter]);
        let error = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{filter}");
        assert!(output.stdout.is_empty());
        assert_eq!(error, format!("corshark: {message}\n"));
    }
    let output = run(&[&file, "-Y", "x", "--all"]);
    assert_eq!(output.status.code(), Some(2), "a filter knows no exchanges");
}
