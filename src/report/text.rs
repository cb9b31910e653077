//! For people at a terminal: one block a transaction, then what the capture held.

use std::io::{self, Write};

use crate::cors::advice::{Advice, Findings, Severity};
use crate::cors::browser::Browser;
use crate::cors::console::console_lines;
use crate::cors::trace::Outcome;
use crate::cors::transaction::{Transaction, TransactionNote, Verdict};
use crate::cors::trigger::{Trigger, preflight_triggers};
use crate::http::exchange::{self, Exchange};
use crate::report::capture::{Capture, Look, Report};
use crate::report::endpoints::write_endpoints;
use crate::report::words::{half_line, not_seen, numbers, verdict_label};
use crate::session::{Session, counted};
use crate::wire_text::{printable, wire_text};

#[derive(Clone, Copy)]
pub(super) enum Paint {
    Green,
    Red,
    Yellow,
    Cyan,
    Bold,
}

impl Look {
    pub(super) fn paint(self, paint: Paint, text: &str) -> String {
        if !self.colour {
            return text.to_owned();
        }
        let code = match paint {
            Paint::Green => "32",
            Paint::Red => "1;31",
            Paint::Yellow => "33",
            Paint::Cyan => "36",
            Paint::Bold => "1",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

pub(super) fn write_report(report: &Report<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    for capture in report.captures {
        if report.scope.several {
            writeln!(out, "== {}\n", printable(&capture.file))?;
        }
        for transaction in &capture.transactions {
            write_transaction(transaction, look, out)?;
        }
        for exchange in &capture.exchanges {
            write_exchange(exchange, out)?;
        }
        write_findings(capture, look, out)?;
        if !report.scope.filter.is_empty() {
            let shown = counted(capture.transactions.len() as u64, "transaction");
            writeln!(out, "{shown} shown, of all those in the capture:")?;
        }
        write_summary(&capture.session, out)?;
        if report.scope.several {
            writeln!(out)?;
        }
    }
    Ok(())
}

/// What stands below transactions that were written as they came.
pub(super) fn write_end(capture: &Capture, look: Look, out: &mut dyn Write) -> io::Result<()> {
    write_findings(capture, look, out)?;
    write_summary(&capture.session, out)
}

fn write_findings(capture: &Capture, look: Look, out: &mut dyn Write) -> io::Result<()> {
    write_advice(&capture.findings, look, out)?;
    write_endpoints(&capture.findings, look, out)
}

pub(super) fn write_transaction(
    transaction: &Transaction,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let judgement = &transaction.judgement;
    let paint = match judgement.verdict {
        Verdict::Pass if judgement.condition.is_some() => Paint::Yellow,
        Verdict::Pass => Paint::Green,
        Verdict::Fail(_) => Paint::Red,
        Verdict::Unknown(_) => Paint::Yellow,
        Verdict::NotCors(_) => Paint::Cyan,
    };
    let word = verdict_label(transaction);
    let method = wire_text(transaction.method());
    let origin = wire_text(transaction.origin());
    let url = transaction.url();
    writeln!(
        out,
        "{}  {} {} → {}  #{}",
        look.paint(paint, word),
        look.paint(Paint::Bold, &printable(&method)),
        printable(&origin),
        printable(&url),
        transaction.id
    )?;
    write_preflight(transaction, out)?;
    match &transaction.actual {
        Some(half) => line(out, "request", &half_line(half))?,
        None => line(out, "request", not_seen(transaction))?,
    }
    let code = match judgement.verdict {
        Verdict::Fail(error) => format!("  [{}]", error.name()),
        _ => String::new(),
    };
    line(
        out,
        "why",
        &format!("{}{code}", printable(&transaction.reason())),
    )?;
    if let Some(cause) = transaction.cause() {
        line(out, "cause", &printable(&cause))?;
    }
    let also_wrong = judgement.notes.iter().filter_map(|note| match note {
        TransactionNote::AlsoWrong(error) => Some(error.name()),
        _ => None,
    });
    let also_wrong: Vec<&str> = also_wrong.collect();
    if !also_wrong.is_empty() {
        let text = format!("it would fail with {}", also_wrong.join(", then "));
        line(out, "after that", &text)?;
    }
    if let Some(condition) = judgement.condition {
        let text = format!(
            "would fail with {} if the page includes credentials (credentials: 'include', withCredentials)",
            condition.error.name()
        );
        line(out, "but", &text)?;
    }
    if let Some(fault) = transaction.fault() {
        line(out, "fault", fault.name())?;
    }
    write_repair(transaction, look, out)?;
    for (what, other) in [
        ("redirected from", transaction.redirected_from),
        ("redirected to", transaction.redirected_to),
    ] {
        if let Some(id) = other {
            line(out, "hop", &format!("{what} #{id}"))?;
        }
    }
    if look.trace {
        let credentials = transaction.credentials_evidence();
        line(out, "mode", &format!("credentials {credentials}"))?;
        write_trace(transaction, look, out)?;
    }
    let shown = |note: &&TransactionNote| !matches!(note, TransactionNote::AlsoWrong(_));
    let notes = judgement.notes.iter().filter(shown);
    let notes: Vec<String> = notes.map(ToString::to_string).collect();
    if !notes.is_empty() {
        line(out, "notes", &notes.join(", "))?;
    }
    writeln!(out)
}

/// The preflight, what made it necessary, and how to do without.
fn write_preflight(transaction: &Transaction, out: &mut dyn Write) -> io::Result<()> {
    if let Some(half) = &transaction.preflight {
        line(out, "preflight", &half_line(half))?;
    }
    let triggers = preflight_triggers(transaction);
    if !triggers.is_empty() {
        let mut avoiding: Vec<&str> = triggers.iter().map(Trigger::avoid).collect();
        avoiding.sort_unstable();
        avoiding.dedup();
        let triggers: Vec<String> = triggers.iter().map(ToString::to_string).collect();
        let text = format!("preflight because of: {}", triggers.join(", "));
        line(out, "", &printable(&text))?;
        line(out, "", &format!("to avoid it: {}", avoiding.join("; ")))?;
    }
    Ok(())
}

/// What the browser said, and what repairs it.
fn write_repair(transaction: &Transaction, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let console = console_lines(transaction);
    let browser = transaction.main().map(|half| half.fetch.browser());
    let (label, console) = match browser {
        Some(Browser::Firefox(_)) => ("Firefox", console.firefox),
        Some(Browser::Safari) => ("Safari", console.safari),
        _ => ("Chrome", console.chromium),
    };
    if let Some(console) = console {
        line(out, label, &printable(&console))?;
    }
    let mut label = "fix";
    for header in transaction.fix() {
        line(out, label, &look.paint(Paint::Green, &printable(&header)))?;
        label = "";
    }
    if let Some(remedy) = transaction.remedy() {
        line(out, label, remedy)?;
    }
    if let Some(warning) = transaction.warning() {
        line(out, "warning", &look.paint(Paint::Yellow, warning))?;
    }
    Ok(())
}

/// Every check of the algorithm, with what it looked at.
fn write_trace(transaction: &Transaction, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut label = "checks";
    for check in transaction.trace() {
        let (paint, sign) = match check.outcome {
            Outcome::Pass => (Paint::Green, "✓"),
            Outcome::Fail => (Paint::Red, "✗"),
            Outcome::NotNeeded => (Paint::Cyan, "·"),
        };
        let request = if check.in_preflight {
            "preflight"
        } else {
            "request"
        };
        let text = format!(
            "{} {request:<9}  {}: {}",
            look.paint(paint, sign),
            check.what,
            printable(&check.looked_at)
        );
        line(out, label, &text)?;
        label = "";
    }
    Ok(())
}

fn line(out: &mut dyn Write, label: &str, text: &str) -> io::Result<()> {
    writeln!(out, "    {label:<10} {text}")
}

pub(super) fn write_exchange(exchange: &Exchange, out: &mut dyn Write) -> io::Result<()> {
    let request = exchange.request.as_ref();
    let (method, target) = match request {
        Some(request) => (
            wire_text(request.head.method()),
            wire_text(request.head.target()),
        ),
        None => ("?".into(), "(a response that nobody asked for)".into()),
    };
    let response = exchange.response.as_ref();
    let status = response.map_or("-".to_owned(), |r| r.head.status.to_string());
    let first = request
        .and_then(|request| request.frames.first())
        .or_else(|| response.and_then(|response| response.frames.first()));
    let frame = first.map_or_else(String::new, ToString::to_string);
    let incomplete = if exchange.outcome == exchange::Outcome::Complete {
        ""
    } else {
        "  (incomplete)"
    };
    writeln!(
        out,
        "{frame:>8}  {status:>3}  {} {}{incomplete}",
        printable(&method),
        printable(&target)
    )
}

/// Lines of advice in a report for people; the rest is a matter for JSON.
const ADVICE_SHOWN: usize = 20;

/// What else there is to say: one entry for each rule and severity, however many endpoints it is
/// about.
fn write_advice(findings: &Findings, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut entries: Vec<(&Advice, usize)> = Vec::new();
    for advice in &findings.advice {
        match entries.last_mut() {
            Some((first, endpoints))
                if (first.id, first.severity) == (advice.id, advice.severity)
                    // What a policy forbids is each time something else.
                    && advice.id != "policy" =>
            {
                *endpoints += 1;
            }
            _ => entries.push((advice, 1)),
        }
    }
    if entries.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}", look.paint(Paint::Bold, "Advice"))?;
    for (advice, endpoints) in entries.iter().take(ADVICE_SHOWN) {
        let paint = match advice.severity {
            Severity::High => Paint::Red,
            Severity::Medium => Paint::Yellow,
            Severity::Low | Severity::Info => Paint::Cyan,
        };
        let severity = format!("{:<6}", advice.severity.name());
        writeln!(
            out,
            "  {} {:<5} {}",
            look.paint(paint, &severity),
            advice.id,
            printable(&advice.what)
        )?;
        let more = match endpoints - 1 {
            0 => String::new(),
            n => format!(" and {} more", counted(n as u64, "endpoint")),
        };
        let times = match advice.occurrences {
            0 | 1 => String::new(),
            n => format!(", {n} times"),
        };
        let endpoint = advice.endpoint.to_string();
        writeln!(
            out,
            "               at {}{more}, frames {}{times}",
            printable(&endpoint),
            numbers(&advice.frames),
        )?;
        writeln!(out, "               fix: {}", printable(&advice.fix))?;
    }
    if let Some(n) = entries.len().checked_sub(ADVICE_SHOWN).filter(|n| *n > 0) {
        writeln!(out, "  … and {n} more (--format json shows all)")?;
    }
    if findings.ignored > 0 {
        writeln!(
            out,
            "  {} left out: too many endpoints",
            counted(findings.ignored, "exchange")
        )?;
    }
    if findings.preflights_ignored > 0 {
        writeln!(
            out,
            "  {} not compared with earlier ones (L-26, L-29): too many different URLs",
            counted(findings.preflights_ignored, "preflight")
        )?;
    }
    writeln!(out)
}

/// The end of a capture's report.
fn write_summary(session: &Session, out: &mut dyn Write) -> io::Result<()> {
    let verdicts = &session.verdicts;
    match session.why_nothing() {
        Some(why) => writeln!(out, "0 transactions: {why}")?,
        None => writeln!(
            out,
            "{}: {} pass, {} fail, {} unknown, {} not CORS{}",
            counted(verdicts.total(), "transaction"),
            verdicts.pass,
            verdicts.fail,
            verdicts.unknown,
            verdicts.not_cors,
            if verdicts.conditional > 0 {
                format!(" ({} would fail with credentials)", verdicts.conditional)
            } else {
                String::new()
            }
        )?,
    }
    for remark in session.losses() {
        writeln!(out, "{remark}")?;
    }
    Ok(())
}
