//! Segments → frames: IP headers, fragments, link headers, times and snap lengths.

use corshark::capture::frame::Timestamp;

use super::conversation::{Segment, Who};

/// What stands before the IP header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    Ethernet,
    Vlan,
    QinQ,
    Sll,
    Sll2,
    Null,
    Loop,
    Raw,
    /// `LINKTYPE_IPV4` or `LINKTYPE_IPV6`.
    Ip,
}

impl Link {
    pub const ALL: [Self; 9] = [
        Self::Ethernet,
        Self::Vlan,
        Self::QinQ,
        Self::Sll,
        Self::Sll2,
        Self::Null,
        Self::Loop,
        Self::Raw,
        Self::Ip,
    ];

    /// Its LINKTYPE number.
    pub const fn number(self, ipv6: bool) -> u16 {
        match self {
            Self::Ethernet | Self::Vlan | Self::QinQ => 1,
            Self::Sll => 113,
            Self::Sll2 => 276,
            Self::Null => 0,
            Self::Loop => 108,
            Self::Raw => 101,
            Self::Ip => {
                if ipv6 {
                    229
                } else {
                    228
                }
            }
        }
    }

    fn header(self, ipv6: bool) -> Vec<u8> {
        let ether_type: [u8; 2] = if ipv6 { [0x86, 0xdd] } else { [0x08, 0x00] };
        let family: u32 = if ipv6 { 30 } else { 2 };
        let addresses = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];
        match self {
            Self::Ethernet => [&addresses[..], &ether_type].concat(),
            Self::Vlan => [&addresses[..], &[0x81, 0, 0, 7], &ether_type].concat(),
            Self::QinQ => {
                let tags = [0x88, 0xa8, 0, 9, 0x81, 0, 0, 7];
                [&addresses[..], &tags, &ether_type].concat()
            }
            Self::Sll => {
                let before = [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0];
                [&before[..], &ether_type].concat()
            }
            Self::Sll2 => {
                let after = [0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0];
                [&ether_type[..], &after].concat()
            }
            Self::Null => family.to_le_bytes().to_vec(),
            Self::Loop => family.to_be_bytes().to_vec(),
            Self::Raw | Self::Ip => Vec::new(),
        }
    }
}

/// One captured frame.
#[derive(Debug, Clone)]
pub struct Record {
    pub time: Timestamp,
    pub link_type: u16,
    pub bytes: Vec<u8>,
    /// Its length before a snap length cut it.
    pub original: usize,
}

/// How the segments of a connection become frames.
#[derive(Debug, Clone)]
pub struct Wire {
    pub link: Link,
    pub ipv6: bool,
    /// IP payload bytes of a fragment (a multiple of 8), where datagrams are fragmented.
    pub fragment: Option<usize>,
    pub snap_length: Option<usize>,
    pub client_port: u16,
    pub server_port: u16,
    /// When the first frame is captured, in microseconds.
    pub start: u64,
    /// Microseconds from one frame to the next.
    pub step: u64,
}

impl Default for Wire {
    fn default() -> Self {
        Self {
            link: Link::Ethernet,
            ipv6: false,
            fragment: None,
            snap_length: None,
            client_port: 40_000,
            server_port: 8080,
            start: 0,
            step: 50,
        }
    }
}

/// Seconds since 1970 of the first frame: 2025-01-01.
const EPOCH: i64 = 1_735_689_600;

pub fn time_of(micros: u64) -> Timestamp {
    let seconds = i64::try_from(micros / 1_000_000).unwrap_or(i64::MAX);
    let nanos = u32::try_from(micros % 1_000_000).unwrap_or(0) * 1000;
    Timestamp::new(EPOCH + seconds, nanos)
}

impl Wire {
    /// A wire on which the client has this port.
    pub fn port(client_port: u16) -> Self {
        Self {
            client_port,
            ..Self::default()
        }
    }

