//! The time each layer takes, over one capture made here: 2000 transactions on 500 connections.
//!
//! `cargo bench` for all, `cargo bench -- heads` for one. Items are frames, segments, exchanges or
//! transactions, as the name says.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "measured, not shipped"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::io::Cursor;
use std::sync::{Arc, LazyLock};

use corshark::analysis::{Analysis, Update};
use corshark::capture::frame::{Frame, FrameNumber, LinkType};
use corshark::capture::{FrameSource, Next, SaveFile};
use corshark::cors::browser::Assumptions;
use corshark::cors::pairing::Pairing;
use corshark::cors::transaction::Transaction;
use corshark::decode::Decoder;
use corshark::filter::Filter;
use corshark::http::HttpOutput;
use corshark::http::exchange::HttpEvent;
use corshark::http::h1::Http1Connection;
use corshark::limits::Limits;
use corshark::report::{Format, Look, Output, Reporter, Scope};
use corshark::session::Session;
use corshark::tcp::{
    Application, At, CloseCause, ConnectionInfo, ConnectionTable, Interest, Side, StreamEvent,
};
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use support::wire::merged;
use support::{Conversation, PcapForm, Record, Who, Wire, pcap};

fn main() {
    divan::main();
}

static CAPTURE: LazyLock<Vec<Record>> = LazyLock::new(|| {
    let common = "Host: api.example:8080\r\nConnection: keep-alive\r\nOrigin: http://page.example\r\n\
         Accept: application/json, text/plain, */*\r\nSec-Fetch-Mode: cors\r\n\
         User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36\r\n\
         Accept-Encoding: gzip, deflate, br\r\nAccept-Language: en-US,en;q=0.9\r\n";
    let connections = (0..500_u16).map(|connection| {
        let mut conversation = Conversation::new();
        for n in 0..4 {
            let target = format!("/items/{connection}?n={n}");
            let body = "x".repeat(usize::from(connection) % 700);
            conversation = conversation
                .client(format!(
                    "OPTIONS {target} HTTP/1.1\r\n{common}Access-Control-Request-Method: PUT\r\n\
                     Access-Control-Request-Headers: content-type,x-requested-with\r\n\r\n"
                ))
                .server(
                    "HTTP/1.1 204 No Content\r\nServer: example\r\nAccess-Control-Allow-Origin: http://page.example\r\n\
                     Access-Control-Allow-Methods: GET, PUT, DELETE\r\nAccess-Control-Max-Age: 600\r\n\
                     Access-Control-Allow-Headers: x-requested-with, content-type\r\nVary: Origin\r\n\r\n",
                )
                .client(format!(
                    "PUT {target} HTTP/1.1\r\n{common}X-Requested-With: XMLHttpRequest\r\n\
                     Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                    body.len()
                ))
                .server(format!(
                    "HTTP/1.1 200 OK\r\nServer: example\r\nAccess-Control-Allow-Origin: http://page.example\r\n\
                     Vary: Origin\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                    body.len()
                ));
        }
        let wire = Wire {
            start: u64::from(connection) * 90,
            ..Wire::port(10_000 + connection)
        };
        wire.lay(&conversation.closed_by(Who::Client).segments())
    });
    merged(connections.collect())
});

fn frame(number: usize) -> Frame<'static> {
    let record = &CAPTURE[number];
    Frame {
        number: FrameNumber(u64::try_from(number).unwrap() + 1),
        time: record.time,
        link_type: LinkType(record.link_type),
        bytes: &record.bytes,
    }
}

/// Pcap records → frames.
#[divan::bench]
fn read(bencher: Bencher<'_, '_>) {
    let file = pcap(&CAPTURE, PcapForm::COMMON);
    bencher
        .counter(BytesCount::new(file.len()))
        .with_inputs(|| Box::new(Cursor::new(file.clone())))
        .bench_values(|file| {
            let mut source = SaveFile::read(file, &Limits::default()).unwrap();
            let mut bytes = 0;
            while let Ok(Next::Frame(frame)) = source.next_frame() {
                bytes += frame.bytes.len();
            }
            bytes
        });
}

/// Frames → segments.
#[divan::bench]
fn decode(bencher: Bencher<'_, '_>) {
    let frames = CAPTURE.len();
    bencher.counter(ItemsCount::new(frames)).bench(|| {
        let mut decoder = Decoder::new(&Limits::default());
        let payload = |number| decoder.decode(&frame(number)).unwrap().payload.len();
        (0..frames).map(payload).sum::<usize>()
    });
}

