//! A preflight and/or its actual request, with the verdict: what corshark is for.

use std::fmt;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::capture::frame::{FrameNumber, Timestamp};
use crate::cors::cors_error::{CorsError, Fault};
use crate::cors::fetch_request::{
    Credentials, FetchRequest, NotCors, RequestClass, UrlBytes, url_bytes_of,
};
use crate::cors::preflight::Finding;
use crate::http::ConnectError;
use crate::http::exchange::{Exchange, Outcome, weight_of};
use crate::http::message::ResponseHead;
use crate::wire_text::wire_text;

/// Names a transaction within its capture; counted from 1 in the order of first requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransactionId(pub u64);

impl fmt::Display for TransactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What the browser decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The page may have the response.
    Pass,
    /// The browser kept it from the page.
    Fail(CorsError),
    /// The capture does not tell.
    Unknown(Unknown),
    /// The CORS protocol does not apply.
    NotCors(NotCors),
}

impl Verdict {
    /// Its name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail(_) => "fail",
            Self::Unknown(_) => "unknown",
            Self::NotCors(_) => "not-cors",
        }
    }
}

/// Why the capture does not tell what the browser decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// The capture ended before the response.
    CaptureEnded,
    /// The response was sent, but is not in the capture.
    NotCaptured,
    /// The response's head was cut by a snap length.
    CutBySnapLength,
    /// The connection could not be read as HTTP any more.
    Unreadable,
    /// No response for so long that it was no longer waited for.
    GivenUp,
    /// The client gave up before any response.
    Aborted,
    /// A POST that could be a fetch, a form or a beacon, and would fail as a fetch.
    AmbiguousPost,
    /// Origin and target differ in their scheme alone.
    SchemeDiffers,
    /// A 304 without the stored response that it confirms.
    NoStoredResponse,
}

impl Unknown {
    /// Its name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CaptureEnded => "capture-ended",
            Self::NotCaptured => "response-not-captured",
            Self::CutBySnapLength => "cut-by-snap-length",
            Self::Unreadable => "unreadable",
            Self::GivenUp => "no-response",
            Self::Aborted => "aborted-by-client",
            Self::AmbiguousPost => "ambiguous-post",
            Self::SchemeDiffers => "scheme-differs",
            Self::NoStoredResponse => "stored-response-not-seen",
        }
    }
}

/// What holds if the credentials mode is not the assumed one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Condition {
    /// What would fail if the page included credentials.
    pub error: CorsError,
}

/// Something else that a reader should know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TransactionNote {
    /// The preflight passed, but no actual request followed.
    ActualNotSeen,
    /// The preflight passed, and then no connection to the server came about any more, as this frame
    /// says.
    ConnectFailed(ConnectError, FrameNumber),
    /// The preflight's response is not in the capture; the browser went on, so it passed.
    PreflightResponseNotCaptured,
    /// The answer to this transaction's preflight was remembered.
    PreflightCached(TransactionId),
    /// The request needs a preflight, and none is in the capture.
    PreflightNotSeen,
    /// The client sent the actual request though the preflight failed.
    ClientWentOn,
    /// In cors mode this would have failed with that.
    WouldFail(CorsError),
    /// The same request was sent so many times before without any response.
    Retried(u32),
    /// There are several Origin lines, or a list of origins.
    SeveralOrigins,
    /// No browser sent this: it is judged as a browser would.
    NotABrowser,
    /// The request has no Host: the URL has the server's address instead.
    GuessedHost,
    /// Beyond the first finding, this is wrong too.
    AlsoWrong(CorsError),
    /// `*` in Access-Control-Allow-Headers stands in for Authorization; the standard forbids that.
    WildcardForAuthorization,
    /// The response was not whole.
    ResponseIncomplete,
    /// The stored response that a 304 confirms had the headers.
    StoredResponseUsed,
    /// The answer to the preflight has no CORS header at all, while others of the server have.
    ReasonHidden,
    /// It redirects, after as many redirects as a browser follows.
    TooManyRedirects,
    /// It redirects once more, after a redirect away from the page's own origin.
    RedirectsAgain,
    /// There are several Location or Content-Disposition lines that differ.
    ContradictingLines,
    /// A server answered with 407, as only a proxy may.
    ProxyStatus,
}

