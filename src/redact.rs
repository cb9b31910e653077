//! Hides secrets in what leaves the machine: each becomes `redacted-` and a number.
//!
//! The same number stands for the same value, so that one can still see that two requests sent the
//! same cookie. What is a secret is for [`crate::http::secret`] to say. A whole [`Transaction`] is
//! rewritten, not its texts: whatever is made of it later holds no secret.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use crate::cors::preflight::Finding;
use crate::cors::transaction::{Half, Transaction};
use crate::http::exchange::Exchange;
use crate::http::message::{Message, RequestHead, ResponseHead};
use crate::http::secret::{header_secrets, url_secrets};

/// Different secrets that are told apart; those beyond are all called the same.
const SECRETS: usize = 65_536;

/// Gives secrets their numbers, in the order in which it sees them.
#[derive(Debug, Default)]
pub struct Redactor {
    numbers: HashMap<Box<[u8]>, usize>,
}

impl Redactor {
    /// The number of a secret, from 1; `None` where there are too many.
    pub fn number(&mut self, secret: &[u8]) -> Option<usize> {
        if let Some(number) = self.numbers.get(secret) {
            return Some(*number);
        }
        let number = self.numbers.len() + 1;
        (number <= SECRETS).then(|| {
            self.numbers.insert(secret.into(), number);
            number
        })
    }

    /// A header's value without its secrets; `None` where it has none.
    pub fn header_value(&mut self, name: &[u8], value: &[u8]) -> Option<Vec<u8>> {
        self.hide(value, &header_secrets(name, value))
    }

    /// A URL or request target without its secrets; `None` where it has none.
    pub fn url(&mut self, url: &[u8]) -> Option<Vec<u8>> {
        self.hide(url, &url_secrets(url))
    }

    fn hide(&mut self, text: &[u8], places: &[Range<usize>]) -> Option<Vec<u8>> {
        if places.is_empty() {
            return None;
        }
        let mut hidden = Vec::with_capacity(text.len() + 16);
        let mut at = 0;
        for place in places {
            hidden.extend_from_slice(text.get(at..place.start).unwrap_or_default());
            let secret = text.get(place.clone()).unwrap_or_default();
            let name = match self.number(secret) {
                Some(number) => format!("redacted-{number}"),
                None => "redacted".to_owned(),
            };
            hidden.extend_from_slice(name.as_bytes());
            at = place.end;
        }
        hidden.extend_from_slice(text.get(at..).unwrap_or_default());
        Some(hidden)
    }

    /// A transaction without its secrets.
    #[must_use]
    pub fn transaction(&mut self, transaction: &Transaction) -> Transaction {
        let mut transaction = transaction.clone();
        for half in [&mut transaction.preflight, &mut transaction.actual]
            .into_iter()
            .flatten()
        {
            self.half(half);
        }
        if let Some(start) = &mut transaction.chain_start
            && let Some(url) = self.url(&start.url)
        {
            Arc::make_mut(start).url = url.into();
        }
        let judgement = Arc::make_mut(&mut transaction.judgement);
        // Others that shared it may have had other secrets.
        judgement.recurs = false;
        for Finding { about, .. } in &mut judgement.findings {
            for bytes in about {
                if let Some(hidden) = self.url(bytes) {
                    *bytes = hidden.into();
                }
            }
        }
        transaction
    }

    fn half(&mut self, half: &mut Half) {
        let request = self.request(&half.fetch.head);
        let request = std::mem::replace(&mut half.fetch.head, Arc::clone(&request));
        let response = half.response.take();
        half.response = response.as_ref().map(|head| self.response(head));
        let exchange = half.exchange.as_deref().map(|exchange| {
            // Mostly they are the half's own, which need not be rewritten twice.
            self.exchange_with(
                exchange,
                |head| Arc::ptr_eq(head, &request).then(|| Arc::clone(&half.fetch.head)),
                |head| {
                    let is_own = response.as_ref().is_some_and(|own| Arc::ptr_eq(head, own));
                    is_own.then(|| half.response.clone()).flatten()
                },
            )
        });
        half.exchange = exchange;
    }

