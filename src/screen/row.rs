//! Builds rows of cells. Every text is sanitised, and every cell has an exact width.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::text::DisplayText;

/// A row under construction.
#[derive(Debug, Default)]
pub(super) struct RowBuilder {
    spans: Vec<Span<'static>>,
    used: usize,
}

impl RowBuilder {
    /// A cell of exactly `width` columns.
    pub(super) fn cell(mut self, text: &str, width: usize, style: Style) -> Self {
        let fitted = if text.is_empty() { " ".repeat(width) } else { DisplayText::clean(text).fit(width) };
        self.spans.push(Span::styled(fitted, style));
        self.used += width;
        self
    }

    /// A cell of exactly `width` columns with the text at its right end.
    pub(super) fn right(self, text: &str, width: usize, style: Style) -> Self {
        if text.is_empty() {
            return self.cell("", width, style);
        }
        let clean = DisplayText::clean(text);
        let pad = width.saturating_sub(clean.width());
        let mut row = self.gap(pad);
        row.spans.push(Span::styled(clean.fit(width - pad), style));
        row.used += width - pad;
        row
    }

    /// A cell as wide as its text.
    pub(super) fn text(self, text: &str, style: Style) -> Self {
        let width = if text.is_empty() { 0 } else { DisplayText::clean(text).width() };
        self.cell(text, width, style)
    }

    /// A cell as wide as its text, cut with `..` so that the row uses at most `room` columns.
    pub(super) fn within(self, text: &str, room: usize, style: Style) -> Self {
        let width = if text.is_empty() { 0 } else { DisplayText::clean(text).width() };
        let width = width.min(room.saturating_sub(self.used));
        self.cell(text, width, style)
    }

    /// Adds this many empty columns in a style, such as the edges of a chip.
    pub(super) fn space(mut self, width: usize, style: Style) -> Self {
        if width > 0 {
            self.spans.push(Span::styled(" ".repeat(width), style));
            self.used += width;
        }
        self
    }

    /// Adds this many empty columns.
    pub(super) fn gap(mut self, width: usize) -> Self {
        if width > 0 {
            self.spans.push(Span::raw(" ".repeat(width)));
            self.used += width;
        }
        self
    }

    /// Adds empty columns up to a place; nothing if the row is that long already.
    pub(super) fn to(self, place: usize) -> Self {
        let gap = place.saturating_sub(self.used);
        self.gap(gap)
    }

    /// The row up to a place at which a cell begins.
    pub(super) fn cut(mut self, place: usize) -> Self {
        while self.used > place {
            let Some(last) = self.spans.pop() else { break };
            self.used -= last.width();
        }
        self.to(place)
    }

    /// A row that ends with the same text at the right end of `width` columns, where it fits.
    pub(super) fn ending(self, width: usize, text: &str, style: Style) -> Self {
        let wide = if text.is_empty() { 0 } else { DisplayText::clean(text).width() };
        if self.used + wide > width { self } else { self.to(width - wide).text(text, style) }
    }

    /// The columns that the row takes so far.
    pub(super) const fn used(&self) -> usize {
        self.used
    }

    /// Draws the row over the whole width of an area's row `at`; does nothing if the area has no such row.
    pub(super) fn draw(mut self, buffer: &mut Buffer, area: Rect, at: usize, style: Option<Style>) {
        let Ok(at) = u16::try_from(at) else { return };
        if at >= area.height {
            return;
        }
        let width = usize::from(area.width);
        self.spans.push(Span::raw(" ".repeat(width.saturating_sub(self.used))));
        let mut line = Line::from(self.spans);
        if let Some(style) = style {
            for span in &mut line.spans {
                span.style = span.style.patch(style);
            }
        }
        buffer.set_line(area.x, area.y + at, &line, area.width);
    }
}
