//! The fixed phrases of the browsers, by what they mean: tables only.
//!
//! Chromium's and Firefox's, and those of Safari's engine, were compared with lines that the browsers
//! printed; those of older versions, of other failures and of the local network are from their
//! sources and from reports.

use crate::cors::cors_error::CorsError as E;
use crate::explain::code::{Code, NotCors, Unsent};

/// Whose words a phrase is.
pub(super) const CHROMIUM: &str = "Chromium (Chrome, Edge, Opera)";
pub(super) const FIREFOX: &str = "Firefox";
pub(super) const SAFARI: &str = "Safari";

/// A library's words, whatever the browser.
pub(super) const ANY: &str = "any";

/// A browser's words for a reason.
pub(super) struct Phrase(
    pub(super) &'static str,
    pub(super) Meaning,
    pub(super) &'static str,
);

/// What a phrase stands for.
#[derive(Clone, Copy)]
pub(super) enum Meaning {
    /// A code.
    Is(Code),
    /// One of two codes.
    Either(E, E),
    /// One of the codes for a wrong allowed origin, by its value.
    ByAllowedOrigin,
    /// One of the codes for a preflight's status.
    ByStatus,
}

const fn is(error: E) -> Meaning {
    Meaning::Is(Code::Cors(error))
}

const fn unsent(unsent: Unsent) -> Meaning {
    Meaning::Is(Code::Unsent(unsent))
}

const fn not(other: NotCors) -> Meaning {
    Meaning::Is(Code::NotCors(other))
}

