//! `corshark report`: captures in, a report on standard output, faults on standard error.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;

use crate::analysis::{Analysis, Update};
use crate::capture::{CaptureError, FrameSource, SaveFile};
use crate::cli::{ReportArgs, Wanted};
use crate::command::destination::Destination;
use crate::limits::Limits;
use crate::report::{Format, Output, Reporter, Scope};
use crate::run::{Observer, Reading, run, run_on_two_threads};
use crate::session::Session;
use crate::wire_text::printable;

/// Bytes of a file that is read before a second thread would have begun to work.
const LARGE: u64 = 8 << 20;

/// Exit code for a wrong command line, as clap has it.
const USAGE_ERROR: u8 = 2;

/// Exit code for an input that is missing, unreadable, damaged or no capture.
pub(super) const INPUT_ERROR: u8 = 3;

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

/// Reports on the files; the error is one of writing.
pub fn report(args: &ReportArgs) -> io::Result<ExitCode> {
    let (filter, wanted) = match args.filter().and_then(|f| Ok((f, args.output.wanted()?))) {
        Ok(asked) => asked,
        Err(message) => {
            eprintln!("corshark: {message}");
            return Ok(ExitCode::from(USAGE_ERROR));
        }
    };
    if let Some(input) = args.files.iter().find(|input| is_output(input, &wanted)) {
        let name = input.to_string_lossy();
        eprintln!("corshark: -o {}: that is an input", printable(&name));
        return Ok(ExitCode::from(USAGE_ERROR));
    }
    let scope = Scope {
        all: args.all,
        several: args.files.len() > 1,
        live: false,
        advice: args.advice,
        filter,
    };
    let to_terminal = |wanted: &Wanted| wanted.file.is_none() && wanted.format == Format::Text;
    let says_why_nothing = wanted.iter().any(to_terminal);
    let mut reporter = Reporter::new(scope, open(&wanted, args.output.force)?);
    let mut faults = false;
    for file in &args.files {
        let name = file.to_string_lossy();
        reporter.begin_capture(&name);
        let (session, damage) = match read(file, args, &mut reporter)? {
            Ok(finished) => finished,
            Err(error) => (Session::default(), Some(error)),
        };
        reporter.end_capture(&session, damage.as_ref().map(ToString::to_string))?;
        if let Some(damage) = &damage {
            faults = true;
            eprintln!("corshark: {}: {damage}", printable(&name));
        } else if !says_why_nothing && let Some(why) = session.why_nothing() {
            eprintln!("corshark: {}: 0 transactions: {why}", printable(&name));
        }
    }
    for destination in reporter.finish()? {
        destination.keep()?;
    }
    Ok(if faults {
        ExitCode::from(INPUT_ERROR)
    } else {
        ExitCode::SUCCESS
    })
}

/// Whether a report would replace this input.
fn is_output(input: &Path, wanted: &[Wanted]) -> bool {
    let Ok(input) = input.canonicalize() else {
        return false;
    };
    let mut files = wanted.iter().filter_map(|wanted| wanted.file.as_ref());
    files.any(|file| file.canonicalize().is_ok_and(|file| file == input))
}

fn open(wanted: &[Wanted], force: bool) -> io::Result<Vec<Output<Destination>>> {
    let others = wanted.len() > 1;
    let each = wanted.iter().map(|wanted| {
        let destination = match &wanted.file {
            None => Destination::stdout(others),
            Some(file) => Destination::file(file, force)?,
        };
        Ok(Output::new(wanted.format, wanted.look, destination))
    });
    each.collect()
}

type Read = Result<(Session, Option<CaptureError>), CaptureError>;

fn read(file: &Path, args: &ReportArgs, reporter: &mut Reporter<Destination>) -> io::Result<Read> {
    let limits = Limits::default();
    let mut source = match SaveFile::open(file, &limits) {
        Ok(source) => source,
        Err(error) => return Ok(Err(error)),
    };
    let analysis = Analysis::new(&limits).assuming(args.assumptions());
    let is_large = source.progress().total.is_some_and(|bytes| bytes >= LARGE);
    let finished = if is_large && args.wants_two_threads() {
        run_on_two_threads(&mut source, analysis, reporter)?
    } else {
        run(&mut source, analysis, reporter, &AtomicBool::new(false))?
    };
    Ok(Ok((finished.session, finished.damage)))
}
