//! A response as rules see it: its CORS headers found in one pass over its lines.
//!
//! This runs for every exchange, so it allocates nothing and looks at each line once.

use crate::cors::advice::cached::Cacheable;
use crate::cors::advice::sink::Evidence;
use crate::cors::advice::site;
use crate::cors::fetch_request::{FetchRequest, RequestClass};
use crate::cors::transaction::{Half, Transaction, TransactionId};
use crate::http::exchange::Exchange;
use crate::http::headers::{HeaderList, list_elements};
use crate::http::message::ResponseHead;

/// The lines of one name: the first value, and how many lines there are.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Lines<'a> {
    pub(super) first: Option<&'a [u8]>,
    pub(super) count: u32,
}

impl<'a> Lines<'a> {
    fn take(&mut self, value: &'a [u8]) {
        self.first.get_or_insert(value);
        self.count += 1;
    }

    pub(super) fn is_there(self) -> bool {
        self.count > 0
    }

    /// The value, where there is exactly one line.
    pub(super) fn single(self) -> Option<&'a [u8]> {
        self.first.filter(|_| self.count == 1)
    }

    pub(super) fn is(self, value: &[u8]) -> bool {
        self.single() == Some(value)
    }
}

/// The headers of a response that have to do with CORS.
#[derive(Debug, Clone, Copy, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says that one header is there; they are independent"
)]
pub(super) struct CorsHeaders<'a> {
    pub(super) allow_origin: Lines<'a>,
    pub(super) allow_credentials: Lines<'a>,
    pub(super) allow_methods: Lines<'a>,
    pub(super) allow_headers: Lines<'a>,
    pub(super) expose_headers: Lines<'a>,
    pub(super) max_age: Lines<'a>,
    pub(super) allow_private_network: bool,
    pub(super) set_cookie: bool,
    pub(super) vary: bool,
    pub(super) cache_control: bool,
    /// A name that looks like a CORS response header and is none.
    pub(super) odd: Option<&'a [u8]>,
}

impl<'a> CorsHeaders<'a> {
    pub(super) fn of(headers: &'a HeaderList) -> Self {
        const PREFIX: &[u8] = b"access-control-";
        let mut found = Self::default();
        for (name, value) in headers.lines() {
            match name.first().map(u8::to_ascii_lowercase) {
                Some(b'a') if name.len() > PREFIX.len() => {
                    let (prefix, rest) = name.split_at(PREFIX.len());
                    if prefix.eq_ignore_ascii_case(PREFIX) {
                        found.take(name, rest, value);
                    } else if is_misnamed(name) {
                        found.odd = Some(name);
                    }
                }
                Some(b'a' | b'x') if is_misnamed(name) => found.odd = Some(name),
                Some(b'c') if name.eq_ignore_ascii_case(b"cors") => found.odd = Some(name),
                Some(b'c') if name.eq_ignore_ascii_case(b"cache-control") => {
                    found.cache_control = true;
                }
                Some(b's') if name.eq_ignore_ascii_case(b"set-cookie") => found.set_cookie = true,
                Some(b'v') if name.eq_ignore_ascii_case(b"vary") => found.vary = true,
                _ => {}
            }
        }
        found
    }

    fn take(&mut self, name: &'a [u8], rest: &[u8], value: &'a [u8]) {
        let is = |known: &str| rest.eq_ignore_ascii_case(known.as_bytes());
        let lines = match rest.len() {
            12 if is("allow-origin") => &mut self.allow_origin,
            17 if is("allow-credentials") => &mut self.allow_credentials,
            13 if is("allow-methods") => &mut self.allow_methods,
            13 if is("allow-headers") => &mut self.allow_headers,
            14 if is("expose-headers") => &mut self.expose_headers,
            7 if is("max-age") => &mut self.max_age,
            21 if is("allow-private-network") => {
                self.allow_private_network = true;
                return;
            }
            _ => {
                self.odd = Some(name);
                return;
            }
        };
        lines.take(value);
    }

    /// Whether credentials are allowed, in so many letters.
    pub(super) fn allows_credentials(&self) -> bool {
        self.allow_credentials.is(b"true")
    }
}

/// Names outside `Access-Control-…` that people write for one of those.
fn is_misnamed(name: &[u8]) -> bool {
    const MISNAMED: [&str; 7] = [
        "allow-origin",
        "allow-headers",
        "allow-methods",
        "allow-credentials",
        "acces-control-allow-origin",
        "access-controll-allow-origin",
        "x-access-control-allow-origin",
    ];
    let is = |known: &&str| name.eq_ignore_ascii_case(known.as_bytes());
    name.len() >= 12 && MISNAMED.iter().any(is)
}

