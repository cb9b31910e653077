//! Numbers in decimal, as bytes: half of what a line of a report consists of.

/// One more than the numbers of eight digits.
const EIGHT_DIGITS: u64 = 100_000_000;

/// Writes the digits of a number to the end of a text.
#[inline]
pub(super) fn push_number(value: u64, text: &mut Vec<u8>) {
    let (above, below) = (value / EIGHT_DIGITS, low(value % EIGHT_DIGITS));
    if above > 0 {
        push_number(above, text);
        text.extend_from_slice(&eight_digits(below));
        return;
    }
    let digits = u64::from_le_bytes(eight_digits(below));
    // The first byte is the lowest one; a zero at the end is one digit.
    let zeros = ((digits - ZEROS) | 1 << 56).trailing_zeros() / 8;
    let shifted = (digits >> (8 * zeros)).to_le_bytes();
    push_some(&shifted, 8 - zeros as usize, text);
}

/// The digits of a fraction of a second that is given in nanoseconds, and how many there are without the
/// zeros at its end.
#[inline]
pub(super) fn fraction(nanos: u32) -> ([u8; 9], usize) {
    let [_, _, micros @ ..] = eight_digits(nanos / 1000);
    let [_, _, _, _, _, rest @ ..] = eight_digits(nanos % 1000);
    let mut digits = [0; 9];
    let (first, last) = digits.split_at_mut(micros.len());
    first.copy_from_slice(&micros);
    last.copy_from_slice(&rest);
    let last = digits.iter().rposition(|digit| *digit != b'0');
    (digits, last.map_or(0, |last| last + 1))
}

/// Writes the first bytes of some: the compiler knows how many are copied, which takes an instruction or two.
#[inline]
pub(super) fn push_some<const MOST: usize>(bytes: &[u8; MOST], count: usize, text: &mut Vec<u8>) {
    let end = text.len() + count;
    text.extend_from_slice(bytes);
    text.truncate(end);
}

/// Eight times the digit `0`.
const ZEROS: u64 = 0x3030_3030_3030_3030;

/// The digits of a number below 10^8, with zeros before it: halves of four digits, then of two, then of one
/// are told apart side by side, so that nothing waits for a guess of how many there are.
#[inline]
fn eight_digits(value: u32) -> [u8; 8] {
    let halves = u64::from(value / 10_000) | u64::from(value % 10_000) << 32;
    let hundreds = ((halves * 10_486) >> 20) & 0x0000_007f_0000_007f;
    let pairs = hundreds | (halves - hundreds * 100) << 16;
    let tens = ((pairs * 103) >> 10) & 0x000f_000f_000f_000f;
    let digits = tens | (pairs - tens * 10) << 8;
    (digits | ZEROS).to_le_bytes()
}

/// A number below 2^32 as one.
fn low(value: u64) -> u32 {
    u32::try_from(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_fractions_are_written_as_the_standard_library_writes_them() {
        let mut number = 7_u64;
        for round in 0..20_000_usize {
            number = number
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let value = number >> (round % 64);
            let mut text = b"-".to_vec();
            push_number(value, &mut text);
            assert_eq!(text, format!("-{value}").as_bytes());

            let nanos = u32::try_from(number >> 32).unwrap() % 1_000_000_000;
            let nanos = nanos - nanos % [1, 1000, 1_000_000, 1_000_000_000][round % 4];
            let (digits, len) = fraction(nanos);
            let expected = format!("{nanos:09}");
            let expected = expected.trim_end_matches('0');
            assert_eq!(digits.get(..len), Some(expected.as_bytes()));
        }
        for value in (0..EIGHT_DIGITS).step_by(7919).chain([EIGHT_DIGITS - 1]) {
            let digits = eight_digits(low(value));
            let number = digits.iter().fold(0, |so_far, digit| {
                assert!(digit.is_ascii_digit());
                so_far * 10 + u64::from(digit - b'0')
            });
            assert_eq!(number, value);
        }
    }
}
