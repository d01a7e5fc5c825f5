//! The confirm of an act: the participant, the warnings and the exact request.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::desk::Confirm;
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::shortcuts::{answer_keys, cancel_hint, typed_prompt, yes_key};
use crate::screen::text::DisplayText;

/// Texts or lines with their styles.
type StyledTexts = Vec<(String, Style)>;

pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect, confirm: &Confirm) {
    let theme = ctx.theme;
    if let Some(many) = confirm.many() {
        return super::bulk_confirm::draw(ctx, area, confirm, many);
    }
    let request = confirm.bound().request();
    let mut told: StyledTexts = vec![(confirm.question().to_owned(), theme.title)];
    told.extend(confirm.forced().iter().map(|it| (it.clone(), theme.warning)));
    told.extend(confirm.facts().iter().map(|it| (it.clone(), theme.text)));
    told.push((format!("{} {}", request.method.as_str(), request.path), theme.quiet));
    told.push((request.body.clone().unwrap_or_else(|| "(no body)".to_owned()), theme.quiet));
    let mut asked = Vec::new();
    if let Some(typed) = confirm.typed() {
        let text = typed_prompt(ctx.desk.keymap(), &typed.words(), typed.text());
        asked.push((text, theme.warning));
    }
    let ask = match (confirm.note(), confirm.typed()) {
        (Some(note), _) => note.to_owned(),
        (None, None) => answer_keys(ctx.desk.keymap(), "confirms"),
        (None, Some(_)) => cancel_hint(ctx.desk.keymap()),
    };
    asked.push((ask, theme.warning));
    draw_box(ctx, area, "Confirm", (told, asked));
}

pub(in crate::screen) fn draw_quit(ctx: &mut RenderContext<'_>, area: Rect) {
    let theme = ctx.theme;
    let told = if ctx.desk.unproven() {
        "One of your operations has no proof yet. The relay records its proof without you."
    } else {
        "Every operation of yours has its outcome now."
    };
    let told = told.to_owned();
    let asked = format!("{} quits, any other key stays", yes_key(ctx.desk.keymap()));
    draw_box(ctx, area, "Quit", (vec![(told, theme.text)], vec![(asked, theme.warning)]));
}

pub(in crate::screen) fn draw_restart(ctx: &mut RenderContext<'_>, area: Rect) {
    let theme = ctx.theme;
    let told = "The simulator ends every call and restarts the scenario with new calls.".to_owned();
    let asked = format!("{} restarts, any other key cancels", yes_key(ctx.desk.keymap()));
    draw_box(ctx, area, "Restart", (vec![(told, theme.text)], vec![(asked, theme.warning)]));
}

/// A box with information and, below it, the question, which is always visible. If not all lines fit, the last lines of
/// the information are replaced by a count.
fn draw_box(ctx: &mut RenderContext<'_>, area: Rect, title: &str, texts: (StyledTexts, StyledTexts)) {
    let quiet = ctx.theme.quiet;
    let width = usize::from(area.width.min(100)).saturating_sub(4);
    let wrapped = |texts: StyledTexts| -> StyledTexts {
        let lines = |(text, style): (String, Style)| {
            DisplayText::clean(&text).wrap(width).into_iter().map(move |line| (line, style))
        };
        texts.into_iter().flat_map(lines).collect()
    };
    let (mut lines, asked) = (wrapped(texts.0), wrapped(texts.1));
    let inner = ctx.open_box(area, title, lines.len() + asked.len());
    let room = usize::from(inner.height).saturating_sub(asked.len());
    if lines.len() > room {
        let more = lines.len() - room.saturating_sub(1);
        lines.truncate(room.saturating_sub(1));
        lines.push((format!("(+{more} lines: a larger terminal shows them)"), quiet));
    }
    for (at, (text, style)) in lines.into_iter().chain(asked).enumerate() {
        RowBuilder::default().gap(1).text(text.trim_end(), style).draw(ctx.buffer, inner, at, None);
    }
}
