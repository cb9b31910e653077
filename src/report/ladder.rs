//! The ladder of each transaction, as the screen draws it, and below it why it failed and what repairs it.

use std::io::{self, Write};

use crate::cors::transaction::Transaction;
use crate::ladder::Ladder;
use crate::report::capture::Report;
use crate::wire_text::printable;

/// Columns of the picture.
pub(super) const WIDTH: usize = 100;

pub(super) fn write_report(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for capture in report.captures {
        if report.scope.several {
            writeln!(out, "== {}\n", printable(&capture.file))?;
        }
        for transaction in &capture.transactions {
            for line in Ladder::of([&**transaction]).text(WIDTH) {
                writeln!(out, "{line}")?;
            }
            for (label, text) in words(transaction) {
                writeln!(out, "{label:>18}  {}", printable(&text))?;
            }
            writeln!(out)?;
        }
    }
    Ok(())
}

/// What the picture does not tell.
fn words(transaction: &Transaction) -> Vec<(&'static str, String)> {
    let mut words = vec![("why", transaction.reason().into_owned())];
    words.extend(transaction.cause().map(|cause| ("cause", cause)));
    for (label, id) in [
        ("redirected from", transaction.redirected_from),
        ("redirected to", transaction.redirected_to),
    ] {
        words.extend(id.map(|id| (label, format!("#{id}"))));
    }
    words.extend(transaction.fix().into_iter().map(|fix| ("fix", fix)));
    words
}
