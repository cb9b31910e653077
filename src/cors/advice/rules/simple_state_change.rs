//! L-35: a cross-origin POST with a cookie that needed no preflight.

use crate::cors::advice::answer::Answer;
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Sink, text};

pub(super) static L_35: Rule = Rule {
    number: 35,
    id: "L-35",
    severity: Severity::Info,
    title: "a cross-origin POST with a cookie, without a preflight",
    what: "A POST from another origin carried a cookie, needed no preflight, and was answered with success.",
    why: "Any site can make a browser send such a request; CORS is no protection against forged requests.",
    fix: "ask for a token, set SameSite on the session cookie, or check Sec-Fetch-Site",
    example: "POST https://api.example/transfer\nOrigin: https://other.test\nCookie: session=…\nContent-Type: application/x-www-form-urlencoded\n\nHTTP/1.1 200 OK",
};

pub(super) fn check(answer: &Answer<'_>, sink: &mut Sink<'_>) {
    let fetch = &answer.half.fetch;
    if fetch.head.method() != b"POST" || !answer.is_ok() || !answer.request().contains("cookie") {
        return;
    }
    // A page of the same site is no forger; and a request that needs a preflight asked first.
    if answer.is_cross_site() == Some(false) || fetch.needs_preflight() {
        return;
    }
    sink.add(&L_35, || {
        format!(
            "a POST from {} carried a cookie, needed no preflight, and got {}",
            text(answer.origin),
            answer.status
        )
    });
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

    #[test]
    fn simple_posts_with_cookies() {
        let post = |more: &str, status: &str| {
            format!("POST / | Origin: http://evil.net{more} => {status}")
        };
        let cookie = " | Cookie: a=b | Content-Type: text/plain";
        for (more, status, expected) in [
            (cookie, "200", &["L-35"][..]),
            (" | Content-Type: text/plain", "200", &[]),
            (cookie, "403", &[]),
            (
                " | Cookie: a=b | Content-Type: application/json",
                "200",
                &[],
            ),
            (
                " | Cookie: a=b | Sec-Fetch-Site: same-site | Sec-Fetch-Mode: cors",
                "200",
                &[],
            ),
            (
                " | Cookie: a=b | Sec-Fetch-Site: cross-site | Sec-Fetch-Mode: navigate",
                "200",
                &["L-35"],
            ),
        ] {
            let line = post(more, status);
            check(&["L-35"], &[(&line, &[&line], expected)]);
        }
    }
}
