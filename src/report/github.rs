//! Annotations of GitHub Actions: commands on lines of their own, one a problem.
//!
//! GitHub shows ten of a kind for each step, so the same problem stands there once, with its count.

use std::collections::HashMap;
use std::io::{self, Write};

use crate::cors::advice::Severity;
use crate::cors::transaction::{Transaction, Verdict};
use crate::report::capture::{Capture, Report};
use crate::report::words::{code, facts, fingerprint, title};
use crate::wire_text::printable;

pub(super) fn write_report(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for capture in report.captures {
        write_capture(capture, out)?;
    }
    Ok(())
}

fn write_capture(capture: &Capture, out: &mut dyn Write) -> io::Result<()> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut problems: Vec<(&Transaction, usize)> = Vec::new();
    for transaction in &capture.transactions {
        if level(transaction).is_none() {
            continue;
        }
        let place = *places.entry(fingerprint(transaction)).or_insert_with(|| {
            problems.push((transaction, 0));
            problems.len() - 1
        });
        if let Some((_, count)) = problems.get_mut(place) {
            *count += 1;
        }
    }
    for (transaction, count) in problems {
        let Some(level) = level(transaction) else {
            continue;
        };
        let name = code(transaction).unwrap_or("not decided by the capture");
        let mut lines = vec![title(transaction)];
        if count > 1 {
            lines.push(format!("{count} times"));
        }
        let facts = facts(transaction).into_iter();
        lines.extend(facts.map(|(label, text)| format!("{label}: {text}")));
        write_command(level, &capture.file, &format!("CORS: {name}"), &lines, out)?;
    }
    for advice in &capture.findings.advice {
        let level = match advice.severity {
            _ if advice.id == "policy" => "error",
            Severity::High => "warning",
            Severity::Medium => "notice",
            Severity::Low | Severity::Info => continue,
        };
        let lines = [
            format!("{}: {}", advice.endpoint, advice.what),
            format!("fix: {}", advice.fix),
        ];
        let name = format!("CORS {}: {}", advice.id, advice.title);
        write_command(level, &capture.file, &name, &lines, out)?;
    }
    Ok(())
}

fn level(transaction: &Transaction) -> Option<&'static str> {
    match transaction.judgement.verdict {
        Verdict::Fail(_) => Some("error"),
        Verdict::Unknown(_) => Some("notice"),
        Verdict::Pass if transaction.judgement.condition.is_some() => Some("warning"),
        Verdict::Pass | Verdict::NotCors(_) => None,
    }
}

fn write_command(
    level: &str,
    file: &str,
    name: &str,
    lines: &[String],
    out: &mut dyn Write,
) -> io::Result<()> {
    let lines: Vec<_> = lines.iter().map(|line| printable(line)).collect();
    writeln!(
        out,
        "::{level} file={},title={}::{}",
        property(&printable(file)),
        property(&printable(name)),
        data(&lines.join("\n"))
    )
}

/// A command's text: what would end it is escaped.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A command's property: also what would end a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_ends_its_command() {
        let mut out = Vec::new();
        let lines = ["a%0Ab\n::error::x".to_owned()];
        write_command("error", "a,b:c", "t\r\nu", &lines, &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "::error file=a%2Cb%3Ac,title=t\\u{d}\\u{a}u::a%250Ab\\u{a}::error::x\n"
        );
    }
}
