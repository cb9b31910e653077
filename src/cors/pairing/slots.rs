//! Where open transactions are kept: in slots, which are used again.

use crate::cors::pairing::open::Open;
use crate::cors::transaction::TransactionId;

/// Where one is, or was. The one that began earlier comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) id: TransactionId,
    slot: u32,
}

/// Transactions that are open.
#[derive(Default)]
pub(super) struct Slots {
    all: Vec<Slot>,
    free: Vec<u32>,
}

struct Slot {
    /// Of the one that is or was here last: ids are not given twice.
    id: TransactionId,
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

    /// Gives a place to one.
    pub(super) fn insert(&mut self, id: TransactionId, open: Box<Open>) -> Place {
        let new = Slot {
            id,
            open: Some(open),
        };
        let free = self.free.pop();
        if let Some(slot) = free
            && let Some(place) = self.all.get_mut(slot as usize)
        {
            *place = new;
            return Place { id, slot };
        }
        let slot = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        self.all.push(new);
        Place { id, slot }
    }

    /// Takes one out of its place.
    pub(super) fn remove(&mut self, place: Place) -> Option<Box<Open>> {
        let slot = self.all.get_mut(place.slot as usize)?;
        let open = slot.open.take_if(|_| slot.id == place.id)?;
        self.free.push(place.slot);
        Some(open)
    }
}
