//! Transactions → a ladder: who sent what to whom, one below the other in the order of time.
//!
//! One vertical line for each page and each server; where there are too many of them for the width, one
//! for all pages and one for all servers. The screens and the text report show the same picture.

use std::fmt::Write as _;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::capture::frame::{FrameNumber, Timestamp};
use crate::cors::preflight::is_redirect;
use crate::cors::transaction::{Half, Transaction, TransactionId, TransactionNote, Verdict};
use crate::http::exchange::Outcome;
use crate::wire_text::{printable, wire_text};

/// Columns before the first line: time and frame.
const LEFT: usize = 20;
/// The least and the most columns between two lines.
const GAP: (usize, usize) = (26, 64);
/// Columns of the picture where it is written as text.
pub const TEXT_WIDTH: usize = 100;
/// More lanes than this are not drawn apart, however wide the screen.
const LANES: usize = 6;

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
}

/// A line of the picture: pieces of text, each with its tone.
pub type LadderLine = Vec<(Tone, String)>;

/// What happens at one time.
#[derive(Debug)]
struct Step {
    time: Timestamp,
    /// Keeps the order of what happens at the same time.
    count: usize,
    transaction: TransactionId,
    in_preflight: bool,
    page: usize,
    server: usize,
    kind: Kind,
    tone: Tone,
    text: String,
    /// The same in fewer words, where there is no room.
    short: Option<String>,
    frame: Option<FrameNumber>,
}

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
    titles: Vec<(Tone, String)>,
    pages: Vec<String>,
    servers: Vec<String>,
    steps: Vec<Step>,
    several: bool,
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

    fn add(&mut self, transaction: &Transaction) {
        let Some(main) = transaction.main() else {
            return;
        };
        let page = place(&mut self.pages, text(transaction.origin()));
        let server = place(&mut self.servers, text(&main.fetch.authority));
        let (tone, sign) = sign(transaction);
        let mut title = format!(
            "#{} {sign}  {} {}{}",
            transaction.id,
            text(transaction.method()),
            text(&main.fetch.authority),
            text(main.fetch.path_and_query()),
        );
        if let Some(from) = transaction.redirected_from {
            let _ = write!(title, "  redirected from #{from}");
        }
        self.titles.push((tone, title));
        let step_of = |in_preflight| {
            move |kind, time| Step {
                time,
                count: 0,
                transaction: transaction.id,
                in_preflight,
                page,
                server,
                kind,
                tone: Tone::Plain,
                text: String::new(),
                short: None,
                frame: None,
            }
        };
        let step = step_of(false);
        let mut last = main.start;
        if let Some(half) = &transaction.preflight {
            let method = text(half.fetch.fetch_method());
            let request = format!(
                "OPTIONS {} (for {method})",
                text(half.fetch.path_and_query())
            );
            let passes = half.passes && half.response.is_some();
            self.half(
                half,
                request,
                passes,
                transaction,
                &step_of(true),
                &mut last,
            );
        }
        let Some(half) = &transaction.actual else {
            let method = text(transaction.method());
            let path = text(main.fetch.path_and_query());
            let (tone, text) = match transaction.judgement.verdict {
                Verdict::Fail(_) => (
                    Tone::Fail,
                    format!("✗ {method} {path} never sent: the browser stopped here"),
                ),
                _ => (Tone::Unknown, format!("? {method} {path} not seen")),
            };
            let step = step(Kind::Browser, last);
            self.push(Step { tone, text, ..step });
            return;
        };
        let method = text(half.fetch.head.method());
        let request = format!("{method} {}", text(half.fetch.path_and_query()));
        let passes = matches!(transaction.judgement.verdict, Verdict::Pass);
        if let Some((tone, text)) = why_no_preflight(transaction) {
            let step = step(Kind::Browser, half.start);
            self.push(Step { tone, text, ..step });
        }
        self.half(half, request, passes, transaction, &step, &mut last);
        if let Verdict::Fail(error) = transaction.judgement.verdict {
            let text = format!("✗ kept from the page: {}", error.name());
            let step = step(Kind::Browser, last);
            self.push(Step {
                tone: Tone::Fail,
                text,
                ..step
            });
        }
    }

    fn half(
        &mut self,
        half: &Half,
        request: String,
        passes: bool,
        transaction: &Transaction,
        step: &impl Fn(Kind, Timestamp) -> Step,
        last: &mut Timestamp,
    ) {
        if half.earlier_tries > 0 {
            let frames: Vec<String> = half
                .earlier_frames
                .iter()
                .map(ToString::to_string)
                .collect();
            let text = format!(
                "? {} earlier without an answer: frames {}",
                half.earlier_tries,
                frames.join(" ")
            );
            self.push(Step {
                tone: Tone::Unknown,
                text,
                ..step(Kind::Browser, half.start)
            });
        }
        self.push(Step {
            text: request,
            frame: half.frames.first().copied(),
            ..step(Kind::Request, half.start)
        });
        *last = half.start.max(*last);
        let fails = matches!(transaction.judgement.verdict, Verdict::Fail(_));
        let exchange = half.exchange.as_ref();
        let message = exchange.and_then(|exchange| exchange.response.as_ref());
        let Some(response) = &half.response else {
            let (tone, sign) = if fails {
                (Tone::Fail, "✗")
            } else {
                (Tone::Unknown, "?")
            };
            self.push(Step {
                tone,
                text: format!("{sign} no response: {}", cause(half.outcome())),
                ..step(Kind::Browser, *last)
            });
            return;
        };
        let took = message.map(|message| {
            *last = message.end.max(*last);
            let took = message.end.since(half.start).as_secs_f64() * 1000.0;
            format!(" in {took:.1} ms")
        });
        let mut answer = String::new();
        if is_redirect(response, half.fetch.browser()) {
            answer.push_str(", to ");
            if let Some(to) = transaction.redirected_to {
                let _ = write!(answer, "#{to} ");
            }
            answer.push_str(&text(response.location()));
        }
        match response.headers.get("access-control-allow-origin") {
            Some(value) => {
                let _ = write!(answer, ", allows {}", text(&value));
            }
            None => answer.push_str(", no Allow-Origin"),
        }
        self.push(Step {
            tone: match (passes, fails) {
                (true, _) => Tone::Pass,
                (false, true) => Tone::Fail,
                (false, false) => Tone::Plain,
            },
            text: format!("{}{}{answer}", response.status, took.unwrap_or_default()),
            short: Some(format!("{}{answer}", response.status)),
            frame: message.and_then(|message| message.frames.first().copied()),
            ..step(Kind::Response, *last)
        });
        let outcome = exchange.map_or(Outcome::Complete, |exchange| exchange.outcome);
        if outcome != Outcome::Complete {
            self.push(Step {
                tone: Tone::Unknown,
                text: format!("? the response is not whole: {}", cause(outcome)),
                ..step(Kind::Browser, *last)
            });
        }
    }

    fn push(&mut self, step: Step) {
        let count = self.steps.len();
        self.steps.push(Step { count, ..step });
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
    pub fn lines(&self, width: usize) -> Vec<LadderLine> {
        let mut lines: Vec<LadderLine> = Vec::new();
        for (tone, title) in &self.titles {
            lines.push(vec![(*tone, cut(title, width))]);
        }
        if self.steps.is_empty() {
            return lines;
        }
        lines.push(Vec::new());
        let places = Lanes::of(self, width);
        lines.push(places.heads());
        lines.push(vec![(Tone::Plain, places.empty())]);
        let first = self.steps.first().map_or(Timestamp::default(), |s| s.time);
        for step in &self.steps {
            lines.push(places.step(step, first, self.several));
        }
        lines.push(vec![(Tone::Plain, places.empty())]);
        lines
    }

    /// The same picture without its tones.
    #[must_use]
    pub fn text(&self, width: usize) -> Vec<String> {
        let plain = |line: LadderLine| -> String {
            let pieces = line.into_iter().map(|(_, text)| text);
            pieces.collect::<String>().trim_end().to_owned()
        };
        self.lines(width).into_iter().map(plain).collect()
    }
}