    /// Lays segments into frames.
    pub fn lay(&self, segments: &[Segment]) -> Vec<Record> {
        let mut records = Vec::new();
        for (number, segment) in segments.iter().enumerate() {
            for datagram in self.datagrams(segment, number) {
                let mut bytes = self.link.header(self.ipv6);
                bytes.extend_from_slice(&datagram);
                if self.link == Link::Ethernet {
                    // The shortest frame there is; what is missing is filled up.
                    bytes.resize(bytes.len().max(60), 0xee);
                }
                let original = bytes.len();
                bytes.truncate(self.snap_length.unwrap_or(usize::MAX));
                let place = u64::try_from(records.len()).unwrap_or(u64::MAX);
                records.push(Record {
                    time: time_of(self.start + self.step * place),
                    link_type: self.link.number(self.ipv6),
                    bytes,
                    original,
                });
            }
        }
        records
    }

    fn datagrams(&self, segment: &Segment, number: usize) -> Vec<Vec<u8>> {
        let payload = self.tcp(segment);
        let pieces: Vec<&[u8]> = match self.fragment {
            Some(size) if payload.len() > size => payload.chunks(size).collect(),
            _ => vec![&payload],
        };
        let last = pieces.len() - 1;
        let mut offset = 0;
        let mut datagrams = Vec::new();
        for (index, piece) in pieces.into_iter().enumerate() {
            let fragment = (last > 0).then_some((offset, index < last));
            // No two datagrams of a host that are under way at once share their number.
            let id = number * 16 + usize::from(self.client_port % 16);
            let id = u16::try_from(id % 65_536).unwrap_or(0);
            datagrams.push(self.datagram(segment.who, piece, fragment, id));
            offset += u16::try_from(piece.len()).unwrap_or(u16::MAX);
        }
        datagrams
    }

    /// An IP datagram; `fragment`: its offset in bytes, and whether more follow.
    fn datagram(
        &self,
        who: Who,
        payload: &[u8],
        fragment: Option<(u16, bool)>,
        id: u16,
    ) -> Vec<u8> {
        let [from, to] = match who {
            Who::Client => [1, 2],
            Who::Server => [2, 1],
        };
        let (offset, more) = fragment.unwrap_or((0, false));
        if self.ipv6 {
            let mut extension = Vec::new();
            if fragment.is_some() {
                extension.extend_from_slice(&[6, 0]);
                extension.extend_from_slice(&(offset | u16::from(more)).to_be_bytes());
                extension.extend_from_slice(&u32::from(id).to_be_bytes());
            }
            let length = u16::try_from(extension.len() + payload.len()).unwrap_or(0);
            let next = if fragment.is_some() { 44 } else { 6 };
            let mut bytes = vec![0x60, 0, 0, 0];
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(&[next, 64]);
            for end in [from, to] {
                bytes.extend_from_slice(&[0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, end]);
            }
            return [bytes, extension, payload.to_vec()].concat();
        }
        let length = u16::try_from(20 + payload.len()).unwrap_or(0);
        let flags = (offset / 8) | if more { 0x2000 } else { 0 };
        let mut bytes = vec![0x45, 0];
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(&id.to_be_bytes());
        bytes.extend_from_slice(&flags.to_be_bytes());
        // The checksum is left to the network card, as in many captures.
        bytes.extend_from_slice(&[64, 6, 0, 0, 10, 0, 0, from, 10, 0, 0, to]);
        bytes.extend_from_slice(payload);
        bytes
    }

    fn tcp(&self, segment: &Segment) -> Vec<u8> {
        let [from, to] = match segment.who {
            Who::Client => [self.client_port, self.server_port],
            Who::Server => [self.server_port, self.client_port],
        };
        let mut bytes = [from.to_be_bytes(), to.to_be_bytes()].concat();
        bytes.extend_from_slice(&segment.sequence.to_be_bytes());
        bytes.extend_from_slice(&segment.acknowledgement.to_be_bytes());
        bytes.extend_from_slice(&[0x50, segment.flags, 0xff, 0xff, 0, 0, 0, 0]);
        bytes.extend_from_slice(&segment.payload);
        bytes
    }
}

/// Frames of several connections in the order of their times.
pub fn merged(connections: Vec<Vec<Record>>) -> Vec<Record> {
    let mut records: Vec<Record> = connections.into_iter().flatten().collect();
    records.sort_by_key(|record| record.time);
    records
}
