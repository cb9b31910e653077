//! One direction of a connection: segments in any order → bytes in order.
//!
//! Positions are *stream offsets*: 64-bit, so that they do not wrap; 0 is the first sequence number
//! that was heard of. `next` is the first byte not yet handed on:
//!
//! ```text
//!        handed on        hole       waiting
//!   ├──────────────────┤..........├──────────┤
//!                      next       first waiting offset
//!                           ↑ acked: where the peer says it has everything before
//! ```

use std::collections::BTreeMap;

use crate::decode::Segment;
use crate::tcp::At;
use crate::tcp::sequence::SeqNumber;

/// What a stored segment costs beside its payload, so that a flood of tiny ones is bounded too: its
/// place in a tree whose nodes are three quarters full, and its allocation.
const STORED_OVERHEAD: usize = 144;
/// What the first one costs besides: the tree's first node, and the backlog.
const BACKLOG_OVERHEAD: usize = 1024;
/// The largest window there is (RFC 7323 §2.3): nothing valid is further ahead.
const MAX_WINDOW: i64 = 1 << 30;

/// A segment that waits for its turn.
pub(super) struct Stored {
    pub(super) acknowledgement: Option<SeqNumber>,
    pub(super) bytes: Box<[u8]>,
    pub(super) cut: u32,
    pub(super) at: At,
}

impl Stored {
    pub(super) fn cost(&self) -> usize {
        self.bytes.len() + STORED_OVERHEAD
    }
}

/// Whether the capture holds a direction at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    /// No segment yet.
    Unseen,
    /// The other side acknowledges bytes that never show: its acknowledgements move this one.
    Absent,
    /// Segments were seen.
    Seen,
}

/// The reassembly state of one direction: small, as most directions wait for nothing.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts; there are two directions in every connection, so they are kept small"
)]
pub(super) struct Direction {
    /// Offset of the next byte to hand on.
    pub(super) next: i64,
    /// The peer has everything before this offset.
    pub(super) acked: i64,
    /// Sequence number of offset 0.
    origin: SeqNumber,
    /// The sequence number after the SYN's.
    handshake: SeqNumber,
    /// Whether `origin` is known: something was seen of this direction.
    has_origin: bool,
    /// Whether `handshake` is known: a SYN was seen.
    has_handshake: bool,
    /// Whether `next` is where the stream goes on, and not just what was seen first.
    pub(super) started: bool,
    /// Something was handed on.
    pub(super) delivered: bool,
    /// FIN was handed on; it takes the number before `next`.
    pub(super) finished: bool,
    pub(super) presence: Presence,
    backlog: Option<Box<Backlog>>,
}

/// What a direction holds while something in it waits for its turn.
#[derive(Default)]
struct Backlog {
    /// Offset of the FIN.
    fin: Option<i64>,
    /// Where a reset was captured. It counts only after a while: what came before it may be shown late.
    reset: Option<At>,
    waiting: BTreeMap<(i64, u32), Stored>,
    arrivals: u32,
    waiting_bytes: usize,
    /// Since when this direction cannot go on though it should, and at which offset.
    stuck_since: Option<(At, i64)>,
    /// The lowest acknowledgement of a stream whose beginning was not seen yet.
    acknowledged_early: Option<i64>,
}

impl Direction {
    pub(super) fn new() -> Self {
        Self {
            next: 0,
            acked: i64::MIN,
            origin: SeqNumber(0),
            handshake: SeqNumber(0),
            has_origin: false,
            has_handshake: false,
            started: false,
            delivered: false,
            finished: false,
            presence: Presence::Unseen,
            backlog: None,
        }
    }

    /// Whether nothing waits and nothing is missing, as far as is known.
    #[inline]
    pub(super) fn is_smooth(&self) -> bool {
        self.backlog.is_none() && !(self.started && self.acked > self.next)
    }

    /// Whether the stream goes on with this sequence number.
    #[inline]
    pub(super) fn is_at(&self, sequence: SeqNumber) -> bool {
        self.started && sequence == self.origin.plus(self.next)
    }

    /// Counts bytes at `next` that are handed on.
    #[inline]
    pub(super) fn hand_on(&mut self, bytes: usize) {
        self.delivered = true;
        self.next += i64::try_from(bytes).unwrap_or(0);
    }

    /// Takes an acknowledgement by the peer of what was handed on, while nothing waits here; `false`
    /// where it is not so, and nothing was done.
    #[inline]
    pub(super) fn acknowledge_handed_on(&mut self, number: SeqNumber) -> bool {
        let ahead = number.distance_from(self.origin.plus(self.next));
        let plain =
            self.started && ahead <= 0 && self.is_smooth() && self.presence != Presence::Absent;
        if plain {
            self.acked = self.acked.max(self.next + ahead);
        }
        plain
    }

    fn backlog(&mut self) -> &mut Backlog {
        self.backlog.get_or_insert_default()
    }

