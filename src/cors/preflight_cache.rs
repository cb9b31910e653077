//! The CORS-preflight cache (<https://fetch.spec.whatwg.org/#concept-cache>): why an actual request
//! came without a preflight.
//!
//! Keyed by client, origin and URL; a bounded memory of the newest answers.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use foldhash::quality::RandomState;

use crate::capture::frame::Timestamp;
use crate::cors::browser::Browser;
use crate::cors::fetch_request::FetchRequest;
use crate::cors::preflight::{headers_refused, is_method_allowed};
use crate::cors::transaction::TransactionId;
use crate::http::message::{RequestHead, ResponseHead};

/// A bounded map that forgets what was put in first.
pub(super) struct Recent<V> {
    entries: HashMap<u64, (u64, V), RandomState>,
    order: VecDeque<(u64, u64)>,
    puts: u64,
    max: usize,
}

impl<V> Recent<V> {
    pub(super) fn new(max: usize) -> Self {
        Self {
            entries: HashMap::default(),
            order: VecDeque::new(),
            puts: 0,
            max,
        }
    }

    pub(super) fn get(&self, key: u64) -> Option<&V> {
        self.entries.get(&key).map(|(_, value)| value)
    }

    pub(super) fn put(&mut self, key: u64, value: V) {
        self.puts += 1;
        self.entries.insert(key, (self.puts, value));
        self.order.push_back((key, self.puts));
        while self.order.len() > self.max {
            let Some((key, put)) = self.order.pop_front() else {
                break;
            };
            // A newer value under the same key stays.
            if self.entries.get(&key).is_some_and(|(at, _)| *at == put) {
                self.entries.remove(&key);
            }
        }
    }
}

/// Bytes of the heads of a preflight and its answer that are remembered: each later request to the URL
/// reads them again, and no real ones are longer.
const LONGEST_REMEMBERED: usize = 32 << 10;

/// A remembered answer.
struct Entry {
    transaction: TransactionId,
    expires: Timestamp,
    browser: Browser,
    preflight: Arc<RequestHead>,
    response: Arc<ResponseHead>,
}

/// The answers that browsers of this capture may remember.
pub(super) struct PreflightCache {
    entries: Recent<Entry>,
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
        response: &Arc<ResponseHead>,
        now: Timestamp,
    ) {
        if preflight.headers().size() + response.headers.size() > LONGEST_REMEMBERED {
            return;
        }
        let browser = preflight.browser();
        let max_age = response.headers.get("access-control-max-age");
        let Some(lifetime) = browser.preflight_lifetime(max_age.as_deref()) else {
            return;
        };
        let entry = Entry {
            transaction,
            expires: now.plus(lifetime),
            browser,
            preflight: Arc::clone(&preflight.head),
            response: Arc::clone(response),
        };
        self.entries.put(key, entry);
    }

    /// The transaction whose preflight's answer lets this request go without one of its own.
    pub(super) fn lookup(
        &self,
        key: u64,
        request: &FetchRequest,
        now: Timestamp,
    ) -> Option<TransactionId> {
        let entry = self.entries.get(key).filter(|e| e.expires >= now)?;
        let list = |name| {
            let values = entry.response.headers.extract_header_list_values(name);
            let mut values = values.unwrap_or_default();
            values.retain(|value| *value != b"*" || entry.browser.reuses_wildcards());
            values
        };
        let mut methods = list("access-control-allow-methods");
        // The method that was asked for is remembered even where it needed no mention.
        let asked = &entry.preflight.headers;
        methods.extend(asked.values("access-control-request-method").next());
        let headers = list("access-control-allow-headers");
        let allowed = is_method_allowed(request.fetch_method(), &methods, false)
            && headers_refused(
                &request.page_set_headers(),
                &headers,
                false,
                request.is_judged_strictly(),
            )
            .is_empty();
        allowed.then_some(entry.transaction)
    }
}
