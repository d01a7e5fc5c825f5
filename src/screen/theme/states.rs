//! The themes of a board in a certain state: without a line, behind a question; and of a part of it: a
//! selected row, a sheet.

use ratatui::style::{Color, Modifier, Style};

use super::Theme;

impl Theme {
    /// This theme for a board without a line: two greys, no bold, and no colour except that of the focused pane.
    #[must_use]
    pub fn without_line(self) -> Self {
        let [first, second] = self.stale;
        Self {
            text: first,
            title: first,
            warning: first,
            bad: first,
            chips: [first; 2],
            facts: second,
            quiet: second,
            good: second,
            late: [second; 2],
            bars: [second; 3],
            cursor: second,
            selected: self.sheet,
            emphasis: Modifier::empty(),
            ..self
        }
    }

    /// This theme for the selected row of the focused pane of a board without a line: one grey.
    #[must_use]
    pub fn without_line_on_selected_row(self) -> Self {
        let [first, _] = self.stale;
        Self { stale: [first; 2], ..self }.without_line()
    }

    /// This theme for the board behind a question: everything one grey down and thin; waits keep their colours, and
    /// warnings stay as they are.
    #[must_use]
    pub fn behind_sheet(self) -> Self {
        let [first, second] = self.stale;
        Self {
            text: first,
            facts: first,
            title: first,
            good: first,
            quiet: second,
            focus: second,
            cursor: second,
            late: self.late.map(thin),
            chips: self.chips.map(thin),
            emphasis: Modifier::empty(),
            ..self
        }
    }

    /// This theme for the selected row of the focused pane. The grey of labels has too little contrast there, so
    /// labels have that of facts.
    #[must_use]
    pub const fn on_selected_row(self) -> Self {
        Self { quiet: self.facts, cursor: self.text, ..self }
    }

    /// This theme on a sheet.
    #[must_use]
    pub fn on_sheet(self) -> Self {
        Self { ground: self.ground.patch(self.sheet), ..self }
    }
}

/// A style without its bold. Words on a ground of the terminal's own 16 colours stay bold, because thin ones have too
/// little contrast in some palettes: white on red has 4.3 in Solarized.
pub(in crate::screen) const fn thin(style: Style) -> Style {
    if matches!(style.bg, Some(Color::Yellow | Color::Red)) { style } else { style.remove_modifier(Modifier::BOLD) }
}
