//! Connections whose handshake has not ended: a client's SYN, perhaps answered by a SYN-ACK. Those
//! of a scan or a flood never get further, so they take a fraction of the memory of a real one.

use std::hash::BuildHasher;
use std::time::Duration;

use foldhash::quality::RandomState;
use hashbrown::HashTable;

use crate::capture::frame::{FrameNumber, Timestamp};
use crate::decode::Segment;
use crate::tcp::chunks::Chunks;
use crate::tcp::flow::FlowKey;

/// The handshake of a connection so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Syn {
    /// The connection's number in the capture.
    pub(super) stream: u64,
    /// Its sender, the client, is the first end of the flow key.
    pub(super) client_is_first: bool,
    pub(super) sequence: u32,
    /// The sequence number of the SYN-ACK, where there was one.
    pub(super) answer: Option<u32>,
    /// The SYN was sent again.
    pub(super) repeated: bool,
    /// The frame of the last SYN.
    pub(super) frame: FrameNumber,
}

/// A handshake that waits for its end; 60 bytes.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts; attempts are many, so they are kept small"
)]
#[derive(Clone, Copy)]
struct Attempt {
    key: FlowKey,
    sequence: u32,
    answer: u32,
    /// The lower half of the connection's number.
    stream: u32,
    /// In milliseconds since the first attempt.
    seen: u32,
    /// The lower half of the frame's number.
    frame: u32,
    client_is_first: bool,
    answered: bool,
    repeated: bool,
    /// Something else followed.
    over: bool,
}

/// Numbers that are not older than any of an attempt: those are kept in halves.
#[derive(Debug, Clone, Copy)]
pub(super) struct Latest {
    /// Of connections.
    pub(super) stream: u64,
    pub(super) frame: FrameNumber,
}

/// All attempts in the order of their last SYN, found by their key.
pub(super) struct HalfOpen {
    hasher: RandomState,
    /// Where the attempts are in the queue, counted from the first one ever (modulo 2^32).
    places: HashTable<u32>,
    queue: Chunks<Attempt>,
    /// The place of the front of the queue.
    front: u32,
    epoch: Option<Timestamp>,
    lifetime: Duration,
}

impl HalfOpen {
    pub(super) fn new(hasher: &RandomState, lifetime: Duration) -> Self {
        Self {
            hasher: hasher.clone(),
            places: HashTable::new(),
            queue: Chunks::new(),
            front: 0,
            epoch: None,
            lifetime,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// Adds an attempt that is not here yet.
    pub(super) fn insert(&mut self, key: FlowKey, syn: Syn, now: Timestamp) {
        let epoch = *self.epoch.get_or_insert(now);
        let seen = now.since(epoch).as_millis();
        self.tidy();
        let place = self.front.wrapping_add(low(self.queue.len() as u64));
        self.queue.push_back(Attempt {
            key,
            sequence: syn.sequence,
            answer: syn.answer.unwrap_or_default(),
            answered: syn.answer.is_some(),
            stream: low(syn.stream),
            seen: u32::try_from(seen).unwrap_or(u32::MAX),
            frame: low(syn.frame.0),
            client_is_first: syn.client_is_first,
            repeated: syn.repeated,
            over: false,
        });
        self.list(place);
    }

    /// Takes the answer to a SYN; `false` where it is not one.
    pub(super) fn answer(
        &mut self,
        key: &FlowKey,
        hash: u64,
        from_first: bool,
        segment: &Segment<'_>,
    ) -> bool {
        let (queue, front) = (&mut self.queue, self.front);
        let found = self.places.find(hash, |place| {
            let attempt = queue.get(place.wrapping_sub(front) as usize);
            attempt.is_some_and(|attempt| attempt.key == *key)
        });
        let attempt = found.and_then(|place| queue.get_mut(place.wrapping_sub(front) as usize));
        let Some(attempt) = attempt else {
            return false;
        };
        let expected = attempt.client_is_first != from_first
            && attempt.sequence.wrapping_add(1) == segment.acknowledgement
            && (!attempt.answered || attempt.answer == segment.sequence);
        if expected {
            attempt.answered = true;
            attempt.answer = segment.sequence;
        }
        expected
    }

    /// Whether a SYN with this sequence number waits for an answer.
    pub(super) fn awaits_answer(&self, key: &FlowKey, hash: u64, sequence: u32) -> bool {
        let attempt = |place: &u32| self.queue.get(place.wrapping_sub(self.front) as usize);
        let has_key = |place: &u32| attempt(place).is_some_and(|attempt| attempt.key == *key);
        let found = self.places.find(hash, has_key).and_then(attempt);
        found.is_some_and(|attempt| !attempt.answered && attempt.sequence == sequence)
    }

    /// Takes an attempt out.
    pub(super) fn remove(&mut self, key: &FlowKey, hash: u64, latest: Latest) -> Option<Syn> {
        let found = self.places.find_entry(hash, |place| {
            let attempt = self.queue.get(place.wrapping_sub(self.front) as usize);
            attempt.is_some_and(|attempt| attempt.key == *key)
        });
        let (place, _) = found.ok()?.remove();
        let attempt = self
            .queue
            .get_mut(place.wrapping_sub(self.front) as usize)?;
        attempt.over = true;
        let syn = attempt.syn(latest);
        self.drop_front();
        Some(syn)
    }

    /// When the oldest attempt is over, unless something follows.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        let seen = Duration::from_millis(self.queue.front()?.seen.into());
        Some(self.epoch?.plus(seen).plus(self.lifetime))
    }

    /// Takes the oldest attempt out.
    pub(super) fn pop(&mut self, latest: Latest) -> Option<(FlowKey, Syn)> {
        let attempt = self.queue.front()?;
        let (key, syn) = (attempt.key, attempt.syn(latest));
        let hash = self.hasher.hash_one(key);
        self.remove(&key, hash, latest);
        Some((key, syn))
    }

    /// Keeps the front of the queue an attempt that is not over.
    fn drop_front(&mut self) {
        while self.queue.front().is_some_and(|attempt| attempt.over) {
            self.queue.pop_front();
            self.front = self.front.wrapping_add(1);
        }
    }

    /// Takes the attempts that are over from the queue, if they are many.
    fn tidy(&mut self) {
        if self.queue.len() <= 2 * self.places.len() + 64 {
            return;
        }
        self.queue.retain(|attempt| !attempt.over);
        self.places.clear();
        for index in 0..self.queue.len() {
            let place = self.front.wrapping_add(low(index as u64));
            self.list(place);
        }
    }

    /// Makes the attempt at a place one that is found.
    fn list(&mut self, place: u32) {
        let (hasher, queue, front) = (&self.hasher, &self.queue, self.front);
        let hash_at = |place: &u32| {
            let attempt = queue.get(place.wrapping_sub(front) as usize);
            attempt.map_or(0, |attempt| hasher.hash_one(attempt.key))
        };
        self.places.insert_unique(hash_at(&place), place, hash_at);
    }
}

impl Attempt {
    fn syn(&self, latest: Latest) -> Syn {
        let before = |latest: u64, half: u32| {
            let younger = low(latest).wrapping_sub(half);
            latest.saturating_sub(u64::from(younger))
        };
        Syn {
            stream: before(latest.stream, self.stream),
            client_is_first: self.client_is_first,
            sequence: self.sequence,
            answer: self.answered.then_some(self.answer),
            repeated: self.repeated,
            frame: FrameNumber(before(latest.frame.0, self.frame)),
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the lower half is what is meant"
)]
fn low(number: u64) -> u32 {
    number as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Endpoint, TcpFlags};

