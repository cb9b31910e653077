//! Header lists seen lately, found again by their bytes: a client sends the same ones with nearly
//! every request, and a server with nearly every response of one kind.

use std::hash::BuildHasher;

use foldhash::quality::RandomState;

use crate::http::gist::{self, Gist, Kind};
use crate::http::headers::HeaderList;

/// Longer lists are not kept.
const LONGEST: usize = 4 << 10;

/// The header lists seen lately, and their gists. One's place follows from a keyed hash of its bytes,
/// so the newest stays.
#[derive(Default)]
pub(super) struct Memo {
    hasher: RandomState,
    size: usize,
    lists: Vec<Option<HeaderList>>,
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
    ) -> Option<HeaderList> {
        if bytes.len() > LONGEST || self.size == 0 {
            return parse(bytes);
        }
        self.lists.resize(self.size, None);
        let place = self.hasher.hash_one(bytes) % self.size as u64;
        let place = usize::try_from(place).ok()?;
        if let Some(Some(list)) = self.lists.get(place)
            && list.bytes() == bytes
            && list.gist().is_some_and(|gist| gist.is_of(kind))
        {
            return Some(list.clone());
        }
        let list = parse(bytes)?;
        let gist = self.gist_of(kind, &list)?;
        let list = list.with_gist(gist);
        *self.lists.get_mut(place)? = Some(list.clone());
        Some(list)
    }

    /// The gist of a list: the one that an earlier list has, where it is equal.
    fn gist_of(&mut self, kind: Kind, list: &HeaderList) -> Option<Gist> {
        gist::write(kind, list, &mut self.written);
        self.gists.resize(self.size, None);
        let place = self.hasher.hash_one(&*self.written) % self.size as u64;
        let kept = self.gists.get_mut(usize::try_from(place).ok()?)?;
        match kept {
            Some(gist) if gist.lines() == self.written => Some(gist.clone()),
            _ => {
                let gist = Gist::new(&self.written);
                *kept = Some(gist.clone());
                Some(gist)
            }
        }
    }
}
