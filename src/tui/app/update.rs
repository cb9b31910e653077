//! What each action does.

use std::sync::Arc;

use crate::session::SourceState;
use crate::tui::app::prompt::PromptKind;
use crate::tui::app::{App, Effect, Headers, Layout, Overlay};
use crate::tui::keys::Action;
use crate::tui::list::Column;
use crate::tui::outside::Question;
use crate::tui::save::SaveBox;
use crate::tui::screen::Screen;
use crate::tui::texts::Texts;

impl App {
    /// Does what was asked for.
    pub fn update(&mut self, action: Action) {
        let asked_to_quit = std::mem::take(&mut self.asked_to_quit);
        match action {
            Action::Up => self.move_by(-1),
            Action::Down => self.move_by(1),
            Action::PageUp => self.move_by(-self.page()),
            Action::PageDown => self.move_by(self.page()),
            Action::HalfUp => self.move_by(-(self.page() + 1) / 2),
            Action::HalfDown => self.move_by((self.page() + 1) / 2),
            Action::Top => self.move_by(isize::MIN),
            Action::Bottom => self.move_by(isize::MAX),
            Action::Left if self.packets.in_bytes => self.packets.move_in_bytes(-1),
            Action::Right if self.packets.in_bytes => self.packets.move_in_bytes(1),
            Action::Right => self.packets.in_bytes = true,
            Action::Open => self.open(),
            Action::Quit if self.screen == Screen::List => self.quit(asked_to_quit),
            Action::QuitNow => self.effects.push(Effect::Quit),
            Action::Back | Action::Left | Action::Quit => self.back(),
            Action::Show(screen) => self.show(screen),
            Action::Help => self.overlay = Overlay::Help { first: 0, page: 1 },
            Action::Filter => self.prompt(PromptKind::Filter),
            Action::Search => self.prompt(PromptKind::Search),
            Action::Command => self.prompt(PromptKind::Command),
            Action::FindNext => self.find(true, true),
            Action::FindPrevious => self.find(false, true),
            Action::Follow => self.follow(!self.list.follow),
            Action::Freeze => self.freeze(),
            Action::Sort => self.sort(),
            Action::Reverse => {
                let (column, reversed) = self.list.sorted_by();
                self.list.sort_by(column, !reversed);
            }
            Action::Mark => self.mark(),
            Action::Unmark => self.list.unmark(),
            Action::Copy => {
                if self.list.selected().is_some() {
                    self.overlay = Overlay::Copy;
                }
            }
            Action::Save => {
                let form = SaveBox::new(&self.source.name, self.list.marks() > 0);
                self.overlay = Overlay::Save(Box::new(form));
            }
            Action::Secrets => {
                self.secrets = !self.secrets;
                self.tell(if self.secrets {
                    "secrets are shown"
                } else {
                    "secrets are hidden"
                });
            }
            Action::Expand => self.show_headers(Headers::All),
            Action::OnlyCors => self.show_headers(Headers::Cors),
            Action::Message => self.arrange(|layout| layout.turned = !layout.turned),
            Action::Colour => {
                self.colours = self.colours.next();
                self.tell(format!("coloured by {}", self.colours.name()));
            }
            Action::NextServer => self.server += 1,
            Action::Zoom => self.arrange(|layout| layout.zoomed = !layout.zoomed),
            Action::NextPane => self.turn(true),
            Action::PreviousPane => self.turn(false),
            Action::Grow => self.arrange(|layout| layout.grown += 1),
            Action::Shrink => self.arrange(|layout| layout.grown -= 1),
            Action::Next => self.step(1),
            Action::Previous => self.step(-1),
            Action::NextFailure => self.find_failure(true),
            Action::PreviousFailure => self.find_failure(false),
            Action::All => self.all(),
            Action::Interfaces => self.ask(Question::Interfaces),
            Action::Doctor => self.ask(Question::Doctor),
            Action::Suspend => self.effects.push(Effect::Suspend),
        }
    }

    fn page(&self) -> isize {
        let lines = match self.screen {
            Screen::List => self.list.height(),
            Screen::Packets => self.packets.height(),
            _ => self.texts().map_or(0, Texts::height),
        };
        isize::try_from(lines.saturating_sub(1).max(1)).unwrap_or(1)
    }

    /// Moves the selection, or the text.
    pub fn move_by(&mut self, by: isize) {
        match self.screen {
            Screen::List => {
                self.list.move_by(by);
                let live = self.source.kind.is_live();
                self.list.follow = by == isize::MAX && live || by > 0 && self.list.follow;
            }
            Screen::Packets => self.packets.move_by(by),
            _ => self.texts_mut().move_by(by),
        }
    }

