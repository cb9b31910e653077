//! The serialised shape of a report: the one place that defines the JSON.
//!
//! `docs/json.md` describes it for readers, `docs/json.schema.json` for programs: made of these types by the
//! tests. A change that breaks readers raises [`VERSION`].

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt::Display;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::capture::frame::{FrameNumber, Timestamp};
use crate::cors::fetch_request::{host_of, url_of};
use crate::cors::transaction::{Condition, Half, Transaction, TransactionNote, Verdict};
use crate::http::exchange::{Exchange, Note, Outcome};
use crate::report::record::explanation::Explanation;
use crate::report::words::duration_ms;
use crate::session::{JoinedFile, Session};
use crate::wire_text::wire_text;

mod advice;
mod explanation;
#[cfg(test)]
mod schema;

pub(super) use advice::{AdviceRecord, CostRecord, PolicyRecord};

/// The version of the shape.
pub(super) const VERSION: u32 = 1;

/// Text of corshark's own, in plain ASCII without quotes: written without a look at each byte.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plain(pub(super) &'static str);

impl Serialize for Plain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit_variant("", 0, self.0)
    }
}

/// Frame numbers of a request and its response.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Frames"))]
struct Frames<'a> {
    /// Of the request: those of earlier tries that got no response come first.
    #[cfg_attr(test, schemars(schema_with = "schema::frames"))]
    request: FrameList<'a>,
    /// Of the response: those that carry the head, and the last one of the message.
    #[cfg_attr(test, schemars(schema_with = "schema::frames"))]
    response: FrameList<'a>,
}

/// Frame numbers: those of earlier tries, then those of the message.
#[derive(Debug, Clone, Copy)]
struct FrameList<'a>(&'a [FrameNumber], &'a [FrameNumber]);

impl Serialize for FrameList<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().chain(self.1).map(|frame| frame.0))
    }
}

/// One request of a transaction with its response.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Half"))]
struct HalfRecord<'a> {
    /// As sent.
    method: Cow<'a, str>,
    /// Null without a response.
    status: Option<u16>,
    /// The connection, counted from 0: Wireshark's `tcp.stream`.
    stream: Option<u64>,
    /// Frame numbers, counted from 1.
    frames: Frames<'a>,
    /// When the first byte of the request was captured.
    #[cfg_attr(test, schemars(schema_with = "schema::time"))]
    time: Rfc3339,
    /// From the first byte of the request to the last one of the response, in milliseconds.
    duration_ms: Option<f64>,
}

/// A note, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NoteRecord {
    Transaction(TransactionNote),
    Exchange(Note),
}

impl Serialize for NoteRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Transaction(note) => serializer.collect_str(note),
            Self::Exchange(note) => Plain(note.name()).serialize(serializer),
        }
    }
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Condition"))]
struct ConditionRecord {
    /// What is not seen on the wire.
    #[cfg_attr(test, schemars(schema_with = "schema::condition_if"))]
    r#if: Plain,
    /// What would hold then.
    #[cfg_attr(test, schemars(schema_with = "schema::verdict"))]
    verdict: Plain,
    /// The name of Chromium's `Network.CorsError`.
    #[cfg_attr(test, schemars(schema_with = "schema::code"))]
    code: Plain,
}

/// One transaction.
#[derive(Debug)]
pub(super) struct TransactionRecord<'a> {
    transaction: &'a Transaction,
    file: Option<&'a str>,
    /// Only where asked for: it takes time, and most readers of many lines do without.
    explanation: Option<Explanation>,
}

/// Fields of a transaction's record that stand together, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// What it is a record of.
    Beginning,
    /// The verdict and what is said of it.
    Verdict,
    Url,
    /// The kind of request.
    Request,
    /// Its halves, and those before and behind it.
    Halves,
    /// Notes and cause.
    Notes,
}

impl Part {
    pub(super) const ALL: [Self; 6] = [
        Self::Beginning,
        Self::Verdict,
        Self::Url,
        Self::Request,
        Self::Halves,
        Self::Notes,
    ];

    /// The place among the parts that are equal in all transactions that share a judgement.
    pub(super) const fn shared(self) -> Option<usize> {
        match self {
            Self::Verdict => Some(0),
            Self::Request => Some(1),
            Self::Notes => Some(2),
            Self::Beginning | Self::Url | Self::Halves => None,
        }
    }
}

