//! The file of settings: defaults of options, and what is wrong with it in one line.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests, their helpers too"
)]

mod support;

use std::fs;
use std::process::Output;

use support::binary::{Scratch, capture, corshark, run, stderr, stdout};

/// Runs with this text as the user's settings.
fn with_settings(scratch: &Scratch, text: &str, arguments: &[&str]) -> Output {
    let folder = scratch.path().join("corshark");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("config.toml"), text).unwrap();
    let mut command = corshark(arguments);
    command.env("XDG_CONFIG_HOME", scratch.path());
    command.output().unwrap()
}

fn is_coloured(output: &Output) -> bool {
    stdout(output).contains('\u{1b}')
}

#[test]
fn settings_are_defaults_and_the_command_line_wins() {
    let scratch = Scratch::new("config-defaults");
    let file = scratch.file("in.pcap", &capture(1));
    let settings = "color = \"always\"\n";
    for arguments in [vec![&*file], vec!["report", &file]] {
        assert!(is_coloured(&with_settings(&scratch, settings, &arguments)));
        for wins in ["--color=never", "--no-config"] {
            let arguments = [&arguments[..], &[wins]].concat();
            let done = with_settings(&scratch, settings, &arguments);
            assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
            assert!(!is_coloured(&done), "{arguments:?}");
        }
    }
    let other = scratch.file("other.toml", b"color = \"never\"");
    for arguments in [
        ["report", &file, "--config", &other],
        ["--config", &other, "report", &file],
    ] {
        let done = with_settings(&scratch, settings, &arguments);
        assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
        assert!(!is_coloured(&done), "{arguments:?}");
    }
}

#[test]
fn how_to_judge_is_a_setting() {
    let scratch = Scratch::new("config-judge");
    // A wildcard that holds without credentials only.
    let conversation = support::Conversation::new()
        .client("GET / HTTP/1.1\r\nHost: api.test\r\nOrigin: http://page.test\r\n\r\n")
        .server("HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 0\r\n\r\n");
    let records = support::Wire::default().lay(&conversation.segments());
    let file = scratch.file(
        "in.pcap",
        &support::pcap(&records, support::PcapForm::COMMON),
    );
    let verdict = |settings: &str| {
        let arguments = ["report", "--format", "ndjson", &file];
        let done = with_settings(&scratch, settings, &arguments);
        let line: serde_json::Value = serde_json::from_str(&stdout(&done)).unwrap();
        line["verdict"].as_str().unwrap().to_owned()
    };
    assert_eq!(verdict(""), "pass");
    assert_eq!(verdict("assume-credentials = \"include\""), "fail");
}

#[test]
fn mistakes_are_told_in_one_line_with_their_place() {
    let scratch = Scratch::new("config-mistakes");
    let file = scratch.file("in.pcap", &capture(1));
    for (settings, message) in [
        (
            "\ncolour = 1",
            "line 2, column 1: no setting colour; there are color, ",
        ),
        (
            "color = \"sometimes\"",
            "line 1, column 1: invalid value 'sometimes' for '--color <value>' [possible values: auto, always, never]",
        ),
        ("color", "line 1, column 6: "),
        (
            "color = [\"auto\", \"never\"]",
            "line 1, column 1: color: one value, not a list",
        ),
        (
            "color = 1.5",
            "line 1, column 1: color: not a text, number or boolean",
        ),
        ("color = \"\u{1b}[2J\"", "line 1, column 10: "),
    ] {
        let done = with_settings(&scratch, settings, &["report", &file]);
        let told = stderr(&done);
        assert_eq!(done.status.code(), Some(2), "{settings}: {told}");
        assert_eq!(told.lines().count(), 1, "{told}");
        let path = scratch.path().join("corshark/config.toml");
        let start = format!("corshark: {}: {message}", path.display());
        assert!(told.starts_with(&start), "{told}");
        assert!(!told.contains('\u{1b}'), "{told}");
        assert!(done.stdout.is_empty());
        // What has no settings is not kept from working.
        let done = with_settings(&scratch, settings, &["completions", "bash"]);
        assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    }
    let large = format!("#{}", " ".repeat(1 << 17));
    let done = with_settings(&scratch, &large, &["report", &file]);
    assert!(
        stderr(&done).contains("longer than 64 KiB"),
        "{}",
        stderr(&done)
    );
    for (path, word) in [("no-such-file", "no such file"), ("", "not a file")] {
        let path = scratch.name(path);
        let done = run(&["report", &file, "--config", &path]);
        assert_eq!(done.status.code(), Some(2));
        assert!(stderr(&done).contains(word), "{}", stderr(&done));
    }
}

#[cfg(unix)]
#[test]
fn a_folder_of_somebody_else_is_passed_over() {
    use std::os::unix::fs::PermissionsExt as _;

    let scratch = Scratch::new("config-closed");
    let file = scratch.file("in.pcap", &capture(1));
    let closed = scratch.path().join("closed");
    fs::create_dir_all(closed.join("corshark")).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read_dir(&closed).is_ok() {
        eprintln!("SKIPPED: no folder is closed to root");
    } else {
        let mut command = corshark(&["report", &file]);
        let done = command.env("XDG_CONFIG_HOME", &closed).output().unwrap();
        assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    }
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn what_is_printed_can_be_read_again() {
    let scratch = Scratch::new("config-printed");
    let done = with_settings(&scratch, "color = \"never\"\n", &["--print-config"]);
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    let printed = stdout(&done);
    let line = |name: &str| printed.lines().find(|line| line.starts_with(name)).unwrap();
    assert!(line("color").ends_with("# line 1, column 1"), "{printed}");
    assert!(
        line("assume-credentials").ends_with("# built in"),
        "{printed}"
    );
    let again = with_settings(&scratch, &printed, &["--print-config"]);
    assert_eq!(again.status.code(), Some(0), "{}", stderr(&again));
    assert!(stdout(&again).contains("color = \"never\""));
    let given = with_settings(&scratch, "", &["--print-config", "--color", "always"]);
    let given = stdout(&given);
    assert!(given.contains("color = \"always\""), "{given}");
    assert!(given.contains("# the command line"), "{given}");
}

#[test]
fn flags_can_be_taken_back() {
    let scratch = Scratch::new("config-flags");
    if !stdout(&run(&["--print-config"])).contains("ascii") {
        eprintln!("SKIPPED: built without screens, which have the flags");
        return;
    }
    for (flag, expected) in [
        ("--ascii=false", "ascii = false"),
        ("--ascii", "ascii = true"),
    ] {
        let done = with_settings(&scratch, "ascii = true", &["--print-config", flag]);
        assert!(stdout(&done).contains(expected), "{}", stdout(&done));
    }
}

#[test]
fn options_of_no_command_before_one_are_named() {
    let done = run(&["--color", "never", "report", "x.pcap"]);
    assert_eq!(done.status.code(), Some(2));
    let told = stderr(&done);
    assert!(told.contains("--color <WHEN> goes behind report"), "{told}");
}
