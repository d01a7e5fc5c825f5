//! Tests of the embedded journal: order, whole batches, one writer, reported damage, and no
//! loss of acknowledged entries.

mod corruption;
mod emptied;
mod interrupted;
mod keeping;
mod removed;
mod salvaging;
mod snapshots;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use super::*;
use crate::floor::Noted;

fn noted(text: &str) -> (Timestamp, Fact) {
    (Timestamp(5), Fact::Noted(Noted::Gap { reason: text.into(), from: None }))
}

fn reasons(rows: &[JournalRow]) -> Vec<String> {
    rows.iter()
        .map(|row| match row.entry().unwrap().fact {
            Fact::Noted(Noted::Gap { reason, .. }) => String::from(reason),
            Fact::Noted(_)
            | Fact::Notification(_)
            | Fact::Asked(_)
            | Fact::Answered(_)
            | Fact::Observed(_)
            | Fact::Rejected(_) => panic!("only gaps were noted"),
        })
        .collect()
}

/// Returns the head of a journal without a damaged row, or the first damaged row.
fn verified(folder: &Path) -> Result<ChainMark, DamagedRow> {
    let found = check(folder).unwrap();
    found.damaged.into_iter().next().map_or(Ok(found.head), Err)
}

fn sqlite(folder: &Path, text: &str) {
    rusqlite::Connection::open(folder.join("journal.sqlite")).unwrap().execute_batch(text).unwrap();
}

#[tokio::test]
async fn appended_entries_are_read_in_order_even_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let store = JournalStore::open(folder.path()).unwrap();
    let epoch = store.epoch();
    assert_eq!((store.head(), store.oldest()), (ChainMark::default(), Cursor(0)));
    let marks = store.append(vec![noted("a"), noted("b")]).await.unwrap();
    store.append(vec![noted("c")]).await.unwrap();
    assert_eq!(marks.iter().map(|it| it.cursor.0).collect::<Vec<_>>(), [1, 2]);
    let head = store.head();
    drop(store);

    let store = JournalStore::open(folder.path()).unwrap();
    assert_eq!((store.head(), store.epoch(), store.oldest()), (head, epoch.clone(), Cursor(1)));
    assert_eq!(reasons(&store.read(Cursor(0), 9).await.unwrap()), ["a", "b", "c"]);
    let rows = store.read(Cursor(1), 1).await.unwrap();
    assert_eq!((rows[0].after, rows[0].cursor, rows[0].sum), (Cursor(1), Cursor(2), marks[1].sum));
    assert!(store.read(Cursor(77), 9).await.unwrap().is_empty());
    store.renew_epoch().await.unwrap();
    assert_ne!(store.epoch(), epoch);
    assert_eq!(verified(folder.path()).unwrap(), head);
}

#[tokio::test]
async fn concurrent_batches_are_not_interleaved() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(JournalStore::open(folder.path()).unwrap());
    let askers = (0..60).map(|asker| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let batch = (0..7).map(|item| noted(&format!("{asker}:{item}"))).collect();
            store.append(batch).await.unwrap()
        })
    });
    for asker in askers.collect::<Vec<_>>() {
        let marks = asker.await.unwrap();
        let first = marks[0].cursor.0;
        assert_eq!(marks.iter().map(|it| it.cursor.0).collect::<Vec<_>>(), (first..first + 7).collect::<Vec<_>>());
    }
    let read = reasons(&store.read(Cursor(0), 1_000).await.unwrap());
    assert_eq!(read.len(), 420);
    for batch in read.chunks(7) {
        let (asker, _) = batch[0].split_once(':').unwrap();
        let expected: Vec<String> = (0..7).map(|item| format!("{asker}:{item}")).collect();
        assert_eq!(batch, expected);
    }
}

#[tokio::test]
async fn a_second_writer_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let _first = JournalStore::open(folder.path()).unwrap();
    let refused = JournalStore::open(folder.path()).unwrap_err();
    assert!(matches!(refused, JournalError::Locked { .. }));
    assert!(refused.to_string().contains("another relay writes to the journal"));
}

