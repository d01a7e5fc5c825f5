//! The operator's desk: what is selected, what is being confirmed, what may be done, and what a key means.
//!
//! Everything that can happen is an [`Event`], everything that the desk can request is an [`Effect`], and [`update()`]
//! is the only way from one to the other. The desk does no I/O and reads no clock: time comes with the events. Whether
//! an act is proved is the floor's decision, never the desk's. The desk knows nothing of terminals, sockets or drawing.

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
mod search_text;
mod settings_update;
mod update;
mod vocab;

pub use acts::arming::{ActDelays, Arming};
pub use acts::bulk::{BulkAct, BulkDrop, BulkMember, BulkOutcome, LedgerRow};
pub use acts::bulk_confirm::{BulkConfirm, BulkItem};
pub use acts::confirm::{BoundAct, Confirm, TypedWord};
pub use acts::fast::ConfirmMode;
pub use acts::pending::{PendingAct, PendingState};
pub use acts::question::{Question, QuestionKind};
pub use acts::rules::offered;
pub use board::columns::{COLUMNS, Column, PaneColumns, PaneSort, ShownColumn};
pub use board::display::time_of_day;
pub use board::filter::{Filter, FilterError, FilterVocabulary};
pub use board::notices::NoticeMethod;
pub use board::pane_sizes::{PaneRows, PaneSizes};
pub use board::row_values::{call_kind, doubt_word, kind_word, mic_word};
pub use board::selection::window;
pub use board::waiting::{ProvedRelease, WaitingPerson};
pub use command::{Command, ModalCommand};
pub use event::{ActToSend, Effect, Event, GateAnswer, InputTime, Stamped};
pub use export::clip::{ClipboardItem, ExportFormat};
pub use export::curl::curl;
pub use input::key_press::KeyPress;
pub use input::key_table::{KEYS, KeyBinding, KeyContext, KeyGroup, ModalKind, Risk, keys_markdown};
pub use input::keymap::{Keymap, KeymapError};
pub use input::suggest::nearest;
pub use input::text_input::TextInput;
pub use link::{LinkState, RelayLink};
pub use modal::Modal;
pub use modal::details::{DetailsSubject, DetailsView};
pub use modal::evidence::search::{EvidenceFound, EvidenceSearch, JournalRecord};
pub use modal::evidence::{EvidenceState, EvidenceView};
pub use modal::filter_prompt::FilterPrompt;
pub use modal::help::HelpView;
pub use modal::last_hour::LastHour;
pub use modal::list_search::ListSearch;
pub use modal::operation_trace::{OperationTrace, TraceState, TraceStep, TraceStepKind};
pub use modal::palette::Palette;
pub use modal::scroll::ScrollExtent;
pub use modal::timeline::{TimeRange, TimelineLane, TimelineMark, TimelineView};
pub use presenter::script::{Presentation, PresentationStep, StepExpectation, StepFocus};
pub use presenter::sim_control::SimControl;
pub use presenter::sim_settings::{SimSetting, SimSettingKind, SimSettingsPanel};
pub use queries::alerts::AlertCounts;
pub use queries::confirm_facts::ConfirmFact;
pub use queries::earlier_acts::would_act;
pub use queries::floor_lines::{FloorLine, FloorNews, events_of, floor_lines};
pub use settings_update::{DeskSetup, SettingsUpdate};
pub use update::update;
pub use vocab::{
    ClickedRow, ControlRequest, Denied, Motion, Pane, ParticipantRef, ParticipantRow, RowId, StepDirection, called,
};

use jiff::tz::TimeZone;

use acts::Acts;
use board::Board;
use floors::{DeskClock, Floors};
use input::Input;
use privacy::Privacy;
use settings_update::SettingsBaseline;

use crate::floor::{AlertLimits, Floor, Gap};
use crate::time::{Millis, Timestamp};

