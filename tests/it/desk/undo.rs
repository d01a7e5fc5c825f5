//! Tests of undo and retry: what they ask, and why they cannot.

use callboard::desk::Modal;
use callboard::floor::Act;
use serde_json::json;

use crate::support::desk_driver::Story;
use crate::support::journal_builder::{ADA, ME, person};

#[test]
fn an_unsent_act_cannot_be_undone_and_says_why() {
    let mut story = Story::seated();
    story.bob_held().press("r y").accepted().notice("stopHoldMusicOperation");
    story.selects("Bob").press("r").shows("Bob is not on hold").press("3 g u").has_sent(2);
    story.shows("undo: this act has no proof, so there is nothing to undo").press("2 u").shows("Put Bob on hold?");
    story.shows("this undoes op 2, release hold Bob");
}

#[test]
fn a_refused_undo_or_retry_leaves_the_selection_where_it_was() {
    let mut story = Story::seated();
    story.bob_held().notice("stopHoldMusicOperation");
    story.selects("Bob").press("m y").answers_gate(403, &json!({"error": {"code": "Forbidden", "message": "no"}}));
    story.history.roster(&[person(ME, "Callboard"), person(ADA, "Ada")]);
    story.catches_up().selects("Ada");
    let ada = story.desk.selected_participant().cloned();
    for key in ["R", "u"] {
        story.press(key).shows("Bob has left");
        assert_eq!(story.desk.selected_participant().cloned(), ada, "{key}");
    }
}

#[test]
fn undo_is_for_our_own_operations() {
    let mut story = Story::seated();
    story.bob_held();
    story.history.asked_by("lee", "of-lee", Act::MuteSelf, None);
    story.catches_up().press("3 g u").shows("op 2 is lee's: u undoes only yours; press the key of the act instead");
    assert_eq!(*story.desk.modal(), Modal::None);
    story.press("2 u").shows("this undoes op 1, hold Bob");
}
