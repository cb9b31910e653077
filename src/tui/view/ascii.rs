//! What was drawn → the same in ASCII, for terminals that show nothing else.

use ratatui::buffer::Buffer;

/// Replaces every sign that is not ASCII.
pub(super) fn flatten(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if cell.symbol().is_ascii() {
            continue;
        }
        let plain = cell.symbol().chars().next().map_or('?', plain);
        cell.set_char(plain);
    }
}

/// The ASCII sign in place of another one.
pub(in crate::tui) fn plain(c: char) -> char {
    match c {
        c if c.is_ascii() => c,
        '✗' => 'x',
        '·' | '•' => '.',
        '→' | '▶' | '▸' => '>',
        '←' | '◀' => '<',
        '…' => '~',
        '─' => '-',
        '│' => '|',
        '▼' => 'v',
        '▲' => '^',
        '✓' | '┌' | '┐' | '└' | '┘' | '├' | '┤' | '┼' | '┬' | '┴' => '+',
        '●' => '*',
        '█' => '#',
        _ => '?',
    }
}