    fn key(client: u16) -> FlowKey {
        let segment = Segment {
            frame: FrameNumber(1),
            time: Timestamp::new(1, 0),
            source: Endpoint::v4([10, 0, 0, 1], client),
            destination: Endpoint::v4([10, 0, 0, 2], 80),
            sequence: 0,
            acknowledgement: 0,
            flags: TcpFlags(2),
            payload: b"",
            cut: 0,
            marks: 0,
        };
        FlowKey::of(&segment).0
    }

    #[test]
    fn attempts_are_found_until_they_are_taken_out_and_leave_in_order() {
        let hasher = RandomState::default();
        let mut half_open = HalfOpen::new(&hasher, Duration::from_secs(30));
        let first = u64::from(u32::MAX) - 5;
        let syn = |n: u16| Syn {
            stream: first + u64::from(n),
            client_is_first: n.is_multiple_of(2),
            sequence: u32::from(n) * 7,
            answer: n.is_multiple_of(3).then_some(u32::from(n)),
            repeated: n.is_multiple_of(5),
            frame: FrameNumber(first + 2 * u64::from(n)),
        };
        let latest = Latest {
            stream: first + 3000,
            frame: FrameNumber(first + 6000),
        };
        let add = |half_open: &mut HalfOpen, n: u16| {
            let now = Timestamp::new(100 + i64::from(n), 0);
            half_open.insert(key(n), syn(n), now);
        };
        let take = |half_open: &mut HalfOpen, n: u16| {
            half_open.remove(&key(n), hasher.hash_one(key(n)), latest)
        };
        for n in 0..1000 {
            add(&mut half_open, n);
        }
        // Most of them are over, some come again: the queue is tidied on the way.
        for n in 0..990 {
            assert_eq!(take(&mut half_open, n), Some(syn(n)));
            assert_eq!(take(&mut half_open, n), None);
        }
        for n in 1000..3000 {
            add(&mut half_open, n);
            if n < 2990 {
                assert_eq!(take(&mut half_open, n), Some(syn(n)));
            }
        }
        assert_eq!(half_open.len(), 20);
        assert!(half_open.queue.len() < 2500, "{}", half_open.queue.len());
        assert_eq!(
            half_open.next_due(),
            Some(Timestamp::new(100 + 990 + 30, 0))
        );
        for n in (990..1000).chain(2990..3000) {
            let (found, at) = half_open.pop(latest).unwrap();
            assert!(found == key(n) && at == syn(n), "{n}");
        }
        assert!(half_open.pop(latest).is_none());
        assert_eq!(half_open.next_due(), None);
    }
}
