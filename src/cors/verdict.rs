//! A transaction's requests and responses → what the browser decided.
//!
//! The composition: a preflight that fails ends it; one that passes leaves it to the actual
//! request's response; what the capture lacks makes it unknown, with the reason. Where the
//! credentials mode is not visible, both are tried.

use std::sync::Arc;

use crate::cors::browser::Browser;
use crate::cors::client::is_no_browser;
use crate::cors::cors_check::{CredentialsMode, cors_check};
use crate::cors::cors_error::CorsError;
use crate::cors::fetch_request::{Credentials, NotCors, RequestClass};
use crate::cors::preflight::{Asked, Finding, is_redirect, preflight_findings};
use crate::cors::transaction::{
    Condition, Half, Judgement, TransactionNote as Note, Unknown, Verdict,
};
use crate::cors::url::{Location, resolve};
use crate::http::exchange::Outcome;
use crate::http::message::ResponseHead;

/// What one credentials mode leads to.
struct Evaluation {
    verdict: Verdict,
    findings: Vec<Finding>,
    notes: Vec<Note>,
}

/// The redirects that a browser follows (<https://fetch.spec.whatwg.org/#http-redirect-fetch>).
const MOST_REDIRECTS: u32 = 20;

/// The redirects around a request.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hops {
    /// How many led to it.
    pub before: u32,
    /// The first request was to the page's own origin.
    pub from_own_origin: bool,
    /// A request was seen where its response leads.
    pub goes_on: bool,
}

impl Hops {
    /// Why a browser does not follow one more redirect.
    fn refusal(self, browser: Browser, credentials: Credentials) -> Option<Note> {
        if self.before >= MOST_REDIRECTS {
            return Some(Note::TooManyRedirects);
        }
        let stays = self.from_own_origin && !self.goes_on && credentials != Credentials::Include;
        (stays && browser.refuses_to_go_on_from_own_origin()).then_some(Note::RedirectsAgain)
    }
}

/// Judges a preflight and/or an actual request. `stored`: the response that a 304 may confirm;
/// `hops`: the redirects around it.
#[must_use]
pub fn judge(
    preflight: Option<&Half>,
    actual: Option<&Half>,
    stored: Option<&Arc<ResponseHead>>,
    hops: Hops,
) -> Judgement {
    let asked = preflight.map(|half| &half.fetch);
    let mut credentials = match (actual, preflight) {
        (Some(actual), _) => actual.fetch.credentials(asked),
        (None, Some(preflight)) => preflight.fetch.credentials(None),
        (None, None) => Credentials::Unknown,
    };
    let class = actual.or(preflight).map(|half| half.fetch.class);
    if let Some(RequestClass::NotCors(why)) = class {
        let finding = actual.and_then(leaves_own_origin_badly);
        return Judgement {
            verdict: match &finding {
                Some(finding) => Verdict::Fail(finding.error),
                None => Verdict::NotCors(why),
            },
            credentials,
            condition: None,
            findings: finding.into_iter().collect(),
            notes: notes_of(preflight, actual),
            recurs: false,
        };
    }
    let evaluate = |mode| evaluate(preflight, actual, stored, mode);
    let mut evaluation = match credentials {
        Credentials::Include => evaluate(CredentialsMode::Include),
        Credentials::NotInclude | Credentials::Unknown => evaluate(CredentialsMode::NotInclude),
    };
    if credentials == Credentials::Include && evaluation.notes.contains(&Note::ClientWentOn) {
        // A browser goes on only where the preflight passes: the inference may have been wrong.
        let certain = actual.is_some_and(|half| {
            let headers = half.fetch.headers();
            headers.contains("cookie") || headers.contains("sec-fetch-storage-access")
        });
        let other = evaluate(CredentialsMode::NotInclude);
        if !certain && !other.notes.contains(&Note::ClientWentOn) {
            credentials = Credentials::NotInclude;
            evaluation = other;
        }
    }
    let mut condition = None;
    if credentials == Credentials::Unknown
        && evaluation.verdict == Verdict::Pass
        && let Some(error) = failure_with_credentials(preflight, actual, stored)
    {
        condition = Some(Condition { error });
    }
    if evaluation.verdict == Verdict::Pass
        && let Some(half) = actual
        && let Some(response) = &half.response
        && is_redirect(response, half.fetch.browser())
        && let Some(note) = hops.refusal(half.fetch.browser(), credentials)
    {
        evaluation.verdict = Verdict::Fail(CorsError::InvalidResponse);
        evaluation.findings = vec![Finding::new(CorsError::InvalidResponse)];
        evaluation.notes.push(note);
        condition = None;
    }
    let mut notes = notes_of(preflight, actual);
    notes.append(&mut evaluation.notes);
    if let Verdict::Fail(first) = evaluation.verdict {
        let others = evaluation.findings.iter().map(|finding| finding.error);
        notes.extend(others.filter(|e| *e != first).map(Note::AlsoWrong));
    }
    Judgement {
        verdict: evaluation.verdict,
        credentials,
        condition,
        findings: evaluation.findings,
        notes,
        recurs: false,
    }
}