/// Reasons, in lower case and without quotes. Of those that begin at the same place, the first counts.
#[rustfmt::skip]
pub(super) const REASONS: [Phrase; 57] = [
    Phrase("no access-control-allow-origin header is present on the requested resource", is(E::MissingAllowOriginHeader), CHROMIUM),
    Phrase("must not be the wildcard * when the requests credentials mode is include", is(E::WildcardOriginNotAllowed), CHROMIUM),
    Phrase("wildcard * cannot be used in the access-control-allow-origin header when the credentials flag is true", is(E::WildcardOriginNotAllowed), CHROMIUM),
    Phrase("access-control-allow-origin header contains multiple values {value}, but only one is allowed", is(E::MultipleAllowOriginValues), CHROMIUM),
    Phrase("access-control-allow-origin header contains the invalid value {value}. have", is(E::InvalidAllowOriginValue), CHROMIUM),
    Phrase("access-control-allow-origin header contains the invalid value {value}. origin", is(E::InvalidAllowOriginValue), CHROMIUM),
    Phrase("access-control-allow-origin header contains the invalid value", is(E::InvalidAllowOriginValue), CHROMIUM),
    Phrase("access-control-allow-origin header has a value {value} that is not equal to the supplied origin", is(E::AllowOriginMismatch), CHROMIUM),
    Phrase("access-control-allow-credentials header in the response is {value} which must be true", is(E::InvalidAllowCredentials), CHROMIUM),
    Phrase("credentials flag is true, but the access-control-allow-credentials header is {value}. it must be true", is(E::InvalidAllowCredentials), CHROMIUM),
    Phrase("is invalid. origin {origin} is therefore not allowed access", is(E::InvalidAllowOriginValue), CHROMIUM),
    Phrase("it does not have http ok status", is(E::PreflightInvalidStatus), CHROMIUM),
    Phrase("response for preflight has invalid http status code {status}", is(E::PreflightInvalidStatus), CHROMIUM),
    Phrase("redirect is not allowed for a preflight request", is(E::PreflightDisallowedRedirect), CHROMIUM),
    Phrase("response for preflight is invalid (redirect)", is(E::PreflightDisallowedRedirect), CHROMIUM),
    Phrase("which is disallowed for cross-origin requests that require preflight", is(E::PreflightDisallowedRedirect), CHROMIUM),
    Phrase("no access-control-allow-private-network header was present in the preflight response", unsent(Unsent::InsecureLocalNetwork), CHROMIUM),
    Phrase("the access-control-allow-private-network header in the preflight response", unsent(Unsent::InsecureLocalNetwork), CHROMIUM),
    Phrase("cannot parse access-control-allow-methods response header field", is(E::InvalidAllowMethodsPreflightResponse), CHROMIUM),
    Phrase("cannot parse access-control-allow-headers response header field", is(E::InvalidAllowHeadersPreflightResponse), CHROMIUM),
    Phrase("method {method} is not allowed by access-control-allow-methods in preflight response", is(E::MethodDisallowedByPreflightResponse), CHROMIUM),
    Phrase("request header field {header} is not allowed by access-control-allow-headers in preflight response", is(E::HeaderDisallowedByPreflightResponse), CHROMIUM),
    Phrase("contains a username and password, which is disallowed for cross-origin requests", is(E::RedirectContainsCredentials), CHROMIUM),
    Phrase("cross origin requests are only supported for", is(E::CorsDisabledScheme), CHROMIUM),
    Phrase("url scheme must be http or https for cors request", is(E::CorsDisabledScheme), CHROMIUM),
    Phrase("url scheme {value} is not supported", is(E::CorsDisabledScheme), CHROMIUM),
    Phrase("request mode is same-origin but the urls origin is not same as the request origin {origin}", unsent(Unsent::DisallowedByMode), CHROMIUM),
    Phrase("request mode is no-cors but the redirect mode is not follow", unsent(Unsent::NoCorsRedirectModeNotFollow), CHROMIUM),
    Phrase("permission was denied for this request to access the {value} address space", unsent(Unsent::LocalNetworkAccessPermissionDenied), CHROMIUM),
    Phrase("the request client is not a secure context and the resource is in more-private address space", unsent(Unsent::InsecureLocalNetwork), CHROMIUM),
    Phrase("request had a target ip address space of", unsent(Unsent::InvalidLocalNetworkAccess), CHROMIUM),
    Phrase("no access-control-allow-external header was present in the preflight response", unsent(Unsent::PreflightMissingAllowExternal), CHROMIUM),
    Phrase("access-control-allow-external header in the preflight response", unsent(Unsent::PreflightInvalidAllowExternal), CHROMIUM),
    Phrase("blocked by cors policy: the response is invalid", is(E::InvalidResponse), CHROMIUM),
    Phrase("access control check: the response is invalid", is(E::InvalidResponse), CHROMIUM),
    Phrase("cors header access-control-allow-origin missing", Meaning::Either(E::MissingAllowOriginHeader, E::PreflightMissingAllowOriginHeader), FIREFOX),
    Phrase("multiple cors header access-control-allow-origin not allowed", Meaning::Either(E::MultipleAllowOriginValues, E::PreflightMultipleAllowOriginValues), FIREFOX),
    Phrase("cors header access-control-allow-origin does not match {value})", Meaning::ByAllowedOrigin, FIREFOX),
    Phrase("credential is not supported if the cors header access-control-allow-origin is *", Meaning::Either(E::WildcardOriginNotAllowed, E::PreflightWildcardOriginNotAllowed), FIREFOX),
    Phrase("expected true in cors header access-control-allow-credentials", Meaning::Either(E::InvalidAllowCredentials, E::PreflightInvalidAllowCredentials), FIREFOX),
    Phrase("cors preflight response did not succeed", Meaning::ByStatus, FIREFOX),
    Phrase("cors preflight channel did not succeed", is(E::PreflightInvalidStatus), FIREFOX),
    Phrase("cors request external redirect not allowed", is(E::PreflightDisallowedRedirect), FIREFOX),
    Phrase("invalid token {value} in cors header access-control-allow-methods", is(E::InvalidAllowMethodsPreflightResponse), FIREFOX),
    Phrase("invalid token {value} in cors header access-control-allow-headers", is(E::InvalidAllowHeadersPreflightResponse), FIREFOX),
    Phrase("did not find method in cors header access-control-allow-methods", is(E::MethodDisallowedByPreflightResponse), FIREFOX),
    Phrase("header {header} is not allowed according to header access-control-allow-headers", is(E::HeaderDisallowedByPreflightResponse), FIREFOX),
    Phrase("missing token {header} in cors header access-control-allow-headers", is(E::HeaderDisallowedByPreflightResponse), FIREFOX),
    Phrase("when the access-control-allow-headers is *, the authorization header is not covered", is(E::HeaderDisallowedByPreflightResponse), FIREFOX),
    Phrase("cors request not http", is(E::CorsDisabledScheme), FIREFOX),
    Phrase("load denied by cross-origin resource sharing policy", Meaning::Either(E::MissingAllowOriginHeader, E::AllowOriginMismatch), SAFARI),
    Phrase("cannot make any requests from null", Meaning::Either(E::MissingAllowOriginHeader, E::AllowOriginMismatch), SAFARI),
    Phrase("access-control-allow-origin cannot contain more than one origin", Meaning::Either(E::MultipleAllowOriginValues, E::PreflightMultipleAllowOriginValues), SAFARI),
    Phrase("cannot use wildcard in access-control-allow-origin when credentials flag is true", Meaning::Either(E::WildcardOriginNotAllowed, E::PreflightWildcardOriginNotAllowed), SAFARI),
    Phrase("credentials flag is true, but access-control-allow-credentials is not true", Meaning::Either(E::InvalidAllowCredentials, E::PreflightInvalidAllowCredentials), SAFARI),
    Phrase("preflight response is not successful", Meaning::ByStatus, SAFARI),
    Phrase("origin {origin} is not allowed by access-control-allow-origin", Meaning::Either(E::MissingAllowOriginHeader, E::AllowOriginMismatch), SAFARI),
];

