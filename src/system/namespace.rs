//! A network of one's own: a namespace in which an unprivileged user may capture.
//!
//! A user namespace gives its creator every capability within it, and so over the network namespace
//! that is made with it. Programs that are started there have none of that: the user keeps their id.
//!
//! To have read: `user_namespaces(7)`, `network_namespaces(7)`, `rtnetlink(7)`.

use std::fs;
use std::io;

use nix::sched::{CloneFlags, unshare};
use nix::unistd::{Gid, Uid};
use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketType, recv, sendto, socket};

/// Moves this process, which must have one thread only, into a new network without any connection
/// to the outside.
pub fn enter_own_network() -> io::Result<()> {
    // With rights of its own no user namespace is needed, and one would take away other rights.
    if unshare(CloneFlags::CLONE_NEWNET).is_ok() {
        return Ok(());
    }
    let (uid, gid) = (Uid::effective(), Gid::effective());
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNET)?;
    // In this order: the kernel takes a map of groups from the unprivileged only after the first.
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("{uid} {uid} 1"))?;
    fs::write("/proc/self/gid_map", format!("{gid} {gid} 1"))?;
    Ok(())
}

/// Prepares the new network: loopback works, and everybody may listen on port 80.
pub fn switch_on_loopback() -> io::Result<()> {
    set_up(LOOPBACK)?;
    // Older kernels do not know it; then ports below 1024 need rights, as they do outside.
    let _ = fs::write("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0");
    Ok(())
}

/// Why this machine does not allow namespaces, as far as it tells.
#[must_use]
pub fn what_forbids() -> Option<&'static str> {
    let reads = |path: &str, text: &str| {
        fs::read_to_string(path).is_ok_and(|content| content.trim() == text)
    };
    if reads("/proc/sys/user/max_user_namespaces", "0") {
        return Some("user.max_user_namespaces is 0");
    }
    if reads("/proc/sys/kernel/unprivileged_userns_clone", "0") {
        return Some("kernel.unprivileged_userns_clone is 0");
    }
    if reads(
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
    ) {
        return Some("kernel.apparmor_restrict_unprivileged_userns is 1");
    }
    None
}

/// The number of loopback in every network.
const LOOPBACK: i32 = 1;

/// Asks the kernel to switch an interface on: `RTM_NEWLINK` with the flag `IFF_UP`.
fn set_up(index: i32) -> io::Result<()> {
    const LENGTH: u32 = 32;
    const RTM_NEWLINK: u16 = 16;
    const REQUEST_ACK: u16 = 1 | 4;
    const IFF_UP: u32 = 1;
    // struct nlmsghdr, then struct ifinfomsg.
    let mut message = Vec::new();
    message.extend(LENGTH.to_ne_bytes());
    message.extend(RTM_NEWLINK.to_ne_bytes());
    message.extend(REQUEST_ACK.to_ne_bytes());
    message.extend([0; 8]); // sequence number, port
    message.extend([0; 4]); // family, padding, type
    message.extend(index.to_ne_bytes());
    message.extend(IFF_UP.to_ne_bytes()); // flags
    message.extend(IFF_UP.to_ne_bytes()); // which of them to change
    let route = socket(
        AddressFamily::NETLINK,
        SocketType::RAW,
        None, // NETLINK_ROUTE is 0
    )?;
    let kernel = SocketAddrNetlink::new(0, 0);
    sendto(&route, &message, SendFlags::empty(), &kernel)?;
    let mut answer = [0_u8; 256];
    let (length, _) = recv(&route, &mut answer, RecvFlags::empty())?;
    // struct nlmsghdr, then the error as a negative number, or 0.
    let error = answer.get(..length).and_then(|answer| answer.get(16..20));
    let error = error.and_then(<[u8]>::first_chunk);
    match error.map(|bytes| i32::from_ne_bytes(*bytes)) {
        Some(0) => Ok(()),
        Some(error) => Err(io::Error::from_raw_os_error(-error)),
        None => Err(io::ErrorKind::InvalidData.into()),
    }
}
