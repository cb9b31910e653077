//! Captures → a reporter, with what goes wrong on standard error.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::available_parallelism;

use crate::analysis::{Analysis, Update};
use crate::capture::{CaptureError, FrameSource, Input, JoinedFile, Next, Progress, ReadAhead};
use crate::command::progress::ProgressLine;
use crate::cors::browser::Assumptions;
use crate::limits::Limits;
use crate::report::Reporter;
use crate::run::{Finished, Observer, Reading, run, run_on_two_threads};
use crate::session::Session;
use crate::wire_text::printable;

/// Bytes of a file that is read before a second thread would have begun to work.
const LARGE: u64 = 8 << 20;

/// Whether large files are read with a second thread. More than two have nothing to do.
pub(super) fn wants_two_threads(threads: Option<std::num::NonZeroUsize>) -> bool {
    let threads = threads.or_else(|| available_parallelism().ok());
    threads.is_some_and(|threads| threads.get() > 1)
}

impl<W: Write> Observer for Reporter<W> {
    type Error = io::Error;

    fn on_update(&mut self, update: Update) -> io::Result<()> {
        match update {
            Update::Transaction(transaction) => self.transaction(&transaction),
            Update::Exchange(exchange) => self.exchange(&exchange),
            Update::Refusal(transaction) => self.refusal(&transaction),
            Update::Connecting(told) => {
                self.connecting(&told);
                Ok(())
            }
        }
    }

    fn on_stretch(&mut self) -> io::Result<()> {
        self.flush_in_time()
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
    inputs: &[Input],
    options: ReadOptions,
    reporter: &mut Reporter<W>,
) -> io::Result<bool> {
    let limits = Limits::default();
    let mut whole = true;
    for input in inputs {
        let name = input.name();
        reporter.begin_capture(&name);
        let (finished, parts) = match input.open(&limits, || asked_to_end(input)) {
            Ok(source) => {
                let analysis = Analysis::new(&limits).assuming(options.assumptions);
                let mut source = Told::of(source, options);
                let finished = source.read(analysis, options, reporter)?;
                (finished, source.parts().to_vec())
            }
            Err(error) => (unread(error), Vec::new()),
        };
        let Finished { session, damage } = finished;
        tell_of_parts(&parts);
        reporter.end_capture(&session, damage.as_ref().map(ToString::to_string), &parts)?;
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

fn unread(error: CaptureError) -> Finished {
    Finished {
        session: Session::default(),
        damage: Some(error),
    }
}

/// A source, and a line that tells how far it is read.
struct Told {
    source: Box<dyn FrameSource + Send>,
    progress: Option<ProgressLine>,
}

impl Told {
    fn of(source: Box<dyn FrameSource + Send>, options: ReadOptions) -> Self {
        Self {
            source,
            progress: ProgressLine::wanted(options.writes_meanwhile),
        }
    }

    fn read<W: Write>(
        &mut self,
        analysis: Analysis,
        options: ReadOptions,
        reporter: &mut Reporter<W>,
    ) -> io::Result<Finished> {
        // The end of what may be silent is its own.
        let is_large = self
            .source
            .progress()
            .total
            .is_some_and(|bytes| bytes >= LARGE);
        let source: &mut (dyn FrameSource + Send) = match self.progress {
            Some(_) => self,
            None => &mut *self.source,
        };
        if is_large && options.two_threads {
            run_on_two_threads(source, analysis, reporter)
        } else {
            run(source, analysis, reporter, &AtomicBool::new(false))
        }
    }
}

impl FrameSource for Told {
    fn next_frame(&mut self) -> Result<Next<'_>, CaptureError> {
        if let Some(progress) = &mut self.progress {
            progress.step(|| self.source.progress());
        }
        self.source.next_frame()
    }

    fn read_ahead(&mut self) -> Option<ReadAhead> {
        self.source.read_ahead()
    }

    fn is_behind(&self) -> bool {
        self.source.is_behind()
    }

    fn progress(&self) -> Progress {
        self.source.progress()
    }

    fn parts(&self) -> &[JoinedFile] {
        self.source.parts()
    }
}

/// Says which frames are of which file, and which files are no parts of one capture.
fn tell_of_parts(parts: &[JoinedFile]) {
    for part in parts {
        let name = part.path.to_string_lossy();
        let name = printable(&name);
        if part.frames > 0 {
            let (first, last) = (part.first.0, part.first.0 + part.frames - 1);
            eprintln!("corshark: {name}: frames {first} to {last}");
        }
        if let Some(overlap) = part.overlap() {
            eprintln!("corshark: {}", printable(&overlap));
        }
    }
}

/// A flag that Ctrl-C and SIGTERM set, for what has no end of its own.
#[cfg(all(feature = "live", unix))]
fn asked_to_end(input: &Input) -> io::Result<Arc<AtomicBool>> {
    let asked = crate::system::signals::flag_of_end()?;
    if let Input::Growing(_) = input {
        eprintln!(
            "corshark: following {}; Ctrl-C ends",
            printable(&input.name())
        );
    }
    Ok(asked)
}

#[cfg(not(all(feature = "live", unix)))]
fn asked_to_end(_: &Input) -> io::Result<Arc<AtomicBool>> {
    Ok(Arc::default())
}
