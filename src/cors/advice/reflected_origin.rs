//! L-1 and L-2: an Origin that comes back as Access-Control-Allow-Origin, with credentials.
//!
//! One echo proves nothing: an allow-list answers the same. So L-1 asks for origins of different
//! owners that were all echoed, and for none that was refused.

use crate::cors::advice::answer::Answer;
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Evidence, Sink, several};
use crate::cors::advice::site;

pub(super) static L_1: Rule = Rule {
    number: 1,
    id: "L-1",
    severity: Severity::High,
    title: "any origin seems to be allowed, with credentials",
    what: "Origins that have nothing to do with each other each came back in Access-Control-Allow-Origin, with Access-Control-Allow-Credentials: true, and none was refused.",
    why: "If the server echoes whatever Origin it gets, every web site can read the data of a user who is logged in here.",
    fix: "compare the Origin with an exact list of allowed origins, and send no Access-Control-Allow-Origin to others",
    example: "GET https://api.example/me\nOrigin: https://one.example  ->  Access-Control-Allow-Origin: https://one.example\nOrigin: https://two.test     ->  Access-Control-Allow-Origin: https://two.test\nboth with Access-Control-Allow-Credentials: true",
};

pub(super) static L_2: Rule = Rule {
    number: 2,
    id: "L-2",
    severity: Severity::Info,
    title: "the origin is echoed with credentials",
    what: "The one Origin that was seen came back in Access-Control-Allow-Origin, with Access-Control-Allow-Credentials: true.",
    why: "An allow-list answers like that, and so does a server that echoes any Origin: this capture cannot tell them apart.",
    fix: "to find out, repeat the request with another Origin, such as https://not-allowed.example: the answer must not name it",
    example: "GET https://api.example/me\nOrigin: https://app.example\n\nHTTP/1.1 200 OK\nAccess-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Credentials: true",
};

/// Echoed origins kept for one endpoint: two of different owners suffice.
const KEPT: usize = 8;

/// An origin that came back, and where.
type Echo = (Box<[u8]>, Evidence);

/// What came of the origins of one endpoint.
#[derive(Clone, Default)]
pub(super) struct Echoes {
    /// Origins that were echoed with credentials.
    echoed: Vec<Echo>,
    count: u64,
    /// An origin was answered otherwise: there is some kind of list.
    refused: bool,
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
    fn of_different_owners(&self) -> Vec<&Echo> {
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

    pub(super) fn conclude(&self, target_host: &[u8], sink: &mut Sink<'_>) {
        let owners = self.of_different_owners();
        // A strange origin is what an allow-list would not hold: neither the target's own site nor
        // the developer's machine. One strange origin beside its own site may be a partner (L-11).
        let strange =
            |host: &[u8]| !site::is_loopback(host) && !site::is_same_site(host, target_host);
        let hosts = || {
            owners
                .iter()
                .filter_map(|echo| site::scheme_and_host(&echo.0))
        };
        let strangers = hosts().filter(|(_, host)| strange(host)).count();
        let own_site = hosts()
            .any(|(_, host)| !site::is_loopback(host) && site::is_same_site(host, target_host));
        let needed = if own_site { 2 } else { 1 };
        if owners.len() >= 2 && strangers >= needed && !self.refused {
            sink.add(&L_1, || {
                let origins = owners.iter().map(|echo| &*echo.0);
                format!(
                    "observed: the unrelated origins {} were each echoed with Access-Control-Allow-Credentials: true, and none was refused",
                    several(origins)
                )
            });
            let evidence: Vec<Evidence> = owners.iter().map(|echo| echo.1).collect();
            sink.rest_on(&L_1, &evidence, self.count);
        } else if let [(origin, evidence)] = self.echoed.as_slice()
            && !self.refused
        {
            sink.about(*evidence).add(&L_2, || {
                format!(
                    "observed: the only origin seen, {}, was echoed with Access-Control-Allow-Credentials: true; whether from a list does not show",
                    several([&**origin])
                )
            });
            sink.rest_on(&L_2, &[], self.count);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

    #[test]
    fn reflection_is_told_from_allow_lists() {
        let echo = |origin: &str| {
            format!(
                "GET /me | Host: api.shop.com | Origin: {origin} => 200 | ACAO: {origin} | ACAC: true"
            )
        };
        let (a, b) = (echo("https://a.org"), echo("https://b.net"));
        let (own, dev) = (echo("https://www.shop.com"), echo("http://localhost:3000"));
        check(
            &["L-1", "L-2"],
            &[
                ("two strangers", &[&a, &b], &["L-1"]),
                ("a stranger and a developer", &[&a, &dev], &["L-1"]),
                ("one origin", &[&a, &a], &["L-2"]),
                (
                    "two of one owner",
                    &[&own, &echo("https://app.shop.com")],
                    &[],
                ),
                ("own site and a partner", &[&own, &a], &[]),
                ("own site and two strangers", &[&own, &a, &b], &["L-1"]),
                ("own site and a developer", &[&own, &dev], &[]),
                (
                    "another is refused",
                    &[
                        &a,
                        &b,
                        "GET /me | Host: api.shop.com | Origin: https://c.net => 200",
                    ],
                    &[],
                ),
                (
                    "no credentials",
                    &[
                        "GET /me | Origin: https://a.org => 200 | ACAO: https://a.org",
                        "GET /me | Origin: https://b.net => 200 | ACAO: https://b.net",
                    ],
                    &[],
                ),
                (
                    "other endpoints",
                    &[&a, &b.replace("/me", "/you")],
                    &["L-2", "L-2"],
                ),
            ],
        );
    }
}
