//! `JUnit` XML: a suite a capture, a test a transaction, for the test views of CI systems.

use std::fmt::Write as _;
use std::io::{self, Write};

use crate::cors::transaction::{Transaction, Verdict};
use crate::report::capture::{Capture, Report};
use crate::report::record::Rfc3339;
use crate::report::words::{code, duration_ms, endpoint, facts, title};
use crate::wire_text::printable;

pub(super) fn write_report(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"CORS\">")?;
    for capture in report.captures {
        write_suite(capture, out)?;
    }
    writeln!(out, "</testsuites>")
}

fn write_suite(capture: &Capture, out: &mut dyn Write) -> io::Result<()> {
    let transactions = &capture.transactions;
    let count = |is: fn(Verdict) -> bool| {
        let verdicts = transactions.iter().map(|t| t.judgement.verdict);
        verdicts.filter(|verdict| is(*verdict)).count()
    };
    let start = transactions
        .iter()
        .filter_map(|t| Some(t.main()?.start))
        .min();
    let total: f64 = transactions.iter().map(|t| seconds(t)).sum();
    write!(
        out,
        "<testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{total:.6}\"",
        xml(&capture.file),
        transactions.len() + usize::from(capture.error.is_some()),
        count(|verdict| matches!(verdict, Verdict::Fail(_))),
        usize::from(capture.error.is_some()),
        count(|verdict| matches!(verdict, Verdict::Unknown(_) | Verdict::NotCors(_))),
    )?;
    if let Some(start) = start {
        // The schema knows no fractions of seconds and no zone.
        let time = Rfc3339(start).to_string();
        write!(out, " timestamp=\"{}\"", time.get(..19).unwrap_or_default())?;
    }
    writeln!(out, ">")?;
    if let Some(error) = &capture.error {
        writeln!(
            out,
            "<testcase name=\"the capture is whole\" classname=\"corshark\" time=\"0\"><error type=\"input\" message=\"{}\"/></testcase>",
            xml(error)
        )?;
    }
    for transaction in transactions {
        write_case(transaction, out)?;
    }
    writeln!(out, "</testsuite>")
}

fn write_case(transaction: &Transaction, out: &mut dyn Write) -> io::Result<()> {
    write!(
        out,
        "<testcase name=\"#{} {}\" classname=\"{}\" time=\"{:.6}\">",
        transaction.id,
        xml(&title(transaction)),
        xml(&endpoint(transaction)),
        seconds(transaction)
    )?;
    let reason = transaction.reason();
    match transaction.judgement.verdict {
        Verdict::Fail(error) => {
            let mut text = String::new();
            for (label, fact) in facts(transaction) {
                // Writing to a string cannot fail.
                let _ = writeln!(text, "{label}: {fact}");
            }
            write!(
                out,
                "<failure type=\"{}\" message=\"{}\">{}</failure>",
                error.name(),
                xml(&reason),
                xml_text(&text)
            )?;
        }
        Verdict::Unknown(_) | Verdict::NotCors(_) => {
            write!(out, "<skipped message=\"{}\"/>", xml(&reason))?;
        }
        Verdict::Pass => {
            if let Some(code) = code(transaction) {
                write!(
                    out,
                    "<system-out>would fail with {code} if the page includes credentials</system-out>"
                )?;
            }
        }
    }
    writeln!(out, "</testcase>")
}

fn seconds(transaction: &Transaction) -> f64 {
    let halves = [&transaction.preflight, &transaction.actual];
    let durations = halves.into_iter().flatten().filter_map(duration_ms);
    durations.sum::<f64>() / 1000.0
}

/// One line of text in an attribute.
fn xml(text: &str) -> String {
    escape(&printable(text))
}

/// Text of several safe lines.
fn xml_text(text: &str) -> String {
    escape(text)
}

/// What XML 1.0 cannot hold, not even escaped, is replaced.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(c),
            '\0'..=' ' if c != ' ' => escaped.push('\u{fffd}'),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xml_holds_whatever_the_wire_says() {
        assert_eq!(
            xml("]]><a b='\"'>&\u{0}\u{1b}\u{ffff}\n"),
            "]]&gt;&lt;a b='&quot;'&gt;&amp;\\u{0}\\u{1b}\u{fffd}\\u{a}"
        );
        assert_eq!(xml_text("a\nb\u{1}"), "a\nb\u{fffd}");
    }
}
