//! A section of the board: a rule with its title and its column headings, and rows below it. No boxes.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::row::RowBuilder;
use super::text::DisplayText;
use super::theme::Theme;

const LIGHT: &str = "\u{2500}";
const HEAVY: &str = "\u{2501}";
const TICK: &str = "\u{252c}";
/// The column that a title begins at.
const TITLE: usize = 2;

/// A text on a rule, and the column that it begins at.
#[derive(Debug)]
struct RuleText {
    column: usize,
    text: String,
    style: Style,
    /// Whether it is a tick, which the rule touches.
    tick: bool,
}

/// The rule of a section. It reaches the last column of its area if at least three columns are left.
#[derive(Debug)]
pub(super) struct SectionRule {
    heavy: bool,
    /// The texts on the rule, from left to right.
    texts: Vec<RuleText>,
    used: usize,
}

impl SectionRule {
    /// A rule; heavy if the section is focused.
    pub(super) const fn new(heavy: bool) -> Self {
        Self { heavy, texts: Vec::new(), used: TITLE }
    }

    /// A section of the board: its key, its name and the text beside the name.
    pub(super) fn titled(theme: &Theme, heavy: bool, (key, name, beside): (&str, &str, &str)) -> Self {
        let (key_style, name_style) = if heavy {
            (theme.focus.add_modifier(theme.emphasis), theme.title)
        } else {
            (theme.quiet, theme.facts.add_modifier(theme.emphasis))
        };
        Self::new(heavy).then(key, key_style).then(name, name_style).then(beside, theme.facts)
    }

    /// Adds a text after the last one, a space apart.
    pub(super) fn then(self, text: &str, style: Style) -> Self {
        let at = self.used;
        self.at(at, text, style)
    }

    /// Adds a text at a column of the section; ignored where it would touch the text before.
    pub(super) fn at(mut self, column: usize, text: &str, style: Style) -> Self {
        if text.is_empty() || (column < self.used && !self.texts.is_empty()) {
            return self;
        }
        let text = DisplayText::clean(text);
        self.used = column + text.width() + 1;
        self.texts.push(RuleText { column, text: text.fit(text.width()), style, tick: false });
        self
    }

    /// Adds a text this many columns after the last one.
    pub(super) fn behind(self, gap: usize, text: &str, style: Style) -> Self {
        let at = self.used + gap.saturating_sub(1);
        self.at(at, text, style)
    }

    /// Adds a tick, which the rule touches.
    pub(super) fn tick(mut self, column: usize, style: Style) -> Self {
        if column >= self.used {
            self.used = column + 1;
            self.texts.push(RuleText { column, text: TICK.to_owned(), style, tick: true });
        }
        self
    }

    /// Adds a text that ends before a column.
    pub(super) fn ending(self, end: usize, text: &str, style: Style) -> Self {
        let width = DisplayText::clean(text).width();
        self.at(end.saturating_sub(width), text, style)
    }

    /// Draws the rule into the first row of an area; returns the area below it.
    pub(super) fn draw(self, theme: &Theme, buffer: &mut Buffer, area: Rect) -> Rect {
        let width = usize::from(area.width);
        let style = if self.heavy { theme.focus } else { theme.line };
        let dash = if self.heavy { HEAVY } else { LIGHT };
        let mut row = RowBuilder::default();
        // At its beginning, and behind a tick, the rule goes on without a space.
        let mut joined = true;
        for RuleText { column, text, style: text_style, tick } in self.texts {
            row = fill(row, column.min(width), (joined, tick), (dash, style));
            row = row.within(&text, width, text_style);
            joined = tick;
        }
        let left = width.saturating_sub(row.used());
        let gap = usize::from(!joined);
        row = if left > gap { row.gap(gap).text(&dash.repeat(left - gap), style) } else { row };
        row.draw(buffer, area, 0, None);
        Rect { y: area.y.saturating_add(1), height: area.height.saturating_sub(1), ..area }
    }
}

/// Fills a row up to a column with a rule and a space on each side, or with spaces if that is too short for a rule.
fn fill(row: RowBuilder, to: usize, (joined, tick): (bool, bool), (dash, style): (&str, Style)) -> RowBuilder {
    let gap = to.saturating_sub(row.used());
    let (before, after) = (usize::from(!joined), usize::from(!tick));
    let rule = gap.saturating_sub(before + after);
    // A single dash between two words is noise; between a word and a tick it is the rule.
    if rule > 1 || (rule == 1 && (joined || tick)) {
        row.gap(before).text(&dash.repeat(rule), style).gap(after)
    } else {
        row.gap(gap)
    }
}

/// Which rows of a list are visible: `1-5 of 9`; only the count if all are visible.
pub(super) fn shown_of(first: usize, shown: usize, all: usize) -> String {
    match all {
        0 => String::new(),
        all if shown >= all => all.to_string(),
        all => format!("{}-{} of {all}", first + 1, first + shown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(rule: SectionRule, width: u16) -> String {
        let area = Rect::new(0, 0, width, 1);
        let mut buffer = Buffer::empty(area);
        rule.draw(&Theme::mono(), &mut buffer, area);
        buffer.content.iter().map(ratatui::buffer::Cell::symbol).collect()
    }

    #[test]
    fn headings_stand_on_the_rule_at_their_columns() {
        let plain = Style::new();
        let rule = || SectionRule::titled(&Theme::mono(), false, ("1", "Calls", "9")).at(20, "STATE", plain);
        assert_eq!(drawn(rule().ending(40, "MIN", plain), 40), "─ 1 Calls 9 ─────── STATE ────────── MIN");
        assert_eq!(drawn(rule().ending(29, "IN", plain), 40), "─ 1 Calls 9 ─────── STATE  IN ──────────");
        assert_eq!(
            drawn(rule().ending(26, "IN", plain), 27).trim_end(),
            "─ 1 Calls 9 ─────── STATE ─",
            "one would touch"
        );
    }

    #[test]
    fn a_cut_list_says_which_rows_it_shows() {
        assert_eq!(shown_of(0, 9, 9), "9");
        assert_eq!(shown_of(0, 5, 9), "1-5 of 9");
        assert_eq!(shown_of(3, 5, 9), "4-8 of 9");
        assert_eq!(shown_of(0, 0, 0), "");
    }
}
