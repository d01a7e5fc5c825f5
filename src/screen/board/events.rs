//! The floor's event lines: what happened, newest last.

use ratatui::layout::Rect;

use crate::floor::LoggedEvent;
use crate::screen::row::RowBuilder;
use crate::screen::{RenderContext, clock};

pub(in crate::screen) fn draw(brush: &mut RenderContext<'_>, area: Rect) {
    let desk = brush.desk;
    let heard = desk.floor().counts().notifications;
    let inner = brush.pane(area, None, "Floor", &format!("{heard} notifications"));
    let height = usize::from(inner.height);
    let mut lines: Vec<&LoggedEvent> = desk.floor().event_log().rev().take(height).collect();
    lines.reverse();
    for (at, line) in lines.into_iter().enumerate() {
        row(brush, line, usize::from(inner.width)).draw(brush.buffer, inner, at, None);
    }
}

fn row(brush: &RenderContext<'_>, line: &LoggedEvent, room: usize) -> RowBuilder {
    let theme = &brush.theme;
    let call = line.call.as_ref().map(|(_, number)| format!("call {}", number.0)).unwrap_or_default();
    let row = RowBuilder::default().gap(1).cell(&clock(line.at), 10, theme.quiet).cell(&call, 10, theme.quiet);
    let row = if line.name.is_empty() { row } else { row.within(&line.name, room, theme.marked).gap(1) };
    let row = row.within(&line.what.to_string(), room, theme.text);
    if line.place.is_empty() { row } else { row.gap(2).within(&line.place, room, theme.quiet) }
}
