//! A TCP segment and its parts.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use crate::capture::frame::{FrameNumber, Timestamp};

/// One end of a connection.
///
/// IPv4 addresses are held in their IPv6-mapped form; two words, as they are compared with every
/// segment.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    high: u64,
    low: u64,
    port: u16,
}

impl Endpoint {
    /// An end with an IPv4 address.
    #[must_use]
    pub fn v4(address: [u8; 4], port: u16) -> Self {
        Self {
            high: 0,
            low: 0xffff << 32 | u64::from(u32::from_be_bytes(address)),
            port,
        }
    }

    /// An end with an IPv6 address.
    #[must_use]
    pub fn v6(address: [u8; 16], port: u16) -> Self {
        Self::from_bits(u128::from_be_bytes(address), port)
    }

    /// An end whose address is this number; an IPv4 address has its IPv6-mapped form.
    #[must_use]
    pub fn from_bits(address: u128, port: u16) -> Self {
        let [high, low] = [address >> 64, address].map(|word| {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the lower word is what is meant"
            )]
            let word = word as u64;
            word
        });
        Self { high, low, port }
    }

    /// The address as a number; an IPv4 address in its IPv6-mapped form.
    #[must_use]
    pub fn bits(self) -> u128 {
        u128::from(self.high) << 64 | u128::from(self.low)
    }

    /// The address as 16 bytes.
    pub(super) fn bytes(self) -> [u8; 16] {
        self.bits().to_be_bytes()
    }

    /// The IP address.
    #[must_use]
    pub fn address(self) -> IpAddr {
        Ipv6Addr::from(self.bits()).to_canonical()
    }

    /// The TCP port.
    #[must_use]
    pub fn port(self) -> u16 {
        self.port
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        SocketAddr::new(self.address(), self.port).fmt(f)
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The control bits of a segment (RFC 9293 §3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TcpFlags(pub u8);

impl TcpFlags {
    /// No more data from the sender.
    #[must_use]
    pub const fn fin(self) -> bool {
        self.0 & 0x01 != 0
    }

    /// Synchronise sequence numbers.
    #[must_use]
    pub const fn syn(self) -> bool {
        self.0 & 0x02 != 0
    }

    /// Reset the connection.
    #[must_use]
    pub const fn rst(self) -> bool {
        self.0 & 0x04 != 0
    }

    /// SYN, and neither ACK nor RST nor FIN: the first segment of a connection.
    #[must_use]
    pub const fn is_first_syn(self) -> bool {
        self.0 & 0x17 == 0x02
    }

    /// SYN and ACK, and neither RST nor FIN: the answer to a first segment.
    #[must_use]
    pub const fn is_syn_ack(self) -> bool {
        self.0 & 0x17 == 0x12
    }

    /// ACK, and neither SYN nor RST nor FIN: nothing begins or ends.
    #[must_use]
    pub const fn is_ack_alone(self) -> bool {
        self.0 & 0x17 == 0x10
    }

    /// The acknowledgement number counts.
    #[must_use]
    pub const fn ack(self) -> bool {
        self.0 & 0x10 != 0
    }
}

/// One TCP segment, borrowed from its frame.
#[derive(Debug, Clone, Copy)]
pub struct Segment<'a> {
    /// The frame that carried it (of several fragments, the last).
    pub frame: FrameNumber,
    /// When that frame was captured.
    pub time: Timestamp,
    /// Who sent it.
    pub source: Endpoint,
    /// To whom.
    pub destination: Endpoint,
    /// Sequence number of the first byte (of the SYN, where there is one).
    pub sequence: u32,
    /// Acknowledgement number; counts where the ACK flag is set.
    pub acknowledgement: u32,
    /// The control bits.
    pub flags: TcpFlags,
    /// The payload bytes that were captured.
    pub payload: &'a [u8],
    /// Payload bytes that were sent beyond those captured: a snap length cut them off.
    pub cut: u32,
    /// What a sender changes with each packet, for telling a copy from a retransmission: the IPv4
    /// identification (0 in IPv6), window and checksum.
    pub marks: u64,
}

/// The [`Segment::marks`] of an identification and the four bytes of window and checksum.
pub(super) fn marks(identification: u16, window_and_checksum: [u8; 4]) -> u64 {
    u64::from(identification) << 32 | u64::from(u32::from_be_bytes(window_and_checksum))
}
