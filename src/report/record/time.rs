//! Times as RFC 3339 writes them.

use std::cell::Cell;
use std::fmt::Display;

use serde::{Serialize, Serializer};

use crate::capture::frame::Timestamp;
use crate::report::digits::fraction;
use crate::report::record::Wire;

/// A time as RFC 3339 writes it, in UTC, to the nanosecond where it has them.
#[derive(Debug, Clone, Copy)]
pub(in crate::report) struct Rfc3339(pub(in crate::report) Timestamp);

impl Rfc3339 {
    /// Its text, written into `room`.
    fn text(self, room: &mut [u8; 30]) -> &[u8] {
        thread_local! {
            /// A second and its text: the times of one capture are close to each other.
            static LAST: Cell<(i64, [u8; 19])> = const { Cell::new((0, *b"1970-01-01T00:00:00")) };
        }
        const SECOND: i64 = 1_000_000_000;
        let nanos = self.0.as_nanos();
        let (second, nanos) = (nanos.div_euclid(SECOND), nanos.rem_euclid(SECOND));
        let (last, mut whole) = LAST.get();
        if last != second {
            let time = jiff::Timestamp::from_second(second).map(|time| time.to_string());
            let time = time.as_deref().unwrap_or_default().as_bytes();
            whole = time.first_chunk().copied().unwrap_or(whole);
            LAST.set((second, whole));
        }
        let nanos = u32::try_from(nanos).unwrap_or_default();
        let mut digits = itoa::Buffer::new();
        let digits = fraction(nanos, &mut digits);
        let (seconds, rest) = room.split_at_mut(whole.len());
        seconds.copy_from_slice(&whole);
        let mut len = 0;
        if let Some((point, fraction)) = rest.split_first_mut()
            && let Some(fraction) = fraction.get_mut(..digits.len())
            && !digits.is_empty()
        {
            *point = b'.';
            fraction.copy_from_slice(digits);
            len = 1 + digits.len();
        }
        if let Some(zone) = rest.get_mut(len) {
            *zone = b'Z';
        }
        room.get(..whole.len() + len + 1).unwrap_or_default()
    }
}

impl Display for Rfc3339 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut room = [0; 30];
        f.write_str(std::str::from_utf8(self.text(&mut room)).unwrap_or_default())
    }
}

impl Serialize for Rfc3339 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Wire(self.text(&mut [0; 30])).serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_the_time_package_writes_them() {
        let mut nanos: i64 = 1_735_689_600_000_000_000;
        for round in 0..5000_i64 {
            nanos = match round % 5 {
                0 => nanos
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1),
                1 => nanos - nanos % 1000,
                2 => nanos - nanos % 1_000_000_000,
                _ => nanos.wrapping_add(123_456_000),
            };
            let expected = jiff::Timestamp::from_nanosecond(i128::from(nanos)).unwrap();
            let (second, fraction) = (
                nanos.div_euclid(1_000_000_000),
                nanos.rem_euclid(1_000_000_000),
            );
            let time = Rfc3339(Timestamp::new(second, u32::try_from(fraction).unwrap()));
            assert_eq!(time.to_string(), expected.to_string());
        }
    }
}
