//! Tests of `callboard journal`, and of a console while the journal refuses entries.

use std::process::{Command, Output};

use callboard::floor::{Fact, Noted};
use callboard::journal::{Journal as _, JournalStore};
use callboard::protocol::FeedEvent;
use callboard::time::Timestamp;
use serde_json::Value;

use crate::support::desk_driver::Story;

async fn journal(entries: i64) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store = JournalStore::open(folder.path()).unwrap();
    let note =
        |at: i64| (Timestamp(at * 1_000), Fact::Noted(Noted::Gap { reason: "x".repeat(300).into(), from: None }));
    store.append((1..=entries).map(note).collect()).await.unwrap();
    folder
}

fn run(words: &[&str], folder: &tempfile::TempDir) -> Output {
    let folder = folder.path().to_str().unwrap();
    Command::new(env!("CARGO_BIN_EXE_callboard")).arg("journal").args(words).arg(folder).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[tokio::test]
async fn a_journal_can_be_verified_while_it_is_written() {
    let folder = journal(50).await;
    let store = JournalStore::open(folder.path()).unwrap();
    let good = run(&["verify"], &folder);
    assert!(good.status.success(), "{}", said(&good));
    for part in ["entries 1 to 50", &store.epoch(), "1970-01-01T00:00:50Z", "nothing is damaged"] {
        assert!(said(&good).contains(part), "{part}: {}", said(&good));
    }
    let file = rusqlite::Connection::open(folder.path().join("journal.sqlite")).unwrap();
    file.execute("UPDATE entries SET body = replace(body, 'xxx', 'xyx') WHERE cursor IN (7, 9)", []).unwrap();
    let bad = run(&["verify"], &folder);
    assert_eq!(bad.status.code(), Some(1));
    assert!(said(&bad).contains("entry 7: its checksum is") && said(&bad).contains("2 faults"), "{}", said(&bad));
    let bad = run(&["verify", "--json"], &folder);
    let told: Value = serde_json::from_slice(&bad.stdout).unwrap();
    assert_eq!((bad.status.code(), &told["good"], &told["entries"]), (Some(1), &Value::Bool(false), &50.into()));
    assert_eq!((&told["damaged"][1]["cursor"], told["damaged"].as_array().unwrap().len()), (&9.into(), 2));
}

#[tokio::test]
async fn a_journal_can_be_compacted_unless_a_relay_uses_it() {
    let folder = journal(20_000).await;
    let store = JournalStore::open(folder.path()).unwrap();
    let held = run(&["compact"], &folder);
    assert_eq!(held.status.code(), Some(1));
    assert!(said(&held).contains("another relay writes to the journal"), "{}", said(&held));
    drop(store);
    let done = run(&["compact", "--json", "--keep-days", "1"], &folder);
    let told: Value = serde_json::from_slice(&done.stdout).unwrap();
    let removed = told["removed"].as_u64().unwrap();
    assert!(done.status.success() && removed > 10_000, "{told}");
    assert_eq!(told["oldest"].as_u64(), Some(removed + 1));
    assert!(told["freed"].as_u64().unwrap() > 2_000_000, "{told}");
    let kept = run(&["compact", "--keep-days", "0", "--keep-size", "0"], &folder);
    assert!(said(&kept).contains("0 entries were removed"), "{}", said(&kept));
    assert!(said(&kept).contains("an entry is removed when it is older than --keep-days"), "{}", said(&kept));
    assert!(said(&kept).contains("no bytes were freed: the files are packed already"), "{}", said(&kept));
    assert!(run(&["verify"], &folder).status.success());
    assert_eq!(run(&["compact", "--keep-size", "a lot"], &folder).status.code(), Some(2));
}

#[test]
fn a_folder_without_a_journal_is_an_error_and_stays_empty() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("nowhere");
    let place = nowhere.to_str().unwrap();
    for words in [["journal", "verify"], ["journal", "compact"], ["journal", "salvage"]] {
        let told = Command::new(env!("CARGO_BIN_EXE_callboard")).args(words).arg(place).output().unwrap();
        let sentence = format!("there is no journal in {place}; name the folder that the relay has as its --journal");
        assert!(told.status.code() == Some(1) && said(&told).contains(&sentence), "{words:?}: {}", said(&told));
        assert!(!nowhere.exists());
    }
    // Operators may be added before a relay's first start. The output names the new folder, so a typing mistake is visible.
    let add = || {
        let words = ["relay", "operator", "add", "dana", "--role", "viewer", "--journal", place];
        Command::new(env!("CARGO_BIN_EXE_callboard")).args(words).output().unwrap()
    };
    let (first, second) = (add(), add());
    let remark = format!("the folder {place} was created");
    assert!(String::from_utf8_lossy(&first.stderr).contains(&remark), "{}", said(&first));
    assert_eq!(String::from_utf8_lossy(&first.stdout).lines().count(), 1, "the token and nothing else");
    assert!(second.status.success() && second.stderr.is_empty(), "{}", said(&second));
}

#[test]
fn a_console_shows_whether_the_journal_refuses() {
    let mut story = Story::seated();
    story.fed(FeedEvent::Refusing(Some(story.history.now())));
    story
        .shows("The relay has not been able to write its journal since")
        .shows("notifications are being lost and acts are refused");
    assert!(story.screen(80, 24).contains("LOSING"));
    story.fed(FeedEvent::Refusing(None)).hides("LOSING").shows("can write its journal again");
    story.fed(FeedEvent::Refusing(Some(story.history.now()))).shows("LOSING");
    story.line_breaks("cut").hides("LOSING");
}
