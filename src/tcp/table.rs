//! Finds the connection of a segment, and forgets connections again.
//!
//! Each slot is on one expiry queue, by its phase: half-open, open or closed. All entries of a queue
//! live equally long, so its front is the next to fall due; one that was active since is put back
//! with a new date. A closed connection keeps its slot for a while, so that late repetitions of its
//! segments do not look like a new one.

use std::collections::VecDeque;
use std::hash::BuildHasher;
use std::time::Duration;

use foldhash::quality::RandomState;
use hashbrown::HashTable;

use crate::capture::frame::{FrameNumber, Timestamp};
use crate::decode::Segment;
use crate::limits::Limits;
use crate::tcp::connection::{Connection, Context, Opening, State};
use crate::tcp::copies::Copies;
use crate::tcp::flow::FlowKey;
use crate::tcp::half_open::{HalfOpen, Syn};
use crate::tcp::slot::{Content, Phase, Slot, SlotRef, begins_another};
use crate::tcp::{Application, At, CloseCause, Side};

/// How long the slot of a closed connection is kept: late repetitions come within seconds.
const CLOSED: Duration = Duration::from_secs(10);
/// How many of the longest unattended connections are looked at to find one to evict.
const EVICTION_SAMPLE: usize = 16;

/// What this layer saw.
#[derive(Debug, Clone, Default)]
pub struct TcpStats {
    /// Connections seen.
    pub connections: u64,
    /// Segments whose bytes were all handed on before.
    pub repeated_segments: u64,
    /// Segments that had to wait for others.
    pub out_of_order_segments: u64,
    /// Holes that the receiver had bytes for and the capture has not.
    pub gaps: u64,
    /// Their bytes.
    pub gap_bytes: u64,
    /// Segments cut by a snap length.
    pub cut_segments: u64,
    /// The bytes cut off.
    pub cut_bytes: u64,
    /// Times that waiting bytes reached their bound.
    pub out_of_order_overflows: u64,
    /// Resets that cannot be genuine.
    pub ignored_resets: u64,
    /// Connections that never got beyond a SYN.
    pub half_open: u64,
    /// Connections that the server reset before any byte of data: mostly, nothing listens there.
    pub refused: u64,
    /// Connections given up because there were too many.
    pub evicted: u64,
    /// Connections given up because the unfinished messages of all of them took too much.
    pub unfinished_overflows: u64,
}

/// All connections of a capture.
pub struct ConnectionTable<A: Application> {
    limits: Limits,
    hasher: RandomState,
    by_key: HashTable<u32>,
    slots: Vec<Slot<A>>,
    free: Vec<u32>,
    attempts: HalfOpen,
    half_open: VecDeque<(Timestamp, SlotRef)>,
    open: VecDeque<(Timestamp, SlotRef)>,
    closed: VecDeque<(Timestamp, SlotRef)>,
    /// Connections that wait for bytes which may never come, with when that began.
    stuck: VecDeque<(At, SlotRef)>,
    /// Connections with unfinished messages, with when that began or when they were last active;
    /// some of them have none any more.
    unfinished: VecDeque<(Timestamp, SlotRef)>,
    /// How many slots are in each phase.
    in_phase: [usize; 3],
    /// No queue but that of stuck ones has anything that is due before.
    next_due: Timestamp,
    copies: Copies,
    waiting_bytes: usize,
    unfinished_bytes: usize,
    stats: TcpStats,
    last: At,
}

