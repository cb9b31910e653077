//! What messages have in common that ask, or allow, the same.
//!
//! From one message to the next a head changes its Date, its Content-Length, its request id; what it
//! asks or allows stays. The gist of a head is the lines that a verdict, and the words about it, may
//! hang on. Heads with equal gists share one, so that what was worked out of one serves the others:
//! who does so asks for no other line.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use crate::http::header_name::{HeaderName, NameSet};
use crate::http::headers::HeaderList;

/// Lines of a request whose values differ from message to message and ask for nothing.
const INCIDENTAL: [&str; 3] = ["content-length", "date", "referer"];

/// Lines of a response that count, beside those of the CORS protocol; with those of [`NAMELESS`].
const TELLING: [&str; 2] = ["content-disposition", "location"];

/// The same, of names that have no number.
const NAMELESS: [&str; 2] = ["allow", "server"];

/// What all header names of the CORS protocol begin with.
const PROTOCOL: &str = "access-control-";

/// Whose lines they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Request,
    Response,
}

/// The lines of a head that count.
#[derive(Debug, Clone)]
pub struct Gist {
    id: GistId,
    lines: Arc<[u8]>,
}

/// Names a gist. Heads with the same one have the same lines that count; those with others may have, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct GistId(u64);

impl Gist {
    /// A new one, unlike any that was made before.
    pub(super) fn new(lines: &[u8]) -> Self {
        static MADE: AtomicU64 = AtomicU64::new(0);
        Self {
            id: GistId(MADE.fetch_add(1, Ordering::Relaxed)),
            lines: lines.into(),
        }
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> GistId {
        self.id
    }

    /// Whether it is one of a request, or of a response.
    pub(super) fn is_of(&self, kind: Kind) -> bool {
        self.lines.first() == Some(&(kind as u8))
    }

    /// The lines, as [`write`] wrote them.
    pub(super) fn lines(&self) -> &[u8] {
        &self.lines
    }
}

/// Known lines whose values count for nothing in a request.
static REQUEST: LazyLock<NameSet> = LazyLock::new(|| NameSet::of(&INCIDENTAL));

/// Known lines that count in a response.
static RESPONSE: LazyLock<NameSet> =
    LazyLock::new(|| NameSet::of(&TELLING).and(NameSet::beginning_with(PROTOCOL)));

/// Whether the gist has the values of the lines with this name.
pub(super) fn has_value_of(kind: Kind, name: HeaderName) -> bool {
    match kind {
        Kind::Request => !REQUEST.contains(name),
        Kind::Response => RESPONSE.contains(name),
    }
}

/// Writes those of the lines that count.
pub(super) fn write(kind: Kind, headers: &HeaderList, gist: &mut Vec<u8>) {
    gist.clear();
    gist.push(kind as u8);
    for (name, mut value, known) in headers.known_lines() {
        let counts = match (kind, known) {
            (Kind::Request, Some(known)) if REQUEST.contains(known) => {
                value = b"";
                true
            }
            (Kind::Request, _) => true,
            (Kind::Response, Some(known)) => RESPONSE.contains(known),
            (Kind::Response, None) => {
                let is = |known: &&str| name.eq_ignore_ascii_case(known.as_bytes());
                is_of_cors_protocol(name) || NAMELESS.iter().any(is)
            }
        };
        if counts {
            gist.extend_from_slice(name);
            gist.push(b':');
            gist.extend_from_slice(value);
            gist.push(b'\n');
        }
    }
}

fn is_of_cors_protocol(name: &[u8]) -> bool {
    let prefix = name.get(..PROTOCOL.len());
    prefix.is_some_and(|prefix| prefix.eq_ignore_ascii_case(PROTOCOL.as_bytes()))
}
