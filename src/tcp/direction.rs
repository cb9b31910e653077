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

/// What a stored segment costs beside its payload, so that a flood of tiny ones is bounded too.
const STORED_OVERHEAD: usize = 96;
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

/// The reassembly state of one direction.
pub(super) struct Direction {
    /// Sequence number of offset 0; `None` before anything is known.
    origin: Option<SeqNumber>,
    /// Whether `next` is where the stream goes on, and not just what was seen first.
    pub(super) started: bool,
    /// The sequence number after the SYN's, where a SYN was seen.
    handshake: Option<SeqNumber>,
    /// Something was handed on.
    pub(super) delivered: bool,
    pub(super) presence: Presence,
    /// FIN was handed on.
    pub(super) finished: bool,
    /// Offset of the next byte to hand on.
    pub(super) next: i64,
    /// The peer has everything before this offset.
    pub(super) acked: i64,
    /// Offset of the FIN.
    pub(super) fin: Option<i64>,
    /// Offset of a reset that waits for the bytes before it.
    pub(super) reset: Option<i64>,
    waiting: BTreeMap<(i64, u32), Stored>,
    arrivals: u32,
    pub(super) waiting_bytes: usize,
    /// Since when this direction cannot go on though it should, and at which offset.
    pub(super) stuck_since: Option<(At, i64)>,
    /// The latest segment of the connection.
    pub(super) last_at: At,
}

impl Direction {
    pub(super) fn new() -> Self {
        Self {
            origin: None,
            started: false,
            handshake: None,
            delivered: false,
            presence: Presence::Unseen,
            finished: false,
            next: 0,
            acked: i64::MIN,
            fin: None,
            reset: None,
            waiting: BTreeMap::new(),
            arrivals: 0,
            waiting_bytes: 0,
            stuck_since: None,
            last_at: At::default(),
        }
    }

    /// The stream offset of a sequence number; the first one ever asked for becomes offset 0.
    pub(super) fn offset_of(&mut self, sequence: SeqNumber) -> i64 {
        let origin = *self.origin.get_or_insert(sequence);
        self.next + sequence.distance_from(origin.plus(self.next))
    }

    /// The stream offset of a sequence number, where offsets have a meaning already.
    pub(super) fn known_offset_of(&self, sequence: SeqNumber) -> Option<i64> {
        let origin = self.origin?;
        Some(self.next + sequence.distance_from(origin.plus(self.next)))
    }

    /// Takes a SYN: the stream begins at `first`.
    pub(super) fn take_syn(&mut self, first: SeqNumber) {
        if self.handshake.is_none() {
            self.handshake = Some(first);
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
        if let Some(known) = self.handshake {
            return known == first;
        }
        match self.known_offset_of(first) {
            None => true,
            Some(_) if self.delivered => self.origin == Some(first),
            // Data came before its SYN in the capture: the SYN lies shortly before them.
            Some(offset) => offset <= 0 && offset > -MAX_WINDOW,
        }
    }

    /// Takes an acknowledgement by the peer.
    pub(super) fn acknowledge(&mut self, number: SeqNumber, of_handshake: bool) {
        if !self.started && (self.waiting.is_empty() || of_handshake) {
            // Whoever acknowledges up to here expects the stream to go on here.
            self.start_at(number);
        }
        if let Some(offset) = self.known_offset_of(number)
            && offset <= self.next.max(self.acked) + MAX_WINDOW
        {
            self.acked = self.acked.max(offset);
        }
    }

    /// Whether an offset before a guessed start is the real start.
    pub(super) fn fits_before_start(&self, offset: i64) -> bool {
        self.handshake.is_none() && offset > self.next - (1 << 20)
    }

    /// The acknowledged offset, less the one that a FIN takes.
    fn acked_data(&self) -> i64 {
        self.fin.map_or(self.acked, |fin| self.acked.min(fin))
    }

    /// Whether bytes are known to be missing, or their place in the stream is not known.
    pub(super) fn is_stuck(&self) -> bool {
        if self.started {
            self.acked_data() > self.next || self.reset.is_some()
        } else {
            !self.waiting.is_empty()
        }
    }

    /// Keeps a segment for later, unless the same bytes wait already.
    pub(super) fn store(&mut self, offset: i64, segment: &Segment<'_>) {
        let end = offset + length(segment);
        let first_here = self.waiting.range((offset, 0)..).next();
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
        self.waiting_bytes += stored.cost();
        self.arrivals = self.arrivals.wrapping_add(1);
        self.waiting.insert((offset, self.arrivals), stored);
    }

    /// The first segment that waits, and its offset.
    pub(super) fn first_waiting(&self) -> Option<(i64, &Stored)> {
        let ((offset, _), stored) = self.waiting.first_key_value()?;
        Some((*offset, stored))
    }

    /// Takes the first segment that waits.
    pub(super) fn take_first(&mut self) -> Option<(i64, Stored)> {
        let ((offset, _), stored) = self.waiting.pop_first()?;
        self.waiting_bytes -= stored.cost();
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
        if self.handshake.is_none() && !self.delivered {
            return true;
        }
        let last = self.waiting.last_key_value();
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
