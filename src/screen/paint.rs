//! The whole picture: the board's sections and lines, and the open modal over them.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::drawn_frame::DrawnFrame;
use super::layout::{BoardLayout, LEAST, LayoutNeeds};
use super::render_context::RenderContext;
use super::row::RowBuilder;
use super::text::DisplayText;
use super::theme::{Theme, glyphs};
use super::{board, modal};
use crate::desk::{Desk, Modal};

/// Returns whether a board fits into a terminal of this size; nothing of it is drawn into a smaller one.
#[must_use]
pub const fn has_room(area: Rect) -> bool {
    area.width >= LEAST.0 && area.height >= LEAST.1
}

/// Draws a desk into a frame.
pub fn draw(frame: &mut Frame<'_>, desk: &Desk, theme: &Theme) {
    let area = frame.area();
    paint(frame.buffer_mut(), area, desk, theme);
}

/// Draws a desk into a buffer; returns what the frame shows.
pub fn paint(buffer: &mut Buffer, area: Rect, desk: &Desk, theme: &Theme) -> DrawnFrame {
    buffer.set_style(area, theme.ground);
    let mut ctx = RenderContext::new(desk, theme, buffer);
    paint_context(&mut ctx, area);
    let frame = ctx.frame;
    glyphs::replace(buffer, theme.glyphs);
    frame
}

fn paint_context(ctx: &mut RenderContext<'_>, area: Rect) {
    let (desk, theme) = (ctx.desk, ctx.theme);
    if !has_room(area) {
        return too_small(ctx.buffer, area, &theme);
    }
    let whole = BoardLayout::of(area, &LayoutNeeds::of(desk));
    ctx.wider_names = usize::from(whole.wider_names);
    let layout = if desk.modal().asks() { whole.above(whole.sheet(area).y) } else { whole };
    enter_board(ctx);
    board::header::draw(ctx, layout.header, &theme);
    panes(ctx, &layout);
    if layout.notes.height > 0 {
        if ctx.desk.has_audience() {
            board::caption::draw(ctx, layout.notes);
        } else {
            board::presenter::draw(ctx, layout.notes);
        }
    }
    ctx.theme = theme;
    board::band::draw(ctx, layout.band);
    modals(ctx, &whole, area);
    ctx.theme = theme;
    if !desk.modal().asks() {
        board::message::draw(ctx, layout.message);
        board::footer::draw(ctx, layout.keys);
    } else if speaks_below(desk) {
        board::message::draw_below_question(ctx, layout.keys);
    }
}

/// Whether the desk's message stands below a question; a note of the confirm takes its place.
fn speaks_below(desk: &Desk) -> bool {
    let is_noted = matches!(desk.modal(), Modal::Confirm(confirm) if confirm.note().is_some());
    desk.modal().asks() && !is_noted && desk.message().is_some()
}

/// Sets the themes of the board: grey without a line, and grey behind a question.
fn enter_board(ctx: &mut RenderContext<'_>) {
    let theme = ctx.theme;
    let asks = ctx.desk.modal().asks();
    if ctx.desk.link().frozen_at().is_some() {
        let board = theme.without_line();
        ctx.theme = if asks { Theme { focus: board.cursor, ..board } } else { board };
        ctx.target_theme = board;
        ctx.selected_theme = theme.without_line_on_selected_row();
    } else {
        ctx.theme = if asks { theme.behind_sheet() } else { theme };
        ctx.target_theme = theme;
        ctx.selected_theme = theme.on_selected_row();
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
    if layout.story.iter().any(|it| it.height > 0) {
        board::story::draw(ctx, layout.story);
    }
    if layout.last_hour.height > 0 {
        board::last_hour::draw(ctx, layout.last_hour);
    }
}

fn modals(ctx: &mut RenderContext<'_>, layout: &BoardLayout, area: Rect) {
    let over = layout.overlay(area);
    let sheet = layout.sheet(area);
    // The last row is the message's, if there is one: it must not cover the answer.
    let sheet = Rect { height: sheet.height - u16::from(speaks_below(ctx.desk)), ..sheet };
    match ctx.desk.modal() {
        Modal::None | Modal::Filter(_) => {}
        Modal::Palette(palette) => modal::palette::draw(ctx, over, palette),
        Modal::Evidence(evidence) => modal::evidence::draw(ctx, over, evidence),
        Modal::Timeline(timeline) => modal::timeline::draw(ctx, over, timeline),
        Modal::LastHour(last) => modal::last_hour::draw(ctx, over, *last),
        Modal::Help(help) => modal::help::draw(ctx, over, help),
        // An effect that goes ahead without a question has no sheet.
        modal if modal.goes_ahead() => {}
        Modal::Confirm(confirm) => match confirm.many() {
            Some(many) => modal::bulk_confirm::draw(ctx, sheet, confirm, many),
            None => modal::confirm::draw(ctx, sheet, confirm, BoardLayout::shows_one_pane(area)),
        },
        Modal::Details(details) => modal::details::draw(ctx, over, details),
        Modal::SimSettings(panel) => modal::sim_settings::draw(ctx, over, panel),
        Modal::Question(question) => modal::confirm::draw_question(ctx, sheet, question),
    }
}

fn too_small(buffer: &mut Buffer, area: Rect, theme: &Theme) {
    let (columns, rows) = LEAST;
    let text = format!("callboard needs at least {columns}x{rows}; this terminal is {}x{}", area.width, area.height);
    for (at, line) in DisplayText::clean(&text).wrap(usize::from(area.width)).iter().enumerate() {
        RowBuilder::default().text(line.trim_end(), theme.text).draw(buffer, area, at, None);
    }
}
