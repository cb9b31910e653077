//! A window on a byte stream that grows to the record at hand and no further.

use std::io::{self, Read};

/// How much is read at once: large enough that system calls do not count, small enough for a core's
/// own cache.
const READ_SIZE: usize = 256 << 10;

/// Bytes of the input from the current record on.
pub(super) struct Buffer {
    reader: Box<dyn Read + Send>,
    bytes: Vec<u8>,
    /// `bytes[start..end]` is read and not yet consumed.
    start: usize,
    end: usize,
    /// Position in the input of `bytes[start]`.
    offset: u64,
}

impl Buffer {
    pub(super) fn new(reader: Box<dyn Read + Send>) -> Self {
        Self {
            reader,
            bytes: vec![0; READ_SIZE],
            start: 0,
            end: 0,
            offset: 0,
        }
    }

    /// A window on what stands from a place of the input on.
    pub(super) fn starting_at(offset: u64, reader: Box<dyn Read + Send>) -> Self {
        Self {
            offset,
            ..Self::new(reader)
        }
    }

    /// Position in the input of the first unconsumed byte.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// The unconsumed bytes that are at hand.
    #[inline]
    pub(super) fn peek(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// Reads until `len` bytes are at hand; `false` where the input ends before.
    #[inline]
    pub(super) fn fill(&mut self, len: usize) -> io::Result<bool> {
        if self.end - self.start >= len {
            return Ok(true);
        }
        self.read_until(len)
    }

    #[cold]
    fn read_until(&mut self, len: usize) -> io::Result<bool> {
        self.bytes.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if self.bytes.len() < len {
            self.bytes.resize(len.next_multiple_of(READ_SIZE), 0);
        }
        while self.end < len {
            let free = self.bytes.get_mut(self.end..).unwrap_or_default();
            match self.reader.read(free) {
                Ok(0) => return Ok(false),
                Ok(n) => self.end += n.min(free.len()),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(true)
    }

    /// Takes `len` bytes that are at hand; they stay readable until the next `fill`.
    #[inline]
    pub(super) fn take(&mut self, len: usize) -> &[u8] {
        let from = self.start;
        let to = self.end.min(from + len);
        self.start = to;
        self.offset += (to - from) as u64;
        self.bytes.get(from..to).unwrap_or_default()
    }

    /// Passes over `len` bytes without keeping them; how many are left where the input ends before.
    pub(super) fn skip(&mut self, mut len: u64) -> io::Result<u64> {
        loop {
            let here = len.min((self.end - self.start) as u64);
            self.take(usize::try_from(here).unwrap_or(usize::MAX));
            len -= here;
            if len == 0 {
                return Ok(0);
            }
            match self.fill(1) {
                Ok(true) => {}
                Ok(false) => return Ok(len),
                // What is passed over cannot be taken up again: this waits for it.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// Reads unsigned integers in the byte order of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ByteOrder {
    Little,
    Big,
}

impl ByteOrder {
    /// The 32-bit number at `at`; 0 beyond the end (callers check lengths first).
    #[inline]
    pub(super) fn u32(self, bytes: &[u8], at: usize) -> u32 {
        match bytes.get(at..).and_then(<[u8]>::first_chunk) {
            Some(four) => match self {
                Self::Little => u32::from_le_bytes(*four),
                Self::Big => u32::from_be_bytes(*four),
            },
            None => 0,
        }
    }

    /// The 16-bit number at `at`; 0 beyond the end.
    pub(super) fn u16(self, bytes: &[u8], at: usize) -> u16 {
        match bytes.get(at..).and_then(<[u8]>::first_chunk) {
            Some(two) => match self {
                Self::Little => u16::from_le_bytes(*two),
                Self::Big => u16::from_be_bytes(*two),
            },
            None => 0,
        }
    }
}
