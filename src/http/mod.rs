//! Connections' bytes → HTTP exchanges, in a form that is the same for every version of HTTP.
//!
//! Only [`h1`] knows HTTP/1.x syntax. What comes out are [`HttpEvent`]s: a request's head as soon as
//! it is there, the response's, and the finished [`Exchange`](exchange::Exchange).

pub mod connecting;
pub mod exchange;
pub mod gist;
pub mod h1;
pub mod header_name;
pub mod headers;
pub mod message;
pub mod protocol;
pub mod secret;
pub mod stack;

use crate::capture::frame::Timestamp;
use crate::http::connecting::FailingPorts;
use crate::http::exchange::{ExchangeId, HttpEvent, Outcome};
use crate::http::protocol::Protocol;
use crate::limits::Limits;
use crate::tcp::At;

pub use crate::decode::Endpoint;
pub use crate::tcp::{ConnectError, ConnectionInfo};

/// What this layer saw.
#[derive(Debug, Clone, Default)]
pub struct HttpStats {
    /// Connections by protocol, in the order of [`Protocol::ALL`].
    pub connections: [u64; Protocol::ALL.len()],
    /// Exchanges told of.
    pub exchanges: u64,
    /// Those of them whose response is missing or not whole.
    pub incomplete: u64,
    /// Exchanges by how they ended, in the order of [`Outcome::ALL`].
    pub outcomes: [u64; Outcome::ALL.len()],
    /// Responses that nobody asked for, as far as the capture shows.
    pub responses_without_request: u64,
    /// Request heads that are only partly in the capture.
    pub request_heads_lost: u64,
    /// Places where a message head should be and something else is.
    pub heads_unreadable: u64,
    /// Bodies whose chunked coding breaks off in something else.
    pub bodies_unreadable: u64,
    /// Heads beyond the bound.
    pub heads_too_long: u64,
    /// Connections given up for too many unanswered requests.
    pub too_many_in_flight: u64,
}

impl HttpStats {
    fn count(&mut self, protocol: Protocol) {
        let place = Protocol::ALL.iter().position(|p| *p == protocol);
        if let Some(count) = place.and_then(|place| self.connections.get_mut(place)) {
            *count += 1;
        }
    }

    fn count_outcome(&mut self, outcome: Outcome) {
        self.exchanges += 1;
        self.incomplete += u64::from(outcome != Outcome::Complete);
        let place = Outcome::ALL.iter().position(|o| *o == outcome);
        if let Some(count) = place.and_then(|place| self.outcomes.get_mut(place)) {
            *count += 1;
        }
    }

    /// Exchanges that ended like this.
    #[must_use]
    pub fn outcomes_of(&self, outcome: Outcome) -> u64 {
        let place = Outcome::ALL.iter().position(|o| *o == outcome);
        place
            .and_then(|place| self.outcomes.get(place).copied())
            .unwrap_or_default()
    }

    /// Connections that spoke `protocol`.
    #[must_use]
    pub fn connections_of(&self, protocol: Protocol) -> u64 {
        let place = Protocol::ALL.iter().position(|p| *p == protocol);
        place
            .and_then(|place| self.connections.get(place).copied())
            .unwrap_or_default()
    }
}

/// Where connections put what they find.
pub struct HttpOutput {
    limits: Limits,
    events: Vec<(At, HttpEvent)>,
    next: u64,
    /// The connection that is at work has no event before this time any more: events of an exchange
    /// keep their order, whatever the order of their frames.
    earliest: Timestamp,
    stats: HttpStats,
    room: h1::Room,
    failing_ports: FailingPorts,
}

impl HttpOutput {
    /// An empty one that keeps to `limits`.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            limits: limits.clone(),
            events: Vec::new(),
            next: 0,
            earliest: Timestamp::MIN,
            stats: HttpStats::default(),
            room: h1::Room::new(limits.remembered_heads),
            failing_ports: FailingPorts::default(),
        }
    }

    /// What was seen so far.
    #[must_use]
    pub fn stats(&self) -> &HttpStats {
        &self.stats
    }

    /// Whether events were put here since the last call of `drain`.
    #[must_use]
    pub fn has_events(&self) -> bool {
        !self.events.is_empty()
    }

    /// Takes the events that were put here since the last call, in order.
    pub fn drain(&mut self) -> std::vec::Drain<'_, (At, HttpEvent)> {
        self.events.drain(..)
    }

    fn next_id(&mut self) -> ExchangeId {
        self.next += 1;
        ExchangeId(self.next)
    }

    /// A connection did not come about.
    fn connect_failed(&mut self, connection: &ConnectionInfo, error: ConnectError, at: At) {
        if let Some(told) = self.failing_ports.failed(connection, error, at) {
            self.push(at, HttpEvent::Connecting(told));
        }
    }

    /// The first bytes of a connection are there.
    fn connected(&mut self, connection: &ConnectionInfo, at: At) {
        if let Some(told) = self.failing_ports.came_about(connection, at) {
            self.push(at, HttpEvent::Connecting(told));
        }
    }

    fn push(&mut self, mut at: At, event: HttpEvent) {
        at.time = at.time.max(self.earliest);
        self.events.push((at, event));
    }
}
