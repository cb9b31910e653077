//! The capturing thread: fetches frames from all interfaces, records them, queues them.

use std::collections::HashMap;
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use nix::net::if_::InterfaceFlags;
use pcap::{Capture, Error, PacketHeader};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::capture::CaptureError;
use crate::capture::frame::Timestamp;
use crate::capture::live::queue::{Batch, Queue};
use crate::capture::live::{BLOCK_TIMEOUT, Handle, Notice, StopAfter, words_of};
use crate::capture::recorder::{RecordedFrame, Recorder};

/// How often the counters of the kernel are asked for, and the interfaces whether they are up.
const CHECK_EVERY: Duration = Duration::from_secs(1);

/// What the thread owns.
pub(super) struct Reader {
    pub(super) handles: Vec<Handle>,
    pub(super) recorder: Option<Recorder>,
    pub(super) stop: StopAfter,
    /// Readable once the capture is to end.
    pub(super) stopped: UnixStream,
    /// Bytes to fetch before they are handed over.
    pub(super) batch: usize,
    pub(super) queue: Arc<Queue>,
    pub(super) notice: Sender<Notice>,
}

impl Reader {
    /// Reads until the end; then the queue says so.
    pub(super) fn read(mut self) {
        let end = self.read_to_end();
        self.count_drops();
        if let Some(recorder) = &mut self.recorder
            && let Err(error) = recorder.finish(self.queue.drops())
        {
            self.tell(Notice::RecordingEnded(error.to_string()));
        }
        self.queue.end(end);
    }

    fn read_to_end(&mut self) -> Result<(), CaptureError> {
        let begin = Instant::now();
        let mut batch = Batch::default();
        let mut frames = 0;
        let mut checked = begin;
        // When the end was asked for: frames captured before it are still fetched.
        let mut asked: Option<(Instant, Timestamp)> = None;
        loop {
            let more = self.fetch(&mut batch)?;
            if self.handles.len() > 1 {
                batch.sort();
            }
            if let Some(most) = self.stop.frames {
                batch.truncate(usize::try_from(most - frames).unwrap_or(usize::MAX));
            }
            batch.first = frames + 1;
            frames += batch.len() as u64;
            let is_quiet = batch.is_empty();
            let latest = batch.latest();
            self.record(&batch);
            self.queue.push(&mut batch);
            if self.stop.frames.is_some_and(|most| frames >= most) {
                return Ok(());
            }
            if let Some((since, at)) = asked
                && (latest.is_some_and(|latest| latest > at)
                    || (is_quiet && since.elapsed() >= 2 * BLOCK_TIMEOUT))
            {
                return Ok(());
            }
            if checked.elapsed() >= CHECK_EVERY {
                checked = Instant::now();
                self.count_drops();
                self.look_whether_up();
            }
            if more {
                continue;
            }
            let left = self
                .stop
                .duration
                .map(|d| d.saturating_sub(begin.elapsed()));
            let longest = match left {
                _ if asked.is_some() => BLOCK_TIMEOUT,
                Some(left) => left.min(CHECK_EVERY),
                None => CHECK_EVERY,
            };
            let is_asked = self.wait(longest, asked.is_some()) || left == Some(Duration::ZERO);
            if is_asked && asked.is_none() {
                asked = Some((Instant::now(), wall_clock()));
            }
        }
    }

    /// Fetches what the rings hold, up to a batch; says whether they hold more.
    fn fetch(&mut self, batch: &mut Batch) -> Result<bool, CaptureError> {
        let mut more = false;
        let share = self.batch / self.handles.len().max(1);
        for at in 0..self.handles.len() {
            let end = batch.size() + share;
            let Some(handle) = self.handles.get_mut(at) else {
                break;
            };
            let Some(capture) = &mut handle.capture else {
                continue;
            };
            let fault = loop {
                if batch.size() >= end {
                    more = true;
                    break None;
                }
                match capture.next_packet() {
                    Ok(packet) => batch.push(
                        time_of(packet.header),
                        at,
                        handle.link_type,
                        packet.header.len,
                        packet.data,
                    ),
                    Err(Error::TimeoutExpired) => break None,
                    Err(error) => break Some(error),
                }
            };
            if let Some(error) = fault {
                self.give_up(at, &error)?;
            }
        }
        Ok(more)
    }

