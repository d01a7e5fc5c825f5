//! What panes and modals draw with: the desk, the colours, the buffer, and the frames and boxes they share.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::widgets::{Block, Clear, Widget};

use super::text::DisplayText;
use super::theme::Theme;
use crate::desk::{ClickedRow, Desk, Pane};

/// Columns that a pane's lower border reserves for the number of hidden rows.
const HIDDEN: usize = 12;

/// The desk, the colours and the buffer that panes and modals draw with.
pub(super) struct RenderContext<'a> {
    pub(super) desk: &'a Desk,
    pub(super) theme: Theme,
    pub(super) buffer: &'a mut Buffer,
    /// A note for which a pane had no room; the message line shows it when it is free.
    pub(super) unsaid: Option<String>,
    /// Where each pane and row was drawn, recorded only for a hit test.
    pub(super) hit_areas: Option<Vec<HitArea>>,
}

/// Where a pane was drawn, or one of its rows.
pub(super) struct HitArea {
    pub(super) area: Rect,
    pub(super) pane: Pane,
    pub(super) row: Option<ClickedRow>,
}

impl<'a> RenderContext<'a> {
    /// A context that records no hit areas.
    pub(super) fn new(desk: &'a Desk, theme: &Theme, buffer: &'a mut Buffer) -> Self {
        Self { desk, theme: *theme, buffer, unsaid: None, hit_areas: None }
    }

    /// Draws a pane's frame with its number and title, and `note` at its right; returns the area inside.
    pub(super) fn pane(&mut self, area: Rect, pane: Option<Pane>, title: &str, note: &str) -> Rect {
        let focused = pane.is_some() && pane == Some(self.desk.pane());
        let style = if focused { self.theme.focus } else { self.theme.quiet };
        let block = Block::bordered().border_set(self.theme.border).border_style(style);
        let inner = block.inner(area);
        block.render(area, self.buffer);
        if let Some(pane) = pane {
            self.record_pane(area, pane);
        }
        let room = usize::from(area.width).saturating_sub(4);
        let number = pane.and_then(|it| Pane::ALL.iter().position(|other| *other == it));
        let title = number.map_or_else(|| title.to_owned(), |it| format!("{} {title}", it + 1));
        let title = DisplayText::clean(&title);
        let used = title.width().min(room.saturating_sub(2));
        let fitted = title.fit(used);
        let style = if focused { self.theme.focus.add_modifier(Modifier::BOLD) } else { self.theme.title };
        self.buffer.set_string(area.x + 2, area.y, format!(" {fitted} "), style);
        let left = room.saturating_sub(used + 3);
        let note = DisplayText::clean(note);
        if note.as_str() != "\u{FFFD}" && note.width() <= left {
            let at = area.right().saturating_sub(u16::try_from(note.width() + 4).unwrap_or_default());
            self.buffer.set_string(at, area.y, format!(" {} ", note.fit(note.width())), self.theme.quiet);
        }
        inner
    }

    /// Writes into a pane's lower border how many of its rows are hidden.
    pub(super) fn note_hidden_rows(&mut self, area: Rect, rows: usize) {
        if rows == 0 {
            return;
        }
        let note = format!(" +{rows} more ");
        let at = area.right().saturating_sub(u16::try_from(note.len() + 2).unwrap_or_default());
        self.buffer.set_string(at, area.bottom().saturating_sub(1), note, self.theme.title);
    }

    /// Writes a note into a pane's lower border, left of the number of hidden rows; `short` replaces a note that
    /// does not fit.
    pub(super) fn note_below(&mut self, area: Rect, note: &str, short: &str) {
        let room = usize::from(area.width).saturating_sub(HIDDEN + 6);
        let note = DisplayText::clean(note);
        let note = if note.width() <= room { note } else { DisplayText::clean(short) };
        let note = format!(" {} ", note.fit(note.width().min(room)));
        self.buffer.set_string(area.x + 2, area.bottom().saturating_sub(1), note, self.theme.title);
    }

    /// Draws an empty box centred over the panes, at most 100 columns wide; returns the area inside.
    pub(super) fn open_box(&mut self, area: Rect, title: &str, lines: usize) -> Rect {
        self.open_box_of_width(area, area.width.min(100), title, lines)
    }

    /// Draws such a box `width` columns wide.
    pub(super) fn open_box_of_width(&mut self, area: Rect, width: u16, title: &str, lines: usize) -> Rect {
        let height = u16::try_from(lines + 2).unwrap_or(u16::MAX).clamp(3, area.height);
        let x = area.x + (area.width - width) / 2;
        let y = area.y + (area.height - height) / 2;
        let over = Rect { x, y, width, height };
        // One cell more on every side: the rest of a frame beneath would look like a second frame of the box.
        let around = Rect { x: x.saturating_sub(1), y: y.saturating_sub(1), width: width + 2, height: height + 2 };
        let around = around.intersection(area);
        Clear.render(around, self.buffer);
        self.buffer.set_style(around, self.theme.ground);
        let block = Block::bordered().border_set(self.theme.border).border_style(self.theme.focus);
        let inner = block.inner(over);
        block.render(over, self.buffer);
        let title = DisplayText::clean(title);
        let fitted = title.fit(title.width().min(usize::from(width).saturating_sub(6)));
        self.buffer.set_string(over.x + 2, over.y, format!(" {fitted} "), self.theme.title);
        inner
    }

    /// The style of a pane's selected row, which is stronger in the focused pane.
    pub(super) fn selection_style(&self, pane: Pane) -> Style {
        if self.desk.pane() == pane { self.theme.selected } else { self.theme.marked }
    }

    /// Records where a pane was drawn, for a hit test.
    pub(super) fn record_pane(&mut self, area: Rect, pane: Pane) {
        if let Some(areas) = &mut self.hit_areas {
            areas.push(HitArea { area, pane, row: None });
        }
    }

    /// Records where the row at index `at` of a pane's inner area was drawn, for a hit test.
    pub(super) fn record_row(&mut self, inner: Rect, at: usize, pane: Pane, row: impl FnOnce() -> ClickedRow) {
        if let (Some(areas), Ok(at)) = (&mut self.hit_areas, u16::try_from(at)) {
            let area = Rect { y: inner.y.saturating_add(at), height: 1, ..inner }.intersection(inner);
            areas.push(HitArea { area, pane, row: Some(row()) });
        }
    }
}
