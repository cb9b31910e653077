//! Inputs that may have nothing for now: pipes, and files that another program still writes.
//!
//! They are read like any other input, until the format is known; from then on a read that finds
//! nothing fails with [`WouldBlock`](io::ErrorKind::WouldBlock) after some milliseconds, so that capture time
//! can go on meanwhile. Once they are told to stop, what is there is read, and the next silence is
//! their end.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// How long one waits for more: no delay that one would notice.
const PATIENCE: Duration = Duration::from_millis(10);

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

/// An input that may be silent.
pub(super) struct Patient {
    input: Box<dyn Wait>,
    /// Whether it says that it has nothing; before, it waits.
    may_be_silent: Arc<AtomicBool>,
    /// Whether silence is its end.
    stop: Arc<AtomicBool>,
}

impl Patient {
    /// A pipe: it ends when its writer does.
    pub(super) fn pipe(pipe: impl PipeEnd) -> Self {
        Self::of(Box::new(Pipe(pipe)))
    }

    /// A file that grows: where it ends, it is silent.
    pub(super) fn growing(file: File) -> Self {
        Self::of(Box::new(Growing { file, read: 0 }))
    }

    fn of(input: Box<dyn Wait>) -> Self {
        Self {
            input,
            may_be_silent: Arc::default(),
            stop: Arc::default(),
        }
    }

    /// From when on this is set, silence is its end.
    pub(super) fn until(self, stop: Arc<AtomicBool>) -> Self {
        Self { stop, ..self }
    }

    /// The flag with which it says that it has nothing.
    pub(super) fn may_be_silent(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.may_be_silent)
    }
}

impl Read for Patient {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(read) = self.input.read_or_wait(buffer)? {
                return Ok(read);
            }
            if self.stop.load(Ordering::Relaxed) {
                return Ok(0);
            }
            if self.may_be_silent.load(Ordering::Relaxed) {
                return Err(ErrorKind::WouldBlock.into());
            }
        }
    }
}

/// What can be read, or waited for.
trait Wait: Send {
    /// Reads; `None` after a while in which there was nothing.
    fn read_or_wait(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>>;
}

struct Pipe<R>(R);

impl<R: PipeEnd> Wait for Pipe<R> {
    fn read_or_wait(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        if is_silent(&self.0) {
            return Ok(None);
        }
        self.0.read(buffer).map(Some)
    }
}

/// Waits a little; an end is no silence.
#[cfg(all(feature = "live", unix))]
fn is_silent(input: &impl PipeEnd) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    let patience = Timespec::try_from(PATIENCE).ok();
    let mut input = [PollFd::new(input, PollFlags::IN)];
    // A signal may have asked for the end: that is looked at before anything is waited for.
    matches!(
        poll(&mut input, patience.as_ref()),
        Ok(0) | Err(rustix::io::Errno::INTR)
    )
}

#[cfg(not(all(feature = "live", unix)))]
fn is_silent(_: &impl PipeEnd) -> bool {
    false
}

struct Growing {
    file: File,
    read: u64,
}

impl Wait for Growing {
    fn read_or_wait(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        let read = self.file.read(buffer)?;
        self.read += read as u64;
        if read > 0 {
            return Ok(Some(read));
        }
        if self.file.metadata()?.len() < self.read {
            let what = "the file became shorter while it was followed";
            return Err(io::Error::new(ErrorKind::InvalidInput, what));
        }
        thread::sleep(PATIENCE);
        Ok(None)
    }
}

#[cfg(all(test, feature = "live", unix))]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "these are tests, their helpers too"
)]
mod tests {
    use std::io::Write;
    use std::os::unix::net::UnixStream;

    use super::*;
    use crate::capture::{CaptureError, FrameSource as _, Next, SaveFile};
    use crate::limits::Limits;

    /// Reads on until nothing is there; how many frames there were.
    fn read_on(source: &mut SaveFile) -> u64 {
        while let Next::Frame(_) = source.next_frame().unwrap() {}
        source.frames()
    }

    /// Streams cut anywhere: the part that is there, then silence, then the rest.
    fn goes_on_after_silence(begin: impl Fn(&[u8]) -> (Box<dyn Write>, Patient)) {
        let whole = std::fs::read("captures/article-working.pcap").unwrap();
        for cut in [30, 100, whole.len() - 1] {
            let stop = Arc::new(AtomicBool::new(false));
            let (mut writer, patient) = begin(&whole[..cut]);
            let patient = patient.until(Arc::clone(&stop));
            let mut source = SaveFile::of_patient(patient, &Limits::default()).unwrap();
            let before = read_on(&mut source);
            assert!(matches!(source.next_frame(), Ok(Next::Idle)));
            // Inside a frame, what was captured next is still to come.
            assert!(source.is_behind(), "cut at {cut}");
            writer.write_all(&whole[cut..]).unwrap();
            assert_eq!(read_on(&mut source), 22, "cut at {cut}, {before} before");
            assert!(!source.is_behind());
            stop.store(true, Ordering::Relaxed);
            assert!(matches!(source.next_frame(), Ok(Next::End)));
        }
    }

    #[test]
    fn a_pipe_is_silent_and_goes_on() {
        goes_on_after_silence(|start| {
            let (mut writer, reader) = UnixStream::pair().unwrap();
            writer.write_all(start).unwrap();
            (Box::new(writer), Patient::pipe(reader))
        });
    }

    #[test]
    fn a_growing_file_is_silent_and_goes_on() {
        goes_on_after_silence(|start| {
            let mut writer = tempfile::NamedTempFile::new().unwrap();
            writer.write_all(start).unwrap();
            let reader = writer.reopen().unwrap();
            (Box::new(writer), Patient::growing(reader))
        });
    }

    /// What a stop finds unfinished is told, as it is of a file that ends there.
    #[test]
    fn a_stop_within_a_frame_is_an_end_within_a_frame() {
        let whole = std::fs::read("captures/article-working.pcap").unwrap();
        let (mut writer, reader) = UnixStream::pair().unwrap();
        writer.write_all(&whole[..whole.len() - 1]).unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let patient = Patient::pipe(reader).until(Arc::clone(&stop));
        let mut source = SaveFile::of_patient(patient, &Limits::default()).unwrap();
        assert_eq!(read_on(&mut source), 21);
        stop.store(true, Ordering::Relaxed);
        let end = source.next_frame().map(|_| ());
        assert!(matches!(end, Err(CaptureError::CutShort { frame: 22, .. })));
    }

    #[test]
    fn a_file_that_becomes_shorter_is_told() {
        let writer = tempfile::NamedTempFile::new().unwrap();
        let whole = std::fs::read("captures/article-working.pcap").unwrap();
        std::fs::write(writer.path(), &whole).unwrap();
        let patient = Patient::growing(writer.reopen().unwrap());
        let mut source = SaveFile::of_patient(patient, &Limits::default()).unwrap();
        assert_eq!(read_on(&mut source), 22);
        writer.as_file().set_len(100).unwrap();
        let end = source.next_frame().map(|_| ());
        assert!(matches!(end, Err(CaptureError::Io(_))), "{end:?}");
    }
}
