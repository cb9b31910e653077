//! The values of a pasted line, and their place in texts and configuration.
//!
//! A pasted line is anybody's text. A value goes into a text to copy only where it is what its name
//! says: a token for a method or a header name, an http origin for an origin. `null` never does: no
//! server should allow it.

use crate::http::headers::is_token;

/// What a message told beside its code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values {
    /// The URL that was asked for.
    pub url: Option<String>,
    /// The page's origin.
    pub origin: Option<String>,
    /// The request's method.
    pub method: Option<String>,
    /// The request header that was refused.
    pub header: Option<String>,
    /// The response's status.
    pub status: Option<String>,
    /// The value of the response header that it is about.
    pub value: Option<String>,
}

const ORIGIN: &str = "https://app.example";
const URL: &str = "https://api.example/items";
const HEADER: &str = "x-requested-with";
/// A longer name or URL helps nobody in an example.
const LONGEST: usize = 300;

impl Values {
    /// Takes over what another message told and this one did not.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            url: self.url.or(other.url),
            origin: self.origin.or(other.origin),
            method: self.method.or(other.method),
            header: self.header.or(other.header),
            status: self.status.or(other.status),
            value: self.value.or(other.value),
        }
    }

    /// Whether the page's origin is opaque.
    #[must_use]
    pub fn has_null_origin(&self) -> bool {
        self.origin.as_deref() == Some("null")
    }

    /// A text with its `{{names}}` replaced; `method` stands in where the message told none.
    #[must_use]
    pub fn fill(&self, text: &str, method: &str) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            filled.push_str(before);
            let Some((name, after)) = after.split_once("}}") else {
                filled.push_str("{{");
                rest = after;
                continue;
            };
            filled.push_str(&self.value_of(name, method));
            rest = after;
        }
        filled.push_str(rest);
        filled
    }

    fn value_of(&self, name: &str, method: &str) -> String {
        let origin = self.origin.as_deref().filter(|o| is_http_origin(o));
        let origin = origin.unwrap_or(ORIGIN);
        let told = self.method.as_deref().filter(|m| is_name(m));
        let method = told.unwrap_or(method);
        let methods = || {
            let upper = method.to_ascii_uppercase();
            let mut methods = vec!["GET".to_owned(), "POST".to_owned()];
            if !methods.contains(&upper) && upper != "OPTIONS" {
                methods.push(upper);
            }
            methods
        };
        match name {
            "origin" => origin.to_owned(),
            "origin_pattern" => origin
                .replace('.', "\\.")
                .replace('[', "\\[")
                .replace(']', "\\]"),
            "url" => {
                let url = self.url.as_deref().filter(|url| is_plain_url(url));
                url.unwrap_or(URL).to_owned()
            }
            "header" => {
                let header = self.header.as_deref().filter(|h| is_name(h));
                header.unwrap_or(HEADER).to_owned()
            }
            "method" => method.to_owned(),
            "METHOD" => method.to_ascii_uppercase(),
            "methods" => methods().join(", "),
            "'methods'" => format!("'{}'", methods().join("', '")),
            "\"methods\"" => format!("\"{}\"", methods().join("\", \"")),
            "methods_lower" => methods().join(" ").to_ascii_lowercase(),
            unknown => format!("{{{{{unknown}}}}}"),
        }
    }
}

/// A token without the characters that mean something in quotes, shells and configuration files.
fn is_name(text: &str) -> bool {
    text.len() <= LONGEST
        && is_token(text.as_bytes())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// Scheme, host and port, and nothing else.
fn is_http_origin(text: &str) -> bool {
    let host = ["http://", "https://"]
        .into_iter()
        .find_map(|scheme| text.strip_prefix(scheme));
    host.is_some_and(|host| {
        !host.is_empty()
            && host.len() <= LONGEST
            && host
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b':' | b'[' | b']'))
    })
}

fn is_plain_url(text: &str) -> bool {
    text.len() <= LONGEST
        && (text.starts_with("http://") || text.starts_with("https://"))
        && text.bytes().all(|b| {
            b.is_ascii_alphanumeric()
                || matches!(
                    b,
                    b'-' | b'.'
                        | b':'
                        | b'['
                        | b']'
                        | b'/'
                        | b'_'
                        | b'~'
                        | b'%'
                        | b'?'
                        | b'&'
                        | b'='
                        | b'+'
                        | b','
                )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_harmless_values_are_filled_in() {
        let of = |origin: &str, header: &str, method: &str| Values {
            origin: Some(origin.to_owned()),
            header: Some(header.to_owned()),
            method: Some(method.to_owned()),
            ..Values::default()
        };
        let text = "{{origin}} {{header}} {{method}} {{methods}}";
        let cases = [
            (
                of("http://a.test:8080", "x-a", "PUT"),
                "http://a.test:8080 x-a PUT GET, POST, PUT",
            ),
            (
                of("null", "x;y", "a b"),
                "https://app.example x-requested-with GET GET, POST",
            ),
            (
                of("https://a\"; evil", "\x1b[2J", "$(id)"),
                "https://app.example x-requested-with GET GET, POST",
            ),
            (
                of("https://[::1]:1", "x-a", "patch"),
                "https://[::1]:1 x-a patch GET, POST, PATCH",
            ),
        ];
        for (values, expected) in cases {
            assert_eq!(values.fill(text, "GET"), expected);
        }
        let known = of("https://a.test", "x", "PUT");
        assert_eq!(known.fill("{{origin_pattern}}", "GET"), "https://a\\.test");
        assert_eq!(known.fill("{{ open", "GET"), "{{ open");
    }
}
