//! The operator's desk: what is selected, what is being confirmed, what may be done, and what a key means.
//!
//! Everything that can happen is an [`Event`], everything that can be wanted is an [`Effect`], and [`update()`] is the
//! only way from one to the other. The desk does no I/O and reads no clock: time comes with the events. What is
//! proved it never decides; it asks the floor. It knows nothing of terminals, sockets or drawing.

mod acts;
mod board;
mod command;
mod event;
mod export;
mod floors;
mod input;
mod link;
mod modal;
mod presenter;
mod privacy;
mod queries;
mod settings_update;
mod update;
mod vocab;

pub use acts::bulk::{BulkAct, BulkMember, BulkOutcome, LedgerRow};
pub use acts::bulk_confirm::{BulkConfirm, BulkItem};
pub use acts::confirm::{BoundAct, Confirm, TypedWord};
pub use acts::fast::ConfirmMode;
pub use acts::pending::{PendingAct, PendingState};
pub use acts::rules::offered;
pub use board::columns::{COLUMNS, Column, PaneColumns, PaneSort, ShownColumn};
pub use board::filter::{Filter, FilterError, FilterVocabulary};
pub use board::notices::NoticeMethod;
pub use board::pane_sizes::PaneSizes;
pub use board::row_values::{call_kind, mic_word};
pub use board::selection::window;
pub use board::waiting::{WaitingList, WaitingPerson};
pub use command::{Command, ModalCommand};
pub use event::{ActToSend, Effect, Event, GateAnswer, Stamped};
pub use export::clip::{ClipboardItem, ExportFormat};
pub use export::curl::curl;
pub use input::key_press::KeyPress;
pub use input::key_table::{KEYS, KeyBinding, KeyContext, ModalKind, Risk, keys_markdown};
pub use input::keymap::{Keymap, KeymapError};
pub use input::suggest::nearest;
pub use input::text_input::TextInput;
pub use link::{LinkState, RelayLink};
pub use modal::Modal;
pub use modal::details::{DetailsSubject, DetailsView};
pub use modal::evidence::{EvidenceState, EvidenceView, JournalRecord};
pub use modal::filter_prompt::FilterPrompt;
pub use modal::help::HelpView;
pub use modal::last_hour::LastHour;
pub use modal::operation_trace::{OperationTrace, TraceState, TraceStep, TraceStepKind};
pub use modal::palette::Palette;
pub use modal::timeline::{TimeRange, TimelineLane, TimelineMark, TimelineView};
pub use presenter::script::{Presentation, PresentationStep, StepExpectation};
pub use presenter::sim_control::SimControl;
pub use presenter::sim_settings::{SimSetting, SimSettingKind, SimSettingsPanel};
pub use settings_update::{DeskSetup, SettingsUpdate};
pub use update::update;
pub use vocab::{
    ClickedRow, ControlRequest, Denied, Motion, Pane, ParticipantRef, ParticipantRow, RowId, StepDirection, called,
};

use acts::Acts;
use board::Board;
use floors::{DeskClock, Floors};
use input::Input;
use privacy::Privacy;
use settings_update::SettingsBaseline;

use crate::floor::{AlertLimits, Floor, Gap};
use crate::time::{Millis, Timestamp};

/// One operator's desk: states of their own, which know nothing of each other.
///
/// Invariant: a selection is an identity, never a row; nothing that re-sorts the board moves it to another person.
#[derive(Debug)]
pub struct Desk {
    clock: DeskClock,
    floors: Floors,
    link: RelayLink,
    board: Board,
    acts: Acts,
    modal: Modal,
    message: Option<DeskMessage>,
    input: Input,
    control: Option<SimControl>,
    privacy: Privacy,
    /// The panes and the confirm mode as the settings say: what differs was changed by hand.
    baseline: SettingsBaseline,
}

/// What the message line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskMessage {
    /// The sentence; may hold untrusted text.
    pub text: String,
    /// Whether something was refused or went wrong.
    pub warning: bool,
    /// When it was said, in wall time.
    pub at: Timestamp,
}

impl DeskMessage {
    /// How long it stays where no key takes it away: what is older speaks of what may no longer be so.
    pub const STAYS: Millis = Millis::seconds(20);
}

impl Desk {
    /// An empty desk that waits for its line.
    #[must_use]
    pub fn new(setup: DeskSetup) -> Self {
        Self {
            clock: DeskClock::default(),
            floors: Floors::default(),
            link: RelayLink::default(),
            board: Board::new(&setup),
            acts: Acts::new(&setup),
            modal: Modal::None,
            message: None,
            control: setup.control.then(|| SimControl::new(setup.audience)),
            privacy: Privacy::new(setup.seed),
            baseline: SettingsBaseline::of(&setup),
            input: Input::new(setup.keymap),
        }
    }

    /// The floor as it is now, also while the display is paused: what rules are decided on.
    #[must_use]
    pub const fn live(&self) -> &Floor {
        &self.floors.live
    }

    /// The floor that is shown.
    #[must_use]
    pub fn floor(&self) -> &Floor {
        self.floors.shown()
    }

    /// The last gap, until everything has been read again and a key was pressed after that; it stays in the event log.
    #[must_use]
    pub fn gap(&self) -> Option<&Gap> {
        self.floor().gap().filter(|it| it.resynced.is_none() || self.floors.gap_read != Some(it.at))
    }

    /// The time that ages are shown at: it stands still while the line is down or the display is paused.
    #[must_use]
    pub fn shown_at(&self) -> Timestamp {
        let paused = self.floors.paused.as_ref().map(|it| it.at);
        paused.or(self.link.frozen_at).unwrap_or(self.clock.now)
    }

    /// Floor time at the last event.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.clock.now
    }

    /// Wall time at the last event.
    #[must_use]
    pub const fn wall(&self) -> Timestamp {
        self.clock.wall
    }

    /// The line to the relay, and what the relay said of us and of others.
    #[must_use]
    pub const fn link(&self) -> &RelayLink {
        &self.link
    }

    /// The pane that keys go to.
    #[must_use]
    pub const fn pane(&self) -> Pane {
        self.board.selection.pane
    }

    /// What lies over the panes.
    #[must_use]
    pub const fn modal(&self) -> &Modal {
        &self.modal
    }

    /// The message line.
    #[must_use]
    pub const fn message(&self) -> Option<&DeskMessage> {
        self.message.as_ref()
    }

    /// Whether acts are off by `W` or by the settings.
    #[must_use]
    pub const fn read_only(&self) -> bool {
        self.acts.read_only
    }

    /// When waiting becomes an alert.
    #[must_use]
    pub const fn limits(&self) -> &AlertLimits {
        &self.board.limits
    }

    /// Which presses mean which command.
    #[must_use]
    pub const fn keymap(&self) -> &Keymap {
        &self.input.keymap
    }

    /// How many changes the paused display is behind; `None` when it is not paused.
    #[must_use]
    pub fn behind(&self) -> Option<usize> {
        self.floors.paused.as_ref().map(|it| it.behind)
    }

    fn say(&mut self, text: impl Into<String>) {
        let text = self.privacy.anonymise_text(text.into());
        self.message = Some(DeskMessage { text, warning: false, at: self.clock.wall });
    }

    /// Says what names nobody, also in privacy mode.
    fn say_as_it_is(&mut self, text: String) {
        self.message = Some(DeskMessage { text, warning: false, at: self.clock.wall });
    }

    fn warn(&mut self, text: impl Into<String>) {
        let text = self.privacy.anonymise_text(text.into());
        self.message = Some(DeskMessage { text, warning: true, at: self.clock.wall });
    }
}
