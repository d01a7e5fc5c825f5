//! Tests of evidence (the journal records behind a row), conflicts with other operators, copies and exports.

use callboard::desk::curl;
use callboard::desk::{ClipboardItem, Effect, EvidenceState, EvidenceView, ExportFormat, JournalRecord, Modal, Pane};
use callboard::floor::{Act, Asked, Fact, Ticket};
use callboard::protocol::FeedEvent;
use callboard::screen::ExportTable;
use callboard::sim::SimSettings;
use callboard::time::Millis;
use crossterm::event::{KeyCode, KeyEvent};
use insta::assert_snapshot;
use serde_json::json;

use crate::board::screens::busy;
use crate::desk::bulk_acts::crowd;
use crate::e2e::loopback::ACME;
use crate::support::desk_driver::{Story, key};
use crate::support::harness::{call, direct, person, reopening_day, seated};
use crate::support::journal_builder::{BOB, CALL};

/// The relay answers what the desk asked to read.
fn relay_reads(story: &mut Story) {
    let asked = story.effects.iter().rev().find_map(|it| match it {
        Effect::Read { after, count } => Some((*after, *count)),
        _ => None,
    });
    let (after, count) = asked.unwrap();
    let entries = story.history.entries.iter().filter(|it| it.cursor > after).take(count as usize);
    let entries: Vec<_> = entries.cloned().collect();
    // In two batches, as a line may hand them over.
    let (one, other) = entries.split_at(entries.len() / 2);
    let (one, other) = (one.to_vec(), other.to_vec());
    story.fed(FeedEvent::History(one)).fed(FeedEvent::History(other));
}

/// The record behind a person who has just been muted.
pub(crate) fn shown() -> Story {
    let mut story = busy();
    story.roster(&json!({"isMuted": true})).press("2 i");
    relay_reads(&mut story);
    story
}

fn exhibit(story: &Story) -> &EvidenceView {
    let Modal::Evidence(exhibit) = story.desk.modal() else { panic!("{:?}", story.desk.message()) };
    exhibit
}

fn record(story: &Story) -> &JournalRecord {
    let EvidenceState::Shown(record) = exhibit(story).state() else { panic!("{:?}", exhibit(story).state()) };
    record
}

#[test]
fn the_evidence_of_a_mute_is_the_roster_that_shows_it_and_what_it_changed() {
    let mut story = Story::seated();
    story.roster(&json!({})).selects("Bob").press("m y").accepted();
    story.roster(&json!({"isMuted": true})).shows("CONFIRMED");
    let proof = story.floor().operations().next().unwrap().proof.clone().unwrap();
    story.press("3 i").shows("Evidence of op 1, mute Bob").shows("asking the relay");
    relay_reads(&mut story);
    let record = record(&story);
    assert_eq!(record.cursor, proof.cursor);
    assert!(record.how.starts_with("a notification from Graph, item "), "{}", record.how);
    assert!(record.lines.iter().any(|it| it.contains(BOB)));
    assert!(record.before.is_some_and(|it| it < proof.cursor));
    let changed: Vec<_> = record.changes.iter().filter(|it| it.0 != ' ').map(|it| (it.0, it.1.trim())).collect();
    assert_eq!(changed, [('-', "\"isMuted\": false,"), ('+', "\"isMuted\": true,")]);
    story.press("Esc 2 i");
    relay_reads(&mut story);
    assert_eq!(super::evidence::record(&story).cursor, proof.cursor, "the person's last record is the same");
    story.press("Esc 1 i");
    relay_reads(&mut story);
    assert!(super::evidence::record(&story).lines.iter().any(|it| it.contains(CALL)), "a call's too");
}

#[test]
fn an_act_without_proof_shows_its_answer() {
    let mut story = Story::seated();
    story.selects("Bob").press("m y").accepted().press("3 i");
    relay_reads(&mut story);
    assert_eq!(record(&story).how, "Graph's answer, 200");
    assert!(record(&story).changes.iter().any(|it| it.0 == '+'), "against the ask before it");
}

