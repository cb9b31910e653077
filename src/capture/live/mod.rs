//! Interfaces → frames, as they come.
//!
//! Two threads, so that nothing holds up the capture: one fetches frames from the kernel's rings,
//! records them if that is wished, and puts them into a bounded queue; the other one, whoever calls
//! [`Live`], analyses them. What is lost on the way is counted where it is lost ([`Drops`](crate::capture::Drops)).
//!
//! Opening needs rights and everything after it needs none, so these are two steps: between
//! [`open`] and [`Opened::start`] rights are given up, before a byte of the traffic is looked at.
//!
//! Before changing how handles are opened: libpcap's immediate mode brings each frame at once, but
//! cuts the ring into few large slots, and a burst then overflows it. Without it the kernel hands over
//! blocks, each at the latest when `BLOCK_TIMEOUT` is over, and small frames fill them densely.
//!
//! To have read: the manual pages `pcap(3PCAP)` and `packet(7)`.

mod queue;
mod reader;

use std::fmt;
use std::io::{self, Write as _};
#[cfg(target_os = "linux")]
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use pcap::{Active, Capture, Linktype, Precision};

use crate::capture::frame::{Frame, FrameNumber, LinkType};
use crate::capture::interfaces::{Interface, interfaces};
use crate::capture::libpcap::NoLibpcap;
use crate::capture::live::queue::{Batch, Queue, Taken};
use crate::capture::live::reader::Reader;
use crate::capture::recorder::{RecordedInterface, Recorder};
use crate::capture::{CaptureError, FrameSource, Next, Progress};
use crate::limits::Limits;

/// How long the kernel may keep a frame to itself: the shortest that libpcap's unit allows to be
/// reached in practice, as the kernel counts in ticks of 4 ms.
const BLOCK_TIMEOUT: Duration = Duration::from_millis(8);

/// The pseudo-interface of Linux that stands for all of them.
pub const ANY: &str = "any";

/// What to capture, and how.
#[derive(Debug, Clone)]
pub struct LiveOptions {
    /// The interfaces, by name.
    pub interfaces: Vec<String>,
    /// A filter in the language of `pcap-filter(7)`.
    pub filter: Option<String>,
    /// Bytes of each frame that are kept.
    pub snap_length: u32,
    /// Bytes of the kernel's ring, for each interface.
    pub ring: u32,
    /// Whether the interface is to take frames for others, too.
    pub promiscuous: bool,
}

impl Default for LiveOptions {
    /// No interface yet; whole frames of all kinds, and a ring that holds the largest bursts.
    fn default() -> Self {
        Self {
            interfaces: Vec::new(),
            filter: None,
            snap_length: 262_144,
            ring: 64 << 20,
            promiscuous: false,
        }
    }
}

/// When to stop by itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct StopAfter {
    /// After so many frames.
    pub frames: Option<u64>,
    /// After so long.
    pub duration: Option<Duration>,
}

/// Something that happens to a capture while it goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// An interface went down; the capture goes on when it comes back.
    Down(String),
    /// It came back.
    Up(String),
    /// An interface is gone for good, with the system's words; the others go on.
    Gone(String, String),
    /// The recording ended, with the reason; the analysis goes on.
    RecordingEnded(String),
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Down(name) => write!(f, "{name}: the interface is down; waiting until it is up"),
            Self::Up(name) => write!(f, "{name}: the interface is up again"),
            Self::Gone(name, words) => write!(f, "{name}: nothing more from this one: {words}"),
            Self::RecordingEnded(why) => write!(
                f,
                "{why}; the frames before it are in the file, and the analysis goes on without recording"
            ),
        }
    }
}

/// Why an interface cannot be captured on.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no libpcap.
    #[error(transparent)]
    NoLibpcap(#[from] NoLibpcap),
    /// The system does not allow it.
    #[error("no permission to capture on \"{interface}\" ({words})")]
    NotPermitted {
        /// On which one.
        interface: String,
        /// The system's words.
        words: String,
    },
    /// There is no such interface.
    #[error("no interface \"{interface}\"{}", did_you_mean(.near))]
    NotFound {
        /// The name that was asked for.
        interface: String,
        /// Names that are much like it, or all where none is.
        near: Vec<String>,
    },
    /// The interface is switched off.
    #[error(
        "\"{interface}\" is down: nothing passes it (switch it on: ip link set {interface} up)"
    )]
    Down {
        /// Which one.
        interface: String,
    },
    /// The filter is none.
    #[error("wrong filter '{filter}': {words}")]
    Filter {
        /// The filter.
        filter: String,
        /// libpcap's words.
        words: String,
    },
    /// Something else.
    #[error("cannot capture on \"{interface}\": {words}")]
    Other {
        /// On which one.
        interface: String,
        /// libpcap's words.
        words: String,
    },
}

fn did_you_mean(near: &[String]) -> String {
    if near.is_empty() {
        return "; corshark interfaces lists what there is".to_owned();
    }
    format!("; did you mean {}?", near.join(", "))
}

