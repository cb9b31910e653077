//! The frames of some connections, as a list of packets shows them.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::capture::frame::{FrameNumber, LinkType, Timestamp};
use crate::capture::store::FrameStore;
use crate::capture::{CaptureError, Next};
use crate::decode::{Decoder, Endpoint, Segment, TcpFlags};
use crate::limits::Limits;
use crate::tcp::ConnectionInfo;
use crate::wire_text::{printable, wire_text};

/// Bytes of a first line that are shown.
const LONGEST_LINE: usize = 200;
/// Holes of a direction that are remembered, to tell a late segment from a repeated one.
const HOLES: usize = 64;

/// How a segment stands to those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// It is the next one.
    Next,
    /// All of its bytes were there before.
    Repeated,
    /// It fills a hole.
    Late,
    /// So many bytes before it are not there, or not yet.
    AfterHole(u32),
}

/// One frame with a segment of a wanted connection.
#[derive(Debug, Clone)]
pub struct Packet {
    /// Its number.
    pub number: FrameNumber,
    /// When it was captured.
    pub time: Timestamp,
    /// Wireshark's `tcp.stream`.
    pub stream: u64,
    /// Whether the client sent it.
    pub from_client: bool,
    /// The sequence number, counted from the direction's first one.
    pub sequence: u32,
    /// Bytes of payload.
    pub length: u32,
    /// Payload bytes that a snap length cut off.
    pub cut: u32,
    /// The flags.
    pub flags: TcpFlags,
    /// How it stands to those before it.
    pub place: Place,
    /// The first line of a message head that begins here.
    pub head: Option<String>,
    /// What its first bytes are.
    pub link_type: LinkType,
    /// All of its bytes; `None` where there were too many to keep.
    pub bytes: Option<Box<[u8]>>,
    /// Where the payload begins in them.
    pub payload: usize,
}

/// Packets that were looked for.
#[derive(Debug, Clone, Default)]
pub struct Packets {
    /// Those that were found, in the order of the capture.
    pub list: Vec<Packet>,
    /// There are more than are listed.
    pub more: bool,
}

impl Packets {
    /// Segments whose bytes were all there before.
    #[must_use]
    pub fn repeated(&self) -> usize {
        self.count(|place| place == Place::Repeated)
    }

    /// Segments that came late.
    #[must_use]
    pub fn late(&self) -> usize {
        self.count(|place| place == Place::Late)
    }

    /// Bytes of holes that nothing filled.
    #[must_use]
    pub fn missing(&self) -> u64 {
        let holes = self.list.iter().map(|packet| match packet.place {
            Place::AfterHole(missing) => u64::from(missing),
            _ => 0,
        });
        let late = self
            .list
            .iter()
            .filter(|packet| packet.place == Place::Late);
        let filled: u64 = late.map(|packet| u64::from(packet.length)).sum();
        holes.sum::<u64>().saturating_sub(filled)
    }

    /// Bytes that a snap length cut off.
    #[must_use]
    pub fn cut(&self) -> u64 {
        self.list.iter().map(|packet| u64::from(packet.cut)).sum()
    }

    fn count(&self, is_wanted: impl Fn(Place) -> bool) -> usize {
        let wanted = self.list.iter().filter(|packet| is_wanted(packet.place));
        wanted.count()
    }
}

