//! What a list shows of a transaction: small enough to be kept of every one.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use crate::capture::frame::{FrameNumber, Timestamp};
use crate::cors::cors_error::CorsError as E;
use crate::cors::transaction::{ChainStart, Half, Judgement, Transaction, TransactionId, Verdict};
use crate::http::exchange::Outcome;
use crate::wire_text::wire_text;

/// Longer texts of the wire are cut in a list; the details have them whole.
const LONGEST: usize = 256;
/// Different origins, hosts and reasons that are kept once; any further ones are kept each.
const NAMES: usize = 4096;

/// A transaction in a list.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its name.
    pub id: TransactionId,
    /// What the browser decided.
    pub verdict: Verdict,
    /// What would fail with credentials.
    pub condition: Option<E>,
    /// The method of the page's request.
    pub method: Arc<str>,
    /// The page's origin as sent.
    pub origin: Arc<str>,
    /// Host and port of the target.
    pub authority: Arc<str>,
    /// Path and query of the target.
    pub path: Box<str>,
    /// The preflight's status: 0 without a response; `None` without a preflight.
    pub preflight: Option<u16>,
    /// The same of the actual request.
    pub actual: Option<u16>,
    /// When its first byte was captured.
    pub start: Timestamp,
    /// From there to the last byte of the last response.
    pub duration: Option<Duration>,
    /// Its first frame.
    pub first_frame: FrameNumber,
    /// Its last frame that is known.
    pub last_frame: FrameNumber,
    /// Why, in a few words.
    pub why: Arc<str>,
    /// What the verdict rests on.
    pub judgement: Arc<Judgement>,
    /// The transactions whose redirect led here, and where this one's led to.
    pub redirects: (Option<TransactionId>, Option<TransactionId>),
    /// Where the redirects that led here began.
    pub chain_start: Option<Arc<ChainStart>>,
    /// The connections of preflight and actual request, by Wireshark's `tcp.stream`.
    pub streams: [Option<u64>; 2],
    /// How the exchanges of preflight and actual request ended.
    pub outcomes: [Option<Outcome>; 2],
}

impl Row {
    /// The row of a transaction.
    #[must_use]
    pub fn of(transaction: &Transaction, names: &mut Names) -> Self {
        let main = transaction.main();
        let halves = || {
            let halves = [&transaction.preflight, &transaction.actual];
            halves.into_iter().flatten()
        };
        let both = || [transaction.preflight.as_ref(), transaction.actual.as_ref()];
        let start = halves().map(|half| half.start).min().unwrap_or_default();
        let path = main.map_or(&b""[..], |half| half.fetch.path_and_query());
        let authority = main.map_or(&b""[..], |half| &half.fetch.authority);
        Self {
            id: transaction.id,
            verdict: transaction.judgement.verdict,
            condition: transaction.judgement.condition.map(|c| c.error),
            method: names.keep(&wire_text(transaction.method())),
            origin: names.keep(&wire_text(transaction.origin())),
            authority: names.keep(&wire_text(authority)),
            path: cut(&wire_text(path)).into(),
            preflight: transaction.preflight.as_ref().map(status),
            actual: transaction.actual.as_ref().map(status),
            start,
            duration: halves().filter_map(end).max().map(|end| end.since(start)),
            first_frame: transaction.first_frame().unwrap_or_default(),
            last_frame: halves().map(last_frame).max().unwrap_or_default(),
            why: names.keep(&why(transaction)),
            judgement: Arc::clone(&transaction.judgement),
            redirects: (transaction.redirected_from, transaction.redirected_to),
            chain_start: transaction.chain_start.clone(),
            streams: both().map(|half| Some(half?.exchange.as_ref()?.connection.stream)),
            outcomes: both().map(|half| Some(half?.outcome())),
        }
    }
}

/// Texts that many rows share, kept once.
#[derive(Debug, Default)]
pub struct Names(HashSet<Arc<str>>);

impl Names {
    fn keep(&mut self, text: &str) -> Arc<str> {
        let text = cut(text);
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        let new: Arc<str> = text.into();
        if self.0.len() < NAMES {
            self.0.insert(Arc::clone(&new));
        }
        new
    }
}

fn cut(text: &str) -> &str {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => text.get(..at).unwrap_or_default(),
        None => text,
    }
}

fn status(half: &Half) -> u16 {
    half.response.as_ref().map_or(0, |response| response.status)
}

fn end(half: &Half) -> Option<Timestamp> {
    let response = half.exchange.as_ref()?.response.as_ref()?;
    Some(response.end)
}

