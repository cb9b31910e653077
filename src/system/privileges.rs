//! Giving up rights: once the interfaces are open, corshark needs none, and a parser of hostile
//! bytes should have none.
//!
//! In this order, all before a second thread exists (on Linux rights belong to threads): interfaces
//! are opened, [`return_to_caller`], files are created, [`drop_capabilities`], and only then is a
//! frame looked at.
//!
//! To have read: `capabilities(7)`, `setuid(2)`, `sudo(8)` on `SUDO_UID`.

use std::env;
use std::io;
use std::path::PathBuf;

use nix::unistd::{Gid, Uid, User, setgid, setuid};

/// Becomes the user who called `sudo`, `doas` or `pkexec`, for good; says whether there was one.
///
/// Files that are created from here on belong to them, and are created only where they may.
pub fn return_to_caller() -> io::Result<bool> {
    let Some(Caller { uid, gid }) = Caller::of_this_process() else {
        return Ok(false);
    };
    set_groups(uid, gid)?;
    setgid(gid)?;
    setuid(uid)?;
    Ok(true)
}

/// Whether this process has root's rights over files.
#[must_use]
pub fn is_root() -> bool {
    Uid::effective().is_root()
}

/// Who started this through a program that gives root's rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    uid: Uid,
    gid: Gid,
}

impl Caller {
    /// `None` where nobody did.
    #[must_use]
    pub fn of_this_process() -> Option<Self> {
        if !is_root() {
            return None;
        }
        Self::named_by(|name| env::var(name).ok())
    }

    /// Whether it is the user with this number.
    #[must_use]
    pub fn is(self, uid: u32) -> bool {
        self.uid.as_raw() == uid
    }

    /// Their home directory.
    #[must_use]
    pub fn home(self) -> Option<PathBuf> {
        Some(User::from_uid(self.uid).ok()??.dir)
    }

    fn named_by(variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let number = |name: &str| variable(name)?.parse().ok();
        let uid = number("SUDO_UID").or_else(|| number("PKEXEC_UID"));
        let (uid, gid) = if let Some(uid) = uid.map(Uid::from_raw) {
            let gid = number("SUDO_GID").map(Gid::from_raw);
            let gid = gid.or_else(|| User::from_uid(uid).ok()?.map(|user| user.gid));
            (uid, gid?)
        } else {
            let user = User::from_name(&variable("DOAS_USER")?).ok()??;
            (user.uid, user.gid)
        };
        (!uid.is_root()).then_some(Self { uid, gid })
    }
}

#[cfg(not(target_vendor = "apple"))]
fn set_groups(uid: Uid, gid: Gid) -> io::Result<()> {
    use std::ffi::CString;

    use nix::unistd::{initgroups, setgroups};

    let user = User::from_uid(uid).ok().flatten();
    match user.and_then(|user| CString::new(user.name).ok()) {
        Some(name) => initgroups(&name, gid)?,
        None => setgroups(&[gid])?,
    }
    Ok(())
}

/// macOS has no call for it that a safe wrapper offers: root's groups stay.
#[cfg(target_vendor = "apple")]
#[expect(clippy::unnecessary_wraps, reason = "it can fail elsewhere")]
fn set_groups(_: Uid, _: Gid) -> io::Result<()> {
    Ok(())
}

/// Drops every capability of this thread and of those that it starts, for good.
#[cfg(target_os = "linux")]
pub fn drop_capabilities() -> io::Result<()> {
    use rustix::thread::{
        CapabilitySet, CapabilitySets, clear_ambient_capability_set, set_capabilities,
        set_no_new_privs,
    };

    // Kernels before 4.3 have no ambient set.
    let _ = clear_ambient_capability_set();
    let none = CapabilitySets {
        effective: CapabilitySet::empty(),
        permitted: CapabilitySet::empty(),
        inheritable: CapabilitySet::empty(),
    };
    set_capabilities(None, none)?;
    // Nor can a program that is started from here get them back.
    set_no_new_privs(true)?;
    Ok(())
}

/// Other systems know no capabilities.
#[cfg(not(target_os = "linux"))]
pub fn drop_capabilities() -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    type Variables = &'static [(&'static str, &'static str)];

    #[test]
    fn the_caller_is_who_sudo_and_its_likes_name() {
        let table: [(Variables, Option<(u32, u32)>); 6] = [
            (&[], None),
            (
                &[("SUDO_UID", "1000"), ("SUDO_GID", "100")],
                Some((1000, 100)),
            ),
            (&[("SUDO_UID", "0"), ("SUDO_GID", "0")], None),
            (&[("SUDO_UID", "-3"), ("SUDO_GID", "0")], None),
            (&[("SUDO_UID", "x")], None),
            (&[("DOAS_USER", "no such user")], None),
        ];
        for (variables, expected) in table {
            let variable = |name: &str| {
                let found = variables.iter().find(|(variable, _)| *variable == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            let found = Caller::named_by(variable);
            let expected = expected.map(|(uid, gid)| Caller {
                uid: Uid::from_raw(uid),
                gid: Gid::from_raw(gid),
            });
            assert_eq!(found, expected, "{variables:?}");
        }
    }
}
