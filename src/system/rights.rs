//! What this process may do, and what stands in the way: facts that a message can be made of.
//!
//! Every fact is read from a file or asked for by a system call, never tried out, and none needs
//! rights. On systems other than Linux most of them do not exist.
//!
//! To have read: `capabilities(7)`, `proc(5)`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use nix::unistd::Uid;
use rustix::fs::{Access, access};

/// The number of `CAP_NET_RAW` in a set of capabilities (`capability.h`).
const CAP_NET_RAW: u32 = 13;

/// Which packages have `setcap`, by the names that `os-release` has for distributions.
const SETCAP_PACKAGES: [(&str, &str); 8] = [
    ("debian", "apt install libcap2-bin"),
    ("ubuntu", "apt install libcap2-bin"),
    ("fedora", "dnf install libcap"),
    ("rhel", "dnf install libcap"),
    ("suse", "zypper install libcap-progs"),
    ("opensuse", "zypper install libcap-progs"),
    ("arch", "pacman -S libcap"),
    ("alpine", "apk add libcap"),
];

/// Facts about this process, its binary and its machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a record of independent facts"
)]
pub struct Rights {
    /// The effective user id.
    pub uid: u32,
    /// Has `CAP_NET_RAW` in effect.
    pub may_capture: bool,
    /// Capabilities on files have no effect for this process (`PR_SET_NO_NEW_PRIVS`).
    pub no_new_privileges: bool,
    /// The binary lies where the system ignores capabilities on files.
    pub nosuid: bool,
    /// The binary has capabilities.
    pub file_has_capabilities: bool,
    /// The kind of container that this is.
    pub container: Option<&'static str>,
    /// NixOS: the binary's place cannot be changed.
    pub nix: bool,
    /// Windows Subsystem for Linux.
    pub wsl: bool,
    /// There is a `setcap` program.
    pub has_setcap: bool,
    /// There is a `sudo` program.
    pub has_sudo: bool,
    /// How to get `setcap`, where it is missing and the distribution is known.
    pub setcap_package: Option<&'static str>,
    /// There is a `dumpcap` that this user may run and that may capture.
    pub dumpcap: bool,
}

impl Rights {
    /// Looks at them.
    #[must_use]
    pub fn of_this_process() -> Self {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let binary = env::current_exe().unwrap_or_default();
        let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        let is_root = Uid::effective().is_root();
        let is_linux = cfg!(target_os = "linux");
        Self {
            uid: Uid::effective().as_raw(),
            may_capture: if is_linux {
                has_capability(&status, CAP_NET_RAW)
            } else {
                is_root
            },
            no_new_privileges: value_of(&status, "NoNewPrivs") == Some("1"),
            nosuid: is_nosuid(&mounts, &binary),
            file_has_capabilities: has_file_capabilities(&binary),
            container: container(),
            nix: binary.starts_with("/nix/store") || Path::new("/etc/NIXOS").exists(),
            wsl: kernel.to_lowercase().contains("microsoft"),
            has_setcap: program("setcap").is_some(),
            has_sudo: program("sudo").is_some(),
            setcap_package: setcap_package(&release),
            dumpcap: program("dumpcap").is_some_and(|dumpcap| {
                access(&dumpcap, Access::EXEC_OK).is_ok() && has_file_capabilities(&dumpcap)
            }),
        }
    }
}

/// The value behind a name in a `status` file.
fn value_of<'a>(status: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = status.lines();
    lines.find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(':')?.trim()))
}

fn has_capability(status: &str, number: u32) -> bool {
    let effective = value_of(status, "CapEff").and_then(|set| u64::from_str_radix(set, 16).ok());
    effective.is_some_and(|set| set >> number & 1 == 1)
}

/// Whether the mount that a file lies on ignores its capabilities.
fn is_nosuid(mounts: &str, file: &Path) -> bool {
    let mounts = mounts.lines().filter_map(|line| {
        let mut columns = line.split(' ').skip(4);
        Some((Path::new(columns.next()?), columns.next()?))
    });
    let mounts = mounts.filter(|(place, _)| file.starts_with(place));
    // Of two on one place the later one hides the other.
    let nearest = mounts.max_by_key(|(place, _)| place.as_os_str().len());
    nearest.is_some_and(|(_, options)| options.split(',').any(|option| option == "nosuid"))
}

#[cfg(target_os = "linux")]
fn has_file_capabilities(file: &Path) -> bool {
    let mut value = [0_u8; 64];
    rustix::fs::getxattr(file, "security.capability", &mut value[..]).is_ok_and(|size| size > 0)
}

#[cfg(not(target_os = "linux"))]
fn has_file_capabilities(_: &Path) -> bool {
    false
}

fn container() -> Option<&'static str> {
    let exists = |path: &str| Path::new(path).exists();
    if exists("/run/.containerenv") {
        return Some("podman");
    }
    if exists("/.dockerenv") {
        return Some("docker");
    }
    if env::var_os("KUBERNETES_SERVICE_HOST").is_some() {
        return Some("kubernetes");
    }
    let groups = fs::read_to_string("/proc/1/cgroup").unwrap_or_default();
    let kinds = ["docker", "kubepods", "lxc"];
    let named = kinds.into_iter().find(|kind| groups.contains(kind));
    named.or_else(|| env::var_os("container").map(|_| "container"))
}

/// Where a program is, looked for as a shell does and where administrators' programs are.
fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(["/usr/sbin", "/sbin"].map(PathBuf::from));
    folders
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

fn setcap_package(release: &str) -> Option<&'static str> {
    let lines = release.lines();
    let ids = lines.filter_map(|line| {
        line.strip_prefix("ID=")
            .or_else(|| line.strip_prefix("ID_LIKE="))
    });
    let mut ids = ids.flat_map(|ids| ids.trim_matches('"').split(' '));
    ids.find_map(|id| {
        let found = SETCAP_PACKAGES.iter().find(|(name, _)| *name == id);
        found.map(|(_, package)| *package)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_are_read_from_the_status_file() {
        for (status, expected) in [
            ("Name:\tx\nCapEff:\t0000000000002000\n", true),
            ("CapEff:\t000001ffffffffff\n", true),
            ("CapEff:\t0000000000001000\n", false),
            (
                "CapPrm:\t0000000000002000\nCapEff:\t0000000000000000\n",
                false,
            ),
            ("", false),
        ] {
            assert_eq!(has_capability(status, CAP_NET_RAW), expected, "{status}");
        }
    }

    #[test]
    fn the_nearest_mount_decides_about_nosuid() {
        let mounts = "22 1 0:20 / / rw,relatime - ext4 /dev/sda rw\n\
                      30 22 0:30 / /home rw,nosuid,nodev - ext4 /dev/sdb rw\n\
                      31 30 0:31 / /home/ana/tools rw - tmpfs tmpfs rw\n";
        for (file, expected) in [
            ("/usr/bin/corshark", false),
            ("/home/ana/.cargo/bin/corshark", true),
            ("/home/ana/tools/corshark", false),
            ("/homework/corshark", false),
        ] {
            assert_eq!(is_nosuid(mounts, Path::new(file)), expected, "{file}");
        }
    }

    #[test]
    fn the_package_of_setcap_follows_from_the_distribution() {
        for (release, expected) in [
            ("ID=debian\n", Some("apt install libcap2-bin")),
            (
                "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n",
                Some("apt install libcap2-bin"),
            ),
            (
                "NAME=x\nID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\n",
                Some("zypper install libcap-progs"),
            ),
            ("ID=haiku\n", None),
        ] {
            assert_eq!(setcap_package(release), expected, "{release}");
        }
    }
}
