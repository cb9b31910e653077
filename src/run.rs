//! The loop: source → analysis → session, and to whoever wants to see what was found.

use crate::analysis::{Analysis, Update};
use crate::capture::{CaptureError, FrameSource};
use crate::session::Session;

/// What is told of a capture while it is read.
pub trait Observer {
    /// Why it cannot go on, a full disk for instance.
    type Error;

    /// Takes something that was found.
    fn on_update(&mut self, update: Update) -> Result<(), Self::Error>;
}

/// How a capture came to its end.
#[derive(Debug)]
pub struct Finished {
    /// The counters.
    pub session: Session,
    /// What ended it early; everything before it was analysed.
    pub damage: Option<CaptureError>,
}

/// Reads a source to its end, through a fresh analysis.
pub fn run<O: Observer>(
    source: &mut dyn FrameSource,
    mut analysis: Analysis,
    observer: &mut O,
) -> Result<Finished, O::Error> {
    let mut session = Session::default();
    let damage = loop {
        match source.next_frame() {
            Ok(Some(frame)) => analysis.push_frame(&frame),
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
        tell(&mut analysis, &mut session, observer)?;
    };
    analysis.finish();
    tell(&mut analysis, &mut session, observer)?;
    session.stats = analysis.stats();
    Ok(Finished { session, damage })
}

fn tell<O: Observer>(
    analysis: &mut Analysis,
    session: &mut Session,
    observer: &mut O,
) -> Result<(), O::Error> {
    for update in analysis.drain_updates() {
        session.count(&update);
        observer.on_update(update)?;
    }
    Ok(())
}
