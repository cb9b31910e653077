//! Compressed savefiles → the bytes in them: gzip, zstd, xz and lz4, told by content.
//!
//! Everything is a stream in bounded memory: how much comes out does not matter, and a window or
//! dictionary beyond [`Limits::decompression_window`] is refused. What stands before damage is
//! given out before the damage is told.
//!
//! Read RFC 1952 (gzip), RFC 8878 (zstd), the `.xz` file format 1.2 and the LZ4 frame format 1.6.

use std::error::Error;
use std::io::{self, BufRead, BufReader, Cursor, ErrorKind, Read};

use flate2::bufread::MultiGzDecoder;
use lz4_flex::frame::FrameDecoder as Lz4Decoder;
use lzma_rust2::XzReader;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use crate::limits::Limits;

/// The longest magic number: that of xz.
const MAGIC: usize = 6;
/// How much is decompressed at once, so that little is lost with what is damaged after it.
const PIECE: usize = 1 << 12;

/// A form of compression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    Gzip,
    Zstd,
    Xz,
    Lz4,
}

impl Compression {
    /// The form that data with this beginning has; `None` where it is not compressed.
    fn recognise(start: &[u8]) -> Option<Self> {
        match start {
            // 8 is deflate, the one method that there is.
            [0x1f, 0x8b, 8, ..] => Some(Self::Gzip),
            // The second is a frame to skip: programs that compress in parallel begin with one.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            // The second is the form that the Linux kernel uses.
            [0x04, 0x22, 0x4d, 0x18, ..] | [0x02, 0x21, 0x4c, 0x18, ..] => Some(Self::Lz4),
            _ => None,
        }
    }

    /// Its name.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Xz => "xz",
            Self::Lz4 => "lz4",
        }
    }
}

/// The bytes of a stream with its compression undone, where it has one.
pub(super) fn decompressed(
    mut reader: Box<dyn Read + Send>,
    limits: &Limits,
) -> io::Result<(Box<dyn Read + Send>, Option<Compression>)> {
    let mut start = Vec::with_capacity(MAGIC);
    reader.by_ref().take(MAGIC as u64).read_to_end(&mut start)?;
    let compression = Compression::recognise(&start);
    let whole = Cursor::new(start).chain(reader);
    let Some(form) = compression else {
        return Ok((Box::new(whole), None));
    };
    let source = BufReader::with_capacity(1 << 16, whole);
    let window = limits.decompression_window;
    let reader: Box<dyn Read + Send> = match form {
        Compression::Gzip => Box::new(MultiGzDecoder::new(source)),
        Compression::Zstd => Box::new(Zstd::new(source, window)),
        Compression::Xz => {
            // The dictionary, and what the decoder needs beside it.
            let kib = u32::try_from(window / 1024).unwrap_or(u32::MAX);
            Box::new(XzReader::new_mem_limit(
                source,
                true,
                kib.saturating_add(1024),
            ))
        }
        Compression::Lz4 => Box::new(Lz4(Lz4Decoder::new(source))),
    };
    let pieces = Pieces {
        reader,
        form,
        window,
    };
    Ok((Box::new(pieces), compression))
}

/// Reads in small pieces, and names the compression in errors.
struct Pieces {
    reader: Box<dyn Read + Send>,
    form: Compression,
    window: usize,
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = buffer.len().min(PIECE);
        let piece = buffer.get_mut(..len).unwrap_or_default();
        self.reader.read(piece).map_err(|error| {
            let kind = error.kind();
            if kind == ErrorKind::Interrupted {
                return error;
            }
            let name = self.form.name();
            let what = if kind == ErrorKind::OutOfMemory {
                let mib = self.window >> 20;
                format!("{name} with a window beyond {mib} MiB: decompress it first with {name} -d")
            } else if is_end(&error) {
                format!("the {name} data is cut short: the frames before the cut were read")
            } else {
                format!("the {name} data is damaged ({error}): the frames before it were read")
            };
            io::Error::new(ErrorKind::InvalidData, what)
        })
    }
}

/// Whether an error says, at any depth, that the input ends.
fn is_end(error: &io::Error) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        let io = error.downcast_ref::<io::Error>();
        if io.is_some_and(|error| error.kind() == ErrorKind::UnexpectedEof) {
            return true;
        }
        // An I/O error hides the error it carries behind that one's own source.
        cause = match io.and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    false
}

/// LZ4 frames one after the other: the package's own reader stops after each.
struct Lz4<R: Read>(Lz4Decoder<R>);

impl<R: BufRead> Read for Lz4<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.0.read(buffer)?;
            if read > 0 || self.0.get_mut().fill_buf()?.is_empty() {
                return Ok(read);
            }
        }
    }
}

/// zstd frames one after the other, those to be skipped among them.
///
/// The package's own reader knows one frame, and keeps a window of good bytes back when it fails.
struct Zstd<R> {
    source: R,
    decoder: FrameDecoder,
    in_frame: bool,
    failed: Option<io::Error>,
}

