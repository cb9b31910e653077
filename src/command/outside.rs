//! What the screens ask outside: another corshark answers, as this one has given its rights up. Capturing on another
//! interface is that other one's matter too: it takes this one's place.

use std::env::current_exe;
use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode, Stdio};

use crate::capture::live::LiveOptions;
use crate::command::choices::offered;
use crate::command::stream::{CAPTURE_ERROR, refuse};
use crate::cors::browser::{Assumptions, Browser};
use crate::tui::Options;
use crate::tui::outside::Outside;
use crate::tui::picker::Choice;

/// What the screens may ask.
pub(super) const OUTSIDE: Outside = Outside {
    interfaces,
    doctor: || another("doctor"),
};

/// What another corshark prints for a command.
fn another(command: &str) -> Result<String, String> {
    let answered = current_exe().and_then(|program| {
        let mut other = Command::new(program);
        other.arg(command).stdin(Stdio::null()).output()
    });
    let output = answered.map_err(|error| format!("corshark {command}: {error}"))?;
    let said = if output.stdout.is_empty() {
        output.stderr
    } else {
        output.stdout
    };
    Ok(String::from_utf8_lossy(&said).into_owned())
}

/// The interfaces of use, with what keeps another corshark from capturing there.
fn interfaces() -> Result<Vec<Choice>, String> {
    let mut choices: Vec<Choice> = offered()?.into_iter().map(|(_, choice)| choice).collect();
    let lines = another("interfaces")?;
    for choice in &mut choices {
        choice.refused = refusal(&lines, &choice.name);
    }
    Ok(choices)
}

/// What `corshark interfaces` says against an interface.
fn refusal(lines: &str, name: &str) -> Option<&'static str> {
    let line = lines.lines().find_map(|line| {
        let mut columns = line.split_whitespace();
        (columns.next() == Some(name)).then(|| columns.nth(1))
    });
    match line.flatten() {
        Some("may-capture") => None,
        Some("no-right") => Some("no right to capture"),
        Some("down") => Some("down"),
        _ => Some("cannot be captured on"),
    }
}

/// Captures on an interface in place of what was shown so far; returns only where that fails.
pub(super) fn capture_on(
    interface: &str,
    look: Options,
    assumptions: Assumptions,
    capture: &LiveOptions,
) -> ExitCode {
    let error = match current_exe() {
        Ok(program) => {
            let arguments = arguments(interface, look, assumptions, capture);
            Command::new(program).args(arguments).exec()
        }
        Err(error) => error,
    };
    refuse(&format!("cannot start anew: {error}"), CAPTURE_ERROR)
}

/// The command line that captures there, shown and judged as so far.
fn arguments(
    interface: &str,
    look: Options,
    assumptions: Assumptions,
    capture: &LiveOptions,
) -> Vec<OsString> {
    let default = LiveOptions::default();
    let mut arguments = vec![
        "live".to_owned(),
        format!("--interface={interface}"),
        format!("--theme={}", look.theme.name()),
    ];
    let flags = [
        (look.ascii, "--ascii"),
        (!look.mouse, "--no-mouse"),
        (capture.promiscuous, "--promisc"),
    ];
    let set = flags.into_iter().filter(|(is_set, _)| *is_set);
    arguments.extend(set.map(|(_, flag)| flag.to_owned()));
    if capture.snap_length != default.snap_length {
        arguments.push(format!("--snapshot-length={}", capture.snap_length));
    }
    if capture.ring != default.ring {
        arguments.push(format!("--buffer-size={}K", capture.ring >> 10));
    }
    let browser = assumptions.browser.map(|browser| match browser {
        Browser::Firefox(_) => "firefox",
        Browser::Safari => "safari",
        Browser::Standard => "spec",
        _ => "chromium",
    });
    arguments.extend(browser.map(|browser| format!("--browser={browser}")));
    if let Some(include) = assumptions.include_credentials {
        let mode = if include { "include" } else { "omit" };
        arguments.push(format!("--assume-credentials={mode}"));
    }
    if let Some(filter) = &capture.filter {
        arguments.extend(["--".to_owned(), filter.clone()]);
    }
    arguments.into_iter().map(OsString::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::Theme;

    #[test]
    fn the_other_one_captures_judges_and_looks_as_this_one() {
        let look = Options {
            theme: Theme::Cvd,
            ascii: true,
            mouse: false,
            outside: None,
        };
        let assumptions = Assumptions {
            browser: Some(Browser::Safari),
            include_credentials: Some(true),
        };
        let capture = LiveOptions {
            filter: Some("tcp port 3000".to_owned()),
            ring: 8 << 20,
            snap_length: 96,
            promiscuous: true,
            ..LiveOptions::default()
        };
        let line = arguments("eth0", look, assumptions, &capture).join(" ".as_ref());
        assert_eq!(
            line,
            "live --interface=eth0 --theme=cvd --ascii --no-mouse --promisc --snapshot-length=96 \
             --buffer-size=8192K --browser=safari --assume-credentials=include -- tcp port 3000"
        );
    }

    #[test]
    fn what_keeps_it_from_capturing_is_read_off_its_own_list() {
        let lines = "lo    up,running  may-capture  EN10MB  127.0.0.1  -  -\n\
                     eth0  up          no-right     -       10.0.0.1   -  -\n\
                     eth1  -           down         -       -          -  -\n";
        for (name, refused) in [
            ("lo", None),
            ("eth0", Some("no right to capture")),
            ("eth1", Some("down")),
            ("eth", Some("cannot be captured on")),
        ] {
            assert_eq!(refusal(lines, name), refused, "{name}");
        }
    }
}
