//! For an issue or a pull request. Bytes of the wire stand in code only, where Markdown does nothing.

use std::io::{self, Write};

use crate::cors::transaction::{Transaction, Verdict};
use crate::report::capture::{Capture, Report};
use crate::report::words::{code, facts, title, verdict_label};
use crate::session::counted;
use crate::wire_text::printable;

/// Rows of the table, and transactions told of in detail: an issue's text may be 65,536 characters.
const ROWS: usize = 100;
const DETAILS: usize = 20;

pub(super) fn write_report(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# CORS report\n")?;
    for capture in report.captures {
        write_capture(capture, out)?;
    }
    Ok(())
}

fn write_capture(capture: &Capture, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## {}\n", code_span(&capture.file))?;
    if let Some(error) = &capture.error {
        writeln!(out, "Not read to its end: {}\n", code_span(error))?;
    }
    let verdicts = &capture.session.verdicts;
    match capture.session.why_nothing() {
        Some(why) => writeln!(out, "0 transactions: {}\n", code_span(&why))?,
        None => writeln!(
            out,
            "{}: {} pass ({} of them would fail with credentials), {} fail, {} unknown, {} not CORS\n",
            counted(verdicts.total(), "transaction"),
            verdicts.pass,
            verdicts.conditional,
            verdicts.fail,
            verdicts.unknown,
            verdicts.not_cors
        )?,
    }
    write_table(&capture.transactions, out)?;
    let told = |transaction: &&std::sync::Arc<Transaction>| {
        let judgement = &transaction.judgement;
        matches!(judgement.verdict, Verdict::Fail(_) | Verdict::Unknown(_))
            || judgement.condition.is_some()
    };
    let mut problems = capture.transactions.iter().filter(told);
    for transaction in problems.by_ref().take(DETAILS) {
        write_details(transaction, out)?;
    }
    write_rest(problems.count(), "more problem", out)?;
    if capture.findings.advice.is_empty() {
        return Ok(());
    }
    writeln!(out, "### Advice\n")?;
    for advice in capture.findings.advice.iter().take(ROWS) {
        let (severity, id) = (advice.severity.name(), advice.id);
        let what = code_span(&advice.what);
        let endpoint = code_span(&advice.endpoint.to_string());
        writeln!(
            out,
            "- **{severity}** {id} at {endpoint}: {what}; {}",
            code_span(&advice.fix)
        )?;
    }
    writeln!(out)?;
    write_rest(
        capture.findings.advice.len().saturating_sub(ROWS),
        "more advice",
        out,
    )
}

fn write_table(
    transactions: &[std::sync::Arc<Transaction>],
    out: &mut dyn Write,
) -> io::Result<()> {
    if transactions.is_empty() {
        return Ok(());
    }
    writeln!(out, "| # | verdict | request | preflight | actual | code |")?;
    writeln!(out, "| ---: | --- | --- | ---: | ---: | --- |")?;
    for transaction in transactions.iter().take(ROWS) {
        let status = |half: &Option<crate::cors::transaction::Half>| {
            let response = half.as_ref().and_then(|half| half.response.as_ref());
            response.map_or_else(|| "–".to_owned(), |response| response.status.to_string())
        };
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            transaction.id,
            verdict_label(transaction),
            // A bar ends a cell even in code.
            code_span(&title(transaction)).replace('|', "\\|"),
            status(&transaction.preflight),
            status(&transaction.actual),
            code(transaction).unwrap_or_default()
        )?;
    }
    writeln!(out)?;
    write_rest(
        transactions.len().saturating_sub(ROWS),
        "more transaction",
        out,
    )
}

fn write_rest(count: usize, noun: &str, out: &mut dyn Write) -> io::Result<()> {
    if count > 0 {
        writeln!(out, "… and {}\n", counted(count as u64, noun))?;
    }
    Ok(())
}

fn write_details(transaction: &Transaction, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "### #{} {}\n",
        transaction.id,
        verdict_label(transaction)
    )?;
    let mut text = title(transaction);
    text.push('\n');
    if let Some(code) = code(transaction) {
        text.push_str(&format_line("code", code));
    }
    for (label, fact) in facts(transaction) {
        text.push_str(&format_line(label, &fact));
    }
    let fence = fence(&text, 3);
    writeln!(out, "{fence}text\n{text}{fence}\n")
}

fn format_line(label: &str, text: &str) -> String {
    format!("{label:<10} {text}\n")
}

/// Backticks that no text inside ends: at least `least`.
fn fence(text: &str, least: usize) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(least.max(longest + 1))
}

/// Text as code within a line.
fn code_span(text: &str) -> String {
    let text = printable(text);
    let fence = fence(&text, 1);
    // One blank on either side is taken away again; without it a backtick would join the fence.
    format!("{fence} {text} {fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_holds_whatever_the_wire_says() {
        for (text, expected) in [
            ("plain", "` plain `"),
            ("a`b", "`` a`b ``"),
            ("```", "```` ``` ````"),
            ("a\nb", "` a\\u{a}b `"),
            ("<script>", "` <script> `"),
        ] {
            assert_eq!(code_span(text), expected);
        }
        assert_eq!(fence("a ```` b", 3), "`````");
    }
}
