//! Tests of preferences: the idle lock, notices, FAST, the sizes of panes, and the search in the help.

use callboard::desk::{ConfirmMode, Desk, DeskSetup, Effect, Event, KEYS, Modal, NoticeMethod, Pane, SettingsUpdate};
use callboard::protocol::{FeedEvent, HelloFrame, Role};
use callboard::time::Millis;
use crossterm::event::KeyModifiers;
use serde_json::json;

use crate::support::desk_driver::{Story, key};
use crate::support::journal_builder::{BOB, ME, but, person};

/// Dana's desk over the same call, with this setup.
pub(crate) fn set_up(setup: DeskSetup) -> Story {
    let mut story = Story::seated();
    story.desk = Desk::new(DeskSetup { seed: 42, ..setup });
    greet(&mut story);
    let floor = Box::new(story.floor().clone());
    story.fed(FeedEvent::Snapshot(floor)).fed(FeedEvent::CaughtUp);
    story
}

/// The relay greets dana.
pub(crate) fn greet(story: &mut Story) {
    let now = story.history.now();
    story.fed(FeedEvent::Hello(HelloFrame {
        label: "SIMULATOR".into(),
        operator: "dana".into(),
        role: Role::Operator,
        now,
        ..HelloFrame::default()
    }));
}

fn locked(minutes: i64) -> Story {
    set_up(DeskSetup { idle_lock: Some(Millis::minutes(minutes)), ..DeskSetup::default() })
}

#[test]
fn an_idle_desk_is_read_only_and_says_how_to_unlock_it() {
    let mut story = locked(5);
    story.selects("Bob").after(299_000).shows("asks first").press("k j").after(299_900).shows("asks first");
    story.after(200).shows("READ ONLY").shows("no key pressed for 5 min: acts are off; W turns them on");
    story.press("m").has_sent(0).shows("read only after 5 min without a key: W turns acts on");
    story.press("W").shows("acts are on").shows("asks first").press("m y").has_sent(1);
    // A desk that the operator made read-only has a different reason.
    story.press("W m").shows("read only: W turns acts on").press("W");
    // The mouse counts as activity. Without the setting a desk never locks.
    story.after(200_000).happens(Event::Wheeled(Pane::Participants, callboard::desk::Motion::Down));
    story.after(200_000).shows("asks first");
    let mut story = Story::seated();
    story.press("1").after(86_400_000).shows("asks first");
}

#[test]
fn locking_closes_a_confirm_and_a_bulk_act_continues() {
    let mut story = locked(1);
    story.selects("Bob").press("m").after(61_000).shows("READ ONLY");
    assert_eq!(*story.desk.modal(), Modal::None);
    story.press("y").has_sent(0);
    let mut story = locked(1);
    super::bulk_acts::roster(&mut story, &[]);
    story.press("2 g Space j Space j Space j Space j Space m y").has_sent(4);
    story.after(120_000).shows("asks first");
}

#[test]
fn new_settings_never_lock_a_desk_in_use_immediately() {
    let mut story = Story::seated();
    story.press("1").after(600_000);
    let setup = DeskSetup { idle_lock: Some(Millis::minutes(1)), ..DeskSetup::default() };
    let news = SettingsUpdate { setup: Some(Box::new(setup)), said: String::new(), warning: false };
    story.happens(Event::SettingsChanged(news)).after(30_000).shows("asks first").after(31_000).shows("READ ONLY");
}

fn alarms(story: &Story) -> Vec<(NoticeMethod, String)> {
    let alarm = |it: &Effect| match it {
        Effect::Notify(notice, text) => Some((*notice, text.clone())),
        _ => None,
    };
    story.effects.iter().filter_map(alarm).collect()
}

