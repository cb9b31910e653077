//! The classic pcap savefile: a header of 24 bytes, then records.
//!
//! Six magic numbers tell byte order, time resolution and record-header size
//! (draft-ietf-opsawg-pcap; the "modified" form of Alexey Kuznetzov has 24-byte record headers).
//! Read here and not through a package: the one at hand refuses the modified form in big-endian.

use crate::capture::buffer::{Buffer, ByteOrder};
use crate::capture::frame::{Frame, FrameNumber, LinkType, Timestamp};
use crate::capture::{CaptureError, Next};

const FILE_HEADER: usize = 24;

/// How to read the records of one file.
#[derive(Debug, Clone)]
pub(super) struct Pcap {
    order: ByteOrder,
    nanos_per_tick: u32,
    record_header: usize,
    link_type: LinkType,
}

impl Pcap {
    /// The form that a magic number stands for; `None` where it is no pcap magic.
    pub(super) fn recognise(magic: [u8; 4]) -> Option<Self> {
        let (order, nanos_per_tick, record_header) = match magic {
            [0xd4, 0xc3, 0xb2, 0xa1] => (ByteOrder::Little, 1000, 16),
            [0xa1, 0xb2, 0xc3, 0xd4] => (ByteOrder::Big, 1000, 16),
            [0x4d, 0x3c, 0xb2, 0xa1] => (ByteOrder::Little, 1, 16),
            [0xa1, 0xb2, 0x3c, 0x4d] => (ByteOrder::Big, 1, 16),
            [0x34, 0xcd, 0xb2, 0xa1] => (ByteOrder::Little, 1000, 24),
            [0xa1, 0xb2, 0xcd, 0x34] => (ByteOrder::Big, 1000, 24),
            _ => return None,
        };
        Some(Self {
            order,
            nanos_per_tick,
            record_header,
            link_type: LinkType(0),
        })
    }

    /// Reads the file header.
    pub(super) fn open(&mut self, input: &mut Buffer) -> Result<(), CaptureError> {
        if !input.fill(FILE_HEADER)? {
            return Err(CaptureError::CutShort {
                offset: 0,
                frame: 1,
            });
        }
        let header = input.take(FILE_HEADER);
        // The upper half of the field holds the length of a frame check sequence, not the type.
        let low = self.order.u32(header, 20) & 0xffff;
        self.link_type = LinkType(u16::try_from(low).unwrap_or_default());
        Ok(())
    }

    /// Reads the next record.
    #[inline]
    pub(super) fn next<'a>(
        &self,
        input: &'a mut Buffer,
        number: FrameNumber,
        block_bytes: usize,
    ) -> Result<Next<'a>, CaptureError> {
        if !input.fill(self.record_header)? {
            return if input.peek().is_empty() {
                Ok(Next::End)
            } else {
                Err(cut_short(input, number))
            };
        }
        let Some(header) = input.peek().first_chunk::<12>() else {
            return Err(cut_short(input, number));
        };
        let [seconds, fraction, captured] = self.order.words(header);
        let captured = captured as usize;
        if captured > block_bytes {
            return Err(CaptureError::Damaged {
                offset: input.offset(),
                what: "a frame longer than any network sends",
            });
        }
        let length = self.record_header + captured;
        if !input.fill(length)? {
            return Err(cut_short(input, number));
        }
        let record = input.take(length);
        Ok(Next::Frame(Frame {
            number,
            time: Timestamp::new(
                i64::from(seconds),
                fraction.saturating_mul(self.nanos_per_tick),
            ),
            link_type: self.link_type,
            bytes: record.get(self.record_header..).unwrap_or_default(),
        }))
    }
}

#[cold]
fn cut_short(input: &Buffer, number: FrameNumber) -> CaptureError {
    CaptureError::CutShort {
        offset: input.offset(),
        frame: number.0,
    }
}