    /// An exchange without its secrets.
    #[must_use]
    pub fn exchange(&mut self, exchange: &Exchange) -> Arc<Exchange> {
        self.exchange_with(exchange, |_| None, |_| None)
    }

    /// The same with heads that are rewritten already.
    fn exchange_with(
        &mut self,
        exchange: &Exchange,
        request_of: impl Fn(&Arc<RequestHead>) -> Option<Arc<RequestHead>>,
        response_of: impl Fn(&Arc<ResponseHead>) -> Option<Arc<ResponseHead>>,
    ) -> Arc<Exchange> {
        let request = exchange.request.as_ref().map(|message| Message {
            head: request_of(&message.head).unwrap_or_else(|| self.request(&message.head)),
            ..message.clone()
        });
        let response = exchange.response.as_ref().map(|message| Message {
            head: response_of(&message.head).unwrap_or_else(|| self.response(&message.head)),
            ..message.clone()
        });
        Arc::new(Exchange {
            request,
            response,
            ..exchange.clone()
        })
    }

    fn request(&mut self, head: &RequestHead) -> Arc<RequestHead> {
        let target = self.url(head.target());
        Arc::new(head.rewritten(|_| target, |name, value| self.header_value(name, value)))
    }

    fn response(&mut self, head: &ResponseHead) -> Arc<ResponseHead> {
        let value = |name: &[u8], value: &[u8]| self.header_value(name, value);
        Arc::new(head.rewritten(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cors::advice::testing::transaction_of;

    #[test]
    fn equal_secrets_stay_equal_and_nothing_else_changes() {
        let text = "OPTIONS /a?token=SECRET1 | Origin: http://p.test | ACRM: PUT => 204 | ACAO: http://p.test | ACAM: PUT\n\
             PUT /a?token=SECRET1 | Origin: http://p.test | Cookie: a=SECRET1; b=SECRET2 | X-Api-Key: SECRET3 => 200 | Set-Cookie: c=SECRET2; Path=/ | Location: /x?code=SECRET3";
        let transaction = transaction_of(text);
        let redacted = Redactor::default().transaction(&transaction);
        let shown = format!("{redacted:?}");
        assert!(!shown.contains("SECRET"), "{shown}");
        let expected = [
            ("SECRET1", "redacted-1"),
            ("SECRET2", "redacted-2"),
            ("SECRET3", "redacted-3"),
        ];
        let expected = expected
            .iter()
            .fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
        let expected = transaction_of(&expected);
        let lines = |half: &Half| {
            let response = half.response.as_ref().unwrap();
            format!("{:?} {:?}", half.fetch.headers(), response.headers)
        };
        for (redacted, expected) in [
            (&redacted.preflight, &expected.preflight),
            (&redacted.actual, &expected.actual),
        ] {
            let (redacted, expected) = (redacted.as_ref().unwrap(), expected.as_ref().unwrap());
            assert_eq!(lines(redacted), lines(expected));
            assert_eq!(redacted.fetch.head.method(), expected.fetch.head.method());
        }
        assert_eq!(redacted.url(), "http://api.test/a?token=redacted-1");
        assert_eq!(redacted.reason(), transaction.reason());
        assert_eq!(redacted.judgement.verdict, transaction.judgement.verdict);
    }

    #[test]
    fn numbers_are_bounded() {
        let mut redactor = Redactor::default();
        for n in 0..SECRETS {
            assert_eq!(redactor.number(n.to_string().as_bytes()), Some(n + 1));
        }
        assert_eq!(redactor.number(b"one more"), None);
        assert_eq!(redactor.number(b"7"), Some(8));
        assert_eq!(redactor.url(b"/?key=zz").unwrap(), b"/?key=redacted");
    }
}
