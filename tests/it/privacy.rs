//! Tests of privacy mode: no real name, number or id on any screen, and acts that reach the right person.

use callboard::desk::curl;
use callboard::desk::{
    ClipboardItem, DeskSetup, Effect, Event, ExportFormat, NoticeMethod, Pane, ParticipantRow, SettingsUpdate,
};
use callboard::floor::{Fact, Noted};
use callboard::protocol::{FeedEvent, HelloFrame, Role};
use callboard::screen::ExportTable;
use serde_json::json;

use crate::support::desk_driver::Story;
use crate::support::journal_builder::{ADA, BOB, CALL, History, ME, but, person};

/// What must not be seen: names, subjects, numbers, operators, and the beginnings of ids.
const SECRETS: [&str; 22] = [
    "Ada",
    "Bob",
    "Callboard",
    "Chen",
    "Wei",
    "Fox",
    "Acme",
    "Northwind",
    "Litware",
    "Contoso",
    "42020202234",
    "20202234",
    "0dc9",
    "57dab8b1",
    "894c-409a",
    "2765eb15",
    "a7ebfb2d",
    "499ff390",
    "meeting_x",
    "dana",
    "lee",
    "tenant-secret",
];

fn told() -> Story {
    let mut story = Story::seated();
    for (number, subject) in [(1, "Northwind"), (2, "+42020202234"), (3, "Litware")] {
        story.history.later(20_000).notified(&json!({
            "changeType": "created",
            "resourceUrl": format!("/communications/calls/0dc90000-0000-0000-0000-00000000000{number}"),
            "resourceData": {
                "state": "established", "subject": subject, "tenantId": "tenant-secret", "callChainId": "Contoso-7",
                "chatInfo": {"threadId": "19:meeting_x@thread.v2"},
            },
        }));
    }
    story.history.call_said("updated", &json!({"subject": "Acme and Bob", "tenantId": "tenant-secret"}));
    story.history.later(40_000).roster(&[
        person(ME, "Callboard"),
        person(ADA, "Ada"),
        person(BOB, "Bob"),
        but(person("33333333-0000-0000-0000-000000000001", "Chen Wei"), &json!({"isMuted": true})),
        but(person("33333333-0000-0000-0000-000000000002", "+420 20202234"), &json!({"isInLobby": true})),
    ]);
    story.history.fact(Fact::Noted(Noted::Graph { words: "Graph could not read Bob's call: Acme".into() }));
    story.catches_up().press("1 g").selects("Bob").press("H y").accepted().notice("startHoldMusicOperation");
    story.selects("Ada").press("m y").accepted().after(70_000);
    // A slip with its own words, and somebody who looks.
    story.selects("Ada").press("r").presence("lee");
    story.press("1 /").types("Acme").press("Enter");
    story
}

fn hides_all(story: &Story, what: &str) {
    for (columns, rows) in [(60, 20), (80, 24), (120, 36), (200, 60)] {
        let screen = story.screen(columns, rows);
        for secret in SECRETS {
            // Letters within the board's own words are not names.
            let shown = screen.replace("roster", "").replace("released", "");
            assert!(!shown.contains(secret), "{secret:?} is seen {what} at {columns}x{rows}:\n{screen}");
        }
    }
}

#[test]
fn privacy_mode_shows_no_real_name_number_or_id() {
    let mut story = told();
    assert!(story.screen(120, 36).contains("Acme"));
    story.press("P");
    hides_all(&story, "at once");
    assert!(story.screen(80, 24).contains("PRIVATE") && story.screen(60, 20).contains("PRIVATE"));
    for keys in [
        "1",
        "Enter",
        "Esc 2",
        "Enter",
        "Esc 2 g Enter",
        "Esc 3",
        "Enter",
        "Esc 3 j Enter",
        "Esc 3 j j Enter",
        "Esc w",
        "Esc S",
        "h h h",
        "Esc V",
        "Esc ?",
        "Esc :",
        "Esc 2 g m",
        "Esc r",
        "Esc X",
        "Esc j X",
        "Esc H",
        "Esc s",
        "Esc 1 j",
        "j",
        "j",
        "Esc 1 g u",
        "Esc R",
        "Esc p",
        "P P y P",
        "p",
    ] {
        story.press(keys);
        hides_all(&story, &format!("after {keys}"));
    }
    // News comes under the other names too, and so do refusals.
    story.press("Esc 1 g").history.roster(&[person(ME, "Callboard"), person(BOB, "Bob"), person(ADA, "Ada")]);
    story.catches_up();
    hides_all(&story, "after news");
    story.selects_at(0).press("m y");
    story.answers_gate(404, &json!({"error": {"code": "8523", "message": format!("Bob ({BOB}) of call {CALL}")}}));
    hides_all(&story, "after a refusal");
    story.press("3 Enter");
    hides_all(&story, "in the details of a refusal");
    story.press("Esc").line_breaks("no way to Contoso's relay 20202234");
}

