//! Tests of files that are removed or replaced while the journal is open, and of the head that is kept beside it.

use super::*;
use crate::journal::files::layout::PAGE_BYTES;
use crate::journal::files::{kept_head, leftover};

/// The files of an open journal.
const FILES: [&str; 4] = ["journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm", "journal.lock"];

/// Waits until the journal accepts entries again.
async fn rescued(store: &JournalStore) {
    for _ in 0..2_000 {
        if store.check_storage().await.is_ok() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("the journal was not rescued: {:?}", store.check_storage().await);
}

fn read_from(folder: &Path) -> Vec<String> {
    reasons(&JournalReader::open(folder).unwrap().rows(Cursor(0), 1_000).unwrap())
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn nothing_is_acknowledged_into_removed_files_and_no_entry_is_lost() {
    let all =
        FILES.iter().map(|it| vec![*it]).chain([FILES.to_vec(), vec![""], vec!["journal.sqlite", "journal.lock"]]);
    for removed in all {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("journal");
        let store = JournalStore::open(&folder).unwrap();
        let (epoch, mut expected) = (store.epoch(), Vec::new());
        // Pages before those of the entries, which are free later: those of a copy then have other numbers.
        store.pragma("CREATE TABLE filler AS SELECT hex(randomblob(400000)) AS text");
        for number in 0..20 {
            let text = format!("entry {number} {}", "x".repeat(9_000));
            store.append(vec![noted(&text)]).await.unwrap();
            expected.push(text);
        }
        store.save_snapshot(Floor::default()).await.unwrap();
        // And the log does not hold every page.
        store.pragma("DROP TABLE filler; PRAGMA wal_checkpoint(TRUNCATE);");
        for number in 20..40 {
            let text = format!("entry {number} {}", "x".repeat(9_000));
            store.append(vec![noted(&text)]).await.unwrap();
            expected.push(text);
        }
        for file in &removed {
            if file.is_empty() {
                std::fs::remove_dir_all(&folder).unwrap();
            } else {
                std::fs::remove_file(folder.join(file)).unwrap();
            }
        }
        let error = store.append(vec![noted("refused")]).await.unwrap_err();
        assert!(matches!(error, JournalError::Removed { .. }), "{removed:?}: {error}");
        let error = store.append(vec![noted("refused too")]).await.unwrap_err().to_string();
        assert!(error.contains("was removed or replaced") && error.contains("journal"), "{error}");
        rescued(&store).await;
        store.append(vec![noted("after it")]).await.unwrap();
        // What was refused may be in the journal; what was acknowledged must be, once and in order.
        let stored = read_from(&folder);
        assert!(stored[..40] == expected, "{removed:?}");
        assert_eq!(stored.last().unwrap(), "after it");
        store.clear_recent();
        assert_eq!(reasons(&store.read(Cursor(0), 100).await.unwrap()), stored, "readers look at the new files");
        assert_eq!(store.epoch(), epoch);
        assert!(matches!(JournalStore::open(&folder), Err(JournalError::Locked { .. })), "{removed:?}");
        drop(store);
        let again = JournalStore::open(&folder).unwrap();
        assert_eq!((again.loss(), again.head().cursor.0), (None, stored.len() as u64));
        drop(again);
        assert!(check(&folder).unwrap().damaged.is_empty());
        let is_aside = |it: &&String| it.starts_with("journal-damaged-") && it.ends_with(".sqlite");
        let aside = names(&folder).iter().filter(is_aside).count();
        assert_eq!(aside > 0, folder_kept_the_file(&removed), "{removed:?}: {:?}", names(&folder));
    }
}

/// Whether the old file is still there, and so is set aside.
fn folder_kept_the_file(removed: &[&str]) -> bool {
    !removed.contains(&"journal.sqlite") && !removed.contains(&"") && removed != ["journal.lock"]
}

#[tokio::test]
async fn files_that_are_put_back_are_used_again() {
    let parent = tempfile::tempdir().unwrap();
    let (folder, elsewhere) = (parent.path().join("journal"), parent.path().join("elsewhere"));
    let store = JournalStore::open(&folder).unwrap();
    store.append(vec![noted("a")]).await.unwrap();
    // A file of this name in place of the folder: nothing can be written there.
    std::fs::rename(&folder, &elsewhere).unwrap();
    std::fs::write(&folder, "in the way").unwrap();
    assert!(store.append(vec![noted("refused")]).await.is_err());
    for _ in 0..20 {
        assert!(store.check_storage().await.is_err());
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    assert!(store.append(vec![noted("refused")]).await.is_err());
    std::fs::remove_file(&folder).unwrap();
    std::fs::rename(&elsewhere, &folder).unwrap();
    rescued(&store).await;
    store.append(vec![noted("b")]).await.unwrap();
    let stored = read_from(&folder);
    assert_eq!((stored.first().unwrap().as_str(), stored.last().unwrap().as_str()), ("a", "b"));
    assert!(names(&folder).iter().all(|it| !it.contains("damaged") && !it.contains("rescued")), "{:?}", names(&folder));
}

#[tokio::test]
async fn another_journal_in_the_place_is_not_touched() {
    let parent = tempfile::tempdir().unwrap();
    let (folder, elsewhere) = (parent.path().join("journal"), parent.path().join("elsewhere"));
    let store = JournalStore::open(&folder).unwrap();
    store.append(vec![noted("ours")]).await.unwrap();
    std::fs::rename(&folder, &elsewhere).unwrap();
    let other = JournalStore::open(&folder).unwrap();
    other.append(vec![noted("theirs")]).await.unwrap();
    store.clear_recent();
    let read = store.read(Cursor(0), 10).await.map(|it| reasons(&it));
    assert!(matches!(read, Err(JournalError::Removed { .. })), "another journal is not read as ours: {read:?}");
    assert!(store.append(vec![noted("refused")]).await.is_err());
    let error = loop {
        let error = store.check_storage().await.unwrap_err();
        if matches!(error, JournalError::Replaced { .. }) {
            break error.to_string();
        }
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    };
    assert!(error.contains("another file") && error.contains("move it away"), "{error}");
    // Closing ours leaves the log of the other one alone.
    drop(store);
    other.append(vec![noted("theirs again")]).await.unwrap();
    assert_eq!(read_from(&folder), ["theirs", "theirs again"]);
    assert_eq!(read_from(&elsewhere)[0], "ours");
    drop(other);
    assert!(check(&folder).unwrap().damaged.is_empty());
}

/// Makes a journal with two entries and what an interrupted rescue leaves: a copy, of at most `bytes` bytes.
async fn with_a_copy(bytes: u64) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store = JournalStore::open(folder.path()).unwrap();
    store.append(vec![noted("a"), noted("b")]).await.unwrap();
    drop(store);
    let copy = leftover::rescued_copy(folder.path());
    std::fs::copy(folder.path().join("journal.sqlite"), &copy).unwrap();
    let length = std::fs::metadata(&copy).unwrap().len().min(bytes);
    std::fs::File::options().write(true).open(&copy).unwrap().set_len(length).unwrap();
    folder
}

#[tokio::test]
async fn a_complete_copy_takes_the_place_of_a_removed_database() {
    for is_salvaged in [false, true] {
        let folder = with_a_copy(u64::MAX).await;
        std::fs::remove_file(folder.path().join("journal.sqlite")).unwrap();
        // SQLite would apply it to the copy.
        std::fs::write(folder.path().join("journal.sqlite-wal"), "the log of the removed database").unwrap();
        if is_salvaged {
            assert_eq!(salvage(folder.path()).unwrap().set_aside, None);
        }
        let store = JournalStore::open(folder.path()).unwrap();
        assert_eq!((store.loss(), read_from(folder.path())), (None, vec!["a".to_owned(), "b".to_owned()]));
        let kept = names(folder.path());
        assert!(kept.iter().any(|it| it.starts_with("journal-damaged-before-") && it.ends_with("-wal")), "{kept:?}");
        assert!(!leftover::rescued_copy(folder.path()).exists());
    }
}

#[tokio::test]
async fn an_incomplete_copy_is_kept_and_never_used() {
    let folder = with_a_copy(3 * u64::from(PAGE_BYTES)).await;
    std::fs::remove_file(folder.path().join("journal.sqlite")).unwrap();
    let store = JournalStore::open(folder.path()).unwrap();
    assert!(store.loss().is_some_and(|it| it.contains("entries 1 to 2")), "{:?}", store.loss());
    let kept = names(folder.path());
    assert!(kept.iter().any(|it| it.starts_with("journal-damaged-before-") && it.ends_with(".sqlite")), "{kept:?}");
}

#[tokio::test]
async fn a_copy_beside_the_database_is_removed() {
    let folder = with_a_copy(u64::MAX).await;
    let store = JournalStore::open(folder.path()).unwrap();
    store.append(vec![noted("c")]).await.unwrap();
    assert_eq!(read_from(folder.path()), ["a", "b", "c"]);
    assert!(!names(folder.path()).iter().any(|it| it.contains("rescued") || it.contains("damaged")));
}

/// Makes a journal with five entries, of which the last three are only in its log, and takes the log away.
async fn without_its_log() -> tempfile::TempDir {
    let (folder, taken) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = JournalStore::open(folder.path()).unwrap();
    store.append(vec![noted("a"), noted("b")]).await.unwrap();
    drop(store);
    let store = JournalStore::open(folder.path()).unwrap();
    for text in ["c", "d", "e"] {
        store.append(vec![noted(text)]).await.unwrap();
    }
    kept_head::write(folder.path(), store.head()).unwrap();
    // As a machine that loses power leaves them.
    for file in ["journal.sqlite", "journal.head"] {
        std::fs::copy(folder.path().join(file), taken.path().join(file)).unwrap();
    }
    drop(store);
    taken
}

#[tokio::test]
async fn the_kept_head_shows_what_a_lost_log_has_taken() {
    let folder = without_its_log().await;
    let damaged = check(folder.path()).unwrap().damaged;
    assert_eq!(damaged.len(), 1);
    assert_eq!(
        (damaged[0].cursor, damaged[0].what.as_str()),
        (Cursor(3), "it and all up to entry 5 were acknowledged and are missing")
    );
    let before = JournalReader::open(folder.path()).unwrap();
    assert_eq!(before.head(), Cursor(2));
    let epoch = check(folder.path()).unwrap().epoch;
    let store = JournalStore::open(folder.path()).unwrap();
    assert!(store.loss().unwrap().starts_with("entries 3 to 5 of the journal were missing"), "{:?}", store.loss());
    assert_ne!(*store.epoch(), *epoch, "consoles know another history");
    drop(store);
    let told = read_from(folder.path());
    assert!(told[2].contains("when the relay started, entries 3 to 5") && told.len() == 3, "{told:?}");
    // It is told once.
    assert_eq!(JournalStore::open(folder.path()).unwrap().loss(), None);
    assert!(check(folder.path()).unwrap().damaged.is_empty());
}

#[tokio::test]
async fn a_salvage_replaces_missing_entries_by_a_gap() {
    let folder = without_its_log().await;
    let done = salvage(folder.path()).unwrap();
    assert_eq!((done.set_aside, done.gaps, done.kept), (None, 1, 2));
    assert!(read_from(folder.path())[2].contains("when the journal was salvaged, entries 3 to 5"));
    assert!(check(folder.path()).unwrap().damaged.is_empty());
    assert_eq!(salvage(folder.path()).unwrap().gaps, 0);
    // And together with other damage.
    let folder = without_its_log().await;
    sqlite(folder.path(), "UPDATE entries SET body = 'x' WHERE cursor = 1");
    let done = salvage(folder.path()).unwrap();
    assert!(done.set_aside.is_some() && done.gaps == 2, "{done:?}");
    let told = read_from(folder.path());
    assert!(told[0].contains("entry 1 was damaged") && told[2].contains("entries 3 to 5"), "{told:?}");
    assert_eq!(JournalStore::open(folder.path()).unwrap().loss(), None);
}

#[tokio::test]
async fn a_journal_of_another_history_is_noticed() {
    let folder = without_its_log().await;
    let other = ChainMark { cursor: Cursor(2), sum: Sum(7) };
    kept_head::write(folder.path(), other).unwrap();
    assert!(check(folder.path()).unwrap().damaged[0].what.contains("another entry was acknowledged"));
    let store = JournalStore::open(folder.path()).unwrap();
    assert!(store.loss().unwrap().contains("another history"), "{:?}", store.loss());
    drop(store);
    assert_eq!(JournalStore::open(folder.path()).unwrap().loss(), None);
    // A head that cannot be read is no head.
    std::fs::write(folder.path().join("journal.head"), "{").unwrap();
    assert_eq!(JournalStore::open(folder.path()).unwrap().loss(), None);
}

#[tokio::test]
async fn a_file_that_was_removed_while_stopped_is_a_loss() {
    let folder = without_its_log().await;
    std::fs::remove_file(folder.path().join("journal.sqlite")).unwrap();
    let error = check(folder.path()).unwrap_err().to_string();
    assert!(error.contains("is gone") && error.contains("up to 5"), "{error}");
    let store = JournalStore::open(folder.path()).unwrap();
    assert!(store.loss().unwrap().contains("entries 1 to 5"), "{:?}", store.loss());
    drop(store);
    assert_eq!(read_from(folder.path()).len(), 1);
}

#[tokio::test]
async fn the_head_is_kept_while_entries_arrive_and_when_the_journal_closes() {
    let folder = tempfile::tempdir().unwrap();
    let store = JournalStore::open(folder.path()).unwrap();
    store.append(vec![noted("a")]).await.unwrap();
    while kept_head::read(folder.path()) != Some(store.head()) {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    store.append(vec![noted("b")]).await.unwrap();
    let head = store.head();
    drop(store);
    assert_eq!(kept_head::read(folder.path()), Some(head));
    let temporary = tempfile::tempdir().unwrap();
    drop(JournalStore::temporary(temporary.path()).unwrap());
    assert_eq!(kept_head::read(temporary.path()), None);
}
