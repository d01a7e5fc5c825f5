//! The styles of a theme. Every colour accompanies a word or a sign, so a theme may do without colours.

mod hues;
mod terminal_traits;

use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::border;

use crate::floor::{AlertLevel, OperationStatus};
use hues::ThemeColours;
pub use terminal_traits::{TerminalBackground, TerminalTraits};

/// The styles of the screen's parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// The background; without a colour for themes that use the terminal's own.
    pub ground: Style,
    /// The style of plain text.
    pub text: Style,
    /// Less important text.
    pub quiet: Style,
    /// Titles and the simulator's label.
    pub title: Style,
    /// The selected row of the focused pane.
    pub selected: Style,
    /// The selected row of another pane.
    pub marked: Style,
    /// Good states, such as live and confirmed.
    pub good: Style,
    /// Operations in progress.
    pub busy: Style,
    /// States that deserve attention.
    pub warning: Style,
    /// Failures, and waits that are too long.
    pub bad: Style,
    /// The border of the focused pane.
    pub focus: Style,
    /// The characters of borders.
    pub border: border::Set<'static>,
    /// How far colours fade into the background on a stale board, in percent.
    pub fades: u8,
}

const ASCII: border::Set<'static> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

/// The base style of words, which clears modifiers that the cell had before, such as a bold frame.
const WORDS: Style = Style::new().remove_modifier(Modifier::BOLD.union(Modifier::DIM));

impl Default for Theme {
    fn default() -> Self {
        Self::of(&hues::DEFAULT)
    }
}

impl Theme {
    /// The names that [`Self::named`] accepts.
    pub const NAMES: [&str; 5] = ["default", "high-contrast", "colour-blind", "mono", "ascii"];

    /// The theme of this name; `ascii` is the default theme with ASCII characters.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "default" => Self::default(),
            "high-contrast" => Self::of(&hues::HIGH_CONTRAST),
            "colour-blind" => Self::of(&hues::COLOUR_BLIND),
            "mono" => Self::mono(),
            "ascii" => Self::default().in_ascii(),
            _ => return None,
        })
    }

    /// A theme without colours, for `NO_COLOR`.
    #[must_use]
    pub fn mono() -> Self {
        let plain = WORDS.fg(Color::Reset);
        let bold = plain.add_modifier(Modifier::BOLD);
        Self {
            quiet: plain.add_modifier(Modifier::DIM),
            warning: bold,
            bad: bold,
            focus: bold,
            ..Self::of(&hues::NONE)
        }
    }

    /// This theme with ASCII borders and signs. Names keep their letters.
    #[must_use]
    pub const fn in_ascii(self) -> Self {
        Self { border: ASCII, ..self }
    }

    /// This theme as a terminal shows it well.
    #[must_use]
    pub const fn suited_to(self, terminal: &TerminalTraits) -> Self {
        if terminal.ascii_only { self.in_ascii() } else { self }
    }

    /// Whether the theme's own characters are ASCII.
    #[must_use]
    pub fn is_ascii(&self) -> bool {
        self.border == ASCII
    }

    fn of(hues: &ThemeColours) -> Self {
        let plain = Style::new();
        let fore = |hue: Color| WORDS.fg(hue);
        let ground = if hues.back == Color::Reset { plain } else { plain.fg(hues.fore).bg(hues.back) };
        let bold = plain.add_modifier(Modifier::BOLD);
        Self {
            ground,
            text: fore(hues.fore),
            quiet: fore(hues.quiet),
            title: fore(hues.fore).add_modifier(Modifier::BOLD),
            selected: match hues.selected {
                Some((fore, back)) => bold.fg(fore).bg(back),
                None => plain.add_modifier(Modifier::REVERSED),
            },
            marked: bold,
            good: fore(hues.good),
            busy: fore(hues.busy),
            warning: fore(hues.warning),
            bad: fore(hues.bad).add_modifier(Modifier::BOLD),
            focus: fore(hues.busy),
            border: border::PLAIN,
            fades: hues.fades,
        }
    }

    /// The theme for a stale board. RGB colours fade by a fixed part towards the background, which keeps their contrast
    /// known; the terminal dims the others.
    #[must_use]
    pub fn dimmed(self) -> Self {
        let dim = |style: Style| match (style.fg, self.ground.bg) {
            (Some(fore), Some(back)) if style.bg.is_none() => style.fg(hues::faded(fore, back, self.fades)),
            (None, Some(_)) | (_, None) => style.add_modifier(Modifier::DIM),
            (Some(_), Some(_)) => style,
        };
        let ground = match (self.ground.fg, self.ground.bg) {
            (Some(fore), Some(back)) => self.ground.fg(hues::faded(fore, back, self.fades)),
            (Some(_) | None, _) => self.ground,
        };
        Self {
            ground,
            text: dim(self.text),
            quiet: dim(self.quiet),
            title: dim(self.title),
            // A reversed or coloured row must stay readable.
            selected: if self.ground.bg.is_some() { self.selected } else { dim(self.selected) },
            marked: if self.ground.bg.is_some() { self.marked } else { dim(self.marked) },
            good: dim(self.good),
            busy: dim(self.busy),
            warning: dim(self.warning),
            bad: dim(self.bad),
            focus: dim(self.focus),
            ..self
        }
    }

    pub(super) const fn alert(&self, alert: AlertLevel) -> Style {
        match alert {
            AlertLevel::None => self.text,
            AlertLevel::Quiet => self.quiet,
            AlertLevel::Warning => self.warning,
            AlertLevel::Critical => self.bad,
        }
    }

    pub(super) const fn standing(&self, standing: OperationStatus) -> Style {
        match standing {
            OperationStatus::Asked | OperationStatus::Sent | OperationStatus::Accepted => self.busy,
            OperationStatus::Confirmed => self.good,
            OperationStatus::AlreadySo | OperationStatus::Left => self.text,
            OperationStatus::Unconfirmed | OperationStatus::OutcomeUnknown => self.warning,
            OperationStatus::Failed | OperationStatus::Refused => self.bad,
        }
    }
}
