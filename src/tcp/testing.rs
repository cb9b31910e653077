//! Segments and keys for tests.

use std::hash::BuildHasher;

use foldhash::quality::RandomState;

use crate::capture::frame::{FrameNumber, Timestamp};
use crate::decode::{Endpoint, Segment, TcpFlags};
use crate::tcp::flow::FlowKey;

/// A segment without data between a client's port and one server.
pub(super) fn segment(
    client: u16,
    flags: u8,
    from_client: bool,
    sequence: u32,
    acknowledgement: u32,
) -> Segment<'static> {
    let ends = [
        Endpoint::v4([10, 0, 0, 1], client),
        Endpoint::v4([10, 0, 0, 2], 80),
    ];
    let [source, destination] = if from_client {
        ends
    } else {
        [ends[1], ends[0]]
    };
    Segment {
        frame: FrameNumber(1),
        time: Timestamp::new(1000, 0),
        source,
        destination,
        sequence,
        acknowledgement,
        flags: TcpFlags(flags),
        payload: b"",
        cut: 0,
        marks: 0,
    }
}

/// The key of such segments, with its hash.
pub(super) fn key(hasher: &RandomState, client: u16) -> (FlowKey, u64) {
    let key = FlowKey::of(&segment(client, 0, true, 0, 0)).0;
    (key, hasher.hash_one(key))
}
