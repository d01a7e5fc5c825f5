//! The operators of a relay, their roles, and the digests of their tokens. Does not know HTTP.
//!
//! A token is 256 random bits. It is shown once, and only its SHA-256 is stored. Tokens can expire and be revoked. An
//! operator may have two tokens, so that one can replace the other. The list is in `operators.json` beside the journal,
//! and can be changed while the relay runs.

mod error;
mod list;
mod registry;
mod token;

pub use error::OperatorsError;
pub use list::add;
pub(crate) use list::{list, revoke, rotate};
pub use registry::OperatorRegistry;
pub use token::OperatorToken;
pub(crate) use token::new_token;
