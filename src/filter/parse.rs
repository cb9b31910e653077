//! The text of a filter → its terms.

use std::ops::Range;

use crate::cors::advice::rule;
use crate::cors::cors_error::CorsError;
use crate::explain::distance::edit_distance;
use crate::filter::key::{CREDENTIALS, KEYS, Key, KeyKind, SEVERITIES, VERDICTS};
use crate::filter::lints::LintTest;
use crate::filter::numbers::Numbers;
use crate::filter::pattern::Pattern;
use crate::filter::{FilterError, Term, Test, VerdictTest};

/// A piece of the filter's text, and where it stands.
#[derive(Clone)]
struct Piece<'a> {
    text: &'a str,
    place: Range<usize>,
}

impl Piece<'_> {
    fn error(&self, message: impl Into<String>) -> FilterError {
        FilterError::new(self.place.clone(), message)
    }
}

/// The text that is still to be read.
struct Rest<'a> {
    whole: &'a str,
    at: usize,
}

impl<'a> Rest<'a> {
    fn text(&self) -> &'a str {
        self.whole.get(self.at..).unwrap_or_default()
    }

    /// Takes `len` bytes.
    fn take(&mut self, len: usize) -> Piece<'a> {
        let place = self.at..self.at + len;
        self.at = place.end;
        Piece {
            text: self.whole.get(place.clone()).unwrap_or_default(),
            place,
        }
    }

    /// Takes a character, if it is the next one.
    fn take_if(&mut self, c: char) -> bool {
        let is = self.text().starts_with(c);
        if is {
            self.at += c.len_utf8();
        }
        is
    }

    /// Takes what stands between two of `quote`, which may stand inside after a backslash.
    fn quoted(&mut self, quote: char, what: &str) -> Result<Piece<'a>, FilterError> {
        let start = self.at;
        self.take_if(quote);
        let mut escaped = false;
        let end = self.text().find(|c| {
            let ends = c == quote && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        let Some(len) = end else {
            let place = start..self.whole.len();
            return Err(FilterError::new(
                place,
                format!("no {quote} ends the {what}"),
            ));
        };
        let inside = self.take(len);
        self.take_if(quote);
        let next = self.text().chars().next();
        if next.is_none_or(char::is_whitespace) {
            return Ok(inside);
        }
        let len = word_len(self.text());
        let mut message = format!("after the {quote} that ends the {what} must come a space");
        if quote == '/' {
            message += "; for a path write path:";
        }
        Err(self.take(len).error(message))
    }
}

fn word_len(text: &str) -> usize {
    text.find(char::is_whitespace).unwrap_or(text.len())
}

/// The terms of a filter.
pub(super) fn terms(text: &str) -> Result<Vec<Term>, FilterError> {
    let mut rest = Rest { whole: text, at: 0 };
    let mut terms = Vec::new();
    loop {
        while rest.text().starts_with(char::is_whitespace) {
            let blank = rest.text().chars().next().map_or(0, char::len_utf8);
            rest.take(blank);
        }
        if rest.text().is_empty() {
            return Ok(terms);
        }
        let start = rest.at;
        let negated = rest.take_if('!');
        if negated && word_len(rest.text()) == 0 {
            let message = "nothing follows the !: write it right before a term";
            return Err(FilterError::new(start..rest.at, message));
        }
        terms.push(Term {
            negated,
            test: term_test(&mut rest)?,
        });
    }
}

fn term_test(rest: &mut Rest<'_>) -> Result<Test, FilterError> {
    let word = rest.text();
    let word = word.get(..word_len(word)).unwrap_or_default();
    let key = word
        .split_once(':')
        .filter(|(key, value)| is_key_like(key) && !value.starts_with("//"));
    let Some((name, _)) = key else {
        return free_text(rest);
    };
    let name = rest.take(name.len());
    rest.take_if(':');
    let Some(key) = Key::named(name.text) else {
        let names = KEYS.map(|key| key.name);
        let hint = match similar(name.text, &names) {
            Some(near) => format!("did you mean {near}:?"),
            None => format!(
                "the keys are {}; text with a colon stands between quotes",
                names.join(", ")
            ),
        };
        let text = name.text;
        return Err(name.error(format!("{text:?} is no key; {hint}")));
    };
    if key.kind() == KeyKind::Text {
        return free_text(rest);
    }
    let values = values(key, rest)?;
    key_test(key, &values)
}

/// Whether something before a colon is meant as a key: `api.test:8080` and `::1` are none.
fn is_key_like(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphabetic())
}