/// One exchange.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Exchange"))]
pub(super) struct ExchangeRecord<'a> {
    /// What kind of record it is.
    #[cfg_attr(test, schemars(schema_with = "schema::exchange"))]
    kind: &'static str,
    /// The input, as typed; only with more than one.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    /// Null for a response that nobody asked for.
    method: Option<Cow<'a, str>>,
    /// As sent.
    target: Option<Cow<'a, str>>,
    /// The `Origin` as sent.
    origin: Option<Cow<'a, str>>,
    /// `http://`, the Host, and the target's bytes, undecoded.
    url: Option<String>,
    /// The host that the request is for.
    host: Option<Cow<'a, str>>,
    /// Null without a response.
    status: Option<u16>,
    /// The connection, counted from 0: Wireshark's `tcp.stream`.
    stream: u64,
    /// Frame numbers, counted from 1.
    frames: Frames<'a>,
    /// When the first byte was captured.
    #[cfg_attr(test, schemars(schema_with = "schema::time_or_null"))]
    time: Option<Rfc3339>,
    /// Whether the response came to its end.
    complete: bool,
    /// What else is known, each by its name.
    #[cfg_attr(test, schemars(schema_with = "schema::notes"))]
    notes: Vec<&'static str>,
}

/// One of several files that are one capture.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Part"))]
pub(super) struct PartRecord<'a> {
    /// What kind of record it is.
    #[cfg_attr(test, schemars(schema_with = "schema::part"))]
    kind: &'static str,
    /// The file, as typed.
    file: Cow<'a, str>,
    /// The number of its first frame in the whole capture.
    first_frame: u64,
    /// How many it has.
    frames: u64,
    /// Why it could not be read to its end.
    error: Option<&'a str>,
}

impl<'a> PartRecord<'a> {
    pub(super) fn of(part: &'a JoinedFile) -> Self {
        Self {
            kind: "part",
            file: part.path.to_string_lossy(),
            first_frame: part.first.0,
            frames: part.frames,
            error: part.damage.as_deref(),
        }
    }
}

/// One capture of a report.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Capture"))]
pub(super) struct CaptureRecord<'a> {
    /// The input, as typed.
    pub(super) file: &'a str,
    /// The files that it was joined from, where it was.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) parts: Vec<PartRecord<'a>>,
    /// What was counted in it.
    pub(super) totals: Totals,
    /// Exchanges that advice left out: too many endpoints.
    pub(super) advice_exchanges_ignored: u64,
    /// Preflights that were not compared with earlier ones: too many URLs.
    pub(super) advice_preflights_ignored: u64,
    /// Why it could not be read to its end.
    pub(super) error: Option<&'a str>,
}

/// A whole report as one document.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Document"))]
pub(super) struct Document<'a> {
    /// What wrote it.
    #[cfg_attr(test, schemars(schema_with = "schema::format"))]
    pub(super) format: &'static str,
    /// The version of this shape.
    #[cfg_attr(test, schemars(schema_with = "schema::version"))]
    pub(super) version: u32,
    /// The inputs.
    pub(super) captures: Vec<CaptureRecord<'a>>,
    /// The sums over all inputs.
    pub(super) totals: Totals,
    /// In the order of first frames.
    #[cfg_attr(test, schemars(with = "Vec<schema::Transaction>"))]
    pub(super) transactions: Vec<TransactionRecord<'a>>,
    /// What to do better.
    pub(super) advice: Vec<AdviceRecord<'a>>,
    /// What each endpoint allowed, as observed.
    pub(super) policy: Vec<PolicyRecord<'a>>,
    /// What the preflights of each endpoint cost.
    pub(super) preflight_cost: Vec<CostRecord<'a>>,
    /// Every exchange; with `--all`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) exchanges: Option<Vec<ExchangeRecord<'a>>>,
}

