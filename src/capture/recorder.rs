//! Frames → a pcapng file, or a ring of them, that can be read at every moment.
//!
//! Whole blocks are handed to the system with each batch, before its frames are analysed: what was
//! shown is in the file, and stays there when the program is killed. Where the disk is full the
//! file ends with the last block that is whole.
//!
//! To have read: draft-ietf-opsawg-pcapng, sections 4.1 to 4.6.

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::capture::Drops;
use crate::capture::blocks::{
    ENHANCED_PACKET, IF_NAME, IF_TSRESOL, INTERFACE_DESCRIPTION, block, pad, section_header, split,
    write_options,
};
use crate::capture::frame::{LinkType, Timestamp};

const INTERFACE_STATISTICS: u32 = 5;

const IF_FILTER: u16 = 11;
const ISB_IFDROP: u16 = 5;
const ISB_OSDROP: u16 = 7;

/// An interface that frames are recorded of.
#[derive(Debug, Clone)]
pub struct RecordedInterface {
    /// Its name.
    pub name: String,
    /// What its frames begin with.
    pub link_type: LinkType,
    /// Bytes of each frame that are kept.
    pub snap_length: u32,
    /// Which frames were asked for.
    pub filter: Option<String>,
}

/// A frame to record.
#[derive(Debug, Clone, Copy)]
pub struct RecordedFrame<'a> {
    /// Of which interface, in the order in which the recorder knows them.
    pub interface: usize,
    /// When it was captured.
    pub time: Timestamp,
    /// How long it was on the wire.
    pub length: u32,
    /// What was captured of it.
    pub bytes: &'a [u8],
}

/// When to go on in another file, and how many to keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rotation {
    /// A file is full with so many bytes.
    pub bytes: Option<u64>,
    /// A file is full after so long.
    pub duration: Option<Duration>,
    /// Files that are kept; the oldest one is deleted for a new one.
    pub files: Option<usize>,
}

impl Rotation {
    /// Whether there is ever another file.
    fn is_wanted(self) -> bool {
        self.bytes.is_some() || self.duration.is_some()
    }
}

/// Why a recording ended.
#[derive(Debug, thiserror::Error)]
#[error("{}: {error}", .path.display())]
pub struct RecordError {
    path: PathBuf,
    error: io::Error,
}

/// Writes frames to a file, or to one after the other.
#[derive(Debug)]
pub struct Recorder {
    /// As its user named it.
    path: PathBuf,
    interfaces: Vec<RecordedInterface>,
    rotation: Rotation,
    current: File,
    current_path: PathBuf,
    /// Bytes in the current file.
    written: u64,
    begin: Instant,
    /// Files so far.
    files: u64,
    kept: VecDeque<PathBuf>,
    /// Whole blocks that are not written yet.
    blocks: Vec<u8>,
    /// Bytes after which nothing more is written.
    most: u64,
}

impl Recorder {
    /// Begins a recording; a file of that name is replaced.
    pub fn create(
        path: &Path,
        interfaces: Vec<RecordedInterface>,
        rotation: Rotation,
    ) -> Result<Self, RecordError> {
        let current_path = if rotation.is_wanted() {
            numbered(path, 1)
        } else {
            path.to_owned()
        };
        let current = create(&current_path)?;
        Self::begin(path, current_path, current, interfaces, rotation, u64::MAX)
    }

    /// Begins a recording in a file without a name, which ends silently after so many bytes.
    pub fn spill(
        file: File,
        interfaces: Vec<RecordedInterface>,
        most: u64,
    ) -> Result<Self, RecordError> {
        let name = PathBuf::from("a temporary file");
        Self::begin(
            &name.clone(),
            name,
            file,
            interfaces,
            Rotation::default(),
            most,
        )
    }

    fn begin(
        path: &Path,
        current_path: PathBuf,
        current: File,
        interfaces: Vec<RecordedInterface>,
        rotation: Rotation,
        most: u64,
    ) -> Result<Self, RecordError> {
        let mut recorder = Self {
            path: path.to_owned(),
            interfaces,
            rotation,
            current,
            kept: VecDeque::from([current_path.clone()]),
            current_path,
            written: 0,
            begin: Instant::now(),
            files: 1,
            blocks: Vec::new(),
            most,
        };
        recorder.begin_section();
        recorder.flush()?;
        Ok(recorder)
    }

    /// The file that frames can be read from again; `None` where there are several.
    #[must_use]
    pub fn file(&self) -> Option<File> {
        if self.rotation.is_wanted() {
            return None;
        }
        // The one at hand can only be written to, unless it is temporary.
        File::open(&self.path)
            .or_else(|_| self.current.try_clone())
            .ok()
    }

