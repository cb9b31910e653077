//! `corshark FILE`: the screens on a terminal; where there is none, the report.

use std::io::{self, IsTerminal as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;

use crate::analysis::Analysis;
use crate::capture::SaveFile;
use crate::cli::{ReportArgs, ViewArgs};
use crate::command::report::{INPUT_ERROR, report};
use crate::limits::Limits;
use crate::run::publish;
use crate::session::{SharedSession, SourceKind};
use crate::tui::{Options, show};
use crate::wire_text::printable;

/// Opens the capture on the terminal, or reports on it.
pub fn view(args: &ReportArgs, look: &ViewArgs) -> io::Result<ExitCode> {
    let [file] = args.files.as_slice() else {
        return report(args);
    };
    if !args.suits_screens() || !io::stdout().is_terminal() {
        return report(args);
    }
    let limits = Limits::default();
    let mut source = match SaveFile::open(file, &limits) {
        Ok(source) => source,
        Err(error) => {
            eprintln!("corshark: {}: {error}", printable(&file.to_string_lossy()));
            return Ok(ExitCode::from(INPUT_ERROR));
        }
    };
    let analysis = Analysis::new(&limits).assuming(args.assumptions());
    let shared = Arc::new(session_of(file));
    let publishing = Arc::clone(&shared);
    // Nobody waits for it: it holds nothing that outlives the program.
    thread::spawn(move || publish(&mut source, analysis, &limits, &publishing));
    show_session(&shared, look.options(args.output.colour()))
}

fn session_of(file: &Path) -> SharedSession {
    if file.as_os_str() == "-" {
        return SharedSession::new("standard input", SourceKind::Stdin);
    }
    SharedSession::new(file.to_string_lossy(), SourceKind::File)
}

/// Shows a session until its user leaves.
fn show_session(shared: &SharedSession, options: Options) -> io::Result<ExitCode> {
    let signal = show(shared, options)?;
    shared.stop();
    #[cfg(unix)]
    if let Some(signal) = signal {
        // As if the signal had not been caught: the caller sees what ended the program.
        signal_hook::low_level::emulate_default_handler(signal)?;
    }
    Ok(ExitCode::SUCCESS)
}
