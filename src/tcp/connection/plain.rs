//! The plain way of a segment: it acknowledges what was handed on, brings the next bytes or none, and
//! nothing waits for anything.
//!
//! Whatever is not exactly so is left to the thorough way; a test holds both to the same effects.

use crate::decode::Segment;
use crate::tcp::connection::{Connection, Context};
use crate::tcp::direction::Presence;
use crate::tcp::sequence::SeqNumber;
use crate::tcp::{Application, At, Interest, Side, StreamEvent};

impl<A: Application> Connection<A> {
    /// Takes a segment of the plain kind; `false` where it is none, and nothing was done.
    #[inline]
    pub(super) fn push_plain(
        &mut self,
        side: Side,
        segment: &Segment<'_>,
        cx: &mut Context<'_, A::Output>,
    ) -> bool {
        if !self.acknowledge_plainly(side, segment) {
            return false;
        }
        if !segment.payload.is_empty() && self.interest != Interest::Drop {
            self.direction(side).hand_on(segment.payload.len());
            let at = At {
                frame: segment.frame,
                time: segment.time,
            };
            self.hand_on(side, StreamEvent::Data(segment.payload), at, cx);
        }
        true
    }

    /// Takes the acknowledgement of a segment of the plain kind.
    #[inline]
    pub(super) fn acknowledge_plainly(&mut self, side: Side, segment: &Segment<'_>) -> bool {
        if !segment.flags.is_ack_alone() {
            return false;
        }
        if self.interest == Interest::Drop {
            // Only the ends of such a connection matter, and this is none.
            return true;
        }
        let (own, peer) = match side {
            Side::Client => (&mut self.client, &mut self.server),
            Side::Server => (&mut self.server, &mut self.client),
        };
        let is_next = segment.payload.is_empty() || own.is_at(SeqNumber(segment.sequence));
        let number = SeqNumber(segment.acknowledgement);
        if self.undecided
            || segment.cut > 0
            || !is_next
            || !own.is_smooth()
            || !peer.acknowledge_handed_on(number)
        {
            return false;
        }
        own.presence = Presence::Seen;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::frame::{FrameNumber, Timestamp};
    use crate::decode::{Endpoint, TcpFlags};
    use crate::limits::Limits;
    use crate::tcp::connection::{Opening, State};
    use crate::tcp::flow::FlowKey;
    use crate::tcp::half_open::Syn;
    use crate::tcp::stats::TcpStats;
    use crate::tcp::{CloseCause, ConnectionInfo};

    /// Writes down what it is told, and has enough of it where it reads a `!`.
    struct Scribe;

    impl Application for Scribe {
        type Output = Vec<String>;

        fn open(_: &ConnectionInfo) -> Self {
            Self
        }

        fn on_event(
            &mut self,
            info: &ConnectionInfo,
            side: Side,
            event: StreamEvent<'_>,
            at: At,
            out: &mut Vec<String>,
        ) -> Interest {
            out.push(format!("{info:?} {side:?} {event:?} {at:?}"));
            match event {
                StreamEvent::Data(bytes) if bytes.contains(&b'!') => Interest::Drop,
                _ => Interest::Keep,
            }
        }

        fn on_close(&mut self, _: &ConnectionInfo, _: CloseCause, _: At, _: &mut Vec<String>) {}
    }

    /// Numbers that look random (xorshift64*).
    struct Random(u64);

    impl Random {
        fn below(&mut self, end: u32) -> u32 {
            self.0 ^= self.0 >> 12;
            self.0 ^= self.0 << 25;
            self.0 ^= self.0 >> 27;
            let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32;
            u32::try_from(number).unwrap() % end
        }
    }

    /// Two ends that talk, mostly as they should.
    struct Talk {
        random: Random,
        ends: [Endpoint; 2],
        /// What each end has sent so far.
        sent: [u32; 2],
    }

    impl Talk {
        /// The next segment, and whether it is one of the first end.
        fn next<'p>(&mut self, number: u32, payload: &'p [u8]) -> (Segment<'p>, bool) {
            let from = usize::from(self.random.below(2) == 1);
            let length = self.random.below(3) * self.random.below(20);
            let mut segment = Segment {
                frame: FrameNumber(number.into()),
                time: Timestamp::new(1, number),
                source: self.ends[from],
                destination: self.ends[1 - from],
                sequence: self.sent[from],
                acknowledgement: self.sent[1 - from],
                flags: TcpFlags(0x10),
                payload: &payload[..length.try_into().unwrap()],
                cut: 0,
                marks: 0,
            };
            let Segment {
                sequence,
                acknowledgement,
                ..
            } = &mut segment;
            match self.random.below(40) {
                0 => *sequence = sequence.wrapping_add(10),
                1 => *sequence = sequence.wrapping_sub(10),
                2 => *acknowledgement = acknowledgement.wrapping_add(10),
                3 => *acknowledgement = acknowledgement.wrapping_sub(100),
                4 => segment.flags.0 = 0x11,
                5 if number < 10 => segment.flags.0 = 0x02,
                6 if number < 10 => segment.flags.0 = 0x12,
                7 => segment.flags.0 = 0x18,
                8 => segment.cut = 3,
                9 => segment.flags.0 = 0,
                _ => {}
            }
            if segment.sequence == self.sent[from] {
                let numbers = length + segment.cut + u32::from(segment.flags.0 & 3 != 0);
                self.sent[from] = segment.sequence.wrapping_add(numbers);
            }
            (segment, from == 0)
        }
    }

