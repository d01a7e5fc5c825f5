//! A token of an operator: 256 random bits, shown once. Only its SHA-256 is stored.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::error::OperatorsError;
use crate::protocol::Role;
use crate::time::Timestamp;

/// An operator's token without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OperatorToken {
    /// The operator's name. During a rotation two tokens have the same name.
    pub name: String,
    /// The operator's role.
    pub role: Role,
    /// The time of creation, in wall time.
    pub added: Timestamp,
    /// The time of expiry, in wall time; `None` means never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// The token's digest, in hexadecimal.
    pub(super) sha256: String,
}

impl OperatorToken {
    /// Returns the token's short name: the last four digits of its digest.
    #[must_use]
    pub fn token(&self) -> &str {
        self.sha256.len().checked_sub(4).and_then(|it| self.sha256.get(it..)).unwrap_or(&self.sha256)
    }

    /// Returns the token's digest, which identifies it without its secret.
    pub(in crate::relay) fn digest(&self) -> &str {
        &self.sha256
    }

    /// Returns whether the token has not expired.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires.is_none_or(|it| now < it)
    }
}

/// Generates a token of 256 random bits.
///
/// Fails if the system has no randomness.
pub(crate) fn new_token() -> Result<SecretString, OperatorsError> {
    let mut bits = [0_u8; 32];
    SystemRandom::new().fill(&mut bits).map_err(|_unspecified| OperatorsError::Random)?;
    Ok(SecretString::from(URL_SAFE_NO_PAD.encode(bits)))
}

/// Returns the SHA-256 of a token, in hexadecimal.
pub(super) fn digest_of(token: &str) -> String {
    let digest = digest(&SHA256, token.as_bytes());
    let digits = digest.as_ref().iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    digits.filter_map(|it| char::from_digit(u32::from(it), 16)).collect()
}
