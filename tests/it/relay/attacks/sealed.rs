//! Tests of TLS: the served paths, the console's trust, a certificate that changes at run time, and refusals without TLS.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use callboard::console::{CaTrust, DeskSetup, HeadlessDesk, RelayAccess as Seat};
use callboard::protocol::Role;
use callboard::relay::{self, NetworkSettings, RelayLimits, TlsFiles};
use callboard::time::clock::Clock;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use reqwest::Certificate;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};

use super::site::{OPERATOR, Platform, Site, dial, envelope, good_token, settings, status};

/// An authority of our own, and the files that it writes.
pub(crate) struct Authority {
    folder: tempfile::TempDir,
    issuer: Issuer<'static, KeyPair>,
    root: String,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let root = params.self_signed(&key).unwrap().pem();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), &root).unwrap();
        Self { folder, issuer: Issuer::new(params, key), root }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A new certificate for loopback in the files; what it is, in DER.
    pub(crate) fn issue(&self) -> (TlsFiles, CertificateDer<'static>) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["127.0.0.1".to_owned(), "localhost".to_owned()]).unwrap();
        let cert = params.signed_by(&key, &self.issuer).unwrap();
        let files = TlsFiles { cert: self.path("cert.pem"), key: self.path("key.pem") };
        write_key(&files.key, &key.serialize_pem());
        std::fs::write(&files.cert, cert.pem()).unwrap();
        (files, cert.der().clone())
    }

    pub(crate) fn trust(&self) -> CaTrust {
        CaTrust::from_file(&self.path("ca.pem")).unwrap()
    }

    fn client(&self) -> reqwest::Client {
        let root = Certificate::from_pem(self.root.as_bytes()).unwrap();
        reqwest::Client::builder().no_proxy().tls_certs_only([root]).build().unwrap()
    }

    fn seat(&self, site: &Site) -> Seat {
        let url = site.relay.ready().relay.parse().unwrap();
        Seat { url, token: OPERATOR.into(), trust: Some(self.trust()) }
    }

    async fn dial(&self, site: &Site) -> TlsStream<tokio::net::TcpStream> {
        let line = dial("127.0.0.1", site.address()).await;
        let connector = TlsConnector::from(Arc::clone(&self.trust().config()));
        connector.connect(ServerName::try_from("127.0.0.1").unwrap(), line).await.unwrap()
    }
}

