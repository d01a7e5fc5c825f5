//! The presenter's side of a desk: which step of the presentation it is, what to say and press, what has been seen.

use std::borrow::Cow;

use serde::Deserialize;

use super::sim_control::{ControlRequest, SimControl, StepDirection};
use crate::desk::acts::rules::Denied;
use crate::desk::{Desk, Effect, Modal};

/// A presentation, as the simulator's control tells it. All of its texts are untrusted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Presentation {
    /// The scenario's name.
    pub scenario: String,
    /// Its title for people.
    #[serde(default)]
    pub title: String,
    /// What its ids and choices are made from; another one since a restart.
    #[serde(default)]
    pub seed: Option<u64>,
    /// The current step, from 1; 0 when there are none.
    pub step: usize,
    /// The steps.
    pub steps: Vec<PresentationStep>,
    /// What the last step could not do.
    #[serde(default)]
    pub note: Option<String>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PresentationStep {
    /// What it is about.
    pub title: String,
    /// What to say.
    pub notes: String,
    /// What to press.
    #[serde(default)]
    pub press: String,
    /// What is to be seen.
    #[serde(default)]
    pub expects: Vec<StepExpectation>,
}

/// Something that is to be seen.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct StepExpectation {
    /// What, in words.
    pub what: String,
    /// Whether it has been seen since the step began.
    pub seen: bool,
}

/// Whether the presenter's notes are on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::desk) enum NotesDisplay {
    /// Where there is room for them.
    #[default]
    WhereRoomy,
    /// Yes.
    Shown,
    /// No.
    Hidden,
}

/// The first word of a simulator's label; what it plays may follow.
const SIMULATOR: &str = "SIMULATOR";

impl Presentation {
    /// Reads an answer of the control; what is wrong with it, in words.
    pub(in crate::desk) fn read(body: &str) -> Result<Self, String> {
        serde_json::from_str(body).map_err(|error| format!("the control's stage does not read: {error}"))
    }

    /// The current step.
    #[must_use]
    pub fn current(&self) -> Option<&PresentationStep> {
        self.steps.get(self.step.checked_sub(1)?)
    }

    /// The step after it.
    #[must_use]
    pub fn next(&self) -> Option<&PresentationStep> {
        self.steps.get(self.step)
    }

    /// `step 4 of 9: Back from hold`.
    #[must_use]
    pub fn place(&self) -> String {
        match self.current() {
            Some(step) => format!("step {} of {}: {}", self.step, self.steps.len(), step.title),
            None => format!("{} has no steps", self.scenario),
        }
    }
}

impl Desk {
    /// From this many columns and rows on there is room for everything, a presenter's notes too.
    pub const ROOMY: (u16, u16) = (110, 30);

    /// The simulator behind this board, if there is one.
    #[must_use]
    pub const fn control(&self) -> Option<&SimControl> {
        self.control.as_ref()
    }

    /// What is real here, as the relay says; of a simulator, what it plays now, as its control says. Untrusted text.
    #[must_use]
    pub fn real_label(&self) -> Cow<'_, str> {
        let said = self.link().label.as_str();
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
        !self.is_private()
            && self.control.as_ref().is_some_and(|it| match it.notes {
                NotesDisplay::WhereRoomy => {
                    self.fits_all_panes && it.presentation.as_ref().is_none_or(|it| !it.steps.is_empty())
                }
                NotesDisplay::Shown => true,
                NotesDisplay::Hidden => false,
            })
    }

    /// Shows the notes, or takes them away.
    pub(in crate::desk) fn toggle_notes(&mut self) -> Vec<Effect> {
        let shown = self.notes_are_shown();
        if let Some(control) = &mut self.control {
            control.notes = if shown { NotesDisplay::Hidden } else { NotesDisplay::Shown };
        }
        self.poll_simulator()
    }

    /// Goes one step on, or back.
    pub(in crate::desk) fn step_presentation(&mut self, way: StepDirection) -> Vec<Effect> {
        self.ask_simulator(ControlRequest::Step(way))
    }

    /// Asks whether to begin again.
    pub(in crate::desk) fn ask_restart(&mut self) {
        self.modal = Modal::Restart;
    }

    /// Begins again.
    pub(in crate::desk) fn restart(&mut self) -> Vec<Effect> {
        self.say("every call ends, and the scenario begins again…");
        self.ask_simulator(ControlRequest::Restart)
    }
}

/// Whether there is a presentation to go through.
pub(in crate::desk) fn can_present(desk: &Desk) -> Result<(), Denied> {
    desk.control_or_why().map(|_| ())
}

/// Whether notes may be shown.
pub(in crate::desk) fn can_show_notes(desk: &Desk) -> Result<(), Denied> {
    if desk.control_or_why()?.audience() {
        return Err(Denied::of("an audience sees this screen (--audience), so it shows no notes"));
    }
    Ok(())
}
