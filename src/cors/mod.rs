//! Exchanges → transactions with verdicts: the CORS protocol as browsers carry it out.
//!
//! Read [the CORS protocol](https://fetch.spec.whatwg.org/#http-cors-protocol) first. The terms:
//!
//! - [CORS request](https://fetch.spec.whatwg.org/#cors-request): a request with an `Origin` whose
//!   response the page may only have if the server allows that origin.
//! - [CORS-preflight request](https://fetch.spec.whatwg.org/#cors-preflight-request): the `OPTIONS`
//!   by which a browser asks first, and the *actual request* that it asks for.
//! - [CORS check](https://fetch.spec.whatwg.org/#concept-cors-check): of `Access-Control-Allow-Origin`
//!   and `-Credentials`, on every response.
//! - [CORS-preflight fetch](https://fetch.spec.whatwg.org/#cors-preflight-fetch-0): the checks of the
//!   preflight's response, and the [cache](https://fetch.spec.whatwg.org/#concept-cache) of its answer.
//! - [Credentials mode](https://fetch.spec.whatwg.org/#concept-request-credentials-mode): whether
//!   cookies and the like go with it; not on the wire, but often inferred.
//!
//! [`pairing`] makes [transactions](transaction::Transaction) of requests, [`verdict`] judges them.

pub mod advice;
mod alike;
pub mod browser;
mod cause;
mod client;
pub mod console;
pub mod cors_check;
pub mod cors_error;
mod credentials;
pub mod fetch_request;
mod host;
pub mod pairing;
pub mod preflight;
mod preflight_cache;
mod reason;
mod recall;
mod recent;
mod repair;
pub mod safelist;
pub mod trace;
pub mod transaction;
pub mod trigger;
pub mod url;
pub mod verdict;
