//! Both directions of one connection, and the order between them.
//!
//! A segment is handed on when its direction has come to it *and* the other direction has been
//! handed on as far as the segment acknowledges: what was answered comes before its answer. What
//! cannot go on waits in its [`Direction`]; [`Connection::settle`] ends the waiting.

use crate::capture::frame::{FrameNumber, Timestamp};
use crate::decode::Segment;
use crate::limits::Limits;
use crate::tcp::direction::{Direction, Presence, length};
use crate::tcp::flow::FlowKey;
use crate::tcp::half_open::Syn;
use crate::tcp::sequence::SeqNumber;
use crate::tcp::slot::Ended;
use crate::tcp::stats::TcpStats;
use crate::tcp::{Application, At, ConnectionInfo, GapCause, Interest, Side, StreamEvent};

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

    /// Takes the next segment of the capture; `from_first`: it was sent by the first end of the key.
    pub(super) fn push(
        &mut self,
        segment: &Segment<'_>,
        from_first: bool,
        cx: &mut Context<'_, A::Output>,
    ) -> State {
        let mut side = self.side(from_first);
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

    /// Hands the payload of a segment on, or keeps it until its turn.
    fn place(
        &mut self,
        side: Side,
        segment: &Segment<'_>,
        at: At,
        cx: &mut Context<'_, A::Output>,
    ) {
        let undecided = self.undecided;
        let direction = self.direction(side);
        let offset = direction.offset_of(first_byte(segment));
        let end = offset + length(segment);
        if undecided {
            direction.store(offset, segment);
            return;
        }
        if direction.started && !direction.delivered && offset < direction.next {
            // Where the stream begins was only a guess from an acknowledgement.
            if direction.fits_before_start(offset) {
                direction.next = offset;
            }
        }
        if direction.started && end <= direction.next {
            cx.stats.repeated_segments += 1;
            return;
        }
        let in_order =
            direction.started && offset <= direction.next && direction.first_waiting().is_none();
        let acknowledged = segment
            .flags
            .ack()
            .then_some(SeqNumber(segment.acknowledgement));
        if in_order && self.peer_has_come_to(side, acknowledged) {
            self.deliver(side, offset, segment.payload, segment.cut, at, cx);
        } else {
            cx.stats.out_of_order_segments += 1;
            self.direction(side).store(offset, segment);
        }
    }

    /// Hands a FIN on, or notes where it is.
    fn place_fin(
        &mut self,
        side: Side,
        segment: &Segment<'_>,
        at: At,
        cx: &mut Context<'_, A::Output>,
    ) {
        let unread = self.interest == Interest::Drop;
        let undecided = self.undecided;
        let direction = self.direction(side);
        let end = direction.offset_of(first_byte(segment)) + length(segment);
        if unread {
            direction.finished = true;
        } else if !undecided && direction.started && direction.next == end && direction.is_smooth()
        {
            direction.finish();
            self.hand_on(side, StreamEvent::Fin, at, cx);
        } else {
            direction.take_fin(end);
        }
    }

    /// Whether the other side's bytes up to this acknowledgement were handed on.
    fn peer_has_come_to(&mut self, side: Side, acknowledged: Option<SeqNumber>) -> bool {
        let peer = self.direction(side.other());
        let Some(number) = acknowledged else {
            return true;
        };
        if peer.presence == Presence::Absent {
            return true;
        }
        match peer.known_offset_of(number) {
            // A FIN takes one number, and may be handed on later than the data before it.
            Some(offset) => {
                let offset = peer.fin().map_or(offset, |fin| offset.min(fin));
                // Beyond the last plausible acknowledgement it is not one of this connection.
                offset > peer.acked || (peer.started && offset <= peer.next)
            }
            None => true,
        }
    }

    /// Hands on the part of a segment that is new.
    fn deliver(
        &mut self,
        side: Side,
        offset: i64,
        bytes: &[u8],
        cut: u32,
        at: At,
        cx: &mut Context<'_, A::Output>,
    ) {
        let direction = self.direction(side);
        let known = usize::try_from(direction.next - offset).unwrap_or(0);
        let new = bytes.get(known..).unwrap_or_default();
        direction.delivered = true;
        if !new.is_empty() {
            direction.next += i64::try_from(new.len()).unwrap_or(0);
            self.hand_on(side, StreamEvent::Data(new), at, cx);
        }
        if cut > 0 {
            let direction = self.direction(side);
            let end = offset + i64::try_from(bytes.len()).unwrap_or(0) + i64::from(cut);
            let missing = u64::try_from(end - direction.next).unwrap_or(0);
            if missing > 0 {
                direction.next = end;
                cx.stats.cut_segments += 1;
                cx.stats.cut_bytes += missing;
                let cause = GapCause::Cut;
                self.hand_on(side, StreamEvent::Gap { missing, cause }, at, cx);
            }
        }
    }

    fn hand_on(
        &mut self,
        side: Side,
        event: StreamEvent<'_>,
        at: At,
        cx: &mut Context<'_, A::Output>,
    ) {
        if self.interest == Interest::Drop {
            return;
        }
        let info = self.info(cx.key);
        let application = &mut self.application;
        self.interest = application.on_event(&info, side, event, at, cx.out);
        if self.interest == Interest::Drop {
            // Only their ends matter from here on.
            for side in [Side::Client, Side::Server] {
                let direction = self.direction(side);
                let finished = direction.fin().is_some();
                *direction = Direction::new();
                direction.finished = finished;
            }
        }
    }

    /// Hands on whatever can go on, in both directions.
    fn drain(&mut self, at: At, cx: &mut Context<'_, A::Output>) {
        if self.undecided {
            return;
        }
        loop {
            let client = self.drain_side(Side::Client, at, cx);
            let server = self.drain_side(Side::Server, at, cx);
            if !client && !server {
                return;
            }
        }
    }

    fn drain_side(&mut self, side: Side, at: At, cx: &mut Context<'_, A::Output>) -> bool {
        let mut progress = false;
        loop {
            let direction = self.direction(side);
            if !direction.started {
                return progress;
            }
            let next = direction.next;
            let Some((offset, stored)) = direction.first_waiting() else {
                break;
            };
            let acknowledged = stored.acknowledgement;
            if offset > next || !self.peer_has_come_to(side, acknowledged) {
                break;
            }
            if let Some((offset, stored)) = self.direction(side).take_first() {
                self.deliver(side, offset, &stored.bytes, stored.cut, stored.at, cx);
                progress = true;
            }
        }
        let direction = self.direction(side);
        if !direction.finished && direction.fin() == Some(direction.next) {
            direction.finish();
            self.hand_on(side, StreamEvent::Fin, at, cx);
            progress = true;
        }
        progress
    }

    fn update_stuck(&mut self, at: At) {
        self.client.update_stuck(at, self.undecided);
        self.server.update_stuck(at, self.undecided);
    }

    /// Keeps the bytes of one direction that wait within their bound.
    fn enforce_bound(&mut self, at: At, cx: &mut Context<'_, A::Output>) {
        for side in [Side::Client, Side::Server] {
            while self.direction(side).waiting_bytes() > cx.limits.out_of_order_bytes {
                cx.stats.out_of_order_overflows += 1;
                self.give_up(side, at, cx);
            }
        }
    }

    /// Gives up what the fullest direction waits for.
    pub(super) fn shed(&mut self, at: At, cx: &mut Context<'_, A::Output>) {
        cx.stats.out_of_order_overflows += 1;
        for side in [Side::Client, Side::Server] {
            while self.direction(side).waiting_bytes() > 0 {
                self.give_up(side, at, cx);
            }
        }
        // What held them is not needed any more.
        self.update_stuck(at);
    }

    /// Makes the first waiting segment of a side go on, whatever it waits for.
    fn give_up(&mut self, side: Side, at: At, cx: &mut Context<'_, A::Output>) {
        self.decide();
        self.give_up_hole(side.other(), true, at, cx);
        self.give_up_hole(side, false, at, cx);
        self.drain(at, cx);
        let direction = self.direction(side);
        if direction.waiting_bytes() > cx.limits.out_of_order_bytes
            && let Some((offset, stored)) = direction.take_first()
        {
            direction.next = direction.next.max(offset);
            self.deliver(side, offset, &stored.bytes, stored.cut, stored.at, cx);
        }
    }

    fn give_up_hole(
        &mut self,
        side: Side,
        evidence: bool,
        at: At,
        cx: &mut Context<'_, A::Output>,
    ) {
        let missing = self.direction(side).give_up_hole(evidence);
        if missing > 0 {
            cx.stats.gaps += 1;
            cx.stats.gap_bytes += missing;
            let cause = GapCause::Lost;
            self.hand_on(side, StreamEvent::Gap { missing, cause }, at, cx);
        }
    }

    /// Ends the waiting of those directions that have been stuck for longer than a capture can
    /// reorder frames.
    pub(super) fn settle(
        &mut self,
        now: Timestamp,
        frame: FrameNumber,
        at: At,
        cx: &mut Context<'_, A::Output>,
    ) -> State {
        let undecided = self.undecided;
        for side in [Side::Client, Side::Server] {
            let limits = cx.limits;
            let direction = self.direction(side);
            let expired = direction.stuck_since().is_some_and(|since| {
                frame.0.saturating_sub(since.frame.0) > limits.reorder_frames
                    || now.since(since.time) > limits.reorder_time
            });
            if !expired {
                continue;
            }
            if direction.presence == Presence::Unseen {
                direction.presence = Presence::Absent;
            }
            self.decide();
            let direction = self.direction(side);
            if direction.reset().is_some() {
                self.flush(at, cx);
                return State::Reset(side);
            }
            if !undecided {
                // Where the beginning was waited for, the waiting for a hole begins now.
                self.give_up_hole(side, true, at, cx);
            }
            self.drain(at, cx);
        }
        self.update_stuck(at);
        self.state()
    }

    /// Hands on everything that waits, with its gaps.
    fn flush(&mut self, at: At, cx: &mut Context<'_, A::Output>) {
        self.decide();
        loop {
            for side in [Side::Client, Side::Server] {
                self.give_up_hole(side, true, at, cx);
            }
            self.drain(at, cx);
            let first = |d: &Direction| d.first_waiting().map(|(_, stored)| stored.at.frame);
            let side = match (first(&self.client), first(&self.server)) {
                (None, None) => return,
                (Some(client), Some(server)) if server < client => Side::Server,
                (Some(_), _) => Side::Client,
                (None, Some(_)) => Side::Server,
            };
            self.give_up_hole(side, false, at, cx);
            if let Some((offset, stored)) = self.direction(side).take_first() {
                self.deliver(side, offset, &stored.bytes, stored.cut, stored.at, cx);
            }
        }
    }

    fn state(&self) -> State {
        if self.client.finished && self.server.finished {
            return State::Finished;
        }
        State::Open
    }

    /// What is known of its numbers at its end.
    pub(super) fn ended(&self) -> Option<Ended> {
        let (client, server) = (self.client.end()?, self.server.end()?);
        Some(Ended {
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
        mut self,
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
