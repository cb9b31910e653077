//! What an analysis found, and its compact rendering: without frames and times, so that different
//! wires can be compared.

use std::io::Cursor;
use std::sync::Arc;

use corshark::analysis::{Analysis, Stats, Update};
use corshark::capture::frame::{Frame, FrameNumber, LinkType};
use corshark::capture::{CaptureError, FrameSource as _, Next, SaveFile};
use corshark::cors::transaction::{Half, Transaction};
use corshark::http::connecting::Connecting;
use corshark::http::exchange::Exchange;
use corshark::limits::Limits;
use corshark::wire_text::wire_text;

use super::wire::Record;

/// What was found in a capture.
#[derive(Default)]
pub struct Found {
    pub exchanges: Vec<Arc<Exchange>>,
    pub transactions: Vec<Arc<Transaction>>,
    pub connecting: Vec<Connecting>,
    pub stats: Stats,
    /// What ended the file early.
    pub damage: Option<CaptureError>,
}

impl Found {
    fn take(&mut self, analysis: &mut Analysis) {
        for update in analysis.drain_updates() {
            match update {
                Update::Exchange(exchange) => self.exchanges.push(exchange),
                Update::Transaction(transaction) => self.transactions.push(transaction),
                Update::Connecting(told) => self.connecting.push(told),
                Update::Refusal(_) => {}
            }
        }
    }

    /// A line for each exchange and each transaction, sorted.
    pub fn lines(&self) -> Vec<String> {
        let mut exchanges: Vec<_> = self.exchanges.iter().map(|e| exchange_line(e)).collect();
        let mut transactions = self.verdicts();
        exchanges.sort();
        transactions.sort();
        exchanges.append(&mut transactions);
        exchanges
    }

    /// A line for each exchange, in the order in which they were over.
    pub fn heads(&self) -> Vec<String> {
        self.exchanges.iter().map(|e| short_line(e)).collect()
    }

    /// A line for each transaction, in the order in which they were settled.
    pub fn verdicts(&self) -> Vec<String> {
        let line = |transaction: &Arc<Transaction>| transaction_line(transaction);
        self.transactions.iter().map(line).collect()
    }
}

/// `GET /a 200 Complete`.
fn short_line(exchange: &Exchange) -> String {
    let request = exchange.request.as_ref().map_or("?".to_owned(), |request| {
        let head = &request.head;
        format!("{} {}", wire_text(head.method()), wire_text(head.target()))
    });
    let status = exchange
        .response
        .as_ref()
        .map_or("-".to_owned(), |response| response.head.status.to_string());
    format!("{request} {status} {:?}", exchange.outcome)
}

fn exchange_line(exchange: &Exchange) -> String {
    let request = exchange.request.as_ref();
    let response = exchange.response.as_ref();
    format!(
        "exchange {} {:?} {:?} {:?} {:?} headers {:?} / {:?}",
        short_line(exchange),
        request.map(|r| (r.body_bytes, r.complete)),
        response.map(|r| (r.body_bytes, r.complete)),
        exchange.notes,
        exchange.connection.client.port(),
        request.map(|r| &r.head.headers),
        response.map(|r| &r.head.headers),
    )
}

fn transaction_line(transaction: &Transaction) -> String {
    let half = |half: &Option<Half>| {
        half.as_ref().map_or("none".to_owned(), |half| {
            let method = wire_text(half.fetch.head.method());
            let status = half.response.as_ref().map(|response| response.status);
            format!("{method} {status:?}")
        })
    };
    let judgement = &transaction.judgement;
    let notes: Vec<String> = judgement
        .notes
        .iter()
        .map(|note| {
            // Which transaction it was hangs on the order of first requests.
            let text = note.to_string();
            text.split(": transaction").next().unwrap_or("").to_owned()
        })
        .collect();
    let target = transaction
        .main()
        .map(|half| wire_text(half.fetch.head.target()).into_owned());
    format!(
        "{:?} {} {} preflight {}, actual {}, {}, {:?}, {notes:?}",
        judgement.verdict,
        wire_text(transaction.method()),
        target.unwrap_or_default(),
        half(&transaction.preflight),
        half(&transaction.actual),
        judgement.credentials.name(),
        judgement.condition,
    )
}

/// Gives frames straight to an analysis with the usual limits.
pub fn analyse(records: &[Record]) -> Found {
    analyse_within(records, &Limits::default())
}

/// The same with other limits.
pub fn analyse_within(records: &[Record], limits: &Limits) -> Found {
    let mut analysis = Analysis::new(limits);
    let mut found = Found::default();
    for (number, record) in (1..).zip(records) {
        analysis.push_frame(&Frame {
            number: FrameNumber(number),
            time: record.time,
            link_type: LinkType(record.link_type),
            bytes: &record.bytes,
        });
        found.take(&mut analysis);
    }
    analysis.finish();
    found.take(&mut analysis);
    found.stats = analysis.stats();
    found
}

/// Reads the bytes of a capture file and analyses its frames.
pub fn analyse_file(bytes: &[u8], limits: &Limits) -> Found {
    let mut found = Found::default();
    let reader = Box::new(Cursor::new(bytes.to_vec()));
    let mut file = match SaveFile::read(reader, limits) {
        Ok(file) => file,
        Err(error) => {
            found.damage = Some(error);
            return found;
        }
    };
    let mut analysis = Analysis::new(limits);
    loop {
        match file.next_frame() {
            Ok(Next::Frame(frame)) => analysis.push_frame(&frame),
            Ok(Next::Idle | Next::End) => break,
            Err(error) => {
                found.damage = Some(error);
                break;
            }
        }
        found.take(&mut analysis);
    }
    analysis.finish();
    found.take(&mut analysis);
    found.stats = analysis.stats();
    found
}
