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

/// How captures are read.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReadOptions {
    pub(super) assumptions: Assumptions,
    pub(super) two_threads: bool,
    /// Where there is no transaction, why is said on standard error.
    pub(super) says_why_nothing: bool,
    /// Standard output is written to meanwhile: on a terminal no progress is shown then.
    pub(super) writes_meanwhile: bool,
}

impl ReadOptions {
    pub(super) fn new(assumptions: Assumptions, two_threads: bool) -> Self {
        Self {
            assumptions,
            two_threads,
            says_why_nothing: true,
            writes_meanwhile: false,
        }
    }
}

/// Reads captures one after the other; whether all could be read to their end. Says on standard
/// error which could not.
pub(super) fn read_all<W: Write>(
    inputs: &[Input<'_>],
    options: ReadOptions,
    reporter: &mut Reporter<W>,
) -> io::Result<bool> {
    let mut whole = true;
    for input in inputs {
        let name = input.name();
        reporter.begin_capture(&name);
        let (session, damage) = match input.read(options, reporter)? {
            Ok(finished) => finished,
            Err(error) => (Session::default(), Some(error)),
        };
        reporter.end_capture(&session, damage.as_ref().map(ToString::to_string))?;
        if let Some(damage) = &damage {
            whole = false;
            eprintln!("corshark: {}: {damage}", printable(&name));
        } else if options.says_why_nothing
            && let Some(why) = session.why_nothing()
        {
            eprintln!("corshark: {}: 0 transactions: {why}", printable(&name));
        }
    }
    Ok(whole)
}
