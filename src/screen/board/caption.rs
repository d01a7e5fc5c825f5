//! The caption for an audience: what was done last, to whom, by whom, and whether it is proved, in two lines.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::operations::status_sentence;
use super::presenter::capitalised;
use crate::desk::{Desk, Presentation};
use crate::floor::{Act, MicState, Operation, OperationStatus, Person};
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::section::SectionRule;
use crate::screen::time_text::in_seconds;
use crate::time::{Millis, Timestamp};

/// How long an operation is told after its key press.
const SHOWN: Millis = Millis::seconds(60);

pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect) {
    let theme = ctx.theme;
    let step = ctx.desk.control().and_then(|it| it.presentation()).map(Presentation::place);
    // The step's title may name people.
    let title = step.filter(|_| !ctx.desk.is_private()).unwrap_or_else(|| "What was done last".to_owned());
    let name_style = theme.facts.add_modifier(theme.emphasis);
    let inner = SectionRule::new(false).then(&capitalised(&title), name_style).draw(&theme, ctx.buffer, area);
    let Some(operation) = newest_operation(ctx.desk) else {
        return draw_line(ctx, inner, 0, ("nothing was asked in the last minute", theme.quiet));
    };
    let now = ctx.desk.shown_at();
    let status = operation.standing(now);
    let style = if status == OperationStatus::Confirmed {
        theme.good
    } else if status.is_failure() {
        theme.bad
    } else {
        theme.title
    };
    let (told, why) = (told(ctx.desk, operation, now), meaning(operation, now));
    draw_line(ctx, inner, 0, (&told, style));
    draw_line(ctx, inner, 1, (&why, theme.facts));
}

/// The newest operation of any operator, for a minute after its key press.
fn newest_operation(desk: &Desk) -> Option<&Operation> {
    desk.floor().operations().next_back().filter(|it| desk.shown_at().since(it.pressed) < SHOWN)
}

/// What was, what was asked by whom, and what came of it:
/// `Bob Okafor: on hold 4:12 > release asked by dana > PROVED after 0.6 s`.
fn told(desk: &Desk, operation: &Operation, now: Timestamp) -> String {
    let person = desk.floor().call(&operation.call).zip(operation.participant.as_ref());
    let person = person.and_then(|(call, id)| call.people.get(id));
    let before = person.and_then(|it| state_before(it, operation.pressed));
    let asked = match operation.act {
        Act::Mute | Act::MuteSelf => "mute asked",
        Act::UnmuteSelf => "unmute asked",
        Act::Hold => "hold asked",
        Act::Release => "release asked",
        Act::Remove => "removal asked",
        Act::HangUp => "hang-up asked",
    };
    let outcome = outcome(operation, now);
    let parts = [before, Some(format!("{asked} by {}", desk.asker(&operation.by))), outcome];
    format!("{}: {}", operation.target, parts.into_iter().flatten().collect::<Vec<_>>().join(" > "))
}

/// What came of an operation, in a few words; `None` before it was sent.
fn outcome(operation: &Operation, now: Timestamp) -> Option<String> {
    let status = operation.standing(now);
    match (status, operation.proof_latency()) {
        (OperationStatus::Asked, _) => None,
        (OperationStatus::Sent, _) => Some("sent to Graph".to_owned()),
        (_, Some(after)) => Some(format!("PROVED after {}", in_seconds(after))),
        (_, None) => Some(status.word().to_owned()),
    }
}

/// The state of a person at the key press, as far as it was recorded.
fn state_before(person: &Person, pressed: Timestamp) -> Option<String> {
    let history = person.lane_history();
    let earlier = history.changes.iter().rev().skip_while(|it| it.at > pressed);
    let state = earlier.clone().next()?.state;
    if state.hold.is_some() {
        let since = earlier.take_while(|it| it.state.hold.is_some()).last()?.at;
        return Some(format!("on hold {}", pressed.since(since)));
    }
    Some(match state.mic {
        MicState::Live => "heard by all".to_owned(),
        MicState::MutedSelf | MicState::MutedServer => "muted".to_owned(),
        MicState::Lobby => "in the lobby".to_owned(),
        MicState::Left => return None,
    })
}

/// What the outcome means, and why an operation failed.
fn meaning(operation: &Operation, now: Timestamp) -> String {
    let sentence = capitalised(status_sentence(operation, now));
    match operation.reason() {
        Some(why) => format!("{sentence}: {why}"),
        None => sentence,
    }
}

fn draw_line(ctx: &mut RenderContext<'_>, inner: Rect, at: usize, (text, style): (&str, Style)) {
    let width = usize::from(inner.width).saturating_sub(1);
    RowBuilder::default().to(2).within(text, width, style).draw(ctx.buffer, inner, at, None);
}
