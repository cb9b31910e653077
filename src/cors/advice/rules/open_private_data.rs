//! L-38: a response with personal data, open to every page.

use crate::cors::advice::answer::Answer;
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Sink, text};
use crate::cors::advice::site;

pub(super) static L_38: Rule = Rule {
    number: 38,
    id: "L-38",
    severity: Severity::Medium,
    title: "a response that looks private is open to every page",
    what: "Access-Control-Allow-Origin: * stands on a response that sets a cookie, comes from a private network, or answers a request with Authorization.",
    why: "Every page that a user opens can read what this user's browser can reach without credentials: a device or an intranet server, for instance.",
    fix: "name the origins that need the response, and leave * for what is public anyway",
    example: "GET http://192.168.0.1/status\nOrigin: https://any.example\n\nHTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *",
};

/// Cookies of load balancers and the like: they tell nothing of the user.
const OF_INFRASTRUCTURE: [&str; 12] = [
    "awsalb",
    "awselb",
    "__cf",
    "_cfuvid",
    "cf_",
    "bigip",
    "arraffinity",
    "serverid",
    "incap_ses",
    "visid_incap",
    "ak_bmsc",
    "route",
];

pub(super) fn check(answer: &Answer<'_>, sink: &mut Sink<'_>) {
    if answer.preflight || !answer.is_ok() || !answer.cors.allow_origin.is(b"*") {
        return;
    }
    if answer.cors.set_cookie
        && let Some(cookie) = personal_cookie(answer)
    {
        sink.add(&L_38, || {
            format!(
                "Access-Control-Allow-Origin: * on a response that sets the cookie {}",
                text(cookie)
            )
        });
    }
    let host = answer.target.host();
    let from_inside = || {
        // A page of the same private network is not what this is about.
        let page = site::scheme_and_host(answer.origin).map(|(_, host)| host);
        page.is_some_and(|page| !site::is_private(page) && !site::is_loopback(page))
    };
    if site::is_private(host) && from_inside() {
        sink.add(&L_38, || {
            format!(
                "Access-Control-Allow-Origin: * on a response of the private host {} to a page of {}",
                text(host),
                text(answer.origin)
            )
        });
    } else if answer.request().contains("authorization") {
        // Only who knows the token gets the response: a page that does not, reads nothing.
        sink.add_as(&L_38, Severity::Info, || {
            "Access-Control-Allow-Origin: * on a response to a request with Authorization: any page that has a token can read it"
        });
    }
}

/// The name of the first cookie that tells of the user, as far as names show.
fn personal_cookie<'a>(answer: &Answer<'a>) -> Option<&'a [u8]> {
    let cookies = answer.response.headers.values("set-cookie");
    let mut names = cookies.map(|cookie| cookie.split(|b| *b == b'=').next().unwrap_or_default());
    names.find(|name| {
        let lower = name.to_ascii_lowercase();
        !OF_INFRASTRUCTURE
            .iter()
            .any(|known| lower.starts_with(known.as_bytes()))
    })
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

    #[test]
    fn private_looking_responses_for_everybody() {
        let answer = |host: &str, request: &str, more: &str| {
            format!("GET / | Host: {host} | Origin: https://a.org{request} => 200 | ACAO: *{more}")
        };
        for (host, request, more, expected) in [
            ("api.org", "", "", &[][..]),
            ("api.org", "", " | Set-Cookie: sid=1", &["L-38"]),
            ("api.org", "", " | Set-Cookie: AWSALB=1", &[]),
            ("192.168.0.1", "", "", &["L-38"]),
            ("printer.local", "", "", &["L-38"]),
            ("localhost:8080", "", "", &[]),
            ("api.org", " | Authorization: x", "", &["L-38"]),
        ] {
            let line = answer(host, request, more);
            check(&["L-38"], &[(&line, &[&line], expected)]);
        }
        let inside = "GET / | Host: 10.0.0.1 | Origin: http://10.0.0.2 => 200 | ACAO: *";
        check(&["L-38"], &[("among themselves", &[inside], &[])]);
    }
}