#[tokio::test]
async fn damaged_entries_are_reported_and_never_returned() {
    let cases = [
        ("UPDATE entries SET body = replace(body, 'two', 'too') WHERE cursor = 2", 2),
        ("UPDATE entries SET sum = sum + 1 WHERE cursor = 3", 3),
        ("DELETE FROM entries WHERE cursor = 2", 2),
        ("DELETE FROM entries WHERE cursor >= 3", 3),
    ];
    for (damage, at) in cases {
        let folder = tempfile::tempdir().unwrap();
        let store = JournalStore::open(folder.path()).unwrap();
        store.append(["one", "two", "three", "four"].map(noted).into()).await.unwrap();
        sqlite(folder.path(), damage);
        if at == 2 {
            store.clear_recent();
            let read = store.read(Cursor(0), 9).await.unwrap_err();
            assert!(matches!(read, JournalError::Damaged { cursor: Cursor(2), .. }), "{damage}: {read}");
        }
        drop(store);
        let opened = JournalStore::open(folder.path()).unwrap_err();
        assert!(opened.to_string().contains(&format!("entry {at} ")), "{damage}: {opened}");
        assert!(matches!(opened, JournalError::Damaged { cursor, .. } if cursor == Cursor(at)), "{damage}: {opened}");
        assert!(verified(folder.path()).is_err());
    }
}

#[tokio::test]
async fn a_full_disk_refuses_and_recovers() {
    let folder = tempfile::tempdir().unwrap();
    let store = JournalStore::open(folder.path()).unwrap();
    store.append(vec![noted("before")]).await.unwrap();
    store.pragma("PRAGMA max_page_count = 1");
    let long = "x".repeat(200_000);
    let refused = store.append(vec![noted("lost"), noted(&long)]).await.unwrap_err();
    assert!(matches!(refused, JournalError::Store { .. }), "{refused}");
    assert!(refused.to_string().contains("check the space"));
    store.pragma("PRAGMA max_page_count = 4294967294");
    store.append(vec![noted("after")]).await.unwrap();
    assert_eq!(reasons(&store.read(Cursor(0), 9).await.unwrap()), ["before", "after"]);
}

#[tokio::test]
async fn a_full_queue_is_busy_and_keeps_its_batches() {
    let folder = tempfile::tempdir().unwrap();
    let store = JournalStore::open(folder.path()).unwrap();
    let release = store.pause_writer();
    let mut taken = Vec::new();
    let busy = loop {
        let mut asked = store.append(vec![noted("x")]);
        match futures_util::poll!(&mut asked) {
            std::task::Poll::Pending => taken.push(asked),
            std::task::Poll::Ready(answer) => break answer.unwrap_err(),
        }
    };
    assert!(matches!(busy, JournalError::Busy));
    drop(release);
    for asked in &mut taken {
        asked.await.unwrap();
    }
    assert_eq!(store.head().cursor.0, taken.len() as u64);
}

