//! `corshark interfaces`: what can be captured on, one line each on standard output.
//!
//! The columns are for people and for `awk`: only the description, the last one, holds spaces.

use std::io::{self, Write};
use std::net::IpAddr;
use std::process::ExitCode;

use crate::capture::interfaces::{Interface, interfaces};
use crate::capture::live::{OpenError, may_capture};
use crate::system::listening::{Listener, is_dev_port, listeners};
use crate::wire_text::printable;

/// Exit code where libpcap is missing or fails, as for an input that cannot be read.
const CAPTURE_ERROR: u8 = 3;

/// What stands in a column that has nothing to say, so that all lines have as many.
const NOTHING: &str = "-";

/// Name, state, whether it may be captured on, link type, addresses, ports, description.
const COLUMNS: usize = 7;

/// An interface with what else there is to say about it.
struct Row {
    interface: Interface,
    /// Ports of development servers that are reached over it.
    ports: Vec<u16>,
    /// The name of its link type, or why it cannot be captured on.
    opened: Result<String, &'static str>,
}

/// Lists the interfaces; the error is one of writing.
pub fn interfaces_command() -> io::Result<ExitCode> {
    match interfaces() {
        Ok(interfaces) => {
            if interfaces.is_empty() {
                eprintln!("corshark: 0 interfaces: libpcap finds none on this system");
            }
            write_interfaces(interfaces, "", &mut io::stdout().lock())?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            eprintln!("corshark: {}", printable(&error.to_string()));
            Ok(ExitCode::from(CAPTURE_ERROR))
        }
    }
}

/// Writes a line for each interface, behind an indentation.
pub(super) fn write_interfaces(
    interfaces: Vec<Interface>,
    indent: &str,
    out: &mut impl Write,
) -> io::Result<()> {
    let listeners = listeners();
    let rows: Vec<Row> = interfaces
        .into_iter()
        .map(|interface| row(interface, &listeners))
        .collect();
    write_rows(&rows, indent, out)
}

fn row(interface: Interface, listeners: &[Listener]) -> Row {
    let opened = may_capture(&interface.name).map_err(|error| match error {
        OpenError::NotPermitted { .. } => "no-right",
        OpenError::Down { .. } => "down",
        _ => "cannot-capture",
    });
    Row {
        ports: dev_ports(&interface, listeners),
        interface,
        opened,
    }
}

/// The ports of development servers that are reached over an interface.
pub(super) fn dev_ports(interface: &Interface, listeners: &[Listener]) -> Vec<u16> {
    let reached = |listener: &&Listener| {
        is_dev_port(listener.port) && listener.is_reached_by(&interface.addresses)
    };
    let mut ports: Vec<u16> = listeners.iter().filter(reached).map(|l| l.port).collect();
    ports.dedup();
    ports
}

fn write_rows(rows: &[Row], indent: &str, out: &mut impl Write) -> io::Result<()> {
    let rows: Vec<[String; COLUMNS]> = rows.iter().map(columns).collect();
    let mut widths = [0; COLUMNS];
    for row in &rows {
        for (width, column) in widths.iter_mut().zip(row) {
            *width = (*width).max(column.chars().count());
        }
    }
    for row in &rows {
        let padded: Vec<String> = row
            .iter()
            .zip(widths)
            .map(|(column, width)| format!("{column:width$}"))
            .collect();
        writeln!(out, "{indent}{}", padded.join("  ").trim_end())?;
    }
    Ok(())
}

fn columns(row: &Row) -> [String; COLUMNS] {
    let interface = &row.interface;
    let states = [
        (interface.is_up, "up"),
        (interface.is_running, "running"),
        (interface.is_loopback, "loopback"),
    ];
    let states = states.iter().filter(|(holds, _)| *holds);
    let states: Vec<&str> = states.map(|(_, state)| *state).collect();
    let addresses: Vec<String> = interface.addresses.iter().map(IpAddr::to_string).collect();
    let ports: Vec<String> = row.ports.iter().map(u16::to_string).collect();
    let (capture, link_type) = match &row.opened {
        Ok(link_type) => ("may-capture", link_type.as_str()),
        Err(why) => (*why, ""),
    };
    let description = interface.description.as_deref().unwrap_or_default();
    [
        printable(&interface.name).into_owned(),
        states.join(","),
        capture.to_owned(),
        link_type.to_owned(),
        addresses.join(","),
        ports.join(","),
        printable(description).into_owned(),
    ]
    .map(|column| {
        if column.is_empty() {
            NOTHING.to_owned()
        } else {
            column
        }
    })
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    fn loopback() -> Interface {
        Interface {
            name: "lo".to_owned(),
            description: None,
            addresses: vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
            is_up: true,
            is_running: true,
            is_loopback: true,
        }
    }

    #[test]
    fn a_line_says_all_about_an_interface() {
        let lo = Row {
            interface: loopback(),
            ports: vec![3000, 8081],
            opened: Ok("EN10MB".to_owned()),
        };
        let nflog = Row {
            interface: Interface {
                name: "nflog".to_owned(),
                description: Some("Linux netfilter log\n(NFLOG) interface".to_owned()),
                addresses: Vec::new(),
                is_up: false,
                is_running: false,
                is_loopback: false,
            },
            ports: Vec::new(),
            opened: Err("no-right"),
        };
        let mut out = Vec::new();
        write_rows(&[lo, nflog], "", &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "lo     up,running,loopback  may-capture  EN10MB  127.0.0.1,::1  3000,8081  -\n\
             nflog  -                    no-right     -       -              -          \
             Linux netfilter log\\u{a}(NFLOG) interface\n"
        );
    }

    #[test]
    fn ports_are_named_once_and_only_where_they_are_reached() {
        let listener = |address: &str, port| Listener {
            port,
            address: address.parse().unwrap(),
        };
        let listeners = [
            listener("10.0.0.2", 8000),
            listener("0.0.0.0", 8081),
            listener("::", 8081),
            listener("127.0.0.1", 3000),
            listener("127.0.0.1", 5432),
        ];
        let mut sorted = listeners;
        sorted.sort();
        assert_eq!(dev_ports(&loopback(), &sorted), [3000, 8081]);
    }
}
