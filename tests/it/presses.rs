//! The law of the desk: whatever is pressed and whatever happens, nothing panics, and nothing is sent but by a confirm.

use callboard::desk::{Answer, Event, Feed, Overlay, Typed};
use callboard::floor::{Reading, Ticket};
use callboard::graph::Action;
use proptest::prelude::*;
use serde_json::json;

use crate::story::{Story, key};

#[derive(Debug, Clone)]
enum Step {
    Press(&'static str),
    Roster(u8),
    Notice(bool),
    Line(bool),
    Gone,
    Answered(usize),
}

/// Every key that means something somewhere, and some that do not.
const KEYS: &str = "j k g G Tab BackTab 1 2 3 Enter Esc ? m r H s X W p ! ctrl-r ctrl-d ctrl-c q y n R E M O V Backspace \
    PgDn Up Space v \\ / a w o A N i u : . , D F B 0 l h S z Left Right";

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
    ]
}

fn perform(story: &mut Story, step: &Step) {
    match step {
        Step::Press(name) => {
            story.press(name);
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
            story.fed(Feed::CaughtUp);
        }
        Step::Line(false) => {
            story.line_breaks("gone");
        }
        Step::Answered(back) => {
            if let Some(send) = story.sent.iter().rev().nth(*back) {
                let answer = Answer::Replied { status: 200, body: String::new() };
                story.happens(Event::Answered(send.ticket.clone(), answer));
            }
        }
        Step::Gone => {
            story.history.observed(Reading::Gone);
            story.catches_up();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_sent_but_by_a_confirm_that_named_its_target(steps in prop::collection::vec(step(), 1..60)) {
        let mut story = Story::on_stage(false);
        crate::stage::told(&mut story);
        crate::bulk::roster(&mut story, &[]);
        story.press("2 j");
        let mut confirmed: Vec<(Action, Ticket)> = Vec::new();
        for step in &steps {
            let asked = match story.desk.overlay() {
                Overlay::Confirm(confirm) => Some(confirm.clone()),
                _ => None,
            };
            let before = story.sent.len();
            perform(&mut story, step);
            let decides = asked.as_ref().map(|it| if it.typed.as_ref().is_some_and(Typed::matches) { "Enter" } else { "y" });
            let decided = asked.as_ref().filter(|_| matches!(step, Step::Press(name) if Some(*name) == decides));
            if let Some(asked) = decided {
                prop_assert_eq!(key(decides.unwrap()).modifiers, crossterm::event::KeyModifiers::NONE);
                // What a confirm of many names may come later, when it is its turn; of one, only now.
                if let Some(many) = &asked.many {
                    for item in &many.items {
                        let person = item.action.participant().unwrap();
                        prop_assert!(item.name.contains(&person.0.short()));
                        confirmed.push((item.action.clone(), item.ticket.clone()));
                    }
                } else {
                    if let Some(person) = asked.action.participant() {
                        prop_assert!(asked.question.contains(&person.0.short()));
                    }
                    confirmed.push((asked.action.clone(), asked.ticket.clone()));
                }
            }
            for send in &story.sent[before..] {
                let at = confirmed.iter().position(|it| *it == (send.action.clone(), send.ticket.clone()));
                prop_assert!(at.is_some(), "{send:?} was in no confirm that was answered, or was sent before");
                confirmed.swap_remove(at.unwrap());
            }
        }
        for (columns, rows) in [(60, 20), (80, 24), (120, 36), (20, 3)] {
            story.screen(columns, rows);
        }
    }
}
