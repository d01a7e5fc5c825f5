//! Tests of `callboard inspect`, also with every documented example.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use callboard::cli::inspect::{JsonKind, MemberCounts, MemberState, TextFinding, inspect};
use callboard::floor::{Fact, Noted};
use callboard::journal::{Journal as _, JournalStore};
use callboard::time::Timestamp;
use serde_json::Value;

use crate::support::examples::{self, Documented};

/// The command's standard output, standard error and exit code.
fn command(words: &[&str], input: &[u8]) -> (String, String, i32) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_callboard"))
        .arg("inspect")
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read its input closes the pipe.
    drop(child.stdin.take().unwrap().write_all(input));
    let ended = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(ended.stdout), text(ended.stderr), ended.status.code().unwrap())
}

const OPERATION: &str = r##"{"@odata.type": "#microsoft.graph.stopHoldMusicOperation", "id": "o1", "status": "completed", "clientContext": "t"}"##;

#[test]
fn every_documented_example_is_usable() {
    let Some(examples) = examples::documented() else { return };
    let mut failures = Vec::new();
    for Documented { name, text, json: example } in examples {
        // The example as it is kept, with its path and headers, and its body alone.
        for text in [text, example["body"].to_string()] {
            let mut count = MemberCounts::default();
            let mut kinds = Vec::new();
            inspect(&text, &mut |found| {
                count.add(&found);
                if let TextFinding::Item(item) = found {
                    kinds.push(item.kind);
                    let strange =
                        |it: &callboard::cli::inspect::InspectedMember| matches!(it.state, MemberState::Wrong { .. });
                    failures.extend(item.members.iter().filter(|it| strange(it)).map(|it| format!("{name}: {it:?}")));
                }
            });
            let stream = name.starts_with("meeting-call-events");
            let expected = match (example["kind"].as_str().unwrap(), &example["body"]) {
                _ if stream => vec![JsonKind::MeetingCallEvent],
                (_, Value::Null) => vec![JsonKind::Nothing],
                (_, Value::String(_)) => vec![JsonKind::Text],
                ("notification", body) if body["value"][0]["subscriptionId"].is_string() => {
                    vec![JsonKind::ChangeNotification]
                }
                ("notification", _) => vec![JsonKind::Envelope],
                (_, body) if body["error"].is_object() => vec![JsonKind::Error],
                _ => kinds.clone(),
            };
            if count.code() != 0 || kinds != expected || kinds.contains(&JsonKind::Unknown) || kinds.is_empty() {
                failures.push(format!("{name}: {kinds:?}, {count:?}"));
            }
        }
    }
    assert!(failures.is_empty(), "{}:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn inspect_and_the_relay_agree_on_usable_items() {
    let mut faults = Vec::new();
    for example in examples::own().examples {
        let Some(body) = example.body() else { continue };
        // What the relay uses in part is wrong for inspect, which names the member.
        let is_whole = |it: &String| !["refused", "not read"].iter().any(|lead| it.starts_with(lead));
        let refused = !example.understood.iter().all(is_whole);
        // Inspect knows the other stream, and says that callboard has no use for it; it reads a list item by item.
        let elsewhere = ["refused-meeting-call-event", "refused-list"].iter().any(|it| example.file.contains(it));
        let mut count = MemberCounts::default();
        inspect(&body, &mut |found| count.add(&found));
        if (count.code() != 0) != (refused && !elsewhere) {
            faults.push(format!("{}: {count:?}, {:?}", example.file, example.understood));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn files_and_standard_input_give_the_same_output() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("operation.json");
    std::fs::write(&file, OPERATION).unwrap();
    let (said, complained, code) = command(&[file.to_str().unwrap()], b"");
    assert_eq!((code, complained.as_str()), (0, ""), "{said}");
    assert!(said.contains("Line 1: an operation.") && said.contains("completed (operationStatus)"), "{said}");
    assert!(said.ends_with("4 members: 4 understood, 0 kept but not understood, 0 wrong\n"), "{said}");
    assert!(said.lines().all(|it| it.chars().count() <= 80), "{said}");
    assert_eq!(command(&["-"], OPERATION.as_bytes()), (said, complained, code));
    let (help, _, code) = command(&["--help"], b"");
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(code == 0 && help.contains("Exit codes: 0 everything could be used"), "{help}");
}

#[test]
fn unusable_items_exit_with_1() {
    let wrong = br#"{"changeType": "updated", "resourceUrl": "/app/calls/c1/participants", "resourceData": [{"isMuted": "maybe"}]}"#;
    let (said, complained, code) = command(&["-"], wrong);
    assert_eq!((code, complained.as_str()), (1, ""));
    assert!(said.contains("! ") && said.contains("WRONG"), "{said}");
    let (said, _, code) = command(&["-"], br#"{"weather": "fine"}"#);
    assert!(code == 1 && said.contains("nothing of the calls API"), "{said}");
}

#[test]
fn invalid_json_exits_with_2_and_shows_its_place() {
    let (said, complained, code) = command(&["-"], b"{\"id\": \"o1\",\n  \"status\": completed}\n");
    assert_eq!((code, complained.as_str()), (2, ""), "{said}");
    assert!(said.contains("Line 2, column 13: not JSON") && said.contains("  \"status\": completed}"), "{said}");
    let (_, complained, code) = command(&["-"], b"{\"id\": \"\xff\"}");
    assert!(code == 2 && complained.contains("not UTF-8"), "{complained}");
    let folder = tempfile::tempdir().unwrap();
    let (_, complained, code) = command(&[folder.path().to_str().unwrap()], b"");
    assert!(code == 2 && complained.contains("is a folder without a journal"), "{complained}");
    let (_, complained, code) = command(&["no\u{1b}[2J such file"], b"");
    assert!(code == 2 && complained.contains("cannot be read") && !complained.contains('\u{1b}'), "{complained:?}");
}

#[test]
fn the_json_output_has_the_same_findings() {
    for (input, code) in [(format!("{OPERATION}\n{OPERATION}\n"), 0), (String::new(), 2), ("[]".to_owned(), 0)] {
        let (said, _, ended) = command(&["--json", "-"], input.as_bytes());
        let said: Value = serde_json::from_str(&said).unwrap();
        assert_eq!(ended, code, "{said}");
        let found = said["found"].as_array().unwrap();
        assert_eq!(
            said["summary"]["things"].as_u64().unwrap() + said["summary"]["broken"].as_u64().unwrap(),
            found.len() as u64
        );
        assert!(!found.is_empty(), "{input}: something is said");
        if code == 0 && input != "[]" {
            assert_eq!(found[1]["line"], 2);
            assert_eq!(found[0]["members"][3]["readAs"], "operationStatus");
        }
    }
}

/// A journal of notes, and a store that still writes it.
async fn kept(notes: i64) -> (tempfile::TempDir, JournalStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = JournalStore::open(folder.path()).unwrap();
    let note =
        |at: i64| (Timestamp(at * 1_000), Fact::Noted(Noted::Gap { reason: format!("note {at}").into(), from: None }));
    store.append((1..=notes).map(note).collect()).await.unwrap();
    (folder, store)
}

#[tokio::test]
async fn a_journals_records_are_shown_while_it_is_written() {
    let (folder, _store) = kept(600).await;
    let place = folder.path().to_str().unwrap();
    let (said, complained, code) = command(&[place], b"");
    assert_eq!((code, complained.as_str()), (0, ""), "{said}");
    let entries: Vec<&str> = said.lines().filter(|it| it.starts_with("Entry ")).collect();
    assert_eq!((entries.len(), entries[0], entries[599]), (600, "Entry 1", "Entry 600"));
    assert!(said.contains("a record") && said.contains("note 300") && said.contains(" 0 wrong"), "{said}");
    let (some, _, code) = command(&[place, "--json", "--after", "298", "--limit", "2"], b"");
    let some: Value = serde_json::from_str(&some).unwrap();
    let places: Vec<u64> = some["found"].as_array().unwrap().iter().map(|it| it["entry"].as_u64().unwrap()).collect();
    assert_eq!((code, places, &some["summary"]["things"]), (0, vec![299, 300], &2.into()));

    let file = rusqlite::Connection::open(folder.path().join("journal.sqlite")).unwrap();
    file.execute("UPDATE entries SET body = replace(body, 'note', 'mote') WHERE cursor IN (1, 300)", []).unwrap();
    let (said, _, code) = command(&[place], b"");
    assert_eq!(code, 1);
    assert!(said.contains("Entry 1 is damaged: its checksum") && said.contains("Entry 300 is damaged"), "{said}");
    assert!(said.contains("note 299") && said.contains("note 301") && said.contains("note 600"), "{said}");
    assert_eq!(said.matches("Entry 299\n").count(), 1);
    assert!(said.ends_with("2 damaged; callboard journal verify walks the whole journal\n"), "{said}");
}

#[test]
fn after_and_limit_apply_only_to_journals() {
    let (_, complained, code) = command(&["-", "--limit", "1"], OPERATION.as_bytes());
    assert!(code == 2 && complained.contains("--after and --limit are for the folder of a journal"), "{complained}");
}

#[test]
fn odd_input_gives_a_clear_error_with_its_place() {
    let deep = "[".repeat(200_000);
    let cases: [(&[u8], i32, &[&str]); 16] = [
        (b"5", 1, &["Line 1: nothing of the calls API.", "a number, true or false by itself"]),
        (b"true", 1, &["a number, true or false by itself"]),
        (b"[]", 0, &["Line 1: a list.", "an empty list: there is nothing in it"]),
        (b"[5, null]", 1, &["a number, true or false by itself", "Line 1: no body.", "1 of 2 could not be fully used"]),
        (b"null", 0, &["Line 1: no body.", "many answers have no body"]),
        (b"", 2, &["Line 1, column 1: not JSON", "there is no text at all"]),
        (b" \n\t\n", 2, &["there is no text at all"]),
        (b"\xef\xbb\xbf{\"id\": \"a\", \"state\": \"established\"}", 0, &["a call, established", " 0 wrong"]),
        (b"{\"id\": \"a\0b\"}", 2, &["Line 1, column 9: not JSON", "NUL bytes"]),
        (b"{\0\"\0i\0d\0\"\0", 2, &["Line 1, column 2: not JSON", "NUL bytes", "UTF-16"]),
        (
            b"{\"state\": \"established\"}\n{\"id\":\n{\"state\": \"hold\"}\n",
            2,
            &["Line 1: a call.", "Line 2, column 6: not JSON", "Line 3: a call.", "1 of 3 are not JSON"],
        ),
        (
            b"{\"id\":\n{\"state\": \"hold\"}\n",
            2,
            &["Line 1, column 6: not JSON", "Line 2: a call.", "1 of 2 are not JSON"],
        ),
        (b"{\"a\": [\n  {\"id\": 1}\n  {\"id\": 2}\n]}\n", 2, &["Line 3, column 3: not JSON", "1 of 1 are not JSON"]),
        (b"<html>", 2, &["a web page or XML"]),
        (b"\"text\"", 0, &["a bare text"]),
        (deep.as_bytes(), 2, &["Line 1, column 200000: not JSON", "the text ends too early"]),
    ];
    for (input, code, wanted) in cases {
        let (said, complained, ended) = command(&["-"], input);
        let shown = String::from_utf8_lossy(input.get(..input.len().min(60)).unwrap()).into_owned();
        assert_eq!((ended, complained.as_str()), (code, ""), "{shown}: {said}");
        let plain = said.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in wanted {
            assert!(plain.contains(part.trim()), "{shown}: no {part:?} in {said}");
        }
        assert!(!said.contains('\0') && (input.contains(&0) || !said.contains('\u{fffd}')), "{said:?}");
        assert!(!said.contains("\n\n\n"), "{said:?}");
        let (json, complained, ended) = command(&["-", "--json"], input);
        assert_eq!((ended, complained.as_str()), (code, ""), "{shown}");
        assert!(serde_json::from_str::<Value>(&json).unwrap()["summary"].is_object(), "{shown}");
    }
    for (input, wanted) in [
        (&b"{}\n{\"id\": \"\xe9\"}"[..], "standard input is not JSON: byte 12 (line 2) is not UTF-8"),
        (b"\xff\xfe{\0", "byte 1 (line 1) is not UTF-8"),
    ] {
        let (said, complained, code) = command(&["-"], input);
        assert!(code == 2 && said.is_empty() && complained.contains(wanted), "{complained}");
    }
}

#[test]
fn the_address_of_a_notification_is_understood() {
    let item = r##"{"@odata.type": "#microsoft.graph.commsNotification", "changeType": "updated", "callbackUri": "https://bot.contoso.com/c",
        "resourceUrl": "/communications/calls/57DAB8B1894C409AB240BD8BEAE78896",
        "resourceData": {"@odata.type": "#microsoft.graph.call", "state": "established", "novel": 1}}"##;
    for text in [item.to_owned(), format!("{{\"value\": [{item}]}}")] {
        let (said, _, code) = command(&["-"], text.as_bytes());
        let plain = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            plain.contains("callbackUri https://bot.contoso.com/c (text); the address of the notification"),
            "{said}"
        );
        let kept: Vec<&str> = said.lines().filter(|it| it.starts_with('?')).collect();
        assert!(code == 0 && kept.len() == 1 && kept[0].contains("novel"), "{said}");
    }
    // Of no kind, it costs nothing; and it is nothing of a participant's.
    let number = item.replace("\"https://bot.contoso.com/c\"", "7");
    assert_eq!(command(&["-"], number.as_bytes()).2, 0);
    let (said, _, _) = command(&["-"], br#"{"isMuted": true, "isInLobby": false, "callbackUri": "https://x"}"#);
    assert!(said.contains("? callbackUri"), "{said}");
}

#[test]
fn a_reader_that_stops_early_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("many.jsonl");
    // Far more than the buffer of a pipe.
    std::fs::write(&file, format!("{OPERATION}\n").repeat(5_000)).unwrap();
    let file = file.to_str().unwrap();
    for words in [&["inspect", file][..], &["inspect", "--json", file], &["sim", "--explain"], &["demo", "--plain"]] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_callboard"))
            .args(words)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        BufReader::with_capacity(64, child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        assert!(!first.is_empty());
        let ended = child.wait_with_output().unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();
        assert_eq!((ended.status.code(), said.as_str()), (Some(0), ""), "{words:?}");
    }
}
