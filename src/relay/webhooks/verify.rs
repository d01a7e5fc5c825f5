//! Verifies the signed token of a webhook before its body is read. No setting turns this off.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::dangerous::insecure_decode_claims;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Validation};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::signing_keys::{KeyLookup, KeysError, SigningKeys};
use super::verified_tokens::{TokenFingerprint, TokenLifetime, VerifiedTokens, fingerprint};
use crate::relay::edge::bearer::bearer;
use crate::relay::settings::GraphSettings;

/// Verifies the tokens of webhooks.
pub(in crate::relay) struct TokenVerifier {
    keys: Arc<SigningKeys>,
    validation: Validation,
    /// The maximum length of a token, in bytes.
    max_token: usize,
    /// The tenants whose webhooks are accepted.
    tenants: Vec<String>,
    verified: VerifiedTokens,
}

/// The reason why a webhook was refused; its text is the reason in the journal's note.
#[derive(Debug, thiserror::Error)]
pub(in crate::relay) enum TokenDenial {
    #[error("no bearer token")]
    NoToken,
    #[error("not a token")]
    Malformed,
    #[error("longer than a token is")]
    Oversized,
    #[error("not signed")]
    Unsigned,
    #[error("not signed with RS256")]
    Algorithm,
    #[error("unknown signing key")]
    UnknownKey,
    #[error("a signing key that may be new")]
    NewKey(Duration),
    #[error("wrong signature")]
    Signature,
    #[error("expired")]
    Expired,
    #[error("not valid yet")]
    NotYet,
    #[error("wrong audience")]
    Audience,
    #[error("wrong issuer")]
    Issuer,
    #[error("a claim is missing: {0}")]
    Claim(String),
    #[error("no tenant")]
    NoTenant,
    #[error("tenant not allowed")]
    Tenant,
    #[error("{0}")]
    Keys(#[from] KeysError),
}

/// The default maximum length of a token, in bytes.
const MAX_TOKEN: usize = 16 * 1_024;

impl TokenVerifier {
    pub(in crate::relay) fn new(
        keys: Arc<SigningKeys>,
        app_id: &str,
        issuers: &[String],
        tenants: Vec<String>,
    ) -> Self {
        let mut validation = Validation::new(Algorithm::RS256);
        validation.leeway = GraphSettings::default().skew.as_secs();
        validation.validate_nbf = true;
        validation.set_audience(&[app_id]);
        validation.set_issuer(issuers);
        // The documented token has all of these claims.
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud"]);
        Self { keys, validation, max_token: MAX_TOKEN, tenants, verified: VerifiedTokens::default() }
    }

    /// Sets the maximum length of a token, in bytes.
    pub(in crate::relay) const fn with_max_token(mut self, bytes: usize) -> Self {
        self.max_token = bytes;
        self
    }

    /// Fetches the keys if there are none yet. Fails if there is still no key to verify with.
    pub(in crate::relay) async fn ensure_keys(&self) -> Result<(), KeysError> {
        self.keys.ensure_keys().await
    }

    /// Returns how long ago the keys were fetched.
    pub(in crate::relay) fn keys_age(&self) -> Option<Duration> {
        self.keys.age()
    }

    /// Renews the keys until the relay stops; see [`SigningKeys::follow`].
    pub(in crate::relay) async fn follow_keys(&self, missed: impl Fn()) {
        self.keys.follow(missed).await;
    }

    /// Sets additional audiences and the tolerated clock difference.
    pub(in crate::relay) fn tuned(mut self, app_id: &str, tuning: &GraphSettings) -> Self {
        self.validation.leeway = tuning.skew.as_secs();
        let audiences: Vec<&str> = tuning.audiences.iter().map(String::as_str).chain([app_id]).collect();
        self.validation.set_audience(&audiences);
        self
    }

    /// Verifies the `Authorization` header of a webhook in wall time, and returns the token's fingerprint.
    pub(in crate::relay) async fn check(&self, authorization: Option<&str>) -> Result<TokenFingerprint, TokenDenial> {
        let token = authorization.and_then(bearer).ok_or(TokenDenial::NoToken)?;
        if token.len() > self.max_token {
            return Err(TokenDenial::Oversized);
        }
        let print = fingerprint(token);
        let (now, skew) = self.now_and_skew();
        if self.verified.has(&print, (now, skew), |kid| self.keys.known(kid)) {
            return Ok(print);
        }
        let head = head(token).ok_or(TokenDenial::Malformed)?;
        if head.alg.eq_ignore_ascii_case("none") {
            return Err(TokenDenial::Unsigned);
        }
        if head.alg != "RS256" {
            return Err(TokenDenial::Algorithm);
        }
        // A verifier must refuse unknown critical headers (RFC 7515, 4.1.11), and this one knows no critical header.
        if head.crit.is_some() {
            return Err(TokenDenial::Malformed);
        }
        self.keys.ensure_keys().await?;
        let kid = head.kid.as_deref().unwrap_or_default();
        let key = match self.keys.known(kid) {
            Some(key) => key,
            None if !self.may_be_ours(token) => return Err(TokenDenial::UnknownKey),
            None => match self.keys.find(kid).await? {
                KeyLookup::Key(key) => key,
                KeyLookup::Unlisted => return Err(TokenDenial::UnknownKey),
                KeyLookup::Later(left) => return Err(TokenDenial::NewKey(left)),
            },
        };
        let read =
            jsonwebtoken::decode::<WebhookClaims>(token, &key, &self.validation).map_err(|it| denial(it.kind()))?;
        // A token with several audiences or issuers is not exclusively for this application.
        if !read.claims.aud.is_string() {
            return Err(TokenDenial::Audience);
        }
        if !read.claims.iss.is_string() {
            return Err(TokenDenial::Issuer);
        }
        self.check_tenant(&read.claims)?;
        if let Some(lifetime) = read.claims.lifetime() {
            self.verified.keep(print, kid, key, (lifetime, now, skew));
        }
        Ok(print)
    }

