//! `corshark FILE`: the screens on a terminal; where there is none, the report.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;

use crate::analysis::Analysis;
use crate::capture::store::FrameStore;
use crate::capture::{CaptureError, FrameSource, Waiting};
use crate::cli::{ReportArgs, ViewArgs};
use crate::command::report::{INPUT_ERROR, report};
use crate::limits::Limits;
use crate::run::publish;
use crate::session::{SharedSession, SourceKind};
use crate::tui::terminal::is_usable;
use crate::tui::{Options, show};
use crate::wire_text::printable;

/// Opens the capture on the terminal, or reports on it.
pub fn view(args: &ReportArgs, look: &ViewArgs) -> io::Result<ExitCode> {
    let [file] = args.files.as_slice() else {
        return report(args);
    };
    if !args.suits_screens() || !is_usable() {
        return report(args);
    }
    let limits = Limits::default();
    let (source, store) = match open(file, &limits) {
        Ok(opened) => opened,
        Err(error) => {
            eprintln!("corshark: {}: {error}", printable(&file.to_string_lossy()));
            return Ok(ExitCode::from(INPUT_ERROR));
        }
    };
    let analysis = Analysis::new(&limits).assuming(args.assumptions());
    let shared = Arc::new(session_of(file).with_store(Some(store), args.assumptions()));
    let publishing = Arc::clone(&shared);
    // Nobody waits for it: it holds nothing that outlives the program.
    thread::spawn(move || {
        let mut source = source;
        publish(source.as_mut(), analysis, &limits, &publishing);
    });
    show_session(&shared, look.options(args.output.colour()))
}

type Opened = (Box<dyn FrameSource + Send>, FrameStore);

/// The frames of a capture, and where to read them again. What may be silent is read on a thread of its
/// own.
fn open(file: &Path, limits: &Limits) -> Result<Opened, CaptureError> {
    let input: Box<dyn Read + Send> = if is_stdin(file) {
        Box::new(io::stdin())
    } else if file.metadata()?.is_file() {
        let (source, store) = FrameStore::of_file(file, limits)?;
        return Ok((Box::new(source), store));
    } else {
        Box::new(File::open(file)?)
    };
    let (source, store) = FrameStore::of_input(input, limits)?;
    Ok((Box::new(Waiting::on(source)), store))
}

fn session_of(file: &Path) -> SharedSession {
    if is_stdin(file) {
        return SharedSession::new("standard input", SourceKind::Stdin);
    }
    SharedSession::new(file.to_string_lossy(), SourceKind::File)
}

fn is_stdin(file: &Path) -> bool {
    file.as_os_str() == "-"
}

/// Shows a session until its user leaves.
fn show_session(shared: &Arc<SharedSession>, options: Options) -> io::Result<ExitCode> {
    let signal = show(shared, options)?;
    shared.stop();
    #[cfg(unix)]
    if let Some(signal) = signal {
        // As if the signal had not been caught: the caller sees what ended the program.
        signal_hook::low_level::emulate_default_handler(signal)?;
    }
    Ok(ExitCode::SUCCESS)
}
