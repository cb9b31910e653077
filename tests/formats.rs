//! Every format holds what a hostile wire says, and nothing of it breaks out.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests, their helpers too"
)]

mod support;

use std::fs;

use corshark::report::Format;
use serde_json::Value;
use support::binary::{Scratch, capture, run, stderr, stdout};
use support::{Conversation, PcapForm, Wire, pcap};

/// What someone might send to whoever reads the report.
const HOSTILE: [&str; 16] = [
    "=HYPERLINK(\"http://evil.test\",\"x\")",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'onmouseover='alert(1)",
    "</title></style></pre></details><svg onload=alert(1)>",
    "]]></failure><testcase name=\"x\"/>",
    "| a | b |",
    "```` end ` of `` code",
    "%0A::error::injected",
    "{{7*7}}${7*7}",
    "\u{1b}[2J\u{1b}]0;x\u{7}",
    "\u{202e}gnp.exe",
    "\",\"verdict\":\"pass\"",
];

/// One failing request a value, which stands in its Origin, target, Cookie, and in the response.
fn hostile() -> Vec<u8> {
    let mut conversation = Conversation::new();
    for value in HOSTILE {
        let target = value.replace([' ', '\u{7}', '\u{1b}'], "_");
        conversation = conversation
            .client(format!(
                "GET /{target} HTTP/1.1\r\nHost: api.test\r\nOrigin: {value}\r\nX-Sent: {value}\r\n\r\n"
            ))
            .server(format!(
                "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: {value}, {value}\r\nServer: {value}\r\nContent-Length: 0\r\n\r\n"
            ));
    }
    let records = Wire::default().lay(&conversation.segments());
    pcap(&records, PcapForm::COMMON)
}

fn report(format: Format) -> String {
    let scratch = Scratch::new(&format!("hostile-{}", format.name()));
    let file = scratch.file("hostile.pcap", &hostile());
    let out = scratch.name("out");
    let done = run(&[&file, "--trace", "--format", format.name(), "-o", &out]);
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    fs::read_to_string(out).unwrap()
}

#[test]
fn no_format_holds_what_a_terminal_acts_on() {
    for format in Format::ALL {
        let text = report(format);
        let dangerous = |c: char| (c.is_control() && c != '\n' && c != '\r') || c == '\u{202e}';
        assert_eq!(text.find(dangerous), None, "{}", format.name());
    }
}

#[test]
fn html_holds_no_element_of_the_wire() {
    let html = report(Format::Html);
    for element in ["<script>alert", "<img", "<svg onload", "</title></style>"] {
        assert!(!html.contains(element), "{element}");
    }
    assert_eq!(html.matches("<script").count(), 1);
    assert_eq!(html.matches("<style").count(), 1);
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(html.contains("default-src 'none'"));
    for call_out in [
        "http-equiv=\"refresh",
        "<link",
        "<iframe",
        "src=\"",
        "@import",
        "url(",
    ] {
        assert!(!html.contains(call_out), "{call_out}");
    }
}

#[test]
fn csv_has_no_formula_and_as_many_cells_in_each_row() {
    let text = report(Format::Csv);
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let columns = rows.headers().unwrap().len();
    let mut count = 0;
    for row in rows.records() {
        let row = row.unwrap();
        count += 1;
        assert_eq!(row.len(), columns);
        for cell in &row {
            assert!(
                !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                "{cell}"
            );
        }
    }
    assert_eq!(count, HOSTILE.len());
}

#[test]
fn json_formats_are_json_and_keep_their_fields() {
    let har: Value = serde_json::from_str(&report(Format::Har)).unwrap();
    let entries = har["log"]["entries"].as_array().unwrap();
    assert_eq!(entries.len(), HOSTILE.len());
    for (entry, value) in entries.iter().zip(HOSTILE) {
        assert_eq!(entry["_cors"]["verdict"], "fail");
        let headers = entry["request"]["headers"].as_array().unwrap();
        let sent = headers.iter().find(|h| h["name"] == "X-Sent").unwrap();
        assert_eq!(sent["value"], value);
    }
    let sarif: Value = serde_json::from_str(&report(Format::Sarif)).unwrap();
    let run = &sarif["runs"][0];
    let rules: Vec<&Value> = run["tool"]["driver"]["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| &rule["id"])
        .collect();
    let results = run["results"].as_array().unwrap();
    assert!(results.len() >= HOSTILE.len());
    for result in results {
        assert!(rules.contains(&&result["ruleId"]), "{result}");
    }
    for line in report(Format::NdJson).lines() {
        assert!(serde_json::from_str::<Value>(line).is_ok(), "{line}");
    }
}

#[test]
fn junit_and_annotations_have_one_entry_a_problem() {
    let junit = report(Format::JUnit);
    assert_eq!(junit.matches("<testcase ").count(), HOSTILE.len());
    assert_eq!(junit.matches("<failure ").count(), HOSTILE.len());
    let github = report(Format::GitHub);
    for line in github.lines() {
        let known = ["::error file=", "::warning file=", "::notice file="];
        assert!(known.iter().any(|start| line.starts_with(start)), "{line}");
    }
    assert!(github.lines().count() >= HOSTILE.len());
}

#[test]
fn markdown_keeps_the_wire_within_code() {
    let markdown = report(Format::Markdown);
    // Rows of the table have its six cells: no bar of the wire made another one.
    for row in markdown.lines().filter(|line| line.starts_with("| ")) {
        let bars = row.replace("\\|", "").matches('|').count();
        assert_eq!(bars, 7, "{row}");
    }
    // Fences come in pairs of the same length.
    let fences: Vec<&str> = markdown
        .lines()
        .filter(|line| line.starts_with("```"))
        .collect();
    for pair in fences.chunks(2) {
        assert_eq!(pair[0].trim_end_matches("text"), pair[1], "{fences:?}");
    }
}

#[test]
fn every_format_of_an_empty_and_of_a_damaged_capture() {
    let scratch = Scratch::new("formats-empty");
    let empty = scratch.file("empty.pcap", &capture(0));
    let whole = capture(2);
    let damaged = scratch.file("damaged.pcap", &whole[..whole.len() - 1]);
    for format in Format::ALL {
        let name = format.name();
        let done = run(&[&empty, "--format", name]);
        assert_eq!(done.status.code(), Some(0), "{name}: {}", stderr(&done));
        let done = run(&[&damaged, "--format", name]);
        assert_eq!(done.status.code(), Some(3), "{name}");
        let named = stdout(&done).contains("MissingAllowOriginHeader");
        assert!(named, "{name}: {}", stdout(&done));
    }
}

#[test]
fn file_names_tell_the_format() {
    for format in Format::ALL {
        for extension in format.extensions() {
            let path = format!("dir.json/report.{extension}");
            assert_eq!(Format::of_path(path.as_ref()), Some(format), "{path}");
        }
    }
}
