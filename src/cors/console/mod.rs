//! A failing transaction → the line that each browser prints to its console.
//!
//! Close enough to recognise the line and to search for it; the wire does not tell everything that
//! stands in it. Chromium names the API that fetched (`fetch`, `XMLHttpRequest`, `font`, …): here it
//! is always `fetch`. Each browser makes its checks in an order of its own, so of several
//! findings each may name another one.

mod chromium;
mod firefox;
mod safari;

use crate::cors::cors_error::CorsError as E;
use crate::cors::preflight::Finding;
use crate::cors::transaction::{ChainStart, Half, Transaction, Verdict};
use crate::http::ConnectError;
use crate::wire_text::wire_text;

/// What each browser prints; `None` where it prints nothing that names the reason.
///
/// The lines hold bytes of the wire: only [`crate::wire_text::printable`] text may reach a terminal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConsoleLines {
    /// Chrome, Edge, Opera.
    pub chromium: Option<String>,
    /// Firefox.
    pub firefox: Option<String>,
    /// Safari: the line with the reason; a second one, without, names the URL.
    pub safari: Option<String>,
}

/// The lines for a failing transaction, or one whose request found no connection; none for any other.
#[must_use]
pub fn console_lines(transaction: &Transaction) -> ConsoleLines {
    let Verdict::Fail(error) = transaction.judgement.verdict else {
        return not_sent(transaction).unwrap_or_default();
    };
    let about_preflight = error.is_about_preflight() || transaction.actual.is_none();
    let preflight = transaction.preflight.as_ref().filter(|_| about_preflight);
    let Some(half) = preflight.or(transaction.main()) else {
        return ConsoleLines::default();
    };
    let findings = transaction.judgement.findings.as_slice();
    let first_by = |rank: fn(E) -> u8| findings.iter().min_by_key(|finding| rank(finding.error));
    let failure = |finding: Option<&'_ Finding>| Failure {
        error: finding.map_or(error, |finding| finding.error),
        about: finding.map_or_else(Vec::new, |f| f.about.iter().map(|b| text(b)).collect()),
        method: text(transaction.method()),
        half,
        chain_start: transaction.chain_start.as_deref(),
    };
    ConsoleLines {
        chromium: Some(failure(findings.first()).chromium()),
        firefox: Some(failure(first_by(firefox_rank)).firefox()),
        // Its words for a redirect that it does not follow were not recorded.
        safari: (!transaction.judgement.refuses_another_redirect())
            .then(|| failure(first_by(safari_rank)).safari())
            .flatten(),
    }
}

/// The lines for a request that was not sent because its connection did not come about.
fn not_sent(transaction: &Transaction) -> Option<ConsoleLines> {
    let (why, _) = transaction.connect_failure()?;
    let failure = Failure {
        error: E::InvalidResponse,
        about: Vec::new(),
        method: text(transaction.method()),
        half: transaction.main()?,
        chain_start: transaction.chain_start.as_deref(),
    };
    let net_error = match why {
        ConnectError::Refused => "net::ERR_CONNECTION_REFUSED",
        ConnectError::Unreachable => "net::ERR_ADDRESS_UNREACHABLE",
        ConnectError::Unanswered => "net::ERR_CONNECTION_TIMED_OUT",
    };
    Some(ConsoleLines {
        chromium: Some(format!("{} {} {net_error}", failure.method, failure.url())),
        firefox: Some(failure.firefox()),
        // Every system's network words this in its own way.
        safari: None,
    })
}

/// The order of Firefox's checks: a method is looked up before the header list is read.
fn firefox_rank(error: E) -> u8 {
    match error {
        E::InvalidAllowMethodsPreflightResponse => 3,
        E::MethodDisallowedByPreflightResponse => 4,
        E::InvalidAllowHeadersPreflightResponse => 5,
        E::HeaderDisallowedByPreflightResponse => 6,
        E::PreflightInvalidStatus => 2,
        E::PreflightDisallowedRedirect => 0,
        _ => 1,
    }
}

/// The order of Safari's checks: a preflight's status comes first.
fn safari_rank(error: E) -> u8 {
    match error {
        E::PreflightInvalidStatus | E::PreflightDisallowedRedirect => 0,
        E::InvalidAllowMethodsPreflightResponse => 2,
        E::InvalidAllowHeadersPreflightResponse => 3,
        E::MethodDisallowedByPreflightResponse => 4,
        E::HeaderDisallowedByPreflightResponse => 5,
        _ => 1,
    }
}

/// The finding that a browser stops at, with what its line is filled from.
struct Failure<'a> {
    error: E,
    /// What the finding is about: header names, a list element, a location.
    about: Vec<String>,
    method: String,
    /// The request whose answer failed.
    half: &'a Half,
    /// Where the redirects that led to it began.
    chain_start: Option<&'a ChainStart>,
}

impl Failure<'_> {
    fn url(&self) -> String {
        text(&self.half.fetch.browser_url())
    }

    fn origin(&self) -> String {
        text(self.half.fetch.origin())
    }

    fn status(&self) -> u16 {
        self.half.response.as_ref().map_or(0, |head| head.status)
    }

    /// A response header's value; empty where it is absent.
    fn header(&self, name: &str) -> String {
        let response = self.half.response.as_ref();
        let value = response.and_then(|response| response.headers.get(name));
        value.map_or_else(String::new, |value| text(&value))
    }

    fn first_about(&self) -> &str {
        self.about.first().map_or("", String::as_str)
    }
}

fn text(bytes: &[u8]) -> String {
    wire_text(bytes).into_owned()
}
