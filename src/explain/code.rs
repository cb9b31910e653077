//! Everything that can be explained, by name.
//!
//! The names are those of the DevTools protocol's `Network.CorsError`; beside them stand failures
//! that are taken for CORS errors, and the rules of advice. Firefox names its messages too: its names are known as others.

use crate::cors::advice::{RULES, Rule, rule};
use crate::cors::cors_error::CorsError;
use crate::explain::distance::edit_distance;

/// Something to explain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// A finding that traffic shows.
    Cors(CorsError),
    /// A refusal that no wire shows: nothing is sent.
    Unsent(Unsent),
    /// A failure that looks like one of CORS, and is none.
    NotCors(NotCors),
    /// A rule of advice.
    Advice(&'static Rule),
}

/// A refusal before any request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsent {
    /// A request in same-origin mode to another origin.
    DisallowedByMode,
    /// A request in no-cors mode that does not follow redirects.
    NoCorsRedirectModeNotFollow,
    /// The user did not let the page into the local network.
    LocalNetworkAccessPermissionDenied,
    /// An insecure page wants into the local network.
    InsecureLocalNetwork,
    /// The declared address space is not the real one.
    InvalidLocalNetworkAccess,
    /// Of a discontinued experiment.
    PreflightMissingAllowExternal,
    /// Of a discontinued experiment.
    PreflightInvalidAllowExternal,
}

/// A failure that is none of CORS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotCors {
    /// The network, DNS, TLS or the server failed.
    NetworkError,
    /// A content security policy.
    ContentSecurityPolicy,
    /// An https page wants http.
    MixedContent,
    /// An ad blocker or another extension.
    BlockedByClient,
    /// Cross-Origin-Resource-Policy, or opaque response blocking.
    BlockedResponse,
    /// The browser's settings.
    BrowserSettings,
    /// The line that names no reason.
    NoReasonGiven,
}

/// All codes of failures, in the order of the list.
pub const ALL: [Code; 35] = {
    use CorsError as E;
    [
        Code::Cors(E::MissingAllowOriginHeader),
        Code::Cors(E::WildcardOriginNotAllowed),
        Code::Cors(E::MultipleAllowOriginValues),
        Code::Cors(E::InvalidAllowOriginValue),
        Code::Cors(E::AllowOriginMismatch),
        Code::Cors(E::InvalidAllowCredentials),
        Code::Cors(E::PreflightMissingAllowOriginHeader),
        Code::Cors(E::PreflightWildcardOriginNotAllowed),
        Code::Cors(E::PreflightMultipleAllowOriginValues),
        Code::Cors(E::PreflightInvalidAllowOriginValue),
        Code::Cors(E::PreflightAllowOriginMismatch),
        Code::Cors(E::PreflightInvalidAllowCredentials),
        Code::Cors(E::PreflightInvalidStatus),
        Code::Cors(E::PreflightDisallowedRedirect),
        Code::Cors(E::InvalidAllowMethodsPreflightResponse),
        Code::Cors(E::InvalidAllowHeadersPreflightResponse),
        Code::Cors(E::MethodDisallowedByPreflightResponse),
        Code::Cors(E::HeaderDisallowedByPreflightResponse),
        Code::Cors(E::RedirectContainsCredentials),
        Code::Cors(E::CorsDisabledScheme),
        Code::Cors(E::InvalidResponse),
        Code::Unsent(Unsent::DisallowedByMode),
        Code::Unsent(Unsent::NoCorsRedirectModeNotFollow),
        Code::Unsent(Unsent::LocalNetworkAccessPermissionDenied),
        Code::Unsent(Unsent::InsecureLocalNetwork),
        Code::Unsent(Unsent::InvalidLocalNetworkAccess),
        Code::Unsent(Unsent::PreflightMissingAllowExternal),
        Code::Unsent(Unsent::PreflightInvalidAllowExternal),
        Code::NotCors(NotCors::NetworkError),
        Code::NotCors(NotCors::ContentSecurityPolicy),
        Code::NotCors(NotCors::MixedContent),
        Code::NotCors(NotCors::BlockedByClient),
        Code::NotCors(NotCors::BlockedResponse),
        Code::NotCors(NotCors::BrowserSettings),
        Code::NotCors(NotCors::NoReasonGiven),
    ]
};

