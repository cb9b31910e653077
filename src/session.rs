//! What one capture gave: the counters that every report and screen reads.

mod row;
mod shared;

mod losses;

use crate::analysis::{Stats, Update};
use crate::capture::Drops;
use crate::cors::cors_error::CorsError;
use crate::cors::transaction::Verdict;
use crate::decode::Unusable;
use crate::http::protocol::Protocol;

pub use crate::capture::JoinedFile;
pub use row::{Names, Row, few_words};
pub use shared::{News, SharedSession, SourceKind, SourceState};

/// Transactions counted by verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Verdicts {
    /// Passed.
    pub pass: u64,
    /// Failed.
    pub fail: u64,
    /// Not decided by the capture.
    pub unknown: u64,
    /// Not within the CORS protocol.
    pub not_cors: u64,
    /// Of those that passed: would fail with credentials.
    pub conditional: u64,
}

impl Verdicts {
    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.pass + self.fail + self.unknown + self.not_cors
    }
}

/// The counters of one capture.
#[derive(Debug, Clone, Default)]
pub struct Session {
    /// Transactions by verdict.
    pub verdicts: Verdicts,
    /// Failures by cause, in the order of [`CorsError`].
    pub causes: std::collections::BTreeMap<CorsError, u64>,
    /// What the layers counted.
    pub stats: Stats,
    /// Frames that were lost before the analysis.
    pub drops: Drops,
}

impl Session {
    /// Counts what was found.
    pub fn count(&mut self, update: &Update) {
        let Update::Transaction(transaction) = update else {
            return;
        };
        let counts = &mut self.verdicts;
        match transaction.judgement.verdict {
            Verdict::Pass => counts.pass += 1,
            Verdict::Fail(error) => {
                counts.fail += 1;
                *self.causes.entry(error).or_default() += 1;
            }
            Verdict::Unknown(_) => counts.unknown += 1,
            Verdict::NotCors(_) => counts.not_cors += 1,
        }
        counts.conditional += u64::from(transaction.judgement.condition.is_some());
    }

    /// What became of the frames; every frame is in exactly one counter but the first.
    #[must_use]
    pub fn frame_counters(&self) -> Vec<(&'static str, u64)> {
        let frames = &self.stats.frames;
        let mut counters = vec![
            ("total", frames.frames),
            ("tcp", frames.tcp),
            ("duplicate", frames.copies),
        ];
        let unusable = Unusable::ALL.iter().zip(frames.unusable);
        counters.extend(unusable.map(|(reason, count)| (reason.name(), count)));
        counters
    }

    /// TCP connections by what they carried.
    #[must_use]
    pub fn connection_counters(&self) -> Vec<(&'static str, u64)> {
        let (tcp, http) = (&self.stats.tcp, &self.stats.http);
        let mut counters = vec![("total", tcp.connections)];
        counters.extend(Protocol::ALL.map(|p| (p.name(), http.connections_of(p))));
        counters.push(("half-open", tcp.half_open));
        counters.push(("refused", tcp.refused));
        counters.push(("evicted", tcp.evicted));
        counters.push(("unfinished-given-up", tcp.unfinished_overflows));
        counters
    }

    /// Why a capture that goes on has no transaction yet, and what to do: a sentence or two.
    #[must_use]
    pub fn why_silent(&self) -> Option<String> {
        if self.verdicts.total() > 0 {
            return None;
        }
        let (tcp, http) = (&self.stats.tcp, &self.stats.http);
        let tls = http.connections_of(Protocol::Tls);
        Some(if self.stats.frames.frames == 0 {
            "No packets: the page reaches its server over another interface, or the browser sent \
             nothing. Try another interface, or `any`."
                .to_owned()
        } else if http.exchanges > 0 {
            format!(
                "{} without an Origin header: the page and its server have the same origin, or the \
                 browser answers from its cache. Reload with the cache switched off.",
                counted(http.exchanges, "HTTP exchange")
            )
        } else if tls > 0 {
            format!(
                "Only TLS: {} cannot be read. Capture behind what ends TLS, or serve the page and \
                 its API in cleartext meanwhile.",
                counted(tls, "connection")
            )
        } else if tcp.connections == 0 {
            "Packets, but no TCP: the page reaches its server over another interface, or by \
             HTTP/3. Try another interface, or switch QUIC off in the browser."
                .to_owned()
        } else {
            format!(
                "{} without HTTP/1: the browser answers from its cache (reload with the cache \
                 switched off), or the server speaks another protocol.",
                counted(tcp.connections, "TCP connection")
            )
        })
    }

    /// Why there is no transaction, in a few words; `None` where there are some.
    #[must_use]
    pub fn why_nothing(&self) -> Option<String> {
        if self.verdicts.total() > 0 {
            return None;
        }
        let frames = &self.stats.frames;
        let http = &self.stats.http;
        let connections = self.stats.tcp.connections;
        if frames.frames == 0 {
            return Some("the capture holds no frames".to_owned());
        }
        if http.exchanges > 0 {
            return Some(format!(
                "{}, none with an Origin header: page and server have the same origin, or it is not a browser's traffic",
                counted(http.exchanges, "HTTP exchange")
            ));
        }
        if connections == 0 {
            let reasons = Unusable::ALL.iter().zip(frames.unusable);
            let main = reasons.max_by_key(|(_, count)| *count);
            return Some(match main {
                Some((Unusable::LinkType, count)) => format!(
                    "{count} of {} have a link type that is not read",
                    counted(frames.frames, "frame")
                ),
                _ => format!("no TCP among {}", counted(frames.frames, "frame")),
            });
        }
        let of = |protocol| http.connections_of(protocol);
        let (tls, http2) = (of(Protocol::Tls), of(Protocol::Http2));
        let (count, what) = if tls > 0 {
            (tls, "TLS, which hides what it carries")
        } else if http2 > 0 {
            (http2, "HTTP/2, which is not read")
        } else if self.stats.tcp.refused == connections {
            (
                connections,
                "refused: nothing listens there, or a firewall is before it. The page sees a network error, not CORS",
            )
        } else if of(Protocol::Silent) == connections {
            (connections, "without a byte of data")
        } else {
            (
                of(Protocol::Other) + of(Protocol::Ssh),
                "neither HTTP nor TLS",
            )
        };
        let is = if count == 1 { "is" } else { "are" };
        Some(format!(
            "{count} of {} {is} {what}",
            counted(connections, "TCP connection")
        ))
    }
}

/// `1 frame`, `2 frames`.
#[must_use]
pub fn counted(n: u64, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{plural}")
}
