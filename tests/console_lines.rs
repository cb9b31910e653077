//! The console lines of the saved captures against what the real browsers printed then.

use std::path::{Path, PathBuf};

use corshark::analysis::{Analysis, Update};
use corshark::capture::{FrameSource as _, Next, SaveFile};
use corshark::cors::console::{ConsoleLines, console_lines};
use corshark::limits::Limits;

fn lines_of(capture: &Path) -> Vec<ConsoleLines> {
    let limits = Limits::default();
    let mut source = SaveFile::open(capture, &limits).expect("a readable capture");
    let mut analysis = Analysis::new(&limits);
    while let Next::Frame(frame) = source.next_frame().expect("a whole capture") {
        analysis.push_frame(&frame);
    }
    analysis.finish();
    let updates = analysis.drain_updates();
    updates
        .into_iter()
        .filter_map(|update| match update {
            Update::Transaction(transaction) => Some(console_lines(&transaction)),
            _ => None,
        })
        .collect()
}

/// A printed line without what the wire does not tell.
fn as_wire_tells(line: &str) -> String {
    line.replace("Access to XMLHttpRequest at", "Access to fetch at")
}

#[test]
fn the_saved_captures_console_lines_are_those_of_the_browsers() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("captures");
    let mut compared = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let console = entry.unwrap().path();
        let name = console.to_string_lossy().into_owned();
        let Some(name) = name.strip_suffix(".console.txt") else {
            continue;
        };
        let ours = lines_of(Path::new(&format!("{name}.pcap")));
        for line in std::fs::read_to_string(&console).unwrap().lines() {
            let Some(line) = line.strip_prefix("console error: ") else {
                continue;
            };
            let line = as_wire_tells(line);
            let is_known = |of: fn(&ConsoleLines) -> &Option<String>| {
                ours.iter().any(|lines| of(lines).as_ref() == Some(&line))
            };
            if line.starts_with("Access to ") {
                // The credentials mode of a request that was not sent is not on the wire.
                if line.contains("preflight request") && line.contains("mode is 'include'") {
                    continue;
                }
                assert!(
                    is_known(|lines| &lines.chromium),
                    "{name}: {line}\n{ours:#?}"
                );
            } else if line.starts_with("Cross-Origin Request Blocked") {
                // Firefox repeats each failure in these words.
                if line.contains("CORS request did not succeed") {
                    continue;
                }
                assert!(
                    is_known(|lines| &lines.firefox),
                    "{name}: {line}\n{ours:#?}"
                );
            } else {
                continue;
            }
            compared += 1;
        }
    }
    assert!(compared >= 10, "{compared} lines compared");
}