/// Named counters, in a fixed order.
#[derive(Debug, Clone, Default)]
pub(super) struct Counters(Vec<(&'static str, u64)>);

impl Serialize for Counters {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

impl Counters {
    fn add(&mut self, other: &Self) {
        for (name, count) in &other.0 {
            match self.0.iter_mut().find(|(known, _)| known == name) {
                Some((_, sum)) => *sum += count,
                None => self.0.push((name, *count)),
            }
        }
    }
}

/// The counters of a capture, or of several.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Totals"))]
pub(super) struct Totals {
    /// Every frame is in `total` and in exactly one other.
    #[cfg_attr(test, schemars(schema_with = "schema::counters"))]
    frames: Counters,
    /// By what they carried.
    #[cfg_attr(test, schemars(schema_with = "schema::counters"))]
    connections: Counters,
    /// TCP segments that are out of the ordinary.
    #[cfg_attr(test, schemars(schema_with = "schema::counters"))]
    segments: Counters,
    /// Incomplete ones by their cause.
    #[cfg_attr(test, schemars(schema_with = "schema::counters"))]
    exchanges: Counters,
    /// By verdict; `conditional` counts a part of them once more.
    #[cfg_attr(test, schemars(schema_with = "schema::counters"))]
    transactions: Counters,
    /// Failures by their code.
    #[cfg_attr(test, schemars(schema_with = "schema::counters"))]
    codes: Counters,
}

impl Totals {
    pub(super) fn of(session: &Session) -> Self {
        let (tcp, http) = (&session.stats.tcp, &session.stats.http);
        let verdicts = &session.verdicts;
        Self {
            frames: Counters(session.frame_counters()),
            connections: Counters(session.connection_counters()),
            segments: Counters(vec![
                ("repeated", tcp.repeated_segments),
                ("out-of-order", tcp.out_of_order_segments),
                ("gaps", tcp.gaps),
                ("gap-bytes", tcp.gap_bytes),
                ("cut-by-snap-length", tcp.cut_segments),
                ("cut-bytes", tcp.cut_bytes),
                ("out-of-order-overflows", tcp.out_of_order_overflows),
                ("ignored-resets", tcp.ignored_resets),
            ]),
            exchanges: Counters(vec![
                ("total", http.exchanges),
                ("incomplete", http.incomplete),
                ("not-captured", http.outcomes_of(Outcome::NotCaptured)),
                (
                    "cut-by-snap-length",
                    http.outcomes_of(Outcome::CutBySnapLength),
                ),
                ("closed-early", http.outcomes_of(Outcome::Closed)),
                ("reset-early", http.outcomes_of(Outcome::Reset)),
                ("aborted", http.outcomes_of(Outcome::Aborted)),
                ("garbled", http.outcomes_of(Outcome::Garbled)),
                ("capture-ended", http.outcomes_of(Outcome::CaptureEnded)),
                ("unreadable", http.outcomes_of(Outcome::Unreadable)),
                ("given-up", http.outcomes_of(Outcome::GivenUp)),
                ("responses-without-request", http.responses_without_request),
                ("request-heads-lost", http.request_heads_lost),
                ("heads-unreadable", http.heads_unreadable),
                ("heads-too-long", http.heads_too_long),
                ("bodies-unreadable", http.bodies_unreadable),
                ("too-many-in-flight", http.too_many_in_flight),
            ]),
            transactions: Counters(vec![
                ("total", verdicts.total()),
                ("pass", verdicts.pass),
                ("fail", verdicts.fail),
                ("unknown", verdicts.unknown),
                ("not-cors", verdicts.not_cors),
                ("conditional", verdicts.conditional),
            ]),
            codes: Counters(
                session
                    .causes
                    .iter()
                    .map(|(error, count)| (error.name(), *count))
                    .collect(),
            ),
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.frames.add(&other.frames);
        self.connections.add(&other.connections);
        self.segments.add(&other.segments);
        self.exchanges.add(&other.exchanges);
        self.transactions.add(&other.transactions);
        self.codes.add(&other.codes);
    }
}

/// A time as RFC 3339 writes it, in UTC, to the nanosecond where it has them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rfc3339(pub(super) Timestamp);

impl Rfc3339 {
    /// Its text, written into `room`.
    fn text(self, room: &mut [u8; 30]) -> &str {
        thread_local! {
            /// A second and its text: the times of one capture are close to each other.
            static LAST: Cell<(i64, [u8; 19])> = const { Cell::new((0, *b"1970-01-01T00:00:00")) };
        }
        const SECOND: i64 = 1_000_000_000;
        let nanos = self.0.as_nanos();
        let (second, mut fraction) = (nanos.div_euclid(SECOND), nanos.rem_euclid(SECOND));
        let (last, mut whole) = LAST.get();
        if last != second {
            let time = jiff::Timestamp::from_second(second).map(|time| time.to_string());
            let time = time.as_deref().unwrap_or_default().as_bytes();
            whole = time.first_chunk().copied().unwrap_or(whole);
            LAST.set((second, whole));
        }
        let (seconds, rest) = room.split_at_mut(whole.len());
        seconds.copy_from_slice(&whole);
        let mut len = 0;
        if fraction > 0 {
            len = 10;
            while fraction % 10 == 0 {
                fraction /= 10;
                len -= 1;
            }
        }
        let (digits, end) = rest.split_at_mut(len);
        for place in digits.iter_mut().rev() {
            *place = b'0' + u8::try_from(fraction % 10).unwrap_or_default();
            fraction /= 10;
        }
        if let Some(point) = digits.first_mut() {
            *point = b'.';
        }
        if let Some(zone) = end.first_mut() {
            *zone = b'Z';
        }
        let text = room.get(..whole.len() + len + 1).unwrap_or_default();
        std::str::from_utf8(text).unwrap_or_default()
    }
}

impl Display for Rfc3339 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text(&mut [0; 30]))
    }
}

impl Serialize for Rfc3339 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text(&mut [0; 30]))
    }
}