/// Names that would be something else than names, a label and operators that name the tenant.
fn hostile() -> Story {
    let mut story = Story::seated();
    let now = story.history.now();
    let label = "SIMULATOR Contoso\u{1b}]0;Acme\u{7} tenant-secret".into();
    story.fed(FeedEvent::Hello(HelloFrame {
        label,
        operator: "dana\u{202e}".into(),
        role: Role::Operator,
        now,
        ..HelloFrame::default()
    }));
    story.fed(FeedEvent::CaughtUp);
    let names = [
        "\u{1b}]52;c;QUJD\u{7}Chen",
        "Wei\u{202e}xoF",
        "Fox\u{200b}",
        "B\u{301}ob Northwind",
        "陳Litware",
        "+420 20202234",
    ];
    let people = names.iter().enumerate();
    let mut people: Vec<_> =
        people.map(|(at, name)| person(&format!("0dc9000{at}-0000-0000-0000-000000000000"), name)).collect();
    people.extend([person(ME, "Callboard"), person(ADA, "Ada"), person(BOB, "Bob")]);
    story.history.later(1_000).roster(&people);
    let subject = "Acme\u{1b}[2J | Contoso";
    story.history.call_said("updated", &json!({"subject": subject, "tenantId": "tenant-secret"}));
    story.catches_up().press("1 g").bob_held().selects("Ada").press("m y").accepted().after(130_000);
    story.presence("lee\u{1b}[31m");
    story
}

#[test]
fn privacy_mode_anonymises_hostile_names_everywhere() {
    let mut story = hostile();
    assert!(story.screen(120, 36).contains("Contoso") && story.screen(200, 60).contains("Chen"));
    story.press("P");
    for keys in ["1 g", "2 g j", "Enter", "Esc 3 g Enter", "Esc w", "Esc ? / B", "Esc Esc", ": q", "Esc 2 g X", "Esc i"]
    {
        story.press(keys);
        hides_all(&story, &format!("with hostile names after {keys}"));
        assert!(!story.screen(120, 36).contains('\u{1b}'));
    }
    let bare = |what: &str, text: &str| {
        for secret in SECRETS {
            assert!(
                !text.replace("roster", "").replace("released", "").contains(secret),
                "{secret:?} in {what}:\n{text}"
            );
        }
        assert!(!text.chars().any(|it| it.is_control() && !matches!(it, '\n' | '\r')), "{what}: {text:?}");
    };
    for pane in Pane::ALL {
        let sheet = ExportTable::of(&story.desk, pane);
        for form in [ExportFormat::Markdown, ExportFormat::Csv] {
            bare(pane.name(), &sheet.text(form));
        }
        bare("the row that is copied", &sheet.selected_row().unwrap_or_default());
    }
    // The request that is copied names the other ids, and the act that is sent the true ones.
    for keys in ["Esc 3 g Y", "Esc 2 g Y", "Esc 1 Y", "Esc 1 y"] {
        story.effects.clear();
        story.press(keys);
        for effect in &story.effects {
            if let Effect::Copy(ClipboardItem::Request(request)) = effect {
                bare("the request", &curl("https://graph.example/v1.0", request));
            }
        }
        assert!(story.effects.iter().any(|it| matches!(it, Effect::Copy(_))), "{keys}");
    }
    // Evidence is off, and nothing of the journal is asked for.
    story.effects.clear();
    story.press("2 i").shows("privacy mode: the record holds the true names").press("3 g Enter");
    assert!(!story.effects.iter().any(|it| matches!(it, Effect::Read { .. })));
    bare("the message", story.desk.message().map_or("", |it| it.text.as_str()));
}

#[test]
fn privacy_mode_anonymises_notices_and_relay_messages() {
    let mut story = hostile();
    let setup = DeskSetup { notice: NoticeMethod::Osc9, ..DeskSetup::default() };
    let news = SettingsUpdate { setup: Some(Box::new(setup)), said: String::new(), warning: false };
    story.press("P").effects.clear();
    story.happens(Event::SettingsChanged(news)).after(2_000);
    let told: Vec<_> = story
        .effects
        .iter()
        .filter_map(|it| if let Effect::Notify(_, text) = it { Some(text) } else { None })
        .collect();
    assert!(told.len() == 1 && !told[0].contains("Bob") && told[0].contains("has been on hold for "), "{told:?}");
    let reason = || "Bob may not: call 57dab8b1-894c-409a-b240-bd8beae78896".to_owned();
    for feed in [FeedEvent::Refused(reason()), FeedEvent::Down { reason: reason(), retry_at: story.history.now() }] {
        story.fed(feed);
        hides_all(&story, "after what the relay said");
    }
}

