//! Steps → lines: where the vertical lines of pages and servers stand, and what is written between them.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::capture::frame::Timestamp;
use crate::ladder::steps::Step;
use crate::ladder::{Colours, Kind, Ladder, LadderLine, Tone};

/// Columns before the first line: time and frame.
const LEFT: usize = 20;
/// The least and the most columns between two lines.
const GAP: (usize, usize) = (26, 64);
/// More lanes than this are not drawn apart, however wide the screen.
const LANES: usize = 6;

/// Where the vertical lines stand.
pub(super) struct Lanes {
    names: Vec<String>,
    /// Of the pages; a page's lane is at its place, or all are in the first.
    pages: usize,
    servers: usize,
    gap: usize,
    width: usize,
    /// There are several transactions: each message has the number of its own.
    several: bool,
    colours: Colours,
}

impl Lanes {
    pub(super) fn of(ladder: &Ladder, width: usize, colours: Colours) -> Self {
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
            several: ladder.several,
            colours,
        }
    }

    fn column(&self, lane: usize) -> usize {
        LEFT + lane * self.gap
    }

    /// The names above the lines.
    pub(super) fn heads(&self) -> LadderLine {
        let number = match self.colours {
            Colours::Verdict | Colours::Host => "frame",
            Colours::Stream => "stream",
        };
        let mut line = format!("{:>10} {number:>7} ", "seconds");
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

    /// A line on which nothing happens.
    pub(super) fn empty(&self) -> String {
        self.verticals("").into_iter().collect()
    }

    /// The line of a step; times count from `first`.
    pub(super) fn step(&self, step: &Step, first: Timestamp) -> LadderLine {
        let seconds = step.time.since(first).as_secs_f64();
        let number = match self.colours {
            Colours::Verdict | Colours::Host => step.frame.map(|frame| frame.to_string()),
            Colours::Stream => step.stream.map(|(stream, _)| stream.to_string()),
        };
        let lead = match step.kind {
            Kind::Browser => String::new(),
            _ => format!("{seconds:>10.6} {:>7}", number.unwrap_or_default()),
        };
        let tone = match self.colours {
            Colours::Verdict => None,
            Colours::Host => Some(Tone::Of(step.server)),
            Colours::Stream => step.stream.map(|(_, place)| Tone::Of(place)),
        };
        let page = self.column(step.page.min(self.pages - 1));
        let server = self.column(self.pages + step.server.min(self.servers - 1));
        let label = |text: &str| {
            if self.several {
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
            (tone.unwrap_or(step.tone), arrow),
            (Tone::Plain, piece(&line, server, line.len())),
        ]
    }
}

fn piece(line: &[char], from: usize, to: usize) -> String {
    let piece = line.get(from..to.min(line.len()));
    piece.unwrap_or_default().iter().collect()
}

/// At most so many columns of a text.
pub(super) fn cut(text: &str, width: usize) -> String {
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
