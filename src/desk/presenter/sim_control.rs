//! What a desk asks of a simulator's control, where there is one, and what it makes of the answers.
//!
//! Knows JSON and paths below the control's address; no socket, and nothing of the simulator itself.

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
    /// Changes that are under way; while there is one, nothing is read.
    pub(in crate::desk) changing: usize,
    pub(in crate::desk) settings_read: Option<Timestamp>,
    pub(in crate::desk) stage_read: Option<Timestamp>,
    audience: bool,
}

/// How the reading of one thing stands. Invariant: at most one read of each is under way.
#[derive(Debug, Default)]
pub(in crate::desk) struct ControlPoll {
    under_way: bool,
    /// What the read that is under way brings is older than what was asked since.
    outdated: bool,
    /// Why it is not known, or not current.
    pub(in crate::desk) trouble: Option<String>,
}

/// What is read of the control.
#[derive(Debug, Clone, Copy)]
pub(in crate::desk) enum PollKind {
    Stage,
    Settings,
}

/// What is not shown, and the settings, are read this often, in wall time: somebody else may change them too.
pub(in crate::desk) const NOW_AND_THEN: Millis = Millis::seconds(5);

impl SimControl {
    /// Returns the setting that a panel has selected: the first one until a panel selects another.
    #[must_use]
    pub fn selected(&self, panel: &SimSettingsPanel) -> Option<&SimSetting> {
        self.settings.iter().find(|it| it.name == panel.selected).or_else(|| self.settings.first())
    }

    pub(in crate::desk) fn new(audience: bool) -> Self {
        let notes = if audience { NotesDisplay::Hidden } else { NotesDisplay::WhereRoomy };
        Self { notes, audience, ..Self::default() }
    }

    /// Whether an audience sees this screen: then it shows no notes, and Page Down and Page Up are a clicker's.
    #[must_use]
    pub const fn audience(&self) -> bool {
        self.audience
    }

    /// The steps, as far as they are known.
    #[must_use]
    pub const fn presentation(&self) -> Option<&Presentation> {
        self.presentation.as_ref()
    }

    /// Why the steps are not known, or not current; untrusted text.
    #[must_use]
    pub fn stage_trouble(&self) -> Option<&str> {
        self.stage.trouble.as_deref()
    }

    /// The settings, in the order of their groups.
    #[must_use]
    pub fn settings(&self) -> &[SimSetting] {
        &self.settings
    }

    /// Why the settings are not known, or not current; untrusted text.
    #[must_use]
    pub fn settings_trouble(&self) -> Option<&str> {
        self.panel.trouble.as_deref()
    }

    /// How many settings are not as they are by default.
    #[must_use]
    pub fn faults_on(&self) -> usize {
        self.settings.iter().filter(|it| it.is_changed()).count()
    }

    /// A read of this kind, unless one is under way or a change is.
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

    /// What a read brought, unless something newer was asked since.
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

/// The body of a good answer, or what went wrong, in words; untrusted text.
pub(in crate::desk) fn body(answer: &GateAnswer) -> Result<&str, String> {
    match answer {
        GateAnswer::Replied { status, body } if (200..300).contains(status) => Ok(body),
        GateAnswer::Replied { status, body } => {
            let error = serde_json::from_str::<Value>(body).ok();
            let said = error.as_ref().and_then(|it| it.get("error")?.as_str());
            Err(said.map_or_else(|| format!("the control answered {status}"), str::to_owned))
        }
        GateAnswer::Lost { error, .. } => Err(format!("the control does not answer: {error}")),
        GateAnswer::Unanswered => Err("the control does not answer".to_owned()),
    }
}
