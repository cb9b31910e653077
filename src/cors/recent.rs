//! What was seen of late, by keys that are keyed hashes: traffic cannot aim at collisions.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};

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

/// A bounded map that forgets what was put in first.
pub(super) struct Recent<V> {
    /// By its key, which of the puts brought the value.
    puts: KeyMap<u64>,
    /// The newest puts; no value where a newer one has its key, or it was taken.
    values: VecDeque<(u64, Option<V>)>,
    /// How many puts are forgotten.
    forgotten: u64,
    max: usize,
}

impl<V> Recent<V> {
    pub(super) fn new(max: usize) -> Self {
        Self {
            puts: KeyMap::default(),
            values: VecDeque::new(),
            forgotten: 0,
            max,
        }
    }

    pub(super) fn get(&self, key: u64) -> Option<&V> {
        let place = self.place(*self.puts.get(&key)?);
        self.values.get(place)?.1.as_ref()
    }

    pub(super) fn take(&mut self, key: u64) -> Option<V> {
        let place = self.puts.remove(&key)?;
        let place = self.place(place);
        self.values.get_mut(place)?.1.take()
    }

    /// Puts a value in, unless one was put in lately, by half of what is remembered.
    pub(super) fn put_lately(&mut self, key: u64, value: V) {
        let puts = self.forgotten + self.values.len() as u64;
        let recent = puts.saturating_sub(self.max as u64 / 2);
        if self.puts.get(&key).is_none_or(|put| *put < recent) {
            self.put(key, value);
        }
    }

    pub(super) fn put(&mut self, key: u64, value: V) {
        let put = self.forgotten + self.values.len() as u64;
        if let Some(earlier) = self.puts.insert(key, put) {
            let place = self.place(earlier);
            if let Some((_, value)) = self.values.get_mut(place) {
                *value = None;
            }
        }
        self.values.push_back((key, Some(value)));
        if self.values.len() > self.max
            && let Some((key, value)) = self.values.pop_front()
        {
            self.forgotten += 1;
            if value.is_some() {
                self.puts.remove(&key);
            }
        }
    }

    fn place(&self, put: u64) -> usize {
        usize::try_from(put - self.forgotten).unwrap_or(usize::MAX)
    }
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
        assert_eq!(recent.puts.len(), 3);
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
