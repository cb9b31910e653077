//! The screens: driven by keys, compared as text with the files in `tests/screens`.
//!
//! `CORSHARK_WRITE_SCREENS=1 cargo test --test tui` writes these files anew; the difference is then read in
//! review.
#![cfg(feature = "tui")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests, their helpers too"
)]

mod support;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use corshark::analysis::Analysis;
use corshark::capture::store::FrameStore;
use corshark::capture::{FrameSource, Input, SaveFile};
use corshark::cors::browser::Assumptions;
use corshark::http::protocol::Protocol;
use corshark::limits::Limits;
use corshark::run::publish;
use corshark::session::{News, SharedSession, SourceKind, SourceState};
use corshark::tui::app::{App, Effect};
use corshark::tui::jobs::Jobs;
use corshark::tui::keys;
use corshark::tui::list::List;
use corshark::tui::outside::Outside;
use corshark::tui::picker::Choice;
use corshark::tui::screen::Screen;
use corshark::tui::theme::{Role, Theme};
use corshark::tui::{on_done, view};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};
use support::wire::time_of;
use support::{Conversation, PcapForm, Wire, pcap};

/// A machine with two interfaces, of which one may be captured on.
const OUTSIDE: Outside = Outside {
    interfaces: || {
        let choice = |name: &str, about: &str, note: &str, refused| Choice {
            name: name.to_owned(),
            about: about.to_owned(),
            note: note.to_owned(),
            refused,
        };
        Ok(vec![
            choice("lo", "loopback 127.0.0.1", "listening: 3000", None),
            choice("eth0", "10.0.0.2", "", Some("no right to capture")),
        ])
    },
    doctor: || {
        let lines = (1..=40).map(|n| format!("finding {n}"));
        Ok(lines.collect::<Vec<_>>().join("\n"))
    },
};

/// The screens of one capture, with somebody at the keys.
struct Person {
    app: App,
    jobs: Jobs,
    copied: Vec<String>,
    has_quit: bool,
    /// The interface to capture on instead.
    leaves_for: Option<String>,
    /// The longest time for which a key or a piece of work held the screen.
    slowest: Duration,
}

impl Person {
    fn at(file: &str) -> Self {
        let path = Path::new("captures").join(file);
        let (source, store) = Input::File(path).open_stored(&Limits::default()).unwrap();
        Self::reading(file, source, Some(store))
    }

    fn reading(
        name: &str,
        mut source: Box<dyn FrameSource + Send>,
        store: Option<FrameStore>,
    ) -> Self {
        let limits = Limits::default();
        let shared =
            SharedSession::new(name, SourceKind::File).with_store(store, Assumptions::default());
        publish(&mut *source, Analysis::new(&limits), &limits, &shared);
        let mut app = App::new(name.to_owned(), SourceKind::File, Theme::Default, false);
        app.on_news(shared.take().unwrap());
        Self {
            app,
            jobs: Jobs::new(Arc::new(shared), Some(OUTSIDE)),
            copied: Vec::new(),
            has_quit: false,
            leaves_for: None,
            slowest: Duration::ZERO,
        }
    }

    /// Presses keys, given by their names; `"text"` types it.
    fn press(&mut self, keys: &str) -> &mut Self {
        for key in keys.split(' ').filter(|key| !key.is_empty()) {
            if let Some(text) = key.strip_prefix('"') {
                for c in text.trim_end_matches('"').replace('_', " ").chars() {
                    self.key(KeyCode::Char(c), KeyModifiers::NONE);
                }
            } else {
                let (code, modifiers) = key_of(key);
                self.key(code, modifiers);
            }
        }
        self
    }

    fn key(&mut self, code: KeyCode, modifiers: KeyModifiers) {
        let start = Instant::now();
        self.app.on_key(KeyEvent::new(code, modifiers));
        self.slowest = self.slowest.max(start.elapsed());
        self.settle();
    }

    fn click(&mut self, column: u16, row: u16) {
        self.mouse(MouseEventKind::Down(MouseButton::Left), column, row);
    }

    fn mouse(&mut self, kind: MouseEventKind, column: u16, row: u16) {
        let modifiers = KeyModifiers::NONE;
        self.app.on_mouse(MouseEvent {
            kind,
            column,
            row,
            modifiers,
        });
        self.settle();
    }

    /// Does what the event loop does after a key.
    fn settle(&mut self) {
        let mut goes_on = true;
        while goes_on {
            let start = Instant::now();
            goes_on = self.app.go_on();
            self.slowest = self.slowest.max(start.elapsed());
        }
        for effect in self.app.take_effects() {
            match effect {
                Effect::Quit => self.has_quit = true,
                Effect::Copy(text) => self.copied.push(text),
                Effect::Save(order) => self.jobs.save(order),
                Effect::Packets(transaction, all) => self.jobs.packets(&transaction, all),
                Effect::Reread(row) => self.jobs.again(row),
                Effect::Ask(question) => self.jobs.ask(question),
                Effect::Capture(interface) => {
                    self.leaves_for = Some(interface);
                    continue;
                }
                Effect::Refilter(Some(order)) => self.jobs.refilter(Some(order)),
                Effect::Refilter(None) | Effect::Suspend | Effect::Advise => continue,
            }
            if matches!(self.copied.len(), 0) && !self.has_quit {
                let done = loop {
                    match self.jobs.done().next() {
                        Some(done) => break done,
                        None => thread::yield_now(),
                    }
                };
                on_done(&mut self.app, done);
            }
        }
    }

    fn draw(&mut self, width: u16, height: u16) -> Buffer {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        let drawn = terminal.draw(|frame| view::draw(&mut self.app, frame));
        drawn.unwrap();
        terminal.backend().buffer().clone()
    }

    /// Draws twice: what is measured by the first drawing counts in the next.
    fn buffer(&mut self, width: u16, height: u16) -> Buffer {
        self.draw(width, height);
        self.draw(width, height)
    }

    fn text(&mut self, width: u16, height: u16) -> String {
        text_of(&self.buffer(width, height))
    }

    #[track_caller]
    fn sees(&mut self, wanted: &str) -> &mut Self {
        let text = self.text(160, 50);
        assert!(text.contains(wanted), "{wanted:?} is not in\n{text}");
        self
    }

    #[track_caller]
    fn misses(&mut self, unwanted: &str) -> &mut Self {
        let text = self.text(160, 50);
        assert!(!text.contains(unwanted), "{unwanted:?} is in\n{text}");
        self
    }
}

