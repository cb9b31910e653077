//! Traffic against a policy: each breach once for each endpoint, with the frames that show it.

use std::collections::HashMap;
use std::sync::Arc;

use crate::check::policy::{EndpointPolicy, Policy, matches};
use crate::cors::advice::{Advice, Endpoint, Severity};
use crate::cors::transaction::{Half, Transaction};
use crate::http::headers::{HeaderList, list_elements};
use crate::wire_text::wire_text;

/// The name of advice that says what a policy forbids.
pub(super) const ID: &str = "policy";

/// Frames and transactions that are listed for one breach.
const LISTED: usize = 8;

impl Policy {
    /// What these transactions broke, as advice.
    #[must_use]
    pub(super) fn breaches(&self, transactions: &[Arc<Transaction>]) -> Vec<Advice> {
        let mut breaches = Breaches::default();
        if self.endpoints.is_empty() {
            return Vec::new();
        }
        for transaction in transactions {
            let Some(endpoint) = Endpoint::of_transaction(transaction) else {
                continue;
            };
            let Some(entry) = self.of(&endpoint.to_string()) else {
                continue;
            };
            for (half, preflight) in [(&transaction.preflight, true), (&transaction.actual, false)]
            {
                let Some(half) = half else { continue };
                let Some(response) = &half.response else {
                    continue;
                };
                for (what, fix) in breaches_of(entry, half, &response.headers, preflight) {
                    breaches.add(&endpoint, what, fix, transaction, half);
                }
            }
        }
        breaches.list
    }
}

/// What one response breaks, each with its repair.
fn breaches_of(
    entry: &EndpointPolicy,
    half: &Half,
    headers: &HeaderList,
    preflight: bool,
) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if let Some(origins) = &entry.origins {
        let origin = wire_text(half.fetch.origin());
        let may = |origin: &str| origins.iter().any(|allowed| matches(allowed, origin));
        for allowed in headers.values("access-control-allow-origin") {
            let allowed = wire_text(allowed);
            if allowed == "*" && !origins.iter().any(|origin| origin == "*") {
                found.push((
                    "Access-Control-Allow-Origin is *, which allows every origin".to_owned(),
                    "answer with the origin, if it is one of the policy's".to_owned(),
                ));
            } else if allowed == origin && allowed != "*" && !may(&allowed) {
                found.push((
                    format!("the origin {allowed} is allowed"),
                    format!("do not allow {allowed}, or add it to the policy"),
                ));
            }
        }
    }
    for (names, header, noun) in [
        (&entry.methods, "access-control-allow-methods", "method"),
        (
            &entry.headers,
            "access-control-allow-headers",
            "request header",
        ),
    ] {
        let Some(names) = names.as_ref().filter(|_| preflight) else {
            continue;
        };
        for allowed in headers.values(header).flat_map(list_elements) {
            let allowed = wire_text(allowed);
            if !names.iter().any(|name| name.eq_ignore_ascii_case(&allowed)) {
                found.push((
                    format!("the {noun} {allowed} is allowed"),
                    format!("do not allow {allowed}, or add it to the policy"),
                ));
            }
        }
    }
    if entry.credentials == Some(false)
        && headers
            .values("access-control-allow-credentials")
            .any(|value| value == b"true")
    {
        found.push((
            "credentials are allowed".to_owned(),
            "do not send Access-Control-Allow-Credentials".to_owned(),
        ));
    }
    if let Some(floor) = entry.max_age.filter(|_| preflight && half.passes) {
        let age = headers.values("access-control-max-age").next();
        let age = age.map(wire_text);
        let seconds = age.as_ref().and_then(|age| age.parse::<u64>().ok());
        if seconds.is_none_or(|seconds| seconds < floor) {
            let what = match age {
                Some(age) => format!("Access-Control-Max-Age is {age}, less than {floor} seconds"),
                None => format!("there is no Access-Control-Max-Age: {floor} seconds are wanted"),
            };
            found.push((what, format!("Access-Control-Max-Age: {floor}")));
        }
    }
    found
}

#[derive(Default)]
struct Breaches {
    list: Vec<Advice>,
    places: HashMap<(Endpoint, String), usize>,
}

impl Breaches {
    fn add(
        &mut self,
        endpoint: &Endpoint,
        what: String,
        fix: String,
        transaction: &Transaction,
        half: &Half,
    ) {
        let key = (endpoint.clone(), what);
        let list = &mut self.list;
        let place = *self.places.entry(key.clone()).or_insert_with(|| {
            list.push(Advice {
                id: ID,
                severity: Severity::High,
                title: "the policy forbids it",
                endpoint: endpoint.clone(),
                what: key.1,
                why: "the policy file says what this endpoint may allow",
                fix,
                frames: Vec::new(),
                transactions: Vec::new(),
                occurrences: 0,
            });
            list.len() - 1
        });
        let Some(advice) = self.list.get_mut(place) else {
            return;
        };
        advice.occurrences += 1;
        if advice.frames.len() < LISTED {
            advice.frames.extend(half.frames.first());
        }
        if advice.transactions.len() < LISTED && !advice.transactions.contains(&transaction.id) {
            advice.transactions.push(transaction.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cors::advice::testing::transaction_of;

    #[test]
    fn each_part_of_a_policy() {
        let preflight = "OPTIONS /v1/x | Origin: http://page.test | ACRM: PUT => 204 \
            | ACAO: http://page.test | ACAM: PUT, DELETE | ACAH: x-a | ACAC: true | ACMA: 5";
        let transaction = Arc::new(transaction_of(preflight));
        for (policy, expected) in [
            ("origins = [\"http://page.test\"]", vec![]),
            ("origins = [\"http://*.test\"]", vec![]),
            (
                "origins = [\"https://other.test\"]",
                vec!["the origin http://page.test is allowed"],
            ),
            ("methods = [\"put\", \"DELETE\"]", vec![]),
            ("methods = [\"PUT\"]", vec!["the method DELETE is allowed"]),
            ("headers = []", vec!["the request header x-a is allowed"]),
            ("credentials = true", vec![]),
            ("credentials = false", vec!["credentials are allowed"]),
            ("max-age = 5", vec![]),
        ] {
            let text = format!("[[endpoint]]\nmatch = \"http://api.test/v1/*\"\n{policy}");
            let policy = Policy::parse(&text).unwrap();
            let breaches = policy.breaches(&[Arc::clone(&transaction), Arc::clone(&transaction)]);
            let found: Vec<&str> = breaches.iter().map(|breach| breach.what.as_str()).collect();
            assert_eq!(found, expected, "{text}");
            assert!(breaches.iter().all(|breach| breach.occurrences == 2));
        }
        let elsewhere =
            Policy::parse("[[endpoint]]\nmatch = \"http://api.test/v2/*\"\nmethods = []");
        assert!(elsewhere.unwrap().breaches(&[transaction]).is_empty());
    }
}
