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

    /// Returns the control of the simulator, or why there is none.
    ///
    /// Fails with [`Denied::NoSimulator`] if there is no simulator.
    pub(in crate::desk) fn control_or_why(&self) -> Result<&SimControl, Denied> {
        self.control.as_ref().ok_or(Denied::NoSimulator)
    }
}
