//! Which preflight belongs to which actual request, and which redirect led where
//! (what a browser knows and the wire only hints at).
//!
//! Requests come in the order of their time. An actual request takes the newest answered preflight
//! that asked for it; else a remembered answer; else, a refused or lost one that asked for just
//! this. Transactions wait for their other half and for the next hop of a redirect, and are told of
//! once nothing more can come:
//!
//! ```text
//!   preflight ──→ answered ──(actual_wait, refused_wait)→ settled: actual not seen, or refused
//!        │            └── actual request ──→ answered ──→ settled
//!        └──(preflight_wait)──→ settled: unanswered
//!   request without preflight ──→ answered ─────────────→ settled
//!                                    └ redirect ──(next hop, or actual_wait)──→ settled
//! ```

mod candidates;
mod keys;
mod open;
mod redirect;
mod settling;
mod slots;

use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasher;
use std::net::IpAddr;
use std::sync::Arc;

use foldhash::quality::RandomState;
use smallvec::SmallVec;

use crate::capture::frame::{FrameNumber, Timestamp};
use crate::cors::alike::Judgements;
use crate::cors::browser::Assumptions;
use crate::cors::cause::has_cors_headers;
use crate::cors::cors_check::CredentialsMode;
use crate::cors::fetch_request::{Fetches, NotCors, RequestClass};
use crate::cors::pairing::candidates::passes;
use crate::cors::pairing::keys::{request_key, target_key, url_key};
use crate::cors::pairing::open::{Open, Role};
use crate::cors::pairing::slots::{Candidates, Place, Slots};
use crate::cors::preflight::is_redirect;
use crate::cors::preflight_cache::PreflightCache;
use crate::cors::recent::{KeyMap, Recent};
use crate::cors::transaction::{ChainStart, Half, Transaction, TransactionId, TransactionNote};
use crate::http::ConnectionInfo;
use crate::http::connecting::ConnectFailure;
use crate::http::exchange::{Exchange, ExchangeId};
use crate::http::message::{RequestHead, ResponseHead};
use crate::limits::Limits;

pub(in crate::cors) use crate::cors::pairing::keys::client_of;

/// How many waiting preflights are looked at to find the one that a failed connection was made for.
const WAITING: usize = 64;

/// Bytes of a response head that is kept for a later 304: each one is joined with it, and adds to it.
const LONGEST_STORED: usize = 16 << 10;

/// Pairs requests into transactions and judges them.
pub struct Pairing {
    limits: Limits,
    fetches: Fetches,
    judgements: Judgements,
    hasher: RandomState,
    open: Slots,
    /// What they take.
    open_bytes: usize,
    /// Those that are open, in their order, and others that were.
    begun: VecDeque<Place>,
    by_exchange: HashMap<ExchangeId, (Place, Role), RandomState>,
    next_hops: KeyMap<Place>,
    /// Where redirects of requests without Origin lead, when that was, and where they began.
    from_own_origin: Recent<(Timestamp, Arc<ChainStart>)>,
    cache: PreflightCache,
    stored: Recent<Arc<ResponseHead>>,
    /// Servers that have sent an Access-Control-Allow-Origin.
    cors_servers: Recent<()>,
    /// When transactions stop waiting to be continued; all wait equally long.
    waiting: VecDeque<(Timestamp, Place)>,
    /// The same for refused preflights, which wait shorter.
    refused: VecDeque<(Timestamp, Place)>,
    /// When preflights without a response are given up; likewise.
    unanswered: VecDeque<(Timestamp, Place)>,
    next_sweep: Timestamp,
    /// Nothing settles, and no sweep is due, before this.
    next_due: Timestamp,
    settled: Vec<Arc<Transaction>>,
    /// Refused preflights that still wait, where somebody wants to know of them at once.
    refusals: Option<Vec<Arc<Transaction>>>,
    last_id: u64,
    now: Timestamp,
}

