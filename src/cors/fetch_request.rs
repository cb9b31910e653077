//! A request as the browser's fetch that it shows: CORS or not, from which origin to which, and with
//! or without credentials.
//!
//! What a page asked for is not on the wire; what follows from the bytes is inferred here, by the
//! tables that the comments number. Read the Fetch standard's `#origin-header` and the Fetch
//! Metadata draft first.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::cors::browser::{Assumptions, Browser};
use crate::cors::recall::Recall;
use crate::cors::safelist::{
    browser_added_names, is_browser_added, is_cors_safelisted_method,
    is_cors_safelisted_request_header, is_exempt_content_type,
};
use crate::cors::url::{normalise_authority, split_port};
use crate::http::ConnectionInfo;
use crate::http::gist::{Gist, GistId};
use crate::http::headers::{HeaderList, list_elements};
use crate::http::message::RequestHead;
use crate::wire_text::wire_text;

/// What kind of request this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestClass {
    /// The CORS protocol does not apply.
    NotCors(NotCors),
    /// A CORS-preflight request (<https://fetch.spec.whatwg.org/#cors-preflight-request>).
    Preflight,
    /// A CORS request whose response must pass the CORS check.
    Cors,
    /// A POST across origins that a page, a form or a beacon could have sent.
    Ambiguous,
    /// Only the scheme differs from the origin's: perhaps something before the server ends TLS.
    SchemeDiffers,
}

/// Why the CORS protocol does not apply to a request with an Origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotCors {
    /// It stays within one origin.
    SameOrigin,
    /// A WebSocket handshake.
    WebSocket,
    /// A navigation, such as a submitted form.
    Navigation,
    /// Sent in a mode that hides the response from the page.
    NoCors,
    /// CONNECT or `OPTIONS *`: not about a resource.
    NoResource,
}

impl NotCors {
    /// What to tell a reader.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::SameOrigin => "the page and the target have the same origin",
            Self::WebSocket => "a WebSocket handshake: CORS does not apply to it",
            Self::Navigation => "a navigation, such as a submitted form: CORS does not apply to it",
            Self::NoCors => {
                "sent in no-cors mode: the page cannot read the response, whatever its headers"
            }
            Self::NoResource => "not a request for a resource",
        }
    }
}

/// Whether credentials were included, as far as one request shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credentials {
    /// They were.
    Include,
    /// They were not.
    NotInclude,
    /// Nothing tells.
    Unknown,
}

impl Credentials {
    /// Its name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Include => "include",
            Self::NotInclude => "not-include",
            Self::Unknown => "unknown",
        }
    }
}

/// A request with an Origin, seen as a fetch.
#[derive(Debug, Clone)]
pub struct FetchRequest {
    /// Its head.
    pub head: Arc<RequestHead>,
    /// What kind of request it is.
    pub class: RequestClass,
    /// The target's host and port, normalised.
    pub authority: Arc<[u8]>,
    /// The Host was missing; the authority is the server's address.
    pub guessed_host: bool,
    /// The browser that it names, or that is assumed.
    browser: Browser,
    same_origin: bool,
    /// Whether credentials are included where nothing shows it, by assumption.
    include_credentials: Option<bool>,
}

/// What is worked out of a request's header list, and hardly changes from one to the next.
#[derive(Clone)]
struct Facts {
    class: RequestClass,
    authority: Arc<[u8]>,
    browser: Browser,
    same_origin: bool,
}

/// Header lists, hosts and User-Agents that are remembered.
const REMEMBERED: usize = 512;

/// Makes requests into fetches.
pub struct Fetches {
    include_credentials: Option<bool>,
    /// By the gists of header lists, and what of the method counts; `None` where there is no Host.
    facts: Recall<(GistId, Verb), Option<Facts>>,
    texts: Texts,
}

/// What is worked out of a Host and a User-Agent.
struct Texts {
    authorities: Recall<Box<[u8]>, Arc<[u8]>>,
    browsers: Recall<Box<[u8]>, Browser>,
    /// The browser, whatever the User-Agent says.
    assumed: Option<Browser>,
}

/// What of a method counts for the class of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Verb {
    Options,
    Post,
    Connect,
    Other,
}

impl Verb {
    fn of(method: &[u8]) -> Self {
        match method {
            b"OPTIONS" => Self::Options,
            b"POST" => Self::Post,
            b"CONNECT" => Self::Connect,
            _ => Self::Other,
        }
    }
}

impl Fetches {
    /// Fetches that are judged under these assumptions.
    #[must_use]
    pub fn new(assumptions: Assumptions) -> Self {
        Self {
            include_credentials: assumptions.include_credentials,
            facts: Recall::new(REMEMBERED),
            texts: Texts {
                authorities: Recall::new(REMEMBERED),
                browsers: Recall::new(REMEMBERED),
                assumed: assumptions.browser,
            },
        }
    }

