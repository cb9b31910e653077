//! Frames of other captures → a pcapng file, each with a comment where there is something to say.

use std::io::{self, Write};

use crate::capture::blocks::{
    ENHANCED_PACKET, IF_TSRESOL, INTERFACE_DESCRIPTION, OPT_COMMENT, block, pad, section_header,
    split, write_options,
};
use crate::capture::frame::{LinkType, Timestamp};

/// A frame to write.
#[derive(Debug, Clone, Copy)]
pub struct ExportedFrame<'a> {
    /// What its first bytes are.
    pub link_type: LinkType,
    /// When it was captured.
    pub time: Timestamp,
    /// How long it was on the wire.
    pub length: u32,
    /// What was captured of it.
    pub bytes: &'a [u8],
    /// What is to be said of it.
    pub comment: Option<&'a str>,
}

/// Writes a pcapng file.
pub struct Exporter<W> {
    out: W,
    /// One interface for each link type.
    interfaces: Vec<LinkType>,
    blocks: Vec<u8>,
}

impl<W: Write> Exporter<W> {
    /// Begins a file.
    pub fn new(out: W) -> Self {
        let mut blocks = Vec::new();
        section_header(&mut blocks);
        Self {
            out,
            interfaces: Vec::new(),
            blocks,
        }
    }

    /// Writes a frame.
    pub fn write(&mut self, frame: &ExportedFrame<'_>) -> io::Result<()> {
        let interface = self.interface(frame.link_type);
        block(ENHANCED_PACKET, &mut self.blocks, |body| {
            let captured = u32::try_from(frame.bytes.len()).unwrap_or(u32::MAX);
            body.extend(u32::try_from(interface).unwrap_or_default().to_le_bytes());
            body.extend(split(frame.time));
            body.extend(captured.to_le_bytes());
            body.extend(frame.length.to_le_bytes());
            body.extend(frame.bytes);
            pad(frame.bytes.len(), body);
            if let Some(comment) = frame.comment {
                write_options(&[(OPT_COMMENT, comment.as_bytes().to_vec())], body);
            }
        });
        self.out.write_all(&self.blocks)?;
        self.blocks.clear();
        Ok(())
    }

    /// The file is over; gives back what it was written to.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.write_all(&self.blocks)?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn interface(&mut self, link_type: LinkType) -> usize {
        if let Some(known) = self.interfaces.iter().position(|known| *known == link_type) {
            return known;
        }
        block(INTERFACE_DESCRIPTION, &mut self.blocks, |body| {
            let nanoseconds = vec![9];
            body.extend(link_type.0.to_le_bytes());
            body.extend([0, 0]);
            // No frame was cut for this file.
            body.extend(0_u32.to_le_bytes());
            write_options(&[(IF_TSRESOL, nanoseconds)], body);
        });
        self.interfaces.push(link_type);
        self.interfaces.len() - 1
    }
}
