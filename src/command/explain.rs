//! `corshark explain`: a code or a pasted line in, its explanation on standard output, and the
//! transactions of a capture that it may be about.

use std::cmp::Ordering;
use std::convert::Infallible;
use std::io::{self, BufWriter, Read as _, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::analysis::{Analysis, Update};
use crate::capture::{CaptureError, SaveFile};
use crate::cli::ExplainArgs;
use crate::command::report::INPUT_ERROR;
use crate::cors::advice::Advisor;
use crate::cors::transaction::Transaction;
use crate::explain::code::Code;
use crate::explain::message::Recognised;
use crate::explain::{Answer, Style, TransactionFit, explain, write_explanation, write_list};
use crate::limits::Limits;
use crate::report::{Capture, Format, Look, Report, Scope};
use crate::run::{Observer, run};
use crate::wire_text::{printable, wire_text};

/// Exit code where nothing was recognised.
const NOT_RECOGNISED: u8 = 2;
/// Transactions of a capture that are shown.
const MOST_SHOWN: usize = 20;
/// A console's text is short; what comes behind this is not read.
const LONGEST_INPUT: u64 = 1 << 20;

/// Explains; the error is one of writing.
pub fn explain_command(args: &ExplainArgs) -> io::Result<ExitCode> {
    let style = Style {
        colour: args.wants_colour(),
    };
    let mut out = BufWriter::new(io::stdout().lock());
    if args.list {
        write_list(style, &mut out)?;
        out.flush()?;
        return Ok(ExitCode::SUCCESS);
    }
    let input = match args.text() {
        Some(text) => text,
        None => match read_standard_input() {
            Ok(text) => text,
            Err(error) => {
                eprintln!("corshark: -: {error}");
                return Ok(ExitCode::from(INPUT_ERROR));
            }
        },
    };
    match explain(&input) {
        Answer::Known(recognised) => {
            write_explanation(&recognised, style, &mut out)?;
            let mut faults = false;
            for name in args.captures() {
                match find_in(Path::new(name), &recognised) {
                    Ok((found, damage)) => {
                        write_found(name, &found, style, &mut out)?;
                        if let Some(damage) = damage {
                            faults = true;
                            eprintln!("corshark: {}: {damage}", printable(name));
                        }
                    }
                    Err(error) => {
                        faults = true;
                        eprintln!("corshark: {}: {error}", printable(name));
                    }
                }
            }
            out.flush()?;
            Ok(if faults {
                ExitCode::from(INPUT_ERROR)
            } else {
                ExitCode::SUCCESS
            })
        }
        Answer::Unknown(near) => {
            let hint = match near.as_slice() {
                [] => "corshark explain --list names all codes".to_owned(),
                near => format!("did you mean {}?", near.join(", ")),
            };
            let shown = shortened(&input);
            eprintln!("corshark: not recognised: {}; {hint}", printable(&shown));
            Ok(ExitCode::from(NOT_RECOGNISED))
        }
    }
}

/// The transactions that fit best, as they are found.
struct Search<'a> {
    recognised: &'a Recognised,
    best: TransactionFit,
    found: Vec<Arc<Transaction>>,
    /// Those that there was no room for.
    more: u64,
    advisor: Option<Advisor>,
    capture: Capture,
}

impl Observer for Search<'_> {
    type Error = Infallible;

    fn on_update(&mut self, update: Update) -> Result<(), Infallible> {
        if let Some(advisor) = &mut self.advisor {
            match &update {
                Update::Exchange(exchange) => advisor.observe_exchange(exchange),
                Update::Transaction(transaction) => advisor.observe(transaction),
                Update::Connecting(told) => advisor.observe_connecting(told),
                Update::Refusal(_) => {}
            }
        }
        if let Update::Transaction(transaction) = &update
            && let Some(fit) = self.recognised.fit(transaction)
        {
            self.add(fit, transaction);
        }
        Ok(())
    }
}

impl Search<'_> {
    fn add(&mut self, fit: TransactionFit, transaction: &Arc<Transaction>) {
        match fit.cmp(&self.best) {
            Ordering::Less => return,
            Ordering::Equal => {}
            Ordering::Greater => {
                self.best = fit;
                self.found.clear();
                self.more = 0;
            }
        }
        if self.found.len() < MOST_SHOWN {
            self.found.push(Arc::clone(transaction));
        } else {
            self.more += 1;
        }
    }
}

/// Looks for what was recognised in a capture: transactions, or advice of one rule.
fn find_in<'a>(
    path: &Path,
    recognised: &'a Recognised,
) -> Result<(Search<'a>, Option<CaptureError>), CaptureError> {
    let limits = Limits::default();
    let mut source = SaveFile::open(path, &limits)?;
    let mut search = Search {
        recognised,
        best: TransactionFit::SameCode,
        found: Vec::new(),
        more: 0,
        advisor: recognised.rule().map(|_| Advisor::new(&limits)),
        capture: Capture::default(),
    };
    let stop = AtomicBool::new(false);
    let Ok(finished) = run(&mut source, Analysis::new(&limits), &mut search, &stop);
    search.capture.session = finished.session;
    if let Some(advisor) = search.advisor.take() {
        let mut advice = advisor.finish().advice;
        advice.retain(|advice| Some(advice.id) == recognised.rule());
        search.capture.findings.advice = advice;
    }
    search
        .found
        .sort_by_key(|transaction| transaction.first_frame());
    search.capture.transactions = std::mem::take(&mut search.found);
    Ok((search, finished.damage))
}

fn write_found(
    name: &str,
    search: &Search<'_>,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let found = search.capture.transactions.len();
    let how = match (search.recognised.code, found, search.best) {
        (Code::Advice(_), ..) if search.capture.findings.advice.is_empty() => {
            "the rule found nothing"
        }
        (Code::Advice(_), ..) => "the rule found this",
        (_, 0, _) if !search.capture.findings.advice.is_empty() => {
            "no transaction fits, but connections failed"
        }
        (_, 0, _) => "no transaction fits",
        (_, _, TransactionFit::Whole) => "this fits",
        (_, _, TransactionFit::SameUrl) => {
            "only the URL fits: what the capture shows went otherwise"
        }
        (..) => "only the failure fits: the URL, origin or method is another",
    };
    writeln!(out, "\n== {}: {how}\n", printable(name))?;
    let look = Look {
        colour: style.colour,
        ..Look::default()
    };
    let captures = std::slice::from_ref(&search.capture);
    let scope = Scope::default();
    let report = Report {
        captures,
        scope: &scope,
    };
    Format::Text.write(&report, look, out)?;
    if search.more > 0 {
        writeln!(
            out,
            "{} more are not shown (corshark report shows all)",
            search.more
        )?;
    }
    Ok(())
}

fn read_standard_input() -> io::Result<String> {
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .take(LONGEST_INPUT)
        .read_to_end(&mut bytes)?;
    Ok(wire_text(&bytes).into_owned())
}

/// The beginning of a text, on one line.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 60;
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text,
    }
}
