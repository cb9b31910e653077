//! Frames of a capture that is, or was, being read: read again by their numbers.
//!
//! What a list shows of a capture is kept; bytes are not. Every so many frames the reading side notes
//! where it is ([`Checkpoint`]), and a frame is found by reading on from the checkpoint before it. The file
//! is kept open, so that it may be moved or deleted meanwhile. Standard input cannot be read twice: a copy
//! of it goes to a temporary file without a name ([`FrameStore::of_input`]), up to a bound.
//!
//! A compressed file is decompressed again from its beginning, which takes time but no memory.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crate::capture::file::{Checkpoint, SaveFile};
use crate::capture::frame::FrameNumber;
use crate::capture::{CaptureError, FrameSource as _, Next};
use crate::limits::Limits;

/// Frames between two checkpoints: some milliseconds of reading, and a hundredth of a byte a frame.
pub const INTERVAL: u64 = 4096;

/// Where frames can be read again.
#[derive(Debug)]
pub struct FrameStore {
    file: Arc<File>,
    checkpoints: Mutex<Vec<Checkpoint>>,
    limits: Limits,
}

impl FrameStore {
    /// A store of the frames in a file, and the file to read them from for the first time.
    pub fn of_file(path: &Path, limits: &Limits) -> Result<(SaveFile, Self), CaptureError> {
        let source = SaveFile::open(path, limits)?;
        let store = Self {
            file: Arc::new(File::open(path)?),
            checkpoints: Mutex::default(),
            limits: limits.clone(),
        };
        Ok((source, store))
    }

    /// A store of the frames in a stream, and the capture that it is, to be read for the first time.
    ///
    /// What is read is copied to a temporary file without a name, until `limits.spill_bytes` are there.
    pub fn of_input(
        input: Box<dyn Read + Send>,
        limits: &Limits,
    ) -> Result<(SaveFile, Self), CaptureError> {
        let file = tempfile::tempfile()?;
        let copy = file.try_clone()?;
        let tee = Tee {
            input,
            copy,
            room: limits.spill_bytes,
        };
        let source = SaveFile::read(Box::new(tee), limits)?;
        Ok((source, Self::of_recording(file, limits)))
    }

    /// A store of the frames in a file that is being recorded.
    #[must_use]
    pub fn of_recording(file: File, limits: &Limits) -> Self {
        Self {
            file: Arc::new(file),
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

    /// The capture from a frame on, or from a little before it.
    pub fn from(&self, frame: FrameNumber) -> Result<SaveFile, CaptureError> {
        let at = {
            let checkpoints = self.lock();
            let after = checkpoints.partition_point(|at| at.frames() < frame.0);
            let before = after.checked_sub(1).and_then(|at| checkpoints.get(at));
            before.cloned()
        };
        let mut source = if let Some(at) = at {
            SaveFile::resume(Arc::clone(&self.file), at, &self.limits)?
        } else {
            let file = Arc::clone(&self.file);
            SaveFile::read(Box::new(FileFrom { file, at: 0 }), &self.limits)?
        };
        while source.frames() + 1 < frame.0 {
            if !matches!(source.next_frame()?, Next::Frame(_)) {
                break;
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
        let bytes = buffer.get(..read).unwrap_or_default();
        if self.room >= read as u64 {
            self.room -= read as u64;
            if self.copy.write_all(bytes).is_err() {
                // A full disk ends the copy, not the reading.
                self.room = 0;
            }
        } else {
            self.room = 0;
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::frame::Timestamp;

    const CAPTURE: &str = "captures/jquery-today.pcap";

    fn numbers(source: &mut SaveFile) -> Vec<(u64, Timestamp, Vec<u8>)> {
        let mut frames = Vec::new();
        while let Ok(Next::Frame(frame)) = source.next_frame() {
            frames.push((frame.number.0, frame.time, frame.bytes.to_vec()));
        }
        frames
    }

    fn read_again(mut source: SaveFile, store: &FrameStore) {
        let mut frames = Vec::new();
        while let Ok(Next::Frame(frame)) = source.next_frame() {
            frames.push((frame.number.0, frame.time, frame.bytes.to_vec()));
            if frames.len() % 3 == 0 {
                store.note(source.checkpoint().unwrap());
            }
        }
        assert!(frames.len() > 10);
        for (first, at) in frames.iter().zip(0..) {
            let again = numbers(&mut store.from(FrameNumber(first.0)).unwrap());
            assert_eq!(again, frames[at..], "from frame {}", first.0);
        }
        let beyond = FrameNumber(frames.len() as u64 + 1);
        assert!(numbers(&mut store.from(beyond).unwrap()).is_empty());
    }

    #[test]
    fn every_frame_is_read_again_by_its_number() {
        let limits = Limits::default();
        let (source, store) = FrameStore::of_file(Path::new(CAPTURE), &limits).unwrap();
        read_again(source, &store);
    }

    #[test]
    fn a_stream_is_read_again_from_its_copy() {
        let limits = Limits::default();
        let input = Box::new(File::open(CAPTURE).unwrap());
        let (source, store) = FrameStore::of_input(input, &limits).unwrap();
        read_again(source, &store);
    }

    #[test]
    fn a_copy_ends_at_its_bound() {
        let limits = Limits {
            spill_bytes: 2000,
            ..Limits::default()
        };
        // Read in pieces of 512 bytes, as a pipe would give them.
        let bytes = std::fs::read(CAPTURE).unwrap();
        let pieces: Vec<io::Cursor<Vec<u8>>> = bytes
            .chunks(512)
            .map(|piece| io::Cursor::new(piece.to_vec()))
            .collect();
        let empty: Box<dyn Read + Send> = Box::new(io::empty());
        let input = pieces
            .into_iter()
            .fold(empty, |before, piece| Box::new(before.chain(piece)));
        let (mut source, store) = FrameStore::of_input(input, &limits).unwrap();
        let all = numbers(&mut source).len();
        let again = numbers(&mut store.from(FrameNumber(1)).unwrap()).len();
        assert!(again > 0 && again < all, "{again} of {all}");
    }
}
