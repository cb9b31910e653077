//! What libpcap can capture on → a list of interfaces.
//!
//! Listing needs no rights, so an interface in the list may still be refused to who wants to capture
//! on it. libpcap sorts by usefulness and puts loopback last; a development server is reached through
//! loopback, so here it comes first.

use std::net::IpAddr;

use pcap::Device;

use crate::capture::CaptureError;
use crate::capture::libpcap;

/// A network interface, or a pseudo-device of libpcap such as `any`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// What it is called when it is opened: `lo`.
    pub name: String,
    /// What the system calls it, where it does.
    pub description: Option<String>,
    /// Its IPv4 and IPv6 addresses.
    pub addresses: Vec<IpAddr>,
    /// Whether it is switched on.
    pub is_up: bool,
    /// Whether it can carry traffic now: a cable is plugged in.
    pub is_running: bool,
    /// Whether it leads back to this machine.
    pub is_loopback: bool,
}

/// The interfaces of this machine, loopback first.
pub fn interfaces() -> Result<Vec<Interface>, CaptureError> {
    // First, for the message that names the remedy.
    libpcap::version()?;
    let devices = Device::list().map_err(|error| CaptureError::Interfaces(error.to_string()))?;
    let mut interfaces: Vec<Interface> = devices.into_iter().map(Interface::from).collect();
    loopback_first(&mut interfaces);
    Ok(interfaces)
}

/// The others stay in libpcap's order.
fn loopback_first(interfaces: &mut [Interface]) {
    interfaces.sort_by_key(|interface| !interface.is_loopback);
}

impl From<Device> for Interface {
    fn from(device: Device) -> Self {
        Self {
            is_up: device.flags.is_up(),
            is_running: device.flags.is_running(),
            is_loopback: device.flags.is_loopback(),
            name: device.name,
            description: device.desc,
            addresses: device
                .addresses
                .into_iter()
                .map(|address| address.addr)
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Interface, loopback_first};

    #[test]
    fn loopback_comes_first_and_the_rest_keeps_its_order() {
        let interface = |name: &str| Interface {
            is_loopback: name == "lo",
            ..Interface::from(pcap::Device::from(name))
        };
        let mut interfaces = ["eth0", "any", "lo", "docker0"].map(interface);
        loopback_first(&mut interfaces);
        let names = interfaces.map(|interface| interface.name);
        assert_eq!(names, ["lo", "eth0", "any", "docker0"]);
    }
}
