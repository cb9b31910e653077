//! One direction of an HTTP/1.x connection: bytes in pieces → whole heads, and where bodies end.
//!
//! ```text
//!            head whole            body ended
//!   ┌─ Head ───────────→ Body ───────────────┐
//!   │   ↑                                    │
//!   │   └────────────────────────────────────┘
//!   └→ Lost  (a gap or garbage)  ─── a segment that begins like a head ──→ Head
//! ```

use std::sync::LazyLock;

use memchr::memmem::Finder;
use smallvec::SmallVec;

use crate::capture::frame::{FrameNumber, Timestamp};
use crate::http::h1::body::Body;
use crate::limits::Limits;
use crate::tcp::At;

/// What a direction is in: 16 bytes, as there are two in every connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// At or in a message head.
    Head {
        /// It begins as it should.
        recognised: bool,
    },
    /// In a body.
    Body(Body),
    /// Somewhere unknown: the next segment that begins like a head is taken for one.
    Lost,
}

impl State {
    /// Where a message head should begin.
    pub(super) const START: Self = Self::Head { recognised: false };
}

/// The part of a head that came in earlier segments.
#[derive(Default)]
pub(super) struct Partial {
    bytes: Vec<u8>,
    /// How much of it was searched for its end.
    searched: usize,
    seen: Seen,
}

/// What came of giving bytes to a head.
pub(super) enum Head<'b> {
    /// It goes on.
    More,
    /// It is longer than any browser or server takes.
    TooLong,
    /// It is whole.
    Whole(WholeHead<'b>),
}

/// A head, and where and when it came.
pub(super) struct WholeHead<'b> {
    bytes: HeadBytes<'b>,
    /// So many of the bytes given belong to it, once it is parsed.
    pub(super) used: usize,
    pub(super) seen: Seen,
}

/// Where and when a head came.
#[derive(Default)]
pub(super) struct Seen {
    /// The frames that it came in.
    pub(super) frames: SmallVec<[FrameNumber; 2]>,
    /// When it began.
    pub(super) start: Timestamp,
}

impl Seen {
    /// In one frame.
    pub(super) fn at(at: At) -> Self {
        Self {
            frames: SmallVec::from_slice(&[at.frame]),
            start: at.time,
        }
    }
}

/// A whole head: lent from its segment, or collected from several.
enum HeadBytes<'b> {
    Borrowed(&'b [u8]),
    Collected(Vec<u8>),
}

impl WholeHead<'_> {
    /// Its bytes, blank line included.
    pub(super) fn bytes(&self) -> &[u8] {
        match &self.bytes {
            HeadBytes::Borrowed(bytes) => bytes,
            HeadBytes::Collected(bytes) => bytes,
        }
    }

    /// Ends it at its first blank line also where that ends in LF alone, as all browsers allow. In a
    /// head whose lines all end in CR LF there is none such, so this is left to the others.
    pub(super) fn end_at_first_blank_line(&mut self) {
        if let HeadBytes::Borrowed(bytes) = &mut self.bytes
            && let Some(end) = head_end(bytes, 0)
        {
            self.used -= bytes.len() - end;
            *bytes = bytes.get(..end).unwrap_or_default();
        }
    }
}

#[cfg(test)]
impl<'b> WholeHead<'b> {
    /// One that stands in these bytes.
    pub(super) fn of(bytes: &'b [u8]) -> Self {
        Self {
            bytes: HeadBytes::Borrowed(bytes),
            used: bytes.len(),
            seen: Seen::default(),
        }
    }
}

impl Partial {
    /// Whether there is nothing of a head.
    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// How much there is of a head.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The memory that it takes beyond its own.
    pub(super) fn capacity(&self) -> usize {
        let spilled = if self.seen.frames.spilled() {
            self.seen.frames.capacity() * size_of::<FrameNumber>()
        } else {
            0
        };
        self.bytes.capacity() + spilled
    }

