//! What a desk asks of a simulator's control, where there is one, and what it makes of the answers.
//!
//! Knows JSON and paths below the control's address; no socket, and nothing of the simulator itself.

use crossterm::event::{KeyCode, KeyEvent};
use serde_json::{Value, json};

use super::script::{NotesDisplay, Presentation};
use super::sim_settings;
use super::sim_settings::SimSetting;
use crate::desk::acts::rules::Denied;
use crate::desk::event::{Effect, GateAnswer};
use crate::desk::{Desk, Modal};
use crate::graph::Method;
use crate::time::{Millis, Timestamp};

/// Something that is asked of the control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ControlRequest {
    /// Where the presentation is.
    Stage,
    /// One step on, or back.
    Step(StepDirection),
    /// Everything from the beginning.
    Restart,
    /// The settings and what they can be.
    Settings,
    /// Another value of a setting.
    Set {
        /// The setting.
        name: String,
        /// The value.
        value: Value,
    },
    /// What is done rather than set.
    Do {
        /// Where it is asked for, below the control's address.
        path: String,
    },
}

/// One step on, or back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StepDirection {
    /// On.
    Next,
    /// Back.
    Previous,
}

impl StepDirection {
    /// What a clicker's keys mean, where an audience sees the screen.
    #[expect(clippy::wildcard_enum_match_arm, reason = "a clicker has two keys")]
    pub(in crate::desk) fn clicked(key: KeyEvent) -> Option<Self> {
        match key.code {
            KeyCode::PageDown => Some(Self::Next),
            KeyCode::PageUp => Some(Self::Previous),
            _ => None,
        }
    }
}

/// What is known of the simulator behind this board.
#[derive(Debug, Default)]
pub struct SimControl {
    pub(in crate::desk) notes: NotesDisplay,
    pub(in crate::desk) presentation: Option<Presentation>,
    pub(in crate::desk) settings: Vec<SimSetting>,
    stage: ControlPoll,
    panel: ControlPoll,
    /// Changes that are under way; while there is one, nothing is read.
    changing: usize,
    settings_read: Option<Timestamp>,
    stage_read: Option<Timestamp>,
    audience: bool,
}

/// How the reading of one thing stands. Invariant: at most one read of each is under way.
#[derive(Debug, Default)]
struct ControlPoll {
    under_way: bool,
    /// What the read that is under way brings is older than what was asked since.
    outdated: bool,
    /// Why it is not known, or not current.
    trouble: Option<String>,
}

/// What is read of the control.
#[derive(Debug, Clone, Copy)]
enum PollKind {
    Stage,
    Settings,
}

/// What is not shown, and the settings, are read this often, in wall time: somebody else may change them too.
const NOW_AND_THEN: Millis = Millis::seconds(5);

impl ControlRequest {
    /// Where it goes, below the control's address, and with what body.
    #[must_use]
    pub fn request(&self) -> (Method, &str, Option<String>) {
        let post = |path: &'static str, body: Value| (Method::Post, path, Some(body.to_string()));
        match self {
            Self::Stage => (Method::Get, "stage", None),
            Self::Settings => (Method::Get, "settings", None),
            Self::Step(StepDirection::Next) => post("stage", json!({ "step": "next" })),
            Self::Step(StepDirection::Previous) => post("stage", json!({ "step": "previous" })),
            Self::Restart => post("stage", json!({ "restart": true })),
            Self::Set { name, value } => post("faults", json!({ name: value })),
            Self::Do { path } => (Method::Post, path, None),
        }
    }
}

impl SimControl {
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
    fn read(&mut self, what: PollKind) -> Option<Effect> {
        if self.changing > 0 || std::mem::replace(&mut self.look(what).under_way, true) {
            return None;
        }
        Some(Effect::AskSimulator(what.wish()))
    }

    fn change(&mut self, wish: ControlRequest) -> Effect {
        self.changing += 1;
        for look in [&mut self.stage, &mut self.panel] {
            look.outdated = look.under_way;
        }
        Effect::AskSimulator(wish)
    }

    /// What a read brought, unless something newer was asked since.
    fn was_read(&mut self, what: PollKind, answer: &GateAnswer) {
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

impl Desk {
    /// The simulator behind this board.
    ///
    /// # Errors
    /// That there is none, in words.
    pub(in crate::desk) fn control_or_why(&self) -> Result<&SimControl, Denied> {
        self.control.as_ref().ok_or_else(|| Denied::of("only with a simulator, which this board has not (--control)"))
    }

    /// Looks at the simulator: at the steps while they are shown, else now and then, for the header names what is
    /// played; at the settings now and then.
    pub(in crate::desk) fn poll_simulator(&mut self) -> Vec<Effect> {
        let (shown, wall) = (self.notes_are_shown(), self.wall);
        let panel = matches!(self.modal, Modal::SimSettings(_));
        let Some(control) = &mut self.control else { return Vec::new() };
        let mut effects = Vec::new();
        let due = |read: Option<Timestamp>| read.is_none_or(|at| wall.since(at) >= NOW_AND_THEN);
        if shown || control.presentation.is_none() || due(control.stage_read) {
            control.stage_read = Some(wall);
            effects.extend(control.read(PollKind::Stage));
        }
        if panel || due(control.settings_read) {
            control.settings_read = Some(wall);
            effects.extend(control.read(PollKind::Settings));
        }
        effects
    }

    /// Asks for a change.
    pub(in crate::desk) fn ask_simulator(&mut self, wish: ControlRequest) -> Vec<Effect> {
        self.control.as_mut().map(|it| it.change(wish)).into_iter().collect()
    }

    /// Takes what the control answered.
    pub(in crate::desk) fn simulator_answered(&mut self, wish: &ControlRequest, answer: &GateAnswer) -> Vec<Effect> {
        let Some(control) = &mut self.control else { return Vec::new() };
        match wish {
            ControlRequest::Stage => control.was_read(PollKind::Stage, answer),
            ControlRequest::Settings => control.was_read(PollKind::Settings, answer),
            ControlRequest::Step(_) | ControlRequest::Restart => {
                control.changing = control.changing.saturating_sub(1);
                match body(answer).and_then(Presentation::read) {
                    Ok(programme) => {
                        control.stage.trouble = None;
                        control.presentation = Some(programme);
                        self.say_step(*wish == ControlRequest::Restart);
                    }
                    Err(error) => self.warn(format!("the simulator says: {error}")),
                }
            }
            ControlRequest::Set { .. } | ControlRequest::Do { .. } => {
                control.changing = control.changing.saturating_sub(1);
                // Read in either case: what was refused is not so, and the panel shows again what is.
                let read = control.read(PollKind::Settings);
                if let Err(error) = body(answer) {
                    self.change_refused(error);
                }
                return read.into_iter().collect();
            }
        }
        Vec::new()
    }

    /// Says where the presentation is now.
    fn say_step(&mut self, restarted: bool) {
        let Some(programme) = self.control.as_ref().and_then(SimControl::presentation) else { return };
        let place = programme.place();
        let note = programme.note.clone();
        if restarted {
            self.begin_anew();
            self.say(format!("begun again, with new calls; {place}"));
        } else if let Some(note) = note {
            self.warn(format!("{place}; but {note}"));
        } else {
            self.say(place);
        }
    }

    /// The old calls have ended: the selection goes to the first of the new ones.
    fn begin_anew(&mut self) {
        let first = self.calls().next().map(|it| it.id.clone());
        self.select_call(first);
    }
}

/// The body of a good answer, or what went wrong, in words; untrusted text.
fn body(answer: &GateAnswer) -> Result<&str, String> {
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
