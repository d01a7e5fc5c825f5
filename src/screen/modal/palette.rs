//! The command palette: the typed text, the matching commands, and what each would do now.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::desk::{KeyBinding, Palette, offered, window};
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::text::DisplayText;

/// The maximum number of visible commands.
const MOST: usize = 12;
/// The columns of a command's name and key.
const NAMES: usize = 30;

pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect, palette: &Palette) {
    let theme = ctx.theme;
    let fitting = palette.fitting();
    let chosen = palette.chosen(&fitting);
    let inner = ctx.open_sheet(area, "Command", MOST + 2);
    let width = usize::from(inner.width);
    let typed = format!(":{}\u{2588}", palette.text());
    RowBuilder::default().gap(1).cell(&typed, width.saturating_sub(1), theme.title).draw(ctx.buffer, inner, 0, None);
    let (told, style) = footer_texts(ctx, palette, fitting.get(chosen).copied(), width);
    let height = usize::from(inner.height).saturating_sub(1 + told.len().max(1));
    let rows = window(fitting.iter().enumerate(), |(at, _)| *at == chosen, height);
    for (line, (at, key)) in rows.into_iter().enumerate() {
        let theme = if at == chosen { theme.on_selected_row() } else { theme };
        let style = if offered(ctx.desk, key.command).is_ok() { theme.text } else { theme.quiet };
        let row = RowBuilder::default()
            .cell(if at == chosen { ">" } else { "" }, 2, theme.text)
            .cell(key.name, 16, theme.title)
            .cell(&ctx.desk.keymap().shown(key), 12, theme.quiet)
            .cell(command_sentence(ctx, key).as_str(), width.saturating_sub(NAMES), style);
        row.draw(ctx.buffer, inner, line + 1, (at == chosen).then_some(theme.selected));
    }
    let first = usize::from(inner.height).saturating_sub(told.len());
    for (at, line) in told.iter().enumerate() {
        let row = RowBuilder::default().gap(1).cell(line.trim_end(), width.saturating_sub(1), style);
        row.draw(ctx.buffer, inner, first + at, None);
    }
}

/// The error, or the description of the selected command if its row cuts it: in full, in rows of the list.
fn footer_texts(
    ctx: &RenderContext<'_>,
    palette: &Palette,
    chosen: Option<&KeyBinding>,
    width: usize,
) -> (Vec<String>, Style) {
    let lines = |text: &DisplayText| text.wrap(width.saturating_sub(2));
    match (&palette.error(), chosen.map(|it| command_sentence(ctx, it))) {
        (Some(error), _) => (lines(&DisplayText::clean(error)), ctx.theme.bad),
        (None, Some(sentence)) if sentence.width() > width.saturating_sub(NAMES) => (lines(&sentence), ctx.theme.text),
        (None, _) => (Vec::new(), ctx.theme.text),
    }
}

/// What a command does, or why it is off now.
fn command_sentence(ctx: &RenderContext<'_>, key: &KeyBinding) -> DisplayText {
    let off = offered(ctx.desk, key.command).err().map(|it| format!(" Off: {it}.")).unwrap_or_default();
    DisplayText::clean(&format!("{}{off}", key.help))
}
