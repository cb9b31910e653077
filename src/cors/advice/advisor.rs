//! Shows every exchange to the rules, keeps what they remember of each endpoint and server, and says
//! at the end what is to be said.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hasher as _};

use foldhash::quality::RandomState;

use crate::cors::advice::answer::{
    Answer, CorsHeaders, Plain, Scene, Target, evidence_of, evidence_of_exchange,
};
use crate::cors::advice::cached::Cacheable;
use crate::cors::advice::cost::{Answered, Cost, Memory};
use crate::cors::advice::endpoint::{Endpoint, hash_endpoint};
use crate::cors::advice::policy::Observed;
use crate::cors::advice::repeats::{Likeness, Repeats, Tally};
use crate::cors::advice::rules::connections_fail::Failures;
use crate::cors::advice::rules::{OfEndpoint, OfServer};
use crate::cors::advice::{Advice, Findings};
use crate::cors::fetch_request::{NotCors, RequestClass, host_of, path_and_query};
use crate::cors::transaction::{Transaction, Verdict};
use crate::cors::url::normalise_authority;
use crate::http::connecting::Connecting;
use crate::http::exchange::Exchange;
use crate::limits::Limits;

/// What is known of an endpoint.
#[derive(Clone)]
struct Known {
    endpoint: Endpoint,
    host: Box<[u8]>,
    server: usize,
    rules: OfEndpoint,
    observed: Observed,
    cost: Cost,
}

/// Looks at every exchange, and says at the end what is to be said.
#[derive(Clone)]
pub struct Advisor {
    limits: Limits,
    hasher: RandomState,
    endpoints: Vec<Known>,
    by_key: HashMap<u64, usize, RandomState>,
    servers: Vec<OfServer>,
    by_authority: HashMap<u64, usize, RandomState>,
    /// Answers without CORS headers to requests without Origin, should others show at their place.
    plain: HashMap<u64, Cacheable, RandomState>,
    memory: Memory,
    repeats: Repeats,
    failures: Failures,
    ignored: u64,
}

