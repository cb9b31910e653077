//! What each command does, a file a command: plain options in, an exit code out.

pub mod check;
#[cfg(all(feature = "live", feature = "tui", unix))]
mod choices;
pub mod diff;
#[cfg(all(feature = "live", unix))]
pub mod doctor;
pub mod explain;
pub mod export;
pub mod generate;
#[cfg(all(feature = "live", unix))]
pub mod interfaces;
#[cfg(all(feature = "live", unix))]
pub mod live;
#[cfg(all(feature = "live", feature = "tui", unix))]
mod outside;
#[cfg(all(feature = "live", unix))]
mod permission;
mod progress;
mod reading;
pub mod report;
#[cfg(all(feature = "live", target_os = "linux"))]
pub mod run;
#[cfg(all(feature = "live", feature = "tui", unix))]
mod screens;
#[cfg(all(feature = "live", feature = "tui", unix))]
pub mod start;
#[cfg(all(feature = "live", unix))]
mod stream;
#[cfg(feature = "tui")]
pub mod view;
