//! A byte stream in blocks, which are read by whoever has time for it: the thread that wants the next one, or
//! another one before that.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

/// Bytes of a block.
const BLOCK: usize = 256 << 10;

/// Room before them, for the end of the block before: a record that lies in both. Longer ones are rare.
pub(super) const HEADROOM: usize = 64 << 10;

/// Blocks that are read ahead.
const AHEAD: usize = 2;

/// A piece of the stream.
pub(super) struct Block {
    /// [`HEADROOM`], then what was read.
    pub(super) bytes: Vec<u8>,
    /// Where it ends.
    pub(super) end: usize,
}

/// The stream. Of its two locks the one of the reader is taken first.
#[derive(Clone)]
pub struct ReadAhead {
    reader: Arc<Mutex<Box<dyn Read + Send>>>,
    blocks: Arc<Mutex<Blocks>>,
}

#[derive(Default)]
struct Blocks {
    filled: VecDeque<io::Result<Block>>,
    spent: Vec<Vec<u8>>,
    /// There are no others.
    over: bool,
}

impl ReadAhead {
    /// The rest of what a reader has, which is never silent.
    pub(super) fn new(reader: Box<dyn Read + Send>) -> Self {
        Self {
            reader: Arc::new(Mutex::new(reader)),
            blocks: Arc::default(),
        }
    }

    /// Reads a block ahead, unless enough are, or somebody else does it; whether one was read.
    #[must_use]
    pub fn help(&self) -> bool {
        match self.reader.try_lock() {
            Ok(mut reader) => {
                let blocks = self.blocks();
                let wants = !blocks.over && blocks.filled.len() < AHEAD;
                drop(blocks);
                if wants {
                    self.read(&mut **reader);
                }
                wants
            }
            Err(TryLockError::WouldBlock | TryLockError::Poisoned(_)) => false,
        }
    }

    /// The next block; `None` at the end.
    pub(super) fn next(&self) -> io::Result<Option<Block>> {
        if let Some(block) = self.take() {
            return block.map(Some);
        }
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        // Somebody may just have read it.
        if self.blocks().filled.is_empty() && !self.blocks().over {
            self.read(&mut **reader);
        }
        self.take().transpose()
    }

    /// Gives the room of a block back, to be used again.
    pub(super) fn give_back(&self, bytes: Vec<u8>) {
        self.blocks().spent.push(bytes);
    }

    fn take(&self) -> Option<io::Result<Block>> {
        self.blocks().filled.pop_front()
    }

    fn blocks(&self) -> MutexGuard<'_, Blocks> {
        self.blocks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the next block, and puts it to the others.
    fn read(&self, reader: &mut dyn Read) {
        let mut bytes = self.blocks().spent.pop().unwrap_or_default();
        bytes.resize(HEADROOM + BLOCK, 0);
        let mut end = HEADROOM;
        let last = loop {
            let free = bytes.get_mut(end..).unwrap_or_default();
            if free.is_empty() {
                break None;
            }
            match reader.read(free) {
                Ok(0) => break Some(None),
                Ok(n) => end += n.min(free.len()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => break Some(Some(error)),
            }
        };
        let mut blocks = self.blocks();
        if end > HEADROOM {
            blocks.filled.push_back(Ok(Block { bytes, end }));
        }
        if let Some(error) = last {
            blocks.over = true;
            blocks.filled.extend(error.map(Err));
        }
    }
}
