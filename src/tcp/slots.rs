//! The slots of connections, found by their two ends.

use std::hash::BuildHasher;

use foldhash::quality::RandomState;
use hashbrown::HashTable;

use crate::capture::frame::Timestamp;
use crate::tcp::chunks::Chunks;
use crate::tcp::connection::Connection;
use crate::tcp::flow::FlowKey;
use crate::tcp::slot::{Phase, Slot, SlotRef};

/// All slots; one that is free is used again.
pub(super) struct Slots<A> {
    hasher: RandomState,
    by_key: HashTable<u32>,
    all: Chunks<Slot<A>>,
    free: Vec<u32>,
}

impl<A> Slots<A> {
    pub(super) fn new(hasher: &RandomState) -> Self {
        Self {
            hasher: hasher.clone(),
            by_key: HashTable::new(),
            all: Chunks::new(),
            free: Vec::new(),
        }
    }

    /// How many are in use.
    pub(super) fn len(&self) -> usize {
        self.by_key.len()
    }

    /// The slot of the connection between these ends.
    pub(super) fn find(&self, key: &FlowKey, hash: u64) -> Option<SlotRef> {
        let mut generation = 0;
        let index = self.by_key.find(hash, |index| {
            let slot = self.all.get(*index as usize);
            slot.is_some_and(|slot| {
                generation = slot.generation;
                slot.key == *key
            })
        });
        index.map(|&index| SlotRef { index, generation })
    }

    /// The slot that a reference means, unless it was given to another connection since.
    pub(super) fn get_mut(&mut self, reference: SlotRef) -> Option<&mut Slot<A>> {
        let slot = self.all.get_mut(reference.index as usize)?;
        (slot.generation == reference.generation).then_some(slot)
    }

    /// Gives a slot to a connection that has none.
    pub(super) fn insert(
        &mut self,
        (key, hash): (FlowKey, u64),
        phase: Phase,
        now: Timestamp,
        connection: Connection<A>,
    ) -> SlotRef {
        let mut slot = Slot {
            key,
            generation: 0,
            phase,
            last_seen: now,
            connection: Some(connection),
        };
        let free = self.free.pop();
        let place = free.and_then(|index| Some((index, self.all.get_mut(index as usize)?)));
        let reference = if let Some((index, place)) = place {
            let generation = place.generation;
            slot.generation = generation;
            *place = slot;
            SlotRef { index, generation }
        } else {
            let index = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
            self.all.push_back(slot);
            let generation = 0;
            SlotRef { index, generation }
        };
        let (slots, hasher) = (&self.all, &self.hasher);
        self.by_key.insert_unique(hash, reference.index, |index| {
            let slot = slots.get(*index as usize);
            slot.map_or(0, |slot| hasher.hash_one(slot.key))
        });
        reference
    }

    /// Frees a slot; the hash is that of its key.
    pub(super) fn free(&mut self, reference: SlotRef, hash: u64) {
        let Some(slot) = self.get_mut(reference) else {
            return;
        };
        slot.generation = slot.generation.wrapping_add(1);
        slot.connection = None;
        let entry = self.by_key.find_entry(hash, |i| *i == reference.index);
        if let Ok(entry) = entry {
            entry.remove();
        }
        self.free.push(reference.index);
    }

    /// The connections, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (SlotRef, &Connection<A>)> {
        let slots = self.all.iter().zip(0..);
        slots.filter_map(|(slot, index)| {
            let generation = slot.generation;
            Some((SlotRef { index, generation }, slot.connection.as_ref()?))
        })
    }
}