/// One operator's desk, made of independent states.
///
/// Invariant: a selection is an identity, never a row; re-sorting the board never moves it to another person.
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
    /// The panes and the confirm mode as the settings gave them; a difference is the operator's own change.
    baseline: SettingsBaseline,
}

/// The text of the message line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskMessage {
    /// The sentence; may hold untrusted text.
    pub text: String,
    /// Whether it reports a refusal or a fault.
    pub warning: bool,
    /// When it appeared, in wall time.
    pub at: Timestamp,
}

impl DeskMessage {
    /// How long a message stays if no key removes it; after that it may no longer be true.
    pub const STAYS: Millis = Millis::seconds(20);
}

impl Desk {
    /// Returns an empty desk that waits for its connection.
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

    /// Returns the live floor, also while the display is paused. Rules are decided on it.
    #[must_use]
    pub const fn live(&self) -> &Floor {
        self.floors.live()
    }

    /// Returns the floor that is shown: the live one, or the paused one.
    #[must_use]
    pub fn floor(&self) -> &Floor {
        self.floors.shown()
    }

    /// The last gap, until everything has been read again and a key was pressed after that; it stays in the event log.
    #[must_use]
    pub fn gap(&self) -> Option<&Gap> {
        self.floor().gap().filter(|it| it.resynced.is_none() || !self.floors.has_read_gap(it))
    }

    /// Returns the time that ages are computed at. It stands still while the line is down or the display is paused.
    #[must_use]
    pub fn shown_at(&self) -> Timestamp {
        self.floors.paused_at().or(self.link.frozen_at()).unwrap_or(self.clock.now())
    }

    /// Returns the floor time of the last event.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Returns the wall time of the last event.
    #[must_use]
    pub const fn wall(&self) -> Timestamp {
        self.clock.wall()
    }

    /// Returns the state of the line to the relay, our role, and the other operators.
    #[must_use]
    pub const fn link(&self) -> &RelayLink {
        &self.link
    }

    /// Returns the focused pane.
    #[must_use]
    pub const fn pane(&self) -> Pane {
        self.board.selection.pane()
    }

    /// The zone that times of day are shown in.
    #[must_use]
    pub const fn zone(&self) -> &TimeZone {
        self.board.display.zone()
    }

    /// How many lines of the event log are scrolled past.
    #[must_use]
    pub const fn events_scroll(&self) -> usize {
        self.board.display.events_scroll()
    }

    /// What lies over the panes.
    #[must_use]
    pub const fn modal(&self) -> &Modal {
        &self.modal
    }

    /// Returns the message of the message line.
    #[must_use]
    pub const fn message(&self) -> Option<&DeskMessage> {
        self.message.as_ref()
    }

    /// Returns whether acts are off, by key or by the settings.
    #[must_use]
    pub const fn read_only(&self) -> bool {
        self.acts.idle.is_read_only()
    }

    /// Returns the limits after which a wait becomes an alert.
    #[must_use]
    pub const fn limits(&self) -> &AlertLimits {
        self.board.limits()
    }

    /// Returns which presses run which command.
    #[must_use]
    pub const fn keymap(&self) -> &Keymap {
        &self.input.keymap
    }

    /// Returns how many changes the paused display is behind; `None` while it is not paused.
    #[must_use]
    pub fn behind(&self) -> Option<usize> {
        self.floors.behind()
    }

    fn say(&mut self, text: impl Into<String>) {
        let text = self.privacy.anonymise_text(text.into());
        self.message = Some(DeskMessage { text, warning: false, at: self.clock.wall() });
    }

    /// Shows a message that contains no name, unchanged in privacy mode.
    fn say_as_it_is(&mut self, text: String) {
        self.message = Some(DeskMessage { text, warning: false, at: self.clock.wall() });
    }

    fn warn(&mut self, text: impl Into<String>) {
        let text = self.privacy.anonymise_text(text.into());
        self.message = Some(DeskMessage { text, warning: true, at: self.clock.wall() });
    }
}
