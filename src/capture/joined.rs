//! Several savefiles as one capture: the parts of a rotated one, in the order of their time.
//!
//! Frames are numbered through, as in the file that `mergecap -a` would make of them. The files are
//! read one after the other and never all open at once, however many there are.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::capture::file::SaveFile;
use crate::capture::frame::{Frame, FrameNumber, Timestamp};
use crate::capture::{CaptureError, FrameSource, Next, Progress};
use crate::limits::Limits;

/// Savefiles that are one capture.
pub struct Joined {
    limits: Limits,
    waiting: VecDeque<PathBuf>,
    current: Option<SaveFile>,
    /// The current file has no more.
    over: bool,
    /// Frames of the files before the current one.
    before: u64,
    latest: Timestamp,
    parts: Vec<Part>,
}

/// One of the files, as far as it was read.
#[derive(Debug)]
pub struct Part {
    /// The file.
    pub path: PathBuf,
    /// The number of its first frame in the whole capture.
    pub first: FrameNumber,
    /// Its frames.
    pub frames: u64,
    /// It begins before the file that was read before it ends: they are no rotated capture.
    pub overlaps: bool,
    /// Why it was not read to its end.
    pub damage: Option<CaptureError>,
}

impl Joined {
    /// Looks into each file for the time at which it begins.
    #[must_use]
    pub fn open(paths: &[PathBuf], limits: &Limits) -> Self {
        let mut parts = Vec::new();
        let mut begins: Vec<(Timestamp, &PathBuf)> = Vec::new();
        for path in paths {
            match first_time(path, limits) {
                Ok(time) => begins.push((time, path)),
                Err(error) => parts.push(Part {
                    path: path.clone(),
                    first: FrameNumber(0),
                    frames: 0,
                    overlaps: false,
                    damage: Some(error),
                }),
            }
        }
        // Files that begin at the same time stay in the order in which they were named.
        begins.sort_by_key(|(time, _)| *time);
        Self {
            limits: limits.clone(),
            waiting: begins.into_iter().map(|(_, path)| path.clone()).collect(),
            current: None,
            over: false,
            before: 0,
            latest: Timestamp::MIN,
            parts,
        }
    }

    /// What was read of each file, in the order in which they were read; those that could not be
    /// opened come first.
    #[must_use]
    pub fn into_parts(self) -> Vec<Part> {
        self.parts
    }

    /// Goes to the next file; `false` where there is none.
    fn begin_next(&mut self) -> bool {
        let Some(path) = self.waiting.pop_front() else {
            return false;
        };
        let opened = SaveFile::open(&path, &self.limits);
        let mut part = Part {
            path,
            first: FrameNumber(self.before + 1),
            frames: 0,
            overlaps: false,
            damage: None,
        };
        match opened {
            Ok(file) => self.current = Some(file),
            Err(error) => part.damage = Some(error),
        }
        self.parts.push(part);
        true
    }
}

impl FrameSource for Joined {
    fn next_frame(&mut self) -> Result<Next<'_>, CaptureError> {
        if std::mem::take(&mut self.over) {
            self.before += self.parts.last().map_or(0, |part| part.frames);
            self.current = None;
        }
        while self.current.is_none() {
            if !self.begin_next() {
                return Ok(Next::End);
            }
        }
        let (Some(file), Some(part)) = (&mut self.current, self.parts.last_mut()) else {
            return Ok(Next::End);
        };
        match file.next_frame() {
            Ok(Next::Frame(frame)) => {
                let earliest = self.latest.minus(self.limits.reorder_time);
                part.overlaps |= part.frames == 0 && frame.time < earliest;
                part.frames += 1;
                self.latest = self.latest.max(frame.time);
                return Ok(Next::Frame(Frame {
                    number: FrameNumber(self.before + frame.number.0),
                    ..frame
                }));
            }
            Ok(Next::Idle | Next::End) => {}
            Err(error) => part.damage = Some(error),
        }
        self.over = true;
        // Nothing from this file; the next call begins the next one.
        Ok(Next::Idle)
    }

    fn progress(&self) -> Progress {
        self.current
            .as_ref()
            .map(SaveFile::progress)
            .unwrap_or_default()
    }

    fn is_behind(&self) -> bool {
        true
    }
}

/// When the first frame of a file was captured; the end of time where it has none.
fn first_time(path: &Path, limits: &Limits) -> Result<Timestamp, CaptureError> {
    if path.as_os_str() == "-" || !path.metadata()?.is_file() {
        let what = "only files can be joined: they are opened twice";
        return Err(io::Error::new(ErrorKind::InvalidInput, what).into());
    }
    match SaveFile::open(path, limits)?.next_frame() {
        Ok(Next::Frame(frame)) => Ok(frame.time),
        _ => Ok(Timestamp::MAX),
    }
}
