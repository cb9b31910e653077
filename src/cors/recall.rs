//! What was worked out before of what comes again and again: of hosts, User-Agents, whole heads.

use std::borrow::Borrow;
use std::hash::{BuildHasher, Hash};

use foldhash::quality::RandomState;

/// Longer texts are not kept.
const LONGEST: usize = 512;

/// The values of the keys seen lately. One's place follows from a keyed hash, and has room for two, so that
/// two that come again and again do not crowd each other out. The newest stays.
pub(super) struct Recall<K, V> {
    hasher: RandomState,
    places: Vec<Pair<K, V>>,
}

type Pair<K, V> = [Option<(K, V)>; 2];

impl<K: Eq + Hash, V: Clone> Recall<K, V> {
    /// One with room for so many.
    pub(super) fn new(room: usize) -> Self {
        let mut places = Vec::new();
        places.resize_with(room.div_ceil(2), || [None, None]);
        Self {
            hasher: RandomState::default(),
            places,
        }
    }

    /// The value of a key; `of` works out one that is not there, and nothing but the key may have a
    /// part in it.
    pub(super) fn value(&mut self, key: K, of: impl FnOnce() -> V) -> V {
        let Some(pair) = self.pair(&key) else {
            return of();
        };
        if let Some(value) = found(pair, &key) {
            return value;
        }
        let value = of();
        keep(pair, key, value.clone());
        value
    }

    fn pair<Q: Hash + ?Sized>(&mut self, key: &Q) -> Option<&mut Pair<K, V>>
    where
        K: Borrow<Q>,
    {
        let hash = self.hasher.hash_one(key);
        // By the upper half of the hash: a multiplication takes a tenth of a division's time.
        let place = ((hash >> 32) * self.places.len() as u64) >> 32;
        self.places.get_mut(usize::try_from(place).ok()?)
    }
}

fn found<K, V: Clone, Q: Eq + ?Sized>(pair: &Pair<K, V>, key: &Q) -> Option<V>
where
    K: Borrow<Q>,
{
    let mut kept = pair.iter().flatten();
    let known = kept.find(|(known, _)| known.borrow() == key);
    known.map(|(_, value)| value.clone())
}

fn keep<K, V>(pair: &mut Pair<K, V>, key: K, value: V) {
    let [newest, other] = pair;
    *other = newest.replace((key, value));
}

impl<V: Clone> Recall<Box<[u8]>, V> {
    /// The value of a text, as [`Self::value`].
    pub(super) fn value_of_text(&mut self, text: &[u8], of: impl FnOnce(&[u8]) -> V) -> V {
        let Some(pair) = self.pair(text).filter(|_| text.len() <= LONGEST) else {
            return of(text);
        };
        if let Some(value) = found(pair, text) {
            return value;
        }
        let value = of(text);
        keep(pair, text.into(), value.clone());
        value
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
    #[test]
    fn two_that_share_a_place_do_not_crowd_each_other_out() {
        let mut recall = Recall::new(2);
        let mut worked_out = Vec::new();
        for n in [1, 2, 1, 2, 3, 2, 3, 1] {
            recall.value(n, || worked_out.push(n));
        }
        assert_eq!(worked_out, [1, 2, 3, 1]);
    }
}
