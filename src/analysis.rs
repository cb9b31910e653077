//! Frames in, transactions out: the layers put together.
//!
//! ```
//! use corshark::analysis::Analysis;
//! use corshark::limits::Limits;
//!
//! let mut analysis = Analysis::new(&Limits::default());
//! // For each frame: analysis.push_frame(&frame); and look at analysis.drain_updates().
//! analysis.finish();
//! assert_eq!(analysis.drain_updates().count(), 0);
//! ```

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::sync::Arc;

use crate::capture::frame::{Frame, FrameNumber, Timestamp};
use crate::cors::browser::Assumptions;
use crate::cors::pairing::Pairing;
use crate::cors::transaction::Transaction;
use crate::decode::{Decoder, Unusable};
use crate::http::exchange::{Exchange, HttpEvent};
use crate::http::h1::Http1Connection;
use crate::http::{HttpOutput, HttpStats};
use crate::limits::Limits;
use crate::tcp::{ConnectionTable, TcpStats};

/// Something that was found.
#[derive(Debug, Clone)]
pub enum Update {
    /// An exchange is over.
    Exchange(Arc<Exchange>),
    /// A transaction is settled: it will not change any more.
    Transaction(Arc<Transaction>),
}

/// What became of the frames.
#[derive(Debug, Clone, Default)]
pub struct FrameStats {
    /// Frames read.
    pub frames: u64,
    /// Frames that held, or completed, a TCP segment.
    pub tcp: u64,
    /// The others, in the order of [`Unusable::ALL`].
    pub unusable: [u64; Unusable::ALL.len()],
    /// Fragmented datagrams that were given up.
    pub datagrams_dropped: u64,
}

/// All counters of an analysis.
#[derive(Debug, Clone, Default)]
pub struct Stats {
    /// Frames.
    pub frames: FrameStats,
    /// Connections and segments.
    pub tcp: TcpStats,
    /// Exchanges.
    pub http: HttpStats,
}

/// The whole way from frames to verdicts, for one capture.
pub struct Analysis {
    decoder: Decoder,
    connections: ConnectionTable<Http1Connection>,
    output: HttpOutput,
    order: TimeOrder,
    pairing: Pairing,
    updates: Vec<Update>,
    frames: FrameStats,
    /// The latest frame.
    last: FrameNumber,
}

impl Analysis {
    /// An analysis that keeps to `limits`.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            decoder: Decoder::new(limits),
            connections: ConnectionTable::new(limits),
            output: HttpOutput::new(limits),
            order: TimeOrder::new(limits),
            pairing: Pairing::new(limits),
            updates: Vec::new(),
            frames: FrameStats::default(),
            last: FrameNumber::default(),
        }
    }

    /// The same analysis, judging under these assumptions.
    #[must_use]
    pub fn assuming(mut self, assumptions: Assumptions) -> Self {
        self.pairing.assume(assumptions);
        self
    }

    /// Takes the next frame.
    pub fn push_frame(&mut self, frame: &Frame<'_>) {
        self.frames.frames += 1;
        let now = self.order.observe(frame.time);
        match self.decoder.decode(frame) {
            Ok(segment) => {
                self.frames.tcp += 1;
                self.connections.push(&segment, now, &mut self.output);
            }
            Err(reason) => {
                let place = Unusable::ALL.iter().position(|r| *r == reason);
                if let Some(count) = place.and_then(|at| self.frames.unusable.get_mut(at)) {
                    *count += 1;
                }
            }
        }
        self.last = frame.number;
        self.advance(now);
    }

    /// The wire is silent, and it is `now`: ends waiting that the silence has answered.
    ///
    /// Capture time never runs backwards; frames of an earlier time may still come.
    pub fn advance_to(&mut self, now: Timestamp) {
        let now = self.order.observe(now);
        self.advance(now);
    }

    fn advance(&mut self, now: Timestamp) {
        self.connections.advance(self.last, now, &mut self.output);
        self.order.take(self.last, &mut self.output);
        while let Some((time, event)) = self.order.next(self.last) {
            self.on_http(time, event);
        }
        self.pairing.advance(self.order.settled_time());
        self.collect();
    }

    /// The capture is over: settles what is open.
    pub fn finish(&mut self) {
        self.connections.finish(&mut self.output);
        self.order.take(FrameNumber(u64::MAX), &mut self.output);
        while let Some((time, event)) = self.order.next_of_all() {
            self.on_http(time, event);
        }
        self.pairing.finish();
        self.collect();
    }

    /// Takes what was found since the last call, in the order in which it was settled.
    pub fn drain_updates(&mut self) -> std::vec::Drain<'_, Update> {
        self.updates.drain(..)
    }

    /// The counters.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let mut frames = self.frames.clone();
        frames.datagrams_dropped = self.decoder.datagrams_dropped();
        Stats {
            frames,
            tcp: self.connections.stats().clone(),
            http: self.output.stats().clone(),
        }
    }

    fn on_http(&mut self, time: Timestamp, event: HttpEvent) {
        self.pairing.advance(time);
        match event {
            HttpEvent::Requested {
                id,
                connection,
                head,
                start,
                frames,
            } => self
                .pairing
                .on_requested(id, &connection, &head, start, frames),
            HttpEvent::Responded { id, head, time } => {
                self.pairing.on_responded(id, &head, time);
            }
            HttpEvent::Finished(exchange) => {
                self.pairing.on_finished(&exchange);
                self.collect();
                self.updates.push(Update::Exchange(exchange));
            }
        }
    }

    fn collect(&mut self) {
        let settled = self.pairing.drain();
        self.updates
            .extend(settled.map(|t| Update::Transaction(Arc::new(t))));
    }
}

