//! Transactions → a ladder: who sent what to whom, one below the other in the order of time.
//!
//! One vertical line for each page and each server; where there are too many of them for the width, one
//! for all pages and one for all servers. The screens and the text report show the same picture.
//! `steps` finds the words for what happened, `lanes` draws.

mod lanes;
mod steps;

use crate::capture::frame::{FrameNumber, Timestamp};
use crate::cors::transaction::{Transaction, TransactionId};
use lanes::{Lanes, cut};
use steps::Step;

pub use steps::cause;

/// Columns of the picture where it is written as text.
pub const TEXT_WIDTH: usize = 100;

/// What a piece of the picture tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Neither good nor bad.
    Plain,
    /// A heading.
    Title,
    /// It passed.
    Pass,
    /// It failed.
    Fail,
    /// It passed, but would fail with credentials.
    Condition,
    /// Not decided.
    Unknown,
    /// Of the server, or of the connection, with this place among those of the ladder.
    Of(usize),
}

/// What the colours of messages tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Colours {
    /// What passed and what failed.
    #[default]
    Verdict,
    /// The servers.
    Host,
    /// The connections; their numbers stand where those of the frames do otherwise.
    Stream,
}

impl Colours {
    /// The next one.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Verdict => Self::Host,
            Self::Host => Self::Stream,
            Self::Stream => Self::Verdict,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Verdict => "verdict",
            Self::Host => "host",
            Self::Stream => "stream",
        }
    }
}

/// A line of the picture: pieces of text, each with its tone.
pub type LadderLine = Vec<(Tone, String)>;

/// What a line between top and bottom of a ladder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A request.
    Request,
    /// Its response.
    Response,
    /// The browser did, or did not, do something.
    Browser,
}

/// What a line between top and bottom of a ladder stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rung {
    /// The transaction.
    pub transaction: TransactionId,
    /// Whether it belongs to the preflight.
    pub in_preflight: bool,
    /// What it is.
    pub kind: Kind,
    /// The first frame of the message, where it is one.
    pub frame: Option<FrameNumber>,
}

/// The ladder of some transactions.
#[derive(Debug, Default)]
pub struct Ladder {
    titles: Vec<Title>,
    pages: Vec<String>,
    servers: Vec<String>,
    streams: Vec<u64>,
    steps: Vec<Step>,
    several: bool,
}

/// The line above the picture that names a transaction.
#[derive(Debug)]
struct Title {
    tone: Tone,
    server: usize,
    text: String,
}