    /// The fetch behind a request; `None` where it has no Origin.
    #[must_use]
    pub fn fetch(
        &mut self,
        head: Arc<RequestHead>,
        connection: &ConnectionInfo,
    ) -> Option<FetchRequest> {
        if !head.headers.contains("origin") {
            return None;
        }
        let texts = &mut self.texts;
        let mut facts = || Some(texts.facts(&head, host_of(&head)?));
        let facts = match decisive_gist(&head) {
            Some(gist) => self.facts.value((gist, Verb::of(head.method())), facts),
            None => facts(),
        };
        let guessed_host = facts.is_none();
        let facts = facts.unwrap_or_else(|| {
            let address = connection.server.to_string();
            self.texts.facts(&head, address.as_bytes())
        });
        Some(FetchRequest {
            head,
            class: facts.class,
            authority: facts.authority,
            guessed_host,
            browser: facts.browser,
            same_origin: facts.same_origin,
            include_credentials: self.include_credentials,
        })
    }
}

impl Texts {
    fn facts(&mut self, head: &RequestHead, host: &[u8]) -> Facts {
        let origin = head.headers.values("origin").next().unwrap_or_default();
        // A Host that is none is compared as it stands.
        let authority = self.authorities.value_of_text(host, |host| {
            let authority = normalise_authority(host, 80);
            authority.as_deref().unwrap_or(host).into()
        });
        let browser = self.assumed.unwrap_or_else(|| {
            let agent = head.headers.values("user-agent").next();
            self.browsers
                .value_of_text(agent.unwrap_or_default(), Browser::of_agent)
        });
        let site = head.headers.values("sec-fetch-site").next();
        Facts {
            class: classify(head, origin, &authority),
            browser,
            same_origin: matches!(site, None | Some(b"same-origin"))
                && compare(origin, &authority) == Comparison::Same,
            authority,
        }
    }
}

/// The gist of a request, where it decides all but what hangs on the method and the path: unless
/// the target names the host too, or stands for something else than a resource.
fn decisive_gist(head: &RequestHead) -> Option<GistId> {
    let gist = head.headers.gist().map(Gist::id);
    gist.filter(|_| head.target().starts_with(b"/"))
}

impl FetchRequest {
    /// The Origin, as sent; of several, the first.
    #[must_use]
    pub fn origin(&self) -> &[u8] {
        self.headers().values("origin").next().unwrap_or_default()
    }

    /// The header list.
    #[must_use]
    pub fn headers(&self) -> &HeaderList {
        &self.head.headers
    }

    /// The browser that it names, or that is assumed.
    #[must_use]
    pub fn browser(&self) -> Browser {
        self.browser
    }

    /// The URL as browsers write it: the host in its normal form, the default port left out.
    #[must_use]
    pub fn browser_url(&self) -> Vec<u8> {
        [b"http://", &*self.authority, self.path_and_query()].concat()
    }

    /// Whether it goes to the page's own origin, by all that it says: of a preflight, Firefox's after
    /// a redirect back to where the page is from.
    #[must_use]
    pub fn is_same_origin(&self) -> bool {
        self.same_origin
    }

    /// The gist of its head, where everything that is worked out of the request hangs on it, the
    /// method and the path alone.
    pub(super) fn gist(&self) -> Option<GistId> {
        decisive_gist(&self.head).filter(|_| !self.guessed_host)
    }

    /// The method that a fetch used: a preflight tells it in Access-Control-Request-Method.
    #[must_use]
    pub fn fetch_method(&self) -> &[u8] {
        match self.class {
            RequestClass::Preflight => self
                .headers()
                .values("access-control-request-method")
                .next()
                .unwrap_or_default(),
            _ => self.head.method(),
        }
    }

    /// The header names that a preflight asks for.
    pub fn requested_headers(&self) -> impl Iterator<Item = &[u8]> {
        self.headers()
            .values("access-control-request-headers")
            .flat_map(list_elements)
    }

    /// Path and query.
    #[must_use]
    pub fn path_and_query(&self) -> &[u8] {
        path_and_query(self.head.target())
    }

    /// Whether a browser must have asked by a preflight, or known its answer
    /// (<https://fetch.spec.whatwg.org/#http-fetch>): by the method, or by a header that only a
    /// page sets.
    #[must_use]
    pub fn needs_preflight(&self) -> bool {
        !is_cors_safelisted_method(self.head.method()) || !self.page_set_headers().is_empty()
    }

