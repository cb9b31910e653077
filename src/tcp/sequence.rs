//! Sequence numbers: arithmetic modulo 2^32 (RFC 9293 §3.4).

/// A TCP sequence number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SeqNumber(pub(super) u32);

impl SeqNumber {
    /// This number moved forward by `offset` bytes (modulo 2^32, so any 64-bit stream offset does).
    pub(super) fn plus(self, offset: i64) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "reduction modulo 2^32 is what is meant"
        )]
        Self(self.0.wrapping_add(offset as u32))
    }

    /// How far this number lies after `other`; negative where it lies before.
    pub(super) fn distance_from(self, other: Self) -> i64 {
        i64::from(self.0.wrapping_sub(other.0).cast_signed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_wrap() {
        for (a, b, distance) in [
            (5, 3, 2),
            (3, 5, -2),
            (1, u32::MAX, 2),
            (u32::MAX, 1, -2),
            (0x8000_0000, 0, i64::from(i32::MIN)),
        ] {
            assert_eq!(SeqNumber(a).distance_from(SeqNumber(b)), distance);
        }
        assert_eq!(SeqNumber(u32::MAX).plus(2), SeqNumber(1));
        assert_eq!(SeqNumber(7).plus(-8), SeqNumber(u32::MAX));
        assert_eq!(SeqNumber(7).plus(1 << 32), SeqNumber(7));
    }
}
