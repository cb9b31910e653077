//! Frame → TCP segment, or the reason why not.
//!
//! Link headers are stripped, IP headers sliced (leniently: captures are cut by snap lengths and
//! lie about lengths where the network card does the work), fragments joined.

mod fragment;
mod link;
mod plain;
mod segment;

use etherparse::{
    Ipv4HeaderSlice, Ipv6ExtensionSlice, LaxIpv6Slice, LaxNetSlice, LaxSlicedPacket, TcpSlice,
    TransportSlice,
};

use crate::capture::frame::Frame;
use crate::decode::fragment::{DatagramId, Fragment, Fragments};
use crate::limits::Limits;

pub use segment::{Endpoint, Segment, TcpFlags};

/// Why a frame holds no TCP segment that can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unusable {
    /// A link type that corshark does not read.
    LinkType,
    /// Not IP: ARP, for instance.
    NotIp,
    /// IP, but not TCP.
    NotTcp,
    /// The frame ends inside a header.
    CutInHeader,
    /// A header contradicts itself.
    Malformed,
    /// A fragment whose datagram is not whole yet.
    Fragment,
}

impl Unusable {
    /// All reasons, in the order in which reports list them.
    pub const ALL: [Self; 6] = [
        Self::LinkType,
        Self::NotIp,
        Self::NotTcp,
        Self::CutInHeader,
        Self::Malformed,
        Self::Fragment,
    ];

    /// The name of its counter.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LinkType => "unknown-link-type",
            Self::NotIp => "not-ip",
            Self::NotTcp => "not-tcp",
            Self::CutInHeader => "cut-in-header",
            Self::Malformed => "malformed",
            Self::Fragment => "fragment",
        }
    }
}

/// Decodes the frames of one capture.
pub struct Decoder {
    fragments: Fragments,
}

impl Decoder {
    /// A decoder that keeps to `limits`.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            fragments: Fragments::new(limits),
        }
    }

    /// Fragmented datagrams that were given up.
    #[must_use]
    pub fn datagrams_dropped(&self) -> u64 {
        self.fragments.dropped
    }

    /// The TCP segment that a frame carries, or completes.
    #[inline]
    pub fn decode<'a>(&'a mut self, frame: &Frame<'a>) -> Result<Segment<'a>, Unusable> {
        match plain::segment(frame) {
            Some(segment) => Ok(segment),
            None => self.decode_thoroughly(frame),
        }
    }

    /// Decodes a frame of any kind.
    fn decode_thoroughly<'a>(&'a mut self, frame: &Frame<'a>) -> Result<Segment<'a>, Unusable> {
        let packet = link::slice(frame.link_type, frame.bytes)?;
        let (addresses, cut) = match &packet.net {
            Some(LaxNetSlice::Ipv4(ip)) => {
                let header = ip.header();
                let addresses = Addresses::V4(header.source(), header.destination());
                let payload = ip.payload();
                if payload.fragmented {
                    let fragment = Fragment {
                        id: DatagramId {
                            source: addresses.source(0).bytes(),
                            destination: addresses.destination(0).bytes(),
                            identification: u32::from(header.identification()),
                            protocol: payload.ip_number.0,
                        },
                        offset: header.fragments_offset(),
                        more: header.more_fragments(),
                        payload: payload.payload,
                    };
                    return self.join(&fragment, addresses, frame);
                }
                let cut = if payload.incomplete {
                    cut_of_v4(header, payload.payload.len())
                } else {
                    0
                };
                (addresses, cut)
            }
            Some(LaxNetSlice::Ipv6(ip)) => {
                let header = ip.header();
                let addresses = Addresses::V6(header.source(), header.destination());
                let payload = ip.payload();
                if payload.fragmented {
                    let fragment = fragment_of_v6(ip, addresses).ok_or(Unusable::Malformed)?;
                    return self.join(&fragment, addresses, frame);
                }
                let cut = if payload.incomplete {
                    let there = payload.payload.len() + ip.extensions().slice().len();
                    u32::from(header.payload_length()).saturating_sub(saturating_u32(there))
                } else {
                    0
                };
                (addresses, cut)
            }
            _ => return Err(why_stopped(&packet, Unusable::NotIp)),
        };
        match &packet.transport {
            Some(TransportSlice::Tcp(tcp)) => Ok(segment(tcp, addresses, frame, cut)),
            Some(_) => Err(Unusable::NotTcp),
            None => Err(why_stopped(&packet, Unusable::NotTcp)),
        }
    }

    fn join<'a>(
        &'a mut self,
        fragment: &Fragment<'_>,
        addresses: Addresses,
        frame: &Frame<'a>,
    ) -> Result<Segment<'a>, Unusable> {
        if fragment.id.protocol != etherparse::ip_number::TCP.0 {
            return Err(Unusable::NotTcp);
        }
        let whole = self.fragments.add(fragment, frame.time);
        let tcp = TcpSlice::from_slice(whole.ok_or(Unusable::Fragment)?);
        tcp.map(|tcp| segment(&tcp, addresses, frame, 0))
            .map_err(|_| Unusable::Malformed)
    }
}

#[derive(Clone, Copy)]
enum Addresses {
    V4([u8; 4], [u8; 4]),
    V6([u8; 16], [u8; 16]),
}

impl Addresses {
    fn source(self, port: u16) -> Endpoint {
        match self {
            Self::V4(source, _) => Endpoint::v4(source, port),
            Self::V6(source, _) => Endpoint::v6(source, port),
        }
    }

