//! Frames on their way from the thread that captures to the one that analyses: a bounded queue of
//! batches.
//!
//! The capturing thread never waits for the analysis. Where the queue is full the batch is thrown
//! away and counted, so that what the kernel holds is still fetched and still recorded.

use std::collections::VecDeque;
use std::mem;
use std::ops::Range;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::capture::frame::{LinkType, Timestamp};
use crate::capture::{CaptureError, Drops};

/// What is known of a captured frame besides its bytes.
#[derive(Debug, Clone)]
pub(super) struct Captured {
    pub(super) time: Timestamp,
    /// Which of the interfaces, in the order in which they were asked for.
    pub(super) interface: usize,
    pub(super) link_type: LinkType,
    /// How long it was on the wire.
    pub(super) length: u32,
    /// Where its bytes are.
    bytes: Range<usize>,
}

/// Frames that were fetched together.
#[derive(Debug, Default)]
pub(super) struct Batch {
    bytes: Vec<u8>,
    frames: Vec<Captured>,
    /// The number of its first frame.
    pub(super) first: u64,
}

impl Batch {
    /// Takes a copy of a frame.
    pub(super) fn push(
        &mut self,
        time: Timestamp,
        interface: usize,
        link_type: LinkType,
        length: u32,
        bytes: &[u8],
    ) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        self.frames.push(Captured {
            time,
            interface,
            link_type,
            length,
            bytes: start..self.bytes.len(),
        });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Frames.
    pub(super) fn len(&self) -> usize {
        self.frames.len()
    }

    /// Bytes of its frames.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// What it holds in memory.
    pub(super) fn size(&self) -> usize {
        self.bytes.len() + self.frames.len() * size_of::<Captured>()
    }

    /// The frame at a place, and its bytes.
    pub(super) fn get(&self, at: usize) -> Option<(&Captured, &[u8])> {
        let frame = self.frames.get(at)?;
        Some((frame, self.bytes.get(frame.bytes.clone())?))
    }

    /// The frames in order, and their bytes.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Captured, &[u8])> {
        (0..self.len()).filter_map(|at| self.get(at))
    }

    /// The latest time in it.
    pub(super) fn latest(&self) -> Option<Timestamp> {
        self.frames.iter().map(|frame| frame.time).max()
    }

    /// Brings frames of several interfaces into the order of their time; equal times stay as they
    /// came.
    pub(super) fn sort(&mut self) {
        self.frames.sort_by_key(|frame| frame.time);
    }

    /// Keeps only so many frames.
    pub(super) fn truncate(&mut self, frames: usize) {
        self.frames.truncate(frames);
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.frames.clear();
    }

    /// Takes what follows on it.
    fn append(&mut self, later: &Batch) {
        for (frame, bytes) in later.iter() {
            self.push(
                frame.time,
                frame.interface,
                frame.link_type,
                frame.length,
                bytes,
            );
        }
    }
}

/// What the analysing side finds in the queue.
#[derive(Debug)]
pub(super) enum Taken {
    /// Frames.
    Batch(Batch),
    /// None for now.
    Idle,
    /// None any more.
    End(Result<(), CaptureError>),
}

#[derive(Debug)]
struct State {
    waiting: VecDeque<Batch>,
    /// The sizes of `waiting`, summed.
    size: usize,
    /// Emptied batches, whose memory is used again.
    spare: Vec<Batch>,
    end: Option<Result<(), CaptureError>>,
    drops: Drops,
}

/// The queue; both sides share it.
#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
    /// What may wait at once, in bytes.
    limit: usize,
    /// What one batch may grow to.
    batch: usize,
}

/// Emptied batches that are kept: one for each side.
const SPARE: usize = 2;

impl Queue {
    /// A queue that holds so many bytes, in batches of about so many.
    pub(super) fn new(limit: usize, batch: usize) -> Self {
        Self {
            state: Mutex::new(State {
                waiting: VecDeque::new(),
                size: 0,
                spare: Vec::new(),
                end: None,
                drops: Drops::default(),
            }),
            changed: Condvar::new(),
            limit,
            batch,
        }
    }

    /// A lock that a panic elsewhere left behind is still good: every change below is whole.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands over a batch and leaves an empty one in its place.
    pub(super) fn push(&self, batch: &mut Batch) {
        if batch.is_empty() {
            return;
        }
        let mut state = self.lock();
        let size = batch.size();
        if state.size + size > self.limit {
            state.drops.analysis += batch.len() as u64;
            batch.clear();
            return;
        }
        state.size += size;
        // Many small batches would hold much memory that they do not use.
        let last = state.waiting.back_mut();
        if let Some(last) = last.filter(|last| {
            last.first + last.len() as u64 == batch.first && last.size() + size <= self.batch
        }) {
            last.append(batch);
            batch.clear();
        } else {
            let spare = state.spare.pop().unwrap_or_default();
            state.waiting.push_back(mem::replace(batch, spare));
        }
        drop(state);
        self.changed.notify_one();
    }

