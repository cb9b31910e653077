//! Signals that ask for the end: the first one is told, the second one ends the program.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;
use signal_hook::low_level::pipe;

/// Writes to `descriptor` when Ctrl-C, SIGTERM or SIGHUP comes; the second time the program ends at
/// once, with the code that shells have for it.
pub fn tell_of_end(descriptor: &OwnedFd) -> io::Result<()> {
    let came = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        // In this order: the first one finds the flag not set.
        flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&came))?;
        flag::register(signal, Arc::clone(&came))?;
        pipe::register(signal, descriptor.try_clone()?)?;
    }
    Ok(())
}