#[test]
fn missing_evidence_says_why() {
    let mut story = Story::seated();
    story.press("1 i").after(4_000).shows("asking the relay").after(2_000);
    story.shows("the relay did not send entry").press("Esc i").line_breaks("gone").after(100);
    story.shows("the line to the relay broke before it answered").press("Esc i");
    story.shows("the line to the relay is down, so it cannot be asked");
    assert_eq!(story.effects.iter().filter(|it| matches!(it, Effect::Read { .. })).count(), 2);
}

#[test]
fn evidence_scrolls() {
    let mut story = shown();
    story.press("j j PgDn");
    assert_snapshot!("evidence_scrolled_60x20", story.screen(60, 20));
}

/// Lee asks for the same, or for something else.
fn lee_asks(story: &mut Story, act: Act, who: &str) {
    let there = story.desk.call().unwrap();
    let participant = there.people.iter().find(|it| &*it.name == who).unwrap().id.clone();
    let asked = Asked {
        ticket: Ticket(format!("lee's {act} of {who}").into()),
        by: "lee".into(),
        act,
        call: there.id.clone(),
        participant: Some(participant),
        pressed_ago: Millis(0),
        request: "POST".into(),
    };
    story.history.fact(Fact::Asked(Box::new(asked)));
    story.catches_up();
}

