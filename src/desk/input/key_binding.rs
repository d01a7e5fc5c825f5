//! What one row of the key table holds, and where a key works.

use crate::desk::command::Command;
use crate::desk::input::key_press::KeyPress;
use crate::desk::vocab::{Motion, Pane};

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct KeyBinding {
    /// The command's name: in the palette, in the settings that give it other presses, and in the README.
    pub name: &'static str,
    /// Where it works.
    pub on: KeyContext,
    /// The presses that mean it unless the settings say otherwise; the first is the one that the footer shows. None
    /// for a command that only the palette has.
    pub press: &'static [KeyPress],
    /// What it means.
    pub command: Command,
    /// What it can do to people on a call.
    pub risk: Risk,
    /// A word for the footer; empty for keys that everybody knows.
    pub hint: &'static str,
    /// A sentence for the help.
    pub help: &'static str,
}

/// Where a key works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyContext {
    /// In every pane.
    Everywhere,
    /// In this pane.
    Pane(Pane),
    /// While this lies over the panes.
    Modal(ModalKind),
}

/// What lies over the panes and takes keys that are not text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ModalKind {
    /// The key table.
    Help,
    /// A question that a key answers.
    Question,
    /// A question that a typed word answers.
    TypedQuestion,
    /// Details of a call or a person.
    Details,
    /// Details of an operation.
    OperationDetails,
    /// The journal's record of what is shown.
    Evidence,
    /// A call's timeline.
    Timeline,
    /// The floor's last hour.
    LastHour,
    /// The simulator's settings.
    SimSettings,
}

/// What a key can do to people on a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Risk {
    /// It changes nothing for them.
    Safe,
    /// It changes what they hear or how they are heard.
    Live,
    /// It cannot be taken back.
    Destructive,
}

impl KeyBinding {
    /// Whether it works in a pane.
    #[must_use]
    pub fn works_in(&self, pane: Pane) -> bool {
        match self.on {
            KeyContext::Everywhere => true,
            // Waiting lists people too, and an act there is about the one who is selected.
            KeyContext::Pane(Pane::Participants) => matches!(pane, Pane::Participants | Pane::Waiting),
            KeyContext::Pane(on) => on == pane,
            KeyContext::Modal(_) => false,
        }
    }

    /// Whether it belongs to a modal alone, and to no pane.
    #[must_use]
    pub const fn is_of_modal(&self) -> bool {
        matches!(self.on, KeyContext::Modal(_))
    }
}

impl KeyContext {
    /// Its name in the help and in the guide.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Everywhere => "everywhere",
            Self::Pane(pane) => pane.name(),
            Self::Modal(kind) => kind.name(),
        }
    }
}

impl ModalKind {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Help,
        Self::Question,
        Self::TypedQuestion,
        Self::Details,
        Self::OperationDetails,
        Self::Evidence,
        Self::Timeline,
        Self::LastHour,
        Self::SimSettings,
    ];

    /// Its name in the help and in the guide.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Help => "help",
            Self::Question => "a question",
            Self::TypedQuestion => "a typed question",
            Self::Details => "details",
            Self::OperationDetails => "operation details",
            Self::Evidence => "evidence",
            Self::Timeline => "story",
            Self::LastHour => "last hour",
            Self::SimSettings => "simulator settings",
        }
    }

    /// The commands of the panes that work here too, each with its word for the footer.
    pub(in crate::desk) fn taken(self) -> impl Iterator<Item = (Command, &'static str)> {
        let [down, up] = self.row_words();
        let rest = [Motion::First, Motion::Last, Motion::PageDown, Motion::PageUp, Motion::HalfDown, Motion::HalfUp];
        let motions = [(Command::Move(Motion::Down), down), (Command::Move(Motion::Up), up)];
        let motions = motions.into_iter().chain(rest.map(|it| (Command::Move(it), "")));
        self.pane_commands().iter().copied().chain(motions).chain([(Command::Back, "close")])
    }

    /// The commands of the panes that work here, but for motions and the way out, which work in every modal.
    const fn pane_commands(self) -> &'static [(Command, &'static str)] {
        match self {
            Self::Question | Self::TypedQuestion | Self::Evidence | Self::LastHour => &[],
            Self::Help => &[(Command::Filter, "search")],
            Self::Details => &[(Command::Help, "help")],
            Self::OperationDetails => &[
                (Command::Help, "help"),
                (Command::Retry, "retry"),
                (Command::Undo, "undo"),
                (Command::Evidence, "evidence"),
                (Command::Copy, "copy"),
                (Command::CopyRequest, "copy request"),
            ],
            Self::Timeline => &[
                (Command::Open, "operation"),
                (Command::NextCall, "next call"),
                (Command::PreviousCall, "call before"),
            ],
            Self::SimSettings => &[(Command::Open, "do or change"), (Command::SimSettings, ""), (Command::Quit, "")],
        }
    }

    /// The words for a row down and a row up; empty where the footer does not show them, because there is nothing to
    /// move through, or only sometimes.
    const fn row_words(self) -> [&'static str; 2] {
        match self {
            Self::Question | Self::TypedQuestion | Self::LastHour => ["", ""],
            Self::Timeline => ["lane down", "lane up"],
            Self::Help | Self::Details | Self::OperationDetails | Self::Evidence | Self::SimSettings => ["down", "up"],
        }
    }

    /// Whether a command of the panes works here.
    pub(in crate::desk) fn takes(self, command: Command) -> bool {
        self.taken().any(|(it, _)| it == command)
    }
}
