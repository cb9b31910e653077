//! What Chromium prints: measured with Chromium 156.

use super::{Failure, text};
use crate::cors::cors_error::CorsError as E;
use crate::http::exchange::Outcome;

impl Failure<'_> {
    /// The line of the console.
    pub(super) fn chromium(&self) -> String {
        let allow_origin = self.header("access-control-allow-origin");
        let repair = "Have the server send the header with a valid value.";
        let reason = match self.error {
            E::MissingAllowOriginHeader | E::PreflightMissingAllowOriginHeader => {
                "No 'Access-Control-Allow-Origin' header is present on the requested resource."
                    .to_owned()
            }
            E::WildcardOriginNotAllowed | E::PreflightWildcardOriginNotAllowed => {
                "The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' when the request's credentials mode is 'include'.".to_owned()
            }
            E::MultipleAllowOriginValues | E::PreflightMultipleAllowOriginValues => format!(
                "The 'Access-Control-Allow-Origin' header contains multiple values '{allow_origin}', but only one is allowed. {repair}"
            ),
            E::InvalidAllowOriginValue | E::PreflightInvalidAllowOriginValue => format!(
                "The 'Access-Control-Allow-Origin' header contains the invalid value '{allow_origin}'. {repair}"
            ),
            E::AllowOriginMismatch | E::PreflightAllowOriginMismatch => format!(
                "The 'Access-Control-Allow-Origin' header has a value '{allow_origin}' that is not equal to the supplied origin. {repair}"
            ),
            E::InvalidAllowCredentials | E::PreflightInvalidAllowCredentials => format!(
                "The value of the 'Access-Control-Allow-Credentials' header in the response is '{}' which must be 'true' when the request's credentials mode is 'include'.",
                self.header("access-control-allow-credentials")
            ),
            E::PreflightInvalidStatus => "It does not have HTTP ok status.".to_owned(),
            E::PreflightDisallowedRedirect => {
                "Redirect is not allowed for a preflight request.".to_owned()
            }
            E::InvalidAllowMethodsPreflightResponse => {
                "Cannot parse Access-Control-Allow-Methods response header field in preflight response.".to_owned()
            }
            E::InvalidAllowHeadersPreflightResponse => {
                "Cannot parse Access-Control-Allow-Headers response header field in preflight response.".to_owned()
            }
            E::MethodDisallowedByPreflightResponse => format!(
                "Method {} is not allowed by Access-Control-Allow-Methods in preflight response.",
                self.method
            ),
            E::HeaderDisallowedByPreflightResponse => format!(
                "Request header field {} is not allowed by Access-Control-Allow-Headers in preflight response.",
                self.first_about()
            ),
            // Chromium 156 leaves the location out.
            E::RedirectContainsCredentials => {
                "Redirect location '' contains a username and password, which is disallowed for cross-origin requests.".to_owned()
            }
            E::CorsDisabledScheme => {
                let from = self.chain_start.map_or_else(|| self.url(), |start| text(&start.url));
                return format!(
                    "Access to fetch at '{}' (redirected from '{from}') from origin '{}' has been blocked by CORS policy: Cross origin requests are only supported for protocol schemes: chrome, chrome-experimental-site-token-provider, chrome-extension, chrome-untrusted, data, http, https, isolated-app.",
                    self.first_about(),
                    self.page_origin()
                );
            }
            E::InvalidResponse => {
                return format!("{} {} {}", self.method, self.url(), self.net_error());
            }
        };
        // The codes of the preflight's own fields have no prefix: their sentences name it.
        let prefix = if self.error.is_about_preflight() && !self.is_about_list() {
            "Response to preflight request doesn't pass access control check: "
        } else {
            ""
        };
        let redirected = self.chain_start.map_or_else(String::new, |start| {
            format!(" (redirected from '{}')", text(&start.url))
        });
        format!(
            "Access to fetch at '{}'{redirected} from origin '{}' has been blocked by CORS policy: {prefix}{reason}",
            self.url(),
            self.page_origin()
        )
    }

    /// The page's origin, also where a redirect to another origin made the request's `null`.
    fn page_origin(&self) -> String {
        let start = self.chain_start;
        start.map_or_else(|| self.origin(), |start| text(&start.origin))
    }

    /// Whether the finding is about what the preflight's two lists say.
    fn is_about_list(&self) -> bool {
        matches!(
            self.error,
            E::InvalidAllowMethodsPreflightResponse
                | E::InvalidAllowHeadersPreflightResponse
                | E::MethodDisallowedByPreflightResponse
                | E::HeaderDisallowedByPreflightResponse
        )
    }

    /// The network error that Chromium shows instead of a CORS message.
    fn net_error(&self) -> &'static str {
        match (&self.half.response, self.half.outcome()) {
            (Some(_), _) => "net::ERR_INVALID_HTTP_RESPONSE",
            (None, Outcome::Reset) => "net::ERR_CONNECTION_RESET",
            (None, _) => "net::ERR_EMPTY_RESPONSE",
        }
    }
}