/// One opened interface.
struct Handle {
    name: String,
    link_type: LinkType,
    /// `None` once the interface is gone.
    capture: Option<Capture<Active>>,
    is_up: bool,
    /// By the kernel and by the interface.
    dropped: (u64, u64),
}

/// Interfaces that are opened; frames collect in the kernel already.
pub struct Opened {
    handles: Vec<Handle>,
    options: LiveOptions,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.handles.iter().map(|handle| &handle.name);
        f.debug_list().entries(names).finish()
    }
}

/// Opens the interfaces. All that needs rights is here.
pub fn open(options: &LiveOptions) -> Result<Opened, OpenError> {
    crate::capture::libpcap::version()?;
    let known = interfaces().unwrap_or_default();
    let mut handles = Vec::new();
    for name in &options.interfaces {
        handles.push(open_one(name, options, &known)?);
    }
    Ok(Opened {
        handles,
        options: options.clone(),
    })
}

/// Whether this process may capture on an interface: it is opened and closed again. Gives the name
/// of the link type, such as `EN10MB`.
pub fn may_capture(interface: &str) -> Result<String, OpenError> {
    let options = LiveOptions {
        snap_length: 64,
        ring: 1 << 16,
        ..LiveOptions::default()
    };
    crate::capture::libpcap::version()?;
    let known = interfaces().unwrap_or_default();
    let handle = open_one(interface, &options, &known)?;
    let link_type = handle.capture.map(|capture| capture.get_datalink());
    let name = link_type.and_then(|link_type| link_type.get_name().ok());
    Ok(name.unwrap_or_default())
}

fn open_one(name: &str, options: &LiveOptions, known: &[Interface]) -> Result<Handle, OpenError> {
    let fault = |error: pcap::Error| sorted(name, &error, known);
    let as_int = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
    let timeout = i32::try_from(BLOCK_TIMEOUT.as_millis()).unwrap_or(1);
    let mut capture = Capture::from_device(name)
        .map_err(fault)?
        .snaplen(as_int(options.snap_length))
        .buffer_size(as_int(options.ring))
        .promisc(options.promiscuous)
        .precision(Precision::Nano)
        .timeout(timeout)
        .open()
        .map_err(fault)?
        .setnonblock()
        .map_err(fault)?;
    // What a command started from here would otherwise inherit.
    rustix::io::fcntl_setfd(&capture, rustix::io::FdFlags::CLOEXEC).map_err(|error| {
        OpenError::Other {
            interface: name.to_owned(),
            words: error.to_string(),
        }
    })?;
    if name == ANY {
        // Version 2 tells the interface. Older libpcaps do not have it.
        let _ = capture.set_datalink(Linktype::LINUX_SLL2);
    }
    #[cfg(target_os = "linux")]
    if known.iter().any(|i| i.is_loopback && i.name == name) {
        crate::capture::libpcap::ignore_outgoing(capture.as_fd());
    }
    if let Some(filter) = &options.filter {
        capture
            .filter(filter, true)
            .map_err(|error| OpenError::Filter {
                filter: filter.clone(),
                words: words_of(&error),
            })?;
    }
    Ok(Handle {
        name: name.to_owned(),
        link_type: link_type_of(capture.get_datalink()),
        capture: Some(capture),
        is_up: true,
        dropped: (0, 0),
    })
}

/// The number that a savefile has for a link type: a handle has another one for raw IP.
fn link_type_of(link_type: Linktype) -> LinkType {
    match link_type.0 {
        // LINKTYPE_RAW; 12 on most systems, 14 on OpenBSD.
        12 | 14 => LinkType(101),
        other => LinkType(u16::try_from(other).unwrap_or(u16::MAX)),
    }
}

fn words_of(error: &pcap::Error) -> String {
    match error {
        pcap::Error::PcapError(words) => words.clone(),
        other => other.to_string(),
    }
}

/// libpcap's words, sorted by what to do about them.
fn sorted(name: &str, error: &pcap::Error, known: &[Interface]) -> OpenError {
    let interface = name.to_owned();
    let words = words_of(error);
    let says = |part: &str| words.to_ascii_lowercase().contains(part);
    let found = known.iter().find(|interface| interface.name == name);
    if !known.is_empty() && found.is_none() {
        let near = near(name, known);
        return OpenError::NotFound { interface, near };
    }
    if says("permi") || says("cap_net_raw") || says("access") {
        return OpenError::NotPermitted { interface, words };
    }
    if says("not up") || says("down") {
        return OpenError::Down { interface };
    }
    OpenError::Other { interface, words }
}

