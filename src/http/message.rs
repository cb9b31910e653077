//! Request and response heads, and what is known of their bodies.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::capture::frame::{FrameNumber, Timestamp};
use crate::http::headers::HeaderList;
use crate::http::stack::{HttpStack, HttpStacks};

/// What an allocator needs for a head and its line.
const ALLOCATIONS: usize = 32;

/// A request's method, target and header list.
#[derive(Debug, Clone, Default)]
pub struct RequestHead {
    pub(super) line: RequestLine,
    /// Its header lines.
    pub headers: HeaderList,
}

/// Method and target, with a space between them; most fit without an allocation of their own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct RequestLine {
    bytes: SmallVec<[u8; 48]>,
    method: usize,
}

impl RequestLine {
    pub(super) fn new(method: &[u8], target: &[u8]) -> Self {
        Self::of([method, b" ", target].concat().as_slice(), method.len())
    }

    /// The line that begins with these bytes, up to its version, and whose method is so long.
    pub(super) fn of(bytes: &[u8], method: usize) -> Self {
        Self {
            bytes: SmallVec::from_slice(bytes),
            method,
        }
    }
}

impl RequestHead {
    /// The method, in the case of the wire.
    #[must_use]
    pub fn method(&self) -> &[u8] {
        self.line.bytes.get(..self.line.method).unwrap_or_default()
    }

    /// The request target as sent (RFC 9112 §3.2).
    #[must_use]
    pub fn target(&self) -> &[u8] {
        let target = self.line.bytes.get(self.line.method + 1..);
        target.unwrap_or_default()
    }

    /// The memory that it takes.
    pub(crate) fn memory(&self) -> usize {
        let line = if self.line.bytes.spilled() {
            self.line.bytes.len()
        } else {
            0
        };
        size_of::<Self>() + ALLOCATIONS + line + self.headers.memory()
    }

    /// The same head with other values: each that `target` or `value` (of a name and a value)
    /// gives another one for.
    #[must_use]
    pub fn rewritten(
        &self,
        target: impl FnOnce(&[u8]) -> Option<Vec<u8>>,
        value: impl FnMut(&[u8], &[u8]) -> Option<Vec<u8>>,
    ) -> Self {
        let target = target(self.target());
        let target = target.as_deref().unwrap_or(self.target());
        Self {
            line: RequestLine::new(self.method(), target),
            headers: self.headers.rewritten(value),
        }
    }
}

/// A response's status and header list.
#[derive(Debug, Clone, Default)]
pub struct ResponseHead {
    /// The status code.
    pub status: u16,
    /// Its header lines.
    pub headers: HeaderList,
    /// Who refuses it, as it is malformed.
    pub refused_by: HttpStacks,
    /// What those make of it, as it is malformed, who read it in another way.
    pub(crate) otherwise: Vec<(HttpStack, Arc<Self>)>,
}

impl ResponseHead {
    /// One in good order.
    pub(super) fn new(status: u16, headers: HeaderList) -> Self {
        Self {
            status,
            headers,
            refused_by: HttpStacks::default(),
            otherwise: Vec::new(),
        }
    }

    /// What one implementation makes of it.
    #[must_use]
    pub fn read_by(self: &Arc<Self>, stack: HttpStack) -> Arc<Self> {
        let mut others = self.otherwise.iter();
        let other = others.find(|(other, _)| *other == stack);
        Arc::clone(other.map_or(self, |(_, head)| head))
    }

    /// Whether implementations make different things of it.
    #[must_use]
    pub fn is_contentious(&self) -> bool {
        !self.refused_by.is_empty() || !self.otherwise.is_empty()
    }

    /// The same head with other values: each that `value` gives another one for.
    #[must_use]
    pub fn rewritten(&self, value: impl FnMut(&[u8], &[u8]) -> Option<Vec<u8>>) -> Self {
        Self {
            refused_by: self.refused_by,
            ..Self::new(self.status, self.headers.rewritten(value))
        }
    }

    /// The value of Location; empty where there is none. Lines that repeat it count once.
    #[must_use]
    pub fn location(&self) -> &[u8] {
        self.headers.values("location").next().unwrap_or_default()
    }

    /// The memory that it takes.
    pub(crate) fn memory(&self) -> usize {
        let others = self.otherwise.iter().map(|(_, head)| head.memory());
        size_of::<Self>() + ALLOCATIONS + self.headers.memory() + others.sum::<usize>()
    }

    /// What a stored response is after this 304 confirmed it (RFC 9111 §4.3.4).
    #[must_use]
    pub fn confirmed_by(&self, not_modified: &Self) -> Self {
        Self::new(self.status, self.headers.updated_by(&not_modified.headers))
    }
}

/// One message: its head, and where and when it was seen.
#[derive(Debug, Clone)]
pub struct Message<H> {
    /// The head; shared, as a request's is told of before its response is there.
    pub head: Arc<H>,
    /// The frames that carry the head, and the last one of the message. At most
    /// [`Limits::frames_listed`](crate::limits::Limits::frames_listed) and one more.
    pub frames: SmallVec<[FrameNumber; 2]>,
    /// When its first byte was captured.
    pub start: Timestamp,
    /// When the last byte of its head was captured.
    pub head_end: Timestamp,
    /// When its last byte was captured.
    pub end: Timestamp,
    /// Body bytes on the wire, chunk framing included, missing ones too.
    pub body_bytes: u64,
    /// The whole message was there, or is known to have been.
    pub complete: bool,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::http::headers::tests::list;

    /// A request head with these lines.
    pub(crate) fn request_head(method: &str, target: &str, lines: &[(&str, &str)]) -> RequestHead {
        RequestHead {
            line: RequestLine::new(method.as_bytes(), target.as_bytes()),
            headers: list(lines),
        }
    }
}
