//! The frame numbers of a request and its response.

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use crate::capture::frame::FrameNumber;
#[cfg(test)]
use crate::report::record::schema;

/// Frame numbers of a request and its response.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Frames"))]
pub(super) struct Frames<'a> {
    /// Of the request: those of earlier tries that got no response come first.
    #[cfg_attr(test, schemars(schema_with = "schema::frames"))]
    pub(super) request: FrameList<'a>,
    /// Of the response: those that carry the head, and the last one of the message.
    #[cfg_attr(test, schemars(schema_with = "schema::frames"))]
    pub(super) response: FrameList<'a>,
}

/// Frame numbers: those of earlier tries, then those of the message.
#[derive(Debug, Clone, Copy)]
pub(super) struct FrameList<'a>(pub(super) &'a [FrameNumber], pub(super) &'a [FrameNumber]);

impl Serialize for FrameList<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut numbers = serializer.serialize_seq(None)?;
        for frames in [self.0, self.1] {
            for frame in frames {
                numbers.serialize_element(&frame.0)?;
            }
        }
        numbers.end()
    }
}
