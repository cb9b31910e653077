//! `corshark FILE`: the screens on a terminal; where there is none, the report.

use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;

use crate::analysis::Analysis;
use crate::capture::Input;
use crate::cli::{ReportArgs, ViewArgs};
use crate::command::report::{INPUT_ERROR, report};
use crate::limits::Limits;
use crate::run::publish;
use crate::session::{SharedSession, SourceKind};
use crate::tui::terminal::is_usable;
use crate::tui::{Left, Options, show};
use crate::wire_text::printable;

/// Opens the capture on the terminal, or reports on it.
pub fn view(args: &ReportArgs, look: &ViewArgs) -> io::Result<ExitCode> {
    let input = match args.input.inputs().as_deref() {
        Ok([input]) if is_usable() && !args.asks_for_report() => input.clone(),
        _ => return report(args),
    };
    let limits = Limits::default();
    let (mut source, store) = match input.open_stored(&limits) {
        Ok(opened) => opened,
        Err(error) => {
            eprintln!("corshark: {}: {error}", printable(&input.name()));
            return Ok(ExitCode::from(INPUT_ERROR));
        }
    };
    let assumptions = args.input.assumptions();
    let analysis = Analysis::new(&limits).assuming(assumptions);
    let shared = Arc::new(session_of(&input).with_store(Some(store), assumptions));
    let publishing = Arc::clone(&shared);
    // Nobody waits for it: it holds nothing that outlives the program.
    thread::spawn(move || publish(source.as_mut(), analysis, &limits, &publishing));
    show_session(&shared, look.options(args.output.colour()))
}

fn session_of(input: &Input) -> SharedSession {
    match input {
        Input::File(file) if file.as_os_str() == "-" => {
            SharedSession::new("standard input", SourceKind::Stream)
        }
        Input::Growing(_) => SharedSession::new(input.name(), SourceKind::Stream),
        Input::File(_) | Input::Joined(_) => SharedSession::new(input.name(), SourceKind::File),
    }
}

/// Shows a session until its user leaves.
fn show_session(shared: &Arc<SharedSession>, options: Options) -> io::Result<ExitCode> {
    #[cfg(all(feature = "live", unix))]
    let options = Options {
        outside: Some(crate::command::outside::OUTSIDE),
        ..options
    };
    let left = show(shared, options)?;
    shared.stop();
    match left {
        // As if the signal had not been caught: the caller sees what ended the program.
        #[cfg(unix)]
        Left::Signal(signal) => signal_hook::low_level::emulate_default_handler(signal)?,
        #[cfg(all(feature = "live", unix))]
        Left::Capture(interface) => {
            let capture = crate::capture::live::LiveOptions::default();
            let assumptions = shared.assumptions;
            return Ok(crate::command::outside::capture_on(
                &interface,
                options,
                assumptions,
                &capture,
            ));
        }
        _ => {}
    }
    Ok(ExitCode::SUCCESS)
}
