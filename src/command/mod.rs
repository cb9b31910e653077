//! What each command does, a file a command: plain options in, an exit code out.

mod destination;
pub mod explain;
#[cfg(all(feature = "live", unix))]
pub mod interfaces;
#[cfg(all(feature = "live", unix))]
pub mod live;
#[cfg(all(feature = "live", unix))]
mod permission;
pub mod report;
#[cfg(feature = "tui")]
pub mod view;
