//! Durable appends, compared with writing the same bytes to a file and syncing it.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use callboard::floor::{Fact, ReceivedItem};
use callboard::journal::{Journal as _, JournalStore};
use callboard::time::Timestamp;
use serde_json::value::RawValue;

use crate::decode::roster;
use crate::rounds::compare;

/// The number of entries in one append.
const BATCH: usize = 64;

fn batch() -> Vec<(Timestamp, Fact)> {
    let item = |at: usize| RawValue::from_string(roster(at as u128, 4, false)).expect("the fixture is JSON");
    (0..BATCH).map(|at| (Timestamp(1), Fact::Notification(ReceivedItem::new(item(at), None, 0)))).collect()
}

/// A journal, and the runtime for its futures.
struct Kept {
    store: JournalStore,
    runtime: tokio::runtime::Runtime,
    batch: Vec<(Timestamp, Fact)>,
}

impl Kept {
    fn in_folder(folder: &Path) -> Self {
        let store = JournalStore::open(&folder.join("journal")).expect("a new journal opens");
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime starts");
        Self { store, runtime, batch: batch() }
    }

    fn append(&self) {
        self.runtime.block_on(self.store.append(self.batch.clone())).expect("the journal takes it");
    }
}

struct Written {
    file: File,
    bytes: String,
}

impl Written {
    fn in_folder(folder: &Path) -> Self {
        let bytes = batch().iter().map(|(at, fact)| fact.encode(*at)).collect();
        Self { file: File::create(folder.join("plain")).expect("a file opens"), bytes }
    }

    fn append(&mut self) {
        self.file.write_all(self.bytes.as_bytes()).expect("the disk has room");
        self.file.sync_data().expect("the disk keeps it");
    }
}

#[divan::bench]
fn baseline_file(bencher: divan::Bencher<'_, '_>) {
    let folder = tempfile::tempdir().expect("a folder for the run");
    let mut written = Written::in_folder(folder.path());
    bencher.counter(divan::counter::ItemsCount::new(BATCH)).bench_local(|| written.append());
}

#[divan::bench]
fn journal(bencher: divan::Bencher<'_, '_>) {
    let folder = tempfile::tempdir().expect("a folder for the run");
    let kept = Kept::in_folder(folder.path());
    bencher.counter(divan::counter::ItemsCount::new(BATCH)).bench_local(|| kept.append());
}

pub(crate) fn ratios() {
    let folder = tempfile::tempdir().expect("a folder for the run");
    let mut written = Written::in_folder(folder.path());
    let kept = Kept::in_folder(folder.path());
    let row = format!("append {BATCH} entries durably (vs a synced file)");
    compare(&row, 2.0, || written.append(), || kept.append());
}
