//! Connections that are over. They are remembered for a while, so that late repetitions of their
//! segments do not look like new ones.

use std::time::Duration;

use foldhash::quality::RandomState;

use crate::capture::frame::Timestamp;
use crate::decode::Segment;
use crate::tcp::flow::FlowKey;
use crate::tcp::keyed_queue::KeyedQueue;
use crate::tcp::sequence::SeqNumber;

/// How long, from the last segment: late repetitions come within seconds.
const LIFETIME: Duration = Duration::from_secs(10);
/// Segments within this time of each other count as one: the queue stays in the order of the last ones
/// though hardly any entry moves.
const MOMENT: Duration = Duration::from_secs(1);

/// The numbers of a connection that is over.
#[derive(Clone, Copy)]
pub(super) struct Numbers {
    /// Where the client began.
    pub(super) syn: SeqNumber,
    /// Where the two ends of the flow key stopped.
    pub(super) ends: [SeqNumber; 2],
}

/// A connection that is over; 64 bytes with its key.
#[derive(Clone, Copy)]
struct Ended {
    last_seen: Timestamp,
    /// `None`: nobody followed where it ended.
    numbers: Option<Numbers>,
}

/// All of them in the order of their last segments, found by their key.
pub(super) struct EndedConnections(KeyedQueue<Ended>);

impl EndedConnections {
    pub(super) fn new(hasher: &RandomState) -> Self {
        Self(KeyedQueue::new(hasher))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Adds a connection; it is the only one of its key.
    pub(super) fn insert(
        &mut self,
        key: (FlowKey, u64),
        numbers: Option<Numbers>,
        last_seen: Timestamp,
    ) {
        self.0.push_back(key, Ended { last_seen, numbers });
    }

    /// Whether a segment is a late one of a connection here. One that begins another makes room for it.
    pub(super) fn has_late(
        &mut self,
        key: (FlowKey, u64),
        segment: &Segment<'_>,
        from_first: bool,
        now: Timestamp,
    ) -> bool {
        let (ends, hash) = &key;
        let Some(ended) = self.0.get(ends, *hash).copied() else {
            return false;
        };
        let is_late = !begins_another(ended.numbers.as_ref(), segment, from_first);
        if !is_late {
            self.0.remove(ends, *hash);
        } else if now.since(ended.last_seen) > MOMENT {
            self.0.move_to_back(key, |ended| {
                ended.last_seen = now;
                true
            });
        }
        is_late
    }

    /// When the oldest one is forgotten, unless something follows.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        Some(self.0.front()?.last_seen.plus(LIFETIME).plus(MOMENT))
    }

    /// Forgets the oldest one; `false` where there is none.
    pub(super) fn forget_oldest(&mut self) -> bool {
        self.0.pop_front().is_some()
    }
}

/// Whether a segment between the ends of a connection that is over is not a late one of it: a SYN, or,
/// where the capture shows the SYN late, an acknowledgement of what the other end never sent then.
fn begins_another(numbers: Option<&Numbers>, segment: &Segment<'_>, from_first: bool) -> bool {
    let flags = segment.flags;
    if !flags.ack() || flags.rst() {
        let is_late = |numbers: &Numbers| SeqNumber(segment.sequence).plus(1) == numbers.syn;
        return flags.is_first_syn() && !numbers.is_some_and(is_late);
    }
    numbers.is_some_and(|numbers| {
        let [first, second] = numbers.ends;
        let peer = if from_first { second } else { first };
        // A FIN takes a number.
        SeqNumber(segment.acknowledgement).distance_from(peer) > 1
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tcp::testing;

    fn segment(flags: u8, sequence: u32, acknowledgement: u32) -> Segment<'static> {
        testing::segment(4000, flags, true, sequence, acknowledgement)
    }

    #[test]
    fn an_ended_connection_is_known_until_it_was_silent_or_another_begins() {
        let from_first = FlowKey::of(&segment(0, 0, 0)).1;
        let hasher = RandomState::default();
        let key = testing::key(&hasher, 4000);
        let mut all = EndedConnections::new(&hasher);
        let numbers = Numbers {
            syn: SeqNumber(101),
            ends: [200, 900].map(SeqNumber),
        };
        let after = |millis| Timestamp::new(1000, 0).plus(Duration::from_millis(millis));
        let late = segment(0x10, 200, 901);
        for known in [Some(numbers), None] {
            all.insert(key, known, after(0));
            for millis in [0, 1000, 1001, 2001, 5000, 5001] {
                assert!(all.has_late(key, &late, from_first, after(millis)));
                assert_eq!(all.len(), 1);
            }
            assert_eq!(all.next_due(), Some(after(5000 + 10_000 + 1000)));
            // Its own SYN can be shown late; another one begins another connection.
            let own = segment(0x02, 100, 0);
            assert_eq!(
                all.has_late(key, &own, from_first, after(5002)),
                known.is_some()
            );
            let other = segment(0x02, 7000, 0);
            assert!(!all.has_late(key, &other, from_first, after(5003)));
            assert_eq!(all.len(), 0);
        }
        all.insert(key, Some(numbers), after(0));
        // What the other end never sent can belong to another one only.
        let beyond = segment(0x10, 200, 902);
        assert!(!all.has_late(key, &beyond, from_first, after(1)));
        assert_eq!((all.len(), all.next_due()), (0, None));
        assert!(!all.has_late(key, &late, from_first, after(2)));
        all.insert(key, None, after(0));
        assert!(all.forget_oldest() && !all.forget_oldest());
    }
}
