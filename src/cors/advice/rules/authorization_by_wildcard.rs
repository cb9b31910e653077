//! L-13: Authorization is allowed by `*` alone.

use crate::cors::advice::answer::Answer;
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::Sink;
use crate::http::headers::list_elements;

pub(super) static L_13: Rule = Rule {
    number: 13,
    id: "L-13",
    severity: Severity::Medium,
    title: "Authorization relies on a wildcard",
    what: "A preflight asked for Authorization, and the answer allows it by Access-Control-Allow-Headers: * only.",
    why: "The standard says that * does not cover Authorization; browsers still let it, and announce that they will stop.",
    fix: "name it: Access-Control-Allow-Headers: *, Authorization",
    example: "OPTIONS https://api.example/items\nAccess-Control-Request-Headers: authorization\n\nHTTP/1.1 204 No Content\nAccess-Control-Allow-Headers: *",
};

pub(super) fn check(answer: &Answer<'_>, sink: &mut Sink<'_>) {
    let is_authorization = |name: &[u8]| name.eq_ignore_ascii_case(b"authorization");
    // With credentials the wildcard is a plain name, and L-14 or the verdict tells.
    if !answer.preflight
        || !answer.cors.allow_headers.is_there()
        || answer.cors.allows_credentials()
        || !answer.half.fetch.requested_headers().any(is_authorization)
    {
        return;
    }
    let lines = answer
        .response
        .headers
        .values("access-control-allow-headers");
    let (mut wildcard, mut named) = (false, false);
    for name in lines.flat_map(list_elements) {
        wildcard |= name == b"*";
        named |= is_authorization(name);
    }
    if wildcard && !named {
        sink.add(&L_13, || {
            "the preflight asks for authorization, and only the * in Access-Control-Allow-Headers covers it"
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

    #[test]
    fn authorization_needs_its_name() {
        let case = |asked: &str, allowed: &str| {
            format!(
                "OPTIONS / | Origin: http://a.org | ACRM: GET | ACRH: {asked} => 204 | ACAO: * | ACAH: {allowed}"
            )
        };
        for (asked, allowed, expected) in [
            ("authorization", "*", &["L-13"][..]),
            ("x-a", "*", &[]),
            ("authorization,x-a", "*, x-a", &["L-13"]),
            ("authorization", "*, Authorization", &[]),
            ("authorization", "x-a", &[]),
        ] {
            let case = case(asked, allowed);
            check(&["L-13"], &[(&case, &[&case], expected)]);
        }
    }
}
