//! Takes the terminal and panics: the test of the screens looks whether the terminal is as it was.

use corshark::tui::terminal::Tty;

#[expect(clippy::panic, reason = "it is what this is for")]
fn main() -> std::io::Result<()> {
    let mut tty = Tty::take(true)?;
    tty.screen.draw(|_| panic!("as was asked for"))?;
    Ok(())
}
