//! The loop on two threads: another one takes frames as far as exchanges, this one judges and tells.
//!
//! The analysis is cut between its halves, and the second half takes the same steps in the same
//! order as on one thread: what is found is the same, and in the same order. Which half is the longer
//! one depends on the capture, so this thread reads ahead while it has nothing to judge.

use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, channel, sync_channel};
use std::thread;

use crate::analysis::{Analysis, Exchanges, Step, Verdicts};
use crate::capture::{CaptureError, FrameSource, Next, ReadAhead};
use crate::http::exchange::HttpEvent;
use crate::run::{Finished, Observer, STRETCH, tell};
use crate::session::Session;
use crate::tcp::At;

/// Frames of a batch: handing one over costs little then, and all that are under way fit a core's cache.
const BATCH_FRAMES: usize = STRETCH;

/// Bytes of a batch's frames, which bound what its events hold.
const BATCH_BYTES: usize = 1 << 20;

/// Batches that wait to be judged: more would push each other out of the cache.
const UNDER_WAY: usize = 2;

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
    source: &mut (dyn FrameSource + Send),
    analysis: Analysis,
    observer: &mut O,
) -> Result<Finished, O::Error> {
    let (mut exchanges, mut verdicts) = analysis.split();
    let mut session = Session::default();
    let ahead = source.read_ahead();
    let damage = thread::scope(|scope| {
        let (batches, to_judge) = sync_channel(UNDER_WAY);
        let (spent, to_fill) = channel();
        let (source, exchanges) = (&mut *source, &mut exchanges);
        let reader = scope.spawn(move || read(source, exchanges, &batches, &to_fill));
        // It ends before the last batch only where it panicked; it ends, too, where nobody takes more.
        while let Some(mut batch) = next(&to_judge, ahead.as_ref()) {
            let is_last = judge(&mut batch, &mut verdicts);
            tell(verdicts.drain_updates(), &mut session, observer)?;
            observer.on_stretch()?;
            let _ = spent.send(batch);
            if is_last {
                break;
            }
        }
        Ok(reader.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })?;
    session.stats = exchanges.stats();
    session.drops = source.progress().dropped.unwrap_or_default();
    Ok(Finished { session, damage })
}

/// Reads to the end of the capture, or as long as somebody wants to know; says what ended it early.
fn read(
    source: &mut dyn FrameSource,
    exchanges: &mut Exchanges,
    batches: &SyncSender<Batch>,
    to_fill: &Receiver<Batch>,
) -> Option<CaptureError> {
    loop {
        let mut batch = to_fill.try_recv().unwrap_or_default();
        let damage = fill(&mut batch, source, exchanges);
        let is_last = batch.is_last;
        if batches.send(batch).is_err() || is_last {
            return damage;
        }
    }
}

/// Reads the frames of a batch; with the last one comes what ended the capture early.
fn fill(
    batch: &mut Batch,
    source: &mut dyn FrameSource,
    exchanges: &mut Exchanges,
) -> Option<CaptureError> {
    let mut bytes = 0;
    let damage = loop {
        if batch.steps.len() == BATCH_FRAMES || bytes > BATCH_BYTES {
            return None;
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
    damage
}

/// Judges a batch, which is empty then; whether it is the last one.
fn judge(batch: &mut Batch, verdicts: &mut Verdicts) -> bool {
    let mut events = batch.events.drain(..);
    for (step, count) in batch.steps.drain(..) {
        verdicts.take(step, events.by_ref().take(count));
    }
    if batch.is_last {
        verdicts.finish(events);
    }
    batch.is_last
}

/// The next batch. As long as there is none, this thread reads ahead for the other one.
fn next(batches: &Receiver<Batch>, ahead: Option<&ReadAhead>) -> Option<Batch> {
    loop {
        match batches.try_recv() {
            Ok(batch) => return Some(batch),
            Err(TryRecvError::Disconnected) => return None,
            Err(TryRecvError::Empty) if ahead.is_some_and(ReadAhead::help) => {}
            Err(TryRecvError::Empty) => return batches.recv().ok(),
        }
    }
}