fn key_of(name: &str) -> (KeyCode, KeyModifiers) {
    if let Some(letter) = name.strip_prefix("Ctrl-") {
        return (
            KeyCode::Char(letter.chars().next().unwrap()),
            KeyModifiers::CONTROL,
        );
    }
    let code = match name {
        "Enter" => KeyCode::Enter,
        "Esc" => KeyCode::Esc,
        "Tab" => KeyCode::Tab,
        "Shift-Tab" => KeyCode::BackTab,
        "Space" => KeyCode::Char(' '),
        "Up" => KeyCode::Up,
        "Down" => KeyCode::Down,
        "Left" => KeyCode::Left,
        "Right" => KeyCode::Right,
        "Home" => KeyCode::Home,
        "End" => KeyCode::End,
        "PgUp" => KeyCode::PageUp,
        "PgDn" => KeyCode::PageDown,
        "Backspace" => KeyCode::Backspace,
        "F1" => KeyCode::F(1),
        one => KeyCode::Char(one.chars().next().unwrap()),
    };
    (code, KeyModifiers::NONE)
}

fn lines_of(buffer: &Buffer) -> Vec<String> {
    let width = usize::from(buffer.area.width);
    let rows = buffer.content.chunks(width);
    rows.map(|row| {
        let mut line = String::new();
        let mut skip = 0;
        for cell in row {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            line.push_str(cell.symbol());
            skip = unicode_width::UnicodeWidthStr::width(cell.symbol()).saturating_sub(1);
        }
        line.trim_end().to_owned()
    })
    .collect()
}

fn text_of(buffer: &Buffer) -> String {
    lines_of(buffer).join("\n")
}

/// A letter for each cell's looks, a line for each row that has any.
fn looks_of(buffer: &Buffer) -> String {
    let mut looks = String::new();
    let width = usize::from(buffer.area.width);
    for (row, number) in buffer.content.chunks(width).zip(1..) {
        let letters: String = row
            .iter()
            .map(|cell| {
                if cell.modifier.contains(Modifier::REVERSED) {
                    return 'S';
                }
                match cell.fg {
                    Color::Green => 'g',
                    Color::LightRed => 'r',
                    Color::Yellow => 'y',
                    Color::LightMagenta => 'm',
                    Color::Cyan => 'c',
                    Color::LightCyan => 'k',
                    _ if cell.modifier.contains(Modifier::BOLD) => 'b',
                    _ => '.',
                }
            })
            .collect();
        let letters = letters.trim_end_matches('.');
        if !letters.is_empty() {
            let _ = writeln!(looks, "{number:>2} {letters}");
        }
    }
    looks
}

/// Compares a screen with the one that was written down.
#[track_caller]
fn same_as_written(name: &str, buffer: &Buffer) {
    let mut picture = text_of(buffer);
    if buffer.area.width == 80 {
        let _ = write!(picture, "\n\n== looks ==\n{}", looks_of(buffer));
    }
    picture.push('\n');
    let size = format!("{}x{}", buffer.area.width, buffer.area.height);
    let path = PathBuf::from(format!("tests/screens/{name}-{size}.txt"));
    if std::env::var_os("CORSHARK_WRITE_SCREENS").is_some() {
        fs::write(&path, picture).unwrap();
        return;
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == picture,
        "{} differs; CORSHARK_WRITE_SCREENS=1 writes it anew\n--- written\n{written}\n--- drawn\n{picture}",
        path.display()
    );
}

const SIZES: [(u16, u16); 3] = [(160, 50), (80, 24), (60, 15)];

#[test]
fn every_screen_looks_as_written() {
    for (name, capture, keys) in [
        ("list", "redirect-null-origin.pcap", "Down"),
        (
            "list-filtered",
            "redirect-null-origin.pcap",
            "f \"verdict:fail\" Enter",
        ),
        (
            "list-bad-filter",
            "redirect-null-origin.pcap",
            "f \"verdict:fial\"",
        ),
        (
            "list-completion",
            "redirect-null-origin.pcap",
            "f \"verdict:\" Tab",
        ),
        ("detail", "article-failing.pcap", "Enter"),
        ("detail-passing", "article-working.pcap", "Enter"),
        ("ladder", "article-failing.pcap", "3"),
        (
            "ladder-marked",
            "redirect-null-origin.pcap",
            "Space Space Space Space 3",
        ),
        ("packets", "article-failing.pcap", "4"),
        ("packets-bytes", "article-failing.pcap", "4 Tab Down Down"),
        ("summary", "credentials-wildcard.pcap", "5"),
        ("cost", "max-age-cache.pcap", "6"),
        ("policy", "max-age-cache.pcap", "7"),
        ("compare", "redirect-null-origin.pcap", "Space Space ="),
        ("help", "article-failing.pcap", "?"),
        ("help-detail", "article-failing.pcap", "2 ?"),
        ("copy", "article-failing.pcap", "y"),
        ("save", "article-failing.pcap", "w"),
        ("interfaces", "article-failing.pcap", "i Down"),
        ("doctor", "article-failing.pcap", "D"),
    ] {
        for (width, height) in SIZES {
            let mut person = Person::at(capture);
            // Measured once: paging depends on the size.
            person.buffer(width, height);
            person.press(keys);
            same_as_written(name, &person.buffer(width, height));
        }
    }
}

#[test]
fn the_readme_shows_real_screens() {
    let readme = fs::read_to_string("README.md").unwrap();
    let blocks = readme.split("```text\n").skip(1);
    let blocks = blocks.filter_map(|block| block.split("\n```").next());
    let shown: Vec<&str> = blocks
        .filter(|block| block.starts_with(" corshark "))
        .collect();
    assert!(shown.len() > 1);
    for block in shown {
        let is_written = fs::read_dir("tests/screens").unwrap().any(|file| {
            let written = fs::read_to_string(file.unwrap().path()).unwrap();
            let picture = written.split("\n\n== looks ==").next().unwrap();
            picture.trim_end() == block
        });
        assert!(is_written, "no such screen:\n{block}");
    }
}

#[test]
fn a_screen_that_is_too_small_says_so() {
    for (width, height) in [(39, 10), (40, 9), (20, 3), (1, 1)] {
        let text = Person::at("article-failing.pcap").text(width, height);
        assert!(
            "terminal too small (need 40x10)".starts_with(text.trim().trim_end_matches('…')),
            "{text}"
        );
    }
    let text = Person::at("article-failing.pcap").text(40, 10);
    assert!(text.contains("✗ GET"), "{text}");
}

#[test]
fn colours_say_what_the_words_say() {
    let mut person = Person::at("redirect-null-origin.pcap");
    person.press("End Down Up Up");
    let buffer = person.buffer(160, 50);
    let lines = lines_of(&buffer);
    let colour_of = |word: &str, selected: bool| {
        let found = lines.iter().enumerate().find_map(|(y, line)| {
            let is_row = line.contains("→ ") && line.contains("files/");
            let at = line
                .char_indices()
                .position(|(at, _)| line[at..].starts_with(word))?;
            let cell = buffer.cell((u16::try_from(at).unwrap(), u16::try_from(y).unwrap()))?;
            let is_selected = cell.modifier.contains(Modifier::REVERSED);
            (is_row && is_selected == selected).then_some(cell.fg)
        });
        found.unwrap_or_else(|| panic!("no row with {word}"))
    };
    assert_eq!(colour_of("✓ pass", false), Color::Green);
    assert_eq!(colour_of("✗ FAIL", true), Color::LightRed);
}

