//! A disk that is truly full, under the relay's binary: nothing is acknowledged that is not kept, everybody is told,
//! and all of it passes when there is room again.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use callboard::floor::{Cursor, Fact};
use callboard::journal::{Journal as _, Store};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{Place, start};
use crate::attacks::site::{envelope, good_token};
use crate::processes::{Server, callboard, secret};
use crate::terminal::Terminal;

/// A small disk of its own; gone when it is dropped.
struct Disk {
    folder: tempfile::TempDir,
}

impl Disk {
    /// One of so many MiB; `None` where nothing may be mounted.
    fn mount(size: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size}m"), "tmpfs"]).arg(folder.path());
        let mounted = mount.output().is_ok_and(|it| it.status.success());
        mounted.then_some(Self { folder })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Takes all the room that is left.
    fn fill(&self) {
        let mut ballast = std::fs::File::create(self.path("ballast")).unwrap();
        let mut size = 1 << 16;
        while size > 0 {
            if ballast.write_all(&vec![0; size]).is_err() {
                size /= 2;
            }
        }
    }

    fn make_room(&self) {
        std::fs::remove_file(self.path("ballast")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily, for a relay may still be ending.
        drop(Command::new("umount").arg("-l").arg(self.folder.path()).status());
    }
}

/// Posts webhooks, each larger than a page of the journal, until one is answered so; how many were acknowledged.
async fn post_until(relay: &Server, wanted: StatusCode) -> usize {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut item: Value = serde_json::from_str(&envelope("a")).unwrap();
    item["value"][0]["resourceData"]["subject"] = "x".repeat(16 * 1_024).into();
    let mut acknowledged = 0;
    let posting = async {
        loop {
            let sent = http.post(relay.says("intake")).bearer_auth(good_token()).body(item.to_string());
            let answer = sent.send().await.unwrap();
            let status = answer.status();
            acknowledged += usize::from(status == StatusCode::ACCEPTED);
            if status == wanted {
                let (is_asked_again, said) =
                    (answer.headers().contains_key("retry-after"), answer.text().await.unwrap());
                assert_eq!((is_asked_again, said.starts_with("not kept: ")), (status == 503, status == 503), "{said}");
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_mins(1), posting).await.unwrap_or_else(|_| panic!("never {wanted}"));
    acknowledged
}

async fn mute(relay: &Server, token: &str) -> (StatusCode, String) {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let asked = http.post(format!("{}/communications/calls/a/mute", relay.says("gate"))).bearer_auth(token);
    let answer = asked.json(&json!({})).send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

/// How many notifications a journal holds that is found undamaged.
async fn notifications(journal: &Path) -> usize {
    callboard(&["journal", "verify", journal.to_str().unwrap()]);
    let store = Store::open(journal).unwrap();
    let rows = store.read(Cursor(0), 100_000).await.unwrap();
    rows.iter().filter(|it| matches!(it.entry().unwrap().fact, Fact::Notification(_))).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_to_all_and_passes_when_there_is_room_again() {
    let Some(disk) = Disk::mount(6) else {
        eprintln!("skipped: no disk of a test's own can be mounted here");
        return;
    };
    let place = Place::new().await;
    let journal = disk.path("journal");
    let token =
        callboard(&["relay", "operator", "add", "dana", "--role", "operator", "--journal", journal.to_str().unwrap()]);
    let token_file = place.path("token");
    secret(Path::new(&token_file), &token);
    let relay = start(&place.words(&journal, &[]));
    let mut kept = post_until(&relay, StatusCode::ACCEPTED).await;
    let mut console =
        Terminal::run(&["console", "--relay", relay.says("relay"), "--token-file", &token_file], (120, 36));
    console.shows("LIVE");
    assert_eq!(mute(&relay, token.trim()).await.0, 200);

    disk.fill();
    kept += post_until(&relay, StatusCode::SERVICE_UNAVAILABLE).await;
    let (status, said) = mute(&relay, token.trim()).await;
    assert!(status == 503 && said.contains("nothing was sent, because it could not be recorded"), "{status} {said}");
    console.shows("LOSING");
    let ready = reqwest::get(format!("{}/readyz", relay.says("ops"))).await.unwrap();
    assert_eq!(ready.status(), 503);
    let ready: Value = ready.json().await.unwrap();
    assert_eq!(ready["checks"]["journal"]["ok"], false, "{ready}");

    disk.make_room();
    kept += post_until(&relay, StatusCode::ACCEPTED).await;
    console.until("that nothing is lost any more", |screen| screen.contains("LIVE") && !screen.contains("LOSING"));
    assert_eq!(mute(&relay, token.trim()).await.0, 200);
    console.press("q");
    console.ends();
    assert!(relay.terminate());
    assert!(notifications(&journal).await >= kept, "something acknowledged is missing");
}
