//! The loop on two threads: this one reads frames and tells what was found, the other one judges.
//!
//! The analysis is cut between its halves, and the second half takes the same steps in the same
//! order as on one thread: what is found is the same, and in the same order.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use crate::analysis::{Analysis, Exchanges, Step, Update, Verdicts};
use crate::capture::{CaptureError, FrameSource, Next};
use crate::http::exchange::HttpEvent;
use crate::run::{Finished, Observer, STRETCH, tell};
use crate::session::Session;
use crate::tcp::At;

/// Frames of a batch: handing one over costs next to nothing then, and it still fits a cache.
const BATCH_FRAMES: usize = STRETCH;

/// Bytes of a batch's frames, which bound what its events hold.
const BATCH_BYTES: usize = 1 << 20;

/// Batches under way at once: neither thread waits for the other's every breath.
const UNDER_WAY: usize = 4;

/// What the frames of one stretch of the capture gave.
#[derive(Default)]
struct Batch {
    /// Each frame, and how many of the events are its.
    steps: Vec<(Step, usize)>,
    events: Vec<(At, HttpEvent)>,
    /// The capture is over; the events behind those of the last frame belong to its end.
    is_last: bool,
}

/// Reads a source that is never silent to its end, through a fresh analysis.
pub fn run_on_two_threads<O: Observer>(
    source: &mut dyn FrameSource,
    analysis: Analysis,
    observer: &mut O,
) -> Result<Finished, O::Error> {
    let (mut exchanges, verdicts) = analysis.split();
    let mut session = Session::default();
    let damage = thread::scope(|scope| {
        let (batches, to_judge) = channel();
        let (to_tell, found) = channel();
        scope.spawn(move || judge(verdicts, &to_judge, &to_tell));
        let mut under_way = 0;
        loop {
            let (batch, damage) = read_batch(source, &mut exchanges);
            let is_last = batch.is_last;
            // The other thread ends before this one only where it panicked, which the scope tells.
            let _ = batches.send(batch);
            under_way += 1;
            while under_way > 0 {
                let wait = is_last || under_way >= UNDER_WAY;
                let next = if wait {
                    found.recv().ok()
                } else {
                    found.try_recv().ok()
                };
                let Some(updates) = next else {
                    break;
                };
                under_way -= 1;
                let updates: Vec<Update> = updates;
                tell(updates.into_iter(), &mut session, observer)?;
                observer.on_stretch()?;
            }
            if is_last {
                return Ok(damage);
            }
        }
    })?;
    session.stats = exchanges.stats();
    session.drops = source.progress().dropped.unwrap_or_default();
    Ok(Finished { session, damage })
}

/// Reads the frames of the next batch; with the last one comes what ended the capture early.
fn read_batch(
    source: &mut dyn FrameSource,
    exchanges: &mut Exchanges,
) -> (Batch, Option<CaptureError>) {
    let mut batch = Batch::default();
    let mut bytes = 0;
    let damage = loop {
        if batch.steps.len() == BATCH_FRAMES || bytes > BATCH_BYTES {
            return (batch, None);
        }
        match source.next_frame() {
            Ok(Next::Frame(frame)) => {
                bytes += frame.bytes.len();
                let step = exchanges.push_frame(&frame);
                let before = batch.events.len();
                batch.events.extend(exchanges.drain_events());
                batch.steps.push((step, batch.events.len() - before));
            }
            Ok(Next::Idle) => {}
            Ok(Next::End) => break None,
            Err(error) => break Some(error),
        }
    };
    exchanges.finish();
    batch.events.extend(exchanges.drain_events());
    batch.is_last = true;
    (batch, damage)
}

/// Judges batch by batch.
fn judge(mut verdicts: Verdicts, batches: &Receiver<Batch>, found: &Sender<Vec<Update>>) {
    for batch in batches {
        let mut events = batch.events.into_iter();
        for (step, count) in batch.steps {
            verdicts.take(step, events.by_ref().take(count));
        }
        if batch.is_last {
            verdicts.finish(events);
        }
        if found.send(verdicts.drain_updates().collect()).is_err() {
            return;
        }
    }
}
