//! Saved captures → a reporter, with what goes wrong on standard error.

use std::io::{self, Write};

use crate::analysis::Update;
use crate::command::input::Input;
use crate::cors::browser::Assumptions;
use crate::report::Reporter;
use crate::run::{Observer, Reading};
use crate::session::Session;
use crate::wire_text::printable;

impl<W: Write> Observer for Reporter<W> {
    type Error = io::Error;

    fn on_update(&mut self, update: Update) -> io::Result<()> {
        match update {
            Update::Transaction(transaction) => self.transaction(&transaction),
            Update::Exchange(exchange) => self.exchange(&exchange),
            Update::Refusal(transaction) => self.refusal(&transaction),
        }
    }

    fn on_progress(&mut self, reading: &Reading<'_>) -> io::Result<()> {
        if reading.is_idle {
            self.flush()?;
        }
        Ok(())
    }
}

/// Reads captures one after the other; whether all could be read to their end. Says on standard
/// error which could not, and, with `says_why_nothing`, where there is no transaction.
pub(super) fn read_all<W: Write>(
    inputs: &[Input<'_>],
    assumptions: Assumptions,
    two_threads: bool,
    says_why_nothing: bool,
    reporter: &mut Reporter<W>,
) -> io::Result<bool> {
    let mut whole = true;
    for input in inputs {
        let name = input.name();
        reporter.begin_capture(&name);
        let (session, damage) = match input.read(assumptions, two_threads, reporter)? {
            Ok(finished) => finished,
            Err(error) => (Session::default(), Some(error)),
        };
        reporter.end_capture(&session, damage.as_ref().map(ToString::to_string))?;
        if let Some(damage) = &damage {
            whole = false;
            eprintln!("corshark: {}: {damage}", printable(&name));
        } else if says_why_nothing && let Some(why) = session.why_nothing() {
            eprintln!("corshark: {}: 0 transactions: {why}", printable(&name));
        }
    }
    Ok(whole)
}