/// Whether a Vary header names Origin, or everything.
pub(super) fn varies_by_origin(headers: &HeaderList) -> bool {
    let mut names = headers.values("vary").flat_map(list_elements);
    names.any(|name| name == b"*" || name.eq_ignore_ascii_case(b"origin"))
}

/// The request that an [`Answer`] answers.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    /// Host and port, normalised.
    pub(super) authority: &'a [u8],
    pub(super) path_and_query: &'a [u8],
}

impl<'a> Target<'a> {
    pub(super) fn of(fetch: &'a FetchRequest) -> Self {
        Self {
            authority: &fetch.authority,
            path_and_query: fetch.path_and_query(),
        }
    }

    pub(super) fn host(&self) -> &'a [u8] {
        site::host(self.authority)
    }
}

/// A response to a request with an Origin, in cors mode as far as one can tell.
pub(super) struct Answer<'a> {
    pub(super) half: &'a Half,
    pub(super) target: Target<'a>,
    /// It answers a preflight.
    pub(super) preflight: bool,
    pub(super) origin: &'a [u8],
    pub(super) status: u16,
    pub(super) response: &'a ResponseHead,
    pub(super) cors: CorsHeaders<'a>,
    pub(super) evidence: Evidence,
}

impl<'a> Answer<'a> {
    /// The answer that a half got, if any.
    pub(super) fn of(half: &'a Half, id: TransactionId) -> Option<Self> {
        let response = half.response.as_deref()?;
        Some(Self {
            half,
            target: Target::of(&half.fetch),
            preflight: half.fetch.class == RequestClass::Preflight,
            origin: half.fetch.origin(),
            status: response.status,
            response,
            cors: CorsHeaders::of(&response.headers),
            evidence: evidence_of(half, id),
        })
    }

    pub(super) fn request(&self) -> &'a HeaderList {
        self.half.fetch.headers()
    }

    pub(super) fn is_ok(&self) -> bool {
        (200..=299).contains(&self.status)
    }

    /// Whether Access-Control-Allow-Origin is this request's Origin.
    pub(super) fn echoes(&self) -> bool {
        self.cors.allow_origin.is(self.origin)
    }

    /// Whether a browser without credentials would let this origin read it.
    pub(super) fn grants(&self) -> bool {
        self.echoes() || self.cors.allow_origin.is(b"*")
    }

    /// Whether the page's site is another than the target's; `None` where neither shows.
    pub(super) fn is_cross_site(&self) -> Option<bool> {
        match self.request().values("sec-fetch-site").next() {
            Some(b"cross-site") => return Some(true),
            Some(_) => return Some(false),
            None => {}
        }
        let (_, host) = site::scheme_and_host(self.origin)?;
        Some(!site::is_same_site(host, self.target.host()))
    }
}

/// A transaction's answers, and itself.
pub(super) struct Scene<'a> {
    pub(super) transaction: &'a Transaction,
    pub(super) preflight: Option<Answer<'a>>,
    pub(super) actual: Option<Answer<'a>>,
}

/// A request without an Origin, with its answer.
pub(super) struct Plain<'a> {
    pub(super) request: &'a HeaderList,
    pub(super) method: &'a [u8],
    pub(super) response: Option<&'a ResponseHead>,
    pub(super) cors: CorsHeaders<'a>,
    pub(super) evidence: Evidence,
}

impl Plain<'_> {
    /// The answer, should a cache be able to keep it.
    pub(super) fn cacheable(&self) -> Option<Cacheable> {
        let response = self.response?;
        Cacheable::of(self.method, response, &self.cors, self.evidence)
    }
}

/// The frames that a half shows.
pub(super) fn evidence_of(half: &Half, id: TransactionId) -> Evidence {
    let response = half
        .exchange
        .as_ref()
        .and_then(|exchange| exchange.response.as_ref());
    Evidence {
        transaction: Some(id),
        frames: [
            half.frames.first().copied(),
            response.and_then(|response| response.frames.first().copied()),
        ],
    }
}

/// The frames that an exchange shows.
pub(super) fn evidence_of_exchange(exchange: &Exchange) -> Evidence {
    let request = exchange.request.as_ref();
    let response = exchange.response.as_ref();
    Evidence {
        transaction: None,
        frames: [
            request.and_then(|message| message.frames.first().copied()),
            response.and_then(|message| message.frames.first().copied()),
        ],
    }
}
