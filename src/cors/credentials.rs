//! What shows whether a request was made with credentials, in words.
//!
//! Most of it decides: [`FetchRequest::credentials`] says how. The use of connections only hints, and
//! changes no verdict: Chromium and Firefox send a request with credentials on another connection than
//! its preflight, which never has any (measured with Chromium 156 and Firefox 153).

use crate::cors::browser::Browser;
use crate::cors::fetch_request::{Credentials, FetchRequest};
use crate::cors::transaction::{Half, Transaction};
use crate::http::headers::list_elements;

impl Transaction {
    /// What the credentials mode rests on, in one sentence without a full stop.
    #[must_use]
    pub fn credentials_evidence(&self) -> String {
        let Some(main) = self.main() else {
            return String::new();
        };
        let asked = self.preflight.as_ref().map(|half| &half.fetch);
        let fetch = &main.fetch;
        match self.judgement.credentials {
            Credentials::Include => why_included(fetch).to_owned(),
            Credentials::NotInclude if fetch.lacks_storage_access() => {
                let mut text =
                    "not included: this browser would have sent Sec-Fetch-Storage-Access to another site".to_owned();
                if matches!(fetch.browser(), Browser::Firefox(_)) {
                    text += " (Firefox leaves it out of a fetch with keepalive alone)";
                }
                text
            }
            Credentials::NotInclude if fetch.credentials(asked) == Credentials::Include => {
                "not included, though it looks so: the browser went on after an answer that counts without them only".to_owned()
            }
            Credentials::NotInclude => "not included: assumed, as asked".to_owned(),
            Credentials::Unknown => {
                let mut text = "not to be seen: ".to_owned();
                text += if fetch.headers().contains("authorization") {
                    "the page may have set Authorization itself"
                } else {
                    "no Cookie, no Authorization, and nothing else that tells; a page that includes credentials without having any sends the same request"
                };
                if let Some(hint) = self.connection_hint() {
                    text = format!("{text}; {hint}");
                }
                text
            }
        }
    }

    /// What the connections of preflight and request hint at.
    fn connection_hint(&self) -> Option<&'static str> {
        let (preflight, actual) = (self.preflight.as_ref()?, self.actual.as_ref()?);
        let browser = actual.fetch.browser();
        if !matches!(browser, Browser::Chromium(_) | Browser::Firefox(_)) {
            return None;
        }
        let stream = |half: &Half| Some(half.exchange.as_ref()?.connection.stream);
        if stream(preflight)? == stream(actual)? {
            return Some(
                "rather not included: it came on the connection of its preflight, and this browser uses another one for credentials",
            );
        }
        // Where the server ends the connection, there is no choice.
        let response = preflight.response.as_ref()?;
        let mut options = response
            .headers
            .values("connection")
            .flat_map(list_elements);
        let kept = !options.any(|option| option.eq_ignore_ascii_case(b"close"));
        kept.then_some(
            "perhaps included: it came on another connection than its preflight, as this browser sends credentials",
        )
    }
}

fn why_included(fetch: &FetchRequest) -> &'static str {
    let headers = fetch.headers();
    if headers.contains("cookie") {
        "included: the request has a Cookie"
    } else if headers.contains("sec-fetch-storage-access") {
        "included: the request has Sec-Fetch-Storage-Access, which goes with credentials only"
    } else if headers.contains("authorization") {
        "included: the browser added Authorization, which the preflight did not ask for"
    } else {
        "included: assumed, as asked"
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::cors::advice::testing::transaction_of;
    use crate::http::exchange::Exchange;

    const CHROMIUM: &str = "User-Agent: Mozilla/5.0 Chrome/156.0.0.0 Safari/537.36";
    const CROSS: &str = "Sec-Fetch-Site: cross-site | Sec-Fetch-Mode: cors";

    #[test]
    fn what_shows_the_credentials_mode() {
        let answered = |more: &str| {
            format!("OPTIONS / | Origin: http://a.org | ACRM: PUT => 204 | ACAM: PUT{more}\n")
        };
        let for_all = answered(" | ACAO: *");
        let for_one = answered(" | ACAO: http://a.org | ACAC: true");
        for (before, request, expected) in [
            (
                "",
                "Cookie: a=b".to_owned(),
                "included: the request has a Cookie",
            ),
            (
                "",
                format!("{CHROMIUM} | {CROSS} | Sec-Fetch-Storage-Access: none"),
                "included: the request has Sec-Fetch-Storage-Access",
            ),
            (
                &for_one,
                "Authorization: Basic eA==".to_owned(),
                "included: the browser added Authorization",
            ),
            (
                &for_all,
                "Authorization: Basic eA==".to_owned(),
                "not included, though it looks so",
            ),
            (
                "",
                format!("{CHROMIUM} | {CROSS}"),
                "not included: this browser would have sent",
            ),
            (
                "",
                "Authorization: x".to_owned(),
                "not to be seen: the page may have set Authorization",
            ),
            ("", "Accept: */*".to_owned(), "not to be seen: no Cookie"),
        ] {
            let line = format!("{before}PUT / | Origin: http://a.org | {request} => 200 | ACAO: *");
            let found = transaction_of(&line).credentials_evidence();
            assert!(found.starts_with(expected), "{request}: {found}");
        }
    }

    #[test]
    fn connections_hint() {
        for (agent, close, streams, expected) in [
            (CHROMIUM, "", [1, 2], Some("perhaps included")),
            (CHROMIUM, "", [1, 1], Some("rather not included")),
            (CHROMIUM, " | Connection: keep-alive, Close", [1, 2], None),
            (
                "User-Agent: Mozilla/5.0 AppleWebKit/605 Safari/605",
                "",
                [1, 2],
                None,
            ),
        ] {
            let mut transaction = transaction_of(&format!(
                "OPTIONS / | Origin: http://a.org | ACRM: PUT | {agent} => 204 | ACAO: *{close}\nPUT / | Origin: http://a.org | {agent} => 200 | ACAO: *"
            ));
            let halves = [&mut transaction.preflight, &mut transaction.actual];
            for (half, stream) in halves.into_iter().flatten().zip(streams) {
                if let Some(exchange) = &half.exchange {
                    let mut moved = Exchange::clone(exchange);
                    moved.connection.stream = stream;
                    half.exchange = Some(Arc::new(moved));
                }
            }
            assert_eq!(transaction.judgement.verdict.name(), "fail");
            let found = transaction.credentials_evidence();
            let hint = found.split("; ").nth(2);
            let right = match (hint, expected) {
                (Some(hint), Some(expected)) => hint.starts_with(expected),
                (hint, expected) => hint.is_none() && expected.is_none(),
            };
            assert!(right, "{agent}{close}: {found}");
        }
    }
}
