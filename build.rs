//! Makes the linker content without libpcap: an empty archive stands in for it on Linux.
//!
//! The `pcap` package asks the linker for `-lpcap`, which fails where libpcap's development files are
//! not installed. `src/capture/libpcap.rs` defines every function that it wants from there, so an
//! archive without members is enough. Other systems link the libpcap that they come with.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

/// A whole `ar` archive that holds nothing: its magic bytes alone.
const EMPTY_ARCHIVE: &[u8] = b"!<arch>\n";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let is_live = env::var_os("CARGO_FEATURE_LIVE").is_some();
    if is_live && env::var("CARGO_CFG_TARGET_OS")? == "linux" {
        let folder = PathBuf::from(env::var("OUT_DIR")?);
        fs::write(folder.join("libpcap.a"), EMPTY_ARCHIVE)?;
        println!("cargo::rustc-link-search=native={}", folder.display());
    }
    Ok(())
}
