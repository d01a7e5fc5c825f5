//! The event log of the floor, newest line first.

use ratatui::layout::Rect;

use crate::desk::{Command, Pane};
use crate::floor::{LoggedEvent, LoggedEventKind};
use crate::screen::board::operations::act_on;
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;

pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect) {
    let desk = ctx.desk;
    let heard = desk.floor().counts().notifications;
    let plural = if heard == 1 { "" } else { "s" };
    let key = desk.keymap().shortcut_for(Command::Focus(Pane::Events));
    let beside = format!("{} notification{plural}", thousands(heard));
    let inner = ctx.section(Pane::Events, &key, "Floor", &beside).draw(&ctx.theme, ctx.buffer, area);
    ctx.record_pane(area, Pane::Events);
    let height = usize::from(inner.height);
    let lines = desk.floor().event_log().rev().skip(desk.events_scroll()).take(height);
    for (at, line) in lines.enumerate() {
        row(ctx, line, usize::from(inner.width)).draw(ctx.buffer, inner, at, None);
    }
}

fn row(ctx: &RenderContext<'_>, line: &LoggedEvent, width: usize) -> RowBuilder {
    let theme = &ctx.theme;
    let call = line.call.as_ref().map(|(_, number)| number.0.to_string()).unwrap_or_default();
    let row = RowBuilder::default().to(2).text(&ctx.clock(line.at), theme.quiet).right(&call, 4, theme.facts).gap(2);
    row.within(&sentence(ctx, line), width, theme.facts)
}

/// What happened, in a sentence; untrusted text.
pub(in crate::screen) fn sentence(ctx: &RenderContext<'_>, line: &LoggedEvent) -> String {
    if let LoggedEventKind::Operation { number, by, act, word, why } = &line.what {
        let by = ctx.desk.asker(by);
        let what = act_on(*act, if line.name.is_empty() { &line.place } else { &line.name });
        let why = if why.is_empty() { String::new() } else { format!(", {why}") };
        return match &**word {
            LoggedEventKind::ASKED => format!("{by} asked to {what}, op {}", number.0),
            LoggedEventKind::ACCEPTED => format!("Graph accepted: {what}, op {}", number.0),
            LoggedEventKind::CONFIRMED => format!("{what} by {by}, op {}, proved", number.0),
            word => format!("{what} by {by}, op {}: {word}{why}", number.0),
        };
    }
    if line.what == LoggedEventKind::CallSeen {
        return format!("a new call: {}", line.place);
    }
    if line.name.is_empty() {
        format!("{}{}", line.what, span(ctx, line))
    } else {
        format!("{} {}", line.name, line.what)
    }
}

/// The start of an event that has a duration; empty for an instant event.
fn span(ctx: &RenderContext<'_>, line: &LoggedEvent) -> String {
    let from = line.from.map(|it| ctx.clock(it)).filter(|it| *it != ctx.clock(line.at));
    from.map(|it| format!(", from {it} on")).unwrap_or_default()
}

/// The heads of the texts.
pub(in crate::screen) const HEADS: [&str; 4] = ["TIME", "CALL", "WHO", "WHAT"];

/// The texts of all lines, untrusted, newest first.
pub(in crate::screen) fn texts(ctx: &RenderContext<'_>) -> Vec<Vec<String>> {
    let row = |it: &LoggedEvent| {
        let call = it.call.as_ref().map(|(_, number)| number.0.to_string()).unwrap_or_default();
        vec![ctx.clock(it.at), call, it.name.to_string(), it.what.to_string()]
    };
    ctx.desk.floor().event_log().rev().map(row).collect()
}

/// A count with commas between thousands.
fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_told_apart() {
        for (count, text) in [(0, "0"), (999, "999"), (2_318, "2,318"), (1_234_567, "1,234,567")] {
            assert_eq!(thousands(count), text);
        }
    }
}
