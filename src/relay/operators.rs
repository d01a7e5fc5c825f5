//! Who may use the relay: operators, their roles and the digests of their tokens. Knows no HTTP.
//!
//! Tokens are 256 random bits, shown once and kept as SHA-256 only. They expire, can be revoked, and an operator may
//! have two at a time, so that one can replace the other. The list is in `operators.json` beside the journal, so that
//! it can be changed while the relay runs.

mod error;
mod list;
mod registry;
mod token;

pub use error::OperatorsError;
pub use list::{add, list, revoke, rotate};
pub use registry::OperatorRegistry;
pub use token::{OperatorToken, new_token};