/// The frames `from` to `to` of the wanted connections, read from the capture again; ends early when
/// `stop` is set.
pub fn packets(
    store: &FrameStore,
    wanted: &[ConnectionInfo],
    from: FrameNumber,
    to: FrameNumber,
    limits: &Limits,
    stop: &AtomicBool,
) -> Result<Packets, CaptureError> {
    let mut source = store.from(from)?;
    let mut decoder = Decoder::new(limits);
    let mut directions: Vec<[Direction; 2]> = Vec::new();
    directions.resize_with(wanted.len(), Default::default);
    let mut found = Packets::default();
    let mut room = limits.packet_bytes;
    while !stop.load(Ordering::Relaxed) {
        // What damage there is was told when the capture was read for the first time.
        let frame = match source.next_frame() {
            Ok(Next::Frame(frame)) => frame,
            Ok(Next::Idle) => continue,
            Ok(Next::End) | Err(_) => break,
        };
        if frame.number > to {
            break;
        }
        let (link_type, bytes) = (frame.link_type, frame.bytes);
        let Ok(segment) = decoder.decode(&frame) else {
            continue;
        };
        let Some((connection, at, from_client)) = owner(wanted, &segment) else {
            continue;
        };
        if found.list.len() >= limits.packets_listed {
            found.more = true;
            break;
        }
        let direction = directions
            .get_mut(at)
            .and_then(|both| both.get_mut(usize::from(from_client)));
        let (sequence, place) = direction.map_or((0, Place::Next), |d| d.take(&segment));
        let start = (segment.payload.as_ptr() as usize).wrapping_sub(bytes.as_ptr() as usize);
        let kept = bytes.len() <= room;
        room -= if kept { bytes.len() } else { 0 };
        found.list.push(Packet {
            number: segment.frame,
            time: segment.time,
            stream: connection.stream,
            from_client,
            sequence,
            length: length(&segment),
            cut: segment.cut,
            flags: segment.flags,
            place,
            head: first_line(segment.payload),
            link_type,
            bytes: kept.then(|| bytes.into()),
            // A datagram joined from fragments does not lie in its last frame.
            payload: start.min(bytes.len()),
        });
    }
    Ok(found)
}

/// The wanted connection that a segment belongs to, its place, and whether the client sent it.
fn owner<'a>(
    wanted: &'a [ConnectionInfo],
    segment: &Segment<'_>,
) -> Option<(&'a ConnectionInfo, usize, bool)> {
    let ends = |a: Endpoint, b: Endpoint| (segment.source, segment.destination) == (a, b);
    wanted.iter().enumerate().find_map(|(at, connection)| {
        if ends(connection.client, connection.server) {
            Some((connection, at, true))
        } else if ends(connection.server, connection.client) {
            Some((connection, at, false))
        } else {
            None
        }
    })
}

fn length(segment: &Segment<'_>) -> u32 {
    u32::try_from(segment.payload.len()).unwrap_or(u32::MAX)
}

/// One direction of a connection.
#[derive(Debug, Default)]
struct Direction {
    /// The first sequence number, and the one that comes next.
    known: Option<(u32, u32)>,
    /// Begin and end of what is missing.
    holes: Vec<(u32, u32)>,
}

impl Direction {
    /// The sequence number counted from the first, and how the segment stands to those before it
    /// (sequence numbers are compared modulo 2^32, RFC 9293 §3.4).
    fn take(&mut self, segment: &Segment<'_>) -> (u32, Place) {
        let start = segment.sequence;
        let occupies = length(segment)
            .wrapping_add(segment.cut)
            .wrapping_add(u32::from(segment.flags.syn()))
            .wrapping_add(u32::from(segment.flags.fin()));
        let end = start.wrapping_add(occupies);
        let Some((first, next)) = self.known else {
            self.known = Some((start, end));
            return (0, Place::Next);
        };
        let relative = start.wrapping_sub(first);
        let is_before = |a: u32, b: u32| a != b && b.wrapping_sub(a) < 1 << 31;
        if occupies == 0 {
            return (relative, Place::Next);
        }
        if is_before(next, start) {
            let missing = start.wrapping_sub(next);
            if self.holes.len() < HOLES {
                self.holes.push((next, start));
            }
            self.known = Some((first, end));
            return (relative, Place::AfterHole(missing));
        }
        if is_before(next, end) {
            self.known = Some((first, end));
            return (relative, Place::Next);
        }
        let hole = self
            .holes
            .iter()
            .position(|(from, to)| !is_before(start, *from) && is_before(start, *to));
        match hole {
            Some(at) => {
                if let Some((_, to)) = self.holes.get(at).copied()
                    && is_before(end, to)
                {
                    self.holes.push((end, to));
                }
                self.holes.swap_remove(at);
                (relative, Place::Late)
            }
            None => (relative, Place::Repeated),
        }
    }
}

/// The first line of a message head.
fn first_line(payload: &[u8]) -> Option<String> {
    let end = memchr::memchr(b'\n', payload)?;
    let line = payload.get(..end)?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let is_response = line.starts_with(b"HTTP/1.");
    let is_request = memchr::memmem::find(line, b" HTTP/1.").is_some();
    if !(is_response || is_request) {
        return None;
    }
    let line = line.get(..line.len().min(LONGEST_LINE)).unwrap_or_default();
    Some(printable(&wire_text(line)).into_owned())
}
