//! Signals that ask for the end: of a capture, or of a command that runs meanwhile.

use std::io::{self, Read as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;

use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;
use signal_hook::low_level::pipe;

/// A flag that Ctrl-C, SIGTERM or SIGHUP sets; the second time the program ends at once.
pub fn flag_of_end() -> io::Result<Arc<AtomicBool>> {
    let came = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        // In this order: the first one finds the flag not set.
        flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&came))?;
        flag::register(signal, Arc::clone(&came))?;
    }
    Ok(came)
}

/// Writes to `descriptor` when Ctrl-C, SIGTERM or SIGHUP comes; the second time the program ends at
/// once, with the code that shells have for it.
pub fn tell_of_end(descriptor: &OwnedFd) -> io::Result<()> {
    flag_of_end()?;
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        pipe::register(signal, descriptor.try_clone()?)?;
    }
    Ok(())
}

/// Leaves the end to a command: SIGTERM and SIGHUP are passed on to it.
///
/// Ctrl-C reaches the command without that, as it goes to all programs in the foreground.
pub fn pass_on(process: u32) -> io::Result<()> {
    flag::register(SIGINT, Arc::default())?;
    let process = i32::try_from(process).ok().and_then(Pid::from_raw);
    let process = process.ok_or(io::ErrorKind::InvalidInput)?;
    let (mut came, tell) = UnixStream::pair()?;
    for signal in [SIGTERM, SIGHUP] {
        pipe::register(signal, OwnedFd::from(tell.try_clone()?))?;
    }
    thread::spawn(move || {
        while came.read_exact(&mut [0]).is_ok() {
            // It may have ended meanwhile.
            let _ = kill_process(process, Signal::TERM);
        }
    });
    Ok(())
}
