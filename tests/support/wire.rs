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
    /// Five VLAN tags.
    VlanStack,
    Snap,
    Mpls,
    /// Ethernet below two MPLS labels, with a control word.
    Pseudowire,
    PppoeSession,
    Ppp,
    PppHdlc,
    CiscoHdlc,
    Nflog,
    /// 802.11 with quality of service, below radiotap, padded.
    Radiotap,
    Wlan,
    Pktap,
}

impl Link {
    pub const ALL: [Self; 21] = [
        Self::Ethernet,
        Self::Vlan,
        Self::QinQ,
        Self::Sll,
        Self::Sll2,
        Self::Null,
        Self::Loop,
        Self::Raw,
        Self::Ip,
        Self::VlanStack,
        Self::Snap,
        Self::Mpls,
        Self::Pseudowire,
        Self::PppoeSession,
        Self::Ppp,
        Self::PppHdlc,
        Self::CiscoHdlc,
        Self::Nflog,
        Self::Radiotap,
        Self::Wlan,
        Self::Pktap,
    ];

    /// Its LINKTYPE number.
    pub const fn number(self, ipv6: bool) -> u16 {
        match self {
            Self::Ethernet
            | Self::Vlan
            | Self::QinQ
            | Self::VlanStack
            | Self::Snap
            | Self::Mpls
            | Self::Pseudowire
            | Self::PppoeSession => 1,
            Self::Ppp => 9,
            Self::PppHdlc => 50,
            Self::CiscoHdlc => 104,
            Self::Nflog => 239,
            Self::Radiotap => 127,
            Self::Wlan => 105,
            Self::Pktap => 258,
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

    /// What stands before a datagram of this length.
    fn header(self, ipv6: bool, length: usize) -> Vec<u8> {
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
            Self::VlanStack => [&addresses[..], &[0x81, 0, 0, 7].repeat(5), &ether_type].concat(),
            Self::Snap => {
                let length = u16::try_from(length + 8).unwrap_or(0).min(0x5ff);
                let snap = [0xaa, 0xaa, 3, 0, 0, 0];
                [&addresses[..], &length.to_be_bytes(), &snap, &ether_type].concat()
            }
            Self::Mpls => [&addresses[..], &[0x88, 0x47, 0, 1, 1, 64]].concat(),
            Self::Pseudowire => {
                let labels = [0x88, 0x47, 0, 1, 0, 64, 0, 2, 1, 64, 0, 0, 0, 0];
                [&addresses[..], &labels, &addresses, &ether_type].concat()
            }
            Self::PppoeSession => {
                let ppp = if ipv6 { 0x57 } else { 0x21 };
                [&addresses[..], &[0x88, 0x64, 0x11, 0, 0, 1, 0, 0, 0, ppp]].concat()
            }
            Self::Ppp => vec![if ipv6 { 0x57 } else { 0x21 }],
            Self::PppHdlc => vec![0xff, 3, 0, if ipv6 { 0x57 } else { 0x21 }],
            Self::CiscoHdlc => [&[0x0f, 0][..], &ether_type].concat(),
            Self::Nflog => {
                let family = if ipv6 { 10 } else { 2 };
                let payload = u16::try_from(length + 4).unwrap_or(u16::MAX).to_le_bytes();
                let before = [
                    family, 0, 0, 0, 8, 0, 1, 0, 8, 0, 1, 0, 5, 0, 10, 0, b'x', 0, 0, 0,
                ];
                [&before[..], &payload, &[9, 0]].concat()
            }
            Self::Radiotap => {
                // A time stamp, and the flag that says that the header is padded.
                let radiotap = [0, 0, 17, 0, 3, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0x20];
                let padded = [0, 0, 0, 0];
                let wlan = Self::wlan(0x88, ether_type);
                let (before, llc) = wlan.split_at(24);
                [&radiotap[..], before, &padded, llc].concat()
            }
            Self::Wlan => Self::wlan(0x08, ether_type),
            Self::Pktap => {
                let mut header = vec![0; 108];
                header[0] = 108;
                header[8] = 1;
                header.extend([&addresses[..], &ether_type].concat());
                header
            }
        }
    }

    /// An 802.11 header of 24 bytes, and LLC.
    fn wlan(control: u8, ether_type: [u8; 2]) -> Vec<u8> {
        let mut bytes = vec![control, 1];
        bytes.resize(24, 2);
        bytes.extend([0xaa, 0xaa, 3, 0, 0, 0]);
        bytes.extend(ether_type);
        bytes
    }
}

/// What an IP datagram is wrapped in once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tunnel {
    /// IPv4 or IPv6 in IPv4.
    Ip,
    /// The same in IPv6.
    Ip6,
    Gre,
    /// With checksum, key and sequence number.
    GreFull,
    GreEthernet,
    Erspan,
    Vxlan,
    /// On the port that Linux had first.
    VxlanFlannel,
    Geneve,
    Gtp,
}

