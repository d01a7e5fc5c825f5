//! The presenter's box: what to say, what to do, and whether the floor has shown it.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::desk::{Desk, Presentation, PresentationStep};
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::text::DisplayText;

/// The most lines that what to say takes; the rest stands in the scenario.
const SAY: usize = 2;
/// Room for the word before each line.
const WORD: usize = 5;

/// How many rows the box takes in a body of this width; none when it is not shown.
pub(in crate::screen) fn height(desk: &Desk, width: u16) -> u16 {
    if !desk.notes_are_shown() {
        return 0;
    }
    let step = desk.control().and_then(|it| it.presentation()?.current());
    let said = step.map_or(1, |it| say(it, usize::from(width)).len());
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
        let told =
            if programme.is_some() { "a scenario's steps are its [[steps]]" } else { "the scenario is being read" };
        let told = trouble.unwrap_or(told);
        line(ctx, inner, 0, ("", told, theme.quiet));
        return;
    };
    let said = say(step, usize::from(area.width));
    for (at, text) in said.iter().enumerate() {
        line(ctx, inner, at, (if at == 0 { "SAY" } else { "" }, text, theme.title));
    }
    if let Some(trouble) = trouble {
        line(ctx, inner, said.len(), ("", trouble, theme.warning));
        return;
    }
    last(ctx, inner, said.len(), (programme, step));
}

/// What to do, whether it was seen, and what the keys beside it go to. Where not all fits, the keys go first.
fn last(ctx: &mut RenderContext<'_>, inner: Rect, at: usize, (programme, step): (&Presentation, &PresentationStep)) {
    let theme = ctx.theme;
    let width = usize::from(inner.width);
    let mut row = RowBuilder::default().gap(1).cell("DO", WORD, theme.quiet);
    let (long, seen, style) = seen(ctx, step);
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
    for (key, words) in [(".", [next, "next"]), (",", ["back"; 2]), ("D", ["hide"; 2])] {
        let room = width.saturating_sub(row.used() + 6);
        if let Some(word) = words.map(DisplayText::clean).into_iter().find(|it| it.width() <= room) {
            row = row.gap(3).text(key, theme.title).gap(1).text(word.as_str(), theme.quiet);
        }
    }
    row.draw(ctx.buffer, inner, at, None);
}

/// Whether everything that the step expects was seen, in many words and in few; nothing where it expects nothing.
fn seen(ctx: &RenderContext<'_>, step: &PresentationStep) -> (String, &'static str, Style) {
    let theme = &ctx.theme;
    match (step.expects.iter().find(|it| !it.seen), step.expects.last()) {
        (_, None) => (String::new(), "", theme.text),
        (Some(open), _) => (format!("{}: not seen yet", open.what), "not seen yet", theme.busy),
        (None, Some(last)) => (format!("{}: SEEN", last.what), "SEEN", theme.good),
    }
}

/// What to say, in lines.
fn say(step: &PresentationStep, width: usize) -> Vec<String> {
    let mut lines = DisplayText::clean(&step.notes).wrap(width.saturating_sub(4 + WORD));
    if lines.len() > SAY {
        // The row cuts what is too long with its own sign.
        let rest = lines.split_off(SAY - 1);
        lines.push(rest.concat());
    }
    lines
}

fn line(ctx: &mut RenderContext<'_>, inner: Rect, at: usize, (word, text, style): (&str, &str, Style)) {
    let room = usize::from(inner.width).saturating_sub(WORD + 2);
    let row = RowBuilder::default().gap(1).cell(word, WORD, ctx.theme.quiet).cell(text, room, style);
    row.draw(ctx.buffer, inner, at, None);
}
