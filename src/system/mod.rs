//! What the operating system says about this process and its machine, and what it is asked to do:
//! rights, signals, namespaces, listening ports. Nothing here knows of traffic.
//!
//! Only safe wrappers of system calls are used.

#[cfg(target_os = "linux")]
pub mod descendants;
pub mod listening;
#[cfg(target_os = "linux")]
pub mod namespace;
pub mod privileges;
pub mod rights;
pub mod signals;