    /// The names of the headers that only a page sets and that a preflight asks for
    /// (<https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names>).
    #[must_use]
    pub fn page_set_headers(&self) -> Vec<&[u8]> {
        page_set_headers(self.headers()).collect()
    }

    /// What this request shows of the credentials mode; `asked` is its preflight, where it had one.
    #[must_use]
    pub fn credentials(&self, asked: Option<&Self>) -> Credentials {
        let headers = self.headers();
        if headers.contains("cookie") || headers.contains("sec-fetch-storage-access") {
            return Credentials::Include;
        }
        let scripted = |preflight: &Self| {
            let mut names = preflight.requested_headers();
            names.any(|name| name.eq_ignore_ascii_case(b"authorization"))
        };
        if headers.contains("authorization") && asked.is_some_and(|p| !scripted(p)) {
            // Not asked for, so not set by the page: the browser added it from its store.
            return Credentials::Include;
        }
        let assumed = match self.include_credentials {
            None => Credentials::Unknown,
            Some(true) => Credentials::Include,
            Some(false) => Credentials::NotInclude,
        };
        if self.lacks_storage_access() {
            Credentials::NotInclude
        } else {
            assumed
        }
    }

    /// Whether it lacks a Sec-Fetch-Storage-Access that its browser would have sent with credentials.
    pub(super) fn lacks_storage_access(&self) -> bool {
        let headers = self.headers();
        if headers.values("sec-fetch-site").next() != Some(b"cross-site")
            || headers.contains("sec-fetch-storage-access")
        {
            return false;
        }
        match self.class {
            // Firefox says cross-site of two ports of an IPv6 address, and takes them for one site.
            _ if same_host(self.origin(), &self.authority) => false,
            RequestClass::Preflight => self.browser().sends_storage_access_on_preflight(),
            _ => self.browser().sends_storage_access(),
        }
    }

    /// Whether something about the request says that script reads its response.
    #[must_use]
    pub fn looks_scripted(&self) -> bool {
        let headers = self.headers();
        let accept = headers.values("accept").next().unwrap_or_default();
        headers.contains("x-requested-with")
            || memchr::memmem::find(accept, b"application/json").is_some()
    }
}

/// The host of a request: an absolute-form target's, else the Host header's (RFC 9112 §3.2.2).
#[must_use]
pub fn host_of(head: &RequestHead) -> Option<&[u8]> {
    absolute_form(head.target())
        .map(|(authority, _)| authority)
        .or_else(|| head.headers.values("host").next())
        .filter(|host| !host.is_empty())
}

/// The URL of a request: `http://` + host + target, undecoded; an absolute-form target as it is.
///
/// Without a Host it has the server's address, if that is given.
#[must_use]
pub fn url_of(head: &RequestHead, connection: Option<&ConnectionInfo>) -> String {
    wire_text(&url_bytes_of(head, connection)).into_owned()
}

/// The bytes of a URL; most fit without an allocation.
pub type UrlBytes = SmallVec<[u8; 128]>;

/// The same as bytes.
#[must_use]
pub fn url_bytes_of(head: &RequestHead, connection: Option<&ConnectionInfo>) -> UrlBytes {
    let target = head.target();
    if !target.starts_with(b"/") && memchr::memmem::find(target, b"://").is_some() {
        return target.into();
    }
    let mut url = UrlBytes::from_slice(b"http://");
    if head.method() == b"CONNECT" && target != b"*" {
        url.extend_from_slice(target);
        return url;
    }
    match (host_of(head), connection) {
        (Some(host), _) => url.extend_from_slice(host),
        (None, Some(connection)) => {
            url.extend_from_slice(connection.server.to_string().as_bytes());
        }
        (None, None) => {}
    }
    if target != b"*" {
        url.extend_from_slice(target);
    }
    url
}

/// The path and query of a request target in any form.
#[must_use]
pub fn path_and_query(target: &[u8]) -> &[u8] {
    match absolute_form(target) {
        Some((_, [])) => b"/",
        Some((_, path)) => path,
        None => target,
    }
}

/// Authority and rest of a target in absolute form (RFC 9112 §3.2.2).
fn absolute_form(target: &[u8]) -> Option<(&[u8], &[u8])> {
    let scheme = ["http://", "https://"].iter().find(|scheme| {
        let prefix = target.get(..scheme.len());
        prefix.is_some_and(|p| p.eq_ignore_ascii_case(scheme.as_bytes()))
    })?;
    let rest = target.get(scheme.len()..)?;
    let end = rest.iter().position(|b| matches!(b, b'/' | b'?' | b'#'));
    Some(rest.split_at(end.unwrap_or(rest.len())))
}

