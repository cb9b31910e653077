//! An origin that a response allows, taken apart, for the rules about what its name tells.
//!
//! What a name suggests is worded as observed: the capture does not show what the server would
//! answer to others.

use crate::cors::advice::answer::Answer;
use crate::cors::advice::site;
use crate::cors::fetch_request::RequestClass;

/// The one origin that a response allows.
pub(super) struct Trusted<'a> {
    pub(super) origin: &'a [u8],
    pub(super) scheme: &'a [u8],
    pub(super) host: &'a [u8],
    /// The server's host.
    pub(super) target: &'a [u8],
    /// Access-Control-Allow-Credentials: true stands beside it.
    pub(super) credentials: bool,
    /// It is on the user's own machine.
    pub(super) loopback: bool,
    /// It is the Origin that asked, and another than the server's.
    pub(super) echoed: bool,
}

impl<'a> Trusted<'a> {
    /// Of a response with one origin; `None` for `*`, `null`, and what is no origin.
    pub(super) fn of(answer: &Answer<'a>) -> Option<Self> {
        let origin = answer.cors.allow_origin.single()?;
        let (scheme, host) = site::scheme_and_host(origin)?;
        Some(Self {
            origin,
            scheme,
            host,
            target: answer.target.host(),
            credentials: answer.cors.allows_credentials(),
            loopback: site::is_loopback(host),
            echoed: answer.echoes() && answer.half.fetch.class != RequestClass::SchemeDiffers,
        })
    }

    /// The words for credentials, if any.
    pub(super) fn with(&self) -> &'static str {
        if self.credentials {
            " with Access-Control-Allow-Credentials: true"
        } else {
            ""
        }
    }

    /// Whether a site that is neither the server's nor the user's machine reads with credentials.
    pub(super) fn is_foreign(&self) -> bool {
        self.credentials
            && self.echoed
            && !self.loopback
            && !site::is_same_site(self.host, self.target)
    }
}

/// Whether a host is a name with a dot: of addresses and short names nothing can be said.
pub(super) fn is_name(host: &[u8]) -> bool {
    host.contains(&b'.') && host.iter().any(u8::is_ascii_alphabetic) && host.first() != Some(&b'[')
}
