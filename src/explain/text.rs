//! An explanation as text for a terminal.

use std::io::{self, Write};

use crate::cors::advice::{RULES, Rule};
use crate::explain::article::{Article, HEADINGS, SERVERS};
use crate::explain::code::{ALL, Code};
use crate::explain::message::Recognised;
use crate::explain::server;
use crate::explain::values::Values;
use crate::wire_text::printable;

/// The colours of an explanation, or none.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// With colours.
    pub colour: bool,
}

impl Style {
    fn paint(self, code: &str, text: &str) -> String {
        if self.colour {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    fn red(self, text: &str) -> String {
        self.paint("1;31", text)
    }

    fn yellow(self, text: &str) -> String {
        self.paint("33", text)
    }

    fn cyan(self, text: &str) -> String {
        self.paint("36", text)
    }

    fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }
}

/// Writes what was recognised, with its article.
pub fn write_explanation(
    recognised: &Recognised,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let code = recognised.code;
    let name = match code {
        Code::NotCors(_) | Code::Advice(_) => style.yellow(code.name()),
        _ => style.red(code.name()),
    };
    writeln!(out, "{name}: {}", code.meaning())?;
    for (label, value) in facts(recognised) {
        writeln!(out, "    {label:<10} {}", printable(&value))?;
    }
    let article = Article::of(code);
    for heading in HEADINGS {
        writeln!(out, "\n{}\n", style.bold(heading))?;
        match (article, code) {
            (Some(article), _) => {
                write_section(article, heading, &recognised.values, style, out)?;
            }
            (None, Code::Advice(rule)) => write_rule(rule, heading, out)?,
            (None, _) => {}
        }
    }
    Ok(())
}

/// What a rule of advice says under a heading.
fn write_rule(rule: &Rule, heading: &str, out: &mut dyn Write) -> io::Result<()> {
    let [what, why, fix, _] = HEADINGS;
    if heading == what {
        write_wrapped(rule.what, out)
    } else if heading == why {
        write_wrapped(rule.why, out)
    } else if heading == fix {
        write_wrapped(&sentence(rule.fix), out)
    } else {
        rule.example
            .lines()
            .try_for_each(|line| writeln!(out, "{}", format!("      {line}").trim_end()))
    }
}

/// With a capital and a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    format!("{first}{}.", letters.as_str())
}

/// Writes a text in lines of a readable length.
fn write_wrapped(text: &str, out: &mut dyn Write) -> io::Result<()> {
    const WIDTH: usize = 96;
    let mut line = String::from(" ");
    for word in text.split(' ') {
        if line.chars().count() + word.chars().count() >= WIDTH {
            writeln!(out, "{line}")?;
            line = String::from(" ");
        }
        line.push(' ');
        line.push_str(word);
    }
    writeln!(out, "{line}")
}

/// What the message told, by label.
fn facts(recognised: &Recognised) -> Vec<(&'static str, String)> {
    let values = &recognised.values;
    let mut facts = Vec::new();
    if let Code::Advice(rule) = recognised.code {
        facts.push(("severity", rule.severity.name().to_owned()));
    }
    let mut add = |label, value: &Option<String>| {
        if let Some(value) = value {
            facts.push((label, value.clone()));
        }
    };
    add("browser", &recognised.browser.map(str::to_owned));
    add("url", &values.url);
    add("origin", &values.origin);
    add("method", &values.method);
    add("header", &values.header);
    add("value", &values.value);
    add("status", &values.status);
    if let Some(other) = recognised.or {
        facts.push((
            "or",
            format!(
                "{}: the message does not tell which ({})",
                other.name(),
                other.meaning()
            ),
        ));
    }
    if let Some(remark) = recognised.remark {
        facts.push(("note", remark.to_owned()));
    }
    if values.has_null_origin() {
        facts.push((
            "note",
            "the page's origin is null: a sandboxed frame, a file or data: URL, or a redirect. Never allow null; \
             serve the page from an origin of its own"
                .to_owned(),
        ));
    }
    if recognised.others > 0 {
        let note = "the text names other reasons too: this is about the first".to_owned();
        facts.push(("note", note));
    }
    facts
}

fn write_section(
    article: Article,
    heading: &str,
    values: &Values,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let lines: Vec<&str> = article.section(heading).collect();
    let end = lines
        .iter()
        .rposition(|line| !line.is_empty())
        .map_or(0, |last| last + 1);
    for line in lines.into_iter().take(end) {
        if line == SERVERS {
            write_servers(article, values, style, out)?;
        } else if line.is_empty() {
            writeln!(out)?;
        } else {
            let line = values.fill(line, article.method);
            writeln!(out, "  {}", printable(&line))?;
        }
    }
    Ok(())
}

