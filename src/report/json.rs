//! JSON text that is plain ASCII: safe on any terminal, whatever the traffic held.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde::Serialize;

/// Writes a value on a line of its own; `line` is room for it, kept by the caller.
pub(super) fn write_line(
    value: &impl Serialize,
    line: &mut Vec<u8>,
    out: &mut dyn Write,
) -> io::Result<()> {
    line.clear();
    serde_json::to_writer(&mut *line, value)?;
    line.push(b'\n');
    write_ascii(line, out)
}

/// Writes a value over many lines.
pub(super) fn write_document(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut document = serde_json::to_vec_pretty(value)?;
    document.push(b'\n');
    write_ascii(&document, out)
}

/// Writes JSON text with DEL and everything beyond ASCII as escapes (RFC 8259 §7): such characters
/// stand in strings only.
fn write_ascii(json: &[u8], out: &mut dyn Write) -> io::Result<()> {
    // Without an early end, so that it is done many bytes at a time.
    let mark = |seen: u8, byte: &u8| seen | byte | (u8::from(*byte == 0x7f) << 7);
    if json.iter().fold(0, mark) < 0x80 {
        return out.write_all(json);
    }
    let mut ascii = String::with_capacity(json.len() + 64);
    for c in String::from_utf8_lossy(json).chars() {
        if c.is_ascii() && c != '\u{7f}' {
            ascii.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(ascii, "\\u{unit:04x}");
            }
        }
    }
    out.write_all(ascii.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_ascii_and_reads_back() {
        let text = "a\"\\\u{1b}[2J\u{7f}\u{9b}\u{202e}é😀";
        let mut line = Vec::new();
        write_line(&text, &mut Vec::new(), &mut line).unwrap();
        assert_eq!(line.pop(), Some(b'\n'));
        assert!(line.iter().all(|b| (0x20..0x7f).contains(b)), "{line:?}");
        let back: String = serde_json::from_slice(&line).unwrap();
        assert_eq!(back, text);
    }
}
