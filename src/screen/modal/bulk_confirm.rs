//! The sheet of an act on several people: their exact names, those left out with the reason, and how to answer.

use ratatui::layout::Rect;

use crate::desk::{BulkConfirm, Command, Confirm, ModalKind, Motion};
use crate::screen::board::operations::act_verb;
use crate::screen::modal::confirm::{
    AnswerText, LABEL, NOTHING_SENT, SheetLine, draw_answer, draw_lines, fact_lines, labelled,
};
use crate::screen::render_context::RenderContext;
use crate::screen::text::DisplayText;

/// The minimum number of names that stay visible.
const NAMES: usize = 4;

/// A scrolling list between the question and the answer keys, both of which are always visible.
pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect, confirm: &Confirm, many: &BulkConfirm) {
    let width = usize::from(area.width).saturating_sub(4);
    let inner = ctx.fill_sheet(area, confirm.question(), NOTHING_SENT);
    let theme = ctx.theme;
    let room = usize::from(inner.height).saturating_sub(1 + usize::from(confirm.note().is_some()));
    // A name takes one line, but a reason is shown in full.
    let mut names: Vec<SheetLine> = Vec::new();
    for (at, item) in many.items().iter().enumerate() {
        let label = if at == 0 { "who" } else { "" };
        let name = DisplayText::clean(item.name());
        let room = name.width().min(width.saturating_sub(LABEL));
        names.extend(labelled((label, &name.fit(room), theme.text), width));
    }
    for (at, (name, why)) in many.left_out().iter().enumerate() {
        let label = if at == 0 { "left out" } else { "" };
        names.extend(labelled((label, &format!("{name}: {why}"), theme.quiet), width));
    }
    let request = confirm.bound().request();
    let text = format!("each {}, one by one; the first: {}", request.method.as_str(), request.path);
    let mut request = labelled(("sends", &text, theme.facts), width);
    let facts = ctx.desk.confirm_facts(confirm);
    let lines_of = |warns: bool| -> Vec<SheetLine> {
        facts.iter().filter(|it| it.warns() == warns).flat_map(|it| fact_lines(&theme, it, width)).collect()
    };
    // In a small terminal the facts are dropped first, then the request; the warnings and the names stay.
    let (mut warnings, mut facts) = (lines_of(true), lines_of(false));
    let mut left = room.saturating_sub(names.len().min(NAMES));
    for lines in [&mut warnings, &mut request, &mut facts] {
        lines.truncate(left);
        left -= lines.len();
    }
    let room_for_names = names.len().min(NAMES) + left;
    let at = draw_lines(ctx, inner, 0, warnings);
    let at = draw_names(ctx, inner, at, (confirm, many), (names, room_for_names));
    let at = draw_lines(ctx, inner, at, facts);
    let at = draw_lines(ctx, inner, at, request);
    let blank = usize::from(at < room);
    let yes = format!("{} all {}", act_verb(confirm.bound().act()), many.items().len());
    draw_answer(ctx, inner, at + blank, (confirm, AnswerText { yes: &yes, no: "closes this and sends nothing" }));
}

/// Draws the names that fit, and how many are above and below; returns the row below them.
fn draw_names(
    ctx: &mut RenderContext<'_>,
    inner: Rect,
    at: usize,
    (confirm, many): (&Confirm, &BulkConfirm),
    (names, room): (Vec<SheetLine>, usize),
) -> usize {
    if names.len() <= room {
        ctx.first_line(0, (names.len(), room));
        return draw_lines(ctx, inner, at, names);
    }
    let all = names.len();
    let shown = room.saturating_sub(1);
    let above = ctx.first_line(many.scroll(), (all, shown));
    let names: Vec<SheetLine> = names.into_iter().skip(above).take(shown).collect();
    let at = draw_lines(ctx, inner, at, names);
    let below = all.saturating_sub(above + shown);
    let kind = if confirm.typed().is_some() { ModalKind::TypedQuestion } else { ModalKind::Question };
    let [up, down] = [Motion::Up, Motion::Down].map(|it| ctx.desk.keymap().shortcut_in(kind, Command::Move(it)));
    let text = format!("(+{above} above, +{below} below: {up} and {down} scroll)");
    let quiet = ctx.theme.quiet;
    let width = usize::from(inner.width).saturating_sub(2);
    let note = labelled(("", &text, quiet), width);
    draw_lines(ctx, inner, at, note)
}
