//! `corshark explain`: a code or a pasted line in, its explanation on standard output.

use std::io::{self, BufWriter, Read as _, Write as _};
use std::process::ExitCode;

use crate::cli::ExplainArgs;
use crate::explain::{Answer, Style, explain, write_explanation, write_list};
use crate::wire_text::{printable, wire_text};

/// Exit code where nothing was recognised.
const NOT_RECOGNISED: u8 = 2;
/// Exit code for unreadable standard input.
const INPUT_ERROR: u8 = 3;
/// A console's text is short; what comes behind this is not read.
const LONGEST_INPUT: u64 = 1 << 20;

/// Explains; the error is one of writing.
pub fn explain_command(args: &ExplainArgs) -> io::Result<ExitCode> {
    let style = Style {
        colour: args.wants_colour(),
    };
    let mut out = BufWriter::new(io::stdout().lock());
    if args.list {
        write_list(style, &mut out)?;
        out.flush()?;
        return Ok(ExitCode::SUCCESS);
    }
    let input = match args.text() {
        Some(text) => text,
        None => match read_standard_input() {
            Ok(text) => text,
            Err(error) => {
                eprintln!("corshark: -: {error}");
                return Ok(ExitCode::from(INPUT_ERROR));
            }
        },
    };
    match explain(&input) {
        Answer::Known(recognised) => {
            write_explanation(&recognised, style, &mut out)?;
            out.flush()?;
            Ok(ExitCode::SUCCESS)
        }
        Answer::Unknown(near) => {
            let hint = match near.as_slice() {
                [] => "corshark explain --list names all codes".to_owned(),
                near => format!("did you mean {}?", near.join(", ")),
            };
            let shown = shortened(&input);
            eprintln!("corshark: not recognised: {}; {hint}", printable(&shown));
            Ok(ExitCode::from(NOT_RECOGNISED))
        }
    }
}

fn read_standard_input() -> io::Result<String> {
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .take(LONGEST_INPUT)
        .read_to_end(&mut bytes)?;
    Ok(wire_text(&bytes).into_owned())
}

/// The beginning of a text, on one line.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 60;
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text,
    }
}
