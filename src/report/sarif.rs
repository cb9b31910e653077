//! SARIF 2.1.0, for code scanning: failures and advice as results, each cause a rule.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use crate::cors::advice::{Advice, RULES, Severity};
use crate::cors::cors_error::CorsError;
use crate::cors::transaction::{Transaction, Verdict};
use crate::explain::code::Code;
use crate::report::capture::{Capture, Report};
use crate::report::json;
use crate::report::words::{endpoint, facts, fingerprint, title};
use crate::wire_text::printable;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
const FETCH: &str = "https://fetch.spec.whatwg.org/#http-cors-protocol";
/// The rule of transactions that would fail with credentials.
const CONDITIONAL: &str = "FailsWithCredentials";
/// The rule of transactions that the capture does not decide.
const UNKNOWN: &str = "NotDecided";

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: Vec<Run>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    column_kind: &'static str,
    artifacts: Vec<Artifact>,
    results: Vec<Finding>,
    invocations: Vec<Invocation>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
struct Notification {
    level: &'static str,
    message: Text,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    version: &'static str,
    semantic_version: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    short_description: Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<Text>,
    help_uri: &'static str,
    default_configuration: Configuration,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
struct Artifact {
    location: Place,
}

#[derive(Serialize)]
struct Place {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding {
    rule_id: &'static str,
    level: &'static str,
    message: Text,
    locations: Vec<Location>,
    partial_fingerprints: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
    logical_locations: Vec<LogicalLocation>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: Place,
    region: Region,
}

/// A capture has no lines, and readers want one.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation {
    fully_qualified_name: String,
    kind: &'static str,
}

pub(super) fn write_report(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let captures = report.captures;
    let errors = captures.iter().filter_map(|capture| {
        let error = capture.error.as_ref()?;
        Some(Notification {
            level: "error",
            message: text(&format!("{}: {error}", capture.file)),
        })
    });
    let errors: Vec<Notification> = errors.collect();
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: vec![Run {
            tool: Tool {
                driver: Driver {
                    name: "corshark",
                    version: env!("CARGO_PKG_VERSION"),
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    rules: rules(),
                },
            },
            column_kind: "unicodeCodePoints",
            artifacts: captures
                .iter()
                .map(|capture| Artifact {
                    location: place(&capture.file),
                })
                .collect(),
            results: captures.iter().flat_map(results).collect(),
            invocations: vec![Invocation {
                execution_successful: errors.is_empty(),
                tool_execution_notifications: errors,
            }],
        }],
    };
    json::write_line(&log, &mut Vec::new(), out)
}

fn rules() -> Vec<Rule> {
    let rule = |id, what: &str, help: Option<String>, level| Rule {
        id,
        short_description: text(what),
        help: help.as_deref().map(text),
        help_uri: FETCH,
        default_configuration: Configuration { level },
    };
    let codes = CorsError::ALL.iter().map(|error| {
        let meaning = Code::Cors(*error).meaning();
        rule(error.name(), meaning, None, "error")
    });
    let more = [
        rule(
            CONDITIONAL,
            "passes, but would fail if the page included credentials",
            None,
            "warning",
        ),
        rule(
            "policy",
            "the policy file forbids what was answered",
            None,
            "error",
        ),
        rule(
            UNKNOWN,
            "the capture does not tell what the browser decided",
            None,
            "note",
        ),
    ];
    let advice = RULES.iter().map(|advice| {
        let help = format!("{}\n{}", advice.why, advice.fix);
        rule(
            advice.id,
            advice.title,
            Some(help),
            level_of(advice.severity),
        )
    });
    codes.chain(more).chain(advice).collect()
}

fn results(capture: &Capture) -> impl Iterator<Item = Finding> {
    let transactions = capture.transactions.iter();
    let problems = transactions.filter_map(|transaction| problem(capture, transaction));
    let advice = capture.findings.advice.iter();
    problems.chain(advice.map(|one| remark(capture, one)))
}

fn problem(capture: &Capture, transaction: &Transaction) -> Option<Finding> {
    let (rule_id, level) = match transaction.judgement.verdict {
        Verdict::Fail(error) => (error.name(), "error"),
        Verdict::Unknown(_) => (UNKNOWN, "note"),
        Verdict::Pass if transaction.judgement.condition.is_some() => (CONDITIONAL, "warning"),
        Verdict::Pass | Verdict::NotCors(_) => return None,
    };
    let facts = facts(transaction).into_iter();
    let facts = facts.map(|(label, fact)| format!("{label}: {fact}"));
    let lines: Vec<String> = std::iter::once(title(transaction)).chain(facts).collect();
    let where_ = endpoint(transaction);
    Some(Finding {
        rule_id,
        level,
        message: Text {
            text: lines.join("\n"),
        },
        locations: vec![location(capture, where_)],
        partial_fingerprints: BTreeMap::from([("corshark/v1", fingerprint(transaction))]),
    })
}

fn remark(capture: &Capture, advice: &Advice) -> Finding {
    let endpoint = advice.endpoint.to_string();
    Finding {
        rule_id: advice.id,
        level: if advice.id == "policy" {
            "error"
        } else {
            level_of(advice.severity)
        },
        message: text(&format!("{endpoint}: {}; fix: {}", advice.what, advice.fix)),
        partial_fingerprints: BTreeMap::from([(
            "corshark/v1",
            format!("{}|{endpoint}", advice.id),
        )]),
        locations: vec![location(capture, endpoint)],
    }
}

fn level_of(severity: Severity) -> &'static str {
    match severity {
        Severity::High | Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

fn location(capture: &Capture, endpoint: String) -> Location {
    Location {
        physical_location: PhysicalLocation {
            artifact_location: place(&capture.file),
            region: Region { start_line: 1 },
        },
        logical_locations: vec![LogicalLocation {
            fully_qualified_name: endpoint,
            kind: "resource",
        }],
    }
}

fn text(text: &str) -> Text {
    Text {
        text: printable(text).into_owned(),
    }
}

/// A file's name as a URI reference (RFC 3986 §4.1).
fn place(file: &str) -> Place {
    let mut uri = String::new();
    for byte in file.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format_byte(byte));
        }
    }
    Place { uri }
}

fn format_byte(byte: u8) -> String {
    format!("%{byte:02X}")
}
