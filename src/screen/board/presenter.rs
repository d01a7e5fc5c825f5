//! The presenter's box: what to say, which key to press, and whether the floor has shown the effect.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::desk::{Command, Desk, Presentation, PresentationStep, StepDirection};
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::text::DisplayText;

/// The most lines of what to say; the scenario has the rest.
const SAY: usize = 2;
/// The columns of the word before each line.
const WORD: usize = 5;

/// The height of the box in a body of this width; 0 when it is hidden.
pub(in crate::screen) fn height(desk: &Desk, width: u16) -> u16 {
    if !desk.notes_are_shown() {
        return 0;
    }
    let step = desk.control().and_then(|it| it.presentation()?.current());
    let said = step.map_or(1, |it| speech_lines(it, usize::from(width)).len());
    u16::try_from(said + 3).unwrap_or(u16::MAX)
}

pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect) {
    let Some(control) = ctx.desk.control() else { return };
    let theme = ctx.theme;
    let programme = control.presentation();
    let title = match programme {
        Some(programme) => format!("Presenter: {}", programme.place()),
        None => "Presenter".to_owned(),
    };
    let trouble = control.stage_trouble();
    let inner = ctx.pane(area, None, &title, "not shown with --audience");
    let Some((programme, step)) = programme.and_then(|it| it.current().map(|step| (it, step))) else {
        let told = if programme.is_some() { "a scenario's steps are its [[steps]]" } else { "reading the scenario…" };
        let told = trouble.unwrap_or(told);
        draw_line(ctx, inner, 0, ("", told, theme.quiet));
        return;
    };
    let said = speech_lines(step, usize::from(area.width));
    for (at, text) in said.iter().enumerate() {
        draw_line(ctx, inner, at, (if at == 0 { "SAY" } else { "" }, text, theme.title));
    }
    if let Some(trouble) = trouble {
        draw_line(ctx, inner, said.len(), ("", trouble, theme.warning));
        return;
    }
    draw_instruction(ctx, inner, said.len(), (programme, step));
}

/// What to press, whether the effect was seen, and the previous and next step. If not all fit, the steps are dropped
/// first.
fn draw_instruction(
    ctx: &mut RenderContext<'_>,
    inner: Rect,
    at: usize,
    (programme, step): (&Presentation, &PresentationStep),
) {
    let theme = ctx.theme;
    let width = usize::from(inner.width);
    let mut row = RowBuilder::default().gap(1).cell("DO", WORD, theme.quiet);
    let (long, seen, style) = expectation_text(ctx, step);
    let press_width = DisplayText::clean(&step.press).width();
    let seen = if row.used() + press_width + long.len() + 2 <= width { long.as_str() } else { seen };
    let seen_width = if seen.is_empty() { 0 } else { DisplayText::clean(seen).width() + 2 };
    let room = width.saturating_sub(row.used() + seen_width + 1);
    let press = DisplayText::clean(&step.press);
    row = row.cell(press.as_str(), press.width().min(room), theme.text);
    if !seen.is_empty() {
        row = row.gap(2).text(seen, style);
    }
    let next = programme.next().map_or("the end", |it| it.title.as_str());
    let keys = [
        (Command::StepPresentation(StepDirection::Next), [next, "next"]),
        (Command::StepPresentation(StepDirection::Previous), ["back"; 2]),
        (Command::Notes, ["hide"; 2]),
    ];
    for (command, words) in keys {
        let key = ctx.desk.keymap().shortcut_for(command);
        let room = width.saturating_sub(row.used() + 5 + key.chars().count());
        if let Some(word) = words.map(DisplayText::clean).into_iter().find(|it| it.width() <= room) {
            row = row.gap(3).text(&key, theme.title).gap(1).text(word.as_str(), theme.quiet);
        }
    }
    row.draw(ctx.buffer, inner, at, None);
}

/// Whether the step's expectations were seen, as a long and a short text; `None` if it has none.
fn expectation_text(ctx: &RenderContext<'_>, step: &PresentationStep) -> (String, &'static str, Style) {
    let theme = &ctx.theme;
    match (step.expects.iter().find(|it| !it.seen), step.expects.last()) {
        (_, None) => (String::new(), "", theme.text),
        (Some(open), _) => (format!("{}: not seen yet", open.what), "not seen yet", theme.busy),
        (None, Some(last)) => (format!("{}: SEEN", last.what), "SEEN", theme.good),
    }
}

/// What to say, broken into lines.
fn speech_lines(step: &PresentationStep, width: usize) -> Vec<String> {
    let mut lines = DisplayText::clean(&step.notes).wrap(width.saturating_sub(4 + WORD));
    if lines.len() > SAY {
        // The row marks where it cuts a long text.
        let rest = lines.split_off(SAY - 1);
        lines.push(rest.concat());
    }
    lines
}

fn draw_line(ctx: &mut RenderContext<'_>, inner: Rect, at: usize, (word, text, style): (&str, &str, Style)) {
    let room = usize::from(inner.width).saturating_sub(WORD + 2);
    let row = RowBuilder::default().gap(1).cell(word, WORD, ctx.theme.quiet).cell(text, room, style);
    row.draw(ctx.buffer, inner, at, None);
}
