//! A message head's bytes and its header list, with the Fetch standard's operations on it.
//!
//! Lines keep their order and the case of their names. Values are looked at as bytes, without the
//! blanks around them (RFC 9110 §5.5).

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use smallvec::SmallVec;

use crate::http::gist::Gist;
use crate::http::header_name::{HeaderName, NameSet};

/// Where a piece of a head lies in its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Span {
    /// The span of `part`, which must lie within `whole`.
    pub(super) fn of(whole: &[u8], part: &[u8]) -> Self {
        let start = (part.as_ptr() as usize).wrapping_sub(whole.as_ptr() as usize);
        let start = u32::try_from(start).unwrap_or(0);
        let len = u32::try_from(part.len()).unwrap_or(0);
        Self {
            start,
            end: start.saturating_add(len),
        }
    }

    /// The same span, so much further on; modulo 2^32, so that it may be less far, too.
    fn moved(self, distance: u32) -> Self {
        Self {
            start: self.start.wrapping_add(distance),
            end: self.end.wrapping_add(distance),
        }
    }

    pub(super) fn slice(self, bytes: &[u8]) -> &[u8] {
        bytes
            .get(self.start as usize..self.end as usize)
            .unwrap_or_default()
    }
}

/// One header line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    name: Span,
    value: Span,
    known: Option<HeaderName>,
}

impl Field {
    pub(super) fn new(name: Span, value: Span, known: Option<HeaderName>) -> Self {
        Self { name, value, known }
    }

    /// The same line, so much further on.
    fn moved(self, distance: u32) -> Self {
        Self {
            name: self.name.moved(distance),
            value: self.value.moved(distance),
            ..self
        }
    }
}

/// The header list of a message: name and value of each line, in order.
///
/// Messages with the same lines share them.
#[derive(Clone, Default)]
pub struct HeaderList(Arc<Lines>);

#[derive(Default)]
struct Lines {
    bytes: Box<[u8]>,
    fields: Box<[Field]>,
    /// Which known names are there.
    known: NameSet,
    gist: Option<Gist>,
    digest: OnceLock<u64>,
}

impl HeaderList {
    /// A header list of lines that lie in `bytes`, each given by its name and value.
    pub(super) fn new(bytes: Box<[u8]>, lines: impl Iterator<Item = (Span, Span)>) -> Self {
        let field = |(name, value): (Span, Span)| {
            Field::new(name, value, HeaderName::of(name.slice(&bytes)))
        };
        let fields: Vec<Field> = lines.map(field).collect();
        Self::of_fields(bytes, &fields)
    }

    /// A header list of these lines.
    pub(super) fn of_fields(bytes: Box<[u8]>, fields: &[Field]) -> Self {
        let known = fields.iter().filter_map(|field| field.known);
        Self(Arc::new(Lines {
            bytes,
            known: known.fold(NameSet::default(), NameSet::with),
            fields: fields.into(),
            gist: None,
            digest: OnceLock::new(),
        }))
    }

    /// The same list, which has this gist.
    pub(super) fn with_gist(mut self, gist: Gist) -> Self {
        if let Some(lines) = Arc::get_mut(&mut self.0) {
            lines.gist = Some(gist);
        }
        self
    }

    /// What it has in common with others; `None` where that is not known.
    #[must_use]
    pub fn gist(&self) -> Option<&Gist> {
        self.0.gist.as_ref()
    }

    /// The list that stands in other bytes, where it differs from this one in values alone, and only in
    /// those of names that may `vary`; both are in good order, and have the same gist.
    pub(super) fn revalued(&self, bytes: &[u8], vary: impl Fn(HeaderName) -> bool) -> Option<Self> {
        let own = &*self.0.bytes;
        let mut fields: SmallVec<[Field; 24]> = SmallVec::new();
        // What lies before these places is equal, but for such values.
        let (mut own_at, mut at) = (0, 0);
        for field in &self.0.fields {
            let distance = u32::try_from(at)
                .ok()?
                .wrapping_sub(u32::try_from(own_at).ok()?);
            let moved = field.moved(distance);
            if !field.known.is_some_and(&vary) {
                // It is compared together with what stands behind it.
                fields.push(moved);
                continue;
            }
            let start = moved.value.start as usize;
            if own.get(own_at..field.value.start as usize)? != bytes.get(at..start)? {
                return None;
            }
            let rest = bytes.get(start..)?;
            let value = rest.get(..memchr::memchr(b'\r', rest)?)?;
            if value.is_empty()
                || trim(value).len() < value.len()
                || !value.iter().all(|byte| is_text(*byte))
            {
                return None;
            }
            fields.push(Field::new(moved.name, Span::of(bytes, value), field.known));
            (own_at, at) = (field.value.end as usize, start + value.len());
        }
        (own.get(own_at..)? == bytes.get(at..)?).then(|| {
            Self(Arc::new(Lines {
                bytes: bytes.into(),
                fields: fields.as_slice().into(),
                known: self.0.known,
                gist: self.0.gist.clone(),
                digest: OnceLock::new(),
            }))
        })
    }

