//! Requests to Graph: client, token, circuit breaker, reads.

pub(super) mod app_token;
pub(super) mod circuit_breaker;
pub(super) mod client;
pub(super) mod credential;
pub(super) mod http_client;
pub(super) mod read_cache;
pub(super) mod reads;
pub(super) mod request;
pub(super) mod status_notes;
mod token_mask;
