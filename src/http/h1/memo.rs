//! Header lists seen lately, found again by their bytes: a client sends the same ones with nearly
//! every request, and a server with nearly every response of one kind.

use std::hash::BuildHasher;

use foldhash::quality::RandomState;

use crate::http::headers::HeaderList;

/// How many lists are kept. One's place follows from a keyed hash of its bytes, so the newest stays.
const LISTS: usize = 256;

/// Longer ones are not kept: all together stay below 2 MiB.
const LONGEST: usize = 4 << 10;

/// The header lists seen lately.
#[derive(Default)]
pub(super) struct Memo {
    hasher: RandomState,
    lists: Vec<Option<HeaderList>>,
}

impl Memo {
    /// The list that stands in these bytes, blank line included; `parse` reads one that is new.
    pub(super) fn get_or_parse(
        &mut self,
        bytes: &[u8],
        parse: impl FnOnce(&[u8]) -> Option<HeaderList>,
    ) -> Option<HeaderList> {
        if bytes.len() > LONGEST {
            return parse(bytes);
        }
        self.lists.resize(LISTS, None);
        let place = self.hasher.hash_one(bytes) % LISTS as u64;
        let kept = self.lists.get_mut(usize::try_from(place).ok()?)?;
        match kept {
            Some(list) if list.bytes() == bytes => Some(list.clone()),
            _ => {
                let list = parse(bytes)?;
                *kept = Some(list.clone());
                Some(list)
            }
        }
    }
}