    fn arrange(&mut self, change: impl FnOnce(&mut Layout)) {
        change(self.layouts.entry(self.screen).or_default());
    }

    /// Shows these header lines, or the telling ones again.
    fn show_headers(&mut self, wanted: Headers) {
        let is_on = self.headers == wanted;
        self.headers = if is_on { Headers::Telling } else { wanted };
        self.tell(match self.headers {
            Headers::Cors => "only CORS headers",
            Headers::Telling => "the telling headers",
            Headers::All => "all headers",
        });
    }

    /// Lets keys move the next pane, or the one before.
    fn turn(&mut self, forwards: bool) {
        if self.screen == Screen::Packets {
            self.packets.in_bytes = !self.packets.in_bytes;
            return;
        }
        let texts = self.texts_mut();
        texts.turn(if forwards { 1 } else { texts.len().max(1) - 1 });
    }

    /// Leaves the program; asks first where that loses what was captured.
    pub(super) fn quit(&mut self, was_asked: bool) {
        if self.would_lose_something() && !was_asked {
            self.asked_to_quit = true;
            self.tell("this capture is not saved: w saves it, q again quits");
            return;
        }
        self.effects.push(Effect::Quit);
    }

    /// Whether ending the capture loses what is not saved.
    pub(super) fn would_lose_something(&self) -> bool {
        self.source.fleeting && self.list.entries().len() > self.source.saved
    }

    pub(super) fn open(&mut self) {
        if self.list.selected().is_none() {
            return;
        }
        match self.screen {
            Screen::List => self.show(Screen::Detail),
            Screen::Detail => self.show(Screen::Ladder),
            Screen::Ladder => self.open_rung(),
            Screen::Packets => self.packets.in_bytes = true,
            _ => {}
        }
    }

    /// Shows the packets of the ladder's selected line.
    fn open_rung(&mut self) {
        let rung = self.ladder().and_then(|ladder| self.rung(&ladder));
        if let Some(rung) = rung {
            // A marked one may be filtered out: then the selected one's are shown.
            if self.list.select(rung.transaction) {
                self.list.follow = false;
            }
            self.packets.wish(rung.frame);
        }
        self.show(Screen::Packets);
    }

    fn back(&mut self) {
        if self.screen == Screen::List && !self.filtering.is_empty() {
            self.set_filter("");
            return;
        }
        self.screen = self.before.pop().unwrap_or_default();
    }

    pub(super) fn show(&mut self, screen: Screen) {
        if screen == self.screen {
            return;
        }
        if screen == Screen::List {
            self.before.clear();
        } else {
            self.before.retain(|before| *before != screen);
            self.before.push(self.screen);
        }
        self.screen = screen;
        match screen {
            Screen::Packets => self.ask_for_packets(),
            Screen::Detail | Screen::Summary | Screen::Cost | Screen::Policy => {
                if self.source.state == SourceState::Reading {
                    self.effects.push(Effect::Advise);
                }
            }
            Screen::List | Screen::Ladder | Screen::Compare => {}
        }
    }

    fn step(&mut self, by: isize) {
        self.list.move_by(by);
        self.list.follow = false;
        self.texts.values_mut().for_each(Texts::rewind);
        if self.screen == Screen::Packets {
            self.ask_for_packets();
        }
    }

    fn all(&mut self) {
        if self.screen == Screen::Packets {
            self.packets.all = !self.packets.all;
            self.ask_for_packets();
        } else {
            self.alone = !self.alone;
        }
    }

    pub(super) fn ask_for_packets(&mut self) {
        let Some(transaction) = self.transaction().map(Arc::clone) else {
            return;
        };
        if self.packets.ask(transaction.id) {
            let all = self.packets.all;
            self.effects.push(Effect::Packets(transaction, all));
        }
    }

    fn follow(&mut self, on: bool) {
        self.list.follow = on;
        if on {
            self.list.move_to(usize::MAX);
        }
    }

    fn sort(&mut self) {
        let (column, _) = self.list.sorted_by();
        let at = Column::ALL.iter().position(|c| *c == column).unwrap_or(0);
        let next = Column::ALL.into_iter().cycle().nth(at + 1);
        let next = next.unwrap_or_default();
        self.list.sort_by(next, false);
        let is_done = if self.list.is_sorting() {
            "sorting"
        } else {
            "sorted"
        };
        self.tell(format!("{is_done} by {}", next.name()));
    }

    fn mark(&mut self) {
        let Some(id) = self.list.selected().map(|entry| entry.row.id) else {
            return;
        };
        self.list.mark(id);
        if self.screen == Screen::List {
            self.list.move_by(1);
        }
    }
}