/// Firefox's names for its reasons, as its "Learn more" links have them.
const FIREFOX_NAMES: [(&str, Code); 15] = {
    use CorsError as E;
    [
        (
            "CORSMissingAllowOrigin",
            Code::Cors(E::MissingAllowOriginHeader),
        ),
        (
            "CORSAllowOriginNotMatchingOrigin",
            Code::Cors(E::AllowOriginMismatch),
        ),
        (
            "CORSMultipleAllowOriginNotAllowed",
            Code::Cors(E::MultipleAllowOriginValues),
        ),
        (
            "CORSNotSupportingCredentials",
            Code::Cors(E::WildcardOriginNotAllowed),
        ),
        (
            "CORSMissingAllowCredentials",
            Code::Cors(E::InvalidAllowCredentials),
        ),
        (
            "CORSPreflightDidNotSucceed",
            Code::Cors(E::PreflightInvalidStatus),
        ),
        (
            "CORSExternalRedirectNotAllowed",
            Code::Cors(E::PreflightDisallowedRedirect),
        ),
        (
            "CORSInvalidAllowMethod",
            Code::Cors(E::InvalidAllowMethodsPreflightResponse),
        ),
        (
            "CORSInvalidAllowHeader",
            Code::Cors(E::InvalidAllowHeadersPreflightResponse),
        ),
        (
            "CORSMethodNotFound",
            Code::Cors(E::MethodDisallowedByPreflightResponse),
        ),
        (
            "CORSMissingAllowHeaderFromPreflight",
            Code::Cors(E::HeaderDisallowedByPreflightResponse),
        ),
        ("CORSRequestNotHttp", Code::Cors(E::CorsDisabledScheme)),
        ("CORSDidNotSucceed", Code::NotCors(NotCors::NetworkError)),
        ("CORSDisabled", Code::NotCors(NotCors::BrowserSettings)),
        (
            "CORSOriginHeaderNotAdded",
            Code::NotCors(NotCors::BrowserSettings),
        ),
    ]
};

impl Code {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cors(error) => error.name(),
            Self::Unsent(unsent) => match unsent {
                Unsent::DisallowedByMode => "DisallowedByMode",
                Unsent::NoCorsRedirectModeNotFollow => "NoCorsRedirectModeNotFollow",
                Unsent::LocalNetworkAccessPermissionDenied => "LocalNetworkAccessPermissionDenied",
                Unsent::InsecureLocalNetwork => "InsecureLocalNetwork",
                Unsent::InvalidLocalNetworkAccess => "InvalidLocalNetworkAccess",
                Unsent::PreflightMissingAllowExternal => "PreflightMissingAllowExternal",
                Unsent::PreflightInvalidAllowExternal => "PreflightInvalidAllowExternal",
            },
            Self::NotCors(other) => match other {
                NotCors::NetworkError => "NetworkError",
                NotCors::ContentSecurityPolicy => "ContentSecurityPolicy",
                NotCors::MixedContent => "MixedContent",
                NotCors::BlockedByClient => "BlockedByClient",
                NotCors::BlockedResponse => "BlockedResponse",
                NotCors::BrowserSettings => "BrowserSettings",
                NotCors::NoReasonGiven => "NoReasonGiven",
            },
            Self::Advice(rule) => rule.id,
        }
    }

    /// What it means, in one line without a full stop.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        use CorsError as E;
        match self {
            Self::Cors(error) => match error {
                E::MissingAllowOriginHeader => "the response has no Access-Control-Allow-Origin",
                E::WildcardOriginNotAllowed => {
                    "the response allows *, which does not count with credentials"
                }
                E::MultipleAllowOriginValues => {
                    "the response names several allowed origins; only one is allowed"
                }
                E::InvalidAllowOriginValue => "the allowed origin in the response is no URL",
                E::AllowOriginMismatch => "the response allows another origin than the page's",
                E::InvalidAllowCredentials => {
                    "the response does not allow credentials, and the request has them"
                }
                E::PreflightMissingAllowOriginHeader => {
                    "the preflight's answer has no Access-Control-Allow-Origin"
                }
                E::PreflightWildcardOriginNotAllowed => {
                    "the preflight's answer allows *, which does not count with credentials"
                }
                E::PreflightMultipleAllowOriginValues => {
                    "the preflight's answer names several allowed origins"
                }
                E::PreflightInvalidAllowOriginValue => {
                    "the allowed origin in the preflight's answer is no URL"
                }
                E::PreflightAllowOriginMismatch => {
                    "the preflight's answer allows another origin than the page's"
                }
                E::PreflightInvalidAllowCredentials => {
                    "the preflight's answer does not allow credentials"
                }
                E::PreflightInvalidStatus => {
                    "the preflight was answered with a status outside 200 to 299"
                }
                E::PreflightDisallowedRedirect => "the preflight was redirected",
                E::InvalidAllowMethodsPreflightResponse => {
                    "Access-Control-Allow-Methods is no list of methods"
                }
                E::InvalidAllowHeadersPreflightResponse => {
                    "Access-Control-Allow-Headers is no list of header names"
                }
                E::MethodDisallowedByPreflightResponse => {
                    "the preflight's answer does not allow the method"
                }
                E::HeaderDisallowedByPreflightResponse => {
                    "the preflight's answer does not allow a request header"
                }
                E::RedirectContainsCredentials => {
                    "a redirect leads to a URL with a user name or password"
                }
                E::CorsDisabledScheme => "the URL, or a redirect's target, is not http or https",
                E::InvalidResponse => "no usable response came",
            },
            Self::Unsent(unsent) => match unsent {
                Unsent::DisallowedByMode => {
                    "mode: 'same-origin' was asked for, and the URL has another origin"
                }
                Unsent::NoCorsRedirectModeNotFollow => {
                    "mode: 'no-cors' goes only with redirect: 'follow'"
                }
                Unsent::LocalNetworkAccessPermissionDenied => {
                    "the user did not let the page into the local network"
                }
                Unsent::InsecureLocalNetwork => {
                    "a page that is not secure asks for the local network"
                }
                Unsent::InvalidLocalNetworkAccess => {
                    "targetAddressSpace names another address space than the real one"
                }
                Unsent::PreflightMissingAllowExternal | Unsent::PreflightInvalidAllowExternal => {
                    "left over from an experiment of 2017; browsers do not give it"
                }
            },
            Self::NotCors(other) => match other {
                NotCors::NetworkError => {
                    "the network, TLS or the server failed: there was no response to check"
                }
                NotCors::ContentSecurityPolicy => {
                    "the page's own content security policy forbids the request"
                }
                NotCors::MixedContent => "an https page asks for an http URL",
                NotCors::BlockedByClient => {
                    "an ad blocker or another extension stopped the request"
                }
                NotCors::BlockedResponse => {
                    "Cross-Origin-Resource-Policy or a similar rule kept the response back"
                }
                NotCors::BrowserSettings => "the browser's settings forbid cross-origin requests",
                NotCors::NoReasonGiven => {
                    "the line names no reason: another line of the console does"
                }
            },
            Self::Advice(rule) => rule.title,
        }
    }

    /// The code with a name; case, hyphens, spaces and underscores do not count.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let wanted = plain(name);
        if let Some(number) = wanted.strip_prefix('l')
            && let Some(rule) = rule(&format!("L-{number}"))
        {
            return Some(Self::Advice(rule));
        }
        // Firefox numbers the versions of its texts.
        let unnumbered = wanted.trim_end_matches(|c: char| c.is_ascii_digit());
        let own = ALL.into_iter().find(|code| plain(code.name()) == wanted);
        own.or_else(|| {
            let mut others = FIREFOX_NAMES.into_iter();
            let found = others.find(|(name, _)| plain(name) == unnumbered);
            found.map(|(_, code)| code)
        })
    }
}