    /// Goes on without an interface, if there is another one.
    fn give_up(&mut self, at: usize, error: &Error) -> Result<(), CaptureError> {
        let Some(handle) = self.handles.get_mut(at) else {
            return Ok(());
        };
        handle.capture = None;
        let (name, words) = (handle.name.clone(), words_of(error));
        if self.handles.iter().any(|handle| handle.capture.is_some()) {
            self.tell(Notice::Gone(name, words));
            return Ok(());
        }
        Err(CaptureError::InterfaceGone { name, words })
    }

    fn record(&mut self, batch: &Batch) {
        let frames = batch.iter().map(|(captured, bytes)| RecordedFrame {
            interface: captured.interface,
            time: captured.time,
            length: captured.length,
            bytes,
        });
        if let Some(recorder) = &mut self.recorder
            && let Err(error) = recorder.write(frames)
        {
            self.recorder = None;
            self.tell(Notice::RecordingEnded(error.to_string()));
        }
    }

    /// Waits for frames or for the end; says whether the end was asked for.
    fn wait(&self, longest: Duration, asked: bool) -> bool {
        let timeout = Timespec {
            tv_sec: i64::try_from(longest.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: i64::from(longest.subsec_nanos()),
        };
        let captures = self.handles.iter().filter_map(|h| h.capture.as_ref());
        let mut sources: Vec<PollFd<'_>> = captures
            .map(|capture| PollFd::from_borrowed_fd(capture.as_fd(), PollFlags::IN))
            .collect();
        if !asked {
            sources.push(PollFd::new(&self.stopped, PollFlags::IN));
        }
        // Interrupted by a signal, or something that the next fetch will meet: go round again.
        let _ = poll(&mut sources, Some(&timeout));
        !asked
            && sources
                .last()
                .is_some_and(|last| !last.revents().is_empty())
    }

    fn count_drops(&mut self) {
        let (mut kernel, mut interface) = (0, 0);
        for handle in &mut self.handles {
            if let Some(Ok(stats)) = handle.capture.as_mut().map(Capture::stats) {
                handle.dropped = (u64::from(stats.dropped), u64::from(stats.if_dropped));
            }
            kernel += handle.dropped.0;
            interface += handle.dropped.1;
        }
        self.queue.set_kernel_drops(kernel, interface);
    }

    /// libpcap goes on waiting when an interface goes down, without a word.
    fn look_whether_up(&mut self) {
        let Ok(known) = nix::ifaddrs::getifaddrs() else {
            return;
        };
        let up: HashMap<String, bool> = known
            .map(|known| {
                (
                    known.interface_name,
                    known.flags.contains(InterfaceFlags::IFF_UP),
                )
            })
            .collect();
        let mut changes = Vec::new();
        for handle in &mut self.handles {
            // `any` is not listed.
            let is_up = up.get(&handle.name).copied().unwrap_or(handle.is_up);
            if is_up != handle.is_up {
                handle.is_up = is_up;
                let change = if is_up { Notice::Up } else { Notice::Down };
                changes.push(change(handle.name.clone()));
            }
        }
        for change in changes {
            self.tell(change);
        }
    }

    fn tell(&self, notice: Notice) {
        // Nobody listens: whoever captures does not want to know.
        let _ = self.notice.send(notice);
    }
}

/// When a frame was captured: with the precision that was asked for, `tv_usec` holds nanoseconds.
fn time_of(header: &PacketHeader) -> Timestamp {
    let nanoseconds = u32::try_from(header.ts.tv_usec).unwrap_or_default();
    #[allow(
        clippy::useless_conversion,
        reason = "a C long: 32 bits on some systems, and there not useless"
    )]
    Timestamp::new(i64::from(header.ts.tv_sec), nanoseconds)
}

fn wall_clock() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    Timestamp::default().plus(since.unwrap_or_default())
}
