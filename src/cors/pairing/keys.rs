//! What identifies requests that may belong together. All keys are keyed hashes, so that traffic
//! cannot aim at collisions.

use std::hash::BuildHasher;
use std::net::{IpAddr, Ipv4Addr};

use foldhash::quality::RandomState;

use crate::cors::fetch_request::FetchRequest;
use crate::http::ConnectionInfo;

/// Who sends the requests of a connection. All loopback addresses are one client: a browser goes to
/// `localhost` by IPv4 and IPv6 alike.
pub(in crate::cors) fn client_of(connection: &ConnectionInfo) -> IpAddr {
    match connection.client.address() {
        address if address.is_loopback() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        address => address,
    }
}

/// A key for what a request asks for: client and URL. It is the next hop of a redirect there, too.
pub(super) fn target_key(
    hasher: &RandomState,
    client: IpAddr,
    authority: &[u8],
    path_and_query: &[u8],
) -> u64 {
    hasher.hash_one((client, authority, path_and_query))
}

/// A key for what identifies a request's preflight: its target and method.
pub(super) fn request_key(hasher: &RandomState, target: u64, fetch: &FetchRequest) -> u64 {
    hasher.hash_one((target, fetch.fetch_method()))
}

/// A key for what identifies a remembered answer: its target and origin.
pub(super) fn url_key(hasher: &RandomState, target: u64, fetch: &FetchRequest) -> u64 {
    hasher.hash_one((target, fetch.origin()))
}
