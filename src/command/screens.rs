//! A capture that goes on → the screens, until their user leaves.

use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;

use crate::analysis::Analysis;
use crate::capture::live::{Live, LiveOptions, Notice, Opened};
use crate::capture::recorder::Recorder;
use crate::capture::store::FrameStore;
use crate::command::outside::{OUTSIDE, capture_on};
use crate::command::stream::{CAPTURE_ERROR, end_reports, write_counts};
use crate::limits::Limits;
use crate::report::{Destination, Reporter};
use crate::run::publish_and_tell;
use crate::session::{SharedSession, SourceState};
use crate::tui::{Left, Options, show};
use crate::wire_text::printable;

/// What is recorded for the screens alone, where nothing else records: frames can be looked at again.
pub(super) fn spill(opened: &Opened, limits: &Limits) -> Option<Recorder> {
    let file = tempfile::tempfile().ok()?;
    Recorder::spill(file, opened.recorded(), limits.spill_bytes).ok()
}

/// Where frames of a recording can be read again.
pub(super) fn store_of(recorder: Option<&Recorder>, limits: &Limits) -> Option<FrameStore> {
    Some(FrameStore::of_recording(recorder?.file()?, limits))
}

/// Shows a capture, and writes its reports when it ends; the error is one of the terminal or of writing.
pub(super) fn screens(
    mut source: Live,
    shared: SharedSession,
    options: Options,
    mut reporter: Reporter<Destination>,
    capture: &LiveOptions,
    limits: &Limits,
) -> io::Result<ExitCode> {
    let shared = Arc::new(shared);
    let stopper = source.stopper()?;
    if let Some(notices) = source.take_notices() {
        let shared = Arc::clone(&shared);
        thread::spawn(move || {
            for notice in notices {
                let failed = matches!(notice, Notice::RecordingEnded(_));
                shared.publish(|news| {
                    news.notice = Some(notice.to_string());
                    news.recording_failed |= failed;
                });
            }
        });
    }
    let publishing = Arc::clone(&shared);
    let analysis = Analysis::new(limits)
        .assuming(shared.assumptions)
        .telling_refusals();
    let own_limits = limits.clone();
    let reading = thread::spawn(move || {
        let (limits, shared) = (&own_limits, &publishing);
        reporter.begin_capture(&shared.name);
        let finished = publish_and_tell(&mut source, analysis, limits, shared, &mut reporter)?;
        end_reports(reporter, &finished)
    });
    // A signal ends it as a key does.
    let look = Options {
        outside: Some(OUTSIDE),
        ..options
    };
    let shown = show(&shared, look);
    stopper.stop();
    // It does not panic.
    let written = reading.join().unwrap_or(Ok(None));
    let left = shown?;
    written?;
    let mut code = ExitCode::SUCCESS;
    if let Some(last) = shared.take() {
        write_counts(&last.session);
        if let SourceState::Failed(why) = &last.state {
            eprintln!("corshark: {}", printable(why));
            code = ExitCode::from(CAPTURE_ERROR);
        }
        if last.recording_failed {
            if let Some(notice) = &last.notice {
                eprintln!("corshark: {}", printable(notice));
            }
            code = ExitCode::from(CAPTURE_ERROR);
        }
    }
    if let Left::Capture(interface) = left {
        code = capture_on(&interface, options, shared.assumptions, capture);
    }
    Ok(code)
}