/// What would fail with credentials, of what passes without them: the CORS checks are stricter, and
/// `*` is a name like any other.
fn failure_with_credentials(
    preflight: Option<&Half>,
    actual: Option<&Half>,
    stored: Option<&Arc<ResponseHead>>,
) -> Option<CorsError> {
    let mode = CredentialsMode::Include;
    if let Some(half) = preflight
        && let Some(response) = &half.response
    {
        let asked = asked(half, actual, mode);
        if !asked.same_origin
            && let Err(error) = cors_check(asked.origin, mode, &response.headers, asked.browser)
        {
            return Some(error.in_preflight());
        }
        let has_wildcard = |name| response.headers.values(name).any(|v| v.contains(&b'*'));
        if has_wildcard("access-control-allow-methods")
            || has_wildcard("access-control-allow-headers")
        {
            let findings = preflight_findings(&asked, response);
            if let Some(finding) = findings.first() {
                return Some(finding.error);
            }
        }
    }
    let half = actual?;
    match evaluate_actual(half, preflight, stored, mode, Vec::new()).verdict {
        Verdict::Fail(error) => Some(error),
        _ => None,
    }
}

/// Notes that do not hang on the credentials mode.
fn notes_of(preflight: Option<&Half>, actual: Option<&Half>) -> Vec<Note> {
    let mut notes = Vec::new();
    for half in [preflight, actual].into_iter().flatten() {
        if half.earlier_tries > 0 {
            notes.push(Note::Retried(half.earlier_tries));
        }
        if half.response.is_some() && half.outcome() != Outcome::Complete {
            notes.push(Note::ResponseIncomplete);
        }
    }
    if let Some(half) = actual.or(preflight) {
        if half.fetch.headers().values("origin").nth(1).is_some()
            || half.fetch.origin().iter().any(|b| matches!(b, b' ' | b','))
        {
            notes.push(Note::SeveralOrigins);
        }
        if [preflight, actual]
            .into_iter()
            .flatten()
            .any(|half| is_no_browser(half.fetch.headers()))
        {
            notes.push(Note::NotABrowser);
        }
        if half.fetch.guessed_host {
            notes.push(Note::GuessedHost);
        }
    }
    notes
}

fn evaluate(
    preflight: Option<&Half>,
    actual: Option<&Half>,
    stored: Option<&Arc<ResponseHead>>,
    mode: CredentialsMode,
) -> Evaluation {
    let mut notes = Vec::new();
    if let Some(half) = preflight {
        match &half.response {
            Some(response) if is_refused(half, response, &mut notes) => {
                let findings = vec![Finding::new(CorsError::InvalidResponse)];
                return failure(findings, actual, notes);
            }
            Some(response) => {
                let asked = asked(half, actual, mode);
                let known_to_pass = half.passes && mode == CredentialsMode::NotInclude;
                let findings = if known_to_pass {
                    Vec::new()
                } else {
                    preflight_findings(&asked, response)
                };
                if !findings.is_empty() {
                    return failure(findings, actual, notes);
                }
                if uses_wildcard_for_authorization(&asked, response) {
                    notes.push(Note::WildcardForAuthorization);
                }
                if actual.is_none() {
                    notes.push(Note::ActualNotSeen);
                    return Evaluation {
                        verdict: Verdict::Pass,
                        findings,
                        notes,
                    };
                }
            }
            None if actual.is_some() => notes.push(Note::PreflightResponseNotCaptured),
            None => return unanswered(half, notes),
        }
    }
    let Some(half) = actual else {
        return Evaluation {
            verdict: Verdict::Unknown(Unknown::NotCaptured),
            findings: Vec::new(),
            notes,
        };
    };
    evaluate_actual(half, preflight, stored, mode, notes)
}