impl fmt::Display for TransactionNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ActualNotSeen => f.write_str("actual-not-seen"),
            Self::ConnectFailed(error, frame) => {
                let name = match error {
                    ConnectError::Refused => "connection-refused",
                    ConnectError::Unreachable => "server-unreachable",
                    ConnectError::Unanswered => "connection-unanswered",
                };
                write!(f, "{name}: frame {frame}")
            }
            Self::PreflightResponseNotCaptured => f.write_str("preflight-response-not-captured"),
            Self::PreflightCached(id) => write!(f, "preflight-cached: transaction {id}"),
            Self::PreflightNotSeen => f.write_str("preflight-not-seen"),
            Self::ClientWentOn => f.write_str("client-went-on-anyway"),
            Self::WouldFail(error) => write!(f, "would-fail-in-cors-mode: {}", error.name()),
            Self::Retried(times) => write!(f, "retried: {times}"),
            Self::SeveralOrigins => f.write_str("several-origins"),
            Self::NotABrowser => f.write_str("not-a-browser"),
            Self::GuessedHost => f.write_str("guessed-host"),
            Self::AlsoWrong(error) => write!(f, "also-wrong: {}", error.name()),
            Self::WildcardForAuthorization => f.write_str("wildcard-for-authorization"),
            Self::ResponseIncomplete => f.write_str("response-incomplete"),
            Self::StoredResponseUsed => f.write_str("stored-response-used"),
            Self::ReasonHidden => f.write_str("reason-hidden-by-server"),
            Self::TooManyRedirects => f.write_str("too-many-redirects"),
            Self::RedirectsAgain => f.write_str("redirects-again"),
            Self::ContradictingLines => f.write_str("contradicting-lines"),
            Self::ProxyStatus => f.write_str("proxy-status"),
        }
    }
}

/// One request of a transaction, with what came of it.
#[derive(Debug, Clone)]
pub struct Half {
    /// The request as a fetch.
    pub fetch: FetchRequest,
    /// When its first byte was captured.
    pub start: Timestamp,
    /// The frames that carry its head.
    pub frames: SmallVec<[FrameNumber; 2]>,
    /// The head of its response, where there is one.
    pub response: Option<Arc<ResponseHead>>,
    /// Of a preflight: its response lets a request without credentials go on.
    pub passes: bool,
    /// The exchange, once over.
    pub exchange: Option<Arc<Exchange>>,
    /// Frames of earlier tries that got no response byte.
    pub earlier_frames: SmallVec<[FrameNumber; 2]>,
    /// How many those were.
    pub earlier_tries: u32,
}

impl Half {
    /// How the exchange ended; an unfinished one has not.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.exchange
            .as_ref()
            .map_or(Outcome::GivenUp, |exchange| exchange.outcome)
    }

    /// Bytes of the response's body, as far as known.
    #[must_use]
    pub fn body_bytes(&self) -> u64 {
        let exchange = self.exchange.as_ref();
        let response = exchange.and_then(|exchange| exchange.response.as_ref());
        response.map_or(0, |response| response.body_bytes)
    }

    /// Microseconds from the request's first byte to the response's last one.
    #[must_use]
    pub fn micros(&self) -> Option<u32> {
        let response = self.exchange.as_ref()?.response.as_ref()?;
        let micros = response.end.since(self.start).as_micros();
        Some(u32::try_from(micros).unwrap_or(u32::MAX))
    }

    /// Whether the connection ended before any response.
    #[must_use]
    pub fn was_dropped(&self) -> bool {
        self.response.is_none()
            && self.exchange.is_some()
            && matches!(self.outcome(), Outcome::Closed | Outcome::Reset)
    }

    /// Whether browsers send the request again by themselves: it got no response, or one that says
    /// that it came over the wrong connection (RFC 9110 §15.5.20) or, to Chromium, too late.
    #[must_use]
    pub fn is_repeated(&self) -> bool {
        let over = self.exchange.is_some();
        match &self.response {
            None => self.was_dropped(),
            Some(response) => over && self.fetch.browser().repeats_after(response.status),
        }
    }
}

/// The verdict and what it rests on.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// What is known of the credentials mode.
    pub credentials: Credentials,
    /// What would hold with credentials, where they are unknown and it differs.
    pub condition: Option<Condition>,
    /// Everything that is wrong, the decisive finding first.
    pub findings: Vec<Finding>,
    /// What else there is to say.
    pub notes: Vec<TransactionNote>,
    /// Other transactions may share this very judgement. All that is said of them is equal then, but
    /// their URLs, times, frames and ids.
    pub recurs: bool,
}

impl Judgement {
    /// Whether the browser follows no more redirects.
    pub(super) fn refuses_another_redirect(&self) -> bool {
        use TransactionNote::{RedirectsAgain, TooManyRedirects};
        let refused = |note| matches!(note, &(RedirectsAgain | TooManyRedirects));
        self.notes.iter().any(refused)
    }
}

/// The request that a chain of redirects began with: browsers speak of it when a later one fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainStart {
    /// Its URL, as browsers write it.
    pub url: Box<[u8]>,
    /// Its Origin: the page's, also where a later one is `null`.
    pub origin: Box<[u8]>,
}

impl ChainStart {
    /// Longer URLs are not kept: a session holds one for each redirect.
    const LONGEST_URL: usize = 2048;