impl<'a> TransactionRecord<'a> {
    pub(super) fn of(transaction: &'a Transaction, file: Option<&'a str>) -> Self {
        Self {
            transaction,
            file,
            explanation: None,
        }
    }

    /// With what explains the verdict in detail.
    pub(super) fn explained(mut self, transaction: &Transaction) -> Self {
        self.explanation = Some(Explanation::of(transaction));
        self
    }

    /// Writes the fields of one part.
    pub(super) fn write<S: SerializeStruct>(
        &self,
        part: Part,
        record: &mut S,
    ) -> Result<(), S::Error> {
        let transaction = self.transaction;
        match part {
            Part::Beginning => {
                record.serialize_field("kind", &Plain("transaction"))?;
                if let Some(file) = self.file {
                    record.serialize_field("file", file)?;
                }
                record.serialize_field("id", &transaction.id.0)
            }
            Part::Verdict => write_verdict(transaction, record),
            Part::Url => record.serialize_field("url", &transaction.url()),
            Part::Request => {
                record.serialize_field("method", &wire_text(transaction.method()))?;
                let credentials = transaction.judgement.credentials;
                record.serialize_field("credentials", &Plain(credentials.name()))
            }
            Part::Halves => {
                let preflight = transaction.preflight.as_ref().map(half_record);
                record.serialize_field("preflight", &preflight)?;
                let actual = transaction.actual.as_ref().map(half_record);
                record.serialize_field("actual", &actual)?;
                let (from, to) = (transaction.redirected_from, transaction.redirected_to);
                record.serialize_field("redirected_from", &from.map(|id| id.0))?;
                record.serialize_field("redirected_to", &to.map(|id| id.0))
            }
            Part::Notes => {
                record.serialize_field("notes", &notes_of(transaction))?;
                record.serialize_field("cause", &transaction.cause())
            }
        }
    }
}

impl Serialize for TransactionRecord<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_struct("TransactionRecord", 0)?;
        for part in Part::ALL {
            self.write(part, &mut record)?;
        }
        if let Some(explanation) = &self.explanation {
            record.serialize_field("explanation", explanation)?;
        }
        record.end()
    }
}

