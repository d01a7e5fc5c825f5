//! The whole picture: the board's sections and lines, and the open modal over them.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::layout::{BoardLayout, LEAST, LayoutNeeds};
use super::render_context::RenderContext;
use super::row::RowBuilder;
use super::text::DisplayText;
use super::theme::{Theme, glyphs};
use super::{board, modal};
use crate::desk::{Desk, Modal};

/// Draws a desk into a frame.
pub fn draw(frame: &mut Frame<'_>, desk: &Desk, theme: &Theme) {
    let area = frame.area();
    paint(frame.buffer_mut(), area, desk, theme);
}

/// Draws a desk into a buffer.
pub fn paint(buffer: &mut Buffer, area: Rect, desk: &Desk, theme: &Theme) {
    buffer.set_style(area, theme.ground);
    paint_context(&mut RenderContext::new(desk, theme, buffer), area);
    glyphs::replace(buffer, theme.glyphs);
}

pub(super) fn paint_context(ctx: &mut RenderContext<'_>, area: Rect) {
    let (desk, theme) = (ctx.desk, ctx.theme);
    if area.width < LEAST.0 || area.height < LEAST.1 {
        return too_small(ctx.buffer, area, &theme);
    }
    let layout = BoardLayout::of(area, &LayoutNeeds::of(desk));
    if desk.link().frozen_at().is_some() {
        ctx.theme = theme.without_line();
    }
    ctx.target_theme = ctx.theme;
    if asks(desk.modal()) {
        ctx.theme = ctx.theme.behind_sheet();
    }
    board::header::draw(ctx, layout.header);
    panes(ctx, &layout);
    ctx.theme = theme;
    if layout.notes.height > 0 {
        board::presenter::draw(ctx, layout.notes);
    }
    board::band::draw(ctx, layout.band);
    modals(ctx, &layout, area);
    ctx.theme = theme;
    if !asks(desk.modal()) {
        board::message::draw(ctx, layout.message);
        board::footer::draw(ctx, layout.keys);
    } else if !matches!(desk.modal(), Modal::Confirm(confirm) if confirm.note().is_some()) {
        board::message::draw_below_question(ctx, layout.keys);
    }
}

/// Whether a modal is a question on a sheet, which has its keys itself.
fn asks(modal: &Modal) -> bool {
    match modal {
        Modal::Confirm(confirm) => !confirm.is_passing(),
        Modal::Restart | Modal::Quit => true,
        Modal::None
        | Modal::Help(_)
        | Modal::Details(_)
        | Modal::Filter(_)
        | Modal::Palette(_)
        | Modal::Evidence(_)
        | Modal::Timeline(_)
        | Modal::LastHour(_)
        | Modal::SimSettings(_) => false,
    }
}

fn panes(ctx: &mut RenderContext<'_>, layout: &BoardLayout) {
    type DrawSection = fn(&mut RenderContext<'_>, Rect);
    let sections: [(Rect, DrawSection); 4] = [
        (layout.waiting, board::waiting::draw),
        (layout.calls, board::calls::draw),
        (layout.participants, board::participants::draw),
        (layout.events, board::events::draw),
    ];
    for (area, draw) in sections {
        if area.height > 0 {
            draw(ctx, area);
        }
    }
    if layout.operations.height > 0 {
        board::operations::draw(ctx, layout.operations, layout.operation_rows);
    }
    if layout.timeline.width > 0 {
        modal::timeline::draw_beside(ctx, layout.timeline);
    }
    if layout.last_hour.height > 0 {
        modal::last_hour::draw_below(ctx, layout.last_hour);
    }
}

fn modals(ctx: &mut RenderContext<'_>, layout: &BoardLayout, area: Rect) {
    let over = layout.overlay(area);
    let sheet = layout.sheet(area);
    match ctx.desk.modal() {
        Modal::None | Modal::Filter(_) => {}
        Modal::Palette(palette) => modal::palette::draw(ctx, over, palette),
        Modal::Evidence(exhibit) => modal::evidence::draw(ctx, over, exhibit),
        Modal::Timeline(telling) => modal::timeline::draw(ctx, over, telling),
        Modal::LastHour(last) => modal::last_hour::draw(ctx, over, *last),
        Modal::Help(help) => modal::help::draw(ctx, over, help),
        // In FAST this confirm answers itself in a moment, so there is nothing to read.
        Modal::Confirm(confirm) if confirm.is_passing() => {}
        Modal::Confirm(confirm) => match confirm.many() {
            Some(many) => modal::bulk_confirm::draw(ctx, sheet, confirm, many),
            None => modal::confirm::draw(ctx, sheet, confirm),
        },
        Modal::Details(details) => modal::details::draw(ctx, over, details),
        Modal::SimSettings(panel) => modal::sim_settings::draw(ctx, over, panel),
        Modal::Restart => modal::confirm::draw_restart(ctx, sheet),
        Modal::Quit => modal::confirm::draw_quit(ctx, sheet),
    }
}

fn too_small(buffer: &mut Buffer, area: Rect, theme: &Theme) {
    let (columns, rows) = LEAST;
    let text = format!("callboard needs at least {columns}x{rows}; this terminal is {}x{}", area.width, area.height);
    for (at, line) in DisplayText::clean(&text).wrap(usize::from(area.width)).iter().enumerate() {
        RowBuilder::default().text(line.trim_end(), theme.text).draw(buffer, area, at, None);
    }
}
