//! Connections whose handshake has not ended: a client's SYN, perhaps answered by a SYN-ACK. Those
//! of a scan or a flood never get further, so they take a fraction of the memory of a real one.

use std::time::Duration;

use foldhash::quality::RandomState;

use crate::capture::frame::{FrameNumber, Timestamp};
use crate::decode::Segment;
use crate::tcp::flow::FlowKey;
use crate::tcp::keyed_queue::KeyedQueue;

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

/// A handshake that waits for its end; 60 bytes with its key.
#[derive(Clone, Copy)]
struct Attempt {
    sequence: u32,
    answer: u32,
    /// The lower half of the connection's number.
    stream: u32,
    /// The lower half of the milliseconds since the first attempt.
    seen: u32,
    /// The lower half of the frame's number.
    frame: u32,
    client_is_first: bool,
    answered: bool,
    repeated: bool,
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
    attempts: KeyedQueue<Attempt>,
    epoch: Option<Timestamp>,
    /// When the last one was seen, in milliseconds since the first one.
    latest: u64,
    lifetime: Duration,
}

impl HalfOpen {
    pub(super) fn new(hasher: &RandomState, lifetime: Duration) -> Self {
        Self {
            attempts: KeyedQueue::new(hasher),
            epoch: None,
            latest: 0,
            lifetime,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.attempts.len()
    }

    /// Adds an attempt that is not here yet.
    pub(super) fn insert(&mut self, key: (FlowKey, u64), syn: Syn, now: Timestamp) {
        let seen = self.millis(now);
        let attempt = Attempt {
            sequence: syn.sequence,
            answer: syn.answer.unwrap_or_default(),
            answered: syn.answer.is_some(),
            stream: low(syn.stream),
            seen,
            frame: low(syn.frame.0),
            client_is_first: syn.client_is_first,
            repeated: syn.repeated,
        };
        self.attempts.push_back(key, attempt);
    }

    /// The lower half of the milliseconds since the first attempt.
    fn millis(&mut self, now: Timestamp) -> u32 {
        let epoch = *self.epoch.get_or_insert(now);
        self.latest = u64::try_from(now.since(epoch).as_millis()).unwrap_or(u64::MAX);
        low(self.latest)
    }

    /// Takes a SYN that is sent again; `false` where it is none.
    pub(super) fn repeat(
        &mut self,
        key: (FlowKey, u64),
        from_first: bool,
        segment: &Segment<'_>,
        now: Timestamp,
    ) -> bool {
        let seen = self.millis(now);
        self.attempts.move_to_back(key, |attempt| {
            let is_same =
                attempt.client_is_first == from_first && attempt.sequence == segment.sequence;
            if is_same {
                attempt.repeated = true;
                attempt.frame = low(segment.frame.0);
                attempt.seen = seen;
            }
            is_same
        })
    }

    /// Takes the answer to a SYN; `false` where it is not one.
    pub(super) fn answer(
        &mut self,
        key: &FlowKey,
        hash: u64,
        from_first: bool,
        segment: &Segment<'_>,
    ) -> bool {
        let Some(attempt) = self.attempts.get_mut(key, hash) else {
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
        let attempt = self.attempts.get(key, hash);
        attempt.is_some_and(|attempt| !attempt.answered && attempt.sequence == sequence)
    }

    /// Takes an attempt out.
    pub(super) fn remove(&mut self, key: &FlowKey, hash: u64, latest: Latest) -> Option<Syn> {
        let attempt = self.attempts.remove(key, hash)?;
        Some(attempt.syn(latest))
    }

    /// When the oldest attempt is over, unless something follows.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        let seen = before(self.latest, self.attempts.front()?.seen);
        let seen = self.epoch?.plus(Duration::from_millis(seen));
        Some(seen.plus(self.lifetime))
    }

    /// Takes the oldest attempt out.
    pub(super) fn pop(&mut self, latest: Latest) -> Option<(FlowKey, Syn)> {
        let (key, attempt) = self.attempts.pop_front()?;
        Some((key, attempt.syn(latest)))
    }
}

impl Attempt {
    fn syn(&self, latest: Latest) -> Syn {
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

/// The number with this lower half that is not above the latest one, and nearest to it.
fn before(latest: u64, half: u32) -> u64 {
    let younger = low(latest).wrapping_sub(half);
    latest.saturating_sub(u64::from(younger))
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
    use crate::tcp::testing::key;

    #[test]
    fn attempts_come_back_as_they_were() {
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
            stream: first + 1000,
            frame: FrameNumber(first + 2000),
        };
        for n in 0..1000 {
            let now = Timestamp::new(100 + i64::from(n), 0);
            half_open.insert(key(&hasher, n), syn(n), now);
        }
        for n in 1..990 {
            let (key, hash) = key(&hasher, n);
            assert_eq!(half_open.remove(&key, hash, latest), Some(syn(n)));
            assert_eq!(half_open.remove(&key, hash, latest), None);
        }
        for n in [0].into_iter().chain(990..1000) {
            let due = Timestamp::new(100 + i64::from(n) + 30, 0);
            assert_eq!(half_open.next_due(), Some(due));
            let (found, at) = half_open.pop(latest).unwrap();
            assert!(found == key(&hasher, n).0 && at == syn(n), "{n}");
        }
        assert!(half_open.pop(latest).is_none());
        assert_eq!(half_open.next_due(), None);
    }

    #[test]
    fn attempts_live_as_long_in_a_capture_of_months() {
        let hasher = RandomState::default();
        let mut half_open = HalfOpen::new(&hasher, Duration::from_secs(20));
        let latest = Latest {
            stream: 10,
            frame: FrameNumber(10),
        };
        let syn = Syn {
            stream: 1,
            client_is_first: true,
            sequence: 7,
            answer: None,
            repeated: false,
            frame: FrameNumber(1),
        };
        // Milliseconds in 32 bits come round after 49 days and 17 hours.
        for (client, seconds) in [(1, 100), (2, 100 + 4_294_967), (3, 100 + 60 * 86_400)] {
            half_open.insert(key(&hasher, client), syn, Timestamp::new(seconds, 0));
            let due = Timestamp::new(seconds + 20, 0);
            assert_eq!(half_open.next_due(), Some(due));
            assert!(half_open.pop(latest).is_some());
        }
    }
}