    /// What `digest` makes of its lines: it is asked once for all messages that share them, so it must be
    /// the same one always.
    pub(crate) fn digest(&self, digest: impl FnOnce(&Self) -> u64) -> u64 {
        *self.0.digest.get_or_init(|| digest(self))
    }

    /// The bytes that the lines lie in.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0.bytes
    }

    /// Bytes that the lines stand in.
    #[must_use]
    pub fn size(&self) -> usize {
        self.0.bytes.len()
    }

    /// The memory that it takes, as far as nothing else shares it.
    pub(super) fn memory(&self) -> usize {
        /// What an allocator needs for three allocations.
        const ALLOCATIONS: usize = 48;
        size_of::<Lines>() + ALLOCATIONS + self.size() + size_of_val(&*self.0.fields)
    }

    /// The lines, each as name (in the case of the wire) and value.
    pub fn lines(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.0.fields.iter().map(|field| {
            (
                field.name.slice(&self.0.bytes),
                field.value.slice(&self.0.bytes),
            )
        })
    }

    /// The lines, each as name, value and known name.
    pub(super) fn known_lines(&self) -> impl Iterator<Item = (&[u8], &[u8], Option<HeaderName>)> {
        let lines = self.lines().zip(&self.0.fields);
        lines.map(|((name, value), field)| (name, value, field.known))
    }

    /// The lines whose names are not in a set of known ones, each as name and value.
    pub fn lines_outside(&self, names: NameSet) -> impl Iterator<Item = (&[u8], &[u8])> {
        let outside = move |field: &&Field| !field.known.is_some_and(|name| names.contains(name));
        self.0.fields.iter().filter(outside).map(|field| {
            (
                field.name.slice(&self.0.bytes),
                field.value.slice(&self.0.bytes),
            )
        })
    }

    /// The values of all lines with this name, in order.
    #[expect(
        clippy::inline_always,
        reason = "a name that is known when compiling is looked up by the compiler"
    )]
    #[inline(always)]
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.values_of(HeaderName::of_ours(name), name)
    }

    fn values_of<'a>(
        &'a self,
        wanted: Option<HeaderName>,
        name: &'a str,
    ) -> impl Iterator<Item = &'a [u8]> {
        let absent = wanted.is_some_and(|wanted| !self.0.known.contains(wanted));
        let fields: &[Field] = if absent { &[] } else { &self.0.fields };
        fields
            .iter()
            .filter(move |field| {
                if wanted.is_some() {
                    return field.known == wanted;
                }
                let on_wire = field.name.slice(&self.0.bytes);
                on_wire.eq_ignore_ascii_case(name.as_bytes())
            })
            .map(|field| field.value.slice(&self.0.bytes))
    }

    /// Whether there is a line with this name.
    #[expect(
        clippy::inline_always,
        reason = "a name that is known when compiling is looked up by the compiler"
    )]
    #[inline(always)]
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        match HeaderName::of_ours(name) {
            Some(known) => self.0.known.contains(known),
            None => self.values_of(None, name).next().is_some(),
        }
    }

    /// The value of a header: its lines joined by comma and space, empty ones too
    /// (<https://fetch.spec.whatwg.org/#concept-header-list-get>).
    #[must_use]
    pub fn get<'a>(&'a self, name: &'a str) -> Option<Cow<'a, [u8]>> {
        let mut values = self.values(name);
        let first = values.next()?;
        let Some(second) = values.next() else {
            return Some(Cow::Borrowed(first));
        };
        let mut joined = [first, b", ", second].concat();
        for value in values {
            joined.extend_from_slice(b", ");
            joined.extend_from_slice(value);
        }
        Some(Cow::Owned(joined))
    }

    /// The same lines with other values: each that `value` (of a name and a value) gives another
    /// one for.
    #[must_use]
    pub fn rewritten(&self, mut value: impl FnMut(&[u8], &[u8]) -> Option<Vec<u8>>) -> Self {
        let mut bytes = Vec::new();
        let mut add = |part: &[u8]| {
            let start = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            bytes.extend_from_slice(part);
            let end = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            Span { start, end }
        };
        let mut spans = Vec::with_capacity(self.0.fields.len());
        for (name, old) in self.lines() {
            let new = value(name, old);
            spans.push((add(name), add(new.as_deref().unwrap_or(old))));
        }
        Self::new(bytes.into(), spans.into_iter())
    }

    /// A stored response's header list after a 304 updated it (RFC 9111 §3.2): the newer lines, and
    /// the stored ones under other names.
    #[must_use]
    pub fn updated_by(&self, newer: &Self) -> Self {
        let newer_names: HashSet<Vec<u8>> = newer
            .lines()
            .map(|(name, _)| name.to_ascii_lowercase())
            .collect();
        let kept = |(name, _): &(&[u8], &[u8])| !newer_names.contains(&name.to_ascii_lowercase());
        let stored = self.lines().filter(kept);
        let mut bytes = Vec::new();
        let mut add = |piece: &[u8]| {
            let start = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            bytes.extend_from_slice(piece);
            let end = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            Span { start, end }
        };
        let lines: Vec<_> = stored
            .chain(newer.lines())
            .map(|(name, value)| (add(name), add(value)))
            .collect();
        Self::new(bytes.into(), lines.into_iter())
    }

    /// The elements of a header that is a comma-separated list of tokens; empty where it is absent
    /// (<https://fetch.spec.whatwg.org/#extract-header-list-values>, RFC 9110 §5.6.1).
    ///
    /// # Errors
    /// [`NotAToken`] where an element is no token: the whole header is then a failure.
    pub fn extract_header_list_values<'a>(
        &'a self,
        name: &'a str,
    ) -> Result<Elements<'a>, NotAToken<'a>> {
        let mut elements = Elements::new();
        for value in self.values(name) {
            for element in list_elements(value) {
                if !is_token(element) {
                    return Err(NotAToken(element));
                }
                elements.push(element);
            }
        }
        Ok(elements)
    }
}