fn write_key(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

pub(crate) fn shown(line: &TlsStream<tokio::net::TcpStream>) -> CertificateDer<'static> {
    line.get_ref().1.peer_certificates().unwrap()[0].clone().into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn intake_feed_and_gate_are_served_over_tls() {
    let authority = Authority::new();
    let site = Site::sealed(authority.issue().0, RelayLimits::default()).await;
    let ready = site.relay.ready();
    assert!(ready.relay.starts_with("https://") && ready.intake.starts_with("https://"), "{ready:?}");
    assert!(ready.feed.starts_with("wss://") && ready.gate.starts_with("https://"), "{ready:?}");
    let client = authority.client();
    let answer = client.post(&ready.intake).bearer_auth(good_token()).body(envelope("a")).send().await.unwrap();
    assert_eq!(answer.status(), 202);
    let mut desk = HeadlessDesk::connect(authority.seat(&site), Clock::system(), DeskSetup::default()).unwrap();
    desk.until(|desk| desk.link().is_live() && desk.live().calls().count() == 1).await;
    assert_eq!(desk.desk().link().role(), Role::Operator);
    let read = client.get(format!("{}/communications/calls/a", ready.gate)).bearer_auth(OPERATOR).send().await;
    assert_eq!(read.unwrap().status(), 200);

    // A certificate of another authority is trusted neither by the feed's client nor by another client.
    let stranger = Authority::new();
    let refused = stranger.client().get(format!("{}/healthz", ready.relay)).send().await;
    assert!(refused.is_err());
    let mut wary = HeadlessDesk::connect(stranger.seat(&site), Clock::system(), DeskSetup::default()).unwrap();
    wary.until(|desk| format!("{:?}", desk.link()).contains("ertificate")).await;
    site.until_refused("handshake", 2).await;
    site.relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_certificate_is_served_without_interruption_and_a_bad_one_never() {
    let authority = Authority::new();
    let (files, first) = authority.issue();
    let site = Site::sealed(files.clone(), RelayLimits::default()).await;
    let mut desk = HeadlessDesk::connect(authority.seat(&site), Clock::system(), DeskSetup::default()).unwrap();
    desk.until(|desk| desk.link().is_live()).await;
    let mut open = authority.dial(&site).await;
    assert_eq!(shown(&open), first);

    let (_, second) = authority.issue();
    site.relay.reload_certificate();
    let changed = async { while shown(&authority.dial(&site).await) != second {} };
    tokio::time::timeout(Duration::from_secs(20), changed).await.expect("the new certificate is not served");

    // A key without its certificate, as in the middle of a rotation; rubbish; nothing at all.
    write_key(&files.key, &KeyPair::generate().unwrap().serialize_pem());
    site.relay.reload_certificate();
    assert_eq!(shown(&authority.dial(&site).await), second);
    std::fs::write(&files.cert, "rubbish").unwrap();
    site.relay.reload_certificate();
    assert_eq!(shown(&authority.dial(&site).await), second);
    std::fs::remove_file(&files.cert).unwrap();
    site.relay.reload_certificate();
    assert_eq!(shown(&authority.dial(&site).await), second);

    // The next good one is found by itself.
    let (_, third) = authority.issue();
    let changed = async { while shown(&authority.dial(&site).await) != third {} };
    tokio::time::timeout(Duration::from_secs(20), changed).await.expect("the third certificate is not served");

    open.write_all(b"GET /healthz HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut said = String::new();
    // The relay need not say good-bye in TLS's own way.
    drop(open.read_to_string(&mut said).await);
    assert_eq!(status(&said), 200, "a connection lives on through three certificates");
    assert!(desk.desk().link().is_live());
    site.relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_without_a_tls_handshake_are_disconnected() {
    let authority = Authority::new();
    let site = Site::sealed(authority.issue().0, RelayLimits { handshake_seconds: 1, ..RelayLimits::default() }).await;
    assert!(site.raw("127.0.0.1", "").await.is_empty());
    site.until_refused("slowHandshake", 1).await;
    let plain = site.raw("127.0.0.1", "GET /healthz HTTP/1.1\r\nHost: relay\r\n\r\n").await;
    assert!(!plain.contains("HTTP/1.1"), "{plain}");
    site.until_refused("handshake", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_would_expose_a_secret_are_refused() {
    let authority = Authority::new();
    let platform = Platform::start().await;
    let start = async |listen: &str, net: NetworkSettings| {
        let listen = listen.parse().unwrap();
        let settings = relay::RelaySettings { listen, ..settings(&platform.base, net) };
        relay::start(settings).await.map(drop).unwrap_err().to_string()
    };
    let plain = start("0.0.0.0:0", NetworkSettings::default()).await;
    assert!(plain.contains("plain HTTP") && plain.contains("--tls-cert"), "{plain}");
    let (files, _) = authority.issue();
    let tls = |files: &TlsFiles| NetworkSettings { tls: Some(files.clone()), ..NetworkSettings::default() };
    std::fs::set_permissions(&files.key, std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
    let open = start("127.0.0.1:0", tls(&files)).await;
    assert!(open.contains("can be read by others"), "{open}");
    write_key(&files.key, &KeyPair::generate().unwrap().serialize_pem());
    let strange = start("127.0.0.1:0", tls(&files)).await;
    assert!(strange.contains("cannot be used together"), "{strange}");
    std::fs::write(&files.cert, "").unwrap();
    let empty = start("127.0.0.1:0", tls(&files)).await;
    assert!(empty.contains("cert.pem") && empty.contains("it must be PEM"), "{empty}");
    for file in [&files.cert, &files.key] {
        std::fs::remove_file(file).unwrap();
        let missing = start("127.0.0.1:0", tls(&files)).await;
        let named = format!("{} cannot be read: No such file or directory", file.display());
        assert!(missing.contains(&named) && !missing.contains("PEM"), "{missing}");
    }
    std::fs::write(authority.path("ca.pem"), "rubbish").unwrap();
    assert!(CaTrust::from_file(&authority.path("ca.pem")).unwrap_err().to_string().contains("ca.pem"));
}
