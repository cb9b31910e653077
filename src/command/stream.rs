//! A capture that goes on → lines on standard output, and what happens to it on standard error.

use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::thread::{self, JoinHandle};

use crate::analysis::Analysis;
use crate::capture::live::{Live, Notice, OpenError};
use crate::cli::{StreamArgs, Wanted};
use crate::command::permission;
use crate::command::report::{keep, open};
use crate::limits::Limits;
use crate::report::{Destination, Format, Reporter, Scope};
use crate::run::{Finished, run};
use crate::session::{Session, counted};
use crate::system::rights::Rights;
use crate::wire_text::printable;

/// Exit code for a wrong command line, as clap has it.
pub(super) const USAGE_ERROR: u8 = 2;

/// Exit code where there is nothing to capture from, or what was captured cannot be kept.
pub(super) const CAPTURE_ERROR: u8 = 3;

/// How a capture ended.
pub(super) struct Outcome {
    #[cfg_attr(
        not(target_os = "linux"),
        expect(dead_code, reason = "what is said after a command's end")
    )]
    pub(super) session: Session,
    /// Neither the capture nor the recording failed.
    pub(super) is_whole: bool,
}

/// Reports on a capture until it ends; the error is one of writing.
pub(super) fn stream(
    mut source: Live,
    name: &str,
    args: &StreamArgs,
    mut reporter: Reporter<Destination>,
    limits: &Limits,
) -> io::Result<Outcome> {
    let notices = Notices::tell(source.take_notices());
    reporter.begin_capture(name);
    let analysis = Analysis::new(limits)
        .assuming(args.assumptions())
        .telling_refusals();
    let finished = run(
        &mut source,
        analysis,
        &mut reporter,
        &AtomicBool::new(false),
    )?;
    let damage = end_reports(reporter, &finished)?;
    let is_recorded = notices.end();
    if args.format() == Format::NdJson {
        write_counts(&finished.session);
    }
    if let Some(damage) = &damage {
        eprintln!("corshark: {}", printable(damage));
    }
    Ok(Outcome {
        session: finished.session,
        is_whole: damage.is_none() && is_recorded,
    })
}

/// What is to be written of a capture that goes on: lines on standard output, unless the screens show it, and
/// files at its end. The error is one of opening them.
pub(super) fn reporter(
    args: &StreamArgs,
    scope: Scope,
    files: &[Wanted],
    with_lines: bool,
    limits: &Limits,
) -> io::Result<Reporter<Destination>> {
    let lines = Wanted {
        format: args.format(),
        look: args.look(),
        file: None,
    };
    let lines = with_lines.then_some(lines);
    let wanted: Vec<Wanted> = lines.into_iter().chain(files.iter().cloned()).collect();
    let outputs = open(&wanted, args.files.force, true)?;
    Ok(Reporter::new(scope, outputs).within(limits.report_bytes))
}

/// Writes what comes at the end of a capture; gives what ended it early.
pub(super) fn end_reports(
    mut reporter: Reporter<Destination>,
    finished: &Finished,
) -> io::Result<Option<String>> {
    let damage = finished.damage.as_ref().map(ToString::to_string);
    reporter.end_capture(&finished.session, damage.clone(), &[])?;
    let left_out = reporter.left_out();
    keep(reporter)?;
    if left_out > 0 {
        let left_out = counted(left_out, "transaction");
        eprintln!(
            "corshark: the files lack the first {left_out}, as there were so many; -w FILE records \
             everything, for corshark report"
        );
    }
    Ok(damage)
}

pub(super) fn refuse(message: &str, code: u8) -> ExitCode {
    eprintln!("corshark: {}", printable(message));
    ExitCode::from(code)
}

/// Says why an interface cannot be captured on, and what to do.
pub(super) fn refuse_to_open(error: &OpenError) -> ExitCode {
    match error {
        OpenError::NotPermitted { interface, words } => {
            let rights = Rights::of_this_process();
            eprint!("{}", permission::text(&rights, interface, words));
            ExitCode::from(CAPTURE_ERROR)
        }
        OpenError::Filter { .. } => refuse(&error.to_string(), USAGE_ERROR),
        _ => refuse(&error.to_string(), CAPTURE_ERROR),
    }
}

/// The final counts, for whoever does not read a summary.
pub(super) fn write_counts(session: &Session) {
    let verdicts = &session.verdicts;
    eprintln!(
        "corshark: {} of {}: {} pass, {} fail, {} unknown, {} not CORS",
        counted(verdicts.total(), "transaction"),
        counted(session.stats.frames.frames, "frame"),
        verdicts.pass,
        verdicts.fail,
        verdicts.unknown,
        verdicts.not_cors
    );
    if let Some(why) = session.why_nothing() {
        eprintln!("corshark: {why}");
    }
    for loss in session.losses() {
        eprintln!("corshark: {loss}");
    }
}

/// A thread that says on standard error what happens to a capture.
struct Notices {
    thread: Option<JoinHandle<()>>,
    recording_failed: Arc<AtomicBool>,
}

impl Notices {
    fn tell(notices: Option<Receiver<Notice>>) -> Self {
        let recording_failed = Arc::new(AtomicBool::new(false));
        let failed = Arc::clone(&recording_failed);
        let tell = move |notices: Receiver<Notice>| {
            for notice in notices {
                if matches!(notice, Notice::RecordingEnded(_)) {
                    failed.store(true, Ordering::Relaxed);
                }
                eprintln!("corshark: {}", printable(&notice.to_string()));
            }
        };
        Self {
            thread: notices.map(|notices| thread::spawn(move || tell(notices))),
            recording_failed,
        }
    }

    /// Waits for the last notice; says whether the recording is whole.
    fn end(self) -> bool {
        if let Some(thread) = self.thread {
            // It does not panic.
            let _ = thread.join();
        }
        !self.recording_failed.load(Ordering::Relaxed)
    }
}
