//! The command palette: what is typed, the commands that fit, and what each would do now.

use ratatui::layout::Rect;

use super::Brush;
use super::row::Row;
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
    if let Some(error) = &palette.error {
        let last = usize::from(inner.height).saturating_sub(1);
        Row::default().gap(1).cell(error, width.saturating_sub(1), theme.bad).draw(brush.buffer, inner, last, None);
    }
}
