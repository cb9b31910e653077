//! `corshark run`: a command in a network of its own, whose loopback may be captured without rights.
//!
//! The order of the steps: the namespaces while there is one thread; loopback and the capture while
//! there are rights over them; the command, before anything that it would inherit is given up; and
//! only then is a frame looked at.

use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitCode, ExitStatus};
use std::thread;

use crate::capture::live::{self, LiveOptions, StopAfter, Stopper};
use crate::capture::recorder::{Recorder, Rotation};
use crate::cli::RunArgs;
use crate::command::stream::{CAPTURE_ERROR, USAGE_ERROR, refuse, reporter, stream};
use crate::limits::Limits;
use crate::system::descendants::{adopt, end_all};
use crate::system::namespace::{enter_own_network, switch_on_loopback, what_forbids};
use crate::system::privileges::{drop_capabilities, return_to_caller};
use crate::system::signals::pass_on;

/// Loopback's name on Linux, the one system with network namespaces of this kind.
const LOOPBACK: &str = "lo";

/// Exit codes of shells for a command that cannot be run, and one that is not there.
const CANNOT_RUN: u8 = 126;
const NOT_FOUND: u8 = 127;

/// What to do where a network of one's own is not allowed or not wanted.
const OTHERWISE: &str = "to watch servers that run already, or other machines: sudo corshark live";

/// Runs the command and reports on its traffic; the error is one of writing.
pub fn run_command(args: &RunArgs) -> io::Result<ExitCode> {
    let (scope, files) = match args.stream.asked() {
        Ok(asked) => asked,
        Err(message) => return Ok(refuse(&message, USAGE_ERROR)),
    };
    let entered = enter_own_network().and_then(|()| switch_on_loopback());
    if let Err(error) = entered {
        return Ok(refuse(&not_allowed(&error), CAPTURE_ERROR));
    }
    let options = LiveOptions {
        interfaces: vec![LOOPBACK.to_owned()],
        ..LiveOptions::default()
    };
    let opened = match live::open(&options) {
        Ok(opened) => opened,
        // Some systems allow the namespace, and nothing within it.
        Err(live::OpenError::NotPermitted { words, .. }) => {
            let error = io::Error::new(io::ErrorKind::PermissionDenied, words);
            return Ok(refuse(&not_allowed(&error), CAPTURE_ERROR));
        }
        Err(error) => return Ok(refuse(&error.to_string(), CAPTURE_ERROR)),
    };
    return_to_caller()?;
    let recorder = match &args.record {
        Some(path) => match Recorder::create(path, opened.recorded(), Rotation::default()) {
            Ok(recorder) => Some(recorder),
            Err(error) => return Ok(refuse(&error.to_string(), CAPTURE_ERROR)),
        },
        None => None,
    };
    let limits = Limits::default();
    let reporter = reporter(&args.stream, scope, &files, true, &limits)?;
    adopt()?;
    eprintln!(
        "corshark: the command has a network of its own: it reaches neither other machines nor \
         servers that run already"
    );
    let child = match start(args) {
        Ok(child) => child,
        Err(error) => {
            let name = args.command.first().map(|name| name.to_string_lossy());
            let message = format!("{}: {error}", name.unwrap_or_default());
            let is_missing = error.kind() == io::ErrorKind::NotFound;
            let code = if is_missing { NOT_FOUND } else { CANNOT_RUN };
            return Ok(refuse(&message, code));
        }
    };
    drop_capabilities()?;

    pass_on(child.id())?;
    let source = opened.start(recorder, StopAfter::default(), &limits)?;
    let stopper = source.stopper()?;
    let waiting = thread::spawn(move || wait(child, &stopper));
    let outcome = stream(source, LOOPBACK, &args.stream, reporter, &limits)?;
    if outcome.session.verdicts.total() == 0 {
        eprintln!(
            "corshark: only what the command does on its own loopback is seen. Start the server \
             inside it too: corshark run -- sh -c 'server & client'; {OTHERWISE}"
        );
    }
    let status = waiting.join().map_err(|_| io::ErrorKind::Other)??;
    Ok(match code_of(status) {
        0 if !outcome.is_whole => ExitCode::from(CAPTURE_ERROR),
        code => ExitCode::from(code),
    })
}

fn start(args: &RunArgs) -> io::Result<Child> {
    let mut words = args.command.iter();
    let name = words.next().ok_or(io::ErrorKind::NotFound)?;
    // Standard output is for the report alone.
    Command::new(name).args(words).stdout(io::stderr()).spawn()
}

/// Waits for the command's end, ends the capture and then what the command left running.
fn wait(mut child: Child, stopper: &Stopper) -> io::Result<ExitStatus> {
    let status = child.wait();
    stopper.stop();
    end_all();
    status
}

/// The exit code that stands for a command's end, as shells have it.
fn code_of(status: ExitStatus) -> u8 {
    let code = status.code();
    let code = code.or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

fn not_allowed(error: &io::Error) -> String {
    // The system's own words for a sysctl of 0 are that the disk is full.
    let why = what_forbids().map_or_else(
        || format!("user namespaces are not allowed here, as in many containers ({error})"),
        str::to_owned,
    );
    format!("no network of its own for the command: {why}; {OTHERWISE}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_passed_on_and_signals_counted_from_128() {
        for (wait_status, code) in [(0, 0), (3 << 8, 3), (255 << 8, 255), (9, 137), (15, 143)] {
            assert_eq!(code_of(ExitStatus::from_raw(wait_status)), code);
        }
    }
}
