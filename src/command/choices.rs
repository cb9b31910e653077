//! Interfaces to choose from: those that a page's requests may pass, loopback first, with the servers that listen there.

use std::net::IpAddr;

use crate::capture::interfaces::{Interface, interfaces};
use crate::capture::live::ANY;
use crate::command::interfaces::dev_ports;
use crate::system::listening::{Listener, listeners};
use crate::tui::picker::Choice;

/// The interfaces of use, each as a choice; the error says why there is none.
pub(super) fn offered() -> Result<Vec<(Interface, Choice)>, String> {
    let mut interfaces = interfaces().map_err(|error| error.to_string())?;
    interfaces.retain(is_of_use);
    if interfaces.is_empty() {
        return Err("no interface to capture on is up".to_owned());
    }
    let listeners = listeners();
    let offered = interfaces.into_iter().map(|interface| {
        let choice = choice(&interface, &listeners);
        (interface, choice)
    });
    Ok(offered.collect())
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
        refused: None,
    }
}
