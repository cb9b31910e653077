//! Both directions of one connection, and the order between them.
//!
//! A segment is handed on when its direction has come to it *and* the other direction has been
//! handed on as far as the segment acknowledges: what was answered comes before its answer. What
//! cannot go on waits in its [`Direction`]; [`Connection::settle`] ends the waiting.
//!
//! ```text
//!   push ─→ plain     nothing waits, and the segment goes on at once      nearly all segments
//!        └→ placing   handed on, or kept until its turn
//!           waiting   what was kept goes on, or its waiting ends
//! ```

mod placing;
mod plain;
mod waiting;

use crate::decode::Segment;
use crate::limits::Limits;
use crate::tcp::direction::{Direction, Presence};
use crate::tcp::ended::Numbers;
use crate::tcp::flow::FlowKey;
use crate::tcp::half_open::Syn;
use crate::tcp::sequence::SeqNumber;
use crate::tcp::stats::TcpStats;
use crate::tcp::{Application, At, ConnectionInfo, Interest, Side};

/// One TCP connection.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts; connections are many, so they are kept small"
)]
pub(super) struct Connection<A> {
    client: Direction,
    server: Direction,
    /// Its number in the capture.
    stream: u64,
    /// The client is the first end of the flow key.
    client_is_first: bool,
    /// The handshake told which side is which.
    handshake: bool,
    interest: Interest,
    /// Where both directions begin is not known yet: nothing is handed on. In a capture that shows
    /// frames late the handshake may still come.
    undecided: bool,
    /// The table has this connection on its list of stuck ones.
    pub(super) listed: bool,
    /// The table has this connection on its list of those with unfinished messages.
    pub(super) unfinished: bool,
    application: A,
}

/// How a connection begins.
pub(super) struct Opening {
    pub(super) stream: u64,
    pub(super) client_is_first: bool,
    pub(super) handshake: bool,
}

impl Opening {
    /// What an application is told of the connection.
    pub(super) fn info(&self, key: &FlowKey) -> ConnectionInfo {
        let (first, second) = key.ends();
        let (client, server) = if self.client_is_first {
            (first, second)
        } else {
            (second, first)
        };
        ConnectionInfo {
            stream: self.stream,
            client,
            server,
            handshake: self.handshake,
        }
    }
}

/// What a connection is after a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Open,
    /// Both sides sent FIN.
    Finished,
    /// This side reset it.
    Reset(Side),
}

/// What the work on one segment may use and fill.
pub(super) struct Context<'c, O> {
    pub(super) limits: &'c Limits,
    pub(super) key: &'c FlowKey,
    pub(super) stats: &'c mut TcpStats,
    pub(super) out: &'c mut O,
}

impl<A: Application> Connection<A> {
    pub(super) fn open(opening: &Opening, key: &FlowKey) -> Self {
        Self {
            client: Direction::new(),
            server: Direction::new(),
            stream: opening.stream,
            client_is_first: opening.client_is_first,
            handshake: opening.handshake,
            interest: Interest::Keep,
            undecided: true,
            listed: false,
            unfinished: false,
            application: A::open(&opening.info(key)),
        }
    }

    fn info(&self, key: &FlowKey) -> ConnectionInfo {
        let opening = Opening {
            stream: self.stream,
            client_is_first: self.client_is_first,
            handshake: self.handshake,
        };
        opening.info(key)
    }

    /// Its number in the capture.
    pub(super) fn stream(&self) -> u64 {
        self.stream
    }

    /// Which side is the first end of the flow key, or the second.
    fn side(&self, is_first: bool) -> Side {
        if is_first == self.client_is_first {
            Side::Client
        } else {
            Side::Server
        }
    }

