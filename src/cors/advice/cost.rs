//! What preflights cost: counts and times for each endpoint, and what two hours of memory would
//! have spared.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use foldhash::quality::RandomState;

use crate::capture::frame::Timestamp;
use crate::cors::advice::answer::Answer;
use crate::cors::advice::endpoint::{Endpoint, path_of};
use crate::cors::advice::rules::is_short;
use crate::cors::advice::sink::Evidence;
use crate::cors::advice::waste::{Waste, Wasted};
use crate::cors::browser::Browser;
use crate::cors::transaction::Half;
use crate::http::headers::list_elements;

/// The age that the comparison assumes: as long as Chromium keeps an answer.
const ASSUMED_AGE: Duration = Duration::from_secs(7200);

/// What preflights of one endpoint cost.
#[derive(Debug, Clone, PartialEq)]
pub struct PreflightCost {
    /// Where.
    pub endpoint: Endpoint,
    /// Preflights seen.
    pub preflights: u64,
    /// Actual requests seen, those without preflight too.
    pub actuals: u64,
    /// Milliseconds spent on all answered preflights together.
    pub total_ms: f64,
    /// The median of an answered preflight, in milliseconds; of the first ones where there are many.
    pub median_ms: Option<f64>,
    /// The 95th percentile of the same.
    pub p95_ms: Option<f64>,
    /// Preflights that Access-Control-Max-Age: 7200 would have spared.
    pub sparable: u64,
    /// Their milliseconds.
    pub sparable_ms: f64,
}

/// Microseconds as milliseconds.
#[expect(
    clippy::cast_precision_loss,
    reason = "a sum of durations within one capture stays far below 2^52 microseconds"
)]
pub(super) fn milliseconds_of(micros: u64) -> f64 {
    micros as f64 / 1000.0
}

/// Microseconds as milliseconds.
pub(super) fn milliseconds(micros: u32) -> f64 {
    milliseconds_of(u64::from(micros))
}

/// Durations of requests: the first ones.
#[derive(Clone, Default)]
pub(super) struct Durations {
    micros: Vec<u32>,
    /// The longest of all.
    slowest: (u32, Evidence),
}

impl Durations {
    fn add(&mut self, micros: u32, evidence: Evidence, max: usize) {
        if micros >= self.slowest.0 {
            self.slowest = (micros, evidence);
        }
        if self.micros.len() < max {
            self.micros.push(micros);
        }
    }

    pub(super) fn slowest(&self) -> Evidence {
        self.slowest.1
    }

    pub(super) fn count(&self) -> usize {
        self.micros.len()
    }

    pub(super) fn median(&self) -> Option<u32> {
        self.percentile(50)
    }

    /// The duration that so many of a hundred do not exceed.
    fn percentile(&self, percent: usize) -> Option<u32> {
        let mut sorted = self.micros.clone();
        sorted.sort_unstable();
        let last = sorted.len().checked_sub(1)?;
        sorted
            .get((sorted.len() * percent / 100).min(last))
            .copied()
    }
}

/// What browsers make of an answer, as far as it counts here.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own about the answer"
)]
pub(super) struct Answered {
    /// It allows the origin.
    pub(super) grants: bool,
    /// It answers a preflight that passes.
    pub(super) passes: bool,
    /// How long it is remembered.
    lifetime: Duration,
    has_age: bool,
    is_short: bool,
    /// `*` is in one of its lists.
    has_wildcard: bool,
}

impl Answered {
    pub(super) fn of(answer: &Answer<'_>, refused: bool) -> Self {
        let value = answer.cors.max_age.single();
        let is_wildcard = |value: Option<&[u8]>| {
            list_elements(value.unwrap_or_default()).any(|element| element == b"*")
        };
        let cors = &answer.cors;
        let lifetime = answer.half.fetch.browser().preflight_lifetime(value);
        Self {
            grants: answer.grants(),
            passes: !refused && answer.is_ok() && answer.grants(),
            lifetime: lifetime.unwrap_or_default(),
            has_age: cors.max_age.is_there(),
            is_short: value.is_none_or(is_short),
            has_wildcard: is_wildcard(cors.allow_headers.first)
                || is_wildcard(cors.allow_methods.first),
        }
    }
}

/// What one endpoint's preflights cost so far.
#[derive(Clone, Default)]
pub(super) struct Cost {
    pub(super) preflights: u64,
    actuals: u64,
    total: u64,
    sparable: (u64, u64),
    pub(super) preflight_times: Durations,
    pub(super) actual_times: Durations,
    pub(super) wasted: Wasted,
}

impl Cost {
    pub(super) fn observe_actual(&mut self, half: &Half, evidence: Evidence, max: usize) {
        self.actuals += 1;
        // Only where there are preflights to compare them with, which come first.
        if self.preflights > 0
            && let Some(micros) = half.micros()
        {
            self.actual_times.add(micros, evidence, max);
        }
    }

    pub(super) fn observe_preflight(
        &mut self,
        half: &Half,
        answered: Answered,
        evidence: Evidence,
        memory: &mut Memory,
        max: usize,
    ) {
        self.preflights += 1;
        let micros = half.micros().unwrap_or(0);
        if half.micros().is_some() {
            self.total += u64::from(micros);
            self.preflight_times.add(micros, evidence, max);
        }
        if answered.passes
            && let Some(waste) = memory.observe(half, answered, micros)
        {
            self.wasted.add(waste, micros, evidence);
            if waste != Waste::OtherQuery {
                self.sparable.0 += 1;
                self.sparable.1 += u64::from(micros);
            }
        }
    }

