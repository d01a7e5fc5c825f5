//! The list of calls is kept from change to change. After every change it is the list that a new desk makes of the same
//! floor, in each order and under each filter.

use callboard::desk::{Column, Desk, DeskSetup, Event, Filter, Pane, PaneSort, Stamped, update};
use callboard::floor::{Entry, Fact, Noted};
use callboard::graph::CallId;
use callboard::protocol::{FeedEvent, HelloFrame, Role};
use callboard::time::ClockMoveCause;
use crossterm::event::{KeyCode, KeyEvent};
use proptest::prelude::*;
use serde_json::json;

use crate::support::journal_builder::{ADA, BOB, History, but, person};

/// The orders and filters, `column` or `-column` before a filter.
const VIEWS: [(&str, &str); 13] = [
    ("", ""),
    ("alert", ""),
    ("-alert", ""),
    ("held", ""),
    ("-subject", ""),
    ("muted", "is:live"),
    ("-heard", ""),
    ("", "is:alert"),
    ("", "!is:quiet held:<40"),
    ("age", "quiet:>20"),
    ("", "is:mine"),
    ("state", "lobby:>10"),
    ("", "person:ada"),
];

/// Something that happens on a floor of six calls.
#[derive(Debug, Clone)]
enum Step {
    State(u8, &'static str),
    Roster(u8, serde_json::Value),
    Asked,
    Gap,
    ClockBack,
    Later(i64),
    Select(u8),
    Key,
}

fn id(call: u8) -> String {
    format!("00000000-0000-0000-0000-00000000000{}", call % 6)
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let state = prop::sample::select(vec!["established", "ringing", "terminating", "terminated", "transferring"]);
    let ada = prop::sample::select(vec![
        json!([but(person(ADA, "Ada"), &json!({"isMuted": true})), person(BOB, "Bob")]),
        json!([but(person(ADA, "Ada"), &json!({"mediaStreams": {"direction": "inactive"}}))]),
        json!([but(person(BOB, "Bob"), &json!({"isInLobby": true}))]),
        json!([person(ADA, "Ada")]),
    ]);
    let step = prop_oneof![
        3 => (0..6_u8, state).prop_map(|(call, state)| Step::State(call, state)),
        5 => (0..6_u8, ada).prop_map(|(call, people)| Step::Roster(call, people)),
        1 => Just(Step::Asked),
        1 => Just(Step::Gap),
        1 => Just(Step::ClockBack),
        4 => prop::sample::select(vec![200_i64, 1_000, 9_500, 31_000, 61_000, 650_000]).prop_map(Step::Later),
        2 => (0..6_u8).prop_map(Step::Select),
        2 => Just(Step::Key),
    ];
    prop::collection::vec(step, 1..40)
}

/// A desk and the journal behind it.
struct Console {
    desk: Desk,
    history: History,
    sent: usize,
    /// The end of the time in which rows are held after the last key, in wall time.
    held_until: i64,
}

fn setup((sort, filter): (&str, &str)) -> DeskSetup {
    let by = |name: &str| Column::of(Pane::Calls).find(|it| it.name == name).unwrap();
    let (reversed, name) = sort.strip_prefix('-').map_or((false, sort), |name| (true, name));
    let sorts = (!name.is_empty()).then(|| (Pane::Calls, PaneSort { by: by(name), reversed }));
    let filters = Filter::parse(Pane::Calls, filter).unwrap().map(|it| (Pane::Calls, it));
    DeskSetup { sorts: sorts.into_iter().collect(), filters: filters.into_iter().collect(), ..DeskSetup::default() }
}

impl Console {
    fn of(setup: DeskSetup, history: History) -> Self {
        let mut console = Self { desk: Desk::new(setup), sent: history.entries.len(), history, held_until: i64::MIN };
        let hello = HelloFrame {
            operator: "dana".into(),
            role: Role::Operator,
            now: console.history.now(),
            ..HelloFrame::default()
        };
        console.happens(Event::Fed(FeedEvent::Hello(hello)));
        console.happens(Event::Fed(FeedEvent::Snapshot(Box::new(console.history.floor.clone()))));
        console.happens(Event::Fed(FeedEvent::CaughtUp));
        console
    }

