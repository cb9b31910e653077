//! What an IP datagram can carry in place of a TCP segment and still hold one: IP, GRE, VXLAN,
//! Geneve, GTP, MPLS, Ethernet.
//!
//! Read RFC 2003 and 2473 (IP in IP), RFC 2784, 2890 and 2637 (GRE), RFC 7348 (VXLAN), RFC 8926
//! (Geneve), 3GPP TS 29.281 (GTP), RFC 4023 and 7510 (MPLS in IP and UDP), RFC 3378 (`EtherIP`).

use crate::decode::Unusable;
use crate::decode::layer::{Layer, Unwrapped, after, u16_at};

const IPV4: u8 = 4;
pub(super) const UDP: u8 = 17;
const IPV6: u8 = 41;
const GRE: u8 = 47;
const ESP: u8 = 50;
const ETHER_IP: u8 = 97;
const MPLS: u8 = 137;

/// Whether a datagram of this IP protocol can hold a TCP segment deeper down.
pub(super) fn is_tunnel(protocol: u8) -> bool {
    matches!(protocol, IPV4 | UDP | IPV6 | GRE | ETHER_IP | MPLS)
}

/// What the payload of an IP datagram holds.
pub(super) fn unwrap(protocol: u8, payload: &[u8]) -> Result<Unwrapped<'_>, Unusable> {
    match protocol {
        IPV4 | IPV6 => Layer::EtherType(0x0800).unwrap(payload),
        UDP => udp(payload),
        GRE => gre(payload),
        ETHER_IP => Ok((Layer::Ethernet, after(payload, 2)?)),
        MPLS => Ok((Layer::MPLS, payload)),
        ESP => Err(Unusable::Encrypted),
        _ => Err(Unusable::NotTcp),
    }
}

/// Whether UDP to this port is a tunnel.
pub(super) fn is_tunnel_port(port: u16) -> bool {
    matches!(port, 4789 | 4790 | 8472 | 6081 | 2152 | 6635)
}

/// Tunnels over UDP are told by the port to which they are sent.
fn udp(datagram: &[u8]) -> Result<Unwrapped<'_>, Unusable> {
    let port = u16_at(datagram, 2)?;
    // Most UDP is no tunnel, and need not be whole to be told.
    let payload = || after(datagram, 8);
    match port {
        // VXLAN: its own port, and the one that Linux, and so flannel, had before.
        4789 | 4790 | 8472 => vxlan(payload()?),
        6081 => geneve(payload()?),
        2152 => gtp(payload()?),
        6635 => Ok((Layer::MPLS, payload()?)),
        _ => Err(Unusable::NotTcp),
    }
}

fn vxlan(bytes: &[u8]) -> Result<Unwrapped<'_>, Unusable> {
    let [flags, _, _, next, ..] = *bytes else {
        return Err(Unusable::CutInHeader);
    };
    let inner = after(bytes, 8)?;
    match (flags & 0x0c, next) {
        // A network is named, and the generic extension is not used.
        (8, _) | (0x0c, 3) => Ok((Layer::Ethernet, inner)),
        (0x0c, 1 | 2) => Ok((Layer::Ip, inner)),
        _ => Err(Unusable::NotTcp),
    }
}

fn geneve(bytes: &[u8]) -> Result<Unwrapped<'_>, Unusable> {
    let first = *bytes.first().ok_or(Unusable::CutInHeader)?;
    if first >> 6 != 0 {
        return Err(Unusable::NotTcp);
    }
    let options = usize::from(first & 0x3f) * 4;
    Ok((
        Layer::EtherType(u16_at(bytes, 2)?),
        after(bytes, 8 + options)?,
    ))
}

/// What mobile networks carry their users' datagrams in (3GPP TS 29.281 §5.1).
fn gtp(bytes: &[u8]) -> Result<Unwrapped<'_>, Unusable> {
    const USER_DATA: u8 = 255;
    let [flags, USER_DATA, ..] = *bytes else {
        return Err(Unusable::NotTcp);
    };
    if flags >> 4 != 3 {
        return Err(Unusable::NotTcp);
    }
    let has_more = flags.trailing_zeros() < 3;
    let mut length = if has_more { 12 } else { 8 };
    if flags & 4 != 0 {
        // Extension headers: each begins with its length and ends with the type of the next.
        while *bytes.get(length - 1).ok_or(Unusable::CutInHeader)? != 0 {
            let units = *bytes.get(length).ok_or(Unusable::CutInHeader)?;
            if units == 0 {
                return Err(Unusable::Malformed);
            }
            length += usize::from(units) * 4;
        }
    }
    Layer::EtherType(0x0800).unwrap(after(bytes, length)?)
}

fn gre(bytes: &[u8]) -> Result<Unwrapped<'_>, Unusable> {
    const CHECKSUM: u16 = 0x8000;
    const ROUTING: u16 = 0x4000;
    const KEY: u16 = 0x2000;
    const SEQUENCE: u16 = 0x1000;
    const ACKNOWLEDGEMENT: u16 = 0x0080;
    let flags = u16_at(bytes, 0)?;
    let protocol = u16_at(bytes, 2)?;
    let has = |flag| flags & flag != 0;
    let optional = |flag| if has(flag) { 4 } else { 0 };
    let length = 4 + optional(CHECKSUM) + optional(KEY) + optional(SEQUENCE);
    match flags & 7 {
        0 if has(ROUTING) => return Err(Unusable::NotTcp),
        0 => {}
        // The version of PPTP; MikroTik's EoIP looks like it.
        1 if protocol == 0x880b || protocol == 0x6400 => {
            let inner = after(bytes, length + optional(ACKNOWLEDGEMENT))?;
            let eoip = protocol == 0x6400;
            return Ok((if eoip { Layer::Ethernet } else { Layer::Ppp }, inner));
        }
        _ => return Err(Unusable::NotTcp),
    }
    let inner = after(bytes, length)?;
    match protocol {
        // ERSPAN, mirrored frames: type I without a header, type II with one, and type III.
        0x88be if !has(SEQUENCE) => Ok((Layer::Ethernet, inner)),
        0x88be => Ok((Layer::Ethernet, after(inner, 8)?)),
        0x22eb => {
            let more = inner.get(11).ok_or(Unusable::CutInHeader)? & 1 == 1;
            Ok((Layer::Ethernet, after(inner, if more { 20 } else { 12 })?))
        }
        _ => Ok((Layer::EtherType(protocol), inner)),
    }
}