/// Names that were perhaps meant.
fn near(name: &str, known: &[Interface]) -> Vec<String> {
    let name = name.to_lowercase();
    let alike = |other: &str| {
        let other = other.to_lowercase();
        // `eth1` for `eth0`, `localhost` for `lo`, `wlan` for `wlan0`.
        let stem = |text: &str| {
            text.trim_end_matches(|c: char| c.is_ascii_digit())
                .to_owned()
        };
        stem(&other) == stem(&name) || name.starts_with(&other) || other.starts_with(&name)
    };
    let near: Vec<String> = known
        .iter()
        .filter(|interface| alike(&interface.name))
        .map(|interface| interface.name.clone())
        .collect();
    if !near.is_empty() {
        return near;
    }
    let up = known.iter().filter(|interface| interface.is_up);
    up.map(|interface| interface.name.clone()).collect()
}

/// Ends a capture from anywhere, a signal handler too: what was seen until then is still analysed.
#[derive(Debug)]
pub struct Stopper(UnixStream);

impl Stopper {
    /// Ends the capture.
    pub fn stop(&self) {
        // Full, or the other end is gone: it was stopped before.
        let _ = (&self.0).write(&[0]);
    }

    /// Another one for the same capture.
    pub fn try_clone(&self) -> io::Result<Self> {
        self.0.try_clone().map(Self)
    }
}

impl From<Stopper> for std::os::fd::OwnedFd {
    /// A descriptor that ends the capture when something is written to it.
    fn from(stopper: Stopper) -> Self {
        stopper.0.into()
    }
}

impl Opened {
    /// The interfaces, for a recording of them.
    #[must_use]
    pub fn recorded(&self) -> Vec<RecordedInterface> {
        let interfaces = self.handles.iter().map(|handle| RecordedInterface {
            name: handle.name.clone(),
            link_type: handle.link_type,
            snap_length: self.options.snap_length,
            filter: self.options.filter.clone(),
        });
        interfaces.collect()
    }

    /// Starts to fetch frames.
    pub fn start(
        self,
        recorder: Option<Recorder>,
        stop: StopAfter,
        limits: &Limits,
    ) -> io::Result<Live> {
        let (stopper, wake) = UnixStream::pair()?;
        for end in [&stopper, &wake] {
            end.set_nonblocking(true)?;
        }
        let (notice, notices) = channel();
        let queue = Arc::new(Queue::new(limits.live_queue, limits.live_batch));
        let reader = Reader {
            handles: self.handles,
            recorder,
            stop,
            stopped: wake,
            batch: limits.live_batch,
            queue: Arc::clone(&queue),
            notice,
        };
        thread::Builder::new()
            .name("capture".to_owned())
            .spawn(move || reader.read())?;
        Ok(Live {
            queue,
            batch: Batch::default(),
            at: 0,
            bytes: 0,
            stopper,
            notices: Some(notices),
            silent_since: None,
        })
    }
}

/// A capture that goes on: the frames of its interfaces in the order of their time.
#[derive(Debug)]
pub struct Live {
    queue: Arc<Queue>,
    batch: Batch,
    at: usize,
    /// Bytes of frames so far.
    bytes: u64,
    stopper: UnixStream,
    notices: Option<Receiver<Notice>>,
    /// Since when there was no frame; `None` where one was just given.
    silent_since: Option<Instant>,
}

impl Live {
    /// What ends it.
    pub fn stopper(&self) -> io::Result<Stopper> {
        self.stopper.try_clone().map(Stopper)
    }

    /// What happens to it, told as it happens; the first caller gets it.
    pub fn take_notices(&mut self) -> Option<Receiver<Notice>> {
        self.notices.take()
    }

    /// How long to wait for a frame: not at all after the last one, so that whoever asks learns at
    /// once that there is no more for now; shortly while silence may still settle something; longer
    /// when it lasts, for a machine that sleeps.
    fn patience(&mut self) -> Duration {
        const SHORT: Duration = Duration::from_millis(10);
        const LONG: Duration = Duration::from_millis(100);
        match self.silent_since {
            None => {
                self.silent_since = Some(Instant::now());
                Duration::ZERO
            }
            Some(since) if since.elapsed() < Duration::from_secs(2) => SHORT,
            Some(_) => LONG,
        }
    }
}

impl FrameSource for Live {
    fn next_frame(&mut self) -> Result<Next<'_>, CaptureError> {
        if self.at >= self.batch.len() {
            let spent = std::mem::take(&mut self.batch);
            self.at = 0;
            let patience = self.patience();
            match self.queue.take(spent, patience) {
                Taken::Batch(batch) => {
                    self.bytes += batch.bytes();
                    self.batch = batch;
                    self.silent_since = None;
                }
                Taken::Idle => return Ok(Next::Idle),
                Taken::End(how) => return how.map(|()| Next::End),
            }
        }
        let at = self.at;
        self.at += 1;
        Ok(match self.batch.get(at) {
            Some((captured, bytes)) => Next::Frame(Frame {
                number: FrameNumber(self.batch.first + at as u64),
                time: captured.time,
                link_type: captured.link_type,
                bytes,
            }),
            None => Next::Idle,
        })
    }

    fn progress(&self) -> Progress {
        Progress {
            bytes: self.bytes,
            total: None,
            dropped: Some(self.queue.drops()),
        }
    }
}
