//! What the parts of a screen look like in a theme. Every colour stands beside a word or a sign, so a theme may leave
//! all of them out.

mod hues;

use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::border;

use crate::floor::{AlertLevel, OperationStatus};
use hues::ThemeColours;

/// How things look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// What everything stands on; of no colour where the terminal's own are used.
    pub ground: Style,
    /// Plain text.
    pub text: Style,
    /// What matters less.
    pub quiet: Style,
    /// Titles and the simulator's label.
    pub title: Style,
    /// The selected row of the pane that has the keys.
    pub selected: Style,
    /// The selected row of another pane.
    pub marked: Style,
    /// Good.
    pub good: Style,
    /// Under way.
    pub busy: Style,
    /// Worth a look.
    pub warning: Style,
    /// Bad.
    pub bad: Style,
    /// The border of the pane that has the keys.
    pub focus: Style,
    /// The border's signs.
    pub border: border::Set<'static>,
    /// By how many hundredths colours fade into the ground on a board that stands still.
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

/// What words begin with: nothing of what stood in their place before stays, a frame in bold for instance.
const WORDS: Style = Style::new().remove_modifier(Modifier::BOLD.union(Modifier::DIM));

impl Default for Theme {
    fn default() -> Self {
        Self::of(&hues::DEFAULT)
    }
}

impl Theme {
    /// The names that [`Self::named`] knows.
    pub const NAMES: [&str; 5] = ["default", "high-contrast", "colour-blind", "mono", "ascii"];

    /// The theme of this name; `ascii` is the default one with ASCII signs.
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

    /// No colours: for `NO_COLOR`.
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

    /// The same with borders and signs of ASCII only; what people are called keeps its letters.
    #[must_use]
    pub const fn in_ascii(self) -> Self {
        Self { border: ASCII, ..self }
    }

    /// Whether its signs are ASCII only.
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

    /// The theme for a board that no longer follows the floor. Where the colours are known they fade by a known part
    /// towards the ground, so that how readable they stay is known too; else the terminal dims them.
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
            // Reversed or of its own colours it has to stay as readable as it is.
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
