//! What came of the origins of one endpoint, for the rules about origins that are echoed with
//! credentials.

use crate::cors::advice::answer::Answer;
use crate::cors::advice::sink::Evidence;
use crate::cors::advice::site;

/// Echoed origins kept for one endpoint: two of different owners suffice.
const KEPT: usize = 8;

/// An origin that came back, and where.
pub(super) type Echo = (Box<[u8]>, Evidence);

/// What came of the origins of one endpoint.
#[derive(Clone, Default)]
pub(super) struct Echoes {
    /// Origins that were echoed with credentials.
    pub(super) echoed: Vec<Echo>,
    /// How often any was.
    pub(super) count: u64,
    /// An origin was answered otherwise: there is some kind of list.
    pub(super) refused: bool,
}

impl Echoes {
    pub(super) fn observe(&mut self, answer: &Answer<'_>) {
        let Some(allowed) = answer.cors.allow_origin.first else {
            // Only a proper answer shows that the origin was refused, and not that all fell over.
            self.refused |= answer.is_ok();
            return;
        };
        if !answer.echoes() {
            self.refused |= allowed != b"*";
            return;
        }
        if !answer.cors.allows_credentials() || answer.origin == b"null" {
            return;
        }
        self.count += 1;
        let known = self
            .echoed
            .iter()
            .any(|(origin, _)| **origin == *answer.origin);
        if !known && self.echoed.len() < KEPT && answer.origin.len() <= 256 {
            self.echoed.push((answer.origin.into(), answer.evidence));
        }
    }

    /// Echoed origins, one of each owner.
    pub(super) fn of_different_owners(&self) -> Vec<&Echo> {
        let mut owners: Vec<(&[u8], &Echo)> = Vec::new();
        for echo in &self.echoed {
            let Some((_, host)) = site::scheme_and_host(&echo.0) else {
                continue;
            };
            let owner = if site::is_loopback(host) {
                b"localhost"
            } else {
                site::site(host)
            };
            if !owners.iter().any(|(known, _)| *known == owner) {
                owners.push((owner, echo));
            }
        }
        owners.into_iter().map(|(_, echo)| echo).collect()
    }
}
