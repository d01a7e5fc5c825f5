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
mod input;
mod link;
mod modal;
mod presenter;
mod privacy;
mod settings_update;
mod suggest;
mod update;

pub use acts::bulk::{BulkAct, BulkMember, BulkOutcome};
pub use acts::bulk_confirm::{BulkConfirm, BulkItem};
pub use acts::confirm::{Confirm, TypedWord};
pub use acts::fast::ConfirmMode;
pub use acts::pending::{LedgerRow, PendingAct, PendingState, RowId};
pub use acts::request::called;
pub use acts::rules::{Denied, offered};
pub use board::columns::{COLUMNS, Column, PaneColumns, PaneSort, ShownColumn};
pub use board::filter::{Filter, FilterError, FilterVocabulary};
pub use board::notices::NoticeMethod;
pub use board::pane_sizes::PaneSizes;
pub use board::row_values::{call_kind, mic_word};
pub use board::selection::{Pane, ParticipantRef, ParticipantRow, window};
pub use board::waiting::{WaitingList, WaitingPerson};
pub use command::{Command, Motion};
pub use event::{ActToSend, DeskRole, Effect, Event, FeedUpdate, GateAnswer, OnlineOperator, RelayGreeting, Stamped};
pub use export::clip::{ClipboardItem, ExportFormat};
pub use export::curl::curl;
pub use input::key_press::KeyPress;
pub use input::key_table::{KEYS, KeyBinding, KeyContext, Risk, keys_markdown};
pub use input::keymap::{Keymap, KeymapError};
pub use input::mouse::ClickedRow;
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
pub use presenter::sim_control::{ControlRequest, SimControl, StepDirection};
pub use presenter::sim_settings::{SimSetting, SimSettingKind, SimSettingsPanel};
pub use settings_update::SettingsUpdate;
pub use suggest::nearest;
pub use update::update;

use crate::floor::{AlertLimits, Floor, OperationNumber, Pseudonyms, Ticket};
use crate::graph::{CallId, ParticipantId};
use crate::time::{Millis, Timestamp};

/// One operator's desk.
///
/// Invariant: a selection is an identity, never a row; nothing that re-sorts the board moves it to another person.
#[derive(Debug)]
pub struct Desk {
    floor: Floor,
    paused: Option<PausedBoard>,
    frozen: Option<FrozenOrder>,
    link: RelayLink,
    now: Timestamp,
    wall: Timestamp,
    pane: Pane,
    call: Option<CallId>,
    selected_participant: Option<ParticipantRef>,
    selected_row: Option<RowId>,
    modal: Modal,
    message: Option<DeskMessage>,
    /// The newest act of ours, which the message line follows to its end.
    followed_ticket: Option<Ticket>,
    read_only: bool,
    pending: acts::pending::PendingActs,
    bulk: acts::bulk::BulkActs,
    marks: acts::marks::MarkedPeople,
    tickets: acts::ticket::TicketSource,
    paste_guard: input::paste_guard::PasteGuard,
    interrupted: Option<Timestamp>,
    limits: AlertLimits,
    keymap: Keymap,
    view: board::view::PaneViews,
    /// How the panes were set, as far as the settings say: what differs was changed by hand.
    baseline: settings_update::SettingsBaseline,
    acknowledged: board::alerts::AcknowledgedWaits,
    notifier: board::notices::CriticalNotifier,
    idle: acts::idle_lock::IdleLock,
    fast: acts::fast::FastMode,
    sizes: PaneSizes,
    page: usize,
    reported_call: Option<CallId>,
    /// Whether anyone has chosen yet; until then the selection is the worst call of the first whole board.
    user_selected: bool,
    control: Option<SimControl>,
    /// Whether the terminal has room for everything.
    fits_all_panes: bool,
    /// The other names of this session.
    pseudonym_seed: Pseudonyms,
    /// What stands behind the desk in stage mode.
    private: Option<Box<privacy::PrivacyMode>>,
}