impl Advisor {
    /// Knows nothing yet; keeps to `limits`.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            limits: limits.clone(),
            hasher: RandomState::default(),
            endpoints: Vec::new(),
            by_key: HashMap::default(),
            servers: Vec::new(),
            by_authority: HashMap::default(),
            plain: HashMap::default(),
            memory: Memory::new(limits.advice_preflights),
            repeats: Repeats::default(),
            failures: Failures::default(),
            ignored: 0,
        }
    }

    /// Takes a settled transaction.
    pub fn observe(&mut self, transaction: &Transaction) {
        let Some(main) = transaction.main() else {
            return;
        };
        let class = main.fetch.class;
        if let RequestClass::NotCors(NotCors::SameOrigin | NotCors::NoResource) = class {
            return;
        }
        let halves = [&transaction.preflight, &transaction.actual];
        if !halves
            .into_iter()
            .flatten()
            .any(|half| half.response.is_some())
        {
            return;
        }
        let target = Target::of(&main.fetch);
        let Some(at) = self.known(self.key(target), target) else {
            return;
        };
        let (repeats, memory, limits) = (&mut self.repeats, &mut self.memory, &self.limits);
        let Some(known) = self.endpoints.get_mut(at) else {
            return;
        };
        let likeness = Likeness::of(at, transaction);
        let judgement = &transaction.judgement;
        if let Some(likeness) = &likeness
            && let Some(tally) = repeats.get(likeness, judgement)
        {
            known.observe_again(transaction, tally, memory, limits);
            return;
        }
        let answer = |half| Answer::of(half, transaction.id);
        let scene = Scene {
            transaction,
            preflight: transaction.preflight.as_ref().and_then(answer),
            actual: transaction.actual.as_ref().and_then(answer),
        };
        if let RequestClass::NotCors(why) = class {
            if let Some(answer) = &scene.actual {
                known
                    .rules
                    .observe_not_cors(answer, why, limits.advice_frames);
            }
            return;
        }
        let tally = known.observe(&scene, memory, limits);
        if let Some(server) = self.servers.get_mut(known.server) {
            server.observe(&scene);
        }
        if let Some(likeness) = likeness {
            repeats.put(likeness, judgement, tally);
        }
        if transaction.connect_failure().is_some()
            && let Some(exchange) = &main.exchange
        {
            let server = exchange.connection.server;
            self.failures.kept_back(server, transaction.id);
        }
    }

    /// Takes what became of a connection to a port where one did not come about.
    pub fn observe_connecting(&mut self, told: &Connecting) {
        self.failures.observe(told);
    }

    /// Takes a finished exchange: those without an Origin are in no transaction.
    pub fn observe_exchange(&mut self, exchange: &Exchange) {
        let Some(message) = &exchange.request else {
            return;
        };
        let head = &*message.head;
        let mut marked = false;
        for (name, _) in head.headers.lines() {
            if name.len() == 6 && name.eq_ignore_ascii_case(b"origin") {
                return;
            }
            let start = name.get(..15);
            marked |= start.is_some_and(|start| start.eq_ignore_ascii_case(b"access-control-"));
        }
        let response = exchange.response.as_ref().map(|response| &*response.head);
        let cors = response.map(|response| CorsHeaders::of(&response.headers));
        let cors = cors.unwrap_or_default();
        let evidence = evidence_of_exchange(exchange);
        let plain = Plain {
            request: &head.headers,
            method: head.method(),
            response,
            cors,
            evidence,
        };
        let names_origin = cors.allow_origin.first.is_some_and(|value| value != b"*");
        let worth_it = marked || names_origin || cors.odd.is_some();
        let cacheable = plain.cacheable();
        if !worth_it && cacheable.is_none() {
            return;
        }
        let Some(host) = host_of(head) else {
            return;
        };
        // Hosts are mostly in their normal form already: that spares an allocation.
        let normal = |b: &u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b':');
        let is_normal = host.iter().all(normal) && !host.ends_with(b":80");
        let normalised = if is_normal {
            None
        } else {
            normalise_authority(host, 80)
        };
        let target = Target {
            authority: normalised.as_deref().unwrap_or(host),
            path_and_query: path_and_query(head.target()),
        };
        let key = self.key(target);
        let allowed = cors.allow_origin.first;
        if !worth_it && !self.by_key.contains_key(&key) {
            if let Some(cacheable) = cacheable.filter(|_| allowed.is_none())
                && (self.plain.len() < self.limits.advice_plain_answers
                    || self.plain.contains_key(&key))
            {
                self.plain.entry(key).or_insert(cacheable);
            }
            return;
        }
        let room = self.limits.advice_frames;
        let Some(known) = self
            .known(key, target)
            .and_then(|at| self.endpoints.get_mut(at))
        else {
            return;
        };
        known.rules.observe_plain(&plain, room);
    }

    /// Nothing more will come: what there is to say.
    #[must_use]
    pub fn finish(mut self) -> Findings {
        let room = self.limits.advice_frames;
        let mut findings = Findings {
            ignored: self.ignored,
            preflights_ignored: self.memory.ignored,
            ..Findings::default()
        };
        findings.advice = self.connection_failures();
        for known in self.endpoints {
            let server = self.servers.get(known.server);
            let used = &known.observed.methods_used;
            let found = known.rules;
            let found = found.conclude(server, &known.host, used, &known.cost, room);
            let endpoint = known.endpoint;
            findings
                .policies
                .extend(known.observed.table_line(&endpoint));
            findings.costs.extend(known.cost.table_line(&endpoint));
            let advice = found.into_iter().map(|found| Advice::of(found, &endpoint));
            findings.advice.extend(advice);
        }
        let number = |id: &str| id.get(2..).and_then(|n| n.parse::<u8>().ok());
        findings.advice.sort_by_cached_key(|advice| {
            let first = advice.frames.first().copied();
            (Reverse(advice.severity), number(advice.id), first)
        });
        findings
            .policies
            .sort_by(|a, b| a.endpoint.cmp(&b.endpoint));
        findings.costs.sort_by(|a, b| {
            let dearest = b.total_ms.total_cmp(&a.total_ms);
            dearest.then_with(|| a.endpoint.cmp(&b.endpoint))
        });
        findings
    }

    /// Advice about connections that did not come about, by the names of servers where these are known.
    fn connection_failures(&mut self) -> Vec<Advice> {
        let failures = std::mem::take(&mut self.failures);
        let mut names = HashMap::new();
        if !failures.is_empty() {
            for known in &self.endpoints {
                let server = self.servers.get(known.server);
                if let Some(address) = server.and_then(OfServer::address) {
                    names.entry(address).or_insert(&known.endpoint.origin);
                }
            }
        }
        let found = failures.conclude(|server| names.contains_key(&server));
        let advice = found.into_iter().map(|(server, found)| {
            let name = names.get(&server).copied();
            let endpoint = Endpoint {
                origin: name.map_or_else(|| format!("http://{server}"), String::clone),
                path: String::new(),
            };
            Advice::of(found, &endpoint)
        });
        advice.collect()
    }

    /// A keyed hash of an endpoint's name: traffic cannot aim at collisions.
    fn key(&self, target: Target<'_>) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hash_endpoint(target.authority, target.path_and_query, &mut hasher);
        hasher.finish()
    }

    /// The place of an endpoint; `None` where there are too many.
    fn known(&mut self, key: u64, target: Target<'_>) -> Option<usize> {
        if let Some(at) = self.by_key.get(&key) {
            return Some(*at);
        }
        if self.endpoints.len() >= self.limits.advice_endpoints {
            self.ignored += 1;
            return None;
        }
        let server = self.server(target.authority);
        let mut rules = OfEndpoint::default();
        if let Some(plain) = self.plain.remove(&key) {
            rules.take_kept(plain);
        }
        self.endpoints.push(Known {
            endpoint: Endpoint::of(target.authority, target.path_and_query),
            host: target.host().into(),
            server,
            rules,
            observed: Observed::default(),
            cost: Cost::default(),
        });
        let at = self.endpoints.len() - 1;
        self.by_key.insert(key, at);
        Some(at)
    }

    /// The place of a server; there are no more of them than endpoints.
    fn server(&mut self, authority: &[u8]) -> usize {
        let key = self.hasher.hash_one(authority);
        let servers = &mut self.servers;
        *self.by_authority.entry(key).or_insert_with(|| {
            servers.push(OfServer::default());
            servers.len() - 1
        })
    }
}

