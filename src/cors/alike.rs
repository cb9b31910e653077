//! Transactions that are alike share their judgement.
//!
//! Requests and answers of an API differ in their paths and in lines that have no part in a verdict.
//! Where everything that has one is equal, the judgement made first serves all: it is one object, and
//! all that is said of such a transaction but its URL, times, frames and ids is equal too.

use std::sync::Arc;

use crate::cors::fetch_request::FetchRequest;
use crate::cors::recall::Recall;
use crate::cors::transaction::{Half, Judgement, TransactionNote};
use crate::cors::verdict::{Hops, judge};
use crate::http::exchange::{Notes, Outcome};
use crate::http::gist::{Gist, GistId};
use crate::http::message::ResponseHead;

/// Judgements that are remembered.
const REMEMBERED: usize = 1024;

/// Everything that a judgement, and the words about it, hang on.
#[derive(PartialEq, Eq, Hash)]
struct Likeness {
    preflight: Option<HalfLikeness>,
    actual: Option<HalfLikeness>,
    note: Option<TransactionNote>,
    /// A redirect led here: a preflight after one needs no other reason.
    redirected: bool,
}

#[derive(PartialEq, Eq, Hash)]
struct HalfLikeness {
    request: GistId,
    method: Method,
    response: Option<(GistId, u16)>,
    outcome: Outcome,
    notes: Notes,
}

/// A method, with zeros behind it, and its length at the end.
#[derive(PartialEq, Eq, Hash)]
struct Method([u8; 16]);

impl Method {
    /// `None` of one that is longer than those that recur.
    fn of(method: &[u8]) -> Option<Self> {
        let mut bytes = [0; 16];
        let (length, text) = bytes.split_last_mut()?;
        text.get_mut(..method.len())?.copy_from_slice(method);
        *length = u8::try_from(method.len()).ok()?;
        Some(Self(bytes))
    }
}

impl HalfLikeness {
    /// `None` where something else has a part in the judgement: a target that a redirect is resolved
    /// against, a stored response, earlier tries.
    fn of(half: &Half) -> Option<Self> {
        let exchange = half.exchange.as_ref();
        let notes = exchange.map(|exchange| exchange.notes).unwrap_or_default();
        let response = match &half.response {
            Some(head) if head.status == 304 || head.headers.contains("location") => return None,
            Some(head) if head.is_contentious() => return None,
            Some(head) => Some((head.headers.gist().map(Gist::id)?, head.status)),
            None => None,
        };
        (half.earlier_tries == 0).then_some(Self {
            request: half.fetch.gist()?,
            method: Method::of(half.fetch.head.method())?,
            response,
            outcome: half.outcome(),
            notes,
        })
    }
}

impl Likeness {
    fn of(
        preflight: Option<&Half>,
        actual: Option<&Half>,
        note: Option<TransactionNote>,
        redirected: bool,
    ) -> Option<Self> {
        if let Some(TransactionNote::PreflightCached(_) | TransactionNote::ConnectFailed(..)) = note
        {
            return None;
        }
        let half = |half: Option<&Half>| match half {
            Some(half) => HalfLikeness::of(half).map(Some),
            None => Some(None),
        };
        Some(Self {
            preflight: half(preflight)?,
            actual: half(actual)?,
            note,
            redirected,
        })
    }
}

/// Judges, and remembers what was judged lately. All requests are judged under the same assumptions.
pub(super) struct Judgements {
    remembered: Recall<Likeness, Arc<Judgement>>,
    /// Whether an answer, with this status, lets a preflight's request go on.
    passing: Recall<(GistId, GistId, u16), bool>,
    /// Whether a preflight's lines are those of one that asks for an actual request with its lines.
    asking: Recall<(GistId, GistId), bool>,
}

impl Judgements {
    pub(super) fn new() -> Self {
        Self {
            remembered: Recall::new(REMEMBERED),
            passing: Recall::new(REMEMBERED),
            asking: Recall::new(REMEMBERED),
        }
    }

    /// Whether a preflight's lines are those of one that asks for an actual request with its lines;
    /// `compare` says so of two that are new.
    pub(super) fn asks(
        &mut self,
        preflight: &FetchRequest,
        actual: &FetchRequest,
        compare: impl FnOnce() -> bool,
    ) -> bool {
        match (preflight.gist(), actual.gist()) {
            (Some(asked), Some(there)) => self.asking.value((asked, there), compare),
            _ => compare(),
        }
    }

    /// Whether the answer to a preflight lets its request go on; `judge` says so of one that is new.
    pub(super) fn passes(
        &mut self,
        preflight: &FetchRequest,
        response: &ResponseHead,
        judge: impl FnOnce() -> bool,
    ) -> bool {
        if response.is_contentious() {
            return judge();
        }
        match (preflight.gist(), response.headers.gist()) {
            (Some(asked), Some(answered)) => {
                let key = (asked, answered.id(), response.status);
                self.passing.value(key, judge)
            }
            _ => judge(),
        }
    }

    /// The judgement of a transaction ([`judge`]), with one note more.
    pub(super) fn judge(
        &mut self,
        preflight: Option<&Half>,
        actual: Option<&Half>,
        stored: Option<&Arc<ResponseHead>>,
        hops: Hops,
        note: Option<TransactionNote>,
    ) -> Arc<Judgement> {
        let judge = |recurs| {
            let mut judgement = judge(preflight, actual, stored, hops);
            judgement.notes.extend(note);
            judgement.recurs = recurs;
            Arc::new(judgement)
        };
        match Likeness::of(preflight, actual, note, hops.before > 0) {
            Some(likeness) => self.remembered.value(likeness, || judge(true)),
            None => judge(false),
        }
    }
}
