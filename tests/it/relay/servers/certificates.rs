//! Certificates through the binaries: the one that the application proves itself with, and the one that is served.

use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, RsaKeySize, date_time_ymd};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;

use super::{Place, figure};
use crate::e2e::processes::{Server, callboard, create, secret};
use crate::relay::attacks::sealed::{Authority, shown};

/// A new RSA pair: its certificate and its key, both PEM, in files with these names.
fn pair(certificate: &str, key: &str) {
    let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
    let params = CertificateParams::new(["bot".to_owned()]).unwrap();
    std::fs::write(certificate, params.self_signed(&pair).unwrap().pem()).unwrap();
    secret(Path::new(key), &pair.serialize_pem());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_relay_with_the_registered_certificate_gets_a_token() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (certificate, key, strange, strange_key) = (path("cert"), path("key"), path("strange"), path("strange-key"));
    pair(&certificate, &key);
    pair(&strange, &strange_key);
    let sim = Server::start(&["sim", "--scenario", "empty", "--client-certificate", &certificate]);
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    for (certificate, key, signing, is_known) in [
        (&certificate, &key, "ps256", true),
        (&certificate, &key, "rs256", true),
        (&strange, &strange_key, "ps256", false),
    ] {
        let journal = path(&format!("journal-{signing}-{is_known}"));
        let token = callboard(&["relay", "operator", "add", "dana", "--role", "operator", "--journal", &journal]);
        let words = [
            ["--app-id", sim.says("clientId")],
            ["--tenant", sim.says("tenant")],
            ["--openid", sim.says("openid")],
            ["--graph", sim.says("graph")],
            ["--token-url", sim.says("token")],
            ["--client-certificate-file", certificate],
            ["--client-key-file", key],
            ["--client-assertion", signing],
            ["--journal", &journal],
            ["--ops-listen", "127.0.0.1:0"],
        ];
        let words: Vec<&str> = std::iter::once("relay").chain(words.into_iter().flatten()).collect();
        let relay = Server::start(&words);
        let ready = http.get(format!("{}/readyz", relay.says("ops"))).send().await.unwrap();
        let ready: Value = ready.json().await.unwrap();
        assert_eq!(ready["checks"]["token"]["ok"], is_known, "{ready}");
        if is_known {
            let call = create(&sim, relay.says("intake")).await;
            let read = http.get(format!("{}/communications/calls/{call}", relay.says("gate")));
            let read = read.bearer_auth(token.trim()).send().await.unwrap();
            assert_eq!(read.status(), 200, "{signing}: {}", read.text().await.unwrap());
        } else {
            let why = ready["checks"]["token"]["reason"].as_str().unwrap();
            assert!(why.contains("refuses the application") && why.contains("AADSTS700027"), "{why}");
        }
        assert!(relay.terminate());
    }
    assert!(sim.terminate());
}

async fn dial(authority: &Authority, relay: &Server) -> TlsStream<TcpStream> {
    let address = relay.says("relay").trim_start_matches("https://");
    let line = TcpStream::connect(address).await.unwrap();
    let connector = TlsConnector::from(Arc::clone(&authority.trust().config()));
    connector.connect(ServerName::try_from("127.0.0.1").unwrap(), line).await.unwrap()
}

/// Gives a file the size and the time of another one, so that a relay which compares only these sees no change.
fn disguise(file: &Path, size: usize, made: std::time::SystemTime) {
    let mut text = std::fs::read_to_string(file).unwrap();
    assert!(text.len() <= size);
    text.extend(std::iter::repeat_n('\n', size - text.len()));
    let beside = file.with_extension("new");
    std::fs::write(&beside, text).unwrap();
    std::fs::set_permissions(&beside, Permissions::from_mode(0o600)).unwrap();
    File::options().write(true).open(&beside).unwrap().set_modified(made).unwrap();
    std::fs::rename(beside, file).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn sighup_makes_the_relay_reload_its_certificate() {
    const SIZE: usize = 8_192;
    let (place, authority, next) = (Place::new().await, Authority::new(), Authority::new());
    let made = std::time::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let (files, first) = authority.issue();
    disguise(&files.cert, SIZE, made);
    disguise(&files.key, SIZE, made);
    let (cert, key) = (files.cert.to_str().unwrap(), files.key.to_str().unwrap());
    let relay = place.relay(&["--tls-cert", cert, "--tls-key", key]);
    assert_eq!(shown(&dial(&authority, &relay).await), first);

    // Another pair: the relay uses it only when a signal tells it to.
    let (other, second) = next.issue();
    disguise(&other.cert, SIZE, made);
    disguise(&other.key, SIZE, made);
    std::fs::rename(&other.cert, &files.cert).unwrap();
    std::fs::rename(&other.key, &files.key).unwrap();
    assert_eq!(shown(&dial(&authority, &relay).await), first);
    relay.hang_up();
    let wait = async {
        loop {
            let address = relay.says("relay").trim_start_matches("https://");
            let line = TcpStream::connect(address).await.unwrap();
            let connector = TlsConnector::from(Arc::clone(&next.trust().config()));
            // Until the new one is served, this authority vouches for nothing.
            match connector.connect(ServerName::try_from("127.0.0.1").unwrap(), line).await {
                Ok(line) => break shown(&line),
                Err(_) => tokio::task::yield_now().await,
            }
        }
    };
    let served = tokio::time::timeout(Duration::from_secs(20), wait).await.expect("the new certificate is not served");
    assert_eq!(served, second);
    assert!(relay.terminate(), "a hang-up ends nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_expiry_of_a_certificate_is_logged_before_and_after() {
    let place = Place::new().await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let (cert, key) = (place.path("cert.pem"), place.path("key.pem"));
    let soon = callboard::time::clock::wall().0 / 1_000 + 10 * 24 * 3_600;
    for (end, is_good, words) in [
        (date_time_ymd(2020, 11, 6).unix_timestamp(), false, "the certificate has expired"),
        (soon, true, "the certificate expires soon"),
        (soon + 3_600 * 24 * 365, true, "the relay serves"),
    ] {
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.not_after = date_time_ymd(1970, 1, 1) + Duration::from_secs(end.unsigned_abs());
        let pair = KeyPair::generate().unwrap();
        std::fs::write(&cert, params.self_signed(&pair).unwrap().pem()).unwrap();
        secret(Path::new(&key), &pair.serialize_pem());
        let log = place.path(&format!("log-{end}"));
        let relay = place.relay(&["--tls-cert", &cert, "--tls-key", &key, "--log", &log]);
        let ready = http.get(format!("{}/readyz", relay.says("ops"))).send().await.unwrap();
        let (status, ready) = (ready.status(), ready.json::<Value>().await.unwrap());
        assert_eq!(ready["checks"]["certificate"]["ok"], is_good, "{ready}");
        assert_eq!(status == 200, is_good, "{ready}");
        let left = figure(&relay, "tls_certificate_left_seconds{}").await;
        let expected = end - callboard::time::clock::wall().0 / 1_000;
        assert!((left - expected).abs() < 24 * 3_600, "{left} is not about {expected}");
        if !is_good {
            let why = ready["checks"]["certificate"]["reason"].as_str().unwrap();
            assert!(why.contains("expired at 2020-11-06T00:00:00Z"), "{why}");
        }
        assert!(relay.terminate());
        let log = std::fs::read_to_string(&log).unwrap();
        assert!(log.contains(words), "{log}");
        assert_eq!(log.contains("the certificate"), words.contains("the certificate"), "{log}");
    }
}