impl Ladder {
    /// The ladder of these transactions, merged in the order of time.
    #[must_use]
    pub fn of<'a>(transactions: impl IntoIterator<Item = &'a Transaction>) -> Self {
        let mut ladder = Self::default();
        for transaction in transactions {
            ladder.add(transaction);
        }
        ladder.several = ladder.titles.len() > 1;
        ladder.steps.sort_by_key(|step| (step.time, step.count));
        ladder
    }

    /// What its lines stand for, from top to bottom.
    #[must_use]
    pub fn rungs(&self) -> impl ExactSizeIterator<Item = Rung> {
        self.steps.iter().map(|step| Rung {
            transaction: step.transaction,
            in_preflight: step.in_preflight,
            kind: step.kind,
            frame: step.frame,
        })
    }

    /// The line of the picture on which the first of them stands.
    #[must_use]
    pub fn first_rung(&self) -> usize {
        // Below the titles, a blank, the heads of the lanes, and the lanes' beginning.
        self.titles.len() + 3
    }

    /// How many transactions it shows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.titles.len()
    }

    /// Whether it shows none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.titles.is_empty()
    }

    /// The picture, at most so many columns wide.
    #[must_use]
    pub fn lines(&self, width: usize, colours: Colours) -> Vec<LadderLine> {
        let mut lines: Vec<LadderLine> = Vec::new();
        for title in &self.titles {
            let tone = match colours {
                Colours::Host => Tone::Of(title.server),
                Colours::Verdict | Colours::Stream => title.tone,
            };
            lines.push(vec![(tone, cut(&title.text, width))]);
        }
        if self.steps.is_empty() {
            return lines;
        }
        lines.push(Vec::new());
        let drawing = Lanes::of(self, width, colours);
        lines.push(drawing.heads());
        lines.push(vec![(Tone::Plain, drawing.empty())]);
        let first = self.steps.first().map_or(Timestamp::default(), |s| s.time);
        for step in &self.steps {
            lines.push(drawing.step(step, first));
        }
        lines.push(vec![(Tone::Plain, drawing.empty())]);
        lines
    }

    /// The same picture without its tones.
    #[must_use]
    pub fn text(&self, width: usize) -> Vec<String> {
        let plain = |line: LadderLine| -> String {
            let pieces = line.into_iter().map(|(_, text)| text);
            pieces.collect::<String>().trim_end().to_owned()
        };
        let lines = self.lines(width, Colours::Verdict).into_iter();
        lines.map(plain).collect()
    }
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr as _;

    use super::*;
    use crate::cors::advice::testing::transaction_of;
    use crate::http::exchange::Outcome;

    #[test]
    fn a_refused_preflight_and_a_long_target_keep_the_lines_straight() {
        let long = "x".repeat(200);
        let transaction = transaction_of(&format!(
            "@1s+20ms OPTIONS /{long} | Origin: http://p.test | ACRM: PUT => 404 | ACAO: *"
        ));
        let ladder = Ladder::of([&transaction]);
        let lines = ladder.text(100);
        let first = ladder.rungs().next().unwrap();
        assert_eq!((first.kind, first.in_preflight), (Kind::Request, true));
        assert!(lines[ladder.first_rung()].contains("OPTIONS"), "{lines:#?}");
        assert!(lines.iter().all(|line| line.width() <= 100), "{lines:#?}");
        let arrows = |line: &&String| line.contains('▶') || line.contains('◀');
        let arrows: Vec<&String> = lines.iter().filter(arrows).collect();
        assert_eq!(arrows.len(), 2, "{lines:#?}");
        assert!(arrows.iter().all(|line| line.ends_with('│')), "{lines:#?}");
        assert_eq!(arrows[0].width(), arrows[1].width(), "{lines:#?}");
        assert!(arrows[1].contains("404 in 20.0 ms, allows *"), "{lines:#?}");
        assert!(
            lines.iter().any(|line| line.contains("✗ PUT")),
            "{lines:#?}"
        );
    }

    #[test]
    fn what_did_not_come_is_said_with_its_cause() {
        let request = "@1s+20ms PUT /x | Origin: http://p.test => 200 | ACAO: *";
        let whole = transaction_of(request);
        let outcomes = [
            (Outcome::Closed, "the connection was closed"),
            (Outcome::Reset, "the connection was reset"),
            (Outcome::Aborted, "cancelled by the client"),
            (Outcome::CaptureEnded, "the capture ended"),
            (Outcome::NotCaptured, "not in the capture"),
        ];
        for (outcome, cause) in outcomes {
            let mut cut = whole.clone();
            let half = cut.actual.as_mut().unwrap();
            let exchange = half.exchange.as_mut().unwrap();
            std::sync::Arc::make_mut(exchange).outcome = outcome;
            let text = Ladder::of([&cut]).text(160).join("\n");
            assert!(
                text.contains(&format!("the response is not whole: {cause}")),
                "{text}"
            );
            let half = cut.actual.as_mut().unwrap();
            half.response = None;
            half.earlier_tries = 2;
            half.earlier_frames.extend([FrameNumber(4), FrameNumber(9)]);
            let text = Ladder::of([&cut]).text(160).join("\n");
            assert!(text.contains(&format!("no response: {cause}")), "{text}");
            assert!(
                text.contains("? 2 earlier without an answer: frames 4 9"),
                "{text}"
            );
        }
    }

    #[test]
    fn a_redirect_names_where_it_goes_on_and_where_it_came_from() {
        let request = "@1s+20ms GET /x | Origin: http://p.test => 302 | ACAO: * | Location: /y";
        let mut first = transaction_of(request);
        first.redirected_to = Some(TransactionId(7));
        let mut second = transaction_of("@2s+1ms GET /y | Origin: null => 200 | ACAO: *");
        second.redirected_from = Some(first.id);
        let text = Ladder::of([&first, &second]).text(160).join("\n");
        assert!(
            text.contains("302 in 20.0 ms, to #7 /y, allows *"),
            "{text}"
        );
        assert!(
            text.contains("GET api.test/y  redirected from #1"),
            "{text}"
        );
    }
}
