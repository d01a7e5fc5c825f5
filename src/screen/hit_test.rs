//! What stands at a place of the screen: found by drawing the board once more, so that it can never be another row
//! than the one that is seen.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::{RenderContext, Theme, paint_with};
use crate::desk::{ClickedRow, Desk, Pane};

/// A place that belongs to a pane, or to a row of it.
pub(super) struct HitArea {
    area: Rect,
    pane: Pane,
    picked: Option<ClickedRow>,
}

/// The pane at a place, and the row of it where there is one.
#[must_use]
pub fn spot(area: Rect, desk: &Desk, (column, row): (u16, u16)) -> Option<(Pane, Option<ClickedRow>)> {
    let mut buffer = Buffer::empty(area);
    let mut brush =
        RenderContext { desk, theme: Theme::default(), buffer: &mut buffer, unsaid: None, spots: Some(Vec::new()) };
    paint_with(&mut brush, area);
    let found = brush.spots?.into_iter().rev().find(|it| it.area.contains(Position::new(column, row)))?;
    Some((found.pane, found.picked))
}

impl RenderContext<'_> {
    /// Keeps what a pane is at, where somebody asks.
    pub(super) fn pane_at(&mut self, area: Rect, pane: Pane) {
        if let Some(spots) = &mut self.spots {
            spots.push(HitArea { area, pane, picked: None });
        }
    }

    /// Keeps what the row at `at` in `inner` is, where somebody asks.
    pub(super) fn row_at(&mut self, inner: Rect, at: usize, pane: Pane, picked: impl FnOnce() -> ClickedRow) {
        if let (Some(spots), Ok(at)) = (&mut self.spots, u16::try_from(at)) {
            let area = Rect { y: inner.y.saturating_add(at), height: 1, ..inner }.intersection(inner);
            spots.push(HitArea { area, pane, picked: Some(picked()) });
        }
    }
}
