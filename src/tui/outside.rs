//! What lies outside of the screens and is asked for by keys: where to capture, and what stands in the way of it.

use crate::tui::picker::{Choice, Picker};

/// Whom to ask. The answers may take seconds: they are waited for beside the screen.
#[derive(Debug, Clone, Copy)]
pub struct Outside {
    /// Where to capture; the error says why that is not known.
    pub interfaces: fn() -> Result<Vec<Choice>, String>,
    /// What stands in the way of capturing, in lines; the error says why that is not known.
    pub doctor: fn() -> Result<String, String>,
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// Where to capture.
    Interfaces,
    /// What stands in the way.
    Doctor,
}

/// What was answered.
#[derive(Debug)]
pub enum Answer {
    /// To where to capture.
    Interfaces(Result<Vec<Choice>, String>),
    /// To what stands in the way.
    Doctor(Result<String, String>),
}

impl Question {
    /// Asks, and waits for the answer.
    #[must_use]
    pub fn ask(self, outside: Option<Outside>) -> Answer {
        let nobody = || "this build does not capture".to_owned();
        match self {
            Self::Interfaces => Answer::Interfaces(
                outside
                    .ok_or_else(nobody)
                    .and_then(|outside| (outside.interfaces)()),
            ),
            Self::Doctor => Answer::Doctor(
                outside
                    .ok_or_else(nobody)
                    .and_then(|outside| (outside.doctor)()),
            ),
        }
    }
}

/// The box that shows an answer.
#[derive(Debug)]
pub enum Panel {
    /// The answer is waited for.
    Waiting(Question),
    /// One of the interfaces is chosen; whether it was asked if the capture that was not saved may go.
    Interfaces(Picker, bool),
    /// What the doctor says: a text, its first line that is shown, and how many are.
    Doctor {
        /// The text.
        text: String,
        /// The first line that is shown.
        first: usize,
        /// How many are shown, as drawn last.
        page: usize,
    },
}
