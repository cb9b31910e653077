//! Several savefiles as one capture: the parts of a rotated one, in the order of their time.
//!
//! Frames are numbered through, as in the file that `mergecap -a` would make of them. The files are
//! read one after the other and never all open at once, however many there are.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::capture::file::{Checkpoint, SaveFile};
use crate::capture::frame::{Frame, FrameNumber, Timestamp};
use crate::capture::{CaptureError, FrameSource, Next, Progress};
use crate::limits::Limits;
use crate::wire_text::printable;

/// Savefiles that are one capture.
pub(super) struct Joined {
    limits: Limits,
    /// In the order in which they are read.
    files: Vec<PathBuf>,
    /// How many of them were begun.
    begun: usize,
    current: Option<SaveFile>,
    /// The current file has no more.
    over: bool,
    /// Frames of the files before the current one.
    before: u64,
    latest: Timestamp,
    parts: Vec<JoinedFile>,
    /// Bytes of all files, where none is compressed, and of those that were read.
    total: Option<u64>,
    bytes_before: u64,
}

/// One of the files, as far as it was read.
#[derive(Debug, Clone)]
pub struct JoinedFile {
    /// The file.
    pub path: PathBuf,
    /// The number of its first frame in the whole capture.
    pub first: FrameNumber,
    /// Its frames.
    pub frames: u64,
    /// It begins before the file that was read before it ends: they are no rotated capture.
    pub overlaps: bool,
    /// Why it was not read to its end.
    pub damage: Option<String>,
}

impl JoinedFile {
    fn new(path: &Path, first: u64) -> Self {
        Self {
            path: path.to_owned(),
            first: FrameNumber(first),
            frames: 0,
            overlaps: false,
            damage: None,
        }
    }

    /// What makes it no part of one capture, and what to do about that; `None` where it is one.
    #[must_use]
    pub fn overlap(&self) -> Option<String> {
        self.overlaps.then(|| {
            format!(
                "{}: begins before the file before it ends: not a rotated capture; merge them by time \
                 first (mergecap)",
                self.path.to_string_lossy()
            )
        })
    }
}

impl Joined {
    /// Looks into each file for the time at which it begins.
    pub(super) fn open(paths: &[PathBuf], limits: &Limits) -> Self {
        let mut parts = Vec::new();
        let mut begins: Vec<(Timestamp, &PathBuf)> = Vec::new();
        let mut total = Some(0);
        for path in paths {
            match first_time(path, limits) {
                Ok((time, bytes)) => {
                    begins.push((time, path));
                    total = total.zip(bytes).map(|(total, bytes)| total + bytes);
                }
                Err(error) => parts.push(JoinedFile {
                    damage: Some(error.to_string()),
                    ..JoinedFile::new(path, 0)
                }),
            }
        }
        // Files that begin at the same time stay in the order in which they were named.
        begins.sort_by_key(|(time, _)| *time);
        let files = begins.into_iter().map(|(_, path)| path.clone()).collect();
        Self {
            parts,
            total,
            ..Self::of(files, limits)
        }
    }

    fn of(files: Vec<PathBuf>, limits: &Limits) -> Self {
        Self {
            limits: limits.clone(),
            files,
            begun: 0,
            current: None,
            over: false,
            before: 0,
            latest: Timestamp::MIN,
            parts: Vec::new(),
            total: None,
            bytes_before: 0,
        }
    }

    /// Begins again at a checkpoint of the same files, or at their beginning.
    pub(super) fn resume(
        files: &[PathBuf],
        at: Option<Checkpoint>,
        limits: &Limits,
    ) -> Result<Self, CaptureError> {
        let mut resumed = Self::of(files.to_vec(), limits);
        if let Some(at) = at {
            let (part, before) = at.part();
            let path = files
                .get(part)
                .ok_or(ErrorKind::NotFound)
                .map_err(io::Error::from)?;
            let file = Arc::new(File::open(path)?);
            let read = at.frames() - before;
            resumed.current = Some(SaveFile::resume(file, at, limits)?);
            resumed.begun = part + 1;
            resumed.before = before;
            resumed.parts.push(JoinedFile {
                frames: read,
                ..JoinedFile::new(path, before + 1)
            });
        }
        Ok(resumed)
    }

    /// The files, in the order in which they are read.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        self.files.clone()
    }

    /// Goes to the next file; `false` where there is none.
    fn begin_next(&mut self) -> bool {
        let Some(path) = self.files.get(self.begun) else {
            return false;
        };
        self.begun += 1;
        let mut part = JoinedFile::new(path, self.before + 1);
        match SaveFile::open(path, &self.limits) {
            Ok(file) => self.current = Some(file),
            Err(error) => part.damage = Some(error.to_string()),
        }
        self.parts.push(part);
        true
    }

    /// The end of the capture, which is an error where some file could not be read to its own.
    fn end(&self) -> Result<Next<'static>, CaptureError> {
        let mut damaged = self.parts.iter().filter_map(|part| {
            let damage = part.damage.as_ref()?;
            let name = part.path.to_string_lossy();
            Some(format!("{}: {damage}", printable(&name)))
        });
        match damaged.next() {
            None => Ok(Next::End),
            Some(first) => Err(CaptureError::InParts(
                damaged.fold(first, |all, one| format!("{all}; {one}")),
            )),
        }
    }
}

impl FrameSource for Joined {
    fn next_frame(&mut self) -> Result<Next<'_>, CaptureError> {
        if std::mem::take(&mut self.over) {
            self.before += self.parts.last().map_or(0, |part| part.frames);
            let read = self.current.take().map(|file| file.progress().bytes);
            self.bytes_before += read.unwrap_or_default();
        }
        while self.current.is_none() {
            if !self.begin_next() {
                return self.end();
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
            Err(error) => part.damage = Some(error.to_string()),
        }
        self.over = true;
        // Nothing from this file; the next call begins the next one.
        Ok(Next::Idle)
    }

    fn is_behind(&self) -> bool {
        true
    }

    fn progress(&self) -> Progress {
        let current = self.current.as_ref().map(SaveFile::progress);
        Progress {
            bytes: self.bytes_before + current.unwrap_or_default().bytes,
            total: self.total,
            dropped: None,
        }
    }

    fn parts(&self) -> &[JoinedFile] {
        &self.parts
    }

    fn checkpoint(&self) -> Option<Checkpoint> {
        let checkpoint = self.current.as_ref()?.checkpoint()?;
        Some(checkpoint.in_part(self.begun.checked_sub(1)?, self.before))
    }
}

/// When the first frame of a file was captured, the end of time where it has none; and its bytes, where
/// it is not compressed.
fn first_time(path: &Path, limits: &Limits) -> Result<(Timestamp, Option<u64>), CaptureError> {
    if path.as_os_str() == "-" || !path.metadata()?.is_file() {
        let what = "only files can be joined: they are opened twice";
        return Err(io::Error::new(ErrorKind::InvalidInput, what).into());
    }
    let mut file = SaveFile::open(path, limits)?;
    let time = match file.next_frame() {
        Ok(Next::Frame(frame)) => frame.time,
        _ => Timestamp::MAX,
    };
    Ok((time, file.progress().total))
}