#[test]
fn the_yellow_of_the_colour_blind_set_has_a_dark_ground() {
    for role in [Role::Unknown, Role::Of(4)] {
        let style = Theme::Cvd.style(role);
        assert_eq!(style.bg, Some(Color::Black), "{role:?}");
    }
    for role in [Role::Pass, Role::Fail, Role::Condition, Role::Plain] {
        assert_eq!(Theme::Cvd.style(role).bg, None, "{role:?}");
    }
}

#[test]
fn the_theme_without_colour_sets_none_and_shows_the_selection() {
    for (width, height) in SIZES {
        for screen in Screen::ALL {
            let mut person = Person::at("redirect-null-origin.pcap");
            person.app.theme = Theme::Mono;
            person.press("Space Space");
            let number = Screen::ALL.iter().position(|s| *s == screen).unwrap() + 1;
            person.press(&number.to_string());
            let buffer = person.buffer(width, height);
            for cell in &buffer.content {
                assert_eq!(
                    (cell.fg, cell.bg),
                    (Color::Reset, Color::Reset),
                    "{screen:?}"
                );
            }
        }
    }
    let mut person = Person::at("redirect-null-origin.pcap");
    person.app.theme = Theme::Mono;
    person.press("Down");
    let buffer = person.buffer(80, 24);
    let selected = |y| {
        buffer
            .cell((10, y))
            .unwrap()
            .modifier
            .contains(Modifier::REVERSED)
    };
    assert_eq!(
        [selected(2), selected(3), selected(4)],
        [false, true, false]
    );
}

#[test]
fn ascii_means_ascii() {
    for screen in Screen::ALL {
        let mut person = Person::at("redirect-null-origin.pcap");
        person.app.ascii = true;
        person.press("Space Space");
        let number = Screen::ALL.iter().position(|s| *s == screen).unwrap() + 1;
        person.press(&number.to_string());
        let text = person.text(100, 30);
        assert!(text.is_ascii(), "{text}");
    }
}

#[test]
fn every_key_of_the_help_does_something_and_none_breaks_anything() {
    for screen in Screen::ALL {
        for binding in keys::of_screen(screen) {
            for key in binding.keys.split_whitespace() {
                let mut person = Person::at("redirect-null-origin.pcap");
                let number = Screen::ALL.iter().position(|s| *s == screen).unwrap() + 1;
                person.press(&format!("Space Space {number}"));
                let (code, modifiers) = key_of(key);
                let event = KeyEvent::new(code, modifiers);
                assert_eq!(keys::action(screen, event), Some(binding.action), "{key}");
                person.press(key);
                person.draw(80, 24);
            }
        }
    }
}

#[test]
fn the_verdict_is_read_and_every_level_is_left_again() {
    let mut person = Person::at("article-failing.pcap");
    person
        .sees("✗ FAIL")
        .sees("header x-requested-with not allowed")
        .sees("FIX      Access-Control-Allow-Headers: x-requested-with")
        .press("Enter")
        .sees("CHECKS, in the browser's order")
        .press("Enter")
        .sees("never sent: the browser stopped here")
        .press("Enter")
        .sees("frame 4: 518 bytes of payload")
        .press("Esc")
        .sees("never sent")
        .press("q q")
        .sees("WHY ");
    assert!(!person.has_quit);
    person.press("q");
    assert!(person.has_quit);
}

#[test]
fn a_filter_counts_keeps_and_is_taken_away() {
    let mut person = Person::at("redirect-null-origin.pcap");
    person
        .press("f \"verdict:fail\"")
        .sees("1 of 4 shown")
        .press("Enter")
        .sees("filter: verdict:fail")
        .sees("AllowOriginMismatch")
        .misses("#1 ")
        .press("Esc")
        .misses("filter:");
    // A filter that cannot be read leaves the old result, and is not taken.
    person
        .press("f \"verdict:pass\" Enter f \"_verdict:fial\" Enter")
        .sees("^^^^ \"fial\" is no verdict; did you mean fail?")
        .sees("3 of 4 shown")
        .press("Esc")
        .sees("filter: verdict:pass");
    person
        .press("Esc f \"/nothing-like-this/\" Enter")
        .sees("No transaction matches the filter")
        .sees("Esc takes the filter away");
}

#[test]
fn the_selected_transaction_stays_selected() {
    let mut person = Person::at("redirect-null-origin.pcap");
    let selected = |person: &Person| person.app.list.selected().unwrap().row.id.0;
    person.press("Down Down");
    assert_eq!(selected(&person), 3);
    person.press("S");
    assert_eq!(selected(&person), 3);
    person.press("s s s");
    assert_eq!(selected(&person), 3);
    person.press("f \"path:open\" Enter");
    assert_eq!(selected(&person), 3);
    person.press("Esc");
    assert_eq!(selected(&person), 3);
    person.buffer(160, 50);
    person.buffer(40, 10);
    assert_eq!(selected(&person), 3);
}

#[test]
fn why_a_capture_ended_early_is_said() {
    let whole = fs::read("captures/redirect-null-origin.pcap").unwrap();
    let cut = std::io::Cursor::new(whole[..3000].to_vec());
    let source = SaveFile::read(Box::new(cut), &Limits::default()).unwrap();
    let mut person = Person::reading("cut.pcap", Box::new(source), None);
    person.sees("the capture ended early: ").press("5");
    person.sees("DAMAGED").sees("✗ it ended early: ");
}

#[test]
fn failures_are_gone_through() {
    let mut person = Person::at("credentials-wildcard.pcap");
    let mut goes_to = |keys: &str| {
        person.press(keys);
        person.app.list.selected().unwrap().row.id.0
    };
    assert_eq!(["]", "]", "]", "[", "["].map(&mut goes_to), [2, 3, 2, 3, 2]);
    person
        .press("f \"verdict:pass\" Enter ]")
        .sees("no failure among these");
}

#[test]
fn text_is_found_on_every_screen() {
    let mut person = Person::at("redirect-null-origin.pcap");
    person.press("/ \"mismatch\" Enter");
    person.sees("not found: mismatch");
    person.press("/ \"only\" Enter");
    assert_eq!(person.app.list.selected().unwrap().row.id.0, 2);
    person.buffer(80, 24);
    person.press("Enter / \"safari\" Enter");
    person.buffer(80, 24);
    let text = person.text(80, 24);
    assert!(text.contains("Safari"), "{text}");
    person
        .press("4 / \"allow-origin\" Enter")
        .misses("not found");
}