#[test]
fn pseudonyms_are_consistent_and_acts_use_the_real_identity() {
    let mut story = told();
    story.press("P 1 g").selects_at(1);
    let name = story.desk.person().unwrap().name.to_string();
    let board = story.screen(200, 60);
    assert!(board.matches(&name).count() >= 2, "in the roster and in the ledger or the lines: {name}\n{board}");
    story.press("m").shows(&name).press("y");
    let asked = story.participant().unwrap().to_string();
    assert!([ADA, BOB].contains(&asked.as_str()), "{asked} is no true id");
    assert_eq!(story.sent.last().unwrap().action.call().to_string(), CALL);
    story.accepted().shows(&name);
    story.press("ctrl-r");
    assert!(story.effects.iter().rev().any(|it| matches!(it, Effect::Reread { call, .. } if call.to_string() == CALL)));
    let before = story.desk.person().unwrap().name.to_string();
    // After leaving, the same person is selected under the real name; after entering again, the same pseudonym is shown.
    story.after(1_000).press("P");
    assert_eq!(story.desk.person().unwrap().id.to_string(), asked);
    story.shows("Acme and Bob").shows("dana").hides("PRIVATE");
    story.press("P");
    assert_eq!(story.desk.person().unwrap().name.to_string(), before);
}

#[test]
fn privacy_mode_changes_only_names() {
    let mut story = told();
    let truly = story.floor().statistics();
    let calls: Vec<_> = story.press("1 Esc").desk.calls().map(|it| it.number).collect();
    story.press("P");
    assert_eq!(story.desk.floor().statistics(), truly);
    assert_eq!(story.desk.calls().map(|it| it.number).collect::<Vec<_>>(), calls);
    assert_eq!(story.desk.floor().operations().len(), story.floor().operations().len());
    let mut idle = Story::over(History::seated());
    idle.press("P").after(1_000).press("P").shows("true names are shown").shows("Ada");
}

#[test]
fn people_who_joined_together_keep_their_order_under_other_names() {
    let mut history = History::default();
    let people: Vec<_> = (0..9)
        .map(|it| person(&format!("2765eb15-01f8-47c6-b12b-c32111a4a8{it:02}"), &format!("Guest {}", 9 - it)))
        .chain([person(ME, "Callboard")])
        .collect();
    history.later(1_795_357_920_000).seat();
    history.later(5).roster(&people);
    let mut story = Story::over(history);
    let order = |story: &Story| -> Vec<u32> {
        let rows = story.desk.participants();
        rows.iter().filter_map(|it| if let ParticipantRow::Person(it) = it { Some(it.ordinal) } else { None }).collect()
    };
    let before = order(&story);
    assert!(before.len() >= 10, "{before:?}");
    story.press("P");
    assert_eq!(order(&story), before);
    story.press("P");
    assert_eq!(order(&story), before);
}

#[test]
fn people_have_their_kind_and_the_number_that_the_journal_gives_them() {
    let mut history = History::default();
    history.later(1_795_357_920_000).seat();
    history.later(5).roster(&[
        person(ME, "Callboard"),
        person(ADA, "Ada"),
        but(person(BOB, "Bob"), &json!({"info": {"identity": {"guest": {"displayName": "Bob"}}}})),
    ]);
    let mut names = Vec::new();
    for seed in [1, 2] {
        let mut story = Story::over(History::default());
        story.history = History::default();
        story.desk = callboard::desk::Desk::new(DeskSetup { seed, ..DeskSetup::default() });
        story.fed(FeedEvent::Hello(HelloFrame {
            operator: "dana".into(),
            role: Role::Operator,
            ..HelloFrame::default()
        }));
        story.fed(FeedEvent::Snapshot(Box::new(history.floor.clone()))).fed(FeedEvent::CaughtUp).press("P");
        let rows: Vec<String> = story.desk.participants().iter().map(|it| it.name().to_owned()).collect();
        // The title says no more than the number.
        let screen = story.screen(120, 36);
        assert!(screen.contains("2 Call 1 ") && !screen.contains("Call 1  Call 1"), "{screen}");
        names.push(rows);
    }
    assert_eq!(names[0], names[1], "another console shows the same");
    let numbers: Vec<u32> = history.floor.calls().flat_map(|call| call.people.iter().map(|it| it.ordinal)).collect();
    for number in numbers {
        assert!(names[0].iter().any(|it| it.ends_with(&format!(" {number}"))), "{number} in {:?}", names[0]);
    }
    assert!(names[0].iter().any(|it| it.starts_with("Guest ")), "{:?}", names[0]);
}

#[test]
fn a_pseudonym_is_never_taken_for_a_name() {
    let mut history = History::default();
    history.later(1_795_357_920_000).seat();
    // Ada is called what Bob becomes, and the other way round.
    history.later(5).roster(&[person(ME, "Callboard"), person(ADA, "User 3"), person(BOB, "User 2")]);
    let ordinals = |id: &str| {
        let call = history.floor.calls().next().unwrap();
        call.people.iter().find(|it| it.id.to_string() == id).unwrap().ordinal
    };
    let (ada, bob) = (ordinals(ADA), ordinals(BOB));
    let mut story = Story::over(history);
    story.press("P").line_breaks("User 3 and User 2 are lost");
    let text = story.desk.link().state();
    let text = format!("{text:?}");
    assert!(text.contains(&format!("User {ada} and User {bob} are lost")), "{text}");
}