fn free_text(rest: &mut Rest<'_>) -> Result<Test, FilterError> {
    let (piece, pattern) = if rest.text().starts_with('/') {
        let piece = rest.quoted('/', "pattern")?;
        let pattern = Pattern::regular_expression(&piece.text.replace("\\/", "/"));
        (piece, pattern)
    } else {
        let piece = word(rest)?;
        let pattern = Pattern::words(&[&unescaped(&piece)]);
        (piece, pattern)
    };
    if piece.text.is_empty() {
        return Err(piece.error("there is nothing to look for"));
    }
    pattern
        .map(Test::Text)
        .map_err(|reason| piece.error(reason))
}

/// A word, or what stands between quotes.
fn word<'a>(rest: &mut Rest<'a>) -> Result<Piece<'a>, FilterError> {
    if rest.text().starts_with('"') {
        return rest.quoted('"', "text");
    }
    Ok(rest.take(word_len(rest.text())))
}

/// What a piece stands for: `\"` for `"`.
fn unescaped(piece: &Piece<'_>) -> String {
    piece.text.replace("\\\"", "\"")
}

/// The values after a key: a list, or one between quotes.
fn values<'a>(key: Key, rest: &mut Rest<'a>) -> Result<Vec<Piece<'a>>, FilterError> {
    if rest.text().starts_with('"') {
        return Ok(vec![rest.quoted('"', "value")?]);
    }
    let word = rest.take(word_len(rest.text()));
    let mut at = word.place.start;
    let mut values = Vec::new();
    for text in word.text.split(',') {
        let place = at..at + text.len();
        at = place.end + 1;
        let value = Piece { text, place };
        if text.is_empty() {
            let name = key.name;
            return Err(value.error(format!("a value is missing: {name} is {}", key.help)));
        }
        values.push(value);
    }
    Ok(values)
}

