//! The sheet of a question: who and what an act is about, what follows from it, the exact request, and
//! the key that answers.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::desk::{Arming, Command, Confirm, ConfirmFact, ModalKind, Motion, Question, QuestionKind};
use crate::floor::AlertLevel;
use crate::graph::ExactRequest;
use crate::screen::board::operations::act_on;
use crate::screen::board::participants;
use crate::screen::modal::shortcuts::{cancel_key, send_key, yes_key};
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::section::shown_of;
use crate::screen::text::DisplayText;
use crate::screen::theme::Theme;

/// The columns of a sheet's left edge, and of its labels.
const LEFT: usize = 1;
pub(in crate::screen) const LABEL: usize = 11;

/// The text at the right of a question's rule.
pub(in crate::screen) const NOTHING_SENT: &str = "nothing is sent yet";

/// A row of a sheet: its label, and its text in parts; untrusted.
pub(in crate::screen) struct SheetLine {
    label: &'static str,
    parts: Vec<(String, Style)>,
}

/// The text of the answer row.
#[derive(Clone, Copy)]
pub(in crate::screen) struct AnswerText<'a> {
    /// What a yes does; untrusted.
    pub(in crate::screen) yes: &'a str,
    /// What any other key does, in full and in few columns.
    pub(in crate::screen) no: [&'a str; 2],
}

/// What any other key does where a yes sends something.
pub(in crate::screen) const SENDS_NOTHING: [&str; 2] = ["closes this and sends nothing", "sends nothing"];

/// Draws the confirm of an act on one person or call. `covers_row` says that the sheet covers the row of the person, which it repeats then.
pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect, confirm: &Confirm, covers_row: bool) {
    let width = usize::from(area.width).saturating_sub(4);
    let repeated = ctx.desk.call().zip(ctx.desk.asked_about()).filter(|_| covers_row);
    let repeated = repeated.and_then(|(call, id)| call.people.get(id).map(|person| (call, person)));
    let repeated = repeated.map(|(call, person)| participants::row_of(ctx, call, person, area.width));
    let theme = ctx.theme.on_sheet();
    let all_facts = ctx.desk.confirm_facts(confirm);
    let mut facts: Vec<SheetLine> = all_facts.iter().flat_map(|it| fact_lines(&theme, it, width)).collect();
    let request = request_lines(&theme, confirm.bound().request(), width);
    let answer_rows = 1 + usize::from(confirm.note().is_some());
    let mut at = usize::from(repeated.is_some());
    let room = sheet_rows(area).saturating_sub(at + answer_rows);
    if facts.len() + request.len() > room {
        facts = all_facts.iter().flat_map(|it| short_fact(&theme, it, width)).collect();
    }
    // Blank rows: before the answer first, then between the facts and the request, then before the facts.
    let blanks = room.saturating_sub(facts.len() + request.len()).min(3);
    let lines = with_blank(facts, request, blanks >= 2);
    let (lines, note) = scrolled(ctx, confirm, lines, room);
    let inner = ctx.fill_sheet(area, confirm.question(), &note);
    if let Some(row) = repeated {
        row.draw(ctx.buffer, Rect { x: area.x, width: area.width, ..inner }, 0, None);
    }
    at += usize::from(blanks >= 3);
    at = draw_lines(ctx, inner, at, lines) + usize::from(blanks >= 1);
    let yes = act_on(confirm.bound().act(), confirm.name());
    draw_answer(ctx, inner, at, (confirm, AnswerText { yes: &yes, no: SENDS_NOTHING }));
}

/// The rows of a sheet below its rule.
pub(in crate::screen) fn sheet_rows(area: Rect) -> usize {
    usize::from(area.height.saturating_sub(1))
}

/// The lines that fit into this many rows, as far as the sheet is scrolled, and the note on the sheet's rule: which of
/// the lines these are if some are hidden.
pub(in crate::screen) fn scrolled(
    ctx: &mut RenderContext<'_>,
    confirm: &Confirm,
    lines: Vec<SheetLine>,
    room: usize,
) -> (Vec<SheetLine>, String) {
    let all = lines.len();
    let above = ctx.first_line(confirm.scroll(), (all, room));
    if all <= room {
        return (lines, NOTHING_SENT.to_owned());
    }
    // Letters scroll the names of a bulk act; they close the confirm of one person.
    let letters = confirm.many().is_some() && confirm.typed().is_none();
    let kind = if letters { ModalKind::Question } else { ModalKind::TypedQuestion };
    let [down, up] = [Motion::Down, Motion::Up].map(|it| ctx.desk.keymap().shortcut_in(kind, Command::Move(it)));
    let note = format!("{}, {down} {up} scroll", shown_of(above, room, all));
    (lines.into_iter().skip(above).take(room).collect(), note)
}

