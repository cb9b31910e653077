//! The loop: source → analysis → session, and to whoever wants to see what was found.
//!
//! The one place that reads a clock, and only while the wire is silent: capture time then goes on
//! from the last frame by as much as the silence has lasted.

mod publish;
mod two_threads;

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use crate::analysis::{Analysis, Update};
use crate::capture::frame::Timestamp;
use crate::capture::{CaptureError, FrameSource, Next};
use crate::session::Session;

pub use publish::{publish, publish_and_tell};
pub use two_threads::run_on_two_threads;

/// What is told of a capture while it is read.
pub trait Observer {
    /// Why it cannot go on, a full disk for instance.
    type Error;

    /// Takes something that was found.
    fn on_update(&mut self, update: Update) -> Result<(), Self::Error>;

    /// A stretch of the capture is over: a few hundred frames, however long they took.
    fn on_stretch(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }

    /// Looks at how far the reading is: after each frame, and while the wire is silent.
    fn on_progress(&mut self, _reading: &Reading<'_>) -> Result<(), Self::Error> {
        Ok(())
    }
}

/// Nobody looks.
impl Observer for () {
    type Error = Infallible;

    fn on_update(&mut self, _: Update) -> Result<(), Infallible> {
        Ok(())
    }
}

/// A capture that is being read.
pub struct Reading<'a> {
    /// Where frames come from.
    pub source: &'a dyn FrameSource,
    /// What was made of them.
    pub analysis: &'a Analysis,
    /// The verdicts so far; its [`stats`](Session::stats) come at the end only.
    pub session: &'a Session,
    /// Whether the wire is silent.
    pub is_idle: bool,
}

/// How a capture came to its end.
#[derive(Debug)]
pub struct Finished {
    /// The counters.
    pub session: Session,
    /// What ended it early; everything before it was analysed.
    pub damage: Option<CaptureError>,
}

/// Frames of a stretch, the longest one: little beside what a second of reading brings.
const STRETCH: usize = 512;

/// Reads a source to its end, or until `stop` is set, through a fresh analysis.
pub fn run<O: Observer>(
    source: &mut dyn FrameSource,
    mut analysis: Analysis,
    observer: &mut O,
    stop: &AtomicBool,
) -> Result<Finished, O::Error> {
    let mut session = Session::default();
    let mut last = None;
    let mut silent_since = None;
    let mut stretch = 0;
    let damage = loop {
        if stop.load(Ordering::Relaxed) {
            break None;
        }
        let mut is_idle = false;
        match source.next_frame() {
            Ok(Next::Frame(frame)) => {
                last = last.max(Some(frame.time));
                silent_since = None;
                analysis.push_frame(&frame);
            }
            Ok(Next::Idle) => {
                is_idle = true;
                if source.is_behind() {
                    silent_since = None;
                } else {
                    let since = silent_since.get_or_insert_with(Instant::now);
                    if let Some(now) = last.map(|last: Timestamp| last.plus(since.elapsed())) {
                        analysis.advance_to(now);
                    }
                }
            }
            Ok(Next::End) => break None,
            Err(error) => break Some(error),
        }
        if analysis.has_updates() {
            tell(analysis.drain_updates(), &mut session, observer)?;
        }
        stretch += 1;
        if stretch == STRETCH {
            stretch = 0;
            observer.on_stretch()?;
        }
        observer.on_progress(&Reading {
            source: &*source,
            analysis: &analysis,
            session: &session,
            is_idle,
        })?;
    };
    analysis.finish();
    tell(analysis.drain_updates(), &mut session, observer)?;
    session.stats = analysis.stats();
    session.drops = source.progress().dropped.unwrap_or_default();
    Ok(Finished { session, damage })
}

fn tell<O: Observer>(
    updates: impl Iterator<Item = Update>,
    session: &mut Session,
    observer: &mut O,
) -> Result<(), O::Error> {
    for update in updates {
        session.count(&update);
        observer.on_update(update)?;
    }
    Ok(())
}
