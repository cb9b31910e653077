//! L-2: the one Origin that was seen comes back as Access-Control-Allow-Origin, with credentials.

use crate::cors::advice::echoes::Echoes;
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Sink, several};

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

/// Says so where L-1 does not say more.
pub(super) fn conclude(echoes: &Echoes, sink: &mut Sink<'_>) {
    let [(origin, evidence)] = echoes.echoed.as_slice() else {
        return;
    };
    if echoes.refused {
        return;
    }
    sink.about(*evidence).add(&L_2, || {
        format!(
            "observed: the only origin seen, {}, was echoed with Access-Control-Allow-Credentials: true; whether from a list does not show",
            several([&**origin])
        )
    });
    sink.rest_on(&L_2, &[], echoes.count);
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

    #[test]
    fn one_echo_is_no_proof() {
        let echo = |origin: &str| {
            format!("GET /me | Origin: {origin} => 200 | ACAO: {origin} | ACAC: true")
        };
        let one = echo("https://a.org");
        check(
            &["L-2"],
            &[
                ("one origin", &[&one], &["L-2"]),
                ("the same again", &[&one, &one], &["L-2"]),
                ("two", &[&one, &echo("https://www.a.org")], &[]),
                ("null is L-3's", &[&echo("null")], &[]),
                (
                    "another is refused",
                    &[&one, "GET /me | Origin: https://b.org => 200"],
                    &[],
                ),
                (
                    "no credentials",
                    &["GET /me | Origin: https://a.org => 200 | ACAO: https://a.org"],
                    &[],
                ),
            ],
        );
    }
}
