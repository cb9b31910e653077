//! Where the bytes of a segment go: on to the application, or aside until their turn.

use crate::decode::Segment;
use crate::tcp::connection::{Connection, Context, first_byte};
use crate::tcp::direction::{Direction, Presence, length};
use crate::tcp::sequence::SeqNumber;
use crate::tcp::{Application, At, GapCause, Interest, Side, StreamEvent};

impl<A: Application> Connection<A> {
    /// Hands the payload of a segment on, or keeps it until its turn.
    pub(super) fn place(
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
    pub(super) fn place_fin(
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
    pub(super) fn peer_has_come_to(&mut self, side: Side, acknowledged: Option<SeqNumber>) -> bool {
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
    pub(super) fn deliver(
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
        direction.hand_on(new.len());
        if !new.is_empty() {
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

    pub(super) fn hand_on(
        &mut self,
        side: Side,
        event: StreamEvent<'_>,
        at: At,
        cx: &mut Context<'_, A::Output>,
    ) {
        if self.interest == Interest::Drop {
            return;
        }
        let application = &mut self.application;
        if let StreamEvent::Data(bytes) = event
            && application.pass_over(side, bytes.len(), at, cx.out)
        {
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
}
