//! Corruption at every offset of a small journal: nothing wrong is shown as good, and what is salvaged is named. With
//! `CALLBOARD_EVERY_OFFSET=1` every byte of the file is damaged in turn; otherwise those at the beginning and end of each
//! page, and some between them.

use std::os::unix::fs::FileExt as _;

use super::*;

/// The bytes of a page.
const PAGE: usize = 16 * 1_024;
/// At the beginning and end of a page every byte is damaged: there are its header, its cells and its places.
const EDGE: usize = 220;
/// The distance of the damaged bytes between them.
const STRIDE: usize = 61;
/// The bytes of the file that hold no table's description: the file header, and the header of the first page.
const HEADER: usize = 200;

fn is_damaged_in_turn(offset: usize) -> bool {
    let in_page = offset % PAGE;
    std::env::var_os("CALLBOARD_EVERY_OFFSET").is_some()
        || !(EDGE..PAGE - EDGE).contains(&in_page)
        || in_page.is_multiple_of(STRIDE)
}

/// A journal whose entries are all in its file, and what it holds.
struct SmallJournal {
    folder: tempfile::TempDir,
    whole: Vec<u8>,
    written: Vec<JournalRow>,
}

impl SmallJournal {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = JournalStore::open(folder.path()).unwrap();
        let mut floor = Floor::default();
        for number in 0..24 {
            store.append(vec![noted(&format!("note {number} {}", "x".repeat(400)))]).await.unwrap();
        }
        let written = store.read(Cursor(0), 100).await.unwrap();
        for row in written.iter().take(9) {
            floor.apply(&row.entry().unwrap());
        }
        store.save_snapshot(floor.clone()).await.unwrap();
        drop(store);
        let whole = std::fs::read(folder.path().join("journal.sqlite")).unwrap();
        assert!(!folder.path().join("journal.sqlite-wal").exists());
        Self { folder, whole, written }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes one byte of the file with a flipped bit.
    fn damage(&self, offset: usize) {
        let file = std::fs::OpenOptions::new().write(true).open(self.path().join("journal.sqlite")).unwrap();
        file.write_all_at(&[self.whole[offset] ^ (1 << (offset % 8))], offset as u64).unwrap();
    }

    /// Restores the folder: the whole file, and nothing beside it but the lock and the kept head.
    fn restore(&self) {
        for entry in std::fs::read_dir(self.path()).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if !["journal.sqlite", "journal.lock", "journal.head"].contains(&name) {
                drop(std::fs::remove_file(&path));
            }
        }
        std::fs::write(self.path().join("journal.sqlite"), &self.whole).unwrap();
        let head = self.written.last().unwrap();
        files::kept_head::write(self.path(), ChainMark { cursor: head.cursor, sum: head.sum }).unwrap();
    }

    /// Reads as far as the journal can be read. Each row must be as it was written.
    fn assert_good_rows(&self, offset: usize) -> usize {
        let Ok(reader) = JournalReader::open(self.path()) else { return 0 };
        let (mut after, mut count) = (Cursor(0), 0);
        while let Ok(rows) = reader.rows(after, 7)
            && let Some(last) = rows.last()
        {
            after = last.cursor;
            for row in &rows {
                assert_eq!(Some(row), self.written.get(count), "offset {offset}");
                count += 1;
            }
        }
        count
    }
}

#[tokio::test]
async fn nothing_wrong_is_shown_as_good_whatever_byte_is_damaged() {
    let journal = SmallJournal::new().await;
    let all = journal.written.len();
    let (mut unnoticed, mut damaged) = (0, 0);
    for offset in (0..journal.whole.len()).filter(|it| is_damaged_in_turn(*it)) {
        journal.damage(offset);
        damaged += 1;
        let readable = journal.assert_good_rows(offset);
        if let Ok(found) = check(journal.path())
            && found.damaged.is_empty()
        {
            unnoticed += 1;
            assert_eq!((found.entries, readable), (all as u64, all), "offset {offset}");
        }
        let file = std::fs::OpenOptions::new().write(true).open(journal.path().join("journal.sqlite")).unwrap();
        file.write_all_at(&journal.whole[offset..=offset], offset as u64).unwrap();
    }
    assert!(damaged > 4_000 && unnoticed < damaged, "{unnoticed} of {damaged}");
}

#[tokio::test]
async fn what_a_salvage_keeps_is_as_it_was_written_and_the_rest_is_named() {
    let journal = SmallJournal::new().await;
    let all = journal.written.len() as u64;
    let every = std::env::var_os("CALLBOARD_EVERY_OFFSET").is_some();
    let offsets = (0..journal.whole.len()).filter(|it| *it < HEADER || every || it.is_multiple_of(997));
    for offset in offsets {
        journal.restore();
        journal.damage(offset);
        let was_good = check(journal.path()).is_ok_and(|it| it.damaged.is_empty());
        let done = salvage(journal.path()).unwrap();
        let reader = JournalReader::open(journal.path()).unwrap();
        let rows = reader.rows(Cursor(0), 1_000).unwrap();
        let mut kept = 0;
        for row in &rows {
            let original = journal.written.iter().find(|it| it.cursor == row.cursor).map(|it| &it.body);
            if original == Some(&row.body) {
                kept += 1;
            } else {
                let said = reasons(std::slice::from_ref(row)).pop().unwrap();
                assert!(said.contains("was damaged") || said.contains("salvaged"), "offset {offset}: {said}");
            }
        }
        assert_eq!(kept, done.kept, "offset {offset}: {done:?}");
        // What is not kept is named, one by one or as lost.
        assert!(kept == all || !was_good && (done.gaps > 0 || done.lost.is_some()), "offset {offset}: {done:?}");
        // A damaged snapshot is skipped, and stays.
        let left = check(journal.path()).unwrap().damaged;
        assert!(left.iter().all(|it| it.what.contains("snapshot")), "offset {offset}: {left:?}");
        // The first page says where the entries are, and holds none.
        assert!(offset >= HEADER || kept == all, "offset {offset}: {done:?}");
    }
}
