//! Advice: what is wrong, weak or wasteful beside the verdicts. It never changes one.
//!
//! Each rule has a file of its own (close relatives share one), with its texts, its condition, the
//! guard against false alarms, and a table of cases. [`Advisor`] shows every exchange to the rules:
//!
//! ```text
//!   Transaction ──→ Answer (CORS headers, found in one pass) ──→ rules about one answer ──┐
//!   Exchange without Origin ──→ Plain ──→ L-4, L-18, L-40, L-41                           ├→ Sink
//!   Endpoint, server: bounded state ──→ rules about the whole capture, at the end ────────┘
//! ```
//!
//! A finding is kept once for each rule and [`Endpoint`]. Whatever grows with the traffic is bounded
//! in [`Limits`]; endpoints beyond the bound are counted.

mod allow_credentials;
mod answer;
mod authorization_wildcard;
mod avoidable_preflight;
mod broad_lists;
mod broken_origin;
pub mod cost;
mod cross_site_requests;
mod dead_entries;
mod endpoint;
mod hidden_headers;
mod max_age;
mod misplaced;
mod null_origin;
mod personal_data;
pub mod policy;
mod preflight_refused;
mod preflight_work;
mod private_network;
mod redirect_null;
mod reflected_origin;
mod rule;
mod sink;
mod site;
#[cfg(test)]
pub(crate) mod testing;
mod trusted_origin;
mod two_answers;
mod vary;
mod wildcard_credentials;
mod without_origin;

use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hasher as _};

use foldhash::quality::RandomState;

use crate::capture::frame::FrameNumber;
use crate::cors::advice::answer::{
    Answer, CorsHeaders, Plain, Scene, Target, evidence_of_exchange,
};
use crate::cors::advice::cost::{Cost, Memory, PreflightCost};
use crate::cors::advice::endpoint::hash_endpoint;
use crate::cors::advice::policy::{Observed, Policy};
use crate::cors::advice::sink::{Evidence, Found, Sink};
use crate::cors::fetch_request::{NotCors, RequestClass, host_of, path_and_query};
use crate::cors::transaction::{Transaction, TransactionId, Verdict};
use crate::cors::url::normalise_authority;
use crate::http::exchange::Exchange;
use crate::limits::Limits;

pub use crate::cors::advice::endpoint::Endpoint;
pub use crate::cors::advice::rule::{Rule, Severity};

/// Every rule, in the order of their numbers.
pub static RULES: [&Rule; 42] = [
    &reflected_origin::L_1,
    &reflected_origin::L_2,
    &null_origin::L_3,
    &vary::L_4,
    &vary::L_5,
    &wildcard_credentials::L_6,
    &trusted_origin::L_7,
    &trusted_origin::L_8,
    &trusted_origin::L_9,
    &trusted_origin::L_10,
    &trusted_origin::L_11,
    &allow_credentials::L_12,
    &authorization_wildcard::L_13,
    &wildcard_credentials::L_14,
    &broad_lists::L_15,
    &dead_entries::L_16,
    &dead_entries::L_17,
    &without_origin::L_18,
    &broken_origin::L_19,
    &broken_origin::L_20,
    &broken_origin::L_21,
    &preflight_refused::L_22,
    &preflight_refused::L_23,
    &preflight_refused::L_24,
    &preflight_work::L_25,
    &max_age::L_26,
    &max_age::L_27,
    &max_age::L_28,
    &max_age::L_29,
    &avoidable_preflight::L_30,
    &hidden_headers::L_31,
    &two_answers::L_32,
    &two_answers::L_33,
    &cross_site_requests::L_34,
    &cross_site_requests::L_35,
    &cross_site_requests::L_36,
    &private_network::L_37,
    &personal_data::L_38,
    &personal_data::L_39,
    &misplaced::L_40,
    &misplaced::L_41,
    &redirect_null::L_42,
];

/// The rule of this name, such as `L-4`; case does not count.
///
/// ```
/// let rule = corshark::cors::advice::rule("l-4").unwrap();
/// assert_eq!(rule.title, "Vary: Origin is missing");
/// ```
#[must_use]
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES
        .into_iter()
        .find(|rule| rule.id.eq_ignore_ascii_case(id))
}

/// One thing to know about an endpoint.
#[derive(Debug, Clone)]
pub struct Advice {
    /// The rule's name.
    pub id: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What it is about, in a few words.
    pub title: &'static str,
    /// Where.
    pub endpoint: Endpoint,
    /// What was seen, in one sentence without a full stop; of several cases the worst.
    pub what: String,
    /// Why it matters.
    pub why: &'static str,
    /// How to repair it.
    pub fix: String,
    /// The first frames that it rests on.
    pub frames: Vec<FrameNumber>,
    /// The first transactions that it rests on.
    pub transactions: Vec<TransactionId>,
    /// How often it was seen.
    pub occurrences: u64,
}

