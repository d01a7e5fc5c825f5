//! The desk's requests to a simulator's control API, and the state that its answers give.
//!
//! Knows JSON and paths below the control's address; no socket, and no simulator code.

use serde_json::Value;

use crate::desk::event::{Effect, GateAnswer};
use crate::desk::presenter::script::{NotesDisplay, Presentation, StepFocus};
use crate::desk::presenter::sim_settings;
use crate::desk::presenter::sim_settings::{SimSetting, SimSettingKind, SimSettingsPanel};
use crate::desk::vocab::ControlRequest;
use crate::time::{Millis, Timestamp};

/// What is known of the simulator behind this board.
#[derive(Debug, Default)]
pub struct SimControl {
    notes: NotesDisplay,
    presentation: Option<Presentation>,
    settings: Vec<SimSetting>,
    stage: ControlPoll,
    panel: ControlPoll,
    /// How many changes are under way; while there are any, nothing is read.
    changing: usize,
    /// When the settings were requested, in wall time.
    settings_read: Option<Timestamp>,
    /// When the steps were requested, in wall time.
    stage_read: Option<Timestamp>,
    audience: bool,
    /// The name of the setting that was last selected in the panel.
    last_setting: String,
    selection: SelectionByStep,
}

/// Whether the step that this console goes to selects something. A key in the meantime gives up the selection, so that
/// it never moves under a hand.
#[derive(Debug, Default)]
enum SelectionByStep {
    /// No step selects anything.
    #[default]
    None,
    /// The simulator has not answered the step yet.
    Asked,
    /// The step selects this, as soon as the board has it.
    Wanted(StepFocus),
}

/// The state of one kind of read. Invariant: at most one read of each kind is under way.
#[derive(Debug, Default)]
struct ControlPoll {
    under_way: bool,
    /// Whether the answer under way is outdated, because something was changed after it was requested.
    outdated: bool,
    /// Why the last answer is missing or outdated.
    trouble: Option<String>,
}

/// What can be read from the control API.
#[derive(Debug, Clone, Copy)]
pub(in crate::desk) enum PollKind {
    Stage,
    Settings,
}

/// The wall time between two reads of what is not shown, and of the settings, which others may change too.
const NOW_AND_THEN: Millis = Millis::seconds(5);

impl SimControl {
    /// Returns the setting that a panel has selected; the first one until the panel selects another.
    #[must_use]
    pub fn selected(&self, panel: &SimSettingsPanel) -> Option<&SimSetting> {
        panel.find(&self.settings)
    }

    pub(in crate::desk) fn new(audience: bool) -> Self {
        Self { audience, ..Self::default() }
    }

    /// Returns whether an audience sees this screen: it then shows a caption instead of the notes, and Page Down and
    /// Page Up belong to a clicker.
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

    /// Returns how many settings differ from their defaults. A preset only stands for other settings.
    #[must_use]
    pub fn faults_on(&self) -> usize {
        self.settings.iter().filter(|it| it.is_changed() && it.kind != SimSettingKind::Preset).count()
    }

    /// Returns the panel as it was left.
    pub(in crate::desk) fn panel_as_left(&self) -> SimSettingsPanel {
        SimSettingsPanel::at(&self.last_setting)
    }

    /// Keeps the selected setting of the panel for the next time it is opened.
    pub(in crate::desk) fn remember_panel(&mut self, panel: &SimSettingsPanel) {
        if let Some(name) = self.selected(panel).map(|it| it.name.clone()) {
            self.last_setting = name;
        }
    }

    /// Lets the step that is asked for select its call and person.
    pub(in crate::desk) fn await_selection(&mut self) {
        self.selection = SelectionByStep::Asked;
    }

    /// Gives up the selection of a step, because a key was pressed or it was made.
    pub(in crate::desk) fn drop_selection(&mut self) {
        self.selection = SelectionByStep::None;
    }

    /// Returns what the current step selects and is not selected yet.
    pub(in crate::desk) const fn wanted_selection(&self) -> Option<&StepFocus> {
        match &self.selection {
            SelectionByStep::Wanted(wanted) => Some(wanted),
            SelectionByStep::None | SelectionByStep::Asked => None,
        }
    }

    /// Returns whether the presenter's notes, or the caption, are shown; `has_room` if the terminal has room for them.
    pub(in crate::desk) fn shows_notes(&self, has_room: bool) -> bool {
        match self.notes {
            NotesDisplay::WhereRoomy => has_room && self.presentation.as_ref().is_none_or(|it| !it.steps.is_empty()),
            NotesDisplay::Shown => true,
            NotesDisplay::Hidden => false,
        }
    }

    /// Shows or hides the notes, whatever room there is.
    pub(in crate::desk) const fn show_notes(&mut self, shown: bool) {
        self.notes = if shown { NotesDisplay::Shown } else { NotesDisplay::Hidden };
    }

    /// Starts the reads that are due at `wall`: the steps while they are shown, the settings while their panel is open,
    /// and otherwise each from time to time.
    pub(in crate::desk) fn poll(&mut self, (shown, panel): (bool, bool), wall: Timestamp) -> Vec<Effect> {
        let mut effects = Vec::new();
        let due = |read: Option<Timestamp>| read.is_none_or(|at| wall.since(at) >= NOW_AND_THEN);
        if shown || self.presentation.is_none() || due(self.stage_read) {
            self.stage_read = Some(wall);
            effects.extend(self.read(PollKind::Stage));
        }
        if panel || due(self.settings_read) {
            self.settings_read = Some(wall);
            effects.extend(self.read(PollKind::Settings));
        }
        effects
    }

    /// Handles the answer to a step or a restart, which holds the presentation.
    ///
    /// The error is what is wrong with the answer, in words.
    pub(in crate::desk) fn stepped(&mut self, answer: &GateAnswer) -> Result<(), String> {
        self.changing = self.changing.saturating_sub(1);
        let presentation = body(answer).and_then(Presentation::read)?;
        self.stage.trouble = None;
        if matches!(self.selection, SelectionByStep::Asked) {
            let wanted = presentation.current().and_then(|it| it.select.clone());
            self.selection = wanted.map_or(SelectionByStep::None, SelectionByStep::Wanted);
        }
        self.presentation = Some(presentation);
        Ok(())
    }

    /// Handles the end of a change of the settings, and reads them, after a refusal too.
    pub(in crate::desk) fn changed(&mut self) -> Option<Effect> {
        self.changing = self.changing.saturating_sub(1);
        self.read_settings()
    }

    /// Reads the settings at once.
    pub(in crate::desk) fn read_settings(&mut self) -> Option<Effect> {
        self.read(PollKind::Settings)
    }

    /// Shows a new value of a setting until the simulator answers.
    pub(in crate::desk) fn show_value(&mut self, name: &str, value: &Value) {
        if let Some(setting) = self.settings.iter_mut().find(|it| it.name == name) {
            setting.value = value.clone();
        }
    }

    /// Starts a read of this kind, unless one or a change is under way.
    fn read(&mut self, what: PollKind) -> Option<Effect> {
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
        GateAnswer::Unanswered => Err("the control does not answer".to_owned()),
    }
}