fn key_test(key: Key, values: &[Piece<'_>]) -> Result<Test, FilterError> {
    let each = values.iter();
    Ok(match key.kind() {
        KeyKind::Verdict => Test::Verdict(each.map(verdict).collect::<Result<_, _>>()?),
        KeyKind::Code => {
            let codes: Vec<Vec<CorsError>> = each.map(codes).collect::<Result<_, _>>()?;
            Test::Code(codes.concat())
        }
        KeyKind::Credentials => {
            let names = CREDENTIALS.map(|credentials| (credentials.name(), credentials));
            let one = |value| one_of(value, &names, "credentials mode");
            Test::Credentials(each.map(one).collect::<Result<_, _>>()?)
        }
        KeyKind::Method => Test::Method(each.map(|value| value.text.to_owned()).collect()),
        KeyKind::Origin => Test::Origin(words(values)?),
        KeyKind::Host => Test::Host(words(values)?),
        KeyKind::Path => Test::Path(words(values)?),
        KeyKind::Status => Test::Status(numbers(values, "status: 404, 4xx, 400-409, none")?),
        KeyKind::Port => Test::Port(numbers(values, "port: 8080, 3000-3999")?),
        KeyKind::Stream => Test::Stream(numbers(values, "stream: 0, 4-7")?),
        KeyKind::Lint => Test::Lint(each.map(lint).collect::<Result<_, _>>()?),
        KeyKind::Text => Test::Text(words(values)?),
    })
}

fn words(values: &[Piece<'_>]) -> Result<Pattern, FilterError> {
    let texts: Vec<String> = values.iter().map(unescaped).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let (Some(first), Some(last)) = (values.first(), values.last()) else {
        return Pattern::words(&[]).map_err(|reason| FilterError::new(0..0, reason));
    };
    let place = first.place.start..last.place.end;
    Pattern::words(&texts).map_err(|reason| FilterError::new(place, reason))
}

fn numbers(values: &[Piece<'_>], examples: &str) -> Result<Numbers, FilterError> {
    let mut numbers = Numbers::default();
    for value in values {
        if numbers.add(value.text).is_none() {
            let text = value.text;
            return Err(value.error(format!("{text:?} is no {examples}")));
        }
    }
    Ok(numbers)
}

fn verdict(value: &Piece<'_>) -> Result<VerdictTest, FilterError> {
    let names = VERDICTS.map(|name| {
        let test = match name {
            "conditional" => VerdictTest::Conditional,
            _ => VerdictTest::Is(name),
        };
        (name, test)
    });
    one_of(value, &names, "verdict")
}

/// A code by its whole name, else all codes that the value is a part of.
fn codes(value: &Piece<'_>) -> Result<Vec<CorsError>, FilterError> {
    let is = |error: &CorsError| error.name().eq_ignore_ascii_case(value.text);
    if let Some(code) = CorsError::ALL.into_iter().find(is) {
        return Ok(vec![code]);
    }
    let part = value.text.to_ascii_lowercase();
    let has_part = |error: &CorsError| error.name().to_ascii_lowercase().contains(&part);
    let codes: Vec<CorsError> = CorsError::ALL.into_iter().filter(has_part).collect();
    if codes.is_empty() {
        let names = CorsError::ALL.map(CorsError::name);
        let hint = match similar(value.text, &names) {
            Some(near) => format!("did you mean {near}?"),
            None => "corshark explain --list shows all".to_owned(),
        };
        let text = value.text;
        return Err(value.error(format!("{text:?} is in no code; {hint}")));
    }
    Ok(codes)
}

fn lint(value: &Piece<'_>) -> Result<LintTest, FilterError> {
    if let Some(rule) = rule(value.text) {
        return Ok(LintTest::Rule(rule.id));
    }
    let severities = SEVERITIES.map(|s| (s.name(), LintTest::Severity(s)));
    let mut names = severities.to_vec();
    names.push(("any", LintTest::Any));
    one_of(value, &names, "advice (L-1 to L-43)")
}

/// The meaning of a value that is one of a few names.
fn one_of<T: Copy>(
    value: &Piece<'_>,
    names: &[(&'static str, T)],
    noun: &str,
) -> Result<T, FilterError> {
    let is = |(name, _): &&(&str, T)| name.eq_ignore_ascii_case(value.text);
    if let Some((_, meaning)) = names.iter().find(is) {
        return Ok(*meaning);
    }
    let names: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
    let hint = match similar(value.text, &names) {
        Some(near) => format!("did you mean {near}?"),
        None => format!("write {}", names.join(", ")),
    };
    let text = value.text;
    Err(value.error(format!("{text:?} is no {noun}; {hint}")))
}

/// The name that was probably meant.
fn similar(typed: &str, names: &[&'static str]) -> Option<&'static str> {
    let typed = typed.to_ascii_lowercase();
    // Half of it wrong is another word.
    let near = |name: &&&str| {
        let distance = edit_distance(&typed, &name.to_ascii_lowercase());
        distance * 2 <= name.len()
    };
    let names = names.iter().filter(near);
    let distance = |name: &&&str| edit_distance(&typed, &name.to_ascii_lowercase());
    names.min_by_key(distance).copied()
}

#[cfg(test)]
mod tests {
    use crate::filter::Filter;

    #[test]
    fn errors_name_the_wrong_part_and_what_would_be_right() {
        for (text, carets, message) in [
            ("statuss:404", "^^^^^^^", "did you mean status:?"),
            ("localhost:80", "^^^^^^^^^", "between quotes"),
            (
                "verdict:pass size:1",
                "             ^^^^",
                "the keys are verdict, code",
            ),
            ("é verdict:fial", "          ^^^^", "did you mean fail?"),
            ("verdict:x", "        ^", "write pass, fail"),
            ("verdict:", "        ^", "a value is missing"),
            ("verdict:pass,,fail", "             ^", "a value is missing"),
            ("status:4yy", "       ^^^", "is no status: 404"),
            ("port:none,-1", "          ^^", "is no port"),
            (
                "code:AllowOrigin_Mismatch",
                "     ^^^^^^^^^^^^^^^^^^^^",
                "did you mean AllowOriginMismatch?",
            ),
            ("code:zzz", "     ^^^", "explain --list"),
            ("lint:L-99", "     ^^^^", "is no advice"),
            ("a ! b", "  ^", "right before a term"),
            ("\"abc", "^^^^", "no \" ends the text"),
            ("/abc", "^^^^", "no / ends the pattern"),
            ("/api/users", "     ^^^^^", "for a path write path:"),
            ("//", " ^", "nothing to look for"),
            ("\"\"", " ^", "nothing to look for"),
            ("x /(a/", "   ^^", "unclosed group"),
            ("path:\"a\"b", "        ^", "must come a space"),
        ] {
            let error = Filter::parse(text).expect_err(text);
            assert_eq!(error.carets(text), carets, "{text}: {error}");
            assert!(error.to_string().contains(message), "{text}: {error}");
            assert_eq!(error.to_string().lines().count(), 1, "{text}");
        }
    }

    #[test]
    fn colons_of_urls_and_addresses_are_no_keys() {
        for text in [
            "http://api.test/",
            "api.test:8080",
            "127.0.0.1:80",
            "[::1]:8080",
            "/a\\/b:c d/",
            "text:http://x",
            "\"a \\\" b\"",
            "  host:a\t!b\u{a0}c ",
        ] {
            assert!(Filter::parse(text).is_ok(), "{text}");
        }
    }
}
