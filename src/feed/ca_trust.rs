//! The certificate authorities that a console trusts for its relay, from a PEM file instead of the system.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// The only certificate authorities that are trusted for a relay.
#[derive(Debug, Clone)]
pub struct CaTrust(Arc<ClientConfig>);

/// A PEM file whose authorities cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{} holds no certificate of an authority that can be used: {error}; it must be PEM", path.display())]
pub struct CaTrustError {
    path: PathBuf,
    error: String,
}

impl CaTrust {
    /// Reads the authorities of a PEM file; no others are trusted.
    ///
    /// # Errors
    /// Fails if the file cannot be read, has no certificate, or has one that is not an authority's.
    pub fn from_file(path: &Path) -> Result<Self, CaTrustError> {
        let fault = |error: &dyn std::fmt::Display| CaTrustError { path: path.to_owned(), error: error.to_string() };
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(path).map_err(|error| fault(&error))? {
            roots.add(certificate.map_err(|error| fault(&error))?).map_err(|error| fault(&error))?;
        }
        if roots.is_empty() {
            return Err(fault(&"the file contains no certificate"));
        }
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = config.map_err(|error| fault(&error))?.with_root_certificates(roots).with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }

    /// Returns the configuration for the TLS library.
    #[must_use]
    pub fn config(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.0)
    }
}
