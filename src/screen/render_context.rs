//! What panes and modals draw with: the desk, the colours, the buffer, and the rules and sheets they share.

use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::{Clear, Widget};

use super::drawn_frame::DrawnFrame;
use super::row::RowBuilder;
use super::section::SectionRule;
use super::text::DisplayText;
use super::theme::Theme;
use crate::desk::{ClickedRow, Desk, Pane, ScrollExtent, time_of_day};
use crate::floor::{AlertLevel, StartTime};
use crate::time::Timestamp;

/// The cursor of a row.
pub(super) const CURSOR: &str = "\u{258c}";

/// The desk, the colours and the buffer that panes and modals draw with.
pub(super) struct RenderContext<'a> {
    pub(super) desk: &'a Desk,
    pub(super) theme: Theme,
    /// The theme of the rows that a question is about, while all others are drawn one grey down.
    pub(super) target_theme: Theme,
    /// The theme of the selected row in the focused pane, which has a background of its own.
    pub(super) selected_theme: Theme,
    pub(super) buffer: &'a mut Buffer,
    /// How many columns the names have beyond their usual ones.
    pub(super) wider_names: usize,
    /// What has been drawn.
    pub(super) frame: DrawnFrame,
}

impl<'a> RenderContext<'a> {
    /// A context of an empty frame.
    pub(super) fn new(desk: &'a Desk, theme: &Theme, buffer: &'a mut Buffer) -> Self {
        let selected_theme = theme.on_selected_row();
        let target_theme = *theme;
        Self { desk, theme: *theme, target_theme, selected_theme, buffer, wider_names: 0, frame: DrawnFrame::default() }
    }

    /// The rule of a pane; heavy while the pane is focused, also behind a question.
    pub(super) fn section(&self, pane: Pane, key: &str, name: &str, beside: &str) -> SectionRule {
        SectionRule::titled(&self.theme, self.desk.pane() == pane, (key, name, beside))
    }

    /// Whether keys go to a pane: it is the focused pane, and no question is open.
    fn has_keys(&self, pane: Pane) -> bool {
        self.desk.pane() == pane && !self.desk.modal().asks()
    }

    /// The first two columns of a row: the cursor and the mark.
    pub(super) fn lead(&self, pane: Pane, chosen: bool, marked: bool) -> RowBuilder {
        let style = if self.has_keys(pane) { self.theme.focus } else { self.theme.cursor };
        let cursor = if chosen { CURSOR } else { "" };
        RowBuilder::default().cell(cursor, 1, style).cell(if marked { "*" } else { "" }, 1, self.theme.title)
    }

    /// The style over a row: the background of the selection in the focused pane.
    pub(super) fn selected_row_style(&self, pane: Pane, chosen: bool) -> Option<Style> {
        (chosen && self.desk.pane() == pane).then_some(self.selected_theme.selected)
    }

    /// Sets the theme for a row, which may be selected or a question's target; returns the theme around it.
    pub(super) fn enter_row(&mut self, pane: Pane, (chosen, target): (bool, bool)) -> Theme {
        let outer = self.theme;
        if chosen && self.desk.pane() == pane {
            self.theme = self.selected_theme;
        } else if target {
            self.theme = self.target_theme;
        }
        outer
    }

    /// The sign of an alert; `-` for one that was acknowledged.
    #[expect(clippy::unused_self, reason = "every text of a row comes from the context")]
    pub(super) const fn sign(&self, level: AlertLevel, acknowledged: bool) -> &'static str {
        if acknowledged { "-" } else { level.sign() }
    }

    /// The time of day in the operator's zone: `14:32:07`.
    pub(super) fn clock(&self, at: Timestamp) -> String {
        time_of_day(at, self.zone())
    }

    /// The hour and minute in the operator's zone: `14:32`.
    pub(super) fn minute(&self, at: Timestamp) -> String {
        self.clock(at).chars().take(5).collect()
    }

    /// The time of day of a start; `before 14:32:07` if it was not seen.
    pub(super) fn start(&self, since: StartTime) -> String {
        let at = self.clock(since.at);
        if since.exact { at } else { format!("before {at}") }
    }

    /// The zone that times are shown in.
    pub(super) fn zone(&self) -> &TimeZone {
        self.desk.zone()
    }

    /// Opens a sheet over the lower part of an area: a heavy rule with the title, and `lines` rows, or as many as
    /// there are; returns the area inside, a column from the edges.
    pub(super) fn open_sheet(&mut self, area: Rect, title: &str, lines: usize) -> Rect {
        let height = u16::try_from(lines + 2).unwrap_or(u16::MAX).clamp(3.min(area.height), area.height);
        self.fill_sheet(Rect { y: area.bottom() - height, height, ..area }, title, "")
    }

    /// Makes a sheet of an area, with a note at the right of its rule; returns the area inside.
    pub(super) fn fill_sheet(&mut self, over: Rect, title: &str, note: &str) -> Rect {
        self.theme = self.theme.on_sheet();
        Clear.render(over, self.buffer);
        self.buffer.set_style(over, self.theme.ground);
        let width = usize::from(over.width);
        let room = width.saturating_sub(6 + note.len());
        let title = DisplayText::clean(title);
        let rule = SectionRule::new(true).then(title.fit(title.width().min(room)).trim_end(), self.theme.title);
        let rule = rule.ending(width.saturating_sub(1), note, self.theme.quiet);
        let inner = rule.draw(&self.theme, self.buffer, over);
        Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner }
    }

    /// Returns the first line to draw of a scrolled text with `total` lines, of which `shown` fit; reports both to the
    /// desk after the drawing.
    pub(super) fn first_line(&mut self, offset: usize, (total, shown): (usize, usize)) -> usize {
        let extent = ScrollExtent::new(total, shown);
        self.frame.set_extent(extent);
        offset.min(extent.last())
    }

    /// Writes onto the rule above a sheet's rows how many of them are hidden.
    pub(super) fn note_hidden_rows(&mut self, inner: Rect, rows: usize) {
        if rows > 0 {
            self.note_on_rule(inner, &format!("+{rows} more"));
        }
    }

    /// Writes a note onto the rule above a sheet's rows, at its right end.
    pub(super) fn note_on_rule(&mut self, inner: Rect, note: &str) {
        let note = format!(" {note} ");
        let at = inner.right().saturating_sub(u16::try_from(note.len() + 1).unwrap_or_default());
        self.buffer.set_string(at, inner.y.saturating_sub(1), note, self.theme.title);
    }

    /// Records where a pane was drawn, for a hit test.
    pub(super) fn record_pane(&mut self, area: Rect, pane: Pane) {
        self.frame.add_pane(area, pane);
    }

    /// Records where the row at index `at` of a pane's inner area was drawn, for clicks.
    pub(super) fn record_row(&mut self, inner: Rect, at: usize, pane: Pane, row: ClickedRow) {
        self.frame.add_row((inner, at), pane, row);
    }
}
