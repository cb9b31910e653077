//! A text pasted from a console → the code it stands for, and the values in it.
//!
//! The fixed phrases of three browsers, older versions' too, are looked for anywhere in the text, so
//! that surrounding text and line breaks do no harm. The first line that names a reason of CORS
//! counts; lines that only say that something failed count where nothing else does.

mod foreign;
mod phrases;

use crate::cors::cors_error::CorsError as E;
use crate::cors::url::is_absolute_url;
use crate::explain::code::{ALL, Code, NotCors};
use crate::explain::pattern::{Fit, Haystack};
use crate::explain::values::Values;

use phrases::{CHROMIUM, Meaning, OTHERS, Phrase, REASONS, SHORT_REASONS};

/// What was recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognised {
    /// What it means.
    pub code: Code,
    /// What the same words may mean too: Firefox and Safari do not always tell.
    pub or: Option<Code>,
    /// Whose words they are.
    pub browser: Option<&'static str>,
    /// The values in it.
    pub values: Values,
    /// Something more about these very words.
    pub remark: Option<&'static str>,
    /// How many other reasons stand in the text.
    pub others: usize,
}

impl Recognised {
    /// A code alone.
    #[must_use]
    pub fn of_code(code: Code) -> Self {
        Self {
            code,
            or: None,
            browser: None,
            values: Values::default(),
            remark: None,
            others: 0,
        }
    }
}

/// Where URL and origin stand before a reason, in the same message.
const BEFORE: [&str; 8] = [
    "at {url} (redirected from {from}) from origin {origin} has been blocked by cors policy:",
    "at {url} from origin {origin} has been blocked by cors policy:",
    "redirect from {from} to {url} has been blocked by cors policy:",
    "the remote resource at {url} (reason:",
    "the remote resource at {url} soon.",
    "cross-origin redirection to {url} denied by cross-origin resource sharing policy:",
    "fetch api cannot load {url}",
    "xmlhttprequest cannot load {url}",
];

/// What stands behind a reason.
const AFTER: [&str; 4] = [
    "status code: {status}",
    "fetch api cannot load {url} due to access control checks",
    "xmlhttprequest cannot load {url} due to access control checks",
    "origin {origin} is therefore not allowed access",
];

/// Behind this a preflight's answer is meant.
const PREFLIGHT: &str = "response to preflight request doesnt pass access control check:";
/// The words between it and a phrase, in the longest sentence.
const NEAR_PREFLIGHT: usize = 100;
/// A message's own URL stands no farther from its reason.
const NEAR: usize = 400;

/// Recognises a text; the first reason in it counts.
#[must_use]
pub fn recognise(pasted: &str) -> Option<Recognised> {
    let haystack = Haystack::new(pasted);
    let reasons = found_in(&haystack, REASONS.iter().chain(&SHORT_REASONS));
    if let Some((phrase, fit)) = reasons.first() {
        // The same failure told twice, as Firefox and Chromium do, is one.
        let others = reasons.iter().filter(|(other, _)| other.0 != phrase.0);
        let mut recognised = of_phrase(phrase, fit, &haystack);
        recognised.others = others.count();
        return Some(recognised);
    }
    let named = pasted
        .split(|c: char| !c.is_ascii_alphanumeric())
        .find_map(|word| ALL.into_iter().find(|code| code.name() == word))
        // Scripts have a NetworkError too.
        .filter(|code| !matches!(code, Code::NotCors(_)));
    if let Some(code) = named {
        return Some(Recognised::of_code(code));
    }
    let mut others = OTHERS.iter();
    let other = others.find_map(|phrase| Some((phrase, haystack.find(phrase.0, 0)?)));
    let is_vague = |(phrase, _): &(&Phrase, Fit<'_>)| {
        matches!(phrase.1, Meaning::Is(Code::NotCors(NotCors::NoReasonGiven)))
    };
    let net = || net_error(&haystack);
    match other {
        Some(found) if !is_vague(&found) => Some(of_phrase(found.0, &found.1, &haystack)),
        vague => foreign::recognise(pasted)
            .or_else(net)
            .or_else(|| vague.map(|(phrase, fit)| of_phrase(phrase, &fit, &haystack))),
    }
}