/// A name's letters and digits in lower case, without the `k` of Chromium's source.
fn plain(name: &str) -> String {
    let name = match name.strip_prefix('k') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_uppercase()) => rest,
        _ => name,
    };
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// Names that are like a wrong one, the most alike first; none for a longer text.
#[must_use]
pub fn near_names(wrong: &str) -> Vec<&'static str> {
    /// The longest name has 36 letters: what is much longer is no name.
    const LONGEST: usize = 60;
    const MOST: usize = 3;
    let wrong = plain(wrong);
    if let Some(number) = wrong.strip_prefix('l')
        && !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit())
    {
        return RULES.last().map(|rule| rule.id).into_iter().collect();
    }
    if wrong.len() < 3 || wrong.len() > LONGEST {
        return Vec::new();
    }
    let mut near: Vec<(usize, &'static str)> = ALL
        .into_iter()
        .filter_map(|code| {
            let name = plain(code.name());
            let distance = edit_distance(&wrong, &name);
            let is_near = distance <= wrong.len().max(6) / 3;
            let is_part = wrong.len() >= 4 && name.contains(&wrong);
            (is_near || is_part).then_some((distance, code.name()))
        })
        .collect();
    near.sort_unstable();
    let best = near.first().map_or(0, |(distance, _)| *distance);
    near.into_iter()
        // Next to a mere slip of the pen, what is only remotely alike says nothing.
        .filter(|(distance, _)| best > 3 || *distance <= best + 2)
        .map(|(_, name)| name)
        .take(MOST)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_however_they_are_written() {
        for code in ALL {
            assert_eq!(Code::from_name(code.name()), Some(code));
            assert_eq!(Code::from_name(&code.name().to_uppercase()), Some(code));
            assert!(!code.meaning().is_empty() && !code.meaning().ends_with('.'));
        }
        let cases = [
            ("kInvalidResponse", "InvalidResponse"),
            ("missing allow origin header", "MissingAllowOriginHeader"),
            ("network_error", "NetworkError"),
            ("CORSMissingAllowOrigin", "MissingAllowOriginHeader"),
            ("CORSPreflightDidNotSucceed3", "PreflightInvalidStatus"),
            ("L-4", "L-4"),
            ("l42", "L-42"),
        ];
        for (written, name) in cases {
            assert_eq!(Code::from_name(written).map(Code::name), Some(name));
        }
        assert_eq!(Code::from_name("NoSuchCode"), None);
        assert_eq!(Code::from_name("L-44"), None);
        assert_eq!(near_names("L-44"), ["L-43"]);
    }

    #[test]
    fn near_names_are_suggested() {
        let cases: [(&str, &[&str]); 5] = [
            ("AllowOriginMissmatch", &["AllowOriginMismatch"]),
            ("InvalidResponce", &["InvalidResponse"]),
            (
                "mismatch",
                &["AllowOriginMismatch", "PreflightAllowOriginMismatch"],
            ),
            ("banana", &[]),
            ("", &[]),
        ];
        for (wrong, expected) in cases {
            assert_eq!(near_names(wrong), expected, "{wrong}");
        }
    }
}