fn last_frame(half: &Half) -> FrameNumber {
    let exchange = half.exchange.as_deref();
    let request = exchange.and_then(|exchange| exchange.request.as_ref());
    let response = exchange.and_then(|exchange| exchange.response.as_ref());
    let response = response.map_or(&[][..], |response| &response.frames);
    let request = request.map_or(&[][..], |request| &request.frames);
    let frames = half.frames.iter().chain(request).chain(response);
    frames.copied().max().unwrap_or_default()
}

/// Why, in a few words: [`Transaction::reason`] says it in a sentence.
#[must_use]
fn why(transaction: &Transaction) -> String {
    let judgement = &transaction.judgement;
    let error = match judgement.verdict {
        Verdict::Pass => {
            return match judgement.condition {
                Some(condition) => {
                    format!("fails with credentials: {}", few_words(condition.error))
                }
                None => String::new(),
            };
        }
        Verdict::Fail(error) => error,
        Verdict::Unknown(unknown) => return unknown.name().replace('-', " "),
        Verdict::NotCors(why) => return why.sentence().to_owned(),
    };
    let preflight = transaction.preflight.as_ref();
    let half = preflight.filter(|_| error.is_about_preflight());
    let half = half.or(transaction.main());
    let value = |name| {
        let response = half.and_then(|half| half.response.as_ref());
        let value = response.and_then(|response| response.headers.get(name));
        value.map_or_else(String::new, |value| wire_text(&value).into_owned())
    };
    let about = || {
        let finding = judgement.findings.first();
        let about = finding.map_or(&[][..], |finding| &finding.about);
        let names: Vec<_> = about.iter().map(|bytes| wire_text(bytes)).collect();
        names.join(", ")
    };
    match error {
        E::PreflightMissingAllowOriginHeader => match half.map_or(0, status) {
            200..=299 => few_words(error).to_owned(),
            status => format!("preflight answered {status}, without Allow-Origin"),
        },
        E::MissingAllowOriginHeader => match half.map_or(0, status) {
            status @ 400.. => format!("status {status} without Allow-Origin"),
            _ => few_words(error).to_owned(),
        },
        E::AllowOriginMismatch | E::PreflightAllowOriginMismatch => {
            format!("allows {} only", value("access-control-allow-origin"))
        }
        E::PreflightInvalidStatus => format!("preflight answered {}", half.map_or(0, status)),
        E::PreflightDisallowedRedirect => format!("preflight redirected to {}", value("location")),
        E::MethodDisallowedByPreflightResponse => format!("method {} not allowed", about()),
        E::HeaderDisallowedByPreflightResponse => format!("header {} not allowed", about()),
        _ => few_words(error).to_owned(),
    }
}

/// What a code says, in a few words.
#[must_use]
pub const fn few_words(error: E) -> &'static str {
    match error {
        E::MissingAllowOriginHeader => "no Access-Control-Allow-Origin",
        E::PreflightMissingAllowOriginHeader => "preflight: no Access-Control-Allow-Origin",
        E::WildcardOriginNotAllowed => "\"*\", but sent with credentials",
        E::PreflightWildcardOriginNotAllowed => "preflight: \"*\", but with credentials",
        E::MultipleAllowOriginValues => "several values in Allow-Origin",
        E::PreflightMultipleAllowOriginValues => "preflight: several values in Allow-Origin",
        E::InvalidAllowOriginValue => "Allow-Origin is no origin",
        E::PreflightInvalidAllowOriginValue => "preflight: Allow-Origin is no origin",
        E::AllowOriginMismatch => "Allow-Origin names another origin",
        E::PreflightAllowOriginMismatch => "preflight: Allow-Origin names another origin",
        E::InvalidAllowCredentials => "Allow-Credentials is not \"true\"",
        E::PreflightInvalidAllowCredentials => "preflight: Allow-Credentials is not \"true\"",
        E::PreflightInvalidStatus => "preflight: status is not 200 to 299",
        E::PreflightDisallowedRedirect => "preflight redirected",
        E::InvalidAllowMethodsPreflightResponse => "Allow-Methods is no list",
        E::InvalidAllowHeadersPreflightResponse => "Allow-Headers is no list",
        E::MethodDisallowedByPreflightResponse => "method not allowed",
        E::HeaderDisallowedByPreflightResponse => "header not allowed",
        E::RedirectContainsCredentials => "redirect with a user name or password",
        E::CorsDisabledScheme => "redirect leads to no http URL",
        E::InvalidResponse => "no valid response",
    }
}
