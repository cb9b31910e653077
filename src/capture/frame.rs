//! A captured frame and the quantities that come with it.

use std::fmt;
use std::time::Duration;

/// The number of a frame in its capture file, counted from 1, as Wireshark shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FrameNumber(pub u64);

impl fmt::Display for FrameNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A point in capture time: nanoseconds since 1970-01-01T00:00:00Z.
///
/// Times outside the years 1677 to 2262 are held at the nearest end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The earliest time there is: before every frame.
    pub const MIN: Self = Self(i64::MIN);

    /// The latest time there is: after every frame.
    pub const MAX: Self = Self(i64::MAX);

    /// From whole seconds and nanoseconds; saturates.
    #[must_use]
    pub const fn new(seconds: i64, nanoseconds: u32) -> Self {
        Self(
            seconds
                .saturating_mul(1_000_000_000)
                .saturating_add(nanoseconds as i64),
        )
    }

    /// Nanoseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// The time from `earlier` to this one; zero where `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        let nanos = self.0.saturating_sub(earlier.0).max(0);
        Duration::from_nanos(nanos.unsigned_abs())
    }

    /// This time moved forward; saturates.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(saturating_nanos(duration)))
    }

    /// This time moved back; saturates.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        self.minus_nanos(saturating_nanos(duration))
    }

    /// This time moved back by so many nanoseconds; saturates.
    #[must_use]
    pub(crate) const fn minus_nanos(self, nanos: i64) -> Self {
        Self(self.0.saturating_sub(nanos))
    }
}

/// A duration in nanoseconds; saturates.
pub(crate) fn saturating_nanos(duration: Duration) -> i64 {
    let seconds = i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    Timestamp::new(seconds, duration.subsec_nanos()).0
}

/// A link-layer header type, by its number in the tcpdump.org list of LINKTYPE values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LinkType(pub u16);

/// One captured frame: bytes off the wire, borrowed from the source that read them.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// Its number in the capture, from 1.
    pub number: FrameNumber,
    /// When it was captured.
    pub time: Timestamp,
    /// What its first bytes are.
    pub link_type: LinkType,
    /// The bytes that were captured; fewer than were sent where a snap length cut them.
    pub bytes: &'a [u8],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_saturate_instead_of_overflowing() {
        let far = Timestamp::new(i64::MAX, 999_999_999);
        assert_eq!(far.as_nanos(), i64::MAX);
        assert_eq!(far.plus(Duration::MAX), far);
        assert_eq!(Timestamp::new(1, 0).since(far), Duration::ZERO);
        assert_eq!(
            Timestamp::new(2, 5).since(Timestamp::new(1, 0)),
            Duration::from_nanos(1_000_000_005)
        );
        assert_eq!(
            Timestamp::new(i64::MIN, 0).minus(Duration::MAX),
            Timestamp::MIN
        );
    }
}
