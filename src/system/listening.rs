//! Which TCP ports of this machine are listened on, and where they can be reached.
//!
//! Read from `/proc/net/tcp` and `tcp6`, which need no rights; other systems have no such file, and
//! the list is empty there.
//!
//! To have read: `proc_net(5)`.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A port that somebody listens on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listener {
    /// The port.
    pub port: u16,
    /// The address; unspecified where any of the machine's will do.
    pub address: IpAddr,
}

impl Listener {
    /// Whether a connection to one of these addresses reaches it.
    #[must_use]
    pub fn is_reached_by(&self, addresses: &[IpAddr]) -> bool {
        let is_v4 = |address: &IpAddr| address.is_ipv4();
        addresses.iter().any(|address| {
            *address == self.address
                || (self.address.is_unspecified()
                    // `::` takes IPv4 too, unless a program asks for the contrary.
                    && (!is_v4(&self.address) || is_v4(address)))
                // All of 127.0.0.0/8 is this machine, though only 127.0.0.1 is listed.
                || (self.address.is_loopback() && address.is_loopback()
                    && is_v4(&self.address) == is_v4(address))
        })
    }
}

/// Ports of services that speak no HTTP, as a machine of a developer has them.
const NOT_HTTP: [u16; 13] = [
    1433, 1521, 1883, 2049, 3306, 3389, 5432, 5672, 5900, 6379, 9092, 11211, 27017,
];

/// The first of the ports that the system gives out by itself, as Linux has it.
const FIRST_EPHEMERAL: u16 = 32_768;

/// Whether a port may be that of a development server.
#[must_use]
pub fn is_dev_port(port: u16) -> bool {
    let is_named = port == 80 || (1024..FIRST_EPHEMERAL).contains(&port);
    is_named && !NOT_HTTP.contains(&port)
}

/// All listeners, by port.
#[must_use]
pub fn listeners() -> Vec<Listener> {
    let mut found = Vec::new();
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        let table = fs::read_to_string(table).unwrap_or_default();
        found.extend(table.lines().filter_map(listener_of));
    }
    found.sort();
    found.dedup();
    found
}

/// `0: 0100007F:1F90 00000000:0000 0A …` → 127.0.0.1:8080.
fn listener_of(line: &str) -> Option<Listener> {
    const LISTEN: &str = "0A";
    let mut columns = line.split_whitespace().skip(1);
    let local = columns.next()?;
    if columns.nth(1)? != LISTEN {
        return None;
    }
    let (address, port) = local.split_once(':')?;
    Some(Listener {
        port: u16::from_str_radix(port, 16).ok()?,
        address: address_of(address)?,
    })
}

/// Addresses are printed as 32-bit words of the machine, whose bytes are in network order.
fn address_of(digits: &str) -> Option<IpAddr> {
    let word = |at: usize| {
        let word = digits.get(at * 8..at * 8 + 8)?;
        Some(u32::from_str_radix(word, 16).ok()?.to_ne_bytes())
    };
    if digits.len() == 8 {
        return Some(Ipv4Addr::from(word(0)?).into());
    }
    let words = [word(0)?, word(1)?, word(2)?, word(3)?];
    let bytes: [u8; 16] = words.concat().try_into().ok()?;
    let address = Ipv6Addr::from(bytes);
    Some(address.to_ipv4_mapped().map_or(address.into(), IpAddr::V4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_endian = "little")]
    fn listening_sockets_are_read_and_others_are_not() {
        for (line, expected) in [
            (
                "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000",
                Some(("127.0.0.1", 8080)),
            ),
            (
                "   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0",
                Some(("0.0.0.0", 80)),
            ),
            (
                "   2: 00000000000000000000000001000000:1435 00000000000000000000000000000000:0000 0A 0",
                Some(("::1", 5173)),
            ),
            (
                "   3: 0000000000000000FFFF00000100007F:0BB8 00000000000000000000000000000000:0000 0A 0",
                Some(("127.0.0.1", 3000)),
            ),
            (
                "   4: 0100007F:1F90 0100007F:A000 01 00000000:00000000 00:00000000 00000000  1000",
                None,
            ),
            (
                "  sl  local_address rem_address   st tx_queue rx_queue",
                None,
            ),
            ("   5: 0100007F:XYZ 00000000:0000 0A", None),
            ("", None),
        ] {
            let expected = expected.map(|(address, port)| Listener {
                port,
                address: address.parse().unwrap(),
            });
            assert_eq!(listener_of(line), expected, "{line}");
        }
    }

    #[test]
    fn a_listener_is_reached_by_the_addresses_that_lead_to_it() {
        for (listens_on, address, reached) in [
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.53", "127.0.0.1", true),
            ("127.0.0.1", "10.0.0.2", false),
            ("127.0.0.1", "::1", false),
            ("0.0.0.0", "10.0.0.2", true),
            ("0.0.0.0", "fe80::1", false),
            ("::", "10.0.0.2", true),
            ("::", "fe80::1", true),
            ("10.0.0.2", "10.0.0.2", true),
        ] {
            let listener = Listener {
                port: 3000,
                address: listens_on.parse().unwrap(),
            };
            let addresses = [address.parse().unwrap()];
            assert_eq!(
                listener.is_reached_by(&addresses),
                reached,
                "{listens_on} by {address}"
            );
        }
    }

    #[test]
    fn databases_and_system_services_are_not_development_servers() {
        for port in [80, 3000, 4200, 5173, 8000, 8080, 8081] {
            assert!(is_dev_port(port), "{port}");
        }
        for port in [22, 53, 443, 631, 5432, 6379, 40_000] {
            assert!(!is_dev_port(port), "{port}");
        }
    }
}
