//! How a desk looks. Draws what the desk says and nothing else: no clock, no I/O, no state of its own.
//!
//! Only visible rows are built. Every text from outside goes through the cleaner in `text`.

mod board;
mod changes;
mod chart;
mod export_table;
mod glyphs;
mod hit_test;
mod modal;
mod row;
mod table;
mod text;
mod theme;

pub use changes::{CellRun, changes};
pub use export_table::ExportTable;
pub use hit_test::spot;
pub use text::DisplayText;
pub use theme::Theme;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Modifier;
use ratatui::widgets::{Block, Clear, Widget};

use crate::desk::{Desk, Modal, Pane};
use row::RowBuilder;

/// The least that a board needs, in columns and rows.
const LEAST: (u16, u16) = (60, 20);
/// From here on all panes are shown at once.
const STACKED: (u16, u16) = Desk::STACKED;
/// From here on calls and participants stand side by side, and the floor's events below.
const WIDE: (u16, u16) = Desk::ROOMY;

/// Room for the number of rows that are not shown.
const HIDDEN: usize = 12;

/// What a pane is drawn with.
struct RenderContext<'a> {
    desk: &'a Desk,
    theme: Theme,
    buffer: &'a mut Buffer,
    /// What a pane had no room to say: the message line says it where it is free.
    unsaid: Option<String>,
    /// What stands where, kept only while somebody asks.
    spots: Option<Vec<hit_test::HitArea>>,
}

/// Draws a desk into a frame.
pub fn draw(frame: &mut Frame<'_>, desk: &Desk, theme: &Theme) {
    let area = frame.area();
    paint(frame.buffer_mut(), area, desk, theme);
}

/// Draws a desk into a buffer.
pub fn paint(buffer: &mut Buffer, area: Rect, desk: &Desk, theme: &Theme) {
    buffer.set_style(area, theme.ground);
    paint_with(&mut RenderContext { desk, theme: *theme, buffer, unsaid: None, spots: None }, area);
    if theme.is_ascii() {
        glyphs::in_ascii(buffer);
    }
}

fn paint_with(brush: &mut RenderContext<'_>, area: Rect) {
    let (desk, theme) = (brush.desk, brush.theme);
    if area.width < LEAST.0 || area.height < LEAST.1 {
        return too_small(brush.buffer, area, &theme);
    }
    let said = board::footer::said(brush, area);
    let foot = Constraint::Length(said.height() + 1);
    let notes = Constraint::Length(board::presenter::height(desk, area.width));
    let areas = Layout::vertical([Constraint::Length(2), Constraint::Fill(1), notes, foot]).split(area);
    let [head, body, notes, foot] = *areas else { return };
    board::header::draw(brush, head);
    if desk.link().frozen_at.is_some() {
        brush.theme = theme.dimmed();
        brush.buffer.set_style(body, brush.theme.ground);
    }
    panes(brush, body, area);
    brush.theme = theme;
    board::footer::draw(brush, foot, &said);
    if notes.height > 0 {
        board::presenter::draw(brush, notes);
    }
    // Where room is scarce the notes give way to what lies over the panes.
    let roomy = area.width >= WIDE.0 && area.height >= WIDE.1;
    let over = if roomy { body } else { body.union(notes) };
    match desk.modal() {
        Modal::None | Modal::Filter(_) => {}
        Modal::Palette(palette) => modal::palette::draw(brush, over, palette),
        Modal::Evidence(exhibit) => modal::evidence::draw(brush, over, exhibit),
        Modal::Waiting(list) => modal::waiting::draw(brush, over, list),
        Modal::Timeline(telling) => modal::timeline::draw(brush, over, telling),
        Modal::LastHour(last) => modal::last_hour::draw(brush, over, *last),
        Modal::Help(help) => modal::help::draw(brush, over, help),
        // In FAST it answers itself in a moment: nobody has to read it.
        Modal::Confirm(confirm) if confirm.is_passing() => {}
        Modal::Confirm(confirm) => modal::confirm::draw(brush, over, confirm),
        Modal::Details(details) => modal::details::draw(brush, over, details),
        Modal::SimSettings(panel) => modal::sim_settings::draw(brush, over, panel),
        Modal::Restart => modal::confirm::draw_restart(brush, over),
        Modal::Quit => modal::confirm::draw_quit(brush, over),
    }
}

