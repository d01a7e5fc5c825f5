//! The simulator behind the board, and whether the presenter's notes are shown.

use std::borrow::Cow;

use crate::desk::Desk;
use crate::desk::board::pane_sizes;
use crate::desk::presenter::script::{Presentation, SIMULATOR};
use crate::desk::presenter::sim_control::SimControl;
use crate::desk::vocab::Denied;

impl Desk {
    /// From this many columns and rows on there is room for everything, a presenter's notes too.
    pub const ROOMY: (u16, u16) = pane_sizes::ROOMY;

    /// The simulator behind this board, if there is one.
    #[must_use]
    pub const fn control(&self) -> Option<&SimControl> {
        self.control.as_ref()
    }

    /// What is real here, as the relay says; of a simulator, what it plays now, as its control says. Untrusted text.
    #[must_use]
    pub fn real_label(&self) -> Cow<'_, str> {
        let said = self.link().label();
        let Some(control) = self.control.as_ref().filter(|_| said.split(' ').next() == Some(SIMULATOR)) else {
            return if said.is_empty() { "callboard".into() } else { said.into() };
        };
        match (control.stage_trouble(), control.presentation()) {
            // What the relay said at its start may be over.
            (Some(_), _) => SIMULATOR.into(),
            (None, None) => said.into(),
            (None, Some(Presentation { scenario, seed: Some(seed), .. })) => {
                format!("{SIMULATOR} {scenario} seed {seed}").into()
            }
            (None, Some(Presentation { scenario, seed: None, .. })) => format!("{SIMULATOR} {scenario}").into(),
        }
    }

    /// Whether the presenter's notes are on the screen.
    #[must_use]
    pub fn notes_are_shown(&self) -> bool {
        // What a presenter reads there names people.
        let has_room = self.board.sizes.show_all_panes();
        !self.is_private() && self.control.as_ref().is_some_and(|it| it.shows_notes(has_room))
    }

    /// The simulator behind this board.
    ///
    /// # Errors
    /// That there is none, in words.
    pub(in crate::desk) fn control_or_why(&self) -> Result<&SimControl, Denied> {
        self.control.as_ref().ok_or(Denied::NoSimulator)
    }
}