    /// Records frames; when it returns, the system has them.
    pub fn write<'a>(
        &mut self,
        frames: impl Iterator<Item = RecordedFrame<'a>>,
    ) -> Result<(), RecordError> {
        for frame in frames {
            if self.written + self.blocks.len() as u64 > self.most {
                break;
            }
            if self.is_full() {
                self.rotate()?;
            }
            enhanced_packet(&frame, &mut self.blocks);
        }
        self.flush()
    }

    /// Ends the recording with what was lost.
    pub fn finish(&mut self, drops: Drops) -> Result<(), RecordError> {
        // Not known by interface.
        let option = |code, value: u64| (code, value.to_le_bytes().to_vec());
        let options = [
            option(ISB_IFDROP, drops.interface),
            option(ISB_OSDROP, drops.kernel),
        ];
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let now = Timestamp::default().plus(since.unwrap_or_default());
        block(INTERFACE_STATISTICS, &mut self.blocks, |body| {
            body.extend(0_u32.to_le_bytes());
            body.extend(split(now));
            write_options(&options, body);
        });
        self.flush()
    }

    fn is_full(&self) -> bool {
        let size = self.written + self.blocks.len() as u64;
        self.rotation.bytes.is_some_and(|most| size >= most)
            || self
                .rotation
                .duration
                .is_some_and(|longest| self.begin.elapsed() >= longest)
    }

    fn rotate(&mut self) -> Result<(), RecordError> {
        self.flush()?;
        self.files += 1;
        let next = numbered(&self.path, self.files);
        self.current = create(&next)?;
        self.current_path.clone_from(&next);
        self.kept.push_back(next);
        self.written = 0;
        self.begin = Instant::now();
        if let Some(most) = self.rotation.files
            && self.kept.len() > most
            && let Some(oldest) = self.kept.pop_front()
        {
            // Somebody else may have taken it away.
            let _ = fs::remove_file(oldest);
        }
        self.begin_section();
        Ok(())
    }

    fn begin_section(&mut self) {
        section_header(&mut self.blocks);
        for interface in &self.interfaces {
            let nanoseconds = vec![9];
            let mut options = vec![
                (IF_NAME, interface.name.clone().into_bytes()),
                (IF_TSRESOL, nanoseconds),
            ];
            if let Some(filter) = &interface.filter {
                // 0: the rest is text.
                options.push((IF_FILTER, [b"\0", filter.as_bytes()].concat()));
            }
            block(INTERFACE_DESCRIPTION, &mut self.blocks, |body| {
                body.extend(interface.link_type.0.to_le_bytes());
                body.extend([0, 0]);
                body.extend(interface.snap_length.to_le_bytes());
                write_options(&options, body);
            });
        }
    }

    /// Gives all whole blocks to the system.
    fn flush(&mut self) -> Result<(), RecordError> {
        let mut done = 0;
        while let Some(rest) = self.blocks.get(done..).filter(|rest| !rest.is_empty()) {
            match self.current.write(rest) {
                Ok(0) => break,
                Ok(written) => done += written,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.written += whole_blocks(&self.blocks, done);
                    self.blocks.clear();
                    // What is left over of a block would read as damage.
                    let _ = self.current.set_len(self.written);
                    return Err(RecordError {
                        path: self.current_path.clone(),
                        error,
                    });
                }
            }
        }
        self.written += done as u64;
        self.blocks.clear();
        Ok(())
    }
}

/// Captures hold cookies and passwords: nobody else may read them.
fn create(path: &Path) -> Result<File, RecordError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options.open(path).map_err(|error| RecordError {
        path: path.to_owned(),
        error,
    })
}

/// `a/b.pcapng` → `a/b_00001.pcapng`.
fn numbered(path: &Path, number: u64) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let extension = path.extension().map(|e| e.to_string_lossy());
    let dot = if extension.is_some() { "." } else { "" };
    let extension = extension.unwrap_or_default();
    path.with_file_name(format!("{stem}_{number:05}{dot}{extension}"))
}

/// How many of the first `bytes` bytes are in blocks that are whole.
fn whole_blocks(blocks: &[u8], bytes: usize) -> u64 {
    let mut end = 0;
    while let Some(length) = blocks.get(end + 4..).and_then(<[u8]>::first_chunk) {
        let next = end + u32::from_le_bytes(*length) as usize;
        if next > bytes || next == end {
            break;
        }
        end = next;
    }
    end as u64
}

