//! The rules, a file each: its texts, its condition, the guard against false alarms, a table of cases.
//!
//! This file says which rule is shown what, and which one speaks where several could: rules that
//! return `bool` have the say before those after them.

mod allow_credentials_value;
mod answers_differ;
mod authorization_by_wildcard;
mod avoidable_preflight;
mod broad_lists;
pub(super) mod connections_fail;
mod dead_entries;
mod dropped_cookie;
mod duplicated_header;
mod errors_without_cors;
mod forged_preflight;
mod hidden_headers;
mod http_origin_trusted;
mod lookalike_trusted;
mod loopback_trusted;
mod malformed_origin;
mod max_age_beyond_caps;
mod max_age_missing;
mod max_age_short;
mod misplaced_header;
mod null_with_credentials;
mod open_private_data;
mod pattern_origin;
mod preflight_login;
mod preflight_redirected;
mod preflight_unhandled;
mod preflight_work;
mod private_network;
mod redirect_to_null;
mod reflected_origin;
mod refused_but_done;
mod shared_hosting_trusted;
mod simple_state_change;
mod single_echo;
mod third_party_trusted;
mod vary_missing;
mod vary_needless;
mod wasted_preflights;
mod websocket_accepted;
mod wildcard_lists_with_credentials;
mod wildcard_with_credentials;
mod without_origin;
mod wrong_response;

use smallvec::SmallVec;

use crate::cors::advice::answer::{Answer, Plain, Scene};
use crate::cors::advice::cached::{Answers, Cacheable};
use crate::cors::advice::cost::Cost;
use crate::cors::advice::echoes::Echoes;
use crate::cors::advice::rule::Rule;
use crate::cors::advice::sink::{Evidence, Found, Sink};
use crate::cors::advice::trusted::Trusted;
use crate::cors::fetch_request::{NotCors, RequestClass};
use crate::http;

pub(super) use crate::cors::advice::rules::max_age_short::is_short;
pub(super) use crate::cors::advice::rules::preflight_work::is_large_body;

