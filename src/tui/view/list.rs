//! The list, and below it the verdict of the selected row in words.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use crate::cors::transaction::Verdict;
use crate::session::{Row, SourceState, counted};
use crate::tui::app::{App, Overlay, PATIENCE};
use crate::tui::doc::{Doc, fit, pad};
use crate::tui::list::Column;
use crate::tui::mouse::Hit;
use crate::tui::theme::{Role, Theme};
use crate::tui::view::{highlight, look, milliseconds, not_at_hand, rule, why};
use crate::wire_text::printable;

/// Columns of the parts of a row.
struct Widths {
    number: usize,
    verdict: usize,
    method: usize,
    origin: usize,
    target: usize,
    status: usize,
    duration: usize,
    why: usize,
}

impl Widths {
    /// What fits into so many columns.
    fn of(width: usize, app: &App) -> Self {
        let last = app.list.entries().last().map_or(0, |entry| entry.row.id.0);
        let number = (last.max(1).ilog10() as usize + 1).max(3);
        let mut widths = Self {
            number,
            verdict: if width < 50 { 1 } else { 10 },
            method: 7,
            origin: 0,
            target: 0,
            status: if width < 50 { 3 } else { 4 },
            duration: if width < 60 { 0 } else { 8 },
            why: 0,
        };
        let columns = [
            number,
            widths.verdict,
            widths.method,
            widths.status,
            widths.status,
        ];
        let fixed: usize = 2 + columns.iter().map(|width| width + 1).sum::<usize>();
        let fixed = fixed + widths.duration + usize::from(widths.duration > 0);
        let free = width.saturating_sub(fixed);
        if free >= 90 {
            widths.origin = (free / 5).clamp(16, 30);
            widths.why = free * 2 / 5;
        } else if free >= 50 {
            widths.why = free * 9 / 20;
        }
        let gaps = usize::from(widths.origin > 0) * 3 + usize::from(widths.why > 0) * 2;
        widths.target = free.saturating_sub(widths.origin + widths.why + gaps);
        widths
    }
}

pub(super) fn draw(app: &mut App, area: Rect, buffer: &mut Buffer) {
    let area = draw_filter(app, area, buffer);
    let panel = panel_height(app, area.height);
    let rows = Rect {
        y: area.y + 1,
        height: area.height - 1 - panel,
        ..area
    };
    app.list.resize(rows.height.into());
    let widths = Widths::of(area.width.into(), app);
    draw_head(app, &widths, area, buffer);
    if app.list.is_empty() {
        draw_nothing(app, rows, buffer);
    }
    let mut hits = Vec::new();
    for ((place, entry), y) in app.list.window().zip(rows.top()..) {
        let line = row_line(app, &widths, &entry.row);
        buffer.set_line(rows.x, y, &line, rows.width);
        let row = Rect {
            y,
            height: 1,
            ..rows
        };
        hits.push((row, Hit::Row(place)));
        if place == app.list.cursor() {
            buffer.set_style(row, Theme::selected());
        }
    }
    for (row, hit) in hits {
        app.hits.add(row, hit);
    }
    highlight(app, rows, buffer);
    if panel > 0 {
        let below = Rect {
            y: rows.bottom(),
            height: panel,
            ..area
        };
        draw_panel(app, below, buffer);
    }
}

fn panel_height(app: &App, height: u16) -> u16 {
    let layout = app.layout();
    if layout.zoomed || height < 10 || app.list.is_empty() {
        return 0;
    }
    let default = match height {
        ..16 => 4,
        16..24 => 9,
        24..40 => 11,
        _ => 15,
    };
    let most = (i32::from(height) - 5).max(2);
    let wanted = (default + layout.grown).clamp(2, most);
    u16::try_from(wanted).unwrap_or(0)
}

