//! The two messages of a transaction: their telling headers, each with the check that looked at it.

use crate::cors::trace::{Check, Outcome};
use crate::cors::transaction::{Half, Transaction, Verdict};
use crate::http::headers::HeaderList;
use crate::ladder::cause;
use crate::tui::app::{App, Headers};
use crate::tui::doc::Doc;
use crate::tui::theme::Role;
use crate::tui::view::{milliseconds, secret, why};
use crate::wire_text::wire_text;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// The CORS-preflight request and its answer.
    Preflight,
    /// The actual request and its response.
    Actual,
}

impl Which {
    /// Those that there is something to say about.
    pub(super) fn of(transaction: &Transaction) -> &'static [Self] {
        if transaction.preflight.is_some() {
            &[Self::Preflight, Self::Actual]
        } else {
            &[Self::Actual]
        }
    }

    fn half(self, transaction: &Transaction) -> Option<&Half> {
        match self {
            Self::Preflight => transaction.preflight.as_ref(),
            Self::Actual => transaction.actual.as_ref(),
        }
    }
}

/// What a message is, its frames, and how long it took.
pub(super) fn title(transaction: &Transaction, which: Which) -> String {
    let name = match which {
        Which::Preflight => "PREFLIGHT",
        Which::Actual => "ACTUAL REQUEST",
    };
    let Some(half) = which.half(transaction) else {
        return name.to_owned();
    };
    let duration = why::duration(half).map(|duration| {
        let ms = milliseconds(duration.as_secs_f64() * 1000.0);
        format!("  {ms} ms")
    });
    let (request, response) = why::frames(half);
    format!(
        "{name}  frames {} → {}{}",
        why::numbers(&request),
        why::numbers(response),
        duration.unwrap_or_default()
    )
}

/// A message, in so many columns.
pub(super) fn write(app: &App, transaction: &Transaction, which: Which, doc: &mut Doc) {
    let Some(half) = which.half(transaction) else {
        write_missing(transaction, doc);
        return;
    };
    write_request(app, half, doc);
    write_response(app, transaction, which, half, doc);
}

/// The request of a message alone, or its response.
pub(super) fn write_part(
    app: &App,
    transaction: &Transaction,
    which: Which,
    is_response: bool,
    doc: &mut Doc,
) {
    match which.half(transaction) {
        None => write_missing(transaction, doc),
        Some(half) if is_response => write_response(app, transaction, which, half, doc),
        Some(half) => write_request(app, half, doc),
    }
}

/// Says why there is no such message.
fn write_missing(transaction: &Transaction, doc: &mut Doc) {
    match transaction.judgement.verdict {
        Verdict::Fail(_) => doc.text(Role::Fail, "✗ never sent: the browser stopped here"),
        _ => doc.text(Role::Unknown, "? not in the capture"),
    }
}

/// Columns of the header names.
const NAME: usize = 31;

fn write_request(app: &App, half: &Half, doc: &mut Doc) {
    let head = &half.fetch.head;
    let line = format!(
        "→ {} {}",
        wire_text(head.method()),
        wire_text(head.target())
    );
    doc.text(Role::Title, &line);
    write_headers(app, &head.headers, &[], is_telling_in_request, doc);
    if half.earlier_tries > 0 {
        let text = format!("sent {} times before without an answer", half.earlier_tries);
        doc.text(Role::Unknown, &text);
    }
}

