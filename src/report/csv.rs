//! One row a transaction, for spreadsheets: no cell is ever a formula.

use std::borrow::Cow;
use std::io::{self, Write};

use csv::Writer;

use crate::cors::fetch_request::Credentials;
use crate::cors::transaction::{Half, Transaction};
use crate::report::capture::Report;
use crate::report::record::Rfc3339;
use crate::report::words::{code, duration_ms, frames, notes, verdict_word};
use crate::wire_text::{printable, wire_text};

const COLUMNS: [&str; 25] = [
    "file",
    "id",
    "time",
    "verdict",
    "code",
    "fault",
    "origin",
    "method",
    "url",
    "credentials",
    "preflight_status",
    "preflight_ms",
    "preflight_stream",
    "preflight_request_frames",
    "preflight_response_frames",
    "actual_status",
    "actual_ms",
    "actual_stream",
    "actual_request_frames",
    "actual_response_frames",
    "reason",
    "cause",
    "fix",
    "remedy",
    "notes",
];

pub(super) fn write_report(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = Writer::from_writer(out);
    rows.write_record(COLUMNS)?;
    for capture in report.captures {
        for transaction in &capture.transactions {
            let cells = cells(&capture.file, transaction);
            rows.write_record(cells.iter().map(|cell| harmless(cell)).map(Cow::into_owned))?;
        }
    }
    rows.flush()
}

fn cells(file: &str, transaction: &Transaction) -> Vec<String> {
    let text = |text: Option<&'static str>| text.unwrap_or_default().to_owned();
    let start = transaction.preflight.as_ref().or(transaction.main());
    let mut cells = vec![
        file.to_owned(),
        transaction.id.to_string(),
        start.map_or_else(String::new, |half| Rfc3339(half.start).to_string()),
        verdict_word(transaction).to_owned(),
        text(code(transaction)),
        text(
            transaction
                .fault()
                .map(crate::cors::cors_error::Fault::name),
        ),
        wire_text(transaction.origin()).into_owned(),
        wire_text(transaction.method()).into_owned(),
        transaction.url(),
        Credentials::name(transaction.judgement.credentials).to_owned(),
    ];
    for half in [&transaction.preflight, &transaction.actual] {
        cells.extend(half_cells(half.as_ref()));
    }
    cells.extend([
        transaction.reason().into_owned(),
        transaction.cause().unwrap_or_default(),
        transaction.fix().join("; "),
        text(transaction.remedy()),
        notes(transaction).join("; "),
    ]);
    cells
}

fn half_cells(half: Option<&Half>) -> [String; 5] {
    let Some(half) = half else {
        return <[String; 5]>::default();
    };
    let status = half.response.as_ref().map(|r| r.status.to_string());
    let stream = half
        .exchange
        .as_ref()
        .map(|e| e.connection.stream.to_string());
    let (request, response) = frames(half);
    [
        status.unwrap_or_default(),
        duration_ms(half).map_or_else(String::new, |ms| format!("{ms:.3}")),
        stream.unwrap_or_default(),
        request,
        response,
    ]
}

/// The same text as no spreadsheet takes for a formula: an apostrophe before what begins like one.
fn harmless(cell: &str) -> Cow<'_, str> {
    let first = cell.chars().next();
    let looks_like_formula = first.is_some_and(|c| "=+-@＝＋－＠\t\r\n".contains(c));
    let safe = printable(cell);
    if looks_like_formula {
        return Cow::Owned(format!("'{safe}"));
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for (cell, expected) in [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\\u{9}=1"),
            ("＝1", "'＝1"),
            ("a=1", "a=1"),
            ("12.5", "12.5"),
            ("", ""),
        ] {
            assert_eq!(harmless(cell), expected);
        }
    }
}
