//! `corshark` alone, on a terminal: where to capture is chosen, and then shown.

use std::io;
use std::net::IpAddr;
use std::process::ExitCode;

use crate::capture::interfaces::{Interface, interfaces};
use crate::capture::live::{self, ANY, LiveOptions, OpenError, StopAfter, may_capture};
use crate::cli::StartArgs;
use crate::command::interfaces::dev_ports;
use crate::command::screens::{screens, spill, store_of};
use crate::command::stream::{CAPTURE_ERROR, refuse, refuse_to_open};
use crate::limits::Limits;
use crate::report::{Reporter, Scope};
use crate::session::{SharedSession, SourceKind};
use crate::system::listening::{Listener, listeners};
use crate::system::privileges::{drop_capabilities, return_to_caller};
use crate::tui::picker::{Choice, Picked, pick};

/// Lets the user choose an interface and shows its traffic; the error is one of the terminal.
pub fn start(args: StartArgs) -> io::Result<ExitCode> {
    let mut interfaces = match interfaces() {
        Ok(interfaces) => interfaces,
        Err(error) => return Ok(refuse(&error.to_string(), CAPTURE_ERROR)),
    };
    interfaces.retain(is_of_use);
    let Some(first) = interfaces.first() else {
        return Ok(refuse("no interface to capture on is up", CAPTURE_ERROR));
    };
    // Before any screen: who may not capture is to read why, and what to do.
    if let Err(error @ OpenError::NotPermitted { .. }) = may_capture(&first.name) {
        return Ok(refuse_to_open(&error));
    }
    let listeners = listeners();
    let choices = interfaces.iter().map(|i| choice(i, &listeners)).collect();
    let chosen = match pick(choices, args.look)? {
        Picked::Choice(at) => interfaces.get(at),
        Picked::None => None,
        Picked::Signal(signal) => {
            // As if the signal had not been caught: the caller sees what ended the program.
            signal_hook::low_level::emulate_default_handler(signal)?;
            None
        }
    };
    let Some(interface) = chosen else {
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
    screens(
        source,
        shared,
        args.look,
        Reporter::new(Scope::default(), Vec::new()),
        &limits,
    )
}

/// Whether a page's requests may pass an interface: not so for buses, logs, and what is down.
fn is_of_use(interface: &Interface) -> bool {
    interface.is_up && (interface.name == ANY || !interface.addresses.is_empty())
}

fn choice(interface: &Interface, listeners: &[Listener]) -> Choice {
    let kind = match interface {
        Interface {
            is_loopback: true, ..
        } => Some("loopback"),
        Interface { name, .. } if name == ANY => Some("all interfaces"),
        Interface {
            is_running: false, ..
        } => Some("no carrier"),
        _ => None,
    };
    let addresses = interface.addresses.iter().map(IpAddr::to_string);
    let about: Vec<String> = kind
        .map(str::to_owned)
        .into_iter()
        .chain(addresses)
        .collect();
    let ports = dev_ports(interface, listeners);
    let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
    Choice {
        name: interface.name.clone(),
        about: about.join(" "),
        note: if ports.is_empty() {
            String::new()
        } else {
            format!("listening: {}", ports.join(" "))
        },
    }
}
