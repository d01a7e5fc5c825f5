//! The whole picture: splits the terminal among the board's panes and lines, and lays the open modal over them.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};

use super::render_context::RenderContext;
use super::row::RowBuilder;
use super::text::DisplayText;
use super::theme::Theme;
use super::{board, glyphs, modal};
use crate::desk::{Desk, Modal, Pane};

/// The least size of a board, in columns and rows.
const LEAST: (u16, u16) = (60, 20);
/// From this size on all panes are visible, one above the other.
const STACKED: (u16, u16) = Desk::STACKED;
/// From this size on calls and participants are side by side, and the event log is visible.
const WIDE: (u16, u16) = Desk::ROOMY;

/// Draws a desk into a frame.
pub fn draw(frame: &mut Frame<'_>, desk: &Desk, theme: &Theme) {
    let area = frame.area();
    paint(frame.buffer_mut(), area, desk, theme);
}

/// Draws a desk into a buffer.
pub fn paint(buffer: &mut Buffer, area: Rect, desk: &Desk, theme: &Theme) {
    buffer.set_style(area, theme.ground);
    paint_context(&mut RenderContext::new(desk, theme, buffer), area);
    if theme.is_ascii() {
        glyphs::in_ascii(buffer);
    }
}

pub(super) fn paint_context(ctx: &mut RenderContext<'_>, area: Rect) {
    let (desk, theme) = (ctx.desk, ctx.theme);
    if area.width < LEAST.0 || area.height < LEAST.1 {
        return too_small(ctx.buffer, area, &theme);
    }
    let said = board::footer::message(ctx, area);
    let foot = Constraint::Length(said.height() + 1);
    let notes = Constraint::Length(board::presenter::height(desk, area.width));
    let areas = Layout::vertical([Constraint::Length(2), Constraint::Fill(1), notes, foot]).split(area);
    let [head, body, notes, foot] = *areas else { return };
    board::header::draw(ctx, head);
    if desk.link().frozen_at().is_some() {
        ctx.theme = theme.dimmed();
        ctx.buffer.set_style(body, ctx.theme.ground);
    }
    panes(ctx, body, area);
    ctx.theme = theme;
    board::footer::draw(ctx, foot, &said);
    if notes.height > 0 {
        board::presenter::draw(ctx, notes);
    }
    // In a small terminal a modal covers the presenter's notes too.
    let roomy = area.width >= WIDE.0 && area.height >= WIDE.1;
    let over = if roomy { body } else { body.union(notes) };
    match desk.modal() {
        Modal::None | Modal::Filter(_) => {}
        Modal::Palette(palette) => modal::palette::draw(ctx, over, palette),
        Modal::Evidence(exhibit) => modal::evidence::draw(ctx, over, exhibit),
        Modal::Waiting(list) => modal::waiting::draw(ctx, over, list),
        Modal::Timeline(telling) => modal::timeline::draw(ctx, over, telling),
        Modal::LastHour(last) => modal::last_hour::draw(ctx, over, *last),
        Modal::Help(help) => modal::help::draw(ctx, over, help),
        // In FAST this confirm answers itself in a moment, so there is nothing to read.
        Modal::Confirm(confirm) if confirm.is_passing() => {}
        Modal::Confirm(confirm) => modal::confirm::draw(ctx, over, confirm),
        Modal::Details(details) => modal::details::draw(ctx, over, details),
        Modal::SimSettings(panel) => modal::sim_settings::draw(ctx, over, panel),
        Modal::Restart => modal::confirm::draw_restart(ctx, over),
        Modal::Quit => modal::confirm::draw_quit(ctx, over),
    }
}

fn panes(ctx: &mut RenderContext<'_>, body: Rect, area: Rect) {
    if area.width >= WIDE.0 && area.height >= WIDE.1 {
        // The presenter's notes take their rows from the event log first.
        let floor = if ctx.desk.notes_are_shown() { 4 } else { 6 };
        let (_, operations) = ctx.desk.rows_of_panes(area.width, body.height);
        let rows = [Constraint::Fill(5), Constraint::Length(operations), Constraint::Length(floor)];
        let areas = Layout::vertical(rows).split(body);
        let [top, middle, bottom] = *areas else { return };
        let across = (Desk::ACROSS + ctx.desk.sizes().across()).unsigned_abs();
        let sides = Layout::horizontal([Constraint::Percentage(across), Constraint::Fill(1)]).split(top);
        let [left, right] = *sides else { return };
        board::calls::draw(ctx, left);
        board::participants::draw(ctx, right);
        board::operations::draw(ctx, middle);
        board::events::draw(ctx, bottom);
    } else if area.width >= STACKED.0 && area.height >= STACKED.1 {
        let (calls, operations) = ctx.desk.rows_of_panes(area.width, body.height);
        let rows = [Constraint::Length(calls), Constraint::Fill(1), Constraint::Length(operations)];
        let areas = Layout::vertical(rows).split(body);
        let [top, middle, bottom] = *areas else { return };
        board::calls::draw(ctx, top);
        board::participants::draw(ctx, middle);
        board::operations::draw(ctx, bottom);
    } else {
        match ctx.desk.pane() {
            Pane::Calls => board::calls::draw(ctx, body),
            Pane::Participants => board::participants::draw(ctx, body),
            Pane::Operations => board::operations::draw(ctx, body),
        }
    }
}

fn too_small(buffer: &mut Buffer, area: Rect, theme: &Theme) {
    let (columns, rows) = LEAST;
    let text = format!("callboard needs at least {columns}x{rows}; this terminal is {}x{}", area.width, area.height);
    for (at, line) in DisplayText::clean(&text).wrap(usize::from(area.width)).iter().enumerate() {
        RowBuilder::default().text(line.trim_end(), theme.text).draw(buffer, area, at, None);
    }
}
