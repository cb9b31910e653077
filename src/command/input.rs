//! What is read as one capture: a file, several joined, or one that grows.

use std::borrow::Cow;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use crate::analysis::Analysis;
use crate::capture::{CaptureError, FrameSource, GrowingFile, Joined, Next, Progress, SaveFile};
use crate::command::progress::ProgressLine;
use crate::command::reading::ReadOptions;
use crate::limits::Limits;
use crate::report::Reporter;
use crate::run::{run, run_on_two_threads};
use crate::session::Session;
use crate::wire_text::printable;

/// Bytes of a file that is read before a second thread would have begun to work.
const LARGE: u64 = 8 << 20;

/// One capture, wherever it comes from.
pub(super) enum Input<'a> {
    /// A file, or standard input.
    File(&'a Path),
    /// The parts of a rotated capture.
    Joined(&'a [PathBuf]),
    /// A file that another program still writes.
    Growing(&'a Path),
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

/// The counters, and what ended the reading early; or why nothing could be read.
pub(super) type Read = Result<(Session, Option<CaptureError>), CaptureError>;

impl<'a> Input<'a> {
    /// Each file a capture of its own.
    pub(super) fn files(files: &'a [PathBuf]) -> Vec<Self> {
        files.iter().map(|file| Self::File(file)).collect()
    }

    /// What its user called it.
    pub(super) fn name(&self) -> Cow<'_, str> {
        match self {
            Self::File(file) | Self::Growing(file) => file.to_string_lossy(),
            Self::Joined(files) => {
                let names: Vec<_> = files.iter().map(|file| file.to_string_lossy()).collect();
                names.join(" + ").into()
            }
        }
    }

    /// Reads it to its end; the outer error is one of writing.
    pub(super) fn read<W: Write>(
        &self,
        options: ReadOptions,
        reporter: &mut Reporter<W>,
    ) -> io::Result<Read> {
        let limits = Limits::default();
        let analysis = Analysis::new(&limits).assuming(options.assumptions);
        let never = AtomicBool::new(false);
        match self {
            Self::File(file) => match SaveFile::open(file, &limits) {
                Ok(source) => {
                    let is_large = source.progress().total.is_some_and(|bytes| bytes >= LARGE);
                    let mut source = Told {
                        source,
                        progress: ProgressLine::wanted(options.writes_meanwhile),
                    };
                    let finished = if is_large && options.two_threads {
                        run_on_two_threads(&mut source, analysis, reporter)?
                    } else {
                        run(&mut source, analysis, reporter, &never)?
                    };
                    Ok(Ok((finished.session, finished.damage)))
                }
                Err(error) => Ok(Err(error)),
            },
            Self::Joined(files) => {
                let mut source = Joined::open(files, &limits);
                let finished = run(&mut source, analysis, reporter, &never)?;
                Ok(Ok((finished.session, tell_of_parts(source))))
            }
            Self::Growing(file) => {
                let mut source = match GrowingFile::open(file, &limits) {
                    Ok(source) => source,
                    Err(error) => return Ok(Err(error)),
                };
                let stop = stop()?;
                eprintln!(
                    "corshark: following {}; Ctrl-C ends",
                    printable(&self.name())
                );
                let finished = run(&mut source, analysis, reporter, &stop)?;
                let damage = finished.damage.or_else(|| source.damage());
                Ok(Ok((finished.session, damage)))
            }
        }
    }
}

/// Says which frames are of which file; the first damage is the capture's.
fn tell_of_parts(source: Joined) -> Option<CaptureError> {
    let mut damage = None;
    for part in source.into_parts() {
        let name = part.path.to_string_lossy();
        let name = printable(&name);
        let (first, last) = (part.first.0, part.first.0 + part.frames);
        if part.frames > 0 {
            eprintln!("corshark: {name}: frames {first} to {}", last - 1);
        }
        if part.overlaps {
            eprintln!(
                "corshark: {name}: begins before the file before it ends: not a rotated capture; \
                 merge them by time first (mergecap)"
            );
        }
        if let Some(error) = part.damage {
            let error = CaptureError::InPart {
                part: name.into_owned(),
                error: Box::new(error),
            };
            match damage {
                // Told as that of the whole capture.
                None => damage = Some(error),
                Some(_) => eprintln!("corshark: {error}"),
            }
        }
    }
    damage
}

#[cfg(all(feature = "live", unix))]
fn stop() -> io::Result<std::sync::Arc<AtomicBool>> {
    crate::system::signals::flag_of_end()
}

#[cfg(not(all(feature = "live", unix)))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail elsewhere")]
fn stop() -> io::Result<std::sync::Arc<AtomicBool>> {
    Ok(std::sync::Arc::default())
}
