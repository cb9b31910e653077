//! A URL's host → the form in which hosts are compared, or that it is none
//! (<https://url.spec.whatwg.org/#host-parsing>).
//!
//! Hosts outside ASCII go through the `idna` package. Those within it do not: browsers take them as
//! they stand, malformed `xn--` labels too.

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};

use idna::AsciiDenyList;
use smallvec::SmallVec;

/// A host in the form in which hosts are compared: lower case, addresses in their shortest form.
pub(super) type Host = SmallVec<[u8; 36]>;

/// Parses a host; `special` where its URL's scheme is one of http's kind. `None` where it is none.
pub(super) fn parse_host(host: &[u8], special: bool) -> Option<Host> {
    if let [b'[', address @ .., b']'] = host {
        let address: Ipv6Addr = std::str::from_utf8(address).ok()?.parse().ok()?;
        return Some(Host::from_slice(format!("[{address}]").as_bytes()));
    }
    if special && is_plain_name(host) {
        return Some(Host::from_slice(host));
    }
    if host.contains(&b' ') {
        return None;
    }
    if !special {
        let forbidden = |b: &u8| is_forbidden_host_byte(*b);
        return (!host.iter().any(forbidden)).then(|| Host::from_slice(host));
    }
    let decoded: Cow<'_, [u8]> = if host.contains(&b'%') {
        Cow::Owned(percent_decode(host))
    } else {
        Cow::Borrowed(host)
    };
    let decoded: Cow<'_, [u8]> = if decoded.is_ascii() {
        decoded
    } else {
        // <https://url.spec.whatwg.org/#concept-domain-to-ascii>
        let ascii = idna::domain_to_ascii_cow(&decoded, AsciiDenyList::EMPTY).ok()?;
        Cow::Owned(ascii.into_owned().into_bytes())
    };
    let forbidden = |b: &u8| is_forbidden_domain_byte(*b);
    if decoded.is_empty() || decoded.iter().any(forbidden) {
        return None;
    }
    if ends_in_a_number(&decoded) {
        let address = parse_ipv4(&decoded)?;
        return Some(Host::from_slice(address.to_string().as_bytes()));
    }
    let mut normal = Host::from_slice(&decoded);
    normal.make_ascii_lowercase();
    Some(normal)
}

/// Whether a host is a name in its final form, as nearly all are: quicker than the rules.
fn is_plain_name(host: &[u8]) -> bool {
    let plain = |b: &u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_');
    let last = last_label(host).and_then(<[u8]>::first);
    host.iter().all(plain) && last.is_some_and(|b| !b.is_ascii_digit())
}

/// <https://url.spec.whatwg.org/#forbidden-host-code-point>.
fn is_forbidden_host_byte(byte: u8) -> bool {
    matches!(
        byte,
        0 | b'\t'
            | b'\n'
            | b'\r'
            | b' '
            | b'#'
            | b'/'
            | b':'
            | b'<'
            | b'>'
            | b'?'
            | b'@'
            | b'['
            | b'\\'
            | b']'
            | b'^'
            | b'|'
    )
}

/// <https://url.spec.whatwg.org/#forbidden-domain-code-point>, but for a space that was
/// percent-encoded: Chromium takes it.
fn is_forbidden_domain_byte(byte: u8) -> bool {
    byte != b' ' && (is_forbidden_host_byte(byte) || matches!(byte, 0x01..=0x1f | b'%' | 0x7f))
}

fn percent_decode(bytes: &[u8]) -> Vec<u8> {
    let digit = |b: &u8| char::from(*b).to_digit(16);
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if let (b'%', [high, low, tail @ ..]) = (first, tail)
            && let (Some(high), Some(low)) = (digit(high), digit(low))
        {
            decoded.push(u8::try_from(high * 16 + low).unwrap_or_default());
            rest = tail;
        } else {
            decoded.push(*first);
        }
    }
    decoded
}

/// The last label, without one empty label after it; `None` of an empty host.
fn last_label(host: &[u8]) -> Option<&[u8]> {
    let host = host.strip_suffix(b".").unwrap_or(host);
    host.rsplit(|b| *b == b'.').next()
}

/// <https://url.spec.whatwg.org/#ends-in-a-number-checker>.
fn ends_in_a_number(host: &[u8]) -> bool {
    last_label(host).is_some_and(|last| {
        let digits = !last.is_empty() && last.iter().all(u8::is_ascii_digit);
        digits || (last.first() == Some(&b'0') && parse_ipv4_number(last).is_some())
    })
}

/// <https://url.spec.whatwg.org/#concept-ipv4-parser>.
fn parse_ipv4(host: &[u8]) -> Option<Ipv4Addr> {
    let host = host.strip_suffix(b".").unwrap_or(host);
    let mut numbers: SmallVec<[u64; 4]> = SmallVec::new();
    for part in host.split(|b| *b == b'.') {
        if numbers.len() == 4 {
            return None;
        }
        numbers.push(parse_ipv4_number(part)?);
    }
    let last = numbers.pop()?;
    let room = 32 - 8 * u32::try_from(numbers.len()).ok()?;
    if numbers.iter().any(|n| *n > 255) || last >> room != 0 {
        return None;
    }
    let first = numbers.iter().zip([24, 16, 8]).map(|(n, shift)| n << shift);
    let address = first.fold(last, |address, part| address | part);
    Some(Ipv4Addr::from(u32::try_from(address).ok()?))
}

