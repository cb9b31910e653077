//! What names a connection on the wire: its two ends.

use std::hash::{Hash, Hasher};

use crate::decode::{Endpoint, Segment};

/// The two ends of a connection, in a fixed order: the same for both directions.
///
/// Held as words of 32 bits, which leave no room unused.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct FlowKey {
    first: [u32; 4],
    second: [u32; 4],
    ports: [u16; 2],
}

/// By whole words, as it is done with every segment.
impl Hash for FlowKey {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        let word = |high: u32, low: u32| u64::from(high) << 32 | u64::from(low);
        for [a, b, c, d] in [self.first, self.second] {
            state.write_u64(word(a, b));
            state.write_u64(word(c, d));
        }
        let [first, second] = self.ports;
        state.write_u32(u32::from(first) << 16 | u32::from(second));
    }
}

impl FlowKey {
    /// The key of a segment's connection, and whether its sender is the first of the two ends.
    #[inline]
    pub(super) fn of(segment: &Segment<'_>) -> (Self, bool) {
        Self::between(segment.source, segment.destination)
    }

    /// The key of what one end sends to another, and whether the sender is the first of the two.
    #[inline]
    pub(super) fn between(source: Endpoint, destination: Endpoint) -> (Self, bool) {
        if source <= destination {
            (Self::new(source, destination), true)
        } else {
            (Self::new(destination, source), false)
        }
    }

    #[inline]
    fn new(first: Endpoint, second: Endpoint) -> Self {
        Self {
            first: words(first.bits()),
            second: words(second.bits()),
            ports: [first.port(), second.port()],
        }
    }

    /// The two ends.
    pub(super) fn ends(&self) -> (Endpoint, Endpoint) {
        let [first, second] = self.ports;
        (
            Endpoint::from_bits(bits(self.first), first),
            Endpoint::from_bits(bits(self.second), second),
        )
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "each word is a part of the number"
)]
fn words(bits: u128) -> [u32; 4] {
    [96, 64, 32, 0].map(|shift| (bits >> shift) as u32)
}

fn bits(words: [u32; 4]) -> u128 {
    words
        .into_iter()
        .fold(0, |bits, word| bits << 32 | u128::from(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::frame::{FrameNumber, Timestamp};
    use crate::decode::TcpFlags;

    #[test]
    fn both_directions_have_one_key_which_holds_their_ends() {
        let v6 = |last| {
            Endpoint::v6(
                [0x20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, last],
                9,
            )
        };
        for (one, other) in [
            (
                Endpoint::v4([10, 0, 0, 1], 80),
                Endpoint::v4([9, 0, 0, 1], 4000),
            ),
            (
                Endpoint::v4([10, 0, 0, 1], 80),
                Endpoint::v4([10, 0, 0, 1], 81),
            ),
            (v6(1), v6(2)),
        ] {
            let segment = |source, destination| Segment {
                frame: FrameNumber(1),
                time: Timestamp::new(1, 0),
                source,
                destination,
                sequence: 0,
                acknowledgement: 0,
                flags: TcpFlags(0),
                payload: b"",
                cut: 0,
                marks: 0,
            };
            let (there, first) = FlowKey::of(&segment(one, other));
            let (back, second) = FlowKey::of(&segment(other, one));
            assert!(there == back && first != second);
            let (a, b) = there.ends();
            assert_eq!(if first { (a, b) } else { (b, a) }, (one, other));
        }
    }
}
