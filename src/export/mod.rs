//! Packets of chosen transactions, with comments that carry the verdict, and without secrets.

mod connections;
mod redaction;

use std::collections::{HashMap, HashSet};

use crate::capture::exporter::ExportedFrame;
use crate::capture::frame::{FrameNumber, LinkType, Timestamp};
use crate::capture::{CaptureError, FrameSource, Next};
use crate::cors::transaction::{Half, Transaction};
use crate::export::connections::{Connections, Place};
use crate::limits::Limits;
use crate::redact::Redactor;
use crate::report::verdict_label;
use crate::wire_text::printable;

pub use redaction::redact;

/// Which frames of a capture to export, and what to say of them.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Frames that belong to chosen transactions.
    frames: HashSet<FrameNumber>,
    comments: HashMap<FrameNumber, String>,
    /// Only those frames, not their whole connections.
    frames_only: bool,
}

/// A frame that is exported.
#[derive(Debug, Clone)]
pub struct Packet {
    /// When it was captured.
    pub time: Timestamp,
    /// What its first bytes are.
    pub link_type: LinkType,
    /// What was captured of it.
    pub bytes: Vec<u8>,
    /// How long it was on the wire.
    pub length: u32,
    /// What to say of it.
    pub comment: Option<String>,
    place: Place,
}

impl Packet {
    /// It as a frame of a file.
    #[must_use]
    pub fn to_frame(&self) -> ExportedFrame<'_> {
        ExportedFrame {
            link_type: self.link_type,
            time: self.time,
            length: self.length,
            bytes: &self.bytes,
            comment: self.comment.as_deref(),
        }
    }
}

/// Why packets could not be collected.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The capture could not be read again.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// They are more than is held.
    #[error("more than {} MiB of packets: choose fewer transactions with -Y, or --frames", .0 >> 20)]
    TooMuch(usize),
}

impl Choice {
    /// Nothing yet; `frames_only` for the frames of messages without the rest of their connections.
    #[must_use]
    pub fn new(frames_only: bool) -> Self {
        Self {
            frames_only,
            ..Self::default()
        }
    }

    /// Adds a transaction of this file; with a redactor, what is said of it holds no secret.
    pub fn add(&mut self, transaction: &Transaction, file: &str, redactor: Option<&mut Redactor>) {
        let redacted = redactor.map(|redactor| redactor.transaction(transaction));
        let said = redacted.as_ref().unwrap_or(transaction);
        let code = match said.judgement.verdict {
            crate::cors::transaction::Verdict::Fail(error) => format!(" {}", error.name()),
            _ => String::new(),
        };
        let fix = said.fix();
        let fix = if fix.is_empty() {
            String::new()
        } else {
            format!("; fix: {}", fix.join("; "))
        };
        let verdict = format!("{}{code}: {}{fix}", verdict_label(said), said.reason());
        for (name, half) in [
            ("preflight", &transaction.preflight),
            ("actual request", &transaction.actual),
        ] {
            let Some(half) = half else { continue };
            let (request, response) = frames_of(half);
            self.frames.extend(request.iter().chain(&response).copied());
            for (what, frame) in [("", request.first()), ("answer to the ", response.first())] {
                if let Some(frame) = frame {
                    let text = format!(
                        "corshark: frame {frame} of {file}: {what}{name} of transaction #{}: {verdict}",
                        transaction.id
                    );
                    self.comments.insert(*frame, printable(&text).into_owned());
                }
            }
        }
    }

    /// Whether there is nothing to export.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Collects the packets from a capture, which is read twice.
    pub fn collect(
        &self,
        mut open: impl FnMut() -> Result<Box<dyn FrameSource>, CaptureError>,
        limits: &Limits,
    ) -> Result<Vec<Packet>, ExportError> {
        let mut wanted = HashSet::new();
        let mut connections = Connections::new(limits);
        each_frame(&mut *open()?, |frame| {
            if let Some(place) = connections.place(frame)
                && self.frames.contains(&frame.number)
            {
                wanted.insert(place.connection);
            }
            Ok(())
        })?;
        let mut packets = Vec::new();
        let mut bytes = 0;
        let mut connections = Connections::new(limits);
        each_frame(&mut *open()?, |frame| {
            let Some(place) = connections.place(frame) else {
                return Ok(());
            };
            let is_wanted = if self.frames_only {
                self.frames.contains(&frame.number)
            } else {
                wanted.contains(&place.connection)
            };
            if !is_wanted {
                return Ok(());
            }
            bytes += frame.bytes.len();
            if bytes > limits.export_bytes {
                return Err(ExportError::TooMuch(limits.export_bytes));
            }
            let captured = u32::try_from(frame.bytes.len()).unwrap_or(u32::MAX);
            packets.push(Packet {
                time: frame.time,
                link_type: frame.link_type,
                bytes: frame.bytes.to_vec(),
                length: captured.saturating_add(place.cut),
                comment: self.comments.get(&frame.number).cloned(),
                place,
            });
            Ok(())
        })?;
        Ok(packets)
    }
}

/// Shows every frame; damage at the end was told when the capture was read first.
fn each_frame(
    source: &mut dyn FrameSource,
    mut see: impl FnMut(&crate::capture::frame::Frame<'_>) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    loop {
        match source.next_frame() {
            Ok(Next::Frame(frame)) => see(&frame)?,
            Ok(Next::Idle) => {}
            Ok(Next::End) | Err(_) => return Ok(()),
        }
    }
}

fn frames_of(half: &Half) -> (Vec<FrameNumber>, Vec<FrameNumber>) {
    let exchange = half.exchange.as_ref();
    let request = exchange.and_then(|exchange| exchange.request.as_ref());
    let request = request.map_or(&half.frames, |request| &request.frames);
    let request = half.earlier_frames.iter().chain(request);
    let response = exchange.and_then(|exchange| exchange.response.as_ref());
    let response = response.map_or_else(Vec::new, |response| response.frames.to_vec());
    (request.copied().collect(), response)
}