#[test]
fn each_thing_is_copied() {
    for (key, part) in [
        (
            "c",
            "curl -i -X OPTIONS http://127.0.0.1:8081/canvas/73/source",
        ),
        ("c", "-H 'Access-Control-Request-Headers: x-requested-with'"),
        ("h", "Access-Control-Allow-Headers: x-requested-with"),
        ("u", "http://127.0.0.1:8081/canvas/73/source"),
        ("m", "has been blocked by CORS policy"),
        ("w", "tcp.stream eq 0"),
        ("l", "✗ GET /canvas/73/source never sent"),
    ] {
        let mut person = Person::at("article-failing.pcap");
        person.press(&format!("y {key}"));
        let copied = person.copied.pop().unwrap();
        assert!(copied.contains(part), "{key}: {copied}");
        assert!(person.text(120, 30).contains("copied: "));
    }
    let mut person = Person::at("article-working.pcap");
    person
        .press("y h")
        .sees("nothing to copy: no header line repairs this");
}

#[test]
fn secrets_are_hidden_until_asked_for() {
    let mut person = Person::at("credentials-wildcard.pcap");
    person.press("/ \"credentials\" Enter");
    let with_cookie = person.app.list.shown().position(|entry| {
        let actual = entry.transaction.as_ref().unwrap().actual.as_ref();
        actual.is_some_and(|half| half.fetch.headers().contains("cookie"))
    });
    person
        .app
        .list
        .move_to(with_cookie.expect("a request with a cookie"));
    let cookie = {
        let transaction = person.app.transaction().unwrap();
        let headers = transaction.actual.as_ref().unwrap().fetch.headers();
        String::from_utf8(headers.get("cookie").unwrap().into_owned()).unwrap()
    };
    let secret = cookie.split_once('=').unwrap().1.to_owned();
    person.press("Enter").sees("••••").misses(&secret);
    person.press("x").sees(&secret);
    person.press("4").sees("Cookie");
    person.press("x").misses(&cookie);
    person.press("y c");
    let copied = person.copied.pop().unwrap();
    assert!(!copied.contains(&secret), "{copied}");
}

#[test]
fn control_characters_are_shown_as_escapes() {
    let conversation = Conversation::new()
        .client("GET /a\u{1b}[2Jb HTTP/1.1\r\nHost: api.test\r\nOrigin: http://page\u{202e}.test\r\nX-A: \u{7}\r\n\r\n")
        .server("HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: \u{1b}]0;x\u{7}\r\nContent-Length: 0\r\n\r\n");
    let records = Wire::default().lay(&conversation.segments());
    let bytes = pcap(&records, PcapForm::COMMON);
    let source = SaveFile::read(Box::new(std::io::Cursor::new(bytes)), &Limits::default()).unwrap();
    let mut person = Person::reading("a\u{1b}b.pcap", Box::new(source), None);
    for keys in ["1", "2", "3", "5", "7", "2 e", "y", "w"] {
        person.press(keys);
        let text = person.text(160, 50);
        let raw = text
            .chars()
            .find(|c| c.is_control() && *c != '\n' || *c == '\u{202e}');
        assert_eq!(raw, None, "{keys}: {text}");
        person.press("Esc 1");
    }
    person.sees("\\u{1b}");
}

#[test]
fn transactions_are_saved_and_nothing_is_overwritten_unasked() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("out.ndjson");
    let name = path.to_str().unwrap();
    let mut person = Person::at("redirect-null-origin.pcap");
    person.press(&format!(
        "f \"verdict:fail\" Enter : \"save_{name}\" Enter Enter"
    ));
    person.sees("1 transaction saved to");
    let first = fs::read_to_string(&path).unwrap();
    assert!(first.contains("AllowOriginMismatch"), "{first}");
    // The same again: asked first, and not done unless the answer is yes.
    person.press(&format!("Esc : \"save_{name}\" Enter Left Enter"));
    person.sees("The file exists. Replace it?").press("n");
    assert_eq!(fs::read_to_string(&path).unwrap(), first);
    person.press("Enter").sees("Replace it?").press("y");
    person.sees("4 transactions saved to");
    let second = fs::read_to_string(&path).unwrap();
    let lines = |text: &str| {
        text.lines()
            .filter(|line| line.contains("\"transaction\""))
            .count()
    };
    assert_eq!((lines(&first), lines(&second)), (1, 4));
    person
        .press(": \"save_/nowhere/at-all.txt\" Enter Enter")
        .sees("/nowhere/at-all.txt: ");
}

#[test]
fn packets_are_saved_as_a_capture_of_their_own() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("out.pcapng");
    let name = path.to_str().unwrap();
    let mut person = Person::at("redirect-null-origin.pcap");
    person.press(&format!(
        "f \"verdict:fail\" Enter : \"save_{name}\" Enter Enter"
    ));
    person.sees("1 transaction saved to");
    let limits = Limits::default();
    let (source, store) = Input::File(path).open_stored(&limits).unwrap();
    let saved = Person::reading("out.pcapng", source, Some(store));
    let verdicts = saved.app.session.verdicts;
    assert_eq!(verdicts.fail, 1, "{verdicts:?}");
}

#[test]
fn the_mouse_selects_opens_sorts_and_scrolls() {
    let mut person = Person::at("redirect-null-origin.pcap");
    person.buffer(160, 50);
    person.click(20, 4);
    assert_eq!(person.app.list.cursor(), 2);
    person.buffer(160, 50);
    person.click(20, 4);
    assert_eq!(person.app.screen, Screen::Detail);
    let buffer = person.buffer(160, 50);
    let title = &lines_of(&buffer)[0];
    let tab = title.chars().count() - title.chars().skip_while(|c| *c != '5').count();
    person.click(u16::try_from(tab).unwrap(), 0);
    assert_eq!(person.app.screen, Screen::Summary);
    person.mouse(MouseEventKind::ScrollDown, 10, 10);
    person.press("1");
    let buffer = person.buffer(160, 50);
    let head = &lines_of(&buffer)[1];
    let column = head.find("verdict").unwrap();
    person.click(u16::try_from(column).unwrap(), 1);
    assert_eq!(person.app.list.get(0).unwrap().row.id.0, 2);
}

#[test]
fn what_comes_while_frozen_is_counted_and_shown_afterwards() {
    let limits = Limits::default();
    let path = Path::new("captures/redirect-null-origin.pcap");
    let mut source = SaveFile::open(path, &limits).unwrap();
    let shared = SharedSession::new("lo", SourceKind::Live);
    publish(&mut source, Analysis::new(&limits), &limits, &shared);
    let mut app = App::new("lo".to_owned(), SourceKind::Live, Theme::Default, false);
    app.on_key(KeyEvent::new(KeyCode::Char('p'), KeyModifiers::NONE));
    app.on_news(shared.take().unwrap());
    assert_eq!((app.list.len(), app.held_back()), (0, 4));
    app.on_key(KeyEvent::new(KeyCode::Char('p'), KeyModifiers::NONE));
    assert_eq!((app.list.len(), app.held_back()), (4, 0));
    // Live rows are followed.
    assert_eq!(app.list.cursor(), 3);
}

