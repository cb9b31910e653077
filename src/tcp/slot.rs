//! The place of a connection in the table, which stays for a while after its end.

use crate::capture::frame::Timestamp;
use crate::decode::Segment;
use crate::tcp::connection::Connection;
use crate::tcp::flow::FlowKey;
use crate::tcp::sequence::SeqNumber;

/// What a slot's connection is. (One whose handshake alone was seen in full order has no slot yet.)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    HalfOpen,
    Open,
    Closed,
}

impl Phase {
    /// All of them, in their order.
    pub(super) const ALL: [Self; 3] = [Self::HalfOpen, Self::Open, Self::Closed];
}

pub(super) struct Slot<A> {
    pub(super) key: FlowKey,
    pub(super) generation: u16,
    pub(super) phase: Phase,
    pub(super) last_seen: Timestamp,
    pub(super) content: Content<A>,
}

pub(super) enum Content<A> {
    Connection(Box<Connection<A>>),
    Ended(Ended),
    /// Over, and nobody followed where it ended.
    Unknown,
}

/// The numbers of a connection that is over.
#[derive(Clone, Copy)]
pub(super) struct Ended {
    /// Where the client began.
    pub(super) syn: SeqNumber,
    /// Where the two ends of the flow key stopped.
    pub(super) ends: [SeqNumber; 2],
}

impl<A> Content<A> {
    pub(super) fn connection(&self) -> Option<&Connection<A>> {
        match self {
            Self::Connection(connection) => Some(connection),
            Self::Ended(_) | Self::Unknown => None,
        }
    }

    pub(super) fn connection_mut(&mut self) -> Option<&mut Connection<A>> {
        match self {
            Self::Connection(connection) => Some(connection),
            Self::Ended(_) | Self::Unknown => None,
        }
    }
}

/// Whether a segment between the ends of a connection that is over is not a late one of it: a SYN, or,
/// where the capture shows the SYN late, an acknowledgement of what the other end never sent then.
pub(super) fn begins_another(
    ended: Option<&Ended>,
    segment: &Segment<'_>,
    from_first: bool,
) -> bool {
    let flags = segment.flags;
    if !flags.ack() || flags.rst() {
        let is_late = |ended: &Ended| SeqNumber(segment.sequence).plus(1) == ended.syn;
        return flags.is_first_syn() && !ended.is_some_and(is_late);
    }
    ended.is_some_and(|ended| {
        let [first, second] = ended.ends;
        let peer = if from_first { second } else { first };
        // A FIN takes a number.
        SeqNumber(segment.acknowledgement).distance_from(peer) > 1
    })
}

/// A slot, as long as it belongs to the same connection. (Where generations have come round, a date
/// of an older connection is taken for one of the slot's, which does no harm.)
#[derive(Clone, Copy)]
pub(super) struct SlotRef {
    pub(super) index: u32,
    pub(super) generation: u16,
}
