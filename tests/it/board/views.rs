//! Tests of filters, sorts, columns, following, acknowledged alerts, and the list of waits.

use callboard::desk::{DeskMessage, Filter, FilterVocabulary, Modal, Pane, PaneColumns, RowId};
use callboard::floor::OperationNumber;

use super::screens::busy;
use crate::support::desk_driver::Story;

/// The subjects of the shown calls, in the order of their rows.
fn calls(story: &Story) -> Vec<String> {
    story.desk.calls().map(|it| it.title().replace("Support / ", "")).collect()
}

fn people(story: &Story) -> Vec<String> {
    story.desk.participants().iter().map(|it| it.name().to_owned()).collect()
}

#[test]
fn a_filter_applies_with_every_letter_and_enter_keeps_it() {
    let mut story = busy();
    story.press("1 /").types("!qui");
    assert_eq!(calls(&story).len(), 4);
    story.press("ctrl-u").types("!is:quiet").shows("/!is:quiet");
    assert_eq!(calls(&story), ["Acme"]);
    story.press("Enter").shows("Calls /!is:quiet/ 1 of 4").shows("filter: !is:quiet");
    // It stays across a reconnect with a new snapshot.
    let floor = Box::new(story.floor().clone());
    story.line_breaks("gone");
    story.fed(callboard::protocol::FeedEvent::Snapshot(floor)).fed(callboard::protocol::FeedEvent::CaughtUp);
    assert_eq!(calls(&story), ["Acme"]);
    story.press("/ ctrl-u").types("acme").press("Esc").shows("filter: !is:quiet");
    assert_eq!(calls(&story), ["Acme"], "Esc restores the filter of before");
    story.press("Esc").shows("filter cleared: !is:quiet");
    assert_eq!(calls(&story).len(), 4);
}

#[test]
fn a_filter_drops_a_hidden_selection_once() {
    let mut story = busy();
    story.press("1 /").types("north").press("Enter");
    assert_eq!(story.desk.call().unwrap().title(), "Support / Northwind");
    // The selected call stays in view when it no longer fits the filter: it is an identity.
    story.press("/ ctrl-u").types("is:held").press("Enter");
    assert_eq!(calls(&story), ["Acme"]);
    story.selects("Bob").press("r y").accepted().notice("stopHoldMusicOperation");
    assert_eq!(calls(&story), ["Acme"]);
    story.press("1 / ctrl-u").types("nobody at all").shows("no call matches the filter");
    assert!(story.desk.call().is_none());
}

#[test]
fn an_operation_that_a_filter_hides_is_not_selected_and_the_reason_is_said() {
    let mut story = busy();
    story.selects("Bob").press("r y").accepted().notice("stopHoldMusicOperation");
    story.press("3 /").types("act:mute").press("Enter :").types("op 3").press("Enter");
    story.shows("operation 3 is there, but the filter act:mute of the operations hides it");
    assert_eq!(story.desk.selected_row(), Some(&RowId::Operation(OperationNumber(2))), "the row that is listed");
}

#[test]
fn an_invalid_filter_suggests_valid_words() {
    let mut story = busy();
    story.press("1 /").types("is:late").shows("is:late is not known here; the nearest is is:live");
    story.press("Enter");
    assert!(matches!(story.desk.modal(), Modal::Filter(_)), "a broken filter is not kept");
    story.press("Esc").shows("no filter");
    assert_eq!(calls(&story).len(), 4);
}

#[test]
fn letters_and_pastes_in_a_filter_are_text() {
    let mut story = busy();
    story.selects("Ada").press("1 /").floods("mysrqHX").has_sent(2);
    assert!(matches!(story.desk.modal(), Modal::Filter(prompt) if prompt.line().text() == "mysrqHX"));
    story.press("ctrl-u").happens(callboard::desk::Event::Pasted("acme\nsupport\u{7}".to_owned()));
    assert_eq!(calls(&story), ["Acme"]);
}

#[test]
fn people_and_operations_are_filtered_and_sorted_too() {
    let mut story = busy();
    story.press("2 /").types("is:held").press("Enter");
    assert_eq!(people(&story), ["Bob"]);
    story
        .press("Esc o")
        .shows("People sorted by alert")
        .press("o")
        .shows("Acme, by name+")
        .shows("People sorted by name");
    assert_eq!(people(&story), ["Ada", "Bob", "Callboard", "Chen Wei", "Dee Ruiz", "E. Fox"]);
    story.press("O").shows("sorted by name, reversed");
    assert_eq!(people(&story)[0], "E. Fox");
    story.press("3 /").types("act:mute").press("Enter").shows("Operations /act:mute/ 1");
    assert_eq!(story.desk.ledger().count(), 1);
}

