//! L-39: a cookie that browsers do not keep for another site's pages.

use crate::cors::advice::answer::Answer;
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Sink, text};
use crate::cors::fetch_request::Credentials;

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

pub(super) fn check(answer: &Answer<'_>, credentials: Credentials, sink: &mut Sink<'_>) {
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
