//! An interrupted salvage that is repeated has the same result; and damage to the sizes in the file's header.

use std::fs;
use std::path::PathBuf;

use super::*;

const DAMAGE: &str = "UPDATE entries SET body = replace(body, 'two', 'too') WHERE cursor = 2";

fn file(folder: &Path) -> PathBuf {
    folder.join("journal.sqlite")
}

fn log(file: &Path) -> PathBuf {
    file.with_extension("sqlite-wal")
}

async fn journal(entries: u64) -> (tempfile::TempDir, JournalStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = JournalStore::open(folder.path()).unwrap();
    store.append((0..entries).map(|it| noted(&format!("two {it} {}", "x".repeat(2_000)))).collect()).await.unwrap();
    (folder, store)
}

#[tokio::test]
async fn a_damaged_journal_with_a_second_name_is_set_aside_complete() {
    let (folder, store) = journal(5).await;
    let epoch = store.epoch();
    drop(store);
    sqlite(folder.path(), DAMAGE);
    let is_whole = |aside: &Path| {
        let entries = rusqlite::Connection::open(aside).unwrap();
        let texts = "SELECT count(*) FROM entries WHERE body LIKE '%two%' OR body LIKE '%too%'";
        entries.query_row(texts, [], |row| row.get::<_, i64>(0)).unwrap() == 5
    };
    let bytes = fs::read(file(folder.path())).unwrap();
    let named = folder.path().join(format!("journal-damaged-{epoch}.sqlite"));
    fs::hard_link(file(folder.path()), &named).unwrap();
    let done = salvage(folder.path()).unwrap();
    assert_eq!((done.set_aside.as_deref(), done.gaps, done.kept), (Some(&*named), 1, 4));
    assert!(is_whole(&named));
    // A backup of the same history is damaged as well: the file that was kept before stays.
    let before = fs::read(&named).unwrap();
    fs::write(file(folder.path()), &bytes).unwrap();
    let again = salvage(folder.path()).unwrap().set_aside.unwrap();
    assert!(again != named && is_whole(&again) && fs::read(&named).unwrap() == before);
}

/// Returns a folder with a truncated journal, half of whose entries are in the log.
async fn cut() -> (tempfile::TempDir, Arc<str>) {
    let (from, store) = journal(200).await;
    store.pragma("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA wal_autocheckpoint = 0");
    store.append((0..200).map(|it| noted(&format!("three {it} {}", "x".repeat(2_000)))).collect()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let bytes = fs::read(file(from.path())).unwrap();
    fs::write(file(folder.path()), &bytes[..bytes.len() / 2]).unwrap();
    fs::copy(log(&file(from.path())), log(&file(folder.path()))).unwrap();
    (folder, store.epoch())
}

#[tokio::test]
async fn an_interrupted_salvage_can_be_repeated_at_every_step() {
    let mut kept = Vec::new();
    for moment in ["never", "it was named", "its log was moved", "a new log was begun"] {
        let (folder, epoch) = cut().await;
        let file = file(folder.path());
        let (bytes, logged) = (fs::read(&file).unwrap(), fs::read(log(&file)).unwrap());
        let named = folder.path().join(format!("journal-damaged-{epoch}.sqlite"));
        if moment != "never" {
            fs::hard_link(&file, &named).unwrap();
        }
        if moment == "its log was moved" || moment == "a new log was begun" {
            fs::rename(log(&file), log(&named)).unwrap();
        }
        if moment == "a new log was begun" {
            fs::write(log(&file), "").unwrap();
        }
        let done = salvage(folder.path()).unwrap();
        assert_eq!((done.lost, done.kept + done.gaps), (None, 400), "{moment}");
        assert_eq!(done.set_aside.as_deref(), Some(&*named), "{moment}");
        assert!(fs::read(&named).unwrap() == bytes, "{moment}");
        // Opening has appended to it.
        assert!(fs::read(log(&named)).unwrap().starts_with(&logged), "{moment}");
        verified(folder.path()).unwrap();
        kept.push(done.kept);
    }
    assert!(kept[0] >= 200 && kept[0] < 400 && kept.iter().all(|it| *it == kept[0]), "{kept:?}");
}

#[tokio::test]
async fn an_unreadable_journal_keeps_its_earlier_second_name() {
    let (folder, store) = journal(5).await;
    drop(store);
    let (file, named) = (file(folder.path()), folder.path().join("journal-damaged-before-x.sqlite"));
    fs::write(&file, "no database at all").unwrap();
    fs::hard_link(&file, &named).unwrap();
    fs::write(log(&named), "its log").unwrap();
    let done = salvage(folder.path()).unwrap();
    assert!(done.lost.is_some() && done.set_aside.as_deref() == Some(&*named));
    assert_eq!(
        (fs::read(&named).unwrap(), fs::read(log(&named)).unwrap()),
        (b"no database at all".into(), b"its log".into())
    );
    assert_eq!(salvage(folder.path()).unwrap().set_aside, None);
}

#[tokio::test]
async fn a_header_with_an_impossible_size_loses_no_entries() {
    // Larger than any file, larger than any journal, and larger than this file.
    for pages in [0x8000_0000_u32, 0x0800_0000, 0x0010_0000] {
        let (folder, store) = journal(100).await;
        drop(store);
        let mut bytes = fs::read(file(folder.path())).unwrap();
        let said = u32::from_be_bytes(bytes[28..32].try_into().unwrap());
        bytes[28..32].copy_from_slice(&(said | pages).to_be_bytes());
        fs::write(file(folder.path()), &bytes).unwrap();
        let error = JournalStore::open(folder.path()).unwrap_err();
        assert!(matches!(error, JournalError::Lost { .. }), "{error}");
        let done = salvage(folder.path()).unwrap();
        assert_eq!((done.lost, done.kept, done.gaps), (None, 100, 0), "{pages:x}");
        assert!(fs::read(done.set_aside.unwrap()).unwrap() == bytes);
        assert_eq!(verified(folder.path()).unwrap().cursor, Cursor(100));
    }
}

#[tokio::test]
async fn a_journal_without_a_readable_anchor_is_lost() {
    let (folder, store) = journal(5).await;
    drop(store);
    let page = rusqlite::Connection::open(file(folder.path()))
        .unwrap()
        .query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'anchor'", [], |row| row.get::<_, u32>(0))
        .unwrap();
    let page = usize::try_from(page).unwrap();
    let mut bytes = fs::read(file(folder.path())).unwrap();
    bytes[(page - 1) * 16_384..page * 16_384].fill(0);
    fs::write(file(folder.path()), &bytes).unwrap();
    let error = check(folder.path()).unwrap_err();
    assert!(matches!(error, JournalError::Lost { .. }), "{error}");
    let done = salvage(folder.path()).unwrap();
    assert!(done.lost.is_some() && fs::read(done.set_aside.unwrap()).unwrap() == bytes);
}
