//! A queue that grows without being copied: as many connections as a capture holds need memory once,
//! not twice whenever there are more of them.

use std::collections::VecDeque;

/// Items in a chunk, each but the last one full.
const CHUNK: usize = 256;

/// Items in order, found by their places, in chunks of a fixed size.
pub(super) struct Chunks<T> {
    chunks: VecDeque<Vec<T>>,
    /// How many of the first chunk were taken.
    taken: usize,
}

impl<T> Chunks<T> {
    pub(super) const fn new() -> Self {
        Self {
            chunks: VecDeque::new(),
            taken: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        let last = self.chunks.back().map_or(0, Vec::len);
        self.chunks.len().saturating_sub(1) * CHUNK + last - self.taken
    }

    #[inline]
    pub(super) fn get(&self, place: usize) -> Option<&T> {
        let place = self.taken + place;
        self.chunks.get(place / CHUNK)?.get(place % CHUNK)
    }

    #[inline]
    pub(super) fn get_mut(&mut self, place: usize) -> Option<&mut T> {
        let place = self.taken + place;
        self.chunks.get_mut(place / CHUNK)?.get_mut(place % CHUNK)
    }

    /// The item at place 0.
    #[inline]
    pub(super) fn front(&self) -> Option<&T> {
        self.chunks.front()?.get(self.taken)
    }

    pub(super) fn push_back(&mut self, item: T) {
        match self.chunks.back_mut() {
            Some(last) if last.len() < CHUNK => last.push(item),
            _ => {
                let mut chunk = Vec::with_capacity(CHUNK);
                chunk.push(item);
                self.chunks.push_back(chunk);
            }
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks.iter().flatten().skip(self.taken)
    }
}

impl<T: Copy> Chunks<T> {
    /// Takes the item at place 0: all others move up.
    pub(super) fn pop_front(&mut self) -> Option<T> {
        let item = *self.front()?;
        self.taken += 1;
        let is_only = self.chunks.len() == 1;
        if let Some(first) = self.chunks.front_mut()
            && first.len() == self.taken
        {
            self.taken = 0;
            if is_only {
                first.clear();
            } else {
                self.chunks.pop_front();
            }
        }
        Some(item)
    }

    /// Takes out what is not to be kept.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        let mut kept = Self::new();
        while let Some(item) = self.pop_front() {
            if keep(&item) {
                kept.push_back(item);
            }
        }
        *self = kept;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_queue_which_gives_its_memory_back() {
        let (mut chunks, mut queue) = (Chunks::new(), VecDeque::new());
        for n in 0..20_000_usize {
            chunks.push_back(n);
            queue.push_back(n);
            for _ in 0..[0, 1, 3][n / 200 % 3] {
                assert_eq!(chunks.pop_front(), queue.pop_front());
            }
            if n.is_multiple_of(1999) {
                chunks.retain(|n| !n.is_multiple_of(3));
                queue.retain(|n| !n.is_multiple_of(3));
            }
            assert_eq!(chunks.len(), queue.len());
            assert_eq!(chunks.front(), queue.front());
            let place = n % 100;
            assert_eq!(chunks.get(place), queue.get(place));
            assert_eq!(chunks.get_mut(place), queue.get_mut(place));
            assert!(chunks.chunks.len() <= chunks.len() / CHUNK + 2);
        }
        assert!(chunks.iter().eq(&queue));
    }
}
