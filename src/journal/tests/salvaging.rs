//! Tests of salvage: good entries stay unchanged, damaged ones become gaps, and nothing is deleted.

use super::*;
use crate::floor::Floor;

const NOTES: [&str; 5] = ["one", "two", "three", "four", "five"];

async fn journal() -> (tempfile::TempDir, Arc<str>) {
    let folder = tempfile::tempdir().unwrap();
    let store = JournalStore::open(folder.path()).unwrap();
    store.append(NOTES.map(noted).into()).await.unwrap();
    let epoch = store.epoch();
    (folder, epoch)
}

/// Returns the text in the place of an entry.
fn gap(cursor: u64) -> String {
    format!("entry {cursor} was damaged")
}

#[tokio::test]
async fn each_kind_of_damage_becomes_a_gap_and_other_entries_stay() {
    for (damage, gaps, len) in [
        ("UPDATE entries SET body = replace(body, 'two', 'too') WHERE cursor = 2", vec![2], 5),
        ("UPDATE entries SET sum = sum + 1 WHERE cursor = 3", vec![3], 5),
        ("UPDATE entries SET body = CAST(x'ff' AS TEXT) WHERE cursor = 1", vec![1], 5),
        ("DELETE FROM entries WHERE cursor IN (2, 3)", vec![2, 3], 5),
        ("DELETE FROM entries WHERE cursor >= 4", vec![], 4),
        ("UPDATE entries SET body = 'x' WHERE cursor = 5", vec![5], 5),
    ] {
        let (folder, epoch) = journal().await;
        sqlite(folder.path(), damage);
        assert!(matches!(JournalStore::open(folder.path()).unwrap_err(), JournalError::Damaged { .. }), "{damage}");
        let done = salvage(folder.path()).unwrap();
        let lost_tail = damage.contains(">=");
        let found = gaps.len() as u64 + u64::from(lost_tail);
        assert_eq!((done.gaps, done.kept), (found, len - found), "{damage}");
        assert!(!done.damaged.is_empty() && *done.epoch != *epoch);
        verified(folder.path()).unwrap();
        let store = JournalStore::open(folder.path()).unwrap();
        assert_eq!(*store.epoch(), *done.epoch);
        let mut expected: Vec<String> = NOTES.map(str::to_owned).into();
        expected.truncate(usize::try_from(len).unwrap());
        if lost_tail {
            expected[3] =
                "when the journal was salvaged, entries 4 to 5 of the journal were missing although they had \
                           been acknowledged"
                    .to_owned();
        }
        for at in &gaps {
            expected[usize::try_from(*at).unwrap() - 1] = gap(*at);
        }
        assert_eq!(reasons(&store.read(Cursor(0), 9).await.unwrap()), expected, "{damage}");
        let marks = store.append(vec![noted("six")]).await.unwrap();
        assert_eq!(marks[0].cursor, Cursor(len + 1), "{damage}");
        // The old file is whole and has its old mode.
        let aside = done.set_aside.unwrap();
        let old = rusqlite::Connection::open(&aside).unwrap();
        assert_eq!(old.query_row("SELECT epoch FROM journal", [], |row| row.get::<_, String>(0)).unwrap(), *epoch);
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&aside).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[tokio::test]
async fn snapshots_before_the_damage_are_kept() {
    let (folder, _) = journal().await;
    let store = JournalStore::open(folder.path()).unwrap();
    let mut floor = Floor::default();
    for row in store.read(Cursor(0), 9).await.unwrap() {
        floor.apply(&row.entry().unwrap());
        if [2, 4].contains(&row.cursor.0) {
            store.save_snapshot(floor.clone()).await.unwrap();
        }
    }
    drop(store);
    sqlite(folder.path(), "UPDATE entries SET body = replace(body, 'three', 'tree') WHERE cursor = 3");
    salvage(folder.path()).unwrap();
    let store = JournalStore::open(folder.path()).unwrap();
    assert_eq!(store.load_snapshot(Cursor(9)).await.unwrap().unwrap().cursor, Cursor(2));
    assert_eq!(check(folder.path()).unwrap().damaged, []);
}

#[tokio::test]
async fn an_unreadable_file_is_set_aside_and_an_empty_journal_starts() {
    let no_database = |bytes: &mut Vec<u8>| bytes.fill(b'x');
    // Only the list of the tables is left.
    let cut = |bytes: &mut Vec<u8>| bytes.truncate(bytes.len() / 5);
    for damage in [no_database as fn(&mut Vec<u8>), cut] {
        let (folder, epoch) = journal().await;
        let (file, log) = (folder.path().join("journal.sqlite"), folder.path().join("journal.sqlite-wal"));
        let mut bytes = std::fs::read(&file).unwrap();
        damage(&mut bytes);
        std::fs::write(&file, &bytes).unwrap();
        std::fs::write(&log, "a log of the old file").unwrap();
        for error in [JournalStore::open(folder.path()).map(drop), check(folder.path()).map(drop)] {
            let error = error.unwrap_err();
            assert!(matches!(error, JournalError::Lost { .. }), "{error}");
            assert!(error.to_string().contains("what can still be read of it: callboard journal salvage"), "{error}");
        }
        // The attempts have not changed the file.
        assert!(std::fs::read(&file).unwrap() == bytes);
        std::fs::write(&log, "a log of the old file").unwrap();
        let done = salvage(folder.path()).unwrap();
        assert_eq!((done.gaps, done.kept, done.lost.is_some()), (1, 0, true));
        let aside = done.set_aside.unwrap();
        assert!(std::fs::read(&aside).unwrap() == bytes);
        assert_eq!(std::fs::read(aside.with_extension("sqlite-wal")).unwrap(), b"a log of the old file");
        let store = JournalStore::open(folder.path()).unwrap();
        assert!(*store.epoch() == *done.epoch && store.epoch() != epoch);
        assert!(
            reasons(&store.read(Cursor(0), 9).await.unwrap())[0].contains("entries 1 to 5"),
            "the loss is recorded"
        );
        assert_eq!(store.append(vec![noted("one")]).await.unwrap()[0].cursor, Cursor(2));
        drop(store);
        assert_eq!(salvage(folder.path()).unwrap().set_aside, None);
    }
}

#[tokio::test]
async fn a_truncated_file_keeps_its_readable_entries() {
    let folder = tempfile::tempdir().unwrap();
    let store = JournalStore::open(folder.path()).unwrap();
    let reason = |it: u64| format!("note {it} {}", "x".repeat(2_000));
    for some in (1..=400).collect::<Vec<u64>>().chunks(50) {
        store.append(some.iter().map(|it| noted(&reason(*it))).collect()).await.unwrap();
    }
    drop(store);
    let file = folder.path().join("journal.sqlite");
    let whole = std::fs::read(&file).unwrap();
    let mut kept = Vec::new();
    // Cuts in the middle of a page, and a cut of only the last page.
    for left in [whole.len() / 4, whole.len() / 2 + 77, whole.len() - 16 * 1_024] {
        let bytes = &whole[..left];
        std::fs::write(&file, bytes).unwrap();
        let error = JournalStore::open(folder.path()).unwrap_err();
        assert!(matches!(error, JournalError::Lost { .. }), "{error}");
        let done = salvage(folder.path()).unwrap();
        assert_eq!((done.lost, done.kept + done.gaps), (None, 400), "{left}");
        let store = JournalStore::open(folder.path()).unwrap();
        let rows = [store.read(Cursor(0), 999).await.unwrap(), store.read(Cursor(400), 9).await.unwrap()].concat();
        let said = reasons(&rows);
        assert_eq!(said.len(), 400);
        for (at, said) in (1..).zip(&said) {
            assert!(*said == reason(at) || *said == gap(at), "{at}: {said}");
        }
        let good = said.iter().filter(|it| it.starts_with("note")).count();
        assert_eq!(good as u64, done.kept);
        kept.push(good);
        assert_eq!(store.append(vec![noted("more")]).await.unwrap()[0].cursor, Cursor(401));
        drop(store);
        verified(folder.path()).unwrap();
        assert!(std::fs::read(done.set_aside.unwrap()).unwrap() == bytes, "the unchanged file is set aside");
        assert!(!folder.path().join("journal-repaired").exists());
        for part in ["sqlite", "sqlite-wal", "sqlite-shm", "head"] {
            drop(std::fs::remove_file(file.with_extension(part)));
        }
    }
    assert!(kept[0] >= 40 && kept[0] < kept[1] && kept[1] < kept[2] && kept[2] >= 390, "{kept:?}");
}

#[tokio::test]
async fn salvage_does_not_touch_a_good_journal_or_a_running_relay() {
    let (folder, epoch) = journal().await;
    let done = salvage(folder.path()).unwrap();
    assert_eq!((done.set_aside, done.gaps, done.kept, &*done.epoch), (None, 0, 5, &*epoch));
    let held = JournalStore::open(folder.path()).unwrap();
    assert_eq!(reasons(&held.read(Cursor(0), 9).await.unwrap()), NOTES);
    let mut files = std::fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap());
    assert!(files.all(|it| !it.contains("salvaged") && !it.contains("damaged")));
    assert!(matches!(salvage(folder.path()).unwrap_err(), JournalError::Locked { .. }));
    let nowhere = folder.path().join("nowhere");
    for missing in [salvage(&nowhere).map(drop), check(&nowhere).map(drop), JournalReader::open(&nowhere).map(drop)] {
        let error = missing.unwrap_err();
        assert!(matches!(error, JournalError::Missing { .. }), "{error}");
        assert!(error.to_string().contains("name the folder"), "{error}");
    }
    assert!(!nowhere.exists());
}
