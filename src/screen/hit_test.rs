//! Finds the pane and the row at a position by drawing the board once more, so that a click always reaches the row
//! that is on the screen.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::paint::paint_context;
use super::render_context::RenderContext;
use super::theme::Theme;
use crate::desk::{ClickedRow, Desk, Pane};

/// The pane at a position, given as column and row, and the row of it when there is one.
#[must_use]
pub fn hit_test(area: Rect, desk: &Desk, (column, row): (u16, u16)) -> Option<(Pane, Option<ClickedRow>)> {
    let mut buffer = Buffer::empty(area);
    let mut ctx = RenderContext::new(desk, &Theme::default(), &mut buffer);
    ctx.hit_areas = Some(Vec::new());
    paint_context(&mut ctx, area);
    let found = ctx.hit_areas?.into_iter().rev().find(|it| it.area.contains(Position::new(column, row)))?;
    Some((found.pane, found.row))
}
