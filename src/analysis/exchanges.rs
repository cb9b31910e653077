//! The first half of an analysis: frames → what the HTTP layer tells of.

use crate::analysis::{FrameStats, Stats};
use crate::capture::frame::{Frame, FrameNumber, Timestamp};
use crate::decode::{Decoder, Unusable};
use crate::http::HttpOutput;
use crate::http::exchange::HttpEvent;
use crate::http::h1::Http1Connection;
use crate::limits::Limits;
use crate::tcp::{At, ConnectionTable};

/// How far the capture has come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    /// The latest frame.
    pub(super) frame: FrameNumber,
    /// The time before which nothing comes any more.
    pub(super) over: Timestamp,
}

/// Frames in, HTTP events out.
pub(crate) struct Exchanges {
    decoder: Decoder,
    connections: ConnectionTable<Http1Connection>,
    output: HttpOutput,
    frames: FrameStats,
    frame: FrameNumber,
    /// Capture time, which never runs backwards.
    now: Timestamp,
}

impl Exchanges {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            decoder: Decoder::new(limits),
            connections: ConnectionTable::new(limits),
            output: HttpOutput::new(limits),
            frames: FrameStats::default(),
            frame: FrameNumber::default(),
            now: Timestamp::MIN,
        }
    }

    /// Takes the next frame.
    #[inline]
    pub(crate) fn push_frame(&mut self, frame: &Frame<'_>) -> Step {
        self.frames.frames += 1;
        let now = self.now.max(frame.time);
        let taken = self.decoder.decode_for(frame, |segment| {
            if segment.cut > 0 {
                let length = frame.bytes.len();
                self.frames.snap_length = self.frames.snap_length.max(length);
            }
            self.connections.push(segment, now, &mut self.output)
        });
        match taken {
            Ok(true) => self.frames.tcp += 1,
            Ok(false) => self.frames.copies += 1,
            Err(reason) => {
                let place = Unusable::ALL.iter().position(|r| *r == reason);
                if let Some(count) = place.and_then(|at| self.frames.unusable.get_mut(at)) {
                    *count += 1;
                }
                if let Some(message) = self.decoder.take_unreachable() {
                    let at = At {
                        frame: frame.number,
                        time: frame.time,
                    };
                    self.connections.unreachable(&message, at, &mut self.output);
                }
            }
        }
        self.frame = frame.number;
        self.advance_to(now)
    }

    /// Lets capture time pass.
    #[inline]
    pub(crate) fn advance_to(&mut self, now: Timestamp) -> Step {
        self.now = self.now.max(now);
        let frame = self.frame;
        self.connections.advance(frame, self.now, &mut self.output);
        Step {
            frame,
            over: self.connections.over(),
        }
    }

    /// The capture is over.
    pub(crate) fn finish(&mut self) {
        self.connections.finish(&mut self.output);
    }

    /// Whether there are events since the last call of `drain_events`.
    pub(super) fn has_events(&self) -> bool {
        self.output.has_events()
    }

    /// Takes the events since the last call, in order.
    pub(crate) fn drain_events(&mut self) -> std::vec::Drain<'_, (At, HttpEvent)> {
        self.output.drain()
    }

    /// The counters.
    pub(crate) fn stats(&self) -> Stats {
        let mut frames = self.frames.clone();
        frames.datagrams_dropped = self.decoder.datagrams_dropped();
        Stats {
            frames,
            tcp: self.connections.stats().clone(),
            http: self.output.stats().clone(),
        }
    }
}