    /// Offset of the FIN, where one was seen.
    pub(super) fn fin(&self) -> Option<i64> {
        match &self.backlog {
            Some(backlog) if backlog.fin.is_some() => backlog.fin,
            _ => self.finished.then_some(self.next - 1),
        }
    }

    /// Takes a FIN. The first one of a stream counts; one further on is not of this connection.
    pub(super) fn take_fin(&mut self, offset: i64) {
        if !self.finished {
            let fin = &mut self.backlog().fin;
            *fin = Some(fin.map_or(offset, |fin| fin.min(offset)));
        }
    }

    /// The FIN is handed on.
    pub(super) fn finish(&mut self) {
        self.finished = true;
        self.next += 1;
    }

    /// Where this side reset the connection, if it did.
    pub(super) fn reset(&self) -> Option<At> {
        self.backlog.as_ref()?.reset
    }

    /// Takes a reset.
    pub(super) fn take_reset(&mut self, at: At) {
        self.backlog().reset.get_or_insert(at);
    }

    /// What waits here, in bytes and what they cost.
    pub(super) fn waiting_bytes(&self) -> usize {
        let backlog = self.backlog.as_ref();
        let waits = backlog.filter(|backlog| !backlog.waiting.is_empty());
        waits.map_or(0, |backlog| backlog.waiting_bytes + BACKLOG_OVERHEAD)
    }

    /// Since when this direction cannot go on though it should.
    pub(super) fn stuck_since(&self) -> Option<At> {
        Some(self.backlog.as_ref()?.stuck_since?.0)
    }

    /// Notes whether this direction can go on; none can while it is `undecided` where it begins.
    pub(super) fn update_stuck(&mut self, at: At, undecided: bool) {
        let next = self.next;
        if undecided || self.is_stuck() {
            let since = &mut self.backlog().stuck_since;
            if since.is_none_or(|(_, stuck_at)| stuck_at != next) {
                *since = Some((at, next));
            }
        } else if let Some(backlog) = &mut self.backlog {
            backlog.stuck_since = None;
            if backlog.waiting.is_empty()
                && backlog.reset.is_none()
                && (self.finished || backlog.fin.is_none())
            {
                self.backlog = None;
            }
        }
    }

    /// The stream offset of a sequence number; the first one ever asked for becomes offset 0.
    pub(super) fn offset_of(&mut self, sequence: SeqNumber) -> i64 {
        if !self.has_origin {
            self.has_origin = true;
            self.origin = sequence;
        }
        self.next + sequence.distance_from(self.origin.plus(self.next))
    }

    /// The stream offset of a sequence number, where offsets have a meaning already.
    pub(super) fn known_offset_of(&self, sequence: SeqNumber) -> Option<i64> {
        let distance = || sequence.distance_from(self.origin.plus(self.next));
        self.has_origin.then(|| self.next + distance())
    }

    /// Whether its SYN was seen.
    pub(super) fn has_syn(&self) -> bool {
        self.has_handshake
    }

    /// The sequence number of the first byte, or of the first one that was heard of.
    pub(super) fn beginning(&self) -> Option<SeqNumber> {
        let heard_of = self.has_origin.then_some(self.origin);
        self.has_handshake.then_some(self.handshake).or(heard_of)
    }

    /// The sequence number after the last one that was seen, or that the peer has.
    pub(super) fn end(&self) -> Option<SeqNumber> {
        let waiting = self.backlog.as_ref().map(|backlog| &backlog.waiting);
        let last = waiting.and_then(BTreeMap::last_key_value);
        let last = last.map_or(self.next, |((offset, _), stored)| {
            offset + stored_length(stored)
        });
        let end = self.next.max(self.acked).max(last);
        self.has_origin.then(|| self.origin.plus(end))
    }

    /// Takes a SYN: the stream begins at `first`.
    pub(super) fn take_syn(&mut self, first: SeqNumber) {
        if !self.has_handshake {
            self.has_handshake = true;
            self.handshake = first;
            if !self.delivered {
                self.start_at(first);
            }
        }
    }

    /// Fixes where the stream goes on.
    fn start_at(&mut self, sequence: SeqNumber) {
        self.next = self.offset_of(sequence);
        self.started = true;
    }

    /// Whether a SYN with this first data byte belongs to what was seen so far.
    pub(super) fn accepts_syn(&self, first: SeqNumber) -> bool {
        if self.has_handshake {
            return self.handshake == first;
        }
        match self.known_offset_of(first) {
            None => true,
            Some(_) if self.delivered => self.origin == first,
            // Data came before its SYN in the capture: the SYN lies shortly before them.
            Some(offset) => offset <= 0 && offset > -MAX_WINDOW,
        }
    }

    /// Takes an acknowledgement by the peer; what it says of where the stream begins is no more than
    /// noted while that is `undecided`.
    pub(super) fn acknowledge(&mut self, number: SeqNumber, undecided: bool) {
        if !self.started && undecided {
            let offset = self.offset_of(number);
            let early = &mut self.backlog().acknowledged_early;
            *early = Some(early.map_or(offset, |early| early.min(offset)));
        } else if !self.started && self.first_waiting().is_none() {
            // Whoever acknowledges up to here expects the stream to go on here.
            self.start_at(number);
        }
        if let Some(offset) = self.known_offset_of(number)
            && offset <= self.next.max(self.acked) + MAX_WINDOW
        {
            self.acked = self.acked.max(offset);
        }
    }

