//! Faults of the disk at the n-th call, under the relay's binary: an open, a read, a write or a sync of the journal's files
//! fails once, for every n of a short run. Nothing acknowledged is lost, and the relay goes on or ends with a sentence.
//!
//! Without `CALLBOARD_EVERY_FAULT=1` only some of the many reads and writes fail.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use callboard::floor::{Cursor, Fact};
use callboard::journal::{JournalReader, check};
use serde_json::Value;

use super::{Place, start};
use crate::relay::attacks::site::{envelope, good_token};
use crate::support::outside::preloaded_library;

/// How many webhooks a run posts.
const WEBHOOKS: usize = 8;
/// How many faults of one kind are tried, unless all are.
const SOME: i64 = 12;

/// A run of a relay in which one call fails.
struct Run<'a> {
    place: &'a Place,
    library: &'a Path,
    kind: &'static str,
    at: i64,
}

/// What became of a run.
struct Ended {
    journal: PathBuf,
    acknowledged: BTreeSet<String>,
    /// How many calls of the kind there were.
    calls: i64,
}

impl Run<'_> {
    async fn run(&self) -> Ended {
        let name = format!("{}-{}", self.kind, self.at);
        let journal = self.place.folder.path().join(format!("journal-{name}"));
        let (count, log) = (self.place.path(&format!("count-{name}")), self.place.path(&format!("log-{name}")));
        std::fs::write(&count, 0_i64.to_ne_bytes()).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
        command.args(self.place.words(&journal, &[])).arg("--json");
        command.env("LD_PRELOAD", self.library).env("FAULT_COUNT", &count);
        command.env("FAULT_CALL", self.kind).env("FAULT_AT", self.at.to_string());
        command.stdout(Stdio::piped()).stderr(std::fs::File::create(&log).unwrap());
        let mut relay = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(relay.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let mut acknowledged = BTreeSet::new();
        if line.is_empty() {
            self.refused_to_start(relay, &log);
        } else {
            let intake = serde_json::from_str::<Value>(&line).unwrap()["intake"].as_str().unwrap().to_owned();
            acknowledged = self.post(&intake).await;
            relay.kill().unwrap();
            assert_eq!(relay.wait().unwrap().signal(), Some(9), "{name}: the relay had ended by itself");
        }
        let said = std::fs::read_to_string(&log).unwrap();
        assert!(!said.contains("panicked"), "{name}: {said}");
        let calls = i64::from_ne_bytes(std::fs::read(&count).unwrap().try_into().unwrap());
        Ended { journal, acknowledged, calls }
    }

    /// A relay that does not start says why, and ends by itself.
    fn refused_to_start(&self, mut relay: Child, log: &str) {
        let status = relay.wait().unwrap();
        let said = std::fs::read_to_string(log).unwrap();
        assert!(status.code().is_some_and(|it| it != 0), "{} {}: {status}", self.kind, self.at);
        // SQLite takes a read that fails with EIO for damage of the file system.
        let says_what_to_do = said.contains("check the") || said.contains("from a backup");
        assert!(said.contains("journal") && says_what_to_do, "{} {}: {said}", self.kind, self.at);
    }

    /// Posts webhooks, each up to three times. Returns those that were acknowledged.
    async fn post(&self, intake: &str) -> BTreeSet<String> {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut acknowledged = BTreeSet::new();
        for number in 0..WEBHOOKS {
            let call = format!("call-{}-{}-{number}", self.kind, self.at);
            for _ in 0..3 {
                let sent = http.post(intake).bearer_auth(good_token()).body(envelope(&call)).send().await.unwrap();
                let status = sent.status().as_u16();
                if status == 202 {
                    acknowledged.insert(call);
                    break;
                }
                let said = sent.text().await.unwrap();
                assert!(status == 503 && said.contains("not kept: "), "{} {}: {status} {said}", self.kind, self.at);
            }
        }
        acknowledged
    }
}

/// Returns the calls of the notifications in a journal that is found undamaged.
fn journalled(journal: &Path) -> String {
    let found = check(journal).unwrap();
    assert!(found.damaged.is_empty(), "{}: {:?}", journal.display(), found.damaged);
    let rows = JournalReader::open(journal).unwrap().rows(Cursor(0), 10_000).unwrap();
    let notification =
        |fact: Fact| if let Fact::Notification(it) = fact { Some(it.item().get().to_owned()) } else { None };
    rows.iter().filter_map(|row| notification(row.entry().unwrap().fact)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_at_any_call_loses_nothing_that_was_acknowledged() {
    let place = Place::new().await;
    let Some(library) = preloaded_library("faults", place.folder.path()) else { return };
    for kind in ["open", "sync", "write", "read"] {
        let run = async |at| Run { place: &place, library: &library, kind, at }.run().await;
        let calls = run(0).await.calls;
        assert!(calls >= 2, "{calls} {kind} calls");
        let every = std::env::var_os("CALLBOARD_EVERY_FAULT").is_some();
        let step = if every { 1 } else { (calls / SOME).max(1) };
        let (mut acknowledged, mut tried) = (0, 0);
        for at in (1..=calls).step_by(usize::try_from(step).unwrap()) {
            let ended = run(at).await;
            if ended.acknowledged.is_empty() {
                // Without the fault a relay starts over what the other has left.
                assert!(start(&place.words(&ended.journal, &[])).terminate(), "{kind} {at}");
            }
            let kept = journalled(&ended.journal);
            for call in &ended.acknowledged {
                assert!(kept.contains(&format!("calls/{call}\"")), "{kind} {at}: {call} was acknowledged and is lost");
            }
            (acknowledged, tried) = (acknowledged + ended.acknowledged.len(), tried + 1);
        }
        eprintln!("{kind}: {tried} faults of {calls}; {acknowledged} webhooks were acknowledged, none is lost");
        // A new journal is read only while it is opened.
        assert!(acknowledged >= WEBHOOKS || kind == "read", "{kind}: {acknowledged} in {tried} runs");
    }
}
