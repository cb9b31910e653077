//! Every capture in `captures/` against its expected report, line by line.
//!
//! With `CORSHARK_BLESS=1` in the environment the expected reports are written instead of compared;
//! read the difference before you keep it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const BLESS: &str = "CORSHARK_BLESS";

/// The names of the files in `captures/` with this ending, without it.
fn names(directory: &Path, ending: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(directory).expect("captures/ is readable");
    let name = |entry: Result<fs::DirEntry, _>| entry.ok()?.file_name().into_string().ok();
    entries
        .filter_map(|entry| Some(name(entry)?.strip_suffix(ending)?.to_owned()))
        .collect()
}

fn report(capture: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_corshark"))
        .args(["report", "--format", "ndjson"])
        .arg(capture)
        .output()
        .expect("the binary runs");
    assert!(output.status.success(), "{}", capture.display());
    String::from_utf8(output.stdout).expect("reports are ASCII")
}

/// The first line that differs.
fn difference(expected: &str, found: &str) -> String {
    let mut lines = expected.lines().zip(found.lines());
    match lines.find(|(expected, found)| expected != found) {
        Some((expected, found)) => format!("expected {expected}\n   found {found}"),
        None => format!(
            "{} lines expected, {} found",
            expected.lines().count(),
            found.lines().count()
        ),
    }
}

#[test]
fn captures_give_their_expected_reports() {
    let directory: PathBuf = [env!("CARGO_MANIFEST_DIR"), "captures"].iter().collect();
    let bless = std::env::var_os(BLESS).is_some_and(|value| value == "1");
    let captures = names(&directory, ".pcap");
    assert!(!captures.is_empty(), "captures/ holds captures");
    let mut faults = Vec::new();
    for name in &captures {
        let found = report(&directory.join(format!("{name}.pcap")));
        let file = directory.join(format!("{name}.expected.ndjson"));
        if bless {
            fs::write(&file, &found).expect("captures/ is writable");
            continue;
        }
        match fs::read_to_string(&file) {
            Err(_) => faults.push(format!(
                "{name}.expected.ndjson is missing: {BLESS}=1 cargo test --test captures writes it"
            )),
            Ok(expected) if expected != found => {
                faults.push(format!("{name}: {}", difference(&expected, &found)));
            }
            Ok(_) => {}
        }
    }
    for name in names(&directory, ".expected.ndjson").difference(&captures) {
        faults.push(format!("{name}.expected.ndjson has no capture"));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