fn panes(brush: &mut RenderContext<'_>, body: Rect, area: Rect) {
    if area.width >= WIDE.0 && area.height >= WIDE.1 {
        // Notes take their rows from the floor's lines first.
        let floor = if brush.desk.notes_are_shown() { 4 } else { 6 };
        let (_, operations) = brush.desk.rows_of_panes(area.width, body.height);
        let rows = [Constraint::Fill(5), Constraint::Length(operations), Constraint::Length(floor)];
        let areas = Layout::vertical(rows).split(body);
        let [top, middle, bottom] = *areas else { return };
        let across = (Desk::ACROSS + brush.desk.sizes().across).unsigned_abs();
        let sides = Layout::horizontal([Constraint::Percentage(across), Constraint::Fill(1)]).split(top);
        let [left, right] = *sides else { return };
        board::calls::draw(brush, left);
        board::participants::draw(brush, right);
        board::operations::draw(brush, middle);
        board::events::draw(brush, bottom);
    } else if area.width >= STACKED.0 && area.height >= STACKED.1 {
        let (calls, operations) = brush.desk.rows_of_panes(area.width, body.height);
        let rows = [Constraint::Length(calls), Constraint::Fill(1), Constraint::Length(operations)];
        let areas = Layout::vertical(rows).split(body);
        let [top, middle, bottom] = *areas else { return };
        board::calls::draw(brush, top);
        board::participants::draw(brush, middle);
        board::operations::draw(brush, bottom);
    } else {
        match brush.desk.pane() {
            Pane::Calls => board::calls::draw(brush, body),
            Pane::Participants => board::participants::draw(brush, body),
            Pane::Operations => board::operations::draw(brush, body),
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

impl RenderContext<'_> {
    /// A pane's frame with its number, title and what stands at its right; returns the room inside.
    fn pane(&mut self, area: Rect, pane: Option<Pane>, title: &str, note: &str) -> Rect {
        let focused = pane.is_some() && pane == Some(self.desk.pane());
        let style = if focused { self.theme.focus } else { self.theme.quiet };
        let block = Block::bordered().border_set(self.theme.border).border_style(style);
        let inner = block.inner(area);
        block.render(area, self.buffer);
        if let Some(pane) = pane {
            self.pane_at(area, pane);
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

    /// Says in a pane's lower border how many of its rows are not shown.
    fn hidden(&mut self, area: Rect, rows: usize) {
        if rows == 0 {
            return;
        }
        let note = format!(" +{rows} more ");
        let at = area.right().saturating_sub(u16::try_from(note.len() + 2).unwrap_or_default());
        self.buffer.set_string(at, area.bottom().saturating_sub(1), note, self.theme.title);
    }

    /// Says something in a pane's lower border, left of what is not shown; `short` where there is no room for all.
    fn note_below(&mut self, area: Rect, note: &str, short: &str) {
        let room = usize::from(area.width).saturating_sub(HIDDEN + 6);
        let note = DisplayText::clean(note);
        let note = if note.width() <= room { note } else { DisplayText::clean(short) };
        let note = format!(" {} ", note.fit(note.width().min(room)));
        self.buffer.set_string(area.x + 2, area.bottom().saturating_sub(1), note, self.theme.title);
    }

    /// A framed box over the panes, in the middle; returns the room inside.
    fn overlay(&mut self, area: Rect, title: &str, lines: usize) -> Rect {
        self.framed(area, area.width.min(100), title, lines)
    }

    /// The same, `width` wide.
    fn framed(&mut self, area: Rect, width: u16, title: &str, lines: usize) -> Rect {
        let height = u16::try_from(lines + 2).unwrap_or(u16::MAX).clamp(3, area.height);
        let x = area.x + (area.width - width) / 2;
        let y = area.y + (area.height - height) / 2;
        let over = Rect { x, y, width, height };
        // One more on every side: what is left of a frame beneath would look like a second one of the box.
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

    /// How the selected row of a pane is shown.
    fn selection(&self, pane: Pane) -> ratatui::style::Style {
        if self.desk.pane() == pane { self.theme.selected } else { self.theme.marked }
    }
}

/// The time of day of an instant, in UTC: `14:32:07`.
fn clock(at: crate::time::Timestamp) -> String {
    let seconds = at.0.div_euclid(1_000).rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// A short length of time: `310ms`, `1.4s`, `12s`, `04:12`.
fn short(span: crate::time::Millis) -> String {
    match span.0.max(0) {
        millis @ ..1_000 => format!("{millis}ms"),
        millis @ ..10_000 => format!("{}.{}s", millis / 1_000, millis % 1_000 / 100),
        millis @ ..60_000 => format!("{}s", millis / 1_000),
        _ => span.to_string(),
    }
}