    pub(super) fn table_line(&self, endpoint: &Endpoint) -> Option<PreflightCost> {
        (self.preflights > 0).then(|| PreflightCost {
            endpoint: endpoint.clone(),
            preflights: self.preflights,
            actuals: self.actuals,
            total_ms: milliseconds_of(self.total),
            median_ms: self.preflight_times.median().map(milliseconds),
            p95_ms: self.preflight_times.percentile(95).map(milliseconds),
            sparable: self.sparable.0,
            sparable_ms: milliseconds_of(self.sparable.1),
        })
    }
}

/// A preflight's answer, as browsers remember it and as they could.
#[derive(Clone)]
struct Remembered {
    /// When it was answered.
    answered: Timestamp,
    /// Until when the browser does remember it.
    until: Timestamp,
    /// Until when it could.
    could: Timestamp,
    had_age: bool,
    short: bool,
}

/// The answers of the whole capture, bounded: beyond that no repetition is noticed.
#[derive(Clone)]
pub(super) struct Memory {
    hasher: RandomState,
    answers: HashMap<u64, Remembered, RandomState>,
    /// Paths, whatever their query, and until when an answer could be remembered.
    paths: HashMap<u64, Timestamp, RandomState>,
    max: usize,
    /// Preflights that were not compared.
    pub(super) ignored: u64,
}

impl Memory {
    pub(super) fn new(max: usize) -> Self {
        Self {
            hasher: RandomState::default(),
            answers: HashMap::default(),
            paths: HashMap::default(),
            max,
            ignored: 0,
        }
    }

    /// Why this preflight could have been spared, if it could.
    fn observe(&mut self, half: &Half, answered_so: Answered, micros: u32) -> Option<Waste> {
        let exchange = half.exchange.as_ref();
        let client: Option<IpAddr> = exchange.map(|e| e.connection.client.address());
        let fetch = &half.fetch;
        let target = fetch.path_and_query();
        let asked = fetch.headers().values("access-control-request-headers");
        let asked = asked.into_iter().next();
        let who = (client, fetch.origin(), &*fetch.authority);
        let what = (fetch.fetch_method(), asked.unwrap_or_default());
        let key = self.hash((who, target, what));
        let browser = fetch.browser();
        let start = half.start;
        let answered = start.plus(Duration::from_micros(u64::from(micros)));
        let could = answered.plus(ASSUMED_AGE.min(browser.max_age_cap()));
        let new = Remembered {
            answered,
            until: answered.plus(answered_so.lifetime),
            could,
            had_age: answered_so.has_age,
            short: answered_so.is_short,
        };
        let waste = match self.answers.get(&key) {
            Some(known) if start <= known.could => Some(reason(known, half, answered_so, start)),
            Some(_) => None,
            None => {
                if self.answers.len() >= self.max {
                    self.ignored += 1;
                    return None;
                }
                self.other_query(&who, target, &what, start, could)
            }
        };
        let kept = match (self.answers.get(&key), waste) {
            // In the comparison the first answer is still the one that is remembered.
            (Some(known), Some(_)) => known.could,
            _ => could,
        };
        self.answers.insert(key, Remembered { could: kept, ..new });
        waste
    }

    fn other_query(
        &mut self,
        who: &impl std::hash::Hash,
        target: &[u8],
        what: &impl std::hash::Hash,
        start: Timestamp,
        could: Timestamp,
    ) -> Option<Waste> {
        if !target.contains(&b'?') {
            return None;
        }
        let path = self.hash((who, path_of(target), what));
        let known = self.paths.get(&path).copied();
        if known.is_some() || self.paths.len() < self.max {
            self.paths.insert(path, could);
        }
        known
            .filter(|until| start <= *until)
            .map(|_| Waste::OtherQuery)
    }

    fn hash(&self, parts: impl std::hash::Hash) -> u64 {
        use std::hash::BuildHasher as _;
        self.hasher.hash_one(parts)
    }
}

fn reason(known: &Remembered, half: &Half, answered: Answered, start: Timestamp) -> Waste {
    let firefox = matches!(half.fetch.browser(), Browser::Firefox(_));
    let method = half.fetch.fetch_method();
    if start < known.answered {
        Waste::AtOnce
    } else if firefox && answered.has_wildcard {
        Waste::WildcardInFirefox
    } else if firefox && method == b"HEAD" && start <= known.until {
        Waste::HeadInFirefox
    } else if start <= known.until {
        Waste::Bypassed
    } else if !known.had_age {
        Waste::NoMaxAge
    } else if known.short {
        Waste::ShortMaxAge
    } else {
        Waste::RanOut
    }
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::findings_of;

    #[test]
    fn preflights_are_counted_and_timed() {
        let preflight = |at: u32, ms: u32| {
            format!(
                "@{at}s+{ms}ms OPTIONS / | Origin: http://a.org | ACRM: PUT => 204 | ACAO: * | ACAM: PUT"
            )
        };
        let lines = [preflight(1, 10), preflight(20, 30), preflight(40, 20)];
        let mut lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        lines.push("@41s+1ms PUT / | Origin: http://a.org => 200 | ACAO: *");
        let findings = findings_of(&lines);
        let [cost] = findings.costs.as_slice() else {
            panic!("{:?}", findings.costs);
        };
        assert_eq!((cost.preflights, cost.actuals, cost.sparable), (3, 1, 2));
        assert!((cost.total_ms - 60.0).abs() < 1e-9);
        assert_eq!((cost.median_ms, cost.p95_ms), (Some(20.0), Some(30.0)));
        assert!((cost.sparable_ms - 50.0).abs() < 1e-9);
    }
}
