//! A request with its final response.

use std::fmt;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::capture::frame::{FrameNumber, Timestamp};
use crate::http::connecting::Connecting;
use crate::http::headers::HeaderList;
use crate::http::message::{Message, RequestHead, ResponseHead};
use crate::tcp::ConnectionInfo;

/// Names an exchange within its capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExchangeId(pub u64);

/// How an exchange ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The response came to its end.
    Complete,
    /// The connection was closed before that.
    Closed,
    /// The connection was reset before that.
    Reset,
    /// The client closed or reset it before any response.
    Aborted,
    /// What came was no response.
    Garbled,
    /// The capture ended before that.
    CaptureEnded,
    /// The capture lacks the response's head: lost packets, or only one direction.
    NotCaptured,
    /// A snap length cut the response's head off.
    CutBySnapLength,
    /// The connection's bytes could not be read as HTTP any more.
    Unreadable,
    /// The connection was given up: silent for too long, or too many.
    GivenUp,
}

impl Outcome {
    /// All of them, in the order in which they are counted.
    pub const ALL: [Self; 10] = [
        Self::Complete,
        Self::NotCaptured,
        Self::CutBySnapLength,
        Self::Closed,
        Self::Reset,
        Self::Aborted,
        Self::Garbled,
        Self::CaptureEnded,
        Self::Unreadable,
        Self::GivenUp,
    ];
}

/// Something about an exchange that a reader should know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// Bytes of a body are missing from the capture.
    GapInBody,
    /// A snap length cut a body.
    BodyCut,
    /// A header line was folded (RFC 9112 §5.2), and read as one line.
    ObsoleteFolding,
    /// Lines ended in LF alone.
    BareLf,
    /// The head broke the grammar; read as browsers read it.
    MalformedHead,
    /// The head holds a NUL byte: most browsers refuse such a response.
    NulInHead,
    /// Several Content-Length lines, or a list, with one value.
    RepeatedLength,
    /// Several different Content-Length values: most browsers refuse such a response.
    ConflictingLength,
    /// Content-Length beside Transfer-Encoding: chunked wins.
    LengthAndChunked,
    /// A length that no body can have.
    ImpossibleLength,
    /// Connection names a header that decides of CORS: an intermediary takes that off (RFC 9110 §7.6.1).
    NamedInConnection,
    /// An interim response (1xx) came before the final one.
    InterimResponse,
    /// The connection carries another protocol after this exchange.
    SwitchedProtocol,
    /// Response bytes were lost before this one: which request it answers is not certain.
    PairingUncertain,
}

impl Note {
    /// All notes, in the order in which they are listed.
    pub const ALL: [Self; 14] = [
        Self::GapInBody,
        Self::BodyCut,
        Self::ObsoleteFolding,
        Self::BareLf,
        Self::MalformedHead,
        Self::NulInHead,
        Self::RepeatedLength,
        Self::ConflictingLength,
        Self::LengthAndChunked,
        Self::ImpossibleLength,
        Self::NamedInConnection,
        Self::InterimResponse,
        Self::SwitchedProtocol,
        Self::PairingUncertain,
    ];

    /// Its name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::GapInBody => "gap-in-body",
            Self::BodyCut => "body-cut-by-snap-length",
            Self::ObsoleteFolding => "obsolete-line-folding",
            Self::BareLf => "bare-lf-line-ends",
            Self::MalformedHead => "malformed-head",
            Self::NulInHead => "nul-in-head",
            Self::RepeatedLength => "repeated-content-length",
            Self::ConflictingLength => "conflicting-content-length",
            Self::LengthAndChunked => "content-length-and-chunked",
            Self::ImpossibleLength => "impossible-content-length",
            Self::NamedInConnection => "cors-header-named-in-connection",
            Self::InterimResponse => "interim-response",
            Self::SwitchedProtocol => "switched-protocol",
            Self::PairingUncertain => "pairing-uncertain",
        }
    }
}

/// A set of notes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Notes(u16);

impl Notes {
    /// Adds one.
    pub fn add(&mut self, note: Note) {
        self.0 |= 1 << note as u16;
    }

    /// Adds all of another set.
    pub fn extend(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Whether it is there.
    #[must_use]
    pub fn contains(self, note: Note) -> bool {
        self.0 & 1 << note as u16 != 0
    }

    /// Those that are there.
    pub fn iter(self) -> impl Iterator<Item = Note> {
        Note::ALL.into_iter().filter(move |n| self.contains(*n))
    }
}

impl fmt::Debug for Notes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Note::name)).finish()
    }
}

/// A request and its final response, either of which may be missing from the capture.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// Its name.
    pub id: ExchangeId,
    /// The connection; `client` is the end that sent the request.
    pub connection: ConnectionInfo,
    /// The request; `None` for a response that nobody asked for.
    pub request: Option<Message<RequestHead>>,
    /// The final response; `None` where none was seen.
    pub response: Option<Message<ResponseHead>>,
    /// How it ended.
    pub outcome: Outcome,
    /// What else there is to say.
    pub notes: Notes,
}

impl Exchange {
    /// About how many bytes it takes.
    #[must_use]
    pub fn weight(&self) -> usize {
        let request = self.request.iter().map(|request| &request.head.headers);
        let responses = self.response.iter().flat_map(|response| {
            let others = response.head.otherwise.iter();
            let others = others.map(|(_, head)| &head.headers);
            others.chain([&response.head.headers])
        });
        weight_of(request.chain(responses))
    }
}

/// About how many bytes an exchange with these headers takes: measured on captures of several kinds.
#[must_use]
pub fn weight_of<'a>(lists: impl Iterator<Item = &'a HeaderList>) -> usize {
    const EXCHANGE: usize = 1200;
    const LINE: usize = 28;
    let bytes = lists.map(|list| list.size() + list.lines().count() * LINE);
    EXCHANGE + bytes.sum::<usize>()
}

/// What the HTTP layer tells, as it happens.
#[derive(Debug)]
pub enum HttpEvent {
    /// A request's head is there.
    Requested {
        /// The exchange that begins.
        id: ExchangeId,
        /// Its connection.
        connection: ConnectionInfo,
        /// The request's head.
        head: Arc<RequestHead>,
        /// When its first byte was captured.
        start: Timestamp,
        /// The frames that carry the head.
        frames: SmallVec<[FrameNumber; 2]>,
    },
    /// The head of the final response is there.
    Responded {
        /// The exchange it belongs to.
        id: ExchangeId,
        /// The response's head.
        head: Arc<ResponseHead>,
        /// When its last byte was captured.
        time: Timestamp,
    },
    /// Nothing more will come of an exchange.
    Finished(Arc<Exchange>),
    /// A connection did not come about, or did where another one had not.
    Connecting(Connecting),
}
