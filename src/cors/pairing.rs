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

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::BuildHasher;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use foldhash::quality::RandomState;
use smallvec::SmallVec;

use crate::capture::frame::{FrameNumber, Timestamp};
use crate::cors::browser::Assumptions;
use crate::cors::cause::has_cors_headers;
use crate::cors::cors_check::CredentialsMode;
use crate::cors::fetch_request::{Credentials, FetchRequest, Fetches, NotCors, RequestClass};
use crate::cors::preflight::{Asked, is_redirect, preflight_findings};
use crate::cors::preflight_cache::{PreflightCache, Recent};
use crate::cors::safelist::is_cors_safelisted_method;
use crate::cors::transaction::{Half, Transaction, TransactionId, TransactionNote};
use crate::cors::url::{Location, resolve};
use crate::cors::verdict::judge;
use crate::http::ConnectionInfo;
use crate::http::exchange::{Exchange, ExchangeId};
use crate::http::headers::{Elements, names_missing};
use crate::http::message::{RequestHead, ResponseHead};
use crate::limits::Limits;

/// How many transactions of one URL and method are looked at to find a request's preflight.
const CANDIDATES: usize = 64;

/// How often, in capture time, unanswered preflights are looked at.
const SWEEP: Duration = Duration::from_secs(1);

/// Bytes of a response head that is kept for a later 304: each one is joined with it, and adds to it.
const LONGEST_STORED: usize = 16 << 10;

/// More header names than a redirect can drop from a request.
const DROPPED_BY_REDIRECT: usize = 16;

/// Which half of a transaction an exchange is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Preflight,
    Actual,
}

/// A transaction that is not settled yet.
#[derive(Clone)]
struct Open {
    client: IpAddr,
    /// Under which key it is a candidate for requests to come.
    key: u64,
    preflight: Option<Half>,
    actual: Option<Half>,
    /// When the preflight's answer was there.
    answered: Option<Timestamp>,
    redirected_from: Option<TransactionId>,
    redirected_to: Option<TransactionId>,
    /// How many redirects led here.
    redirects: u32,
    /// Where its redirect leads: the key of the next hop.
    next_hop: Option<u64>,
    stored: Option<Arc<ResponseHead>>,
    note: Option<TransactionNote>,
    deadline: Option<Timestamp>,
}

impl Open {
    /// What it is if nothing more comes.
    fn into_transaction(self, id: TransactionId) -> Transaction {
        let preflight = self.preflight.as_ref();
        let actual = self.actual.as_ref();
        let mut judgement = judge(preflight, actual, self.stored.as_ref(), self.redirects);
        judgement.notes.extend(self.note);
        Transaction {
            id,
            redirected_from: self.redirected_from,
            redirected_to: self.redirected_to,
            preflight: self.preflight,
            actual: self.actual,
            judgement,
        }
    }

    fn half(&mut self, role: Role) -> Option<&mut Half> {
        match role {
            Role::Preflight => self.preflight.as_mut(),
            Role::Actual => self.actual.as_mut(),
        }
    }
}

