//! Which connection a frame belongs to, and where its payload lies.

use std::collections::HashMap;
use std::ops::Range;

use crate::capture::frame::Frame;
use crate::decode::{Decoder, Endpoint};
use crate::limits::Limits;

/// Where a frame belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The connection, counted as the capture goes.
    pub(super) connection: u32,
    pub(super) source: Endpoint,
    pub(super) destination: Endpoint,
    /// The sequence number of the payload's first byte.
    pub(super) sequence: u32,
    /// Where the payload lies in the frame; `None` where it lies in several frames.
    pub(super) payload: Option<Range<usize>>,
    /// Bytes that a snap length cut off.
    pub(super) cut: u32,
}

struct Known {
    connection: u32,
    has_data: bool,
}

/// Tells connections apart, also those that use the same two ends one after the other.
pub(super) struct Connections {
    decoder: Decoder,
    current: HashMap<(Endpoint, Endpoint), Known>,
    count: u32,
}

impl Connections {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            decoder: Decoder::new(limits),
            current: HashMap::new(),
            count: 0,
        }
    }

    /// Where a frame belongs; `None` where it holds no TCP segment.
    pub(super) fn place(&mut self, frame: &Frame<'_>) -> Option<Place> {
        let segment = self.decoder.decode(frame).ok()?;
        let (source, destination) = (segment.source, segment.destination);
        let key = (source.min(destination), source.max(destination));
        let count = &mut self.count;
        let mut next = || {
            *count += 1;
            Known {
                connection: *count,
                has_data: false,
            }
        };
        let known = self.current.entry(key).or_insert_with(&mut next);
        if segment.flags.is_first_syn() && known.has_data {
            *known = next();
        }
        known.has_data |= !segment.payload.is_empty();
        let start = segment.payload.as_ptr() as usize;
        let start = start.wrapping_sub(frame.bytes.as_ptr() as usize);
        let end = start.checked_add(segment.payload.len());
        let payload = end
            .filter(|end| *end <= frame.bytes.len())
            .map(|end| start..end);
        Some(Place {
            connection: known.connection,
            source,
            destination,
            sequence: segment
                .sequence
                .wrapping_add(u32::from(segment.flags.syn())),
            payload,
            cut: segment.cut,
        })
    }
}
