//! IEEE 802.11 data frames, with the radiotap header before them or without.
//!
//! Read IEEE 802.11 §9.2 and §9.3.2, and <https://www.radiotap.org>.

use crate::decode::Unusable;
use crate::decode::layer::{Layer, Unwrapped, after};

/// Takes the radiotap header off, then that of 802.11.
pub(super) fn radiotap(bytes: &[u8]) -> Result<Unwrapped<'_>, Unusable> {
    let [_, _, low, high, ..] = *bytes else {
        return Err(Unusable::CutInHeader);
    };
    let length = usize::from(u16::from_le_bytes([low, high]));
    if length < 8 {
        return Err(Unusable::Malformed);
    }
    let header = bytes.get(..length).ok_or(Unusable::CutInHeader)?;
    data(after(bytes, length)?, flags(header) & 0x20 != 0)
}

/// The flags field, where there is one: the second of the fields, after an 8-byte time stamp.
fn flags(header: &[u8]) -> u8 {
    const TIME_STAMP: u8 = 1;
    const FLAGS: u8 = 2;
    const MORE: u8 = 0x80;
    let present = header.get(4).copied().unwrap_or_default();
    let mut at = 8;
    // The words that say what is present go on as long as the top bit of each is set.
    while header.get(at - 1).is_some_and(|last| last & MORE != 0) {
        at += 4;
    }
    if present & FLAGS == 0 {
        return 0;
    }
    if present & TIME_STAMP != 0 {
        at = at.next_multiple_of(8) + 8;
    }
    header.get(at).copied().unwrap_or_default()
}

/// Takes the 802.11 header off a data frame; `padded`: to a multiple of four bytes.
pub(super) fn data(bytes: &[u8], padded: bool) -> Result<Unwrapped<'_>, Unusable> {
    let [control, flags, ..] = *bytes else {
        return Err(Unusable::CutInHeader);
    };
    let subtype = control >> 4;
    // Type 2 is data; subtypes with this bit carry none.
    if control & 0x0c != 0x08 || subtype & 4 != 0 {
        return Err(Unusable::NotIp);
    }
    if flags & 0x40 != 0 {
        return Err(Unusable::Encrypted);
    }
    let mut length = 24;
    if flags & 3 == 3 {
        // From access point to access point: a fourth address.
        length += 6;
    }
    if subtype & 8 != 0 {
        let qos = bytes.get(length).ok_or(Unusable::CutInHeader)?;
        if qos & 0x80 != 0 {
            // Several frames in one: not taken apart.
            return Err(Unusable::NotIp);
        }
        length += 2;
        if flags & 0x80 != 0 {
            length += 4;
        }
    }
    if padded {
        length = length.next_multiple_of(4);
    }
    Ok((Layer::Llc, after(bytes, length)?))
}
