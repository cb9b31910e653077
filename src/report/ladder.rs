//! The sequence of each transaction as a picture of text: page, browser and server as lines, time
//! downwards.
//!
//! ```text
//!   ms   frame   client                                          server
//!  0.000 4         │── OPTIONS /canvas/73/source ──────────────────▶│
//!  0.490 6 8       │◀───────────────────────────── 200 no allowance │
//! ```

use std::io::{self, Write};

use crate::capture::frame::Timestamp;
use crate::cors::transaction::{Half, Transaction, Verdict};
use crate::report::capture::Report;
use crate::report::words::{code, frames, not_seen, title, verdict_label};
use crate::wire_text::{printable, wire_text};

/// Columns between the two lifelines.
const WIDTH: usize = 58;

pub(super) fn write_report(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for capture in report.captures {
        if report.scope.several {
            writeln!(out, "== {}\n", printable(&capture.file))?;
        }
        for transaction in &capture.transactions {
            for line in ladder(transaction) {
                writeln!(out, "{line}")?;
            }
            writeln!(out)?;
        }
    }
    Ok(())
}

/// The lines of a transaction's picture.
#[must_use]
pub fn ladder(transaction: &Transaction) -> Vec<String> {
    let code = code(transaction).map_or_else(String::new, |code| format!("  [{code}]"));
    let mut lines = vec![
        format!("#{} {}{code}", transaction.id, verdict_label(transaction)),
        title(transaction),
        String::new(),
    ];
    let halves = [&transaction.preflight, &transaction.actual];
    let halves: Vec<&Half> = halves.into_iter().flatten().collect();
    let Some(start) = halves.iter().map(|half| half.start).min() else {
        return lines;
    };
    let connection = halves.iter().find_map(|half| half.exchange.as_ref());
    let (client, server) = connection.map_or_else(
        || ("client".to_owned(), "server".to_owned()),
        |exchange| {
            let connection = exchange.connection;
            (connection.client.to_string(), connection.server.to_string())
        },
    );
    lines.push(format!(
        "{:>10}  {:<12}{client:<WIDTH$}  {server}",
        "ms", "frames"
    ));
    lines.push(event("", "", &lifelines("")));
    if let Some(id) = transaction.redirected_from {
        lines.push(event(
            "",
            "",
            &lifelines(&format!("redirected here by #{id}")),
        ));
    }
    for half in &halves {
        message_lines(half, start, &mut lines);
    }
    if transaction.actual.is_none() {
        let method = printable(&wire_text(transaction.method())).into_owned();
        let word = not_seen(transaction.judgement.verdict);
        let cancelled = matches!(transaction.judgement.verdict, Verdict::Fail(_));
        let sign = if cancelled { "╳ " } else { "" };
        lines.push(event("", "", &lifelines(&format!("{sign}{method} {word}"))));
    }
    if let Some(id) = transaction.redirected_to {
        lines.push(event(
            "",
            "",
            &lifelines(&format!("the redirect leads to #{id}")),
        ));
    }
    lines.push(event("", "", &lifelines("")));
    for (label, text) in [
        ("why", Some(transaction.reason().into_owned())),
        ("cause", transaction.cause()),
    ] {
        if let Some(text) = text {
            lines.push(format!("{label:>10}  {}", printable(&text)));
        }
    }
    for fix in transaction.fix() {
        lines.push(format!("{:>10}  {}", "fix", printable(&fix)));
    }
    lines
}

fn message_lines(half: &Half, start: Timestamp, lines: &mut Vec<String>) {
    let (request, response) = frames(half);
    if half.earlier_tries > 0 {
        let text = format!("{} earlier without an answer", half.earlier_tries);
        lines.push(event("", "", &lifelines(&text)));
    }
    let head = &half.fetch.head;
    let text = format!("{} {}", wire_text(head.method()), wire_text(head.target()));
    lines.push(event(
        &since(half.start, start),
        &request,
        &to_server(&text),
    ));
    let exchange = half.exchange.as_ref();
    let message = exchange.and_then(|exchange| exchange.response.as_ref());
    if let Some(head) = &half.response {
        let allowed = head.headers.get("access-control-allow-origin");
        let allowed = allowed.map_or_else(
            || "no Access-Control-Allow-Origin".to_owned(),
            |value| format!("allows {}", wire_text(&value)),
        );
        let text = format!("{} {allowed}", head.status);
        let time = message.map_or_else(String::new, |m| since(m.head_end, start));
        lines.push(event(&time, &response, &to_client(&text)));
    } else {
        let text = format!("no response: {}", outcome(half));
        lines.push(event("", "", &lifelines(&text)));
    }
}

fn outcome(half: &Half) -> &'static str {
    use crate::http::exchange::Outcome;
    match half.outcome() {
        Outcome::Closed => "the connection was closed",
        Outcome::Aborted => "the client closed the connection first",
        Outcome::Garbled => "what came is no HTTP response",
        Outcome::Reset => "the connection was reset",
        Outcome::CaptureEnded => "the capture ended",
        Outcome::NotCaptured | Outcome::Complete => "it is not in the capture",
        Outcome::CutBySnapLength => "the snap length cut it off",
        Outcome::Unreadable => "the bytes are not HTTP",
        Outcome::GivenUp => "none within the time that is waited",
    }
}

fn since(time: Timestamp, start: Timestamp) -> String {
    let micros = time.since(start).as_micros();
    format!("{}.{:03}", micros / 1000, micros % 1000)
}

fn event(time: &str, frames: &str, picture: &str) -> String {
    let frames = cut(frames, 11);
    let line = format!("{time:>10}  {frames:<12}{picture}");
    line.trim_end().to_owned()
}

fn lifelines(text: &str) -> String {
    format!("│ {} │", padded(text, WIDTH, ' '))
}

fn to_server(text: &str) -> String {
    format!(
        "│── {}▶│",
        padded(
            &format!("{} ", cut(&printable(text), WIDTH - 4)),
            WIDTH - 2,
            '─'
        )
    )
}

fn to_client(text: &str) -> String {
    let text = cut(&printable(text), WIDTH - 4);
    let dashes = "─".repeat((WIDTH - 1).saturating_sub(text.chars().count()));
    format!("│◀{dashes} {text} │")
}

fn padded(text: &str, width: usize, filler: char) -> String {
    let text = cut(text, width);
    let missing = width.saturating_sub(text.chars().count());
    let padding = std::iter::repeat_n(filler, missing);
    text.chars().chain(padding).collect()
}

/// The beginning of a text, where it is too long.
fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let beginning = text.chars().take(width.saturating_sub(1));
    beginning.chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cors::advice::testing::transaction_of;

    #[test]
    fn a_refused_preflight_and_a_long_target_keep_the_lines_straight() {
        let long = "x".repeat(200);
        let transaction = transaction_of(&format!(
            "@1s+20ms OPTIONS /{long} | Origin: http://p.test | ACRM: PUT => 404 | ACAO: *"
        ));
        let lines = ladder(&transaction);
        let pictures: Vec<&String> = lines.iter().filter(|line| line.contains('│')).collect();
        let width = |line: &&String| line.chars().count();
        assert!(
            pictures.windows(2).all(|w| width(&w[0]) == width(&w[1])),
            "{lines:#?}"
        );
        assert!(
            lines
                .iter()
                .any(|line| line.contains("20.000") && line.contains("404 allows *"))
        );
        assert!(
            lines.iter().any(|line| line.contains("╳ PUT not sent")),
            "{lines:#?}"
        );
    }
}
