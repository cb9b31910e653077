//! The CORS-preflight cache (<https://fetch.spec.whatwg.org/#concept-cache>): why an actual request
//! came without a preflight.
//!
//! Keyed by client, origin and URL; a bounded memory of the newest answers.

use smallvec::SmallVec;

use crate::capture::frame::Timestamp;
use crate::cors::browser::Browser;
use crate::cors::cors_check::{CredentialsMode, cors_check};
use crate::cors::fetch_request::{Credentials, FetchRequest};
use crate::cors::preflight::{headers_refused, is_method_allowed};
use crate::cors::recent::Recent;
use crate::cors::safelist::is_cors_safelisted_method;
use crate::cors::transaction::TransactionId;
use crate::http::headers::{Elements, HeaderList};
use crate::http::message::ResponseHead;

/// Bytes of the heads of a preflight and its answer that are remembered: each later request to the URL
/// reads them again, and no real ones are longer.
const LONGEST_REMEMBERED: usize = 8 << 10;

/// Answers of one URL to one origin that are remembered together: they differ in what was asked.
const MOST_REMEMBERED: usize = 4;

/// A remembered answer: its header lists alone, most of which are shared. The heads go while they are hot.
struct Entry {
    transaction: TransactionId,
    expires: Timestamp,
    browser: Browser,
    preflight: HeaderList,
    response: HeaderList,
}

impl Entry {
    /// Whether it serves a request with these credentials: an answer that was good enough for one with
    /// credentials is for those without too.
    fn serves(&self, credentials: Credentials) -> bool {
        credentials != Credentials::Include || {
            let origin = self.preflight.values("origin").next();
            let mode = CredentialsMode::Include;
            cors_check(
                origin.unwrap_or_default(),
                mode,
                &self.response,
                self.browser,
            )
            .is_ok()
        }
    }

    /// Whether the browser that asked is the one that now remembers, as far as both say.
    fn is_of(&self, request: &FetchRequest) -> bool {
        let own = self.preflight.values("user-agent").next();
        let its = request.headers().values("user-agent").next();
        own == its || own.is_none() || its.is_none()
    }

    fn list<'a>(&'a self, name: &'a str) -> Elements<'a> {
        let values = self.response.extract_header_list_values(name);
        let mut values = values.unwrap_or_default();
        values.retain(|value| *value != b"*" || self.browser.reuses_wildcards());
        values
    }

    fn allows_method(&self, method: &[u8], include: bool) -> bool {
        // The method that was asked for is remembered even where it needed no mention.
        let mut asked = self.preflight.values("access-control-request-method");
        let methods = self.list("access-control-allow-methods");
        asked.next() == Some(method) || is_method_allowed(method, &methods, include)
    }
}

/// The answers that browsers of this capture may remember.
pub(super) struct PreflightCache {
    entries: Recent<SmallVec<[Entry; 1]>>,
}

impl PreflightCache {
    pub(super) fn new(max: usize) -> Self {
        Self {
            entries: Recent::new(max),
        }
    }

    /// Remembers the answer to a preflight that passed.
    pub(super) fn store(
        &mut self,
        key: u64,
        transaction: TransactionId,
        preflight: &FetchRequest,
        response: &ResponseHead,
        now: Timestamp,
    ) {
        if preflight.headers().size() + response.headers.size() > LONGEST_REMEMBERED {
            return;
        }
        let browser = preflight.browser();
        let max_age = browser.header(&response.headers, "access-control-max-age");
        let Some(lifetime) = browser.preflight_lifetime(max_age.as_deref()) else {
            return;
        };
        let entry = Entry {
            transaction,
            expires: now.plus(lifetime),
            browser,
            preflight: preflight.headers().clone(),
            response: response.headers.clone(),
        };
        let mut entries = self.entries.take(key).unwrap_or_default();
        entries.retain(|entry| entry.expires >= now);
        if entries.len() >= MOST_REMEMBERED {
            entries.remove(0);
        }
        entries.push(entry);
        self.entries.put(key, entries);
    }

    /// The transaction whose preflight's answer lets this request go without one of its own: method
    /// and header names may have been allowed at different times
    /// (<https://fetch.spec.whatwg.org/#method-cache-entry-match>).
    pub(super) fn lookup(
        &self,
        key: u64,
        request: &FetchRequest,
        now: Timestamp,
    ) -> Option<TransactionId> {
        let credentials = request.credentials(None);
        let include = credentials == Credentials::Include;
        let entries = self.entries.get(key)?.iter().rev();
        let mut fresh = entries.filter(|entry| {
            entry.expires >= now && entry.serves(credentials) && entry.is_of(request)
        });
        let method = request.fetch_method();
        let mut names = request.page_set_headers();
        let (mut newest, mut method_allowed) = (None, is_cors_safelisted_method(method));
        while !(method_allowed && names.is_empty()) {
            let entry = fresh.next()?;
            newest.get_or_insert(entry.transaction);
            method_allowed |= entry.allows_method(method, include);
            let allowed = entry.list("access-control-allow-headers");
            names = headers_refused(&names, &allowed, include, entry.browser);
        }
        newest
    }
}
