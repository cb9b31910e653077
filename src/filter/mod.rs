//! The filter language: which transactions to show.
//!
//! ```text
//!   verdict:fail host:api !method:OPTIONS /x-[a-z]+/
//! ```
//!
//! A filter is a row of terms, and a transaction matches it if it matches every one. A term is
//!
//! - `key:value`, for the keys of [`KEYS`](key::KEYS); `key:one,two` matches either value;
//! - a word, or `"several words"`: found anywhere in the transaction's headers, URL, code or reason;
//! - `/pattern/`: the same, as a regular expression;
//! - any of these after a `!`: what does not match it.
//!
//! Case does not count anywhere.
//!
//! ```
//! use corshark::filter::Filter;
//!
//! assert!(Filter::parse("verdict:fail status:4xx").is_ok());
//! let error = Filter::parse("verdict:fial").unwrap_err();
//! assert_eq!(error.to_string(), r#""fial" is no verdict; did you mean fail?"#);
//! assert_eq!(error.place, 8..12);
//! ```

pub mod key;
mod lints;
mod numbers;
mod parse;
mod pattern;

use std::fmt;
use std::ops::Range;

use crate::cors::cors_error::CorsError;
use crate::cors::fetch_request::Credentials;
use crate::cors::transaction::{Half, Transaction, Verdict};
use crate::filter::lints::LintTest;
use crate::filter::numbers::Numbers;
use crate::filter::pattern::Pattern;
use crate::http::ConnectionInfo;

pub use crate::filter::lints::Lints;

/// Which transactions to show. The empty filter matches all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    terms: Vec<Term>,
}

/// One term of a filter.
#[derive(Debug, Clone)]
struct Term {
    negated: bool,
    test: Test,
}

#[derive(Debug, Clone)]
enum Test {
    Verdict(Vec<VerdictTest>),
    Code(Vec<CorsError>),
    Credentials(Vec<Credentials>),
    Method(Vec<String>),
    Origin(Pattern),
    Host(Pattern),
    Path(Pattern),
    Status(Numbers),
    Port(Numbers),
    Stream(Numbers),
    Lint(Vec<LintTest>),
    Text(Pattern),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum VerdictTest {
    Is(&'static str),
    /// It passes, but would not with credentials.
    Conditional,
}

/// Why a filter cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterError {
    /// The wrong part, in bytes of the filter's text.
    pub place: Range<usize>,
    message: String,
}

impl FilterError {
    fn new(place: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            place,
            message: message.into(),
        }
    }

    /// A line of carets to print below the filter's `text`, under its wrong part.
    #[must_use]
    pub fn carets(&self, text: &str) -> String {
        let count = |part: Option<&str>| part.map_or(0, |part| part.chars().count());
        let before = count(text.get(..self.place.start));
        let marked = count(text.get(self.place.clone())).max(1);
        format!("{}{}", " ".repeat(before), "^".repeat(marked))
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for FilterError {}

impl Filter {
    /// Reads a filter.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        Ok(Self {
            terms: parse::terms(text)?,
        })
    }

    /// Whether it has no term: it matches everything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether it asks for advice, which is only known when a capture is over.
    #[must_use]
    pub fn needs_lints(&self) -> bool {
        let is_lint = |term: &Term| matches!(term.test, Test::Lint(_));
        self.terms.iter().any(is_lint)
    }

    /// Whether a transaction matches; `lints` is the advice about its capture.
    #[must_use]
    pub fn matches(&self, transaction: &Transaction, lints: &Lints) -> bool {
        let matches = |term: &Term| term.test.matches(transaction, lints) != term.negated;
        self.terms.iter().all(matches)
    }
}

impl Test {
    fn matches(&self, transaction: &Transaction, lints: &Lints) -> bool {
        let judgement = &transaction.judgement;
        match self {
            Self::Verdict(tests) => tests.iter().any(|test| match test {
                VerdictTest::Is(name) => judgement.verdict.name() == *name,
                VerdictTest::Conditional => judgement.condition.is_some(),
            }),
            Self::Code(codes) => {
                let failure = match judgement.verdict {
                    Verdict::Fail(error) => Some(error),
                    _ => judgement.condition.map(|condition| condition.error),
                };
                failure.is_some_and(|error| codes.contains(&error))
            }
            Self::Credentials(wanted) => wanted.contains(&judgement.credentials),
            Self::Method(wanted) => {
                let method = transaction.method();
                let is = |name: &String| method.eq_ignore_ascii_case(name.as_bytes());
                wanted.iter().any(is)
            }
            Self::Origin(pattern) => pattern.is_in(transaction.origin()),
            Self::Host(pattern) => {
                main_of(transaction, |half| pattern.is_in(&half.fetch.authority))
            }
            Self::Path(pattern) => main_of(transaction, |half| {
                pattern.is_in(half.fetch.path_and_query())
            }),
            Self::Status(numbers) => some_half(transaction, |half| {
                let status = half.response.as_ref().map(|response| response.status);
                numbers.contain(status.map(u64::from))
            }),
            Self::Port(numbers) => some_connection(transaction, |connection| {
                let ports = [connection.server.port(), connection.client.port()];
                ports
                    .iter()
                    .any(|port| numbers.contain(Some((*port).into())))
            }),
            Self::Stream(numbers) => some_connection(transaction, |connection| {
                numbers.contain(Some(connection.stream))
            }),
            Self::Lint(tests) => lints.any(transaction, tests),
            Self::Text(pattern) => pattern.is_in_text_of(transaction),
        }
    }
}