/// Pairs requests into transactions and judges them.
pub struct Pairing {
    limits: Limits,
    fetches: Fetches,
    hasher: RandomState,
    /// Boxed, as entries of a tree are moved when others come and go.
    open: BTreeMap<TransactionId, Box<Open>>,
    by_exchange: HashMap<ExchangeId, (TransactionId, Role), RandomState>,
    /// Preflights without actual request, and requests that got no response, by what they ask for.
    candidates: HashMap<u64, SmallVec<[TransactionId; 2]>, RandomState>,
    next_hops: HashMap<u64, TransactionId, RandomState>,
    cache: PreflightCache,
    stored: Recent<Arc<ResponseHead>>,
    /// Servers that have sent an Access-Control-Allow-Origin.
    cors_servers: Recent<()>,
    /// When transactions stop waiting to be continued; all wait equally long.
    waiting: VecDeque<(Timestamp, TransactionId)>,
    /// The same for refused preflights, which wait shorter.
    refused: VecDeque<(Timestamp, TransactionId)>,
    /// When preflights without a response are given up; likewise.
    unanswered: VecDeque<(Timestamp, TransactionId)>,
    next_sweep: Timestamp,
    settled: Vec<Transaction>,
    /// Refused preflights that still wait, where somebody wants to know of them at once.
    refusals: Option<Vec<Transaction>>,
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
            hasher: RandomState::default(),
            open: BTreeMap::new(),
            by_exchange: HashMap::default(),
            candidates: HashMap::default(),
            next_hops: HashMap::default(),
            cache: PreflightCache::new(limits.preflight_cache),
            stored: Recent::new(limits.stored_responses),
            cors_servers: Recent::new(limits.stored_responses),
            waiting: VecDeque::new(),
            refused: VecDeque::new(),
            unanswered: VecDeque::new(),
            next_sweep: Timestamp::MIN,
            settled: Vec::new(),
            refusals: None,
            last_id: 0,
            now: Timestamp::MIN,
        }
    }

    /// Judges under these assumptions.
    pub fn assume(&mut self, assumptions: Assumptions) {
        self.fetches = Fetches::new(assumptions);
    }

    /// Whether transactions were settled since the last call of `drain`.
    #[must_use]
    pub fn has_settled(&self) -> bool {
        !self.settled.is_empty()
    }

    /// From now on, tells of refused preflights at once, too.
    pub fn tell_refusals(&mut self) {
        self.refusals.get_or_insert_default();
    }

    /// Takes the transactions of refused preflights since the last call, if they are told: what they
    /// will be when they settle, unless the client goes on in spite of the refusal. No browser does.
    pub fn drain_refusals(&mut self) -> impl Iterator<Item = Transaction> {
        let refusals = self.refusals.as_mut();
        refusals.into_iter().flat_map(|told| told.drain(..))
    }

    /// Takes the transactions that were settled since the last call.
    pub fn drain(&mut self) -> std::vec::Drain<'_, Transaction> {
        self.settled.drain(..)
    }

    /// Takes a request whose head is there.
    pub fn on_requested(
        &mut self,
        id: ExchangeId,
        connection: &ConnectionInfo,
        head: &Arc<RequestHead>,
        start: Timestamp,
        frames: SmallVec<[FrameNumber; 2]>,
    ) {
        let Some(fetch) = self.fetches.fetch(head, connection) else {
            return;
        };
        let client = client_of(connection);
        let key = request_key(&self.hasher, client, &fetch);
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
        let preflight = match role {
            Role::Preflight => None,
            Role::Actual => self.preflight_of(key, &half),
        };
        let transaction = match (preflight, self.retried(key, role, &half)) {
            (Some(preflight), None) => self.join(preflight, half),
            // A page that asks anew brings a preflight; a browser that only repeats does not.
            (Some(preflight), Some(retried)) if preflight > retried => self.join(preflight, half),
            (_, Some(retried)) => self.try_again(retried, role, half),
            (None, None) => self.begin(client, key, role, half),
        };
        self.by_exchange.insert(id, (transaction, role));
    }

    /// Takes a response whose head is there.
    pub fn on_responded(&mut self, id: ExchangeId, head: &Arc<ResponseHead>, time: Timestamp) {
        let Some(&(transaction, role)) = self.by_exchange.get(&id) else {
            return;
        };
        let hasher = &self.hasher;
        let Some(open) = self.open.get_mut(&transaction) else {
            return;
        };
        let client = open.client;
        let Some(half) = open.half(role).filter(|half| half.response.is_none()) else {
            return;
        };
        half.response = Some(Arc::clone(head));
        let fetch = &half.fetch;
        if head.headers.contains("access-control-allow-origin") {
            self.cors_servers
                .put(hasher.hash_one(&*fetch.authority), ());
        } else if role == Role::Preflight && !has_cors_headers(head) {
            let server = hasher.hash_one(&*fetch.authority);
            let elsewhere = self.cors_servers.get(server).is_some();
            open.note = elsewhere.then_some(TransactionNote::ReasonHidden);
        }
        let stored = open.stored.clone();
        let Some(half) = open.half(role) else {
            return;
        };
        let fetch = &half.fetch;
        match role {
            Role::Preflight => {
                half.passes = passes(fetch, head, CredentialsMode::NotInclude);
                if half.passes {
                    let key = url_key(hasher, client, fetch);
                    self.cache.store(key, transaction, fetch, head, time);
                }
                let refused = !half.passes;
                open.answered = Some(time);
                if open.actual.is_none() {
                    self.wait(transaction, refused);
                }
            }
            Role::Actual => {
                let validated =
                    head.headers.contains("etag") || head.headers.contains("last-modified");
                let stored = match &stored {
                    // RFC 9111 §4.3.4: what a 304 says replaces what was stored.
                    Some(stored) if head.status == 304 => Some(Arc::new(stored.confirmed_by(head))),
                    _ if validated && head.status != 304 => Some(Arc::clone(head)),
                    _ => None,
                };
                if let Some(stored) = stored.filter(|s| s.headers.size() <= LONGEST_STORED) {
                    let key = url_key(hasher, client, fetch);
                    self.stored.put(key, stored);
                }
                if is_redirect(head, fetch.browser()) {
                    self.expect_next_hop(transaction, head);
                }
            }
        }
    }

    /// Takes an exchange that is over.
    pub fn on_finished(&mut self, exchange: &Arc<Exchange>) {
        if let Some(response) = &exchange.response {
            self.on_responded(exchange.id, &response.head, response.head_end);
        }
        let Some((transaction, role)) = self.by_exchange.remove(&exchange.id) else {
            return;
        };
        if let Some(open) = self.open.get_mut(&transaction)
            && let Some(half) = open.half(role)
        {
            half.exchange = Some(Arc::clone(exchange));
            let unanswered = half.response.is_none();
            if unanswered && (role == Role::Preflight || half.was_dropped()) {
                // A client that got nothing may try again, or go on without the capture showing why.
                self.wait(transaction, false);
            }
        }
        if role == Role::Preflight {
            self.tell_of_refusal(transaction);
        }
        self.settle_if_done(transaction);
    }

    /// Tells of a preflight whose refusal is all there.
    fn tell_of_refusal(&mut self, id: TransactionId) {
        let Some(refusals) = &mut self.refusals else {
            return;
        };
        let Some(open) = self.open.get(&id).filter(|open| open.actual.is_none()) else {
            return;
        };
        let refused = |half: &&Half| half.response.is_some() && !half.passes;
        if open.preflight.as_ref().is_some_and(|half| refused(&half)) {
            refusals.push(open.clone().into_transaction(id));
        }
    }

    /// Lets capture time pass.
    pub fn advance(&mut self, now: Timestamp) {
        let now = self.now.max(now);
        self.now = now;
        loop {
            let due = |queue: &VecDeque<(Timestamp, TransactionId)>| {
                let front = queue.front().copied();
                front.filter(|(due, _)| *due < now)
            };
            let (due, id) = match (due(&self.refused), due(&self.waiting)) {
                (Some(refused), Some(waiting)) if refused < waiting => {
                    self.refused.pop_front();
                    refused
                }
                (_, Some(waiting)) => {
                    self.waiting.pop_front();
                    waiting
                }
                (Some(refused), None) => {
                    self.refused.pop_front();
                    refused
                }
                (None, None) => break,
            };
            if let Some(open) = self.open.get_mut(&id)
                && open.deadline == Some(due)
            {
                open.deadline = None;
                self.settle_if_done(id);
            }
        }
        if self.now > self.next_sweep {
            self.next_sweep = self.now.plus(SWEEP);
            self.give_up_unanswered();
        }
    }

    /// Settles preflights that have waited for a response longer than any browser does.
    fn give_up_unanswered(&mut self) {
        while let Some((due, id)) = self.unanswered.front().copied() {
            let waits = self.open.get(&id).is_some_and(|open| {
                let preflight = open.preflight.as_ref().filter(|_| open.actual.is_none());
                preflight.is_some_and(|half| half.response.is_none())
            });
            if waits && due >= self.now {
                return;
            }
            self.unanswered.pop_front();
            if waits {
                self.settle(id);
            }
        }
    }

    /// Settles everything: nothing more will come.
    pub fn finish(&mut self) {
        while let Some((&transaction, _)) = self.open.first_key_value() {
            self.settle(transaction);
        }
    }

    /// Begins a transaction with its first request.
    fn begin(&mut self, client: IpAddr, key: u64, role: Role, half: Half) -> TransactionId {
        if self.open.len() >= self.limits.open_transactions
            && let Some((&oldest, _)) = self.open.first_key_value()
        {
            self.settle(oldest);
        }
        self.last_id += 1;
        let id = TransactionId(self.last_id);
        let previous = self.previous_hop(id, client, &half.fetch);
        let (redirected_from, redirects) = match previous {
            Some((previous, redirects)) => (Some(previous), redirects + 1),
            None => (None, 0),
        };
        let mut stored = None;
        let mut note = None;
        if role == Role::Actual {
            let url_key = url_key(&self.hasher, client, &half.fetch);
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
        if !matches!(half.fetch.class, RequestClass::NotCors(NotCors::NoResource)) {
            let candidates = self.candidates.entry(key).or_default();
            if candidates.len() >= CANDIDATES {
                candidates.remove(0);
            }
            candidates.push(id);
        }
        let (preflight, actual) = match role {
            Role::Preflight => (Some(half), None),
            Role::Actual => (None, Some(half)),
        };
        self.open.insert(
            id,
            Box::new(Open {
                client,
                key,
                preflight,
                actual,
                answered: None,
                redirected_from,
                redirected_to: None,
                redirects,
                next_hop: None,
                stored,
                note,
                deadline: None,
            }),
        );
        if role == Role::Preflight {
            let due = self.now.plus(self.limits.preflight_wait);
            self.unanswered.push_back((due, id));
            if self.unanswered.len() > 2 * self.open.len() + 1024 {
                let open = &self.open;
                self.unanswered.retain(|(_, id)| open.contains_key(id));
            }
        }
        id
    }

    /// An identical request whose connection ended without a response: clients repeat those.
    fn retried(&self, key: u64, role: Role, half: &Half) -> Option<TransactionId> {
        let candidates = self.candidates.get(&key)?;
        let dropped = |id: &&TransactionId| {
            let Some(open) = self.open.get(id) else {
                return false;
            };
            let earlier = match role {
                Role::Preflight if open.actual.is_none() => &open.preflight,
                Role::Actual => &open.actual,
                Role::Preflight => &None,
            };
            earlier.as_ref().is_some_and(|earlier| {
                earlier.was_dropped()
                    && is_same_request(&earlier.fetch, &half.fetch)
                    && earlier.fetch.origin() == half.fetch.origin()
                    && same_header(
                        &earlier.fetch,
                        &half.fetch,
                        "access-control-request-headers",
                    )
            })
        };
        candidates.iter().rev().find(dropped).copied()
    }

    /// Adds an actual request to the transaction of its preflight.
    fn join(&mut self, id: TransactionId, half: Half) -> TransactionId {
        if let Some(open) = self.open.get_mut(&id) {
            let key = url_key(&self.hasher, open.client, &half.fetch);
            open.stored = self.stored.get(key).cloned();
            open.actual = Some(half);
            open.deadline = None;
        }
        id
    }

    fn try_again(&mut self, id: TransactionId, role: Role, mut half: Half) -> TransactionId {
        if let Some(open) = self.open.get_mut(&id) {
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
            }
        }
        id
    }

    /// The transaction whose preflight asked for this request.
    fn preflight_of(&self, key: u64, actual: &Half) -> Option<TransactionId> {
        use RequestClass::{Ambiguous, Cors, SchemeDiffers};
        if !matches!(actual.fetch.class, Cors | Ambiguous | SchemeDiffers) {
            return None;
        }
        let ids = self.candidates.get(&key)?;
        let asking: SmallVec<[(TransactionId, &Open); 4]> = ids
            .iter()
            .rev()
            .filter_map(|id| Some((*id, &**self.open.get(id)?)))
            .filter(|(_, open)| {
                open.actual.is_none()
                    && open
                        .preflight
                        .as_ref()
                        .is_some_and(|p| asked_for(p, open.redirected_from.is_some(), actual))
            })
            .collect();
        let mode = match actual.fetch.credentials(None) {
            Credentials::Include => CredentialsMode::Include,
            Credentials::NotInclude | Credentials::Unknown => CredentialsMode::NotInclude,
        };
        let passed = asking.iter().find(|(_, open)| {
            let answered = open.answered.is_some_and(|at| at <= actual.start);
            let preflight = open.preflight.as_ref().filter(|_| answered);
            preflight.is_some_and(|preflight| match mode {
                CredentialsMode::NotInclude => preflight.passes,
                CredentialsMode::Include => {
                    let response = preflight.response.as_ref();
                    response.is_some_and(|response| passes(&preflight.fetch, response, mode))
                }
            })
        });
        if let Some((id, _)) = passed {
            return Some(*id);
        }
        let (_, first) = asking.first()?;
        let url_key = url_key(&self.hasher, first.client, &actual.fetch);
        let remembered = self.cache.lookup(url_key, &actual.fetch, actual.start);
        if remembered.is_some() {
            return None;
        }
        // A client that goes on after a refusal, or whose preflight's answer is not in the capture.
        let went_on = asking.iter().find(|(_, open)| {
            let Some(preflight) = &open.preflight else {
                return false;
            };
            let asked_something = !is_cors_safelisted_method(preflight.fetch.fetch_method())
                || preflight.fetch.requested_headers().next().is_some();
            asked_something || (open.answered.is_none() && !preflight.was_dropped())
        });
        went_on.map(|(id, _)| *id)
    }

    /// Notes where a redirect leads, so that the next hop can be linked.
    fn expect_next_hop(&mut self, id: TransactionId, response: &ResponseHead) {
        let Some(open) = self.open.get_mut(&id) else {
            return;
        };
        let Some(half) = &open.actual else {
            return;
        };
        let fetch = &half.fetch;
        let location = response.location();
        let resolved = resolve(location, &fetch.authority, fetch.path_and_query());
        let Location::Http {
            scheme: "http",
            authority,
            target,
            credentials: false,
        } = resolved
        else {
            return;
        };
        let hop = hop_key(&self.hasher, open.client, &authority, &target);
        open.next_hop = Some(hop);
        self.next_hops.insert(hop, id);
        self.wait(id, false);
    }

    /// Links a new transaction to the one whose redirect led to it, and tells how many led there.
    fn previous_hop(
        &mut self,
        id: TransactionId,
        client: IpAddr,
        fetch: &FetchRequest,
    ) -> Option<(TransactionId, u32)> {
        if self.next_hops.is_empty() {
            return None;
        }
        let hop = hop_key(
            &self.hasher,
            client,
            &fetch.authority,
            fetch.path_and_query(),
        );
        let previous = *self.next_hops.get(&hop)?;
        let open = self.open.get_mut(&previous)?;
        let origin = open.actual.as_ref()?.fetch.origin();
        if origin != fetch.origin() && fetch.origin() != b"null" && origin != b"null" {
            return None;
        }
        self.next_hops.remove(&hop);
        open.redirected_to = Some(id);
        open.next_hop = None;
        open.deadline = None;
        let redirects = open.redirects;
        self.settle_if_done(previous);
        Some((previous, redirects))
    }

    /// Gives a transaction a while to be continued.
    fn wait(&mut self, id: TransactionId, refused: bool) {
        let (queue, wait) = if refused {
            (&mut self.refused, self.limits.refused_wait)
        } else {
            (&mut self.waiting, self.limits.actual_wait)
        };
        let due = self.now.plus(wait);
        if let Some(open) = self.open.get_mut(&id) {
            open.deadline = Some(due);
            queue.push_back((due, id));
        }
        if queue.len() > 2 * self.open.len() + 1024 {
            // Capture time may stand still: dates that count no more must not pile up.
            let open = &self.open;
            queue.retain(|(due, id)| open.get(id).is_some_and(|open| open.deadline == Some(*due)));
        }
    }

    /// Settles a transaction that has nothing to wait for.
    fn settle_if_done(&mut self, id: TransactionId) {
        let done = self.open.get(&id).is_some_and(|open| {
            let over = |half: &Option<Half>| half.as_ref().is_none_or(|h| h.exchange.is_some());
            open.deadline.is_none() && over(&open.preflight) && over(&open.actual)
        });
        if done {
            self.settle(id);
        }
    }

    fn settle(&mut self, id: TransactionId) {
        let Some(open) = self.open.remove(&id) else {
            return;
        };
        if let Some(candidates) = self.candidates.get_mut(&open.key) {
            candidates.retain(|other| *other != id);
            if candidates.is_empty() {
                self.candidates.remove(&open.key);
            }
        }
        if let Some(hop) = open.next_hop
            && self.next_hops.get(&hop) == Some(&id)
        {
            self.next_hops.remove(&hop);
        }
        self.settled.push(open.into_transaction(id));
    }
}