/// Draws the filter, where there is one; gives the rest of the screen.
fn draw_filter(app: &App, area: Rect, buffer: &mut Buffer) -> Rect {
    if app.filtering.is_empty() || matches!(app.overlay, Overlay::Prompt(_)) {
        return area;
    }
    let doc = Doc::new(app.theme, area.width.into());
    let all = app.list.entries().len();
    let shown = match app.filtering.found() {
        Some(found) => format!("{found}… of {all} shown"),
        None => match app.refiltered() {
            Some(percent) => format!("{}… of {all} shown, {percent} %", app.list.len()),
            None if app.is_filtering() => format!("{}… of {all} shown", app.list.len()),
            None => format!("{} of {all} shown", app.list.len()),
        },
    };
    let right = format!("  {shown}  Esc clears");
    let room = usize::from(area.width).saturating_sub(right.len() + 9);
    let line = Line::from(vec![
        doc.span(Role::Label, " filter: "),
        doc.span(Role::Title, &pad(&printable(&app.filtering.text), room)),
        doc.span(Role::Label, &right),
    ]);
    buffer.set_line(area.x, area.y, &line, area.width);
    Rect {
        y: area.y + 1,
        height: area.height - 1,
        ..area
    }
}

/// Draws the names of the columns; a click sorts by one.
fn draw_head(app: &mut App, widths: &Widths, area: Rect, buffer: &mut Buffer) {
    let (sorted, reversed) = app.list.sorted_by();
    let is_sorting = app.list.is_sorting();
    let style = app.theme.style(Role::Label);
    let mut x = area.x + 2;
    let mut put = |column: Option<Column>, name: &str, width: usize, right: bool| {
        if width == 0 {
            return;
        }
        let sign = match (column == Some(sorted), reversed) {
            (false, _) => "",
            _ if is_sorting => "…",
            (true, false) => "▼",
            (true, true) => "▲",
        };
        let text = fit(&format!("{name}{sign}"), width);
        let text = if right {
            format!("{text:>width$}")
        } else {
            pad(&text, width)
        };
        let room = area.right().saturating_sub(x);
        buffer.set_stringn(x, area.y, text, room.into(), style);
        let width = u16::try_from(width).unwrap_or(0).min(room);
        if let Some(column) = column {
            let head = Rect {
                x,
                y: area.y,
                width,
                height: 1,
            };
            app.hits.add(head, Hit::Column(column));
        }
        x = x.saturating_add(width + 1);
    };
    let verdict = if widths.verdict > 1 { "verdict" } else { "" };
    put(Some(Column::Number), "#", widths.number, true);
    put(Some(Column::Verdict), verdict, widths.verdict, false);
    put(Some(Column::Method), "method", widths.method, false);
    if widths.origin > 0 {
        put(Some(Column::Origin), "origin", widths.origin, false);
        put(None, "→", 1, false);
    }
    put(Some(Column::Target), "target", widths.target, false);
    put(None, "pre", widths.status, true);
    put(None, "act", widths.status, true);
    put(Some(Column::Duration), "ms", widths.duration, true);
    if widths.why > 0 {
        put(None, " ", 1, false);
    }
    put(
        Some(Column::Why),
        "why",
        widths.why.saturating_sub(1),
        false,
    );
}

fn row_line(app: &App, widths: &Widths, row: &Row) -> Line<'static> {
    let theme = app.theme;
    let (role, glyph, word) = look(row.verdict, row.condition);
    let verdict = if widths.verdict > 1 {
        format!("{glyph} {word}")
    } else {
        glyph.to_owned()
    };
    let mark = if app.list.is_marked(row.id) {
        "●"
    } else {
        " "
    };
    let status = |status: Option<u16>| {
        let text = match status {
            None => "-".to_owned(),
            Some(0) => "×".to_owned(),
            Some(status) => status.to_string(),
        };
        format!("{text:>width$}", width = widths.status)
    };
    let text = |text: &str, width| pad(&printable(text), width);
    let target = target(row, widths.target);
    let mut spans = vec![
        Span::styled(format!("{mark} "), theme.style(Role::Key)),
        Span::raw(format!("{:>width$} ", row.id.0, width = widths.number)),
        Span::styled(pad(&verdict, widths.verdict), theme.style(role)),
        Span::raw(format!(" {} ", text(&row.method, widths.method))),
    ];
    if widths.origin > 0 {
        spans.push(Span::raw(format!(
            "{} → ",
            text(&row.origin, widths.origin)
        )));
    }
    let statuses = format!(" {} {}", status(row.preflight), status(row.actual));
    spans.push(Span::raw(target));
    spans.push(Span::raw(statuses));
    if widths.duration > 0 {
        let duration = row.duration.map_or("-".to_owned(), |duration| {
            milliseconds(duration.as_secs_f64() * 1000.0)
        });
        spans.push(Span::raw(format!(
            " {duration:>width$}",
            width = widths.duration
        )));
    }
    if widths.why > 0 {
        let role = if matches!(row.verdict, Verdict::NotCors(_)) {
            Role::Minor
        } else {
            role
        };
        spans.push(Span::raw("  "));
        spans.push(Span::styled(text(&row.why, widths.why), theme.style(role)));
    }
    Line::from(spans)
}

