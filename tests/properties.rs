//! What holds for any bytes, tried on the sample captures, damaged: a short run of what `fuzz/`
//! does for hours.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests, their helpers too"
)]

mod support;

use std::fs;
use std::path::Path;

use support::Random;
use support::property::{ALL, SEPARATOR, seeds};

/// Damages some bytes, takes some away, repeats some.
fn damage(seed: &[u8], random: &mut Random) -> Vec<u8> {
    let odd = [
        0, 1, b'\r', b'\n', b' ', b':', b',', 0x7f, 0x80, 0xff, SEPARATOR,
    ];
    let mut bytes = seed.to_vec();
    for _ in 0..random.below(6) {
        let at = random.below(bytes.len().max(1)).min(bytes.len());
        let end = bytes.len().min(at + random.below(40));
        match random.below(4) {
            0 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            1 if at < bytes.len() => bytes[at] = random.one_of(&odd),
            2 => drop(bytes.drain(at..end)),
            _ => {
                let again = bytes[at..end].to_vec();
                bytes.splice(at..at, again);
            }
        }
    }
    bytes
}

#[test]
fn properties_hold_for_damaged_seeds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    let mut captures: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "pcap"))
        .collect();
    captures.sort();
    assert!(captures.len() > 10);
    let mut random = Random::new(8);
    for capture in captures {
        let bytes = fs::read(&capture).unwrap();
        for ((_, property), seeds) in ALL.iter().zip(seeds(&bytes)) {
            assert!(!seeds.is_empty());
            for seed in seeds.iter().take(6) {
                property(seed);
                for _ in 0..5 {
                    property(&damage(seed, &mut random));
                }
            }
        }
    }
}

/// What a fuzzer found: each input once broke the property that it is named for.
#[test]
fn what_a_fuzzer_found_stays_mended() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/findings");
    for (name, property) in ALL {
        let Ok(found) = fs::read_dir(folder.join(name)) else {
            continue;
        };
        for file in found {
            property(&fs::read(file.unwrap().path()).unwrap());
        }
    }
}

/// Writes the seeds for `fuzz/run`, where it asks for them.
#[test]
fn seeds_for_the_fuzzer() {
    let Some(target) = std::env::var_os("CORSHARK_SEEDS") else {
        return;
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    let mut number = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "pcap") {
            continue;
        }
        for ((name, _), seeds) in ALL.iter().zip(seeds(&fs::read(path).unwrap())) {
            let into = Path::new(&target).join(name);
            fs::create_dir_all(&into).unwrap();
            for seed in seeds {
                number += 1;
                fs::write(into.join(format!("seed-{number}")), seed).unwrap();
            }
        }
    }
}