/// The verdict and what is said of it.
fn write_verdict<S: SerializeStruct>(
    transaction: &Transaction,
    record: &mut S,
) -> Result<(), S::Error> {
    let judgement = &transaction.judgement;
    let (code, unknown_reason) = match judgement.verdict {
        Verdict::Fail(error) => (Some(error.name()), None),
        Verdict::Unknown(why) => (None, Some(why.name())),
        Verdict::Pass | Verdict::NotCors(_) => (None, None),
    };
    let condition = judgement
        .condition
        .map(|Condition { error }| ConditionRecord {
            r#if: Plain("credentials-include"),
            verdict: Plain("fail"),
            code: Plain(error.name()),
        });
    let fault = transaction.fault().map(|fault| Plain(fault.name()));
    let main = transaction.main();
    record.serialize_field("verdict", &Plain(judgement.verdict.name()))?;
    record.serialize_field("code", &code.map(Plain))?;
    record.serialize_field("reason", &transaction.reason())?;
    record.serialize_field("unknown_reason", &unknown_reason.map(Plain))?;
    record.serialize_field("fault", &fault)?;
    record.serialize_field("fix", &transaction.fix())?;
    record.serialize_field("remedy", &transaction.remedy())?;
    record.serialize_field("warning", &transaction.warning())?;
    record.serialize_field("condition", &condition)?;
    record.serialize_field("origin", &main.map(|half| wire_text(half.fetch.origin())))
}

fn notes_of(transaction: &Transaction) -> Vec<NoteRecord> {
    let mut notes: Vec<NoteRecord> = Vec::new();
    for note in &transaction.judgement.notes {
        let note = NoteRecord::Transaction(*note);
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    for half in [&transaction.preflight, &transaction.actual] {
        if let Some(exchange) = half.as_ref().and_then(|half| half.exchange.as_ref()) {
            notes.extend(exchange.notes.iter().map(NoteRecord::Exchange));
        }
    }
    notes
}

fn half_record(half: &Half) -> HalfRecord<'_> {
    let exchange = half.exchange.as_ref();
    let response = exchange.and_then(|exchange| exchange.response.as_ref());
    let request = exchange.and_then(|exchange| exchange.request.as_ref());
    let frames = request.map_or(&half.frames, |request| &request.frames);
    HalfRecord {
        method: wire_text(half.fetch.head.method()),
        status: half.response.as_ref().map(|response| response.status),
        stream: exchange.map(|exchange| exchange.connection.stream),
        frames: Frames {
            request: FrameList(&half.earlier_frames, frames),
            response: FrameList(&[], response.map_or(&[], |response| &response.frames)),
        },
        time: Rfc3339(half.start),
        duration_ms: duration_ms(half),
    }
}

impl<'a> ExchangeRecord<'a> {
    pub(super) fn of(exchange: &'a Exchange, file: Option<&'a str>) -> Self {
        let request = exchange.request.as_ref();
        let head = request.map(|request| &*request.head);
        let response = exchange.response.as_ref();
        let start = request
            .map(|request| request.start)
            .or(response.map(|response| response.start));
        Self {
            kind: "exchange",
            file,
            method: head.map(|head| wire_text(head.method())),
            target: head.map(|head| wire_text(head.target())),
            origin: head
                .and_then(|head| head.headers.values("origin").next())
                .map(wire_text),
            url: head.map(|head| url_of(head, Some(&exchange.connection))),
            host: head.and_then(host_of).map(wire_text),
            status: response.map(|response| response.head.status),
            stream: exchange.connection.stream,
            frames: Frames {
                request: FrameList(&[], request.map_or(&[], |request| &request.frames)),
                response: FrameList(&[], response.map_or(&[], |response| &response.frames)),
            },
            time: start.map(Rfc3339),
            complete: exchange.outcome == Outcome::Complete,
            notes: exchange.notes.iter().map(Note::name).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_the_time_package_writes_them() {
        let mut nanos: i64 = 1_735_689_600_000_000_000;
        for round in 0..5000_i64 {
            nanos = match round % 5 {
                0 => nanos
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1),
                1 => nanos - nanos % 1000,
                2 => nanos - nanos % 1_000_000_000,
                _ => nanos.wrapping_add(123_456_000),
            };
            let expected = jiff::Timestamp::from_nanosecond(i128::from(nanos)).unwrap();
            let (second, fraction) = (
                nanos.div_euclid(1_000_000_000),
                nanos.rem_euclid(1_000_000_000),
            );
            let time = Rfc3339(Timestamp::new(second, u32::try_from(fraction).unwrap()));
            assert_eq!(time.to_string(), expected.to_string());
        }
    }
}