/// The class of a request with an Origin: the first row that fits.
fn classify(head: &RequestHead, origin: &[u8], authority: &[u8]) -> RequestClass {
    use RequestClass::{Ambiguous, Cors, Preflight, SchemeDiffers};
    let headers = &head.headers;
    let method = head.method();
    let not = RequestClass::NotCors;
    if method == b"CONNECT" || head.target() == b"*" {
        return not(NotCors::NoResource);
    }
    if method == b"OPTIONS" && headers.contains("access-control-request-method") {
        return Preflight;
    }
    let upgrade = headers.values("upgrade").flat_map(list_elements);
    if upgrade
        .into_iter()
        .any(|p| p.eq_ignore_ascii_case(b"websocket"))
    {
        return not(NotCors::WebSocket);
    }
    // Fetch Metadata cannot be forged by a page. Alone, the mode tells nothing: Chromium sends it
    // on preflights to untrustworthy URLs.
    let site = headers.values("sec-fetch-site").next();
    let mode = headers.values("sec-fetch-mode").next().unwrap_or_default();
    match (mode, site) {
        (_, None) => {}
        (b"navigate", _) => return not(NotCors::Navigation),
        (b"websocket", _) => return not(NotCors::WebSocket),
        (b"no-cors", _) => return not(NotCors::NoCors),
        // Back at the page's own origin after a redirect through another: Chromium's second request,
        // after a preflight, says same-origin, and still is a CORS request.
        (b"cors", Some(b"same-origin")) if origin == b"null" => return Cors,
        (b"same-origin", _) | (b"cors", Some(b"same-origin")) => return not(NotCors::SameOrigin),
        (b"cors", Some(b"same-site" | b"cross-site")) => return Cors,
        _ => {}
    }
    match compare(origin, authority) {
        Comparison::Same => return not(NotCors::SameOrigin),
        Comparison::SchemeDiffers if is_forwarded_https(headers) => {
            return not(NotCors::SameOrigin);
        }
        Comparison::SchemeDiffers => return SchemeDiffers,
        Comparison::Different => {}
    }
    if method != b"POST" {
        return Cors;
    }
    if page_set_headers(headers).next().is_some() {
        return Cors;
    }
    let accept = headers.values("accept").next().unwrap_or_default();
    if headers.contains("upgrade-insecure-requests") && accept.starts_with(b"text/html") {
        return not(NotCors::Navigation);
    }
    Ambiguous
}

fn page_set_headers(headers: &HeaderList) -> impl Iterator<Item = &[u8]> {
    headers
        .lines_outside(browser_added_names())
        .filter(|(name, value)| {
            let exempt =
                name.eq_ignore_ascii_case(b"content-type") && is_exempt_content_type(value);
            !(exempt || is_browser_added(name) || is_cors_safelisted_request_header(name, value))
        })
        .map(|(name, _)| name)
}

/// Whether an origin and an authority differ in scheme and port alone.
fn same_host(origin: &[u8], authority: &[u8]) -> bool {
    let scheme = memchr::memmem::find(origin, b"://").map_or(0, |at| at + 3);
    let host = |authority| split_port(authority).0;
    host(origin.get(scheme..).unwrap_or_default()) == host(authority)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Same,
    SchemeDiffers,
    Different,
}

/// Compares a serialized origin with the target's, which is http
/// (<https://html.spec.whatwg.org/#same-origin>, RFC 6454 §4).
fn compare(origin: &[u8], authority: &[u8]) -> Comparison {
    let same = |rest: &[u8], port| {
        // Browsers send origins in the form in which they are compared.
        rest == authority || normalise_authority(rest, port).as_deref() == Some(authority)
    };
    let strip = |scheme: &str| {
        let prefix = origin.get(..scheme.len())?;
        let rest = origin.get(scheme.len()..)?;
        prefix
            .eq_ignore_ascii_case(scheme.as_bytes())
            .then_some(rest)
    };
    if strip("http://").is_some_and(|rest| same(rest, 80)) {
        return Comparison::Same;
    }
    if strip("https://").is_some_and(|rest| same(rest, 443)) {
        return Comparison::SchemeDiffers;
    }
    Comparison::Different
}

/// Whether a proxy says that the browser came by https (RFC 7239 §5.4).
pub(super) fn is_forwarded_https(headers: &HeaderList) -> bool {
    let https = |value: &[u8]| value.eq_ignore_ascii_case(b"https");
    let forwarded = headers.values("forwarded").next().unwrap_or_default();
    headers
        .values("x-forwarded-proto")
        .flat_map(list_elements)
        .any(https)
        || memchr::memmem::find(&forwarded.to_ascii_lowercase(), b"proto=https").is_some()
}
