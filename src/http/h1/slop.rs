//! Bytes before a response's status line, as browsers pass over them.

use crate::http::stack::{HttpStack, HttpStacks};

/// What a status line begins with, in any case.
const VERSION: &[u8] = b"http";

/// What one of a `SHOUTcast` server begins with.
const ICY: &[u8] = b"icy ";

/// A few bytes before a status line, such as the body of a response that must not have one, are
/// passed over: browsers look for the line among the first bytes (in Chromium, 4).
const SLOP: usize = 4;

/// The bytes that were passed over before a status line.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Slop {
    bytes: usize,
    line_ends: usize,
    /// There were others than line ends.
    is_dirty: bool,
    has_nul: bool,
    /// Among them was a response that switches protocols, though nobody had asked for it.
    has_switch: bool,
}

impl Slop {
    pub(super) fn pass_over(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len();
        self.line_ends += memchr::memchr_iter(b'\n', bytes).count();
        self.has_nul |= memchr::memchr(0, bytes).is_some();
        self.is_dirty |= !bytes.iter().all(|b| matches!(b, b'\r' | b'\n'));
    }

    pub(super) fn pass_over_switch(&mut self) {
        self.has_switch = true;
    }

    /// Who takes no response behind them: Chromium 156 and Firefox 153 pass over few bytes, whatever
    /// they are, libsoup over two empty lines and nothing else.
    pub(super) fn refused_by(self) -> HttpStacks {
        let mut stacks = HttpStacks::default();
        if self.bytes > SLOP || self.has_switch {
            stacks.add(HttpStack::Firefox);
        }
        if self.bytes > SLOP || self.has_nul {
            stacks.add(HttpStack::Chromium);
        }
        if self.is_dirty || self.line_ends > 2 {
            stacks.add(HttpStack::WebKit);
        }
        stacks
    }
}

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
    if bytes.starts_with(b"HTTP/") {
        return StatusLine::At(0);
    }
    let begins = |place: usize, with: &[u8]| {
        let there = bytes.get(place..)?;
        let prefix = there.get(..with.len()).unwrap_or(there);
        let fits = with.get(..prefix.len())?.eq_ignore_ascii_case(prefix);
        fits.then_some(prefix.len() == with.len())
    };
    let mut found = (0..=SLOP)
        .filter_map(|place| Some((place, begins(place, VERSION)?)))
        .chain(begins(0, ICY).map(|whole| (0, whole)));
    if let Some((place, _)) = found.clone().find(|(_, whole)| *whole) {
        StatusLine::At(place)
    } else if found.next().is_some() {
        StatusLine::Undecided
    } else {
        StatusLine::None
    }
}
