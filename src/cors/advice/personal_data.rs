//! L-38 and L-39: responses with personal data, and cookies that do not last.

use crate::cors::advice::answer::Answer;
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Sink, text};
use crate::cors::advice::site;
use crate::cors::fetch_request::Credentials;

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

pub(super) static L_39: Rule = Rule {
    number: 39,
    id: "L-39",
    severity: Severity::Low,
    title: "a cookie that cannot work across sites",
    what: "A response to a credentialed request from another site sets a cookie without SameSite=None and Secure.",
    why: "Browsers drop such a cookie or do not send it back from that site's pages: the login does not stick.",
    fix: "set it with SameSite=None; Secure, by https",
    example: "POST https://api.example/login\nOrigin: https://app.test\nCookie: a=b\n\nHTTP/1.1 200 OK\nSet-Cookie: session=…; SameSite=Lax",
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

pub(super) fn check_open(answer: &Answer<'_>, sink: &mut Sink<'_>) {
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

pub(super) fn check_cookie(answer: &Answer<'_>, credentials: Credentials, sink: &mut Sink<'_>) {
    if answer.preflight
        || !answer.cors.set_cookie
        || credentials != Credentials::Include
        || answer.is_cross_site() != Some(true)
    {
        return;
    }
    for cookie in answer.response.headers.values("set-cookie") {
        if let Some(flaw) = flaw(cookie) {
            sink.add(&L_39, || {
                let name = cookie.split(|b| *b == b'=').next().unwrap_or_default();
                format!(
                    "the cookie {} {flaw}, and the page is of another site",
                    text(name)
                )
            });
            return;
        }
    }
}

/// Why a cookie is not sent with requests from another site's pages.
fn flaw(cookie: &[u8]) -> Option<&'static str> {
    let mut same_site = None;
    let mut secure = false;
    for attribute in cookie.split(|b| *b == b';').skip(1) {
        let mut parts = attribute.splitn(2, |b| *b == b'=');
        let name = parts.next().unwrap_or_default().trim_ascii();
        let value = parts.next().unwrap_or_default().trim_ascii();
        if name.eq_ignore_ascii_case(b"samesite") {
            same_site = Some(value);
        } else if name.eq_ignore_ascii_case(b"secure") {
            secure = true;
        } else if name.eq_ignore_ascii_case(b"max-age") && matches!(value, b"0" | b"-1") {
            // It is being deleted.
            return None;
        }
    }
    match same_site {
        Some(value) if value.eq_ignore_ascii_case(b"lax") => Some("has SameSite=Lax"),
        Some(value) if value.eq_ignore_ascii_case(b"strict") => Some("has SameSite=Strict"),
        Some(value) if value.eq_ignore_ascii_case(b"none") && secure => None,
        Some(_) if !secure => Some("is not Secure"),
        _ => Some("has no SameSite=None (without it Chromium assumes Lax)"),
    }
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

    #[test]
    fn cookies_that_do_not_stick() {
        let answer = |origin: &str, cookie: &str| {
            format!(
                "GET / | Host: api.shop.com | Origin: {origin} | Cookie: a=b => 200 | ACAO: {origin} | ACAC: true | Set-Cookie: {cookie}"
            )
        };
        let foreign = "https://a.org";
        for (origin, cookie, expected) in [
            (foreign, "s=1; SameSite=Lax", &["L-39"][..]),
            (foreign, "s=1; SameSite=None", &["L-39"]),
            (foreign, "s=1; Path=/; Secure", &["L-39"]),
            (foreign, "s=1; samesite=none; secure", &[]),
            (foreign, "s=; Max-Age=0", &[]),
            ("https://www.shop.com", "s=1; SameSite=Lax", &[]),
        ] {
            let line = answer(origin, cookie);
            check(&["L-39"], &[(&line, &[&line], expected)]);
        }
        let without = "GET / | Origin: https://a.org => 200 | ACAO: * | Set-Cookie: s=1";
        check(&["L-39"], &[("no credentials", &[without], &[])]);
    }
}