impl Tunnel {
    pub const ALL: [Self; 10] = [
        Self::Ip,
        Self::Ip6,
        Self::Gre,
        Self::GreFull,
        Self::GreEthernet,
        Self::Erspan,
        Self::Vxlan,
        Self::VxlanFlannel,
        Self::Geneve,
        Self::Gtp,
    ];

    /// Wraps a datagram; the version of the outer one comes back with it.
    fn wrap(self, datagram: &[u8], ipv6: bool) -> (Vec<u8>, bool) {
        let ether_type: [u8; 2] = if ipv6 { [0x86, 0xdd] } else { [0x08, 0x00] };
        let ethernet = [&[2; 12][..], &ether_type, datagram].concat();
        let udp = |port: u16, header: &[u8], inner: &[u8]| {
            let length = u16::try_from(8 + header.len() + inner.len()).unwrap_or(0);
            let ports = [&[0x30, 0x39][..], &port.to_be_bytes()].concat();
            [&ports[..], &length.to_be_bytes(), &[0, 0], header, inner].concat()
        };
        let vxlan = [8, 0, 0, 0, 0, 0, 1, 0];
        let (protocol, payload) = match self {
            Self::Ip | Self::Ip6 => (if ipv6 { 41 } else { 4 }, datagram.to_vec()),
            Self::Gre => (47, [&[0, 0][..], &ether_type, datagram].concat()),
            Self::GreFull => {
                let optional = [1, 2, 0, 0, 0, 0, 0, 5, 0, 0, 0, 9];
                (
                    47,
                    [&[0xb0, 0][..], &ether_type, &optional, datagram].concat(),
                )
            }
            Self::GreEthernet => (47, [&[0, 0, 0x65, 0x58][..], &ethernet].concat()),
            Self::Erspan => {
                let header = [0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 0, 0, 1, 0, 0, 0, 0];
                (47, [&header[..], &ethernet].concat())
            }
            Self::Vxlan => (17, udp(4789, &vxlan, &ethernet)),
            Self::VxlanFlannel => (17, udp(8472, &vxlan, &ethernet)),
            Self::Geneve => {
                let header = [1, 0, 0x65, 0x58, 0, 0, 1, 0, 1, 2, 3, 0];
                (17, udp(6081, &header, &ethernet))
            }
            Self::Gtp => {
                let header = [0x34, 255, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0x85, 1, 0, 1, 0];
                (17, udp(2152, &header, datagram))
            }
        };
        let length = u16::try_from(payload.len()).unwrap_or(0);
        if self == Self::Ip6 {
            let mut bytes = vec![0x60, 0, 0, 0];
            bytes.extend(length.to_be_bytes());
            bytes.extend([protocol, 64]);
            bytes.extend([7; 32]);
            bytes.extend(payload);
            return (bytes, true);
        }
        let mut bytes = vec![0x45, 0];
        bytes.extend((length + 20).to_be_bytes());
        bytes.extend([
            0, 0, 0, 0, 64, protocol, 0, 0, 192, 168, 0, 1, 192, 168, 0, 2,
        ]);
        bytes.extend(payload);
        (bytes, false)
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
    /// From the outside to the inside.
    pub tunnels: &'static [Tunnel],
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
            tunnels: &[],
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
                let mut ipv6 = self.ipv6;
                let mut datagram = datagram;
                for tunnel in self.tunnels.iter().rev() {
                    (datagram, ipv6) = tunnel.wrap(&datagram, ipv6);
                }
                let mut bytes = self.link.header(ipv6, datagram.len());
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
                    link_type: self.link.number(ipv6),
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

    /// An ICMP message of the server's: a segment of the client's did not arrive.
    pub fn unreachable(&self, segment: &Segment) -> Record {
        let quoted = self.datagram(segment.who, &self.tcp(segment), None, 1);
        let header = if self.ipv6 { 40 } else { 20 };
        let (protocol, kind, code) = if self.ipv6 { (58, 1, 4) } else { (1, 3, 3) };
        // Ports and sequence number: RFC 792 asks for no more of what was sent.
        let message = [&[kind, code, 0, 0, 0, 0, 0, 0], &quoted[..header + 8]].concat();
        let mut datagram = self.datagram(Who::Server, &message, None, 2);
        datagram[if self.ipv6 { 6 } else { 9 }] = protocol;
        let mut bytes = self.link.header(self.ipv6, datagram.len());
        bytes.extend_from_slice(&datagram);
        Record {
            time: time_of(self.start + self.step),
            link_type: self.link.number(self.ipv6),
            original: bytes.len(),
            bytes,
        }
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