/// Who sends the requests of a connection. All loopback addresses are one client: a browser goes to
/// `localhost` by IPv4 and IPv6 alike.
fn client_of(connection: &ConnectionInfo) -> IpAddr {
    match connection.client.address() {
        address if address.is_loopback() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        address => address,
    }
}

/// A key for what identifies a request's preflight: client, target and method. All keys are keyed
/// hashes, so that traffic cannot aim at collisions.
fn request_key(hasher: &RandomState, client: IpAddr, fetch: &FetchRequest) -> u64 {
    let method = fetch.fetch_method();
    hasher.hash_one((client, &*fetch.authority, fetch.path_and_query(), method))
}

/// A key for what identifies a remembered answer: client, target and origin.
fn url_key(hasher: &RandomState, client: IpAddr, fetch: &FetchRequest) -> u64 {
    let origin = fetch.origin();
    hasher.hash_one((client, &*fetch.authority, fetch.path_and_query(), origin))
}

/// A key for what identifies the next hop of a redirect: client and target.
fn hop_key(hasher: &RandomState, client: IpAddr, authority: &[u8], target: &[u8]) -> u64 {
    hasher.hash_one((client, authority, target))
}

/// Whether a preflight's answer lets its request go on.
fn passes(preflight: &FetchRequest, response: &ResponseHead, mode: CredentialsMode) -> bool {
    let asked = Asked {
        origin: preflight.origin(),
        mode,
        method: preflight.fetch_method(),
        headers: preflight.requested_headers().collect(),
        same_origin: preflight.is_same_origin(),
        browser: preflight.browser(),
    };
    preflight_findings(&asked, response).is_empty()
}