    fn destination(self, port: u16) -> Endpoint {
        match self {
            Self::V4(_, destination) => Endpoint::v4(destination, port),
            Self::V6(_, destination) => Endpoint::v6(destination, port),
        }
    }
}

fn segment<'a>(
    tcp: &TcpSlice<'a>,
    addresses: Addresses,
    frame: &Frame<'a>,
    cut: u32,
) -> Segment<'a> {
    Segment {
        frame: frame.number,
        time: frame.time,
        source: addresses.source(tcp.source_port()),
        destination: addresses.destination(tcp.destination_port()),
        sequence: tcp.sequence_number(),
        acknowledgement: tcp.acknowledgment_number(),
        flags: TcpFlags(tcp.header_slice().get(13).copied().unwrap_or_default()),
        payload: payload_of(tcp),
        cut,
    }
}

fn payload_of<'a>(tcp: &TcpSlice<'a>) -> &'a [u8] {
    let header = usize::from(tcp.data_offset()) * 4;
    tcp.slice().get(header..).unwrap_or_default()
}

/// Payload bytes that the IPv4 total length promises beyond what was captured.
fn cut_of_v4(header: Ipv4HeaderSlice<'_>, payload: usize) -> u32 {
    let there = saturating_u32(header.slice().len() + payload);
    u32::from(header.total_len()).saturating_sub(there)
}

fn fragment_of_v6<'a>(ip: &LaxIpv6Slice<'a>, addresses: Addresses) -> Option<Fragment<'a>> {
    let header = ip.extensions().clone().into_iter().find_map(|extension| {
        if let Ipv6ExtensionSlice::Fragment(header) = extension {
            Some(header)
        } else {
            None
        }
    })?;
    Some(Fragment {
        id: DatagramId {
            source: addresses.source(0).bytes(),
            destination: addresses.destination(0).bytes(),
            identification: header.identification(),
            protocol: ip.payload().ip_number.0,
        },
        offset: header.fragment_offset(),
        more: header.more_fragments(),
        payload: ip.payload().payload,
    })
}

/// Why slicing stopped; `otherwise` where it did not.
fn why_stopped(packet: &LaxSlicedPacket<'_>, otherwise: Unusable) -> Unusable {
    match packet.stop_err {
        Some((etherparse::err::packet::SliceError::Len(_), _)) => Unusable::CutInHeader,
        Some(_) => Unusable::Malformed,
        None => otherwise,
    }
}

fn saturating_u32(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::frame::{FrameNumber, LinkType, Timestamp};

    /// Numbers that look random (xorshift64*).
    struct Random(u64);

    impl Random {
        fn below(&mut self, end: usize) -> usize {
            self.0 ^= self.0 >> 12;
            self.0 ^= self.0 << 25;
            self.0 ^= self.0 >> 27;
            let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32;
            usize::try_from(number).unwrap() % end
        }

        fn byte(&mut self) -> u8 {
            u8::try_from(self.below(256)).unwrap()
        }
    }

    /// A whole frame with random addresses, numbers, options and payload.
    fn whole_frame(random: &mut Random, ipv6: bool) -> Vec<u8> {
        let options = 4 * random.below(4);
        let payload = random.below(40);
        let tcp_length = 20 + options + payload;
        let mut frame: Vec<u8> = (0..12).map(|_| random.byte()).collect();
        if ipv6 {
            let length = u8::try_from(tcp_length).unwrap();
            frame.extend([0x86, 0xdd, 0x60, 0, 0, 0, 0, length, 6, 64]);
            frame.extend((0..32).map(|_| random.byte()));
        } else {
            let length = u8::try_from(20 + tcp_length).unwrap();
            frame.extend([8, 0, 0x45, 0, 0, length, 1, 2, 0x40, 0, 64, 6, 0, 0]);
            frame.extend((0..8).map(|_| random.byte()));
        }
        let mut tcp: Vec<u8> = (0..tcp_length).map(|_| random.byte()).collect();
        tcp[12] = u8::try_from((20 + options) * 4).unwrap();
        frame.extend(tcp);
        // Ethernet pads short frames.
        frame.extend((0..random.below(8)).map(|_| 0));
        frame
    }

    #[test]
    fn the_fast_way_and_the_thorough_way_give_the_same_segments() {
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        let (mut plain, mut declined) = (0, 0);
        for round in 0..200_000 {
            let mut bytes = whole_frame(&mut random, round % 2 == 0);
            // Damage a header byte or two, cut the frame: what the fast way must decline.
            for _ in 0..random.below(3) {
                let at = 12 + random.below(60);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = match random.below(3) {
                        0 => 0,
                        1 => byte.wrapping_add(1),
                        _ => random.byte(),
                    };
                }
            }
            if random.below(4) == 0 {
                bytes.truncate(random.below(bytes.len() + 1));
            }
            let frame = Frame {
                number: FrameNumber(7),
                time: Timestamp::new(1, 2),
                link_type: LinkType(1),
                bytes: &bytes,
            };
            let Some(fast) = plain::segment(&frame) else {
                declined += 1;
                continue;
            };
            plain += 1;
            let mut decoder = Decoder::new(&Limits::default());
            let thorough = decoder.decode_thoroughly(&frame);
            let thorough = thorough.unwrap_or_else(|why| panic!("{why:?}: {bytes:02x?}"));
            assert_eq!(fast.payload.as_ptr_range(), thorough.payload.as_ptr_range());
            assert_eq!(format!("{fast:?}"), format!("{thorough:?}"), "{bytes:02x?}");
        }
        assert!(plain > 50_000 && declined > 50_000, "{plain} {declined}");
    }
}