    /// A connection, and what came of it.
    struct Followed {
        connection: Connection<Scribe>,
        stats: TcpStats,
        told: Vec<String>,
    }

    impl Followed {
        fn push(&mut self, segment: &Segment<'_>, from_first: bool, plain: Option<&mut u32>) {
            let (key, _) = FlowKey::of(segment);
            let mut cx = Context {
                limits: &Limits::default(),
                key: &key,
                stats: &mut self.stats,
                out: &mut self.told,
            };
            let connection = &mut self.connection;
            let side = connection.side(from_first);
            if let Some(plain) = plain
                && connection.push_plain(side, segment, &mut cx)
            {
                *plain += 1;
            } else {
                connection.push_thoroughly(side, segment, &mut cx);
            }
        }

        fn state(&mut self) -> String {
            let mut state = format!("{:?} {:?}", self.stats, self.connection.state());
            for side in [Side::Client, Side::Server] {
                let direction = self.connection.direction(side);
                let waiting = direction.waiting_bytes();
                let (next, acked) = (direction.next, direction.acked);
                let (delivered, presence) = (direction.delivered, direction.presence);
                let words = format!(" {next} {acked} {delivered} {presence:?} {waiting}");
                state.push_str(&words);
            }
            state
        }
    }

    #[test]
    fn the_plain_way_and_the_thorough_way_have_the_same_effects() {
        let ends = [1, 2].map(|last| Endpoint::v4([10, 0, 0, last], 80));
        let mut talk = Talk {
            random: Random(0x9e37_79b9_7f4a_7c15),
            ends,
            sent: [0; 2],
        };
        let (mut plain, mut all) = (0, 0);
        for round in 0..4000_u32 {
            let (first, _) = talk.next(0, &[0; 60]);
            let (key, _) = FlowKey::of(&first);
            talk.sent = [u32::MAX - 50, 7000];
            let opening = Opening {
                stream: 0,
                client_is_first: true,
                handshake: round % 2 == 0,
            };
            let [mut one, mut other] = [(); 2].map(|()| Followed {
                connection: Connection::open(&opening, &key),
                stats: TcpStats::default(),
                told: Vec::new(),
            });
            if opening.handshake {
                let [first, second] = talk.sent.map(|next| next.wrapping_sub(1));
                for followed in [&mut one, &mut other] {
                    followed.connection.take_handshake(Syn {
                        stream: 0,
                        client_is_first: true,
                        sequence: first,
                        answer: Some(second),
                        repeated: false,
                        frame: FrameNumber(0),
                    });
                }
            }
            for number in 1..60 {
                let is_last = talk.random.below(100) == 0;
                let payload = [if is_last { b'!' } else { b'a' }; 60];
                let (segment, from_first) = talk.next(number, &payload);
                one.push(&segment, from_first, Some(&mut plain));
                other.push(&segment, from_first, None);
                all += 1;
                assert_eq!(one.told, other.told);
                assert_eq!(one.state(), other.state());
                if one.connection.state() != State::Open {
                    break;
                }
            }
        }
        assert!(plain > 20_000 && all - plain > 5000, "{plain} of {all}");
    }
}
