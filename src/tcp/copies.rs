//! The same packet captured twice: on `any`, on a bridge and on the virtual interface behind it,
//! inside a tunnel and outside.
//!
//! A copy is told from a retransmission by what the sender changes with each packet (the IPv4
//! identification, and through the checksum the time stamps of RFC 7323), and by time: copies come
//! within milliseconds, a retransmission after a round trip at least. Where it is mistaken nothing is
//! lost, as the segment was seen already. The TTL does not count: forwarding lowers it.

use std::hash::{BuildHasher, Hasher};
use std::time::Duration;

use foldhash::quality::RandomState;

use crate::capture::frame::Timestamp;
use crate::decode::Segment;

/// Segments that are remembered: those of some milliseconds on a fast wire. A power of two.
const REMEMBERED: usize = 2048;

/// Finds copies of segments among the latest ones.
pub(super) struct Copies {
    /// By a part of the fingerprint; a later segment takes the place of an earlier one.
    latest: Box<[(u64, Timestamp)]>,
    window: Duration,
}

impl Copies {
    pub(super) fn new(window: Duration) -> Self {
        Self {
            latest: vec![(0, Timestamp::MIN); REMEMBERED].into(),
            window,
        }
    }

    /// Whether this segment, of the connection with this hash, was there just before.
    #[inline]
    pub(super) fn has_seen(
        &mut self,
        hasher: &RandomState,
        connection: u64,
        from_first: bool,
        segment: &Segment<'_>,
    ) -> bool {
        let numbers = u64::from(segment.sequence) << 32 | u64::from(segment.acknowledgement);
        let length = segment.payload.len() as u64;
        let shape = length << 16 | u64::from(segment.flags.0) << 1 | u64::from(from_first);
        let mut state = hasher.build_hasher();
        for word in [connection, numbers, segment.marks, shape] {
            state.write_u64(word);
        }
        let fingerprint = state.finish();
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a part of the fingerprint is what is wanted"
        )]
        let place = fingerprint as usize % REMEMBERED;
        let Some(latest) = self.latest.get_mut(place) else {
            return false;
        };
        let (before, time) = std::mem::replace(latest, (fingerprint, segment.time));
        before == fingerprint
            && segment.time.since(time) <= self.window
            && time.since(segment.time) <= self.window
    }
}