impl<R: BufRead> Zstd<R> {
    fn new(source: R, window: usize) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(window as u64);
        Self {
            source,
            decoder,
            in_frame: false,
            failed: None,
        }
    }

    /// Begins the next frame that holds something; `false` at the end of the input.
    fn begin_frame(&mut self) -> io::Result<bool> {
        while !self.source.fill_buf()?.is_empty() {
            match self.decoder.reset(&mut self.source) {
                Ok(()) => {
                    self.in_frame = true;
                    return Ok(true);
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let mut skipped = self.source.by_ref().take(u64::from(length));
                    if io::copy(&mut skipped, &mut io::sink())? < u64::from(length) {
                        return Err(ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(error @ FrameDecoderError::WindowSizeTooBig { .. }) => {
                    return Err(io::Error::new(ErrorKind::OutOfMemory, error));
                }
                Err(error) => return Err(io::Error::other(error)),
            }
        }
        Ok(false)
    }

    /// Decodes the next block of the frame.
    fn decode_block(&mut self) {
        let one = BlockDecodingStrategy::UptoBlocks(1);
        if let Err(error) = self.decoder.decode_blocks(&mut self.source, one) {
            self.failed = Some(io::Error::other(error));
            // An empty last block, and a checksum that nobody looks at: what is decoded can go.
            let end: &[u8] = &[1, 0, 0, 0, 0, 0, 0];
            let _ = self.decoder.decode_blocks(end, BlockDecodingStrategy::All);
        }
    }

    /// Whether the content of the frame is what was compressed.
    fn check(&self) -> io::Result<()> {
        match self.decoder.get_checksum_from_data() {
            Some(sum) if self.decoder.get_calculated_checksum() != Some(sum) => {
                Err(io::Error::new(ErrorKind::InvalidData, "wrong checksum"))
            }
            _ => Ok(()),
        }
    }
}

impl<R: BufRead> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.decoder.can_collect() > 0 {
                return self.decoder.read(buffer);
            }
            if let Some(error) = self.failed.take() {
                return Err(error);
            }
            if self.in_frame && !self.decoder.is_finished() {
                self.decode_block();
                continue;
            }
            if self.in_frame {
                self.in_frame = false;
                self.check()?;
            }
            if !self.begin_frame()? {
                return Ok(0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decompress(bytes: &[u8], window: usize) -> (Vec<u8>, Option<String>) {
        let limits = Limits {
            decompression_window: window,
            ..Limits::default()
        };
        let (mut reader, _) = decompressed(Box::new(Cursor::new(bytes.to_vec())), &limits).unwrap();
        let mut out = Vec::new();
        let error = reader.read_to_end(&mut out).err();
        (out, error.map(|error| error.to_string()))
    }

    /// A zstd frame with a window of 2^`log` bytes and one raw block.
    fn zstd(log: u8, content: &[u8]) -> Vec<u8> {
        let header = u32::try_from(content.len()).unwrap() << 3 | 1;
        let mut bytes = vec![0x28, 0xb5, 0x2f, 0xfd, 0, (log - 10) << 3];
        bytes.extend_from_slice(header.to_le_bytes().get(..3).unwrap());
        bytes.extend_from_slice(content);
        bytes
    }

    #[test]
    fn what_is_not_compressed_stays_as_it_is() {
        for bytes in [&b""[..], b"\x1f", b"\x1f\x8b\x07", b"some text", b"\xfd7zX"] {
            assert_eq!(decompress(bytes, 1 << 20), (bytes.to_vec(), None));
        }
    }

    #[test]
    fn frames_of_zstd_follow_each_other_and_some_are_skipped() {
        let skipped = [&[0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"xyz"].concat();
        let all = [
            &skipped[..],
            &zstd(10, b"one "),
            &skipped,
            &zstd(12, b""),
            &zstd(12, b"two"),
        ]
        .concat();
        assert_eq!(decompress(&all, 1 << 20), (b"one two".to_vec(), None));
        let cut = all.get(..all.len() - 1).unwrap();
        let (out, error) = decompress(cut, 1 << 20);
        assert_eq!(out, b"one ");
        assert!(error.unwrap().contains("zstd data is cut short"));
        let (out, error) = decompress(skipped.get(..9).unwrap(), 1 << 20);
        assert_eq!(out, b"");
        assert!(error.unwrap().contains("cut short"));
    }

    #[test]
    fn a_window_beyond_the_bound_is_refused() {
        let (out, error) = decompress(&zstd(30, b"x"), 64 << 20);
        assert_eq!(out, b"");
        let remedy = "zstd with a window beyond 64 MiB: decompress it first with zstd -d";
        assert_eq!(error.unwrap(), remedy);
        // Preset 6 of xz has a dictionary of 8 MiB.
        let options = lzma_rust2::XzOptions::with_preset(6);
        let mut writer = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
        io::Write::write_all(&mut writer, b"x").unwrap();
        let xz = writer.finish().unwrap();
        assert_eq!(decompress(&xz, 8 << 20), (b"x".to_vec(), None));
        let (_, error) = decompress(&xz, 4 << 20);
        assert!(error.unwrap().contains("xz with a window beyond 4 MiB"));
    }

    #[test]
    fn damage_costs_what_stands_after_it() {
        let good = vec![7_u8; 10_000];
        // A first block of raw bytes that is not the last, then one of a type that is none.
        let mut bytes = vec![0x28, 0xb5, 0x2f, 0xfd, 0, 8 << 3];
        bytes.extend_from_slice((10_000_u32 << 3).to_le_bytes().get(..3).unwrap());
        bytes.extend_from_slice(&good);
        bytes.extend_from_slice(&[6, 0, 0]);
        let (out, error) = decompress(&bytes, 1 << 20);
        assert_eq!(out, good);
        assert!(error.unwrap().contains("zstd data is damaged"));
    }
}
