//! What the tests build traffic with: a [`Conversation`] says what is said, a [`Wire`] how it is
//! laid into frames, [`savefile`] how those are saved, and [`Found`] what corshark makes of them.

#![allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    reason = "each test program uses its own part of this"
)]

pub mod binary;
pub mod conversation;
pub mod found;
pub mod property;
pub mod random;
pub mod savefile;
pub mod short_names;
pub mod table;
pub mod wire;

pub use conversation::{Conversation, Segment, Who};
pub use found::{Found, analyse, analyse_file, analyse_within};
pub use random::Random;
pub use savefile::{PcapForm, pcap, pcapng};
pub use wire::{Link, Record, Tunnel, Wire};
