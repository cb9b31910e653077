//! What can stand between the link header and IP: Ethernet itself, VLAN tags, LLC, MPLS, PPP.
//!
//! Read IEEE 802.1Q, RFC 1042 (SNAP), RFC 1661 and 2516 (PPP, `PPPoE`), RFC 3032 (MPLS).

use crate::decode::Unusable;

/// What the next bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layer {
    /// An Ethernet header.
    Ethernet,
    /// What this `EtherType` stands for.
    EtherType(u16),
    /// An IEEE 802.2 LLC header.
    Llc,
    /// A PPP header.
    Ppp,
    /// An IP header.
    Ip,
}

/// The next layer and its bytes.
pub(super) type Unwrapped<'a> = (Layer, &'a [u8]);

impl Layer {
    pub(super) const MPLS: Self = Self::EtherType(0x8847);
    pub(super) const PPPOE: Self = Self::EtherType(0x8864);

    /// Takes one header off; IP stays as it is.
    ///
    /// Each step but the one to IP takes bytes, so that a chain of them ends.
    pub(super) fn unwrap(self, bytes: &[u8]) -> Result<Unwrapped<'_>, Unusable> {
        match self {
            Self::Ethernet => ethernet(bytes),
            Self::EtherType(ether_type) => of_ether_type(ether_type, bytes),
            Self::Llc => llc(bytes),
            Self::Ppp => ppp(bytes),
            Self::Ip => Ok((Self::Ip, bytes)),
        }
    }
}

fn ethernet(bytes: &[u8]) -> Result<Unwrapped<'_>, Unusable> {
    Ok(type_or_length(u16_at(bytes, 12)?, after(bytes, 14)?))
}

/// What follows a field that is an `EtherType`, or in old frames a length.
fn type_or_length(value: u16, bytes: &[u8]) -> Unwrapped<'_> {
    const SMALLEST_TYPE: u16 = 0x600;
    if value < SMALLEST_TYPE {
        let end = usize::from(value).min(bytes.len());
        return (Layer::Llc, bytes.get(..end).unwrap_or_default());
    }
    (Layer::EtherType(value), bytes)
}

fn of_ether_type(ether_type: u16, bytes: &[u8]) -> Result<Unwrapped<'_>, Unusable> {
    match ether_type {
        // IPv4 and IPv6. The version is read off the header, and what is neither is no IP.
        0x0800 | 0x86dd => match bytes.first().map(|b| b >> 4) {
            Some(4 | 6) => Ok((Layer::Ip, bytes)),
            Some(_) => Err(Unusable::Malformed),
            None => Err(Unusable::CutInHeader),
        },
        // VLAN tags: of customers, of providers, and as some makers had them before 802.1ad.
        0x8100 | 0x88a8 | 0x9100 | 0x9200 | 0x9300 => {
            Ok(type_or_length(u16_at(bytes, 2)?, after(bytes, 4)?))
        }
        // MPLS, unicast and multicast.
        0x8847 | 0x8848 => mpls(bytes),
        // PPPoE session: version, code, session, length.
        0x8864 => Ok((Layer::Ppp, after(bytes, 6)?)),
        // Ethernet in something; provider backbone bridges put a tag before it.
        0x6558 => Ok((Layer::Ethernet, bytes)),
        0x88e7 => Ok((Layer::Ethernet, after(bytes, 4)?)),
        // PPP, in the GRE of PPTP.
        0x880b => Ok((Layer::Ppp, bytes)),
        // MACsec.
        0x88e5 => Err(Unusable::Encrypted),
        _ => Err(Unusable::NotIp),
    }
}

/// IEEE 802.2 with the SNAP extension; other users of it carry no IP worth the name.
fn llc(bytes: &[u8]) -> Result<Unwrapped<'_>, Unusable> {
    match bytes {
        [0xaa, 0xaa, 3, 0, 0, 0, high, low, rest @ ..] => {
            Ok((Layer::EtherType(u16::from_be_bytes([*high, *low])), rest))
        }
        // What ends here can still be SNAP.
        [] | [0xaa] | [0xaa, 0xaa, ..] if bytes.len() < 8 => Err(Unusable::CutInHeader),
        _ => Err(Unusable::NotIp),
    }
}

fn ppp(bytes: &[u8]) -> Result<Unwrapped<'_>, Unusable> {
    // Address and control are there or not, the first byte of the protocol too (RFC 1661 §6.5, §6.6).
    let bytes = bytes.strip_prefix(&[0xff, 3]).unwrap_or(bytes);
    let (protocol, rest) = match *bytes {
        [] => return Err(Unusable::CutInHeader),
        [low, ..] if low & 1 == 1 => (u16::from(low), after(bytes, 1)?),
        _ => (u16_at(bytes, 0)?, after(bytes, 2)?),
    };
    match protocol {
        0x0021 => Ok((Layer::EtherType(0x0800), rest)),
        0x0057 => Ok((Layer::EtherType(0x86dd), rest)),
        0x0281 | 0x0283 => Ok((Layer::MPLS, rest)),
        // Encrypted (RFC 1968), MPPE too when nothing is compressed.
        0x0053 | 0x00fd => Err(Unusable::Encrypted),
        _ => Err(Unusable::NotIp),
    }
}

/// Takes all labels off. What is below them only its first bits tell.
fn mpls(mut bytes: &[u8]) -> Result<Unwrapped<'_>, Unusable> {
    loop {
        let bottom = bytes.get(2).ok_or(Unusable::CutInHeader)? & 1 == 1;
        bytes = after(bytes, 4)?;
        if bottom {
            break;
        }
    }
    match bytes.first().map(|b| b >> 4) {
        Some(4 | 6) => Ok((Layer::Ip, bytes)),
        // A pseudowire, with its control word (RFC 4385 §3) or without.
        Some(0) => Ok((Layer::Ethernet, after(bytes, 4)?)),
        Some(_) => Ok((Layer::Ethernet, bytes)),
        None => Err(Unusable::CutInHeader),
    }
}

/// What stands after `length` bytes.
pub(super) fn after(bytes: &[u8], length: usize) -> Result<&[u8], Unusable> {
    bytes.get(length..).ok_or(Unusable::CutInHeader)
}

/// The number at `at`, in network byte order.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> Result<u16, Unusable> {
    let two = bytes.get(at..).and_then(<[u8]>::first_chunk);
    two.map(|two| u16::from_be_bytes(*two))
        .ok_or(Unusable::CutInHeader)
}
