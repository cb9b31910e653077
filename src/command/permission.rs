//! What to say to somebody who may not capture: what is missing, and every way that leads on from
//! here. The ways are chosen by what is found on this machine.

use std::fmt::Write as _;

use crate::system::rights::Rights;
use crate::wire_text::printable;

/// The message, in several lines.
pub(super) fn text(rights: &Rights, interface: &str, words: &str) -> String {
    format!(
        "corshark: no permission to capture on \"{}\" ({})\n\n{}\n  More: corshark doctor\n",
        printable(interface),
        printable(words),
        remedies(rights, interface)
    )
}

/// What is missing, and the ways that lead on.
pub(super) fn remedies(rights: &Rights, interface: &str) -> String {
    let interface = &printable(interface);
    let mut text = String::new();
    if cfg!(target_os = "linux") {
        linux(rights, interface, &mut text);
    } else {
        others(&mut text);
    }
    text.push_str(
        "\n  No rights needed at all:\n      \
         corshark explain \"<paste the red line from the browser console>\"\n      \
         corshark FILE.pcap\n",
    );
    if cfg!(target_os = "linux") {
        text.push_str("      corshark run -- npm run e2e\n");
    }
    text
}

fn linux(rights: &Rights, interface: &str, text: &mut String) {
    let binary = if rights.file_has_capabilities {
        "the binary has capabilities, but they have no effect"
    } else {
        "the binary has no capabilities"
    };
    let who = if rights.uid == 0 {
        "you are root, but without this capability".to_owned()
    } else {
        format!("you are uid {}; {binary}", rights.uid)
    };
    // Writing to a String cannot fail.
    let _ = writeln!(text, "  Missing: CAP_NET_RAW          ({who})\n");
    if let Some(container) = rights.container {
        let _ = writeln!(
            text,
            "  This is a container ({container}). Start it with the right to capture:\n      \
             docker run --cap-add=NET_RAW …\n  \
             Its \"lo\" is its own: traffic of the host's loopback is not seen here.\n"
        );
    }
    fix_once(rights, text);
    if rights.has_sudo && !rights.no_new_privileges && rights.uid != 0 {
        text.push_str("\n  Or just this time:\n      sudo corshark\n");
    } else if rights.uid != 0 {
        text.push_str("\n  Or just this time, as root:\n      corshark\n");
    }
    if rights.dumpcap {
        let _ = writeln!(
            text,
            "\n  Or let a tool that already may capture do it:\n      \
             dumpcap -q -i {interface} -w - | corshark -"
        );
    }
    if rights.wsl {
        text.push_str(
            "\n  This is WSL: only the traffic of its own side is seen, not that of a browser on Windows.\n",
        );
    }
}

/// How capabilities get onto the binary, or why they would not help.
fn fix_once(rights: &Rights, text: &mut String) {
    if rights.no_new_privileges {
        text.push_str(
            "  setcap will have no effect here: this process may gain no privileges (no_new_privs is\n  \
             set, as in a hardened service, a sandbox or an editor's terminal). Try another terminal.\n",
        );
    } else if rights.nix {
        text.push_str(
            "  Fix it once, in the configuration of NixOS (its store is read-only):\n      \
             security.wrappers.corshark = { source = \"${pkgs.corshark}/bin/corshark\";\n        \
             capabilities = \"cap_net_raw=ep\"; owner = \"root\"; group = \"root\"; };\n",
        );
    } else if rights.nosuid {
        text.push_str(
            "  setcap will have no effect here: the binary lies on a file system that is mounted nosuid.\n  \
             Copy it to /usr/local/bin first, then:\n      \
             sudo setcap cap_net_raw=ep /usr/local/bin/corshark\n",
        );
    } else if rights.uid != 0 {
        text.push_str(
            "  Fix it once (until the next upgrade of corshark):\n      \
             sudo setcap cap_net_raw=ep \"$(command -v corshark)\"\n",
        );
        if !rights.has_setcap {
            let _ = match rights.setcap_package {
                Some(package) => writeln!(text, "      (setcap is missing: {package})"),
                None => writeln!(text, "      (setcap is missing: it comes with libcap)"),
            };
        }
    }
}

/// Systems that capture through devices, as macOS and the BSDs do.
fn others(text: &mut String) {
    text.push_str(
        "  Missing: reading /dev/bpf*\n\n  \
         Fix it once:\n      \
         install ChmodBPF, which comes with Wireshark, and log in again\n\n  \
         Or just this time:\n      \
         sudo corshark\n\n  \
         Loopback is lo0. Traffic of Docker Desktop is in a virtual machine and not seen here.\n",
    );
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::text;
    use crate::system::rights::Rights;

    type Change = fn(&mut Rights);

    fn ordinary() -> Rights {
        Rights {
            uid: 1000,
            has_setcap: true,
            has_sudo: true,
            ..Rights::default()
        }
    }

    #[test]
    fn an_ordinary_user_reads_the_ways_that_lead_on() {
        let text = text(&ordinary(), "lo", "socket: Operation not permitted");
        assert_eq!(
            text,
            "corshark: no permission to capture on \"lo\" (socket: Operation not permitted)\n\
             \n\
             \x20 Missing: CAP_NET_RAW          (you are uid 1000; the binary has no capabilities)\n\
             \n\
             \x20 Fix it once (until the next upgrade of corshark):\n\
             \x20     sudo setcap cap_net_raw=ep \"$(command -v corshark)\"\n\
             \n\
             \x20 Or just this time:\n\
             \x20     sudo corshark\n\
             \n\
             \x20 No rights needed at all:\n\
             \x20     corshark explain \"<paste the red line from the browser console>\"\n\
             \x20     corshark FILE.pcap\n\
             \x20     corshark run -- npm run e2e\n\
             \n\
             \x20 More: corshark doctor\n"
        );
    }

    #[test]
    fn each_variant_says_what_is_special_and_leaves_out_what_does_not_help() {
        let setcap = "sudo setcap cap_net_raw=ep \"$(command -v corshark)\"";
        let table: [(Change, &str, &str); 8] = [
            (|r| r.no_new_privileges = true, "no_new_privs", setcap),
            (|r| r.no_new_privileges = true, "as root", "sudo corshark"),
            (|r| r.nosuid = true, "mounted nosuid", setcap),
            (
                |r| r.container = Some("docker"),
                "--cap-add=NET_RAW",
                "dumpcap",
            ),
            (|r| r.nix = true, "security.wrappers", setcap),
            (
                |r| r.dumpcap = true,
                "dumpcap -q -i lo -w - | corshark -",
                "WSL",
            ),
            (|r| r.wsl = true, "WSL", "dumpcap"),
            (
                |r| {
                    r.has_setcap = false;
                    r.setcap_package = Some("apk add libcap");
                },
                "setcap is missing: apk add libcap",
                "WSL",
            ),
        ];
        for (change, there, not_there) in table {
            let mut rights = ordinary();
            change(&mut rights);
            let text = text(&rights, "lo", "no");
            assert!(text.contains(there), "{there} in {text}");
            assert!(!text.contains(not_there), "{not_there} in {text}");
        }
    }
}