/// <https://url.spec.whatwg.org/#ipv4-number-parser>; too large ones end at the largest number.
fn parse_ipv4_number(part: &[u8]) -> Option<u64> {
    let (digits, radix) = match part {
        [] => return None,
        [b'0', b'x' | b'X', hex @ ..] => (hex, 16),
        [b'0', octal @ ..] if !octal.is_empty() => (octal, 8),
        decimal => (decimal, 10),
    };
    digits.iter().try_fold(0_u64, |number, digit| {
        let digit = char::from(*digit).to_digit(radix)?;
        let number = number.saturating_mul(u64::from(radix));
        Some(number.saturating_add(u64::from(digit)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_parsed_as_browsers_parse_them() {
        for (host, expected) in [
            ("localhost", Some("localhost")),
            ("LOCALHOST", Some("localhost")),
            ("localhost.", Some("localhost.")),
            ("a_b", Some("a_b")),
            ("*.a", Some("*.a")),
            ("-a-", Some("-a-")),
            ("a..b", Some("a..b")),
            (".", Some(".")),
            ("xn--bcher-kva.de", Some("xn--bcher-kva.de")),
            ("loc%61l%48ost", Some("localhost")),
            ("a%20b", Some("a b")),
            ("", None),
            ("a b", None),
            ("a%", None),
            ("a%zz", None),
            ("a%00", None),
            ("a%2fb", None),
            ("a<b", None),
            ("a^b", None),
            ("a|b", None),
            ("a:b", None),
            ("a\u{7f}b", None),
            ("a{b}'`\"!", Some("a{b}'`\"!")),
            ("127.0.0.1", Some("127.0.0.1")),
            ("127.0.0.1.", Some("127.0.0.1")),
            ("127.1", Some("127.0.0.1")),
            ("0x7f.1", Some("127.0.0.1")),
            ("0X7F000001", Some("127.0.0.1")),
            ("2130706433", Some("127.0.0.1")),
            ("017700000001", Some("127.0.0.1")),
            ("0", Some("0.0.0.0")),
            ("0x", Some("0.0.0.0")),
            ("1.2.65535", Some("1.2.255.255")),
            ("4294967295", Some("255.255.255.255")),
            ("4294967296", None),
            ("1.2.3.256", None),
            ("256.1.1.1", None),
            ("1.2.3.4.5", None),
            ("1.2.3.08", None),
            ("a.1", None),
            ("1..1", None),
            ("a.0x7f", None),
            ("a.0xzz", Some("a.0xzz")),
            ("1.2.3.4..", Some("1.2.3.4..")),
            ("99999999999999999999999", None),
            ("[::1]", Some("[::1]")),
            ("[0:0:0:0:0:0:0:1]", Some("[::1]")),
            ("[::FFFF:127.0.0.1]", Some("[::ffff:127.0.0.1]")),
            ("[::ffff:7f00:1]", Some("[::ffff:127.0.0.1]")),
            ("[::g]", None),
            ("[::1", None),
            ("[1:2]", None),
            ("[fe80::1%eth0]", None),
            ("[]", None),
        ] {
            let found = parse_host(host.as_bytes(), true);
            assert_eq!(found.as_deref(), expected.map(str::as_bytes), "{host}");
        }
        assert_eq!(parse_host(b"\xe9.example", true), None);
    }

    /// What Chromium 156 makes of hosts outside ASCII.
    #[test]
    fn hosts_outside_ascii_become_ascii() {
        for (host, expected) in [
            ("b\u{fc}cher.test", Some("xn--bcher-kva.test")),
            ("B\u{dc}CHER.test", Some("xn--bcher-kva.test")),
            ("b%C3%BCcher.test", Some("xn--bcher-kva.test")),
            ("stra\u{df}e.test", Some("xn--strae-oqa.test")),
            ("a\u{ad}b.test", Some("ab.test")),
            ("a\u{200b}b.test", Some("ab.test")),
            ("\u{ff41}.test", Some("a.test")),
            ("a\u{3002}test", Some("a.test")),
            ("\u{3002}", Some(".")),
            ("\u{2603}.test", Some("xn--n3h.test")),
            ("\u{1f4a9}.la", Some("xn--ls8h.la")),
            ("1.2.3.\u{ff14}", Some("1.2.3.4")),
            ("\u{ff10}x7f.1", Some("127.0.0.1")),
            ("a\u{a0}b.com", Some("a b.com")),
            ("a.\u{ad}", Some("a.")),
            ("xn--a", Some("xn--a")),
            ("XN--ZN7C.com", Some("xn--zn7c.com")),
            ("\u{ad}", None),
            ("\u{200d}.com", None),
            ("\u{301}.com", None),
            ("\u{5d0}a.com", None),
            ("a\u{5d0}.com", None),
            ("\u{fffd}.com", None),
            ("\u{e000}.com", None),
            ("\u{ff0f}.com", None),
            ("\u{ff05}.com", None),
            ("\u{2488}.com", None),
            ("a.test\u{ff1a}8081", None),
        ] {
            let found = parse_host(host.as_bytes(), true);
            assert_eq!(found.as_deref(), expected.map(str::as_bytes), "{host}");
        }
    }

    #[test]
    fn other_schemes_take_more_hosts() {
        for (host, expected) in [
            ("", true),
            ("a%", true),
            ("256.1", true),
            ("a<", false),
            ("a b", false),
        ] {
            let found = parse_host(host.as_bytes(), false).is_some();
            assert_eq!(found, expected, "{host}");
        }
    }
}
