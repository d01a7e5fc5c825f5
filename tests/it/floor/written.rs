//! What an earlier callboard wrote: its journals fold to the same floors, its settings mean the same, its frames read
//! and write back, and the simulator's control API answers as it did. The files are in `tests/data/written`.

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use callboard::floor::{Cursor, Floor};
use callboard::journal::{Journal as _, JournalReader, JournalRow, JournalStore};
use callboard::protocol::{ConsoleFrame, FeedFrame, encode_entry, encode_history_entry};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::e2e::processes::{Server, callboard as run};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/written").join(name)
}

fn stored(name: &str) -> String {
    fs::read_to_string(fixture(name)).unwrap()
}

/// Fails with the place where two texts part, which may be long and on one line.
fn assert_same(what: &str, found: &str, expected: &str) {
    if found == expected {
        return;
    }
    let part = found.bytes().zip(expected.bytes()).take_while(|(one, other)| one == other).count();
    let around = |text: &str| {
        let bytes = &text.as_bytes()[part.saturating_sub(60)..text.len().min(part + 60)];
        String::from_utf8_lossy(bytes).into_owned()
    };
    panic!("{what} differs at byte {part}\n   found: {}\nexpected: {}", around(found), around(expected));
}

/// A copy of a stored journal that only its owner can read, as a relay leaves it.
fn journal(name: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.sqlite");
    fs::copy(fixture(name).join("journal.sqlite"), &file).unwrap();
    fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    folder
}

/// Every row that a journal keeps, read without writing to it.
fn rows(folder: &Path) -> Vec<JournalRow> {
    let reader = JournalReader::open(folder).unwrap();
    let mut rows: Vec<JournalRow> = Vec::new();
    loop {
        let after = rows.last().map_or(Cursor(reader.oldest().0 - 1), |it| it.cursor);
        let more = reader.rows(after, 100).unwrap();
        if more.is_empty() {
            return rows;
        }
        rows.extend(more);
    }
}

/// The floor of a journal as a relay restores it, and the version of the snapshot that it begins with.
async fn fold(folder: &Path) -> (Floor, Option<u32>) {
    let rows = rows(folder);
    let store = JournalStore::open(folder).unwrap();
    let snapshot = store.load_snapshot(store.head().cursor).await.unwrap();
    let version = snapshot.as_ref().map(|it| it.version);
    let mut floor = snapshot.map_or_else(Floor::default, |it| it.floor().unwrap());
    let begin = floor.head();
    for row in rows.iter().filter(|it| it.cursor > begin) {
        floor.apply(&row.entry().unwrap());
    }
    assert_eq!(floor.head(), store.head().cursor);
    (floor, version)
}

const JOURNALS: [(&str, Option<u32>); 5] = [
    ("whole", None),
    ("compacted", Some(3)),
    ("snapshot-1", Some(1)),
    ("snapshot-2", Some(2)),
    ("snapshot-3", Some(3)),
];

#[tokio::test]
async fn every_journal_folds_to_the_same_floor() {
    for (name, expected) in JOURNALS {
        let folder = journal(name);
        let (floor, version) = fold(folder.path()).await;
        assert_eq!(version, expected, "the version of the snapshot in {name}");
        let found: Value = serde_json::from_str(&floor.snapshot().pieces.concat()).unwrap();
        let expected: Value = serde_json::from_str(&stored(&format!("{name}/floor.json"))).unwrap();
        assert_within(&format!("the floor of {name}"), &expected, &found);
    }
}

#[test]
fn every_journal_verifies_as_before() {
    for (name, _) in JOURNALS {
        let folder = journal(name);
        let found = run(&["journal", "verify", folder.path().to_str().unwrap(), "--json"]);
        assert_same(&format!("what verify says of {name}"), &found, &stored(&format!("{name}/verify.json")));
    }
}

#[test]
fn every_entry_round_trips() {
    for (name, _) in JOURNALS {
        for row in rows(journal(name).path()) {
            let entry = row.entry().unwrap();
            let what = format!("entry {} of {name}", row.cursor);
            assert_same(&what, &entry.fact.encode(entry.at), &row.body);
        }
    }
}