impl std::fmt::Debug for HeaderList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let lines = self.lines().map(|(name, value)| {
            (
                String::from_utf8_lossy(name),
                String::from_utf8_lossy(value),
            )
        });
        f.debug_map().entries(lines).finish()
    }
}

/// The elements of a list header; few, as a rule.
pub type Elements<'a> = SmallVec<[&'a [u8]; 8]>;

/// A list element that is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAToken<'a>(pub &'a [u8]);

/// The non-empty elements of a comma-separated list, without the blanks around them.
pub fn list_elements(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(value);
    std::iter::from_fn(move || {
        loop {
            let value = rest?;
            let element = match memchr::memchr(b',', value) {
                Some(comma) => {
                    rest = value.get(comma + 1..);
                    value.get(..comma)?
                }
                None => rest.take()?,
            };
            let element = trim(element);
            if !element.is_empty() {
                return Some(element);
            }
        }
    })
}

/// Those of the `wanted` names that are not among the names at hand; case does not count.
///
/// Long lists go through a set, so that no traffic makes this quadratic.
#[must_use]
pub fn names_missing<'a>(wanted: &[&'a [u8]], at_hand: &[&[u8]]) -> Vec<&'a [u8]> {
    const FEW: usize = 4096;
    let wanted = wanted.iter().copied();
    if wanted.len() * at_hand.len() <= FEW {
        let missing = |name: &&[u8]| !at_hand.iter().any(|n| n.eq_ignore_ascii_case(name));
        return wanted.filter(missing).collect();
    }
    let set: HashSet<Vec<u8>> = at_hand.iter().map(|n| n.to_ascii_lowercase()).collect();
    wanted
        .filter(|name| !set.contains(&name.to_ascii_lowercase()))
        .collect()
}

/// Without the spaces and tabs around it.
#[must_use]
pub fn trim(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = value {
        value = rest;
    }
    while let [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

/// Whether a byte is no control character, but perhaps a tab.
fn is_text(byte: u8) -> bool {
    (byte >= b' ' && byte != 0x7f) || byte == b'\t'
}

/// Whether these bytes are a token (RFC 9110 §5.6.2).
#[must_use]
pub fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|b| is_token_byte(*b))
}