#[cfg(all(feature = "live", unix))]
#[test]
fn another_interface_is_captured_on_in_place_of_what_is_shown() {
    let mut person = Person::at("article-failing.pcap");
    person.press("i").sees("> lo").sees("listening: 3000");
    person.press("Down Enter").sees("eth0: no right to capture");
    assert_eq!(person.leaves_for, None);
    person
        .press("Esc")
        .misses("listening: 3000")
        .press("i Enter");
    assert_eq!(person.leaves_for.as_deref(), Some("lo"));
    // What would be lost is asked for first.
    let mut person = Person::at("article-failing.pcap");
    person.app.source.fleeting = true;
    person.press("i Enter").sees("this capture is not saved");
    assert_eq!(person.leaves_for, None);
    person.press("Enter");
    assert_eq!(person.leaves_for.as_deref(), Some("lo"));
}

#[cfg(all(feature = "live", unix))]
#[test]
fn the_doctor_is_read_to_its_end() {
    let mut person = Person::at("article-failing.pcap");
    person.press("D").buffer(80, 24);
    let first = person.text(80, 24);
    assert!(
        first.contains("finding 1\u{20}") && !first.contains("finding 40"),
        "{first}"
    );
    person.press("PgDn").buffer(80, 24);
    let last = person.press("PgDn").text(80, 24);
    assert!(last.contains("finding 40"), "{last}");
    person.press("Home").misses("finding");
    // The wheel turns it too.
    person.press("D").buffer(80, 24);
    person.mouse(MouseEventKind::ScrollDown, 10, 10);
    let turned = person.text(80, 24);
    assert!(
        !turned.contains("finding 1\u{20}") && turned.contains("finding 2\u{20}"),
        "{turned}"
    );
    person.press("Esc").misses("finding");
    // An answer that nobody waits for any more opens nothing.
    person.press("D Esc").misses("finding");
}

#[test]
fn a_capture_that_would_be_lost_is_left_by_the_second_q() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("out.pcapng");
    let at = |fleeting| {
        let mut person = Person::at("redirect-null-origin.pcap");
        person.app.source.fleeting = fleeting;
        person
    };
    let mut person = at(false);
    person.press("q");
    assert!(person.has_quit);
    let mut person = at(true);
    person.press("q").sees("this capture is not saved");
    // Whoever does something else meanwhile is asked again.
    person.press("Down q");
    assert!(!person.has_quit);
    person.press("q");
    assert!(person.has_quit);
    let mut person = at(true);
    person
        .press(": \"q\" Enter")
        .sees("this capture is not saved");
    person.press("q");
    assert!(person.has_quit);
    for keys in ["Ctrl-c", ": \"q!\" Enter"] {
        let mut person = at(true);
        person.press(keys);
        assert!(person.has_quit, "{keys}");
    }
    let mut person = at(true);
    person.press(&format!(
        ": \"save_{}\" Enter Enter",
        path.to_str().unwrap()
    ));
    person.sees("saved to").press("q");
    assert!(person.has_quit);
}

#[test]
fn the_ladder_shows_the_message_of_its_selected_line_and_leads_to_its_frame() {
    let mut person = Person::at("article-failing.pcap");
    person.press("3").sees("│→ OPTIONS /canvas/73/source");
    person
        .press("Down")
        .sees("│← status 200")
        .misses("│→ OPTIONS");
    person.press("End").sees("│WHY ");
    // Where there is no room for it the ladder alone is there.
    let narrow = person.press("Home").text(120, 30);
    assert!(!narrow.contains("→ OPTIONS"), "{narrow}");
    person.press("t").misses("│→ OPTIONS").press("t");
    person
        .press("Down Enter")
        .sees("frame 6: 195 bytes of payload");
    person.press("Esc / \"never\" Enter").sees("│WHY ");
    // Of several ones the transaction of the line is opened.
    let mut person = Person::at("redirect-null-origin.pcap");
    person
        .press("Space Space Home 3")
        .sees("│→ GET")
        .press("End")
        .sees("│WHY ");
    person.press("Up Enter").sees("frame 13:");
    assert_eq!(person.app.list.selected().unwrap().row.id.0, 2);
    let mut person = Person::at("article-failing.pcap");
    let lines = lines_of(&person.press("3").buffer(160, 50));
    let answer = lines
        .iter()
        .position(|line| line.contains("200 in"))
        .unwrap();
    let answer = u16::try_from(answer).unwrap();
    person.click(40, answer);
    person.sees("│← status 200");
    person.click(40, answer);
    assert_eq!(person.app.screen, Screen::Packets);
}

#[test]
fn the_ladders_message_is_shown_at_every_size_and_made_wider() {
    let mut person = Person::at("article-failing.pcap");
    person.press("3");
    let column = |person: &mut Person, width| {
        let text = person.text(width, 30);
        let line = text.lines().find(|line| line.contains("│→ OPTIONS"));
        line.map(|line| line.chars().position(|c| c == '→').unwrap())
    };
    let wide = column(&mut person, 160).unwrap();
    person.press("9 9");
    assert_eq!(column(&mut person, 160).unwrap(), wide - 8);
    person.press("0 0 0");
    assert_eq!(column(&mut person, 160).unwrap(), wide + 4);
    // Where it is hidden at first it is asked for: beside the ladder, or below it.
    assert_eq!(column(&mut person, 110), None);
    person.press("t");
    assert_eq!(column(&mut person, 160), None);
    assert!(column(&mut person, 110).is_some());
    let narrow = lines_of(&person.buffer(80, 24));
    let below = narrow.iter().position(|line| line.starts_with("→ OPTIONS"));
    assert!(below.is_some_and(|line| line > 10), "{narrow:#?}");
}

#[test]
fn only_the_headers_of_cors_are_shown_on_request() {
    let mut person = Person::at("article-failing.pcap");
    person
        .press("3")
        .sees("│Host")
        .press("s")
        .sees("│Access-Control-Request-Headers")
        .misses("│Host")
        .misses("│User-Agent");
    person.press("e").sees("│User-Agent").sees("│Host");
    person.press("e").sees("│Host").misses("│User-Agent");
}

