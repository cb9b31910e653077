//! What Safari prints: measured with WebKitGTK 2.50, its engine on Linux.

use super::{Failure, text};
use crate::cors::cors_error::CorsError as E;
use crate::cors::url::{Location, resolve};
use crate::wire_text::wire_text;

impl Failure<'_> {
    /// The line with the reason.
    pub(super) fn safari(&self) -> Option<String> {
        let refused = || {
            format!(
                "Origin {} is not allowed by Access-Control-Allow-Origin. Status code: {}",
                self.origin(),
                self.status()
            )
        };
        let allow_origin = self.header("access-control-allow-origin");
        let reason = match self.error {
            E::WildcardOriginNotAllowed | E::PreflightWildcardOriginNotAllowed => {
                "Cannot use wildcard in Access-Control-Allow-Origin when credentials flag is true."
                    .to_owned()
            }
            // A list that is parted by spaces alone is to Safari just another origin.
            E::MultipleAllowOriginValues | E::PreflightMultipleAllowOriginValues
                if allow_origin.contains(',') =>
            {
                "Access-Control-Allow-Origin cannot contain more than one origin.".to_owned()
            }
            E::MissingAllowOriginHeader
            | E::PreflightMissingAllowOriginHeader
            | E::MultipleAllowOriginValues
            | E::PreflightMultipleAllowOriginValues
            | E::InvalidAllowOriginValue
            | E::PreflightInvalidAllowOriginValue
            | E::AllowOriginMismatch
            | E::PreflightAllowOriginMismatch => refused(),
            E::InvalidAllowCredentials | E::PreflightInvalidAllowCredentials => {
                "Credentials flag is true, but Access-Control-Allow-Credentials is not \"true\"."
                    .to_owned()
            }
            E::PreflightInvalidStatus | E::PreflightDisallowedRedirect => format!(
                "Preflight response is not successful. Status code: {}",
                self.status()
            ),
            E::InvalidAllowMethodsPreflightResponse => format!(
                "Header Access-Control-Allow-Methods has an invalid value: {}",
                self.header("access-control-allow-methods")
            ),
            E::InvalidAllowHeadersPreflightResponse => format!(
                "Header Access-Control-Allow-Headers has an invalid value: {}",
                self.header("access-control-allow-headers")
            ),
            E::MethodDisallowedByPreflightResponse => format!(
                "Method {} is not allowed by Access-Control-Allow-Methods.",
                self.method
            ),
            E::HeaderDisallowedByPreflightResponse => format!(
                "Request header field {} is not allowed by Access-Control-Allow-Headers.",
                capitalised(self.first_about())
            ),
            E::RedirectContainsCredentials => {
                format!("redirection URL {} has credentials", self.first_about())
            }
            // Every system's network words this in its own way. A redirect to what is no URL counts as one to another scheme.
            E::InvalidResponse if self.redirects_to().is_none() => return None,
            E::CorsDisabledScheme | E::InvalidResponse => {
                "not allowed to follow a cross-origin CORS redirection with non CORS scheme"
                    .to_owned()
            }
        };
        Some(match self.redirects_to() {
            Some(target) => format!(
                "Cross-origin redirection to {target} denied by Cross-Origin Resource Sharing policy: {reason}"
            ),
            None => reason,
        })
    }

    /// Where the response of an actual request redirects to, without user name and password.
    fn redirects_to(&self) -> Option<String> {
        let response = self.half.response.as_ref()?;
        if self.error.is_about_preflight() || !matches!(response.status, 301..=303 | 307 | 308) {
            return None;
        }
        let location = response.location();
        let fetch = &self.half.fetch;
        match resolve(location, &fetch.authority, fetch.path_and_query()) {
            Location::Http {
                scheme,
                authority,
                target,
                ..
            } => Some(format!(
                "{scheme}://{}{}",
                wire_text(&authority),
                wire_text(&target)
            )),
            Location::OtherScheme | Location::Invalid => Some(text(location)),
        }
    }
}

/// A header name as Safari shows it: the preflight has it in lower case, and Safari in the case of
/// the page's code, which mostly is this one.
fn capitalised(name: &str) -> String {
    const SINGLE_WORDS: [&str; 6] = [
        "accept",
        "authorization",
        "pragma",
        "prefer",
        "range",
        "origin",
    ];
    if !name.contains('-') && !SINGLE_WORDS.contains(&name) {
        return name.to_owned();
    }
    let words: Vec<String> = name
        .split('-')
        .map(|word| {
            let mut chars = word.chars();
            chars.next().map_or_else(String::new, |first| {
                first.to_ascii_uppercase().to_string() + chars.as_str()
            })
        })
        .collect();
    words.join("-")
}

#[cfg(test)]
mod tests {
    use super::capitalised;

    #[test]
    fn header_names_have_the_usual_case() {
        let cases = [
            ("content-type", "Content-Type"),
            ("x-requested-with", "X-Requested-With"),
            ("authorization", "Authorization"),
            ("traceparent", "traceparent"),
            ("", ""),
        ];
        for (sent, shown) in cases {
            assert_eq!(capitalised(sent), shown);
        }
    }
}
