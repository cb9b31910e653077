//! The digits behind a decimal point.

/// Those of a fraction of a second that is given in nanoseconds, without the zeros at its end; of a whole
/// second none.
#[inline]
pub(super) fn fraction(nanos: u32, room: &mut itoa::Buffer) -> &[u8] {
    // A digit in front keeps the zeros behind the point.
    let digits = room.format(1_000_000_000 + nanos).as_bytes();
    let digits = digits.get(1..).unwrap_or_default();
    let end = digits.iter().rposition(|digit| *digit != b'0');
    let len = end.map_or(0, |end| end + 1);
    digits.get(..len).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_are_written_in_front_and_not_at_the_end() {
        for (nanos, digits) in [
            (0, ""),
            (1, "000000001"),
            (999_999_999, "999999999"),
            (500_000_000, "5"),
            (10_000_000, "01"),
            (120_030, "00012003"),
        ] {
            assert_eq!(fraction(nanos, &mut itoa::Buffer::new()), digits.as_bytes());
        }
    }
}