impl<A: Application> ConnectionTable<A> {
    /// An empty table that keeps to `limits`.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        let hasher = RandomState::default();
        Self {
            limits: limits.clone(),
            attempts: HalfOpen::new(&hasher, limits.half_open),
            hasher,
            by_key: HashTable::new(),
            slots: Vec::new(),
            free: Vec::new(),
            half_open: VecDeque::new(),
            open: VecDeque::new(),
            closed: VecDeque::new(),
            stuck: VecDeque::new(),
            unfinished: VecDeque::new(),
            in_phase: [0; 3],
            next_due: Timestamp::MAX,
            copies: Copies::new(limits.copy_time),
            waiting_bytes: 0,
            unfinished_bytes: 0,
            stats: TcpStats::default(),
            last: At::default(),
        }
    }

    /// The bytes of a connection for which nothing waits: its slot, its entry in the queue of dates,
    /// and itself. Its place in the index takes some ten more.
    #[cfg(test)]
    pub(crate) const BYTES_OF_IDLE: usize =
        size_of::<Slot<A>>() + size_of::<(Timestamp, SlotRef)>() + size_of::<Connection<A>>();

    /// What was seen so far.
    #[must_use]
    pub fn stats(&self) -> &TcpStats {
        &self.stats
    }

    /// Takes a segment; `false` where it is a copy of one that was there just before. `now` is
    /// capture time that never runs backwards.
    pub fn push(&mut self, segment: &Segment<'_>, now: Timestamp, out: &mut A::Output) -> bool {
        let (key, from_first) = FlowKey::of(segment);
        let hash = self.hasher.hash_one(key);
        if self
            .copies
            .has_seen(&self.hasher, hash, from_first, segment)
        {
            return false;
        }
        self.take((key, hash), from_first, segment, now, out);
        true
    }

    fn take(
        &mut self,
        (key, hash): (FlowKey, u64),
        from_first: bool,
        segment: &Segment<'_>,
        now: Timestamp,
        out: &mut A::Output,
    ) {
        let at = At {
            frame: segment.frame,
            time: segment.time,
        };
        self.last = at;
        let Some(index) = self.slot_of((key, hash), from_first, segment, now, out) else {
            return;
        };
        let Some(slot) = self.slots.get_mut(index as usize) else {
            return;
        };
        slot.last_seen = now;
        let Some(connection) = slot.content.connection_mut() else {
            return;
        };
        let reference = SlotRef {
            index,
            generation: slot.generation,
        };
        let mut cx = Context {
            limits: &self.limits,
            key: &slot.key,
            stats: &mut self.stats,
            out,
        };
        let waited = connection.waiting_bytes();
        let held = connection.unfinished_bytes();
        let state = connection.push(segment, from_first, &mut cx);
        if waited > 0 || !connection.is_smooth() {
            self.waiting_bytes += connection.waiting_bytes();
            self.waiting_bytes -= waited;
            if self.waiting_bytes > self.limits.out_of_order_bytes_total {
                let waited = connection.waiting_bytes();
                connection.shed(at, &mut cx);
                self.waiting_bytes += connection.waiting_bytes();
                self.waiting_bytes -= waited;
            }
            if connection.is_stuck() && !connection.listed {
                connection.listed = true;
                let listed_at = At {
                    frame: at.frame,
                    time: now,
                };
                self.stuck.push_back((listed_at, reference));
            }
        }
        let holds = connection.unfinished_bytes();
        self.unfinished_bytes += holds;
        self.unfinished_bytes -= held;
        let begins = holds > 0 && !connection.unfinished;
        if begins {
            connection.unfinished = true;
            self.unfinished.push_back((now, reference));
        }
        if slot.phase == Phase::HalfOpen && !connection.is_half_open() {
            slot.phase = Phase::Open;
            self.count(Phase::HalfOpen, -1);
            self.count(Phase::Open, 1);
            self.enqueue(Phase::Open, now.plus(self.limits.idle), reference);
        }
        match state {
            State::Open => {}
            State::Finished => self.close(reference, CloseCause::Finished, at, out),
            State::Reset(side) => self.close(reference, CloseCause::Reset(side), at, out),
        }
        if begins {
            self.tidy_unfinished();
        }
        if holds > held {
            self.keep_unfinished_within_bound(out);
        }
    }

    /// Gives up connections with unfinished messages, those first that have been silent the longest,
    /// until what is left of them is within its bound.
    fn keep_unfinished_within_bound(&mut self, out: &mut A::Output) {
        while self.unfinished_bytes > self.limits.unfinished_bytes
            && let Some((since, reference)) = self.unfinished.pop_front()
        {
            let Some(slot) = self.slot(reference) else {
                continue;
            };
            let last_seen = slot.last_seen;
            let Some(connection) = slot.content.connection_mut() else {
                continue;
            };
            if connection.unfinished_bytes() == 0 {
                connection.unfinished = false;
            } else if last_seen > since {
                self.unfinished.push_back((last_seen, reference));
            } else {
                self.stats.unfinished_overflows += 1;
                self.close(reference, CloseCause::Evicted, self.last, out);
                self.forget(reference);
            }
        }
    }

    /// Takes entries that count no more from a list that has become long by them.
    fn tidy_unfinished(&mut self) {
        let [_, open, _] = self.in_phase;
        if self.unfinished.len() <= 2 * open + 1024 {
            return;
        }
        let mut list = std::mem::take(&mut self.unfinished);
        list.retain(|(_, reference)| {
            let slot = self.slot(*reference);
            let connection = slot.and_then(|slot| slot.content.connection_mut());
            connection.is_some_and(|connection| {
                connection.unfinished = connection.unfinished_bytes() > 0;
                connection.unfinished
            })
        });
        self.unfinished = list;
    }

    /// Lets capture time pass: ends waiting that cannot be rewarded any more, forgets the silent.
    pub fn advance(&mut self, frame: FrameNumber, now: Timestamp, out: &mut A::Output) {
        while let Some((since, reference)) = self.stuck.front().copied() {
            let due = frame.0.saturating_sub(since.frame.0) > self.limits.reorder_frames
                || now.since(since.time) > self.limits.reorder_time;
            if !due {
                break;
            }
            self.stuck.pop_front();
            self.settle(reference, frame, now, out);
        }
        if now > self.next_due {
            self.expire_attempts(now, out);
            self.expire(Phase::HalfOpen, now, out);
            self.expire(Phase::Open, now, out);
            self.expire(Phase::Closed, now, out);
            let queues = [&self.half_open, &self.open, &self.closed];
            let fronts = queues.map(|queue| queue.front().map(|(due, _)| *due));
            let dues = fronts.into_iter().chain([self.attempts.next_due()]);
            self.next_due = dues.flatten().min().unwrap_or(Timestamp::MAX);
        }
    }

    /// Ends every connection, in the order in which they began: the capture is over.
    pub fn finish(&mut self, out: &mut A::Output) {
        while let Some((key, syn)) = self.attempts.pop(self.stats.connections) {
            self.end_attempt(&key, syn, CloseCause::CaptureEnded, out);
        }
        let slots = self.slots.iter().zip(0..);
        let open = slots.filter_map(|(slot, index)| {
            let generation = slot.generation;
            let stream = slot.content.connection()?.stream();
            Some((stream, SlotRef { index, generation }))
        });
        let mut open: Vec<(u64, SlotRef)> = open.collect();
        open.sort_unstable_by_key(|(stream, _)| *stream);
        for (_, reference) in open {
            self.close(reference, CloseCause::CaptureEnded, self.last, out);
        }
    }

    /// The slot of a segment's connection, a new one where there is none; `None` for a first SYN,
    /// which needs no slot yet.
    fn slot_of(
        &mut self,
        (key, hash): (FlowKey, u64),
        from_first: bool,
        segment: &Segment<'_>,
        now: Timestamp,
        out: &mut A::Output,
    ) -> Option<u32> {
        let has_key = |index: &u32| {
            let slot = self.slots.get(*index as usize);
            slot.is_some_and(|slot| slot.key == key)
        };
        let flags = segment.flags;
        if let Some(&index) = self.by_key.find(hash, has_key) {
            let slot = self.slots.get_mut(index as usize)?;
            let opens = flags.syn() && !flags.rst();
            let reopened = match &mut slot.content {
                Content::Connection(connection) => {
                    opens && connection.is_reopened_by(segment, from_first)
                }
                Content::Ended(ended) => begins_another(Some(ended), segment, from_first),
                Content::Unknown => begins_another(None, segment, from_first),
            };
            if !reopened {
                return Some(index);
            }
            let reference = SlotRef {
                index,
                generation: slot.generation,
            };
            let at = At {
                frame: segment.frame,
                time: segment.time,
            };
            self.close(reference, CloseCause::Superseded, at, out);
            self.forget(reference);
        }
        let is_bare = segment.payload.is_empty() && segment.cut == 0;
        let is_bare_syn = flags.is_first_syn() && is_bare;
        if flags.is_syn_ack() && is_bare && self.attempts.answer(&key, hash, from_first, segment) {
            return None;
        }
        let latest = self.stats.connections;
        let attempted = self.attempts.remove(&key, hash, latest);
        let mut syn = Syn {
            stream: latest,
            client_is_first: from_first,
            sequence: segment.sequence,
            answer: None,
        };
        if let Some(earlier) = attempted {
            syn.stream = earlier.stream;
            let again = is_bare_syn
                && from_first == earlier.client_is_first
                && segment.sequence == earlier.sequence;
            let reopens = is_bare_syn && from_first == earlier.client_is_first && !again;
            if reopens {
                syn.stream = latest;
                self.end_attempt(&key, earlier, CloseCause::Superseded, out);
            }
            if again {
                syn = earlier;
            } else if !reopens {
                let opening = Opening {
                    stream: earlier.stream,
                    client_is_first: earlier.client_is_first,
                    handshake: true,
                };
                return Some(self.open_slot(key, hash, &opening, Some(earlier), now));
            }
        } else if self.by_key.len() + self.attempts.len() >= self.limits.connections {
            self.evict(out);
        }
        self.stats.connections = latest.max(syn.stream + 1);
        if is_bare_syn {
            self.attempts.insert(key, syn, now);
            let due = self.attempts.next_due();
            self.next_due = self.next_due.min(due.unwrap_or(Timestamp::MAX));
            return None;
        }
        // A SYN-ACK is sent by the server; anything else tells nothing, so its sender goes first.
        let opening = Opening {
            stream: syn.stream,
            client_is_first: from_first != (flags.syn() && flags.ack()),
            handshake: flags.syn(),
        };
        Some(self.open_slot(key, hash, &opening, None, now))
    }

    /// A handshake did not come to its end.
    fn end_attempt(&mut self, key: &FlowKey, syn: Syn, cause: CloseCause, out: &mut A::Output) {
        let opening = Opening {
            stream: syn.stream,
            client_is_first: syn.client_is_first,
            handshake: true,
        };
        self.stats.half_open += 1;
        let info = opening.info(key);
        A::open(&info).on_close(&info, cause, self.last, out);
    }

    fn expire_attempts(&mut self, now: Timestamp, out: &mut A::Output) {
        while self.attempts.next_due().is_some_and(|due| due < now)
            && let Some((key, syn)) = self.attempts.pop(self.stats.connections)
        {
            self.end_attempt(&key, syn, CloseCause::Idle, out);
        }
    }

    /// Opens a connection in a slot, with what was seen of its handshake earlier.
    fn open_slot(
        &mut self,
        key: FlowKey,
        hash: u64,
        opening: &Opening,
        handshake: Option<Syn>,
        now: Timestamp,
    ) -> u32 {
        let mut connection = Box::new(Connection::open(opening, &key));
        if let Some(syn) = handshake {
            connection.take_handshake(syn);
        }
        let phase = if opening.handshake && connection.is_half_open() {
            Phase::HalfOpen
        } else {
            Phase::Open
        };
        self.count(phase, 1);
        let content = Content::Connection(connection);
        let index = if let Some(index) = self.free.pop() {
            if let Some(slot) = self.slots.get_mut(index as usize) {
                slot.key = key;
                slot.phase = phase;
                slot.last_seen = now;
                slot.content = content;
            }
            index
        } else {
            if self.slots.len() == self.slots.capacity() {
                // Doubling would leave up to half of the memory unused.
                self.slots.reserve_exact(self.slots.len() / 8 + 64);
            }
            self.slots.push(Slot {
                key,
                generation: 0,
                phase,
                last_seen: now,
                content,
            });
            u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
        };
        let (slots, hasher) = (&self.slots, &self.hasher);
        self.by_key.insert_unique(hash, index, |index| {
            let slot = slots.get(*index as usize);
            slot.map_or(0, |slot| hasher.hash_one(slot.key))
        });
        let generation = slots.get(index as usize).map_or(0, |slot| slot.generation);
        let due = now.plus(self.lifetime(phase));
        self.enqueue(phase, due, SlotRef { index, generation });
        for phase in [Phase::HalfOpen, Phase::Open, Phase::Closed] {
            self.tidy(phase);
        }
        index
    }

    /// Puts a date on the queue of a phase.
    fn enqueue(&mut self, phase: Phase, due: Timestamp, reference: SlotRef) {
        self.next_due = self.next_due.min(due);
        self.queue(phase).push_back((due, reference));
    }

    /// Counts slots that come into a phase, or leave it.
    fn count(&mut self, phase: Phase, change: isize) {
        if let Some(count) = self.in_phase.get_mut(phase as usize) {
            *count = count.saturating_add_signed(change);
        }
    }

    /// Takes entries that count no more from a queue that has become long by them: capture time may
    /// stand still, and then none of them falls due.
    fn tidy(&mut self, phase: Phase) {
        let in_phase = self
            .in_phase
            .get(phase as usize)
            .copied()
            .unwrap_or_default();
        if self.queue(phase).len() <= 2 * in_phase + 1024 {
            return;
        }
        let mut queue = std::mem::take(self.queue(phase));
        queue.retain(|(_, reference)| {
            self.slot(*reference)
                .is_some_and(|slot| slot.phase == phase)
        });
        *self.queue(phase) = queue;
    }

    fn lifetime(&self, phase: Phase) -> Duration {
        match phase {
            Phase::HalfOpen => self.limits.half_open,
            Phase::Open => self.limits.idle,
            Phase::Closed => CLOSED,
        }
    }

    fn queue(&mut self, phase: Phase) -> &mut VecDeque<(Timestamp, SlotRef)> {
        match phase {
            Phase::HalfOpen => &mut self.half_open,
            Phase::Open => &mut self.open,
            Phase::Closed => &mut self.closed,
        }
    }

    /// The slot that a reference means, unless it was given to another connection since.
    fn slot(&mut self, reference: SlotRef) -> Option<&mut Slot<A>> {
        let slot = self.slots.get_mut(reference.index as usize)?;
        (slot.generation == reference.generation).then_some(slot)
    }

    fn settle(
        &mut self,
        reference: SlotRef,
        frame: FrameNumber,
        now: Timestamp,
        out: &mut A::Output,
    ) {
        let at = self.last;
        let slot = self.slots.get_mut(reference.index as usize);
        let Some(slot) = slot.filter(|slot| slot.generation == reference.generation) else {
            return;
        };
        let Some(connection) = slot.content.connection_mut() else {
            return;
        };
        let mut cx = Context {
            limits: &self.limits,
            key: &slot.key,
            stats: &mut self.stats,
            out,
        };
        let waited = connection.waiting_bytes();
        let held = connection.unfinished_bytes();
        let state = connection.settle(now, frame, at, &mut cx);
        self.waiting_bytes += connection.waiting_bytes();
        self.waiting_bytes -= waited;
        let holds = connection.unfinished_bytes();
        self.unfinished_bytes += holds;
        self.unfinished_bytes -= held;
        if holds > 0 && !connection.unfinished {
            connection.unfinished = true;
            self.unfinished.push_back((now, reference));
        }
        connection.listed = connection.is_stuck();
        if connection.listed {
            self.stuck.push_back((At { frame, time: now }, reference));
        }
        match state {
            State::Open => {}
            State::Finished => self.close(reference, CloseCause::Finished, at, out),
            State::Reset(side) => self.close(reference, CloseCause::Reset(side), at, out),
        }
    }

    /// Ends a connection; its slot stays for late repetitions.
    fn close(&mut self, reference: SlotRef, cause: CloseCause, at: At, out: &mut A::Output) {
        let Some(slot) = self.slot(reference) else {
            return;
        };
        let Content::Connection(connection) = &slot.content else {
            return;
        };
        let ended = connection.ended().map_or(Content::Unknown, Content::Ended);
        let Content::Connection(connection) = std::mem::replace(&mut slot.content, ended) else {
            return;
        };
        let (cause, at) = match connection.reset_by() {
            Some((side, at)) => (CloseCause::Reset(side), at),
            None => (cause, at),
        };
        let phase = std::mem::replace(&mut slot.phase, Phase::Closed);
        let (key, due) = (slot.key, slot.last_seen.plus(CLOSED));
        self.count(phase, -1);
        self.count(Phase::Closed, 1);
        self.enqueue(Phase::Closed, due, reference);
        self.waiting_bytes -= connection.waiting_bytes();
        self.unfinished_bytes -= connection.unfinished_bytes();
        match cause {
            CloseCause::Reset(Side::Server) => {
                self.stats.refused += u64::from(connection.is_silent());
            }
            CloseCause::Reset(Side::Client) => {}
            _ => self.stats.half_open += u64::from(connection.is_half_open()),
        }
        let mut cx = Context {
            limits: &self.limits,
            key: &key,
            stats: &mut self.stats,
            out,
        };
        connection.close(cause, at, &mut cx);
    }

    /// Frees a slot.
    fn forget(&mut self, reference: SlotRef) {
        let Some(slot) = self.slot(reference) else {
            return;
        };
        slot.generation = slot.generation.wrapping_add(1);
        let (key, phase) = (slot.key, slot.phase);
        self.count(phase, -1);
        let hash = self.hasher.hash_one(key);
        let entry = self.by_key.find_entry(hash, |i| *i == reference.index);
        if let Ok(entry) = entry {
            entry.remove();
        }
        self.free.push(reference.index);
    }

    /// Forgets the slots of a phase that have been silent for its lifetime.
    fn expire(&mut self, phase: Phase, now: Timestamp, out: &mut A::Output) {
        while let Some((due, reference)) = self.queue(phase).front().copied() {
            if due >= now {
                return;
            }
            self.queue(phase).pop_front();
            let lifetime = self.lifetime(phase);
            let Some(slot) = self.slot(reference).filter(|slot| slot.phase == phase) else {
                continue;
            };
            let due = slot.last_seen.plus(lifetime);
            if due >= now {
                self.queue(phase).push_back((due, reference));
                continue;
            }
            self.close(reference, CloseCause::Idle, self.last, out);
            self.forget(reference);
        }
    }

    /// Gives up one of the connections that have been silent the longest.
    fn evict(&mut self, out: &mut A::Output) {
        for phase in [Phase::Closed, Phase::HalfOpen, Phase::Open] {
            if phase == Phase::HalfOpen
                && let Some((key, syn)) = self.attempts.pop(self.stats.connections)
            {
                self.stats.evicted += 1;
                self.end_attempt(&key, syn, CloseCause::Evicted, out);
                return;
            }
            let mut sample: Vec<(Timestamp, Timestamp, SlotRef)> = Vec::new();
            while sample.len() < EVICTION_SAMPLE {
                let Some((due, reference)) = self.queue(phase).pop_front() else {
                    break;
                };
                if let Some(slot) = self.slot(reference).filter(|slot| slot.phase == phase) {
                    sample.push((slot.last_seen, due, reference));
                }
            }
            sample.sort_by_key(|(last_seen, ..)| std::cmp::Reverse(*last_seen));
            let oldest = sample.pop();
            let kept = sample.into_iter().map(|(_, due, slot)| (due, slot));
            self.queue(phase).extend(kept);
            if let Some((_, _, reference)) = oldest {
                self.stats.evicted += u64::from(phase != Phase::Closed);
                self.close(reference, CloseCause::Evicted, self.last, out);
                self.forget(reference);
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Endpoint, TcpFlags};
    use crate::tcp::{ConnectionInfo, Interest, Side, StreamEvent};

    struct Deaf;

    impl Application for Deaf {
        type Output = ();

        fn open(_: &ConnectionInfo) -> Self {
            Self
        }

        fn on_event(
            &mut self,
            _: &ConnectionInfo,
            _: Side,
            _: StreamEvent<'_>,
            _: At,
            (): &mut (),
        ) -> Interest {
            Interest::Keep
        }

        fn on_close(&mut self, _: &ConnectionInfo, _: CloseCause, _: At, (): &mut ()) {}
    }

    #[test]
    fn handshakes_without_an_end_take_no_slot_and_are_over_in_time() {
        let mut table: ConnectionTable<Deaf> = ConnectionTable::new(&Limits::default());
        let start = Timestamp::new(1000, 0);
        let segment = |port: u16, flags, sender: u8, sequence, acknowledgement| {
            let client = Endpoint::v4([10, 0, 0, 1], port);
            let server = Endpoint::v4([10, 0, 0, 2], 80);
            let from_client = sender == 1;
            Segment {
                frame: FrameNumber(1),
                time: start,
                source: if from_client { client } else { server },
                destination: if from_client { server } else { client },
                sequence,
                acknowledgement,
                flags: TcpFlags(flags),
                payload: b"",
                cut: 0,
                marks: 0,
            }
        };
        for port in 1..=2000 {
            for _ in 0..2 {
                table.push(&segment(port, 0x02, 1, 100, 0), start, &mut ());
                table.push(&segment(port, 0x12, 2, 900, 101), start, &mut ());
            }
        }
        assert_eq!(table.stats().connections, 2000);
        assert!(table.slots.is_empty());
        // One goes on: it is a connection from its beginning.
        table.push(&segment(7, 0x10, 1, 101, 901), start, &mut ());
        assert_eq!(table.stats().connections, 2000);
        let slot = table.slots.first().unwrap();
        assert_eq!(slot.content.connection().unwrap().stream(), 6);
        assert_eq!(slot.phase, Phase::Open);
        table.advance(FrameNumber(2), start.plus(Duration::from_secs(31)), &mut ());
        assert_eq!(table.stats().half_open, 1999);
        assert_eq!(table.attempts.len(), 0);
        table.finish(&mut ());
        assert_eq!(table.stats().half_open, 1999);
    }

    #[test]
    fn queues_stay_short_though_time_stands_still() {
        let mut table: ConnectionTable<Deaf> = ConnectionTable::new(&Limits::default());
        let now = Timestamp::new(1, 0);
        for n in 0..10_000 {
            let syn = Segment {
                frame: FrameNumber(u64::from(n)),
                time: now,
                source: Endpoint::v4([10, 0, 0, 1], 40_000),
                destination: Endpoint::v4([10, 0, 0, 2], 80),
                sequence: n * 1000,
                acknowledgement: 0,
                flags: TcpFlags(2),
                payload: b"",
                cut: 0,
                marks: 0,
            };
            table.push(&syn, now, &mut ());
        }
        assert_eq!(table.stats().connections, 10_000);
        for queue in [&table.half_open, &table.open, &table.closed] {
            assert!(queue.len() < 2000, "{}", queue.len());
        }
    }
}
