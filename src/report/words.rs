//! What several formats say of a transaction in the same words.

use crate::capture::frame::FrameNumber;
use crate::cors::advice::Endpoint;
use crate::cors::transaction::{Half, Transaction, Verdict};
use crate::wire_text::{printable, wire_text};

/// A verdict in one word; one that holds only without credentials has a word of its own.
pub(super) fn verdict_word(transaction: &Transaction) -> &'static str {
    if transaction.judgement.condition.is_some() {
        return "conditional";
    }
    transaction.judgement.verdict.name()
}

/// The sign and the word that stand for a verdict.
#[must_use]
pub fn verdict_label(transaction: &Transaction) -> &'static str {
    match transaction.judgement.verdict {
        Verdict::Pass if transaction.judgement.condition.is_some() => "! PASS, perhaps",
        Verdict::Pass => "✓ PASS",
        Verdict::Fail(_) => "✗ FAIL",
        Verdict::Unknown(_) => "? UNKNOWN",
        Verdict::NotCors(_) => "· not CORS",
    }
}

/// The code of a failure, or of what would fail with credentials.
pub(super) fn code(transaction: &Transaction) -> Option<&'static str> {
    match transaction.judgement.verdict {
        Verdict::Fail(error) => Some(error.name()),
        _ => transaction
            .judgement
            .condition
            .map(|condition| condition.error.name()),
    }
}

/// The request in one line of safe text.
pub(super) fn title(transaction: &Transaction) -> String {
    let title = format!(
        "{} {} → {}",
        wire_text(transaction.method()),
        wire_text(transaction.origin()),
        transaction.url()
    );
    printable(&title).into_owned()
}

/// The endpoint as text; empty where there is none.
pub(super) fn endpoint(transaction: &Transaction) -> String {
    let endpoint = Endpoint::of_transaction(transaction);
    endpoint.map_or_else(String::new, |endpoint| endpoint.to_string())
}

/// What would be the same problem in another capture.
pub(super) fn fingerprint(transaction: &Transaction) -> String {
    format!(
        "{}|{}|{}|{}",
        code(transaction).unwrap_or(verdict_word(transaction)),
        wire_text(transaction.method()),
        wire_text(transaction.origin()),
        endpoint(transaction)
    )
}

/// What to tell of a transaction beside its verdict: a label and a text each, in safe text.
pub(super) fn facts(transaction: &Transaction) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    let mut add = |label, text: &str| facts.push((label, printable(text).into_owned()));
    for (label, half) in [
        ("preflight", &transaction.preflight),
        ("request", &transaction.actual),
    ] {
        if let Some(half) = half {
            add(label, &half_line(half));
        }
    }
    if transaction.actual.is_none() {
        add("request", not_seen(transaction));
    }
    add("why", &transaction.reason());
    if let Some(cause) = transaction.cause() {
        add("cause", &cause);
    }
    if let Some(condition) = transaction.judgement.condition {
        let code = condition.error.name();
        add(
            "but",
            &format!("would fail with {code} if the page includes credentials"),
        );
    }
    if let Some(fault) = transaction.fault() {
        add("fault", fault.name());
    }
    for line in transaction.fix() {
        add("fix", &line);
    }
    if let Some(remedy) = transaction.remedy() {
        add("remedy", remedy);
    }
    if let Some(warning) = transaction.warning() {
        add("warning", warning);
    }
    facts
}

/// Why there is no actual request.
pub(super) fn not_seen(transaction: &Transaction) -> &'static str {
    match transaction.judgement.verdict {
        Verdict::Fail(_) => "not sent: the browser stopped here",
        _ if transaction.connect_failure().is_some() => "not sent: its connection failed",
        _ => "not seen",
    }
}

/// One request with its answer in one line: method and status, frames, time, connection.
pub(super) fn half_line(half: &Half) -> String {
    let answer = match &half.response {
        Some(response) => response.status.to_string(),
        None => "no response".to_owned(),
    };
    let method = printable(&wire_text(half.fetch.head.method())).into_owned();
    let (request, response) = frames(half);
    let frames = if response.is_empty() {
        format!("frames {request}")
    } else {
        format!("frames {request} → {response}")
    };
    let duration = duration_ms(half).map(|ms| format!("{ms:.1} ms"));
    let stream = half.exchange.as_ref();
    let stream = stream.map(|exchange| format!("tcp.stream {}", exchange.connection.stream));
    let parts = [
        Some(format!("{method} {answer}")),
        Some(frames),
        duration,
        stream,
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The frame numbers of a request, those of earlier tries first, and of its response.
pub(super) fn frames(half: &Half) -> (String, String) {
    let exchange = half.exchange.as_ref();
    let request = exchange.and_then(|exchange| exchange.request.as_ref());
    let frames = request.map_or(&half.frames, |request| &request.frames);
    let request = numbers(half.earlier_frames.iter().chain(frames));
    let response = exchange.and_then(|exchange| exchange.response.as_ref());
    let response = response.map_or_else(String::new, |response| numbers(&response.frames));
    (request, response)
}

/// Frame numbers, with a space between.
pub(super) fn numbers<'a>(frames: impl IntoIterator<Item = &'a FrameNumber>) -> String {
    let numbers: Vec<String> = frames.into_iter().map(ToString::to_string).collect();
    numbers.join(" ")
}

/// From the first byte of the request to the last one of the response, in milliseconds, to the
/// microsecond.
pub(super) fn duration_ms(half: &Half) -> Option<f64> {
    let response = half.exchange.as_ref()?.response.as_ref()?;
    let micros = response.end.since(half.start).as_micros();
    Some(f64::from(u32::try_from(micros).unwrap_or(u32::MAX)) / 1000.0)
}

/// The notes of a transaction and its exchanges, each once.
pub(super) fn notes(transaction: &Transaction) -> Vec<String> {
    let own = transaction.judgement.notes.iter().map(ToString::to_string);
    let halves = [&transaction.preflight, &transaction.actual];
    let exchanges = halves
        .into_iter()
        .flatten()
        .filter_map(|h| h.exchange.as_ref());
    let theirs = exchanges.flat_map(|exchange| exchange.notes.iter().map(|n| n.name().to_owned()));
    let mut notes: Vec<String> = Vec::new();
    for note in own.chain(theirs) {
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    notes
}
