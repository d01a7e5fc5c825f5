//! The event log of the floor, newest line first: one line for each operation, and one for each repeated note.

use ratatui::layout::Rect;

use crate::desk::{Command, FloorLine, FloorNews, Pane, floor_lines};
use crate::floor::{Act, FloorCall, LoggedEvent, LoggedEventKind, OperationNumber, OperationStatus};
use crate::screen::board::operations::done;
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::time_text::in_words;

pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect) {
    let desk = ctx.desk;
    let heard = desk.floor().counts().notifications;
    let plural = if heard == 1 { "" } else { "s" };
    let key = desk.keymap().shortcut_for(Command::Focus(Pane::Events));
    let beside = format!("{} notification{plural}", thousands(heard));
    let inner = ctx.section(Pane::Events, &key, "Floor", &beside).draw(&ctx.theme, ctx.buffer, area);
    ctx.record_pane(area, Pane::Events);
    let height = usize::from(inner.height);
    let lines = floor_lines(desk);
    for (at, line) in lines.iter().skip(desk.events_scroll()).take(height).enumerate() {
        row(ctx, line, usize::from(inner.width)).draw(ctx.buffer, inner, at, None);
    }
}

fn row(ctx: &RenderContext<'_>, line: &FloorLine<'_>, width: usize) -> RowBuilder {
    let theme = &ctx.theme;
    let (call, text) = match line.news {
        FloorNews::Event(event) => (event.call.as_ref().map(|(_, number)| *number), sentence(ctx, event)),
        FloorNews::Quiet(call, span) => (Some(call.number), format!("quiet, nothing heard for {}", in_words(span))),
    };
    let call = call.map(|it| it.0.to_string()).unwrap_or_default();
    let row = RowBuilder::default().to(2).text(&ctx.clock(line.at), theme.quiet).right(&call, 4, theme.facts).gap(2);
    // Only rules and bands reach the last column.
    row.within(&text, width.saturating_sub(1), theme.facts)
}

/// What happened, in a sentence; untrusted text.
pub(in crate::screen) fn sentence(ctx: &RenderContext<'_>, line: &LoggedEvent) -> String {
    let about = |what: &str| if line.name.is_empty() { what.to_owned() } else { format!("{} {what}", line.name) };
    match &line.what {
        LoggedEventKind::Operation { number, by, act, word, why } => {
            let target = if line.name.is_empty() { &line.place } else { &line.name };
            operation_sentence(ctx, (*number, *act, target), (ctx.desk.asker(by), word, why))
        }
        LoggedEventKind::CallSeen => match call_name(ctx, line) {
            Some(name) => format!("a new call: {name}"),
            None => "a new call".to_owned(),
        },
        LoggedEventKind::CallEstablished => "the call is connected".to_owned(),
        LoggedEventKind::CallEnded(why) => match without_codes(why) {
            "" => "the call ended".to_owned(),
            why => format!("the call ended: {why}"),
        },
        LoggedEventKind::Waits => about("came to the lobby"),
        LoggedEventKind::Held => about("went silent, maybe on hold"),
        LoggedEventKind::Resumed => about("is no longer silent"),
        LoggedEventKind::CallFoundAgain
        | LoggedEventKind::Joined
        | LoggedEventKind::Admitted
        | LoggedEventKind::Left
        | LoggedEventKind::Muted { .. }
        | LoggedEventKind::Unmuted { .. }
        | LoggedEventKind::ForeignHold { .. }
        | LoggedEventKind::Noted(_) => about(&format!("{}{}", line.what, span(ctx, line))),
    }
}

/// What became of an operation: who asked for what, until it is proved who did what; untrusted text.
fn operation_sentence(
    ctx: &RenderContext<'_>,
    (number, act, target): (OperationNumber, Act, &str),
    (by, word, why): (&str, &str, &str),
) -> String {
    let asked = match act {
        Act::Mute => format!("mute of {target} asked by {by}"),
        Act::MuteSelf => format!("our own mute asked by {by}"),
        Act::UnmuteSelf => format!("our own unmute asked by {by}"),
        Act::Hold => format!("hold of {target} asked by {by}"),
        Act::Release => format!("release of {target} asked by {by}"),
        Act::Remove => format!("removal of {target} asked by {by}"),
        Act::HangUp => format!("hang-up asked by {by}"),
    };
    match word {
        LoggedEventKind::ASKED | LoggedEventKind::ACCEPTED => {
            let operation = ctx.desk.floor().operation(number);
            let standing = operation.map(|it| it.standing(ctx.desk.shown_at()));
            if standing == Some(OperationStatus::Unconfirmed) { format!("{asked}: no proof") } else { asked }
        }
        LoggedEventKind::CONFIRMED => format!("{by} {}, proved", done(act, target)),
        word if why.is_empty() => format!("{asked}: {word}"),
        word => format!("{asked}: {word}, {why}"),
    }
}

/// The name that a call has now, or had in the event: `None` if it is no more than its number. Untrusted text.
fn call_name(ctx: &RenderContext<'_>, line: &LoggedEvent) -> Option<String> {
    let (id, number) = line.call.as_ref()?;
    let title = ctx.desk.floor().call(id).map_or_else(|| line.place.to_string(), FloorCall::title);
    (!title.is_empty() && title != format!("call {}", number.0)).then_some(title)
}

/// The reason of a call's end without Graph's codes, and without the sentence that says no more than that it ended. The
/// details of the call keep both.
fn without_codes(why: &str) -> &str {
    let (first, rest) = why.split_once(' ').unwrap_or((why, ""));
    let is_code = first.chars().all(|it| it.is_ascii_digit() || it == '/');
    let told = if is_code { rest } else { why };
    if told == "The call has ended." { "" } else { told }
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
    fn codes_are_left_out_of_the_reason_of_an_end() {
        assert_eq!(without_codes("200/4097 The call has ended."), "");
        assert_eq!(without_codes("404 Not found"), "Not found");
        assert_eq!(without_codes("500"), "");
        assert_eq!(without_codes("The server broke 2 times"), "The server broke 2 times");
    }

    #[test]
    fn thousands_are_told_apart() {
        for (count, text) in [(0, "0"), (999, "999"), (2_318, "2,318"), (1_234_567, "1,234,567")] {
            assert_eq!(thousands(count), text);
        }
    }
}