/// All that is to be said of a capture beside its verdicts.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// The advice, the most severe first.
    pub advice: Vec<Advice>,
    /// What each endpoint allowed.
    pub policies: Vec<Policy>,
    /// What preflights cost, the dearest first.
    pub costs: Vec<PreflightCost>,
    /// Exchanges that were not looked at, because there were too many endpoints.
    pub ignored: u64,
    /// Preflights that were not compared with earlier ones, because there were too many URLs.
    pub preflights_ignored: u64,
}

/// What is known of a server: the endpoints of one authority together.
#[derive(Clone, Default)]
struct Server {
    granted: two_answers::Granted,
    preflights_pass: bool,
}

/// What is known of an endpoint.
#[derive(Clone)]
struct Known {
    endpoint: Endpoint,
    host: Box<[u8]>,
    server: usize,
    found: Vec<Found>,
    echoes: reflected_origin::Echoes,
    answers: vary::Answers,
    lists: broad_lists::Lists,
    refusals: preflight_refused::Refusals,
    granted: two_answers::Granted,
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
    servers: Vec<Server>,
    by_authority: HashMap<u64, usize, RandomState>,
    /// Answers without CORS headers to requests without Origin, should others show at their place.
    plain: HashMap<u64, vary::Cacheable, RandomState>,
    memory: Memory,
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
        let answer = |half| Answer::of(half, transaction.id);
        let preflight = transaction.preflight.as_ref().and_then(answer);
        let actual = transaction.actual.as_ref().and_then(answer);
        if preflight.is_none() && actual.is_none() {
            return;
        }
        let target = Target::of(&main.fetch);
        let Some(at) = self.known(self.key(target), target) else {
            return;
        };
        let scene = Scene {
            transaction,
            preflight,
            actual,
        };
        let (Some(known), memory) = (self.endpoints.get_mut(at), &mut self.memory) else {
            return;
        };
        if let RequestClass::NotCors(why) = class {
            if let Some(answer) = &scene.actual {
                let room = self.limits.advice_frames;
                let mut sink = Sink::new(&mut known.found, answer.evidence, room);
                cross_site_requests::check_not_cors(answer, why, &mut sink);
            }
            return;
        }
        known.observe(&scene, memory, &self.limits);
        if let Some(server) = self.servers.get_mut(known.server) {
            server.observe(&scene);
        }
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
        let cacheable = plain
            .response
            .and_then(|response| vary::Cacheable::of(plain.method, response, &cors, evidence));
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
        if let Some(cacheable) = cacheable {
            known.answers.take(cacheable, None, allowed);
        }
        let mut sink = Sink::new(&mut known.found, plain.evidence, room);
        without_origin::check(&plain, &mut sink);
        misplaced::check_plain(&plain, &mut sink);
    }

    /// Nothing more will come: what there is to say.
    #[must_use]
    pub fn finish(mut self) -> Findings {
        let room = self.limits.advice_frames;
        for known in &mut self.endpoints {
            let server = self.servers.get(known.server);
            known.conclude(server, room);
        }
        let mut findings = Findings {
            ignored: self.ignored,
            preflights_ignored: self.memory.ignored,
            ..Findings::default()
        };
        for known in self.endpoints {
            findings
                .policies
                .extend(known.observed.table_line(&known.endpoint));
            findings
                .costs
                .extend(known.cost.table_line(&known.endpoint));
            let endpoint = known.endpoint;
            let advice = known
                .found
                .into_iter()
                .map(|found| (found.rule.number, found));
            findings.advice.extend(advice.map(|(_, found)| {
                let mut frames = found.frames.into_vec();
                frames.sort_unstable();
                Advice {
                    id: found.rule.id,
                    severity: found.severity,
                    title: found.rule.title,
                    endpoint: endpoint.clone(),
                    what: found.what,
                    why: found.rule.why,
                    fix: found.fix,
                    frames,
                    transactions: found.transactions.into_vec(),
                    occurrences: found.occurrences,
                }
            }));
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
        let mut answers = vary::Answers::default();
        if let Some(plain) = self.plain.remove(&key) {
            answers.take(plain, None, None);
        }
        self.endpoints.push(Known {
            endpoint: Endpoint::of(target.authority, target.path_and_query),
            host: target.host().into(),
            server,
            found: Vec::new(),
            echoes: reflected_origin::Echoes::default(),
            answers,
            lists: broad_lists::Lists::default(),
            refusals: preflight_refused::Refusals::default(),
            granted: two_answers::Granted::default(),
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
            servers.push(Server::default());
            servers.len() - 1
        })
    }
}

impl Server {
    fn observe(&mut self, scene: &Scene<'_>) {
        if let Some(answer) = &scene.actual {
            self.granted.observe(answer);
        }
        if let Some(answer) = &scene.preflight {
            self.preflights_pass |= answer.is_ok() && answer.grants();
        }
    }
}

