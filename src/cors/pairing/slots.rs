//! Where open transactions are kept: in slots, which are used again, and found by the keys of what they ask
//! for. The index of keys holds numbers of slots alone, to lie in a core's own cache.

use hashbrown::HashTable;
use smallvec::SmallVec;

use crate::cors::pairing::open::Open;
use crate::cors::transaction::TransactionId;

/// Where one is, or was. The one that began earlier comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) id: TransactionId,
    slot: u32,
}

/// How many transactions of one key are found.
const CANDIDATES: usize = 64;

/// Those of one key, the oldest first.
pub(super) type Candidates = SmallVec<[Place; 4]>;

/// Transactions that are open.
#[derive(Default)]
pub(super) struct Slots {
    all: Vec<Slot>,
    free: Vec<u32>,
    /// Those that are found by their key, which is a keyed hash already.
    by_key: HashTable<u32>,
}

struct Slot {
    /// Of the one that is or was here last: ids are not given twice.
    id: TransactionId,
    key: u64,
    open: Option<Box<Open>>,
}

impl Slots {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.all.len() - self.free.len()
    }

    pub(super) fn contains(&self, place: Place) -> bool {
        self.get(place).is_some()
    }

    /// The one in a place; `None` where it is settled.
    pub(super) fn get(&self, place: Place) -> Option<&Open> {
        let slot = self.all.get(place.slot as usize)?;
        slot.open.as_deref().filter(|_| slot.id == place.id)
    }

    pub(super) fn get_mut(&mut self, place: Place) -> Option<&mut Open> {
        let slot = self.all.get_mut(place.slot as usize)?;
        slot.open.as_deref_mut().filter(|_| slot.id == place.id)
    }

    /// Those that are found by this key.
    pub(super) fn candidates(&self, key: u64) -> Candidates {
        let slots = self.by_key.iter_hash(key).filter_map(|slot| {
            let there = self.all.get(*slot as usize)?;
            let place = Place {
                id: there.id,
                slot: *slot,
            };
            (there.key == key).then_some(place)
        });
        let mut candidates: Candidates = slots.collect();
        candidates.sort_unstable();
        candidates
    }

    /// Gives a place to one. It is found by its key where it is one of the `candidates` for requests to come,
    /// beside these, unless there are too many: then the oldest is found no more.
    pub(super) fn insert(
        &mut self,
        id: TransactionId,
        open: Box<Open>,
        candidates: Option<&Candidates>,
    ) -> Place {
        let key = open.key;
        let new = Slot {
            id,
            key,
            open: Some(open),
        };
        let free = self.free.pop();
        let free = free.and_then(|slot| Some((slot, self.all.get_mut(slot as usize)?)));
        let slot = if let Some((slot, place)) = free {
            *place = new;
            slot
        } else {
            self.all.push(new);
            u32::try_from(self.all.len() - 1).unwrap_or(u32::MAX)
        };
        if let Some(candidates) = candidates {
            if candidates.len() >= CANDIDATES
                && let Some(oldest) = candidates.first()
            {
                self.lose(key, oldest.slot);
            }
            let all = &self.all;
            self.by_key.insert_unique(key, slot, |slot| {
                all.get(*slot as usize).map_or(0, |slot| slot.key)
            });
        }
        Place { id, slot }
    }

    /// Takes one out of its place.
    pub(super) fn remove(&mut self, place: Place) -> Option<Box<Open>> {
        let slot = self.all.get_mut(place.slot as usize)?;
        let open = slot.open.take_if(|_| slot.id == place.id)?;
        self.free.push(place.slot);
        self.lose(open.key, place.slot);
        Some(open)
    }

    /// Finds a slot by its key no more.
    fn lose(&mut self, key: u64, slot: u32) {
        if let Ok(entry) = self.by_key.find_entry(key, |other| *other == slot) {
            entry.remove();
        }
    }
}
