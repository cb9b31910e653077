//! Firefox in another language: its sentences are translated, the names in them are not.
//!
//! Which header is named, in quotes, and what else stands in quotes tells the reasons apart in any
//! language. Those that name no header are told by a few words of the commonest languages.

use crate::cors::cors_error::CorsError as E;
use crate::explain::code::{Code, NotCors};
use crate::explain::message::phrases::FIREFOX;
use crate::explain::message::{Recognised, by_allowed_origin};
use crate::explain::values::Values;
use crate::http::headers::is_token;

/// Quotes that languages use.
const QUOTES: &[char] = &[
    '\'', '"', '‘', '’', '‚', '“', '”', '„', '«', '»', '‹', '›', '「', '」', '『', '』',
];
/// A longer text between quotes is none.
const LONGEST: usize = 200;
/// More of them are not looked at.
const MOST: usize = 16;

/// Words for a header that is there several times; without any it is missing.
const SEVERAL: [&str; 15] = [
    "mehrfach",
    "mehrere",
    "nur ein",
    "plusieurs",
    "últiples",
    "ários",
    "árias",
    "più",
    "несколько",
    "wiele",
    "meerdere",
    "複数",
    "多个",
    "多個",
    "여러",
];

/// What a reason without a header is about.
enum Alone {
    Preflight,
    NotHttp,
    Disabled,
    Redirect,
    Failed,
}

/// Words that tell the reasons without a header, in German, French, Spanish, Portuguese, Russian,
/// Chinese, Japanese and Polish; without quotes, ASCII in lower case.
const ALONE: [(Alone, &[&str]); 5] = [
    (
        Alone::Preflight,
        &[
            "cors-preflight",
            "cors preflight",
            "(preflight) do cors",
            "pré-vérification des requêtes cors",
            "respuesta cors no tuvo",
            "cors 预检",
            "cors 預檢",
            "cors プリフライト",
        ],
    ),
    (
        Alone::NotHttp,
        &[
            "cors-anfrage war nicht http",
            "cors nutilise pas http",
            "solicitud cors no http",
            "cors no es http",
            "cors não é http",
            "cors выполнен не по http",
            "cors 请求不是 http",
            "cors 要求が http でない",
        ],
    ),
    (
        Alone::Disabled,
        &[
            "cors deaktiviert",
            "cors désactivé",
            "cors desactivado",
            "cors desativado",
            "cors отключ",
            "cors 未启用",
            "cors が無効",
        ],
    ),
    (
        Alone::Redirect,
        &[
            "externe weiterleitung der cors",
            "redirection externe de requêtes cors",
            "redirección externa",
            "redirecionamento externo",
            "нешнее перенаправление запроса cors",
            "cors 要求の外部リダイレクト",
        ],
    ),
    (
        Alone::Failed,
        &[
            "cors-anfrage schlug fehl",
            "cors-anfrage war nicht erfolgreich",
            "échec de la requête cors",
            "solicitud cors sin éxito",
            "solicitud cors no exitosa",
            "falha na requisição cors",
            "выполнить запрос cors",
            "cors 请求未能成功",
            "cors 要求が成功しなかった",
            "nieudane żądanie cors",
            // The status of a response that did not come, in any language.
            "(null)",
        ],
    ),
];

/// Recognises a line that names a CORS header in quotes, and a URL, or a reason without one.
pub(super) fn recognise(pasted: &str) -> Option<Recognised> {
    let lower = pasted.to_ascii_lowercase();
    if !lower.contains("cors") {
        return None;
    }
    named(pasted).or_else(|| alone(pasted, &lower))
}

/// A reason that names no header.
fn alone(pasted: &str, lower: &str) -> Option<Recognised> {
    let unquoted = lower.replace(QUOTES, "");
    let (what, _) = ALONE
        .iter()
        .find(|(_, words)| words.iter().any(|words| unquoted.contains(words)))?;
    let url = url_in(pasted);
    let after = url.and_then(|url| pasted.split(url).nth(1));
    let status = after.and_then(status_in);
    let code = match (what, status) {
        (Alone::Preflight, Some("301" | "302" | "303" | "307" | "308")) | (Alone::Redirect, _) => {
            Code::Cors(E::PreflightDisallowedRedirect)
        }
        (Alone::Preflight, _) => Code::Cors(E::PreflightInvalidStatus),
        (Alone::NotHttp, _) => Code::Cors(E::CorsDisabledScheme),
        (Alone::Disabled, _) => Code::NotCors(NotCors::BrowserSettings),
        (Alone::Failed, _) => Code::NotCors(NotCors::NetworkError),
    };
    Some(Recognised {
        browser: Some(FIREFOX),
        values: Values {
            url: url.map(str::to_owned),
            status: status.map(str::to_owned),
            ..Values::default()
        },
        ..Recognised::of_code(code)
    })
}

