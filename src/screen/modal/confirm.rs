//! The confirm of an act: the participant, the warnings and the exact request.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::desk::Confirm;
use crate::screen::board::operations::act_on;
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::shortcuts::{cancel_key, send_key, yes_key};
use crate::screen::text::DisplayText;

/// Texts or lines with their styles.
type StyledTexts = Vec<(String, Style)>;

/// What stands at the right of a question's rule.
pub(in crate::screen) const NOTHING_SENT: &str = "nothing is sent yet";

pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect, confirm: &Confirm) {
    let theme = ctx.theme;
    let request = &confirm.bound().request();
    let mut told: StyledTexts = confirm.forced().iter().map(|it| (it.clone(), theme.warning)).collect();
    told.extend(confirm.facts().iter().map(|it| (it.clone(), theme.text)));
    told.push((String::new(), theme.text));
    told.push((format!("sends  {} {}", request.method.as_str(), request.path), theme.facts));
    told.push((format!("       {}", request.body.as_deref().unwrap_or("(no body)")), theme.quiet));
    let yes = act_on(confirm.bound().act(), confirm.name());
    draw_sheet(ctx, area, (confirm.question(), NOTHING_SENT), told, |ctx, inner, at| {
        draw_answer(ctx, inner, at, (confirm, &yes));
    });
}

/// The row of the answer: the word to type, or the key that says yes.
pub(in crate::screen) fn draw_answer(
    ctx: &mut RenderContext<'_>,
    inner: Rect,
    at: usize,
    (confirm, yes): (&Confirm, &str),
) {
    let theme = ctx.theme;
    let width = usize::from(inner.width);
    if let Some(note) = confirm.note() {
        RowBuilder::default().gap(1).within(note, width, theme.warning).draw(ctx.buffer, inner, at + 1, None);
    }
    if let Some(typed) = confirm.typed() {
        let keymap = ctx.desk.keymap();
        let row = RowBuilder::default().gap(1).text("type", theme.quiet).gap(1).text(&typed.words(), theme.title);
        let row = row.text(", then", theme.quiet).gap(1).text(&send_key(keymap), theme.title).text(":", theme.quiet);
        let row = row.gap(1).text(typed.text(), theme.title).text("_", theme.focus).gap(4);
        let row = row.text(&cancel_key(keymap), theme.title).gap(1).text("cancels", theme.quiet);
        return row.draw(ctx.buffer, inner, at, None);
    }
    draw_yes(ctx, inner, at, yes);
}

/// The key that says yes and what it does, and what any other key does.
fn draw_yes(ctx: &mut RenderContext<'_>, inner: Rect, at: usize, yes: &str) {
    let theme = ctx.theme;
    let width = usize::from(inner.width);
    let key = yes_key(ctx.desk.keymap());
    let row = RowBuilder::default().text(&format!(" {key} "), theme.armed).gap(2).within(yes, width, theme.title);
    let row = row.gap(6).within("any other key", width, theme.title).gap(1);
    row.within("closes this and sends nothing", width, theme.quiet).draw(ctx.buffer, inner, at, None);
}

pub(in crate::screen) fn draw_quit(ctx: &mut RenderContext<'_>, area: Rect) {
    let theme = ctx.theme;
    let told = if ctx.desk.unproven() {
        "One of your operations has no proof yet. The relay records its proof without you."
    } else {
        "Every operation of yours has its outcome now."
    };
    draw_sheet(ctx, area, ("Quit?", ""), vec![(told.to_owned(), theme.text)], |ctx, inner, at| {
        draw_yes(ctx, inner, at, "quit");
    });
}

pub(in crate::screen) fn draw_restart(ctx: &mut RenderContext<'_>, area: Rect) {
    let theme = ctx.theme;
    let told = "The simulator ends every call and restarts the scenario with new calls.".to_owned();
    draw_sheet(ctx, area, ("Restart the scenario?", ""), vec![(told, theme.text)], |ctx, inner, at| {
        draw_yes(ctx, inner, at, "restart");
    });
}

/// A sheet with facts and, below them, the answer, which is always visible. If not all lines fit, the last ones are
/// replaced by a count.
fn draw_sheet(
    ctx: &mut RenderContext<'_>,
    area: Rect,
    (title, note): (&str, &str),
    told: StyledTexts,
    answer: impl FnOnce(&mut RenderContext<'_>, Rect, usize),
) {
    let inner = ctx.fill_sheet(area, title, note);
    let quiet = ctx.theme.quiet;
    let width = usize::from(inner.width).saturating_sub(2);
    let wrap = |(text, style): (String, Style)| {
        let lines = if text.is_empty() { vec![String::new()] } else { DisplayText::clean(&text).wrap(width) };
        lines.into_iter().map(move |line| (line, style))
    };
    let mut lines: StyledTexts = told.into_iter().flat_map(wrap).collect();
    let height = usize::from(inner.height);
    let blank = usize::from(height > lines.len() + 3);
    let room = height.saturating_sub(2 + 2 * blank);
    if lines.len() > room {
        lines.retain(|(text, _)| !text.is_empty());
    }
    if lines.len() > room {
        let more = lines.len() - room.saturating_sub(1);
        lines.truncate(room.saturating_sub(1));
        lines.push((format!("(+{more} lines: a larger terminal shows them)"), quiet));
    }
    let below = blank + lines.len() + blank;
    for (at, (text, style)) in lines.into_iter().enumerate() {
        RowBuilder::default().gap(1).text(text.trim_end(), style).draw(ctx.buffer, inner, blank + at, None);
    }
    answer(ctx, inner, below);
}
