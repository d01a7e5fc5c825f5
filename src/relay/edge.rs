//! Incoming connections: listener, limits, TLS, and the checks before any router.

pub(super) mod bearer;
pub(super) mod client_addr;
pub(super) mod limits;
pub(super) mod listener;
pub(super) mod middleware;
pub(super) mod rate_limiter;
pub(super) mod router;
pub(super) mod tls;
pub(super) mod token_bucket;
pub(super) mod write_stall;
