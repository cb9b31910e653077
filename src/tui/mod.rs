//! The screens: a session → what a person sees and asks for.
//!
//! ```text
//!   SharedSession ──news──→ App ──view::draw──→ terminal
//!        keys ──keys::action──→ App::update ──effects──→ the loop here
//! ```
//!
//! [`App`] is all of the state and knows no terminal; [`view`] draws it; the loop in this
//! module carries keys, news and effects between them and the world. Capturing and reading go on on
//! a thread of their own, and nothing is locked while drawing.

pub mod app;
pub mod copy;
pub mod doc;
pub mod filtering;
pub mod jobs;
pub mod keys;
pub mod list;
pub mod mouse;
pub mod outside;
pub mod panes;
pub mod picker;
pub mod save;
pub mod screen;
pub mod terminal;
pub mod texts;
pub mod theme;
pub mod view;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use crossterm::clipboard::CopyToClipboard;
use crossterm::event::{self, Event};
use crossterm::execute;
use crossterm::style::force_color_output;

use crate::session::SharedSession;
use crate::tui::app::{App, Effect};
use crate::tui::jobs::{Done, Jobs};
use crate::tui::outside::Outside;
use crate::tui::terminal::Tty;

pub use theme::Theme;

/// How long a key is waited for before news are looked at again: thirty pictures a second.
const TICK: Duration = Duration::from_millis(33);
/// Events taken before the next picture, so that a flood of them cannot hold it up.
const EVENTS: usize = 64;

/// How it looks.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The colours.
    pub theme: Theme,
    /// Only ASCII.
    pub ascii: bool,
    /// Whether the mouse is used.
    pub mouse: bool,
    /// Whom to ask about what lies outside.
    pub outside: Option<Outside>,
}

/// How the screens were left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Left {
    /// By a key.
    Quit,
    /// By a signal.
    Signal(i32),
    /// To capture on an interface.
    Capture(String),
}

/// Shows a session until its user has seen enough.
///
/// # Errors
/// Where the terminal cannot be used, or is gone.
pub fn show(shared: &Arc<SharedSession>, options: Options) -> io::Result<Left> {
    let mut app = App::new(
        shared.name.clone(),
        shared.kind,
        options.theme,
        options.ascii,
    );
    app.source.fleeting = shared.fleeting;
    let mut jobs = Jobs::new(Arc::clone(shared), options.outside);
    let mut tty = Tty::take(options.mouse)?;
    let (mut changed, mut busy) = (true, false);
    loop {
        if let Some(news) = shared.take() {
            app.on_news(news);
            changed = true;
        }
        for done in jobs.done() {
            on_done(&mut app, done);
            changed = true;
        }
        // What the last piece of work came to is drawn too.
        changed |= busy;
        busy = app.go_on();
        if changed || busy {
            // Whether there are colours is the theme's matter: left to itself, the library would replace
            // each colour by a reset where NO_COLOR is set, and take reverse video away with it.
            force_color_output(app.theme != Theme::Mono);
            tty.screen.draw(|frame| view::draw(&mut app, frame))?;
            changed = false;
        }
        let mut wait = if busy { Duration::ZERO } else { TICK };
        for _ in 0..EVENTS {
            if !event::poll(wait)? {
                break;
            }
            wait = Duration::ZERO;
            changed = true;
            let screen = app.screen;
            match event::read()? {
                Event::Key(key) => app.on_key(key),
                Event::Mouse(mouse) => app.on_mouse(mouse),
                Event::Paste(text) => app.on_paste(&text),
                Event::Resize(..) | Event::FocusGained | Event::FocusLost => {}
            }
            if app.screen != screen {
                // The next key may move in a text that is made when it is drawn.
                break;
            }
        }
        if let Some(signal) = tty.signal() {
            leave(app);
            return Ok(Left::Signal(signal));
        }
        for effect in app.take_effects() {
            match effect {
                Effect::Quit => {
                    leave(app);
                    return Ok(Left::Quit);
                }
                Effect::Suspend => {
                    #[cfg(unix)]
                    tty.suspend()?;
                }
                Effect::Capture(interface) => {
                    leave(app);
                    return Ok(Left::Capture(interface));
                }
                Effect::Ask(question) => jobs.ask(question),
                Effect::Advise => shared.ask_for_advice(),
                Effect::Copy(text) => {
                    execute!(io::stdout(), CopyToClipboard::to_clipboard_from(text))?;
                }
                Effect::Save(order) => jobs.save(order),
                Effect::Packets(transaction, all) => jobs.packets(&transaction, all),
                Effect::Reread(row) => jobs.again(row),
                Effect::Refilter(order) => jobs.refilter(order),
            }
        }
    }
}

/// Leaves the memory of a session to the system, which takes no time: freeing a million rows does.
fn leave(app: App) {
    std::mem::forget(app);
}

/// Hands the result of a job to the screens.
pub fn on_done(app: &mut App, done: Done) {
    match done {
        Done::Packets(id, all, read) => app.packets.take(id, all, read),
        Done::Again(id, transaction) => app.on_again(id, transaction),
        Done::Refiltered(found) => app.on_refiltered(&found),
        Done::Answer(answer) => app.on_answer(answer),
        Done::Saved(order, result) => app.on_saved(*order, result),
    }
}