/// Whether a preflight asked for this very request.
fn asked_for(preflight: &Half, redirected: bool, actual: &Half) -> bool {
    let origin = actual.fetch.origin();
    // After a redirect to another origin Firefox preflights with the page's origin still.
    let same_origin = preflight.fetch.origin() == origin || origin == b"null";
    if !same_origin
        || preflight.start > actual.start
        || !is_same_request(&preflight.fetch, &actual.fetch)
    {
        return false;
    }
    let there = actual.fetch.headers().lines().map(|(name, _)| name);
    let there: SmallVec<[&[u8]; 32]> = there.collect();
    // A browser names each header once: a longer list cannot be there in full.
    let most = there.len() + if redirected { DROPPED_BY_REDIRECT } else { 0 };
    let asked = preflight.fetch.requested_headers().take(most + 1);
    let asked: Elements<'_> = asked.collect();
    asked.len() <= most
        && names_missing(&asked, &there).into_iter().all(|name| {
            // A redirect drops these (<https://fetch.spec.whatwg.org/#http-redirect-fetch>).
            let lower = name.to_ascii_lowercase();
            redirected && (lower == b"authorization" || lower.starts_with(b"content-"))
        })
}

/// Whether two requests ask for the same: target, method, and who asks.
fn is_same_request(one: &FetchRequest, other: &FetchRequest) -> bool {
    one.authority == other.authority
        && one.path_and_query() == other.path_and_query()
        && one.fetch_method() == other.fetch_method()
        && (same_header(one, other, "user-agent")
            || !one.headers().contains("user-agent")
            || !other.headers().contains("user-agent"))
}

fn same_header(one: &FetchRequest, other: &FetchRequest, name: &str) -> bool {
    one.headers().values(name).next() == other.headers().values(name).next()
}
