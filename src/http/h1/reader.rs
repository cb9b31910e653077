//! One direction of an HTTP/1.x connection: bytes in pieces → whole heads, and where bodies end.
//!
//! ```text
//!            head whole            body ended
//!   ┌─ Head ───────────→ Body ───────────────┐
//!   │   ↑                                    │
//!   │   └────────────────────────────────────┘
//!   └→ Lost  (a gap or garbage)  ─── a segment that begins like a head ──→ Head
//! ```

use smallvec::SmallVec;

use crate::capture::frame::{FrameNumber, Timestamp};
use crate::http::h1::body::Body;
use crate::limits::Limits;
use crate::tcp::At;

/// What a direction is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// At or in a message head.
    Head,
    /// In a body.
    Body(Body),
    /// Somewhere unknown: the next segment that begins like a head is taken for one.
    Lost,
}

/// The state of one direction.
pub(super) struct Reader {
    pub(super) state: State,
    /// The part of a head that came in earlier segments.
    partial: Vec<u8>,
    /// How much of it was searched for its end.
    searched: usize,
    /// The frames that the head came in.
    pub(super) frames: SmallVec<[FrameNumber; 2]>,
    /// When the head began.
    pub(super) start: Timestamp,
    /// The head begins as it should.
    pub(super) recognised: bool,
    /// Where the latest bytes came from.
    pub(super) last: At,
}

/// What came of giving bytes to a head.
pub(super) enum Head<'b> {
    /// It goes on.
    More,
    /// It is longer than any browser or server takes.
    TooLong,
    /// It is whole; so many of the bytes belong to it.
    Whole { head: HeadBytes<'b>, used: usize },
}

/// A whole head: lent from its segment, or collected from several.
pub(super) enum HeadBytes<'b> {
    Borrowed(&'b [u8]),
    Collected(Vec<u8>),
}

impl HeadBytes<'_> {
    pub(super) fn as_slice(&self) -> &[u8] {
        match self {
            Self::Borrowed(bytes) => bytes,
            Self::Collected(bytes) => bytes,
        }
    }
}

impl Reader {
    pub(super) fn new(state: State) -> Self {
        Self {
            state,
            partial: Vec::new(),
            searched: 0,
            frames: SmallVec::new(),
            start: Timestamp::default(),
            recognised: false,
            last: At::default(),
        }
    }

    /// Whether a head has begun and is not whole.
    pub(super) fn in_head(&self) -> bool {
        !self.partial.is_empty()
    }

    /// How much there is of a head that is not whole.
    pub(super) fn waiting_bytes(&self) -> usize {
        self.partial.len()
    }

    /// What is there of a head whose beginning was not recognised yet: a few bytes at most, or
    /// those of one segment.
    pub(super) fn beginning<'b>(&'b self, bytes: &'b [u8], joined: &'b mut Vec<u8>) -> &'b [u8] {
        if self.partial.is_empty() {
            return bytes;
        }
        joined.clear();
        joined.extend_from_slice(&self.partial);
        joined.extend_from_slice(bytes);
        joined
    }

    /// Gives up what there is of a head.
    pub(super) fn lose(&mut self) {
        self.state = State::Lost;
        self.partial = Vec::new();
        self.searched = 0;
        self.recognised = false;
        self.frames.clear();
    }

    /// Takes bytes at or in a head.
    pub(super) fn take_head<'b>(&mut self, bytes: &'b [u8], at: At, limits: &Limits) -> Head<'b> {
        let mut skipped = 0;
        if self.partial.is_empty() {
            // Empty lines before a message are passed over (RFC 9112 §2.2).
            skipped = bytes
                .iter()
                .take_while(|b| matches!(b, b'\r' | b'\n'))
                .count();
            if skipped == bytes.len() {
                return Head::More;
            }
            self.start = at.time;
            self.frames.clear();
        }
        let bytes = bytes.get(skipped..).unwrap_or_default();
        if self.frames.len() < limits.frames_listed && self.frames.last() != Some(&at.frame) {
            self.frames.push(at.frame);
        }
        if self.partial.is_empty() {
            if let Some(end) = head_end(bytes, 0) {
                let head = HeadBytes::Borrowed(bytes.get(..end).unwrap_or_default());
                return Head::Whole {
                    head,
                    used: skipped + end,
                };
            }
            if bytes.len() > limits.head_bytes {
                return Head::TooLong;
            }
            self.partial.extend_from_slice(bytes);
            self.searched = self.partial.len();
            return Head::More;
        }
        let before = self.partial.len();
        // A blank line that began in the part before is found by going back three bytes.
        let room = (limits.head_bytes + 1).saturating_sub(before);
        let taken = bytes.get(..bytes.len().min(room)).unwrap_or_default();
        self.partial.extend_from_slice(taken);
        if let Some(end) = head_end(&self.partial, self.searched.saturating_sub(3)) {
            self.searched = 0;
            let mut head = std::mem::take(&mut self.partial);
            head.truncate(end);
            return Head::Whole {
                head: HeadBytes::Collected(head),
                used: end - before,
            };
        }
        if self.partial.len() > limits.head_bytes {
            return Head::TooLong;
        }
        self.searched = self.partial.len();
        Head::More
    }
}

/// The end of a head: after the first empty line, looked for from `from` on. Lines may end in LF
/// alone, as all browsers allow.
fn head_end(bytes: &[u8], from: usize) -> Option<usize> {
    let searched = bytes.get(from..)?;
    memchr::memchr_iter(b'\n', searched).find_map(|lf| match searched.get(lf + 1..)? {
        [b'\n', ..] => Some(from + lf + 2),
        [b'\r', b'\n', ..] => Some(from + lf + 3),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_ends_at_its_first_empty_line() {
        for (bytes, end) in [
            (&b"A\r\n\r\nbody"[..], Some(5)),
            (b"A\n\nbody", Some(3)),
            (b"A\r\nB: c\n\r\n", Some(10)),
            (b"A\r\nB: c\r\n\r", None),
            (b"A\r\n\rB\n", None),
            (b"", None),
        ] {
            assert_eq!(head_end(bytes, 0), end, "{:?}", bytes.escape_ascii());
        }
    }
}
