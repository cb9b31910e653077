//! Frames in, transactions out: the layers put together.
//!
//! ```
//! use corshark::analysis::Analysis;
//! use corshark::limits::Limits;
//!
//! let mut analysis = Analysis::new(&Limits::default());
//! // For each frame: analysis.push_frame(&frame); and look at analysis.drain_updates().
//! analysis.finish();
//! assert_eq!(analysis.drain_updates().count(), 0);
//! ```

mod exchanges;
mod order;
mod verdicts;

use std::sync::Arc;

use crate::capture::frame::{Frame, Timestamp};
use crate::cors::browser::Assumptions;
use crate::cors::transaction::Transaction;
use crate::decode::Unusable;
use crate::http::HttpStats;
use crate::http::connecting::Connecting;
use crate::http::exchange::Exchange;
use crate::limits::Limits;
use crate::tcp::TcpStats;

pub(crate) use exchanges::{Exchanges, Step};
pub(crate) use verdicts::Verdicts;

/// Something that was found.
#[derive(Debug, Clone)]
pub enum Update {
    /// An exchange is over.
    Exchange(Arc<Exchange>),
    /// A transaction is settled: it will not change any more.
    Transaction(Arc<Transaction>),
    /// A connection did not come about, or did where another one had not.
    Connecting(Connecting),
    /// A preflight is refused: the transaction that it settles as, unless its client goes on in spite
    /// of that. Only where it is [asked for](Analysis::telling_refusals).
    Refusal(Arc<Transaction>),
}

/// What became of the frames.
#[derive(Debug, Clone, Default)]
pub struct FrameStats {
    /// Frames read.
    pub frames: u64,
    /// Frames that held, or completed, a TCP segment.
    pub tcp: u64,
    /// Frames that held a TCP segment that another frame had just brought.
    pub copies: u64,
    /// The others, in the order of [`Unusable::ALL`].
    pub unusable: [u64; Unusable::ALL.len()],
    /// Bytes of the longest frame that a snap length cut.
    pub snap_length: usize,
    /// Fragmented datagrams that were given up.
    pub datagrams_dropped: u64,
}

/// All counters of an analysis.
#[derive(Debug, Clone, Default)]
pub struct Stats {
    /// Frames.
    pub frames: FrameStats,
    /// Connections and segments.
    pub tcp: TcpStats,
    /// Exchanges.
    pub http: HttpStats,
}

/// The whole way from frames to verdicts, for one capture.
pub struct Analysis {
    exchanges: Exchanges,
    verdicts: Verdicts,
}

impl Analysis {
    /// An analysis that keeps to `limits`.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            exchanges: Exchanges::new(limits),
            verdicts: Verdicts::new(limits),
        }
    }

    /// The same analysis, judging under these assumptions.
    #[must_use]
    pub fn assuming(mut self, assumptions: Assumptions) -> Self {
        self.verdicts.assume(assumptions);
        self
    }

    /// The same analysis, telling of refused preflights at once, and again when they settle: for
    /// somebody who watches.
    #[must_use]
    pub fn telling_refusals(mut self) -> Self {
        self.verdicts.tell_refusals();
        self
    }

    /// Takes the next frame.
    pub fn push_frame(&mut self, frame: &Frame<'_>) {
        let step = self.exchanges.push_frame(frame);
        if self.exchanges.has_events() {
            self.verdicts.take(step, self.exchanges.drain_events());
        } else {
            self.verdicts.take(step, std::iter::empty());
        }
    }

    /// The wire is silent, and it is `now`: ends waiting that the silence has answered.
    ///
    /// Capture time never runs backwards; frames of an earlier time may still come.
    pub fn advance_to(&mut self, now: Timestamp) {
        let step = self.exchanges.advance_to(now);
        self.verdicts.take(step, self.exchanges.drain_events());
    }

    /// The capture is over: settles what is open.
    pub fn finish(&mut self) {
        self.exchanges.finish();
        self.verdicts.finish(self.exchanges.drain_events());
    }

    /// Whether anything was found since the last call of [`drain_updates`](Self::drain_updates).
    #[must_use]
    pub fn has_updates(&self) -> bool {
        self.verdicts.has_updates()
    }

    /// Takes what was found since the last call, in the order in which it was settled.
    pub fn drain_updates(&mut self) -> std::vec::Drain<'_, Update> {
        self.verdicts.drain_updates()
    }

    /// The counters.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.exchanges.stats()
    }

    /// The two halves, for two threads.
    pub(crate) fn split(self) -> (Exchanges, Verdicts) {
        (self.exchanges, self.verdicts)
    }
}
