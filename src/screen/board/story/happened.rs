//! What happened in a call, newest first: one line for each operation, and one for each other change
//! that no operation caused.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::desk::{called, events_of};
use crate::floor::{FloorCall, LoggedEvent, LoggedEventKind, OperationNumber, OperationStatus};
use crate::screen::board::events::sentence;
use crate::screen::board::operations::{act_on, done, status_sentence};
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::time_text::in_seconds;
use crate::time::Timestamp;

/// The columns of an operation's number, and of the text.
const OPERATION: usize = 12;
const TEXT: usize = 19;

/// One line; the text is untrusted.
struct HappenedLine {
    at: Timestamp,
    operation: Option<OperationNumber>,
    text: String,
    style: Style,
    /// The names of those who joined with the same entry.
    joined: Vec<String>,
}

/// Draws the newest lines of a call.
pub(super) fn draw(ctx: &mut RenderContext<'_>, call: &FloorCall, inner: Rect) {
    let theme = ctx.theme;
    let width = usize::from(inner.width).saturating_sub(1);
    for (at, line) in lines(ctx, call, usize::from(inner.height)).into_iter().enumerate() {
        let number = line.operation.map(|it| format!("op {}", it.0)).unwrap_or_default();
        let row = RowBuilder::default().to(2).text(&ctx.clock(line.at), theme.quiet).to(OPERATION);
        let row = row.text(&number, theme.quiet).gap(1).to(TEXT);
        row.within(&line.text, width, line.style).draw(ctx.buffer, inner, at, None);
    }
}

/// The newest lines, at most this many.
fn lines(ctx: &RenderContext<'_>, call: &FloorCall, most: usize) -> Vec<HappenedLine> {
    let mut lines: Vec<HappenedLine> = Vec::new();
    let mut joined_at = None;
    for event in events_of(ctx.desk, call) {
        if let (LoggedEventKind::Joined, Some(cursor), Some(last)) = (&event.what, joined_at, lines.last_mut())
            && cursor == event.cursor
            && !is_own(call, event)
        {
            last.joined.push(event.name.to_string());
            last.text = joined(&last.joined);
            continue;
        }
        if lines.len() == most {
            break;
        }
        joined_at = None;
        let line = match &event.what {
            LoggedEventKind::Operation { number, .. } => operation_line(ctx, event, *number),
            LoggedEventKind::Joined if is_own(call, event) => continue,
            LoggedEventKind::Joined => {
                joined_at = Some(event.cursor);
                let names = vec![event.name.to_string()];
                HappenedLine { joined: names.clone(), ..plain(event, joined(&names), ctx.theme.quiet) }
            }
            LoggedEventKind::CallSeen => plain(event, began(call), ctx.theme.quiet),
            LoggedEventKind::CallEstablished => plain(event, sentence(ctx, event), ctx.theme.quiet),
            LoggedEventKind::CallEnded(_)
            | LoggedEventKind::CallFoundAgain
            | LoggedEventKind::Waits
            | LoggedEventKind::Admitted
            | LoggedEventKind::Left
            | LoggedEventKind::Muted { .. }
            | LoggedEventKind::Unmuted { .. }
            | LoggedEventKind::Held
            | LoggedEventKind::Resumed
            | LoggedEventKind::ForeignHold { .. }
            | LoggedEventKind::Noted(_) => plain(event, sentence(ctx, event), ctx.theme.facts),
        };
        lines.push(line);
    }
    // An operation stands at its key press, which may be before other lines that its outcome came after.
    lines.sort_by_key(|it| std::cmp::Reverse(it.at));
    lines
}

fn is_own(call: &FloorCall, event: &LoggedEvent) -> bool {
    event.participant.as_ref().is_some_and(|it| call.is_own_participant(it))
}

const fn plain(event: &LoggedEvent, text: String, style: Style) -> HappenedLine {
    HappenedLine { at: event.at, operation: None, text, style, joined: Vec::new() }
}

/// The beginning of a call, with our own name in it.
fn began(call: &FloorCall) -> String {
    let began = if call.began.exact { "the call began" } else { "the call was first seen" };
    call.own_participant().map_or_else(|| began.to_owned(), |own| format!("{began}, with {}", called(own)))
}

/// The names of those who joined at once.
fn joined(names: &[String]) -> String {
    match names {
        [first @ .., last] if !first.is_empty() => format!("{} and {last} joined", first.join(", ")),
        names => format!("{} joined", names.concat()),
    }
}

/// The line of an operation, as far as it has come.
fn operation_line(ctx: &RenderContext<'_>, event: &LoggedEvent, number: OperationNumber) -> HappenedLine {
    let theme = &ctx.theme;
    let Some(operation) = ctx.desk.floor().operation(number) else {
        return HappenedLine { operation: Some(number), ..plain(event, sentence(ctx, event), theme.facts) };
    };
    let now = ctx.desk.shown_at();
    let standing = operation.standing(now);
    let by = ctx.desk.asker(&operation.by);
    let text = match (standing, operation.proof_latency()) {
        (OperationStatus::Confirmed, Some(after)) => {
            format!("{by} {}, proved after {}", done(operation.act, &operation.target), in_seconds(after))
        }
        (OperationStatus::Confirmed, None) => format!("{by} {}", done(operation.act, &operation.target)),
        _ => {
            let so_far = match (ctx.desk.link().frozen_at().is_some(), operation.reason()) {
                (true, _) if standing.is_in_progress() => "not known now".to_owned(),
                (_, Some(reason)) => format!("{}: {reason}", status_sentence(operation, now)),
                (_, None) => status_sentence(operation, now).to_owned(),
            };
            format!("{by} asked to {}; {so_far}", act_on(operation.act, &operation.target))
        }
    };
    let style = if standing.is_in_progress() { theme.text } else { theme.facts };
    HappenedLine { at: operation.pressed, operation: Some(number), text, style, joined: Vec::new() }
}