    fn direction(&mut self, side: Side) -> &mut Direction {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    /// Whether a SYN opens a new connection between the same ends.
    pub(super) fn is_reopened_by(&mut self, segment: &Segment<'_>, from_first: bool) -> bool {
        let side = self.side(from_first);
        !self.direction(side).accepts_syn(first_byte(segment))
    }

    /// Whether no byte of data was seen.
    pub(super) fn is_silent(&self) -> bool {
        !self.client.delivered && !self.server.delivered
    }

    /// Whether the server answered a SYN with its own, as far as the capture shows.
    pub(super) fn was_accepted(&self) -> bool {
        !self.handshake || !self.client.has_syn() || self.server.has_syn()
    }

    /// Whether nothing beyond the first SYN was seen.
    pub(super) fn is_half_open(&self) -> bool {
        let [client, server] = [&self.client, &self.server];
        let both = client.presence == Presence::Seen && server.presence == Presence::Seen;
        !both && self.is_silent()
    }

    pub(super) fn waiting_bytes(&self) -> usize {
        self.client.waiting_bytes() + self.server.waiting_bytes()
    }

    /// The memory that unfinished messages take.
    pub(super) fn unfinished_bytes(&self) -> usize {
        self.application.unfinished_bytes()
    }

    pub(super) fn is_stuck(&self) -> bool {
        self.client.stuck_since().is_some() || self.server.stuck_since().is_some()
    }

    /// Whether nothing waits and nothing is missing, as far as is known.
    pub(super) fn is_smooth(&self) -> bool {
        !self.undecided && self.client.is_smooth() && self.server.is_smooth()
    }

    /// Takes what was seen of the handshake earlier.
    pub(super) fn take_handshake(&mut self, syn: Syn) {
        let first = SeqNumber(syn.sequence).plus(1);
        self.client.presence = Presence::Seen;
        self.client.take_syn(first);
        if let Some(answer) = syn.answer {
            self.server.presence = Presence::Seen;
            self.server.take_syn(SeqNumber(answer).plus(1));
            self.client.acknowledge(first, false);
            self.undecided = false;
        }
    }

    /// Learns from a SYN which side is which, if nothing told so before.
    fn take_syn(&mut self, side: Side, segment: &Segment<'_>, key: &FlowKey) -> Side {
        let mut side = side;
        let is_client = !segment.flags.ack();
        if self.undecided && !self.handshake {
            self.handshake = true;
            if is_client != (side == Side::Client) {
                std::mem::swap(&mut self.client, &mut self.server);
                self.client_is_first = !self.client_is_first;
                side = side.other();
            }
            self.application = A::open(&self.info(key));
        }
        self.direction(side).take_syn(first_byte(segment));
        if !is_client {
            // It tells where the other direction begins, too.
            let number = SeqNumber(segment.acknowledgement);
            self.direction(side.other()).take_syn(number);
        }
        self.undecided &= !(self.client.started && self.server.started);
        side
    }

    /// The handshake will not come any more.
    fn decide(&mut self) {
        if std::mem::take(&mut self.undecided) {
            self.client.decide();
            self.server.decide();
        }
    }

    /// Takes the next segment of the capture where it is a bare acknowledgement of what was handed on;
    /// `false` where it is none, and nothing was done.
    #[inline]
    pub(super) fn push_bare(&mut self, segment: &Segment<'_>, from_first: bool) -> bool {
        let side = self.side(from_first);
        segment.payload.is_empty() && self.acknowledge_plainly(side, segment)
    }

    /// Takes the next segment of the capture; `from_first`: it was sent by the first end of the key.
    #[inline]
    pub(super) fn push(
        &mut self,
        segment: &Segment<'_>,
        from_first: bool,
        cx: &mut Context<'_, A::Output>,
    ) -> State {
        let side = self.side(from_first);
        if self.push_plain(side, segment, cx) {
            return self.state();
        }
        self.push_thoroughly(side, segment, cx)
    }

    /// Takes a segment of any kind.
    fn push_thoroughly(
        &mut self,
        mut side: Side,
        segment: &Segment<'_>,
        cx: &mut Context<'_, A::Output>,
    ) -> State {
        let at = At {
            frame: segment.frame,
            time: segment.time,
        };
        let flags = segment.flags;
        if self.interest == Interest::Drop {
            return self.push_unread(side, segment);
        }
        self.direction(side).presence = Presence::Seen;
        if flags.syn() {
            side = self.take_syn(side, segment, cx.key);
        }
        if flags.rst() {
            let direction = self.direction(side);
            let sequence = SeqNumber(segment.sequence);
            if !direction.accepts_reset(sequence) {
                cx.stats.ignored_resets += 1;
                return State::Open;
            }
            direction.take_reset(at);
        }
        if flags.ack() {
            let number = SeqNumber(segment.acknowledgement);
            let undecided = self.undecided;
            let peer = self.direction(side.other());
            peer.acknowledge(number, undecided);
            if peer.presence == Presence::Absent {
                self.give_up_hole(side.other(), true, at, cx);
            }
        }
        if !segment.payload.is_empty() || segment.cut > 0 {
            self.place(side, segment, at, cx);
        }
        if flags.fin() {
            self.place_fin(side, segment, at, cx);
        }
        if !self.is_smooth() {
            self.drain(at, cx);
            self.update_stuck(at);
            if self.waiting_bytes() > 0 {
                self.enforce_bound(at, cx);
            }
        }
        self.state()
    }

    /// Follows the end of a connection whose bytes nobody reads.
    fn push_unread(&mut self, side: Side, segment: &Segment<'_>) -> State {
        if segment.flags.rst() {
            return State::Reset(side);
        }
        let direction = self.direction(side);
        direction.finished |= segment.flags.fin();
        self.state()
    }

    fn state(&self) -> State {
        if self.client.finished && self.server.finished {
            return State::Finished;
        }
        State::Open
    }

    /// What is known of its numbers at its end.
    pub(super) fn last_numbers(&self) -> Option<Numbers> {
        let (client, server) = (self.client.end()?, self.server.end()?);
        Some(Numbers {
            syn: self.client.beginning()?,
            ends: if self.client_is_first {
                [client, server]
            } else {
                [server, client]
            },
        })
    }

    /// Who reset the connection, and where, if that was not told yet.
    pub(super) fn reset_by(&self) -> Option<(Side, At)> {
        let client = self.client.reset().map(|at| (Side::Client, at));
        client.or(self.server.reset().map(|at| (Side::Server, at)))
    }

    /// Ends the connection: everything that waits is handed on first.
    pub(super) fn close(
        &mut self,
        cause: crate::tcp::CloseCause,
        at: At,
        cx: &mut Context<'_, A::Output>,
    ) {
        self.flush(at, cx);
        let info = self.info(cx.key);
        self.application.on_close(&info, cause, at, cx.out);
    }
}

/// Sequence number of the first data byte: a SYN takes one number.
fn first_byte(segment: &Segment<'_>) -> SeqNumber {
    SeqNumber(segment.sequence).plus(i64::from(segment.flags.syn()))
}
