//! Secrets in packets: each byte of one becomes another byte, so that lengths stay, and checksums are
//! kept up to date, so that what was right stays right.
//!
//! Heads of HTTP/1.x messages are looked at line by line, in the order of sequence numbers, so a
//! secret that is split over segments, or repeated, is found too. Bodies are left as they are.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::decode::Endpoint;
use crate::export::Packet;
use crate::http::headers::is_token;
use crate::http::secret::{Places, header_secrets, url_secrets};
use crate::redact::Redactor;

/// Bytes at the beginning of what follows a gap that are hidden when nothing tells what they are.
const UNCLEAR: usize = 8192;

/// Hides the secrets of packets of one capture. Returns how many packets were left out, because they
/// are fragments, whose payload cannot be looked at.
pub fn redact(packets: &mut Vec<Packet>, redactor: &mut Redactor) -> usize {
    let before = packets.len();
    packets.retain(|packet| packet.place.payload.is_some());
    let left_out = before - packets.len();
    let mut directions: BTreeMap<(u32, Endpoint), Vec<usize>> = BTreeMap::new();
    for (number, packet) in packets.iter().enumerate() {
        if packet.payload().is_some_and(|payload| !payload.is_empty()) {
            let direction = (packet.place.connection, packet.place.source);
            directions.entry(direction).or_default().push(number);
        }
    }
    for numbers in directions.into_values() {
        redact_direction(packets, &numbers, redactor);
    }
    left_out
}

impl Packet {
    fn payload(&self) -> Option<&[u8]> {
        self.bytes.get(self.place.payload.clone()?)
    }

    /// Replaces bytes of the payload, and adds the difference to TCP's checksum.
    fn overwrite(&mut self, at: usize, new: &[u8]) {
        let Some(payload) = self.place.payload.clone() else {
            return;
        };
        let before = self.bytes.get(payload.clone()).map(sum).unwrap_or_default();
        let start = payload.start + at;
        if let Some(place) = self.bytes.get_mut(start..start + new.len()) {
            place.copy_from_slice(new);
        }
        let after = self.bytes.get(payload.clone()).map(sum).unwrap_or_default();
        let Some(checksum) = self.checksum_at(payload.start) else {
            return;
        };
        if let Some([high, low]) = self.bytes.get_mut(checksum..checksum + 2) {
            let old = u16::from_be_bytes([*high, *low]);
            // RFC 1624 §3: HC' = ~(~HC + ~m + m').
            let new = !folded(u64::from(!old) + u64::from(!before) + u64::from(after));
            [*high, *low] = new.to_be_bytes();
        }
    }

    /// Where TCP's checksum lies: the header before the payload begins with the two ports and says
    /// its own length (RFC 9293 §3.1).
    fn checksum_at(&self, payload: usize) -> Option<usize> {
        let ports = [self.place.source.port(), self.place.destination.port()];
        let ports: Vec<u8> = ports.into_iter().flat_map(u16::to_be_bytes).collect();
        let mut lengths = 5..=15_usize;
        let header = lengths.find_map(|words| {
            let start = payload.checked_sub(words * 4)?;
            let header = self.bytes.get(start..payload)?;
            let says = usize::from(header.get(12)? >> 4);
            (says == words && header.starts_with(&ports)).then_some(start)
        })?;
        Some(header + 16)
    }
}

/// The ones' complement sum of 16-bit words (RFC 1071).
fn sum(bytes: &[u8]) -> u16 {
    let words = bytes.chunks(2).map(|pair| match pair {
        [high, low] => u64::from(u16::from_be_bytes([*high, *low])),
        [high] => u64::from(*high) << 8,
        _ => 0,
    });
    folded(words.sum())
}

fn folded(mut sum: u64) -> u16 {
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    u16::try_from(sum).unwrap_or(u16::MAX)
}

fn redact_direction(packets: &mut [Packet], numbers: &[usize], redactor: &mut Redactor) {
    let Some(first) = numbers.first().and_then(|number| packets.get(*number)) else {
        return;
    };
    let base = first.place.sequence;
    // Distances from the first segment seen; sequence numbers wrap around.
    let mut pieces: Vec<(i64, usize)> = numbers
        .iter()
        .filter_map(|number| {
            let distance = packets.get(*number)?.place.sequence.wrapping_sub(base);
            Some((i64::from(distance.cast_signed()), *number))
        })
        .collect();
    pieces.sort_unstable();
    let mut run = Run::default();
    for (start, number) in pieces {
        if !run.pieces.is_empty() && start > run.end() {
            std::mem::take(&mut run).redact(packets, redactor);
        }
        let payload = packets.get(number).and_then(Packet::payload);
        run.add(start, number, payload.unwrap_or_default());
    }
    run.redact(packets, redactor);
}

/// Bytes of one direction without a gap.
#[derive(Default)]
struct Run {
    start: i64,
    bytes: Vec<u8>,
    /// Where each packet's payload begins.
    pieces: Vec<(i64, usize)>,
}

impl Run {
    fn end(&self) -> i64 {
        self.start + i64::try_from(self.bytes.len()).unwrap_or(i64::MAX)
    }