/// Which bytes may stand in a token.
const TOKEN_BYTES: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte: u8 = 0;
    loop {
        let special = matches!(
            byte,
            b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
        );
        #[expect(
            clippy::indexing_slicing,
            reason = "the table has a place for every byte"
        )]
        {
            table[byte as usize] = special || byte.is_ascii_alphanumeric();
        }
        if byte == u8::MAX {
            break table;
        }
        byte += 1;
    }
};

/// Whether a byte may stand in a token.
#[must_use]
pub fn is_token_byte(byte: u8) -> bool {
    TOKEN_BYTES
        .get(usize::from(byte))
        .copied()
        .unwrap_or_default()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A header list with these lines.
    pub(crate) fn list(lines: &[(&str, &str)]) -> HeaderList {
        let mut bytes = Vec::new();
        let mut spans = Vec::new();
        let mut add = |text: &str| {
            let start = u32::try_from(bytes.len()).unwrap();
            bytes.extend_from_slice(text.as_bytes());
            let end = u32::try_from(bytes.len()).unwrap();
            Span { start, end }
        };
        for (name, value) in lines {
            let name = add(name);
            let value = add(value);
            spans.push((name, value));
        }
        HeaderList::new(bytes.into(), spans.into_iter())
    }

    #[test]
    fn missing_names_are_the_same_for_short_and_long_lists() {
        let padding: Vec<String> = (0..5000).map(|n| format!("pad-{n}")).collect();
        let wanted: [&[u8]; 2] = [b"x-a", b"X-B"];
        let short: [&[u8]; 1] = [b"x-b"];
        let mut long: Vec<&[u8]> = padding.iter().map(String::as_bytes).collect();
        long.push(b"x-b");
        assert_eq!(names_missing(&wanted, &short), [b"x-a"]);
        assert_eq!(names_missing(&wanted, &long), [b"x-a"]);
    }

    #[test]
    fn a_stored_response_takes_the_newer_lines() {
        let stored = list(&[("ETag", "1"), ("Access-Control-Allow-Origin", "http://a")]);
        let newer = list(&[("etag", "2"), ("Age", "0")]);
        let updated = stored.updated_by(&newer);
        assert_eq!(updated.get("etag").unwrap(), &b"2"[..]);
        let origin = updated.get("access-control-allow-origin").unwrap();
        assert_eq!(origin, &b"http://a"[..]);
        assert_eq!(updated.lines().count(), 3);
    }

    #[test]
    fn token_bytes_are_those_of_the_grammar() {
        let allowed = b"!#$%&'*+-.^_`|~";
        for byte in 0..=u8::MAX {
            let expected = byte.is_ascii_alphanumeric() || allowed.contains(&byte);
            assert_eq!(is_token_byte(byte), expected, "{byte:#x}");
        }
    }

    #[test]
    fn get_joins_lines_and_keeps_empty_ones() {
        let headers = list(&[("A", ""), ("b", "x"), ("a", "http://a"), ("A", "c")]);
        assert_eq!(headers.get("a").unwrap(), &b", http://a, c"[..]);
        assert_eq!(headers.get("B").unwrap(), &b"x"[..]);
        assert_eq!(headers.get("none"), None);
    }

    #[test]
    fn extract_drops_empty_elements_and_fails_on_a_non_token() {
        for (value, expected) in [
            (", ,x-foo,,", Ok(vec!["x-foo"])),
            ("a, b\t,c", Ok(vec!["a", "b", "c"])),
            ("", Ok(vec![])),
            ("x-foo, bad name", Err("bad name")),
            ("\"a\"", Err("\"a\"")),
            ("a;b", Err("a;b")),
            ("*", Ok(vec!["*"])),
        ] {
            let headers = list(&[("access-control-allow-headers", value)]);
            let found = headers.extract_header_list_values("Access-Control-Allow-Headers");
            let expected = match &expected {
                Ok(elements) => Ok(elements
                    .iter()
                    .map(|e| e.as_bytes())
                    .collect::<Elements<'_>>()),
                Err(element) => Err(NotAToken(element.as_bytes())),
            };
            assert_eq!(found, expected, "{value}");
        }
    }
}
