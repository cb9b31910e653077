//! What was worked out of a text before: hosts and User-Agents are the same in nearly all requests.

use std::hash::BuildHasher;

use foldhash::quality::RandomState;

/// How many texts are kept. One's place follows from a keyed hash, so the newest stays.
const TEXTS: usize = 64;

/// Longer ones are not kept.
const LONGEST: usize = 512;

/// The values of the texts seen lately.
pub(super) struct Recall<V> {
    hasher: RandomState,
    kept: Vec<Option<(Box<[u8]>, V)>>,
}

impl<V: Clone> Recall<V> {
    pub(super) fn new() -> Self {
        Self {
            hasher: RandomState::default(),
            kept: vec![None; TEXTS],
        }
    }

    /// The value of a text; `of` works out one that is new, and nothing else may have a part in it.
    pub(super) fn value(&mut self, text: &[u8], of: impl FnOnce(&[u8]) -> V) -> V {
        let place = self.hasher.hash_one(text) % TEXTS as u64;
        let kept = usize::try_from(place)
            .ok()
            .and_then(|place| self.kept.get_mut(place));
        match kept {
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
    fn every_text_has_its_own_value_whether_it_is_kept_or_not() {
        let mut recall = Recall::new();
        let mut worked_out = 0;
        for round in 0..3 {
            for n in 0..1000 {
                let text = format!("{n}{}", "x".repeat(n));
                let value = recall.value(text.as_bytes(), |text| {
                    worked_out += 1;
                    text.len()
                });
                assert_eq!(value, text.len(), "{round} {n}");
            }
            for _ in 0..10 {
                recall.value(b"again", |_| {
                    worked_out += 1;
                    5
                });
            }
        }
        assert!(worked_out <= 3 * 1001, "{worked_out}");
    }
}
