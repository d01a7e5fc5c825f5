//! What a frame shows, for the events that are about it: a click reaches the row that was drawn, also if the desk has
//! changed since.

use ratatui::layout::{Position, Rect};

use crate::desk::{ClickedRow, Pane, ScrollExtent};

/// What a frame shows.
#[derive(Debug, Default)]
pub struct DrawnFrame {
    extent: Option<ScrollExtent>,
    /// In the order of drawing, so that a row comes after its pane.
    areas: Vec<DrawnArea>,
}

/// Where a pane was drawn, or one of its rows.
#[derive(Debug)]
struct DrawnArea {
    area: Rect,
    pane: Pane,
    row: Option<ClickedRow>,
}

impl DrawnFrame {
    /// How much of the open overlay's text was drawn, if the overlay scrolls. The desk needs it, as
    /// [`Event::OverlayDrawn`](crate::desk::Event::OverlayDrawn), to stop at the end of the text.
    #[must_use]
    pub const fn extent(&self) -> Option<ScrollExtent> {
        self.extent
    }

    /// The pane at a position, given as column and row, and the row of it if there is one.
    #[must_use]
    pub fn at(&self, (column, row): (u16, u16)) -> Option<(Pane, Option<&ClickedRow>)> {
        let found = self.areas.iter().rev().find(|it| it.area.contains(Position::new(column, row)))?;
        Some((found.pane, found.row.as_ref()))
    }

    pub(super) const fn set_extent(&mut self, extent: ScrollExtent) {
        self.extent = Some(extent);
    }

    /// Records where a pane was drawn.
    pub(super) fn add_pane(&mut self, area: Rect, pane: Pane) {
        self.areas.push(DrawnArea { area, pane, row: None });
    }

    /// Records where the row at index `at` of a pane's inner area was drawn.
    pub(super) fn add_row(&mut self, (inner, at): (Rect, usize), pane: Pane, row: ClickedRow) {
        let Ok(at) = u16::try_from(at) else { return };
        let area = Rect { y: inner.y.saturating_add(at), height: 1, ..inner }.intersection(inner);
        self.areas.push(DrawnArea { area, pane, row: Some(row) });
    }
}