/// Where the vertical lines stand.
struct Lanes {
    names: Vec<String>,
    /// Of the pages; a page's lane is at its place, or all are in the first.
    pages: usize,
    servers: usize,
    gap: usize,
    width: usize,
}

impl Lanes {
    fn of(ladder: &Ladder, width: usize) -> Self {
        let (mut pages, mut servers) = (ladder.pages.clone(), ladder.servers.clone());
        let room = width.saturating_sub(LEFT + 1);
        let fits = |lanes: usize| lanes <= LANES && (lanes - 1) * GAP.0 <= room;
        if !fits(pages.len() + servers.len()) {
            let joined = |names: &[String], noun: &str| match names {
                [one] => vec![one.clone()],
                names => vec![format!("{} {noun}", names.len())],
            };
            pages = joined(&pages, "pages");
            servers = joined(&servers, "servers");
        }
        let names: Vec<String> = pages.iter().chain(&servers).cloned().collect();
        let gap = room / names.len().saturating_sub(1).max(1);
        Self {
            pages: pages.len(),
            servers: servers.len(),
            names,
            gap: gap.clamp(12, GAP.1),
            width,
        }
    }

    fn column(&self, lane: usize) -> usize {
        LEFT + lane * self.gap
    }

    fn heads(&self) -> LadderLine {
        let mut line = format!("{:>10} {:>7} ", "seconds", "frame");
        let last = self.names.len().saturating_sub(1);
        for (lane, name) in self.names.iter().enumerate() {
            // Above its line; the last one ends there.
            let room = self.gap.saturating_sub(2);
            let name = cut(name, room);
            let mut start = self.column(lane).saturating_sub(1);
            if lane == last {
                let free = self.width.saturating_sub(name.width());
                start = start.min(free);
            }
            let gap = start.saturating_sub(line.width());
            line.extend(std::iter::repeat_n(' ', gap));
            line.push_str(&name);
        }
        vec![(Tone::Title, cut(&line, self.width))]
    }

