//! Tests of operators that are added, rotated, revoked and expire while the relay runs.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Mutex};

use secrecy::ExposeSecret;

use crate::protocol::Role;
use crate::relay::operators::{OperatorRegistry, OperatorToken, OperatorsError, add, list, revoke, rotate};
use crate::time::clock;
use crate::time::{Millis, Timestamp};

fn tokens(listed: &[OperatorToken]) -> Vec<&str> {
    listed.iter().map(OperatorToken::token).collect()
}

#[test]
fn operators_are_managed_while_the_relay_runs() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let running = OperatorRegistry::beside(folder).unwrap();
    let token = add(folder, "Ada", Role::Operator, None).unwrap();
    let second = rotate(folder, "Ada", Some(clock::wall() + Millis::minutes(1))).unwrap();
    let ada = running.find(token.expose_secret()).unwrap();
    assert_eq!((ada.name.as_str(), ada.role, ada.expires), ("Ada", Role::Operator, None));
    assert_eq!(running.find(second.expose_secret()).unwrap().role, Role::Operator);
    assert_eq!(running.find("guess"), None);
    let file = folder.join("operators.json");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!fs::read_to_string(&file).unwrap().contains(token.expose_secret()));

    let third = rotate(folder, "Ada", None).unwrap_err().to_string();
    assert!(third.contains("has two live tokens already; revoke one of them first"), "{third}");
    assert!(matches!(add(folder, "Ada", Role::Operator, None), Err(OperatorsError::Two(_))));
    assert!(matches!(add(folder, "Ada", Role::Viewer, None), Err(OperatorsError::OtherRole { .. })));
    assert!(matches!(revoke(folder, "Ada", Some("none")), Err(OperatorsError::NoToken { .. })));
    assert_eq!(list(folder).unwrap().len(), 2);

    assert!(running.still_lists(&ada));
    assert_eq!(revoke(folder, "Ada", Some(ada.token())).unwrap(), 1);
    assert!(!running.still_lists(&ada));
    assert_eq!(running.find(token.expose_secret()), None);
    assert!(running.find(second.expose_secret()).is_some());
    rotate(folder, "Ada", None).unwrap();
    assert_eq!(revoke(folder, "Ada", None).unwrap(), 2);
    assert_eq!(running.find(second.expose_secret()), None);
    assert!(matches!(revoke(folder, "Ada", None), Err(OperatorsError::Unknown(_))));
    assert!(matches!(rotate(folder, "Ada", None), Err(OperatorsError::Unknown(_))));
    assert!(list(folder).unwrap().is_empty());
}

#[test]
fn a_removed_list_revokes_nobody_and_a_new_one_counts() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let running = OperatorRegistry::beside(folder).unwrap();
    let token = add(folder, "Ada", Role::Operator, None).unwrap();
    let ada = running.find(token.expose_secret()).unwrap();
    fs::remove_file(folder.join("operators.json")).unwrap();
    assert!(running.still_lists(&ada) && running.find(token.expose_secret()).is_some());
    let other = add(folder, "Bob", Role::Operator, None).unwrap();
    assert!(!running.still_lists(&ada) && running.find(other.expose_secret()).is_some());
}

#[test]
fn an_expired_token_is_refused_and_can_be_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let running = OperatorRegistry::beside(folder).unwrap();
    let ended = add(folder, "Ada", Role::Viewer, Some(clock::wall())).unwrap();
    assert_eq!(running.find(ended.expose_secret()), None);
    let live = add(folder, "Ada", Role::Viewer, Some(clock::wall() + Millis::minutes(1))).unwrap();
    assert!(running.find(live.expose_secret()).is_some());
    let listed = list(folder).unwrap();
    assert_eq!(tokens(&listed).len(), 1);
    assert!(listed[0].is_live(Timestamp(0)) && !listed[0].is_live(clock::wall() + Millis::minutes(2)));
    assert_eq!(listed[0].token().len(), 4);
}

#[test]
fn a_list_without_expiry_dates_is_readable() {
    let folder = tempfile::tempdir().unwrap();
    let token = add(folder.path(), "Ada", Role::Operator, None).unwrap();
    let file = folder.path().join("operators.json");
    let text = fs::read_to_string(&file).unwrap();
    assert!(!text.contains("expires"), "{text}");
    let old: serde_json::Value = serde_json::from_str(&text).unwrap();
    let members: Vec<&String> = old["operators"][0].as_object().unwrap().keys().collect();
    assert_eq!(members, ["added", "name", "role", "sha256"]);
    assert!(OperatorRegistry::beside(folder.path()).unwrap().find(token.expose_secret()).is_some());
}

/// The captured log lines.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn times(&self, words: &str) -> usize {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap().matches(words).count()
    }
}

#[test]
fn an_unreadable_list_keeps_the_old_one_and_is_logged_once() {
    let folder = tempfile::tempdir().unwrap();
    let (file, aside) = (folder.path().join("operators.json"), folder.path().join("aside"));
    let token = add(folder.path(), "Ada", Role::Operator, None).unwrap();
    let (log, running) = (Log::default(), OperatorRegistry::beside(folder.path()).unwrap());
    let writer = log.clone();
    let heard = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    tracing::subscriber::with_default(heard, || {
        let is_known = || running.find(token.expose_secret()).is_some();
        fs::rename(&file, &aside).unwrap();
        // A folder instead of an unreadable file, because root can read any file.
        fs::create_dir(&file).unwrap();
        assert!(is_known() && is_known() && is_known());
        assert_eq!(log.times("the relay keeps the old list"), 1);
        fs::remove_dir(&file).unwrap();
        fs::write(&file, "{\"operators\": [").unwrap();
        assert!(is_known() && is_known());
        assert_eq!(log.times("the relay keeps the old list"), 2, "another reason is logged too");
        assert_eq!(log.times("can read the operators again"), 0);
        fs::rename(&aside, &file).unwrap();
        revoke(folder.path(), "Ada", None).unwrap();
        assert!(!is_known());
        assert_eq!((log.times("can read the operators again"), log.times("the relay keeps the old list")), (1, 2));
    });
    assert!(OperatorRegistry::beside(folder.path()).is_ok());
}

#[test]
fn a_missing_folder_is_an_error_and_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let mistyped = folder.path().join("jurnal");
    for error in [
        list(&mistyped).unwrap_err(),
        revoke(&mistyped, "Ada", None).unwrap_err(),
        rotate(&mistyped, "Ada", None).unwrap_err(),
    ] {
        assert!(error.to_string().contains("jurnal, and so no operators"), "{error}");
    }
    assert!(!mistyped.exists());
    add(&mistyped, "Ada", Role::Viewer, None).unwrap();
    assert_eq!(fs::metadata(&mistyped).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn unprintable_names_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["", "  ", "a\nb", &"x".repeat(65)] {
        let added = add(folder.path(), name, Role::Viewer, None);
        assert!(matches!(added, Err(OperatorsError::Name(_))), "{name:?}");
    }
}

#[tokio::test]
async fn a_change_of_the_list_wakes_its_watchers() {
    let folder = tempfile::tempdir().unwrap();
    add(folder.path(), "Ada", Role::Viewer, None).unwrap();
    let running = OperatorRegistry::beside(folder.path()).unwrap();
    let mut changes = running.changes();
    let woken = async {
        let revoking = async {
            tokio::task::yield_now().await;
            revoke(folder.path(), "Ada", None).unwrap();
            changes.changed().await.unwrap();
        };
        tokio::select! {
            () = running.watch() => {}
            () = revoking => {}
        }
    };
    tokio::time::timeout(std::time::Duration::from_mins(1), woken).await.unwrap();
}
