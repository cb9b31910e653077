//! How late a capture may show a frame.

use crate::capture::frame::{FrameNumber, Timestamp, saturating_nanos};
use crate::limits::Limits;
use crate::tcp::At;

/// Tells what is over: what frames that are still to come cannot belong to.
///
/// A frame can be late by a number of frames, and by some milliseconds. In a capture that was seen to show
/// frames late a pause of the wire may lie between a frame and its place: there the time that passes from
/// frame to frame says nothing, but silence does.
pub(super) struct Lateness {
    frames: u64,
    /// In nanoseconds, as they are used with every frame.
    time: i64,
    pause: i64,
    /// Some frame was late.
    is_unordered: bool,
    /// The latest frame, and the latest time of all.
    frame: FrameNumber,
    latest: Timestamp,
    over: Timestamp,
}

impl Lateness {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            frames: limits.reorder_frames,
            time: saturating_nanos(limits.reorder_time),
            pause: saturating_nanos(limits.reorder_pause),
            is_unordered: false,
            frame: FrameNumber::default(),
            latest: Timestamp::MIN,
            over: Timestamp::MIN,
        }
    }

    /// A frame of this time comes when capture time is `now`, its own or later.
    pub(super) fn take(&mut self, time: Timestamp, now: Timestamp) {
        self.is_unordered |= time < now;
    }

    /// Lets capture time pass: to that of a new frame, or in silence after the latest one.
    pub(super) fn advance(&mut self, frame: FrameNumber, now: Timestamp) {
        if frame != self.frame {
            self.frame = frame;
            self.latest = now;
        }
        let mut over = now.minus_nanos(self.time);
        if self.is_unordered && over <= self.latest {
            over = self.latest.minus_nanos(self.pause);
        }
        self.over = over;
    }

    /// The time before which nothing comes any more. It goes back when the first frame is late.
    pub(super) fn over(&self) -> Timestamp {
        self.over
    }

    /// Whether nothing comes any more that was sent before this.
    pub(super) fn is_over(&self, since: At) -> bool {
        self.frame.0.saturating_sub(since.frame.0) > self.frames || since.time < self.over
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn time_alone_ends_waiting_in_order_or_in_silence() {
        let limits = Limits::default();
        let mut lateness = Lateness::new(&limits);
        let start = Timestamp::new(1000, 0);
        let after = |millis| start.plus(Duration::from_millis(millis));
        let at = |frame, millis| At {
            frame: FrameNumber(frame),
            time: after(millis),
        };
        lateness.advance(FrameNumber(1), start);
        lateness.advance(FrameNumber(2), after(50));
        assert!(!lateness.is_over(at(1, 0)));
        lateness.advance(FrameNumber(3), after(51));
        assert!(lateness.is_over(at(1, 0)));
        assert!(!lateness.is_over(at(2, 50)));
        // A late frame: now a pause ends nothing.
        lateness.take(after(49), after(51));
        lateness.advance(FrameNumber(4), after(51));
        lateness.advance(FrameNumber(5), after(900));
        assert!(!lateness.is_over(at(1, 0)));
        // Silence does, and so do frames, and a pause without measure.
        lateness.advance(FrameNumber(5), after(950));
        assert!(!lateness.is_over(at(2, 50)));
        lateness.advance(FrameNumber(5), after(951));
        assert!(lateness.is_over(at(2, 50)));
        lateness.advance(FrameNumber(6), after(1000));
        assert!(!lateness.is_over(at(6, 1000)));
        lateness.advance(FrameNumber(6 + limits.reorder_frames), after(1000));
        assert!(!lateness.is_over(at(6, 1000)));
        lateness.advance(FrameNumber(7 + limits.reorder_frames), after(1000));
        assert!(lateness.is_over(at(6, 1000)));
        let pause = after(1001).plus(limits.reorder_pause);
        lateness.advance(FrameNumber(200), pause);
        assert!(lateness.is_over(at(199, 1000)));
    }
}