    /// The vertical lines alone, after `lead`.
    fn verticals(&self, lead: &str) -> Vec<char> {
        let mut line: Vec<char> = lead.chars().collect();
        let last = self.column(self.names.len().saturating_sub(1));
        line.resize(last + 1, ' ');
        for lane in 0..self.names.len() {
            if let Some(place) = line.get_mut(self.column(lane)) {
                *place = '│';
            }
        }
        line
    }

    fn empty(&self) -> String {
        self.verticals("").into_iter().collect()
    }

    fn step(&self, step: &Step, first: Timestamp, several: bool) -> LadderLine {
        let seconds = step.time.since(first).as_secs_f64();
        let frame = step.frame.map_or(String::new(), |frame| frame.to_string());
        let lead = match step.kind {
            Kind::Browser => String::new(),
            _ => format!("{seconds:>10.6} {frame:>7}"),
        };
        let page = self.column(step.page.min(self.pages - 1));
        let server = self.column(self.pages + step.server.min(self.servers - 1));
        let label = |text: &str| {
            if several {
                format!("#{} {text}", step.transaction)
            } else {
                text.to_owned()
            }
        };
        let line = self.verticals(&lead);
        if step.kind == Kind::Browser {
            let text = cut(&label(&step.text), self.width.saturating_sub(page));
            let before = piece(&line, 0, page);
            let after = piece(&line, page + text.width(), line.len());
            return vec![
                (Tone::Plain, before),
                (step.tone, text),
                (Tone::Plain, after),
            ];
        }
        // From the page's line to the server's: `│── text ─────▶│`, or back.
        let room = server - page - 1;
        let room_for_text = room.saturating_sub(5);
        let mut text = label(&step.text);
        if let Some(short) = step
            .short
            .as_deref()
            .filter(|_| text.width() > room_for_text)
        {
            text = label(short);
        }
        let text = cut(&text, room_for_text);
        let dashes = room.saturating_sub(text.width() + 5);
        let dashes: String = std::iter::repeat_n('─', dashes).collect();
        let arrow = if step.kind == Kind::Request {
            format!("── {text} {dashes}▶")
        } else {
            format!("◀{dashes} {text} ──")
        };
        vec![
            (Tone::Plain, piece(&line, 0, page + 1)),
            (step.tone, arrow),
            (Tone::Plain, piece(&line, server, line.len())),
        ]
    }
}

fn piece(line: &[char], from: usize, to: usize) -> String {
    let piece = line.get(from..to.min(line.len()));
    piece.unwrap_or_default().iter().collect()
}

/// The place of a name, which is added where it is new.
fn place(names: &mut Vec<String>, name: String) -> usize {
    let known = names.iter().position(|known| *known == name);
    known.unwrap_or_else(|| {
        names.push(name);
        names.len() - 1
    })
}

/// Why no response, or no whole one, is there.
#[must_use]
pub const fn cause(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Complete => "it came to its end",
        Outcome::Closed => "the connection was closed",
        Outcome::Reset => "the connection was reset",
        Outcome::Aborted => "cancelled by the client",
        Outcome::Garbled => "what came is not HTTP",
        Outcome::CaptureEnded => "the capture ended",
        Outcome::NotCaptured => "not in the capture",
        Outcome::CutBySnapLength => "cut by the snap length",
        Outcome::Unreadable => "the connection cannot be read as HTTP",
        Outcome::GivenUp => "no longer waited for",
    }
}

/// Why a request that needs a preflight has none here.
fn why_no_preflight(transaction: &Transaction) -> Option<(Tone, String)> {
    let mut notes = transaction.judgement.notes.iter();
    notes.find_map(|note| match note {
        TransactionNote::PreflightCached(id) => Some((
            Tone::Plain,
            format!("· the answer to the preflight of #{id} is remembered"),
        )),
        TransactionNote::PreflightNotSeen => Some((
            Tone::Unknown,
            "? its preflight is not in the capture".to_owned(),
        )),
        _ => None,
    })
}

fn sign(transaction: &Transaction) -> (Tone, &'static str) {
    match transaction.judgement.verdict {
        Verdict::Pass if transaction.judgement.condition.is_some() => (Tone::Condition, "! pass?"),
        Verdict::Pass => (Tone::Pass, "✓ pass"),
        Verdict::Fail(_) => (Tone::Fail, "✗ FAIL"),
        Verdict::Unknown(_) => (Tone::Unknown, "? unknown"),
        Verdict::NotCors(_) => (Tone::Plain, "· not CORS"),
    }
}

fn text(bytes: &[u8]) -> String {
    printable(&wire_text(bytes)).into_owned()
}

/// At most so many columns of a text.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut columns = 1;
    let fits = |c: &char| {
        columns += c.width().unwrap_or(0);
        columns <= width
    };
    let mut short: String = text.chars().take_while(fits).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cors::advice::testing::transaction_of;

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
