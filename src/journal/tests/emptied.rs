//! Tests of an empty journal file, which is reported as a loss only if the journal had entries before.

use super::*;

async fn first(folder: &Path) -> Option<String> {
    let rows = JournalStore::open(folder).unwrap().read(Cursor(0), 9).await.unwrap();
    assert!(rows.len() <= 1, "the loss is reported once");
    reasons(&rows).pop()
}

fn empty(folder: &Path) {
    std::fs::write(folder.join("journal.sqlite"), "").unwrap();
}

#[tokio::test]
async fn an_emptied_file_is_reported_and_its_log_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    assert!(JournalStore::open(folder.path()).unwrap().loss().is_none(), "a new journal is not a loss");
    assert!(JournalStore::open(folder.path()).unwrap().loss().is_none(), "an existing journal is not a loss");
    let log = folder.path().join("journal.sqlite-wal");
    empty(folder.path());
    std::fs::write(&log, "what was not yet in the file").unwrap();
    for error in [check(folder.path()).map(drop), JournalReader::open(folder.path()).map(drop)] {
        let error = error.unwrap_err().to_string();
        assert!(error.contains("its file is empty") && error.contains("callboard journal salvage"), "{error}");
    }
    assert!(JournalStore::open(folder.path()).unwrap().loss().is_some());
    let aside = std::fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().path());
    let aside: Vec<_> = aside.filter(|it| it.to_str().unwrap().contains("journal-damaged-before-")).collect();
    assert_eq!(aside.len(), 1);
    assert_eq!(std::fs::read(&aside[0]).unwrap(), b"what was not yet in the file");
    assert!(JournalStore::open(folder.path()).unwrap().loss().is_none());
}

#[tokio::test]
async fn a_new_journal_contains_the_gap_from_its_creation() {
    let folder = tempfile::tempdir().unwrap();
    drop(JournalStore::open(folder.path()).unwrap());
    empty(folder.path());
    // The relay is killed before it appends anything.
    drop(JournalStore::open(folder.path()).unwrap());
    let store = JournalStore::open(folder.path()).unwrap();
    assert!(store.loss().is_none(), "the loss is recorded already");
    drop(store);
    assert!(first(folder.path()).await.unwrap().contains("was empty"));
    verified(folder.path()).unwrap();
}

#[tokio::test]
async fn a_loss_is_reported_even_after_an_interrupted_creation() {
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
    let lock = files::layout::lock(folder.path()).unwrap();
    assert!(files::emptied::had_journal(&folder.path().join("journal.sqlite"), &lock).unwrap());
    drop(lock);
    assert!(first(folder.path()).await.unwrap().contains("was empty"));
}

#[tokio::test]
async fn an_interrupted_first_start_and_a_deleted_file_are_no_loss() {
    let folder = tempfile::tempdir().unwrap();
    // The lock file exists before the journal file.
    std::fs::write(folder.path().join("journal.lock"), "").unwrap();
    empty(folder.path());
    assert_eq!(first(folder.path()).await, None);
    for part in ["sqlite", "sqlite-wal", "sqlite-shm"] {
        drop(std::fs::remove_file(folder.path().join("journal").with_extension(part)));
    }
    let lock = files::layout::lock(folder.path()).unwrap();
    assert!(!files::emptied::had_journal(&folder.path().join("journal.sqlite"), &lock).unwrap());
    drop(lock);
    empty(folder.path());
    assert_eq!(first(folder.path()).await, None, "an interrupted first start is not a loss");
    empty(folder.path());
    assert!(first(folder.path()).await.is_some(), "the journal existed before");
}