#[test]
fn conflicting_acts_of_another_operator_are_shown_under_and_after_a_confirm() {
    let mut story = crowd();
    story.selects("Bob").press("m");
    lee_asks(&mut story, Act::Hold, "Ada");
    story.hides("lee acts on");
    lee_asks(&mut story, Act::Remove, "Bob");
    story.shows("lee acts on Bob too: remove, op 2, while you are confirming mute").press("Esc");
    story.selects("Ada").press("m").shows("lee asked for hold of the same person").press("y").accepted();
    lee_asks(&mut story, Act::Remove, "Ada");
    story.shows("lee acts on Ada too: remove, op 4, while your mute is under way");
    story.press("Esc").selects("Guest 1").press("Space").selects("Guest 2").press("Space m");
    lee_asks(&mut story, Act::Mute, "Guest 2");
    story.shows("lee acts on Guest 2 too: mute, op 5, while you are confirming mute");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_simultaneous_acts_on_one_person_warn_both_operators() {
    let stage = reopening_day(1.0, SimSettings::default()).await;
    let mut dana = seated(&stage, "dana").await;
    let mut lee = seated(&stage, "lee").await;
    // Nothing proves anything: both acts stay under way.
    stage.sim.set_callback(url::Url::parse("http://127.0.0.1:9/").unwrap());
    // And a budget of some seconds is longer than the test.
    stage.clock.set_speed(0.05);
    for (desk, act) in [(&mut dana, Act::Mute), (&mut lee, Act::Hold)] {
        let there = call(desk.desk(), "Support / Northwind");
        let (id, who) = (there.id.clone(), person(there, "Hana Sato").id.clone());
        desk.select(id, Some(callboard::desk::ParticipantRef::Person(who)));
        desk.ask(act);
        assert!(matches!(desk.desk().modal(), Modal::Confirm(_)), "{:?}", desk.desk().message());
    }
    let yes = KeyEvent::from(KeyCode::Char('y'));
    while matches!(dana.desk().modal(), Modal::Confirm(_)) {
        dana.press(yes);
    }
    // Dana's act goes out when her desk has its turn; lee's confirm is still open.
    dana.until(|desk| desk.live().operations().any(|it| it.act == Act::Mute && it.call == desk.call().unwrap().id))
        .await;
    let says = |text: &'static str| {
        move |desk: &callboard::desk::Desk| desk.message().is_some_and(|it| it.warning && it.text.contains(text))
    };
    lee.until(says("dana acts on Hana Sato too: mute, op ")).await;
    assert!(lee.desk().message().unwrap().text.ends_with("while you are confirming hold"));
    while matches!(lee.desk().modal(), Modal::Confirm(_)) {
        lee.press(yes);
    }
    tokio::join!(dana.until(says("lee acts on Hana Sato too: hold, op ")), async {
        lee.until(|desk| desk.live().operations().filter(|it| &*it.by == "lee" && it.act == Act::Hold).count() > 0)
            .await;
    });
    assert!(dana.desk().message().unwrap().text.ends_with("while your mute is under way"));
    stage.shut_down().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_comes_from_the_relays_journal() {
    let stage = reopening_day(1.0, SimSettings::default()).await;
    let mut dana = seated(&stage, "dana").await;
    direct(&stage, ACME, "Ada Byrne", "mute").await;
    dana.until(|desk| person(call(desk, ACME), "Ada Byrne").muted).await;
    let there = call(dana.desk(), ACME);
    let (id, ada) = (there.id.clone(), person(there, "Ada Byrne").id.clone());
    dana.select(id, Some(callboard::desk::ParticipantRef::Person(ada.clone())));
    dana.press(key("2"));
    dana.press(key("i"));
    let shown = |desk: &callboard::desk::Desk| match desk.modal() {
        Modal::Evidence(exhibit) => match exhibit.state() {
            EvidenceState::Shown(record) => Some(record.clone()),
            EvidenceState::Asking => None,
            EvidenceState::Failed(why) => panic!("{why}"),
        },
        other => panic!("{other:?}"),
    };
    dana.until(|desk| shown(desk).is_some()).await;
    let record = shown(dana.desk()).unwrap();
    assert!(record.lines.iter().any(|it| it.contains(&*ada.to_string())), "{record:?}");
    stage.shut_down().await;
}

#[test]
fn y_copies_the_row_and_sends_nothing_and_a_confirms_y_copies_nothing() {
    let mut story = busy();
    let copies = |story: &Story| story.effects.iter().filter(|it| matches!(it, Effect::Copy(_))).count();
    let (sent, before) = (story.sent.len(), copies(&story));
    story.selects("Ada").press("y").has_sent(sent).shows("copied the row of Ada; nothing was sent");
    assert_eq!(
        story.effects.iter().rev().find(|it| matches!(it, Effect::Copy(_))),
        Some(&Effect::Copy(ClipboardItem::Row(Pane::Participants)))
    );
    assert!(ExportTable::of(&story.desk, Pane::Participants).selected_row().unwrap().starts_with("Ada  user  live"));
    for pane in [Pane::Calls, Pane::Participants] {
        let row = ExportTable::of(&story.desk, pane).selected_row();
        assert!(row.is_some() && ExportTable::selected_line(&story.desk, pane) == row, "{row:?}");
    }
    story.selects("Chen Wei").press("m y").has_sent(sent + 1).hides("copied");
    assert_eq!(copies(&story), before + 1);
}

#[test]
fn the_request_is_copied_exactly() {
    let mut story = Story::seated();
    let copied = |story: &Story| match story.effects.last() {
        Some(Effect::Copy(ClipboardItem::Request(request))) => curl("https://relay.example/graph/v1.0", request),
        other => panic!("{other:?}"),
    };
    story.selects("Bob").press("Y").has_sent(0).shows("copied as curl, with $TOKEN for the token: what mute of Bob");
    let would = copied(&story);
    assert!(would.starts_with("curl -sS -X POST -H \"Authorization: Bearer $TOKEN\""), "{would}");
    assert!(would.ends_with(&format!("/graph/v1.0/communications/calls/{CALL}/participants/{BOB}/mute'")), "{would}");
    story.press("m y").accepted().press("3 Y").shows("op 1, mute; nothing was sent");
    let was = copied(&story);
    assert!(was.contains(&format!("--data-raw '{{\"clientContext\":\"{}\"}}'", story.ticket())), "{was}");
}

#[test]
fn an_export_contains_what_the_pane_shows() {
    let mut story = busy();
    story.press("1 /").types("support").press("Enter :").types("sort subject").press("Enter :");
    story.types("columns number subject state").press("Enter ctrl-s");
    assert!(story.effects.contains(&Effect::Export(Pane::Calls, ExportFormat::Markdown)));
    let sheet = ExportTable::of(&story.desk, Pane::Calls);
    assert_snapshot!("export_md", sheet.text(ExportFormat::Markdown));
    story.press(":").types("export csv").press("Enter");
    assert!(story.effects.contains(&Effect::Export(Pane::Calls, ExportFormat::Csv)));
    assert_snapshot!("export_csv", sheet.text(ExportFormat::Csv).replace("\r\n", "\n"));
    story.happens(callboard::desk::Event::Exported(Err("x.md cannot be written: no".into())));
    story.shows("not exported: x.md cannot be written: no");
    story.happens(callboard::desk::Event::Exported(Ok("x.md".into()))).shows("exported to x.md");
    // Its name is ours, and as it is on the disk also in privacy mode.
    let name = "callboard-calls-20261122T153937Z.md";
    story.press("P").happens(callboard::desk::Event::Exported(Ok(name.into()))).shows(name);
}

#[test]
fn a_hostile_name_is_plain_text_in_every_export() {
    let mut story = Story::seated();
    story.roster(&json!({"info": {"identity": {"user": {"displayName": "=HYPERLINK(\"x\",\"y\")\u{1b}]52;c;\u{7}|`a`\n<b>", "id": "u"}}}}));
    let sheet = ExportTable::of(&story.desk, Pane::Participants);
    let (markdown, csv) = (sheet.text(ExportFormat::Markdown), sheet.text(ExportFormat::Csv));
    for text in [&markdown, &csv] {
        assert!(!text.contains('\u{1b}') && !text.contains('\u{7}'), "{text:?}");
        let lines = text.lines().filter(|it| it.contains("HYPERLINK")).count();
        assert_eq!(lines, 1, "{text}");
    }
    assert!(csv.contains("\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")"), "{csv}");
    assert!(markdown.contains("\\|\\`a\\`") && markdown.contains("\\<b>"), "{markdown}");
}

#[test]
fn evidence_opens_again_where_it_was_and_a_newer_record_at_its_top() {
    let mut story = shown();
    let scroll = |story: &Story| exhibit(story).scroll();
    story.press("j j j Esc i");
    relay_reads(&mut story);
    assert_eq!(scroll(&story), 3, "the same record");
    story.press("Esc").roster(&json!({"isMuted": false})).press("i");
    relay_reads(&mut story);
    assert_eq!(scroll(&story), 0, "another record");
    story.press("j Esc 1 i");
    relay_reads(&mut story);
    assert_eq!(scroll(&story), 0, "another subject");
}

#[test]
fn the_evidence_of_a_person_names_the_entry_that_proved_the_act_and_the_operation_opens_there() {
    let mut story = Story::seated();
    story.roster(&json!({})).selects("Bob").press("m y").accepted();
    story.roster(&json!({"isMuted": true})).shows("CONFIRMED");
    let proof = story.floor().operations().next().unwrap().proof.clone().unwrap();
    story.after(5_000).roster(&json!({"isMuted": true})).press("2 i");
    relay_reads(&mut story);
    assert_ne!(record(&story).cursor, proof.cursor);
    story.shows(&format!("the proof of op 1, mute, is entry {}: :op 1, then i shows it", proof.cursor));
    story.press("Esc :").types("op 1").press("Enter i");
    relay_reads(&mut story);
    assert_eq!(record(&story).cursor, proof.cursor);
    // From the details of the operation too.
    story.press("Esc 3 Enter i");
    relay_reads(&mut story);
    assert_eq!(record(&story).cursor, proof.cursor);
}

#[test]
fn details_say_who_muted_a_person_and_since_when() {
    let mut story = Story::seated();
    story.roster(&json!({"isMuted": true})).after(60_000).selects("Bob").press("d");
    story.shows("since 14:32:00, as far as is known by Bob").press("Esc");
    story.roster(&json!({})).after(1_000).press("m y").accepted();
    story.roster(&json!({"isMuted": true})).after(30_000).press("d").shows("by you since 14:33:0").shows(", op 1");
    story.press("Esc").roster(&json!({})).after(1_000).roster(&json!({"isMuted": true})).press("d");
    story.shows("as far as is known by Bob").press("Esc");
    // Muted by themselves, and later by another operator.
    let mut story = Story::seated();
    story.roster(&json!({"isMuted": true})).after(60_000);
    lee_asks(&mut story, Act::Mute, "Bob");
    story.selects("Bob").press("d").shows("as far as is known by Bob");
}

#[test]
fn what_was_unreadable_about_a_person_is_marked_on_the_board_and_named_in_their_evidence() {
    let mut story = Story::seated();
    story.roster(&json!({})).roster(&json!({"isMuted": "maybe"})).selects("Bob");
    let screen = story.screen(120, 36);
    let row = screen.lines().find(|it| it.contains(" Bob  ") && it.contains("live")).unwrap();
    assert!(row.chars().skip(62).take(6).collect::<String>().contains('?'), "{row}");
    story.shows("not sure   isMuted in the last roster was unreadable");
    story.press("i");
    relay_reads(&mut story);
    assert_eq!(record(&story).unreadable.len(), 1);
    story.shows("unreadable, left out: /resourceData/2/isMuted: expected true").press("Esc");
    // A confirm says it too, and the next readable roster ends it.
    story.press("m").shows("isMuted in the last roster was unreadable").press("Esc");
    story.roster(&json!({})).hides("in the last roster was unreadable");
}

/// A roster of the call with this many people beside Bob; `muted` says who is.
fn large_roster(people: usize, muted: impl Fn(usize) -> bool) -> String {
    let person = |at: usize| {
        json!({"id": format!("00000000-0000-4000-8000-{at:012}"), "isMuted": muted(at),
               "info": {"identity": {"user": {"id": format!("u{at}"), "displayName": format!("Person {at}")}}}})
    };
    let bob = json!({"id": BOB, "isMuted": muted(people), "info": {"identity": {"user": {"id": "bob", "displayName": "Bob"}}}});
    let people: Vec<_> = (0..people).map(person).chain([bob]).collect();
    json!({"changeType": "updated", "resourceUrl": format!("/communications/calls/{CALL}/participants"), "resourceData": people})
        .to_string()
}

#[test]
fn of_a_roster_of_thousands_the_person_is_compared_and_the_rest_of_it_is_named_as_left_out() {
    let mut story = Story::seated();
    for muted in [false, true] {
        let item = serde_json::value::RawValue::from_string(large_roster(2_000, |_| muted)).unwrap();
        story.history.fact(Fact::Notification(callboard::floor::ReceivedItem::new(item, None, 0)));
    }
    story.catches_up().selects("Bob").press("2 i");
    relay_reads(&mut story);
    let bob = record(&story);
    let changed = bob.changes.iter().filter(|it| it.0 != ' ');
    let changed: Vec<_> = changed.map(|it| (it.0, it.1.trim().trim_end_matches(','))).collect();
    assert_eq!(changed, [('-', "\"isMuted\": false"), ('+', "\"isMuted\": true")]);
    assert!(bob.lines.len() < 40 && bob.whole.len() == 2_000, "{}", bob.lines.len());
    let note = "lines, of which the first 2000 are here; the relay's journal has all of entry";
    assert!(bob.left_out.iter().any(|it| it.contains(note)), "{:?}", bob.left_out);
    story.shows("the record has").shows("of which the first");
    // Of the call, what changed about each person, as far as there is room.
    story.press("Esc 1 i");
    relay_reads(&mut story);
    let all = record(&story);
    assert_eq!((all.changes.len(), all.is_compared), (2_000, true));
    let note = "lines differ, of which the first 2000 are here; the evidence of a person has all";
    assert!(all.left_out.iter().any(|it| it.contains(note)), "{:?}", all.left_out);
}

#[test]
fn the_desk_does_not_search_itself_and_shows_only_what_it_asked_for() {
    let mut story = shown();
    let is_search = |it: &&Effect| matches!(it, Effect::SearchEvidence(_));
    assert_eq!(story.effects.iter().filter(is_search).count(), 1);
    let Some(Effect::SearchEvidence(old)) = story.effects.iter().rev().find(is_search).cloned() else { panic!() };
    // Another question was asked since.
    story.press("Esc 1 i").happens(callboard::desk::Event::EvidenceFound(Box::new(old.run())));
    story.shows("Evidence of call 1").shows("asking the relay");
    relay_reads(&mut story);
    assert!(matches!(exhibit(&story).state(), EvidenceState::Shown(_)));
}

#[test]
fn a_search_that_breaks_off_is_said() {
    let mut story = shown();
    story.do_searches_fail = true;
    story.press("Esc 1 i");
    relay_reads(&mut story);
    story.shows("the search for it failed, which is a fault of the console");
}
