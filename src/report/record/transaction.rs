//! The serialised shape of a transaction.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::cors::transaction::{Condition, Half, Transaction, TransactionNote, Verdict};
use crate::http::exchange::Note;
use crate::report::record::explanation::Explanation;
use crate::report::record::frames::{FrameList, Frames};
#[cfg(test)]
use crate::report::record::schema;
use crate::report::record::time::Rfc3339;
use crate::report::record::{Plain, Wire};
use crate::report::words::duration_ms;

/// One transaction.
#[derive(Debug)]
pub(in crate::report) struct TransactionRecord<'a> {
    transaction: &'a Transaction,
    file: Option<&'a str>,
    /// Only where asked for: it takes time, and most readers of many lines do without.
    explanation: Option<Explanation>,
}

/// Fields of a transaction's record that stand together, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Part {
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
    pub(in crate::report) const ALL: [Self; 6] = [
        Self::Beginning,
        Self::Verdict,
        Self::Url,
        Self::Request,
        Self::Halves,
        Self::Notes,
    ];

    /// The place among the parts that are equal in all transactions that share a judgement.
    pub(in crate::report) const fn shared(self) -> Option<usize> {
        match self {
            Self::Verdict => Some(0),
            Self::Request => Some(1),
            Self::Notes => Some(2),
            Self::Beginning | Self::Url | Self::Halves => None,
        }
    }
}

impl<'a> TransactionRecord<'a> {
    pub(in crate::report) fn of(transaction: &'a Transaction, file: Option<&'a str>) -> Self {
        Self {
            transaction,
            file,
            explanation: None,
        }
    }

    /// With what explains the verdict in detail.
    pub(in crate::report) fn explained(mut self, transaction: &Transaction) -> Self {
        self.explanation = Some(Explanation::of(transaction));
        self
    }

    /// Writes the fields of one part.
    pub(in crate::report) fn write<S: SerializeStruct>(
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
            Part::Url => record.serialize_field("url", &Wire(transaction.url_bytes())),
            Part::Request => {
                record.serialize_field("method", &Wire(transaction.method()))?;
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

/// One request of a transaction with its response.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Half"))]
pub(super) struct HalfRecord<'a> {
    /// As sent.
    method: Wire<&'a [u8]>,
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
pub(super) struct ConditionRecord {
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
    record.serialize_field("origin", &main.map(|half| Wire(half.fetch.origin())))
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
        method: Wire(half.fetch.head.method()),
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
