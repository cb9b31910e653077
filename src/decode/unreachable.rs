//! ICMP messages that say of a TCP segment that it did not arrive.
//!
//! Read RFC 792 and RFC 4443 §3.1 (destination unreachable): the message quotes the datagram that it is
//! about, at least as far as the ports and the sequence number.

use etherparse::{IpNumber, LaxNetSlice, LaxSlicedPacket, ip_number};

use crate::decode::ip::Addresses;
use crate::decode::layer::after;
use crate::decode::segment::Endpoint;

/// What stands before the quoted datagram.
const HEADER: usize = 8;

/// Says that a TCP segment did not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreachable {
    /// Who sent the segment.
    pub source: Endpoint,
    /// Whom it did not reach.
    pub destination: Endpoint,
    /// Its sequence number.
    pub sequence: u32,
}

/// Reads the payload of a datagram; `None` where it is no such message.
pub(super) fn read(protocol: u8, message: &[u8]) -> Option<Unreachable> {
    let [kind, code, ..] = *message else {
        return None;
    };
    let is_one = match (IpNumber::from(protocol), kind) {
        // Code 4 asks for smaller datagrams only.
        (ip_number::ICMP, 3) => code != 4,
        (ip_number::IPV6_ICMP, 1) => true,
        _ => false,
    };
    if !is_one {
        return None;
    }
    let quoted = LaxSlicedPacket::from_ip(after(message, HEADER).ok()?).ok()?;
    let (addresses, payload) = match &quoted.net {
        Some(LaxNetSlice::Ipv4(ip)) => {
            let header = ip.header();
            let addresses = Addresses::V4(header.source(), header.destination());
            (addresses, ip.payload())
        }
        Some(LaxNetSlice::Ipv6(ip)) => {
            let header = ip.header();
            let addresses = Addresses::V6(header.source(), header.destination());
            (addresses, ip.payload())
        }
        _ => return None,
    };
    if payload.ip_number != ip_number::TCP || payload.fragmented {
        return None;
    }
    let &[s1, s2, d1, d2, q1, q2, q3, q4, ..] = payload.payload else {
        return None;
    };
    Some(Unreachable {
        source: addresses.source(u16::from_be_bytes([s1, s2])),
        destination: addresses.destination(u16::from_be_bytes([d1, d2])),
        sequence: u32::from_be_bytes([q1, q2, q3, q4]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An ICMP message that quotes a datagram with this TCP header.
    fn message(kind: u8, code: u8, ipv6: bool, tcp: &[u8]) -> Vec<u8> {
        let mut bytes = vec![kind, code, 0, 0, 0, 0, 0, 0];
        if ipv6 {
            bytes.extend([0x60, 0, 0, 0, 0, 20, 6, 64]);
            bytes.extend([[0xfd; 16], [0xfe; 16]].concat());
        } else {
            bytes.extend([0x45, 0, 0, 40, 0, 1, 0, 0, 64, 6, 0, 0]);
            bytes.extend([10, 0, 0, 1, 10, 0, 0, 2]);
        }
        bytes.extend(tcp);
        bytes
    }

    #[test]
    fn messages_tell_which_segment_did_not_arrive() {
        let tcp = [0x9c, 0x40, 0, 80, 0, 0, 3, 0xe8, 0, 0, 0, 0];
        let v4 = Unreachable {
            source: Endpoint::v4([10, 0, 0, 1], 40_000),
            destination: Endpoint::v4([10, 0, 0, 2], 80),
            sequence: 1000,
        };
        let v6 = Unreachable {
            source: Endpoint::v6([0xfd; 16], 40_000),
            destination: Endpoint::v6([0xfe; 16], 80),
            sequence: 1000,
        };
        for (protocol, kind, code, ipv6, quoted, expected) in [
            (1, 3, 3, false, 12, Some(v4)),
            (1, 3, 1, false, 8, Some(v4)),
            (1, 3, 4, false, 12, None),
            (1, 11, 0, false, 12, None),
            (1, 3, 3, false, 7, None),
            (58, 1, 4, true, 12, Some(v6)),
            (58, 3, 0, true, 12, None),
            (17, 3, 3, false, 12, None),
        ] {
            let message = message(kind, code, ipv6, &tcp[..quoted]);
            assert_eq!(
                read(protocol, &message),
                expected,
                "{protocol} {kind} {code}"
            );
            for cut in 0..message.len().min(28) {
                assert_eq!(read(protocol, &message[..cut]), None, "cut at {cut}");
            }
        }
        let mut udp = message(3, 3, false, &tcp);
        udp[8 + 9] = 17;
        assert_eq!(read(1, &udp), None);
    }
}
