//! `corshark` alone, on a terminal: where to capture is chosen, and then shown.

use std::io;
use std::process::ExitCode;

use crate::capture::live::{self, LiveOptions, OpenError, StopAfter, may_capture};
use crate::cli::StartArgs;
use crate::command::choices::offered;
use crate::command::screens::{screens, spill, store_of};
use crate::command::stream::{CAPTURE_ERROR, refuse, refuse_to_open};
use crate::limits::Limits;
use crate::report::{Reporter, Scope};
use crate::session::{SharedSession, SourceKind};
use crate::system::privileges::{drop_capabilities, return_to_caller};
use crate::tui::picker::{Picked, pick};

/// Lets the user choose an interface and shows its traffic; the error is one of the terminal.
pub fn start(args: StartArgs) -> io::Result<ExitCode> {
    let offered = match offered() {
        Ok(offered) => offered,
        Err(why) => return Ok(refuse(&why, CAPTURE_ERROR)),
    };
    let Some((first, _)) = offered.first() else {
        return Ok(ExitCode::SUCCESS);
    };
    // Before any screen: who may not capture is to read why, and what to do.
    if let Err(error @ OpenError::NotPermitted { .. }) = may_capture(&first.name) {
        return Ok(refuse_to_open(&error));
    }
    let choices = offered.iter().map(|(_, choice)| choice.clone()).collect();
    let chosen = match pick(choices, args.look)? {
        Picked::Choice(at) => offered.get(at),
        Picked::None => None,
        Picked::Signal(signal) => {
            // As if the signal had not been caught: the caller sees what ended the program.
            signal_hook::low_level::emulate_default_handler(signal)?;
            None
        }
    };
    let Some((interface, _)) = chosen else {
        return Ok(ExitCode::SUCCESS);
    };
    let wanted = LiveOptions {
        interfaces: vec![interface.name.clone()],
        ..args.capture
    };
    let opened = match live::open(&wanted) {
        Ok(opened) => opened,
        Err(error) => return Ok(refuse_to_open(&error)),
    };
    return_to_caller()?;
    drop_capabilities()?;
    let limits = Limits::default();
    let recorder = spill(&opened, &limits);
    let store = store_of(recorder.as_ref(), &limits);
    let source = opened.start(recorder, StopAfter::default(), &limits)?;
    let shared = SharedSession::new(interface.name.as_str(), SourceKind::Live)
        .with_store(store, args.assumptions)
        .fleeting(true);
    let reporter = Reporter::new(Scope::default(), Vec::new());
    screens(source, shared, args.look, reporter, &wanted, &limits)
}
