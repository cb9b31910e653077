//! The terminal: raw mode and the alternate screen, given back on every way out.
//!
//! A release build aborts on a panic, so that nothing is dropped: a panic hook restores the terminal
//! before the message is printed. Signals set a flag that the event loop looks at.

use std::io::{self, BufWriter, IsTerminal as _, Stdout, Write as _};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

/// Whether the terminal is in our hands.
static TAKEN: AtomicBool = AtomicBool::new(false);
static HOOK: Once = Once::new();

/// Whether standard output is a terminal that can be drawn on: `dumb` ones cannot move their cursor.
#[must_use]
pub fn is_usable() -> bool {
    io::stdout().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// The terminal to draw on.
pub type Screen = Terminal<CrosstermBackend<BufWriter<Stdout>>>;

/// The terminal while it is ours; dropping it gives it back.
pub struct Tty {
    /// To draw on.
    pub screen: Screen,
    mouse: bool,
    signals: Signals,
}

impl Tty {
    /// Takes the terminal, with the mouse if it is wanted.
    pub fn take(mouse: bool) -> io::Result<Self> {
        HOOK.call_once(|| {
            let before = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                give_back();
                before(panic);
            }));
        });
        let signals = Signals::new()?;
        enter(mouse)?;
        let screen = Terminal::new(CrosstermBackend::new(BufWriter::new(io::stdout())));
        Ok(Self {
            screen: screen.inspect_err(|_| give_back())?,
            mouse,
            signals,
        })
    }

    /// The signal that told the program to end, if one did.
    #[must_use]
    pub fn signal(&self) -> Option<i32> {
        self.signals.received()
    }

    /// Gives the terminal to the shell until the program is continued.
    #[cfg(unix)]
    pub fn suspend(&mut self) -> io::Result<()> {
        give_back();
        signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)?;
        enter(self.mouse)?;
        self.screen.clear()
    }
}

impl Drop for Tty {
    fn drop(&mut self) {
        give_back();
    }
}

fn enter(mouse: bool) -> io::Result<()> {
    TAKEN.store(true, Ordering::SeqCst);
    let entered = enable_raw_mode().and_then(|()| {
        execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste)?;
        if mouse {
            execute!(io::stdout(), EnableMouseCapture)?;
        }
        Ok(())
    });
    entered.inspect_err(|_| give_back())
}

/// Gives the terminal back as it was, if it is in our hands.
fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    // A terminal that is gone cannot be restored, and there is nowhere to say so.
    let _ = execute!(
        io::stdout(),
        DisableMouseCapture,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        cursor::Show
    );
    let _ = disable_raw_mode();
    let _ = io::stdout().flush();
}

/// Gives the terminal back and ends the program when it is told that the terminal is gone.
#[cfg(unix)]
fn end_on_hangup() -> io::Result<()> {
    let mut signals = signal_hook::iterator::Signals::new([signal_hook::consts::SIGHUP])?;
    std::thread::spawn(move || {
        for signal in signals.forever() {
            give_back();
            // It does not return.
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    });
    Ok(())
}

/// The signals that end the program at the next turn of the event loop.
///
/// SIGHUP is not among them: where the terminal is gone, reading its keys finds its end again and again
/// without ever returning to that loop. A thread of its own waits for that signal and ends the program.
struct Signals {
    received: std::sync::Arc<AtomicUsize>,
}

impl Signals {
    fn new() -> io::Result<Self> {
        let received = std::sync::Arc::new(AtomicUsize::new(0));
        #[cfg(unix)]
        {
            use signal_hook::consts::{SIGINT, SIGQUIT, SIGTERM};
            for signal in [SIGTERM, SIGINT, SIGQUIT] {
                let number = usize::try_from(signal).unwrap_or_default();
                let received = std::sync::Arc::clone(&received);
                signal_hook::flag::register_usize(signal, received, number)?;
            }
        }
        #[cfg(unix)]
        end_on_hangup()?;
        Ok(Self { received })
    }

    fn received(&self) -> Option<i32> {
        let number = self.received.load(Ordering::SeqCst);
        i32::try_from(number).ok().filter(|number| *number != 0)
    }
}
