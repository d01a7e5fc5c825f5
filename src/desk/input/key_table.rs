//! The one key table: dispatch, footer, help, read-only mode and the README's table all read it.

mod bindings;

use std::fmt::Write as _;

use crate::desk::command::Command;
use crate::desk::input::key_press::KeyPress;
use crate::desk::vocab::{Motion, Pane};

pub use bindings::KEYS;

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
    /// Everyone who waits.
    Waiting,
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
    /// The row of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        KEYS.iter().find(|it| it.name == name)
    }

    /// Whether it works in a pane.
    #[must_use]
    pub fn works_in(&self, pane: Pane) -> bool {
        match self.on {
            KeyContext::Everywhere => true,
            KeyContext::Pane(on) => on == pane,
            KeyContext::Modal(_) => false,
        }
    }

    /// Whether it belongs to a modal alone, and to no pane.
    #[must_use]
    pub const fn is_of_modal(&self) -> bool {
        matches!(self.on, KeyContext::Modal(_))
    }

    /// The keys of a modal, each with its word for the footer, which is empty for keys that everybody knows: its own,
    /// and those of the panes that work there too.
    pub fn of_modal(kind: ModalKind) -> impl Iterator<Item = (&'static Self, &'static str)> {
        let own = KEYS.iter().filter(move |it| it.on == KeyContext::Modal(kind)).map(|it| (it, it.hint));
        let taken = kind.taken().filter_map(|(command, hint)| {
            KEYS.iter().find(|it| it.command == command && !it.is_of_modal()).map(|it| (it, hint))
        });
        own.chain(taken)
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
    pub const ALL: [Self; 10] = [
        Self::Help,
        Self::Question,
        Self::TypedQuestion,
        Self::Details,
        Self::OperationDetails,
        Self::Evidence,
        Self::Waiting,
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
            Self::Waiting => "waiting list",
            Self::Timeline => "story",
            Self::LastHour => "last hour",
            Self::SimSettings => "simulator settings",
        }
    }

    /// The commands of the panes that work here too, each with its word for the footer.
    fn taken(self) -> impl Iterator<Item = (Command, &'static str)> {
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
            Self::Waiting => &[(Command::Open, "go to")],
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
            Self::Help
            | Self::Details
            | Self::OperationDetails
            | Self::Evidence
            | Self::Waiting
            | Self::SimSettings => ["down", "up"],
        }
    }

    /// Whether a command of the panes works here.
    pub(in crate::desk) fn takes(self, command: Command) -> bool {
        self.taken().any(|(it, _)| it == command)
    }
}

/// The table as the README prints it.
#[must_use]
pub fn keys_markdown() -> String {
    let mut text = "| key | where | what it does |\n| --- | --- | --- |\n".to_owned();
    for key in KEYS {
        let on = key.on.name();
        let mut presses: Vec<String> = key.press.iter().map(|it| format!("`{it}`")).collect();
        if presses.is_empty() {
            presses.push(format!("`:{}`", key.name));
        }
        // Writing to a text cannot fail.
        let _ = writeln!(text, "| {} | {on} | {} |", presses.join(" "), key.help);
    }
    text
}