    /// Returns whether a token is in the cache of verified ones.
    #[cfg(test)]
    pub(in crate::relay) fn knows(&self, token: &TokenFingerprint) -> bool {
        self.verified.has(token, self.now_and_skew(), |kid| self.keys.known(kid))
    }

    /// Returns wall time and the tolerated clock difference, in seconds.
    fn now_and_skew(&self) -> (i64, i64) {
        (crate::time::clock::wall().0 / 1_000, i64::try_from(self.validation.leeway).unwrap_or(i64::MAX))
    }

    /// Returns whether an unverified token has the right claims. This proves nothing, but it keeps senders that do not
    /// know the application from causing fetches of the keys.
    fn may_be_ours(&self, token: &str) -> bool {
        let Ok(claims) = insecure_decode_claims::<WebhookClaims>(token) else { return false };
        let Validation { aud: Some(audiences), iss: Some(issuers), .. } = &self.validation else { return false };
        let (now, skew) = self.now_and_skew();
        claims.aud.as_str().is_some_and(|it| audiences.contains(it))
            && claims.iss.as_str().is_some_and(|it| issuers.contains(it))
            && claims.lifetime().is_some_and(|it| it.contains(now, skew))
            && self.check_tenant(&claims).is_ok()
    }

    fn check_tenant(&self, claims: &WebhookClaims) -> Result<(), TokenDenial> {
        let tenant = claims.tid.as_str().filter(|it| !it.is_empty()).ok_or(TokenDenial::NoTenant)?;
        let allowed = self.tenants.iter().any(|it| it.eq_ignore_ascii_case(tenant));
        if allowed { Ok(()) } else { Err(TokenDenial::Tenant) }
    }
}

impl TokenDenial {
    /// Returns the HTTP status of the refusal.
    pub(in crate::relay) const fn status(&self) -> u16 {
        match self {
            Self::Tenant => 403,
            Self::Keys(_) | Self::NewKey(_) => 503,
            Self::NoToken
            | Self::Malformed
            | Self::Oversized
            | Self::Unsigned
            | Self::Algorithm
            | Self::UnknownKey
            | Self::Signature
            | Self::Expired
            | Self::NotYet
            | Self::Audience
            | Self::Issuer
            | Self::Claim(_)
            | Self::NoTenant => 401,
        }
    }

    /// Returns whether the token is not signed by a key of the platform.
    pub(in crate::relay) const fn is_forged(&self) -> bool {
        match self {
            Self::NoToken
            | Self::Malformed
            | Self::Oversized
            | Self::Unsigned
            | Self::Algorithm
            | Self::UnknownKey
            | Self::Signature => true,
            Self::Expired
            | Self::NotYet
            | Self::Audience
            | Self::Issuer
            | Self::Claim(_)
            | Self::NoTenant
            | Self::Tenant
            | Self::NewKey(_)
            | Self::Keys(_) => false,
        }
    }

    /// Returns the label in metrics.
    pub(in crate::relay) const fn word(&self) -> &'static str {
        match self {
            Self::NoToken => "noToken",
            Self::Malformed => "malformed",
            Self::Oversized => "oversized",
            Self::Unsigned => "unsigned",
            Self::Algorithm => "algorithm",
            Self::UnknownKey => "unknownKey",
            Self::NewKey(_) => "newKey",
            Self::Signature => "signature",
            Self::Expired => "expired",
            Self::NotYet => "notYet",
            Self::Audience => "audience",
            Self::Issuer => "issuer",
            Self::Claim(_) => "claim",
            Self::NoTenant => "noTenant",
            Self::Tenant => "tenant",
            Self::Keys(_) => "noKeys",
        }
    }

    /// Returns the reason in the journal's note, which is one of a small set of texts.
    pub(in crate::relay) fn reason(&self) -> String {
        if matches!(self, Self::Keys(_)) { "signing keys cannot be fetched".to_owned() } else { self.to_string() }
    }
}

#[derive(Deserialize)]
struct TokenHeader {
    alg: String,
    kid: Option<String>,
    crit: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct WebhookClaims {
    #[serde(default)]
    aud: Value,
    #[serde(default)]
    iss: Value,
    #[serde(default)]
    tid: Value,
    #[serde(default)]
    exp: Value,
    #[serde(default)]
    nbf: Value,
}

impl WebhookClaims {
    /// Returns the token's lifetime, or `None` if a claim is missing or not an integer.
    fn lifetime(&self) -> Option<TokenLifetime> {
        Some(TokenLifetime { from: self.nbf.as_i64()?, until: self.exp.as_i64()? })
    }
}

fn head(token: &str) -> Option<TokenHeader> {
    let mut parts = token.split('.');
    let head = URL_SAFE_NO_PAD.decode(parts.next()?).ok()?;
    if parts.count() != 2 {
        return None;
    }
    serde_json::from_slice(&head).ok()
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the list of the library's errors is open")]
fn denial(kind: &ErrorKind) -> TokenDenial {
    match kind {
        ErrorKind::InvalidSignature => TokenDenial::Signature,
        ErrorKind::ExpiredSignature => TokenDenial::Expired,
        ErrorKind::ImmatureSignature => TokenDenial::NotYet,
        ErrorKind::InvalidAudience => TokenDenial::Audience,
        ErrorKind::InvalidIssuer => TokenDenial::Issuer,
        ErrorKind::MissingRequiredClaim(claim) => TokenDenial::Claim(claim.clone()),
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => TokenDenial::Algorithm,
        _ => TokenDenial::Malformed,
    }
}
