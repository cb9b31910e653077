//! L-43: connections that do not come about. No exchange tells of them, and no transaction: a browser
//! whose connection is refused has nothing to send.

use std::net::IpAddr;
use std::time::Duration;

use smallvec::SmallVec;

use crate::capture::frame::{FrameNumber, Timestamp};
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::Found;
use crate::cors::pairing::client_of;
use crate::cors::transaction::TransactionId;
use crate::http::connecting::{ConnectFailure, Connecting};
use crate::http::{ConnectError, Endpoint};

pub(super) static L_43: Rule = Rule {
    number: 43,
    id: "L-43",
    severity: Severity::Medium,
    title: "connections to a server fail",
    what: "A client's connections to a port were refused, or nothing answered them, and it did not get through at another address either.",
    why: "The page sees a network error (Failed to fetch, NetworkError, Load failed), which is easily taken for CORS: no header can repair it.",
    fix: "start the server, on the address and port that the page asks for",
    example: "SYN       127.0.0.1:50312 → 127.0.0.1:3001\nRST, ACK  127.0.0.1:3001 → 127.0.0.1:50312\n\n(the console: net::ERR_CONNECTION_REFUSED; CORS request did not succeed)",
};

/// Pairs of a client and a server whose connections fail: more are a scan or a flood, which the
/// counters of connections tell of.
const MOST: usize = 64;
/// A client that fails at so many servers that nothing else is known of is scanning.
const SCAN: usize = 8;
/// Frames listed for one server.
const FRAMES: usize = 8;
/// Browsers try the next address of a host at once (RFC 8305).
const FALLBACK: Duration = Duration::from_secs(3);

/// The connections that failed.
#[derive(Clone, Default)]
pub(in crate::cors::advice) struct Failures(Vec<Failing>);

/// Those of one client to one server.
#[derive(Clone)]
struct Failing {
    client: IpAddr,
    server: Endpoint,
    error: ConnectError,
    frames: SmallVec<[FrameNumber; 4]>,
    transactions: SmallVec<[TransactionId; 2]>,
    last: Timestamp,
    count: u64,
    /// So many of them were followed by one to another address.
    excused: u64,
    /// A later one came about.
    recovered: bool,
}

impl Failures {
    pub(in crate::cors::advice) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(in crate::cors::advice) fn observe(&mut self, told: &Connecting) {
        match told {
            Connecting::Failed(failure) => self.failed(failure),
            Connecting::CameAbout(connection, time) => {
                let client = client_of(connection);
                let port = connection.server.port();
                let same_port = self.0.iter_mut().filter(|f| f.server.port() == port);
                // The other address may be of another family, and so is the client's then.
                let ours =
                    |f: &&mut Failing| f.client == client || f.client.is_ipv4() != client.is_ipv4();
                for failing in same_port.filter(ours) {
                    if failing.server == connection.server {
                        failing.recovered = true;
                    } else if time.since(failing.last) <= FALLBACK {
                        failing.excused = failing.count;
                    }
                }
            }
        }
    }

    fn failed(&mut self, failure: &ConnectFailure) {
        let (client, server) = (client_of(&failure.connection), failure.connection.server);
        let mut known = self.0.iter();
        let at = known.position(|f| f.client == client && f.server == server);
        let at = match at {
            Some(at) => at,
            None if self.0.len() >= MOST => return,
            None => {
                self.0.push(Failing {
                    client,
                    server,
                    error: failure.error,
                    frames: SmallVec::new(),
                    transactions: SmallVec::new(),
                    last: failure.time,
                    count: 0,
                    excused: 0,
                    recovered: false,
                });
                self.0.len() - 1
            }
        };
        if let Some(failing) = self.0.get_mut(at) {
            failing.count += 1;
            failing.last = failing.last.max(failure.time);
            failing.error = failure.error;
            failing.recovered = false;
            if failing.frames.len() < FRAMES {
                failing.frames.push(failure.frame);
            }
        }
    }