/// Every rule, in the order of their numbers.
pub static RULES: [&Rule; 43] = [
    &reflected_origin::L_1,
    &single_echo::L_2,
    &null_with_credentials::L_3,
    &vary_missing::L_4,
    &vary_needless::L_5,
    &wildcard_with_credentials::L_6,
    &http_origin_trusted::L_7,
    &loopback_trusted::L_8,
    &lookalike_trusted::L_9,
    &shared_hosting_trusted::L_10,
    &third_party_trusted::L_11,
    &allow_credentials_value::L_12,
    &authorization_by_wildcard::L_13,
    &wildcard_lists_with_credentials::L_14,
    &broad_lists::L_15,
    &dead_entries::L_16,
    &wrong_response::L_17,
    &without_origin::L_18,
    &duplicated_header::L_19,
    &malformed_origin::L_20,
    &pattern_origin::L_21,
    &preflight_login::L_22,
    &preflight_redirected::L_23,
    &preflight_unhandled::L_24,
    &preflight_work::L_25,
    &max_age_missing::L_26,
    &max_age_short::L_27,
    &max_age_beyond_caps::L_28,
    &wasted_preflights::L_29,
    &avoidable_preflight::L_30,
    &hidden_headers::L_31,
    &errors_without_cors::L_32,
    &answers_differ::L_33,
    &websocket_accepted::L_34,
    &simple_state_change::L_35,
    &refused_but_done::L_36,
    &private_network::L_37,
    &open_private_data::L_38,
    &dropped_cookie::L_39,
    &misplaced_header::L_40,
    &forged_preflight::L_41,
    &redirect_to_null::L_42,
    &connections_fail::L_43,
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

/// What rules remember of a server: the endpoints of one authority together.
#[derive(Clone, Default)]
pub(super) struct OfServer {
    granted: errors_without_cors::Granted,
    preflights_pass: bool,
    /// Where its last request went to.
    address: Option<http::Endpoint>,
}

impl OfServer {
    pub(super) fn address(&self) -> Option<http::Endpoint> {
        self.address
    }

    pub(super) fn observe(&mut self, scene: &Scene<'_>) {
        let exchange = scene
            .transaction
            .main()
            .and_then(|half| half.exchange.as_ref());
        self.address = exchange
            .map(|exchange| exchange.connection.server)
            .or(self.address);
        if let Some(answer) = &scene.actual {
            self.granted.observe(answer);
        }
        if let Some(answer) = &scene.preflight {
            self.preflights_pass |= answer.is_ok() && answer.grants();
        }
    }
}

/// How often rules found something.
#[derive(Clone, Default)]
pub(super) struct Findings {
    /// A rule's number, and how often it did.
    rules: SmallVec<[(u8, u64); 4]>,
    /// Origins that were echoed with credentials.
    echoed: u64,
    varying: u64,
    unvarying: u64,
}

impl Findings {
    fn since(&self, before: &Self) -> Self {
        let earlier = |number: u8| {
            let mut rules = before.rules.iter();
            let rule = rules.find(|(known, _)| *known == number);
            rule.map_or(0, |(_, times)| *times)
        };
        let rules = self.rules.iter();
        let rules = rules.map(|(number, times)| (*number, times - earlier(*number)));
        Self {
            rules: rules.filter(|(_, times)| *times > 0).collect(),
            echoed: self.echoed - before.echoed,
            varying: self.varying - before.varying,
            unvarying: self.unvarying - before.unvarying,
        }
    }
}

/// What rules remember of an endpoint, and what they have found.
#[derive(Clone, Default)]
pub(super) struct OfEndpoint {
    found: Vec<Found>,
    echoes: Echoes,
    answers: Answers,
    lists: broad_lists::Lists,
    refusals: preflight_login::Refusals,
    granted: errors_without_cors::Granted,
}

impl OfEndpoint {
    /// Takes a transaction in cors mode; `room` is for the frames of one finding. Returns what was found
    /// in its preflight, and in the actual request.
    pub(super) fn observe(&mut self, scene: &Scene<'_>, room: usize) -> [Findings; 2] {
        let before = self.counts();
        if let Some(answer) = &scene.preflight {
            self.observe_answer(answer, room);
            let redirected = scene.transaction.redirected_from.is_some();
            self.observe_preflight(answer, redirected, room);
        }
        let evidence = scene.preflight.as_ref().map(|answer| answer.evidence);
        let mut sink = Sink::new(&mut self.found, evidence.unwrap_or_default(), room);
        answers_differ::check(scene, &mut sink);
        let between = self.counts();
        if let Some(answer) = &scene.actual {
            self.observe_answer(answer, room);
            self.observe_actual(answer, scene, room);
        }
        let after = self.counts();
        [between.since(&before), after.since(&between)]
    }

    /// Takes a half of a transaction that is like one before, in which this was found.
    pub(super) fn observe_again(&mut self, found: &Findings, evidence: Evidence, room: usize) {
        for (number, times) in &found.rules {
            let mut same = self.found.iter_mut();
            if let Some(found) = same.find(|found| found.rule.number == *number) {
                found.occurrences += times;
                found.rest_on(evidence, room);
            }
        }
        self.echoes.count += found.echoed;
        self.answers.varying += found.varying;
        self.answers.unvarying += found.unvarying;
    }

    /// How often each rule has found something so far.
    fn counts(&self) -> Findings {
        let rules = self.found.iter();
        Findings {
            rules: rules.map(|f| (f.rule.number, f.occurrences)).collect(),
            echoed: self.echoes.count,
            varying: self.answers.varying,
            unvarying: self.answers.unvarying,
        }
    }

    /// What is asked of preflights and actual requests alike.
    fn observe_answer(&mut self, answer: &Answer<'_>, room: usize) {
        self.echoes.observe(answer);
        let mut sink = Sink::new(&mut self.found, answer.evidence, room);
        let sink = &mut sink;
        null_with_credentials::check(answer, sink);
        wildcard_with_credentials::check(answer, sink);
        wildcard_lists_with_credentials::check(answer, sink);
        if let Some(trusted) = Trusted::of(answer) {
            http_origin_trusted::check(answer, &trusted, sink);
            loopback_trusted::check(&trusted, sink);
            if !lookalike_trusted::check(&trusted, sink)
                && !shared_hosting_trusted::check(&trusted, sink)
            {
                third_party_trusted::check(&trusted, sink);
            }
        }
        allow_credentials_value::check(answer, sink);
        dead_entries::check(answer, sink);
        wrong_response::check(answer, sink);
        let allowed = answer.cors.allow_origin.first;
        let unmatched = allowed.filter(|value| *value != b"*" && *value != answer.origin);
        if !duplicated_header::check(answer, sink)
            && let Some(value) = unmatched
            && !pattern_origin::check(value, sink)
        {
            malformed_origin::check(value, sink);
        }
        private_network::check(answer, sink);
        misplaced_header::check(answer.request(), &answer.cors, sink);
    }

    fn observe_preflight(&mut self, answer: &Answer<'_>, redirected: bool, room: usize) {
        let mut sink = Sink::new(&mut self.found, answer.evidence, room);
        let sink = &mut sink;
        if !answer.is_ok() && !preflight_redirected::check(answer, sink) {
            preflight_login::check(answer, &mut self.refusals, sink);
            preflight_unhandled::check(answer, sink);
        }
        preflight_work::check(answer, sink);
        if let Some(age) = answer.cors.max_age.single()
            && answer.is_ok()
        {
            max_age_short::check(age, sink);
            max_age_beyond_caps::check(age, sink);
        }
        authorization_by_wildcard::check(answer, sink);
        avoidable_preflight::check(answer, redirected, sink);
        self.lists.observe(answer, sink);
        forged_preflight::check(b"OPTIONS", answer.request(), true, sink);
    }

    fn observe_actual(&mut self, answer: &Answer<'_>, scene: &Scene<'_>, room: usize) {
        self.answers.observe(answer);
        self.granted.observe(answer);
        self.granted.observe_error(answer);
        let mut sink = Sink::new(&mut self.found, answer.evidence, room);
        let sink = &mut sink;
        hidden_headers::check(answer, sink);
        open_private_data::check(answer, sink);
        dropped_cookie::check(answer, scene.transaction.judgement.credentials, sink);
        redirect_to_null::check(answer, sink);
        if let RequestClass::Cors | RequestClass::Ambiguous = answer.half.fetch.class {
            if scene.preflight.is_none() {
                simple_state_change::check(answer, sink);
            }
            refused_but_done::check(answer, sink);
        }
        let method = answer.half.fetch.head.method();
        forged_preflight::check(method, answer.request(), false, sink);
    }

    /// Takes an answer to a request outside the CORS protocol.
    pub(super) fn observe_not_cors(&mut self, answer: &Answer<'_>, why: NotCors, room: usize) {
        let mut sink = Sink::new(&mut self.found, answer.evidence, room);
        match why {
            NotCors::WebSocket => websocket_accepted::check(answer, &mut sink),
            NotCors::NoCors | NotCors::Navigation => simple_state_change::check(answer, &mut sink),
            NotCors::SameOrigin | NotCors::NoResource => {}
        }
    }

    /// Takes an answer to a request without Origin.
    pub(super) fn observe_plain(&mut self, plain: &Plain<'_>, room: usize) {
        if let Some(cacheable) = plain.cacheable() {
            let allowed = plain.cors.allow_origin.first;
            self.answers.take(cacheable, None, allowed);
        }
        let mut sink = Sink::new(&mut self.found, plain.evidence, room);
        without_origin::check(plain, &mut sink);
        misplaced_header::check(plain.request, &plain.cors, &mut sink);
        forged_preflight::check(plain.method, plain.request, false, &mut sink);
    }

    /// Takes an answer to a request without Origin that was kept for later.
    pub(super) fn take_kept(&mut self, cacheable: Cacheable) {
        self.answers.take(cacheable, None, None);
    }

    /// What only the whole capture shows.
    pub(super) fn conclude(
        mut self,
        server: Option<&OfServer>,
        host: &[u8],
        methods_used: &[Box<[u8]>],
        cost: &Cost,
        room: usize,
    ) -> Vec<Found> {
        let passed = server.is_some_and(|server| server.preflights_pass);
        self.refusals.conclude(passed, &mut self.found);
        let mut sink = Sink::new(&mut self.found, Evidence::default(), room);
        let sink = &mut sink;
        let reflected = reflected_origin::conclude(&self.echoes, host, sink);
        if !reflected {
            single_echo::conclude(&self.echoes, sink);
        }
        if !vary_missing::conclude(&self.answers, sink) {
            vary_needless::conclude(&self.answers, sink);
        }
        self.lists.conclude(methods_used, sink);
        let granted = server.map(|server| &server.granted);
        self.granted.conclude(granted, sink);
        preflight_work::conclude(&cost.preflight_times, &cost.actual_times, sink);
        max_age_short::conclude(&cost.wasted, sink);
        max_age_missing::conclude(&cost.wasted, sink);
        wasted_preflights::conclude(&cost.wasted, cost.preflights, sink);
        if reflected {
            // Who trusts everybody trusts other sites too: once is enough.
            self.found.retain(|found| found.rule.number != 11);
        }
        self.found
    }
}

#[cfg(test)]
mod tests {
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
        assert!(rule("L-44").is_none());
    }
}
