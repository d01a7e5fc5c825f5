//! Effects that go ahead a moment after their key if no other key came: an act in FAST, quitting, and the end
//! of privacy mode.

use crate::desk::acts::confirm::ConfirmDecision;
use crate::desk::update::acts::questions::answer_yes;
use crate::desk::update::acts::send::decide;
use crate::desk::{Desk, Effect, Modal};

/// Sends the act that goes ahead, or does what the quit key asked for, once it is due.
pub(in crate::desk) fn go_ahead(desk: &mut Desk) -> Vec<Effect> {
    if !desk.modal.arming().is_some_and(|it| it.is_due(desk.clock.wall())) {
        return Vec::new();
    }
    match std::mem::take(&mut desk.modal) {
        Modal::Confirm(confirm) => decide(desk, &confirm, ConfirmDecision::Yes),
        Modal::Question(question) => answer_yes(desk, question.kind()),
        Modal::None
        | Modal::Help(_)
        | Modal::Details(_)
        | Modal::Filter(_)
        | Modal::Palette(_)
        | Modal::Evidence(_)
        | Modal::Timeline(_)
        | Modal::LastHour(_)
        | Modal::SimSettings(_) => Vec::new(),
    }
}
