//! Client assertions: a client authenticates with a certificate instead of a secret (RFC 7523), as Entra accepts it.

use std::collections::BTreeMap;
use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use parking_lot::Mutex;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use serde::Deserialize;
use x509_cert::der::Decode as _;

/// The `client_assertion_type` of such an assertion.
pub(in crate::sim::server) const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The certificate that is registered for the application.
pub struct RegisteredCertificate {
    key: DecodingKey,
    thumbprint: String,
    /// The `jti` of each accepted assertion, and its expiry in seconds since 1970.
    taken: Mutex<BTreeMap<String, i64>>,
}

/// The reason why a certificate cannot be registered.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationError {
    /// The text holds no certificate.
    #[error("the client certificate is not PEM with a CERTIFICATE in it: {0}")]
    Pem(String),
    /// Its key cannot be read, or is not RSA.
    #[error("the client certificate does not hold an RSA key that can be read: {0}")]
    Key(String),
}

/// The claims of an assertion.
#[derive(Deserialize)]
struct AssertionClaims {
    iss: String,
    sub: String,
    jti: String,
    exp: i64,
}

/// The clock difference that is allowed, in seconds.
const SKEW: u64 = 300;
/// The maximum number of assertions that have not expired; further ones are refused.
const REMEMBERED: usize = 10_000;

impl RegisteredCertificate {
    /// Reads a certificate in PEM. Only its public key is used.
    ///
    /// # Errors
    /// Fails if the text contains no certificate with an RSA key.
    pub fn read(pem: &[u8]) -> Result<Self, RegistrationError> {
        let der = CertificateDer::from_pem_slice(pem).map_err(|error| RegistrationError::Pem(error.to_string()))?;
        let unread = |error: &dyn fmt::Display| RegistrationError::Key(error.to_string());
        let certificate = x509_cert::Certificate::from_der(&der).map_err(|error| unread(&error))?;
        let public = certificate.tbs_certificate().subject_public_key_info();
        // PKCS #1's rsaEncryption (RFC 8017, appendix C).
        if public.algorithm.oid.to_string() != "1.2.840.113549.1.1.1" {
            return Err(unread(&"its key is not RSA"));
        }
        let key = DecodingKey::from_rsa_der(public.subject_public_key.raw_bytes());
        Ok(Self { key, thumbprint: URL_SAFE_NO_PAD.encode(digest(&SHA256, &der)), taken: Mutex::default() })
    }

    /// Accepts an assertion of this client for this token endpoint, once.
    ///
    /// Fails with the error description that Entra sends.
    pub(in crate::sim::server) fn take(
        &self,
        assertion: &str,
        client: &str,
        endpoint: &str,
        now: i64,
    ) -> Result<(), String> {
        let head = jsonwebtoken::decode_header(assertion)
            .map_err(|error| format!("AADSTS50027: JWT token is invalid or malformed: {error}."))?;
        if !matches!(head.alg, Algorithm::PS256 | Algorithm::RS256) {
            return Err("AADSTS50027: JWT token is invalid or malformed: sign it with PS256 or RS256.".to_owned());
        }
        if head.x5t_s256.is_some_and(|it| it != self.thumbprint) {
            let error = "AADSTS700027: The certificate with identifier used to sign the client assertion is not \
                        registered on application.";
            return Err(error.to_owned());
        }
        let mut rules = Validation::new(head.alg);
        rules.leeway = SKEW;
        rules.validate_nbf = true;
        rules.set_audience(&[endpoint]);
        rules.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        let claims: AssertionClaims = match jsonwebtoken::decode(assertion, &self.key, &rules) {
            Ok(token) => token.claims,
            Err(error) => return Err(refusal(error.kind(), endpoint)),
        };
        if [&claims.iss, &claims.sub].iter().any(|it| !it.eq_ignore_ascii_case(client)) {
            let error = "AADSTS700021: Client assertion application identifier doesn't match 'client_id' parameter.";
            return Err(error.to_owned());
        }
        self.remember(claims, now)
    }

    fn remember(&self, claims: AssertionClaims, now: i64) -> Result<(), String> {
        let mut taken = self.taken.lock();
        let skew = i64::try_from(SKEW).unwrap_or_default();
        taken.retain(|_, end| end.saturating_add(skew) >= now);
        if claims.jti.is_empty() || taken.contains_key(&claims.jti) {
            return Err(
                "The client assertion has no jti, or was used before: create a new one for each request.".to_owned()
            );
        }
        if taken.len() >= REMEMBERED {
            return Err(
                "Too many client assertions have not expired; send fewer, or give them shorter lifetimes.".to_owned()
            );
        }
        taken.insert(claims.jti, claims.exp);
        Ok(())
    }
}

