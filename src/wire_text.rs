//! Bytes of the wire as text: the one way in which corshark does that.
//!
//! Valid UTF-8 stays as it is; every byte that is not part of it becomes `%XX`, as browsers write
//! such bytes in URLs.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The bytes as text.
///
/// ```
/// assert_eq!(corshark::wire_text::wire_text(b"/caf\xe9"), "/caf%E9");
/// assert_eq!(corshark::wire_text::wire_text("/café".as_bytes()), "/café");
/// ```
#[must_use]
pub fn wire_text(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len() + 8);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            // Writing to a string cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    Cow::Owned(text)
}

/// Text that is safe on a terminal: control characters, and those that change the direction of
/// text, are shown by their code.
///
/// ```
/// assert_eq!(corshark::wire_text::printable("a\x1b[2J"), "a\\u{1b}[2J");
/// ```
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_dangerous) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_dangerous(c) {
            safe.extend(c.escape_unicode());
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

/// Whether a terminal may act on a character instead of showing it.
fn is_dangerous(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}
