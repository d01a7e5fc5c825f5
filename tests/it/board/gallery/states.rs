//! The states of the gallery, and the steps that lead to each.

use callboard::desk::{ConfirmMode, Desk, DeskSetup, Event};
use callboard::floor::{Fact, Noted, Outcome};
use callboard::protocol::{FeedEvent, HelloFrame, Role};
use callboard::time::Millis;
use serde_json::json;

use crate::board::screens::busy;
use crate::support::desk_driver::Story;
use crate::support::journal_builder::{BOB, History, ME, but, person};

/// A state, and the steps that lead to it.
pub(crate) type State = (&'static str, fn() -> Story);

fn busy_after(keys: &str) -> Story {
    let mut story = busy();
    story.press(keys);
    story
}

pub(crate) fn presenting_after(keys: &str) -> Story {
    let mut story = crate::presenter::presentation::presenting();
    story.press(keys);
    story
}

/// Eight people, all of them marked.
pub(crate) fn marked_after(keys: &str) -> Story {
    let mut story = crate::desk::bulk_acts::crowd();
    story.press(":").types("mark-filtered").press("Enter").press(keys);
    story
}

fn greeted(story: &mut Story, label: &str, role: Role) {
    let now = story.history.now();
    story
        .fed(FeedEvent::Hello(HelloFrame {
            label: label.into(),
            operator: "dana".into(),
            role,
            now,
            ..HelloFrame::default()
        }))
        .fed(FeedEvent::CaughtUp);
}

fn set_up(setup: DeskSetup) -> Story {
    let mut story = busy();
    story.desk = Desk::new(DeskSetup { seed: 42, ..setup });
    let floor = Box::new(story.floor().clone());
    let now = story.history.now();
    let greeting = HelloFrame {
        label: "SIMULATOR".into(),
        operator: "dana".into(),
        role: Role::Operator,
        now,
        ..HelloFrame::default()
    };
    story
        .fed(FeedEvent::Hello(greeting))
        .fed(FeedEvent::Snapshot(floor))
        .fed(FeedEvent::CaughtUp)
        .presence("lee")
        .selects("Bob");
    story
}

/// Bob's hold, tried twice and proved.
fn proved() -> Story {
    let mut story = Story::seated();
    story.selects("Bob").press("H y").journalled();
    let ticket = callboard::floor::Ticket(story.ticket().into());
    story.after(300).history.fact(Fact::Noted(Noted::AttemptStarted { ticket, attempt: 2 }));
    let ticket = story.ticket();
    story.catches_up().answers(&ticket, 202, "startHoldMusicOperation", "running");
    story.notice("startHoldMusicOperation").press("3 Enter");
    crate::modal::operation_trace::relay_reads(&mut story);
    story
}

fn noted(noted: Noted) -> Story {
    let mut story = busy();
    story.history.fact(Fact::Noted(noted));
    story.catches_up();
    story
}

fn hostile() -> Story {
    let mut story = Story::seated();
    let names = [
        "\u{1b}[2J\u{1b}]52;c;QUJD\u{7}Ada",
        "Ada \u{202e}enryB",
        "דנה כהן",
        "陳偉陳偉陳偉陳偉陳偉陳偉",
        "👩\u{200d}💻 Kim",
    ];
    let people = names.iter().enumerate();
    let mut people: Vec<_> =
        people.map(|(at, name)| person(&format!("44444444-0000-0000-0000-00000000000{at}"), name)).collect();
    people.push(person(ME, "Callboard"));
    people.push(but(person(BOB, &"long name ".repeat(20)), &json!({"isInLobby": true})));
    story.history.later(1_000).roster(&people);
    story.history.call_said("updated", &json!({"subject": "line\none\u{2028}two\u{9b}31m"}));
    story.catches_up().press("2 g m");
    story
}

/// Lists every pane, every modal, and every state with a different appearance.
pub(crate) const STATES: &[State] = &[
    ("people", busy),
    ("calls", || busy_after("1")),
    ("operations", || busy_after("3")),
    ("dark", || Story::dark(History::default())),
    ("stale", || {
        let mut story = busy();
        story.line_breaks("the relay closed the line: restart").after(1_200);
        story
    }),
    ("not_let_in", || {
        let mut story = busy();
        story.fed(FeedEvent::Refused("the operator's token is not known here: ask for a new one".into()));
        story
    }),
    ("losing", || {
        let mut story = busy();
        let now = story.history.now();
        story.fed(FeedEvent::Refusing(Some(now)));
        story
    }),
    ("gap", || noted(Noted::Gap { reason: "the disk was full".into(), from: None })),
    ("refused", || noted(Noted::Refused { reason: "wrong audience".into(), count: 1_234 })),
    ("paused", || {
        let mut story = busy_after("p");
        story.roster(&json!({"isMuted": true}));
        story
    }),
    ("read_only", || busy_after("W")),
    ("viewer", || {
        let mut story = busy();
        greeted(&mut story, "Contoso, Prague and Brno contact centres, production", Role::Viewer);
        story
    }),
    ("fast", || set_up(DeskSetup { pace: ConfirmMode::Fast, ..DeskSetup::default() })),
    ("idle", || {
        let mut story = set_up(DeskSetup { idle_lock: Some(Millis::minutes(1)), ..DeskSetup::default() });
        story.after(61_000);
        story
    }),
    ("private", || busy_after("P")),
    ("marked", || busy_after("Space j Space")),
    ("acknowledged", || busy_after("1 ! a")),
    ("filtered_out", || {
        let mut story = busy_after("1 /");
        story.types("nobody at all").press("Enter");
        story
    }),
    ("sorted", || busy_after("1 o o o A")),
    ("confirm", || busy_after("r")),
    ("confirm_typed", || {
        let mut story = busy_after("X");
        story.types("Bo").press("Enter");
        story
    }),
    ("confirm_hang_up", || {
        let mut story = busy_after(":");
        story.types("hang-up").press("Enter");
        story
    }),
    ("confirm_forced", || {
        let mut story = busy();
        story
            .line_breaks("the relay closed the line: restart")
            .after(72_000)
            .press(":")
            .types("force mute")
            .press("Enter");
        story
    }),
    ("refused_by_us", || busy_after("j H")),
    ("details_of_a_call", || busy_after("1 d")),
    ("details_of_a_person", || busy_after("Enter")),
    ("details_of_an_operation", proved),
    ("details_of_one_under_way", || busy_after("3 Enter")),
    ("details_of_one_refused", || {
        let mut story = Story::seated();
        story.selects("Bob").press("m y").journalled().after(70);
        let ticket = story.ticket();
        let body = json!({"error": {"code": "7503", "message": "the application may not do this"}});
        let body = Some(crate::support::journal_builder::raw(&body));
        story.history.outcome(&ticket, Outcome::Replied { status: 403, location: None, body });
        story.catches_up().press("3 Enter");
        crate::modal::operation_trace::relay_reads(&mut story);
        story
    }),
    ("details_of_what_was_not_sent", || busy_after("j H 3 g Enter")),
    ("help", || busy_after("?")),
    ("help_searched", || {
        let mut story = busy_after("? /");
        story.types("hold");
        story
    }),
    ("palette", || {
        let mut story = busy_after(":");
        story.types("mu");
        story
    }),
    ("palette_wrong", || {
        let mut story = busy_after(":");
        story.types("sort colour").press("Enter");
        story
    }),
    ("filter", || {
        let mut story = busy_after("1 /");
        story.types("acme");
        story
    }),
    ("filter_wrong", || {
        let mut story = busy_after("1 /");
        story.types("is:late");
        story
    }),
    ("waiting", || busy_after("w")),
    ("evidence_asked", || busy_after("i")),
    ("evidence", crate::modal::evidence::shown),
    ("story", || busy_after("S")),
    ("story_of_all_that_can_be", || {
        let mut story = crate::modal::timeline::eventful();
        story.selects("Bob").press("S h h h");
        story
    }),
    ("hour", || {
        let mut story = crate::modal::last_hour::half_an_hour();
        story.press("V");
        story
    }),
    ("notes", || presenting_after("D D")),
    ("faults", || presenting_after("F G")),
    ("begin_again", || presenting_after("B")),
    ("bulk", || marked_after("m")),
    ("bulk_typed", || marked_after("X")),
    ("bulk_under_way", || {
        let mut story = marked_after("m y");
        crate::desk::bulk_acts::answered(&mut story, 0, 200);
        story
    }),
    ("bulk_open", || {
        let mut story = marked_after("m y");
        crate::desk::bulk_acts::answered(&mut story, 0, 200);
        crate::desk::bulk_acts::answered(&mut story, 1, 403);
        story.press("3 g Enter");
        story
    }),
    ("quit", || {
        let mut story = busy();
        story.selects("Ada").press("H y").accepted().press("q");
        story
    }),
    ("larger_pane", || {
        let mut story = busy();
        story.happens(Event::Resized(80, 24)).press("3 + +");
        story
    }),
    ("hostile", hostile),
];
