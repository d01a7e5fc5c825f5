//! The list of everyone who is waiting in any call, and a note on the acts that Graph does not offer.

use ratatui::layout::Rect;

use crate::desk::{WaitingList, WaitingPerson, called, window};
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;

/// The lines below the list.
const NOTES: usize = 1;

pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect, list: &WaitingList) {
    let desk = ctx.desk;
    let theme = ctx.theme;
    let waiting = desk.waiting();
    let title = format!("Waiting: {}, longest first", waiting.len());
    let inner = ctx.open_box(area, &title, waiting.len().max(1) + NOTES + 1);
    let height = usize::from(inner.height).saturating_sub(NOTES + 1);
    if waiting.is_empty() {
        RowBuilder::default().gap(1).text("nobody is waiting", theme.quiet).draw(ctx.buffer, inner, 0, None);
    }
    let is_selected = |it: &WaitingPerson<'_>| list.selected() == Some(&it.id());
    for (at, waits) in window(waiting.into_iter(), is_selected, height).into_iter().enumerate() {
        let chosen = is_selected(&waits);
        let style = chosen.then_some(theme.selected);
        row(ctx, &waits, (chosen, usize::from(inner.width))).draw(ctx.buffer, inner, at, style);
    }
    let note = "Only the organizer can admit people from the lobby: Graph has no request for it.";
    let line = usize::from(inner.height).saturating_sub(NOTES);
    RowBuilder::default().gap(1).text(note, theme.quiet).draw(ctx.buffer, inner, line, None);
}

fn row(ctx: &RenderContext<'_>, waits: &WaitingPerson<'_>, (chosen, width): (bool, usize)) -> RowBuilder {
    let theme = &ctx.theme;
    let (alert, acknowledged) = ctx.desk.person_alert(waits.call, waits.person);
    let style = if acknowledged { theme.quiet } else { theme.alert(alert) };
    let place = if waits.person.hold.is_some() { "hold" } else { "lobby" };
    let name = (width.saturating_sub(34) / 2).clamp(12, 32);
    RowBuilder::default()
        .cell(if chosen { ">" } else { "" }, 2, theme.text)
        .cell(&called(waits.person), name, theme.text)
        .gap(1)
        .cell(place, 6, theme.text)
        .right(&waits.since.age(ctx.desk.shown_at()), 9, style)
        .gap(1)
        .cell(alert.sign(), 3, style)
        .cell(
            &format!("call {}, {}", waits.call.number.0, waits.call.title()),
            width.saturating_sub(name + 22),
            theme.quiet,
        )
}
