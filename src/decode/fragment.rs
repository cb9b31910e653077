//! IP fragments → datagrams, bounded in number and time (RFC 791 §3.2, RFC 8200 §4.5).

use std::collections::HashMap;

use etherparse::defrag::IpDefragBuf;
use etherparse::{IpFragOffset, IpNumber};
use foldhash::quality::RandomState;

use crate::capture::frame::Timestamp;
use crate::limits::Limits;

/// What the fragments of one datagram have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct DatagramId {
    pub(super) source: [u8; 16],
    pub(super) destination: [u8; 16],
    pub(super) identification: u32,
    pub(super) protocol: u8,
}

/// One fragment.
pub(super) struct Fragment<'a> {
    pub(super) id: DatagramId,
    pub(super) offset: IpFragOffset,
    pub(super) more: bool,
    pub(super) payload: &'a [u8],
}

struct Collecting {
    since: Timestamp,
    order: u64,
    buffer: IpDefragBuf,
}

/// The datagrams that still lack fragments.
pub(super) struct Fragments {
    collecting: HashMap<DatagramId, Collecting, RandomState>,
    whole: Vec<u8>,
    started: u64,
    max: usize,
    lifetime: std::time::Duration,
    /// Datagrams that were given up: too old, or too many at once.
    pub(super) dropped: u64,
}

impl Fragments {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            collecting: HashMap::default(),
            whole: Vec::new(),
            started: 0,
            max: limits.fragmented_datagrams,
            lifetime: limits.fragment_lifetime,
            dropped: 0,
        }
    }

    /// Adds a fragment; the payload of its datagram where that is whole now.
    pub(super) fn add(&mut self, fragment: &Fragment<'_>, now: Timestamp) -> Option<&[u8]> {
        if !self.collecting.contains_key(&fragment.id) {
            self.make_room(now);
        }
        let order = self.started;
        self.started += 1;
        let entry = self
            .collecting
            .entry(fragment.id)
            .or_insert_with(|| Collecting {
                since: now,
                order,
                buffer: IpDefragBuf::new(IpNumber(fragment.id.protocol), Vec::new(), Vec::new()),
            });
        let added = entry
            .buffer
            .add(fragment.offset, fragment.more, fragment.payload);
        if added.is_err() {
            // Fragments that contradict each other: no receiver would deliver them.
            self.collecting.remove(&fragment.id);
            self.dropped += 1;
            return None;
        }
        if !entry.buffer.is_complete() {
            return None;
        }
        let whole = self.collecting.remove(&fragment.id)?;
        self.whole = whole.buffer.take_bufs().0;
        Some(&self.whole)
    }

    fn make_room(&mut self, now: Timestamp) {
        if self.collecting.len() < self.max {
            return;
        }
        let before = self.collecting.len();
        let lifetime = self.lifetime;
        self.collecting
            .retain(|_, waiting| now.since(waiting.since) < lifetime);
        if self.collecting.len() >= self.max {
            let oldest = self.collecting.iter().min_by_key(|(_, w)| w.order);
            if let Some(id) = oldest.map(|(id, _)| *id) {
                self.collecting.remove(&id);
            }
        }
        self.dropped += (before - self.collecting.len()) as u64;
    }
}