impl Pairing {
    /// Knows of no request yet; keeps to `limits`.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            limits: limits.clone(),
            fetches: Fetches::new(Assumptions::default()),
            judgements: Judgements::new(),
            hasher: RandomState::default(),
            open: Slots::default(),
            open_bytes: 0,
            begun: VecDeque::new(),
            by_exchange: HashMap::default(),
            next_hops: KeyMap::default(),
            from_own_origin: Recent::new(limits.stored_responses),
            cache: PreflightCache::new(limits.preflight_cache),
            stored: Recent::new(limits.stored_responses),
            cors_servers: Recent::new(limits.stored_responses),
            waiting: VecDeque::new(),
            refused: VecDeque::new(),
            unanswered: VecDeque::new(),
            next_sweep: Timestamp::MIN,
            next_due: Timestamp::MIN,
            settled: Vec::new(),
            refusals: None,
            last_id: 0,
            now: Timestamp::MIN,
        }
    }

    /// Judges under these assumptions, before it has seen anything.
    pub fn assume(&mut self, assumptions: Assumptions) {
        self.fetches = Fetches::new(assumptions);
        self.judgements = Judgements::new();
    }

    /// Whether transactions were settled, or are to be told of, since the last call of `drain`.
    #[must_use]
    pub fn has_settled(&self) -> bool {
        let has_refusals = |refusals: &Vec<_>| !refusals.is_empty();
        !self.settled.is_empty() || self.refusals.as_ref().is_some_and(has_refusals)
    }

    /// From now on, tells of refused preflights at once, too.
    pub fn tell_refusals(&mut self) {
        self.refusals.get_or_insert_default();
    }

    /// Takes the transactions of refused preflights since the last call, if they are told: what they
    /// will be when they settle, unless the client goes on in spite of the refusal. No browser does.
    pub fn drain_refusals(&mut self) -> impl Iterator<Item = Arc<Transaction>> {
        let refusals = self.refusals.as_mut();
        refusals.into_iter().flat_map(|told| told.drain(..))
    }

    /// Takes the transactions that were settled since the last call.
    pub fn drain(&mut self) -> std::vec::Drain<'_, Arc<Transaction>> {
        self.settled.drain(..)
    }

    /// Takes a request whose head is there.
    pub fn on_requested(
        &mut self,
        id: ExchangeId,
        connection: &ConnectionInfo,
        head: Arc<RequestHead>,
        start: Timestamp,
        frames: SmallVec<[FrameNumber; 2]>,
    ) {
        let Some(fetch) = self.fetches.fetch(head, connection) else {
            return;
        };
        let client = client_of(connection);
        let target = target_key(
            &self.hasher,
            client,
            &fetch.authority,
            fetch.path_and_query(),
        );
        let key = request_key(&self.hasher, target, &fetch);
        let role = if fetch.class == RequestClass::Preflight {
            Role::Preflight
        } else {
            Role::Actual
        };
        let half = Half {
            fetch,
            start,
            frames,
            response: None,
            passes: false,
            exchange: None,
            earlier_frames: SmallVec::new(),
            earlier_tries: 0,
        };
        let candidates = self.open.candidates(key);
        let preflight = match role {
            Role::Preflight => None,
            Role::Actual => self.preflight_of(&candidates, target, &half),
        };
        let place = match (preflight, self.retried(&candidates, role, &half)) {
            (Some(preflight), None) => self.join(preflight, half),
            // A page that asks anew brings a preflight; a browser that only repeats does not.
            (Some(preflight), Some(retried)) if preflight > retried => self.join(preflight, half),
            (_, Some(retried)) => self.try_again(retried, role, half),
            (None, None) => self.begin(client, (target, key), role, half, &candidates),
        };
        self.by_exchange.insert(id, (place, role));
        self.weigh(place);
    }

    /// Takes a response whose head is there.
    pub fn on_responded(&mut self, id: ExchangeId, head: Arc<ResponseHead>, time: Timestamp) {
        if let Some(&(place, role)) = self.by_exchange.get(&id) {
            self.respond(place, role, head, time);
        }
    }

    fn respond(&mut self, place: Place, role: Role, head: Arc<ResponseHead>, time: Timestamp) {
        let hasher = &self.hasher;
        let Some(open) = self.open.get_mut(place) else {
            return;
        };
        let half = match role {
            Role::Preflight => &mut open.preflight,
            Role::Actual => &mut open.actual,
        };
        let Some(half) = half.as_mut().filter(|half| half.response.is_none()) else {
            return;
        };
        let fetch = &half.fetch;
        let head = if head.is_contentious() {
            head.read_by(fetch.browser().http_stack())
        } else {
            head
        };
        let head = half.response.insert(head);
        let memory = head.memory();
        open.weight += memory;
        self.open_bytes += memory;
        if head.headers.contains("access-control-allow-origin") {
            self.cors_servers
                .put_lately(hasher.hash_one(&*fetch.authority), ());
        } else if role == Role::Preflight && !has_cors_headers(head) {
            let server = hasher.hash_one(&*fetch.authority);
            let elsewhere = self.cors_servers.get(server).is_some();
            open.note = elsewhere.then_some(TransactionNote::ReasonHidden);
        }
        match role {
            Role::Preflight => {
                half.passes = self.judgements.passes(fetch, head, || {
                    passes(fetch, head, CredentialsMode::NotInclude)
                });
                if half.passes {
                    let key = url_key(hasher, open.target, fetch);
                    self.cache.store(key, place.id, fetch, head, time);
                }
                open.answered = Some(time);
                let refused = !half.passes;
                if open.actual.is_none() {
                    self.wait(place, refused);
                }
            }
            Role::Actual => {
                let validated =
                    head.headers.contains("etag") || head.headers.contains("last-modified");
                let stored = match &open.stored {
                    // RFC 9111 §4.3.4: what a 304 says replaces what was stored.
                    Some(stored) if head.status == 304 => Some(Arc::new(stored.confirmed_by(head))),
                    _ if validated && head.status != 304 => Some(Arc::clone(head)),
                    _ => None,
                };
                if let Some(stored) = stored.filter(|s| s.headers.size() <= LONGEST_STORED) {
                    let key = url_key(hasher, open.target, fetch);
                    self.stored.put(key, stored);
                }
                if is_redirect(head, fetch.browser()) {
                    self.expect_next_hop(place);
                }
            }
        }
    }

    /// Takes an exchange that is over.
    pub fn on_finished(&mut self, exchange: &Arc<Exchange>) {
        let Some((place, role)) = self.by_exchange.remove(&exchange.id) else {
            self.expect_from_own_origin(exchange);
            return;
        };
        let mut half = self.open.get_mut(place).and_then(|open| open.half(role));
        if let Some(response) = &exchange.response
            && half.as_ref().is_some_and(|half| half.response.is_none())
        {
            let head = Arc::clone(&response.head);
            self.respond(place, role, head, response.head_end);
            half = self.open.get_mut(place).and_then(|open| open.half(role));
        }
        if let Some(half) = half {
            half.exchange = Some(Arc::clone(exchange));
            let unanswered = half.response.is_none();
            if unanswered && (role == Role::Preflight || half.was_dropped()) {
                // A client that got nothing may try again, or go on without the capture showing why.
                self.wait(place, false);
            } else if role == Role::Actual && half.is_repeated() {
                self.wait(place, true);
            }
        }
        if role == Role::Preflight {
            self.tell_of_refusal(place);
        }
        self.settle_if_done(place);
    }

    /// Takes a connection that did not come about: the newest preflight that passed at this server, and
    /// whose actual request did not come yet, most likely waits for it.
    pub fn on_connect_failed(&mut self, failure: &ConnectFailure) {
        let client = client_of(&failure.connection);
        for (_, place) in self.waiting.iter().rev().take(WAITING) {
            let Some(open) = self.open.get_mut(*place) else {
                continue;
            };
            let same_server = |half: &Half| {
                let exchange = half.exchange.as_ref();
                exchange.is_some_and(|e| e.connection.server == failure.connection.server)
            };
            let waits = open.actual.is_none()
                && open.note.is_none()
                && open.client == client
                && open.answered.is_some_and(|at| at <= failure.time)
                && open
                    .preflight
                    .as_ref()
                    .is_some_and(|half| half.passes && same_server(half));
            if waits {
                open.note = Some(TransactionNote::ConnectFailed(failure.error, failure.frame));
                return;
            }
        }
    }

    /// Tells of a preflight whose refusal is all there.
    fn tell_of_refusal(&mut self, place: Place) {
        let Some(refusals) = &mut self.refusals else {
            return;
        };
        let Some(open) = self.open.get(place).filter(|open| open.actual.is_none()) else {
            return;
        };
        let refused = |half: &&Half| half.response.is_some() && !half.passes;
        if open.preflight.as_ref().is_some_and(|half| refused(&half)) {
            let open = Box::new(open.clone());
            let transaction = open.into_transaction(place.id, &mut self.judgements);
            refusals.push(Arc::new(transaction));
        }
    }

    /// Begins a transaction with its first request; `target` and `key` are those of the request.
    fn begin(
        &mut self,
        client: IpAddr,
        (target, key): (u64, u64),
        role: Role,
        half: Half,
        candidates: &Candidates,
    ) -> Place {
        if self.open.len() >= self.limits.open_transactions
            && let Some(oldest) = self.oldest()
        {
            self.settle(oldest);
        }
        self.last_id += 1;
        let id = TransactionId(self.last_id);
        let previous = self.previous_hop(id, target, &half.fetch);
        let chain_start = match &previous {
            Some(hop) => hop.chain_start.clone(),
            None => self.start_at_own_origin(target, &half),
        };
        let mut stored = None;
        let mut note = None;
        if role == Role::Actual {
            let url_key = url_key(&self.hasher, target, &half.fetch);
            stored = self.stored.get(url_key).cloned();
            let is_cors = !matches!(half.fetch.class, RequestClass::NotCors(_));
            if is_cors && half.fetch.needs_preflight() {
                let cached = self.cache.lookup(url_key, &half.fetch, half.start);
                note = Some(cached.map_or(
                    TransactionNote::PreflightNotSeen,
                    TransactionNote::PreflightCached,
                ));
            }
        }
        let is_candidate = !matches!(half.fetch.class, RequestClass::NotCors(NotCors::NoResource));
        let (preflight, actual) = match role {
            Role::Preflight => (Some(half), None),
            Role::Actual => (None, Some(half)),
        };
        let open = Box::new(Open {
            client,
            target,
            key,
            preflight,
            actual,
            answered: None,
            redirected_from: previous.as_ref().map(|hop| hop.transaction),
            redirected_to: None,
            redirects: previous.as_ref().map_or(0, |hop| hop.redirects + 1),
            chain_start,
            next_hop: None,
            stored,
            note,
            deadline: None,
            weight: 0,
        });
        let candidates = is_candidate.then_some(candidates);
        let place = self.open.insert(id, open, candidates);
        let open = &self.open;
        if self.begun.len() > 2 * open.len() + 1024 {
            self.begun.retain(|place| open.contains(*place));
        }
        self.begun.push_back(place);
        if role == Role::Preflight {
            let due = self.now.plus(self.limits.preflight_wait);
            self.unanswered.push_back((due, place));
            if self.unanswered.len() > 2 * open.len() + 1024 {
                self.unanswered.retain(|(_, place)| open.contains(*place));
            }
        }
        place
    }

    /// Adds an actual request to the transaction of its preflight.
    fn join(&mut self, place: Place, half: Half) -> Place {
        if let Some(open) = self.open.get_mut(place) {
            let key = url_key(&self.hasher, open.target, &half.fetch);
            open.stored = self.stored.get(key).cloned();
            open.actual = Some(half);
            open.deadline = None;
        }
        place
    }

    fn try_again(&mut self, place: Place, role: Role, mut half: Half) -> Place {
        if let Some(open) = self.open.get_mut(place) {
            open.deadline = None;
            if let Some(earlier) = open.half(role) {
                half.earlier_tries = earlier.earlier_tries.saturating_add(1);
                half.earlier_frames = std::mem::take(&mut earlier.earlier_frames);
                let room = self.limits.frames_listed;
                let room = room.saturating_sub(half.earlier_frames.len());
                let frames = earlier.frames.iter().take(room);
                half.earlier_frames.extend(frames.copied());
                half.start = earlier.start;
                *earlier = half;
                if role == Role::Preflight {
                    open.answered = None;
                    open.note = None;
                }
            }
        }
        place
    }
}
