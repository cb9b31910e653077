//! Sorting, a piece at a time, so that keys are never kept waiting.
//!
//! A merge sort from the bottom up: first short runs are sorted, then two of them merged into one twice as
//! long, and so on until there is one.

use std::cmp::Ordering;

/// The length of the first runs, each sorted in one piece: some milliseconds.
const RUN: usize = 4096;
/// Places merged in one piece.
const MERGED: usize = 4 * RUN;

/// Places that are being sorted.
#[derive(Debug)]
pub(super) struct Sorting {
    /// All of them, in sorted runs as far as it got.
    from: Vec<u32>,
    /// Those of `from` that were merged so far.
    into: Vec<u32>,
    /// The length of the runs in `from`; 0 while the first ones are made.
    run: usize,
    /// Where the next run or pair of runs begins.
    start: usize,
    /// What is taken next of each run of the pair.
    next: [usize; 2],
}

impl Sorting {
    /// Begins with these places.
    pub(super) fn new(places: Vec<u32>) -> Self {
        Self {
            from: places,
            into: Vec::new(),
            run: 0,
            start: 0,
            next: [0, 0],
        }
    }

    /// The places, in whatever order they are.
    pub(super) fn into_places(self) -> Vec<u32> {
        self.from
    }

    /// Goes on for a piece; whether all are sorted.
    pub(super) fn go_on(&mut self, compare: impl Fn(&u32, &u32) -> Ordering) -> bool {
        if self.run == 0 {
            let end = self.from.len().min(self.start + RUN);
            if let Some(run) = self.from.get_mut(self.start..end) {
                run.sort_by(compare);
            }
            self.start = end;
            if end == self.from.len() {
                self.run = RUN;
                self.begin_pair(0);
            }
        } else {
            self.merge(compare);
        }
        self.run >= self.from.len().max(1)
    }

    /// Merges for a piece.
    fn merge(&mut self, compare: impl Fn(&u32, &u32) -> Ordering) {
        let len = self.from.len();
        let until = len.min(self.into.len() + MERGED);
        while self.into.len() < until {
            let middle = len.min(self.start + self.run);
            let end = len.min(middle + self.run);
            let [left, right] = self.next;
            let one = self.from.get(left).filter(|_| left < middle);
            let other = self.from.get(right).filter(|_| right < end);
            let is_left = match (one, other) {
                (Some(one), Some(other)) => compare(one, other).is_le(),
                (one, _) => one.is_some(),
            };
            let Some(place) = (if is_left { one } else { other }) else {
                self.begin_pair(end);
                continue;
            };
            self.into.push(*place);
            self.next = if is_left {
                [left + 1, right]
            } else {
                [left, right + 1]
            };
        }
        if self.into.len() == len {
            std::mem::swap(&mut self.from, &mut self.into);
            self.into.clear();
            self.run *= 2;
            self.begin_pair(0);
        }
    }

    fn begin_pair(&mut self, start: usize) {
        self.start = start;
        self.next = [start, self.from.len().min(start + self.run)];
    }
}

/// Sorts in what was added at the end, from place `added` on; gives the first place that changed.
pub(super) fn sort_in(
    places: &mut Vec<u32>,
    added: usize,
    compare: impl Fn(&u32, &u32) -> Ordering,
) -> usize {
    let mut new = places.split_off(added);
    new.sort_by(&compare);
    // From behind, so that each of the old ones moves once.
    let mut old = places.len();
    let mut end = old + new.len();
    places.resize(end, 0);
    for place in new.into_iter().rev() {
        let before = places.get(..old).unwrap_or_default();
        // As rows come nearly in their order, it mostly stays at the end.
        let stays = before
            .last()
            .is_none_or(|last| compare(last, &place).is_le());
        let at = if stays {
            old
        } else {
            before.partition_point(|other| compare(other, &place).is_le())
        };
        let moved = old - at;
        places.copy_within(at..old, end - moved);
        end -= moved + 1;
        if let Some(free) = places.get_mut(end) {
            *free = place;
        }
        old = at;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Places in no order, many with equal keys.
    fn shuffled(len: u32) -> Vec<u32> {
        (0..len)
            .map(|n| n.wrapping_mul(2_654_435_761) % len.max(1))
            .collect()
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "as slices are sorted")]
    fn by_hundreds(a: &u32, b: &u32) -> Ordering {
        (a / 100).cmp(&(b / 100))
    }

    #[test]
    fn pieces_give_the_order_of_a_stable_sort() {
        for len in [0, 1, 5, 4096, 4097, 8192, 20_000, 70_001] {
            let places = shuffled(len);
            let mut expected = places.clone();
            expected.sort_by(by_hundreds);
            let mut sorting = Sorting::new(places);
            let mut pieces = 1;
            while !sorting.go_on(by_hundreds) {
                pieces += 1;
            }
            assert_eq!(pieces > 1, len > 4096, "{len}");
            assert_eq!(sorting.into_places(), expected, "{len}");
        }
    }

    #[test]
    fn no_place_is_lost_while_it_goes_on() {
        let mut sorting = Sorting::new(shuffled(50_000));
        for _ in 0..17 {
            sorting.go_on(by_hundreds);
        }
        let mut places = sorting.into_places();
        places.sort_unstable();
        let mut expected = shuffled(50_000);
        expected.sort_unstable();
        assert_eq!(places, expected);
    }

    #[test]
    fn what_is_added_is_sorted_in() {
        for (old, new, expected, changed) in [
            (&[1, 3, 5][..], &[7, 9][..], &[1, 3, 5, 7, 9][..], 3),
            (&[1, 3, 5], &[4, 0], &[0, 1, 3, 4, 5], 0),
            (&[1, 3, 5], &[2], &[1, 2, 3, 5], 1),
            (&[], &[2, 1], &[1, 2], 0),
            (&[1], &[], &[1], 1),
        ] {
            let mut places = [old, new].concat();
            assert_eq!(
                sort_in(&mut places, old.len(), u32::cmp),
                changed,
                "{old:?}"
            );
            assert_eq!(places, expected);
        }
    }
}