#[test]
fn a_ladder_is_coloured_by_verdict_host_or_stream() {
    let mut person = Person::at("redirect-null-origin.pcap");
    person.press("Space Space Space Space 3 End");
    let colours = |person: &mut Person| -> Vec<(String, Color)> {
        let buffer = person.buffer(160, 50);
        let lines = lines_of(&buffer).into_iter().zip(0u16..);
        let messages = lines.filter(|(line, _)| line.contains('▶') || line.contains('◀'));
        messages
            .map(|(line, y)| {
                let at = line.chars().position(|c| "▶◀".contains(c)).unwrap();
                let cell = buffer.cell((u16::try_from(at).unwrap(), y)).unwrap();
                (line.split_whitespace().nth(1).unwrap().to_owned(), cell.fg)
            })
            .collect()
    };
    let by_verdict = colours(&mut person);
    assert!(by_verdict.iter().any(|(_, fg)| *fg == Color::Green));
    assert!(by_verdict.iter().any(|(_, fg)| *fg == Color::LightRed));
    person.press("c").sees("coloured by host");
    let by_host = colours(&mut person);
    let hues = |colours: &[(String, Color)]| -> std::collections::HashSet<String> {
        colours.iter().map(|(_, fg)| format!("{fg:?}")).collect()
    };
    assert!(!hues(&by_host).contains("LightRed"));
    // By stream: the colour follows the number that stands beside it.
    person
        .press("c")
        .sees("coloured by stream")
        .sees(" stream ");
    let by_stream = colours(&mut person);
    for (stream, fg) in &by_stream {
        let same = by_stream.iter().filter(|(other, _)| other == stream);
        assert!(
            same.into_iter().all(|(_, other)| other == fg),
            "{by_stream:?}"
        );
    }
    assert!(hues(&by_stream).len() > 1, "{by_stream:?}");
    person.press("c");
    assert_eq!(colours(&mut person), by_verdict);
}

#[test]
fn one_marked_transaction_is_compared_with_the_selected_one() {
    let mut person = Person::at("redirect-null-origin.pcap");
    person
        .press("Space Down 2 =")
        .sees("#1 ")
        .sees("#3 ")
        .sees("≠");
    person.press("Esc [ [ =").sees("One marked is compared");
}

#[test]
fn the_header_line_under_the_cursor_is_named() {
    let mut person = Person::at("article-failing.pcap");
    person
        .press("4")
        .sees("first line: OPTIONS /canvas")
        .press("Enter");
    assert!(person.app.packets.in_bytes);
    person
        .press("/ \"origin:\" Enter")
        .sees("header line: Origin: ");
    let before = person.app.packets.byte();
    person.press("Right l Left");
    assert_eq!(person.app.packets.byte(), before + 1);
    // The whole line is marked, and its byte.
    let buffer = person.buffer(160, 50);
    let underlined = |cell: &&ratatui::buffer::Cell| cell.modifier.contains(Modifier::UNDERLINED);
    let text: String = buffer
        .content
        .iter()
        .filter(underlined)
        .map(ratatui::buffer::Cell::symbol)
        .collect();
    assert!(text.contains("igin"), "{text}");
    person.press("g").sees("headers below HTTP");
    person.press("Tab Left");
    assert_eq!(person.app.screen, Screen::List);
    // On a low screen it stands above the bytes.
    person.press("4 Enter");
    let low = person.text(60, 15);
    assert!(low.contains("OPTIONS /canvas"), "{low}");
    // A click puts the cursor there; secrets stay hidden.
    let mut person = Person::at("credentials-wildcard.pcap");
    person.press("4 / \"cookie:\" Enter");
    person.sees("header line: Set-Cookie: session=••••; Path=/");
    let lines = lines_of(&person.buffer(160, 50));
    let (y, line) = lines
        .iter()
        .enumerate()
        .find(|(_, line)| line.contains("0040  "))
        .unwrap();
    let x = line.get(..line.find("0040  ").unwrap()).unwrap();
    let x = x.chars().count() + 6 + 2 * 3;
    person.click(u16::try_from(x).unwrap(), u16::try_from(y).unwrap());
    assert_eq!(
        (person.app.packets.byte(), person.app.packets.in_bytes),
        (0x42, true)
    );
}

#[test]
fn each_pane_of_the_details_has_its_own_place() {
    let mut person = Person::at("article-failing.pcap");
    let size = (120, 26);
    let first = person.press("2").text(size.0, size.1);
    person.press("Tab Down Down");
    let second = person.text(size.0, size.1);
    // The verdict stays, the preflight moved.
    assert!(
        second.contains("WHY  ") && second.contains("▸PREFLIGHT"),
        "{second}"
    );
    assert!(
        first.contains("→ OPTIONS") && !second.contains("→ OPTIONS"),
        "{second}"
    );
    let third = person
        .press("Shift-Tab Down Down Down Down Down")
        .text(size.0, size.1);
    assert!(
        !third.contains("WHY  ") && !third.contains("→ OPTIONS"),
        "{third}"
    );
    // The wheel moves the pane under it.
    person.mouse(MouseEventKind::ScrollUp, 10, 20);
    let fourth = person.text(size.0, size.1);
    assert!(
        !fourth.contains("WHY  ") && fourth.contains("→ OPTIONS"),
        "{fourth}"
    );
    // One alone has all of the screen, and a search goes to whichever holds the text.
    let alone = person.press("z").text(size.0, size.1);
    assert!(
        !alone.contains("CHECKS") && alone.contains("(missing)"),
        "{alone}"
    );
    person.press("z / \"safari\" Enter").buffer(size.0, size.1);
    let found = person.text(size.0, size.1);
    assert!(found.contains("Safari") && !found.contains("▸"), "{found}");
}

/// A capture of which only rows are kept, and few of them.
fn forgetful(limits: &Limits) -> Person {
    let path = Path::new("captures/redirect-null-origin.pcap");
    let (mut source, store) = Input::File(path.to_owned()).open_stored(limits).unwrap();
    let shared = SharedSession::new("large.pcap", SourceKind::File)
        .with_store(Some(store), Assumptions::default());
    publish(&mut *source, Analysis::new(limits), limits, &shared);
    let mut app = App::new(
        "large.pcap".to_owned(),
        SourceKind::File,
        Theme::Default,
        false,
    );
    app.list = List::new(limits);
    app.on_news(shared.take().unwrap());
    let mut person = Person {
        app,
        jobs: Jobs::new(Arc::new(shared), Some(OUTSIDE)),
        copied: Vec::new(),
        has_quit: false,
        leaves_for: None,
        slowest: Duration::ZERO,
    };
    person.settle();
    person
}

#[test]
fn transactions_that_were_forgotten_are_read_again() {
    let mut person = forgetful(&Limits {
        transaction_bytes: 0,
        ..Limits::default()
    });
    assert!(
        person
            .app
            .list
            .entries()
            .iter()
            .all(|entry| entry.transaction.is_none())
    );
    let mut whole = Person::at("redirect-null-origin.pcap");
    whole.app.source.name = "large.pcap".to_owned();
    for keys in [
        "Down",
        "Enter",
        "e",
        "3",
        "]",
        "4",
        "1",
        "Space Up Space",
        "3",
        "=",
        "1",
    ] {
        assert_eq!(
            person.press(keys).text(160, 50),
            whole.press(keys).text(160, 50),
            "{keys}"
        );
    }
    let filter = "f \"origin:null_localhost\" Enter";
    assert_eq!(
        person.press(filter).text(160, 50),
        whole.press(filter).text(160, 50)
    );
    assert_eq!(person.app.list.len(), 2);
}

