//! A source that is read on a thread of its own, so that whoever asks for frames never waits long.
//!
//! A pipe into standard input can be silent for hours, like an interface: the reading thread waits for
//! it, and [`Waiting`] answers [`Next::Idle`] meanwhile. Frames are copied once, into a queue of bounded
//! length.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use crate::capture::frame::{Frame, FrameNumber, LinkType, Timestamp};
use crate::capture::store::INTERVAL;
use crate::capture::{CaptureError, Checkpoint, FrameSource, Next, Progress};

/// Frames in the queue: some milliseconds of a busy pipe.
const QUEUE: usize = 1024;
/// How long a frame is waited for.
const WAIT: Duration = Duration::from_millis(10);

/// A frame that was copied.
struct Copied {
    number: FrameNumber,
    time: Timestamp,
    link_type: LinkType,
    bytes: Vec<u8>,
    progress: Progress,
    checkpoint: Option<Checkpoint>,
}

/// The frames of a source that may be silent.
pub struct Waiting {
    queue: Receiver<Result<Copied, CaptureError>>,
    current: Option<Copied>,
    checkpoint: Option<Checkpoint>,
}

impl Waiting {
    /// Reads `source` from now on.
    #[must_use]
    pub fn on(source: impl FrameSource + Send + 'static) -> Self {
        let (sender, queue) = sync_channel(QUEUE);
        // It ends with its source, or when nobody listens any more.
        thread::spawn(move || read(source, &sender));
        Self {
            queue,
            current: None,
            checkpoint: None,
        }
    }
}

fn read(mut source: impl FrameSource, sender: &SyncSender<Result<Copied, CaptureError>>) {
    loop {
        let mut copied = match source.next_frame() {
            Ok(Next::Frame(frame)) => Copied {
                number: frame.number,
                time: frame.time,
                link_type: frame.link_type,
                bytes: frame.bytes.to_vec(),
                progress: Progress::default(),
                checkpoint: None,
            },
            Ok(Next::Idle) => continue,
            Ok(Next::End) => return,
            Err(error) => {
                let _ = sender.send(Err(error));
                return;
            }
        };
        copied.progress = source.progress();
        if copied.number.0.is_multiple_of(INTERVAL) {
            copied.checkpoint = source.checkpoint();
        }
        if sender.send(Ok(copied)).is_err() {
            return;
        }
    }
}

impl FrameSource for Waiting {
    fn next_frame(&mut self) -> Result<Next<'_>, CaptureError> {
        let mut copied = match self.queue.recv_timeout(WAIT) {
            Ok(copied) => copied?,
            Err(RecvTimeoutError::Timeout) => return Ok(Next::Idle),
            Err(RecvTimeoutError::Disconnected) => return Ok(Next::End),
        };
        if copied.checkpoint.is_some() {
            self.checkpoint = copied.checkpoint.take();
        }
        let copied = self.current.insert(copied);
        Ok(Next::Frame(Frame {
            number: copied.number,
            time: copied.time,
            link_type: copied.link_type,
            bytes: &copied.bytes,
        }))
    }

    fn progress(&self) -> Progress {
        let current = self.current.as_ref();
        current.map(|copied| copied.progress).unwrap_or_default()
    }

    fn checkpoint(&self) -> Option<Checkpoint> {
        self.checkpoint.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::capture::SaveFile;
    use crate::limits::Limits;

    fn numbers(source: &mut dyn FrameSource) -> Vec<(u64, usize)> {
        let mut numbers = Vec::new();
        loop {
            match source.next_frame().unwrap() {
                Next::Frame(frame) => numbers.push((frame.number.0, frame.bytes.len())),
                Next::Idle => {}
                Next::End => return numbers,
            }
        }
    }

    #[test]
    fn it_gives_the_same_frames() {
        let open = || {
            let path = Path::new("captures/article-working.pcap");
            SaveFile::open(path, &Limits::default()).unwrap()
        };
        let expected = numbers(&mut open());
        assert!(!expected.is_empty());
        assert_eq!(numbers(&mut Waiting::on(open())), expected);
    }

    #[test]
    fn a_silent_source_is_idle() {
        struct Silent;
        impl FrameSource for Silent {
            fn next_frame(&mut self) -> Result<Next<'_>, CaptureError> {
                // As a pipe that nobody writes to.
                loop {
                    thread::park();
                }
            }
        }
        let mut source = Waiting::on(Silent);
        assert!(matches!(source.next_frame(), Ok(Next::Idle)));
    }
}
