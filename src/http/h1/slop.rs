//! Bytes before a response's status line, as browsers pass over them.

/// What a status line begins with.
const VERSION: &[u8] = b"HTTP/";

/// A few bytes before a status line, such as the body of a response that must not have one, are
/// passed over: browsers look for the line among the first bytes (in Chromium, 4).
const SLOP: usize = 4;

/// Where a status line begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StatusLine {
    At(usize),
    /// There are too few bytes to tell.
    Undecided,
    None,
}

/// Looks for a status line among the first bytes.
pub(super) fn status_line(bytes: &[u8]) -> StatusLine {
    if bytes.starts_with(VERSION) {
        return StatusLine::At(0);
    }
    let first = bytes.get(..SLOP + VERSION.len()).unwrap_or(bytes);
    if let Some(place) = memchr::memmem::find(first, VERSION) {
        return StatusLine::At(place);
    }
    let mut places = (0..=SLOP).filter_map(|place| bytes.get(place..));
    if places.any(|rest| VERSION.starts_with(rest)) {
        StatusLine::Undecided
    } else {
        StatusLine::None
    }
}
