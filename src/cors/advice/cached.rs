//! Answers of one endpoint that a cache may keep, for the rules about `Vary: Origin`.
//!
//! Those rest on pairs that were seen: two answers to different Origins, or with and without one.
//! Preflights are never kept.

use crate::cors::advice::answer::{Answer, CorsHeaders, varies_by_origin};
use crate::cors::advice::sink::{Evidence, text};
use crate::http::headers::{HeaderList, list_elements};
use crate::http::message::ResponseHead;

/// Different answers kept for one endpoint.
const KEPT: usize = 4;

/// An answer that a cache could keep.
#[derive(Clone)]
pub(super) struct Kept {
    /// The Origin; `None` for a request without.
    pub(super) origin: Option<Box<[u8]>>,
    pub(super) allowed: Option<Box<[u8]>>,
    pub(super) varies: bool,
    pub(super) shared: bool,
    pub(super) evidence: Evidence,
}

/// The answers of one endpoint to different Origins.
#[derive(Clone, Default)]
pub(super) struct Answers {
    pub(super) kept: Vec<Kept>,
    /// Answers whose Vary names Origin.
    pub(super) varying: u64,
    /// Cacheable answers whose Vary does not.
    pub(super) unvarying: u64,
}

/// Whether and by whom a response may be kept (RFC 9111 §3).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Caching {
    Never,
    ByBrowsers,
    BySharedCaches,
}

fn caching(headers: &HeaderList, cors: &CorsHeaders<'_>) -> Caching {
    let mut private = false;
    let mut shared = false;
    if cors.cache_control {
        for directive in headers.values("cache-control").flat_map(list_elements) {
            let name = directive.split(|b| *b == b'=').next().unwrap_or_default();
            let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
            if is("no-store") {
                return Caching::Never;
            }
            private |= is("private");
            shared |= is("public") || is("s-maxage") || is("max-age");
        }
    } else {
        shared = headers.contains("expires");
    }
    if shared && !private {
        Caching::BySharedCaches
    } else {
        Caching::ByBrowsers
    }
}

/// A response that a cache could keep, as far as this rule looks at it.
#[derive(Clone, Copy)]
pub(super) struct Cacheable {
    varies: bool,
    shared: bool,
    evidence: Evidence,
}

impl Cacheable {
    /// Of a response to a GET or HEAD; errors often come from elsewhere, and L-32 is about those.
    pub(super) fn of(
        method: &[u8],
        response: &ResponseHead,
        cors: &CorsHeaders<'_>,
        evidence: Evidence,
    ) -> Option<Self> {
        if !matches!(method, b"GET" | b"HEAD")
            || !(200..=299).contains(&response.status)
            || cors.allow_origin.count > 1
        {
            return None;
        }
        let caching = caching(&response.headers, cors);
        (caching != Caching::Never).then(|| Self {
            varies: cors.vary && varies_by_origin(&response.headers),
            shared: caching == Caching::BySharedCaches,
            evidence,
        })
    }
}

impl Answers {
    pub(super) fn observe(&mut self, answer: &Answer<'_>) {
        if answer.preflight {
            return;
        }
        let method = answer.half.fetch.head.method();
        let kept = Cacheable::of(method, answer.response, &answer.cors, answer.evidence);
        if let Some(kept) = kept {
            self.take(kept, Some(answer.origin), answer.cors.allow_origin.first);
        }
    }

    /// Takes an answer; `origin` is `None` for a request without.
    pub(super) fn take(
        &mut self,
        answer: Cacheable,
        origin: Option<&[u8]>,
        allowed: Option<&[u8]>,
    ) {
        self.varying += u64::from(answer.varies);
        self.unvarying += u64::from(!answer.varies);
        let known = self.kept.iter().any(|kept| {
            kept.origin.as_deref() == origin
                && kept.allowed.as_deref() == allowed
                && kept.varies == answer.varies
        });
        let short = |value: Option<&[u8]>| value.is_none_or(|value| value.len() <= 256);
        if !known && self.kept.len() < KEPT && short(origin) && short(allowed) {
            self.kept.push(Kept {
                origin: origin.map(Box::from),
                allowed: allowed.map(Box::from),
                varies: answer.varies,
                shared: answer.shared,
                evidence: answer.evidence,
            });
        }
    }

    /// Pairs of answers to different Origins, or with and without one.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&Kept, &Kept)> {
        let pairs = self.kept.iter().enumerate().flat_map(|(n, one)| {
            let others = self.kept.iter().skip(n + 1);
            others.map(move |other| (one, other))
        });
        pairs.filter(|(a, b)| a.origin != b.origin)
    }
}

impl Kept {
    /// Who asked, for a sentence.
    pub(super) fn who(&self) -> String {
        match &self.origin {
            Some(origin) => format!("the origin {}", text(origin)),
            None => "a request without Origin".to_owned(),
        }
    }

    /// What the answer was, for a sentence.
    pub(super) fn what(&self) -> String {
        match &self.allowed {
            Some(allowed) => format!("Access-Control-Allow-Origin: {}", text(allowed)),
            None => "none".to_owned(),
        }
    }
}
