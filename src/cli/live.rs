//! `corshark live`: its options.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
#[cfg(feature = "tui")]
use clap::{Command, FromArgMatches as _};

use crate::capture::live::{LiveOptions, StopAfter};
use crate::capture::recorder::Rotation;
use crate::cli::stream::StreamArgs;
#[cfg(feature = "tui")]
use crate::cli::view::ViewArgs;

/// What stands below the options.
pub(super) const LIVE_HELP: &str = "\
On a terminal the screens show it; --format, or a pipe behind it, gives lines instead.
Ctrl-C, SIGTERM and the conditions of -c and -a end the capture; the counts come last, and the files
of -o appear then, from the screens too.
Rights are given up once the interfaces are open, before a frame is looked at. Under sudo, files
belong to whoever called it.

Exit codes:
  0  done
  2  the command line or the filter is wrong
  3  no right to capture, no such interface, no libpcap, or the recording failed

Examples:
  corshark live --port 3000,8081
  corshark live -i lo -i eth0 --format ndjson | jq .reason
  corshark live -o report.html -o report.har
  corshark live -i any -w failing.pcapng -b filesize:10M,files:5 tcp port 8081";

/// What to capture, and how to report on it.
#[derive(Debug, Args)]
pub struct LiveArgs {
    /// Interface to capture on, several times for several ones; `any` is all of them on Linux
    /// [default: loopback]
    #[arg(short, long = "interface", value_name = "IF")]
    interfaces: Vec<String>,
    /// Capture only what matches, in the language of pcap-filter(7)
    #[arg(short = 'f', value_name = "BPF")]
    bpf: Option<String>,
    /// The same, as words at the end
    #[arg(value_name = "BPF", conflicts_with = "bpf")]
    words: Vec<String>,
    /// Capture only these TCP ports
    #[arg(long, value_name = "PORT", value_delimiter = ',')]
    port: Vec<u16>,
    /// Record every frame in a file too (pcapng)
    #[arg(short = 'w', value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Go on in another file after filesize:SIZE (in kB, or with K, M, G) or duration:SECONDS, and
    /// keep only the newest files:N of them
    #[arg(
        short = 'b',
        value_name = "WHAT:N",
        value_delimiter = ',',
        requires = "record"
    )]
    ring: Vec<RingArg>,
    /// Stop after so many frames
    #[arg(short = 'c', value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,
    /// Stop after duration:SECONDS
    #[arg(short = 'a', value_name = "duration:N", value_delimiter = ',')]
    autostop: Vec<AutostopArg>,
    /// Bytes of each frame to keep
    #[arg(
        short = 's', long = "snapshot-length", value_name = "N", default_value_t = 262_144,
        value_parser = clap::value_parser!(u32).range(0..=262_144)
    )]
    snap_length: u32,
    /// The kernel's buffer, in MiB or with K, M, G, for each interface
    #[arg(short = 'B', long = "buffer-size", value_name = "SIZE", default_value = "64M", value_parser = ring_size)]
    ring_size: u32,
    /// Take frames for other machines too, where the network brings them
    #[arg(long)]
    promisc: bool,
    /// How it is reported.
    #[command(flatten)]
    pub stream: StreamArgs,
    /// How the screens look.
    #[cfg(feature = "tui")]
    #[command(flatten)]
    pub view: ViewArgs,
}

/// One condition of a ring of files.
#[derive(Debug, Clone, Copy)]
enum RingArg {
    Bytes(u64),
    Files(usize),
    Duration(Duration),
}

impl FromStr for RingArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = "filesize:SIZE, files:N or duration:SECONDS";
        match text.split_once(':') {
            Some(("filesize", size)) => size_of_text(size, 1000).map(Self::Bytes),
            Some(("files", files)) => match files.parse() {
                Ok(files) if files > 0 => Ok(Self::Files(files)),
                _ => Err(format!("not a number of files: {files}")),
            },
            Some(("duration", seconds)) => seconds_of(seconds).map(Self::Duration),
            _ => Err(format!("expected {known}")),
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct AutostopArg(Duration);

impl FromStr for AutostopArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("duration", seconds)) => seconds_of(seconds).map(Self),
            _ => Err("expected duration:SECONDS".to_owned()),
        }
    }
}

fn seconds_of(text: &str) -> Result<Duration, String> {
    let text = text.strip_suffix('s').unwrap_or(text);
    let seconds = text.parse().ok().filter(|seconds: &f64| *seconds > 0.0);
    seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| format!("not a number of seconds: {text}"))
}

/// A number of bytes: with K, M or G, or in units of `unit`.
fn size_of_text(text: &str, unit: u64) -> Result<u64, String> {
    let (digits, unit) = match text.char_indices().last() {
        Some((at, 'k' | 'K')) => (text.get(..at), 1 << 10),
        Some((at, 'm' | 'M')) => (text.get(..at), 1 << 20),
        Some((at, 'g' | 'G')) => (text.get(..at), 1 << 30),
        _ => (Some(text), unit),
    };
    let number: Option<u64> = digits.and_then(|digits| digits.parse().ok());
    number
        .and_then(|number| number.checked_mul(unit))
        .filter(|size| *size > 0)
        .ok_or_else(|| format!("not a size: {text}"))
}

