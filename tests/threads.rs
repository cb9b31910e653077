//! One thread and two find the same, in the same order.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests, their helpers too"
)]

mod support;

use std::convert::Infallible;
use std::io::Cursor;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::AtomicBool;

use corshark::analysis::{Analysis, Update};
use corshark::capture::{CaptureError, FrameSource, Next, SaveFile};
use corshark::limits::Limits;
use corshark::run::{Observer, run, run_on_two_threads};
use support::wire::merged;
use support::{Conversation, PcapForm, Random, Record, Who, Wire, pcap};

/// Keeps what it is told, to the last detail.
#[derive(Default)]
struct Told(Vec<String>);

impl Observer for Told {
    type Error = Infallible;

    fn on_update(&mut self, update: Update) -> Result<(), Infallible> {
        self.0.push(format!("{update:?}"));
        Ok(())
    }
}

/// Brings some frames, and then falls.
struct Broken(SaveFile, u32);

impl FrameSource for Broken {
    fn next_frame(&mut self) -> Result<Next<'_>, CaptureError> {
        self.1 -= 1;
        assert!(self.1 > 0, "broken");
        self.0.next_frame()
    }
}

/// Stops at its first update.
struct Full;

impl Observer for Full {
    type Error = &'static str;

    fn on_update(&mut self, _: Update) -> Result<(), &'static str> {
        Err("the disk is full")
    }
}

/// Many connections at once, some of them without an end, in frames that are out of order by up to
/// 64 places.
fn busy_capture() -> Vec<Record> {
    let mut random = Random::new(5);
    let connections = (0..400_u16).map(|n| {
        let common = "Host: api.test\r\nOrigin: http://page.test\r\n";
        let mut conversation = Conversation::new()
            .client(format!(
                "OPTIONS /{n} HTTP/1.1\r\n{common}Access-Control-Request-Method: PUT\r\n\r\n"
            ))
            .server(
                "HTTP/1.1 204 No\r\nAccess-Control-Allow-Origin: *\r\n\
                 Access-Control-Allow-Methods: PUT\r\n\r\n",
            )
            .client(format!(
                "PUT /{n} HTTP/1.1\r\n{common}Content-Length: 3\r\n\r\nabc"
            ));
        if n % 7 != 0 {
            conversation = conversation
                .server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                .closed_by(Who::Client);
        }
        let wire = Wire {
            start: u64::try_from(random.below(400_000)).unwrap(),
            ..Wire::port(10_000 + n)
        };
        wire.lay(&conversation.segments())
    });
    let mut records = merged(connections.collect());
    for window in records.chunks_mut(64) {
        for at in (1..window.len()).rev() {
            window.swap(at, random.below(at + 1));
        }
    }
    records
}

#[test]
fn two_threads_find_what_one_finds_in_the_same_order() {
    let limits = Limits::default();
    let mut file = pcap(&busy_capture(), PcapForm::COMMON);
    // The last frame is cut short: how a capture ends early must be told too.
    file.truncate(file.len() - 5);
    let open = || SaveFile::read(Box::new(Cursor::new(file.clone())), &limits).unwrap();
    let mut one = Told::default();
    let stop = AtomicBool::new(false);
    let Ok(finished) = run(&mut open(), Analysis::new(&limits), &mut one, &stop);
    let mut two = Told::default();
    let Ok(again) = run_on_two_threads(&mut open(), Analysis::new(&limits), &mut two);
    assert!(one.0.len() > 1000, "{}", one.0.len());
    assert!(finished.session.stats.frames.frames > 3 * 512);
    assert_eq!(one.0, two.0);
    assert_eq!(format!("{finished:?}"), format!("{again:?}"));
    assert!(again.damage.is_some());
}

#[test]
fn the_second_thread_ends_when_nobody_wants_to_hear_more() {
    let limits = Limits::default();
    let file = pcap(&busy_capture(), PcapForm::COMMON);
    let mut source = SaveFile::read(Box::new(Cursor::new(file)), &limits).unwrap();
    let stopped = run_on_two_threads(&mut source, Analysis::new(&limits), &mut Full);
    assert_eq!(stopped.err(), Some("the disk is full"));
}

#[test]
fn nobody_waits_for_a_thread_that_panicked() {
    let limits = Limits::default();
    let file = pcap(&busy_capture(), PcapForm::COMMON);
    let source = SaveFile::read(Box::new(Cursor::new(file)), &limits).unwrap();
    let read = std::panic::catch_unwind(AssertUnwindSafe(|| {
        run_on_two_threads(&mut Broken(source, 2000), Analysis::new(&limits), &mut ())
    }));
    assert!(read.is_err());
}
