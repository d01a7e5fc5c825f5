//! FAST: single acts that can be taken for what they are by a look at the selected row are sent without a confirm.
//!
//! What cannot be taken back, what is about many, and what is worth knowing before it is sent is confirmed all the same.

use super::rules::ActTarget;
use crate::desk::{Confirm, Desk, Effect, Modal, Pane};
use crate::floor::{Act, HoldSource};

/// Whether single acts are confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ConfirmMode {
    /// Each one.
    #[default]
    Confirming,
    /// Only those that are worth a second look.
    Fast,
}

/// The pace, and how the command that is being done was given.
#[derive(Debug, Default)]
pub(in crate::desk) struct FastMode {
    pub(in crate::desk) pace: ConfirmMode,
    /// Whether it was pressed as a key.
    pub(in crate::desk) by_key: bool,
}

impl FastMode {
    pub(in crate::desk) const fn new(pace: ConfirmMode) -> Self {
        Self { pace, by_key: false }
    }
}

impl Desk {
    /// Whether single acts go without a confirm.
    #[must_use]
    pub fn is_fast(&self) -> bool {
        self.fast.pace == ConfirmMode::Fast
    }

    /// Turns it on, or off.
    pub(in crate::desk) fn toggle_fast(&mut self) {
        let (pace, said) = match self.fast.pace {
            ConfirmMode::Confirming => (
                ConfirmMode::Fast,
                "FAST: m, r, H and s act at once on who is selected; X, hang-up and acts on many still ask",
            ),
            ConfirmMode::Fast => (ConfirmMode::Confirming, "every act is confirmed again"),
        };
        self.fast.pace = pace;
        self.say(said);
    }

    /// Whether an act on the selection needs no `y`: pressed as a key in a pane that shows whom it is about, and with
    /// nothing to be told before it.
    pub(in crate::desk) fn goes_fast(&self, act: Act, target: &ActTarget) -> bool {
        let shown = match act {
            Act::Mute | Act::Release | Act::Hold => self.pane == Pane::Participants,
            Act::MuteSelf | Act::UnmuteSelf => self.pane != Pane::Operations,
            Act::Remove | Act::HangUp => false,
        };
        self.is_fast()
            && self.fast.by_key
            && shown
            && self.others_acts(target).is_none()
            && !self.is_doubtful(act, target)
    }

    /// Whether what a person shows leaves open what the act would do.
    fn is_doubtful(&self, act: Act, target: &ActTarget) -> bool {
        let person = self.person_of(target);
        let inferred = |source: &HoldSource| matches!(source, HoldSource::Inferred | HoldSource::Unknown);
        match act {
            Act::Release => person.and_then(|it| it.hold.as_ref()).is_some_and(|it| inferred(&it.source)),
            Act::Mute => person.is_some_and(|it| it.muted),
            Act::Hold | Act::MuteSelf | Act::UnmuteSelf | Act::Remove | Act::HangUp => false,
        }
    }

    /// Lets a confirm count as answered unless more keys follow as fast as a paste.
    pub(in crate::desk) fn wake_fast(&self) -> Vec<Effect> {
        let passing = matches!(&self.modal, Modal::Confirm(confirm) if confirm.is_passing());
        passing.then_some(Effect::Wake).into_iter().collect()
    }
}

impl Confirm {
    /// Makes it one that is answered by itself when no other key follows as fast as a paste.
    pub(in crate::desk) fn pass(&mut self) {
        self.early = Some(self.opened);
        self.fast = true;
    }

    /// Whether it is answered by itself in a moment: there is nothing to read in it.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        self.fast && self.early.is_some()
    }
}