    /// Where the stream begins will not be seen any more: an early acknowledgement has to tell.
    pub(super) fn decide(&mut self) {
        let acknowledged = self.backlog.as_mut();
        let acknowledged = acknowledged.and_then(|backlog| backlog.acknowledged_early.take());
        if let Some(acknowledged) = acknowledged.filter(|_| !self.started) {
            let first = self.first_waiting().map(|(offset, _)| offset);
            self.next = first.map_or(acknowledged, |first| first.min(acknowledged));
            self.started = true;
        }
    }

    /// Whether an offset before a guessed start is the real start.
    pub(super) fn fits_before_start(&self, offset: i64) -> bool {
        !self.has_handshake && offset > self.next - (1 << 20)
    }

    /// The acknowledged offset, less the one that a FIN takes.
    fn acked_data(&self) -> i64 {
        self.fin().map_or(self.acked, |fin| self.acked.min(fin))
    }

    /// Whether bytes are known to be missing, or their place in the stream is not known.
    fn is_stuck(&self) -> bool {
        self.reset().is_some()
            || if self.started {
                self.acked_data() > self.next
            } else {
                self.first_waiting().is_some()
            }
    }

    /// Keeps a segment for later, unless the same bytes wait already.
    pub(super) fn store(&mut self, offset: i64, segment: &Segment<'_>) {
        let end = offset + length(segment);
        let backlog = self.backlog();
        let first_here = backlog.waiting.range((offset, 0)..).next();
        if let Some((&(start, _), stored)) = first_here
            && start == offset
            && start + stored_length(stored) >= end
        {
            return;
        }
        let stored = Stored {
            acknowledgement: segment
                .flags
                .ack()
                .then_some(SeqNumber(segment.acknowledgement)),
            bytes: segment.payload.into(),
            cut: segment.cut,
            at: At {
                frame: segment.frame,
                time: segment.time,
            },
        };
        backlog.waiting_bytes += stored.cost();
        backlog.arrivals = backlog.arrivals.wrapping_add(1);
        backlog.waiting.insert((offset, backlog.arrivals), stored);
    }

    /// The first segment that waits, and its offset.
    pub(super) fn first_waiting(&self) -> Option<(i64, &Stored)> {
        let waiting = &self.backlog.as_ref()?.waiting;
        let ((offset, _), stored) = waiting.first_key_value()?;
        Some((*offset, stored))
    }

    /// Takes the first segment that waits.
    pub(super) fn take_first(&mut self) -> Option<(i64, Stored)> {
        let backlog = self.backlog.as_mut()?;
        let ((offset, _), stored) = backlog.waiting.pop_first()?;
        backlog.waiting_bytes -= stored.cost();
        Some((offset, stored))
    }

    /// Gives up the hole at `next`, or settles where an unknown stream begins: the bytes to leave
    /// out. `evidence`: only as far as the peer's acknowledgements go.
    pub(super) fn give_up_hole(&mut self, evidence: bool) -> u64 {
        let first = self.first_waiting().map(|(offset, _)| offset);
        if !self.started {
            if let Some(first) = first {
                self.next = first;
                self.started = true;
            }
            return 0;
        }
        let target = match (evidence, first) {
            (true, Some(first)) => self.acked_data().min(first),
            (true, None) => self.acked_data(),
            (false, Some(first)) => first,
            (false, None) => return 0,
        };
        // Nothing acknowledged at all is as far back as numbers go.
        let missing = u64::try_from(target.saturating_sub(self.next)).unwrap_or(0);
        self.next = self.next.max(target);
        missing
    }

    /// Whether a reset with this sequence number can be genuine (RFC 9293 §3.10.7.4, loosely: the
    /// window is not known exactly).
    pub(super) fn accepts_reset(&self, sequence: SeqNumber) -> bool {
        let Some(offset) = self.known_offset_of(sequence) else {
            return true;
        };
        if !self.has_handshake && !self.delivered {
            return true;
        }
        let backlog = self.backlog.as_ref();
        let last = backlog.and_then(|backlog| backlog.waiting.last_key_value());
        let furthest = last.map_or(self.next, |((offset, _), stored)| {
            offset + stored_length(stored)
        });
        // Old ones are sent too, by a stack that has already forgotten the connection.
        (self.next - (1 << 16)..=furthest.max(self.acked) + (1 << 20)).contains(&offset)
    }
}

/// Payload bytes that were sent.
pub(super) fn length(segment: &Segment<'_>) -> i64 {
    i64::try_from(segment.payload.len()).unwrap_or(i64::MAX) + i64::from(segment.cut)
}

fn stored_length(stored: &Stored) -> i64 {
    i64::try_from(stored.bytes.len()).unwrap_or(i64::MAX) + i64::from(stored.cut)
}
