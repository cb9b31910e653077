//! The CORS check (<https://fetch.spec.whatwg.org/#concept-cors-check>), with the finding that
//! Chromium names where it fails.

use crate::cors::cors_error::CorsError;
use crate::cors::url::is_absolute_url;
use crate::http::headers::HeaderList;

/// A request's credentials mode, as far as the CORS check asks for it
/// (<https://fetch.spec.whatwg.org/#concept-request-credentials-mode>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialsMode {
    /// `include`.
    Include,
    /// `omit`, or `same-origin` across origins: no credentials.
    NotInclude,
}

/// Whether a page of `origin` may have a response with these headers.
pub fn cors_check(
    origin: &[u8],
    mode: CredentialsMode,
    response: &HeaderList,
) -> Result<(), CorsError> {
    // 1. and 2. The value of Access-Control-Allow-Origin; without it, failure.
    let Some(allowed) = response.get("access-control-allow-origin") else {
        return Err(CorsError::MissingAllowOriginHeader);
    };
    // 3. Without credentials, `*` suffices.
    if &*allowed == b"*" {
        return match mode {
            CredentialsMode::NotInclude => Ok(()),
            CredentialsMode::Include => Err(CorsError::WildcardOriginNotAllowed),
        };
    }
    // 4. Otherwise it is the request's origin, byte for byte.
    if &*allowed != origin {
        return Err(mismatch(&allowed));
    }
    // 5. Without credentials, that is all.
    if mode == CredentialsMode::NotInclude {
        return Ok(());
    }
    // 6. to 8. With credentials, Access-Control-Allow-Credentials must be `true`.
    match response.get("access-control-allow-credentials") {
        Some(value) if &*value == b"true" => Ok(()),
        _ => Err(CorsError::InvalidAllowCredentials),
    }
}

/// What is wrong with a value that is neither `*` nor the origin.
fn mismatch(allowed: &[u8]) -> CorsError {
    if allowed.iter().any(|b| matches!(b, b' ' | b',')) {
        CorsError::MultipleAllowOriginValues
    } else if allowed != b"null" && !is_absolute_url(allowed) {
        CorsError::InvalidAllowOriginValue
    } else {
        CorsError::AllowOriginMismatch
    }
}

#[cfg(test)]
mod tests {
    use super::CredentialsMode::{Include, NotInclude};
    use super::*;
    use crate::cors::cors_error::CorsError as E;
    use crate::http::headers::tests::list;

    #[test]
    fn the_cors_check_decides_as_browsers_do() {
        const O: &str = "http://localhost:18080";
        let origin = |value| vec![("Access-Control-Allow-Origin", value)];
        let with = |value, credentials| {
            vec![
                ("access-control-allow-origin", value),
                ("access-control-allow-credentials", credentials),
            ]
        };
        for (lines, mode, expected) in [
            (vec![], NotInclude, Err(E::MissingAllowOriginHeader)),
            (origin("*"), NotInclude, Ok(())),
            (origin(O), NotInclude, Ok(())),
            (origin("*"), Include, Err(E::WildcardOriginNotAllowed)),
            (origin(O), Include, Err(E::InvalidAllowCredentials)),
            (with(O, "true"), Include, Ok(())),
            (with(O, "True"), Include, Err(E::InvalidAllowCredentials)),
            (with(O, "1"), Include, Err(E::InvalidAllowCredentials)),
            (with(O, ""), Include, Err(E::InvalidAllowCredentials)),
            (
                with(O, "true, true"),
                Include,
                Err(E::InvalidAllowCredentials),
            ),
            (with("*", "true"), Include, Err(E::WildcardOriginNotAllowed)),
            (
                origin("http://localhost:18080/"),
                NotInclude,
                Err(E::AllowOriginMismatch),
            ),
            (
                origin("HTTP://LOCALHOST:18080"),
                NotInclude,
                Err(E::AllowOriginMismatch),
            ),
            (
                origin("http://*.localhost:18080"),
                NotInclude,
                Err(E::AllowOriginMismatch),
            ),
            (
                origin("localhost:18080"),
                NotInclude,
                Err(E::AllowOriginMismatch),
            ),
            (origin("null"), NotInclude, Err(E::AllowOriginMismatch)),
            (
                origin("localhost"),
                NotInclude,
                Err(E::InvalidAllowOriginValue),
            ),
            (
                origin("www.example.com"),
                NotInclude,
                Err(E::InvalidAllowOriginValue),
            ),
            (origin("**"), NotInclude, Err(E::InvalidAllowOriginValue)),
            (origin("\"*\""), NotInclude, Err(E::InvalidAllowOriginValue)),
            (origin(""), NotInclude, Err(E::InvalidAllowOriginValue)),
            (origin("NULL"), NotInclude, Err(E::InvalidAllowOriginValue)),
            (
                origin("*, *"),
                NotInclude,
                Err(E::MultipleAllowOriginValues),
            ),
            (
                origin("http://a http://b"),
                NotInclude,
                Err(E::MultipleAllowOriginValues),
            ),
            (
                [origin(O), origin(O)].concat(),
                NotInclude,
                Err(E::MultipleAllowOriginValues),
            ),
            (
                [origin(""), origin(O)].concat(),
                NotInclude,
                Err(E::MultipleAllowOriginValues),
            ),
        ] {
            let found = cors_check(O.as_bytes(), mode, &list(&lines));
            assert_eq!(found, expected, "{lines:?} {mode:?}");
        }
        let null = list(&origin("null"));
        assert_eq!(cors_check(b"null", NotInclude, &null), Ok(()));
    }
}