/// Brings events of different connections into the order of their time.
///
/// A capture can show a frame late, so that an actual request stands before its preflight's answer.
/// Events are held back until no earlier one can come: for so many frames, or so much capture time.
///
/// Nearly all events come in their order: those queue up, and only the others are sorted in.
struct TimeOrder {
    in_order: VecDeque<Waiting>,
    late: BinaryHeap<Reverse<Waiting>>,
    /// The latest time seen.
    now: Timestamp,
    count: u64,
    frames: u64,
    window: std::time::Duration,
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
    fn new(limits: &Limits) -> Self {
        Self {
            in_order: VecDeque::new(),
            late: BinaryHeap::new(),
            now: Timestamp::MIN,
            count: 0,
            frames: limits.reorder_frames,
            window: limits.reorder_time,
        }
    }

    /// Capture time after a frame: it never runs backwards.
    fn observe(&mut self, time: Timestamp) -> Timestamp {
        self.now = self.now.max(time);
        self.now
    }

    /// The time before which nothing can come any more.
    fn settled_time(&self) -> Timestamp {
        self.now.minus(self.window)
    }

    /// Takes the events of a frame.
    fn take(&mut self, frame: FrameNumber, output: &mut HttpOutput) {
        let earliest = self.settled_time();
        for (at, event) in output.drain() {
            self.count += 1;
            let waiting = Waiting {
                // Clocks that run backwards do not reorder: beyond the window, arrival counts.
                time: at.time.max(earliest),
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
    fn next(&mut self, frame: FrameNumber) -> Option<(Timestamp, HttpEvent)> {
        let first = match (self.in_order.front(), self.late.peek()) {
            (Some(first), Some(Reverse(late))) => first.min(late),
            (first, late) => first.or(late.map(|Reverse(late)| late))?,
        };
        let late = frame.0.saturating_sub(first.frame.0) > self.frames;
        if !late && first.time > self.settled_time() {
            return None;
        }
        self.next_of_all()
    }

    /// The next event, whatever may come.
    fn next_of_all(&mut self) -> Option<(Timestamp, HttpEvent)> {
        let late = self.late.peek().map(|Reverse(late)| late);
        let first = match self.in_order.front() {
            Some(first) if late.is_none_or(|late| first < late) => self.in_order.pop_front()?,
            _ => self.late.pop()?.0,
        };
        Some((first.time, first.event))
    }
}
