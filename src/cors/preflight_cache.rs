//! The CORS-preflight cache (<https://fetch.spec.whatwg.org/#concept-cache>): why an actual request
//! came without a preflight.
//!
//! Keyed by client, origin and URL; a bounded memory of the newest answers.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::capture::frame::Timestamp;
use crate::cors::fetch_request::FetchRequest;
use crate::cors::safelist::is_cors_safelisted_method;
use crate::cors::transaction::TransactionId;
use crate::http::message::ResponseHead;

/// A bounded map that forgets what was put in first.
pub(super) struct Recent<V> {
    entries: HashMap<u64, (u64, V)>,
    order: VecDeque<(u64, u64)>,
    puts: u64,
    max: usize,
}

impl<V> Recent<V> {
    pub(super) fn new(max: usize) -> Self {
        Self {
            entries: HashMap::new(),
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

/// A remembered answer. Its lists are sets: a long one is looked at by each request to come.
struct Entry {
    transaction: TransactionId,
    expires: Timestamp,
    methods: HashSet<Box<[u8]>>,
    /// In lower case.
    headers: HashSet<Box<[u8]>>,
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
        response: &ResponseHead,
        now: Timestamp,
    ) {
        let max_age = response.headers.get("access-control-max-age");
        let Some(lifetime) = preflight.browser.preflight_lifetime(max_age.as_deref()) else {
            return;
        };
        let list = |name| -> Vec<&[u8]> {
            let values = response.headers.extract_header_list_values(name);
            values
                .unwrap_or_default()
                .into_iter()
                .filter(|value| *value != b"*" || preflight.browser.reuses_wildcards())
                .collect()
        };
        let mut methods = list("access-control-allow-methods");
        methods.push(preflight.fetch_method());
        let headers = list("access-control-allow-headers");
        let entry = Entry {
            transaction,
            expires: now.plus(lifetime),
            methods: methods.into_iter().map(Box::from).collect(),
            headers: headers
                .into_iter()
                .map(|name| name.to_ascii_lowercase().into())
                .collect(),
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
        let entry = self.entries.get(key)?;
        let method = request.fetch_method();
        let any = |names: &HashSet<Box<[u8]>>| names.contains(&b"*"[..]);
        let method_allowed = is_cors_safelisted_method(method)
            || entry.methods.contains(method)
            || any(&entry.methods);
        let header_allowed =
            |name: &&[u8]| entry.headers.contains(name.to_ascii_lowercase().as_slice());
        let allowed = method_allowed
            && (any(&entry.headers) || request.page_set_headers().iter().all(header_allowed));
        (entry.expires >= now && allowed).then_some(entry.transaction)
    }
}
