//! Savefiles: pcap and pcapng, compressed or not, from a file, a pipe or standard input.
//!
//! The format is told by content, never by name, and nothing is assumed of how much one `read`
//! brings.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::capture::buffer::Buffer;
use crate::capture::compression::{Compression, decompressed};
use crate::capture::frame::FrameNumber;
use crate::capture::pcap::Pcap;
use crate::capture::pcapng::PcapNg;
use crate::capture::silence::Patient;
use crate::capture::store::FileFrom;
use crate::capture::{CaptureError, FrameSource, Next, Progress, ReadAhead};
use crate::limits::Limits;

/// An open savefile.
pub struct SaveFile {
    input: Buffer,
    format: Format,
    frames: u64,
    block_bytes: usize,
    /// What is read is decompressed: its offsets are not those of the file.
    compressed: bool,
    /// Bytes of the input, where it is a file that is not compressed.
    total: Option<u64>,
}

/// A place in a savefile where reading can begin again.
#[derive(Debug, Clone)]
pub struct Checkpoint {
    /// Which of several files that are one capture, and the frames of those before it.
    part: usize,
    before: u64,
    offset: u64,
    frames: u64,
    format: Format,
    compressed: bool,
}

impl Checkpoint {
    /// Frames before it.
    #[must_use]
    pub fn frames(&self) -> u64 {
        self.before + self.frames
    }

    /// The same place, in one of several files; so many frames are in those before it.
    pub(super) fn in_part(self, part: usize, before: u64) -> Self {
        Self {
            part,
            before,
            ..self
        }
    }

    /// Which of several files it is in, and the frames of those before it.
    pub(super) fn part(&self) -> (usize, u64) {
        (self.part, self.before)
    }
}

#[derive(Debug, Clone)]
enum Format {
    Pcap(Pcap),
    PcapNg(Box<PcapNg>),
}

impl SaveFile {
    /// Reads a file.
    pub(super) fn of_file(file: File, limits: &Limits) -> Result<Self, CaptureError> {
        let length = file.metadata()?.len();
        let mut opened = Self::read(Box::new(file), limits)?;
        opened.total = (!opened.compressed).then_some(length);
        Ok(opened)
    }

    /// Reads a file that grows, until a silence after `stop` was set.
    pub(super) fn growing(
        file: File,
        stop: Arc<AtomicBool>,
        limits: &Limits,
    ) -> Result<Self, CaptureError> {
        let opened = Self::of_patient(Patient::growing(file).until(stop), limits)?;
        if opened.compressed {
            let what = "a compressed file cannot be followed";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, what).into());
        }
        Ok(opened)
    }

    /// Reads a savefile that another program may still be writing: it is silent when that one is.
    pub(super) fn of_patient(input: Patient, limits: &Limits) -> Result<Self, CaptureError> {
        let may_be_silent = input.may_be_silent();
        Self::of_silent(Box::new(input), &may_be_silent, limits)
    }

    /// The same, through something that passes silence on.
    pub(super) fn of_silent(
        input: Box<dyn Read + Send>,
        may_be_silent: &AtomicBool,
        limits: &Limits,
    ) -> Result<Self, CaptureError> {
        let opened = Self::read(input, limits)?;
        // What decompresses cannot go on after an interruption.
        may_be_silent.store(!opened.compressed, Ordering::Relaxed);
        Ok(opened)
    }

    /// Reads a savefile from any byte stream.
    pub fn read(reader: Box<dyn Read + Send>, limits: &Limits) -> Result<Self, CaptureError> {
        let (reader, compression) = decompressed(reader, limits)?;
        let mut input = Buffer::new(reader);
        input.fill(4)?;
        let magic: [u8; 4] = match input.peek().first_chunk() {
            Some(magic) => *magic,
            None if input.peek().is_empty() => {
                return Err(CaptureError::NotACapture {
                    hint: ", and this is empty",
                });
            }
            None => return Err(CaptureError::NotACapture { hint: "" }),
        };
        let format = if let Some(mut pcap) = Pcap::recognise(magic) {
            pcap.open(&mut input)?;
            Format::Pcap(pcap)
        } else if PcapNg::recognise(magic) {
            Format::PcapNg(Box::new(PcapNg::new(limits)))
        } else {
            return Err(CaptureError::NotACapture {
                hint: hint(magic, compression),
            });
        };
        Ok(Self {
            input,
            format,
            frames: 0,
            block_bytes: limits.block_bytes,
            compressed: compression.is_some(),
            total: None,
        })
    }
}

impl SaveFile {
    /// Begins again at a checkpoint of the same file.
    pub(super) fn resume(
        file: Arc<File>,
        at: Checkpoint,
        limits: &Limits,
    ) -> Result<Self, CaptureError> {
        let input = if at.compressed {
            let whole = Box::new(FileFrom { file, at: 0 });
            let mut input = Buffer::new(decompressed(whole, limits)?.0);
            input.skip(at.offset)?;
            input
        } else {
            let rest = FileFrom {
                file,
                at: at.offset,
            };
            Buffer::starting_at(at.offset, Box::new(rest))
        };
        Ok(Self {
            input,
            format: at.format,
            frames: at.frames,
            block_bytes: limits.block_bytes,
            compressed: at.compressed,
            total: None,
        })
    }

    /// Frames read so far.
    #[must_use]
    pub fn frames(&self) -> u64 {
        self.frames
    }
}

impl FrameSource for SaveFile {
    fn next_frame(&mut self) -> Result<Next<'_>, CaptureError> {
        let number = FrameNumber(self.frames + 1);
        let next = match &mut self.format {
            Format::Pcap(pcap) => pcap.next(&mut self.input, number, self.block_bytes),
            Format::PcapNg(pcapng) => pcapng.next(&mut self.input, number),
        };
        if let Ok(Next::Frame(_)) = &next {
            self.frames = number.0;
        }
        match next {
            Err(CaptureError::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                Ok(Next::Idle)
            }
            next => next,
        }
    }

    fn read_ahead(&mut self) -> Option<ReadAhead> {
        Some(self.input.read_ahead())
    }

    fn is_behind(&self) -> bool {
        // The rest of a frame is on its way.
        !self.input.peek().is_empty()
    }

    fn progress(&self) -> Progress {
        Progress {
            bytes: self.input.offset(),
            total: self.total,
            dropped: None,
        }
    }

    fn checkpoint(&self) -> Option<Checkpoint> {
        let format = match &self.format {
            Format::PcapNg(pcapng) if pcapng.is_bulky() => return None,
            format => format.clone(),
        };
        Some(Checkpoint {
            part: 0,
            before: 0,
            offset: self.input.offset(),
            frames: self.frames,
            format,
            compressed: self.compressed,
        })
    }
}

/// What a file that is no capture looks like, and what to do with it.
fn hint(magic: [u8; 4], compression: Option<Compression>) -> &'static str {
    match (magic, compression) {
        (_, Some(_)) => "; this is something else, compressed",
        ([b'B', b'Z', b'h', _], _) => "; this is bzip2: decompress it first with bzip2 -d",
        ([b'P', b'K', 3, 4], _) => "; this is a zip archive: unzip it first",
        ([b'{', ..], _) => "; this looks like JSON or HAR",
        ([b's', b'n', b'o', b'o'], _) => {
            "; this is snoop: convert it first with editcap -F pcapng IN OUT"
        }
        _ => "",
    }
}
