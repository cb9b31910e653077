//! What was seen of late, by keys that are keyed hashes: traffic cannot aim at collisions.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use hashbrown::HashTable;

/// A map by keys that are keyed hashes, and need not be hashed again.
pub(super) type KeyMap<V> = HashMap<u64, V, BuildHasherDefault<Hashed>>;

/// The hash of what is one.
#[derive(Default)]
pub(super) struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
}

/// A bounded map that forgets what was put in first. Its index holds places alone, to lie in a core's own
/// cache.
pub(super) struct Recent<V> {
    /// Those of all values, by their keys.
    index: HashTable<u32>,
    /// The newest puts, each in the place of the oldest one before it; no value where a newer one has its
    /// key, or it was taken.
    values: Vec<(u64, Option<V>)>,
    /// The place of the next put.
    next: usize,
    max: usize,
}

impl<V> Recent<V> {
    pub(super) fn new(max: usize) -> Self {
        Self {
            index: HashTable::new(),
            values: Vec::new(),
            next: 0,
            max,
        }
    }

    pub(super) fn get(&self, key: u64) -> Option<&V> {
        self.values.get(self.place(key)?)?.1.as_ref()
    }

    pub(super) fn take(&mut self, key: u64) -> Option<V> {
        let values = &self.values;
        let entry = self.index.find_entry(key, |at| has_key(values, *at, key));
        let (at, _) = entry.ok()?.remove();
        self.values.get_mut(at as usize)?.1.take()
    }

    /// Puts a value in, unless one was put in lately, by half of what is remembered.
    pub(super) fn put_lately(&mut self, key: u64, value: V) {
        let age = |at: usize| (self.next + self.max - at - 1) % self.max;
        if self.place(key).is_none_or(|at| age(at) >= self.max / 2) {
            self.put(key, value);
        }
    }

    pub(super) fn put(&mut self, key: u64, value: V) {
        if self.max == 0 {
            return;
        }
        self.take(key);
        let (at, new) = (self.next, (key, Some(value)));
        self.next = (at + 1) % self.max;
        let place = u32::try_from(at).unwrap_or(u32::MAX);
        if let Some(kept) = self.values.get_mut(at) {
            let (oldest, forgotten) = std::mem::replace(kept, new);
            if forgotten.is_some()
                && let Ok(entry) = self.index.find_entry(oldest, |other| *other == place)
            {
                entry.remove();
            }
        } else {
            self.values.push(new);
        }
        let values = &self.values;
        self.index.insert_unique(key, place, |at| {
            values.get(*at as usize).map_or(0, |(key, _)| *key)
        });
    }

    fn place(&self, key: u64) -> Option<usize> {
        let has_key = |at: &u32| has_key(&self.values, *at, key);
        self.index.find(key, has_key).map(|at| *at as usize)
    }
}

fn has_key<V>(values: &[(u64, Option<V>)], at: u32, key: u64) -> bool {
    let there = values.get(at as usize);
    there.is_some_and(|(other, _)| *other == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_puts_are_remembered() {
        let mut recent = Recent::new(3);
        for (key, value) in [(1, 'a'), (2, 'b'), (1, 'c'), (3, 'd')] {
            recent.put(key, value);
        }
        assert_eq!(
            [1, 2, 3].map(|key| recent.get(key).copied()),
            [Some('c'), Some('b'), Some('d')]
        );
        assert_eq!(recent.take(1), Some('c'));
        assert_eq!((recent.take(1), recent.get(1)), (None, None));
        recent.put(1, 'e');
        assert_eq!((recent.get(2), recent.get(1)), (None, Some(&'e')));
        recent.put(4, 'f');
        recent.put(5, 'g');
        assert_eq!(
            [1, 2, 3, 4, 5].map(|key| recent.get(key).copied()),
            [Some('e'), None, None, Some('f'), Some('g')]
        );
        assert_eq!(recent.index.len(), 3);
    }

    #[test]
    fn what_was_put_in_lately_is_not_put_in_again() {
        let mut recent = Recent::new(4);
        for (key, value) in [(1, 'a'), (2, 'b'), (3, 'c')] {
            recent.put_lately(key, value);
        }
        recent.put_lately(3, 'd');
        assert_eq!(recent.get(3), Some(&'c'));
        recent.put_lately(1, 'e');
        assert_eq!(recent.get(1), Some(&'e'));
    }
}