#[test]
fn what_a_save_leaves_out_because_of_secrets_is_said() {
    let directory = tempfile::tempdir().unwrap();
    let conversation = Conversation::new()
        .client(
            "GET /a HTTP/1.1\r\nHost: api.test\r\nOrigin: http://p.test\r\n\
             Cookie: id=sesame-sesame-sesame-sesame\r\n\r\n",
        )
        .server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let wire = Wire {
        fragment: Some(64),
        ..Wire::default()
    };
    let records = wire.lay(&conversation.segments());
    let capture = directory.path().join("fragments.pcap");
    fs::write(&capture, pcap(&records, PcapForm::COMMON)).unwrap();
    let input = Input::File(capture);
    let (source, store) = input.open_stored(&Limits::default()).unwrap();
    let mut person = Person::reading("fragments.pcap", source, Some(store));
    let out = directory.path().join("out.pcapng");
    person.press(&format!(": \"save_{}\" Enter Enter", out.display()));
    person
        .sees("1 transaction saved to")
        .sees(" left out, whose secrets cannot be hidden");
    let written = fs::read(&out).unwrap();
    assert!(!written.windows(6).any(|bytes| bytes == b"sesame"));
    // Nothing of the kind is said where nothing is left out.
    let mut person = Person::at("credentials-wildcard.pcap");
    person.press(&format!(": \"save_{}\" Enter Enter y", out.display()));
    person.sees("saved to").misses("left out");
}

#[test]
fn what_was_forgotten_is_saved_all_the_same() {
    let directory = tempfile::tempdir().unwrap();
    for name in ["all.ndjson", "all.html", "all.ladder", "all.pcapng"] {
        let save = |person: &mut Person, name: &str| {
            person.app.source.name = "large.pcap".to_owned();
            let path = directory.path().join(name);
            person.press(&format!(
                ": \"save_{}\" Enter Enter",
                path.to_str().unwrap()
            ));
            person.sees("4 transactions saved to");
            fs::read(path).unwrap()
        };
        let mut forgetful = forgetful(&Limits {
            transaction_bytes: 0,
            ..Limits::default()
        });
        let mut whole = Person::at("redirect-null-origin.pcap");
        let expected = save(&mut whole, name);
        let saved = save(&mut forgetful, &format!("again-{name}"));
        assert!(saved == expected, "{name} differs");
    }
    // What cannot be read again is not left out in silence.
    let mut lost = forgetful(&Limits {
        transaction_bytes: 0,
        ..Limits::default()
    });
    lost.jobs = Jobs::new(Arc::new(SharedSession::new("lo", SourceKind::Live)), None);
    let path = directory.path().join("lost.txt");
    lost.press(&format!(
        ": \"save_{}\" Enter Enter",
        path.to_str().unwrap()
    ));
    lost.sees("this source cannot be read a second time");
    assert!(!path.exists());
}

#[test]
fn the_oldest_rows_are_forgotten_and_that_is_said() {
    let mut person = forgetful(&Limits {
        rows: 2,
        ..Limits::default()
    });
    person.sees("(oldest 2 forgotten)").misses(" 2 ✗ FAIL");
    assert_eq!(person.app.list.len(), 2);
    assert_eq!(person.app.list.selected().unwrap().row.id.0, 3);
}

/// The screen of a live capture that brought this.
fn live_screen(app: &mut App, news: News) -> String {
    app.on_news(news);
    let mut terminal = Terminal::new(TestBackend::new(120, 30)).unwrap();
    terminal.draw(|frame| view::draw(app, frame)).unwrap();
    text_of(terminal.backend().buffer())
}

type Change = fn(&mut News);

#[test]
fn a_silent_capture_says_after_five_seconds_what_that_means() {
    let after = |seconds| News {
        waited: Duration::from_secs(seconds),
        ..News::default()
    };
    let app = || App::new("lo".to_owned(), SourceKind::Live, Theme::Mono, false);
    let early = live_screen(&mut app(), after(4));
    assert!(early.contains("Listening on lo. Reload the failing page."));
    assert!(!early.contains("No packets"), "{early}");
    let table: [(Change, &str); 5] = [
        (|_| (), "No packets"),
        (|news| news.session.stats.frames.frames = 9, "no TCP"),
        (
            |news| {
                news.session.stats.frames.frames = 9;
                news.session.stats.tcp.connections = 1;
                news.session.stats.http.exchanges = 2;
            },
            "2 HTTP exchanges without an Origin header",
        ),
        (
            |news| {
                news.session.stats.frames.frames = 9;
                news.session.stats.tcp.connections = 1;
            },
            "1 TCP connection without HTTP/1",
        ),
        (
            |news| {
                let tls = Protocol::ALL.iter().position(|p| *p == Protocol::Tls);
                news.session.stats.frames.frames = 9;
                news.session.stats.tcp.connections = 1;
                news.session.stats.http.connections[tls.unwrap()] = 1;
            },
            "Only TLS: 1 connection cannot be read",
        ),
    ];
    for (change, expected) in table {
        let mut news = after(5);
        change(&mut news);
        let screen = live_screen(&mut app(), news);
        assert!(screen.contains(expected), "{expected} in {screen}");
    }
}

#[test]
fn what_goes_on_is_said_to_be_live_and_followed() {
    for kind in [SourceKind::Live, SourceKind::Stream] {
        let mut app = App::new("lo".to_owned(), kind, Theme::Mono, false);
        let after = |state| News {
            waited: Duration::from_secs(62),
            state,
            ..News::default()
        };
        let text = live_screen(&mut app, after(SourceState::Reading));
        assert!(text.contains(" LIVE 00:01:02 ▼follow "), "{text}");
        let text = live_screen(&mut app, after(SourceState::Done));
        assert!(text.contains(" ENDED "), "{text}");
    }
    let mut app = App::new("x.pcap".to_owned(), SourceKind::File, Theme::Mono, false);
    let mut news = News::default();
    news.progress.bytes = 43;
    news.progress.total = Some(100);
    let text = live_screen(&mut app, news);
    assert!(text.contains(" FILE 43 %  "), "{text}");
}

#[test]
fn files_that_are_no_parts_of_one_capture_are_named() {
    let directory = tempfile::tempdir().unwrap();
    let conversation = Conversation::new()
        .client("GET /a HTTP/1.1\r\nHost: api.test\r\nOrigin: http://p.test\r\n\r\n")
        .server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let segments = conversation.segments();
    let parts = [("one.pcap", 0), ("two.pcap", 1)].map(|(name, second)| {
        let mut records = Wire::default().lay(&segments);
        // Each takes longer than until the other one begins.
        for (record, seconds) in records.iter_mut().zip(second..) {
            record.time = time_of(seconds * 1_000_000);
        }
        let path = directory.path().join(name);
        fs::write(&path, pcap(&records, PcapForm::COMMON)).unwrap();
        path
    });
    let joined = Input::Joined(parts.into());
    let (source, store) = joined.open_stored(&Limits::default()).unwrap();
    let mut person = Person::reading("joined", source, Some(store));
    person.sees("two.pcap: begins before the file before it ends");
    person.press("5").sees("one.pcap: frames 1 to ");
    person
        .sees("✗ ")
        .sees("merge them by time first (mergecap)");
}

