//! What is known of many pairs of ends, in the order in which it came, found by them.

use std::hash::BuildHasher;

use foldhash::quality::RandomState;
use hashbrown::HashTable;

use crate::tcp::chunks::Chunks;
use crate::tcp::flow::FlowKey;

/// A queue of values with different keys.
pub(super) struct KeyedQueue<T> {
    hasher: RandomState,
    /// Where the entries are in the queue, counted from the first one ever (modulo 2^32).
    places: HashTable<u32>,
    entries: Chunks<Entry<T>>,
    /// The place of the front of the queue, which has a value.
    front: u32,
}

#[derive(Clone, Copy)]
struct Entry<T> {
    key: FlowKey,
    /// `None` once it was taken out.
    value: Option<T>,
}

impl<T: Copy> KeyedQueue<T> {
    pub(super) fn new(hasher: &RandomState) -> Self {
        Self {
            hasher: hasher.clone(),
            places: HashTable::new(),
            entries: Chunks::new(),
            front: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// Puts a value at the end; its key has none yet.
    pub(super) fn push_back(&mut self, (key, hash): (FlowKey, u64), value: T) {
        self.tidy();
        let value = Some(value);
        let place = self.place_of(self.entries.len());
        self.entries.push_back(Entry { key, value });
        self.list(place, hash);
    }

    pub(super) fn get(&self, key: &FlowKey, hash: u64) -> Option<&T> {
        let entry = |place: &u32| self.entries.get(self.index_of(*place));
        let has_key = |place: &u32| entry(place).is_some_and(|entry| entry.key == *key);
        let place = self.places.find(hash, has_key)?;
        entry(place)?.value.as_ref()
    }

    pub(super) fn get_mut(&mut self, key: &FlowKey, hash: u64) -> Option<&mut T> {
        let entry = |place: &u32| self.entries.get(self.index_of(*place));
        let has_key = |place: &u32| entry(place).is_some_and(|entry| entry.key == *key);
        let index = self.index_of(*self.places.find(hash, has_key)?);
        self.entries.get_mut(index)?.value.as_mut()
    }

    /// Takes a value out.
    pub(super) fn remove(&mut self, key: &FlowKey, hash: u64) -> Option<T> {
        let (entries, front) = (&mut self.entries, self.front);
        let index_of = |place: &u32| place.wrapping_sub(front) as usize;
        let found = self.places.find_entry(hash, |place| {
            let entry = entries.get(index_of(place));
            entry.is_some_and(|entry| entry.key == *key)
        });
        let (place, _) = found.ok()?.remove();
        let value = entries.get_mut(index_of(&place))?.value.take();
        self.drop_front();
        value
    }

    /// Changes a value that goes to the end then; `false` where there is none, or `change` will not.
    pub(super) fn move_to_back(
        &mut self,
        (key, hash): (FlowKey, u64),
        change: impl FnOnce(&mut T) -> bool,
    ) -> bool {
        self.tidy();
        let back = self.place_of(self.entries.len());
        let (entries, front) = (&mut self.entries, self.front);
        let index_of = |place: &u32| place.wrapping_sub(front) as usize;
        let found = self.places.find_mut(hash, |place| {
            let entry = entries.get(index_of(place));
            entry.is_some_and(|entry| entry.key == key)
        });
        let Some(place) = found else {
            return false;
        };
        let Some(entry) = entries.get_mut(index_of(place)) else {
            return false;
        };
        let Some(mut value) = entry.value else {
            return false;
        };
        if !change(&mut value) {
            return false;
        }
        entry.value = None;
        *place = back;
        let value = Some(value);
        entries.push_back(Entry { key, value });
        self.drop_front();
        true
    }

    /// The oldest value.
    pub(super) fn front(&self) -> Option<&T> {
        self.entries.front()?.value.as_ref()
    }

    /// Takes the oldest value out.
    pub(super) fn pop_front(&mut self) -> Option<(FlowKey, T)> {
        let key = self.entries.front()?.key;
        let value = self.remove(&key, self.hasher.hash_one(key))?;
        Some((key, value))
    }

    fn index_of(&self, place: u32) -> usize {
        place.wrapping_sub(self.front) as usize
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "places are counted modulo 2^32"
    )]
    fn place_of(&self, index: usize) -> u32 {
        self.front.wrapping_add(index as u32)
    }

    /// Keeps an entry with a value at the front.
    fn drop_front(&mut self) {
        let is_over = |entry: &Entry<T>| entry.value.is_none();
        while self.entries.front().is_some_and(is_over) {
            self.entries.pop_front();
            self.front = self.front.wrapping_add(1);
        }
    }

    /// Drops the entries without a value, if they are many.
    fn tidy(&mut self) {
        if self.entries.len() <= 2 * self.places.len() + 64 {
            return;
        }
        self.entries.retain(|entry| entry.value.is_some());
        self.places.clear();
        for index in 0..self.entries.len() {
            if let Some(entry) = self.entries.get(index) {
                self.list(self.place_of(index), self.hasher.hash_one(entry.key));
            }
        }
    }

    /// Makes the entry at a place one that is found.
    fn list(&mut self, place: u32, hash: u64) {
        let (hasher, entries, front) = (&self.hasher, &self.entries, self.front);
        self.places.insert_unique(hash, place, |place| {
            let entry = entries.get(place.wrapping_sub(front) as usize);
            entry.map_or(0, |entry| hasher.hash_one(entry.key))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tcp::testing;

    #[test]
    fn values_are_found_until_they_are_taken_out_and_leave_in_order() {
        let hasher = RandomState::default();
        let mut queue = KeyedQueue::new(&hasher);
        let key = |client| testing::key(&hasher, client);
        let remove = |queue: &mut KeyedQueue<u16>, n| {
            let (key, hash) = key(n);
            let seen = queue.get(&key, hash).copied();
            assert_eq!(queue.get_mut(&key, hash).copied(), seen);
            queue.remove(&key, hash)
        };
        for n in 1000..2000 {
            queue.push_back(key(n), n);
        }
        // One goes to the end and comes to the front again.
        let change = |value: &mut u16| {
            *value = 7;
            true
        };
        assert!(queue.move_to_back(key(1000), change));
        assert!(!queue.move_to_back(key(7), change));
        assert_eq!(remove(&mut queue, 1000), Some(7));
        queue.push_back(key(1000), 1000);
        for n in 1001..2000 {
            assert!(!queue.move_to_back(key(n), |_| false));
            assert!(queue.move_to_back(key(n), |_| true));
        }
        // Most of them are taken out, some come again: the queue is tidied on the way.
        for n in 1001..1990 {
            assert_eq!(remove(&mut queue, n), Some(n));
            assert_eq!(remove(&mut queue, n), None);
        }
        for n in 2000..4000 {
            queue.push_back(key(n), n);
            if n < 3990 {
                assert_eq!(remove(&mut queue, n), Some(n));
            }
        }
        assert_eq!(queue.len(), 21);
        assert!(queue.entries.len() <= 110, "{}", queue.entries.len());
        for n in [1000].into_iter().chain(1990..2000).chain(3990..4000) {
            assert_eq!(queue.front(), Some(&n));
            let (found, value) = queue.pop_front().unwrap();
            assert!(found == key(n).0 && value == n, "{n}");
        }
        assert!(queue.pop_front().is_none() && queue.front().is_none());
    }
}
