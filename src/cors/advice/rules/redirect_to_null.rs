//! L-42: a redirect to another origin, after which the Origin is `null`.

use crate::cors::advice::answer::Answer;
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Said, Sink, text};
use crate::cors::preflight::is_redirect;
use crate::cors::url::{Location, resolve};

pub(super) static L_42: Rule = Rule {
    number: 42,
    id: "L-42",
    severity: Severity::Medium,
    title: "a redirect makes the Origin null",
    what: "A response to a CORS request redirects to another origin.",
    why: "The browser then sends Origin: null, and the target can only answer null or *: that pushes servers into allowing null, which everybody can be.",
    fix: "request the final URL from the page",
    example: "GET https://api.example/file\nOrigin: https://app.example\n\nHTTP/1.1 302 Found\nLocation: https://files.example/file  (asked with Origin: null)",
};

pub(super) fn check(answer: &Answer<'_>, sink: &mut Sink<'_>) {
    // Once null it stays null; a redirect that the CORS check stops is not followed.
    if answer.preflight
        || answer.status < 300
        || !is_redirect(answer.response, answer.half.fetch.browser())
        || answer.origin == b"null"
        || !answer.grants()
    {
        return;
    }
    let location = answer.response.headers.values("location").next();
    let location = location.unwrap_or_default();
    let target = answer.target;
    if let Location::Http {
        scheme, authority, ..
    } = resolve(location, target.authority, target.path_and_query)
        && (*authority != *target.authority || scheme == "https")
    {
        sink.add(&L_42, || {
            let authority = text(&authority);
            Said::with_fix(
                format!(
                    "the redirect ({}) leads to {scheme}://{authority}: from there on the Origin is null instead of {}",
                    answer.status,
                    text(answer.origin)
                ),
                format!("request {} from the page", text(location)),
            )
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

    #[test]
    fn redirects_to_other_origins() {
        for (line, expected) in [
            (
                "GET / | Origin: http://a.org => 302 | ACAO: * | Location: http://c.org/",
                &["L-42"][..],
            ),
            (
                "GET / | Origin: http://a.org => 302 | ACAO: * | Location: http://a.org/",
                &["L-42"],
            ),
            (
                "GET / | Origin: http://a.org => 302 | ACAO: * | Location: /b",
                &[],
            ),
            (
                "GET / | Origin: http://a.org => 302 | Location: http://c.org/",
                &[],
            ),
            (
                "GET / | Origin: null => 302 | ACAO: * | Location: http://c.org/",
                &[],
            ),
            (
                "GET / | Origin: http://a.org => 200 | ACAO: * | Location: http://c.org/",
                &[],
            ),
        ] {
            check(&["L-42"], &[(line, &[line], expected)]);
        }
    }
}
