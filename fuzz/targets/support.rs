//! What the properties need of the tests' support.

#![allow(
    dead_code,
    unused_imports,
    reason = "each target uses one property and its own part of this"
)]

#[path = "../../tests/support/conversation.rs"]
pub mod conversation;
#[path = "../../tests/support/found.rs"]
pub mod found;
#[path = "../../tests/support/property.rs"]
pub mod property;
#[path = "../../tests/support/random.rs"]
pub mod random;
#[path = "../../tests/support/wire.rs"]
pub mod wire;

pub use found::analyse;
