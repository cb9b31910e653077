//! The serialised shape of what was counted.

use serde::{Serialize, Serializer};

use crate::http::exchange::Outcome;
#[cfg(test)]
use crate::report::record::schema;
use crate::session::Session;

/// Named counters, in a fixed order.
#[derive(Debug, Clone, Default)]
pub(in crate::report) struct Counters(Vec<(&'static str, u64)>);

impl Serialize for Counters {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

impl Counters {
    fn add(&mut self, other: &Self) {
        for (name, count) in &other.0 {
            match self.0.iter_mut().find(|(known, _)| known == name) {
                Some((_, sum)) => *sum += count,
                None => self.0.push((name, *count)),
            }
        }
    }
}

/// The counters of a capture, or of several.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Totals"))]
pub(in crate::report) struct Totals {
    /// Every frame is in `total` and in exactly one other.
    #[cfg_attr(test, schemars(schema_with = "schema::counters"))]
    frames: Counters,
    /// By what they carried.
    #[cfg_attr(test, schemars(schema_with = "schema::counters"))]
    connections: Counters,
    /// TCP segments that are out of the ordinary.
    #[cfg_attr(test, schemars(schema_with = "schema::counters"))]
    segments: Counters,
    /// Incomplete ones by their cause.
    #[cfg_attr(test, schemars(schema_with = "schema::counters"))]
    exchanges: Counters,
    /// By verdict; `conditional` counts a part of them once more.
    #[cfg_attr(test, schemars(schema_with = "schema::counters"))]
    transactions: Counters,
    /// Failures by their code.
    #[cfg_attr(test, schemars(schema_with = "schema::counters"))]
    codes: Counters,
}

impl Totals {
    pub(in crate::report) fn of(session: &Session) -> Self {
        let (tcp, http) = (&session.stats.tcp, &session.stats.http);
        let verdicts = &session.verdicts;
        Self {
            frames: Counters(session.frame_counters()),
            connections: Counters(session.connection_counters()),
            segments: Counters(vec![
                ("repeated", tcp.repeated_segments),
                ("out-of-order", tcp.out_of_order_segments),
                ("gaps", tcp.gaps),
                ("gap-bytes", tcp.gap_bytes),
                ("cut-by-snap-length", tcp.cut_segments),
                ("cut-bytes", tcp.cut_bytes),
                ("out-of-order-overflows", tcp.out_of_order_overflows),
                ("ignored-resets", tcp.ignored_resets),
            ]),
            exchanges: Counters(vec![
                ("total", http.exchanges),
                ("incomplete", http.incomplete),
                ("not-captured", http.outcomes_of(Outcome::NotCaptured)),
                (
                    "cut-by-snap-length",
                    http.outcomes_of(Outcome::CutBySnapLength),
                ),
                ("closed-early", http.outcomes_of(Outcome::Closed)),
                ("reset-early", http.outcomes_of(Outcome::Reset)),
                ("aborted", http.outcomes_of(Outcome::Aborted)),
                ("garbled", http.outcomes_of(Outcome::Garbled)),
                ("capture-ended", http.outcomes_of(Outcome::CaptureEnded)),
                ("unreadable", http.outcomes_of(Outcome::Unreadable)),
                ("given-up", http.outcomes_of(Outcome::GivenUp)),
                ("responses-without-request", http.responses_without_request),
                ("request-heads-lost", http.request_heads_lost),
                ("heads-unreadable", http.heads_unreadable),
                ("heads-too-long", http.heads_too_long),
                ("bodies-unreadable", http.bodies_unreadable),
                ("too-many-in-flight", http.too_many_in_flight),
            ]),
            transactions: Counters(vec![
                ("total", verdicts.total()),
                ("pass", verdicts.pass),
                ("fail", verdicts.fail),
                ("unknown", verdicts.unknown),
                ("not-cors", verdicts.not_cors),
                ("conditional", verdicts.conditional),
            ]),
            codes: Counters(
                session
                    .causes
                    .iter()
                    .map(|(error, count)| (error.name(), *count))
                    .collect(),
            ),
        }
    }

    pub(in crate::report) fn add(&mut self, other: &Self) {
        self.frames.add(&other.frames);
        self.connections.add(&other.connections);
        self.segments.add(&other.segments);
        self.exchanges.add(&other.exchanges);
        self.transactions.add(&other.transactions);
        self.codes.add(&other.codes);
    }
}
