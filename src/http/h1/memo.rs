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

/// The header lists seen lately, and their gists. One's place follows from a keyed hash of its bytes,
/// so the newest stays.
#[derive(Default)]
pub(super) struct Memo {
    hasher: RandomState,
    size: usize,
    /// The last place is for all that are too long.
    lists: Vec<Option<Known>>,
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
    pub(super) fn find(&self, kind: Kind, bytes: &[u8]) -> Option<usize> {
        let place = self.place_of(bytes);
        let known = self.lists.get(place)?.as_ref()?;
        (known.list.bytes() == bytes && is_of(&known.list, kind)).then_some(place)
    }

    /// The place of the list that stands in these bytes, blank line included; `parse` reads one that is
    /// new.
    pub(super) fn find_or_parse(
        &mut self,
        kind: Kind,
        bytes: &[u8],
        parse: impl FnOnce(&[u8]) -> Option<HeaderList>,
    ) -> Option<usize> {
        if let Some(place) = self.find(kind, bytes) {
            return Some(place);
        }
        if self.lists.is_empty() {
            self.lists.resize(self.size + 1, None);
            self.shapes.resize(self.size, None);
            self.gists.resize(self.size, None);
        }
        let place = self.place_of(bytes);
        let list = if place == self.size {
            parse(bytes)?
        } else {
            match self.revalued(kind, bytes) {
                Some(list) => list,
                None => self.parse(kind, bytes, parse)?,
            }
        };
        *self.lists.get_mut(place)? = Some(Known {
            declared: Declared::by(&list),
            list,
            answer: None,
        });
        Some(place)
    }

    /// The list at a place.
    pub(super) fn at(&mut self, place: usize) -> Option<&mut Known> {
        self.lists.get_mut(place)?.as_mut()
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

    /// The place among the lists.
    fn place_of(&self, bytes: &[u8]) -> usize {
        if bytes.len() > LONGEST {
            return self.size;
        }
        self.place(bytes)
    }

    fn place(&self, bytes: &[u8]) -> usize {
        // By the upper half of the hash: a multiplication takes a tenth of a division's time.
        let place = ((self.hasher.hash_one(bytes) >> 32) * self.size as u64) >> 32;
        usize::try_from(place).unwrap_or_default()
    }
}

fn is_of(list: &HeaderList, kind: Kind) -> bool {
    list.gist().is_some_and(|gist| gist.is_of(kind))
}