#[test]
fn a_remembered_preflight_is_explained_to_who_waits_for_one() {
    let limits = Limits::default();
    let path = Path::new("captures/max-age-cache.pcap");
    let mut source = SaveFile::open(path, &limits).unwrap();
    let shared = SharedSession::new("lo", SourceKind::Live);
    publish(&mut source, Analysis::new(&limits), &limits, &shared);
    let mut app = App::new("lo".to_owned(), SourceKind::Live, Theme::Mono, false);
    let mut news = shared.take().unwrap();
    news.transactions.truncate(3);
    news.waited = Duration::from_secs(1);
    assert!(!live_screen(&mut app, news).contains("remembers"));
    let silence = || News {
        waited: Duration::from_secs(6),
        ..News::default()
    };
    let explained = live_screen(&mut app, silence());
    assert!(explained.contains("the browser remembers"), "{explained}");
    // Once read it does not come again.
    app.on_key(KeyEvent::new(KeyCode::Char('k'), KeyModifiers::NONE));
    assert!(!live_screen(&mut app, silence()).contains("remembers"));
}

#[test]
fn commands_go_to_transactions_screens_and_themes() {
    let mut person = Person::at("redirect-null-origin.pcap");
    person.press(": \"3\" Enter");
    assert_eq!(person.app.list.selected().unwrap().row.id.0, 3);
    person
        .press(": \"9\" Enter")
        .sees("no transaction 9 in the list");
    person.press(": \"ladder\" Enter").sees("seconds   frame");
    person.press(": \"theme_cvd\" Enter");
    assert_eq!(person.app.theme, Theme::Cvd);
    person
        .press(": \"theme_none\" Enter")
        .sees("themes: default, light, cvd, mono");
    person
        .press(": \"nonsense\" Enter")
        .sees("a number, or: filter");
    person.press(": \"q\" Enter");
    assert!(person.has_quit);
}

/// Not a test of anything: prints how long a picture takes where the list is long.
///
/// `cargo test --release --test tui measure -- --ignored --nocapture`
#[test]
#[ignore = "a measurement"]
fn measure_a_hundred_thousand_rows() {
    for rows in [100_000_u64, 400_000] {
        let one = Person::at("redirect-null-origin.pcap");
        let mut person = Person::at("redirect-null-origin.pcap");
        let news = (0..rows).map(|number| {
            let entry = &one.app.list.entries()[usize::try_from(number % 4).unwrap()];
            let mut row = entry.row.clone();
            row.id.0 = number + 10;
            row.path = format!("/item/{}", number * 7919 % 100_003).into();
            (row, Arc::clone(entry.transaction.as_ref().unwrap()))
        });
        let news = corshark::session::News {
            transactions: news.collect(),
            ..Default::default()
        };
        let start = Instant::now();
        person.app.on_news(news);
        println!("{rows} rows taken: {:?}", start.elapsed());
        let mut terminal = Terminal::new(TestBackend::new(160, 50)).unwrap();
        for (what, keys) in [
            ("Down", "Down"),
            ("PgDn", "PgDn"),
            ("End", "End"),
            ("Home", "Home"),
            ("sort by verdict", "s"),
            ("sort by method", "s"),
            ("sort by origin", "s"),
            ("sort by target", "s"),
            ("search, not found", "/ \"nowhere\" Enter"),
            ("next failure", "]"),
            ("filter", "f \"verdict:fail\" Enter"),
            ("Down while filtered", "Down"),
            ("no filter", "Esc"),
        ] {
            let moves = ["Down", "PgDn", "End", "Home", "]"].contains(&keys);
            let times = if moves { 200 } else { 1 };
            person.slowest = Duration::ZERO;
            let start = Instant::now();
            for _ in 0..times {
                person.press(keys);
            }
            let pressed = start.elapsed() / times;
            let start = Instant::now();
            for _ in 0..times {
                terminal
                    .draw(|frame| view::draw(&mut person.app, frame))
                    .unwrap();
            }
            println!(
                "{what}: done after {pressed:?}, held for {:?}, picture {:?}",
                person.slowest,
                start.elapsed() / times
            );
        }
    }
}

#[test]
fn no_keys_at_any_size_break_anything() {
    let mut random = support::Random::new(7);
    let names: Vec<&str> = keys::BINDINGS
        .iter()
        .flat_map(|binding| binding.keys.split_whitespace())
        .filter(|key| *key != "w")
        .chain(["a", "b", ":", "/", "Backspace", "Enter", "c", "h"])
        .collect();
    let mut person = Person::at("redirect-null-origin.pcap");
    for _ in 0..500 {
        let key = names[random.below(names.len())];
        person.press(key);
        let (width, height) = (random.below(170), random.below(52));
        person.draw(
            u16::try_from(width + 1).unwrap(),
            u16::try_from(height + 1).unwrap(),
        );
    }
}

#[test]
fn the_exported_ladder_is_the_picture_on_the_screen() {
    let file = "article-failing.pcap";
    let report = Command::new(env!("CARGO_BIN_EXE_corshark"))
        .args(["report", "--format", "ladder"])
        .arg(Path::new("captures").join(file))
        .output()
        .unwrap();
    let report = String::from_utf8(report.stdout).unwrap();
    let mut person = Person::at(file);
    let buffer = person.press("Home 3").buffer(100, 60);
    let lines = lines_of(&buffer);
    // Without the title and the status line.
    let picture = lines[1..lines.len() - 1].join("\n");
    let picture = picture.trim_end();
    assert!(picture.contains("seconds   frame"), "{picture}");
    assert!(
        report.contains(&format!("{picture}\n")),
        "{picture}\nis not in\n{report}"
    );
}

#[test]
fn the_ladder_of_marked_transactions_is_copied_and_saved_as_it_is_shown() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("marked.ladder");
    let mut person = Person::at("redirect-null-origin.pcap");
    person.press("Space Space 3");
    let lines = lines_of(&person.buffer(100, 60));
    let picture = lines[1..lines.len() - 1].join("\n");
    let (picture, note) = picture.split_once("\n\n(all marked ones").unwrap();
    assert!(picture.contains("#1 ") && picture.contains("#2 "), "{note}");
    person.press("y l");
    assert_eq!(person.copied.pop().unwrap(), picture);
    let name = path.to_str().unwrap();
    person.press(&format!(": \"save_{name}\" Enter Enter"));
    person.sees("2 transactions saved to");
    let saved = fs::read_to_string(&path).unwrap();
    assert!(saved.starts_with(picture), "{saved}");
    assert!(
        saved.contains("#2 fix  Access-Control-Allow-Origin: *"),
        "{saved}"
    );
}
