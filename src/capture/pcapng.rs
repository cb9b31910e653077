//! pcapng (draft-ietf-opsawg-pcapng): sections of blocks, each interface with its own link type and clock.
//!
//! Blocks are framed here, so that a block that is not needed is passed over unread and one that
//! cannot be parsed costs only itself; what a block says is read through `pcap-parser`. Times are
//! computed here from the raw options: the package reads a big-endian `if_tsoffset` wrongly and cuts
//! seconds at 2106.

use std::sync::Arc;

use pcap_parser::pcapng::{Block, OptionCode, parse_block_be, parse_block_le};
use pcap_parser::traits::PcapNGPacketBlock;

use crate::capture::buffer::{Buffer, ByteOrder};
use crate::capture::frame::{Frame, FrameNumber, LinkType, Timestamp};
use crate::capture::{CaptureError, Next};
use crate::limits::Limits;

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
/// Obsolete since 2006, still written by old tools.
const PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;

/// More interfaces than this in a section are not copied for every place to read from again.
const BULKY: usize = 256;

/// The state of the section that is being read.
#[derive(Debug, Clone)]
pub(super) struct PcapNg {
    /// Bytes of a block that are still to be passed over.
    skipping: u64,
    order: ByteOrder,
    /// Shared with copies of this state, of which there are many.
    interfaces: Arc<Vec<Interface>>,
    max_interfaces: usize,
    block_bytes: usize,
    /// Place and fault of the first block that could not be read, told at the end.
    damage: Option<(u64, &'static str)>,
}

/// What an interface description block says.
#[derive(Debug, Clone)]
struct Interface {
    link_type: LinkType,
    snap_length: u32,
    clock: Clock,
}

/// Turns the ticks of an interface into time.
#[derive(Debug, Clone)]
struct Clock {
    /// `if_tsresol`: a negative power of 10, or of 2 where the top bit is set.
    resolution: u8,
    /// `if_tsoffset`: seconds to add.
    offset: i64,
}

impl Clock {
    fn time(&self, ticks: u64) -> Timestamp {
        let exponent = u32::from(self.resolution & 0x7f);
        let per_second = if self.resolution & 0x80 == 0 {
            10_u128.checked_pow(exponent)
        } else {
            1_u128.checked_shl(exponent)
        };
        // A resolution beyond 128 bits has no tick that amounts to a nanosecond.
        let per_second = per_second.unwrap_or(u128::MAX);
        let ticks = u128::from(ticks);
        let seconds = i64::try_from(ticks / per_second).unwrap_or(i64::MAX);
        // A remainder is below 2^64, so the product fits.
        let nanos = (ticks % per_second) * 1_000_000_000 / per_second;
        Timestamp::new(
            seconds.saturating_add(self.offset),
            u32::try_from(nanos).unwrap_or(0),
        )
    }
}

/// Where the bytes of a frame lie within its block.
struct Packet {
    time: Timestamp,
    link_type: LinkType,
    start: usize,
    len: usize,
}

impl PcapNg {
    pub(super) fn recognise(magic: [u8; 4]) -> bool {
        u32::from_le_bytes(magic) == SECTION_HEADER
    }

    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            order: ByteOrder::Little,
            interfaces: Arc::default(),
            max_interfaces: limits.interfaces,
            block_bytes: limits.block_bytes,
            skipping: 0,
            damage: None,
        }
    }

    /// Whether the state is too large to be copied often.
    pub(super) fn is_bulky(&self) -> bool {
        self.interfaces.len() > BULKY
    }

    /// Reads blocks up to the next one that holds a frame.
    pub(super) fn next<'a>(
        &mut self,
        input: &'a mut Buffer,
        number: FrameNumber,
    ) -> Result<Next<'a>, CaptureError> {
        loop {
            let offset = input.offset();
            let cut = CaptureError::CutShort {
                offset,
                frame: number.0,
            };
            self.skipping = input.skip(self.skipping)?;
            if self.skipping > 0 {
                return Err(cut);
            }
            let offset = input.offset();
            if !input.fill(12)? {
                return match (input.peek(), self.damage.take()) {
                    ([], None) => Ok(Next::End),
                    ([], Some((offset, what))) => Err(damaged(offset, what)),
                    _ => Err(cut),
                };
            }
            // The type of a section header reads the same in both byte orders.
            if self.order.u32(input.peek(), 0) == SECTION_HEADER {
                self.order = match self.order.u32(input.peek(), 8) {
                    0x1a2b_3c4d => self.order,
                    0x4d3c_2b1a if self.order == ByteOrder::Little => ByteOrder::Big,
                    0x4d3c_2b1a => ByteOrder::Little,
                    _ => return Err(damaged(offset, "a section header without byte order")),
                };
                self.interfaces = Arc::default();
            }
            let kind = self.order.u32(input.peek(), 0);
            let len = self.order.u32(input.peek(), 4);
            if len < 12 || !len.is_multiple_of(4) {
                return Err(damaged(offset, "a block with an impossible length"));
            }
            let wanted = matches!(
                kind,
                INTERFACE_DESCRIPTION | PACKET | SIMPLE_PACKET | ENHANCED_PACKET
            );
            if !wanted {
                self.skipping = u64::from(len);
                continue;
            }
            let len = len as usize;
            if len > self.block_bytes {
                return Err(damaged(offset, "a block longer than any frame"));
            }
            if !input.fill(len)? {
                return Err(cut);
            }
            let block = input.peek().get(..len).unwrap_or_default();
            match self.read_block(kind, block) {
                Ok(Some(packet)) => {
                    let block = input.take(len);
                    return Ok(Next::Frame(Frame {
                        number,
                        time: packet.time,
                        link_type: packet.link_type,
                        bytes: block
                            .get(packet.start..packet.start + packet.len)
                            .unwrap_or_default(),
                    }));
                }
                Ok(None) => {}
                Err(what) => {
                    self.damage.get_or_insert((offset, what));
                }
            }
            input.take(len);
        }
    }

    fn read_block(&mut self, kind: u32, block: &[u8]) -> Result<Option<Packet>, &'static str> {
        if kind == PACKET {
            return self.read_obsolete_packet(block).map(Some);
        }
        let parsed = match self.order {
            ByteOrder::Little => parse_block_le(block),
            ByteOrder::Big => parse_block_be(block),
        };
        match parsed.map(|(_, block)| block) {
            Ok(Block::InterfaceDescription(interface)) => {
                if self.interfaces.len() >= self.max_interfaces {
                    return Err("more interfaces than a section can have");
                }
                let option = |code: OptionCode| {
                    let found = interface.options.iter().find(|o| o.code == code);
                    found.map(pcap_parser::PcapNGOption::value)
                };
                let offset = option(OptionCode::IfTsoffset).and_then(<[u8]>::first_chunk);
                Arc::make_mut(&mut self.interfaces).push(Interface {
                    link_type: LinkType(u16::try_from(interface.linktype.0).unwrap_or(u16::MAX)),
                    snap_length: interface.snaplen,
                    clock: Clock {
                        resolution: option(OptionCode::IfTsresol)
                            .and_then(<[u8]>::first)
                            .copied()
                            .unwrap_or(6),
                        offset: offset.map_or(0, |eight: &[u8; 8]| match self.order {
                            ByteOrder::Little => i64::from_le_bytes(*eight),
                            ByteOrder::Big => i64::from_be_bytes(*eight),
                        }),
                    },
                });
                Ok(None)
            }
            Ok(Block::EnhancedPacket(packet)) => {
                let interface = self.interface(packet.if_id)?;
                let ticks = u64::from(packet.ts_high) << 32 | u64::from(packet.ts_low);
                Ok(Some(Packet {
                    time: interface.clock.time(ticks),
                    link_type: interface.link_type,
                    start: 28,
                    len: packet.packet_data().len(),
                }))
            }
            Ok(Block::SimplePacket(packet)) => {
                // A simple packet has no length of its own: the snap length cut it, or nothing did.
                let interface = self.interface(0)?;
                let snap_length = match interface.snap_length {
                    0 => usize::MAX,
                    length => length as usize,
                };
                Ok(Some(Packet {
                    time: Timestamp::default(),
                    link_type: interface.link_type,
                    start: 12,
                    len: packet.packet_data().len().min(snap_length),
                }))
            }
            _ => Err("a block that contradicts itself"),
        }
    }

    fn read_obsolete_packet(&self, block: &[u8]) -> Result<Packet, &'static str> {
        let interface = self.interface(u32::from(self.order.u16(block, 8)))?;
        let ticks =
            u64::from(self.order.u32(block, 12)) << 32 | u64::from(self.order.u32(block, 16));
        let len = self.order.u32(block, 20) as usize;
        if len > block.len().saturating_sub(32) {
            return Err("a frame longer than its block");
        }
        Ok(Packet {
            time: interface.clock.time(ticks),
            link_type: interface.link_type,
            start: 28,
            len,
        })
    }

    fn interface(&self, id: u32) -> Result<&Interface, &'static str> {
        self.interfaces
            .get(id as usize)
            .ok_or("a frame of an interface that is not described")
    }
}

fn damaged(offset: u64, what: &'static str) -> CaptureError {
    CaptureError::Damaged { offset, what }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_become_time_at_every_resolution() {
        for (resolution, offset, ticks, seconds, nanos) in [
            (6, 0, 1_500_000, 1, 500_000_000),
            (9, 0, 1_500_000_000, 1, 500_000_000),
            (12, 0, 1_500_000_000_000, 1, 500_000_000),
            (0, 10, 7, 17, 0),
            (0x81, 0, 3, 1, 500_000_000),
            (0xa0, -1, 1 << 31, -1, 500_000_000),
            (127, 0, u64::MAX, 0, 0),
            (0xff, 0, u64::MAX, 0, 0),
        ] {
            let clock = Clock { resolution, offset };
            assert_eq!(
                clock.time(ticks),
                Timestamp::new(seconds, nanos),
                "if_tsresol {resolution}"
            );
        }
    }
}
