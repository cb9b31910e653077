//! What Firefox prints: measured with Firefox 153. Its quotes are curly ones.

use super::Failure;
use crate::cors::cors_error::CorsError as E;

impl Failure<'_> {
    /// The line of the console.
    pub(super) fn firefox(&self) -> String {
        let url = self.url();
        let (url, reason) = match self.error {
            E::MissingAllowOriginHeader | E::PreflightMissingAllowOriginHeader => (
                url,
                "CORS header ‘Access-Control-Allow-Origin’ missing".to_owned(),
            ),
            E::WildcardOriginNotAllowed | E::PreflightWildcardOriginNotAllowed => (
                format!("‘{url}’"),
                "Credential is not supported if the CORS header ‘Access-Control-Allow-Origin’ is ‘*’"
                    .to_owned(),
            ),
            E::MultipleAllowOriginValues | E::PreflightMultipleAllowOriginValues
                if self.has_several_allow_origins() =>
            {
                (
                    url,
                    "Multiple CORS header ‘Access-Control-Allow-Origin’ not allowed".to_owned(),
                )
            }
            E::MultipleAllowOriginValues
            | E::PreflightMultipleAllowOriginValues
            | E::InvalidAllowOriginValue
            | E::PreflightInvalidAllowOriginValue
            | E::AllowOriginMismatch
            | E::PreflightAllowOriginMismatch => (
                url,
                format!(
                    "CORS header ‘Access-Control-Allow-Origin’ does not match ‘{}’",
                    self.header("access-control-allow-origin")
                ),
            ),
            E::InvalidAllowCredentials | E::PreflightInvalidAllowCredentials => (
                url,
                "expected ‘true’ in CORS header ‘Access-Control-Allow-Credentials’".to_owned(),
            ),
            E::PreflightInvalidStatus => {
                (url, "CORS preflight response did not succeed".to_owned())
            }
            E::PreflightDisallowedRedirect => (
                url,
                "CORS request external redirect not allowed".to_owned(),
            ),
            E::InvalidAllowMethodsPreflightResponse => (
                url,
                format!(
                    "invalid token ‘{}’ in CORS header ‘Access-Control-Allow-Methods’",
                    self.first_about()
                ),
            ),
            E::InvalidAllowHeadersPreflightResponse => (
                url,
                format!(
                    "invalid token ‘{}’ in CORS header ‘Access-Control-Allow-Headers’",
                    self.first_about()
                ),
            ),
            E::MethodDisallowedByPreflightResponse => (
                url,
                "Did not find method in CORS header ‘Access-Control-Allow-Methods’".to_owned(),
            ),
            E::HeaderDisallowedByPreflightResponse => (
                url,
                format!(
                    "header ‘{}’ is not allowed according to header ‘Access-Control-Allow-Headers’ from CORS preflight response",
                    self.first_about()
                ),
            ),
            E::RedirectContainsCredentials | E::CorsDisabledScheme | E::InvalidResponse => {
                (url, "CORS request did not succeed".to_owned())
            }
        };
        let status = match self.error {
            E::MissingAllowOriginHeader
            | E::PreflightMissingAllowOriginHeader
            | E::PreflightInvalidStatus => format!(" Status code: {}.", self.status()),
            E::RedirectContainsCredentials | E::CorsDisabledScheme | E::InvalidResponse => {
                " Status code: (null).".to_owned()
            }
            _ => String::new(),
        };
        format!(
            "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at {url}. (Reason: {reason}).{status}"
        )
    }

    fn has_several_allow_origins(&self) -> bool {
        self.half.response.as_ref().is_some_and(|response| {
            let mut values = response.headers.values("access-control-allow-origin");
            values.nth(1).is_some()
        })
    }
}