#[test]
fn a_sort_is_stable_and_can_be_reset() {
    let mut story = busy();
    let own = calls(&story);
    story
        .press("1 o")
        .shows("Calls sorted by alert")
        .press("o")
        .shows("Calls sorted by number")
        .shows("1 Calls 4, by number+");
    assert_eq!(calls(&story), ["Acme", "Northwind", "+42020202234", "Litware"]);
    story.press("O");
    assert_eq!(calls(&story), ["Litware", "+42020202234", "Northwind", "Acme"]);
    story.press("o o o").shows("sorted by people");
    assert_eq!(calls(&story), ["Northwind", "+42020202234", "Litware", "Acme"], "ties by the short number");
    story.press(":").types("sort held").press("Enter").shows("sorted by held");
    assert_eq!(calls(&story)[0], "Acme");
    story.press("O");
    assert_eq!(calls(&story)[0], "Acme", "who has no hold comes last, also turned round");
    story.press(":").types("sort age").press("Enter o").shows("Calls in the default order");
    assert_eq!(calls(&story), own);
}

#[test]
fn the_newest_call_is_followed_until_the_operator_moves() {
    let mut story = busy();
    story.press("1 A").shows("4, following");
    assert_eq!(story.desk.call().unwrap().title(), "Support / Litware");
    story.press("k").hides("following");
    let here = story.desk.call().unwrap().id.clone();
    story.after(1_000);
    assert_eq!(story.desk.call().unwrap().id, here);
}

#[test]
fn an_acknowledged_alert_is_skipped_until_it_gets_worse() {
    let mut story = busy();
    story
        .press("1 !")
        .shows("\u{258c} !!  1  E. Fox")
        .press("a")
        .shows("acknowledged")
        .shows("\u{258c}  -  1  E. Fox")
        .shows("1 seen");
    story.press("! !");
    assert_ne!(story.desk.person().map(|it| &*it.name), Some("E. Fox"), "passed over");
    story.press("1 g").selects("Bob").press("a").shows("\u{258c}  -  1  Bob").shows("2 seen");
    // From a warning to critical: an alert again.
    story.after(60_000).press("1 !").shows("\u{258c} !!  1  Bob").shows(" 2:2");
}

#[test]
fn the_list_of_waits_starts_with_the_longest() {
    let mut story = busy();
    story.press("1 w").shows("w Waiting 2").shows("\u{258c}  !  1  Bob");
    assert_eq!(story.desk.pane(), Pane::Waiting);
    let first = story.desk.waiting()[0].person.name.clone();
    assert_eq!((&*first, story.desk.person().map(|it| it.name.clone())), ("E. Fox", Some("Bob".into())));
    story.press("g");
    assert_eq!(story.desk.person().map(|it| it.name.clone()), Some(first));
    story.press("j");
    let longest: Vec<String> = story.desk.waiting().iter().map(|it| it.person.name.to_string()).collect();
    assert_eq!(story.desk.person().unwrap().name, longest[1].clone().into());
    let mut idle = Story::seated();
    idle.press("w").shows("nobody waits");
}

#[test]
fn calls_can_be_stepped_through_from_any_pane() {
    let mut story = busy();
    story.press("1 o 2 n");
    assert_eq!(story.desk.call().unwrap().number.0, 2);
    assert_eq!(story.desk.pane(), Pane::Participants);
    story.press("N");
    assert_eq!(story.desk.call().unwrap().number.0, 1);
}

#[test]
fn columns_can_be_chosen_ordered_and_sized() {
    let mut columns = PaneColumns::default();
    columns.set_from_list(Pane::Calls, "age, subject:9, muted").unwrap();
    let filter = Filter::parse(Pane::Calls, "is:held").unwrap().unwrap();
    let setup = callboard::desk::DeskSetup { columns, filters: vec![(Pane::Calls, filter)], ..Default::default() };
    let mut story = busy();
    let floor = Box::new(story.floor().clone());
    story.desk = callboard::desk::Desk::new(setup);
    story.fed(callboard::protocol::FeedEvent::Snapshot(floor));
    let screen = story.screen(120, 36);
    let head = screen.lines().skip_while(|it| !it.contains("1 Calls")).nth(1).unwrap();
    let at = |heading| head.find(heading).unwrap_or_else(|| panic!("no {heading}: {head}"));
    assert!(at("MIN") < at("MUTED") && !head.contains("STATE"), "{head}");
    assert!(screen.contains("/is:held/ 1 of 4"), "{screen}");
}