    fn add(&mut self, start: i64, number: usize, payload: &[u8]) {
        if self.pieces.is_empty() {
            self.start = start;
        }
        let known = usize::try_from(self.end() - start).unwrap_or(0);
        self.bytes.extend(payload.get(known..).unwrap_or_default());
        self.pieces.push((start, number));
    }

    fn redact(self, packets: &mut [Packet], redactor: &mut Redactor) {
        for secret in secrets(&self.bytes) {
            let Some(text) = self.bytes.get(secret.clone()) else {
                continue;
            };
            let filler = filler(redactor.number(text), text.len());
            for (start, number) in &self.pieces {
                let Some(packet) = packets.get_mut(*number) else {
                    continue;
                };
                let len = packet.payload().map_or(0, <[u8]>::len);
                let offset = usize::try_from(start - self.start).unwrap_or(0);
                let from = secret.start.max(offset);
                let to = secret.end.min(offset + len);
                if from < to
                    && let Some(part) = filler.get(from - secret.start..to - secret.start)
                {
                    packet.overwrite(from - offset, part);
                }
            }
        }
    }
}

/// As many bytes as the secret has; the number stands at the end, as far as it fits.
fn filler(number: Option<usize>, len: usize) -> Vec<u8> {
    let digits = number.map_or_else(String::new, |number| number.to_string());
    let digits = digits.as_bytes();
    let digits = digits
        .get(digits.len().saturating_sub(len)..)
        .unwrap_or_default();
    let mut filler = vec![b'x'; len - digits.len()];
    filler.extend_from_slice(digits);
    filler
}

/// The secrets of message heads, as places in what one side sent.
fn secrets(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut name: &[u8] = b"";
    let mut at = 0;
    for whole in bytes.split_inclusive(|b| *b == b'\n') {
        let line_start = at;
        at += whole.len();
        let line = whole.strip_suffix(b"\n").unwrap_or(whole);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let mut add = |start: usize, places: Places| {
            let places = places.into_iter();
            found.extend(places.map(|p| line_start + start + p.start..line_start + start + p.end));
        };
        if let Some(target) = request_target(line) {
            add(
                target.start,
                url_secrets(line.get(target).unwrap_or_default()),
            );
            continue;
        }
        let colon = memchr::memchr(b':', line);
        let named = colon.and_then(|colon| Some((colon, line.get(..colon)?)));
        if let Some((colon, before)) = named.filter(|(_, before)| is_token(before)) {
            name = before;
            add(
                colon + 1,
                header_secrets_with_blanks(name, line.get(colon + 1..).unwrap_or_default()),
            );
        } else if line.first().is_some_and(|b| matches!(b, b' ' | b'\t')) && !name.is_empty() {
            add(0, header_secrets_with_blanks(name, line));
        } else if line_start == 0 && !line.starts_with(b"HTTP/1.") && !line.is_empty() {
            // The rest of a line whose beginning is missing.
            found.push(0..line.len().min(UNCLEAR));
        } else {
            name = b"";
        }
    }
    found
}

fn header_secrets_with_blanks(name: &[u8], value: &[u8]) -> Places {
    let trimmed = crate::http::headers::trim(value);
    let blanks = value
        .iter()
        .take_while(|b| matches!(b, b' ' | b'\t'))
        .count();
    let places = header_secrets(name, trimmed).into_iter();
    places.map(|p| p.start + blanks..p.end + blanks).collect()
}

/// Where the target of a request line lies (RFC 9112 §3).
fn request_target(line: &[u8]) -> Option<Range<usize>> {
    let version = memchr::memmem::rfind(line, b" HTTP/1.")?;
    let method = memchr::memchr(b' ', line)?;
    let is_method = line.get(..method).is_some_and(is_token);
    (is_method && method < version).then(|| method + 1..version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_heads_are_found() {
        let sent = "PUT /a?token=T1&b=c HTTP/1.1\r\nHost: h\r\nCookie:  a=S1; b=S2\r\n\
            Authorization: Bearer S3\r\n\r\nbody\nGET / HTTP/1.1\nCookie: c=S4;\n d=S5\n\n";
        let mut hidden = sent.as_bytes().to_vec();
        for place in secrets(sent.as_bytes()) {
            hidden[place].fill(b'*');
        }
        let expected = ["T1", "S1", "S2", "S3", "S4", "S5"]
            .iter()
            .fold(sent.to_owned(), |text, secret| text.replace(secret, "**"));
        assert_eq!(String::from_utf8(hidden).unwrap(), expected);
    }

    #[test]
    fn the_rest_of_a_line_after_a_gap_is_hidden() {
        assert_eq!(secrets(b"cret; b=c\r\nHost: x\r\n"), vec![0..9_usize]);
        assert!(secrets(b"HTTP/1.1 200 OK\r\n\r\n").is_empty());
    }

    #[test]
    fn fillers_are_as_long_as_the_secret() {
        for (number, len, expected) in [
            (Some(7), 5, "xxxx7"),
            (Some(123), 3, "123"),
            (Some(123), 2, "23"),
            (None, 3, "xxx"),
        ] {
            assert_eq!(filler(number, len), expected.as_bytes());
        }
    }
}
