//! Which redirect led to which request
//! (<https://fetch.spec.whatwg.org/#http-redirect-fetch>).

use std::sync::Arc;

use crate::cors::fetch_request::{FetchRequest, host_of, path_and_query};
use crate::cors::pairing::Pairing;
use crate::cors::pairing::keys::{client_of, target_key};
use crate::cors::pairing::slots::Place;
use crate::cors::transaction::{ChainStart, Half, TransactionId};
use crate::cors::url::{Location, normalise_authority, resolve};
use crate::http::exchange::Exchange;

/// What a redirect leads on from.
pub(super) struct PreviousHop {
    pub(super) transaction: TransactionId,
    /// How many redirects led to it.
    pub(super) redirects: u32,
    pub(super) chain_start: Option<Arc<ChainStart>>,
}

impl Pairing {
    /// Notes where a redirect leads, so that the next hop can be linked.
    pub(super) fn expect_next_hop(&mut self, place: Place) {
        let Some(open) = self.open.get_mut(place) else {
            return;
        };
        let Some(half) = &open.actual else {
            return;
        };
        let fetch = &half.fetch;
        let location = half.response.as_ref().map(|head| head.location());
        let location = location.unwrap_or_default();
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
        let hop = target_key(&self.hasher, open.client, &authority, &target);
        open.next_hop = Some(hop);
        self.next_hops.insert(hop, place);
        self.wait(place, false);
    }

    /// Links a new transaction to the one whose redirect led to it.
    pub(super) fn previous_hop(
        &mut self,
        id: TransactionId,
        target: u64,
        fetch: &FetchRequest,
    ) -> Option<PreviousHop> {
        let previous = *self.next_hops.get(&target)?;
        let open = self.open.get_mut(previous)?;
        let first = &open.actual.as_ref()?.fetch;
        let origin = first.origin();
        if origin != fetch.origin() && fetch.origin() != b"null" && origin != b"null" {
            return None;
        }
        let chain_start = match &open.chain_start {
            Some(start) => Some(Arc::clone(start)),
            None if open.redirects == 0 => ChainStart::of(first).map(Arc::new),
            None => None,
        };
        self.next_hops.remove(&target);
        open.redirected_to = Some(id);
        open.next_hop = None;
        open.deadline = None;
        let redirects = open.redirects;
        self.settle_if_done(previous);
        Some(PreviousHop {
            transaction: previous.id,
            redirects,
            chain_start,
        })
    }

    /// Notes where a page's GET of its own origin, which has no Origin, is redirected to.
    pub(super) fn expect_from_own_origin(&mut self, exchange: &Exchange) {
        let (Some(request), Some(response)) = (&exchange.request, &exchange.response) else {
            return;
        };
        let (head, answer) = (&*request.head, &*response.head);
        if !matches!(answer.status, 301..=303 | 307 | 308) {
            return;
        }
        let is_fetch = match head.headers.values("sec-fetch-mode").next() {
            Some(mode) => mode == b"cors",
            None => !head.headers.contains("upgrade-insecure-requests"),
        };
        let Some(own) = host_of(head).filter(|_| is_fetch && head.method() == b"GET") else {
            return;
        };
        let own = normalise_authority(own, 80).unwrap_or_else(|| own.into());
        let path = path_and_query(head.target());
        let Location::Http {
            scheme: "http",
            authority,
            target,
            credentials: false,
        } = resolve(answer.location(), &own, path)
        else {
            return;
        };
        if *authority == *own {
            return;
        }
        if let Some(start) = ChainStart::of_own_origin(&own, path) {
            let client = client_of(&exchange.connection);
            let hop = target_key(&self.hasher, client, &authority, &target);
            self.from_own_origin
                .put(hop, (response.head_end, Arc::new(start)));
        }
    }

    /// Where a chain began that led to this request from the page's own origin.
    pub(super) fn start_at_own_origin(
        &mut self,
        target: u64,
        half: &Half,
    ) -> Option<Arc<ChainStart>> {
        let (time, start) = self.from_own_origin.take(target)?;
        let soon = half.start.since(time) <= self.limits.actual_wait;
        let led_here = soon && *start.origin == *half.fetch.origin();
        led_here.then_some(start)
    }
}