    fn happens(&mut self, event: Event) {
        let at = self.history.now();
        update(&mut self.desk, Stamped { at, wall: at, read: None, event });
    }

    fn does(&mut self, step: &Step) {
        match step {
            Step::State(call, state) => {
                let change = if *state == "terminated" { "deleted" } else { "updated" };
                self.history.notified(&json!({
                    "changeType": change, "resourceUrl": format!("/communications/calls/{}", id(*call)),
                    "resourceData": {"state": state, "subject": format!("Subject {}", call * 5 % 6), "meetingInfo": {}},
                }));
            }
            Step::Roster(call, people) => {
                self.history.notified(&json!({
                    "changeType": "updated", "resourceUrl": format!("/communications/calls/{}/participants", id(*call)),
                    "resourceData": people,
                }));
            }
            Step::Asked => {
                let ticket = format!("t{}", self.history.entries.len());
                self.history.asked(&ticket, callboard::floor::Act::Mute, Some(BOB));
            }
            Step::Gap => {
                self.history.fact(Fact::Noted(Noted::Gap { reason: "a test".into(), from: None }));
            }
            Step::ClockBack => {
                self.history.clock_moved(-3_000, ClockMoveCause::WallTime);
            }
            Step::Later(millis) => {
                self.history.later(*millis);
            }
            Step::Select(call) => self.happens(Event::Selected(CallId::new(&id(*call)).unwrap(), None)),
            Step::Key => {
                self.held_until = self.history.now().0 + 1_500;
                self.happens(Event::Pressed(KeyEvent::from(KeyCode::Down)));
            }
        }
        let news: Vec<Entry> = self.history.entries.iter().skip(self.sent).cloned().collect();
        self.sent = self.history.entries.len();
        if !news.is_empty() {
            self.happens(Event::Fed(FeedEvent::Entries(news)));
        }
        self.happens(Event::Ticked);
    }

    fn list(&self) -> Vec<String> {
        self.desk.calls().map(|it| it.id.to_string()).collect()
    }
}

/// Compares what is shown with what the list itself says of it.
fn check_counts(desk: &Desk) {
    let calls: Vec<_> = desk.calls().collect();
    assert_eq!(desk.live_call_count(), calls.iter().filter(|it| it.is_live()).count());
    let (first, rows) = desk.call_window(3);
    let expected: Vec<_> = calls.iter().skip(first).take(3).map(|it| &it.id).collect();
    assert_eq!(rows.iter().map(|it| &it.id).collect::<Vec<_>>(), expected);
    if let Some(selected) = desk.call().filter(|call| calls.iter().any(|it| it.id == call.id)) {
        assert!(rows.iter().any(|it| it.id == selected.id), "the selected call is in the window");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_list_that_is_kept_is_the_one_that_is_made_anew(steps in steps(), view in 0..VIEWS.len()) {
        let setup = setup(VIEWS[view]);
        let mut history = History::default();
        history.later(1_795_357_920_000).seat();
        let mut kept = Console::of(setup.clone(), history);
        for step in &steps {
            kept.does(step);
            check_counts(&kept.desk);
            let mut now = Console::of(setup.clone(), kept.history.clone());
            if let Some(selected) = kept.desk.call() {
                now.happens(Event::Selected(selected.id.clone(), None));
            }
            now.happens(Event::Ticked);
            // While rows are held after a key, they stand where they were.
            if kept.history.now().0 >= kept.held_until {
                prop_assert_eq!(kept.list(), now.list(), "{:?} under {:?}", step, VIEWS[view]);
            }
        }
    }
}
