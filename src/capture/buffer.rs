//! A window on a byte stream that grows to the record at hand and no further.

use std::io::{self, Read};
use std::mem;

use crate::capture::ahead::{HEADROOM, ReadAhead};

/// How much is read at once: large enough that system calls do not count, small enough for a core's
/// own cache.
const READ_SIZE: usize = 256 << 10;

enum Input {
    Reader(Box<dyn Read + Send>),
    Ahead(ReadAhead),
}

/// Bytes of the input from the current record on.
pub(super) struct Buffer {
    input: Input,
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
            input: Input::Reader(reader),
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

    /// The input may be read ahead from now on, by another thread too; it is never silent.
    pub(super) fn read_ahead(&mut self) -> ReadAhead {
        let ahead = match &mut self.input {
            Input::Ahead(ahead) => ahead.clone(),
            Input::Reader(reader) => ReadAhead::new(mem::replace(reader, Box::new(io::empty()))),
        };
        self.input = Input::Ahead(ahead.clone());
        ahead
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
        while self.end - self.start < len {
            let more = match &mut self.input {
                Input::Ahead(_) => self.take_block()?,
                Input::Reader(_) => self.read(len)?,
            };
            if !more {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Reads what there is room for, of a record of this length at least; `false` at the end.
    fn read(&mut self, len: usize) -> io::Result<bool> {
        let Input::Reader(reader) = &mut self.input else {
            return Ok(false);
        };
        self.bytes.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if self.bytes.len() < len {
            self.bytes.resize(len.next_multiple_of(READ_SIZE), 0);
        }
        let free = self.bytes.get_mut(self.end..).unwrap_or_default();
        match reader.read(free) {
            Ok(n) => {
                self.end += n.min(free.len());
                Ok(n > 0)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Takes the next block, behind what is left of this one; `false` at the end.
    fn take_block(&mut self) -> io::Result<bool> {
        let Input::Ahead(ahead) = &mut self.input else {
            return Ok(false);
        };
        let Some(mut block) = ahead.next()? else {
            return Ok(false);
        };
        let rest = self.bytes.get(self.start..self.end).unwrap_or_default();
        let room = HEADROOM.checked_sub(rest.len());
        if let Some(start) = room
            && let Some(before) = block.bytes.get_mut(start..HEADROOM)
        {
            before.copy_from_slice(rest);
            (self.start, self.end) = (start, block.end);
            ahead.give_back(mem::replace(&mut self.bytes, block.bytes));
        } else {
            self.bytes.truncate(self.end);
            self.bytes.drain(..self.start);
            let more = block.bytes.get(HEADROOM..block.end).unwrap_or_default();
            self.bytes.extend_from_slice(more);
            (self.start, self.end) = (0, self.bytes.len());
            ahead.give_back(block.bytes);
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

    /// Three 32-bit numbers, one behind the other.
    #[inline]
    pub(super) fn words(self, bytes: &[u8; 12]) -> [u32; 3] {
        [0, 4, 8].map(|at| self.u32(bytes, at))
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a few bytes at a time, and then fails.
    struct Faulty(io::Cursor<Vec<u8>>);

    impl Read for Faulty {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let len = buffer.len().min(70_001);
            match self.0.read(buffer.get_mut(..len).unwrap_or_default())? {
                0 => Err(io::ErrorKind::InvalidData.into()),
                read => Ok(read),
            }
        }
    }

    #[test]
    fn what_is_read_ahead_is_the_same() {
        let bytes: Vec<u8> = (0..3_000_000_u32).flat_map(u32::to_le_bytes).collect();
        let records = [1, 60_000, 5, 66_000, 700_000, 1500, 262_144, 327_680, 9];
        let mut plain = Buffer::new(Box::new(Faulty(io::Cursor::new(bytes.clone()))));
        let mut ahead = Buffer::new(Box::new(Faulty(io::Cursor::new(bytes))));
        plain.fill(4).unwrap();
        ahead.fill(4).unwrap();
        let help = ahead.read_ahead();
        std::thread::scope(|scope| {
            let (done, is_done) = std::sync::mpsc::channel::<()>();
            scope.spawn(move || {
                let over = Err(std::sync::mpsc::TryRecvError::Disconnected);
                while is_done.try_recv() != over {
                    let _ = help.help();
                }
            });
            for len in records.into_iter().cycle() {
                let there = plain.fill(len);
                assert_eq!(there.is_ok(), ahead.fill(len).is_ok());
                assert_eq!(plain.offset(), ahead.offset());
                if there.is_err() {
                    break;
                }
                assert!(plain.take(len) == ahead.take(len));
            }
            drop(done);
        });
        assert!(plain.peek() == ahead.peek() && plain.offset() > 11_000_000);
    }
}
