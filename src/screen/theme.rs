//! Colours and borders. Every colour stands beside a word or a sign, so a theme may leave all of them out.

use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::border;

use crate::floor::{Alert, Standing};

/// How things look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
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

impl Default for Theme {
    fn default() -> Self {
        let plain = Style::new();
        Self {
            text: plain,
            quiet: plain.fg(Color::DarkGray),
            title: plain.add_modifier(Modifier::BOLD),
            selected: plain.add_modifier(Modifier::REVERSED),
            marked: plain.add_modifier(Modifier::BOLD),
            good: plain.fg(Color::Green),
            busy: plain.fg(Color::Cyan),
            warning: plain.fg(Color::Yellow),
            bad: plain.fg(Color::Red).add_modifier(Modifier::BOLD),
            focus: plain.fg(Color::Cyan),
            border: border::PLAIN,
        }
    }
}

impl Theme {
    /// No colours, and borders of plain letters: for `NO_COLOR`.
    #[must_use]
    pub fn mono() -> Self {
        let plain = Style::new();
        let bold = plain.add_modifier(Modifier::BOLD);
        Self {
            text: plain,
            quiet: plain.add_modifier(Modifier::DIM),
            title: bold,
            selected: plain.add_modifier(Modifier::REVERSED),
            marked: bold,
            good: plain,
            busy: plain,
            warning: bold,
            bad: bold,
            focus: bold,
            border: ASCII,
        }
    }

    /// The theme for a board that no longer follows the floor.
    pub(super) fn dimmed(self) -> Self {
        let dim = |style: Style| style.add_modifier(Modifier::DIM);
        Self {
            text: dim(self.text),
            quiet: dim(self.quiet),
            title: dim(self.title),
            selected: dim(self.selected),
            marked: dim(self.marked),
            good: dim(self.good),
            busy: dim(self.busy),
            warning: dim(self.warning),
            bad: dim(self.bad),
            focus: dim(self.focus),
            border: self.border,
        }
    }

    pub(super) const fn alert(&self, alert: Alert) -> Style {
        match alert {
            Alert::None => self.text,
            Alert::Quiet => self.quiet,
            Alert::Warning => self.warning,
            Alert::Critical => self.bad,
        }
    }

    pub(super) const fn standing(&self, standing: Standing) -> Style {
        match standing {
            Standing::Asked | Standing::Sent | Standing::Accepted => self.busy,
            Standing::Confirmed => self.good,
            Standing::AlreadySo | Standing::Left => self.text,
            Standing::Unconfirmed | Standing::OutcomeUnknown => self.warning,
            Standing::Failed | Standing::Refused => self.bad,
        }
    }
}
