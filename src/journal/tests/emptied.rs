//! An empty journal file: reported as a loss if it had entries before, and only then.

use super::*;

async fn first(folder: &Path) -> Option<String> {
    let rows = JournalStore::open(folder).unwrap().read(Cursor(0), 9).await.unwrap();
    assert!(rows.len() <= 1, "it is told once");
    reasons(&rows).pop()
}

fn empty(folder: &Path) {
    std::fs::write(folder.join("journal.sqlite"), "").unwrap();
}

#[tokio::test]
async fn an_emptied_file_is_told_of_and_its_log_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    assert!(!JournalStore::open(folder.path()).unwrap().was_emptied(), "a new one");
    assert!(!JournalStore::open(folder.path()).unwrap().was_emptied(), "one that is there");
    let log = folder.path().join("journal.sqlite-wal");
    empty(folder.path());
    std::fs::write(&log, "what was not yet in the file").unwrap();
    for error in [check(folder.path()).map(drop), JournalReader::open(folder.path()).map(drop)] {
        let error = error.unwrap_err().to_string();
        assert!(error.contains("its file is empty") && error.contains("callboard journal salvage"), "{error}");
    }
    assert!(JournalStore::open(folder.path()).unwrap().was_emptied());
    let aside = std::fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().path());
    let aside: Vec<_> = aside.filter(|it| it.to_str().unwrap().contains("journal-damaged-before-")).collect();
    assert_eq!(aside.len(), 1);
    assert_eq!(std::fs::read(&aside[0]).unwrap(), b"what was not yet in the file");
    assert!(!JournalStore::open(folder.path()).unwrap().was_emptied());
}

#[tokio::test]
async fn that_a_journal_is_lost_is_in_the_new_one_from_the_moment_that_it_is_there() {
    let folder = tempfile::tempdir().unwrap();
    drop(JournalStore::open(folder.path()).unwrap());
    empty(folder.path());
    // A relay that is killed at once has appended nothing.
    drop(JournalStore::open(folder.path()).unwrap());
    let store = JournalStore::open(folder.path()).unwrap();
    assert!(!store.was_emptied(), "it is told already");
    drop(store);
    assert!(first(folder.path()).await.unwrap().contains("was empty"));
    JournalStore::verify(folder.path()).unwrap();
}

#[tokio::test]
async fn that_a_journal_is_lost_is_told_also_when_making_the_new_one_was_interrupted() {
    for tables in
        ["", "CREATE TABLE entries (cursor INTEGER PRIMARY KEY, sum INTEGER NOT NULL, body TEXT NOT NULL) STRICT"]
    {
        let folder = tempfile::tempdir().unwrap();
        drop(JournalStore::open(folder.path()).unwrap());
        empty(folder.path());
        sqlite(folder.path(), &format!("PRAGMA journal_mode = WAL; {tables}"));
        assert!(std::fs::metadata(folder.path().join("journal.sqlite")).unwrap().len() > 0);
        assert!(first(folder.path()).await.unwrap().contains("was empty"), "{tables}");
    }
    // A journal of which only the log was renamed; its lock file is from a relay that left no mark.
    let folder = tempfile::tempdir().unwrap();
    empty(folder.path());
    std::fs::write(folder.path().join("journal.sqlite-wal"), "a log").unwrap();
    let lock = layout::lock(folder.path()).unwrap();
    assert!(crate::journal::emptied::had_journal(&folder.path().join("journal.sqlite"), &lock).unwrap());
    drop(lock);
    assert!(first(folder.path()).await.unwrap().contains("was empty"));
}

#[tokio::test]
async fn a_first_start_that_was_interrupted_has_lost_nothing_and_one_after_a_removal_neither() {
    let folder = tempfile::tempdir().unwrap();
    // The lock file exists before the journal file.
    std::fs::write(folder.path().join("journal.lock"), "").unwrap();
    empty(folder.path());
    assert_eq!(first(folder.path()).await, None);
    for part in ["sqlite", "sqlite-wal", "sqlite-shm"] {
        drop(std::fs::remove_file(folder.path().join("journal").with_extension(part)));
    }
    let lock = layout::lock(folder.path()).unwrap();
    assert!(!crate::journal::emptied::had_journal(&folder.path().join("journal.sqlite"), &lock).unwrap());
    drop(lock);
    empty(folder.path());
    assert_eq!(first(folder.path()).await, None, "it was begun, and interrupted");
    empty(folder.path());
    assert!(first(folder.path()).await.is_some(), "it was there");
}
