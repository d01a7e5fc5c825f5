//! Finds the application's secret or certificate in files, in the service manager's credentials folder, or in the
//! environment. The command line never carries a secret itself.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use secrecy::SecretString;

use super::serve::read_secret;
use crate::relay::{AppCertificate, AppCredential, SigningAlgorithm};

/// The application's secret or certificate.
#[derive(Debug, Args)]
#[command(next_help_heading = "The application's proof")]
#[expect(clippy::struct_field_names, reason = "they are the options' names")]
pub(super) struct SecretArgs {
    /// A file with the application's secret, readable only by its owner. The default is `client-secret` in
    /// `$CREDENTIALS_DIRECTORY`, then the environment variable `CALLBOARD_CLIENT_SECRET`.
    #[arg(long, value_name = "FILE", conflicts_with = "client_certificate_file")]
    client_secret_file: Option<PathBuf>,
    /// A PEM file with the application's certificate, which replaces the secret; it may contain the key too. The
    /// default is `client-certificate` in `$CREDENTIALS_DIRECTORY`.
    #[arg(long, value_name = "FILE")]
    client_certificate_file: Option<PathBuf>,
    /// A PEM file with the certificate's RSA key, readable only by its owner.
    /// The default is `client-key` in `$CREDENTIALS_DIRECTORY`.
    #[arg(long, value_name = "FILE", requires = "client_certificate_file")]
    client_key_file: Option<PathBuf>,
    /// The signature algorithm of the client assertion.
    #[arg(long, value_enum, default_value_t = SigningArg::Ps256)]
    client_assertion: SigningArg,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum SigningArg {
    /// RSA-PSS, which Entra requires.
    Ps256,
    /// RSA PKCS#1 v1.5, for endpoints that do not support PS256.
    Rs256,
}

impl SecretArgs {
    /// Returns the first that exists: a named file, the credentials folder, the environment.
    pub(super) fn credential(&self) -> anyhow::Result<AppCredential> {
        self.find(std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from).as_deref(), || {
            std::env::var("CALLBOARD_CLIENT_SECRET").unwrap_or_default()
        })
    }

    fn find(&self, folder: Option<&Path>, environment: impl FnOnce() -> String) -> anyhow::Result<AppCredential> {
        let in_folder = |name: &str| folder.map(|it| it.join(name)).filter(|it| it.exists());
        if let Some(file) = &self.client_secret_file {
            return Ok(AppCredential::Secret(read_secret(file)?));
        }
        if let Some(file) = &self.client_certificate_file {
            let key = self.client_key_file.clone().or_else(|| in_folder("client-key"));
            return self.certificate(file, key.as_deref().unwrap_or(file));
        }
        if let Some(file) = in_folder("client-secret") {
            return Ok(AppCredential::Secret(read_secret(&file)?));
        }
        if let Some(file) = in_folder("client-certificate") {
            return self.certificate(&file, in_folder("client-key").as_deref().unwrap_or(&file));
        }
        let given: SecretString = environment().trim().to_owned().into();
        let empty = secrecy::ExposeSecret::expose_secret(&given).is_empty();
        anyhow::ensure!(
            !empty,
            "the application has no secret: give --client-secret-file FILE or --client-certificate-file FILE, put \
             client-secret into the service's credentials, or set CALLBOARD_CLIENT_SECRET"
        );
        Ok(AppCredential::Secret(given))
    }

    fn certificate(&self, certificate: &Path, key: &Path) -> anyhow::Result<AppCredential> {
        let place = certificate.display();
        let text = std::fs::read(certificate).with_context(|| format!("{place} cannot be read"))?;
        let algorithm = match self.client_assertion {
            SigningArg::Ps256 => SigningAlgorithm::Ps256,
            SigningArg::Rs256 => SigningAlgorithm::Rs256,
        };
        let read = AppCertificate::read(&text, &read_secret(key)?, algorithm);
        Ok(AppCredential::Certificate(Box::new(read.with_context(|| format!("{place} cannot be used"))?)))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use secrecy::ExposeSecret as _;

    use super::*;

    fn none() -> SecretArgs {
        SecretArgs {
            client_secret_file: None,
            client_certificate_file: None,
            client_key_file: None,
            client_assertion: SigningArg::Ps256,
        }
    }

    fn keep(folder: &Path, name: &str, text: &str) -> PathBuf {
        let file = folder.join(name);
        std::fs::write(&file, text).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        file
    }

    fn found(secrets: &SecretArgs, folder: Option<&Path>, environment: &str) -> String {
        match secrets.find(folder, || environment.to_owned()) {
            Ok(AppCredential::Secret(secret)) => secret.expose_secret().to_owned(),
            Ok(AppCredential::Certificate(_)) => "a certificate".to_owned(),
            Err(error) => format!("{error:#}"),
        }
    }

    #[test]
    fn a_named_file_precedes_the_credentials_folder_and_that_the_environment() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        assert!(found(&none(), Some(folder), " ").starts_with("the application has no secret"));
        assert_eq!(found(&none(), Some(folder), " of the environment\n"), "of the environment");
        keep(folder, "client-secret", "of the folder\n");
        assert_eq!(found(&none(), Some(folder), "of the environment"), "of the folder");
        let file = keep(folder, "named", "of the file");
        let named = SecretArgs { client_secret_file: Some(file.clone()), ..none() };
        assert_eq!(found(&named, Some(folder), "of the environment"), "of the file");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(found(&named, None, "").contains("can be read by others"));
        let certificate = SecretArgs { client_certificate_file: Some(keep(folder, "pem", "no pem")), ..none() };
        assert!(
            found(&certificate, None, "").contains("not PEM with a CERTIFICATE"),
            "{}",
            found(&certificate, None, "")
        );
    }
}
