//! Which transactions of a capture a pasted message, or a code, may be about.

use crate::cors::cors_error::CorsError;
use crate::cors::transaction::{Transaction, Verdict};
use crate::cors::url::{Location, resolve};
use crate::explain::code::{Code, NotCors};
use crate::explain::message::Recognised;

/// How well a transaction fits, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TransactionFit {
    /// It failed like that, with another URL, origin or method.
    SameCode,
    /// It has the message's URL, and another outcome.
    SameUrl,
    /// Everything that the message says is so.
    Whole,
}

impl Recognised {
    /// How well a transaction fits; `None` where not at all.
    #[must_use]
    pub fn fit(&self, transaction: &Transaction) -> Option<TransactionFit> {
        let code = self.fits_code(transaction);
        let url = self.values.url.as_deref();
        let same_url = url.map(|url| has_url(transaction, url));
        let others = self.fits_values(transaction);
        match (code, same_url) {
            (true, None | Some(true)) if others => Some(TransactionFit::Whole),
            (_, Some(true)) => Some(TransactionFit::SameUrl),
            (true, _) => Some(TransactionFit::SameCode),
            (false, _) => None,
        }
    }

    /// The advice that tells of the same in a capture: the rule itself, or, of a network error, that
    /// connections failed.
    #[must_use]
    pub fn rule(&self) -> Option<&'static str> {
        match self.code {
            Code::Advice(_) => Some(self.code.name()),
            Code::NotCors(NotCors::NetworkError | NotCors::NoReasonGiven) => Some("L-43"),
            _ => None,
        }
    }

    fn fits_code(&self, transaction: &Transaction) -> bool {
        let judgement = &transaction.judgement;
        let is_wrong = |error: CorsError| {
            let findings = &judgement.findings;
            let condition = judgement.condition.is_some_and(|c| c.error == error);
            condition || findings.iter().any(|finding| finding.error == error)
        };
        [Some(self.code), self.or]
            .into_iter()
            .flatten()
            .any(|code| match (code, judgement.verdict) {
                (Code::Cors(error), _) => is_wrong(error),
                (Code::NotCors(NotCors::NetworkError | NotCors::NoReasonGiven), Verdict::Pass) => {
                    transaction.connect_failure().is_some()
                }
                (Code::NotCors(NotCors::NetworkError), verdict) => matches!(
                    verdict,
                    Verdict::Fail(CorsError::InvalidResponse) | Verdict::Unknown(_)
                ),
                (Code::NotCors(NotCors::NoReasonGiven), Verdict::Fail(_)) => true,
                _ => false,
            })
    }

    /// Whether origin and method are those of the message, as far as it tells them.
    fn fits_values(&self, transaction: &Transaction) -> bool {
        let is = |told: Option<&String>, seen: &[u8]| told.is_none_or(|t| t.as_bytes() == seen);
        // A message names the page's origin, also where the request after a redirect has null.
        let origin = transaction.origin();
        (origin == b"null" || is(self.values.origin.as_ref(), origin))
            && is(self.values.method.as_ref(), transaction.method())
    }
}

/// Whether a transaction's request went to this URL.
fn has_url(transaction: &Transaction, url: &str) -> bool {
    let Some(half) = transaction.main() else {
        return false;
    };
    let fetch = &half.fetch;
    let Location::Http {
        authority, target, ..
    } = resolve(url.as_bytes(), &fetch.authority, b"/")
    else {
        return false;
    };
    // The URL's scheme does not count: TLS may end before the capture.
    *authority == *fetch.authority && target == fetch.path_and_query()
}

#[cfg(test)]
mod tests {
    use super::TransactionFit::{SameCode, SameUrl, Whole};
    use crate::cors::advice::testing::transaction_of;
    use crate::explain::{Answer, explain};

    #[test]
    fn messages_land_on_their_transactions() {
        const FAILED: &str = "GET /x?y | Origin: http://a.org | Site: x => 200";
        const PASSED: &str =
            "GET /x?y | Origin: http://a.org => 200 | ACAO: http://a.org | ACAC: true";
        let chromium = |url: &str| {
            format!(
                "Access to fetch at '{url}' from origin 'http://a.org' has been blocked by CORS policy: \
                 No 'Access-Control-Allow-Origin' header is present on the requested resource."
            )
        };
        let here = chromium("http://api.test/x?y");
        for (message, traffic, expected) in [
            (here.as_str(), FAILED, Some(Whole)),
            (&here, PASSED, Some(SameUrl)),
            (&chromium("https://API.test:443/x?y"), FAILED, Some(Whole)),
            (&chromium("http://api.test/z"), FAILED, Some(SameCode)),
            (&chromium("http://api.test/z"), PASSED, None),
            ("MissingAllowOriginHeader", FAILED, Some(Whole)),
            ("MissingAllowOriginHeader", PASSED, None),
            ("AllowOriginMismatch", FAILED, None),
            ("NetworkError", FAILED, None),
            (
                "InvalidAllowCredentials",
                "GET /x | Origin: http://a.org => 200 | ACAO: http://a.org",
                Some(Whole),
            ),
        ] {
            let Answer::Known(recognised) = explain(message) else {
                panic!("{message}");
            };
            let found = recognised.fit(&transaction_of(traffic));
            assert_eq!(found, expected, "{message} / {traffic}");
        }
    }
}
