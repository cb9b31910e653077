//! The console lines of the saved captures against what the real browsers printed then.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests, their helpers too"
)]

mod support;

use std::path::{Path, PathBuf};

use corshark::analysis::{Analysis, Update};
use corshark::capture::{FrameSource as _, Next, SaveFile};
use corshark::cors::console::{ConsoleLines, console_lines};
use corshark::limits::Limits;
use support::analyse;
use support::table::lay;

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

/// A page's GET of its own origin has no Origin; browsers name it all the same where it is redirected.
#[test]
fn a_chain_that_began_at_the_pages_own_origin_is_told_from_its_beginning() {
    let found = |exchanges: &[&str]| {
        let found = analyse(&lay(exchanges));
        let last = found.transactions.last().unwrap();
        console_lines(last).chromium.unwrap_or_default()
    };
    let own = "GET /start | Host: page.test | no origin => 302 | L: http://api.test/x";
    for (from, to, expected) in [
        (
            own,
            "GET /x => 200",
            "at 'http://api.test/x' (redirected from 'http://page.test/start') from origin 'http://page.test' has",
        ),
        (own, "GET /y => 200", "at 'http://api.test/y' from origin"),
        (
            own,
            "GET /x | O: http://b.test => 200",
            "at 'http://api.test/x' from origin",
        ),
        (
            own,
            "@9000 GET /x => 200",
            "at 'http://api.test/x' from origin",
        ),
        (
            "GET /start | Host: page.test | no origin | Mode: navigate => 302 | L: http://api.test/x",
            "GET /x => 200",
            "at 'http://api.test/x' from origin",
        ),
    ] {
        let line = found(&[from, to]);
        assert!(line.contains(expected), "{from}\n{to}\n{line}");
    }
}

/// What Safari prints of a redirect too many was not recorded, so nothing is made up; the remedy is about the redirect.
#[test]
fn no_line_is_made_up_for_a_redirect_that_safari_does_not_follow() {
    let told = |location: &str| {
        let found = analyse(&lay(&[
            "GET /1 | safari | no origin | Host: page.test => 302 | L: http://api.test/2",
            &format!("GET /2 | safari => 302 | ACAO: * | L: {location}"),
        ]));
        let last = found.transactions.last().unwrap();
        let remedy = last.remedy().unwrap();
        (console_lines(last).safari.is_some(), remedy)
    };
    let (has_line, remedy) = told("http://api.test/3");
    assert!(!has_line && remedy.contains("final URL"), "{remedy}");
    let (has_line, remedy) = told("ftp://api.test/3");
    assert!(has_line && remedy.contains("http or https"), "{remedy}");
}
