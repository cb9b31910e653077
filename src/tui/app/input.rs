//! Keys, pasted text and the mouse: who takes them, and what they ask for.

use crossterm::event::{
    KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};

use crate::tui::app::{App, Effect, Overlay};
use crate::tui::copy::CopyKind;
use crate::tui::keys::{self, Action};
use crate::tui::mouse::Hit;
use crate::tui::save::{SaveBox, SaveOrder};
use crate::tui::screen::Screen;

impl App {
    /// Takes a key.
    pub fn on_key(&mut self, key: KeyEvent) {
        if key.kind == KeyEventKind::Release {
            return;
        }
        if key.modifiers.contains(KeyModifiers::ALT) {
            // Esc and a key that follow each other quickly look like this on a terminal.
            self.on_key(KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE));
            let modifiers = key.modifiers.difference(KeyModifiers::ALT);
            self.on_key(KeyEvent::new(key.code, modifiers));
            return;
        }
        self.message = None;
        self.seeking = None;
        if is_control(key, 'c') && !matches!(self.overlay, Overlay::Prompt(_)) {
            self.update(Action::QuitNow);
            return;
        }
        match std::mem::take(&mut self.overlay) {
            Overlay::None => {
                if let Some(action) = keys::action(self.screen, key) {
                    self.update(action);
                }
            }
            Overlay::Help { first, page } => {
                let first = match key.code {
                    KeyCode::Up => first.saturating_sub(1),
                    KeyCode::Down => first + 1,
                    KeyCode::PageUp => first.saturating_sub(page),
                    KeyCode::PageDown => first + page,
                    // Any other key closes it.
                    _ => return,
                };
                self.overlay = Overlay::Help { first, page };
            }
            Overlay::Prompt(prompt) => self.on_prompt_key(prompt, key),
            Overlay::Copy => self.on_copy_key(key),
            Overlay::Save(form) => self.on_save_key(form, key),
            Overlay::Outside(panel) => self.on_panel_key(panel, key),
        }
    }

    /// Takes pasted text.
    pub fn on_paste(&mut self, text: &str) {
        let line = text.lines().next().unwrap_or_default();
        for c in line.chars().filter(|c| !c.is_control()) {
            let key = KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE);
            match &self.overlay {
                Overlay::Prompt(_) | Overlay::Save(_) => self.on_key(key),
                _ => {}
            }
        }
    }

    fn on_copy_key(&mut self, key: KeyEvent) {
        let kind = CopyKind::ALL
            .into_iter()
            .find(|kind| key.code == KeyCode::Char(kind.key()));
        let Some(kind) = kind else { return };
        match kind.text(self) {
            Ok(text) => {
                let lines = text.lines().count();
                let hidden = kind == CopyKind::Curl && !self.secrets && text.contains('•');
                let note = if hidden {
                    ", secrets hidden (x shows them)"
                } else {
                    ""
                };
                self.effects.push(Effect::Copy(text));
                self.tell(format!("copied: {} ({lines} lines{note})", kind.name()));
            }
            Err(why) => self.tell_error(format!("nothing to copy: {why}")),
        }
    }

    fn on_save_key(&mut self, mut form: Box<SaveBox>, key: KeyEvent) {
        if key.code == KeyCode::Esc {
            return;
        }
        if form.on_key(key) {
            match form.order(self) {
                Ok(order) => {
                    if order.rereads() {
                        self.tell("saving: older transactions are read again…");
                    }
                    self.effects.push(Effect::Save(Box::new(order)));
                }
                Err(why) => {
                    self.tell_error(why);
                    self.overlay = Overlay::Save(form);
                }
            }
            return;
        }
        self.overlay = Overlay::Save(form);
    }

    /// A file was written, or was not; where it exists already, asks whether to replace it.
    pub fn on_saved(&mut self, order: SaveOrder, result: Result<String, String>) {
        match result {
            Ok(text) => {
                self.source.saved = self.list.entries().len();
                self.tell(text);
            }
            Err(_) if order.exists() => {
                self.overlay = Overlay::Save(Box::new(order.form.asking()));
            }
            Err(why) => self.tell_error(why),
        }
    }

    /// Takes a click or a turn of the wheel.
    pub fn on_mouse(&mut self, mouse: MouseEvent) {
        const WHEEL: isize = 3;
        match mouse.kind {
            MouseEventKind::ScrollUp => self.wheel(mouse, -WHEEL),
            MouseEventKind::ScrollDown => self.wheel(mouse, WHEEL),
            MouseEventKind::Down(MouseButton::Left) => {
                self.message = None;
                if matches!(self.overlay, Overlay::Help { .. } | Overlay::Copy) {
                    self.overlay = Overlay::None;
                    return;
                }
                if !matches!(self.overlay, Overlay::None) {
                    return;
                }
                match self.hits.at(mouse.column, mouse.row) {
                    Some(Hit::Row(place)) if place == self.list.cursor() => self.open(),
                    Some(Hit::Row(place)) => {
                        self.list.move_to(place);
                        self.list.follow = false;
                    }
                    Some(Hit::Column(column)) => {
                        let (sorted, reversed) = self.list.sorted_by();
                        self.list.sort_by(column, column == sorted && !reversed);
                    }
                    Some(Hit::Packet(place)) => {
                        self.activate(0);
                        self.packets.select(place);
                    }
                    Some(Hit::Byte(byte)) => {
                        self.activate(1);
                        self.packets.go_to_byte(byte);
                    }
                    Some(Hit::Rung(place)) => {
                        self.activate(0);
                        if self.texts_mut().choose(place) {
                            self.open();
                        }
                    }
                    Some(Hit::Pane(pane)) => self.activate(pane),
                    Some(Hit::Key(action)) => self.update(action),
                    None => {}
                }
            }
            _ => {}
        }
    }

    /// Turns the wheel: it moves the pane under it.
    fn wheel(&mut self, mouse: MouseEvent, by: isize) {
        match (&mut self.overlay, self.screen) {
            (Overlay::Outside(_), _) => {
                let code = if by < 0 { KeyCode::Up } else { KeyCode::Down };
                self.on_key(KeyEvent::new(code, KeyModifiers::NONE));
            }
            (Overlay::Help { first, .. }, _) => *first = first.saturating_add_signed(by),
            (Overlay::None, Screen::List) => {
                self.list.scroll_by(by);
                self.list.follow = false;
            }
            (Overlay::None, _) => {
                match self.hits.at(mouse.column, mouse.row) {
                    Some(Hit::Pane(pane)) => self.activate(pane),
                    Some(Hit::Packet(_) | Hit::Rung(_)) => self.activate(0),
                    Some(Hit::Byte(_)) => self.activate(1),
                    _ => {}
                }
                self.move_by(by);
            }
            _ => {}
        }
    }

    /// Lets keys move a pane.
    fn activate(&mut self, pane: usize) {
        if self.screen == Screen::Packets {
            self.packets.in_bytes = pane > 0;
        } else {
            self.texts_mut().activate(pane);
        }
    }
}

pub(super) fn is_control(key: KeyEvent, letter: char) -> bool {
    key.code == KeyCode::Char(letter) && key.modifiers.contains(KeyModifiers::CONTROL)
}
