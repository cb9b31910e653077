//! Savefiles → frames. The only layer that does input.
//!
//! What needs libpcap is there with the feature `live`, on Unix.
//!
//! A [`FrameSource`] lends one [`Frame`] at a time; its bytes live until the next call.

mod ahead;
mod blocks;
mod buffer;
mod compression;
pub mod exporter;
mod file;
pub mod frame;
mod input;
#[cfg(all(feature = "live", unix))]
pub mod interfaces;
mod joined;
#[cfg(all(feature = "live", unix))]
pub mod libpcap;
#[cfg(all(feature = "live", unix))]
pub mod live;
mod pcap;
mod pcapng;
#[cfg(all(feature = "live", unix))]
pub mod recorder;
mod silence;
pub mod store;

use std::io;

use crate::capture::frame::Frame;

pub use ahead::ReadAhead;
pub use file::{Checkpoint, SaveFile};
pub use input::{Input, Stored};
pub use joined::JoinedFile;

/// Where frames come from.
pub trait FrameSource {
    /// The next frame, if there is one.
    ///
    /// A source that can be silent waits a little for a frame, some milliseconds, before it answers
    /// [`Next::Idle`]: whoever asks need not wait too. After an error the source is spent: what was
    /// lent before it stands.
    fn next_frame(&mut self) -> Result<Next<'_>, CaptureError>;

    /// Whether a silence says nothing about the time: something captured before it is still to come.
    fn is_behind(&self) -> bool {
        false
    }

    /// A way to read ahead from now on, on another thread: for a source that is never silent.
    fn read_ahead(&mut self) -> Option<ReadAhead> {
        None
    }

    /// How much was read so far.
    fn progress(&self) -> Progress {
        Progress::default()
    }

    /// The files that the frames came from so far, where they are several that are one capture.
    fn parts(&self) -> &[JoinedFile] {
        &[]
    }

    /// Where reading can begin again, if it can.
    fn checkpoint(&self) -> Option<Checkpoint> {
        None
    }
}

/// How much of a source was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Bytes read so far.
    pub bytes: u64,
    /// Bytes that there are, where that is known.
    pub total: Option<u64>,
    /// Frames that were lost before they could be read; `None` where nobody tells.
    pub dropped: Option<Drops>,
}

/// Frames that never reached the analysis, by where they were lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Drops {
    /// By the kernel, because its ring was full: the capturing thread did not get to run.
    pub kernel: u64,
    /// By the interface or its driver.
    pub interface: u64,
    /// Here, because the analysis did not keep up. They are in the recording.
    pub analysis: u64,
}

/// What a [`FrameSource`] has to give.
#[derive(Debug, Clone, Copy)]
pub enum Next<'a> {
    /// A frame.
    Frame(Frame<'a>),
    /// Nothing now: the wire is silent, and capture time goes on by itself.
    Idle,
    /// Nothing any more.
    End,
}

/// What can be wrong with an input; each message names the remedy where there is one.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// The input cannot be opened or read.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The first bytes are those of no capture format.
    #[error("not a capture: expected a pcap or pcapng file{hint}")]
    NotACapture {
        /// What it looks like instead, with the remedy; may be empty.
        hint: &'static str,
    },
    /// The input ends inside a frame. All whole frames were read.
    #[error(
        "cut short at byte {offset}, inside frame {frame}: the frames before it were read; capture again or copy the whole file"
    )]
    CutShort {
        /// Where the incomplete record starts.
        offset: u64,
        /// The number that the incomplete frame would have had.
        frame: u64,
    },
    /// The input contradicts its format. What stands before this place was read.
    #[error("damaged at byte {offset}: {what}; the frames before it were read")]
    Damaged {
        /// Where the contradiction is.
        offset: u64,
        /// What is wrong there.
        what: &'static str,
    },
    /// Some of several files that are one capture cannot be read to their end: see its
    /// [parts](FrameSource::parts).
    #[error("{0}")]
    InParts(String),
    /// What is asked for needs libpcap, which is not there.
    #[cfg(all(feature = "live", unix))]
    #[error(transparent)]
    NoLibpcap(#[from] libpcap::NoLibpcap),
    /// The last interface of a live capture is gone.
    #[cfg(all(feature = "live", unix))]
    #[error("{name}: {words}; the frames before it were analysed")]
    InterfaceGone {
        /// Which one.
        name: String,
        /// libpcap's words.
        words: String,
    },
    /// The system does not tell its interfaces.
    #[cfg(all(feature = "live", unix))]
    #[error("cannot list the interfaces: {0}")]
    Interfaces(String),
}
