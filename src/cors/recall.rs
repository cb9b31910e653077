//! What was worked out before of what comes again and again: of hosts, User-Agents, whole heads.

use std::borrow::Borrow;
use std::hash::{BuildHasher, Hash};

use foldhash::quality::RandomState;

/// Longer texts are not kept.
const LONGEST: usize = 512;

/// The values of the keys seen lately. One's place follows from a keyed hash, so the newest stays.
pub(super) struct Recall<K, V> {
    hasher: RandomState,
    places: usize,
    kept: Vec<Option<(K, V)>>,
}

impl<K: Eq + Hash, V: Clone> Recall<K, V> {
    /// One with room for so many.
    pub(super) fn new(places: usize) -> Self {
        let mut kept = Vec::new();
        kept.resize_with(places, || None);
        Self {
            hasher: RandomState::default(),
            places,
            kept,
        }
    }

    /// The value of a key; `of` works out one that is not there, and nothing but the key may have a
    /// part in it.
    pub(super) fn value(&mut self, key: K, of: impl FnOnce() -> V) -> V {
        let place = self.place(&key);
        if let Some(Some((known, value))) = self.kept.get(place)
            && *known == key
        {
            return value.clone();
        }
        let value = of();
        if let Some(kept) = self.kept.get_mut(place) {
            *kept = Some((key, value.clone()));
        }
        value
    }

    fn place<Q: Hash + ?Sized>(&self, key: &Q) -> usize
    where
        K: Borrow<Q>,
    {
        let hash = self.hasher.hash_one(key);
        // By the upper half of the hash: a multiplication takes a tenth of a division's time.
        let place = ((hash >> 32) * self.places as u64) >> 32;
        usize::try_from(place).unwrap_or_default()
    }
}

impl<V: Clone> Recall<Box<[u8]>, V> {
    /// The value of a text, as [`Self::value`].
    pub(super) fn value_of_text(&mut self, text: &[u8], of: impl FnOnce(&[u8]) -> V) -> V {
        let place = self.place(text);
        match self.kept.get_mut(place) {
            Some(Some((known, value))) if **known == *text => value.clone(),
            Some(kept) if text.len() <= LONGEST => {
                let value = of(text);
                *kept = Some((text.into(), value.clone()));
                value
            }
            _ => of(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_its_own_value_whether_it_is_kept_or_not() {
        let (mut texts, mut numbers) = (Recall::new(64), Recall::new(64));
        let mut worked_out = 0;
        for round in 0..3 {
            for n in 0..1000 {
                let text = format!("{n}{}", "x".repeat(n));
                let value = texts.value_of_text(text.as_bytes(), |text| {
                    worked_out += 1;
                    text.len()
                });
                assert_eq!(value, text.len(), "{round} {n}");
                assert_eq!(numbers.value(n, || n * 2), n * 2);
            }
            for _ in 0..10 {
                texts.value_of_text(b"again", |_| {
                    worked_out += 1;
                    5
                });
                numbers.value(7, || 14);
            }
            assert_eq!(numbers.value(7, || 0), 14);
        }
        assert!(worked_out <= 3 * 1001, "{worked_out}");
    }
}
