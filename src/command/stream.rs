//! A capture that goes on → lines on standard output, and what happens to it on standard error.

use std::io::{self, BufWriter};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::thread::{self, JoinHandle};

use crate::analysis::Analysis;
use crate::capture::live::{Live, Notice, OpenError};
use crate::cli::StreamArgs;
use crate::command::permission;
use crate::limits::Limits;
use crate::report::{Format, Output, Reporter, Scope};
use crate::run::run;
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
    scope: Scope,
    limits: &Limits,
) -> io::Result<Outcome> {
    let notices = Notices::tell(source.take_notices());
    let out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let outputs = vec![Output::new(args.format(), args.look(), out)];
    let mut reporter = Reporter::new(scope, outputs);
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
    let damage = finished.damage.map(|damage| damage.to_string());
    reporter.end_capture(&finished.session, damage.clone())?;
    reporter.finish()?;
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
