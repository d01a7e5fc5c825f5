//! What one row of the key table holds, and where a key works.

use crate::desk::command::Command;
use crate::desk::input::key_press::KeyPress;
use crate::desk::vocab::{Motion, Pane};

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct KeyBinding {
    /// The command's name in the palette, in the settings' `[keys]` and in the guide.
    pub name: &'static str,
    /// The panes or the overlay in which the key works.
    pub on: KeyContext,
    /// The default presses; the footer shows the first. Empty for a command that only the palette offers.
    pub press: &'static [KeyPress],
    /// The command that a press runs.
    pub command: Command,
    /// What the command can do to people on a call.
    pub risk: Risk,
    /// The group in which the help and the guide list it.
    pub group: KeyGroup,
    /// The word beside the key in the footer; empty where the footer does not show the key.
    pub hint: &'static str,
    /// What the command does, as a sentence for the help.
    pub help: &'static str,
}

/// The groups in which the help and the guide list the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyGroup {
    /// Acts on people and calls, and the marks and answers for them.
    Act,
    /// Keys that show more of a call, a person or an operation.
    Look,
    /// Keys that move the selection.
    Move,
    /// Keys for how the board is shown, and for the console itself.
    Board,
    /// The simulator, and a presentation with it.
    Demo,
    /// Keys that work only while an overlay is open.
    Overlay,
}

/// Where a key works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyContext {
    /// In every pane.
    Everywhere,
    /// In one pane.
    Pane(Pane),
    /// Only while an overlay of this kind is open.
    Modal(ModalKind),
}

/// The kinds of overlay that have keys of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ModalKind {
    /// The help, which lists the keys.
    Help,
    /// The line in which a search of the help or of the simulator's settings is typed.
    ListSearch,
    /// The line in which a filter is typed.
    Filter,
    /// The command palette.
    Palette,
    /// A question that one key answers.
    Question,
    /// A question that a typed word answers.
    TypedQuestion,
    /// The details of a call or a person.
    Details,
    /// The details of an operation.
    OperationDetails,
    /// The journal's record of the selected row.
    Evidence,
    /// A call's timeline.
    Timeline,
    /// The charts of the last hour.
    LastHour,
    /// The simulator's settings.
    SimSettings,
}

/// What a key can do to people on a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Risk {
    /// It changes nothing for them.
    Safe,
    /// It changes what they hear or whether they are heard.
    Live,
    /// It cannot be undone.
    Destructive,
}

impl KeyBinding {
    /// Returns whether the key works in a pane.
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

    /// Returns whether the key works in an overlay only, and in no pane.
    #[must_use]
    pub const fn is_of_modal(&self) -> bool {
        matches!(self.on, KeyContext::Modal(_))
    }
}

impl KeyGroup {
    /// Every group, in the order of the help and of the guide.
    pub const ALL: [Self; 6] = [Self::Act, Self::Look, Self::Move, Self::Board, Self::Demo, Self::Overlay];

    /// Returns the heading of the group.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Act => "Act",
            Self::Look => "Look",
            Self::Move => "Move",
            Self::Board => "Board",
            Self::Demo => "Demo",
            Self::Overlay => "Overlay",
        }
    }
}

impl KeyContext {
    /// Returns the name that the help and the guide use.
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
    /// Every kind, in the order of the guide.
    pub const ALL: [Self; 12] = [
        Self::Help,
        Self::ListSearch,
        Self::Filter,
        Self::Palette,
        Self::Question,
        Self::TypedQuestion,
        Self::Details,
        Self::OperationDetails,
        Self::Evidence,
        Self::Timeline,
        Self::LastHour,
        Self::SimSettings,
    ];

    /// Returns the name that the help and the guide use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Help => "help",
            Self::ListSearch => "search line",
            Self::Filter => "filter line",
            Self::Palette => "palette",
            Self::Question => "question",
            Self::TypedQuestion => "typed confirmation",
            Self::Details => "details",
            Self::OperationDetails => "operation details",
            Self::Evidence => "evidence",
            Self::Timeline => "timeline",
            Self::LastHour => "last hour",
            Self::SimSettings => "simulator settings",
        }
    }

    /// Returns whether letters and editing keys are text here rather than commands.
    #[must_use]
    pub const fn is_typed(self) -> bool {
        matches!(self, Self::ListSearch | Self::Filter | Self::Palette | Self::TypedQuestion)
    }

    /// Returns the commands of the panes that work here too, each with its word for the footer.
    pub(in crate::desk) fn taken(self) -> impl Iterator<Item = (Command, &'static str)> {
        let [down, up] = self.row_words();
        let all = [
            (Motion::Down, down),
            (Motion::Up, up),
            (Motion::PageDown, ""),
            (Motion::PageUp, ""),
            (Motion::First, ""),
            (Motion::Last, ""),
            (Motion::HalfDown, ""),
            (Motion::HalfUp, ""),
        ];
        // Home, End, ctrl-d and ctrl-u edit text; the filter and the palette have no pane rows to move through.
        let count = match self {
            Self::Filter | Self::Palette => 0,
            Self::ListSearch | Self::TypedQuestion => 4,
            Self::Help
            | Self::Question
            | Self::Details
            | Self::OperationDetails
            | Self::Evidence
            | Self::Timeline
            | Self::LastHour
            | Self::SimSettings => all.len(),
        };
        let motions = all.into_iter().take(count).map(|(motion, word)| (Command::Move(motion), word));
        self.pane_commands().iter().copied().chain(motions).chain([(Command::Back, self.back_word())])
    }

    /// The commands of the panes that work here, without the motions and the key that closes it.
    const fn pane_commands(self) -> &'static [(Command, &'static str)] {
        match self {
            Self::ListSearch | Self::Filter | Self::Palette | Self::Question | Self::TypedQuestion | Self::LastHour => {
                &[]
            }
            Self::Evidence => &[(Command::Evidence, "part or whole")],
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
                (Command::Mute, "mute"),
                (Command::Release, "release"),
                (Command::Hold, "hold"),
                (Command::Remove, "remove"),
                (Command::NextCall, "next call"),
                (Command::PreviousCall, "previous call"),
            ],
            Self::SimSettings => &[(Command::Filter, "search"), (Command::SimSettings, ""), (Command::Quit, "")],
        }
    }

    /// The words for a row down and a row up; empty where the footer does not show them, because there is nothing to
    /// move through, or only sometimes.
    const fn row_words(self) -> [&'static str; 2] {
        match self {
            Self::Filter | Self::Palette | Self::Question | Self::TypedQuestion | Self::LastHour => ["", ""],
            Self::Timeline => ["lane down", "lane up"],
            Self::Help
            | Self::ListSearch
            | Self::Details
            | Self::OperationDetails
            | Self::Evidence
            | Self::SimSettings => ["down", "up"],
        }
    }

    /// The footer's word for the key that closes it.
    const fn back_word(self) -> &'static str {
        match self {
            Self::ListSearch => "clear search",
            Self::Filter | Self::Question | Self::TypedQuestion => "cancel",
            Self::Help
            | Self::Palette
            | Self::Details
            | Self::OperationDetails
            | Self::Evidence
            | Self::Timeline
            | Self::LastHour
            | Self::SimSettings => "close",
        }
    }

    /// Returns whether a command of the panes works here.
    pub(in crate::desk) fn takes(self, command: Command) -> bool {
        self.taken().any(|(it, _)| it == command)
    }
}