/// Every phrase that is in the text, by place; of those at one place the earliest in the table.
fn found_in(
    haystack: &Haystack,
    phrases: impl Iterator<Item = &'static Phrase>,
) -> Vec<(&'static Phrase, Fit<'_>)> {
    let mut found: Vec<(&Phrase, Fit<'_>)> = phrases
        .filter_map(|phrase| Some((phrase, haystack.find(phrase.0, 0)?)))
        .collect();
    found.sort_by_key(|(_, fit)| fit.start);
    found.dedup_by(|later, earlier| later.1.start < earlier.1.end);
    found
}

/// A network error of Chromium that has no phrase of its own.
fn net_error(haystack: &Haystack) -> Option<Recognised> {
    let fit = haystack.find("net::err_", 0)?;
    let name = word_at(haystack.text(), fit.start);
    let (code, remark) = match name.trim_start_matches("net::") {
        // What Chromium shows for every failure of CORS beside the line with the reason.
        "ERR_FAILED" => (NotCors::NoReasonGiven, None),
        "ERR_CONNECTION_REFUSED" => (
            NotCors::NetworkError,
            Some(
                "Nothing listens on that host and port: is the server running, and is the port right?",
            ),
        ),
        "ERR_CONNECTION_RESET" | "ERR_EMPTY_RESPONSE" | "ERR_CONNECTION_CLOSED" => (
            NotCors::NetworkError,
            Some(
                "The server, or something before it, ended the connection without a response: look in its log for a crash.",
            ),
        ),
        "ERR_CONNECTION_TIMED_OUT" | "ERR_TIMED_OUT" | "ERR_ADDRESS_UNREACHABLE" => (
            NotCors::NetworkError,
            Some(
                "Nothing answers at that address: a wrong address, a machine that is off, or a firewall.",
            ),
        ),
        "ERR_NAME_NOT_RESOLVED" => (
            NotCors::NetworkError,
            Some("The host name in the URL is not known: a typing error, or DNS."),
        ),
        name if name.starts_with("ERR_CERT_") || name.starts_with("ERR_SSL_") => (
            NotCors::NetworkError,
            Some(
                "TLS failed: open the URL in a tab of its own to see what is wrong with the certificate.",
            ),
        ),
        _ => (NotCors::NetworkError, None),
    };
    Some(Recognised {
        browser: Some(CHROMIUM),
        values: net_values(haystack),
        remark,
        ..Recognised::of_code(Code::NotCors(code))
    })
}

/// Method and URL of Chromium's `PUT http://… net::ERR_FAILED 500`.
fn net_values(haystack: &Haystack) -> Values {
    let Some(fit) = haystack.find("net::err_", 0) else {
        return Values::default();
    };
    let before = haystack.text().get(..fit.start).unwrap_or_default();
    let mut words = before.split(' ').rev().filter(|word| !word.is_empty());
    let url = words.next().filter(|word| word.contains("://"));
    let method = words.next().filter(|word| {
        url.is_some() && word.len() <= 20 && word.bytes().all(|b| b.is_ascii_uppercase())
    });
    Values {
        url: url.map(str::to_owned),
        method: method.map(str::to_owned),
        ..Values::default()
    }
}

fn word_at(text: &str, start: usize) -> &str {
    let rest = text.get(start..).unwrap_or_default();
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | ':' | '.'));
    rest.get(..end.unwrap_or(rest.len())).unwrap_or_default()
}

fn of_phrase(phrase: &Phrase, fit: &Fit<'_>, haystack: &Haystack) -> Recognised {
    let Phrase(words, meaning, browser) = *phrase;
    let mut values = values_of(fit);
    for pattern in BEFORE {
        if let Some(before) = haystack.find_last_before(pattern, fit.start)
            && fit.start - before.end < NEAR
        {
            values = values.or(values_of(&before));
        }
        // In a vague line, the phrase is part of what tells the URL.
        if let Some(around) = haystack.find(pattern, 0)
            && around.start <= fit.start
            && fit.start <= around.end
        {
            values = values.or(values_of(&around));
        }
    }
    for pattern in AFTER {
        let from = fit.start;
        if let Some(after) = haystack.find(pattern, from)
            && after.start.saturating_sub(fit.end) < NEAR
        {
            values = values.or(values_of(&after));
        }
    }
    values = values.or(net_values(haystack));
    let preflight = haystack
        .lower_before(fit.start)
        .rfind(PREFLIGHT)
        .is_some_and(|at| fit.start - at - PREFLIGHT.len() < NEAR_PREFLIGHT);
    let (code, or) = match meaning {
        Meaning::Is(Code::Cors(error)) if preflight => (Code::Cors(error.in_preflight()), None),
        Meaning::Is(code) => (code, None),
        Meaning::Either(one, other) => (Code::Cors(one), Some(Code::Cors(other))),
        Meaning::ByAllowedOrigin => {
            let error = by_allowed_origin(values.value.as_deref().unwrap_or_default());
            (Code::Cors(error), Some(Code::Cors(error.in_preflight())))
        }
        Meaning::ByStatus => {
            let redirected = matches!(
                values.status.as_deref(),
                Some("301" | "302" | "303" | "307" | "308")
            );
            let error = if redirected {
                E::PreflightDisallowedRedirect
            } else {
                E::PreflightInvalidStatus
            };
            (Code::Cors(error), None)
        }
    };
    let mut remark = None;
    if words.contains("authorization header is not covered") {
        values.header = Some("authorization".to_owned());
        remark = Some(
            "So far this is a warning: the wildcard still covers Authorization, and will not in a later version.",
        );
    }
    Recognised {
        code,
        or,
        browser: Some(browser),
        values,
        remark,
        others: 0,
    }
}

/// Firefox has one sentence for what Chromium tells apart.
fn by_allowed_origin(value: &str) -> E {
    if value.contains([' ', ',']) {
        E::MultipleAllowOriginValues
    } else if value == "null" || is_absolute_url(value.as_bytes()) {
        E::AllowOriginMismatch
    } else {
        E::InvalidAllowOriginValue
    }
}

fn values_of(fit: &Fit<'_>) -> Values {
    let mut values = Values::default();
    for (name, gap) in &fit.gaps {
        let slot = match *name {
            "url" => &mut values.url,
            "origin" => &mut values.origin,
            "method" => &mut values.method,
            "header" => &mut values.header,
            "status" => &mut values.status,
            "value" => &mut values.value,
            _ => continue,
        };
        let gap = match *name {
            // A full stop belongs to the sentence.
            "url" | "origin" | "status" => gap.strip_suffix('.').unwrap_or(gap),
            _ => gap,
        };
        if *name == "status" && !gap.bytes().all(|b| b.is_ascii_digit()) {
            continue;
        }
        *slot = Some(gap.to_owned());
    }
    values
}

#[cfg(test)]
mod tests;
