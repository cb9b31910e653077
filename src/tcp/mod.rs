//! Segments in any order → each direction's bytes in order, and what is missing of them.
//!
//! A connection hands its bytes to an [`Application`] as [`StreamEvent`]s. Two rules order them:
//!
//! - *Within a direction*, by sequence number. A hole is waited for until the other side has
//!   acknowledged beyond it: then the receiver had those bytes and only the capture lacks them.
//!   As captures can show a frame late (two queues, merged interfaces), the hole becomes a
//!   [`StreamEvent::Gap`] only [`reorder_frames`](crate::limits::Limits::reorder_frames) later.
//! - *Between the directions*, by acknowledgement: a segment comes after the bytes that it
//!   acknowledges, so a response never comes before its request, whatever the capture's order.
//!
//! Read RFC 9293 §3.4 (sequence numbers) and §3.10.7 (segment arrival) before changing this layer.

mod chunks;
mod connection;
mod copies;
mod direction;
mod ended;
mod expiry;
mod flow;
mod half_open;
mod keyed_queue;
mod lateness;
mod sequence;
mod slot;
mod slots;
mod stats;
mod table;
#[cfg(test)]
mod testing;

use crate::capture::frame::{FrameNumber, Timestamp};
use crate::decode::Endpoint;

pub use stats::TcpStats;
pub use table::ConnectionTable;

/// One end of a connection, and the direction of what it sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Who sent the SYN; where the capture does not show it, who was seen first.
    Client,
    /// The other end.
    Server,
}

impl Side {
    /// The other end.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

/// What is known of a connection from its first segment.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionInfo {
    /// Its number in the capture, from 0: Wireshark's `tcp.stream`.
    pub stream: u64,
    /// The end on [`Side::Client`].
    pub client: Endpoint,
    /// The end on [`Side::Server`].
    pub server: Endpoint,
    /// Whether the handshake told which side is which.
    pub handshake: bool,
}

/// Where in the capture something happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct At {
    /// The frame.
    pub frame: FrameNumber,
    /// Its time.
    pub time: Timestamp,
}

/// Why bytes are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GapCause {
    /// The receiver acknowledged bytes that the capture does not hold.
    Lost,
    /// A snap length cut the frame.
    Cut,
}

/// What one direction of a connection carries, in order.
#[derive(Debug, Clone, Copy)]
pub enum StreamEvent<'a> {
    /// The next bytes.
    Data(&'a [u8]),
    /// The next bytes are missing from the capture.
    Gap {
        /// How many.
        missing: u64,
        /// Why.
        cause: GapCause,
    },
    /// No more bytes will come from this side.
    Fin,
}

/// Why a connection did not come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConnectError {
    /// A reset answered its SYN: nothing listens there (RFC 9293 §3.10.7.1).
    Refused,
    /// An ICMP message answered it: there is no way there, or a firewall is in it (RFC 1122 §4.2.3.9).
    Unreachable,
    /// Nothing answered it, though it was repeated.
    Unanswered,
}

/// Why nothing more will be heard of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseCause {
    /// It did not come about.
    Failed(ConnectError),
    /// Both sides closed it.
    Finished,
    /// This side reset it.
    Reset(Side),
    /// The same two ends opened a new one.
    Superseded,
    /// It was silent for too long.
    Idle,
    /// There were too many, or too much in them; this one had been silent the longest.
    Evicted,
    /// The capture ended.
    CaptureEnded,
}

/// Whether the application still wants the bytes of its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interest {
    /// Go on.
    Keep,
    /// Nothing to read here: stop reassembling.
    Drop,
}

/// What reads the bytes of a connection.
pub trait Application {
    /// Where it puts what it finds.
    type Output;

    /// A reader for a new connection.
    fn open(info: &ConnectionInfo) -> Self;

    /// Passes over the next bytes of one side, where it need not see them; `false` where it does:
    /// then they come as an event.
    fn pass_over(&mut self, _side: Side, _bytes: usize, _at: At, _out: &mut Self::Output) -> bool {
        false
    }

    /// Takes the next event of one side.
    fn on_event(
        &mut self,
        info: &ConnectionInfo,
        side: Side,
        event: StreamEvent<'_>,
        at: At,
        out: &mut Self::Output,
    ) -> Interest;

    /// The memory that unfinished messages take: what
    /// [`Limits::unfinished_bytes`](crate::limits::Limits::unfinished_bytes) bounds.
    fn unfinished_bytes(&self) -> usize {
        0
    }

    /// Takes the end of the connection.
    fn on_close(
        &mut self,
        info: &ConnectionInfo,
        cause: CloseCause,
        at: At,
        out: &mut Self::Output,
    );
}
