//! Who may import what: the modules' order, and the one home of each package, checked by reading
//! `src/`.

use std::fs;
use std::path::{Path, PathBuf};

/// From the bottom up; a module may use those before it, and those of its own line.
const ORDER: &[&str] = &[
    "limits wire_text text_place capture::frame",
    "capture system",
    "decode",
    "tcp",
    "http",
    "cors",
    "explain",
    "filter redact",
    "analysis",
    "session",
    "ladder packets reread",
    "report",
    "check diff export",
    "tui",
    "run cli",
    "command",
    "main",
];
const OPEN_TO_ALL: [&str; 4] = ["limits", "wire_text", "text_place", "capture::frame"];
/// Modules that may use these and no other ones below them.
const NARROWED: &[(&str, &[&str])] = &[
    ("cors", &["http"]),
    ("filter", &["explain", "cors", "http"]),
    ("redact", &["cors", "http"]),
    (
        "report",
        &[
            "ladder", "session", "filter", "redact", "explain", "cors", "http",
        ],
    ),
];
/// Packages, and the modules that may use them.
const HOMES: &[(&str, &[&str])] = &[
    ("pcap", &["capture"]),
    ("pcap_parser", &["capture"]),
    ("libloading", &["capture"]),
    ("nix", &["capture::live", "system"]),
    (
        "rustix",
        &[
            "capture::live",
            "capture::silence",
            "system",
            "report::destination",
        ],
    ),
    ("flate2", &["capture::compression"]),
    ("ruzstd", &["capture::compression"]),
    ("lzma_rust2", &["capture::compression"]),
    ("lz4_flex", &["capture::compression"]),
    ("etherparse", &["decode"]),
    ("httparse", &["http::h1"]),
    ("mimalloc", &["main"]),
    ("clap", &["cli", "main"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("jiff", &["report"]),
    ("itoa", &["report"]),
    ("ratatui", &["tui"]),
    ("crossterm", &["tui"]),
    ("tui_input", &["tui"]),
    ("unicode_width", &["tui", "ladder"]),
    ("signal_hook", &["system", "tui", "command"]),
    ("serde", &["report", "check"]),
    ("schemars", &["report::record"]),
    ("toml", &["check", "cli"]),
    ("serde_json", &["report"]),
    ("regex", &["filter"]),
    (
        "tempfile",
        &[
            "command",
            "capture::recorder",
            "capture::silence",
            "capture::store",
            "report::destination",
        ],
    ),
    ("csv", &["report"]),
    ("maud", &["report::html"]),
];

/// Whether `path` is `module` or lies within it.
fn is_within(path: &str, module: &str) -> bool {
    path.strip_prefix(module)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// The place of a module in the order, and the name it has there.
fn layer(path: &str) -> Option<(usize, &'static str)> {
    let places = ORDER.iter().enumerate();
    let mut found = places.flat_map(|(place, names)| names.split(' ').map(move |n| (place, n)));
    found.find(|(_, name)| is_within(path, name))
}

/// What is wrong with one line of code in `module`.
fn fault(module: &str, line: &str) -> Option<String> {
    // `use package;` and `use package as name;` have no path: they are read as if they had one.
    let imported = line.trim_start().strip_prefix("use ").unwrap_or_default();
    let imported = imported.split([' ', ';', ':']).next().unwrap_or_default();
    let words = line.split(|c: char| !(c.is_alphanumeric() || "_:".contains(c)));
    let paths = words.filter_map(|word| {
        word.split_once("::")
            .map(|(first, rest)| (first, rest, word))
    });
    paths
        .chain([(imported, "", imported)])
        .find_map(|(first, rest, word)| {
            if let Some((_, homes)) = HOMES.iter().find(|(package, _)| *package == first) {
                let at_home = homes.iter().any(|home| is_within(module, home));
                return (!at_home).then(|| format!("{word} is at home in {homes:?}"));
            }
            if rest.is_empty() || (first != "crate" && first != "corshark") {
                return None;
            }
            let Some((place, name)) = layer(rest) else {
                return Some(format!("{word} is in no layer"));
            };
            let (own_place, own) = layer(module)?;
            let narrowed = NARROWED.iter().find(|(narrowed, _)| *narrowed == own);
            let allowed = name == own
                || OPEN_TO_ALL.contains(&name)
                || match narrowed {
                    Some((_, allowed)) => allowed.contains(&name),
                    None => place < own_place,
                };
            (!allowed).then(|| format!("{own} must not use {word}"))
        })
}

fn files(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("src/ is readable") {
        let path = entry.expect("src/ is readable").path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// `src/http/h1/mod.rs` → `http::h1`.
fn module_of(file: &Path) -> String {
    let path = file.with_extension("");
    let parts = path.iter().map(|part| part.to_string_lossy().into_owned());
    let parts: Vec<String> = parts.filter(|part| part != "mod").collect();
    parts.join("::")
}

#[test]
fn imports_go_downwards_and_packages_stay_at_home() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&source, &mut found);
    assert!(
        found.len() > 30,
        "src/ holds more files than {}",
        found.len()
    );
    let mut faults = Vec::new();
    for file in found {
        let module = module_of(file.strip_prefix(&source).expect("within src/"));
        if module == "lib" {
            continue;
        }
        assert!(
            layer(&module).is_some(),
            "{module} has no place in the order"
        );
        let text = fs::read_to_string(&file).expect("src/ is readable");
        let code = text
            .lines()
            .zip(1..)
            .filter(|(line, _)| !line.trim_start().starts_with("//"));
        for (line, number) in code {
            if line.contains("::{") && line.contains("use crate::{") {
                faults.push(format!("{}:{number}: one `use` a module", file.display()));
            }
            if let Some(fault) = fault(&module, line) {
                faults.push(format!("{}:{number}: {fault}", file.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn the_rule_tells_right_from_wrong() {
    for (module, line, allowed) in [
        ("tcp::table", "use crate::decode::Segment;", true),
        ("tcp::table", "use crate::tcp::sequence::SeqNumber;", true),
        ("tcp::table", "use crate::http::Endpoint;", false),
        ("tcp::table", "    let x = crate::cors::f();", false),
        ("cors::pairing", "use crate::http::ConnectionInfo;", true),
        ("cors::pairing", "use crate::capture::frame::{Frame};", true),
        ("cors::pairing", "use crate::tcp::ConnectionInfo;", false),
        ("report::text", "use crate::capture::SaveFile;", false),
        ("report::text", "use crate::analysis::Stats;", false),
        ("report::text", "use crate::session::Session;", true),
        ("capture::frame", "use crate::capture::SaveFile;", false),
        ("command::report", "use crate::report::Reporter;", true),
        ("main", "use corshark::command::report::report;", true),
        ("http::h1::head", "httparse::Request::new()", true),
        ("http::headers", "use httparse::Header;", false),
        ("tcp", "use etherparse::TcpSlice;", false),
        ("tcp", "use etherparse as parser;", false),
        ("cli", "use clap;", true),
        ("limits", "use std::time::Duration;", true),
    ] {
        assert_eq!(fault(module, line).is_none(), allowed, "{module}: {line}");
    }
}
