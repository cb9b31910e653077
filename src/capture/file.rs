//! Savefiles: pcap and pcapng, compressed or not, from a file, a pipe or standard input.
//!
//! The format is told by content, never by name, and nothing is assumed of how much one `read`
//! brings.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::capture::buffer::Buffer;
use crate::capture::compression::{Compression, decompressed};
use crate::capture::frame::FrameNumber;
use crate::capture::pcap::Pcap;
use crate::capture::pcapng::PcapNg;
use crate::capture::{CaptureError, FrameSource, Next, Progress};
use crate::limits::Limits;

/// An open savefile.
pub struct SaveFile {
    input: Buffer,
    format: Format,
    frames: u64,
    block_bytes: usize,
    /// Bytes of the input, where it is a file.
    total: Option<u64>,
}

enum Format {
    Pcap(Pcap),
    PcapNg(Box<PcapNg>),
}

impl SaveFile {
    /// Opens the file at `path`, or standard input where `path` is `-`.
    pub fn open(path: &Path, limits: &Limits) -> Result<Self, CaptureError> {
        if path.as_os_str() == "-" {
            return Self::read(Box::new(io::stdin()), limits);
        }
        let file = File::open(path)?;
        let about = file.metadata()?;
        if about.is_dir() {
            return Err(io::Error::from(io::ErrorKind::IsADirectory).into());
        }
        let mut opened = Self::read(Box::new(file), limits)?;
        opened.total = about.is_file().then_some(about.len());
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
            total: None,
        })
    }
}

impl FrameSource for SaveFile {
    fn next_frame(&mut self) -> Result<Next<'_>, CaptureError> {
        let number = FrameNumber(self.frames + 1);
        let frame = match &mut self.format {
            Format::Pcap(pcap) => pcap.next(&mut self.input, number, self.block_bytes)?,
            Format::PcapNg(pcapng) => pcapng.next(&mut self.input, number)?,
        };
        Ok(match frame {
            Some(frame) => {
                self.frames = number.0;
                Next::Frame(frame)
            }
            None => Next::End,
        })
    }

    fn progress(&self) -> Progress {
        Progress {
            bytes: self.input.offset(),
            total: self.total,
            dropped: None,
        }
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