#[test]
fn each_critical_wait_is_notified_once() {
    let mut story = set_up(DeskSetup { notice: NoticeMethod::Osc9, ..DeskSetup::default() });
    story.bob_held().after(100_000);
    assert_eq!(alarms(&story), []);
    story.after(25_000);
    let told = vec![(NoticeMethod::Osc9, "callboard: Bob has been on hold for 2:00 in call 1".to_owned())];
    assert_eq!(alarms(&story), told);
    for _ in 0..20 {
        story.after(30_000);
    }
    assert_eq!(alarms(&story).len(), 1, "the same wait is told once");
    story.fed(FeedEvent::Snapshot(Box::new(story.floor().clone()))).press("P").after(1_000).press("P p p").after(5_000);
    assert_eq!(alarms(&story).len(), 1, "also after a new board, and under other names");
    story.selects("Bob").press("r y").accepted().notice("stopHoldMusicOperation");
    story.press("H y").accepted().notice("startHoldMusicOperation").after(121_000);
    assert_eq!(alarms(&story).len(), 2, "another wait of the same person is another alert");
}

#[test]
fn simultaneous_waits_are_one_notice_without_acknowledged_or_stale_ones() {
    let lobby = |story: &mut Story, count: usize| {
        let mut people = vec![person(ME, "Callboard"), person(BOB, "Bob")];
        for at in 0..count {
            let id = format!("6666000{at}-0000-0000-0000-000000000000");
            people.push(but(person(&id, &format!("Guest {at}")), &json!({"isInLobby": true})));
        }
        story.history.later(100).roster(&people);
        story.catches_up();
    };
    let mut story = set_up(DeskSetup { notice: NoticeMethod::Bell, ..DeskSetup::default() });
    lobby(&mut story, 3);
    story.after(61_000);
    let all = alarms(&story);
    assert_eq!(all.len(), 1, "{all:?}");
    assert!(all[0].0 == NoticeMethod::Bell && all[0].1.ends_with("in call 1, and 2 more"), "{all:?}");

    let mut story = set_up(DeskSetup { notice: NoticeMethod::Bell, ..DeskSetup::default() });
    lobby(&mut story, 1);
    story.line_breaks("gone").after(61_000);
    assert_eq!(alarms(&story), [], "a board that stands still knows nothing new");
    let mut story = Story::seated();
    lobby(&mut story, 1);
    story.after(61_000);
    assert_eq!(alarms(&story), [], "off by default");
}

#[test]
fn the_settings_set_fast_unless_the_operator_has() {
    let mut story = Story::seated();
    let retune = |story: &mut Story, pace| {
        let setup = Some(Box::new(DeskSetup { pace, ..DeskSetup::default() }));
        story.happens(Event::SettingsChanged(SettingsUpdate { setup, said: String::new(), warning: false }));
    };
    retune(&mut story, ConfirmMode::Fast);
    story.shows("  FAST  ").press(":").types("fast").press("Enter").shows("  asks first  ");
    retune(&mut story, ConfirmMode::Fast);
    story.shows("  asks first  ");
}

/// The row of a section's rule.
fn rule_of(screen: &str, title: &str) -> usize {
    let at = screen.lines().position(|it| it.contains(title));
    at.unwrap_or_else(|| panic!("no {title} in\n{screen}"))
}

/// The rows of the calls, the people and the operations, each with its rule, where they stand one above the other.
fn stacked_rows(screen: &str) -> [usize; 3] {
    let [calls, people, operations] = ["1 Calls", "2 Call 1", "3 Operations"].map(|it| rule_of(screen, it));
    [people - calls, operations - people, operation_rows(screen)]
}

/// The rows from the rule of the operations to the line of the message.
fn operation_rows(screen: &str) -> usize {
    screen.lines().count() - 2 - rule_of(screen, "3 Operations")
}

fn width_of_calls(screen: &str) -> usize {
    let rule = screen.lines().nth(rule_of(screen, "1 Calls")).unwrap().trim_matches('"').to_owned();
    let byte = rule.find(" 2 Call 1").unwrap();
    rule[..byte].chars().count() - 3
}

