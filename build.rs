//! Tells the program its commit, and makes the linker content without libpcap: an empty archive stands in for it on Linux.
//!
//! The `pcap` package asks the linker for `-lpcap`, which fails where libpcap's development files are
//! not installed. `src/capture/libpcap.rs` defines every function that it wants from there, so an
//! archive without members is enough. Other systems link the libpcap that they come with.

use std::error::Error;
use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

/// A whole `ar` archive that holds nothing: its magic bytes alone.
const EMPTY_ARCHIVE: &[u8] = b"!<arch>\n";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    name_commit();
    let is_live = env::var_os("CARGO_FEATURE_LIVE").is_some();
    if is_live && env::var("CARGO_CFG_TARGET_OS")? == "linux" {
        let folder = PathBuf::from(env::var("OUT_DIR")?);
        fs::write(folder.join("libpcap.a"), EMPTY_ARCHIVE)?;
        println!("cargo::rustc-link-search=native={}", folder.display());
    }
    Ok(())
}

/// For `--version`: the commit that is built, where Git knows it.
fn name_commit() {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        (output.status.success() && !text.trim().is_empty()).then(|| text.trim().to_owned())
    };
    // Unpacked within another project's checkout, that one's commit would be none of ours.
    if git(&["rev-parse", "--show-prefix"]).is_some() {
        return;
    }
    if let Some(commit) = git(&["rev-parse", "--short=12", "HEAD"]) {
        println!("cargo::rustc-env=CORSHARK_COMMIT=commit {commit}");
    }
    // The log of HEAD changes with every commit and checkout.
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]) {
        println!("cargo::rerun-if-changed={log}");
    }
}
