//! A transaction → what happened, step by step, in words.

use std::fmt::Write as _;

use crate::capture::frame::{FrameNumber, Timestamp};
use crate::cors::preflight::is_redirect;
use crate::cors::transaction::{Half, Transaction, TransactionId, TransactionNote, Verdict};
use crate::http::exchange::Outcome;
use crate::ladder::{Kind, Ladder, Title, Tone};
use crate::wire_text::{printable, wire_text};

/// What happens at one time.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) time: Timestamp,
    /// Keeps the order of what happens at the same time.
    pub(super) count: usize,
    pub(super) transaction: TransactionId,
    pub(super) in_preflight: bool,
    pub(super) page: usize,
    pub(super) server: usize,
    /// The connection's number and its place among those of the ladder.
    pub(super) stream: Option<(u64, usize)>,
    pub(super) kind: Kind,
    pub(super) tone: Tone,
    pub(super) text: String,
    /// The same in fewer words, where there is no room.
    pub(super) short: Option<String>,
    pub(super) frame: Option<FrameNumber>,
}

impl Ladder {
    /// Adds what happened in a transaction.
    pub(super) fn add(&mut self, transaction: &Transaction) {
        let Some(main) = transaction.main() else {
            return;
        };
        let page = place(&mut self.pages, text(transaction.origin()));
        let server = place(&mut self.servers, text(&main.fetch.authority));
        let (tone, sign) = sign(transaction);
        let mut title = format!(
            "#{} {sign}  {} {}{}",
            transaction.id,
            text(transaction.method()),
            text(&main.fetch.authority),
            text(main.fetch.path_and_query()),
        );
        if let Some(from) = transaction.redirected_from {
            let _ = write!(title, "  redirected from #{from}");
        }
        self.titles.push(Title {
            tone,
            server,
            text: title,
        });
        let streams = [&transaction.preflight, &transaction.actual].map(|half| {
            let stream = half.as_ref()?.exchange.as_ref()?.connection.stream;
            Some((stream, place(&mut self.streams, stream)))
        });
        let step_of = |in_preflight| {
            let [of_preflight, of_actual] = streams;
            let stream = if in_preflight {
                of_preflight
            } else {
                of_actual
            };
            move |kind, time| Step {
                time,
                count: 0,
                transaction: transaction.id,
                in_preflight,
                page,
                server,
                stream,
                kind,
                tone: Tone::Plain,
                text: String::new(),
                short: None,
                frame: None,
            }
        };
        let step = step_of(false);
        let mut last = main.start;
        if let Some(half) = &transaction.preflight {
            let method = text(half.fetch.fetch_method());
            let request = format!(
                "OPTIONS {} (for {method})",
                text(half.fetch.path_and_query())
            );
            let passes = half.passes && half.response.is_some();
            self.half(
                half,
                request,
                passes,
                transaction,
                &step_of(true),
                &mut last,
            );
        }
        let Some(half) = &transaction.actual else {
            let method = text(transaction.method());
            let path = text(main.fetch.path_and_query());
            let (tone, text) = match transaction.judgement.verdict {
                Verdict::Fail(_) => (
                    Tone::Fail,
                    format!("✗ {method} {path} never sent: the browser stopped here"),
                ),
                _ => (Tone::Unknown, format!("? {method} {path} not seen")),
            };
            let step = step(Kind::Browser, last);
            self.push(Step { tone, text, ..step });
            return;
        };
        let method = text(half.fetch.head.method());
        let request = format!("{method} {}", text(half.fetch.path_and_query()));
        let passes = matches!(transaction.judgement.verdict, Verdict::Pass);
        if let Some((tone, text)) = why_no_preflight(transaction) {
            let step = step(Kind::Browser, half.start);
            self.push(Step { tone, text, ..step });
        }
        self.half(half, request, passes, transaction, &step, &mut last);
        if let Verdict::Fail(error) = transaction.judgement.verdict {
            let text = format!("✗ kept from the page: {}", error.name());
            let step = step(Kind::Browser, last);
            self.push(Step {
                tone: Tone::Fail,
                text,
                ..step
            });
        }
    }