/// A preflight that failed ends it, whether the client went on or not.
fn failure(findings: Vec<Finding>, actual: Option<&Half>, mut notes: Vec<Note>) -> Evaluation {
    if actual.is_some() {
        notes.push(Note::ClientWentOn);
    }
    let error = findings.first().map(|finding| finding.error);
    Evaluation {
        verdict: Verdict::Fail(error.unwrap_or(CorsError::InvalidResponse)),
        findings,
        notes,
    }
}

/// What a request without any response amounts to.
fn unanswered(half: &Half, notes: Vec<Note>) -> Evaluation {
    let unknown = match half.outcome() {
        Outcome::Closed | Outcome::Reset | Outcome::Garbled => {
            return Evaluation {
                verdict: Verdict::Fail(CorsError::InvalidResponse),
                findings: vec![Finding::new(CorsError::InvalidResponse)],
                notes,
            };
        }
        Outcome::CaptureEnded => Unknown::CaptureEnded,
        Outcome::NotCaptured | Outcome::Complete => Unknown::NotCaptured,
        Outcome::CutBySnapLength => Unknown::CutBySnapLength,
        Outcome::Unreadable => Unknown::Unreadable,
        Outcome::GivenUp => Unknown::GivenUp,
        Outcome::Aborted => Unknown::Aborted,
    };
    Evaluation {
        verdict: Verdict::Unknown(unknown),
        findings: Vec::new(),
        notes,
    }
}

fn evaluate_actual(
    half: &Half,
    preflight: Option<&Half>,
    stored: Option<&Arc<ResponseHead>>,
    mode: CredentialsMode,
    mut notes: Vec<Note>,
) -> Evaluation {
    let Some(response) = &half.response else {
        return unanswered(half, notes);
    };
    let findings = if is_refused(half, response, &mut notes) {
        vec![Finding::new(CorsError::InvalidResponse)]
    } else {
        let confirmed = match confirmed_response(half, response, preflight, stored) {
            Confirmed::AsItIs => None,
            Confirmed::Stored(headers) => {
                notes.push(Note::StoredResponseUsed);
                Some(headers)
            }
            Confirmed::NotSeen => {
                return Evaluation {
                    verdict: Verdict::Unknown(Unknown::NoStoredResponse),
                    findings: Vec::new(),
                    notes,
                };
            }
        };
        response_findings(half, confirmed.as_ref().unwrap_or(response), mode)
    };
    let verdict = match findings.first().map(|finding| finding.error) {
        None => Verdict::Pass,
        Some(error) => match half.fetch.class {
            RequestClass::SchemeDiffers => {
                notes.push(Note::WouldFail(error));
                Verdict::Unknown(Unknown::SchemeDiffers)
            }
            RequestClass::Ambiguous
                if !half.fetch.looks_scripted()
                    && !response.headers.contains("access-control-allow-origin") =>
            {
                notes.push(Note::WouldFail(error));
                Verdict::Unknown(Unknown::AmbiguousPost)
            }
            _ => Verdict::Fail(error),
        },
    };
    Evaluation {
        verdict,
        findings,
        notes,
    }
}

/// The checks of an actual response: the CORS check, then where its redirect leads
/// (<https://fetch.spec.whatwg.org/#http-redirect-fetch>).
fn response_findings(half: &Half, response: &ResponseHead, mode: CredentialsMode) -> Vec<Finding> {
    let browser = half.fetch.browser();
    if let Err(error) = cors_check(half.fetch.origin(), mode, &response.headers, browser) {
        return vec![Finding::new(error)];
    }
    let error = match redirected_to(half, response) {
        Some(Location::Http {
            credentials: true, ..
        }) => CorsError::RedirectContainsCredentials,
        Some(Location::OtherScheme) => CorsError::CorsDisabledScheme,
        Some(Location::Invalid) => CorsError::InvalidResponse,
        Some(Location::Http { .. }) | None => return Vec::new(),
    };
    vec![Finding {
        error,
        about: vec![response.location().into()],
    }]
}

/// Where a response redirects to, if it does.
fn redirected_to(half: &Half, response: &ResponseHead) -> Option<Location> {
    let fetch = &half.fetch;
    is_redirect(response, fetch.browser()).then(|| match response.location() {
        b"" if fetch.browser().refuses_empty_location() => Location::Invalid,
        location => resolve(location, &fetch.authority, fetch.path_and_query()),
    })
}