fn enhanced_packet(frame: &RecordedFrame<'_>, out: &mut Vec<u8>) {
    block(ENHANCED_PACKET, out, |body| {
        let interface = u32::try_from(frame.interface).unwrap_or_default();
        let captured = u32::try_from(frame.bytes.len()).unwrap_or(u32::MAX);
        body.extend(interface.to_le_bytes());
        body.extend(split(frame.time));
        body.extend(captured.to_le_bytes());
        body.extend(frame.length.to_le_bytes());
        body.extend(frame.bytes);
        pad(frame.bytes.len(), body);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{CaptureError, FrameSource as _, Next, SaveFile};
    use crate::limits::Limits;

    fn interface(name: &str, link_type: u16) -> RecordedInterface {
        RecordedInterface {
            name: name.to_owned(),
            link_type: LinkType(link_type),
            snap_length: 262_144,
            filter: Some("tcp".to_owned()),
        }
    }

    fn frame(interface: usize, nanos: i64, bytes: &[u8]) -> RecordedFrame<'_> {
        RecordedFrame {
            interface,
            time: Timestamp::new(1_800_000_000, 0).plus(Duration::from_nanos(nanos.unsigned_abs())),
            length: 1000,
            bytes,
        }
    }

    fn read(path: &Path) -> Vec<(u16, i64, Vec<u8>)> {
        let mut file = SaveFile::open(path, &Limits::default()).unwrap();
        let mut found = Vec::new();
        loop {
            match file.next_frame().unwrap() {
                Next::Frame(frame) => {
                    let nanos = frame.time.since(Timestamp::new(1_800_000_000, 0));
                    let nanos = i64::try_from(nanos.as_nanos()).unwrap();
                    found.push((frame.link_type.0, nanos, frame.bytes.to_vec()));
                }
                Next::Idle | Next::End => return found,
            }
        }
    }

    #[test]
    fn what_was_written_is_read_back_at_every_moment() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.pcapng");
        let interfaces = vec![interface("lo", 1), interface("any", 276)];
        let mut recorder = Recorder::create(&path, interfaces, Rotation::default()).unwrap();
        assert_eq!(read(&path), []);
        let frames = [frame(0, 1, b"abcde"), frame(1, 7_000_000_123, b"")];
        recorder.write(frames.into_iter()).unwrap();
        let expected = [(1, 1, b"abcde".to_vec()), (276, 7_000_000_123, Vec::new())];
        assert_eq!(read(&path), expected);
        recorder.finish(Drops::default()).unwrap();
        assert_eq!(read(&path), expected);
    }

    #[test]
    fn a_ring_keeps_the_newest_files_and_each_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let rotation = Rotation {
            bytes: Some(400),
            files: Some(2),
            duration: None,
        };
        let path = folder.join("x.pcapng");
        let mut recorder = Recorder::create(&path, vec![interface("lo", 1)], rotation).unwrap();
        for nanos in 0..20 {
            recorder
                .write([frame(0, nanos, &[7; 60])].into_iter())
                .unwrap();
        }
        let mut names: Vec<PathBuf> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        names.sort();
        assert_eq!(names.len(), 2, "{names:?}");
        let times: Vec<i64> = names
            .iter()
            .flat_map(|name| read(name).into_iter().map(|(_, nanos, _)| nanos))
            .collect();
        let first = *times.first().unwrap();
        assert!(first > 0, "the oldest are gone");
        assert_eq!(times, (first..20).collect::<Vec<i64>>());
    }

    #[test]
    fn names_in_a_ring_are_numbered_before_the_extension() {
        for (name, numbered_name) in [
            ("a/b.pcapng", "a/b_00003.pcapng"),
            ("b", "b_00003"),
            ("b.c.pcap", "b.c_00003.pcap"),
        ] {
            assert_eq!(numbered(Path::new(name), 3), Path::new(numbered_name));
        }
    }

    #[test]
    fn of_a_write_that_was_cut_the_whole_blocks_are_kept() {
        let mut blocks = Vec::new();
        for length in [10, 20, 30] {
            enhanced_packet(&frame(0, 1, &vec![1; length]), &mut blocks);
        }
        let sizes = [0, 44, 96];
        for (bytes, kept) in [(0, 0), (43, 0), (44, 44), (95, 44), (96, 96), (100, 96)] {
            assert_eq!(whole_blocks(&blocks, bytes), kept, "{sizes:?}");
        }
    }

    /// `/dev/full` takes nothing: what a full disk says.
    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_disk_is_named_with_the_file() {
        let path = Path::new("/dev/full");
        let recorder = Recorder::create(path, vec![interface("lo", 1)], Rotation::default());
        let error = recorder.unwrap_err().to_string();
        assert!(error.starts_with("/dev/full: No space left"), "{error}");
    }

    #[test]
    fn a_recording_cut_anywhere_is_read_up_to_the_cut() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.pcapng");
        let mut recorder =
            Recorder::create(&path, vec![interface("lo", 1)], Rotation::default()).unwrap();
        recorder
            .write([frame(0, 1, b"abc"), frame(0, 2, b"def")].into_iter())
            .unwrap();
        let whole = fs::read(&path).unwrap();
        let cut = folder.path().join("cut.pcapng");
        fs::write(&cut, whole.get(..whole.len() - 1).unwrap()).unwrap();
        let mut file = SaveFile::open(&cut, &Limits::default()).unwrap();
        assert!(matches!(file.next_frame(), Ok(Next::Frame(_))));
        assert!(matches!(
            file.next_frame(),
            Err(CaptureError::CutShort { .. })
        ));
    }
}
