//! `corshark live`: interfaces in, a stream of verdicts out.
//!
//! The order of the steps is what keeps hostile bytes away from rights; see
//! [`system::privileges`](crate::system::privileges).

use std::io::{self, BufWriter};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::thread::{self, JoinHandle};

use crate::analysis::Analysis;
use crate::capture::interfaces::interfaces;
use crate::capture::live::{self, Notice, OpenError};
use crate::capture::recorder::Recorder;
use crate::cli::LiveArgs;
use crate::command::permission;
use crate::limits::Limits;
use crate::report::{Format, Output, Reporter, Scope};
use crate::run::run;
use crate::session::{Session, counted};
use crate::system::privileges::{drop_capabilities, return_to_caller};
use crate::system::rights::Rights;
use crate::system::signals::tell_of_end;
use crate::wire_text::printable;

/// Exit code for a wrong command line, as clap has it.
const USAGE_ERROR: u8 = 2;

/// Exit code where there is nothing to capture from, or what was captured cannot be kept.
const CAPTURE_ERROR: u8 = 3;

/// Captures and reports; the error is one of writing.
pub fn live(args: &LiveArgs) -> io::Result<ExitCode> {
    let filter = match args.filter() {
        Ok(filter) => filter,
        Err(message) => return Ok(refuse(&message, USAGE_ERROR)),
    };
    let options = args.options(&loopback());
    let opened = match live::open(&options) {
        Ok(opened) => opened,
        Err(error) => return Ok(refuse_to_open(&error)),
    };
    return_to_caller()?;
    let recorder = match &args.record {
        Some(path) => match Recorder::create(path, opened.recorded(), args.rotation()) {
            Ok(recorder) => Some(recorder),
            Err(error) => return Ok(refuse(&error.to_string(), CAPTURE_ERROR)),
        },
        None => None,
    };
    drop_capabilities()?;

    let limits = Limits::default();
    let mut source = opened.start(recorder, args.stop_after(), &limits)?;
    tell_of_end(&source.stopper()?.into())?;
    let notices = Notices::tell(source.take_notices());
    let names = options.interfaces.join(", ");
    eprintln!("corshark: listening on {}; Ctrl-C ends", printable(&names));

    let scope = Scope {
        all: args.all,
        live: true,
        filter,
        ..Scope::default()
    };
    let out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let mut reporter = Reporter::new(scope, vec![Output::new(args.format(), args.look(), out)]);
    reporter.begin_capture(&names);
    let analysis = Analysis::new(&limits).assuming(args.assumptions());
    let finished = run(
        &mut source,
        analysis,
        &mut reporter,
        &AtomicBool::new(false),
    )?;
    let damage = finished.damage.map(|damage| damage.to_string());
    reporter.end_capture(&finished.session, damage.clone())?;
    reporter.finish()?;

    let recording_failed = notices.end();
    if args.format() == Format::NdJson {
        write_counts(&finished.session);
    }
    if let Some(damage) = &damage {
        eprintln!("corshark: {}", printable(damage));
    }
    Ok(if damage.is_some() || recording_failed {
        ExitCode::from(CAPTURE_ERROR)
    } else {
        ExitCode::SUCCESS
    })
}

/// What is captured on where nothing is asked for.
pub(super) fn loopback() -> String {
    let interfaces = interfaces().unwrap_or_default();
    let loopback = interfaces
        .into_iter()
        .find(|interface| interface.is_loopback);
    loopback.map_or_else(|| "lo".to_owned(), |interface| interface.name)
}

fn refuse(message: &str, code: u8) -> ExitCode {
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

/// The final counts, for whoever reads the lines and not a summary.
fn write_counts(session: &Session) {
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
pub(super) struct Notices {
    thread: Option<JoinHandle<()>>,
    recording_failed: Arc<AtomicBool>,
}

impl Notices {
    pub(super) fn tell(notices: Option<Receiver<Notice>>) -> Self {
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

    /// Waits for the last notice; says whether the recording failed.
    pub(super) fn end(self) -> bool {
        if let Some(thread) = self.thread {
            // It does not panic.
            let _ = thread.join();
        }
        self.recording_failed.load(Ordering::Relaxed)
    }
}