/// The beginning of what an entry says: `noted.sent`, `observed.call`, `asked.mute`, `answered.replied`.
fn kind(body: &str) -> String {
    let body: Value = serde_json::from_str(body).unwrap();
    let members = ["notification", "asked", "answered", "observed", "rejected", "noted"];
    let (member, said) = members.iter().find_map(|it| Some((*it, body.get(it)?))).unwrap();
    let detail = match member {
        "asked" => &said["act"],
        "answered" => &said["outcome"],
        "observed" => &said["read"],
        "rejected" => &said["reason"],
        "noted" => said,
        _ => return member.to_owned(),
    };
    let word = detail.as_str().or_else(|| detail.as_object()?.keys().next().map(String::as_str)).unwrap();
    format!("{member}.{word}")
}

#[test]
fn the_whole_journal_has_every_kind_of_entry() {
    let folder = journal("whole");
    let found: BTreeSet<String> = rows(folder.path()).iter().map(|it| kind(&it.body)).collect();
    let kinds = "answered.lost answered.refused answered.replied \
                 asked.hangUp asked.hold asked.mute asked.muteSelf asked.release asked.remove asked.unmuteSelf \
                 noted.gap noted.graph noted.opened noted.refused noted.sent noted.turnedAway noted.unforwarded \
                 noted.unread notification \
                 observed.call observed.gone observed.operation observed.participants \
                 rejected.address rejected.envelope rejected.shape rejected.syntax rejected.type";
    assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), kinds.split_whitespace().collect::<Vec<_>>());
}

/// The name of the setting in a line of `callboard config show`.
fn setting(line: &str) -> Option<&str> {
    line.split_once('=').map(|(name, _)| name.trim())
}

#[test]
fn the_settings_keep_their_meaning() {
    for (profile, name) in [(None, "show"), (Some("night"), "show-night"), (Some("wall"), "show-wall")] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
        command.env_clear().current_dir(fixture("settings")).args(["config", "show", "--config", "config.toml"]);
        let ended = command.args(profile.map(|it| ["--profile", it]).into_iter().flatten()).output().unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        // A younger command yields its key to the file, with a warning; a name that is not known has another one.
        let warnings = String::from_utf8(ended.stderr).unwrap();
        assert!(warnings.lines().all(|it| it.contains(" is your key of ")), "{name}: {warnings}");
        let expected = stored(&format!("settings/{name}.txt"));
        // A setting that is younger than the file has its default.
        let names: BTreeSet<&str> = expected.lines().filter_map(setting).collect();
        let is_young = |line: &&str| line.ends_with("# default") && setting(line).is_some_and(|it| !names.contains(it));
        let found = String::from_utf8(ended.stdout).unwrap();
        let found: String = found.split_inclusive('\n').filter(|it| !is_young(&it.trim_end())).collect();
        assert_same(name, &found, &expected);
    }
}

#[test]
fn every_frame_of_the_feed_round_trips() {
    let frames = stored("feed/relay.jsonl");
    let mut types = BTreeSet::new();
    for line in frames.lines() {
        let again = match FeedFrame::decode(line).unwrap() {
            FeedFrame::Unknown => panic!("it is not known any more: {line}"),
            FeedFrame::Entry { entry, history } => {
                let encode = if history { encode_history_entry } else { encode_entry };
                encode(entry.cursor, entry.after, entry.sum, &entry.fact.encode(entry.at))
            }
            frame => frame.encode(),
        };
        assert_same("a frame of the relay", &again, line);
        let frame: Value = serde_json::from_str(line).unwrap();
        types.insert(frame["type"].as_str().unwrap().to_owned());
    }
    let all = ["bye", "caughtUp", "entry", "heartbeat", "hello", "presence", "reset", "snapshot"];
    assert_eq!(types.iter().map(String::as_str).collect::<Vec<_>>(), all);

    let frames = stored("feed/console.jsonl");
    let mut types = BTreeSet::new();
    for line in frames.lines() {
        let frame = ConsoleFrame::decode(line).unwrap();
        assert_ne!(frame, ConsoleFrame::Unknown, "it is not known any more: {line}");
        assert_same("a frame of the console", &frame.encode(), line);
        let frame: Value = serde_json::from_str(line).unwrap();
        types.insert(frame["type"].as_str().unwrap().to_owned());
    }
    let all = ["ack", "floorAt", "looking", "read", "resume", "start"];
    assert_eq!(types.iter().map(String::as_str).collect::<Vec<_>>(), all);
}

