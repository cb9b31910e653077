//! cors
pub mod advice;
pub mod browser;
pub mod cors_check;
pub mod cors_error;
pub mod fetch_request;
pub mod pairing;
pub mod preflight;
mod preflight_cache;
mod reason;
mod repair;
pub mod safelist;
pub mod transaction;
pub mod trigger;
pub mod url;
pub mod verdict;
