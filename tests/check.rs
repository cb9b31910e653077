//! `corshark check` and `corshark diff`: what they print, and their exit codes.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests, their helpers too"
)]

mod support;

use std::fs;
use std::process::Output;

use support::binary::{Scratch, capture, run, stderr, stdout};
use support::{Conversation, PcapForm, Wire, pcap};

/// A capture of GET requests, each a path and the CORS lines of its response.
fn requests(each: &[(&str, &str)]) -> Vec<u8> {
    let mut conversation = Conversation::new();
    for (path, lines) in each {
        conversation = conversation
            .client(format!(
                "GET {path} HTTP/1.1\r\nHost: api.test\r\nOrigin: http://page.test\r\n\r\n"
            ))
            .server(format!(
                "HTTP/1.1 200 OK\r\n{lines}Content-Length: 0\r\n\r\n"
            ));
    }
    let records = Wire::default().lay(&conversation.segments());
    pcap(&records, PcapForm::COMMON)
}

const STAR: &str = "Access-Control-Allow-Origin: *\r\n";
const OWN: &str = "Access-Control-Allow-Origin: http://page.test\r\nAccess-Control-Allow-Credentials: true\r\nVary: Origin\r\n";

fn check(arguments: &[&str]) -> Output {
    run(&[&["check"], arguments].concat())
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

#[test]
fn problems_are_1_and_printed_alone() {
    let scratch = Scratch::new("check");
    let bad = scratch.file("bad.pcap", &requests(&[("/good", OWN), ("/bad", "")]));
    let good = scratch.file("good.pcap", &requests(&[("/good", OWN)]));
    let output = check(&[&bad]);
    assert_eq!(code(&output), 1, "{}", stderr(&output));
    let text = stdout(&output);
    assert!(text.contains("/bad") && !text.contains("/good"), "{text}");
    assert!(stderr(&output).contains("1 problem, 0 known, in 2 transactions"));
    let output = check(&[&good]);
    assert_eq!(code(&output), 0);
    assert!(output.stdout.is_empty());
}

#[test]
fn what_counts_is_chosen() {
    let scratch = Scratch::new("check-kinds");
    let star = scratch.file("star.pcap", &requests(&[("/star", STAR)]));
    let null = scratch.file(
        "null.pcap",
        &requests(&[(
            "/null",
            "Access-Control-Allow-Origin: null\r\nAccess-Control-Allow-Credentials: true\r\n",
        )]),
    );
    let mut cut = requests(&[("/cut", OWN)]);
    cut.truncate(cut.len() - 200);
    for (file, kinds, expected) in [
        (&star, "fail", 0),
        (&star, "fail,conditional", 1),
        (&star, "unknown", 0),
        (&null, "none", 0),
        (&null, "lint:high", 1),
        (&null, "lint:L-3", 1),
        (&null, "lint:L-41", 0),
    ] {
        let output = check(&[file, "--fail-on", kinds]);
        assert_eq!(code(&output), expected, "{kinds}: {}", stdout(&output));
    }
    for kinds in ["", "everything", "lint:huge", "fail,"] {
        let output = check(&[&star, "--fail-on", kinds]);
        assert_eq!(code(&output), 2, "{kinds}");
    }
}

#[test]
fn known_problems_are_none() {
    let scratch = Scratch::new("check-baseline");
    let old = scratch.file("old.pcap", &requests(&[("/a/17", ""), ("/b", "")]));
    let new = scratch.file("new.pcap", &requests(&[("/a/18", ""), ("/c", "")]));
    let baseline = scratch.name("known.txt");
    let output = check(&[&old, "--write-baseline", &baseline]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(output.stdout.is_empty());
    assert_eq!(code(&check(&[&old, "--baseline", &baseline])), 0);
    let output = check(&[&new, "--baseline", &baseline]);
    assert_eq!(code(&output), 1);
    let text = stdout(&output);
    assert!(text.contains("/c") && !text.contains("/a/18"), "{text}");
    assert!(
        stderr(&output).contains("1 problem, 1 known"),
        "{}",
        stderr(&output)
    );
    let output = check(&[&new, "--write-baseline", &baseline]);
    assert_eq!(code(&output), 3, "an existing one is not replaced");
    assert_eq!(
        code(&check(&[&new, "--write-baseline", &baseline, "--force"])),
        0
    );
}

#[test]
fn a_policy_says_what_broke_it() {
    let scratch = Scratch::new("check-policy");
    let file = scratch.file("in.pcap", &requests(&[("/v1/x", OWN), ("/v2/x", OWN)]));
    let policy = scratch.file(
        "policy.toml",
        b"[[endpoint]]\nmatch = \"http://api.test/v1/*\"\norigins = [\"https://app.test\"]\ncredentials = false\n",
    );
    let output = check(&[&file, "--policy", &policy]);
    assert_eq!(code(&output), 1, "{}", stderr(&output));
    let text = stdout(&output);
    assert!(
        text.contains("the origin http://page.test is allowed"),
        "{text}"
    );
    assert!(text.contains("credentials are allowed"), "{text}");
    assert!(text.contains("/v1/x") && !text.contains("/v2/x"), "{text}");
    let sarif = stdout(&check(&[&file, "--policy", &policy, "--format", "sarif"]));
    assert!(
        sarif.contains("\"ruleId\":\"policy\",\"level\":\"error\""),
        "{sarif}"
    );
}

#[test]
fn too_few_transactions_are_4() {
    let scratch = Scratch::new("check-require");
    let none = scratch.file("none.pcap", &capture(0));
    let one = scratch.file("one.pcap", &requests(&[("/", OWN)]));
    assert_eq!(code(&check(&[&none])), 0);
    assert_eq!(code(&check(&[&none, "--require", "1"])), 4);
    assert_eq!(code(&check(&[&one, "--require", "1"])), 0);
    assert_eq!(code(&check(&[&one, "--require", "2"])), 4);
    let missing = scratch.name("missing.pcap");
    assert_eq!(code(&check(&[&missing, "--require", "1"])), 3);
}

#[test]
fn a_wrong_baseline_or_policy_is_2_in_one_line_with_its_place() {
    let scratch = Scratch::new("check-wrong");
    let file = scratch.file("in.pcap", &requests(&[("/", OWN)]));
    let baseline = scratch.file("b.txt", b"# corshark baseline 1\nfail\tX\n");
    let policy = scratch.file(
        "p.toml",
        b"[[endpoint]]\nmatch = \"*\"\nmethod = [\"GET\"]\n",
    );
    let missing = scratch.name("missing");
    for (option, name, message) in [
        ("--baseline", &baseline, "line 2: 5 fields"),
        (
            "--policy",
            &policy,
            "line 3, column 1: unknown field `method`",
        ),
        ("--policy", &missing, "No such file"),
    ] {
        let output = check(&[&file, option, name]);
        let error = stderr(&output);
        assert_eq!(code(&output), 2, "{error}");
        assert!(error.starts_with(&format!("corshark: {name}: ")), "{error}");
        assert!(error.contains(message), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
    let junit = scratch.file("there.junit.xml", b"precious");
    let output = check(&[&file, "-o", &junit]);
    assert_eq!(code(&output), 3);
    assert_eq!(fs::read(junit).unwrap(), b"precious");
}

#[test]
fn diff_tells_what_changed() {
    let scratch = Scratch::new("diff");
    let before = scratch.file("a.pcap", &requests(&[("/x/1", OWN), ("/y", STAR)]));
    let after = scratch.file(
        "b.pcap",
        &requests(&[("/x/2", ""), ("/y", STAR), ("/z", STAR)]),
    );
    let output = run(&["diff", &before, &after]);
    assert_eq!(code(&output), 1, "{}", stderr(&output));
    let text = stdout(&output);
    for expected in [
        "GET http://page.test → http://api.test/x/{id}\n    verdict: pass → fail MissingAllowOriginHeader",
        "Access-Control-Allow-Credentials: true → none",
        "/z\n    verdict: not seen → pass",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert!(!text.contains("/y"), "{text}");
    let same = run(&["diff", &before, &before]);
    assert_eq!(code(&same), 0);
    assert!(same.stdout.is_empty());
    let missing = run(&["diff", &before, &scratch.name("missing")]);
    assert_eq!(code(&missing), 2);
}
