//! The fast way through the headers that nearly all frames have: Ethernet, IPv4 without options or
//! fragments or IPv6 without extension headers, TCP, or UDP that is no tunnel.
//!
//! Whatever is not exactly so is left to the thorough way; a test holds both to the same answers.

use crate::capture::frame::Frame;
use crate::decode::Unusable;
use crate::decode::link::ETHERNET;
use crate::decode::segment::{Endpoint, Segment, TcpFlags, marks};
use crate::decode::tunnel::{UDP, is_tunnel_port};

const TCP: u8 = 6;
/// "More fragments" and the fragment offset; "don't fragment" is of no interest.
const FRAGMENT: u16 = 0x3fff;

/// The segment in a frame of the plain kind, or why there is none; `Err(None)` for frames of other kinds.
#[expect(
    clippy::inline_always,
    reason = "what it returns is large, and would be copied from call to call"
)]
#[inline(always)]
pub(super) fn segment<'a>(frame: &Frame<'a>) -> Result<Segment<'a>, Option<Unusable>> {
    if frame.link_type.0 != ETHERNET {
        return Err(None);
    }
    let (ethernet, packet) = frame.bytes.split_first_chunk::<14>().ok_or(None)?;
    match (ethernet[12], ethernet[13]) {
        (0x08, 0x00) => v4(frame, packet),
        (0x86, 0xdd) => v6(frame, packet),
        _ => Err(None),
    }
}

#[expect(
    clippy::inline_always,
    reason = "what it returns is large, and would be copied from call to call"
)]
#[inline(always)]
fn v4<'a>(frame: &Frame<'a>, packet: &'a [u8]) -> Result<Segment<'a>, Option<Unusable>> {
    let header = packet.first_chunk::<20>().ok_or(None)?;
    let fragment = u16::from_be_bytes([header[6], header[7]]);
    if header[0] != 0x45 || fragment & FRAGMENT != 0 {
        return Err(None);
    }
    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    let payload = packet.get(20..length).ok_or(None)?;
    if header[9] != TCP {
        return Err(is_other_udp(header[9], payload).then_some(Unusable::NotTcp));
    }
    let source = [header[12], header[13], header[14], header[15]];
    let destination = [header[16], header[17], header[18], header[19]];
    let ends = |from, to| (Endpoint::v4(source, from), Endpoint::v4(destination, to));
    let identification = u16::from_be_bytes([header[4], header[5]]);
    tcp(frame, payload, identification, ends)
}

fn v6<'a>(frame: &Frame<'a>, packet: &'a [u8]) -> Result<Segment<'a>, Option<Unusable>> {
    let (header, rest) = packet.split_first_chunk::<40>().ok_or(None)?;
    let length = usize::from(u16::from_be_bytes([header[4], header[5]]));
    // A length of zero stands for one that the field cannot hold.
    if header[0] >> 4 != 6 || length == 0 {
        return Err(None);
    }
    let payload = rest.get(..length).ok_or(None)?;
    if header[6] != TCP {
        return Err(is_other_udp(header[6], payload).then_some(Unusable::NotTcp));
    }
    let source = header.get(8..).and_then(<[u8]>::first_chunk::<16>);
    let source = *source.ok_or(None)?;
    let destination = *header.last_chunk::<16>().ok_or(None)?;
    let ends = |from, to| (Endpoint::v6(source, from), Endpoint::v6(destination, to));
    tcp(frame, payload, 0, ends)
}

/// Whether the payload of a datagram is UDP, whole, and no tunnel.
fn is_other_udp(protocol: u8, payload: &[u8]) -> bool {
    let Some(header) = payload.first_chunk::<8>() else {
        return false;
    };
    let length = usize::from(u16::from_be_bytes([header[4], header[5]]));
    let port = u16::from_be_bytes([header[2], header[3]]);
    protocol == UDP && length == payload.len() && !is_tunnel_port(port)
}

#[expect(
    clippy::inline_always,
    reason = "what it returns is large, and would be copied from call to call"
)]
#[inline(always)]
fn tcp<'a>(
    frame: &Frame<'a>,
    bytes: &'a [u8],
    identification: u16,
    ends: impl Fn(u16, u16) -> (Endpoint, Endpoint),
) -> Result<Segment<'a>, Option<Unusable>> {
    let header = bytes.first_chunk::<20>().ok_or(None)?;
    let number = |a, b, c, d| u32::from_be_bytes([a, b, c, d]);
    let length = usize::from(header[12] >> 4) * 4;
    if length < 20 {
        return Err(None);
    }
    let (source, destination) = ends(
        u16::from_be_bytes([header[0], header[1]]),
        u16::from_be_bytes([header[2], header[3]]),
    );
    Ok(Segment {
        frame: frame.number,
        time: frame.time,
        source,
        destination,
        sequence: number(header[4], header[5], header[6], header[7]),
        acknowledgement: number(header[8], header[9], header[10], header[11]),
        flags: TcpFlags(header[13]),
        payload: bytes.get(length..).ok_or(None)?,
        cut: 0,
        marks: marks(
            identification,
            [header[14], header[15], header[16], header[17]],
        ),
    })
}