    fn half(
        &mut self,
        half: &Half,
        request: String,
        passes: bool,
        transaction: &Transaction,
        step: &impl Fn(Kind, Timestamp) -> Step,
        last: &mut Timestamp,
    ) {
        if half.earlier_tries > 0 {
            let frames: Vec<String> = half
                .earlier_frames
                .iter()
                .map(ToString::to_string)
                .collect();
            let text = format!(
                "? {} earlier without an answer: frames {}",
                half.earlier_tries,
                frames.join(" ")
            );
            self.push(Step {
                tone: Tone::Unknown,
                text,
                ..step(Kind::Browser, half.start)
            });
        }
        self.push(Step {
            text: request,
            frame: half.frames.first().copied(),
            ..step(Kind::Request, half.start)
        });
        *last = half.start.max(*last);
        let fails = matches!(transaction.judgement.verdict, Verdict::Fail(_));
        let exchange = half.exchange.as_ref();
        let message = exchange.and_then(|exchange| exchange.response.as_ref());
        let Some(response) = &half.response else {
            let (tone, sign) = if fails {
                (Tone::Fail, "✗")
            } else {
                (Tone::Unknown, "?")
            };
            self.push(Step {
                tone,
                text: format!("{sign} no response: {}", cause(half.outcome())),
                ..step(Kind::Browser, *last)
            });
            return;
        };
        let took = message.map(|message| {
            *last = message.end.max(*last);
            let took = message.end.since(half.start).as_secs_f64() * 1000.0;
            format!(" in {took:.1} ms")
        });
        let mut answer = String::new();
        if is_redirect(response, half.fetch.browser()) {
            answer.push_str(", to ");
            if let Some(to) = transaction.redirected_to {
                let _ = write!(answer, "#{to} ");
            }
            answer.push_str(&text(response.location()));
        }
        match response.headers.get("access-control-allow-origin") {
            Some(value) => {
                let _ = write!(answer, ", allows {}", text(&value));
            }
            None => answer.push_str(", no Allow-Origin"),
        }
        self.push(Step {
            tone: match (passes, fails) {
                (true, _) => Tone::Pass,
                (false, true) => Tone::Fail,
                (false, false) => Tone::Plain,
            },
            text: format!("{}{}{answer}", response.status, took.unwrap_or_default()),
            short: Some(format!("{}{answer}", response.status)),
            frame: message.and_then(|message| message.frames.first().copied()),
            ..step(Kind::Response, *last)
        });
        let outcome = exchange.map_or(Outcome::Complete, |exchange| exchange.outcome);
        if outcome != Outcome::Complete {
            self.push(Step {
                tone: Tone::Unknown,
                text: format!("? the response is not whole: {}", cause(outcome)),
                ..step(Kind::Browser, *last)
            });
        }
    }

    fn push(&mut self, step: Step) {
        let count = self.steps.len();
        self.steps.push(Step { count, ..step });
    }
}

/// The place of a name, which is added where it is new.
fn place<T: PartialEq>(names: &mut Vec<T>, name: T) -> usize {
    let known = names.iter().position(|known| *known == name);
    known.unwrap_or_else(|| {
        names.push(name);
        names.len() - 1
    })
}

/// Why no response, or no whole one, is there.
#[must_use]
pub const fn cause(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Complete => "it came to its end",
        Outcome::Closed => "the connection was closed",
        Outcome::Reset => "the connection was reset",
        Outcome::Aborted => "cancelled by the client",
        Outcome::Garbled => "what came is not HTTP",
        Outcome::CaptureEnded => "the capture ended",
        Outcome::NotCaptured => "not in the capture",
        Outcome::CutBySnapLength => "cut by the snap length",
        Outcome::Unreadable => "the connection cannot be read as HTTP",
        Outcome::GivenUp => "no longer waited for",
    }
}

/// Why a request that needs a preflight has none here.
fn why_no_preflight(transaction: &Transaction) -> Option<(Tone, String)> {
    let mut notes = transaction.judgement.notes.iter();
    notes.find_map(|note| match note {
        TransactionNote::PreflightCached(id) => Some((
            Tone::Plain,
            format!("· the answer to the preflight of #{id} is remembered"),
        )),
        TransactionNote::PreflightNotSeen => Some((
            Tone::Unknown,
            "? its preflight is not in the capture".to_owned(),
        )),
        _ => None,
    })
}

fn sign(transaction: &Transaction) -> (Tone, &'static str) {
    match transaction.judgement.verdict {
        Verdict::Pass if transaction.judgement.condition.is_some() => (Tone::Condition, "! pass?"),
        Verdict::Pass => (Tone::Pass, "✓ pass"),
        Verdict::Fail(_) => (Tone::Fail, "✗ FAIL"),
        Verdict::Unknown(_) => (Tone::Unknown, "? unknown"),
        Verdict::NotCors(_) => (Tone::Plain, "· not CORS"),
    }
}

fn text(bytes: &[u8]) -> String {
    printable(&wire_text(bytes)).into_owned()
}