/// An answer of the control API without what differs from start to start and, where it holds sentences, without these.
fn bare(answer: &Value, has_sentences: bool) -> Value {
    match answer {
        Value::Object(members) => {
            let bared = members
                .iter()
                .filter(|(name, _)| *name != "help")
                .map(|(name, value)| (name.clone(), if name == "now" { json!(0) } else { bare(value, has_sentences) }));
            Value::Object(bared.collect())
        }
        Value::Array(items) => items.iter().map(|it| bare(it, has_sentences)).collect(),
        Value::String(_) if has_sentences => json!(""),
        other => other.clone(),
    }
}

/// Fails where a member that was there is gone or another; there may be more.
fn assert_within(place: &str, expected: &Value, found: &Value) {
    match (expected, found) {
        (Value::Object(members), Value::Object(there)) => {
            for (name, value) in members {
                let place = format!("{place}/{name}");
                assert_within(&place, value, there.get(name).unwrap_or_else(|| panic!("{place} is gone")));
            }
        }
        (Value::Array(items), Value::Array(there)) => {
            assert_eq!(there.len(), items.len(), "{place}");
            for (at, (item, found)) in items.iter().zip(there).enumerate() {
                assert_within(&format!("{place}/{at}"), item, found);
            }
        }
        _ => assert_eq!(found, expected, "{place}"),
    }
}

/// The settings whose default has changed since, because reports showed another one.
const NEW_DEFAULTS: [&str; 1] = ["legacyResource"];
/// The members of a listed setting that follow its default.
const DEFAULT_MEMBERS: [&str; 3] = ["value", "default", "evidence"];

#[tokio::test]
async fn the_simulator_plays_and_answers_as_before() {
    let scenario = fixture("sim/scenario.toml");
    let sim = Server::start(&["sim", "--scenario", scenario.to_str().unwrap(), "--seed", "7", "--speed", "0"]);
    let client = reqwest::Client::new();
    let sent = async |request: reqwest::RequestBuilder| {
        let answer = request.bearer_auth(sim.says("controlToken")).send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{status} {text}");
        text
    };
    let address = |path: &str| format!("{}{path}", sim.says("control"));

    let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let mut faults = parsed(&stored("sim/faults.json"));
    faults.as_object_mut().unwrap().retain(|name, _| !NEW_DEFAULTS.contains(&name.as_str()));
    assert_within("faults", &faults, &parsed(&sent(client.get(address("/faults"))).await));
    for name in ["stage", "calls"] {
        let found = sent(client.get(address(&format!("/{name}")))).await + "\n";
        assert_same(name, &found, &stored(&format!("sim/{name}.json")));
    }
    for (path, name, has_sentences) in [("", "guide", true), ("/settings", "settings", false)] {
        let mut found = parsed(&sent(client.get(address(path))).await);
        let mut expected = parsed(&stored(&format!("sim/{name}.json")));
        if let (Value::Array(settings), Value::Array(earlier)) = (&mut found, &mut expected) {
            // The presets and some settings came later.
            settings.retain(|setting| earlier.iter().any(|was| was["name"] == setting["name"]));
            for setting in earlier.iter_mut().filter(|was| NEW_DEFAULTS.contains(&was["name"].as_str().unwrap())) {
                setting.as_object_mut().unwrap().retain(|member, _| !DEFAULT_MEMBERS.contains(&member.as_str()));
            }
        }
        assert_within(name, &expected, &bare(&found, has_sentences));
    }
    // Every setting has another value than its default here.
    let changed = stored("sim/faults-changed.json");
    sent(client.post(address("/faults")).body(changed.clone())).await;
    let found = parsed(&sent(client.get(address("/faults"))).await);
    assert_within("the changed settings", &parsed(&changed), &found);
}