/// What forbids the redirect of a fetch at the page's own origin: such a request has no CORS check,
/// but where it would go on to is checked all the same
/// (<https://fetch.spec.whatwg.org/#http-redirect-fetch>, steps 6 and 8).
fn leaves_own_origin_badly(half: &Half) -> Option<Finding> {
    let fetch = &half.fetch;
    let mode = fetch.headers().values("sec-fetch-mode").next();
    if fetch.class != RequestClass::NotCors(NotCors::SameOrigin) || mode != Some(b"cors") {
        return None;
    }
    let response = half.response.as_ref()?;
    let error = match redirected_to(half, response)? {
        Location::Http {
            scheme,
            authority,
            credentials: true,
            ..
        } if scheme != "http" || *authority != *fetch.authority => {
            CorsError::RedirectContainsCredentials
        }
        Location::OtherScheme => CorsError::CorsDisabledScheme,
        Location::Http { .. } | Location::Invalid => return None,
    };
    Some(Finding {
        error,
        about: vec![response.location().into()],
    })
}

/// What a preflight asked for; the actual request tells its own method and the mode.
fn asked<'a>(preflight: &'a Half, actual: Option<&'a Half>, mode: CredentialsMode) -> Asked<'a> {
    Asked {
        origin: preflight.fetch.origin(),
        mode,
        method: actual.map_or(preflight.fetch.fetch_method(), |a| a.fetch.fetch_method()),
        headers: preflight.fetch.requested_headers().collect(),
        same_origin: preflight.fetch.is_same_origin(),
        browser: preflight.fetch.browser(),
    }
}

/// Whether browsers refuse a response for its head alone, whatever its CORS headers.
fn is_refused(half: &Half, response: &ResponseHead, notes: &mut Vec<Note>) -> bool {
    let browser = half.fetch.browser();
    let malformed = response.refused_by.contains(browser.http_stack());
    let differ = |name| {
        let mut values = response.headers.values(name);
        let first = values.next();
        values.any(|value| Some(value) != first)
    };
    let contradicts =
        browser.refuses_contradictions() && (differ("location") || differ("content-disposition"));
    if contradicts {
        notes.push(Note::ContradictingLines);
    }
    let as_proxy = response.status == 407 && browser.refuses_proxy_status();
    if as_proxy {
        notes.push(Note::ProxyStatus);
    }
    malformed || contradicts || as_proxy
}

enum Confirmed {
    /// The response counts as it stands.
    AsItIs,
    /// A stored response, updated by a 304.
    Stored(ResponseHead),
    /// A 304 that confirms a response from before the capture.
    NotSeen,
}

/// The response that the page gets where the browser itself asked whether a stored one is still
/// good (<https://fetch.spec.whatwg.org/#http-network-or-cache-fetch>, RFC 9111 §4.3.4).
fn confirmed_response(
    half: &Half,
    response: &ResponseHead,
    preflight: Option<&Half>,
    stored: Option<&Arc<ResponseHead>>,
) -> Confirmed {
    if response.status != 304 {
        return Confirmed::AsItIs;
    }
    let conditional = ["if-none-match", "if-modified-since"];
    let by_browser = conditional.into_iter().any(|name| {
        let by_page = preflight.is_some_and(|preflight| {
            let mut names = preflight.fetch.requested_headers();
            names.any(|asked| asked.eq_ignore_ascii_case(name.as_bytes()))
        });
        half.fetch.headers().contains(name) && !by_page
    });
    if !by_browser {
        return Confirmed::AsItIs;
    }
    match stored {
        Some(stored) => Confirmed::Stored(stored.confirmed_by(response)),
        None if response.headers.contains("access-control-allow-origin") => Confirmed::AsItIs,
        None => Confirmed::NotSeen,
    }
}

/// Whether `*` in Access-Control-Allow-Headers is all that covers Authorization.
fn uses_wildcard_for_authorization(asked: &Asked<'_>, response: &ResponseHead) -> bool {
    let is_authorization = |name: &&[u8]| name.eq_ignore_ascii_case(b"authorization");
    if !asked.headers.iter().any(is_authorization) {
        return false;
    }
    let allowed = response
        .headers
        .extract_header_list_values("access-control-allow-headers");
    !allowed.unwrap_or_default().iter().any(is_authorization)
}
