//! IP datagrams, one within the other where there are tunnels, down to a TCP segment.

use etherparse::{
    Ipv4HeaderSlice, Ipv6ExtensionSlice, LaxIpv6Slice, LaxNetSlice, LaxSlicedPacket, TcpSlice,
    TransportSlice,
};

use crate::decode::Unusable;
use crate::decode::fragment::{DatagramId, Fragment};
use crate::decode::layer::{Layer, Unwrapped};
use crate::decode::segment::Endpoint;
use crate::decode::tunnel;
use crate::decode::unreachable::{self, Unreachable};

/// What the layers of a frame come down to.
pub(super) enum Content<'a> {
    /// A TCP segment.
    Tcp(Tcp<'a>),
    /// A fragment of a datagram that can hold one.
    Fragment {
        fragment: Fragment<'a>,
        addresses: Addresses,
    },
    /// Word that one did not arrive.
    Unreachable(Unreachable),
}

/// A TCP segment, between which addresses, and how many bytes of it were cut off.
pub(super) struct Tcp<'a> {
    pub(super) slice: TcpSlice<'a>,
    pub(super) addresses: Addresses,
    pub(super) cut: u32,
    /// Of IPv4; 0 in IPv6.
    pub(super) identification: u16,
}

#[derive(Clone, Copy)]
pub(super) enum Addresses {
    V4([u8; 4], [u8; 4]),
    V6([u8; 16], [u8; 16]),
}

impl Addresses {
    pub(super) fn source(self, port: u16) -> Endpoint {
        match self {
            Self::V4(source, _) => Endpoint::v4(source, port),
            Self::V6(source, _) => Endpoint::v6(source, port),
        }
    }

    pub(super) fn destination(self, port: u16) -> Endpoint {
        match self {
            Self::V4(_, destination) => Endpoint::v4(destination, port),
            Self::V6(_, destination) => Endpoint::v6(destination, port),
        }
    }
}

/// Takes off layer after layer, through at most `tunnels` tunnels.
pub(super) fn content(
    (mut layer, mut bytes): Unwrapped<'_>,
    tunnels: usize,
) -> Result<Content<'_>, Unusable> {
    for _ in 0..=tunnels {
        while layer != Layer::Ip {
            (layer, bytes) = layer.unwrap(bytes)?;
        }
        match datagram(bytes)? {
            Datagram::Content(content) => return Ok(content),
            Datagram::Other { protocol, payload } => {
                if let Some(message) = unreachable::read(protocol, payload) {
                    return Ok(Content::Unreachable(message));
                }
                (layer, bytes) = tunnel::unwrap(protocol, payload)?;
            }
        }
    }
    Err(Unusable::TooDeep)
}

/// What a datagram that was joined from fragments comes down to.
pub(super) fn joined_content(
    protocol: u8,
    payload: &[u8],
    addresses: Addresses,
    tunnels: usize,
) -> Result<Content<'_>, Unusable> {
    if protocol == etherparse::ip_number::TCP.0 {
        let slice = TcpSlice::from_slice(payload).map_err(|_| Unusable::Malformed)?;
        return Ok(Content::Tcp(Tcp {
            slice,
            addresses,
            cut: 0,
            identification: 0,
        }));
    }
    content(tunnel::unwrap(protocol, payload)?, tunnels)
}

/// One IP datagram.
enum Datagram<'a> {
    Content(Content<'a>),
    /// It carries neither TCP nor a fragment.
    Other {
        protocol: u8,
        payload: &'a [u8],
    },
}

fn datagram(bytes: &[u8]) -> Result<Datagram<'_>, Unusable> {
    let packet = LaxSlicedPacket::from_ip(bytes).map_err(|_| Unusable::CutInHeader)?;
    let (addresses, cut, identification, payload) = match &packet.net {
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
                return Ok(fragment_of(fragment, addresses));
            }
            let cut = if payload.incomplete {
                cut_of_v4(header, payload.payload.len())
            } else {
                0
            };
            (addresses, cut, header.identification(), payload)
        }
        Some(LaxNetSlice::Ipv6(ip)) => {
            let header = ip.header();
            let addresses = Addresses::V6(header.source(), header.destination());
            let payload = ip.payload();
            if payload.fragmented {
                let fragment = fragment_of_v6(ip, addresses).ok_or(Unusable::Malformed)?;
                return Ok(fragment_of(fragment, addresses));
            }
            let cut = if payload.incomplete {
                let there = payload.payload.len() + ip.extensions().slice().len();
                u32::from(header.payload_length()).saturating_sub(saturating_u32(there))
            } else {
                0
            };
            (addresses, cut, 0, payload)
        }
        _ => return Err(why_stopped(&packet, Unusable::NotIp)),
    };
    if let Some(TransportSlice::Tcp(slice)) = packet.transport {
        return Ok(Datagram::Content(Content::Tcp(Tcp {
            slice,
            addresses,
            cut,
            identification,
        })));
    }
    if packet.stop_err.is_some() {
        return Err(why_stopped(&packet, Unusable::NotTcp));
    }
    Ok(Datagram::Other {
        protocol: payload.ip_number.0,
        payload: payload.payload,
    })
}

fn fragment_of(fragment: Fragment<'_>, addresses: Addresses) -> Datagram<'_> {
    Datagram::Content(Content::Fragment {
        fragment,
        addresses,
    })
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
