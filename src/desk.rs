//! The operator's desk: what is selected, what is being confirmed, what may be done, and what a key means.
//!
//! Everything that can happen is an [`Event`], everything that can be wanted is an [`Effect`], and [`update()`] is the
//! only way from one to the other. The desk does no I/O and reads no clock: time comes with the events. What is
//! proved it never decides; it asks the floor. It knows nothing of terminals, sockets or drawing.

mod act;
mod alarm;
mod alerts;
mod batch;
mod board;
mod columns;
mod command;
mod confirm;
mod control;
mod copy;
mod curl;
mod event;
mod exhibit;
mod fast;
mod faults;
mod filter;
mod force;
mod help;
mod hour;
mod idle;
mod inspect;
mod keymap;
mod keys;
mod ledger;
mod line;
mod link;
mod many;
mod marks;
mod meanwhile;
mod mouse;
mod nearest;
mod overlay;
mod palette;
mod press;
mod private;
mod prompt;
mod retune;
mod rules;
mod sizes;
mod stage;
mod story;
mod ticket;
mod told;
mod trail;
mod typing;
mod undo;
mod update;
mod view;
mod waiting;

pub use act::called;
pub use alarm::NoticeMethod;
pub use batch::{BulkAct, BulkMember, BulkOutcome};
pub use board::{Pane, ParticipantRef, ParticipantRow, window};
pub use columns::{COLUMNS, Column, PaneColumns, PaneSort, ShownColumn};
pub use command::{Command, Motion};
pub use confirm::{Confirm, TypedWord};
pub use control::{ControlRequest, SimControl, StepDirection};
pub use copy::{ClipboardItem, ExportFormat};
pub use curl::curl;
pub use event::{ActToSend, DeskRole, Effect, Event, FeedUpdate, GateAnswer, OnlineOperator, RelayGreeting, Stamped};
pub use exhibit::{EvidenceState, EvidenceView, JournalRecord};
pub use fast::ConfirmMode;
pub use faults::{SimSetting, SimSettingKind, SimSettingsPanel};
pub use filter::{Filter, FilterError, FilterVocabulary};
pub use help::HelpView;
pub use hour::LastHour;
pub use inspect::{DetailsSubject, DetailsView};
pub use keymap::{Keymap, KeymapError};
pub use keys::{KEYS, KeyBinding, KeyContext, Risk, keys_markdown};
pub use ledger::{LedgerRow, PendingAct, PendingState, RowId};
pub use line::TextInput;
pub use link::{LinkState, RelayLink};
pub use many::{BulkConfirm, BulkItem};
pub use mouse::ClickedRow;
pub use nearest::nearest;
pub use overlay::Modal;
pub use palette::Palette;
pub use press::KeyPress;
pub use prompt::FilterPrompt;
pub use retune::SettingsUpdate;
pub use rules::{Denied, offered};
pub use sizes::PaneSizes;
pub use stage::{Presentation, PresentationStep, StepExpectation};
pub use story::{TimeRange, TimelineLane, TimelineMark, TimelineView};
pub use told::{call_kind, mic_word};
pub use trail::{OperationTrace, TraceState, TraceStep, TraceStepKind};
pub use update::update;
pub use waiting::{WaitingList, WaitingPerson};

use crate::floor::{AlertLimits, Floor, OperationNumber, Pseudonyms, Ticket};
use crate::graph::{CallId, ParticipantId};
use crate::moment::{Millis, Timestamp};

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
    who: Option<ParticipantRef>,
    row: Option<RowId>,
    overlay: Modal,
    message: Option<DeskMessage>,
    /// The newest act of ours, which the message line follows to its end.
    followed: Option<Ticket>,
    read_only: bool,
    slips: ledger::PendingActs,
    batches: batch::BulkActs,
    marks: marks::MarkedPeople,
    tickets: ticket::TicketSource,
    typing: typing::PasteGuard,
    interrupted: Option<Timestamp>,
    limits: AlertLimits,
    keymap: Keymap,
    view: view::PaneViews,
    /// How the panes were set, as far as the settings say: what differs was changed by hand.
    set: retune::SettingsBaseline,
    acknowledged: alerts::AcknowledgedWaits,
    alarms: alarm::CriticalNotifier,
    idle: idle::IdleLock,
    fast: fast::FastMode,
    sizes: PaneSizes,
    page: usize,
    looked: Option<CallId>,
    /// Whether anyone has chosen yet; until then the selection is the worst call of the first whole board.
    touched: bool,
    control: Option<SimControl>,
    /// Whether the terminal has room for everything.
    roomy: bool,
    /// The other names of this session.
    session: Pseudonyms,
    /// What stands behind the desk in stage mode.
    private: Option<Box<private::PrivacyMode>>,
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
            who: None,
            row: None,
            overlay: Modal::None,
            message: None,
            followed: None,
            read_only: setup.read_only,
            slips: ledger::PendingActs::default(),
            batches: batch::BulkActs::default(),
            marks: marks::MarkedPeople::default(),
            tickets: ticket::TicketSource::new(setup.seed),
            typing: typing::PasteGuard::default(),
            interrupted: None,
            set: retune::SettingsBaseline::of(&setup),
            limits: setup.limits,
            keymap: setup.keymap,
            view: view::PaneViews::new(setup.columns),
            acknowledged: alerts::AcknowledgedWaits::default(),
            alarms: alarm::CriticalNotifier::new(setup.notice),
            idle: idle::IdleLock::new(setup.idle_lock),
            fast: fast::FastMode::new(setup.pace),
            sizes: PaneSizes::default(),
            page: 10,
            looked: None,
            touched: false,
            control: setup.control.then(|| SimControl::new(setup.audience)),
            roomy: false,
            session: Pseudonyms::new(setup.seed),
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
    pub const fn overlay(&self) -> &Modal {
        &self.overlay
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
