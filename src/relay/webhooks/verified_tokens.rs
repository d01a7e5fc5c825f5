//! A cache of verified tokens, because the platform sends the same token with every webhook until it expires. A token
//! stays verified while it is valid and its key is listed. Pure and bounded; it stores digests, not tokens.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use jsonwebtoken::DecodingKey;
use parking_lot::Mutex;

use crate::bounded::BoundedMap;

/// A token's SHA-256.
pub(in crate::relay) type TokenFingerprint = [u8; 32];

/// The validity of a token, `nbf` to `exp`, in seconds of Unix time.
#[derive(Debug, Clone, Copy)]
pub(in crate::relay) struct TokenLifetime {
    pub(in crate::relay) from: i64,
    pub(in crate::relay) until: i64,
}

/// The newest verified tokens; the oldest is evicted.
#[derive(Default)]
pub(in crate::relay) struct VerifiedTokens(Mutex<BoundedMap<TokenFingerprint, VerifiedToken, MAX_TOKENS>>);

struct VerifiedToken {
    kid: Box<str>,
    key: Arc<DecodingKey>,
    lifetime: TokenLifetime,
}

/// The maximum number of tokens; the platform uses few at a time.
const MAX_TOKENS: usize = 256;

/// Returns the SHA-256 of a token's text.
pub(in crate::relay) fn fingerprint(token: &str) -> TokenFingerprint {
    digest(&SHA256, token.as_bytes()).as_ref().try_into().unwrap_or_default()
}

impl TokenLifetime {
    /// Returns whether the token is valid at `now`, where the clocks may differ by `skew` seconds.
    pub(in crate::relay) const fn contains(self, now: i64, skew: i64) -> bool {
        now <= self.until.saturating_add(skew) && self.from <= now.saturating_add(skew)
    }
}

impl VerifiedTokens {
    /// Returns whether a token was verified by the key that `listed` still returns for its id, and is valid now.
    pub(in crate::relay) fn has(
        &self,
        token: &TokenFingerprint,
        (now, skew): (i64, i64),
        listed: impl Fn(&str) -> Option<Arc<DecodingKey>>,
    ) -> bool {
        let verified = self.0.lock();
        verified.get(token).is_some_and(|it| {
            it.lifetime.contains(now, skew) && listed(&it.kid).is_some_and(|key| Arc::ptr_eq(&key, &it.key))
        })
    }

    /// Adds a token that the key with this id verified at `now`.
    pub(in crate::relay) fn keep(
        &self,
        token: TokenFingerprint,
        kid: &str,
        key: Arc<DecodingKey>,
        (lifetime, now, skew): (TokenLifetime, i64, i64),
    ) {
        let mut verified = self.0.lock();
        if verified.len() >= MAX_TOKENS {
            verified.retain(|_, it| it.lifetime.contains(now, skew));
        }
        verified.insert(token, VerifiedToken { kid: kid.into(), key, lifetime });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SKEW: i64 = 300;

    fn key() -> Arc<DecodingKey> {
        Arc::new(DecodingKey::from_secret(b"any"))
    }

    #[test]
    fn a_verified_token_stays_valid_for_its_text_key_and_lifetime() {
        let (verified, key) = (VerifiedTokens::default(), key());
        let token = fingerprint("a token");
        let lifetime = TokenLifetime { from: 1_000, until: 4_600 };
        verified.keep(token, "key-1", Arc::clone(&key), (lifetime, 1_000, SKEW));
        let listed = |kid: &str| (kid == "key-1").then(|| Arc::clone(&key));
        for (now, holds) in [(699, false), (700, true), (2_000, true), (4_900, true), (4_901, false)] {
            assert_eq!(verified.has(&token, (now, SKEW), listed), holds, "{now}");
        }
        assert!(!verified.has(&fingerprint("a token "), (2_000, SKEW), listed));
        assert!(!verified.has(&token, (2_000, SKEW), |_| None), "the key is no longer listed");
        let renewed = self::key();
        assert!(!verified.has(&token, (2_000, SKEW), |_| Some(Arc::clone(&renewed))), "another key under the same id");
    }

    #[test]
    fn the_cache_is_bounded_and_evicts_expired_tokens_first() {
        let (verified, key) = (VerifiedTokens::default(), key());
        let lasting = |until| TokenLifetime { from: 0, until };
        let token = |nth: usize| fingerprint(&nth.to_string());
        for nth in 0..MAX_TOKENS {
            verified.keep(token(nth), "key-1", Arc::clone(&key), (lasting(if nth == 7 { 9_000 } else { 100 }), 0, 0));
        }
        verified.keep(token(MAX_TOKENS), "key-1", Arc::clone(&key), (lasting(9_000), 5_000, 0));
        let holds = |nth| verified.has(&token(nth), (5_000, 0), |_| Some(Arc::clone(&key)));
        assert_eq!((holds(7), holds(MAX_TOKENS), holds(8), verified.0.lock().len()), (true, true, false, 2));
        for nth in 0..2 * MAX_TOKENS {
            verified.keep(token(nth), "key-1", Arc::clone(&key), (lasting(9_000), 5_000, 0));
        }
        assert_eq!(verified.0.lock().len(), MAX_TOKENS);
    }
}
