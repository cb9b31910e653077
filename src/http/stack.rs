//! Which implementations of HTTP/1.x there are to tell apart: each browser reads malformed heads in
//! its own way.

/// The HTTP implementation of a browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HttpStack {
    /// Chromium's, and what is assumed of all others.
    Chromium,
    /// Firefox's.
    Firefox,
    /// libsoup, which WebKitGTK uses.
    WebKit,
}

/// A set of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HttpStacks(u8);

impl HttpStacks {
    /// Adds one.
    pub fn add(&mut self, stack: HttpStack) {
        self.0 |= 1 << stack as u8;
    }

    /// Adds all of another set.
    pub fn extend(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Whether it is there.
    #[must_use]
    pub fn contains(self, stack: HttpStack) -> bool {
        self.0 & 1 << stack as u8 != 0
    }

    /// Whether none is there.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}
