//! Pipes → readers that say when nothing comes, so that capture time can go on meanwhile.
//!
//! For reports, which read pipes at full speed: no thread, and no copy of a frame, as
//! [`Waiting`](crate::capture::Waiting) needs for whatever else may be silent.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What can be waited for.
#[cfg(all(feature = "live", unix))]
pub(super) trait PipeEnd: Read + Send + std::os::fd::AsFd + 'static {}

#[cfg(all(feature = "live", unix))]
impl<R: Read + Send + std::os::fd::AsFd + 'static> PipeEnd for R {}

/// Without a way to wait it is read until something comes.
#[cfg(not(all(feature = "live", unix)))]
pub(super) trait PipeEnd: Read + Send + 'static {}

#[cfg(not(all(feature = "live", unix)))]
impl<R: Read + Send + 'static> PipeEnd for R {}

/// A reader that fails with [`WouldBlock`](io::ErrorKind::WouldBlock) when nothing has come for some
/// milliseconds, while the flag is set.
pub(super) struct Patient {
    pub(super) reader: Box<dyn Read + Send>,
    pub(super) may_be_silent: Arc<AtomicBool>,
}

impl Patient {
    /// Not silent before the flag is set.
    pub(super) fn new(input: impl PipeEnd) -> Self {
        let may_be_silent = Arc::new(AtomicBool::new(false));
        let pipe = Pipe {
            input,
            may_be_silent: Arc::clone(&may_be_silent),
        };
        Self {
            reader: Box::new(pipe),
            may_be_silent,
        }
    }
}

struct Pipe<R> {
    input: R,
    may_be_silent: Arc<AtomicBool>,
}

impl<R: PipeEnd> Read for Pipe<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.may_be_silent.load(Ordering::Relaxed) && is_silent(&self.input) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.input.read(buffer)
    }
}

/// Waits a little; an end is no silence.
#[cfg(all(feature = "live", unix))]
fn is_silent(input: &impl PipeEnd) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    const PATIENCE: Timespec = Timespec {
        tv_sec: 0,
        tv_nsec: 10_000_000,
    };
    let mut input = [PollFd::new(input, PollFlags::IN)];
    poll(&mut input, Some(&PATIENCE)) == Ok(0)
}

#[cfg(not(all(feature = "live", unix)))]
fn is_silent(_: &impl PipeEnd) -> bool {
    false
}

#[cfg(all(test, feature = "live", unix))]
mod tests {
    use std::io::Write as _;
    use std::os::unix::net::UnixStream;

    use super::Patient;
    use crate::capture::{FrameSource as _, Next, SaveFile};
    use crate::limits::Limits;

    /// A stream cut anywhere: the part that is there, then silence, then the rest.
    #[test]
    fn a_pipe_is_silent_and_goes_on() {
        let whole = std::fs::read("captures/article-working.pcap").unwrap();
        for cut in [30, 100, whole.len() - 1] {
            let (mut writer, reader) = UnixStream::pair().unwrap();
            writer.write_all(&whole[..cut]).unwrap();
            let mut source = SaveFile::of_pipe(Patient::new(reader), &Limits::default()).unwrap();
            let mut frames = 0;
            while let Next::Frame(_) = source.next_frame().unwrap() {
                frames += 1;
            }
            assert!(matches!(source.next_frame(), Ok(Next::Idle)));
            writer.write_all(&whole[cut..]).unwrap();
            drop(writer);
            loop {
                match source.next_frame().unwrap() {
                    Next::Frame(frame) => {
                        frames += 1;
                        assert_eq!(frame.number.0, frames);
                    }
                    Next::Idle => {}
                    Next::End => break,
                }
            }
            assert_eq!(frames, 22, "cut at {cut}");
        }
    }
}
