//! Header lists seen lately, found again by their bytes: a client sends the same ones with nearly
//! every request, and a server with nearly every response of one kind.
//!
//! A list that is new often differs from an earlier one in values alone that count for nothing else:
//! its Date, its Content-Length. Such a list is made of the earlier one ([`HeaderList::revalued`]),
//! which is looked for by the bytes at its end.

use std::hash::BuildHasher;

use foldhash::quality::RandomState;

use crate::http::gist::{self, Gist, Kind};
use crate::http::h1::declared::Declared;
use crate::http::headers::HeaderList;

/// Longer lists are not kept.
const LONGEST: usize = 4 << 10;

/// Longer lists are made of no earlier one. Short ones hold few lines, so that those that are kept for
/// that take little.
const LONGEST_SHAPE: usize = 1 << 10;

/// So many bytes at the end of a list tell lists of different shape apart, mostly.
const TAIL: usize = 64;

/// The header lists seen lately, and their gists. One's place follows from a keyed hash of its bytes,
/// so the newest stays.
#[derive(Default)]
pub(super) struct Memo {
    hasher: RandomState,
    size: usize,
    lists: Vec<Option<(HeaderList, Declared)>>,
    /// The same, by their last bytes.
    shapes: Vec<Option<HeaderList>>,
    gists: Vec<Option<Gist>>,
    /// Room for a gist, kept to spare allocations.
    written: Vec<u8>,
}

impl Memo {
    /// An empty one with so many places.
    pub(super) fn new(size: usize) -> Self {
        Self {
            size,
            ..Self::default()
        }
    }

    /// The list that stands in these bytes, blank line included; `parse` reads one that is new.
    pub(super) fn get_or_parse(
        &mut self,
        kind: Kind,
        bytes: &[u8],
        parse: impl FnOnce(&[u8]) -> Option<HeaderList>,
    ) -> Option<(HeaderList, Declared)> {
        if bytes.len() > LONGEST || self.size == 0 {
            let list = parse(bytes)?;
            let declared = Declared::by(&list);
            return Some((list, declared));
        }
        if self.lists.is_empty() {
            self.lists.resize(self.size, None);
            self.shapes.resize(self.size, None);
            self.gists.resize(self.size, None);
        }
        let place = self.place(bytes)?;
        if let Some(Some((list, declared))) = self.lists.get(place)
            && list.bytes() == bytes
            && is_of(list, kind)
        {
            return Some((list.clone(), *declared));
        }
        let list = match self.revalued(kind, bytes) {
            Some(list) => list,
            None => self.parse(kind, bytes, parse)?,
        };
        let declared = Declared::by(&list);
        *self.lists.get_mut(place)? = Some((list.clone(), declared));
        Some((list, declared))
    }

    /// The list, made of an earlier one that ends like it.
    fn revalued(&self, kind: Kind, bytes: &[u8]) -> Option<HeaderList> {
        let shape = self.shapes.get(self.shape(bytes)?)?.as_ref();
        let earlier = shape.filter(|list| is_of(list, kind))?;
        earlier.revalued(bytes, |name| !gist::has_value_of(kind, name))
    }

    fn parse(
        &mut self,
        kind: Kind,
        bytes: &[u8],
        parse: impl FnOnce(&[u8]) -> Option<HeaderList>,
    ) -> Option<HeaderList> {
        let list = parse(bytes)?;
        let gist = self.gist_of(kind, &list)?;
        let list = list.with_gist(gist);
        if let Some(place) = self.shape(bytes)
            && let Some(shape) = self.shapes.get_mut(place)
        {
            *shape = Some(list.clone());
        }
        Some(list)
    }

    /// The place among the shapes.
    fn shape(&self, bytes: &[u8]) -> Option<usize> {
        let tail = bytes.len().saturating_sub(TAIL);
        let tail = bytes.get(tail..).filter(|_| bytes.len() <= LONGEST_SHAPE)?;
        self.place(tail)
    }

    /// The gist of a list: the one that an earlier list has, where it is equal.
    fn gist_of(&mut self, kind: Kind, list: &HeaderList) -> Option<Gist> {
        gist::write(kind, list, &mut self.written);
        let place = self.place(&self.written)?;
        let kept = self.gists.get_mut(place)?;
        match kept {
            Some(gist) if gist.lines() == self.written => Some(gist.clone()),
            _ => {
                let gist = Gist::new(&self.written);
                *kept = Some(gist.clone());
                Some(gist)
            }
        }
    }

    fn place(&self, bytes: &[u8]) -> Option<usize> {
        // By the upper half of the hash: a multiplication takes a tenth of a division's time.
        let place = ((self.hasher.hash_one(bytes) >> 32) * self.size as u64) >> 32;
        usize::try_from(place).ok()
    }
}

fn is_of(list: &HeaderList, kind: Kind) -> bool {
    list.gist().is_some_and(|gist| gist.is_of(kind))
}
