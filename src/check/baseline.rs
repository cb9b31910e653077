//! Problems that are known: a text file to keep beside the code, a line a problem.

use std::collections::HashSet;
use std::io::{self, Write};

use crate::check::Problem;
use crate::wire_text::printable;

const FIRST_LINE: &str = "# corshark baseline 1";
const KINDS: [&str; 5] = ["fail", "conditional", "unknown", "lint", "policy"];

/// Problems that are known.
#[derive(Debug, Clone, Default)]
pub struct Baseline {
    known: HashSet<Problem>,
}

/// What is wrong with a baseline's text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct BaselineError {
    line: usize,
    message: String,
}

impl Baseline {
    /// Reads a baseline.
    ///
    /// ```
    /// use corshark::check::Baseline;
    ///
    /// let text = "# corshark baseline 1\nlint\tL-4\t-\t-\thttp://api.test/\n";
    /// assert!(Baseline::parse(text).is_ok());
    /// let error = Baseline::parse("something else").unwrap_err();
    /// assert!(error.to_string().starts_with("line 1: "));
    /// ```
    pub fn parse(text: &str) -> Result<Self, BaselineError> {
        let error = |line, message: String| BaselineError { line, message };
        let mut lines = text.lines().zip(1..);
        if lines.next().is_none_or(|(line, _)| line != FIRST_LINE) {
            let message = format!("not a baseline: it begins with {FIRST_LINE:?}");
            return Err(error(1, message));
        }
        let mut known = HashSet::new();
        for (line, number) in lines {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let fields: Vec<&str> = line.split('\t').collect();
            let [kind, code, method, origin, endpoint] = fields[..] else {
                let message = format!(
                    "5 fields with tabs between are expected, not {}",
                    fields.len()
                );
                return Err(error(number, message));
            };
            let Some(kind) = KINDS.into_iter().find(|known| *known == kind) else {
                let kind = printable(kind);
                let message = format!("{kind:?} is none of {}", KINDS.join(", "));
                return Err(error(number, message));
            };
            let [code, method, origin, endpoint] =
                [code, method, origin, endpoint].map(str::to_owned);
            known.insert(Problem {
                kind,
                code,
                method,
                origin,
                endpoint,
            });
        }
        Ok(Self { known })
    }

    /// Writes these problems as a baseline, in an order that does not change.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(problems: &HashSet<Problem>, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{FIRST_LINE}")?;
        writeln!(
            out,
            "# Problems that are known, by kind, code, method, origin and endpoint."
        )?;
        let mut problems: Vec<&Problem> = problems.iter().collect();
        problems.sort();
        for Problem {
            kind,
            code,
            method,
            origin,
            endpoint,
        } in problems
        {
            writeln!(out, "{kind}\t{code}\t{method}\t{origin}\t{endpoint}")?;
        }
        Ok(())
    }

    pub(super) fn knows(&self, problem: &Problem) -> bool {
        self.known.contains(problem)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let problem = |kind, endpoint: &str| Problem {
            kind,
            code: "X".to_owned(),
            method: "GET".to_owned(),
            origin: "http://a".to_owned(),
            endpoint: endpoint.to_owned(),
        };
        let problems = HashSet::from([problem("fail", "http://b/"), problem("lint", "http://a/")]);
        let mut text = Vec::new();
        Baseline::write(&problems, &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert_eq!(Baseline::parse(&text).unwrap().known, problems);
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        for (text, message) in [
            ("", "line 1: not a baseline"),
            ("{}", "line 1: not a baseline"),
            (
                "# corshark baseline 1\n\nfail\tX\tGET",
                "line 3: 5 fields with tabs between are expected, not 3",
            ),
            (
                "# corshark baseline 1\nfial\tX\tG\tO\tE",
                "line 2: \"fial\" is none of fail",
            ),
        ] {
            let error = Baseline::parse(text).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }
}