/// More of Safari's reasons: words that Chromium's longer ones begin with stand behind those.
#[rustfmt::skip]
pub(super) const SHORT_REASONS: [Phrase; 6] = [
    Phrase("header access-control-allow-methods has an invalid value: {value}", is(E::InvalidAllowMethodsPreflightResponse), SAFARI),
    Phrase("header access-control-allow-headers has an invalid value: {value}", is(E::InvalidAllowHeadersPreflightResponse), SAFARI),
    Phrase("method {method} is not allowed by access-control-allow-methods", is(E::MethodDisallowedByPreflightResponse), SAFARI),
    Phrase("request header field {header} is not allowed by access-control-allow-headers", is(E::HeaderDisallowedByPreflightResponse), SAFARI),
    Phrase("redirection url {value} has credentials", is(E::RedirectContainsCredentials), SAFARI),
    Phrase("not allowed to follow a cross-origin cors redirection with non cors scheme", is(E::CorsDisabledScheme), SAFARI),
];

/// What is taken for CORS, and is not; and lines without a reason, last.
#[rustfmt::skip]
pub(super) const OTHERS: [Phrase; 68] = [
    Phrase("net::err_blocked_by_client", not(NotCors::BlockedByClient), CHROMIUM),
    Phrase("net::err_blocked_by_administrator", not(NotCors::BrowserSettings), CHROMIUM),
    Phrase("net::err_blocked_by_csp", not(NotCors::ContentSecurityPolicy), CHROMIUM),
    Phrase("net::err_blocked_by_response", not(NotCors::BlockedResponse), CHROMIUM),
    Phrase("net::err_blocked_by_orb", not(NotCors::BlockedResponse), CHROMIUM),
    Phrase("violates the documents content security policy", not(NotCors::ContentSecurityPolicy), CHROMIUM),
    Phrase("violates the following content security policy directive", not(NotCors::ContentSecurityPolicy), CHROMIUM),
    Phrase("content-security-policy: the pages settings", not(NotCors::ContentSecurityPolicy), FIREFOX),
    Phrase("content security policy: the pages settings", not(NotCors::ContentSecurityPolicy), FIREFOX),
    Phrase("does not appear in the connect-src directive of the content security policy", not(NotCors::ContentSecurityPolicy), SAFARI),
    Phrase("mixed content: the page at", not(NotCors::MixedContent), CHROMIUM),
    Phrase("blocked loading mixed active content", not(NotCors::MixedContent), FIREFOX),
    Phrase("insecure content from", not(NotCors::MixedContent), SAFARI),
    Phrase("cors header origin cannot be added", not(NotCors::BrowserSettings), FIREFOX),
    Phrase("(reason: cors disabled)", not(NotCors::BrowserSettings), FIREFOX),
    Phrase("cors request did not succeed", not(NotCors::NetworkError), FIREFOX),
    Phrase("cors request failed", not(NotCors::NetworkError), FIREFOX),
    Phrase("the network connection was lost", not(NotCors::NetworkError), SAFARI),
    Phrase("connection reset by peer", not(NotCors::NetworkError), SAFARI),
    Phrase("connection terminated unexpectedly", not(NotCors::NetworkError), SAFARI),
    Phrase("connection refused", not(NotCors::NetworkError), SAFARI),
    Phrase("could not connect to the server", not(NotCors::NetworkError), SAFARI),
    Phrase("a server with the specified hostname could not be found", not(NotCors::NetworkError), SAFARI),
    Phrase("not allowed to load local resource", is(E::CorsDisabledScheme), CHROMIUM),
    Phrase("blocked by opaqueresponseblocking", not(NotCors::BlockedResponse), FIREFOX),
    Phrase("violates the resources cross-origin-resource-policy", not(NotCors::BlockedResponse), SAFARI),
    // Firefox's network panel, and the names of MDN's pages, which its lines link to.
    Phrase("cors request not http", is(E::CorsDisabledScheme), FIREFOX),
    Phrase("cors multiple origin not allowed", Meaning::Either(E::MultipleAllowOriginValues, E::PreflightMultipleAllowOriginValues), FIREFOX),
    Phrase("cors missing allow origin", Meaning::Either(E::MissingAllowOriginHeader, E::PreflightMissingAllowOriginHeader), FIREFOX),
    Phrase("cors no allow credentials", Meaning::Either(E::WildcardOriginNotAllowed, E::PreflightWildcardOriginNotAllowed), FIREFOX),
    Phrase("cors allow origin not matching origin", Meaning::Either(E::AllowOriginMismatch, E::PreflightAllowOriginMismatch), FIREFOX),
    Phrase("cors missing allow credentials", Meaning::Either(E::InvalidAllowCredentials, E::PreflightInvalidAllowCredentials), FIREFOX),
    Phrase("cors external redirect not allowed", is(E::PreflightDisallowedRedirect), FIREFOX),
    Phrase("cors preflight did not succeed", is(E::PreflightInvalidStatus), FIREFOX),
    Phrase("cors invalid allow method", is(E::InvalidAllowMethodsPreflightResponse), FIREFOX),
    Phrase("cors method not found", is(E::MethodDisallowedByPreflightResponse), FIREFOX),
    Phrase("cors invalid allow header", is(E::InvalidAllowHeadersPreflightResponse), FIREFOX),
    Phrase("cors missing allow header", is(E::HeaderDisallowedByPreflightResponse), FIREFOX),
    Phrase("corsrequestnothttp", is(E::CorsDisabledScheme), FIREFOX),
    Phrase("corsmultiplealloworiginnotallowed", Meaning::Either(E::MultipleAllowOriginValues, E::PreflightMultipleAllowOriginValues), FIREFOX),
    Phrase("corsmissingalloworigin", Meaning::Either(E::MissingAllowOriginHeader, E::PreflightMissingAllowOriginHeader), FIREFOX),
    Phrase("corsnotsupportingcredentials", Meaning::Either(E::WildcardOriginNotAllowed, E::PreflightWildcardOriginNotAllowed), FIREFOX),
    Phrase("corsalloworiginnotmatchingorigin", Meaning::Either(E::AllowOriginMismatch, E::PreflightAllowOriginMismatch), FIREFOX),
    Phrase("corsmissingallowcredentials", Meaning::Either(E::InvalidAllowCredentials, E::PreflightInvalidAllowCredentials), FIREFOX),
    Phrase("corsexternalredirectnotallowed", is(E::PreflightDisallowedRedirect), FIREFOX),
    Phrase("corspreflightdidnotsucceed", is(E::PreflightInvalidStatus), FIREFOX),
    Phrase("corsinvalidallowmethod", is(E::InvalidAllowMethodsPreflightResponse), FIREFOX),
    Phrase("corsmethodnotfound", is(E::MethodDisallowedByPreflightResponse), FIREFOX),
    Phrase("corsinvalidallowheader", is(E::InvalidAllowHeadersPreflightResponse), FIREFOX),
    Phrase("corsmissingallowheaderfrompreflight", is(E::HeaderDisallowedByPreflightResponse), FIREFOX),
    Phrase("corsdisabled", not(NotCors::BrowserSettings), FIREFOX),
    Phrase("corsoriginheadernotadded", not(NotCors::BrowserSettings), FIREFOX),
    Phrase("corsdidnotsucceed", not(NotCors::NetworkError), FIREFOX),
    Phrase("blocked by cors policy", not(NotCors::NoReasonGiven), CHROMIUM),
    Phrase("(blocked:cors)", not(NotCors::NoReasonGiven), CHROMIUM),
    Phrase("http failure response for {url}: 0 unknown error", not(NotCors::NoReasonGiven), ANY),
    Phrase("http failure response for (unknown url): 0 unknown error", not(NotCors::NoReasonGiven), ANY),
    Phrase("axioserror: network error", not(NotCors::NoReasonGiven), ANY),
    Phrase("error: network error", not(NotCors::NoReasonGiven), ANY),
    Phrase("xmlhttprequest error.", not(NotCors::NoReasonGiven), ANY),
    Phrase("network request failed", not(NotCors::NoReasonGiven), ANY),
    Phrase("the same origin policy disallows reading the remote resource at {url} this can be fixed", not(NotCors::NoReasonGiven), FIREFOX),
    Phrase("the same origin policy disallows reading the remote resource at", not(NotCors::NoReasonGiven), FIREFOX),
    Phrase("bad uri or cross-site access not allowed source: {url}", not(NotCors::NoReasonGiven), FIREFOX),
    Phrase("typeerror: failed to fetch", not(NotCors::NoReasonGiven), CHROMIUM),
    Phrase("networkerror when attempting to fetch resource", not(NotCors::NoReasonGiven), FIREFOX),
    Phrase("due to access control checks", not(NotCors::NoReasonGiven), SAFARI),
    Phrase("load failed", not(NotCors::NoReasonGiven), SAFARI),
];
