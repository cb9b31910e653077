//! Saved captures → a reporter, with what goes wrong on standard error.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use crate::analysis::{Analysis, Update};
use crate::capture::{CaptureError, FrameSource, Next, Progress, SaveFile};
use crate::command::progress::ProgressLine;
use crate::cors::browser::Assumptions;
use crate::limits::Limits;
use crate::report::Reporter;
use crate::run::{Observer, Reading, run, run_on_two_threads};
use crate::session::Session;
use crate::wire_text::printable;

/// Bytes of a file that is read before a second thread would have begun to work.
const LARGE: u64 = 8 << 20;

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

/// A savefile, and a line that tells how far it is read.
struct Told {
    source: SaveFile,
    progress: Option<ProgressLine>,
}

impl FrameSource for Told {
    fn next_frame(&mut self) -> Result<Next<'_>, CaptureError> {
        if let Some(progress) = &mut self.progress {
            progress.step(|| self.source.progress());
        }
        self.source.next_frame()
    }

    fn progress(&self) -> Progress {
        self.source.progress()
    }
}

/// Reads captures one after the other; whether all could be read to their end. Says on standard
/// error which could not, and, with `says_why_nothing`, where there is no transaction.
pub(super) fn read_all<W: Write>(
    files: &[PathBuf],
    assumptions: Assumptions,
    two_threads: bool,
    says_why_nothing: bool,
    reporter: &mut Reporter<W>,
) -> io::Result<bool> {
    let mut whole = true;
    for file in files {
        let name = file.to_string_lossy();
        reporter.begin_capture(&name);
        let (session, damage) = match read(file, assumptions, two_threads, reporter)? {
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

type Read = Result<(Session, Option<CaptureError>), CaptureError>;

fn read<W: Write>(
    file: &Path,
    assumptions: Assumptions,
    two_threads: bool,
    reporter: &mut Reporter<W>,
) -> io::Result<Read> {
    let limits = Limits::default();
    let source = match SaveFile::open(file, &limits) {
        Ok(source) => source,
        Err(error) => return Ok(Err(error)),
    };
    let is_large = source.progress().total.is_some_and(|bytes| bytes >= LARGE);
    let mut source = Told {
        source,
        progress: ProgressLine::wanted(),
    };
    let analysis = Analysis::new(&limits).assuming(assumptions);
    let finished = if is_large && two_threads {
        run_on_two_threads(&mut source, analysis, reporter)?
    } else {
        run(&mut source, analysis, reporter, &AtomicBool::new(false))?
    };
    Ok(Ok((finished.session, finished.damage)))
}
