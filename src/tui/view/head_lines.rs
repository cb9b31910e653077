//! The bytes of a frame → the lines of message heads in them, with the secrets in these.
//!
//! A head may begin in an earlier frame, so that a line here has its name there: the payloads before are joined
//! with this one. A secret is hidden wherever a line looks as if it had one, also within a body, where another
//! message may begin.

use std::iter::once;
use std::ops::Range;

use crate::http::secret::header_secrets;
use crate::packets::Packet;
use crate::tui::theme::Role;
use crate::wire_text::wire_text;

/// Bytes before a frame that are looked at: as long as browsers let a head be.
const BEFORE: usize = 256 << 10;

/// A line of which the beginning is missing is hidden as long as it may be one of a head: servers take
/// lines of 8 to 64 KiB.
const LONGEST_LINE: usize = 64 << 10;
/// Segments that may cover the same byte, as they were sent again.
const REPEATED: usize = 16;

/// A line within a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HeadLine {
    /// Its bytes, as far as they are in the frame.
    pub(super) whole: Range<usize>,
    /// What it is; `None` where it is in no head.
    pub(super) role: Option<Role>,
    /// What is secret of it.
    pub(super) secrets: Vec<Range<usize>>,
}

/// The lines of heads, and those with secrets, in the frame at a place of the list.
pub(super) fn head_lines(list: &[Packet], place: usize) -> Vec<HeadLine> {
    let Some(packet) = list.get(place) else {
        return Vec::new();
    };
    let Some(bytes) = &packet.bytes else {
        return Vec::new();
    };
    let Some(payload) = payload(packet) else {
        // A datagram joined from fragments: where its lines begin in this frame is not known.
        return vec![HeadLine {
            whole: 0..bytes.len(),
            role: None,
            secrets: once(0..bytes.len()).collect(),
        }];
    };
    let before = joined_before(list, place);
    let mut text = before.bytes;
    let start = text.len();
    text.extend_from_slice(payload);
    let mut reading = Reading {
        in_head: before.begins_with_head || packet.head.is_some() && start == 0,
        is_first: true,
        last_was_secret: false,
    };
    let mut lines = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let len = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
        let line = rest.get(..len).unwrap_or_default();
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let (role, secrets) = if at == 0 && before.after_hole && line.len() <= LONGEST_LINE {
            // Its name is in what the capture lacks.
            (None, once(0..line.len()).collect())
        } else {
            reading.line(line)
        };
        let here = |range: &Range<usize>| -> Option<Range<usize>> {
            let from = (range.start + at).max(start);
            let to = range.end + at;
            let shift = |n: usize| n - start + packet.payload;
            (from < to).then(|| shift(from)..shift(to))
        };
        let secrets: Vec<_> = secrets.iter().filter_map(here).collect();
        if let Some(whole) = here(&(0..line.len()))
            && (role.is_some() || !secrets.is_empty())
        {
            lines.push(HeadLine {
                whole,
                role,
                secrets,
            });
        }
        at += len;
    }
    lines
}

/// What was read of the lines so far.
struct Reading {
    in_head: bool,
    /// The next line is a request line or a status line.
    is_first: bool,
    last_was_secret: bool,
}

impl Reading {
    /// What a line is, and what is secret of it.
    fn line(&mut self, line: &[u8]) -> (Option<Role>, Vec<Range<usize>>) {
        let is_first = std::mem::take(&mut self.is_first);
        if line.is_empty() {
            self.in_head = false;
        }
        if self.in_head && is_first {
            return (Some(Role::Title), Vec::new());
        }
        // RFC 9112 §5.2: a line that begins with a blank goes on with the one before.
        let goes_on = self.in_head && line.first().is_some_and(|b| matches!(b, b' ' | b'\t'));
        if goes_on && self.last_was_secret {
            return (Some(Role::Label), once(0..line.len()).collect());
        }
        let colon = memchr::memchr(b':', line);
        let Some((name, value)) = colon.map(|colon| line.split_at(colon)) else {
            self.last_was_secret = false;
            return (self.in_head.then_some(Role::Label), Vec::new());
        };
        let value = value.get(1..).unwrap_or_default();
        let shift = name.len() + 1;
        let secrets = header_secrets(name, value).into_iter();
        let secrets: Vec<_> = secrets.map(|s| s.start + shift..s.end + shift).collect();
        self.last_was_secret = !secrets.is_empty();
        (self.in_head.then(|| role_of(name)), secrets)
    }
}

fn role_of(name: &[u8]) -> Role {
    let name = wire_text(name).to_ascii_lowercase();
    if name.starts_with("access-control-") || name == "origin" {
        Role::Key
    } else {
        Role::Label
    }
}

/// What comes before a frame in its direction.
#[derive(Default)]
struct Before {
    bytes: Vec<u8>,
    /// The bytes begin where a head does.
    begins_with_head: bool,
    /// Something is missing before them, and may be the beginning of the first line.
    after_hole: bool,
}