fn main_of(transaction: &Transaction, test: impl FnOnce(&Half) -> bool) -> bool {
    transaction.main().is_some_and(test)
}

fn halves(transaction: &Transaction) -> impl Iterator<Item = &Half> {
    transaction.preflight.iter().chain(&transaction.actual)
}

fn some_half(transaction: &Transaction, test: impl FnMut(&Half) -> bool) -> bool {
    halves(transaction).any(test)
}

fn some_connection(
    transaction: &Transaction,
    mut test: impl FnMut(&ConnectionInfo) -> bool,
) -> bool {
    let connection = |half: &Half| half.exchange.as_ref().map(|exchange| exchange.connection);
    let mut connections = halves(transaction).filter_map(connection);
    connections.any(|connection| test(&connection))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cors::advice::testing::{findings_of, transaction_of};

    const CROSS: &str = "Origin: http://page.test";

    fn matches(filter: &str, traffic: &str) -> bool {
        let filter = Filter::parse(filter).unwrap_or_else(|error| panic!("{filter}: {error}"));
        filter.matches(&transaction_of(traffic), &Lints::default())
    }

    #[test]
    fn each_key_looks_at_its_own_part() {
        let failing = format!(
            "OPTIONS /v1/Things?q=1 | {CROSS} | ACRM: PUT => 404 | Server: nginx\n\
             PUT /v1/Things?q=1 | {CROSS} | Cookie: sid=abc => 200 | ACAO: *"
        );
        for (filter, expected) in [
            ("", true),
            ("verdict:fail", true),
            ("verdict:pass,FAIL", true),
            ("verdict:pass", false),
            ("!verdict:pass", true),
            ("!verdict:fail", false),
            ("verdict:fail !method:put", false),
            ("code:PreflightMissingAllowOriginHeader", true),
            ("code:MissingAllowOriginHeader", false),
            ("code:missing", true),
            ("code:mismatch", false),
            ("origin:PAGE.test", true),
            ("origin:api", false),
            ("host:api.test", true),
            ("host:page", false),
            ("path:/v1/things", true),
            ("path:q=1", true),
            ("path:/v2,/v1", true),
            ("path:\"/v2,/v1\"", false),
            ("method:PUT", true),
            ("method:OPTIONS", false),
            ("status:404", true),
            ("status:200", true),
            ("status:4xx", true),
            ("status:5xx,300-399", false),
            ("status:none", false),
            ("port:80", true),
            ("port:4000-4001", true),
            ("port:443", false),
            ("stream:0", true),
            ("stream:1", false),
            ("cred:include", true),
            ("cred:unknown", false),
            ("nginx", true),
            ("\"cookie: sid=\"", true),
            ("\"cookie: nothing\"", false),
            ("http://api.test/v1", true),
            ("/^server: ng.nx$/", true),
            ("/^nginx/", false),
            ("!/ngi/", false),
            ("text:nginx", true),
            ("text:/ng.nx/", true),
            ("host:api !path:/v2 nginx", true),
        ] {
            assert_eq!(matches(filter, &failing), expected, "{filter}");
        }
    }

    #[test]
    fn conditions_count_as_conditional_and_by_their_code() {
        let conditional = format!("GET / | {CROSS} => 200 | ACAO: *");
        for (filter, expected) in [
            ("verdict:pass", true),
            ("verdict:conditional", true),
            ("verdict:fail", false),
            ("code:WildcardOriginNotAllowed", true),
        ] {
            assert_eq!(matches(filter, &conditional), expected, "{filter}");
        }
        let without = format!("GET / | {CROSS} => 200 | ACAO: http://page.test | ACAC: true");
        assert!(!matches("verdict:conditional", &without));
    }

    #[test]
    fn lints_are_those_of_the_endpoint() {
        let traffic = format!("GET /a | {CROSS} | Cookie: a=b => 200 | ACAO: null | ACAC: true");
        let findings = findings_of(&[&traffic]);
        let lints = Lints::of(&findings);
        let ids: Vec<&str> = findings.advice.iter().map(|advice| advice.id).collect();
        assert!(ids.contains(&"L-3"), "{ids:?}");
        let here = transaction_of(&traffic);
        let elsewhere = transaction_of(&traffic.replace("/a", "/b"));
        for (filter, expected) in [
            ("lint:L-3", true),
            ("lint:l-3,L-40", true),
            ("lint:any", true),
            ("lint:L-41", false),
        ] {
            let filter = Filter::parse(filter).unwrap();
            assert!(filter.needs_lints());
            assert_eq!(filter.matches(&here, &lints), expected, "{filter:?}");
            assert!(!filter.matches(&elsewhere, &lints), "{filter:?}");
        }
    }
}
