//! What colours and attributes mean.
//!
//! Everything on a screen has a [`Role`]; only a theme knows how a role looks. Colours never carry a
//! meaning alone: a glyph or a word stands beside each. The default theme uses the terminal's own
//! sixteen colours, so that its user's palette rules; the theme `mono` sets no colour at all, not
//! even the default one, because a colour reset would take reverse video away from a selection.

use ratatui::style::{Color, Modifier, Style};

/// What something on the screen is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Text.
    Plain,
    /// A heading.
    Title,
    /// What names a value.
    Label,
    /// Of a verdict or a check: passed.
    Pass,
    /// Failed.
    Fail,
    /// Passed, but would fail with credentials.
    Condition,
    /// Not decided.
    Unknown,
    /// Not within the CORS protocol.
    NotCors,
    /// A line to copy into a server's configuration.
    Fix,
    /// A key to press.
    Key,
    /// Lines and borders.
    Border,
    /// Something of lesser interest.
    Minor,
    /// What was searched for.
    Found,
    /// The status bar.
    Bar,
    /// One of several that are told apart, by its place among them; their names stand beside.
    Of(usize),
}

/// Yellow of Okabe and Ito's palette.
const YELLOW: Color = Color::Rgb(0xf0, 0xe4, 0x42);

/// A set of colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// The terminal's sixteen colours.
    #[default]
    Default,
    /// For light backgrounds.
    Light,
    /// For colour-blind eyes (Okabe and Ito's palette).
    Cvd,
    /// No colour at all.
    Mono,
}

impl Theme {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Default, Self::Light, Self::Cvd, Self::Mono];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Light => "light",
            Self::Cvd => "cvd",
            Self::Mono => "mono",
        }
    }

    /// The theme of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.name() == name)
    }

    /// How something of this role looks.
    #[must_use]
    pub fn style(self, role: Role) -> Style {
        let style = Style::new().add_modifier(Self::modifier(role));
        match (self, self.colour(role)) {
            // That yellow cannot be read on a light background.
            (Self::Cvd, Some(YELLOW)) => style.fg(YELLOW).bg(Color::Black),
            (_, Some(colour)) => style.fg(colour),
            (_, None) => style,
        }
    }

    /// How what is selected looks: on top of its role's style.
    #[must_use]
    pub const fn selected() -> Style {
        Style::new()
            .add_modifier(Modifier::REVERSED)
            .add_modifier(Modifier::BOLD)
    }

    const fn modifier(role: Role) -> Modifier {
        match role {
            Role::Title | Role::Fail | Role::Key => Modifier::BOLD,
            Role::Found => Modifier::UNDERLINED,
            Role::Bar => Modifier::REVERSED,
            _ => Modifier::empty(),
        }
    }

    fn colour(self, role: Role) -> Option<Color> {
        match self {
            Self::Mono => None,
            Self::Default => match role {
                Role::Pass | Role::Fix => Some(Color::Green),
                Role::Fail => Some(Color::LightRed),
                Role::Condition | Role::Found => Some(Color::Yellow),
                Role::Unknown => Some(Color::LightMagenta),
                Role::NotCors | Role::Label => Some(Color::Cyan),
                Role::Key => Some(Color::LightCyan),
                Role::Of(place) => one_of(
                    &[
                        Color::Cyan,
                        Color::Yellow,
                        Color::LightMagenta,
                        Color::Green,
                        Color::LightBlue,
                    ],
                    place,
                ),
                Role::Plain | Role::Title | Role::Border | Role::Minor | Role::Bar => None,
            },
            Self::Light => match role {
                Role::Pass | Role::Fix => Some(Color::Green),
                Role::Fail => Some(Color::Red),
                Role::Condition | Role::Found | Role::Unknown => Some(Color::Magenta),
                Role::NotCors | Role::Label | Role::Key => Some(Color::Blue),
                Role::Of(place) => one_of(
                    &[Color::Blue, Color::Magenta, Color::Green, Color::Red],
                    place,
                ),
                Role::Plain | Role::Title | Role::Border | Role::Minor | Role::Bar => None,
            },
            Self::Cvd => match role {
                Role::Pass | Role::Fix => Some(Color::Rgb(0x00, 0x72, 0xb2)),
                Role::Fail => Some(Color::Rgb(0xd5, 0x5e, 0x00)),
                Role::Condition | Role::Found => Some(Color::Rgb(0xe6, 0x9f, 0x00)),
                Role::Unknown => Some(YELLOW),
                Role::NotCors | Role::Label | Role::Key => Some(Color::Rgb(0x56, 0xb4, 0xe9)),
                Role::Of(place) => one_of(
                    &[
                        Color::Rgb(0x56, 0xb4, 0xe9),
                        Color::Rgb(0xe6, 0x9f, 0x00),
                        Color::Rgb(0xcc, 0x79, 0xa7),
                        Color::Rgb(0x00, 0x9e, 0x73),
                        YELLOW,
                    ],
                    place,
                ),
                Role::Plain | Role::Title | Role::Border | Role::Minor | Role::Bar => None,
            },
        }
    }
}

fn one_of(colours: &[Color], place: usize) -> Option<Color> {
    colours.iter().copied().cycle().nth(place % colours.len())
}
