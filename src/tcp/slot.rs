//! The place of a connection in the table.

use crate::capture::frame::Timestamp;
use crate::tcp::connection::Connection;
use crate::tcp::flow::FlowKey;

/// What a slot's connection is. (One whose handshake alone was seen in full order has no slot yet, one
/// that is over has none any more.)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    HalfOpen,
    Open,
}

impl Phase {
    /// All of them, in their order.
    pub(super) const ALL: [Self; 2] = [Self::HalfOpen, Self::Open];
}

pub(super) struct Slot<A> {
    pub(super) key: FlowKey,
    pub(super) generation: u16,
    pub(super) phase: Phase,
    pub(super) last_seen: Timestamp,
    /// `None` while the slot is free.
    pub(super) connection: Option<Connection<A>>,
}

/// A slot, as long as it belongs to the same connection. (Where generations have come round, a date
/// of an older connection is taken for one of the slot's, which does no harm.)
#[derive(Clone, Copy)]
pub(super) struct SlotRef {
    pub(super) index: u32,
    pub(super) generation: u16,
}
