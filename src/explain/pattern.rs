//! A small pattern matcher: fixed text with named gaps.
//!
//! `"at {url} from origin {origin} has been"`: the gaps hold what stands between the fixed parts.
//! Gaps named [`VALUE`] may hold blanks or nothing; all others hold one word.

/// The name of the gap that may hold any text.
pub(super) const VALUE: &str = "value";
/// A longer gap is none: the fixed parts stand in different messages.
const LONGEST_GAP: usize = 2000;

/// Where a pattern fits, and what its gaps hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fit<'t> {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) gaps: Vec<(&'static str, &'t str)>,
}

/// Text to search: as pasted, and in lower case with the same offsets.
#[derive(Debug)]
pub(super) struct Haystack {
    text: String,
    lower: String,
}

impl Haystack {
    /// The text with quotes left out and blanks, line ends too, made one space.
    ///
    /// Quotes tell nothing that the words do not: browsers use curly ones or straight ones, and a
    /// shell takes some away.
    pub(super) fn new(pasted: &str) -> Self {
        let unquoted: String = pasted
            .chars()
            .filter(|c| {
                !matches!(
                    c,
                    '\'' | '"'
                        | '`'
                        | '‘'
                        | '’'
                        | '“'
                        | '”'
                        | '‚'
                        | '„'
                        | '«'
                        | '»'
                        | '‹'
                        | '›'
                )
            })
            .collect();
        let words: Vec<&str> = unquoted.split_whitespace().collect();
        let text = words.join(" ");
        let lower = text.to_ascii_lowercase();
        Self { text, lower }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The text before an offset, in lower case.
    pub(super) fn lower_before(&self, offset: usize) -> &str {
        self.lower.get(..offset).unwrap_or_default()
    }

    /// The first place at or after `from` where a pattern fits.
    pub(super) fn find(&self, pattern: &'static str, from: usize) -> Option<Fit<'_>> {
        let (first, rest) = next_literal(pattern);
        let mut from = from;
        loop {
            let start = from + self.lower.get(from..)?.find(first)?;
            if let Some(fit) = self.fit(start, start + first.len(), rest) {
                return Some(fit);
            }
            from = start + 1;
            while !self.lower.is_char_boundary(from) {
                from += 1;
            }
        }
    }

    /// The last place that ends at or before `end`.
    pub(super) fn find_last_before(&self, pattern: &'static str, end: usize) -> Option<Fit<'_>> {
        let mut last = None;
        let mut from = 0;
        while let Some(fit) = self.find(pattern, from) {
            if fit.end > end {
                break;
            }
            from = fit.end;
            last = Some(fit);
        }
        last
    }

    fn fit(&self, start: usize, mut at: usize, mut rest: &'static str) -> Option<Fit<'_>> {
        let mut gaps = Vec::new();
        while let Some((name, after)) = rest.strip_prefix('{').and_then(|r| r.split_once('}')) {
            let (literal, further) = next_literal(after);
            let tail = self.lower.get(at..)?;
            let length = if literal.is_empty() {
                let word = tail.trim_start();
                tail.len() - word.len() + word.find(' ').unwrap_or(word.len())
            } else {
                tail.find(literal)?
            };
            let gap = self.text.get(at..at + length)?.trim();
            let is_word = !gap.is_empty() && !gap.contains(' ');
            if length > LONGEST_GAP || (name != VALUE && !is_word) {
                return None;
            }
            gaps.push((name, gap));
            at += length + literal.len();
            rest = further;
        }
        Some(Fit {
            start,
            end: at,
            gaps,
        })
    }
}

/// The fixed text at a pattern's start, and the rest. Blanks at its ends belong to the gaps.
fn next_literal(pattern: &'static str) -> (&'static str, &'static str) {
    let end = pattern.find('{').unwrap_or(pattern.len());
    let (literal, rest) = pattern.split_at(end);
    (literal.trim_matches(' '), rest)
}

#[cfg(test)]
mod tests {
    use super::Haystack;

    #[test]
    fn gaps_hold_what_stands_between() {
        let cases: [(&'static str, &str, Option<&[&str]>); 7] = [
            ("plain words", "some Plain  words", Some(&[])),
            ("is {value} which", "is 'a, b' which", Some(&["a, b"])),
            ("is {value} which", "it is '' which", Some(&[""])),
            ("method {method} is", "Method ‘PUT’ is", Some(&["PUT"])),
            (
                "method {method} is",
                "method a b is method C is",
                Some(&["C"]),
            ),
            ("code: {status}", "Code: 404 next", Some(&["404"])),
            ("code: {status}", "no such", None),
        ];
        for (pattern, text, expected) in cases {
            let haystack = Haystack::new(text);
            let fit = haystack.find(pattern, 0);
            let gaps: Option<Vec<&str>> =
                fit.map(|fit| fit.gaps.into_iter().map(|(_, gap)| gap).collect());
            assert_eq!(gaps.as_deref(), expected, "{pattern} in {text}");
        }
    }

    #[test]
    fn the_last_fit_before_an_offset_is_found() {
        let haystack = Haystack::new("at a. at b. at é. at c.");
        let end = haystack.text().len() - 4;
        let fit = haystack.find_last_before("at {url}", end).unwrap();
        assert_eq!(fit.gaps, [("url", "é.")]);
    }
}