fn with_blank(mut facts: Vec<SheetLine>, request: Vec<SheetLine>, blank: bool) -> Vec<SheetLine> {
    if blank {
        facts.push(SheetLine { label: "", parts: Vec::new() });
    }
    facts.extend(request);
    facts
}

/// The lines of a fact.
pub(in crate::screen) fn fact_lines(theme: &Theme, fact: &ConfirmFact, width: usize) -> Vec<SheetLine> {
    let style = if fact.warns() { theme.warning } else { theme.facts };
    let mut lines = labelled((fact.label(), fact.text(), style), width);
    if let (Some((part, level)), Some(SheetLine { parts, .. })) = (fact.strong(), lines.first_mut()) {
        let part = DisplayText::clean(part);
        let strong = if level >= AlertLevel::Warning { theme.alert(level) } else { theme.title };
        let split = parts.first().and_then(|(text, _)| text.split_once(part.as_str()));
        if let Some((before, after)) = split.map(|(before, after)| (before.to_owned(), after.to_owned())) {
            *parts = vec![(before, style), (part.as_str().to_owned(), strong), (after, style)];
        }
    }
    lines
}

/// The lines of a fact, in fewer words if it has them and does not fit on one line.
fn short_fact(theme: &Theme, fact: &ConfirmFact, width: usize) -> Vec<SheetLine> {
    let lines = fact_lines(theme, fact, width);
    match fact.brief() {
        Some(brief) if lines.len() > 1 => labelled((fact.label(), brief, theme.facts), width),
        Some(_) | None => lines,
    }
}

