//! The link header of each link type: what stands before the IP header.
//!
//! Types and layouts: <https://www.tcpdump.org/linktypes.html>.

use etherparse::{EtherType, LaxSlicedPacket};

use crate::capture::frame::LinkType;
use crate::decode::Unusable;

const NULL: u16 = 0;
pub(super) const ETHERNET: u16 = 1;
/// `DLT_RAW` as live libpcap handles and some old files have it.
const RAW_BSD: u16 = 12;
const RAW_OPENBSD: u16 = 14;
const RAW: u16 = 101;
const LOOP: u16 = 108;
const LINUX_SLL: u16 = 113;
const IPV4: u16 = 228;
const IPV6: u16 = 229;
const LINUX_SLL2: u16 = 276;

/// Slices a frame from its link header down.
pub(super) fn slice(link_type: LinkType, bytes: &[u8]) -> Result<LaxSlicedPacket<'_>, Unusable> {
    match link_type.0 {
        ETHERNET => LaxSlicedPacket::from_ethernet(bytes).map_err(|_| Unusable::CutInHeader),
        LINUX_SLL => from_ether_type(bytes, 14, 16),
        LINUX_SLL2 => from_ether_type(bytes, 0, 20),
        // A 4-byte address family, in the byte order of the capturing machine (NULL) or of the
        // network (LOOP); the version nibble of the IP header says the same.
        NULL | LOOP => from_ip(bytes.get(4..).ok_or(Unusable::CutInHeader)?),
        RAW | RAW_BSD | RAW_OPENBSD | IPV4 | IPV6 => from_ip(bytes),
        _ => Err(Unusable::LinkType),
    }
}

fn from_ether_type(
    bytes: &[u8],
    at: usize,
    header: usize,
) -> Result<LaxSlicedPacket<'_>, Unusable> {
    let ether_type = bytes.get(at..).and_then(<[u8]>::first_chunk);
    match (ether_type, bytes.get(header..)) {
        (Some(ether_type), Some(payload)) => Ok(LaxSlicedPacket::from_ether_type(
            EtherType(u16::from_be_bytes(*ether_type)),
            payload,
        )),
        _ => Err(Unusable::CutInHeader),
    }
}

fn from_ip(bytes: &[u8]) -> Result<LaxSlicedPacket<'_>, Unusable> {
    match bytes.first().map(|b| b >> 4) {
        Some(4 | 6) => LaxSlicedPacket::from_ip(bytes).map_err(|_| Unusable::CutInHeader),
        Some(_) => Err(Unusable::NotIp),
        None => Err(Unusable::CutInHeader),
    }
}
