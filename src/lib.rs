//! Reads packet captures and says, for every cross-origin request in them, what the browser decided.
//!
//! corshark is one function from frames to verdicts, with reports attached to its end. Everything
//! between [`capture`] and [`session`] knows no file, socket, clock, thread or terminal:
//!
//! ```text
//!   savefile
//!      ▼
//!   capture   Frame         bytes off the wire + number, time, link type     borrowed
//!      │
//!   decode    Segment       link header off, IP fragments joined, TCP read   borrowed
//!      │
//!   tcp       StreamEvent   each direction in order: data, gap, fin          borrowed
//!      │                                              ── seam 1: bytes ──
//!   http      Exchange      request head + response head, sizes, frames      owned
//!      │                                              ── seam 2: messages ──
//!   cors      Transaction   preflight? + actual? + verdict                   owned, immutable
//!      │
//!   session   counters, rows
//!      ▼
//!   report, tui
//! ```
//!
//! # Example
//!
//! ```
//! use std::path::Path;
//!
//! use corshark::analysis::{Analysis, Update};
//! use corshark::capture::{FrameSource, Next, SaveFile};
//! use corshark::limits::Limits;
//!
//! # fn main() -> Result<(), corshark::capture::CaptureError> {
//! let limits = Limits::default();
//! let mut capture = SaveFile::open(Path::new("captures/article-failing.pcap"), &limits)?;
//! let mut analysis = Analysis::new(&limits);
//! while let Next::Frame(frame) = capture.next_frame()? {
//!     analysis.push_frame(&frame);
//! }
//! analysis.finish();
//! for update in analysis.drain_updates() {
//!     if let Update::Transaction(transaction) = update {
//!         assert_eq!(transaction.judgement.verdict.name(), "fail");
//!         assert_eq!(transaction.fix(), ["Access-Control-Allow-Headers: x-requested-with"]);
//!     }
//! }
//! # Ok(())
//! # }
//! ```

pub mod analysis;
pub mod capture;
pub mod check;
pub mod cli;
pub mod command;
pub mod cors;
pub mod decode;
pub mod diff;
pub mod explain;
pub mod export;
pub mod filter;
pub mod http;
pub mod ladder;
pub mod limits;
pub mod packets;
pub mod redact;
pub mod report;
pub mod reread;
pub mod run;
pub mod session;
#[cfg(all(feature = "live", unix))]
pub mod system;
pub mod tcp;
pub mod text_place;
#[cfg(feature = "tui")]
pub mod tui;
pub mod wire_text;
