//! Transactions like one before at the same endpoint: what the rules made of that one is true of the
//! others too, which are only counted.
//!
//! Rules look at what a judgement hangs on ([`crate::cors::alike`]), at header lines, and, roughly, at the
//! length of a body. They must ask for no line that is [unread](reading) here, and for nothing of a
//! transaction's time or connection: advice that rests on those is made of
//! [`Cost`](crate::cors::advice::cost::Cost), which sees every one.

use std::hash::{BuildHasher as _, Hash as _, Hasher as _};
use std::sync::{Arc, LazyLock, Weak};

use foldhash::quality::RandomState;

use crate::cors::advice::cost::Answered;
use crate::cors::advice::rules::{Findings, is_large_body};
use crate::cors::transaction::{Half, Judgement, Transaction};
use crate::http::headers::HeaderList;

/// Transactions that are remembered, some 300 bytes each.
const PLACES: usize = 4096;

/// What the rules made of a transaction.
#[derive(Clone, Default)]
pub(super) struct Tally {
    /// What they found in the preflight's answer, and in the actual one.
    pub(super) found: [Findings; 2],
    pub(super) preflight: Option<Answered>,
    pub(super) actual: Option<Answered>,
}

/// The transactions of late, and what the rules made of each. One's place follows from keyed hashes.
#[derive(Clone, Default)]
pub(super) struct Repeats(Vec<Option<Remembered>>);

#[derive(Clone)]
struct Remembered {
    likeness: Likeness,
    /// Kept so that no other judgement gets its place.
    judgement: Weak<Judgement>,
    tally: Tally,
}

/// Everything that rules ask of a transaction, but its judgement.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Likeness {
    endpoint: usize,
    redirected: bool,
    halves: [Option<HalfLikeness>; 2],
}

#[derive(Clone, PartialEq, Eq)]
struct HalfLikeness {
    request: u64,
    response: Option<u64>,
    has_body: bool,
    has_large_body: bool,
}

impl Likeness {
    /// `None` where nothing else can be like it.
    pub(super) fn of(endpoint: usize, transaction: &Transaction) -> Option<Self> {
        let halves = [transaction.preflight.as_ref(), transaction.actual.as_ref()];
        transaction.judgement.recurs.then(|| Self {
            endpoint,
            redirected: transaction.redirected_from.is_some(),
            halves: halves.map(|half| half.map(HalfLikeness::of)),
        })
    }

    fn place(&self, judgement: &Arc<Judgement>) -> usize {
        let mut sum = (Arc::as_ptr(judgement).addr() as u64) ^ self.endpoint as u64;
        for half in self.halves.iter().flatten() {
            for digest in [half.request, half.response.unwrap_or_default()] {
                sum = sum.rotate_left(19).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ digest;
            }
        }
        let sum = sum.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        usize::try_from(sum % PLACES as u64).unwrap_or_default()
    }
}

impl HalfLikeness {
    fn of(half: &Half) -> Self {
        let bytes = half.body_bytes();
        let response = half.response.as_ref();
        Self {
            request: half.fetch.headers().digest(digest),
            response: response.map(|head| head.headers.digest(digest)),
            has_body: bytes > 0,
            has_large_body: is_large_body(bytes),
        }
    }
}

impl Repeats {
    /// What the rules made of one that was like this.
    pub(super) fn get(&self, likeness: &Likeness, judgement: &Arc<Judgement>) -> Option<&Tally> {
        let remembered = self.0.get(likeness.place(judgement))?.as_ref()?;
        let same = remembered.judgement.as_ptr() == Arc::as_ptr(judgement)
            && remembered.likeness == *likeness;
        same.then_some(&remembered.tally)
    }

    /// Remembers one.
    pub(super) fn put(&mut self, likeness: Likeness, judgement: &Arc<Judgement>, tally: Tally) {
        self.0.resize_with(PLACES, || None);
        if let Some(kept) = self.0.get_mut(likeness.place(judgement)) {
            *kept = Some(Remembered {
                likeness,
                judgement: Arc::downgrade(judgement),
                tally,
            });
        }
    }
}

/// What of a header line is read by rules.
enum Read {
    Nothing,
    /// That it is there.
    Name,
    All,
}

/// How far rules read the lines of this name.
fn reading(name: &[u8]) -> Read {
    const UNREAD: [&str; 9] = [
        "accept",
        "accept-encoding",
        "connection",
        "content-length",
        "content-type",
        "date",
        "keep-alive",
        "server",
        "transfer-encoding",
    ];
    const NAMES: [&str; 10] = [
        "authorization",
        "cookie",
        "etag",
        "if-modified-since",
        "if-none-match",
        "last-modified",
        "referer",
        "traceparent",
        "x-correlation-id",
        "x-request-id",
    ];
    let is_one_of = |names: &[&str]| {
        let mut names = names.iter();
        names.any(|known| known.len() == name.len() && name.eq_ignore_ascii_case(known.as_bytes()))
    };
    if is_one_of(&UNREAD) {
        Read::Nothing
    } else if is_one_of(&NAMES) {
        Read::Name
    } else {
        Read::All
    }
}

/// A keyed hash of what rules read of a header list: traffic cannot aim at collisions.
fn digest(headers: &HeaderList) -> u64 {
    static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::default);
    let mut hasher = HASHER.build_hasher();
    for (name, value) in headers.lines() {
        match reading(name) {
            Read::Nothing => {}
            Read::Name => name.hash(&mut hasher),
            Read::All => (name, value).hash(&mut hasher),
        }
    }
    hasher.finish()
}
