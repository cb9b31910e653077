//! Finds the connection of a segment, and forgets connections again.

mod bounds;

use std::hash::BuildHasher;

use foldhash::quality::RandomState;

use crate::capture::frame::{FrameNumber, Timestamp};
use crate::decode::{Segment, Unreachable};
use crate::limits::Limits;
use crate::tcp::chunks::Chunks;
use crate::tcp::connection::{Connection, Context, Opening, State};
use crate::tcp::copies::Copies;
use crate::tcp::ended::EndedConnections;
use crate::tcp::expiry::Expiry;
use crate::tcp::flow::FlowKey;
use crate::tcp::half_open::{HalfOpen, Latest, Syn};
use crate::tcp::lateness::Lateness;
use crate::tcp::slot::{Phase, SlotRef};
use crate::tcp::slots::Slots;
use crate::tcp::stats::TcpStats;
use crate::tcp::{Application, At, CloseCause, ConnectError, Side};

/// All connections of a capture.
pub struct ConnectionTable<A: Application> {
    limits: Limits,
    hasher: RandomState,
    slots: Slots<A>,
    attempts: HalfOpen,
    ended: EndedConnections,
    expiry: Expiry,
    /// Connections that wait for bytes which may never come, with when that began.
    stuck: Chunks<(At, SlotRef)>,
    /// Connections with unfinished messages, with when that began or when they were last active;
    /// some of them have none any more.
    unfinished: Chunks<(Timestamp, SlotRef)>,
    copies: Copies,
    lateness: Lateness,
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
            slots: Slots::new(&hasher),
            attempts: HalfOpen::new(&hasher, limits.half_open),
            ended: EndedConnections::new(&hasher),
            hasher,
            expiry: Expiry::new(limits),
            stuck: Chunks::new(),
            unfinished: Chunks::new(),
            copies: Copies::new(limits.copy_time),
            lateness: Lateness::new(limits),
            waiting_bytes: 0,
            unfinished_bytes: 0,
            stats: TcpStats::default(),
            last: At::default(),
        }
    }

    /// The bytes of a connection for which nothing waits: its slot and its entry in the queue of dates.
    /// Its place in the index takes some ten more.
    #[cfg(test)]
    pub(crate) const BYTES_OF_IDLE: usize =
        size_of::<crate::tcp::slot::Slot<A>>() + size_of::<(Timestamp, SlotRef)>();

    /// The time before which nothing comes any more.
    pub(crate) fn over(&self) -> Timestamp {
        self.lateness.over()
    }

    /// What was seen so far.
    #[must_use]
    pub fn stats(&self) -> &TcpStats {
        &self.stats
    }

    /// Takes a segment; `false` where it is a copy of one that was there just before. `now` is
    /// capture time that never runs backwards.
    pub fn push(&mut self, segment: &Segment<'_>, now: Timestamp, out: &mut A::Output) -> bool {
        self.lateness.take(segment.time, now);
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
        let mut found = self.slots.find(&key, hash);
        if found.is_none() || (segment.flags.syn() && !segment.flags.rst()) {
            found = self.slot_for(found, (key, hash), from_first, segment, now, out);
        }
        let Some(reference) = found else {
            return;
        };
        let Some(slot) = self.slots.get_mut(reference) else {
            return;
        };
        slot.last_seen = now;
        let Some(connection) = &mut slot.connection else {
            return;
        };
        let mut cx = Context {
            limits: &self.limits,
            key: &slot.key,
            stats: &mut self.stats,
            out,
        };
        if slot.phase == Phase::Open && connection.push_bare(segment, from_first) {
            return;
        }
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
            self.expiry.leave(Phase::HalfOpen);
            self.expiry.enter(Phase::Open, now, reference);
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

    /// Lets capture time pass: ends waiting that cannot be rewarded any more, forgets the silent.
    pub fn advance(&mut self, frame: FrameNumber, now: Timestamp, out: &mut A::Output) {
        self.lateness.advance(frame, now);
        while let Some((since, reference)) = self.stuck.front().copied() {
            if !self.lateness.is_over(since) {
                break;
            }
            self.stuck.pop_front();
            self.settle(reference, frame, now, out);
        }
        if self.expiry.is_due(now) {
            self.expire_attempts(now, out);
            for phase in Phase::ALL {
                self.expire(phase, now, out);
            }
            while self.ended.next_due().is_some_and(|due| due < now) {
                self.ended.forget_oldest();
            }
            let others = [self.attempts.next_due(), self.ended.next_due()];
            self.expiry.look_ahead(others);
        }
    }

    /// Ends every connection, in the order in which they began: the capture is over.
    pub fn finish(&mut self, out: &mut A::Output) {
        while let Some((key, syn)) = self.attempts.pop(self.latest()) {
            self.end_attempt(&key, syn, CloseCause::CaptureEnded, out);
        }
        let open = self.slots.iter();
        let open = open.map(|(reference, connection)| (connection.stream(), reference));
        let mut open: Vec<(u64, SlotRef)> = open.collect();
        open.sort_unstable_by_key(|(stream, _)| *stream);
        for (_, reference) in open {
            self.close(reference, CloseCause::CaptureEnded, self.last, out);
        }
    }

    /// The slot of a segment whose connection has none yet, or that may begin another one between the
    /// same ends; `None` for a first SYN, which needs no slot yet, and for a late segment of a
    /// connection that is over.
    fn slot_for(
        &mut self,
        found: Option<SlotRef>,
        (key, hash): (FlowKey, u64),
        from_first: bool,
        segment: &Segment<'_>,
        now: Timestamp,
        out: &mut A::Output,
    ) -> Option<SlotRef> {
        let flags = segment.flags;
        if let Some(reference) = found {
            let connection = self.slots.get_mut(reference)?.connection.as_mut()?;
            if !connection.is_reopened_by(segment, from_first) {
                return Some(reference);
            }
            let at = At {
                frame: segment.frame,
                time: segment.time,
            };
            self.close(reference, CloseCause::Superseded, at, out);
        }
        let is_bare = segment.payload.is_empty() && segment.cut == 0;
        let is_bare_syn = flags.is_first_syn() && is_bare;
        if flags.is_syn_ack() && is_bare && self.attempts.answer(&key, hash, from_first, segment) {
            return None;
        }
        if is_bare_syn && self.attempts.repeat((key, hash), from_first, segment, now) {
            return None;
        }
        let latest = self.stats.connections;
        let attempted = self.attempts.remove(&key, hash, self.latest());
        let syn = Syn {
            stream: latest,
            client_is_first: from_first,
            sequence: segment.sequence,
            answer: None,
            repeated: false,
            frame: segment.frame,
        };
        if let Some(earlier) = attempted {
            if is_bare_syn && from_first == earlier.client_is_first {
                self.end_attempt(&key, earlier, CloseCause::Superseded, out);
            } else {
                let opening = Opening {
                    stream: earlier.stream,
                    client_is_first: earlier.client_is_first,
                    handshake: true,
                };
                return Some(self.open_slot((key, hash), &opening, Some(earlier), now));
            }
        } else {
            if self.ended.has_late((key, hash), segment, from_first, now) {
                return None;
            }
            let all = self.slots.len() + self.attempts.len() + self.ended.len();
            if all >= self.limits.connections {
                self.evict(out);
            }
        }
        self.stats.connections = latest + 1;
        if is_bare_syn {
            self.attempts.insert((key, hash), syn, now);
            if let Some(due) = self.attempts.next_due() {
                self.expiry.remember(due);
            }
            return None;
        }
        // A SYN-ACK is sent by the server; anything else tells nothing, so its sender goes first.
        let opening = Opening {
            stream: syn.stream,
            client_is_first: from_first != (flags.syn() && flags.ack()),
            handshake: flags.syn(),
        };
        Some(self.open_slot((key, hash), &opening, None, now))
    }

    /// A handshake did not come to its end.
    fn end_attempt(&mut self, key: &FlowKey, syn: Syn, cause: CloseCause, out: &mut A::Output) {
        let opening = Opening {
            stream: syn.stream,
            client_is_first: syn.client_is_first,
            handshake: true,
        };
        self.stats.half_open += 1;
        let unanswered = syn.repeated && syn.answer.is_none() && cause != CloseCause::Evicted;
        let (cause, at) = if unanswered {
            let at = At {
                frame: syn.frame,
                ..self.last
            };
            (CloseCause::Failed(ConnectError::Unanswered), at)
        } else {
            (cause, self.last)
        };
        let info = opening.info(key);
        A::open(&info).on_close(&info, cause, at, out);
    }

    /// Takes an ICMP message that says of a SYN that it did not arrive. Nothing in it proves who sent
    /// it, so it counts only while that SYN waits for an answer.
    pub fn unreachable(&mut self, message: &Unreachable, at: At, out: &mut A::Output) {
        let (key, from_first) = FlowKey::between(message.source, message.destination);
        let hash = self.hasher.hash_one(key);
        if !self.attempts.awaits_answer(&key, hash, message.sequence) {
            return;
        }
        let Some(syn) = self.attempts.remove(&key, hash, self.latest()) else {
            return;
        };
        self.stats.refused += 1;
        let opening = Opening {
            stream: syn.stream,
            client_is_first: from_first,
            handshake: true,
        };
        let info = opening.info(&key);
        let cause = CloseCause::Failed(ConnectError::Unreachable);
        A::open(&info).on_close(&info, cause, at, out);
    }

    fn latest(&self) -> Latest {
        Latest {
            stream: self.stats.connections,
            frame: self.last.frame,
        }
    }

    fn expire_attempts(&mut self, now: Timestamp, out: &mut A::Output) {
        while self.attempts.next_due().is_some_and(|due| due < now)
            && let Some((key, syn)) = self.attempts.pop(self.latest())
        {
            self.end_attempt(&key, syn, CloseCause::Idle, out);
        }
    }

    /// Opens a connection in a slot, with what was seen of its handshake earlier.
    fn open_slot(
        &mut self,
        (key, hash): (FlowKey, u64),
        opening: &Opening,
        handshake: Option<Syn>,
        now: Timestamp,
    ) -> SlotRef {
        let mut connection = Connection::open(opening, &key);
        if let Some(syn) = handshake {
            connection.take_handshake(syn);
        }
        let phase = if opening.handshake && connection.is_half_open() {
            Phase::HalfOpen
        } else {
            Phase::Open
        };
        let reference = self.slots.insert((key, hash), phase, now, connection);
        self.expiry.enter(phase, now, reference);
        let slots = &mut self.slots;
        self.expiry
            .tidy(|reference| slots.get_mut(reference).map(|slot| slot.phase));
        reference
    }

    fn settle(
        &mut self,
        reference: SlotRef,
        frame: FrameNumber,
        now: Timestamp,
        out: &mut A::Output,
    ) {
        let at = self.last;
        let Some(slot) = self.slots.get_mut(reference) else {
            return;
        };
        let Some(connection) = &mut slot.connection else {
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
        let state = connection.settle(&self.lateness, at, &mut cx);
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

    /// Ends a connection and frees its slot.
    fn close(&mut self, reference: SlotRef, cause: CloseCause, at: At, out: &mut A::Output) {
        let Some(slot) = self.slots.get_mut(reference) else {
            return;
        };
        let Some(connection) = &mut slot.connection else {
            return;
        };
        // Where another one takes its place, or it was silent for long, nothing comes late.
        let may_be_late = matches!(cause, CloseCause::Finished | CloseCause::Reset(_));
        let (cause, at) = match connection.reset_by() {
            Some((side, at)) => (CloseCause::Reset(side), at),
            None => (cause, at),
        };
        self.expiry.leave(slot.phase);
        self.waiting_bytes -= connection.waiting_bytes();
        self.unfinished_bytes -= connection.unfinished_bytes();
        let cause = match cause {
            CloseCause::Reset(Side::Server) if connection.is_silent() => {
                self.stats.refused += 1;
                if connection.was_accepted() {
                    cause
                } else {
                    CloseCause::Failed(ConnectError::Refused)
                }
            }
            CloseCause::Reset(_) => cause,
            _ => {
                self.stats.half_open += u64::from(connection.is_half_open());
                cause
            }
        };
        let mut cx = Context {
            limits: &self.limits,
            key: &slot.key,
            stats: &mut self.stats,
            out,
        };
        let key = slot.key;
        let numbers = connection.last_numbers();
        connection.close(cause, at, &mut cx);
        let hash = self.hasher.hash_one(key);
        if may_be_late {
            self.ended.insert((key, hash), numbers, slot.last_seen);
            if let Some(due) = self.ended.next_due() {
                self.expiry.remember(due);
            }
        }
        self.slots.free(reference, hash);
    }

    /// Forgets the slots of a phase that have been silent for its lifetime.
    fn expire(&mut self, phase: Phase, now: Timestamp, out: &mut A::Output) {
        while let Some((_, reference)) = self.expiry.pop_due(phase, now) {
            let slot = self.slots.get_mut(reference);
            let Some(slot) = slot.filter(|slot| slot.phase == phase) else {
                continue;
            };
            let due = self.expiry.due(phase, slot.last_seen);
            if due >= now {
                self.expiry.push(phase, (due, reference));
                continue;
            }
            self.close(reference, CloseCause::Idle, self.last, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::tcp::testing::segment;
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
        let start = segment(1, 0, true, 0, 0).time;
        for port in 1..=2000 {
            for _ in 0..2 {
                table.push(&segment(port, 0x02, true, 100, 0), start, &mut ());
                table.push(&segment(port, 0x12, false, 900, 101), start, &mut ());
            }
        }
        assert_eq!(table.stats().connections, 2000);
        assert_eq!(table.slots.iter().count(), 0);
        // One goes on: it is a connection from its beginning.
        table.push(&segment(7, 0x10, true, 101, 901), start, &mut ());
        assert_eq!(table.stats().connections, 2000);
        let (reference, connection) = table.slots.iter().next().unwrap();
        assert_eq!(connection.stream(), 6);
        assert_eq!(table.slots.get_mut(reference).unwrap().phase, Phase::Open);
        table.advance(FrameNumber(2), start.plus(Duration::from_secs(31)), &mut ());
        assert_eq!(table.stats().half_open, 1999);
        assert_eq!(table.attempts.len(), 0);
        table.finish(&mut ());
        assert_eq!(table.stats().half_open, 1999);
    }

    #[test]
    fn queues_stay_short_though_time_stands_still() {
        let mut table: ConnectionTable<Deaf> = ConnectionTable::new(&Limits::default());
        for n in 0..10_000 {
            let syn = Segment {
                frame: FrameNumber(u64::from(n)),
                ..segment(40_000, 0x02, true, n * 1000, 0)
            };
            table.push(&syn, syn.time, &mut ());
        }
        assert_eq!(table.stats().connections, 10_000);
        let longest = table.expiry.longest();
        assert!(longest < 2000, "{longest}");
    }
}
