//! The simulator behind the board, and whether the presenter's notes are shown.

use std::borrow::Cow;

use crate::desk::Desk;
use crate::desk::presenter::script::{Presentation, SIMULATOR};
use crate::desk::presenter::sim_control::SimControl;
use crate::desk::vocab::Denied;

impl Desk {
    /// The simulator behind this board, if there is one.
    #[must_use]
    pub const fn control(&self) -> Option<&SimControl> {
        self.control.as_ref()
    }

    /// Returns the relay's label, or the scenario that a simulator plays now. Untrusted text.
    #[must_use]
    pub fn real_label(&self) -> Cow<'_, str> {
        let said = self.link().label();
        let Some(control) = self.control.as_ref().filter(|_| said.split(' ').next() == Some(SIMULATOR)) else {
            return if said.is_empty() { "callboard".into() } else { said.into() };
        };
        match (control.stage_trouble(), control.presentation()) {
            // The relay's label names the scenario of its start, which may have ended.
            (Some(_), _) => SIMULATOR.into(),
            (None, None) => said.into(),
            (None, Some(Presentation { scenario, seed: Some(seed), .. })) => {
                format!("{SIMULATOR} {scenario} seed {seed}").into()
            }
            (None, Some(Presentation { scenario, seed: None, .. })) => format!("{SIMULATOR} {scenario}").into(),
        }
    }

    /// Returns whether the presenter's notes are on the screen.
    #[must_use]
    pub fn notes_are_shown(&self) -> bool {
        let has_room = self.board.sizes.show_all_panes();
        // The notes name people; the caption names them as the board does.
        let is_allowed = |it: &&SimControl| it.audience() || !self.is_private();
        self.control.as_ref().filter(is_allowed).is_some_and(|it| it.shows_notes(has_room))
    }

    /// Returns whether an audience sees this screen.
    #[must_use]
    pub fn has_audience(&self) -> bool {
        self.control.as_ref().is_some_and(SimControl::audience)
    }

    /// Returns how the screen names the operator who asked for something: `you` for our own, and always the name before
    /// an audience, which would read `you` as itself. Untrusted text.
    #[must_use]
    pub fn asker<'a>(&self, by: &'a str) -> &'a str {
        if self.says_you_to(by) { "you" } else { by }
    }

    /// Returns the same as a possessive: `your`, or `lee's`. Untrusted text.
    pub(in crate::desk) fn askers(&self, by: &str) -> String {
        if self.says_you_to(by) { "your".to_owned() } else { format!("{by}'s") }
    }

    /// Returns whether the screen addresses this operator as `you`.
    pub(in crate::desk) fn says_you_to(&self, by: &str) -> bool {
        self.link.is_own(by) && !self.has_audience()
    }

    /// Returns the control of the simulator, or why there is none.
    ///
    /// Fails with [`Denied::NoSimulator`] if there is no simulator.
    pub(in crate::desk) fn control_or_why(&self) -> Result<&SimControl, Denied> {
        self.control.as_ref().ok_or(Denied::NoSimulator)
    }
}