#[test]
fn a_filter_line_shows_its_help_uncut() {
    let mut story = busy();
    let all = FilterVocabulary::of(Pane::Calls).words();
    story.press("1 /");
    let told = |story: &Story, columns: u16, rows: u16| {
        let screen = story.screen(columns, rows);
        let lines = screen.lines().map(|it| it.trim_matches('"').trim_end().to_owned());
        let below: Vec<String> = lines.skip_while(|it| !it.starts_with("  /")).collect();
        below[..below.len() - 1].join("")
    };
    let sizes = [(60, 20), (80, 24), (120, 36), (200, 60)];
    for (columns, rows) in sizes {
        let told = told(&story, columns, rows);
        assert!(all.split(' ').all(|word| told.split(' ').any(|it| it == word)), "{columns}x{rows}: {told}");
    }
    story.types("is:");
    assert!(told(&story, 80, 24).contains("is: completes to: is:alert is:held"), "{}", told(&story, 80, 24));
    story.types("late");
    for (columns, rows) in sizes {
        let told = told(&story, columns, rows);
        let told: Vec<&str> = told.split_whitespace().collect();
        let says = "/is:late█ is:late is not known here; the nearest is is:live; an empty line lists all words";
        assert_eq!(told.join(" "), says, "{columns}x{rows}");
    }
    story.press("ctrl-u");
    assert!(told(&story, 200, 60).contains("is:doubtful subject:"));
    story.types("!pe");
    assert!(told(&story, 80, 24).ends_with("person: people:>N"), "{}", told(&story, 80, 24));
    story.press("ctrl-u").types("acme");
    assert_eq!(told(&story, 80, 24), "  /acme█");
}

#[test]
fn a_message_disappears_after_a_time() {
    let mut story = busy();
    story.press("j H").shows("  hold: one at a time");
    story.after(DeskMessage::STAYS.0 - 1_000).shows("  hold: one at a time");
    story.after(1_000).hides("  hold: one at a time").shows("op 2  mute Ada: UNCONFIRMED");
    story.press("1 o").shows("Calls sorted by alert").after(DeskMessage::STAYS.0).hides("Calls sorted by alert");
    // The time continues on an idle desk, and a repeated message starts it again.
    story.press("o").after(DeskMessage::STAYS.0 / 2).press("o").after(DeskMessage::STAYS.0 / 2 + 1_000);
    story.shows("Calls sorted by subject");
}

#[test]
fn why_an_act_is_off_stands_in_the_card_and_where_there_is_no_card_the_key_says_it() {
    let mut story = Story::seated();
    story.bob_held().after(30_000).selects("Bob").after(30_000);
    assert!(story.screen(120, 36).contains("H hold     not now: on hold already"), "{}", story.screen(120, 36));
    let line = |story: &Story| story.screen(80, 24).lines().rev().nth(1).unwrap().to_owned();
    assert!(!line(&story).contains("H hold"), "{}", line(&story));
    story.press("H").has_sent(1);
    assert!(line(&story).contains("hold: Bob is on hold already"), "{}", line(&story));
}

/// What a confirm hides in a small terminal is counted on its rule, and the keys that scroll reach it.
#[test]
fn a_confirm_reaches_all_that_it_sends_at_every_size() {
    for (columns, rows) in [(60, 20), (80, 24), (120, 36), (200, 60)] {
        let mut story = busy();
        story.press("2 g").selects("Ada").press("m");
        let Modal::Confirm(confirm) = story.desk.modal() else { panic!("no confirm") };
        let request = confirm.bound().request().clone();
        let text = |story: &Story| {
            story
                .screen(columns, rows)
                .lines()
                .map(|it| it.trim_matches('"').trim())
                .collect::<Vec<_>>()
                .concat()
                .replace(' ', "")
        };
        let (mut seen, mut last) = (String::new(), String::new());
        for _ in 0..12 {
            let now = text(&story);
            if now == last {
                break;
            }
            assert!(now.contains("sendsnothing"), "{columns}x{rows}");
            seen.push_str(&now);
            last = now;
            story.press("Down");
        }
        let body = request.body.unwrap();
        for part in ["/mute", "clientContext", &body[body.len() - 14..]] {
            assert!(seen.contains(&part.replace(' ', "")), "{part} is not reached at {columns}x{rows}:\n{seen}");
        }
        let sent = story.sent.len();
        story.press("y").has_sent(sent + 1);
    }
}

