//! The journal's folder is removed under the relay's binary: nothing more is acknowledged, consoles and readiness say so,
//! and all entries come back in new files. And a relay that is stopped for a while notices it.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use callboard::floor::{Cursor, Entry, Fact, Noted};
use callboard::journal::JournalReader;
use reqwest::StatusCode;

use super::{Place, start};
use crate::e2e::processes::{Server, callboard, secret};
use crate::relay::attacks::site::{envelope, good_token};
use crate::support::terminal::Terminal;

async fn post(relay: &Server, call: &str) -> (StatusCode, String) {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let sent = http.post(relay.says("intake")).bearer_auth(good_token()).body(envelope(call));
    let answer = sent.send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

async fn ready(relay: &Server) -> (u16, String) {
    let answer = reqwest::get(format!("{}/readyz", relay.says("ops"))).await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

fn entries(journal: &Path) -> Vec<Entry> {
    let reader = JournalReader::open(journal).unwrap();
    reader.rows(Cursor(0), 10_000).unwrap().iter().map(|it| it.entry().unwrap()).collect()
}

/// Returns the reasons of the gaps, and how long before its entry each began, in milliseconds.
fn gaps(entries: &[Entry]) -> Vec<(&str, i64)> {
    entries.iter().filter_map(gap).collect()
}

fn gap(it: &Entry) -> Option<(&str, i64)> {
    match &it.fact {
        Fact::Noted(Noted::Gap { reason, from }) => Some((&**reason, it.at.0 - from.unwrap_or(it.at).0)),
        Fact::Noted(_)
        | Fact::Notification(_)
        | Fact::Asked(_)
        | Fact::Answered(_)
        | Fact::Observed(_)
        | Fact::Rejected(_) => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_folder_loses_no_acknowledged_webhook() {
    let place = Place::new().await;
    let journal = place.folder.path().join("journal");
    let token =
        callboard(&["relay", "operator", "add", "dana", "--role", "operator", "--journal", journal.to_str().unwrap()]);
    let token_file = place.path("token");
    secret(Path::new(&token_file), &token);
    let relay = start(&place.words(&journal, &[]));
    for number in 0..40 {
        assert_eq!(post(&relay, &format!("call-{number}")).await.0, 202);
    }
    let mut console =
        Terminal::run(&["console", "--relay", relay.says("relay"), "--token-file", &token_file], (120, 36));
    console.shows("LIVE");

    // A file in the place of the folder, so that the relay cannot repair it at once.
    std::fs::remove_dir_all(&journal).unwrap();
    std::fs::write(&journal, "in the way").unwrap();
    let (status, said) = post(&relay, "refused").await;
    assert_eq!(status, 503);
    assert!(said.starts_with("not kept: ") && said.contains("removed"), "{said}");
    console.shows("LOSING");
    let (status, said) = ready(&relay).await;
    assert!(status == 503 && said.contains("removed"), "{status} {said}");

    std::fs::remove_file(&journal).unwrap();
    console.until("that nothing is lost any more", |screen| screen.contains("LIVE") && !screen.contains("LOSING"));
    assert_eq!(post(&relay, "after").await.0, 202);
    // Readiness forgets a failure after ten seconds, or at the next append.
    assert_eq!(ready(&relay).await.0, 200);
    let console_id = console.process_id().to_string();
    assert!(Command::new("kill").args(["-TERM", &console_id]).status().unwrap().success());
    console.ends();
    relay.kill();
    callboard(&["journal", "verify", journal.to_str().unwrap()]);
    let entries = entries(&journal);
    let text = format!("{entries:?}");
    for number in 0..40 {
        assert!(text.contains(&format!("call-{number}")), "call-{number}");
    }
    assert!(text.contains("after"));
    assert!(gaps(&entries).iter().any(|(reason, _)| *reason == "the journal's files were removed while the relay ran"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_process_notes_the_gap_when_it_goes_on() {
    let place = Place::new().await;
    let journal = place.folder.path().join("journal");
    let relay = start(&place.words(&journal, &[]));
    assert_eq!(post(&relay, "a").await.0, 202);
    let process = relay.id().to_string();
    let signal = |name: &str| assert!(Command::new("kill").args([name, &process]).status().unwrap().success());
    signal("-STOP");
    tokio::time::sleep(Duration::from_secs(7)).await;
    signal("-CONT");
    let noted = tokio::time::timeout(Duration::from_mins(1), async {
        loop {
            let entries = entries(&journal);
            if let Some((_, span)) = gaps(&entries).into_iter().find(|(reason, _)| *reason == "the relay was paused") {
                return span;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    let span = noted.await.expect("a gap");
    assert!(span >= 7_000, "{span}");
    relay.kill();
}