/// What a desk starts with.
#[derive(Debug, Clone, Default)]
pub struct DeskSetup {
    /// What the tickets' random part, and the other names of stage mode, are made from.
    pub seed: u64,
    /// Whether acts are off until `W`.
    pub read_only: bool,
    /// Whether single acts are confirmed.
    pub pace: ConfirmMode,
    /// After how long without a key, in wall time, acts go off until `W`; never if none.
    pub idle_lock: Option<Millis>,
    /// How somebody who does not look is told of a critical wait.
    pub notice: NoticeMethod,
    /// When waiting becomes an alert.
    pub limits: AlertLimits,
    /// Which presses mean which command.
    pub keymap: Keymap,
    /// The columns of the panes.
    pub columns: PaneColumns,
    /// What is shown of the panes, to begin with.
    pub filters: Vec<(Pane, Filter)>,
    /// The order of the panes that are not in their own, to begin with.
    pub sorts: Vec<(Pane, PaneSort)>,
    /// Whether there is a simulator's control behind the board.
    pub control: bool,
    /// Whether an audience sees the screen: Page Down and Page Up are a clicker's, and no notes are shown.
    pub audience: bool,
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

/// A board that stands still while the floor goes on.
#[derive(Debug)]
struct PausedBoard {
    floor: Floor,
    at: Timestamp,
    behind: usize,
}

/// The order of the rows while an act is being confirmed.
#[derive(Debug)]
struct FrozenOrder {
    calls: Vec<CallId>,
    people: Vec<ParticipantId>,
    last: OperationNumber,
    slip: u64,
    batch: u64,
}

impl DeskMessage {
    /// How long it stays where no key takes it away: what is older speaks of what may no longer be so.
    pub const STAYS: Millis = Millis::seconds(20);
}

impl Desk {
    /// An empty desk that waits for its line.
    #[must_use]
    pub fn new(setup: DeskSetup) -> Self {
        let mut desk = Self {
            floor: Floor::default(),
            paused: None,
            frozen: None,
            link: RelayLink::default(),
            now: Timestamp::default(),
            wall: Timestamp::default(),
            pane: Pane::Calls,
            call: None,
            selected_participant: None,
            selected_row: None,
            modal: Modal::None,
            message: None,
            followed_ticket: None,
            read_only: setup.read_only,
            pending: acts::pending::PendingActs::default(),
            bulk: acts::bulk::BulkActs::default(),
            marks: acts::marks::MarkedPeople::default(),
            tickets: acts::ticket::TicketSource::new(setup.seed),
            paste_guard: input::paste_guard::PasteGuard::default(),
            interrupted: None,
            baseline: settings_update::SettingsBaseline::of(&setup),
            limits: setup.limits,
            keymap: setup.keymap,
            view: board::view::PaneViews::new(setup.columns),
            acknowledged: board::alerts::AcknowledgedWaits::default(),
            notifier: board::notices::CriticalNotifier::new(setup.notice),
            idle: acts::idle_lock::IdleLock::new(setup.idle_lock),
            fast: acts::fast::FastMode::new(setup.pace),
            sizes: PaneSizes::default(),
            page: 10,
            reported_call: None,
            user_selected: false,
            control: setup.control.then(|| SimControl::new(setup.audience)),
            fits_all_panes: false,
            pseudonym_seed: Pseudonyms::new(setup.seed),
            private: None,
        };
        for (pane, sort) in setup.sorts {
            desk.view.set_sort(pane, Some(sort));
        }
        for (pane, filter) in setup.filters {
            desk.filter_by(pane, Some(filter));
        }
        desk
    }

    /// The floor as it is now, also while the display is paused: what rules are decided on.
    #[must_use]
    pub const fn live(&self) -> &Floor {
        &self.floor
    }

    /// The floor that is shown.
    #[must_use]
    pub fn floor(&self) -> &Floor {
        self.paused.as_ref().map_or(&self.floor, |it| &it.floor)
    }

    /// The time that ages are shown at: it stands still while the line is down or the display is paused.
    #[must_use]
    pub fn shown_at(&self) -> Timestamp {
        self.paused.as_ref().map_or_else(|| self.link.frozen_at.unwrap_or(self.now), |it| it.at)
    }

    /// Floor time at the last event.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// Wall time at the last event.
    #[must_use]
    pub const fn wall(&self) -> Timestamp {
        self.wall
    }

    /// The line to the relay, and what the relay said of us and of others.
    #[must_use]
    pub const fn link(&self) -> &RelayLink {
        &self.link
    }

    /// The pane that keys go to.
    #[must_use]
    pub const fn pane(&self) -> Pane {
        self.pane
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
        self.read_only
    }

    /// When waiting becomes an alert.
    #[must_use]
    pub const fn limits(&self) -> &AlertLimits {
        &self.limits
    }

    /// Which presses mean which command.
    #[must_use]
    pub const fn keymap(&self) -> &Keymap {
        &self.keymap
    }

    /// How many changes the paused display is behind; `None` when it is not paused.
    #[must_use]
    pub fn behind(&self) -> Option<usize> {
        self.paused.as_ref().map(|it| it.behind)
    }
}
