//! A transaction that may still be continued.

use std::net::IpAddr;
use std::sync::Arc;

use crate::capture::frame::Timestamp;
use crate::cors::alike::Judgements;
use crate::cors::transaction::{ChainStart, Half, Transaction, TransactionId, TransactionNote};
use crate::cors::verdict::Hops;
use crate::http::exchange::Exchange;
use crate::http::message::ResponseHead;

/// Which half of a transaction an exchange is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Preflight,
    Actual,
}

/// A transaction that is not settled yet.
#[derive(Clone)]
pub(super) struct Open {
    pub(super) client: IpAddr,
    /// The key of what both requests ask for.
    pub(super) target: u64,
    /// Under which key it is a candidate for requests to come.
    pub(super) key: u64,
    pub(super) preflight: Option<Half>,
    pub(super) actual: Option<Half>,
    /// When the preflight's answer was there.
    pub(super) answered: Option<Timestamp>,
    pub(super) redirected_from: Option<TransactionId>,
    pub(super) redirected_to: Option<TransactionId>,
    /// Where the redirects that led here began.
    pub(super) chain_start: Option<Arc<ChainStart>>,
    /// How many redirects led here.
    pub(super) redirects: u32,
    /// Where its redirect leads: the key of the next hop.
    pub(super) next_hop: Option<u64>,
    pub(super) stored: Option<Arc<ResponseHead>>,
    pub(super) note: Option<TransactionNote>,
    pub(super) deadline: Option<Timestamp>,
    /// The memory that it was last found to take.
    pub(super) weight: usize,
}

impl Open {
    /// The memory that it takes.
    pub(super) fn memory(&self) -> usize {
        let halves = [&self.preflight, &self.actual].into_iter().flatten();
        let heads = halves.map(|half| {
            let response = half.response.as_ref().map(|head| head.memory());
            size_of::<Exchange>() + half.fetch.head.memory() + response.unwrap_or_default()
        });
        size_of::<Self>() + heads.sum::<usize>()
    }

    /// What it is if nothing more comes.
    pub(super) fn into_transaction(
        self: Box<Self>,
        id: TransactionId,
        judgements: &mut Judgements,
    ) -> Transaction {
        let note = match self.note {
            // It came about in the end.
            Some(TransactionNote::ConnectFailed(..)) if self.actual.is_some() => None,
            note => note,
        };
        let judgement = judgements.judge(
            self.preflight.as_ref(),
            self.actual.as_ref(),
            self.stored.as_ref(),
            Hops {
                before: self.redirects,
                from_own_origin: self
                    .chain_start
                    .as_ref()
                    .is_some_and(|start| start.is_own_origin()),
                goes_on: self.redirected_to.is_some(),
            },
            note,
        );
        Transaction {
            id,
            redirected_from: self.redirected_from,
            redirected_to: self.redirected_to,
            chain_start: self.chain_start,
            preflight: self.preflight,
            actual: self.actual,
            judgement,
        }
    }

    pub(super) fn half(&mut self, role: Role) -> Option<&mut Half> {
        match role {
            Role::Preflight => self.preflight.as_mut(),
            Role::Actual => self.actual.as_mut(),
        }
    }
}
