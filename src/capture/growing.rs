//! A savefile that another program still writes: its end is silence.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::capture::file::SaveFile;
use crate::capture::{CaptureError, FrameSource, Next, Progress};
use crate::limits::Limits;

/// How long the file is left alone when it has nothing new: no delay that one would notice.
const PAUSE: Duration = Duration::from_millis(20);
/// The shortest file that has a header: that of pcap. A section header of pcapng has 28 bytes.
const HEADER: u64 = 28;

/// A savefile that grows.
pub struct GrowingFile {
    file: SaveFile,
    handle: File,
    /// The file ends within a frame, or a block.
    behind: bool,
    /// A block that could not be read; what follows it could.
    damage: Option<CaptureError>,
}

impl GrowingFile {
    /// Opens the file at `path`, once its writer has begun it.
    pub fn open(path: &Path, limits: &Limits) -> Result<Self, CaptureError> {
        let handle = File::open(path)?;
        if !handle.metadata()?.is_file() {
            return Err(invalid("only a file can be followed: a pipe is, by itself").into());
        }
        while handle.metadata()?.len() < HEADER {
            thread::sleep(PAUSE);
        }
        let file = SaveFile::open(path, limits)?;
        if file.is_compressed() {
            return Err(invalid("a compressed file cannot be followed").into());
        }
        Ok(Self {
            file,
            handle,
            behind: false,
            damage: None,
        })
    }

    /// What could not be read of it.
    #[must_use]
    pub fn damage(self) -> Option<CaptureError> {
        self.damage
    }
}

impl FrameSource for GrowingFile {
    fn next_frame(&mut self) -> Result<Next<'_>, CaptureError> {
        let read = self.file.progress().bytes;
        match self.file.next_frame() {
            Ok(Next::Frame(frame)) => {
                self.behind = false;
                return Ok(Next::Frame(frame));
            }
            Ok(Next::Idle | Next::End) => self.behind = false,
            Err(CaptureError::CutShort { .. }) => self.behind = true,
            Err(damage @ CaptureError::Damaged { offset, .. }) => match self.damage {
                // Told at the end of the file, as the blocks after it can be read: here is no end.
                None if offset < read => self.damage = Some(damage),
                _ => return Err(damage),
            },
            Err(error) => return Err(error),
        }
        if self.handle.metadata()?.len() < read {
            return Err(invalid("the file became shorter while it was followed").into());
        }
        thread::sleep(PAUSE);
        Ok(Next::Idle)
    }

    fn progress(&self) -> Progress {
        self.file.progress()
    }

    fn is_behind(&self) -> bool {
        self.behind
    }
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidInput, what)
}
