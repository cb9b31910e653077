//! `corshark live`: interfaces in, verdicts out.
//!
//! The order of the steps is what keeps hostile bytes away from rights; see
//! [`system::privileges`](crate::system::privileges).

use std::io;
use std::process::ExitCode;

use crate::capture::interfaces::interfaces;
use crate::capture::live;
use crate::capture::recorder::Recorder;
use crate::cli::LiveArgs;
#[cfg(feature = "tui")]
use crate::command::screens::{screens, spill, store_of};
use crate::command::stream::{
    CAPTURE_ERROR, USAGE_ERROR, refuse, refuse_to_open, reporter, stream,
};
use crate::limits::Limits;
#[cfg(feature = "tui")]
use crate::session::{SharedSession, SourceKind};
use crate::system::privileges::{drop_capabilities, return_to_caller};
use crate::system::signals::tell_of_end;
#[cfg(feature = "tui")]
use crate::tui::terminal::is_usable;
use crate::wire_text::printable;

/// Captures and reports; the error is one of writing.
pub fn live(args: &LiveArgs) -> io::Result<ExitCode> {
    let (scope, files) = match args.stream.asked() {
        Ok(asked) => asked,
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
    let limits = Limits::default();
    #[cfg(feature = "tui")]
    let with_lines = !is_usable() || args.stream.asks_for_lines();
    #[cfg(not(feature = "tui"))]
    let with_lines = true;
    let reporter = reporter(&args.stream, scope, &files, with_lines, &limits)?;
    drop_capabilities()?;

    let names = options.interfaces.join(", ");
    #[cfg(feature = "tui")]
    if !with_lines {
        let recorder = recorder.or_else(|| spill(&opened, &limits));
        let store = store_of(recorder.as_ref(), &limits);
        let source = opened.start(recorder, args.stop_after(), &limits)?;
        let look = args.view.options(args.stream.colour());
        let shared = SharedSession::new(names, SourceKind::Live)
            .with_store(store, args.stream.assumptions())
            .fleeting(args.record.is_none() && files.is_empty());
        return screens(source, shared, look, reporter, &options, &limits);
    }
    let source = opened.start(recorder, args.stop_after(), &limits)?;
    tell_of_end(&source.stopper()?.into())?;
    eprintln!("corshark: listening on {}; Ctrl-C ends", printable(&names));
    let outcome = stream(source, &names, &args.stream, reporter, &limits)?;
    Ok(if outcome.is_whole {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(CAPTURE_ERROR)
    })
}

/// What is captured on where nothing is asked for.
fn loopback() -> String {
    let interfaces = interfaces().unwrap_or_default();
    let loopback = interfaces
        .into_iter()
        .find(|interface| interface.is_loopback);
    loopback.map_or_else(|| "lo".to_owned(), |interface| interface.name)
}
