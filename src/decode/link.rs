//! The link header of each link type: what stands before the first layer that all networks share.
//!
//! Types and layouts: <https://www.tcpdump.org/linktypes.html>.

use crate::capture::frame::LinkType;
use crate::decode::Unusable;
use crate::decode::layer::{Layer, Unwrapped, after, u16_at};
use crate::decode::wlan;

const NULL: u16 = 0;
pub(super) const ETHERNET: u16 = 1;
const PPP: u16 = 9;
/// `DLT_RAW` as live libpcap handles and some old files have it.
const RAW_BSD: u16 = 12;
const RAW_OPENBSD: u16 = 14;
const PPP_HDLC: u16 = 50;
const PPP_ETHER: u16 = 51;
const RAW: u16 = 101;
const C_HDLC: u16 = 104;
const IEEE802_11: u16 = 105;
const LOOP: u16 = 108;
const ENC: u16 = 109;
const LINUX_SLL: u16 = 113;
const IEEE802_11_PRISM: u16 = 119;
const IEEE802_11_RADIOTAP: u16 = 127;
const IEEE802_11_AVS: u16 = 163;
const PPP_PPPD: u16 = 166;
const PPI: u16 = 192;
const PPP_WITH_DIR: u16 = 204;
const MPLS: u16 = 219;
const IPV4: u16 = 228;
const IPV6: u16 = 229;
const NFLOG: u16 = 239;
const PKTAP: u16 = 258;
const LINUX_SLL2: u16 = 276;

/// Takes the link header off.
pub(super) fn unwrap(link_type: LinkType, bytes: &[u8]) -> Result<Unwrapped<'_>, Unusable> {
    match link_type.0 {
        ETHERNET => Ok((Layer::Ethernet, bytes)),
        LINUX_SLL => Ok((cooked(u16_at(bytes, 14)?), after(bytes, 16)?)),
        LINUX_SLL2 => Ok((cooked(u16_at(bytes, 0)?), after(bytes, 20)?)),
        // A 4-byte address family, in the byte order of the capturing machine (NULL) or of the
        // network (LOOP); the version nibble of the IP header says the same.
        NULL | LOOP => ip(after(bytes, 4)?),
        RAW | RAW_BSD | RAW_OPENBSD | IPV4 | IPV6 => ip(bytes),
        PPP | PPP_HDLC => Ok((Layer::Ppp, bytes)),
        // Which way it went, in one byte.
        PPP_PPPD | PPP_WITH_DIR => Ok((Layer::Ppp, after(bytes, 1)?)),
        PPP_ETHER => Ok((Layer::PPPOE, bytes)),
        // Address, control, EtherType: the header of Cisco routers.
        C_HDLC => Ok((Layer::EtherType(u16_at(bytes, 2)?), after(bytes, 4)?)),
        MPLS => Ok((Layer::MPLS, bytes)),
        // Address family, SPI and flags of OpenBSD's enc(4).
        ENC => ip(after(bytes, 12)?),
        NFLOG => nflog(bytes),
        IEEE802_11 => wlan::data(bytes, false),
        IEEE802_11_RADIOTAP => wlan::radiotap(bytes),
        IEEE802_11_PRISM => wlan::data(after(bytes, 144)?, false),
        IEEE802_11_AVS => {
            let length = usize::from(u16_at(bytes, 6)?);
            wlan::data(after(bytes, length)?, false)
        }
        PPI => {
            let [_, _, a, b, link, upper, ..] = *bytes else {
                return Err(Unusable::CutInHeader);
            };
            let length = usize::from(u16::from_le_bytes([a, b]));
            inner(u16::from_le_bytes([link, upper]), after(bytes, length)?)
        }
        PKTAP => {
            // Written by macOS, on machines that are little-endian.
            let [a, b, _, _, _, _, _, _, link, upper, ..] = *bytes else {
                return Err(Unusable::CutInHeader);
            };
            let length = usize::from(u16::from_le_bytes([a, b]));
            inner(u16::from_le_bytes([link, upper]), after(bytes, length)?)
        }
        _ => Err(Unusable::LinkType),
    }
}

/// The frame within a frame of one of the types that say its link type themselves.
fn inner(link_type: u16, bytes: &[u8]) -> Result<Unwrapped<'_>, Unusable> {
    match link_type {
        PPI | PKTAP => Err(Unusable::Malformed),
        _ => unwrap(LinkType(link_type), bytes),
    }
}

fn ip(bytes: &[u8]) -> Result<Unwrapped<'_>, Unusable> {
    match bytes.first().map(|b| b >> 4) {
        Some(4 | 6) => Ok((Layer::Ip, bytes)),
        Some(_) => Err(Unusable::NotIp),
        None => Err(Unusable::CutInHeader),
    }
}

/// What the protocol field of a Linux cooked header stands for.
fn cooked(protocol: u16) -> Layer {
    const LLC: u16 = 4;
    if protocol == LLC {
        Layer::Llc
    } else {
        Layer::EtherType(protocol)
    }
}

/// Linux' netfilter log: a header, then fields, one of which is the packet.
fn nflog(bytes: &[u8]) -> Result<Unwrapped<'_>, Unusable> {
    const PAYLOAD: u16 = 9;
    let mut fields = after(bytes, 4)?;
    while let [a, b, c, d, ..] = *fields {
        // In the byte order of the machine, which nothing tells: a length is less than 64 KiB, a
        // type less than 256.
        let (length, kind) = if d == 0 {
            (u16::from_le_bytes([a, b]), u16::from(c))
        } else {
            (u16::from_be_bytes([a, b]), u16::from(d))
        };
        let length = usize::from(length);
        if length < 4 {
            return Err(Unusable::Malformed);
        }
        if kind == PAYLOAD {
            let end = length.min(fields.len());
            return ip(fields.get(4..end).unwrap_or_default());
        }
        fields = after(fields, length.next_multiple_of(4))?;
    }
    Err(Unusable::CutInHeader)
}
