//! What a browser finds wrong: the findings of the CORS protocol.
//!
//! A [`CorsError`] is a finding about traffic, not an error of this program. Its variants have the
//! names of the DevTools protocol's `Network.CorsError`, so that one can search for them; those that
//! no wire shows are left out.

/// Why a browser keeps a response from the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CorsError {
    /// No Access-Control-Allow-Origin.
    MissingAllowOriginHeader,
    /// Access-Control-Allow-Origin is `*`, but credentials are included.
    WildcardOriginNotAllowed,
    /// Access-Control-Allow-Origin names several origins.
    MultipleAllowOriginValues,
    /// Access-Control-Allow-Origin is no URL.
    InvalidAllowOriginValue,
    /// Access-Control-Allow-Origin names another origin.
    AllowOriginMismatch,
    /// Credentials are included, but Access-Control-Allow-Credentials is not `true`.
    InvalidAllowCredentials,
    /// As [`Self::MissingAllowOriginHeader`], in the preflight's response.
    PreflightMissingAllowOriginHeader,
    /// As [`Self::WildcardOriginNotAllowed`], in the preflight's response.
    PreflightWildcardOriginNotAllowed,
    /// As [`Self::MultipleAllowOriginValues`], in the preflight's response.
    PreflightMultipleAllowOriginValues,
    /// As [`Self::InvalidAllowOriginValue`], in the preflight's response.
    PreflightInvalidAllowOriginValue,
    /// As [`Self::AllowOriginMismatch`], in the preflight's response.
    PreflightAllowOriginMismatch,
    /// As [`Self::InvalidAllowCredentials`], in the preflight's response.
    PreflightInvalidAllowCredentials,
    /// The preflight's response has no ok status (<https://fetch.spec.whatwg.org/#ok-status>).
    PreflightInvalidStatus,
    /// The preflight's response is a redirect.
    PreflightDisallowedRedirect,
    /// Access-Control-Allow-Methods is no list of tokens.
    InvalidAllowMethodsPreflightResponse,
    /// Access-Control-Allow-Headers is no list of tokens.
    InvalidAllowHeadersPreflightResponse,
    /// The method is not allowed.
    MethodDisallowedByPreflightResponse,
    /// A request header is not allowed.
    HeaderDisallowedByPreflightResponse,
    /// A redirect leads to a URL with a user name or password.
    RedirectContainsCredentials,
    /// A redirect leads to a URL that is not http or https.
    CorsDisabledScheme,
    /// There is no usable response.
    InvalidResponse,
}

/// Whose doing a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The server, or a proxy before it.
    Server,
    /// The page's code.
    Client,
    /// Neither: no response came.
    Network,
}

impl Fault {
    /// Its name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Client => "client",
            Self::Network => "network",
        }
    }
}

impl CorsError {
    /// All findings, in their order.
    pub const ALL: [Self; 21] = [
        Self::MissingAllowOriginHeader,
        Self::WildcardOriginNotAllowed,
        Self::MultipleAllowOriginValues,
        Self::InvalidAllowOriginValue,
        Self::AllowOriginMismatch,
        Self::InvalidAllowCredentials,
        Self::PreflightMissingAllowOriginHeader,
        Self::PreflightWildcardOriginNotAllowed,
        Self::PreflightMultipleAllowOriginValues,
        Self::PreflightInvalidAllowOriginValue,
        Self::PreflightAllowOriginMismatch,
        Self::PreflightInvalidAllowCredentials,
        Self::PreflightInvalidStatus,
        Self::PreflightDisallowedRedirect,
        Self::InvalidAllowMethodsPreflightResponse,
        Self::InvalidAllowHeadersPreflightResponse,
        Self::MethodDisallowedByPreflightResponse,
        Self::HeaderDisallowedByPreflightResponse,
        Self::RedirectContainsCredentials,
        Self::CorsDisabledScheme,
        Self::InvalidResponse,
    ];

    /// The name in the DevTools protocol.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MissingAllowOriginHeader => "MissingAllowOriginHeader",
            Self::WildcardOriginNotAllowed => "WildcardOriginNotAllowed",
            Self::MultipleAllowOriginValues => "MultipleAllowOriginValues",
            Self::InvalidAllowOriginValue => "InvalidAllowOriginValue",
            Self::AllowOriginMismatch => "AllowOriginMismatch",
            Self::InvalidAllowCredentials => "InvalidAllowCredentials",
            Self::PreflightMissingAllowOriginHeader => "PreflightMissingAllowOriginHeader",
            Self::PreflightWildcardOriginNotAllowed => "PreflightWildcardOriginNotAllowed",
            Self::PreflightMultipleAllowOriginValues => "PreflightMultipleAllowOriginValues",
            Self::PreflightInvalidAllowOriginValue => "PreflightInvalidAllowOriginValue",
            Self::PreflightAllowOriginMismatch => "PreflightAllowOriginMismatch",
            Self::PreflightInvalidAllowCredentials => "PreflightInvalidAllowCredentials",
            Self::PreflightInvalidStatus => "PreflightInvalidStatus",
            Self::PreflightDisallowedRedirect => "PreflightDisallowedRedirect",
            Self::InvalidAllowMethodsPreflightResponse => "InvalidAllowMethodsPreflightResponse",
            Self::InvalidAllowHeadersPreflightResponse => "InvalidAllowHeadersPreflightResponse",
            Self::MethodDisallowedByPreflightResponse => "MethodDisallowedByPreflightResponse",
            Self::HeaderDisallowedByPreflightResponse => "HeaderDisallowedByPreflightResponse",
            Self::RedirectContainsCredentials => "RedirectContainsCredentials",
            Self::CorsDisabledScheme => "CorsDisabledScheme",
            Self::InvalidResponse => "InvalidResponse",
        }
    }

    /// Whose doing it is.
    #[must_use]
    pub const fn fault(self) -> Fault {
        match self {
            Self::InvalidResponse => Fault::Network,
            _ => Fault::Server,
        }
    }

    /// Whether it is about a preflight's response; [`Self::InvalidResponse`] can be about either.
    #[must_use]
    pub const fn is_about_preflight(self) -> bool {
        matches!(
            self,
            Self::PreflightMissingAllowOriginHeader
                | Self::PreflightWildcardOriginNotAllowed
                | Self::PreflightMultipleAllowOriginValues
                | Self::PreflightInvalidAllowOriginValue
                | Self::PreflightAllowOriginMismatch
                | Self::PreflightInvalidAllowCredentials
                | Self::PreflightInvalidStatus
                | Self::PreflightDisallowedRedirect
                | Self::InvalidAllowMethodsPreflightResponse
                | Self::InvalidAllowHeadersPreflightResponse
                | Self::MethodDisallowedByPreflightResponse
                | Self::HeaderDisallowedByPreflightResponse
        )
    }

    /// The same finding of the CORS check, in a preflight's response.
    #[must_use]
    pub const fn in_preflight(self) -> Self {
        match self {
            Self::MissingAllowOriginHeader => Self::PreflightMissingAllowOriginHeader,
            Self::WildcardOriginNotAllowed => Self::PreflightWildcardOriginNotAllowed,
            Self::MultipleAllowOriginValues => Self::PreflightMultipleAllowOriginValues,
            Self::InvalidAllowOriginValue => Self::PreflightInvalidAllowOriginValue,
            Self::AllowOriginMismatch => Self::PreflightAllowOriginMismatch,
            Self::InvalidAllowCredentials => Self::PreflightInvalidAllowCredentials,
            other => other,
        }
    }
}
