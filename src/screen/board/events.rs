//! The event log of the floor, newest line last.

use ratatui::layout::Rect;

use crate::floor::LoggedEvent;
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::time_text::time_of_day;

pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect) {
    let desk = ctx.desk;
    let heard = desk.floor().counts().notifications;
    let inner = ctx.pane(area, None, "Floor", &format!("{heard} notifications"));
    let height = usize::from(inner.height);
    let mut lines: Vec<&LoggedEvent> = desk.floor().event_log().rev().take(height).collect();
    lines.reverse();
    for (at, line) in lines.into_iter().enumerate() {
        row(ctx, line, usize::from(inner.width)).draw(ctx.buffer, inner, at, None);
    }
}

fn row(ctx: &RenderContext<'_>, line: &LoggedEvent, room: usize) -> RowBuilder {
    let theme = &ctx.theme;
    let call = line.call.as_ref().map(|(_, number)| format!("call {}", number.0)).unwrap_or_default();
    let row = RowBuilder::default().gap(1).cell(&time_of_day(line.at), 10, theme.quiet).cell(&call, 10, theme.quiet);
    let row = if line.name.is_empty() { row } else { row.within(&line.name, room, theme.marked).gap(1) };
    let span = line.from.map(time_of_day).filter(|from| *from != time_of_day(line.at));
    let span = span.map(|from| format!(", from {from} on")).unwrap_or_default();
    let row = row.within(&format!("{}{span}", line.what), room, theme.text);
    if line.place.is_empty() { row } else { row.gap(2).within(&line.place, room, theme.quiet) }
}