fn write_response(app: &App, transaction: &Transaction, which: Which, half: &Half, doc: &mut Doc) {
    let Some(response) = &half.response else {
        let text = format!("no response: {}", cause(half.outcome()));
        doc.text(Role::Fail, &text);
        return;
    };
    let checks = transaction.trace();
    let of_message = |check: &&Check| check.in_preflight == (which == Which::Preflight);
    let checks: Vec<&Check> = checks.iter().filter(of_message).collect();
    let of_status: Vec<&&Check> = checks
        .iter()
        .filter(|check| check.header.is_none())
        .collect();
    let failed = of_status.iter().any(|check| check.outcome == Outcome::Fail);
    let role = if failed { Role::Fail } else { Role::Title };
    doc.text(role, &format!("← status {}", response.status));
    for check in of_status {
        write_check(check, doc);
    }
    write_headers(app, &response.headers, &checks, is_telling_in_response, doc);
    // What a check looked for and did not find.
    let mut missing: Vec<&str> = Vec::new();
    for check in &checks {
        let Some(name) = check.header else { continue };
        if check.outcome != Outcome::Fail
            || response.headers.contains(name)
            || missing.contains(&name)
        {
            continue;
        }
        missing.push(name);
        doc.field(name, NAME, Role::Fail, "(missing)");
        for check in checks.iter().filter(|check| check.header == Some(name)) {
            write_check(check, doc);
        }
    }
}

fn write_headers(
    app: &App,
    headers: &HeaderList,
    checks: &[&Check],
    is_telling: fn(&str) -> bool,
    doc: &mut Doc,
) {
    let mut others = 0;
    let columns = if doc.width() < 60 { 24 } else { NAME };
    let mut shown: Vec<String> = Vec::new();
    for (name, value) in headers.lines() {
        let text = wire_text(name);
        let lower = text.to_ascii_lowercase();
        let is_shown = match app.headers {
            Headers::Cors => is_of_cors(&lower),
            Headers::Telling => is_telling(&lower),
            Headers::All => true,
        };
        if !is_shown {
            others += 1;
            continue;
        }
        let value = if app.secrets {
            wire_text(value).into_owned()
        } else {
            secret::hidden(name, value)
        };
        let of_header = |check: &&&Check| {
            check
                .header
                .is_some_and(|header| header.eq_ignore_ascii_case(&lower))
        };
        let fails = checks
            .iter()
            .any(|c| of_header(&c) && c.outcome == Outcome::Fail);
        let passes = checks
            .iter()
            .any(|c| of_header(&c) && c.outcome == Outcome::Pass);
        let role = match (fails, passes) {
            (true, _) => Role::Fail,
            (false, true) => Role::Pass,
            (false, false) => Role::Plain,
        };
        doc.field(&text, columns, role, &value);
        if !shown.contains(&lower) {
            for check in checks.iter().filter(of_header) {
                write_check(check, doc);
            }
            shown.push(lower);
        }
    }
    if others > 0 {
        let noun = if others == 1 { "header" } else { "headers" };
        doc.text(
            Role::Minor,
            &format!("… {others} other {noun} (e shows all)"),
        );
    }
}

fn write_check(check: &Check, doc: &mut Doc) {
    let (role, glyph) = sign(check.outcome);
    let first = doc.span(role, &format!("  {glyph} "));
    doc.hanging(first, 4, role, check.what);
}

pub(super) fn sign(outcome: Outcome) -> (Role, &'static str) {
    match outcome {
        Outcome::Pass => (Role::Pass, "✓"),
        Outcome::Fail => (Role::Fail, "✗"),
        Outcome::NotNeeded => (Role::Minor, "·"),
    }
}

/// Whether a header belongs to the CORS protocol (Fetch, "HTTP requests" and "HTTP responses" of it).
fn is_of_cors(name: &str) -> bool {
    name.starts_with("access-control-") || name == "origin"
}

fn is_telling_in_request(name: &str) -> bool {
    is_of_cors(name)
        || name.starts_with("sec-fetch-")
        || matches!(
            name,
            "host" | "cookie" | "authorization" | "content-type" | "x-requested-with"
        )
}

fn is_telling_in_response(name: &str) -> bool {
    is_of_cors(name)
        || matches!(
            name,
            "vary"
                | "location"
                | "allow"
                | "content-type"
                | "set-cookie"
                | "www-authenticate"
                | "timing-allow-origin"
                | "cross-origin-resource-policy"
        )
}
