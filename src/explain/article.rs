//! The articles: one text for a code or a family of codes, always under the same headings.
//!
//! An article is a Markdown file: a title, then the four [`HEADINGS`]. A line `{{servers}}` in it
//! stands for the lines to configure servers with, and other `{{names}}` for values.

use crate::cors::cors_error::CorsError as E;
use crate::explain::code::{Code, NotCors, Unsent};
use crate::explain::server::Parts;

/// The headings of every article, in this order.
pub const HEADINGS: [&str; 4] = [
    "What happened",
    "Why the browser refuses",
    "How to fix it",
    "Example",
];

/// The line that stands for the servers' configuration.
pub const SERVERS: &str = "{{servers}}";

/// A text on a code.
#[derive(Debug, Clone, Copy)]
pub struct Article {
    markdown: &'static str,
    /// What of a server's configuration it is about.
    pub parts: Parts,
    /// The method of its example.
    pub method: &'static str,
}

macro_rules! article {
    ($name:literal) => {
        include_str!(concat!("articles/", $name, ".md"))
    };
}

impl Article {
    /// The article on a code; `None` of advice, whose rule has its own text.
    #[must_use]
    pub fn of(code: Code) -> Option<Self> {
        let (markdown, parts, method) = match code {
            Code::Cors(error) => of_cors(error),
            Code::Unsent(unsent) => (of_unsent(unsent), Parts::NONE, "GET"),
            Code::NotCors(other) => (of_not_cors(other), Parts::NONE, "GET"),
            Code::Advice(_) => return None,
        };
        Some(Self {
            markdown,
            parts,
            method,
        })
    }

    /// The lines under a heading; none where the heading is unknown.
    pub fn section(self, heading: &str) -> impl Iterator<Item = &'static str> {
        let mut lines = self.markdown.lines();
        let found = lines.any(|line| line.strip_prefix("## ") == Some(heading));
        let lines = lines.take_while(|line| !line.starts_with("## "));
        lines.filter(move |_| found)
    }

    /// The whole text.
    #[must_use]
    pub fn markdown(self) -> &'static str {
        self.markdown
    }
}

fn of_cors(error: E) -> (&'static str, Parts, &'static str) {
    let preflight = error.is_about_preflight();
    let method = if preflight { "PUT" } else { "GET" };
    let with_options = |parts: Parts| {
        if preflight {
            parts.and(Parts::OPTIONS)
        } else {
            parts
        }
    };
    let (markdown, parts) = match error {
        E::MissingAllowOriginHeader => (article!("missing-allow-origin"), Parts::ORIGIN),
        E::PreflightMissingAllowOriginHeader => {
            (article!("preflight-missing-allow-origin"), Parts::PREFLIGHT)
        }
        E::WildcardOriginNotAllowed | E::PreflightWildcardOriginNotAllowed => (
            article!("wildcard-origin"),
            with_options(Parts::ORIGIN.and(Parts::CREDENTIALS)),
        ),
        E::MultipleAllowOriginValues | E::PreflightMultipleAllowOriginValues => (
            article!("multiple-allow-origin"),
            Parts::ORIGIN.and(Parts::DUPLICATE),
        ),
        E::InvalidAllowOriginValue | E::PreflightInvalidAllowOriginValue => {
            (article!("invalid-allow-origin"), Parts::ORIGIN)
        }
        E::AllowOriginMismatch | E::PreflightAllowOriginMismatch => {
            (article!("allow-origin-mismatch"), Parts::ORIGIN)
        }
        E::InvalidAllowCredentials | E::PreflightInvalidAllowCredentials => (
            article!("invalid-allow-credentials"),
            with_options(Parts::ORIGIN.and(Parts::CREDENTIALS)),
        ),
        E::PreflightInvalidStatus => (article!("preflight-invalid-status"), Parts::PREFLIGHT),
        E::PreflightDisallowedRedirect => (article!("preflight-redirect"), Parts::NONE),
        E::InvalidAllowMethodsPreflightResponse => (article!("unparsable-methods"), Parts::METHODS),
        E::InvalidAllowHeadersPreflightResponse => (article!("unparsable-headers"), Parts::HEADERS),
        E::MethodDisallowedByPreflightResponse => (article!("method-disallowed"), Parts::METHODS),
        E::HeaderDisallowedByPreflightResponse => (article!("header-disallowed"), Parts::HEADERS),
        E::RedirectContainsCredentials => (article!("redirect-with-credentials"), Parts::NONE),
        E::CorsDisabledScheme => (article!("disabled-scheme"), Parts::NONE),
        E::InvalidResponse => (article!("invalid-response"), Parts::NONE),
    };
    let method = if error == E::HeaderDisallowedByPreflightResponse {
        "GET"
    } else {
        method
    };
    (markdown, parts, method)
}

fn of_unsent(unsent: Unsent) -> &'static str {
    match unsent {
        Unsent::DisallowedByMode => article!("disallowed-by-mode"),
        Unsent::NoCorsRedirectModeNotFollow => article!("no-cors-redirect-mode"),
        Unsent::LocalNetworkAccessPermissionDenied
        | Unsent::InsecureLocalNetwork
        | Unsent::InvalidLocalNetworkAccess => article!("local-network-access"),
        Unsent::PreflightMissingAllowExternal | Unsent::PreflightInvalidAllowExternal => {
            article!("allow-external")
        }
    }
}

fn of_not_cors(other: NotCors) -> &'static str {
    match other {
        NotCors::NetworkError => article!("network-error"),
        NotCors::ContentSecurityPolicy => article!("content-security-policy"),
        NotCors::MixedContent => article!("mixed-content"),
        NotCors::BlockedByClient => article!("blocked-by-client"),
        NotCors::BlockedResponse => article!("blocked-response"),
        NotCors::BrowserSettings => article!("browser-settings"),
        NotCors::NoReasonGiven => article!("no-reason-given"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::code::ALL;

    #[test]
    fn every_code_has_an_article_with_all_headings_and_text_under_each() {
        for code in ALL {
            let article = Article::of(code).unwrap();
            let markdown = article.markdown();
            let headings: Vec<_> = markdown
                .lines()
                .filter_map(|line| line.strip_prefix("## "))
                .collect();
            assert_eq!(headings, HEADINGS, "{}", code.name());
            for heading in HEADINGS {
                let filled = article.section(heading).filter(|line| !line.is_empty());
                assert!(filled.count() > 0, "{} {heading}", code.name());
            }
            let has_servers = markdown.lines().any(|line| line == SERVERS);
            assert_eq!(has_servers, article.parts != Parts::NONE, "{}", code.name());
            assert!(markdown.lines().all(|line| line.chars().count() <= 100));
        }
    }

    #[test]
    fn every_name_of_a_value_is_known() {
        for code in ALL {
            let article = Article::of(code).unwrap();
            let text = article.markdown().replace(SERVERS, "");
            let filled = crate::explain::values::Values::default().fill(&text, "GET");
            assert!(!filled.contains("{{"), "{}: {filled}", code.name());
        }
    }
}
