//! The command palette: what is typed, the commands that fit, and what each would do now.

use ratatui::layout::Rect;

use super::row::Row;
use super::{Brush, DisplayText};
use crate::desk::{Palette, window};

/// The most commands that are listed at once.
const MOST: usize = 12;

pub(super) fn draw(brush: &mut Brush<'_>, area: Rect, palette: &Palette) {
    let theme = brush.theme;
    let fitting = palette.fitting();
    let chosen = palette.chosen.min(fitting.len().saturating_sub(1));
    let inner = brush.overlay(area, "Command: Enter runs, Tab completes, Esc leaves", MOST + 2);
    let width = usize::from(inner.width);
    let typed = format!(":{}\u{2588}", palette.line.text());
    Row::default().gap(1).cell(&typed, width.saturating_sub(1), theme.title).draw(brush.buffer, inner, 0, None);
    let height = usize::from(inner.height).saturating_sub(2);
    let rows = window(fitting.iter().enumerate(), |(at, _)| *at == chosen, height);
    for (line, (at, key)) in rows.into_iter().enumerate() {
        let off = (key.offered)(brush.desk).err().map(|it| format!(" Off: {it}.")).unwrap_or_default();
        let style = if off.is_empty() { theme.text } else { theme.quiet };
        let row = Row::default()
            .cell(if at == chosen { ">" } else { "" }, 2, theme.text)
            .cell(key.name, 16, theme.title)
            .cell(&brush.desk.keymap().shown(key), 12, theme.quiet)
            .cell(&format!("{}{off}", key.help), width.saturating_sub(30), style);
        row.draw(brush.buffer, inner, line + 1, (at == chosen).then_some(theme.selected));
    }
    // What is wrong is told whole: it may take rows of the list.
    let error = palette.error.as_deref().map(|it| DisplayText::clean(it).wrap(width.saturating_sub(2)));
    let error = error.unwrap_or_default();
    let first = usize::from(inner.height).saturating_sub(error.len());
    for (at, line) in error.iter().enumerate() {
        let row = Row::default().gap(1).cell(line.trim_end(), width.saturating_sub(1), theme.bad);
        row.draw(brush.buffer, inner, first + at, None);
    }
}
