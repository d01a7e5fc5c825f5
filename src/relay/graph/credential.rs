//! The application's credential at the token endpoint: a secret, or a certificate whose key signs a short-lived
//! assertion. Makes the form's fields, and does not know HTTP.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair as RsaKeyPair;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use url::Url;

use crate::time::{Millis, Timestamp};

/// The application's credential at the token endpoint.
#[derive(Debug)]
pub enum AppCredential {
    /// A shared secret.
    Secret(SecretString),
    /// A certificate that is registered at the endpoint, and its private key.
    Certificate(Box<AppCertificate>),
}

/// A certificate, its private key, and the signing algorithm.
pub struct AppCertificate {
    key: RsaKeyPair,
    thumbprint: String,
    algorithm: SigningAlgorithm,
}

/// The signing algorithm of assertions. Entra requires PS256 with a SHA-256 thumbprint; RS256 is for older endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SigningAlgorithm {
    /// RSA-PSS with SHA-256.
    #[default]
    Ps256,
    /// RSA PKCS#1 v1.5 with SHA-256.
    Rs256,
}

/// The reason why a certificate can't be used.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// There is no certificate in the text.
    #[error("the client certificate is not PEM with a CERTIFICATE in it: {0}")]
    Certificate(String),
    /// There is no private key in the text.
    #[error("the client certificate's key is not PEM with a private key in it: {0}")]
    Key(String),
    /// The key is not a suitable RSA key.
    #[error("the client certificate's key is not an RSA key of 2048 to 8192 bits: {0}; make one with openssl genrsa")]
    Rsa(String),
    /// The certificate and the key do not match.
    #[error("the client certificate was not made for this key; give the certificate and the key of one pair")]
    Pair,
}

/// The lifetime of an assertion.
const ASSERTION_LIFETIME: Millis = Millis::minutes(10);

impl AppCertificate {
    /// Reads a certificate and its key, both in PEM. The key is PKCS#8 or PKCS#1.
    ///
    /// # Errors
    /// Fails if either cannot be read, if the key is not RSA, or if they do not match.
    pub fn read(certificate: &[u8], key: &SecretString, algorithm: SigningAlgorithm) -> Result<Self, CredentialError> {
        let certificate = CertificateDer::from_pem_slice(certificate)
            .map_err(|error| CredentialError::Certificate(error.to_string()))?;
        let key = PrivateKeyDer::from_pem_slice(key.expose_secret().as_bytes())
            .map_err(|error| CredentialError::Key(error.to_string()))?;
        let key = match &key {
            PrivateKeyDer::Pkcs1(it) => RsaKeyPair::from_der(it.secret_pkcs1_der()),
            PrivateKeyDer::Pkcs8(it) => RsaKeyPair::from_pkcs8(it.secret_pkcs8_der()),
            PrivateKeyDer::Sec1(_) | _ => return Err(CredentialError::Rsa("it is another kind of key".to_owned())),
        };
        let key = key.map_err(|error| CredentialError::Rsa(error.to_string()))?;
        // A certificate contains the modulus of its public key byte for byte. Nothing else of it is checked here.
        let modulus = key.public_key().modulus().big_endian_without_leading_zero();
        if !certificate.windows(modulus.len()).any(|it| it == modulus) {
            return Err(CredentialError::Pair);
        }
        let thumbprint = URL_SAFE_NO_PAD.encode(digest(&SHA256, &certificate));
        Ok(Self { key, thumbprint, algorithm })
    }

    /// Returns a signed assertion for a token endpoint, or `None` if the key cannot sign.
    fn assertion(&self, app_id: &str, endpoint: &Url, now: Timestamp) -> Option<String> {
        let (name, encoding) = match self.algorithm {
            SigningAlgorithm::Ps256 => ("PS256", &RSA_PSS_SHA256),
            SigningAlgorithm::Rs256 => ("RS256", &RSA_PKCS1_SHA256),
        };
        let seconds = |it: Timestamp| it.0 / 1_000;
        let head = json!({ "alg": name, "typ": "JWT", "x5t#S256": self.thumbprint });
        let claims = json!({
            "aud": endpoint.as_str(), "iss": app_id, "sub": app_id, "jti": uuid::Uuid::new_v4(),
            "iat": seconds(now), "nbf": seconds(now), "exp": seconds(now + ASSERTION_LIFETIME),
        });
        let part = |it: &serde_json::Value| URL_SAFE_NO_PAD.encode(it.to_string());
        let text = format!("{}.{}", part(&head), part(&claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key.sign(encoding, &SystemRandom::new(), text.as_bytes(), &mut signature).ok()?;
        Some(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

impl AppCredential {
    /// Returns the form's fields that authenticate the application, or `None` if the key cannot sign.
    pub(in crate::relay) fn fields(
        &self,
        app_id: &str,
        endpoint: &Url,
        now: Timestamp,
    ) -> Option<Vec<(&'static str, SecretString)>> {
        match self {
            Self::Secret(secret) => Some(vec![("client_secret", secret.clone())]),
            Self::Certificate(certificate) => Some(vec![
                ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".into()),
                ("client_assertion", certificate.assertion(app_id, endpoint, now)?.into()),
            ]),
        }
    }
}

impl fmt::Debug for AppCertificate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("AppCertificate")
            .field("key", &"***")
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}
