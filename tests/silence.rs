//! A source that has nothing to give for now: capture time goes on, and a stop is heard.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests, their helpers too"
)]

mod support;

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use corshark::analysis::{Analysis, Update};
use corshark::capture::frame::{Frame, FrameNumber, LinkType};
use corshark::capture::{CaptureError, FrameSource, Next};
use corshark::limits::Limits;
use corshark::run::{Observer, run};
use support::{Conversation, Record, Wire};

/// A preflight that is refused: the browser stops here.
fn refused() -> Vec<Record> {
    let conversation = Conversation::new()
        .client(
            "OPTIONS /item HTTP/1.1\r\nHost: api.test\r\nOrigin: http://page.test\r\n\
             Access-Control-Request-Method: PUT\r\n\r\n",
        )
        .server("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    Wire::default().lay(&conversation.segments())
}

fn frame(number: u64, record: &Record) -> Frame<'_> {
    Frame {
        number: FrameNumber(number),
        time: record.time,
        link_type: LinkType(record.link_type),
        bytes: &record.bytes,
    }
}

fn transactions(analysis: &mut Analysis) -> usize {
    let updates = analysis.drain_updates();
    updates
        .filter(|update| matches!(update, Update::Transaction(_)))
        .count()
}

#[test]
fn silence_settles_what_only_waits_for_time() {
    let records = refused();
    let mut analysis = Analysis::new(&Limits::default());
    for (number, record) in (1..).zip(&records) {
        analysis.push_frame(&frame(number, record));
    }
    assert_eq!(transactions(&mut analysis), 0, "an actual request may come");
    let last = records.last().unwrap().time;
    analysis.advance_to(last.plus(Duration::from_millis(900)));
    assert_eq!(transactions(&mut analysis), 0, "it may still come");
    analysis.advance_to(last.plus(Duration::from_secs(2)));
    assert_eq!(transactions(&mut analysis), 1);
    // Time that runs backwards undoes nothing.
    analysis.advance_to(last);
    analysis.finish();
    assert_eq!(transactions(&mut analysis), 0);
}

/// A browser has decided, and somebody who watches need not wait for what it will not do.
#[test]
fn a_refusal_is_told_at_once_where_that_is_asked_for() {
    let records = refused();
    let mut analysis = Analysis::new(&Limits::default()).telling_refusals();
    for (number, record) in (1..).zip(&records) {
        analysis.push_frame(&frame(number, record));
    }
    let last = records.last().unwrap().time;
    analysis.advance_to(last.plus(Duration::from_millis(60)));
    let told: Vec<Update> = analysis.drain_updates().collect();
    let [Update::Refusal(told), Update::Exchange(_)] = told.as_slice() else {
        panic!("{told:?}");
    };
    analysis.advance_to(last.plus(Duration::from_secs(2)));
    let settled: Vec<Update> = analysis.drain_updates().collect();
    let [Update::Transaction(settled)] = settled.as_slice() else {
        panic!("{settled:?}");
    };
    assert_eq!(format!("{told:?}"), format!("{settled:?}"));
}

/// Gives its frames, then silence; sets `stop` when asked once more.
struct Silent<'s> {
    records: Vec<Record>,
    given: usize,
    silences: usize,
    stop: &'s AtomicBool,
}

impl FrameSource for Silent<'_> {
    fn next_frame(&mut self) -> Result<Next<'_>, CaptureError> {
        if let Some(record) = self.records.get(self.given) {
            self.given += 1;
            return Ok(Next::Frame(frame(self.given as u64, record)));
        }
        self.silences += 1;
        self.stop.store(self.silences > 2, Ordering::Relaxed);
        Ok(Next::Idle)
    }
}

#[derive(Default)]
struct Counter(usize);

impl Observer for Counter {
    type Error = Infallible;

    fn on_update(&mut self, update: Update) -> Result<(), Infallible> {
        self.0 += usize::from(matches!(update, Update::Transaction(_)));
        Ok(())
    }
}

#[test]
fn a_stop_in_the_silence_ends_with_everything_reported() {
    let stop = AtomicBool::new(false);
    let records = refused();
    let frames = records.len() as u64;
    let mut source = Silent {
        records,
        given: 0,
        silences: 0,
        stop: &stop,
    };
    let mut counter = Counter::default();
    let analysis = Analysis::new(&Limits::default());
    let finished = run(&mut source, analysis, &mut counter, &stop).unwrap();
    assert!(finished.damage.is_none());
    assert_eq!(finished.session.stats.frames.frames, frames);
    assert_eq!(counter.0, 1);
    assert_eq!(source.silences, 3);
}
