//! L-6: Access-Control-Allow-Origin: * beside Access-Control-Allow-Credentials: true.

use crate::cors::advice::answer::Answer;
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::Sink;

pub(super) static L_6: Rule = Rule {
    number: 6,
    id: "L-6",
    severity: Severity::Medium,
    title: "any origin and credentials at once",
    what: "A response has Access-Control-Allow-Origin: * and Access-Control-Allow-Credentials: true.",
    why: "The two exclude each other: with credentials browsers refuse *, without them the second header says nothing.",
    fix: "choose one: * without Access-Control-Allow-Credentials for public data, or the page's origin from an exact list",
    example: "HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\nAccess-Control-Allow-Credentials: true",
};

pub(super) fn check(answer: &Answer<'_>, sink: &mut Sink<'_>) {
    let cors = &answer.cors;
    if cors.allows_credentials() && cors.allow_origin.is(b"*") {
        sink.add(
            &L_6,
            || "Access-Control-Allow-Origin: * with Access-Control-Allow-Credentials: true",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

    #[test]
    fn wildcards_beside_credentials() {
        const PREFLIGHT: &str = "OPTIONS / | Origin: http://a.org | ACRM: PUT => 204";
        let preflight = |lines: &str| format!("{PREFLIGHT} | {lines}");
        check(
            &["L-6", "L-14"],
            &[
                (
                    "origin",
                    &["GET / | Origin: http://a.org => 200 | ACAO: * | ACAC: true"],
                    &["L-6"],
                ),
                (
                    "alone",
                    &["GET / | Origin: http://a.org => 200 | ACAO: *"],
                    &[],
                ),
                (
                    "false",
                    &["GET / | Origin: http://a.org => 200 | ACAO: * | ACAC: false"],
                    &[],
                ),
                (
                    "methods",
                    &[&preflight("ACAO: http://a.org | ACAC: true | ACAM: *")],
                    &["L-14"],
                ),
                (
                    "both lists, told of once",
                    &[&preflight(
                        "ACAO: http://a.org | ACAC: true | ACAM: * | ACAH: *",
                    )],
                    &["L-14"],
                ),
                (
                    "no credentials",
                    &[&preflight("ACAO: * | ACAM: * | ACAH: *")],
                    &[],
                ),
                (
                    "exposed",
                    &[
                        "GET / | Origin: http://a.org => 200 | ACAO: http://a.org | ACAC: true | ACEH: *",
                    ],
                    &["L-14"],
                ),
                (
                    "names",
                    &[&preflight(
                        "ACAO: http://a.org | ACAC: true | ACAM: PUT | ACAH: x-*",
                    )],
                    &[],
                ),
            ],
        );
    }
}
