//! Blocks of a pcapng file, as they are written (draft-ietf-opsawg-pcapng, sections 3 and 4).

use crate::capture::frame::Timestamp;

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
pub(super) const INTERFACE_DESCRIPTION: u32 = 1;
pub(super) const ENHANCED_PACKET: u32 = 6;

const OPTION_END: u16 = 0;
const SHB_USERAPPL: u16 = 4;
pub(super) const OPT_COMMENT: u16 = 1;
#[cfg(all(feature = "live", unix))]
pub(super) const IF_NAME: u16 = 2;
pub(super) const IF_TSRESOL: u16 = 9;

/// Begins a section.
pub(super) fn section_header(out: &mut Vec<u8>) {
    const BYTE_ORDER: u32 = 0x1a2b_3c4d;
    let program = concat!("corshark ", env!("CARGO_PKG_VERSION"));
    block(SECTION_HEADER, out, |body| {
        body.extend(BYTE_ORDER.to_le_bytes());
        body.extend([1, 0, 0, 0]);
        // How long the section is: not known.
        body.extend(u64::MAX.to_le_bytes());
        write_options(&[(SHB_USERAPPL, program.into())], body);
    });
}

/// Writes a block: its type, its length, what `fill` writes, and the length again.
pub(super) fn block(kind: u32, out: &mut Vec<u8>, fill: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend(kind.to_le_bytes());
    out.extend([0; 4]);
    fill(out);
    let length = u32::try_from(out.len() - start + 4).unwrap_or(u32::MAX);
    if let Some(place) = out.get_mut(start + 4..start + 8) {
        place.copy_from_slice(&length.to_le_bytes());
    }
    out.extend(length.to_le_bytes());
}

pub(super) fn write_options(options: &[(u16, Vec<u8>)], body: &mut Vec<u8>) {
    for (code, value) in options {
        let length = u16::try_from(value.len()).unwrap_or(u16::MAX);
        let value = value.get(..usize::from(length)).unwrap_or_default();
        body.extend(code.to_le_bytes());
        body.extend(length.to_le_bytes());
        body.extend(value);
        pad(value.len(), body);
    }
    body.extend(OPTION_END.to_le_bytes());
    body.extend([0, 0]);
}

/// A time in nanoseconds as pcapng has it: the upper half first.
pub(super) fn split(time: Timestamp) -> [u8; 8] {
    // What the rotation exchanges are the two halves.
    let nanos = time.as_nanos().max(0).unsigned_abs();
    nanos.rotate_left(32).to_le_bytes()
}

/// Blocks and options are padded to 32 bits.
pub(super) fn pad(length: usize, out: &mut Vec<u8>) {
    out.resize(out.len() + length.next_multiple_of(4) - length, 0);
}
