//! What client and server say, and the TCP segments that carry it.
//!
//! The segments are those of two well-behaved ends: each acknowledges just what it has received.
//! A test that wants trouble takes the list of segments and removes, repeats or moves some.

use std::ops::RangeInclusive;

use super::random::Random;

/// Who sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Client,
    Server,
}

impl Who {
    pub const fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

pub const FIN: u8 = 0x01;
pub const SYN: u8 = 0x02;
pub const RST: u8 = 0x04;
pub const ACK: u8 = 0x10;

/// One TCP segment, not yet in a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    pub who: Who,
    pub sequence: u32,
    pub acknowledgement: u32,
    pub flags: u8,
    pub payload: Vec<u8>,
}

#[derive(Debug, Clone)]
enum Step {
    Says(Who, Vec<u8>),
    Fin(Who),
    Reset(Who),
    KeepAlive(Who),
}

/// How a conversation is cut into segments, and what happens to them on the way.
#[derive(Debug, Clone)]
pub struct Cutting {
    /// Payload bytes of a segment.
    pub size: RangeInclusive<usize>,
    /// Whether the opening handshake is in the capture.
    pub handshake: bool,
    /// The first sequence numbers of client and server.
    pub first: [u32; 2],
    /// Percentage of segments that come twice.
    pub repeated: usize,
    /// Percentage of segments that are sent again with other borders.
    pub overlapping: usize,
    /// Percentage of segments that arrive only when the rest of what is said has.
    pub late: usize,
    /// Segments are captured up to so many places from where they belong.
    pub disorder: usize,
    pub seed: u64,
}

impl Default for Cutting {
    fn default() -> Self {
        Self {
            size: 1460..=1460,
            handshake: true,
            first: [1000, 5000],
            repeated: 0,
            overlapping: 0,
            late: 0,
            disorder: 0,
            seed: 1,
        }
    }
}

/// What is said on one connection, in order.
#[derive(Debug, Clone, Default)]
pub struct Conversation {
    steps: Vec<Step>,
}

impl Conversation {
    pub fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn client(mut self, says: impl AsRef<[u8]>) -> Self {
        self.steps
            .push(Step::Says(Who::Client, says.as_ref().to_vec()));
        self
    }

    #[must_use]
    pub fn server(mut self, says: impl AsRef<[u8]>) -> Self {
        self.steps
            .push(Step::Says(Who::Server, says.as_ref().to_vec()));
        self
    }

    /// One side closes, then the other.
    #[must_use]
    pub fn closed_by(mut self, who: Who) -> Self {
        self.steps.push(Step::Fin(who));
        self.steps.push(Step::Fin(who.other()));
        self
    }

    #[must_use]
    pub fn reset_by(mut self, who: Who) -> Self {
        self.steps.push(Step::Reset(who));
        self
    }

    /// A probe: the last byte again, which the other side acknowledges.
    #[must_use]
    pub fn keep_alive_by(mut self, who: Who) -> Self {
        self.steps.push(Step::KeepAlive(who));
        self
    }

    /// The segments of whole packets with a handshake.
    pub fn segments(&self) -> Vec<Segment> {
        self.cut(&Cutting::default())
    }

    pub fn cut(&self, cutting: &Cutting) -> Vec<Segment> {
        let mut ends = Ends {
            next: cutting.first,
            random: Random::new(cutting.seed),
            segments: Vec::new(),
        };
        ends.handshake(cutting.handshake);
        let opening = ends.segments.len();
        for step in &self.steps {
            match step {
                Step::Says(who, bytes) => ends.say(*who, bytes, cutting),
                Step::Fin(who) => ends.flag(*who, FIN | ACK, 1),
                Step::Reset(who) => ends.flag(*who, RST | ACK, 0),
                Step::KeepAlive(who) => ends.keep_alive(*who),
            }
        }
        let mut segments = ends.segments;
        let moved = segments.split_off(opening);
        segments.extend(disordered(moved, cutting.disorder, &mut ends.random));
        segments
    }
}

/// Moves each element by at most `window` places.
fn disordered<T>(elements: Vec<T>, window: usize, random: &mut Random) -> Vec<T> {
    let place = |(at, element)| (at + random.below(window + 1), element);
    let mut places: Vec<(usize, T)> = elements.into_iter().enumerate().map(place).collect();
    places.sort_by_key(|(place, _)| *place);
    places.into_iter().map(|(_, element)| element).collect()
}

/// Both ends of a connection while they talk.
struct Ends {
    /// The next sequence number of each; the other end has received all before it.
    next: [u32; 2],
    random: Random,
    segments: Vec<Segment>,
}

impl Ends {
    fn next(&mut self, who: Who) -> &mut u32 {
        let [client, server] = &mut self.next;
        match who {
            Who::Client => client,
            Who::Server => server,
        }
    }

    fn segment(&mut self, who: Who, sequence: u32, flags: u8, payload: &[u8]) -> Segment {
        Segment {
            who,
            sequence,
            acknowledgement: *self.next(who.other()),
            flags,
            payload: payload.to_vec(),
        }
    }

    /// Sends a segment without payload that takes `numbers` sequence numbers.
    fn flag(&mut self, who: Who, flags: u8, numbers: u32) {
        let sequence = *self.next(who);
        let segment = self.segment(who, sequence, flags, b"");
        self.segments.push(segment);
        *self.next(who) = sequence.wrapping_add(numbers);
    }

    fn handshake(&mut self, captured: bool) {
        self.flag(Who::Client, SYN, 1);
        if let Some(syn) = self.segments.last_mut() {
            syn.acknowledgement = 0;
        }
        self.flag(Who::Server, SYN | ACK, 1);
        self.flag(Who::Client, ACK, 0);
        if !captured {
            self.segments.clear();
        }
    }

    fn say(&mut self, who: Who, bytes: &[u8], cutting: &Cutting) {
        let base = *self.next(who);
        let number = |at: usize| base.wrapping_add(u32::try_from(at).unwrap_or(u32::MAX));
        let mut late = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let (least, most) = (*cutting.size.start(), *cutting.size.end());
            let size = least + self.random.below(most - least + 1);
            let end = bytes.len().min(at + size);
            let segment = self.segment(who, number(at), ACK, &bytes[at..end]);
            if self.random.chance(cutting.repeated) {
                self.segments.push(segment.clone());
            }
            if self.random.chance(cutting.late) {
                late.push(segment);
            } else {
                self.segments.push(segment);
            }
            if self.random.chance(cutting.overlapping) {
                let from = at - self.random.below(at.min(size) + 1);
                let to = (end + self.random.below(size + 1)).min(bytes.len());
                let again = self.segment(who, number(from), ACK, &bytes[from..to]);
                self.segments.push(again);
            }
            at = end;
        }
        self.segments.append(&mut late);
        *self.next(who) = number(bytes.len());
        self.flag(who.other(), ACK, 0);
    }

    fn keep_alive(&mut self, who: Who) {
        let before = self.next(who).wrapping_sub(1);
        let probe = self.segment(who, before, ACK, b"\0");
        self.segments.push(probe);
        self.flag(who.other(), ACK, 0);
    }
}