/// Returns the error description that Entra sends for a refused assertion.
fn refusal(kind: &ErrorKind, endpoint: &str) -> String {
    if matches!(kind, ErrorKind::InvalidAudience) {
        return format!("AADSTS700023: Client assertion audience claim does not match {endpoint}.");
    }
    if matches!(kind, ErrorKind::ExpiredSignature | ErrorKind::ImmatureSignature) {
        return "AADSTS700024: Client assertion is not within its valid time range.".to_owned();
    }
    if matches!(kind, ErrorKind::InvalidSignature) {
        return "AADSTS700027: Client assertion failed signature validation.".to_owned();
    }
    format!("AADSTS50027: JWT token is invalid or malformed: {kind:?}.")
}

impl fmt::Debug for RegisteredCertificate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ClientCertificate").field("thumbprint", &self.thumbprint).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::encoding::AsDer as _;
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
    use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256};
    use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256};
    use serde_json::{Value, json};

    use super::*;

    const CLIENT: &str = "5a4cf3b8-4c44-4d2a-9a3a-1d5c0f8f4b11";
    const ENDPOINT: &str = "http://127.0.0.1:1/tenant/oauth2/v2.0/token";

    /// Creates a key pair, and a certificate for it.
    fn pair() -> (RsaKeyPair, String) {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: aws_lc_rs::encoding::Pkcs8V1Der<'static> = pair.as_der().unwrap();
        let der = rustls_pki_types::PrivatePkcs8KeyDer::from(der.as_ref().to_vec());
        let key = KeyPair::from_pkcs8_der_and_sign_algo(&der, &PKCS_RSA_SHA256).unwrap();
        let pem = CertificateParams::new(["bot".to_owned()]).unwrap().self_signed(&key).unwrap().pem();
        (pair, pem)
    }

    fn now() -> i64 {
        crate::time::clock::wall().0 / 1_000
    }

    fn claims(jti: &str) -> Value {
        json!({ "aud": ENDPOINT, "iss": CLIENT, "sub": CLIENT, "jti": jti, "nbf": now(), "exp": now() + 600 })
    }

    fn sign(pair: &RsaKeyPair, head: &Value, claims: &Value) -> String {
        let part = |it: &Value| URL_SAFE_NO_PAD.encode(it.to_string());
        let text = format!("{}.{}", part(head), part(claims));
        let encoding = if head["alg"] == "RS256" { &RSA_PKCS1_SHA256 } else { &RSA_PSS_SHA256 };
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(encoding, &SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    #[test]
    fn an_assertion_is_accepted_once_and_wrong_ones_are_refused_with_a_reason() {
        let ((pair, pem), (other, _)) = (pair(), pair());
        let known = RegisteredCertificate::read(pem.as_bytes()).unwrap();
        let take = |assertion: &str| known.take(assertion, CLIENT, ENDPOINT, now());
        let (ps, rs) = (json!({ "alg": "PS256" }), json!({ "alg": "RS256", "x5t#S256": known.thumbprint }));
        let good = sign(&pair, &ps, &claims("1"));
        assert_eq!(take(&good), Ok(()));
        assert!(take(&good).unwrap_err().contains("used before"));
        assert_eq!(take(&sign(&pair, &rs, &claims("2"))), Ok(()));
        let with = |name: &str, value: Value| {
            let mut claims = claims("3");
            claims[name] = value;
            sign(&pair, &ps, &claims)
        };
        for (assertion, code) in [
            (sign(&other, &ps, &claims("3")), "AADSTS700027"),
            (sign(&pair, &json!({ "alg": "PS256", "x5t#S256": "another" }), &claims("3")), "AADSTS700027"),
            (sign(&pair, &json!({ "alg": "HS256" }), &claims("3")), "PS256 or RS256"),
            (sign(&pair, &json!({ "alg": "PS384" }), &claims("3")), "PS256 or RS256"),
            (with("aud", "http://127.0.0.1:1/another/oauth2/v2.0/token".into()), "AADSTS700023"),
            (with("exp", (now() - 400).into()), "AADSTS700024"),
            (with("nbf", (now() + 400).into()), "AADSTS700024"),
            (with("iss", "another".into()), "AADSTS700021"),
            (with("sub", "another".into()), "AADSTS700021"),
            (with("exp", Value::Null), "AADSTS50027"),
            (with("jti", "".into()), "no jti"),
            ("rubbish".to_owned(), "AADSTS50027"),
        ] {
            let said = take(&assertion).unwrap_err();
            assert!(said.contains(code), "{said}, not {code}");
        }
        // The refused assertions did not use up this one.
        assert_eq!(take(&sign(&pair, &ps, &claims("3"))), Ok(()));
    }

    #[test]
    fn a_certificate_without_an_rsa_key_is_refused() {
        let key = KeyPair::generate().unwrap();
        let other = CertificateParams::new(["bot".to_owned()]).unwrap().self_signed(&key).unwrap().pem();
        assert!(RegisteredCertificate::read(other.as_bytes()).unwrap_err().to_string().contains("not RSA"));
        assert!(RegisteredCertificate::read(b"rubbish").unwrap_err().to_string().contains("not PEM"));
    }
}