    /// What is there of a head whose beginning was not recognised yet: a few bytes at most, or
    /// those of one segment.
    pub(super) fn beginning<'b>(&self, bytes: &[u8], joined: &'b mut Vec<u8>) -> &'b [u8] {
        joined.clear();
        joined.extend_from_slice(&self.bytes);
        joined.extend_from_slice(bytes);
        joined
    }

    /// Takes bytes of which is not known yet whether a head begins in them.
    pub(super) fn collect(&mut self, bytes: &[u8], at: At) {
        if self.is_empty() {
            self.begin(bytes, at);
        } else {
            self.bytes.extend_from_slice(bytes);
        }
        self.searched = 0;
    }

    /// Leaves out as many of the first bytes, if there are as many; how many are left out.
    pub(super) fn drop_first(&mut self, count: usize) -> usize {
        let dropped = count.min(self.len());
        if dropped == self.len() {
            self.clear();
        } else {
            self.bytes.drain(..dropped);
        }
        dropped
    }

    /// Gives up what there is of a head.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Takes what there is of a head whose end never came, as if it ended there.
    pub(super) fn take_cut(&mut self) -> Option<WholeHead<'static>> {
        if self.is_empty() {
            return None;
        }
        let mut whole = std::mem::take(self);
        whole.bytes.extend_from_slice(b"\r\n\r\n");
        Some(WholeHead {
            bytes: HeadBytes::Collected(whole.bytes),
            used: 0,
            seen: whole.seen,
        })
    }

    /// Begins a head that is not whole in its first segment.
    fn begin(&mut self, bytes: &[u8], at: At) {
        self.bytes.extend_from_slice(bytes);
        self.searched = bytes.len();
        self.seen = Seen::at(at);
    }

    /// Takes bytes of a head that has begun.
    pub(super) fn go_on(&mut self, bytes: &[u8], at: At, limits: &Limits) -> Head<'static> {
        let frames = &mut self.seen.frames;
        if frames.len() < limits.frames_listed && frames.last() != Some(&at.frame) {
            frames.push(at.frame);
        }
        let before = self.bytes.len();
        // A blank line that began in the part before is found by going back three bytes.
        let room = (limits.head_bytes + 1).saturating_sub(before);
        let taken = bytes.get(..bytes.len().min(room)).unwrap_or_default();
        self.bytes.extend_from_slice(taken);
        if let Some(end) = head_end(&self.bytes, self.searched.saturating_sub(3)) {
            let mut whole = std::mem::take(self);
            whole.bytes.truncate(end);
            return Head::Whole(WholeHead {
                bytes: HeadBytes::Collected(whole.bytes),
                used: end - before,
                seen: whole.seen,
            });
        }
        if self.bytes.len() > limits.head_bytes {
            return Head::TooLong;
        }
        self.searched = self.bytes.len();
        Head::More
    }
}

/// Takes the bytes at the beginning of a head; `partial` gives room for one that is not whole.
pub(super) fn take_head<'b, 'p>(
    bytes: &'b [u8],
    at: At,
    limits: &Limits,
    partial: impl FnOnce() -> &'p mut Partial,
) -> Head<'b> {
    // Empty lines before a message are passed over (RFC 9112 §2.2).
    let blank = |b: &&u8| matches!(b, b'\r' | b'\n');
    let skipped = bytes.iter().take_while(blank).count();
    let bytes = bytes.get(skipped..).unwrap_or_default();
    if let Some(end) = probable_end(bytes) {
        return Head::Whole(WholeHead {
            bytes: HeadBytes::Borrowed(bytes.get(..end).unwrap_or_default()),
            used: skipped + end,
            seen: Seen::at(at),
        });
    }
    if bytes.len() > limits.head_bytes {
        return Head::TooLong;
    }
    if !bytes.is_empty() {
        partial().begin(bytes, at);
    }
    Head::More
}

/// The end of a head: after the first blank line, looked for from `from` on. Lines may end in LF
/// alone, as all browsers allow.
fn head_end(bytes: &[u8], from: usize) -> Option<usize> {
    static LF: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\n\n"));
    let by_crlf = end_by_crlf(bytes, from);
    let before = bytes.get(from..by_crlf.unwrap_or(bytes.len()))?;
    let by_lf = LF.find(before).map(|at| from + at + 2);
    by_lf.or(by_crlf)
}

/// The same, if it is the first one whose line ends in CR LF: in a head in good order. Otherwise
/// [`WholeHead::end_at_first_blank_line`] finds it.
fn probable_end(bytes: &[u8]) -> Option<usize> {
    end_by_crlf(bytes, 0).or_else(|| head_end(bytes, 0))
}

pub(super) fn end_by_crlf(bytes: &[u8], from: usize) -> Option<usize> {
    static CRLF: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\n\r\n"));
    CRLF.find(bytes.get(from..)?).map(|at| from + at + 3)
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