    /// Says that no more frames come, and why where that was not wished.
    pub(super) fn end(&self, how: Result<(), CaptureError>) {
        self.lock().end = Some(how);
        self.changed.notify_one();
    }

    /// Waits so long for what comes next, and takes back a batch that was read.
    pub(super) fn take(&self, mut spent: Batch, patience: Duration) -> Taken {
        spent.clear();
        let mut state = self.lock();
        if state.spare.len() < SPARE {
            state.spare.push(spent);
        }
        let is_empty = |state: &mut State| state.waiting.is_empty() && state.end.is_none();
        if is_empty(&mut state) {
            let waited = self.changed.wait_timeout_while(state, patience, is_empty);
            (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
        if let Some(batch) = state.waiting.pop_front() {
            state.size -= batch.size();
            return Taken::Batch(batch);
        }
        state.end.take().map_or(Taken::Idle, Taken::End)
    }

    /// What was lost so far.
    pub(super) fn drops(&self) -> Drops {
        self.lock().drops
    }

    /// Sets what the kernel says that it dropped.
    pub(super) fn set_kernel_drops(&self, kernel: u64, interface: u64) {
        let drops = &mut self.lock().drops;
        drops.kernel = kernel;
        drops.interface = interface;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_TIME: Duration = Duration::ZERO;

    fn batch(first: u64, payloads: &[&str]) -> Batch {
        let mut batch = Batch {
            first,
            ..Batch::default()
        };
        for (seconds, payload) in (0..).zip(payloads) {
            let time = Timestamp::new(seconds, 0);
            let length = u32::try_from(payload.len()).unwrap();
            batch.push(time, 0, LinkType(1), length, payload.as_bytes());
        }
        batch
    }

    fn payloads(batch: &Batch) -> Vec<&str> {
        batch
            .iter()
            .map(|(_, bytes)| std::str::from_utf8(bytes).unwrap())
            .collect()
    }

    #[test]
    fn batches_come_out_in_order_and_small_ones_are_joined() {
        let queue = Queue::new(1 << 20, 1 << 10);
        queue.push(&mut batch(1, &["a", "b"]));
        queue.push(&mut batch(3, &["c"]));
        let Taken::Batch(joined) = queue.take(Batch::default(), NO_TIME) else {
            panic!("a batch was pushed");
        };
        assert_eq!((joined.first, payloads(&joined)), (1, vec!["a", "b", "c"]));
        assert!(matches!(queue.take(joined, NO_TIME), Taken::Idle));
    }

    #[test]
    fn what_does_not_fit_is_thrown_away_and_counted() {
        let size = batch(1, &["aaaa", "bbbb"]).size();
        let queue = Queue::new(size, 1);
        queue.push(&mut batch(1, &["aaaa", "bbbb"]));
        let mut too_many = batch(3, &["cccc", "dddd", "eeee"]);
        queue.push(&mut too_many);
        assert!(too_many.is_empty(), "it can be filled again");
        assert_eq!(queue.drops().analysis, 3);
        let Taken::Batch(first) = queue.take(Batch::default(), NO_TIME) else {
            panic!("a batch was pushed");
        };
        // There is room again, and the numbers show what is missing.
        queue.push(&mut batch(6, &["ffff"]));
        let Taken::Batch(later) = queue.take(first, NO_TIME) else {
            panic!("a batch was pushed");
        };
        assert_eq!((later.first, payloads(&later)), (6, vec!["ffff"]));
    }

    #[test]
    fn a_batch_is_not_joined_to_one_that_it_does_not_follow() {
        let queue = Queue::new(1 << 20, 1 << 10);
        queue.push(&mut batch(1, &["a"]));
        queue.push(&mut batch(5, &["b"]));
        let Taken::Batch(first) = queue.take(Batch::default(), NO_TIME) else {
            panic!("a batch was pushed");
        };
        assert_eq!(payloads(&first), ["a"]);
    }

    #[test]
    fn the_end_comes_after_what_waits() {
        let queue = Queue::new(1 << 20, 1 << 10);
        queue.push(&mut batch(1, &["a"]));
        queue.end(Ok(()));
        assert!(matches!(
            queue.take(Batch::default(), NO_TIME),
            Taken::Batch(_)
        ));
        assert!(matches!(
            queue.take(Batch::default(), NO_TIME),
            Taken::End(Ok(()))
        ));
    }

    #[test]
    fn frames_of_several_interfaces_come_in_the_order_of_their_time() {
        let mut batch = Batch::default();
        for (seconds, interface, payload) in [(2, 0, "b"), (4, 0, "d"), (1, 1, "a"), (2, 1, "c")] {
            let time = Timestamp::new(seconds, 0);
            batch.push(time, interface, LinkType(1), 1, payload.as_bytes());
        }
        batch.sort();
        assert_eq!(payloads(&batch), ["a", "b", "c", "d"]);
        assert_eq!(batch.latest(), Some(Timestamp::new(4, 0)));
    }
}
