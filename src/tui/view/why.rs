//! A transaction's verdict in words: why, who, and what repairs it.

use std::fmt::Display;
use std::time::Duration;

use crate::capture::frame::FrameNumber;
use crate::cors::console::console_lines;
use crate::cors::transaction::{Half, Transaction, TransactionNote, Verdict};
use crate::tui::doc::Doc;
use crate::tui::theme::Role;
use crate::tui::view::look;
use crate::wire_text::wire_text;

/// Columns of the labels.
const LABEL: usize = 9;

/// Where the transaction is in the capture: `frames 4 → 6 8  tcp.stream 0`.
pub(super) fn place(transaction: &Transaction) -> String {
    let mut places = Vec::new();
    let mut streams: Vec<u64> = Vec::new();
    for half in [&transaction.preflight, &transaction.actual]
        .into_iter()
        .flatten()
    {
        let (request, response) = frames(half);
        let request = numbers(&request);
        places.push(match response {
            [] => request,
            response => format!("{request} → {}", numbers(response)),
        });
        let stream = half.exchange.as_ref().map(|e| e.connection.stream);
        streams.extend(stream.filter(|stream| !streams.contains(stream)));
    }
    let streams = match streams.as_slice() {
        [] => String::new(),
        streams => format!("  tcp.stream {}", numbers(streams)),
    };
    format!("frames {}{streams}", places.join(" | "))
}

/// The frames of a request, and those of its response.
pub(super) fn frames(half: &Half) -> (Vec<FrameNumber>, &[FrameNumber]) {
    let exchange = half.exchange.as_deref();
    let request = exchange.and_then(|exchange| exchange.request.as_ref());
    let request = request.map_or(&half.frames, |request| &request.frames);
    let response = exchange.and_then(|exchange| exchange.response.as_ref());
    let earlier = half.earlier_frames.iter();
    (
        earlier.chain(request).copied().collect(),
        response.map_or(&[], |response| &response.frames),
    )
}

pub(super) fn numbers<T: Display>(numbers: &[T]) -> String {
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    numbers.join(" ")
}

/// Why, whose fault, what browsers print, and the fix.
pub(super) fn write(transaction: &Transaction, doc: &mut Doc) {
    let judgement = &transaction.judgement;
    let condition = judgement.condition.map(|condition| condition.error);
    let (role, _, _) = look(judgement.verdict, condition);
    doc.field("WHY", LABEL, role, &sentence(&transaction.reason()));
    if let Some(condition) = condition {
        let text = format!(
            "It would fail with {} if the page includes credentials (credentials: 'include', withCredentials)",
            condition.name()
        );
        doc.field("but", LABEL, Role::Condition, &text);
    }
    if let Some(cause) = transaction.cause() {
        doc.field("cause", LABEL, Role::Plain, &sentence(&cause));
    }
    write_fix(transaction, doc);
    let lines = console_lines(transaction);
    if let Some(line) = &lines.chromium {
        doc.field("Chrome", LABEL, Role::Plain, line);
    }
}

/// The header lines that repair it, what to do beside, and what would fail next.
pub(super) fn write_fix(transaction: &Transaction, doc: &mut Doc) {
    let mut label = "FIX";
    for line in transaction.fix() {
        doc.field(label, LABEL, Role::Fix, &line);
        label = "";
    }
    if let Some(remedy) = transaction.remedy() {
        doc.field(label, LABEL, Role::Plain, &sentence(remedy));
    }
    let next = also_wrong(transaction);
    if !next.is_empty() {
        let text = format!("{} (the fix above repairs these too)", next.join(", then "));
        doc.field("next", LABEL, Role::Fail, &text);
    } else if matches!(judgement_verdict(transaction), Verdict::Fail(_)) {
        doc.field("next", LABEL, Role::Plain, "nothing else would fail");
    }
}

fn judgement_verdict(transaction: &Transaction) -> Verdict {
    transaction.judgement.verdict
}

/// What would fail once the first failure is repaired.
fn also_wrong(transaction: &Transaction) -> Vec<&'static str> {
    let notes = transaction.judgement.notes.iter();
    notes
        .filter_map(|note| match note {
            TransactionNote::AlsoWrong(error) => Some(error.name()),
            _ => None,
        })
        .collect()
}

/// The URL that the page asked for.
pub(in crate::tui) fn url(transaction: &Transaction) -> String {
    transaction.main().map_or_else(String::new, half_url)
}

/// The URL of a request.
pub(in crate::tui) fn half_url(half: &Half) -> String {
    format!(
        "http://{}{}",
        wire_text(&half.fetch.authority),
        wire_text(half.fetch.path_and_query())
    )
}

/// From the first byte of a request to the last one of its response.
pub(super) fn duration(half: &Half) -> Option<Duration> {
    let response = half.exchange.as_ref()?.response.as_ref()?;
    Some(response.end.since(half.start))
}

/// With a capital letter.
pub(super) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}