#[test]
fn the_focused_pane_grows_and_shrinks_within_bounds() {
    let mut story = crate::board::screens::busy();
    story.happens(Event::Resized(80, 24)).press("1");
    let rows = |story: &Story| stacked_rows(&story.screen(80, 24));
    assert_eq!(rows(&story), [6, 6, 3]);
    assert_eq!(rows(story.press("+").shows("the Calls pane is larger")), [7, 5, 3]);
    assert_eq!(rows(story.press("+ + +")), [8, 4, 3]);
    story.shows("the Calls pane cannot be larger here");
    assert_eq!(rows(story.press("_ _ _ _ _ _ _ _ _")), [4, 8, 3]);
    story.shows("the Calls pane cannot be smaller here");
    assert_eq!(rows(story.press("3 + +")), [4, 6, 5]);
    assert_eq!(rows(story.press("2 + +")), [4, 8, 3]);
    assert_eq!(rows(story.press("_")), [5, 7, 3]);
    let mut wide = crate::board::screens::busy();
    wide.happens(Event::Resized(120, 36)).press("1");
    assert_eq!(width_of_calls(&wide.screen(120, 36)), 60);
    assert!(width_of_calls(&wide.press("+").screen(120, 36)) > 60);
    assert_eq!(width_of_calls(&wide.press("2 +").screen(120, 36)), 60);
    assert_eq!(
        width_of_calls(&wide.press("+ + + + + + + + +").screen(120, 36)),
        36,
        "the border goes 24 columns at most"
    );
    let before = operation_rows(&wide.screen(120, 36));
    assert_eq!(operation_rows(&wide.press("3 +").screen(120, 36)), before + 1);
    // The palette has them too.
    wide.press(":").types("shrink").press("Enter");
    assert_eq!(operation_rows(&wide.screen(120, 36)), before);
}

#[test]
fn sizes_that_no_longer_fit_are_dropped() {
    let mut story = crate::board::screens::busy();
    story.happens(Event::Resized(80, 30)).press("1 + + + + + + +");
    story.happens(Event::Resized(80, 29));
    story.happens(Event::Resized(80, 24)).shows("the panes are back to their default sizes");
    story.happens(Event::Resized(60, 20)).press("+").shows("this terminal shows one pane at a time");
    // Every size that can be come to is drawn, at every size of the terminal.
    for keys in ["1 + + +", "3 + + + + + +", "2 + + +", "3 _ _ _"] {
        for (columns, rows) in [(80, 24), (100, 28), (120, 36), (110, 30)] {
            story.happens(Event::Resized(columns, rows)).press(keys);
            let screen = story.screen(columns, rows);
            let least = if columns < 120 { stacked_rows(&screen) } else { [operation_rows(&screen); 3] };
            for (rows_of_pane, least) in least.into_iter().zip([4, 4, 3]) {
                assert!(rows_of_pane >= least, "{columns}x{rows} after {keys}\n{screen}");
            }
        }
    }
}

#[test]
fn the_help_can_be_searched() {
    let mut story = Story::seated();
    story.press("2 ?").shows("/ search").shows("Mute the participant").shows("Undo your last operation");
    story
        .press("/")
        .types("HOLD take")
        .shows("Keys with: HOLD take_")
        .shows("Take the participant off hold")
        .hides("Undo your last operation");
    story.hides("READ ONLY").has_sent(0);
    story.press("Enter").shows("Keys with HOLD take").press("/ Esc").shows("Undo your last operation");
    // Its letters are no commands, and every row of the table is found by its name.
    for key in KEYS {
        story.press("Esc 2 ? /").types(key.name);
        let found: Vec<_> = match story.desk.modal() {
            Modal::Help(help) => story.desk.help_keys(help).map(|it| it.name).collect(),
            other => panic!("{other:?}"),
        };
        assert!(found.contains(&key.name), "{}: {found:?}", key.name);
        story.press("Esc");
    }
    story.has_sent(0).press("/").types("no such thing").shows("no key and no sign matches").press("Esc q");
    assert_eq!(*story.desk.modal(), Modal::None, "any other key closes");
    assert!(!story.effects.contains(&Effect::Quit));
    // A sign is found as well.
    story.press("? /").types("unconfirmed").shows("the call has not shown the change in time").press("Down");
    assert_eq!(key("Down").modifiers, KeyModifiers::NONE);
}

#[test]
fn a_failed_copy_replaces_the_success_message() {
    let mut story = Story::seated();
    story.selects("Bob").press("Y").shows("copied as curl");
    story.happens(Event::NotCopied("nothing was copied: it has 80000 bytes".into()));
    story.hides("copied as curl").shows("nothing was copied: it has 80000 bytes");
}
