//! The desk's requests to a simulator's control API, and the state that its answers give.
//!
//! Knows JSON and paths below the control's address; no socket, and no simulator code.

use serde_json::Value;

use crate::desk::event::{Effect, GateAnswer};
use crate::desk::presenter::script::{NotesDisplay, Presentation};
use crate::desk::presenter::sim_settings;
use crate::desk::presenter::sim_settings::{SimSetting, SimSettingsPanel};
use crate::desk::vocab::ControlRequest;
use crate::time::{Millis, Timestamp};

/// What is known of the simulator behind this board.
#[derive(Debug, Default)]
pub struct SimControl {
    pub(in crate::desk) notes: NotesDisplay,
    pub(in crate::desk) presentation: Option<Presentation>,
    pub(in crate::desk) settings: Vec<SimSetting>,
    pub(in crate::desk) stage: ControlPoll,
    panel: ControlPoll,
    /// How many changes are under way; while there are any, nothing is read.
    pub(in crate::desk) changing: usize,
    pub(in crate::desk) settings_read: Option<Timestamp>,
    pub(in crate::desk) stage_read: Option<Timestamp>,
    audience: bool,
}

/// The state of one kind of read. Invariant: at most one read of each kind is under way.
#[derive(Debug, Default)]
pub(in crate::desk) struct ControlPoll {
    under_way: bool,
    /// Whether the answer under way is outdated, because something was changed after it was requested.
    outdated: bool,
    /// Why the last answer is missing or outdated.
    pub(in crate::desk) trouble: Option<String>,
}

/// What can be read from the control API.
#[derive(Debug, Clone, Copy)]
pub(in crate::desk) enum PollKind {
    Stage,
    Settings,
}

/// The wall time between two reads of what is not shown, and of the settings, which others may change too.
pub(in crate::desk) const NOW_AND_THEN: Millis = Millis::seconds(5);

impl SimControl {
    /// Returns the setting that a panel has selected; the first one until the panel selects another.
    #[must_use]
    pub fn selected(&self, panel: &SimSettingsPanel) -> Option<&SimSetting> {
        self.settings.iter().find(|it| it.name == panel.selected).or_else(|| self.settings.first())
    }

    pub(in crate::desk) fn new(audience: bool) -> Self {
        let notes = if audience { NotesDisplay::Hidden } else { NotesDisplay::WhereRoomy };
        Self { notes, audience, ..Self::default() }
    }

    /// Returns whether an audience sees this screen: it then shows no notes, and Page Down and Page Up belong to a
    /// clicker.
    #[must_use]
    pub const fn audience(&self) -> bool {
        self.audience
    }

    /// Returns the presentation, if it is known.
    #[must_use]
    pub const fn presentation(&self) -> Option<&Presentation> {
        self.presentation.as_ref()
    }

    /// Returns why the presentation is missing or outdated; untrusted text.
    #[must_use]
    pub fn stage_trouble(&self) -> Option<&str> {
        self.stage.trouble.as_deref()
    }

    /// Returns the settings, in the order of their groups.
    #[must_use]
    pub fn settings(&self) -> &[SimSetting] {
        &self.settings
    }

    /// Returns why the settings are missing or outdated; untrusted text.
    #[must_use]
    pub fn settings_trouble(&self) -> Option<&str> {
        self.panel.trouble.as_deref()
    }

    /// Returns how many settings differ from their defaults.
    #[must_use]
    pub fn faults_on(&self) -> usize {
        self.settings.iter().filter(|it| it.is_changed()).count()
    }

    /// Starts a read of this kind, unless one or a change is under way.
    pub(in crate::desk) fn read(&mut self, what: PollKind) -> Option<Effect> {
        if self.changing > 0 || std::mem::replace(&mut self.look(what).under_way, true) {
            return None;
        }
        Some(Effect::AskSimulator(what.wish()))
    }

    pub(in crate::desk) fn change(&mut self, wish: ControlRequest) -> Effect {
        self.changing += 1;
        for look in [&mut self.stage, &mut self.panel] {
            look.outdated = look.under_way;
        }
        Effect::AskSimulator(wish)
    }

    /// Returns the answer of a read, unless something was changed after it was requested.
    pub(in crate::desk) fn was_read(&mut self, what: PollKind, answer: &GateAnswer) {
        self.look(what).under_way = false;
        if std::mem::take(&mut self.look(what).outdated) {
            return;
        }
        let taken = body(answer).and_then(|body| match what {
            PollKind::Stage => Presentation::read(body).map(|it| self.presentation = Some(it)),
            PollKind::Settings => sim_settings::read(body).map(|it| self.settings = it),
        });
        self.look(what).trouble = taken.err();
    }

    const fn look(&mut self, what: PollKind) -> &mut ControlPoll {
        match what {
            PollKind::Stage => &mut self.stage,
            PollKind::Settings => &mut self.panel,
        }
    }
}

impl PollKind {
    const fn wish(self) -> ControlRequest {
        match self {
            Self::Stage => ControlRequest::Stage,
            Self::Settings => ControlRequest::Settings,
        }
    }
}

/// Returns the body of a successful answer; the error says what went wrong, in untrusted text.
pub(in crate::desk) fn body(answer: &GateAnswer) -> Result<&str, String> {
    match answer {
        GateAnswer::Replied { status, body } if (200..300).contains(status) => Ok(body),
        GateAnswer::Replied { status, body } => {
            let error = serde_json::from_str::<Value>(body).ok();
            let said = error.as_ref().and_then(|it| it.get("error")?.as_str());
            Err(said.map_or_else(|| format!("the control answered {status}"), str::to_owned))
        }
        GateAnswer::Lost { error, .. } => Err(format!("the control does not answer: {error}")),
    }
}
