//! L-1: any Origin comes back as Access-Control-Allow-Origin, with credentials.
//!
//! One echo proves nothing: an allow-list answers the same. So this asks for origins of different
//! owners that were all echoed, and for none that was refused.

use crate::cors::advice::echoes::Echoes;
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

/// Whether every origin seems to be echoed; `target_host` is the server's.
pub(super) fn conclude(echoes: &Echoes, target_host: &[u8], sink: &mut Sink<'_>) -> bool {
    let owners = echoes.of_different_owners();
    // A strange origin is what an allow-list would not hold: neither the target's own site nor
    // the developer's machine. One strange origin beside its own site may be a partner (L-11).
    let strange = |host: &[u8]| !site::is_loopback(host) && !site::is_same_site(host, target_host);
    let hosts = || {
        owners
            .iter()
            .filter_map(|echo| site::scheme_and_host(&echo.0))
    };
    let strangers = hosts().filter(|(_, host)| strange(host)).count();
    let own_site =
        hosts().any(|(_, host)| !site::is_loopback(host) && site::is_same_site(host, target_host));
    let needed = if own_site { 2 } else { 1 };
    if owners.len() < 2 || strangers < needed || echoes.refused {
        return false;
    }
    sink.add(&L_1, || {
        let origins = owners.iter().map(|echo| &*echo.0);
        format!(
            "observed: the unrelated origins {} were each echoed with Access-Control-Allow-Credentials: true, and none was refused",
            several(origins)
        )
    });
    let evidence: Vec<Evidence> = owners.iter().map(|echo| echo.1).collect();
    sink.rest_on(&L_1, &evidence, echoes.count);
    true
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