#[test]
fn a_confirm_says_what_is_not_sure() {
    let mut story = Story::seated();
    story.selects("Ada").press("m y").accepted().after(20_000);
    story.press("m").shows("not sure   your mute, op 1, has no proof: UNCONFIRMED").press("Esc");
    story.after(130_000).selects("Bob").shows("not sure   no news for ");
    story.press("m").shows("Mute Bob?");
    let sheet = story.screen(150, 40);
    assert_eq!(sheet.matches("not sure   no news for ").count(), 2, "on the card and in the sheet:\n{sheet}");
    assert_eq!(sheet.matches("in the call since before ").count(), 2, "{sheet}");
}

#[test]
fn enter_on_a_wrong_filter_says_what_is_wrong_and_keeps_the_prompt() {
    let mut story = busy();
    story.press("1 /").types("is:hel").press("Enter");
    assert!(matches!(story.desk.modal(), Modal::Filter(_)), "{:?}", story.desk.modal());
    story.shows("not a filter yet, so nothing changed: is:hel is not known here; the nearest is is:held");
    story.types("d").hides("not a filter yet").press("Enter");
    assert_eq!(story.desk.filter(Pane::Calls).map(Filter::text), Some("is:held"));
}

#[test]
fn the_header_keeps_the_time_in_privacy_mode_at_every_size() {
    let mut story = busy();
    story.press("P");
    for (columns, rows) in [(60, 20), (70, 24), (80, 24), (120, 36)] {
        let screen = story.screen(columns, rows);
        let line = screen.lines().next().unwrap();
        let parts = ["SIMULATOR", "LIVE", "PRIVATE", "asks first", "14:35"];
        assert!(parts.iter().all(|it| line.contains(it)), "{columns}x{rows}: {line}");
    }
}

#[test]
fn a_pane_says_which_chosen_columns_have_no_room() {
    let mut story = busy();
    story.press("1 :").types("columns number, subject, state, people, held, lobby, muted, heard, age").press("Enter");
    let rule = |story: &Story, columns| {
        let screen = story.screen(columns, 24);
        screen.lines().find(|it| it.contains("1 Calls")).unwrap().to_owned()
    };
    assert!(rule(&story, 60).contains("no room: "), "{}", rule(&story, 60));
    assert!(!rule(&story, 119).contains("no room"), "{}", rule(&story, 119));
}

#[test]
fn calls_counts_the_ended_calls_apart() {
    let mut story = busy();
    let screen = story.screen(120, 36);
    assert!(screen.contains("1 Calls 4 "), "{screen}");
    story.history.call_said("deleted", &serde_json::json!({"state": "terminated"}));
    story.catches_up();
    let screen = story.screen(120, 36);
    assert!(screen.contains("1 Calls 3, 1 ended "), "{screen}");
}

#[test]
fn a_group_call_without_a_roster_is_not_called_a_one_to_one_call() {
    let mut history = crate::support::journal_builder::History::default();
    history.later(1_795_357_920_000).notified(&serde_json::json!({
        "changeType": "created",
        "resourceUrl": "/communications/calls/0dc90000-0000-0000-0000-000000000009",
        "resourceData": {
            "state": "established", "direction": "incoming", "subject": "Support / Acme",
            "chatInfo": {"threadId": "19:meeting_x@thread.v2"},
            "source": {"identity": {"user": {"displayName": "Ada", "id": "a"}}},
            "targets": [{"identity": {"application": {"displayName": "Callboard", "id": "b"}}}],
        },
    }));
    let mut story = Story::over(history);
    assert_eq!(story.desk.call().unwrap().kind, callboard::floor::CallKind::Group);
    let screen = story.screen(120, 36);
    assert!(screen.contains("no roster") && !screen.contains("1:1"), "{screen}");
    story.press("2 g d").shows("Party of a call whose roster has not arrived").press("Esc m");
    story.shows("the roster of this call has not arrived");
}