impl Known {
    fn observe(&mut self, scene: &Scene<'_>, memory: &mut Memory, limits: &Limits) -> Tally {
        let failed = matches!(
            scene.transaction.judgement.verdict,
            Verdict::Fail(error) if error.is_about_preflight()
        );
        let answered = |answer| Answered::of(answer, failed);
        for answer in [&scene.preflight, &scene.actual].into_iter().flatten() {
            self.observed.observe(answer, limits.advice_values);
        }
        let tally = Tally {
            found: self.rules.observe(scene, limits.advice_frames),
            preflight: scene.preflight.as_ref().map(answered),
            actual: scene.actual.as_ref().map(answered),
        };
        self.count(scene.transaction, &tally, memory, limits);
        tally
    }

    /// Takes a transaction that is like one before, of which this was made.
    fn observe_again(
        &mut self,
        transaction: &Transaction,
        tally: &Tally,
        memory: &mut Memory,
        limits: &Limits,
    ) {
        let halves = [
            (&transaction.preflight, tally.preflight),
            (&transaction.actual, tally.actual),
        ];
        for ((half, answered), found) in halves.into_iter().zip(&tally.found) {
            if let (Some(half), Some(answered)) = (half, answered) {
                let evidence = evidence_of(half, transaction.id);
                let room = limits.advice_frames;
                self.rules.observe_again(found, evidence, room);
                let (origin, max) = (half.fetch.origin(), limits.advice_values);
                self.observed.observe_again(origin, answered.grants, max);
            }
        }
        self.count(transaction, tally, memory, limits);
    }

    /// Takes the times of a transaction.
    fn count(
        &mut self,
        transaction: &Transaction,
        tally: &Tally,
        memory: &mut Memory,
        limits: &Limits,
    ) {
        let max = limits.advice_durations;
        if let (Some(half), Some(answered)) = (&transaction.preflight, tally.preflight) {
            let evidence = evidence_of(half, transaction.id);
            self.cost
                .observe_preflight(half, answered, evidence, memory, max);
        }
        if let (Some(half), Some(_)) = (&transaction.actual, tally.actual) {
            let evidence = evidence_of(half, transaction.id);
            self.cost.observe_actual(half, evidence, max);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cors::advice::testing::{advice_of, findings_with};

    #[test]
    fn one_advice_for_a_rule_and_endpoint() {
        let line =
            |path: &str| format!("GET {path} | Origin: null => 200 | ACAO: null | ACAC: true");
        let lines: Vec<String> = ["/u/1", "/u/2", "/v"].into_iter().map(line).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let found = advice_of(&lines);
        let found: Vec<_> = found.iter().filter(|a| a.id == "L-3").collect();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].endpoint.path, "/u/{id}");
        assert_eq!((found[0].occurrences, found[1].occurrences), (2, 1));
        assert_eq!(found[0].frames.len(), 4);
    }

    #[test]
    fn the_most_severe_comes_first() {
        let found = advice_of(&[
            "OPTIONS / | Origin: http://a.org | ACRM: PUT => 404",
            "GET / | Origin: null => 200 | ACAO: null | ACAC: true | ACMA: 5",
        ]);
        assert!(found.is_sorted_by_key(|advice| Reverse(advice.severity)));
        assert_eq!(found[0].id, "L-3");
    }

    #[test]
    fn endpoints_beyond_the_bound_are_counted() {
        let limits = Limits {
            advice_endpoints: 2,
            ..Limits::default()
        };
        let lines = ["/a", "/b", "/c", "/a", "/d"]
            .map(|path| format!("GET {path} | Origin: null => 200 | ACAO: null | ACAC: true"));
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let findings = findings_with(&limits, &lines);
        assert_eq!(findings.policies.len(), 2);
        assert_eq!(findings.ignored, 2);
    }
}
