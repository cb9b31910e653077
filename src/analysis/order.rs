//! Events in the order of their time.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use crate::capture::frame::{FrameNumber, Timestamp};
use crate::http::exchange::HttpEvent;
use crate::limits::Limits;
use crate::tcp::At;

/// Brings events of different connections into the order of their time.
///
/// A capture can show a frame late, so that an actual request stands before its preflight's answer.
/// Events are held back until no earlier one can come: for so many frames, or so much capture time.
///
/// Nearly all events come in their order: those queue up, and only the others are sorted in.
pub(super) struct TimeOrder {
    in_order: VecDeque<Waiting>,
    late: BinaryHeap<Reverse<Waiting>>,
    /// The time before which nothing comes any more.
    over: Timestamp,
    /// The time before which events may have been handed out already.
    handed_out: Timestamp,
    count: u64,
    frames: u64,
}

struct Waiting {
    time: Timestamp,
    count: u64,
    frame: FrameNumber,
    event: HttpEvent,
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.count == other.count
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.time, self.count).cmp(&(other.time, other.count))
    }
}

impl TimeOrder {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            in_order: VecDeque::new(),
            late: BinaryHeap::new(),
            over: Timestamp::MIN,
            handed_out: Timestamp::MIN,
            count: 0,
            frames: limits.reorder_frames,
        }
    }

    /// Nothing of before this time comes any more.
    pub(super) fn advance(&mut self, over: Timestamp) {
        self.handed_out = self.over;
        self.over = over;
    }

    /// Takes the events of a frame.
    pub(super) fn take(
        &mut self,
        frame: FrameNumber,
        events: impl Iterator<Item = (At, HttpEvent)>,
    ) {
        for (at, event) in events {
            self.count += 1;
            let waiting = Waiting {
                // Clocks that run backwards do not reorder: beyond the window, arrival counts. What
                // this very step brought to light, such as a reset that waited, is within it.
                time: at.time.max(self.handed_out),
                count: self.count,
                frame,
                event,
            };
            match self.in_order.back() {
                Some(last) if last.time > waiting.time => self.late.push(Reverse(waiting)),
                _ => self.in_order.push_back(waiting),
            }
        }
    }

    /// The next event that nothing earlier can precede.
    #[inline]
    pub(super) fn next(&mut self, frame: FrameNumber) -> Option<(Timestamp, HttpEvent)> {
        let first = match (self.in_order.front(), self.late.peek()) {
            (Some(first), Some(Reverse(late))) => first.min(late),
            (first, late) => first.or(late.map(|Reverse(late)| late))?,
        };
        let late = frame.0.saturating_sub(first.frame.0) > self.frames;
        if !late && first.time > self.over {
            return None;
        }
        self.next_of_all()
    }

    /// The next event, whatever may come.
    pub(super) fn next_of_all(&mut self) -> Option<(Timestamp, HttpEvent)> {
        let late = self.late.peek().map(|Reverse(late)| late);
        let first = match self.in_order.front() {
            Some(first) if late.is_none_or(|late| first < late) => self.in_order.pop_front()?,
            _ => self.late.pop()?.0,
        };
        Some((first.time, first.event))
    }
}
