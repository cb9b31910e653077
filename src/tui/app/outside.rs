//! Where else to capture, and what stands in the way of it: asked for by keys, answered from outside.

use crossterm::event::{KeyCode, KeyEvent};

use crate::tui::app::{App, Effect, Overlay};
use crate::tui::outside::{Answer, Panel, Question};
use crate::tui::picker::{Picked, Picker};

impl App {
    /// Asks, and shows a box that waits for the answer.
    pub(super) fn ask(&mut self, question: Question) {
        self.overlay = Overlay::Outside(Box::new(Panel::Waiting(question)));
        self.effects.push(Effect::Ask(question));
    }

    /// Shows an answer, if it is still waited for.
    pub fn on_answer(&mut self, answer: Answer) {
        let Overlay::Outside(panel) = &mut self.overlay else {
            return;
        };
        let Panel::Waiting(question) = **panel else {
            return;
        };
        match (question, answer) {
            (Question::Interfaces, Answer::Interfaces(Ok(choices))) => {
                **panel = Panel::Interfaces(Picker::new(choices), false);
            }
            (Question::Doctor, Answer::Doctor(Ok(text))) => {
                **panel = Panel::Doctor {
                    text,
                    first: 0,
                    page: 1,
                };
            }
            (Question::Interfaces, Answer::Interfaces(Err(why)))
            | (Question::Doctor, Answer::Doctor(Err(why))) => {
                self.overlay = Overlay::None;
                self.tell_error(why);
            }
            // The answer to an earlier question.
            _ => {}
        }
    }

    /// Takes a key while such a box is open.
    pub(super) fn on_panel_key(&mut self, mut panel: Box<Panel>, key: KeyEvent) {
        match &mut *panel {
            Panel::Waiting(_) if matches!(key.code, KeyCode::Esc | KeyCode::Char('q')) => return,
            Panel::Waiting(_) => {}
            Panel::Doctor { first, page, .. } => match key.code {
                KeyCode::Up | KeyCode::Char('k') => *first = first.saturating_sub(1),
                KeyCode::Down | KeyCode::Char('j') => *first += 1,
                KeyCode::PageUp => *first = first.saturating_sub(*page),
                KeyCode::PageDown => *first += *page,
                // Any other key closes it.
                _ => return,
            },
            Panel::Interfaces(picker, was_asked) => match picker.on_key(key) {
                None => *was_asked = false,
                Some(Picked::None | Picked::Signal(_)) => return,
                Some(Picked::Choice(place)) => {
                    let Some(choice) = picker.choice(place) else {
                        return;
                    };
                    if let Some(why) = choice.refused {
                        let text = format!("{}: {why} (D says more)", choice.name);
                        self.tell_error(text);
                    } else if self.would_lose_something() && !*was_asked {
                        *was_asked = true;
                        self.tell("this capture is not saved: Enter again leaves it");
                    } else {
                        self.effects.push(Effect::Capture(choice.name.clone()));
                    }
                }
            },
        }
        self.overlay = Overlay::Outside(panel);
    }
}
