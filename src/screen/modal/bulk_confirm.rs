//! The sheet of an act on several people: their exact names, those left out with the reason, and how to answer.

use ratatui::layout::Rect;

use crate::desk::{BulkConfirm, Confirm};
use crate::screen::board::operations::act_verb;
use crate::screen::modal::confirm::{
    AnswerText, LABEL, SENDS_NOTHING, SheetLine, draw_answer, draw_lines, fact_lines, labelled, scrolled, sheet_rows,
};
use crate::screen::render_context::RenderContext;
use crate::screen::text::DisplayText;

/// The minimum number of names that stay visible.
const NAMES: usize = 4;

/// A scrolling list between the question and the answer keys, both of which are always visible.
pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect, confirm: &Confirm, many: &BulkConfirm) {
    let width = usize::from(area.width).saturating_sub(4);
    let theme = ctx.theme.on_sheet();
    let room = sheet_rows(area).saturating_sub(1 + usize::from(confirm.note().is_some()));
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
    let request = labelled(("sends", &text, theme.quiet), width);
    let facts = ctx.desk.confirm_facts(confirm);
    let lines_of = |warns: bool| -> Vec<SheetLine> {
        facts.iter().filter(|it| it.warns() == warns).flat_map(|it| fact_lines(&theme, it, width)).collect()
    };
    let (warnings, facts) = (lines_of(true), lines_of(false));
    let fixed = warnings.len() + facts.len() + request.len();
    // The names scroll between the lines around them; in a small terminal all lines scroll.
    let (lines, note) = if fixed + names.len().min(NAMES) <= room {
        let (names, note) = scrolled(ctx, confirm, names, room - fixed);
        (warnings.into_iter().chain(names).chain(facts).chain(request).collect(), note)
    } else {
        scrolled(ctx, confirm, warnings.into_iter().chain(names).chain(facts).chain(request).collect(), room)
    };
    let inner = ctx.fill_sheet(area, confirm.question(), &note);
    let at = draw_lines(ctx, inner, 0, lines);
    let blank = usize::from(at < room);
    let yes = format!("{} all {}", act_verb(confirm.bound().act()), many.items().len());
    draw_answer(ctx, inner, at + blank, (confirm, AnswerText { yes: &yes, no: SENDS_NOTHING }));
}