    /// A transaction's actual request was not sent, because a connection to this server failed.
    pub(in crate::cors::advice) fn kept_back(&mut self, server: Endpoint, id: TransactionId) {
        let mut failing = self.0.iter_mut();
        if let Some(failing) = failing.find(|failing| failing.server == server)
            && failing.transactions.len() < 2
        {
            failing.transactions.push(id);
        }
    }

    /// What is to be said of each server; `is_known` where other requests of pages went to it.
    pub(in crate::cors::advice) fn conclude(
        mut self,
        is_known: impl Fn(Endpoint) -> bool,
    ) -> Vec<(Endpoint, Found)> {
        self.0.retain(|failing| failing.count > failing.excused);
        let unknown_of = |client: IpAddr| {
            let of_client = self.0.iter().filter(|f| f.client == client);
            of_client.filter(|f| !is_known(f.server)).count()
        };
        let told = |f: &&Failing| is_known(f.server) || unknown_of(f.client) <= SCAN;
        let mut found: Vec<(Endpoint, Found)> = Vec::new();
        let told: Vec<&Failing> = self.0.iter().filter(told).collect();
        for failing in &told {
            // Of all clients, and of localhost by IPv4 and IPv6, it is told once.
            if found
                .iter()
                .any(|(server, _)| is_same(*server, failing.server))
            {
                continue;
            }
            let same = told
                .iter()
                .filter(|other| is_same(other.server, failing.server));
            let same: Vec<&Failing> = same.copied().collect();
            let mut servers = same.iter().map(|failing| failing.server);
            let known = servers.find(|server| is_known(*server));
            found.push((
                known.unwrap_or(failing.server),
                found_of(&same, known.is_some()),
            ));
        }
        found
    }
}

/// Whether two ends are one server to a browser: `localhost` is several addresses.
fn is_same(one: Endpoint, other: Endpoint) -> bool {
    let both_local = one.address().is_loopback() && other.address().is_loopback();
    one.port() == other.port() && (both_local || one == other)
}

/// What is to be said of the connections to one server that failed.
fn found_of(failing: &[&Failing], is_known: bool) -> Found {
    let recovered = failing.iter().any(|failing| failing.recovered);
    let severity = match (recovered, is_known) {
        (true, _) => Severity::Low,
        (false, true) => Severity::High,
        (false, false) => L_43.severity,
    };
    let mut servers: Vec<String> = failing.iter().map(|f| f.server.to_string()).collect();
    servers.sort_unstable();
    servers.dedup();
    let server = servers.join(" and ");
    let count = failing.iter().map(|failing| failing.count).sum();
    let error = failing
        .first()
        .map_or(ConnectError::Refused, |first| first.error);
    let (what, fix) = match error {
        ConnectError::Refused => (
            format!("{server} refused {}: nothing listens there", times(count)),
            L_43.fix,
        ),
        ConnectError::Unreachable => (
            format!("an ICMP message refused {} to {server}", times(count)),
            "let the firewall between pass this port, or correct address and port in the page's URL",
        ),
        ConnectError::Unanswered => (
            format!(
                "{server} did not answer {}, though the SYN was repeated",
                times(count)
            ),
            "correct the address in the page's URL, start that machine, or let a firewall between pass this port",
        ),
    };
    let transactions = failing
        .iter()
        .flat_map(|failing| failing.transactions.clone());
    let transactions: SmallVec<[TransactionId; 2]> = transactions.collect();
    let more = match (recovered, transactions.first()) {
        (true, _) => "; a later one came about".to_owned(),
        (false, None) => String::new(),
        (false, Some(id)) => {
            format!("; the request behind the preflight of transaction {id} was to go there")
        }
    };
    let frames = failing.iter().flat_map(|failing| failing.frames.clone());
    Found {
        rule: &L_43,
        severity,
        what: what + &more,
        fix: fix.to_owned(),
        frames: frames.take(FRAMES).collect(),
        transactions,
        occurrences: count,
    }
}

fn times(count: u64) -> String {
    if count == 1 {
        "a connection".to_owned()
    } else {
        format!("{count} connections")
    }
}