/// A text with its label, wrapped.
pub(in crate::screen) fn labelled((label, text, style): (&'static str, &str, Style), width: usize) -> Vec<SheetLine> {
    let lines = DisplayText::clean(text).wrap(width.saturating_sub(LABEL));
    let line = |(at, text): (usize, String)| SheetLine {
        label: if at == 0 { label } else { "" },
        parts: vec![(text.trim_end().to_owned(), style)],
    };
    lines.into_iter().enumerate().map(line).collect()
}

/// The request: its path, broken where the participant begins, and its body.
fn request_lines(theme: &Theme, request: &ExactRequest, width: usize) -> Vec<SheetLine> {
    let method = request.method.as_str();
    let path = &request.path;
    let at = path.find("/participants/").unwrap_or(path.len());
    let (call, rest) = path.split_at_checked(at).unwrap_or((path, ""));
    let mut lines = labelled(("sends", &format!("{method} {call}"), theme.quiet), width);
    if !rest.is_empty() {
        let room = width.saturating_sub(LABEL + method.len() + 1);
        let rest = DisplayText::clean(rest);
        if (room + 1..room + method.len() + 2).contains(&rest.width()) {
            // With a smaller indent it fits on one line.
            lines.push(SheetLine { label: "", parts: vec![(rest.as_str().to_owned(), theme.quiet)] });
        } else {
            lines.extend(rest.wrap(room).iter().map(|it| behind_method(request, it, theme.quiet)));
        }
    }
    if let Some(body) = &request.body {
        let room = width.saturating_sub(LABEL + method.len() + 1);
        lines.extend(DisplayText::clean(body).wrap(room).iter().map(|it| behind_method(request, it, theme.quiet)));
    }
    lines
}

/// A line that begins below the path of a request.
fn behind_method(request: &ExactRequest, text: &str, style: Style) -> SheetLine {
    let indent = " ".repeat(request.method.as_str().len() + 1);
    SheetLine { label: "", parts: vec![(indent, style), (text.trim_end().to_owned(), style)] }
}

/// Draws lines from a row on; returns the row below them.
pub(in crate::screen) fn draw_lines(
    ctx: &mut RenderContext<'_>,
    inner: Rect,
    from: usize,
    lines: Vec<SheetLine>,
) -> usize {
    let quiet = ctx.theme.quiet;
    let mut at = from;
    for SheetLine { label, parts } in lines {
        let row = RowBuilder::default().gap(LEFT).cell(label, LABEL, quiet);
        let row = parts.iter().fold(row, |row, (text, style)| {
            let words = text.trim();
            let before = text.len() - text.trim_start().len();
            let after = if words.is_empty() { 0 } else { text.len() - text.trim_end().len() };
            row.gap(before).text(words, *style).gap(after)
        });
        row.draw(ctx.buffer, inner, at, None);
        at += 1;
    }
    at
}

/// The row of the answer: the word to type with the key that sends, or the key that says yes. A key is
/// grey until it counts.
pub(in crate::screen) fn draw_answer(
    ctx: &mut RenderContext<'_>,
    inner: Rect,
    at: usize,
    (confirm, answer): (&Confirm, AnswerText<'_>),
) {
    let theme = ctx.theme;
    let width = usize::from(inner.width);
    if let Some(note) = confirm.note() {
        RowBuilder::default().gap(LEFT).within(note, width, theme.warning).draw(ctx.buffer, inner, at + 1, None);
    }
    if let Some(typed) = confirm.typed() {
        let keymap = ctx.desk.keymap();
        let row = RowBuilder::default().gap(LEFT).text("type", theme.quiet).gap(1).text(&typed.words(), theme.title);
        let send = if confirm.arming().is_armed(ctx.desk.wall()) { theme.title } else { theme.quiet };
        let row = row.text(", then", theme.quiet).gap(1).text(&send_key(keymap), send).text(":", theme.quiet);
        let row = row.gap(1).text(typed.text(), theme.title).text("_", theme.focus).gap(4);
        let row = row.text(&cancel_key(keymap), theme.title).gap(1).text("cancels", theme.quiet);
        return row.draw(ctx.buffer, inner, at, None);
    }
    draw_yes(ctx, inner, at, (confirm.arming(), answer));
}

/// The key that says yes and what it does, and what any other key does. It is grey until it counts.
fn draw_yes(ctx: &mut RenderContext<'_>, inner: Rect, at: usize, (arming, text): (&Arming, AnswerText<'_>)) {
    let theme = ctx.theme;
    let width = usize::from(inner.width);
    let key = yes_key(ctx.desk.keymap());
    let armed = arming.is_armed(ctx.desk.wall());
    let chip = if armed { theme.armed } else { theme.quiet };
    let row = RowBuilder::default().gap(LEFT).space(1, chip).text(&key, chip).space(1, chip);
    let gap = if width < 76 { 2 } else { 6 };
    let [no, short] = text.no;
    // What the other keys do stays in full; the target's name is cut.
    let other = "any other key";
    let room = width.saturating_sub(gap + other.len() + 1 + short.len());
    let row = if armed {
        row.gap(2).within(text.yes, room, theme.title)
    } else {
        row.gap(1).text("a moment", theme.quiet).gap(2).within(text.yes, room, theme.quiet)
    };
    if arming.was_early() && !armed {
        let note = format!("that {key} was too early and does not count");
        return row.gap(gap).within(&note, width, theme.warning).draw(ctx.buffer, inner, at, None);
    }
    let row = row.gap(gap).within(other, width, theme.title).gap(1);
    let no = if row.used() + no.len() > width { short } else { no };
    row.within(no, width, theme.quiet).draw(ctx.buffer, inner, at, None);
}

/// Draws a question that is not about an act.
pub(in crate::screen) fn draw_question(ctx: &mut RenderContext<'_>, area: Rect, question: &Question) {
    let told = match question.kind() {
        QuestionKind::Quit if ctx.desk.unproven() => {
            "One of your operations has no proof yet. The relay records its proof without you."
        }
        QuestionKind::Quit => "All your operations have an outcome. The relay keeps running.",
        QuestionKind::Restart => "The simulator ends every call and restarts the scenario with new calls.",
        QuestionKind::EndPrivacy => "Privacy mode ends, and everybody who sees this screen reads the true names.",
    };
    let inner = ctx.fill_sheet(area, question.kind().title(), "");
    let theme = ctx.theme;
    let width = usize::from(inner.width).saturating_sub(2);
    let lines = DisplayText::clean(told).wrap(width);
    for (at, line) in lines.iter().enumerate() {
        RowBuilder::default().gap(LEFT).text(line.trim_end(), theme.text).draw(ctx.buffer, inner, at + 1, None);
    }
    let text = AnswerText { yes: question.kind().verb(), no: ["closes this and does nothing", "does nothing"] };
    draw_yes(ctx, inner, lines.len() + 2, (question.arming(), text));
}
