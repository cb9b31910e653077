//! Header lists seen lately, found again by their bytes: a client sends the same ones with nearly
//! every request, and a server with nearly every response of one kind.
//!
//! A list that is new often differs from an earlier one in values alone that count for nothing else:
//! its Date, its Content-Length. Such a list is made of the earlier one ([`HeaderList::revalued`]),
//! which is looked for by all bytes but digits, else by the bytes at its end.

use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::quality::RandomState;

use crate::http::gist::{self, Gist, Kind};
use crate::http::h1::declared::Declared;
use crate::http::headers::HeaderList;
use crate::http::message::ResponseHead;

/// Longer lists are not kept beyond the next one.
const LONGEST: usize = 4 << 10;

/// Longer lists are made of no earlier one. Short ones hold few lines, so that those that are kept for
/// that take little.
const LONGEST_SHAPE: usize = 1 << 10;

/// So many bytes at the end of a list tell lists of different shape apart, mostly.
const TAIL: usize = 64;

/// A header list that was seen.
#[derive(Clone)]
pub(super) struct Known {
    kind: Kind,
    pub(super) list: HeaderList,
    pub(super) declared: Declared,
    /// The response head that it was last in.
    answer: Option<Arc<ResponseHead>>,
}

impl Known {
    /// The response head with this status and these lines.
    pub(super) fn answer(&mut self, status: u16) -> Arc<ResponseHead> {
        match &self.answer {
            Some(answer) if answer.status == status => Arc::clone(answer),
            _ => {
                let answer = Arc::new(ResponseHead::new(status, self.list.clone()));
                self.answer = Some(Arc::clone(&answer));
                answer
            }
        }
    }
}

/// Lists that share a place: the newest ones stay.
const NEIGHBOURS: usize = 4;

/// The lists at one place, the newest first, and by what each is told from the others.
#[derive(Clone, Default)]
struct Neighbours {
    tags: [u32; NEIGHBOURS],
    lists: [Option<Known>; NEIGHBOURS],
}

impl Neighbours {
    /// Puts a list first; it moves another one on, if it does not take its place.
    fn put(&mut self, tag: u32, known: Known, moves_on: bool) {
        if moves_on {
            self.tags.rotate_right(1);
            self.lists.rotate_right(1);
        }
        let [first_tag, ..] = &mut self.tags;
        let [first, ..] = &mut self.lists;
        (*first_tag, *first) = (tag, Some(known));
    }
}

/// Where a list is.
#[derive(Clone, Copy)]
pub(super) struct Place {
    at: usize,
    neighbour: usize,
}

/// The header lists seen lately, and their gists. One's place follows from a keyed hash of its bytes,
/// so the newest stays.
#[derive(Default)]
pub(super) struct Memo {
    hasher: RandomState,
    /// Places for shapes and gists; lists have as many, shared out.
    size: usize,
    /// The last place is for those that are too long.
    lists: Vec<Neighbours>,
    /// The same, by their shape.
    shapes: Vec<Option<HeaderList>>,
    gists: Vec<Option<Gist>>,
    /// Room for a gist or a shape, kept to spare allocations.
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

    /// The place of the list that stands in these bytes, blank line included, if it was seen.
    pub(super) fn find(&self, kind: Kind, bytes: &[u8]) -> Option<Place> {
        let (at, tag) = self.place_of(bytes);
        let there = self.lists.get(at)?;
        let is_it = |known: &Known| known.kind == kind && known.list.bytes() == bytes;
        let mut pairs = there.tags.iter().zip(&there.lists);
        let neighbour =
            pairs.position(|(own, known)| *own == tag && known.as_ref().is_some_and(is_it))?;
        Some(Place { at, neighbour })
    }

    /// The place of the list that stands in these bytes, blank line included; `parse` reads one that is
    /// new.
    pub(super) fn find_or_parse(
        &mut self,
        kind: Kind,
        bytes: &[u8],
        parse: impl FnOnce(&[u8]) -> Option<HeaderList>,
    ) -> Option<Place> {
        if let Some(place) = self.find(kind, bytes) {
            return Some(place);
        }
        if self.lists.is_empty() {
            let places = self.size / NEIGHBOURS + 1;
            self.lists.resize_with(places, Neighbours::default);
            self.shapes.resize(self.size, None);
            self.gists.resize(self.size, None);
        }
        let list = if bytes.len() > LONGEST || self.size == 0 {
            parse(bytes)?
        } else {
            match self.revalued(kind, bytes) {
                Some(list) => list,
                None => self.parse(kind, bytes, parse)?,
            }
        };
        let known = Known {
            kind,
            declared: Declared::by(&list),
            list,
            answer: None,
        };
        let (at, tag) = self.place_of(bytes);
        self.lists
            .get_mut(at)?
            .put(tag, known, bytes.len() <= LONGEST);
        Some(Place { at, neighbour: 0 })
    }

    /// The list at a place.
    pub(super) fn at(&mut self, place: Place) -> Option<&mut Known> {
        let there = self.lists.get_mut(place.at)?;
        there.lists.get_mut(place.neighbour)?.as_mut()
    }

    /// The list, made of an earlier one that is like it.
    fn revalued(&mut self, kind: Kind, bytes: &[u8]) -> Option<HeaderList> {
        let shapes = self.shapes_of(bytes)?;
        shapes.into_iter().find_map(|place| {
            let shape = self.shapes.get(place)?.as_ref();
            let earlier = shape.filter(|list| is_of(list, kind))?;
            earlier.revalued(bytes, |name| !gist::has_value_of(kind, name))
        })
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
        for place in self.shapes_of(bytes).into_iter().flatten() {
            if let Some(shape) = self.shapes.get_mut(place) {
                *shape = Some(list.clone());
            }
        }
        Some(list)
    }

    /// The places among the shapes, where one like it may be: numbers differ from list to list, or
    /// whole values do that do not stand at its end.
    fn shapes_of(&mut self, bytes: &[u8]) -> Option<[usize; 2]> {
        let tail = bytes.len().saturating_sub(TAIL);
        let tail = bytes.get(tail..).filter(|_| bytes.len() <= LONGEST_SHAPE)?;
        let masked = |byte: &u8| if byte.is_ascii_digit() { b'0' } else { *byte };
        self.written.clear();
        self.written.extend(bytes.iter().map(masked));
        Some([self.place(&self.written), self.place(tail)])
    }

    /// The gist of a list: the one that an earlier list has, where it is equal.
    fn gist_of(&mut self, kind: Kind, list: &HeaderList) -> Option<Gist> {
        gist::write(kind, list, &mut self.written);
        let place = self.place(&self.written);
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

    /// The place among the lists, and what tells one there from the others.
    fn place_of(&self, bytes: &[u8]) -> (usize, u32) {
        let places = self.size / NEIGHBOURS;
        if bytes.len() > LONGEST {
            return (places, 0);
        }
        let hash = self.hasher.hash_one(bytes);
        #[expect(clippy::cast_possible_truncation, reason = "half of the hash")]
        let tag = hash as u32;
        (scaled(hash, places), tag)
    }

    fn place(&self, bytes: &[u8]) -> usize {
        scaled(self.hasher.hash_one(bytes), self.size)
    }
}

/// A number below `end`, by the upper half of a hash.
fn scaled(hash: u64, end: usize) -> usize {
    // A multiplication takes a tenth of a division's time.
    usize::try_from(((hash >> 32) * end as u64) >> 32).unwrap_or_default()
}

fn is_of(list: &HeaderList, kind: Kind) -> bool {
    list.gist().is_some_and(|gist| gist.is_of(kind))
}
