//! The ladder of each transaction, or one of all of them, as the screen draws it, and below it why it
//! failed and what repairs it.

use std::io::{self, Write};

use crate::cors::transaction::Transaction;
use crate::ladder::{Ladder, TEXT_WIDTH};
use crate::report::capture::Report;
use crate::wire_text::printable;

pub(super) fn write_report(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for capture in report.captures {
        if report.scope.several {
            writeln!(out, "== {}\n", printable(&capture.file))?;
        }
        let transactions = &capture.transactions;
        let at_once = if report.scope.merged {
            transactions.len().max(1)
        } else {
            1
        };
        for transactions in transactions.chunks(at_once) {
            let ladder = Ladder::of(transactions.iter().map(|transaction| &**transaction));
            for line in ladder.text(TEXT_WIDTH) {
                writeln!(out, "{line}")?;
            }
            for transaction in transactions {
                let id = match transactions {
                    [_] => String::new(),
                    _ => format!("#{} ", transaction.id),
                };
                for (label, text) in words(transaction) {
                    let label = format!("{id}{label}");
                    writeln!(out, "{label:>18}  {}", printable(&text))?;
                }
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
