//! The confirm of an act on several people: their exact names, those left out with the reason, and how to answer.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::desk::{BulkConfirm, Command, Confirm, ModalKind, Motion};
use crate::screen::board::operations::act_verb;
use crate::screen::modal::confirm::{NOTHING_SENT, draw_answer};
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::text::DisplayText;

/// The rows of the answer and of its note.
const ANSWER: usize = 2;

/// A scrolling list between the question and the answer keys, both of which are always visible.
pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect, confirm: &Confirm, many: &BulkConfirm) {
    let theme = ctx.theme;
    let width = usize::from(area.width).saturating_sub(4);
    let wrapped = |text: &str, style: Style| -> Vec<(String, Style)> {
        DisplayText::clean(text).wrap(width).into_iter().map(|line| (line, style)).collect()
    };
    let mut top: Vec<(String, Style)> = Vec::new();
    let mut facts: Vec<_> = confirm.facts().iter().flat_map(|it| wrapped(it, theme.text)).collect();
    let first = &confirm.bound().request();
    let first = format!("each {}, one by one; the first: {}", first.method.as_str(), first.path);
    let request = wrapped(&first, theme.quiet);
    // A name takes one line even if it is cut, but a reason is shown in full.
    let mut names: Vec<(String, Style)> = many.items().iter().map(|it| (it.name().to_owned(), theme.text)).collect();
    for (name, why) in many.left_out() {
        names.extend(wrapped(&format!("left out: {name}: {why}"), theme.quiet));
    }
    let yes = format!("{} all {}", act_verb(confirm.bound().act()), many.items().len());
    let inner = ctx.fill_sheet(area, confirm.question(), NOTHING_SENT);
    let height = usize::from(inner.height).saturating_sub(ANSWER);
    // In a small terminal the warnings are dropped first, then the request; the names stay.
    let least = names.len().min(4);
    facts.truncate(height.saturating_sub(top.len() + request.len() + least));
    top.extend(facts.into_iter().chain(request));
    top.truncate(height.saturating_sub(least).max(1));
    let room = height.saturating_sub(top.len());
    let mut at = 0;
    let mut line = |ctx: &mut RenderContext<'_>, text: &str, style: Style| {
        let row = RowBuilder::default().gap(1).cell(text.trim_end(), width, style);
        row.draw(ctx.buffer, inner, at, None);
        at += 1;
    };
    for (text, style) in &top {
        line(ctx, text, *style);
    }
    if names.len() <= room {
        for (text, style) in &names {
            line(ctx, text, *style);
        }
    } else {
        let shown = room.saturating_sub(1);
        let above = many.scroll().min(names.len().saturating_sub(shown));
        for (text, style) in names.iter().skip(above).take(shown) {
            line(ctx, text, *style);
        }
        let under = names.len().saturating_sub(above + shown);
        let kind = if confirm.typed().is_some() { ModalKind::TypedQuestion } else { ModalKind::Question };
        let [up, down] = [Motion::Up, Motion::Down].map(|it| ctx.desk.keymap().shortcut_in(kind, Command::Move(it)));
        line(ctx, &format!("(+{above} above, +{under} below: {up} and {down} scroll)"), theme.quiet);
    }
    draw_answer(ctx, inner, height, (confirm, &yes));
}
