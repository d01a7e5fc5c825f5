//! The law of the desk: with any keys and events, nothing panics, and only a confirm sends.

use callboard::desk::{
    ClickedRow, Confirm, Event, GateAnswer, KEYS as TABLE, Modal, Motion, Pane, ParticipantRef, TypedWord,
};
use callboard::floor::{GraphReading, Ticket};
use callboard::graph::GraphAction;
use callboard::protocol::FeedEvent;
use proptest::prelude::*;
use serde_json::json;

use crate::support::desk_driver::{Story, key};

#[derive(Debug, Clone)]
enum Step {
    Press(&'static str),
    Roster(u8),
    Notice(bool),
    Line(bool),
    Gone,
    Answered(usize),
    /// A command of the palette, by its place in the key table.
    Named(usize),
    /// An act that the palette forces.
    Forced(&'static str),
    /// A click on a row of a pane, by its place.
    Click(u8, usize),
    Wheel(u8, bool),
    Paste,
    Size(u16, u16),
}

/// Every key with a meaning in some context, and some without.
const KEYS: &str = "j k g G Tab BackTab 1 2 3 Enter Esc ? m r H s X W p ! ctrl-r ctrl-d ctrl-c q y n R E M O V Backspace \
    PgDn Up Space v \\ / a w o A N i u : . , D F B 0 l h S z Left Right + _ P ctrl-s";

fn step() -> impl Strategy<Value = Step> {
    let keys = prop::sample::select(KEYS.split(' ').collect::<Vec<_>>());
    prop_oneof![
        8 => keys.prop_map(Step::Press),
        4 => Just(Step::Press("y")),
        2 => any::<u8>().prop_map(Step::Roster),
        1 => any::<bool>().prop_map(Step::Notice),
        1 => any::<bool>().prop_map(Step::Line),
        1 => Just(Step::Gone),
        1 => Just(Step::Press("Space")),
        2 => (0..9_usize).prop_map(Step::Answered),
        2 => (0..TABLE.len()).prop_map(Step::Named),
        1 => prop::sample::select(vec!["mute", "release", "hold", "remove"]).prop_map(Step::Forced),
        1 => Just(Step::Named(TABLE.iter().position(|it| it.name == "fast").unwrap())),
        2 => (0..3_u8, 0..12_usize).prop_map(|(pane, at)| Step::Click(pane, at)),
        1 => (0..3_u8, any::<bool>()).prop_map(|(pane, down)| Step::Wheel(pane, down)),
        1 => Just(Step::Paste),
        1 => prop::sample::select(vec![(60, 20), (80, 24), (120, 36), (20, 3)]).prop_map(|it| Step::Size(it.0, it.1)),
    ]
}

fn perform(story: &mut Story, step: &Step) {
    match step {
        Step::Press(name) => {
            // What goes ahead in FAST is still on its way when the next step begins.
            story.press_every(300, name);
            if story.desk.modal().asks() {
                story.reads();
            }
        }
        Step::Roster(bits) => {
            let bob = json!({
                "isMuted": bits & 1 > 0, "isInLobby": bits & 2 > 0,
                "mediaStreams": {"direction": if bits & 4 > 0 { "inactive" } else { "sendReceive" }},
            });
            story.roster(&bob);
        }
        Step::Notice(start) if !story.sent.is_empty() => {
            let kind = if *start { "startHoldMusicOperation" } else { "stopHoldMusicOperation" };
            story.accepted().notice(kind);
        }
        Step::Notice(_) => {}
        Step::Line(true) => {
            story.fed(FeedEvent::CaughtUp);
        }
        Step::Line(false) => {
            story.line_breaks("gone");
        }
        Step::Answered(back) => {
            if let Some(send) = story.sent.iter().rev().nth(*back) {
                let answer = GateAnswer::Replied { status: 200, body: String::new() };
                story.happens(Event::Answered(send.ticket.clone(), answer));
            }
        }
        Step::Named(at) => {
            // Esc leaves what lies there; a desk in which letters are text gets them as text.
            story.press("Esc Esc :").types(TABLE[*at].name).press("Enter");
        }
        Step::Forced(act) => {
            story.press("Esc Esc :").types(&format!("force {act}")).press("Enter");
        }
        Step::Click(pane, at) => {
            let pane = Pane::ALL[usize::from(*pane)];
            let picked = picked(story, pane, *at);
            story.happens(Event::Clicked(pane, picked));
        }
        Step::Wheel(pane, down) => {
            let motion = if *down { Motion::Down } else { Motion::Up };
            story.happens(Event::Wheeled(Pane::ALL[usize::from(*pane)], motion));
        }
        Step::Paste => {
            story.happens(Event::Pasted("my".to_owned()));
        }
        Step::Size(columns, rows) => {
            story.happens(Event::Resized(*columns, *rows));
        }
        Step::Gone => {
            story.history.observed(GraphReading::Gone);
            story.catches_up();
        }
    }
}

fn picked(story: &Story, pane: Pane, at: usize) -> Option<ClickedRow> {
    match pane {
        Pane::Waiting => {
            story.desk.waiting().get(at).map(|it| ClickedRow::Waiting(it.call.id.clone(), it.person.id.clone()))
        }
        Pane::Events => None,
        Pane::Calls => story.desk.calls().nth(at).map(|it| ClickedRow::Call(it.id.clone())),
        Pane::Participants => {
            let call = story.desk.call()?.id.clone();
            story.desk.participants().get(at).map(|it| ClickedRow::Who(call, it.id()))
        }
        Pane::Operations => story.desk.ledger().nth(at).map(|it| ClickedRow::Row(it.id())),
    }
}

/// Whom a confirm of one names stands on the screen, by id; in FAST, where it answers itself, as the selected row.
fn is_on_the_screen(story: &Story, confirm: &Confirm) -> bool {
    let screen = story.screen(60, 20);
    match confirm.bound().action().participant() {
        Some(id) if confirm.arming().goes_ahead() => {
            let name = story.desk.person().filter(|it| it.id == *id).map(|it| it.name.to_string());
            let name = name.unwrap_or_else(|| panic!("another one is selected than {id}"));
            screen.lines().any(|it| it.starts_with("\"\u{258c}") && it.contains(&name))
        }
        Some(id) => screen.contains(&id.0.short()),
        None => true,
    }
}

/// What happens without a hand takes nobody for another: who is selected and still there stays selected.
fn kept(before: &(Option<callboard::graph::CallId>, Option<ParticipantRef>), story: &Story) -> bool {
    let call = |id: &callboard::graph::CallId| story.desk.floor().call(id).is_some();
    let same_call = before.0.as_ref().is_none_or(|it| !call(it) || story.desk.call().is_some_and(|now| now.id == *it));
    let there = |who: &ParticipantRef| story.desk.participants().iter().any(|it| it.id() == *who);
    same_call && before.1.as_ref().is_none_or(|who| !there(who) || story.desk.selected_participant() == Some(who))
}

fn by_hand(step: &Step) -> bool {
    matches!(step, Step::Press(_) | Step::Named(_) | Step::Forced(_) | Step::Click(..) | Step::Wheel(..))
}

fn selected(story: &Story) -> (Option<callboard::graph::CallId>, Option<ParticipantRef>) {
    (story.desk.call().map(|it| it.id.clone()), story.desk.selected_participant().cloned())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn only_a_confirm_that_named_its_target_sends(steps in prop::collection::vec(step(), 1..60)) {
        let mut story = Story::on_stage(false);
        crate::presenter::presentation::told(&mut story);
        super::bulk_acts::roster(&mut story, &[]);
        story.press("2 j");
        // The confirmed targets. In privacy mode a confirm shows pseudonyms, so its ticket identifies it.
        let mut confirmed: Vec<(Option<GraphAction>, Ticket)> = Vec::new();
        for step in &steps {
            let asked = match story.desk.modal() {
                Modal::Confirm(confirm) => Some(confirm.clone()),
                _ => None,
            };
            let said = |it: &Confirm| -> String {
                story.desk.confirm_facts(it).iter().map(callboard::desk::ConfirmFact::text).collect::<Vec<_>>().join("\n")
            };
            let said = asked.as_ref().map(|it| said(it)).unwrap_or_default();
            let before = story.sent.len();
            let was = selected(&story);
            if let Some(confirm) = asked.as_ref().filter(|it| it.many().is_none()) {
                prop_assert!(is_on_the_screen(&story, confirm), "{}\n{}", confirm.question(), story.screen(60, 20));
            }
            // On a stale board only forced acts are sent, whose confirm lists the objections.
            let stale = !story.desk.link().is_live();
            let private = story.desk.is_private();
            let named = |action: &GraphAction| (!private).then(|| action.clone());
            // What is pasted into the line of a filter is typed there: it may let go of what it does not let through.
            let filters = matches!((story.desk.modal(), step), (Modal::Filter(_), Step::Paste));
            perform(&mut story, step);
            prop_assert!(by_hand(step) || filters || kept(&was, &story), "{step:?} took {was:?} for {:?}", selected(&story));
            // In FAST a single harmless act needs no confirm.
            if let Some(confirm) = asked.as_ref().filter(|it| it.arming().goes_ahead()) {
                prop_assert!(confirm.many().is_none() && confirm.typed().is_none());
                let ticket = confirm.bound().ticket();
                if confirmed.iter().all(|(_, it)| it != ticket) {
                    confirmed.push((named(confirm.bound().action()), ticket.clone()));
                }
            }
            let decides = asked.as_ref().map(|it| if it.typed().is_some_and(TypedWord::matches) { "Enter" } else { "y" });
            let decided = asked.as_ref().filter(|it| !it.arming().goes_ahead());
            let decided = decided.filter(|_| matches!(step, Step::Press(name) if Some(*name) == decides));
            if let Some(asked) = decided {
                prop_assert_eq!(key(decides.unwrap()).modifiers, crossterm::event::KeyModifiers::NONE);
                // What a confirm of many names may come later, when it is its turn; of one, only now.
                if let Some(many) = asked.many() {
                    for item in many.items() {
                        let person = item.action().participant().unwrap();
                        prop_assert!(item.name().contains(&person.0.short()));
                        confirmed.push((named(item.action()), item.ticket().clone()));
                    }
                } else {
                    if let Some(person) = asked.bound().action().participant() {
                        prop_assert!(said.contains(&person.0.short()), "{said}");
                    }
                    confirmed.push((named(asked.bound().action()), asked.bound().ticket().clone()));
                }
            }
            let forced = asked.as_ref().is_some_and(|it| !it.forced().is_empty());
            prop_assert!(forced || !stale || story.sent.len() == before || story.desk.link().is_live(), "{step:?}");
            for send in &story.sent[before..] {
                let is_it = |action: &Option<GraphAction>| action.as_ref().is_none_or(|it| *it == send.action);
                let at = confirmed.iter().position(|(action, ticket)| is_it(action) && *ticket == send.ticket);
                prop_assert!(at.is_some(), "{send:?} was in no confirm that was answered, or was sent before");
                confirmed.swap_remove(at.unwrap());
            }
        }
        for (columns, rows) in [(60, 20), (80, 24), (120, 36), (20, 3)] {
            story.screen(columns, rows);
        }
    }
}
