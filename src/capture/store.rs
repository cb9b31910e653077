//! Frames of a capture that is, or was, being read: read again by their numbers.
//!
//! What a list shows of a capture is kept; bytes are not. Every so many frames the reading side notes
//! where it is ([`Checkpoint`]), and a frame is found by reading on from the checkpoint before it. The file
//! is kept open, so that it may be moved or deleted meanwhile. A pipe cannot be read twice: a copy
//! of it goes to a temporary file without a name, up to a bound.
//!
//! A compressed file is decompressed again from its beginning, which takes time but no memory.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use crate::capture::file::{Checkpoint, SaveFile};
use crate::capture::frame::FrameNumber;
use crate::capture::joined::Joined;
use crate::capture::silence::Patient;
use crate::capture::{CaptureError, FrameSource, Next};
use crate::limits::Limits;

/// Frames between two checkpoints: some milliseconds of reading, and a hundredth of a byte a frame.
pub const INTERVAL: u64 = 4096;

/// Where frames can be read again.
#[derive(Debug)]
pub struct FrameStore {
    origin: Origin,
    checkpoints: Mutex<Vec<Checkpoint>>,
    limits: Limits,
}

/// What is read again.
#[derive(Debug)]
enum Origin {
    /// A file that is kept open.
    File(Arc<File>),
    /// Files that are one capture, in their order. They may be too many to keep open.
    Parts(Vec<PathBuf>),
}

impl FrameStore {
    /// A store of the frames in a pipe, and the capture that it is, to be read for the first time.
    ///
    /// What is read is copied to a temporary file without a name, until `limits.spill_bytes` are there.
    pub(super) fn of_pipe(
        pipe: Patient,
        limits: &Limits,
    ) -> Result<(SaveFile, Self), CaptureError> {
        let may_be_silent = pipe.may_be_silent();
        let file = tempfile::tempfile()?;
        let tee = Tee {
            input: Box::new(pipe),
            copy: file.try_clone()?,
            room: limits.spill_bytes,
        };
        let source = SaveFile::of_silent(Box::new(tee), &may_be_silent, limits)?;
        Ok((source, Self::of_recording(file, limits)))
    }

    /// A store of the frames in a file, which may still be written.
    #[must_use]
    pub fn of_recording(file: File, limits: &Limits) -> Self {
        Self::new(Origin::File(Arc::new(file)), limits)
    }

    /// A store of the frames in files that are one capture, in their order.
    pub(super) fn of_parts(files: Vec<PathBuf>, limits: &Limits) -> Self {
        Self::new(Origin::Parts(files), limits)
    }

    fn new(origin: Origin, limits: &Limits) -> Self {
        Self {
            origin,
            checkpoints: Mutex::default(),
            limits: limits.clone(),
        }
    }

    /// Notes where the reading is.
    pub fn note(&self, at: Checkpoint) {
        let mut checkpoints = self.lock();
        if checkpoints
            .last()
            .is_none_or(|last| last.frames() < at.frames())
        {
            checkpoints.push(at);
        }
    }

