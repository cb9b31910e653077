//! Header values with their secrets hidden.

use crate::http::secret::header_secrets;
use crate::wire_text::wire_text;

/// What stands in place of a secret.
pub(super) const HIDDEN: &str = "••••";

/// A header's value as text, its secrets hidden.
pub(in crate::tui) fn hidden(name: &[u8], value: &[u8]) -> String {
    let mut text = String::new();
    let mut at = 0;
    for place in header_secrets(name, value) {
        text.push_str(&wire_text(value.get(at..place.start).unwrap_or_default()));
        text.push_str(HIDDEN);
        at = place.end;
    }
    text.push_str(&wire_text(value.get(at..).unwrap_or_default()));
    text
}