/// Reads nothing.
struct Deaf;

impl Application for Deaf {
    type Output = ();

    fn open(_: &ConnectionInfo) -> Self {
        Self
    }

    fn on_event(
        &mut self,
        _: &ConnectionInfo,
        _: Side,
        _: StreamEvent<'_>,
        _: At,
        (): &mut (),
    ) -> Interest {
        Interest::Keep
    }

    fn on_close(&mut self, _: &ConnectionInfo, _: CloseCause, _: At, (): &mut ()) {}
}

/// Sends all segments through a table of connections.
fn reassemble<A: Application>(table: &mut ConnectionTable<A>, out: &mut A::Output) {
    let mut decoder = Decoder::new(&Limits::default());
    for number in 0..CAPTURE.len() {
        let frame = frame(number);
        let segment = decoder.decode(&frame).unwrap();
        table.push(&segment, frame.time, out);
        table.advance(frame.number, frame.time, out);
    }
    table.finish(out);
}

/// Frames → bytes in order, which nobody reads.
#[divan::bench(name = "reassemble")]
fn reassemble_frames(bencher: Bencher<'_, '_>) {
    bencher.counter(ItemsCount::new(CAPTURE.len())).bench(|| {
        let mut table: ConnectionTable<Deaf> = ConnectionTable::new(&Limits::default());
        reassemble(&mut table, &mut ());
        table.stats().connections
    });
}

fn http_events() -> Vec<(At, HttpEvent)> {
    let limits = Limits::default();
    let mut output = HttpOutput::new(&limits);
    let mut table: ConnectionTable<Http1Connection> = ConnectionTable::new(&limits);
    reassemble(&mut table, &mut output);
    output.drain().collect()
}

/// Frames → heads and exchanges.
#[divan::bench]
fn heads(bencher: Bencher<'_, '_>) {
    let exchanges = http_events().len() / 2;
    bencher
        .counter(ItemsCount::new(exchanges))
        .bench(http_events);
}

/// Exchanges → transactions with verdicts.
#[divan::bench]
fn verdicts(bencher: Bencher<'_, '_>) {
    bencher
        .counter(ItemsCount::new(2000_usize))
        .with_inputs(http_events)
        .bench_values(|events| {
            let mut pairing = Pairing::new(&Limits::default());
            pairing.assume(Assumptions::default());
            for (at, event) in events {
                pairing.advance(at.time);
                match event {
                    HttpEvent::Requested {
                        id,
                        connection,
                        head,
                        start,
                        frames,
                    } => pairing.on_requested(id, &connection, head, start, frames),
                    HttpEvent::Responded { id, head, time } => {
                        pairing.on_responded(id, head, time);
                    }
                    HttpEvent::Finished(exchange) => pairing.on_finished(&exchange),
                    HttpEvent::Connecting(_) => {}
                }
            }
            pairing.finish();
            pairing.drain().count()
        });
}

fn transactions() -> Vec<Arc<Transaction>> {
    let mut analysis = Analysis::new(&Limits::default());
    for number in 0..CAPTURE.len() {
        analysis.push_frame(&frame(number));
    }
    analysis.finish();
    let updates = analysis.drain_updates();
    updates
        .filter_map(|update| match update {
            Update::Transaction(transaction) => Some(transaction),
            _ => None,
        })
        .collect()
}

/// Frames → verdicts, the whole way.
#[divan::bench]
fn analysis(bencher: Bencher<'_, '_>) {
    bencher
        .counter(ItemsCount::new(CAPTURE.len()))
        .bench(transactions);
}

/// Transactions → each kind of report.
#[divan::bench(args = [Format::NdJson, Format::Json, Format::Text])]
fn reports(bencher: Bencher<'_, '_>, format: Format) {
    let transactions = transactions();
    bencher
        .counter(ItemsCount::new(transactions.len()))
        .bench(|| {
            let output = Output::new(format, Look::default(), std::io::sink());
            let mut reporter = Reporter::new(
                Scope {
                    all: false,
                    several: false,
                    advice: false,
                    merged: false,
                    filter: Filter::default(),
                },
                vec![output],
            );
            reporter.begin_capture("capture");
            for transaction in &transactions {
                reporter.transaction(transaction).unwrap();
            }
            reporter
                .end_capture(&Session::default(), None, &[])
                .unwrap();
            reporter.finish().unwrap()
        });
}