    /// The capture from a frame on.
    pub fn from(&self, frame: FrameNumber) -> Result<Box<dyn FrameSource>, CaptureError> {
        let at = {
            let checkpoints = self.lock();
            let after = checkpoints.partition_point(|at| at.frames() < frame.0);
            let before = after.checked_sub(1).and_then(|at| checkpoints.get(at));
            before.cloned()
        };
        let mut latest = at.as_ref().map_or(0, Checkpoint::frames);
        let mut source: Box<dyn FrameSource> = match (&self.origin, at) {
            (Origin::Parts(files), at) => Box::new(Joined::resume(files, at, &self.limits)?),
            (Origin::File(file), Some(at)) => {
                Box::new(SaveFile::resume(Arc::clone(file), at, &self.limits)?)
            }
            (Origin::File(file), None) => {
                let file = Arc::clone(file);
                Box::new(SaveFile::read(
                    Box::new(FileFrom { file, at: 0 }),
                    &self.limits,
                )?)
            }
        };
        while latest + 1 < frame.0 {
            match source.next_frame()? {
                Next::Frame(frame) => latest = frame.number.0,
                Next::Idle => {}
                Next::End => break,
            }
        }
        Ok(source)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Checkpoint>> {
        self.checkpoints
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads a shared file from a place on.
pub(super) struct FileFrom {
    pub(super) file: Arc<File>,
    pub(super) at: u64,
}

impl Read for FileFrom {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        #[cfg(unix)]
        let read = std::os::unix::fs::FileExt::read_at(&*self.file, buffer, self.at)?;
        #[cfg(windows)]
        let read = std::os::windows::fs::FileExt::seek_read(&*self.file, buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

/// Copies what is read, as far as there is room.
struct Tee {
    input: Box<dyn Read + Send>,
    copy: File,
    room: u64,
}

impl Read for Tee {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        let kept = read.min(usize::try_from(self.room).unwrap_or(usize::MAX));
        self.room -= kept as u64;
        let bytes = buffer.get(..kept).unwrap_or_default();
        if self.copy.write_all(bytes).is_err() {
            // A full disk ends the copy, not the reading.
            self.room = 0;
        }
        Ok(read)
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "these are tests, their helpers too"
)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::capture::Input;
    use crate::capture::frame::Timestamp;

    const CAPTURE: &str = "captures/jquery-today.pcap";

    type Seen = (u64, Timestamp, Vec<u8>);

    /// The next frame; the end of the capture is none, nor is an error.
    fn next(source: &mut dyn FrameSource) -> Option<Seen> {
        loop {
            match source.next_frame() {
                Ok(Next::Frame(frame)) => {
                    return Some((frame.number.0, frame.time, frame.bytes.to_vec()));
                }
                Ok(Next::Idle) => {}
                Ok(Next::End) | Err(_) => return None,
            }
        }
    }

    fn rest(source: &mut dyn FrameSource) -> Vec<Seen> {
        std::iter::from_fn(|| next(source)).collect()
    }

    fn read_again(input: &Input) {
        let (mut source, store) = input.open_stored(&Limits::default()).unwrap();
        let mut frames = Vec::new();
        while let Some(frame) = next(&mut *source) {
            frames.push(frame);
            if frames.len() % 3 == 0 {
                store.note(source.checkpoint().unwrap());
            }
        }
        assert!(frames.len() > 10);
        for (first, at) in frames.iter().zip(0..) {
            let again = rest(&mut *store.from(FrameNumber(first.0)).unwrap());
            assert_eq!(again, frames[at..], "from frame {}", first.0);
        }
        let beyond = FrameNumber(frames.len() as u64 + 1);
        assert!(rest(&mut *store.from(beyond).unwrap()).is_empty());
    }

    #[test]
    fn every_frame_is_read_again_by_its_number() {
        read_again(&Input::File(CAPTURE.into()));
    }

    #[test]
    fn frames_of_joined_files_are_read_again_by_their_numbers() {
        let files = [CAPTURE, "captures/article-working.pcap", CAPTURE];
        read_again(&Input::Joined(files.map(PathBuf::from).to_vec()));
    }

    #[test]
    fn a_pipe_is_read_again_from_its_copy() {
        let (source, store) = of_pipe(&Limits::default());
        let mut source: Box<dyn FrameSource> = Box::new(source);
        let all = rest(&mut *source);
        assert!(all.len() > 10);
        assert_eq!(rest(&mut *store.from(FrameNumber(1)).unwrap()), all);
    }

    #[test]
    fn a_copy_ends_at_its_bound() {
        let limits = Limits {
            spill_bytes: 2000,
            ..Limits::default()
        };
        let (mut source, store) = of_pipe(&limits);
        let all = rest(&mut source).len();
        let again = rest(&mut *store.from(FrameNumber(1)).unwrap()).len();
        assert!(again > 0 && again < all, "{again} of {all}");
    }

    /// A pipe that gives pieces of 512 bytes.
    fn of_pipe(limits: &Limits) -> (SaveFile, FrameStore) {
        let bytes = std::fs::read(Path::new(CAPTURE)).unwrap();
        let (reader, mut writer) = std::io::pipe().unwrap();
        let writing = std::thread::spawn(move || {
            for piece in bytes.chunks(512) {
                writer.write_all(piece).unwrap();
            }
        });
        let opened = FrameStore::of_pipe(Patient::pipe(reader), limits).unwrap();
        writing.join().unwrap();
        opened
    }
}