    /// Of the chain's first request.
    #[must_use]
    pub fn of(fetch: &FetchRequest) -> Option<Self> {
        let url = fetch.browser_url();
        (url.len() <= Self::LONGEST_URL).then(|| Self {
            url: url.into(),
            origin: fetch.origin().into(),
        })
    }

    /// Whether its URL is one of the page's own origin.
    #[must_use]
    pub fn is_own_origin(&self) -> bool {
        let path = self.url.strip_prefix(&*self.origin);
        path.is_some_and(|path| path.starts_with(b"/"))
    }

    /// Of a first request to the page's own origin.
    #[must_use]
    pub fn of_own_origin(authority: &[u8], path_and_query: &[u8]) -> Option<Self> {
        let origin = [b"http://", authority].concat();
        let url = [&*origin, path_and_query].concat();
        (url.len() <= Self::LONGEST_URL).then(|| Self {
            url: url.into(),
            origin: origin.into(),
        })
    }
}

/// A preflight and/or its actual request, with the verdict.
#[derive(Debug, Clone)]
pub struct Transaction {
    /// Its name.
    pub id: TransactionId,
    /// The transaction whose redirect led here.
    pub redirected_from: Option<TransactionId>,
    /// The transaction that this one's redirect led to.
    pub redirected_to: Option<TransactionId>,
    /// Where the redirects that led here began.
    pub chain_start: Option<Arc<ChainStart>>,
    /// The CORS-preflight request.
    pub preflight: Option<Half>,
    /// The actual request, or a request that needed no preflight.
    pub actual: Option<Half>,
    /// What the browser decided, and why.
    pub judgement: Arc<Judgement>,
}

impl Transaction {
    /// About how many bytes it takes: measured on captures of several kinds.
    #[must_use]
    pub fn weight(&self) -> usize {
        let halves = [&self.preflight, &self.actual].into_iter().flatten();
        let halves = halves.map(|half| {
            let response = half.response.iter().map(|response| &response.headers);
            let lists = response.chain([half.fetch.headers()]);
            let exchange = half.exchange.as_ref();
            exchange.map_or_else(|| weight_of(lists), |exchange| exchange.weight())
        });
        halves.sum::<usize>() + size_of::<Self>()
    }

    /// The half that tells of the page's request: the actual one where it was seen.
    ///
    /// A transaction has at least one half.
    #[must_use]
    pub fn main(&self) -> Option<&Half> {
        self.actual.as_ref().or(self.preflight.as_ref())
    }

    /// The page's origin as sent.
    #[must_use]
    pub fn origin(&self) -> &[u8] {
        self.main().map_or(b"", |half| half.fetch.origin())
    }

    /// The method of the actual request.
    #[must_use]
    pub fn method(&self) -> &[u8] {
        self.main().map_or(b"", |half| half.fetch.fetch_method())
    }

    /// The URL that the page asked for.
    #[must_use]
    pub fn url(&self) -> String {
        wire_text(&self.url_bytes()).into_owned()
    }

    /// The same as bytes.
    #[must_use]
    pub fn url_bytes(&self) -> UrlBytes {
        self.main().map_or_else(UrlBytes::new, |half| {
            let connection = half.exchange.as_ref().map(|exchange| &exchange.connection);
            url_bytes_of(&half.fetch.head, connection)
        })
    }

    /// Why the actual request was not sent though its preflight passed, where the capture shows that: no
    /// connection to the server came about any more, as this frame says.
    #[must_use]
    pub fn connect_failure(&self) -> Option<(ConnectError, FrameNumber)> {
        let mut notes = self.judgement.notes.iter();
        notes.find_map(|note| match note {
            TransactionNote::ConnectFailed(error, frame) => Some((*error, *frame)),
            _ => None,
        })
    }

    /// The class of the page's request.
    #[must_use]
    pub fn class(&self) -> Option<RequestClass> {
        self.main().map(|half| half.fetch.class)
    }

    /// Whose doing a failure is.
    #[must_use]
    pub fn fault(&self) -> Option<Fault> {
        match self.judgement.verdict {
            Verdict::Fail(CorsError::MethodDisallowedByPreflightResponse)
                if is_miscased(self.method()) =>
            {
                Some(Fault::Client)
            }
            Verdict::Fail(error) => Some(error.fault()),
            _ => None,
        }
    }

    /// The first frame of the transaction.
    #[must_use]
    pub fn first_frame(&self) -> Option<FrameNumber> {
        let halves = [&self.preflight, &self.actual];
        let requests = halves.into_iter().flatten().filter_map(|half| {
            let frames = half.earlier_frames.iter().chain(&half.frames);
            frames.copied().min()
        });
        requests.min()
    }
}

/// Whether a method is a known one in the wrong case: browsers leave `patch` as it is.
#[must_use]
pub fn is_miscased(method: &[u8]) -> bool {
    method.eq_ignore_ascii_case(b"PATCH") && method != b"PATCH"
}
