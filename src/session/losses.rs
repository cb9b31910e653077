//! What of a capture could not be used, in words, with what to do about it.

use crate::decode::Unusable;
use crate::http::exchange::Outcome;
use crate::http::protocol::Protocol;
use crate::session::{Session, counted};

impl Session {
    /// What of the capture could not be used, and what to do about it: a line each.
    #[must_use]
    pub fn losses(&self) -> Vec<String> {
        let (tcp, http) = (&self.stats.tcp, &self.stats.http);
        let mut lines = Vec::new();
        let mut note = |count: u64, line: String| {
            if count > 0 {
                lines.push(line);
            }
        };
        let drops = self.drops;
        note(
            drops.kernel,
            format!(
                "{} dropped by the kernel, whose buffer was full: make it larger with -B, or capture less with --port",
                counted(drops.kernel, "frame")
            ),
        );
        note(
            drops.interface,
            format!(
                "{} dropped by the interface",
                counted(drops.interface, "frame")
            ),
        );
        note(
            drops.analysis,
            format!(
                "{} not analysed, as the analysis did not keep up (a recording has them): capture less with --port",
                counted(drops.analysis, "frame")
            ),
        );
        note(http.incomplete, self.incomplete());
        note(
            tcp.gaps,
            format!(
                "{} of {}: packets are missing from the capture",
                counted(tcp.gaps, "gap"),
                counted(tcp.gap_bytes, "byte")
            ),
        );
        note(
            tcp.cut_segments,
            format!(
                "{} cut by the snap length {}: capture again with -s 0",
                counted(tcp.cut_segments, "segment"),
                self.stats.frames.snap_length
            ),
        );
        lines.extend(self.bounds_reached());
        let mut note = |count: u64, line: String| {
            if count > 0 {
                lines.push(line);
            }
        };
        for protocol in [Protocol::Tls, Protocol::Http2] {
            let count = http.connections_of(protocol);
            let name = if protocol == Protocol::Tls {
                "TLS"
            } else {
                "HTTP/2"
            };
            note(
                count,
                format!("{} not read: {name}", counted(count, "connection")),
            );
        }
        let unknown = self.stats.frames.unusable;
        let places = Unusable::ALL.iter().zip(unknown);
        for (reason, count) in places {
            if matches!(
                reason,
                Unusable::LinkType
                    | Unusable::Malformed
                    | Unusable::CutInHeader
                    | Unusable::Encrypted
                    | Unusable::TooDeep
            ) {
                note(
                    count,
                    format!("{}: {}", counted(count, "frame"), reason.name()),
                );
            }
        }
        lines
    }

    /// Which bounds were reached.
    fn bounds_reached(&self) -> impl Iterator<Item = String> {
        let (tcp, http) = (&self.stats.tcp, &self.stats.http);
        let counts = [
            (
                tcp.out_of_order_overflows,
                format!(
                    "{} given up early: too many bytes waited for lost packets",
                    counted(tcp.out_of_order_overflows, "gap")
                ),
            ),
            (
                tcp.evicted,
                format!(
                    "{} given up: too many at once, these had been silent the longest",
                    counted(tcp.evicted, "connection")
                ),
            ),
            (
                http.heads_too_long,
                format!(
                    "{} not read: longer than any browser or server takes",
                    counted(http.heads_too_long, "message head")
                ),
            ),
            (
                tcp.unfinished_overflows,
                format!(
                    "{} given up: too many unfinished messages at once, these had been silent the longest",
                    counted(tcp.unfinished_overflows, "connection")
                ),
            ),
            (
                http.too_many_in_flight,
                format!(
                    "{} given up: too many requests without a response",
                    counted(http.too_many_in_flight, "connection")
                ),
            ),
            (
                self.stats.frames.datagrams_dropped,
                format!(
                    "{} not joined: fragments missing, or too many at once",
                    counted(self.stats.frames.datagrams_dropped, "IP datagram")
                ),
            ),
        ];
        let reached = counts.into_iter().filter(|(count, _)| *count > 0);
        reached.map(|(_, line)| line)
    }

    /// How many exchanges are not whole, by what is to blame.
    fn incomplete(&self) -> String {
        let http = &self.stats.http;
        let total = counted(http.incomplete, "HTTP exchange");
        let snap_length = self.stats.frames.snap_length;
        let mut causes = Vec::new();
        for outcome in Outcome::ALL {
            let why = match outcome {
                Outcome::Complete => continue,
                Outcome::NotCaptured => "with gaps (the capture lost packets)".to_owned(),
                Outcome::CutBySnapLength => {
                    format!("cut by the snap length {snap_length}: capture again with -s 0")
                }
                Outcome::Closed => "closed before their end".to_owned(),
                Outcome::Reset => "reset before their end".to_owned(),
                Outcome::Aborted => "given up by the client before a response".to_owned(),
                Outcome::Garbled => "answered with what is no response".to_owned(),
                Outcome::CaptureEnded => "still open when the capture ended".to_owned(),
                Outcome::Unreadable => "not readable as HTTP".to_owned(),
                Outcome::GivenUp => "silent for too long, or one of too many".to_owned(),
            };
            let count = http.outcomes_of(outcome);
            if count > 0 {
                causes.push(format!("{count} {why}"));
            }
        }
        format!("{total} incomplete: {}", causes.join(", "))
    }
}
