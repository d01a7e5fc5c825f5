//! What is known of a call or a person and may be wrong, in words.

use crate::desk::Desk;
use crate::desk::command::Command;
use crate::floor::{FloorCall, Operation, OperationStatus, Person, Uncertainty};
use crate::time::Timestamp;

/// Returns a short reason why what the board says of a call may be wrong.
#[must_use]
pub const fn doubt_word(doubt: Uncertainty) -> &'static str {
    match doubt {
        Uncertainty::FirstSight => "not read yet",
        Uncertainty::PartialRoster => "roster may be partial",
        Uncertainty::UnknownSelf => "own participant unknown",
        Uncertainty::Nameless => "somebody has no id",
        Uncertainty::Gap => "notifications may be missing",
    }
}

impl Desk {
    /// Returns why what is known of a live call may be wrong at `now`, and what the relay or a key does about it.
    #[must_use]
    pub fn doubt_about(&self, call: &FloorCall, now: Timestamp) -> Option<String> {
        if !call.is_live() {
            return None;
        }
        if let Some(doubt) = call.doubt {
            return Some(format!("{}; the relay is reading it again", doubt_word(doubt)));
        }
        let silent = now.since(call.heard);
        if silent < self.limits().quiet {
            return None;
        }
        let press = self.keymap().shortcut_for(Command::Reread);
        let done = if call.read.is_some_and(|it| it >= call.heard) {
            " since it was read".to_owned()
        } else {
            format!("; {press} reads it")
        };
        Some(format!("nothing heard for {silent}{done}"))
    }

    /// Returns the newest operation on a person that may have happened or not: `your mute, op 2, is UNCONFIRMED`;
    /// untrusted text.
    pub(in crate::desk) fn unproved_act(&self, call: &FloorCall, person: &Person) -> Option<String> {
        let now = self.clock.now();
        let about = |it: &&Operation| it.participant.as_ref() == Some(&person.id);
        let operation = self.live().open_operations_in(&call.id).rfind(about)?;
        let standing = operation.standing(now);
        let is_open = standing.is_in_progress()
            || matches!(standing, OperationStatus::Unconfirmed | OperationStatus::OutcomeUnknown);
        let by = if *operation.by == *self.link.operator() { "your".to_owned() } else { format!("{}'s", operation.by) };
        let (act, number, word) = (operation.act, operation.number.0, standing.word());
        is_open.then(|| format!("{by} {act}, op {number}, has no proof: {word}"))
    }
}
