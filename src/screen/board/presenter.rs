//! The presenter's notes: what to say, which key to press, and whether the floor has shown the effect.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::desk::{Command, Presentation, PresentationStep, StepDirection};
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::section::SectionRule;
use crate::screen::text::DisplayText;

/// The columns before the text: the words SAY and DO.
const WORD: usize = 7;
/// The columns between the keys of the next and the previous step.
const KEYS_GAP: usize = 3;

pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect) {
    let Some(control) = ctx.desk.control() else { return };
    let theme = ctx.theme;
    let presentation = control.presentation();
    let title = presentation.map_or_else(|| "Presenter".to_owned(), Presentation::place);
    let hide = ctx.desk.keymap().shortcut_for(Command::Notes);
    let width = usize::from(area.width);
    let note = format!("only on this screen, {hide} hides");
    let name_style = theme.facts.add_modifier(theme.emphasis);
    let rule = SectionRule::new(false).then(&capitalised(&title), name_style);
    let inner = rule.ending(width.saturating_sub(2), &note, theme.quiet).draw(&theme, ctx.buffer, area);
    let trouble = control.stage_trouble();
    let Some((presentation, step)) = presentation.and_then(|it| it.current().map(|step| (it, step))) else {
        let told =
            if presentation.is_some() { "a scenario's steps are its [[steps]]" } else { "the scenario is being read" };
        draw_line(ctx, inner, 0, ("", trouble.unwrap_or(told), theme.quiet));
        return;
    };
    // The text to say has one row on the board; the notes on a second terminal show all of it.
    draw_line(ctx, inner, 0, ("SAY", &step.notes, theme.text));
    match trouble {
        Some(trouble) => draw_line(ctx, inner, 1, ("", trouble, theme.warning)),
        None => draw_instruction(ctx, inner, (presentation, step)),
    }
}

/// A title with a capital first letter.
pub(super) fn capitalised(title: &str) -> String {
    let mut letters = title.chars();
    letters.next().map(|it| it.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// What to press, whether the effect was seen, and the keys of the next and the previous step.
fn draw_instruction(
    ctx: &mut RenderContext<'_>,
    inner: Rect,
    (presentation, step): (&Presentation, &PresentationStep),
) {
    let theme = ctx.theme;
    let keymap = ctx.desk.keymap();
    let width = usize::from(inner.width);
    let [next, back] =
        [StepDirection::Next, StepDirection::Previous].map(|it| keymap.shortcut_for(Command::StepPresentation(it)));
    let last = presentation.next().is_none();
    let keys = [if last { "the last step".to_owned() } else { format!("{next} next") }, format!("{back} back")];
    let keys_width = keys.iter().map(|it| DisplayText::clean(it).width()).sum::<usize>() + KEYS_GAP;
    let (long, short, style) = expectation_text(ctx, step);
    let room = width.saturating_sub(keys_width + 4);
    let press = DisplayText::clean(&step.press);
    let mut row = RowBuilder::default().to(2).cell("DO", WORD, theme.quiet);
    let seen = [long.as_str(), short].into_iter().find(|it| row.used() + press.width() + it.len() + 2 <= room);
    let seen = seen.unwrap_or(short);
    let seen_width = if seen.is_empty() { 0 } else { seen.len() + 2 };
    row = row.within(press.as_str(), room.saturating_sub(seen_width), theme.facts);
    if !seen.is_empty() {
        row = row.gap(2).within(seen, room, style);
    }
    let [first, second] = keys;
    let row = row.to(width.saturating_sub(1 + keys_width)).text(&first, theme.quiet).gap(KEYS_GAP);
    row.text(&second, theme.quiet).draw(ctx.buffer, inner, 1, None);
}

/// Whether the step's expectations were seen, as a long and a short text; empty if it has none.
fn expectation_text(ctx: &RenderContext<'_>, step: &PresentationStep) -> (String, &'static str, Style) {
    let theme = &ctx.theme;
    match (step.expects.iter().find(|it| !it.seen), step.expects.last()) {
        (_, None) => (String::new(), "", theme.text),
        (Some(open), _) => (format!("{}: not seen yet", open.what), "not seen yet", theme.quiet),
        (None, Some(last)) => (format!("{}: SEEN", last.what), "SEEN", theme.good),
    }
}

fn draw_line(ctx: &mut RenderContext<'_>, inner: Rect, at: usize, (word, text, style): (&str, &str, Style)) {
    let width = usize::from(inner.width).saturating_sub(1);
    let row = RowBuilder::default().to(2).cell(word, WORD, ctx.theme.quiet).within(text, width, style);
    row.draw(ctx.buffer, inner, at, None);
}