impl Known {
    fn observe(&mut self, scene: &Scene<'_>, memory: &mut Memory, limits: &Limits) {
        let room = limits.advice_frames;
        let redirected = scene.transaction.redirected_from.is_some();
        if let Some(answer) = &scene.preflight {
            self.observe_answer(answer, limits);
            let mut sink = Sink::new(&mut self.found, answer.evidence, room);
            preflight_refused::check(answer, &mut self.refusals, &mut sink);
            preflight_work::check(answer, &mut sink);
            max_age::check(answer, &mut sink);
            authorization_wildcard::check(answer, &mut sink);
            avoidable_preflight::check(answer, redirected, &mut sink);
            self.lists.observe(answer, &mut sink);
            misplaced::check_forged(b"OPTIONS", answer.request(), true, &mut sink);
            let failed = matches!(
                scene.transaction.judgement.verdict,
                Verdict::Fail(error) if error.is_about_preflight()
            );
            let passes = !failed && answer.is_ok() && answer.grants();
            let max = limits.advice_durations;
            self.cost.observe_preflight(answer, passes, memory, max);
        }
        if let Some(answer) = &scene.actual {
            self.observe_answer(answer, limits);
            self.answers.observe(answer);
            self.granted.observe(answer);
            self.granted.observe_error(answer);
            self.cost.observe_actual(answer, limits.advice_durations);
            let mut sink = Sink::new(&mut self.found, answer.evidence, room);
            hidden_headers::check(answer, &mut sink);
            personal_data::check_open(answer, &mut sink);
            let credentials = scene.transaction.judgement.credentials;
            personal_data::check_cookie(answer, credentials, &mut sink);
            redirect_null::check(answer, &mut sink);
            if cross_site_requests::is_decided(answer.half.fetch.class) {
                if scene.preflight.is_none() {
                    cross_site_requests::check_post(answer, &mut sink);
                }
                cross_site_requests::check_refused(answer, &mut sink);
            }
            let method = answer.half.fetch.head.method();
            misplaced::check_forged(method, answer.request(), false, &mut sink);
        }
        let evidence = scene.preflight.as_ref().map(|answer| answer.evidence);
        let mut sink = Sink::new(&mut self.found, evidence.unwrap_or_default(), room);
        two_answers::check(scene, &mut sink);
    }

    /// What is asked of preflights and actual requests alike.
    fn observe_answer(&mut self, answer: &Answer<'_>, limits: &Limits) {
        self.echoes.observe(answer);
        self.observed.observe(answer, limits.advice_values);
        let mut sink = Sink::new(&mut self.found, answer.evidence, limits.advice_frames);
        null_origin::check(answer, &mut sink);
        wildcard_credentials::check(answer, &mut sink);
        trusted_origin::check(answer, &mut sink);
        allow_credentials::check(answer, &mut sink);
        dead_entries::check(answer, &mut sink);
        broken_origin::check(answer, &mut sink);
        private_network::check(answer, &mut sink);
        misplaced::check_names(answer.request(), &answer.cors, &mut sink);
    }

    /// What only the whole capture shows.
    fn conclude(&mut self, server: Option<&Server>, room: usize) {
        let passed = server.is_some_and(|server| server.preflights_pass);
        self.refusals.conclude(passed, &mut self.found);
        let mut sink = Sink::new(&mut self.found, Evidence::default(), room);
        self.echoes.conclude(&self.host, &mut sink);
        self.answers.conclude(&mut sink);
        self.lists.conclude(&self.observed.methods_used, &mut sink);
        let granted = server.map(|server| &server.granted);
        self.granted.conclude(granted, &mut sink);
        let cost = &self.cost;
        preflight_work::conclude(&cost.preflight_times, &cost.actual_times, &mut sink);
        cost.wasted.conclude_short(&mut sink);
        cost.wasted.conclude(cost.preflights, &mut sink);
        if self.found.iter().any(|found| found.rule.number == 1) {
            // Who trusts everybody trusts other sites too: once is enough.
            self.found.retain(|found| found.rule.number != 11);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{advice_of, findings_with};
    use super::*;

    #[test]
    fn rules_are_in_order_and_explained() {
        for (n, rule) in RULES.iter().enumerate() {
            assert_eq!(usize::from(rule.number), n + 1);
            assert_eq!(rule.id, format!("L-{}", n + 1));
            for text in [rule.title, rule.what, rule.why, rule.fix] {
                assert!(!text.is_empty() && !text.contains("  "), "{}", rule.id);
            }
            assert!(rule.example.lines().all(|line| line.len() < 90));
            assert!(rule.example.lines().count() > 0, "{}", rule.id);
        }
        assert!(rule("L-43").is_none());
    }

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