/// The payloads before a frame: from where a head begins or something is missing, in the order of the bytes.
fn joined_before(list: &[Packet], place: usize) -> Before {
    let mut before = Before::default();
    let Some(packet) = list.get(place) else {
        return before;
    };
    if packet.head.is_some() {
        return before;
    }
    let same = |other: &&Packet| {
        other.stream == packet.stream && other.from_client == packet.from_client && other.length > 0
    };
    // Late ones stand behind it in the list.
    let mut all: Vec<&Packet> = list.iter().filter(same).collect();
    all.sort_by_key(|other| other.sequence);
    let mut wanted = packet.sequence;
    let mut pieces: Vec<&[u8]> = Vec::new();
    let mut size = 0;
    while size < BEFORE {
        let end = all.partition_point(|other| other.sequence < wanted);
        let nearest = all.iter().take(end).rev().take(REPEATED);
        let mut covering = nearest.filter(|o| o.sequence.saturating_add(o.length) >= wanted);
        let Some((other, payload)) = covering.find_map(|o| Some((o, payload(o)?))) else {
            before.after_hole = true;
            break;
        };
        let len = usize::try_from(wanted - other.sequence).unwrap_or(0);
        let piece = payload.get(..len.min(payload.len())).unwrap_or_default();
        pieces.push(piece);
        size += piece.len();
        wanted = other.sequence;
        if other.head.is_some() {
            before.begins_with_head = true;
            break;
        }
    }
    before.bytes = pieces.into_iter().rev().flatten().copied().collect();
    before
}

/// The payload of a packet, as far as it is kept and lies in its frame.
fn payload(packet: &Packet) -> Option<&[u8]> {
    let bytes = packet.bytes.as_deref()?;
    let length = usize::try_from(packet.length).ok()?;
    bytes.get(packet.payload..packet.payload.checked_add(length)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::frame::{FrameNumber, LinkType, Timestamp};
    use crate::decode::TcpFlags;
    use crate::packets::Place;

    /// Packets of one direction: where each payload stands in the stream, and its bytes.
    fn packets(pieces: &[(u32, &str)]) -> Vec<Packet> {
        let packet = |(number, (sequence, text)): (u64, &(u32, &str))| Packet {
            number: FrameNumber(number),
            time: Timestamp::default(),
            stream: 0,
            from_client: true,
            sequence: *sequence,
            length: u32::try_from(text.len()).unwrap(),
            cut: 0,
            flags: TcpFlags::default(),
            place: Place::Next,
            head: text.starts_with("GET ").then(String::new),
            link_type: LinkType(1),
            bytes: Some([b"xx", text.as_bytes()].concat().into()),
            payload: 2,
        };
        (1..).zip(pieces).map(packet).collect()
    }

    /// What of a packet is shown, a star in place of each secret byte.
    fn shown(list: &[Packet], place: usize) -> String {
        let mut bytes = list[place].bytes.clone().unwrap();
        for secret in head_lines(list, place)
            .iter()
            .flat_map(|line| &line.secrets)
        {
            bytes[secret.clone()].fill(b'*');
        }
        String::from_utf8_lossy(&bytes[2..]).into_owned()
    }

    #[test]
    fn a_secret_is_hidden_wherever_the_head_is_split() {
        let text = "GET / HTTP/1.1\r\nHost: a\r\nCookie: id=sesame\r\nX-A: b\r\n\r\nbody: text";
        for first in 16..text.len() {
            for second in first + 1..=text.len() {
                let (a, rest) = text.split_at(first);
                let (b, c) = rest.split_at(second - first);
                let at = |n: usize| u32::try_from(n).unwrap();
                let list = packets(&[(0, a), (at(first), b), (at(second), c)]);
                let all: String = (0..3).map(|place| shown(&list, place)).collect();
                assert_eq!(all.len(), text.len());
                // Of a name that is not whole yet nothing is known, nor is there any value.
                assert!(!all.contains("sesame"), "{all}");
                for part in ["sesa", "same", "esam"] {
                    assert!(!all.contains(part), "{all}");
                }
                assert!(all.contains("X-A: b\r\n\r\nbody: text"), "{all}");
            }
        }
    }

    #[test]
    fn what_goes_on_behind_a_hole_is_hidden_up_to_the_next_line() {
        let list = packets(&[
            (0, "GET / HTTP/1.1\r\nCoo"),
            (30, "same\r\nX-A: b\r\n"),
            (44, "X-B: c\r\n\r\n"),
        ]);
        assert_eq!(shown(&list, 1), "****\r\nX-A: b\r\n");
        assert_eq!(shown(&list, 2), "X-B: c\r\n\r\n");
    }

    #[test]
    fn late_segments_and_second_heads_are_seen() {
        let list = packets(&[
            (0, "GET / HTTP/1.1\r\nCookie: id=ses"),
            (34, "\r\n\r\nGET /2 HTTP/1.1\r\nCookie: id=open\r\n"),
            (30, "same"),
        ]);
        assert_eq!(shown(&list, 2), "****");
        assert!(!shown(&list, 1).contains("open"), "{}", shown(&list, 1));
        let roles = head_lines(&list, 0);
        assert_eq!(roles[0].role, Some(Role::Title));
        assert_eq!(roles[1].role, Some(Role::Label));
    }
}