fn write_servers(
    article: Article,
    values: &Values,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (index, server) in server::SERVERS.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        writeln!(out, "  {}", style.cyan(server.name))?;
        for line in server.lines(article.parts, values, article.method) {
            // A tab is a control character to `printable`.
            writeln!(out, "    {}", printable(&line.replace('\t', "    ")))?;
        }
    }
    Ok(())
}

/// Writes all codes with a line on each.
pub fn write_list(style: Style, out: &mut dyn Write) -> io::Result<()> {
    type Group = (&'static str, fn(&Code) -> bool);
    let groups: [Group; 3] = [
        ("Seen in traffic", |code| matches!(code, Code::Cors(_))),
        ("Refused before anything was sent", |code| {
            matches!(code, Code::Unsent(_))
        }),
        ("Taken for CORS, and not", |code| {
            matches!(code, Code::NotCors(_))
        }),
    ];
    let width = ALL.iter().map(|code| code.name().len()).max().unwrap_or(0);
    for (index, (title, belongs)) in groups.into_iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{}", style.bold(title))?;
        for code in ALL.iter().filter(|code| belongs(code)) {
            writeln!(out, "  {:<width$}  {}", code.name(), code.meaning())?;
        }
    }
    writeln!(out, "\n{}", style.bold("Advice"))?;
    for rule in RULES {
        let severity = rule.severity.name();
        writeln!(out, "  {:<width$}  {} ({severity})", rule.id, rule.title)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::{Answer, explain};

    fn text_of(input: &str, colour: bool) -> String {
        let Answer::Known(recognised) = explain(input) else {
            panic!("not recognised: {input}");
        };
        let mut out = Vec::new();
        write_explanation(&recognised, Style { colour }, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn values_of_the_message_stand_in_fix_and_example() {
        let text = text_of(
            "Access to fetch at 'http://api.test/x' from origin 'http://shop.test' has been blocked \
             by CORS policy: Request header field x-trace is not allowed by \
             Access-Control-Allow-Headers in preflight response.",
            false,
        );
        for wanted in [
            "add_header Access-Control-Allow-Headers \"x-trace\" always;",
            "allowedHeaders: ['x-trace']",
            "    Access-Control-Request-Headers: x-trace",
            "    OPTIONS http://api.test/x",
            "Origin: http://shop.test",
        ] {
            assert!(text.contains(wanted), "{wanted}\n{text}");
        }
    }

    #[test]
    fn pasted_control_characters_are_not_written() {
        let text = text_of(
            "Access to fetch at 'http://a/\x1b]0;x\x07' from origin 'http://b\x1b[2J' has been \
             blocked by CORS policy: It does not have HTTP ok status.",
            false,
        );
        let control = text.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(control, None, "{text}");
        assert!(text.contains("\\u{1b}[2J"));
    }

    #[test]
    fn a_null_origin_is_never_allowed() {
        let text = text_of(
            "Access to fetch at 'http://a/' from origin 'null' has been blocked by CORS policy: No \
             'Access-Control-Allow-Origin' header is present on the requested resource.",
            false,
        );
        assert!(text.contains("Never allow null"));
        assert!(!text.contains("Access-Control-Allow-Origin: null"));
    }

    #[test]
    fn colours_come_only_where_asked_for() {
        assert!(!text_of("AllowOriginMismatch", false).contains('\x1b'));
        assert!(text_of("AllowOriginMismatch", true).contains("\x1b[1;31mAllowOriginMismatch"));
    }

    #[test]
    fn the_list_names_every_code() {
        let mut out = Vec::new();
        write_list(Style { colour: false }, &mut out).unwrap();
        let list = String::from_utf8(out).unwrap();
        for code in ALL {
            let line = list.lines().find(|line| line.contains(code.name()));
            assert!(line.is_some_and(|line| line.contains(code.meaning())));
        }
        for rule in RULES {
            assert!(list.contains(&format!("  {} ", rule.id)), "{}", rule.id);
            let text = text_of(rule.id, false);
            for heading in HEADINGS {
                let (_, rest) = text.split_once(&format!("\n{heading}\n\n")).unwrap();
                assert!(
                    rest.starts_with("  ") && rest.lines().all(|line| line.len() < 120),
                    "{text}"
                );
            }
        }
    }
}