/// The target in so many columns: without the host, then without the port, where it is too long.
fn target(row: &Row, width: usize) -> String {
    let (authority, path) = (printable(&row.authority), printable(&row.path));
    let whole = format!("{authority}{path}");
    if whole.width() <= width {
        return pad(&whole, width);
    }
    let port = authority.rfind(':').and_then(|at| authority.get(at..));
    let short = format!("{}{path}", port.unwrap_or_default());
    if port.is_some() && (short.width() <= width || width >= 30) {
        return pad(&short, width);
    }
    pad(&path, width)
}

/// What a capture without transactions brought so far.
fn seen_so_far(app: &App) -> String {
    let stats = &app.session.stats;
    let counts = [
        (stats.frames.frames, "packet"),
        (stats.tcp.connections, "TCP connection"),
        (stats.http.exchanges, "HTTP exchange"),
    ];
    let counts = counts.map(|(count, noun)| counted(count, noun));
    format!("{}, 0 cross-origin", counts.join(", "))
}

/// Says why there is nothing to see.
fn draw_nothing(app: &App, area: Rect, buffer: &mut Buffer) {
    let mut doc = Doc::new(app.theme, usize::from(area.width) - 4);
    match &app.source.state {
        SourceState::Reading if app.source.kind.is_live() => {
            let text = format!("Listening on {}. Reload the failing page.", app.source.name);
            doc.text(Role::Title, &text);
            doc.text(Role::Minor, &seen_so_far(app));
            if app.source.waited >= PATIENCE
                && let Some(hint) = app.session.why_silent()
            {
                doc.blank();
                doc.text(Role::Plain, &hint);
            }
        }
        SourceState::Reading => doc.text(Role::Plain, "Reading…"),
        _ if app.list.entries().is_empty() => {
            let why = app.session.why_nothing().unwrap_or_default();
            doc.text(Role::Title, "No cross-origin transaction");
            doc.text(Role::Plain, &why::sentence(&why));
            for loss in app.session.losses() {
                doc.text(Role::Minor, &loss);
            }
        }
        _ => {
            doc.text(Role::Title, "No transaction matches the filter");
            doc.text(Role::Plain, "Esc takes the filter away");
        }
    }
    for (line, y) in doc.lines.iter().zip(area.top() + 1..area.bottom()) {
        buffer.set_line(area.x + 2, y, line, area.width - 4);
    }
}

fn draw_panel(app: &App, area: Rect, buffer: &mut Buffer) {
    rule(app, area, area.y, buffer);
    let Some(entry) = app.list.selected() else {
        return;
    };
    let transaction = app.in_full(entry);
    let mut doc = Doc::new(app.theme, area.width.into());
    let code = match entry.row.verdict {
        Verdict::Fail(error) => error.name(),
        verdict => verdict.name(),
    };
    let title = format!(
        " #{} {code}  {} ",
        entry.row.id,
        transaction.map_or_else(String::new, |t| why::place(t))
    );
    let title = fit(&title, usize::from(area.width).saturating_sub(4));
    let style = app.theme.style(Role::Title);
    buffer.set_string(area.x + 2, area.y, title, style);
    match transaction {
        Some(transaction) => why::write(transaction, &mut doc),
        None => not_at_hand(app, &mut doc),
    }
    let lines = doc.lines.iter();
    for (line, y) in lines.zip(area.top() + 1..area.bottom()) {
        buffer.set_line(area.x, y, line, area.width);
    }
}
