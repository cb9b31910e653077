//! Connections that did not come about: nothing was sent on them, so no exchange tells of them.

use smallvec::SmallVec;

use crate::capture::frame::{FrameNumber, Timestamp};
use crate::tcp::{At, ConnectError, ConnectionInfo};

/// Ports of which it is told that connections do not come about: more are a scan.
const PORTS: usize = 64;

/// What became of a connection to a port where one did not come about.
#[derive(Debug, Clone, Copy)]
pub enum Connecting {
    /// It did not come about.
    Failed(ConnectFailure),
    /// It did, after another one had not.
    CameAbout(ConnectionInfo, Timestamp),
}

/// A connection that did not come about.
#[derive(Debug, Clone, Copy)]
pub struct ConnectFailure {
    /// The two ends.
    pub connection: ConnectionInfo,
    /// Why.
    pub error: ConnectError,
    /// The frame that says so; of an attempt that nothing answered, the last one of it.
    pub frame: FrameNumber,
    /// When that was.
    pub time: Timestamp,
}

/// Remembers the ports where connections do not come about, so that nothing is told of all others.
#[derive(Default)]
pub(super) struct FailingPorts(SmallVec<[u16; 8]>);

impl FailingPorts {
    /// A connection did not come about.
    pub(super) fn failed(
        &mut self,
        connection: &ConnectionInfo,
        error: ConnectError,
        at: At,
    ) -> Option<Connecting> {
        let port = connection.server.port();
        if !self.0.contains(&port) {
            if self.0.len() >= PORTS {
                return None;
            }
            self.0.push(port);
        }
        Some(Connecting::Failed(ConnectFailure {
            connection: *connection,
            error,
            frame: at.frame,
            time: at.time,
        }))
    }

    /// The first bytes of a connection are there.
    pub(super) fn came_about(&self, connection: &ConnectionInfo, at: At) -> Option<Connecting> {
        let port = connection.server.port();
        let after_another = self.0.contains(&port);
        after_another.then_some(Connecting::CameAbout(*connection, at.time))
    }
}
