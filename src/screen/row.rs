//! Builds rows of cells. Every text is sanitised, and every cell has an exact width.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Span;

use super::text::{DisplayText, is_plain};

/// A row under construction.
#[derive(Debug, Default)]
pub(super) struct RowBuilder {
    spans: Vec<Span<'static>>,
    used: usize,
}

impl RowBuilder {
    /// A cell of exactly `width` columns.
    pub(super) fn cell(self, text: &str, width: usize, style: Style) -> Self {
        let fitted = if text.is_empty() { " ".repeat(width) } else { DisplayText::clean(text).fit(width) };
        self.fitted(fitted, width, style)
    }

    fn fitted(mut self, text: String, width: usize, style: Style) -> Self {
        self.spans.push(Span::styled(text, style));
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
        self.gap(pad).fitted(clean.fit(width - pad), width - pad, style)
    }

    /// A cell as wide as its text.
    pub(super) fn text(self, text: &str, style: Style) -> Self {
        self.within(text, usize::MAX, style)
    }

    /// A cell as wide as its text, cut with `..` so that the row uses at most `room` columns.
    pub(super) fn within(self, text: &str, room: usize, style: Style) -> Self {
        if text.is_empty() {
            return self;
        }
        let clean = DisplayText::clean(text);
        let width = clean.width().min(room.saturating_sub(self.used));
        self.fitted(clean.fit(width), width, style)
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
        let (mut column, row) = (area.x, area.y + at);
        for span in self.spans {
            let style = style.map_or(span.style, |it| span.style.patch(it));
            column = draw_text(buffer, (column, row), &span.content, (area.right(), style));
        }
    }
}

/// Draws a text up to the column `end`, and returns the column behind it.
fn draw_text(buffer: &mut Buffer, (from, row): (u16, u16), text: &str, (end, style): (u16, Style)) -> u16 {
    if !is_plain(text) {
        let room = usize::from(end.saturating_sub(from));
        return buffer.set_stringn(from, row, text, room, style).0;
    }
    let mut column = from;
    for (at, letter) in (from..end).zip(text.chars()) {
        if let Some(cell) = buffer.cell_mut((at, row)) {
            cell.set_char(letter).set_style(style);
        }
        column = at + 1;
    }
    column
}
