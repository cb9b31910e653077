//! Traffic for the tests of rules, in one line each:
//!
//! `@1s+20ms GET /path | Header: value | … => 200 | Header: value`
//!
//! The time (start and duration) may be left out. A second line is the actual request of the
//! preflight in the first. A request without Origin is an exchange without transaction. `ACAO` and
//! the like stand for the headers' names.

use std::sync::Arc;
use std::time::Duration;

use smallvec::smallvec;

use crate::capture::frame::{FrameNumber, Timestamp};
use crate::cors::advice::{Advice, Advisor, Findings};
use crate::cors::browser::Assumptions;
use crate::cors::fetch_request::{Fetches, RequestClass};
use crate::cors::transaction::{Half, Transaction, TransactionId};
use crate::cors::verdict::{Hops, judge};
use crate::http::exchange::{Exchange, ExchangeId, Notes, Outcome};
use crate::http::headers::tests::list;
use crate::http::message::tests::request_head;
use crate::http::message::{Message, ResponseHead};
use crate::http::{ConnectionInfo, Endpoint};
use crate::limits::Limits;

#[path = "../../../tests/support/short_names.rs"]
mod short_names;

fn header(line: &str) -> (&str, &str) {
    let (name, value) = line.split_once(':').expect("a header line");
    (short_names::full(name.trim()), value.trim())
}

/// `@1s+20ms `: start and duration.
fn time(line: &str) -> (Timestamp, Duration, &str) {
    let Some(rest) = line.strip_prefix('@') else {
        return (Timestamp::new(1, 0), Duration::from_millis(1), line);
    };
    let (time, rest) = rest.split_once(' ').expect("a time");
    let (start, duration) = time.split_once('+').expect("start+duration");
    let number = |text: &str, unit| text.strip_suffix(unit).and_then(|n| n.parse::<i64>().ok());
    let start = number(start, "s").expect("seconds");
    let duration = number(duration, "ms").expect("milliseconds");
    let duration = Duration::from_millis(duration.unsigned_abs());
    (Timestamp::new(start, 0), duration, rest)
}

fn exchange(line: &str, number: u64) -> Arc<Exchange> {
    let (start, duration, line) = time(line);
    let (request, response) = line.split_once("=>").expect("request => response");
    let mut parts = request.split('|').map(str::trim);
    let (method, target) = parts
        .next()
        .and_then(|l| l.split_once(' '))
        .expect("METHOD /path");
    let mut lines: Vec<_> = parts.map(header).collect();
    if !lines.iter().any(|(name, _)| *name == "Host") {
        lines.insert(0, ("Host", "api.test"));
    }
    let mut parts = response.split('|').map(str::trim);
    let status = parts.next().and_then(|s| s.parse().ok()).expect("a status");
    let response: Vec<_> = parts.map(header).collect();
    let body = response.iter().find(|(name, _)| *name == "Content-Length");
    let end = start.plus(duration);
    Arc::new(Exchange {
        id: ExchangeId(number),
        connection: ConnectionInfo {
            stream: 0,
            client: Endpoint::v4([10, 0, 0, 9], 4000),
            server: Endpoint::v4([10, 0, 0, 1], 80),
            handshake: true,
        },
        request: Some(Message {
            head: Arc::new(request_head(method, target, &lines)),
            frames: smallvec![FrameNumber(2 * number - 1)],
            start,
            head_end: start,
            end: start,
            body_bytes: 0,
            complete: true,
        }),
        response: Some(Message {
            head: Arc::new(ResponseHead {
                status,
                headers: list(&response),
                ..ResponseHead::default()
            }),
            frames: smallvec![FrameNumber(2 * number)],
            start: end,
            head_end: end,
            end,
            body_bytes: body.map_or(0, |(_, value)| value.parse().expect("a length")),
            complete: true,
        }),
        outcome: Outcome::Complete,
        notes: Notes::default(),
    })
}

fn half(exchange: &Arc<Exchange>) -> Option<Half> {
    let message = exchange.request.as_ref()?;
    let fetch = Fetches::new(Assumptions::default())
        .fetch(Arc::clone(&message.head), &exchange.connection)?;
    Some(Half {
        fetch,
        start: message.start,
        frames: message.frames.clone(),
        response: exchange
            .response
            .as_ref()
            .map(|response| Arc::clone(&response.head)),
        passes: false,
        exchange: Some(Arc::clone(exchange)),
        earlier_frames: smallvec![],
        earlier_tries: 0,
    })
}

fn transaction(halves: Vec<Half>, id: u64) -> Transaction {
    let mut halves = halves.into_iter().peekable();
    let is_preflight = |half: &Half| half.fetch.class == RequestClass::Preflight;
    let preflight = halves.next_if(is_preflight);
    let actual = halves.next();
    Transaction {
        id: TransactionId(id),
        redirected_from: None,
        redirected_to: None,
        chain_start: None,
        judgement: Arc::new(judge(
            preflight.as_ref(),
            actual.as_ref(),
            None,
            Hops::default(),
        )),
        preflight,
        actual,
    }
}

/// The transaction of a text as above.
pub(crate) fn transaction_of(text: &str) -> Transaction {
    let exchanges = text.lines().zip(1..).map(|(line, n)| exchange(line, n));
    transaction(exchanges.filter_map(|e| half(&e)).collect(), 1)
}

/// What an advisor with these limits says of this traffic.
pub(crate) fn findings_with(limits: &Limits, traffic: &[&str]) -> Findings {
    let mut advisor = Advisor::new(limits);
    let mut number = 0;
    for (text, id) in traffic.iter().zip(1..) {
        let mut halves = Vec::new();
        for line in text.lines() {
            number += 1;
            let exchange = exchange(line, number);
            halves.extend(half(&exchange));
            advisor.observe_exchange(&exchange);
        }
        if !halves.is_empty() {
            advisor.observe(&transaction(halves, id));
        }
    }
    advisor.finish()
}

/// What an advisor says of this traffic.
pub(crate) fn findings_of(traffic: &[&str]) -> Findings {
    findings_with(&Limits::default(), traffic)
}

/// The advice about this traffic.
pub(crate) fn advice_of(traffic: &[&str]) -> Vec<Advice> {
    findings_of(traffic).advice
}

/// Checks cases (name, traffic, advice): which of `rules` each traffic triggers.
pub(crate) fn check(rules: &[&str], cases: &[(&str, &[&str], &[&str])]) {
    for (name, traffic, expected) in cases {
        let found = advice_of(traffic);
        let ids: Vec<&str> = found
            .iter()
            .map(|advice| advice.id)
            .filter(|id| rules.contains(id))
            .collect();
        assert_eq!(ids, *expected, "{name}: {traffic:#?}");
        for advice in &found {
            assert!(!advice.what.is_empty() && !advice.fix.is_empty());
            assert!(!advice.frames.is_empty(), "{} rests on nothing", advice.id);
        }
    }
}
