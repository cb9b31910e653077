//! Which earlier request a new one belongs to: its preflight, or one that it repeats.
//!
//! A preflight's actual request is told by who asks, and for what: client, target, method, Origin,
//! and every header name that was asked for. The connection is no key.

use smallvec::SmallVec;

use crate::cors::alike::Judgements;
use crate::cors::cors_check::CredentialsMode;
use crate::cors::fetch_request::{Credentials, FetchRequest, RequestClass};
use crate::cors::pairing::Pairing;
use crate::cors::pairing::keys::url_key;
use crate::cors::pairing::open::{Open, Role};
use crate::cors::pairing::slots::{Candidates, Place};
use crate::cors::preflight::{Asked, preflight_findings};
use crate::cors::safelist::is_cors_safelisted_method;
use crate::cors::transaction::Half;
use crate::http::headers::{Elements, names_missing};
use crate::http::message::ResponseHead;

/// More header names than a redirect can drop from a request.
const DROPPED_BY_REDIRECT: usize = 16;

impl Pairing {
    /// An identical request that clients repeat by themselves.
    pub(super) fn retried(
        &self,
        candidates: &Candidates,
        role: Role,
        half: &Half,
    ) -> Option<Place> {
        let repeatable = |place: &&Place| {
            let Some(open) = self.open.get(**place) else {
                return false;
            };
            let earlier = match role {
                Role::Preflight if open.actual.is_none() => &open.preflight,
                Role::Actual => &open.actual,
                Role::Preflight => &None,
            };
            earlier.as_ref().is_some_and(|earlier| {
                earlier.is_repeated()
                    && is_for_same(&earlier.fetch, &half.fetch)
                    && is_of_same_agent(&earlier.fetch, &half.fetch)
                    && earlier.fetch.origin() == half.fetch.origin()
                    && same_header(
                        &earlier.fetch,
                        &half.fetch,
                        "access-control-request-headers",
                    )
            })
        };
        candidates.iter().rev().find(repeatable).copied()
    }

    /// The transaction whose preflight asked for this request.
    pub(super) fn preflight_of(
        &mut self,
        candidates: &Candidates,
        target: u64,
        actual: &Half,
    ) -> Option<Place> {
        use RequestClass::{Ambiguous, Cors, SchemeDiffers};
        if !matches!(actual.fetch.class, Cors | Ambiguous | SchemeDiffers) {
            return None;
        }
        let (judgements, all_open) = (&mut self.judgements, &self.open);
        let asking: SmallVec<[(Place, &Open); 4]> = candidates
            .iter()
            .rev()
            .filter_map(|place| Some((*place, all_open.get(*place)?)))
            .filter(|(_, open)| {
                open.actual.is_none()
                    && open.preflight.as_ref().is_some_and(|p| {
                        let redirected = open.redirected_from.is_some();
                        asked_for(p, redirected, actual, judgements)
                    })
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
        if let Some((place, _)) = passed {
            return Some(*place);
        }
        asking.first()?;
        let url_key = url_key(&self.hasher, target, &actual.fetch);
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
        went_on.map(|(place, _)| *place)
    }
}

/// Whether a preflight's answer lets its request go on.
pub(super) fn passes(
    preflight: &FetchRequest,
    response: &ResponseHead,
    mode: CredentialsMode,
) -> bool {
    let asked = Asked {
        origin: preflight.origin(),
        mode,
        method: preflight.fetch_method(),
        headers: preflight.requested_headers().collect(),
        same_origin: preflight.is_same_origin(),
        browser: preflight.browser(),
    };
    !response.refused_by.contains(asked.browser.http_stack())
        && preflight_findings(&asked, response).is_empty()
}

/// Whether a preflight asked for this very request.
fn asked_for(
    preflight: &Half,
    redirected: bool,
    actual: &Half,
    judgements: &mut Judgements,
) -> bool {
    if preflight.start > actual.start || !is_for_same(&preflight.fetch, &actual.fetch) {
        return false;
    }
    let (asking, actual) = (&preflight.fetch, &actual.fetch);
    if redirected {
        fits(asking, actual, true)
    } else {
        judgements.asks(asking, actual, || fits(asking, actual, false))
    }
}

/// Whether the lines of a preflight are those of one that asks for a request with the lines of the actual
/// one.
fn fits(preflight: &FetchRequest, actual: &FetchRequest, redirected: bool) -> bool {
    let origin = actual.origin();
    // After a redirect to another origin Firefox preflights with the page's origin still.
    (preflight.origin() == origin || origin == b"null")
        && is_of_same_agent(preflight, actual)
        && names_headers_of(preflight, actual, redirected)
}

/// Whether an actual request has the headers that a preflight names.
fn names_headers_of(preflight: &FetchRequest, actual: &FetchRequest, redirected: bool) -> bool {
    let there = actual.headers().lines().map(|(name, _)| name);
    let there: SmallVec<[&[u8]; 32]> = there.collect();
    // A browser names each header once: a longer list cannot be there in full.
    let most = there.len() + if redirected { DROPPED_BY_REDIRECT } else { 0 };
    let asked = preflight.requested_headers().take(most + 1);
    let asked: Elements<'_> = asked.collect();
    asked.len() <= most
        && names_missing(&asked, &there).into_iter().all(|name| {
            // A redirect drops these (<https://fetch.spec.whatwg.org/#http-redirect-fetch>).
            let lower = name.to_ascii_lowercase();
            redirected && (lower == b"authorization" || lower.starts_with(b"content-"))
        })
}

/// Whether two requests ask for the same target by the same method.
fn is_for_same(one: &FetchRequest, other: &FetchRequest) -> bool {
    one.path_and_query() == other.path_and_query()
        && one.authority == other.authority
        && one.fetch_method() == other.fetch_method()
}

/// Whether two requests are of the same user agent, as far as both say. A page may set the User-Agent of the
/// request alone; then its preflight says so.
fn is_of_same_agent(one: &FetchRequest, other: &FetchRequest) -> bool {
    same_header(one, other, "user-agent")
        || !one.headers().contains("user-agent")
        || !other.headers().contains("user-agent")
        || one
            .requested_headers()
            .any(|name| name.eq_ignore_ascii_case(b"user-agent"))
}

fn same_header(one: &FetchRequest, other: &FetchRequest, name: &str) -> bool {
    one.headers().values(name).next() == other.headers().values(name).next()
}
