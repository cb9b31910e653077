//! The binary with libpcap, without it, and with one that cannot be loaded.
//!
//! Two ways to see what the dynamic loader does, neither of which needs rights or tools: it looks into
//! `LD_LIBRARY_PATH` first, and with `LD_DEBUG=files` glibc's writes every file that it opens to
//! standard error.

#![cfg(all(feature = "live", target_os = "linux"))]
#![expect(
    clippy::unwrap_used,
    reason = "the settings let tests unwrap, but not the functions that they share"
)]

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use corshark::capture::libpcap;

const CAPTURE: &str = "captures/article-failing.pcap";

fn corshark(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_corshark"));
    command.args(arguments);
    command
}

/// Exit code, standard output, standard error.
fn run(command: &mut Command) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

/// Writes past the test runner, which keeps back what a passing test prints.
fn say(line: &str) {
    let _ = writeln!(io::stderr(), "libpcap: {line}");
}

/// A folder with a file of each name that libpcap has, none of them a library.
fn unusable_libraries() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("unusable-libpcap");
    fs::create_dir_all(&folder).unwrap();
    for name in ["libpcap.so.1", "libpcap.so.0.8", "libpcap.so"] {
        fs::write(folder.join(name), "not a library").unwrap();
    }
    folder
}

#[test]
fn interfaces_are_listed_or_what_is_missing_is_said() {
    let (code, out, errors) = run(&mut corshark(&["interfaces"]));
    match libpcap::version() {
        Ok(version) => {
            say(&format!("interfaces listed with version {version}"));
            assert_eq!((code, errors.as_str()), (Some(0), ""));
            let loopback = out.lines().next().unwrap();
            let columns: Vec<&str> = loopback.split_whitespace().collect();
            assert!(columns[1].contains("loopback"), "{out}");
        }
        Err(missing) => {
            say(&format!("interfaces NOT listed: {missing}"));
            assert_eq!((code, out.as_str()), (Some(3), ""));
            assert_eq!(errors, format!("corshark: {missing}\n"));
        }
    }
}

#[test]
fn the_version_names_libpcap() {
    let (code, out, _) = run(&mut corshark(&["--version"]));
    let found = libpcap::version().map_or("no libpcap".to_owned(), |v| format!("libpcap {v}"));
    let own = env!("CARGO_PKG_VERSION");
    assert_eq!(code, Some(0));
    assert!(out.starts_with(&format!("corshark {own}\n")), "{out}");
    assert!(out.ends_with(&format!("\n{found}\n")), "{out}");
}

/// Linked to libpcap, the program would not start.
#[test]
fn a_libpcap_that_cannot_be_loaded_stops_nothing_but_live_capture() {
    let folder = unusable_libraries();
    let run = |arguments: &[&str]| run(corshark(arguments).env("LD_LIBRARY_PATH", &folder));

    let (code, out, errors) = run(&["report", "--format", "ndjson", CAPTURE]);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    assert!(out.contains("\"fail\""), "{out}");

    let (code, out, errors) = run(&["interfaces"]);
    assert_eq!((code, out.as_str()), (Some(3), ""));
    let expected = "corshark: libpcap cannot be loaded: only saved captures can be read (";
    assert!(errors.starts_with(expected), "{errors}");
    assert!(errors.ends_with(")\n"), "{errors}");
    assert_eq!(errors.lines().count(), 1, "{errors}");

    let (code, out, _) = run(&["--version"]);
    assert_eq!(code, Some(0));
    assert!(out.ends_with("\nno libpcap\n"), "{out}");
}

#[test]
fn a_report_does_not_look_for_libpcap() {
    let files = |arguments: &[&str]| run(corshark(arguments).env("LD_DEBUG", "files")).2;
    if !files(&["interfaces"]).contains("libpcap.so") {
        say("NOT TESTED whether a report loads it: this loader does not tell");
        return;
    }
    let opened = files(&["report", CAPTURE]);
    assert!(opened.contains("libc.so"), "{opened}");
    assert!(!opened.contains("libpcap.so"), "{opened}");
}
