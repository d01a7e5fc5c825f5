//! The simulator's own RSA keys and the tokens they sign: one pair for application tokens, one for webhooks.
//!
//! They are generated when the simulator starts, and never stored.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// A sentence for people about the lifetime of tokens, which does not depend on the world's clock.
pub const TOKENS: &str = "Tokens expire by wall time: an application's after 3,599 seconds, a webhook's after 3,900; neither the speed \
of the clock nor its steps age them.";

/// An RSA key that signs tokens with RS256.
#[derive(Debug)]
pub(super) struct SigningKey {
    pair: RsaKeyPair,
    kid: String,
    modulus: String,
    exponent: String,
}

/// A key could not be made or used.
#[derive(Debug, Clone, Copy, thiserror::Error)]
pub enum KeyError {
    /// The system could not generate a key.
    #[error("the simulator could not make an RSA key; the system's random source or memory failed")]
    Generate,
    /// The key could not sign a token.
    #[error("the simulator could not sign a token")]
    Sign,
}

impl SigningKey {
    /// Generates a key of 2048 bits. Blocks for tens of milliseconds, so call it outside async tasks.
    pub(super) fn generate() -> Result<Self, KeyError> {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_unspecified| KeyError::Generate)?;
        let modulus = URL_SAFE_NO_PAD.encode(pair.public_key().modulus().big_endian_without_leading_zero());
        let exponent = URL_SAFE_NO_PAD.encode(pair.public_key().exponent().big_endian_without_leading_zero());
        let der = pair.public_key().as_der().map_err(|_unspecified| KeyError::Generate)?;
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, der.as_ref());
        let kid = URL_SAFE_NO_PAD.encode(digest);
        Ok(Self { pair, kid, modulus, exponent })
    }

    /// Returns the `kid` of its tokens.
    pub(super) fn id(&self) -> &str {
        &self.kid
    }

    /// Signs claims as a JSON Web Token.
    pub(super) fn sign(&self, claims: &Value) -> Result<String, KeyError> {
        let header = json!({ "alg": "RS256", "typ": "JWT", "kid": self.kid });
        let [header, claims] = [header.to_string(), claims.to_string()].map(|it| URL_SAFE_NO_PAD.encode(it));
        let signed = format!("{header}.{claims}");
        let mut signature = vec![0; self.pair.public_modulus_len()];
        (self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature))
            .map_err(|_unspecified| KeyError::Sign)?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// Returns the claims of a token that this key signed, for one of these audiences, and that has not expired.
    pub(super) fn verify<T: DeserializeOwned>(&self, token: &str, audiences: &[&str]) -> Option<T> {
        let key = DecodingKey::from_rsa_components(&self.modulus, &self.exponent).ok()?;
        let mut rules = Validation::new(Algorithm::RS256);
        rules.leeway = 0;
        rules.set_audience(audiences);
        rules.set_required_spec_claims(&["exp", "aud", "iss"]);
        jsonwebtoken::decode(token, &key, &rules).ok().map(|it| it.claims)
    }

    /// Returns the public half, as a member of a JSON Web Key Set.
    pub(super) fn public(&self) -> Value {
        json!({
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid, "x5t": self.kid,
            "n": self.modulus, "e": self.exponent, "endorsements": ["msteams"],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_verifies_only_with_its_key_audience_and_time() {
        let (key, other) = (SigningKey::generate().unwrap(), SigningKey::generate().unwrap());
        let now = crate::time::clock::wall().0 / 1_000;
        let claims = |exp: i64| json!({ "iss": "i", "aud": "a", "exp": exp });
        let token = key.sign(&claims(now + 60)).unwrap();
        assert!(key.verify::<Value>(&token, &["a"]).is_some());
        assert!(key.verify::<Value>(&token, &["b"]).is_none());
        assert!(other.verify::<Value>(&token, &["a"]).is_none());
        assert!(key.verify::<Value>(&key.sign(&claims(now - 60)).unwrap(), &["a"]).is_none());
    }
}
