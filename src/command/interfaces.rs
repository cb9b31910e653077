//! `corshark interfaces`: what can be captured on, one line each on standard output.
//!
//! The columns are for people and for `awk`: only the description, the last one, holds spaces.

use std::io::{self, Write};
use std::net::IpAddr;
use std::process::ExitCode;

use crate::capture::interfaces::{Interface, interfaces};
use crate::wire_text::printable;

/// Exit code where libpcap is missing or fails, as for an input that cannot be read.
const CAPTURE_ERROR: u8 = 3;

/// What stands in a column that has nothing to say, so that all lines have as many.
const NOTHING: &str = "-";

/// Lists the interfaces; the error is one of writing.
pub fn interfaces_command() -> io::Result<ExitCode> {
    match interfaces() {
        Ok(interfaces) => {
            if interfaces.is_empty() {
                eprintln!("corshark: 0 interfaces: libpcap finds none on this system");
            }
            write_interfaces(&interfaces, &mut io::stdout().lock())?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            eprintln!("corshark: {}", printable(&error.to_string()));
            Ok(ExitCode::from(CAPTURE_ERROR))
        }
    }
}

fn write_interfaces(interfaces: &[Interface], out: &mut impl Write) -> io::Result<()> {
    let rows: Vec<[String; 4]> = interfaces.iter().map(columns).collect();
    let width = |column: fn(&[String; 4]) -> &String| {
        let widths = rows.iter().map(|row| column(row).chars().count());
        widths.max().unwrap_or_default()
    };
    let names = width(|[name, ..]| name);
    let states = width(|[_, state, ..]| state);
    let addresses = width(|[_, _, addresses, _]| addresses);
    for [name, state, address, description] in &rows {
        writeln!(
            out,
            "{name:names$}  {state:states$}  {address:addresses$}  {description}"
        )?;
    }
    Ok(())
}

fn columns(interface: &Interface) -> [String; 4] {
    let states = [
        (interface.is_up, "up"),
        (interface.is_running, "running"),
        (interface.is_loopback, "loopback"),
    ];
    let states = states.iter().filter(|(holds, _)| *holds);
    let states: Vec<&str> = states.map(|(_, state)| *state).collect();
    let addresses: Vec<String> = interface.addresses.iter().map(IpAddr::to_string).collect();
    let description = interface.description.as_deref().unwrap_or_default();
    [
        printable(&interface.name).into_owned(),
        states.join(","),
        addresses.join(","),
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

    use super::{Interface, write_interfaces};

    #[test]
    fn a_line_names_the_interface_its_state_addresses_and_description() {
        let lo = Interface {
            name: "lo".to_owned(),
            description: None,
            addresses: vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
            is_up: true,
            is_running: true,
            is_loopback: true,
        };
        let nflog = Interface {
            name: "nflog".to_owned(),
            description: Some("Linux netfilter log\n(NFLOG) interface".to_owned()),
            addresses: Vec::new(),
            is_up: false,
            is_running: false,
            is_loopback: false,
        };
        let mut out = Vec::new();
        write_interfaces(&[lo, nflog], &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "lo     up,running,loopback  127.0.0.1,::1  -\n\
             nflog  -                    -              Linux netfilter log\\u{a}(NFLOG) interface\n"
        );
    }
}
