//! The relay's certificate: read from two files, and read again when they change. An unusable new certificate does not
//! replace a usable one.

mod lifetime;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use parking_lot::{Mutex, RwLock};
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{self, ServerConfig};

use crate::relay::file_mode::is_private;
use crate::time::clock;
use crate::time::{Millis, Timestamp};

/// The files of a certificate and its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate and its intermediates, in PEM.
    pub cert: PathBuf,
    /// The key in PEM, readable by its owner only.
    pub key: PathBuf,
}

/// The reason why a certificate can't be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file can't be read.
    #[error("{} cannot be read: {error}; it must be there, and the user that the relay runs as must be able to read it", path.display())]
    Unread {
        /// The certificate's or the key's file.
        path: PathBuf,
        /// The system's error.
        error: std::io::Error,
    },
    /// A file has no PEM of its kind.
    #[error("{} contains no readable certificate or key: {error}; it must be PEM", path.display())]
    File {
        /// The certificate's or the key's file.
        path: PathBuf,
        /// The parser's error.
        error: String,
    },
    /// Others may read the key.
    #[error("{} can be read by others; do: chmod 600 {}", .0.display(), .0.display())]
    Open(PathBuf),
    /// The certificate and the key do not match, or their kind is not supported.
    #[error("the certificate {} and the key {} cannot be used together: {error}", files.cert.display(), files.key.display())]
    Pair {
        /// The files of both.
        files: TlsFiles,
        /// The library's error.
        error: rustls::Error,
    },
    /// The TLS library cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Setup(rustls::Error),
}

/// The certificate that is served now.
#[derive(Debug)]
pub(in crate::relay) struct ServedCertificate {
    files: TlsFiles,
    provider: Arc<CryptoProvider>,
    served: RwLock<Arc<CertifiedKey>>,
    /// The time of the last warning about its expiry.
    warned: Mutex<Option<Timestamp>>,
    /// The files' state at the last read, whether it succeeded or not.
    seen: Mutex<CertificateStamp>,
    /// Wakes [`ServedCertificate::follow`] before its next poll.
    reload: Notify,
}

/// Modification time and length of both files.
type CertificateStamp = [Option<(SystemTime, u64)>; 2];

/// The interval at which the files are checked for changes.
const POLL_INTERVAL: Duration = Duration::from_secs(2);
/// The time before a certificate's expiry from which the log warns.
const EXPIRY_WARNING: Millis = Millis(14 * DAY.0);
/// A day, as the log counts it.
const DAY: Millis = Millis::minutes(24 * 60);

impl ServedCertificate {
    /// Reads the files.
    pub(in crate::relay) fn read(files: TlsFiles) -> Result<Self, TlsError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let seen = stamp(&files);
        let served = load(&files, &provider)?;
        let served = RwLock::new(Arc::new(served));
        let it =
            Self { files, provider, served, warned: Mutex::default(), seen: Mutex::new(seen), reload: Notify::new() };
        it.warn(clock::wall());
        Ok(it)
    }

    /// Returns the remaining validity of the served certificate, negative once it has expired, or `None` if its
    /// end cannot be read.
    pub(in crate::relay) fn left(&self, now: Timestamp) -> Option<Millis> {
        Some(Millis(lifetime::ends(&self.served().cert)?.0.saturating_sub(now.0)))
    }

    /// Checks that the certificate has not expired.
    ///
    /// Fails if it has expired, with the time of the expiry.
    pub(in crate::relay) fn check(&self, now: Timestamp) -> Result<(), String> {
        match self.left(now) {
            Some(left) if left.0 <= 0 => {
                let ended = jiff::Timestamp::from_millisecond((now + left).0).map(|it| format!(" at {it}"));
                let (ended, cert) = (ended.unwrap_or_default(), self.files.cert.display());
                Err(format!("the certificate {cert} expired{ended}; put a new one there"))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Logs a warning before the certificate expires, once a day.
    fn warn(&self, now: Timestamp) {
        let mut warned = self.warned.lock();
        if warned.is_some_and(|it| now.since(it) < DAY) {
            return;
        }
        let cert = self.files.cert.display();
        match self.left(now) {
            Some(left) if left.0 <= 0 => tracing::error!(%cert, "the certificate has expired: clients will refuse it"),
            Some(left) if left < EXPIRY_WARNING => {
                tracing::warn!(%cert, days = left.0 / DAY.0, "the certificate expires soon; put a new one there");
            }
            Some(_) => return,
            None => tracing::warn!(%cert, "cannot read when the certificate expires"),
        }
        *warned = Some(now);
    }

    fn served(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.served.read())
    }

    /// Returns a TLS acceptor that uses the certificate served at the time of each handshake.
    pub(in crate::relay) fn acceptor(self: &Arc<Self>) -> Result<TlsAcceptor, TlsError> {
        let versions = ServerConfig::builder_with_provider(Arc::clone(&self.provider));
        let config = versions.with_safe_default_protocol_versions().map_err(TlsError::Setup)?;
        let mut config = config.with_no_client_auth().with_cert_resolver(Arc::<Self>::clone(self));
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// Reads the files now.
    pub(in crate::relay) fn reload_now(&self) {
        self.reload.notify_one();
    }

    /// Reads the files again when they change, until the relay stops.
    pub(in crate::relay) async fn follow(&self) {
        loop {
            tokio::select! {
                () = self.reload.notified() => self.renew(true),
                () = tokio::time::sleep(POLL_INTERVAL) => self.renew(false),
            }
            self.warn(clock::wall());
        }
    }

    /// Reads the certificate if its files have changed or `always` is set. Logs an unusable one once.
    fn renew(&self, always: bool) {
        let now = stamp(&self.files);
        let mut seen = self.seen.lock();
        if !always && *seen == now {
            return;
        }
        *seen = now;
        match load(&self.files, &self.provider) {
            Ok(new) => {
                *self.served.write() = Arc::new(new);
                *self.warned.lock() = None;
                tracing::info!(cert = %self.files.cert.display(), "read the certificate again");
            }
            Err(error) => tracing::error!(%error, "cannot use the new certificate; the relay keeps the old one"),
        }
    }
}

impl ResolvesServerCert for ServedCertificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.served())
    }
}

fn load(files: &TlsFiles, provider: &CryptoProvider) -> Result<CertifiedKey, TlsError> {
    let fault =
        |path: &Path, error: &dyn std::fmt::Display| TlsError::File { path: path.to_owned(), error: error.to_string() };
    let unread = |path: &Path, error| TlsError::Unread { path: path.to_owned(), error };
    let (cert, key) = (files.cert.as_path(), files.key.as_path());
    if !is_private(key).map_err(|error| unread(key, error))? {
        return Err(TlsError::Open(files.key.clone()));
    }
    let text = std::fs::read(cert).map_err(|error| unread(cert, error))?;
    let chain = CertificateDer::pem_slice_iter(&text).collect::<Result<Vec<_>, _>>();
    let chain = chain.map_err(|error| fault(cert, &error))?;
    if chain.is_empty() {
        return Err(fault(cert, &"the file contains no certificate"));
    }
    let text = std::fs::read(key).map_err(|error| unread(key, error))?;
    let key = PrivateKeyDer::from_pem_slice(&text).map_err(|error| fault(key, &error))?;
    let pair = |error| TlsError::Pair { files: files.clone(), error };
    CertifiedKey::from_der(chain, key, provider).map_err(pair)
}

fn stamp(files: &TlsFiles) -> CertificateStamp {
    [&files.cert, &files.key].map(|path| {
        let about = std::fs::metadata(path).ok()?;
        Some((about.modified().ok()?, about.len()))
    })
}
