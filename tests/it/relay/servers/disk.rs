//! A full disk under the relay's binary: only durable webhooks are acknowledged, operators see the failure, and the relay
//! recovers when there is space. A limit on the size of the relay's files simulates the full disk.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use callboard::floor::{Cursor, Fact};
use callboard::journal::{Journal as _, JournalStore};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{Place, figure};
use crate::e2e::processes::{Server, callboard, secret};
use crate::relay::attacks::site::{envelope, good_token};
use crate::support::terminal::Terminal;

/// A relay whose log is on the full disk too: a file that is larger already than the journal may grow to.
fn start(words: &[String], log: &str) -> Server {
    std::fs::write(log, "full\n".repeat(1_000_000)).unwrap();
    let mut command = Command::new("bash");
    command.args(["-c", "exec \"$0\" \"$@\" 2>>\"$LOG\"", env!("CARGO_BIN_EXE_callboard")]).env("LOG", log);
    Server::spawn(command, &words.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Lets a relay's files grow to so many bytes, or to any number.
fn limit(relay: &Server, bytes: Option<u64>) {
    let limit = bytes.map_or_else(|| "unlimited".to_owned(), |it| it.to_string());
    let words = ["--pid".to_owned(), relay.id().to_string(), format!("--fsize={limit}:")];
    assert!(Command::new("prlimit").args(words).status().unwrap().success());
}

/// A webhook that is larger than a page of the journal.
fn large() -> String {
    let mut item: Value = serde_json::from_str(&envelope("a")).unwrap();
    item["value"][0]["resourceData"]["subject"] = "x".repeat(16 * 1_024).into();
    item.to_string()
}

/// Posts webhooks until one gets this answer, and returns how many were acknowledged.
async fn post_until(relay: &Server, wanted: StatusCode) -> usize {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut acknowledged = 0;
    let posting = async {
        loop {
            let sent = http.post(relay.says("intake")).bearer_auth(good_token()).body(large());
            let answer = sent.send().await.unwrap();
            let status = answer.status();
            acknowledged += usize::from(status == StatusCode::ACCEPTED);
            if status == StatusCode::SERVICE_UNAVAILABLE {
                assert_eq!(answer.headers()["retry-after"], "1");
                let said = answer.text().await.unwrap();
                assert!(said.starts_with("not kept: the journal cannot be written or read"), "{said}");
                assert!(said.contains("check the space"), "{said}");
            }
            if status == wanted {
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
    let store = JournalStore::open(journal).unwrap();
    let (mut after, mut count) = (Cursor(0), 0);
    loop {
        let rows = store.read(after, 1_000).await.unwrap();
        let Some(last) = rows.last() else { return count };
        after = last.cursor;
        count += rows.iter().filter(|it| matches!(it.entry().unwrap().fact, Fact::Notification(_))).count();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_reported_to_all_consoles_and_recovers() {
    let place = Place::new().await;
    let journal = place.folder.path().join("journal");
    let token =
        callboard(&["relay", "operator", "add", "dana", "--role", "operator", "--journal", journal.to_str().unwrap()]);
    let token_file = place.path("token");
    secret(Path::new(&token_file), &token);
    let relay = start(&place.words(&journal, &[]), &place.path("log"));
    let mut kept = post_until(&relay, StatusCode::ACCEPTED).await;
    let mut console =
        Terminal::run(&["console", "--relay", relay.says("relay"), "--token-file", &token_file], (120, 36));
    console.shows("LIVE");
    assert_eq!(mute(&relay, token.trim()).await.0, 200);

    // What the journal's log has already may be written again; nothing more.
    limit(&relay, Some(std::fs::metadata(journal.join("journal.sqlite-wal")).unwrap().len()));
    kept += post_until(&relay, StatusCode::SERVICE_UNAVAILABLE).await;
    let (status, said) = mute(&relay, token.trim()).await;
    assert!(status == 503 && said.contains("nothing was sent, because it could not be recorded"), "{status} {said}");
    console.shows("LOSING");
    let ready = reqwest::get(format!("{}/readyz", relay.says("ops"))).await.unwrap();
    assert_eq!(ready.status(), 503);
    let ready: Value = ready.json().await.unwrap();
    assert_eq!(ready["checks"]["journal"]["ok"], false, "{ready}");
    assert!(figure(&relay, "journal_append_failures_total").await > 0);

    limit(&relay, None);
    kept += post_until(&relay, StatusCode::ACCEPTED).await;
    console.until("that nothing is lost any more", |screen| screen.contains("LIVE") && !screen.contains("LOSING"));
    assert_eq!(mute(&relay, token.trim()).await.0, 200);
    // Killed rather than quit, because quitting would ask about the unproved act.
    let console_id = console.process_id().to_string();
    assert!(Command::new("kill").args(["-TERM", &console_id]).status().unwrap().success());
    console.ends();
    assert!(relay.terminate());
    assert!(notifications(&journal).await >= kept, "something acknowledged is missing");
}