fn named(pasted: &str) -> Option<Recognised> {
    let url = url_in(pasted)?;
    let quoted = quoted_in(pasted);
    let is_name = |text: &&str| {
        let start = text.get(..21);
        start.is_some_and(|start| start.eq_ignore_ascii_case("access-control-allow-"))
    };
    let name = quoted.iter().copied().find(is_name)?;
    let value = quoted
        .iter()
        .copied()
        .find(|text| !is_name(text) && *text != url);
    let after = pasted.rfind(name).and_then(|at| pasted.get(at..));
    let status = after.and_then(status_in);
    let preflight_too = |error: E| (error, Some(error.in_preflight()));
    let (error, or) = match name.to_ascii_lowercase().get(21..)? {
        "origin" => preflight_too(match (value, status) {
            (Some("*"), _) => E::WildcardOriginNotAllowed,
            (Some(value), _) => by_allowed_origin(value),
            (None, None) if SEVERAL.iter().any(|word| pasted.contains(word)) => {
                E::MultipleAllowOriginValues
            }
            // Older versions told no status.
            (None, _) => E::MissingAllowOriginHeader,
        }),
        "credentials" => preflight_too(E::InvalidAllowCredentials),
        "methods" if value.is_some() => (E::InvalidAllowMethodsPreflightResponse, None),
        "methods" => (E::MethodDisallowedByPreflightResponse, None),
        "headers" if value.is_none_or(|value| is_token(value.as_bytes())) => {
            (E::HeaderDisallowedByPreflightResponse, None)
        }
        "headers" => (E::InvalidAllowHeadersPreflightResponse, None),
        _ => return None,
    };
    let named = value.map(str::to_owned);
    let is_header = error == E::HeaderDisallowedByPreflightResponse;
    let (header, value) = if is_header {
        (named, None)
    } else {
        (None, named)
    };
    Some(Recognised {
        code: Code::Cors(error),
        or: or.map(Code::Cors),
        browser: Some(FIREFOX),
        values: Values {
            url: Some(url.to_owned()),
            status: status.map(str::to_owned),
            value: value.filter(|value| value != "*" && value != "true"),
            header,
            ..Values::default()
        },
        remark: Some("A line in another language: recognised by the names that stand in it."),
        others: 0,
    })
}

/// What stands between quotes, where it is a word or several URLs.
fn quoted_in(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find(QUOTES)
        && found.len() < MOST
    {
        let (before, after) = rest.split_at(open);
        let is_apostrophe = after.starts_with(['\'', '’']) && before.ends_with(is_latin);
        let after = after.trim_start_matches(|c| QUOTES.contains(&c));
        if is_apostrophe {
            rest = after;
            continue;
        }
        let close = after.find(QUOTES).unwrap_or(after.len());
        let (inside, behind) = after.split_at(close);
        let inside = inside.trim();
        let is_word = !inside.is_empty() && !inside.contains(char::is_whitespace);
        if (is_word || inside.starts_with("http")) && inside.len() <= LONGEST && close < after.len()
        {
            found.push(inside);
            rest = behind.trim_start_matches(|c| QUOTES.contains(&c));
        } else {
            rest = after;
        }
    }
    found
}

/// A letter of a script whose words are parted: an apostrophe behind it opens no quotation.
fn is_latin(c: char) -> bool {
    c.is_alphabetic() && c < '\u{2e80}'
}

/// The first URL: it ends at a blank, a bracket or a sign of another script.
fn url_in(text: &str) -> Option<&str> {
    let from = text.find("http://").or_else(|| text.find("https://"))?;
    let rest = text.get(from..)?;
    let ends =
        |c: char| c.is_whitespace() || QUOTES.contains(&c) || "()<>".contains(c) || !c.is_ascii();
    let url = rest.get(..rest.find(ends).unwrap_or(rest.len()))?;
    Some(url.trim_end_matches(['.', ',', ';', ':']))
}

/// A status: three digits that are no part of anything else.
fn status_in(text: &str) -> Option<&str> {
    let mut words = text.split(|c: char| !c.is_alphanumeric());
    words.find(|word| word.len() == 3 && word.bytes().all(|b| b.is_ascii_digit()))
}
