//! Frame → TCP segment, or the reason why not.
//!
//! Link headers are stripped, IP headers sliced (leniently: captures are cut by snap lengths and
//! lie about lengths where the network card does the work), tunnels followed, fragments joined.
//!
//! ```text
//!   plain      Ethernet, IP, TCP, nothing else: one look               nearly all frames
//!   otherwise  link → layer (VLAN, MPLS, PPP …) → ip → tunnel ┐
//!                                                 ↑           │ IP within IP, GRE, VXLAN, Geneve …
//!                                               layer ←───────┘
//! ```

mod fragment;
mod ip;
mod layer;
mod link;
mod plain;
mod segment;
mod tunnel;
mod unreachable;
mod wlan;

use crate::capture::frame::Frame;
use crate::decode::fragment::Fragments;
use crate::decode::ip::{Content, Tcp};
use crate::limits::Limits;

pub use segment::{Endpoint, Segment, TcpFlags};
pub use unreachable::Unreachable;

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
    /// Encrypted below TCP: WLAN frames, `MACsec`, ESP.
    Encrypted,
    /// More tunnels within tunnels than anyone builds.
    TooDeep,
}

impl Unusable {
    /// All reasons, in the order in which reports list them.
    pub const ALL: [Self; 8] = [
        Self::LinkType,
        Self::NotIp,
        Self::NotTcp,
        Self::CutInHeader,
        Self::Malformed,
        Self::Fragment,
        Self::Encrypted,
        Self::TooDeep,
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
            Self::Encrypted => "encrypted",
            Self::TooDeep => "nested-too-deep",
        }
    }
}

/// Decodes the frames of one capture.
pub struct Decoder {
    fragments: Fragments,
    tunnels: usize,
    unreachable: Option<Unreachable>,
}

impl Decoder {
    /// A decoder that keeps to `limits`.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            fragments: Fragments::new(limits),
            tunnels: limits.tunnels,
            unreachable: None,
        }
    }

    /// Fragmented datagrams that were given up.
    #[must_use]
    pub fn datagrams_dropped(&self) -> u64 {
        self.fragments.dropped
    }

    /// What the last frame said of a segment that did not arrive, if it was not a segment itself.
    pub fn take_unreachable(&mut self) -> Option<Unreachable> {
        self.unreachable.take()
    }

    /// The TCP segment that a frame carries, or completes.
    pub fn decode<'a>(&'a mut self, frame: &Frame<'a>) -> Result<Segment<'a>, Unusable> {
        match plain::segment(frame) {
            Ok(segment) => Ok(segment),
            Err(Some(reason)) => Err(reason),
            Err(None) => self.decode_thoroughly(frame),
        }
    }

    /// Hands on the TCP segment that a frame carries, or completes, from where it is made: it is too
    /// large to be moved for every frame.
    #[inline]
    pub(crate) fn decode_for<R>(
        &mut self,
        frame: &Frame<'_>,
        take: impl FnOnce(&Segment<'_>) -> R,
    ) -> Result<R, Unusable> {
        match plain::segment(frame) {
            Ok(segment) => Ok(take(&segment)),
            Err(Some(reason)) => Err(reason),
            Err(None) => self.decode_thoroughly(frame).map(|segment| take(&segment)),
        }
    }

    /// Decodes a frame of any kind.
    #[inline(never)]
    fn decode_thoroughly<'a>(&'a mut self, frame: &Frame<'a>) -> Result<Segment<'a>, Unusable> {
        let outermost = link::unwrap(frame.link_type, frame.bytes)?;
        let (fragment, addresses) = match ip::content(outermost, self.tunnels)? {
            Content::Tcp(tcp) => return Ok(segment(&tcp, frame)),
            Content::Unreachable(message) => {
                self.unreachable = Some(message);
                return Err(Unusable::NotTcp);
            }
            Content::Fragment {
                fragment,
                addresses,
            } => (fragment, addresses),
        };
        let protocol = fragment.id.protocol;
        if protocol != etherparse::ip_number::TCP.0 && !tunnel::is_tunnel(protocol) {
            return Err(Unusable::NotTcp);
        }
        let whole = self.fragments.add(&fragment, frame.time);
        let whole = whole.ok_or(Unusable::Fragment)?;
        match ip::joined_content(protocol, whole, addresses, self.tunnels)? {
            Content::Tcp(tcp) => Ok(segment(&tcp, frame)),
            // Fragments within fragments are not joined a second time.
            Content::Fragment { .. } => Err(Unusable::Fragment),
            Content::Unreachable(_) => Err(Unusable::NotTcp),
        }
    }
}