fn ring_size(text: &str) -> Result<u32, String> {
    let size = size_of_text(text, 1 << 20)?;
    let most = i32::MAX.unsigned_abs();
    u32::try_from(size)
        .ok()
        .filter(|size| *size <= most)
        .ok_or_else(|| "libpcap allows less than 2 GiB".to_owned())
}

impl LiveArgs {
    /// How `corshark live` captures by the defaults of this command line.
    #[cfg(feature = "tui")]
    pub(super) fn habits(command: &Command) -> LiveOptions {
        let live = command.find_subcommand("live").cloned();
        let matches = live.and_then(|live| live.try_get_matches_from(["live"]).ok());
        let habits = matches.and_then(|matches| Self::from_arg_matches(&matches).ok());
        habits.map_or_else(LiveOptions::default, |habits| habits.options(""))
    }

    /// What to capture; `loopback` is what to capture on where nothing is asked for.
    #[must_use]
    pub fn options(&self, loopback: &str) -> LiveOptions {
        let interfaces = if self.interfaces.is_empty() {
            vec![loopback.to_owned()]
        } else {
            self.interfaces.clone()
        };
        let most = 262_144;
        LiveOptions {
            interfaces,
            filter: self.kernel_filter(),
            // As everywhere, 0 is all.
            snap_length: if self.snap_length == 0 {
                most
            } else {
                self.snap_length
            },
            ring: self.ring_size,
            promiscuous: self.promisc,
        }
    }

    fn kernel_filter(&self) -> Option<String> {
        let words = self.words.join(" ");
        let filter = self.bpf.clone().or((!words.is_empty()).then_some(words));
        let ports: Vec<String> = self
            .port
            .iter()
            .map(|port| format!("tcp port {port}"))
            .collect();
        let ports = (!ports.is_empty()).then(|| ports.join(" or "));
        match (filter, ports) {
            (Some(filter), Some(ports)) => Some(format!("({filter}) and ({ports})")),
            (filter, ports) => filter.or(ports),
        }
    }

    /// When to stop by itself.
    #[must_use]
    pub fn stop_after(&self) -> StopAfter {
        StopAfter {
            frames: self.count,
            duration: self.autostop.iter().map(|autostop| autostop.0).min(),
        }
    }

    /// When to go on in another file.
    #[must_use]
    pub fn rotation(&self) -> Rotation {
        let mut rotation = Rotation::default();
        for ring in &self.ring {
            match *ring {
                RingArg::Bytes(bytes) => rotation.bytes = Some(bytes),
                RingArg::Files(files) => rotation.files = Some(files),
                RingArg::Duration(duration) => rotation.duration = Some(duration),
            }
        }
        rotation
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        live: LiveArgs,
    }

    fn parse(line: &str) -> Result<LiveArgs, clap::Error> {
        let words = ["live"].into_iter().chain(line.split_whitespace());
        Line::try_parse_from(words).map(|line| line.live)
    }

    #[test]
    fn ports_and_filters_add_up() {
        for (line, filter) in [
            ("", None),
            ("--port 80", Some("tcp port 80")),
            (
                "--port 80,81 --port 82",
                Some("tcp port 80 or tcp port 81 or tcp port 82"),
            ),
            ("tcp port 8081", Some("tcp port 8081")),
            ("-f host", Some("host")),
            (
                "--port 80 host a or host b",
                Some("(host a or host b) and (tcp port 80)"),
            ),
        ] {
            let live = parse(line).unwrap();
            assert_eq!(live.options("lo").filter.as_deref(), filter, "{line}");
        }
        assert!(parse("-f tcp udp").is_err());
    }

    #[test]
    fn loopback_is_captured_on_where_nothing_is_asked_for() {
        assert_eq!(parse("").unwrap().options("lo0").interfaces, ["lo0"]);
        let live = parse("-i eth0 -i any").unwrap();
        assert_eq!(live.options("lo").interfaces, ["eth0", "any"]);
    }

    #[test]
    fn sizes_durations_and_rings() {
        let live =
            parse("-w x -b filesize:10,files:3 -b duration:1.5 -a duration:30 -c 7 -B 2 -s 0");
        let live = live.unwrap();
        let rotation = Rotation {
            bytes: Some(10_000),
            files: Some(3),
            duration: Some(Duration::from_millis(1500)),
        };
        assert_eq!(live.rotation(), rotation);
        assert_eq!(live.stop_after().frames, Some(7));
        assert_eq!(live.stop_after().duration, Some(Duration::from_secs(30)));
        let options = live.options("lo");
        assert_eq!((options.ring, options.snap_length), (2 << 20, 262_144));
        assert_eq!(size_of_text("10M", 1000), Ok(10 << 20));
        for line in [
            "-b files:3",
            "-w x -b files:0",
            "-w x -b filesize:x",
            "-w x -b size:1",
            "-a 30",
            "-a duration:-1",
            "-a duration:nan",
            "-B 2G",
            "-B 0",
            "-c 0",
            "-s 300000",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }

    #[test]
    fn what_is_known_only_at_the_end_cannot_be_filtered_for() {
        assert!(parse("-Y lint:L-4").unwrap().stream.asked().is_err());
        assert!(parse("-Y verdict:fail").unwrap().stream.asked().is_ok());
    }
}
