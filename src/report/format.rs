//! The formats of a report: their names, how files are named for them, and who writes them.

use std::io::{self, Write};
use std::path::Path;

use crate::redact::Redactor;
use crate::report::capture::{Capture, Look, Report};
use crate::report::{
    csv, document, github, har, html, junit, ladder, markdown, ndjson, sarif, text,
};

/// The form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people at a terminal.
    Text,
    /// One JSON document.
    Json,
    /// One JSON object a line, as transactions settle.
    NdJson,
    /// One row a transaction.
    Csv,
    /// For an issue or a pull request.
    Markdown,
    /// One self-contained page.
    Html,
    /// HTTP Archive 1.2.
    Har,
    /// The sequence of each transaction as a picture of text.
    Ladder,
    /// `JUnit` XML.
    JUnit,
    /// SARIF 2.1.0.
    Sarif,
    /// Annotations of GitHub Actions.
    GitHub,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 11] = [
        Self::Text,
        Self::Json,
        Self::NdJson,
        Self::Csv,
        Self::Markdown,
        Self::Html,
        Self::Har,
        Self::Ladder,
        Self::JUnit,
        Self::Sarif,
        Self::GitHub,
    ];

    /// Its name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::NdJson => "ndjson",
            Self::Csv => "csv",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Har => "har",
            Self::Ladder => "ladder",
            Self::JUnit => "junit",
            Self::Sarif => "sarif",
            Self::GitHub => "github",
        }
    }

    /// What it is for, in a few words.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Self::Text => "For people at a terminal",
            Self::Json => "One JSON document",
            Self::NdJson => "One JSON object a line, as transactions settle",
            Self::Csv => "One row a transaction, for spreadsheets",
            Self::Markdown => "For an issue or a pull request",
            Self::Html => "One page with charts, to open in a browser",
            Self::Har => "HTTP Archive 1.2, with the verdicts in _cors",
            Self::Ladder => "The sequence of each transaction as a picture of text",
            Self::JUnit => "Test results for CI systems",
            Self::Sarif => "SARIF 2.1.0 for code scanning",
            Self::GitHub => "Annotations of GitHub Actions",
        }
    }

    /// How the names of its files end; the first is the usual one.
    #[must_use]
    pub const fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Text => &["txt"],
            Self::Json => &["json"],
            Self::NdJson => &["ndjson", "jsonl"],
            Self::Csv => &["csv"],
            Self::Markdown => &["md", "markdown"],
            Self::Html => &["html", "htm"],
            Self::Har => &["har"],
            Self::Ladder => &["ladder.txt", "ladder"],
            Self::JUnit => &["junit.xml", "xml"],
            Self::Sarif => &["sarif", "sarif.json"],
            Self::GitHub => &["github.txt", "github"],
        }
    }

    /// The format that a file's name tells: by its longest known ending.
    ///
    /// ```
    /// use std::path::Path;
    /// use corshark::report::Format;
    ///
    /// assert_eq!(Format::of_path(Path::new("out/Report.JSON")), Some(Format::Json));
    /// assert_eq!(Format::of_path(Path::new("report")), None);
    /// ```
    #[must_use]
    pub fn of_path(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
        let endings = Self::ALL.into_iter().flat_map(|format| {
            let extensions = format.extensions().iter();
            extensions.map(move |extension| (format, *extension))
        });
        let mut fitting: Vec<_> = endings
            .filter(|(_, extension)| {
                name.strip_suffix(extension)
                    .is_some_and(|rest| rest.ends_with('.'))
            })
            .collect();
        fitting.sort_by_key(|(_, extension)| extension.len());
        fitting.last().map(|(format, _)| *format)
    }

    /// Whether it is written while captures are read; the others are written at the end.
    pub(super) const fn is_streamed(self) -> bool {
        matches!(self, Self::NdJson | Self::Text)
    }

    /// Writes a whole report; without secrets, unless its look shows them.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(self, report: &Report<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
        if look.with_secrets {
            return self.write_as_it_is(report, look, out);
        }
        let mut redactor = Redactor::default();
        let captures = report.captures.iter();
        let captures: Vec<Capture> = captures.map(|one| one.redacted(&mut redactor)).collect();
        let report = Report {
            captures: &captures,
            ..*report
        };
        self.write_as_it_is(&report, look, out)
    }

    fn write_as_it_is(
        self,
        report: &Report<'_>,
        look: Look,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        match self {
            Self::Text => text::write_report(report, look, out),
            Self::Json => document::write_report(report, out),
            Self::NdJson => ndjson::write_report(report, out),
            Self::Csv => csv::write_report(report, out),
            Self::Markdown => markdown::write_report(report, out),
            Self::Html => html::write_report(report, out),
            Self::Har => har::write_report(report, out),
            Self::Ladder => ladder::write_report(report, out),
            Self::JUnit => junit::write_report(report, out),
            Self::Sarif => sarif::write_report(report, out),
            Self::GitHub => github::write_report(report, out),
        }
    }
}