fn segment<'a>(tcp: &Tcp<'a>, frame: &Frame<'a>) -> Segment<'a> {
    let slice = &tcp.slice;
    let header = usize::from(slice.data_offset()) * 4;
    Segment {
        frame: frame.number,
        time: frame.time,
        source: tcp.addresses.source(slice.source_port()),
        destination: tcp.addresses.destination(slice.destination_port()),
        sequence: slice.sequence_number(),
        acknowledgement: slice.acknowledgment_number(),
        flags: TcpFlags(slice.header_slice().get(13).copied().unwrap_or_default()),
        payload: slice.slice().get(header..).unwrap_or_default(),
        cut: tcp.cut,
        marks: segment::marks(
            tcp.identification,
            slice
                .header_slice()
                .get(14..)
                .and_then(<[u8]>::first_chunk)
                .copied()
                .unwrap_or_default(),
        ),
    }
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

    /// A whole frame with random addresses, numbers, options and payload; some hold UDP, some of that
    /// to the port of a tunnel.
    fn whole_frame(random: &mut Random, ipv6: bool) -> Vec<u8> {
        let options = 4 * random.below(4);
        let payload = random.below(40);
        let tcp_length = 20 + options + payload;
        let mut frame: Vec<u8> = (0..12).map(|_| random.byte()).collect();
        let protocol = if random.below(5) == 0 { 17 } else { 6 };
        if ipv6 {
            let length = u8::try_from(tcp_length).unwrap();
            frame.extend([0x86, 0xdd, 0x60, 0, 0, 0, 0, length, protocol, 64]);
            frame.extend((0..32).map(|_| random.byte()));
        } else {
            let length = u8::try_from(20 + tcp_length).unwrap();
            frame.extend([8, 0, 0x45, 0, 0, length, 1, 2, 0x40, 0, 64, protocol, 0, 0]);
            frame.extend((0..8).map(|_| random.byte()));
        }
        let mut tcp: Vec<u8> = (0..tcp_length).map(|_| random.byte()).collect();
        if protocol == 17 {
            let port: u16 = [53, 4789, 6081, 2152, 6635][random.below(5)];
            tcp[2..4].copy_from_slice(&port.to_be_bytes());
            tcp[4..6].copy_from_slice(&u16::try_from(tcp_length).unwrap().to_be_bytes());
        } else {
            tcp[12] = u8::try_from((20 + options) * 4).unwrap();
        }
        frame.extend(tcp);
        // Ethernet pads short frames.
        frame.extend((0..random.below(8)).map(|_| 0));
        frame
    }

    #[test]
    fn the_fast_way_and_the_thorough_way_give_the_same_segments() {
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        let (mut plain, mut declined, mut others) = (0, 0, 0);
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
            let fast = match plain::segment(&frame) {
                Ok(segment) => Ok(segment),
                Err(Some(reason)) => Err(reason),
                Err(None) => {
                    declined += 1;
                    continue;
                }
            };
            plain += 1;
            let mut decoder = Decoder::new(&Limits::default());
            let thorough = decoder.decode_thoroughly(&frame);
            if let (Ok(fast), Ok(thorough)) = (&fast, &thorough) {
                assert_eq!(fast.payload.as_ptr_range(), thorough.payload.as_ptr_range());
            }
            others += usize::from(fast.is_err());
            assert_eq!(format!("{fast:?}"), format!("{thorough:?}"), "{bytes:02x?}");
        }
        assert!(plain > 50_000 && declined > 50_000, "{plain} {declined}");
        assert!(others > 5000, "{others}");
    }
}