#[tokio::test]
async fn the_queue_is_bounded_by_bytes_but_takes_one_large_batch() {
    let folder = tempfile::tempdir().unwrap();
    let store = JournalStore::open(folder.path()).unwrap();
    let mebibyte = 1_024 * 1_024;
    for (text, most) in [(3 * mebibyte, 10), (33 * mebibyte, 1)] {
        let release = store.pause_writer();
        let text = "x".repeat(text);
        let mut taken = Vec::new();
        let busy = loop {
            let mut asked = store.append(vec![noted(&text)]);
            match futures_util::poll!(&mut asked) {
                std::task::Poll::Pending => taken.push(asked),
                std::task::Poll::Ready(answer) => break answer.unwrap_err(),
            }
        };
        // The text and the fact, which is as large, in 64 MiB.
        assert!(matches!(busy, JournalError::Busy) && taken.len() == most, "{}: {busy}", taken.len());
        drop(release);
        for asked in &mut taken {
            asked.await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_read_is_bounded_by_bytes_and_never_empty_before_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let store = JournalStore::open(folder.path()).unwrap();
    let (long, longest) = ("x".repeat(300_000), "y".repeat(3_000_000));
    store.append([&long, &long, &long, &long, &long, &longest, &long].map(|it| noted(it)).into()).await.unwrap();
    let mut counts = Vec::new();
    let mut after = Cursor(0);
    loop {
        let rows = store.read(after, 100).await.unwrap();
        let Some(last) = rows.last() else { break };
        after = last.cursor;
        counts.push(rows.len());
    }
    assert_eq!(counts, [4, 2, 1]);
}

#[tokio::test]
async fn a_journal_is_readable_only_by_its_owner() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("a/b");
    drop(JournalStore::open(&folder).unwrap());
    std::fs::set_permissions(folder.join("journal.sqlite"), PermissionsExt::from_mode(0o644)).unwrap();
    let store = JournalStore::open(&folder).unwrap();
    store.append(vec![noted("a")]).await.unwrap();
    assert_eq!((mode(&folder), mode(folder.parent().unwrap())), (0o700, 0o700));
    for file in ["journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm", "journal.lock"] {
        assert_eq!(mode(&folder.join(file)), 0o600, "{file}");
    }
}

#[tokio::test]
async fn a_temporary_journal_is_readable() {
    let folder = tempfile::tempdir().unwrap();
    let store = JournalStore::temporary(folder.path()).unwrap();
    assert_eq!(store.synchronous(), 0);
    store.append(vec![noted("a")]).await.unwrap();
    drop(store);
    let store = JournalStore::open(folder.path()).unwrap();
    assert_eq!(store.synchronous(), 2);
    assert_eq!(reasons(&store.read(Cursor(0), 9).await.unwrap()), ["a"]);
}

const CHILD: &str = "CALLBOARD_TEST_JOURNAL";

/// The child process of the test below: appends and prints each acknowledged entry, until it is killed.
#[tokio::test]
async fn child_process_to_kill() {
    let Ok(folder) = std::env::var(CHILD) else { return };
    let store = JournalStore::open(Path::new(&folder)).unwrap();
    let mut out = std::io::stderr().lock();
    loop {
        let marks = store.append(vec![noted("p"), noted("q"), noted("r")]).await.unwrap();
        for mark in marks {
            // One write for each line, so that every line that arrives is whole.
            out.write_all(format!("acknowledged {} {}\n", mark.cursor, mark.sum).as_bytes()).unwrap();
        }
    }
}

#[test]
fn acknowledged_entries_survive_a_killed_process() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged: Vec<(u64, String)> = Vec::new();
    for round in 0..10_usize {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--nocapture", "journal::tests::child_process_to_kill"])
            .env(CHILD, folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut note = |line: String| {
            if let Some((cursor, sum)) = line.strip_prefix("acknowledged ").and_then(|it| it.split_once(' ')) {
                acknowledged.push((cursor.parse().unwrap(), sum.to_owned()));
            }
        };
        // Each round kills it at another point of a group.
        lines.by_ref().take(1 + round * 17).for_each(|line| note(line.unwrap()));
        child.kill().unwrap();
        lines.map_while(Result::ok).for_each(&mut note);
        child.wait().unwrap();
        verified(folder.path()).unwrap();
    }
    let store = JournalStore::open(folder.path()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut rows: Vec<JournalRow> = Vec::new();
    loop {
        let more = runtime.block_on(store.read(rows.last().map_or(Cursor(0), |it| it.cursor), usize::MAX)).unwrap();
        if more.is_empty() {
            break;
        }
        rows.extend(more);
    }
    assert!(acknowledged.len() > 100);
    assert_eq!(rows.len() % 3, 0, "a batch was split");
    for (cursor, sum) in acknowledged {
        assert_eq!(rows[usize::try_from(cursor).unwrap() - 1].sum.to_string(), sum);
    }
}
