//! `corshark report`: captures in, a report on standard output, faults on standard error.

use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;

use crate::analysis::{Analysis, Update};
use crate::capture::{CaptureError, SaveFile};
use crate::cli::ReportArgs;
use crate::limits::Limits;
use crate::report::{Format, Reporter};
use crate::run::{Observer, run};
use crate::session::Session;
use crate::wire_text::printable;

/// Exit code for a wrong command line, as clap has it.
const USAGE_ERROR: u8 = 2;

/// Exit code for an input that is missing, unreadable, damaged or no capture.
const INPUT_ERROR: u8 = 3;

impl<W: Write> Observer for Reporter<W> {
    type Error = io::Error;

    fn on_update(&mut self, update: Update) -> io::Result<()> {
        match update {
            Update::Transaction(transaction) => self.transaction(&transaction),
            Update::Exchange(exchange) => self.exchange(&exchange),
        }
    }
}

/// Reports on the files; the error is one of writing.
pub fn report(args: &ReportArgs) -> io::Result<ExitCode> {
    let filter = match args.filter() {
        Ok(filter) => filter,
        Err(message) => {
            eprintln!("corshark: {message}");
            return Ok(ExitCode::from(USAGE_ERROR));
        }
    };
    let limits = Limits::default();
    let several = args.files.len() > 1;
    let format = args.format();
    let out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let mut reporter = Reporter::new(format, args.all, several, out)
        .with_advice(args.advice)
        .with_filter(filter);
    let mut faults = false;
    for file in &args.files {
        let name = file.to_string_lossy();
        reporter.begin_capture(&name);
        let (session, damage) = match read(file, args, &limits, &mut reporter)? {
            Ok(finished) => finished,
            Err(error) => (Session::default(), Some(error)),
        };
        let unread = damage.is_some() && session.stats.frames.frames == 0;
        if !unread || format == Format::Json {
            reporter.end_capture(&session, damage.as_ref().map(ToString::to_string))?;
        }
        if let Some(damage) = &damage {
            faults = true;
            eprintln!("corshark: {}: {damage}", printable(&name));
        } else if format == Format::NdJson
            && let Some(why) = session.why_nothing()
        {
            eprintln!("corshark: {}: 0 transactions: {why}", printable(&name));
        }
    }
    reporter.finish()?;
    Ok(if faults {
        ExitCode::from(INPUT_ERROR)
    } else {
        ExitCode::SUCCESS
    })
}

type Read = Result<(Session, Option<CaptureError>), CaptureError>;

fn read<W: Write>(
    file: &Path,
    args: &ReportArgs,
    limits: &Limits,
    reporter: &mut Reporter<W>,
) -> io::Result<Read> {
    let mut source = match SaveFile::open(file, limits) {
        Ok(source) => source,
        Err(error) => return Ok(Err(error)),
    };
    let analysis = Analysis::new(limits).assuming(args.assumptions());
    let finished = run(&mut source, analysis, reporter, &AtomicBool::new(false))?;
    Ok(Ok((finished.session, finished.damage)))
}
