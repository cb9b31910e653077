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

/// A key for what identifies a request's preflight: client, target and method.
pub(super) fn request_key(hasher: &RandomState, client: IpAddr, fetch: &FetchRequest) -> u64 {
    let method = fetch.fetch_method();
    hasher.hash_one((client, &*fetch.authority, fetch.path_and_query(), method))
}

/// A key for what identifies a remembered answer: client, target and origin.
pub(super) fn url_key(hasher: &RandomState, client: IpAddr, fetch: &FetchRequest) -> u64 {
    let origin = fetch.origin();
    hasher.hash_one((client, &*fetch.authority, fetch.path_and_query(), origin))
}

/// A key for what identifies the next hop of a redirect: client and target.
pub(super) fn hop_key(
    hasher: &RandomState,
    client: IpAddr,
    authority: &[u8],
    target: &[u8],
) -> u64 {
    hasher.hash_one((client, authority, target))
}
