//! The rows below the lanes of a timeline: the legend, and the selected moment in words.

use crate::desk::{TimelineLane, TimelineMark, TimelineView, called};
use crate::floor::{Act, CallKind, FloorCall, HoldKind, LaneChange, MicState, Operation, OperationStatus};
use crate::screen::board::operations::status_sentence;
use crate::screen::chart::lane::{LaneSign, letter};
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::text::DisplayText;
use crate::screen::time_text::short_span;
use crate::time::Timestamp;

/// The rows of the legend, and of the selected moment in words.
pub(super) fn rows(
    ctx: &RenderContext<'_>,
    call: &FloorCall,
    lane: &TimelineLane<'_>,
    (timeline, width): (&TimelineView, usize),
) -> Vec<RowBuilder> {
    let theme = &ctx.theme;
    let mut rows = legend(ctx, width);
    let selected = lane.selected(timeline, call);
    let text = match selected {
        Some((at, TimelineMark::Turned(_))) => change_sentence(ctx, call, lane, at),
        Some((_, TimelineMark::Asked(number))) => {
            lane.operation(number).map_or_else(String::new, |it| operation_sentence(ctx, it))
        }
        None => "no data for this lane yet".to_owned(),
    };
    let mut lines = DisplayText::clean(&text).wrap(width.saturating_sub(2));
    lines.truncate(2);
    if call.kind == CallKind::OneToOne && call.people.is_empty() {
        lines = vec!["1:1 call: it has no roster, so its people are unknown".to_owned()];
    }
    rows.extend(lines.iter().map(|it| RowBuilder::default().gap(1).text(it.trim_end(), theme.title)));
    rows
}

fn legend(ctx: &RenderContext<'_>, width: usize) -> Vec<RowBuilder> {
    let theme = &ctx.theme;
    let others = [(">", "begins", LaneSign::Connecting), ("?", "not seen", LaneSign::Unseen)];
    let signs = LaneSign::LEGEND.into_iter().chain(others);
    let signs = signs.map(|(signs, word, sign)| (signs.to_owned(), word, sign.style(theme)));
    let narrow = width < 82;
    let example = |sign: &str| format!("{}2{sign}", letter(Act::Mute));
    let states = [(example("~"), "no proof yet"), (example("?"), "unproved"), (example("!"), "failed")];
    let marks: Vec<(String, &str)> = if narrow {
        states.into()
    } else {
        let acts = [
            (Act::Hold, "hold"),
            (Act::Release, "release"),
            (Act::MuteSelf, "self"),
            (Act::Remove, "remove"),
            (Act::HangUp, "hang up"),
        ];
        let acts = acts.into_iter().map(|(act, word)| (letter(act).to_string(), word));
        let first = std::iter::once((example(""), "mute, op 2"));
        first.chain(acts).chain(states).chain([("*".to_owned(), "several")]).collect()
    };
    let marks = marks.into_iter().map(|(sign, word)| (sign, word, theme.title));
    let gap = if narrow { 1 } else { 2 };
    let mut rows = Vec::new();
    let mut row = RowBuilder::default().gap(1);
    for (sign, word, style) in signs.chain(marks) {
        let wide = sign.chars().count() + 1 + word.len();
        if row.used() + wide > width {
            rows.push(std::mem::take(&mut row));
            row = row.gap(1);
        }
        row = row.text(&sign, style).gap(1).text(word, theme.quiet).gap(gap);
    }
    rows.push(row);
    rows
}

/// Describes an operation in words.
fn operation_sentence(ctx: &RenderContext<'_>, operation: &Operation) -> String {
    let now = ctx.desk.shown_at();
    let standing = operation.standing(now);
    let whom = if operation.participant.is_some() {
        format!(" {}", DisplayText::clean(&operation.target).as_str())
    } else {
        String::new()
    };
    let told = match (standing, &operation.proof, operation.proof_latency()) {
        (OperationStatus::Confirmed, Some(proof), Some(after)) => {
            format!("CONFIRMED {} by {}", millis(after), proof.evidence.word())
        }
        (failed, ..) if failed.is_failure() => {
            format!("{} {}", standing.word(), operation.reason().unwrap_or_default())
        }
        _ => status_sentence(operation, now).to_owned(),
    };
    let (number, by, act) = (operation.number.0, &operation.by, operation.act);
    format!("{} op {number} {by} {act}{whom}: {told}", ctx.clock(operation.pressed))
}

fn millis(span: crate::time::Millis) -> String {
    if span.0 < 10_000 { format!("{} ms", span.0) } else { short_span(span) }
}

/// Describes a change in words: the new state, its duration and its end.
fn change_sentence(ctx: &RenderContext<'_>, call: &FloorCall, lane: &TimelineLane<'_>, at: Timestamp) -> String {
    let now = call.ended.unwrap_or_else(|| ctx.desk.shown_at());
    let Some(person) = lane.person else {
        let what = match at {
            _ if Some(at) == call.ended => {
                call.result.as_deref().map_or("ended".to_owned(), |it| format!("ended: {it}"))
            }
            _ if Some(at) == call.connected => "established".to_owned(),
            _ if call.began.exact => "began".to_owned(),
            _ => "first seen; it began before".to_owned(),
        };
        return format!("{} call {} {what}", ctx.clock(at), call.number.0);
    };
    let place = lane.story.changes.iter().position(|it| it.at == at).unwrap_or_default();
    let Some(turn) = lane.story.changes.get(place) else { return String::new() };
    let before = place.checked_sub(1).and_then(|it| lane.story.changes.get(it));
    let what = state_words(ctx, turn, before, lane.story.is_complete);
    let lasted = match lane.story.changes.get(place + 1) {
        _ if turn.state.mic == MicState::Left => String::new(),
        Some(next) => format!("; for {}, until {}", next.at.since(turn.at), ctx.clock(next.at)),
        None => format!("; for {}, still so", now.since(turn.at)),
    };
    format!("{} {} {what}{lasted}", ctx.clock(turn.at), DisplayText::clean(&called(person)).as_str())
}

fn state_words(ctx: &RenderContext<'_>, turn: &LaneChange, before: Option<&LaneChange>, whole: bool) -> String {
    let by = turn.state.operation().map(|number| {
        let by = ctx.desk.floor().operation(number).map(|it| format!(" {}", it.by)).unwrap_or_default();
        format!(" (op {}{by})", number.0)
    });
    let by = by.unwrap_or_default();
    let mic = match turn.state.mic {
        MicState::Live => "live".to_owned(),
        MicState::MutedSelf => "muted".to_owned(),
        MicState::MutedServer if turn.state.hold.is_none() => format!("MUTED by the service{by}"),
        MicState::MutedServer => "MUTED by the service".to_owned(),
        MicState::Lobby => return "waits in the lobby".to_owned(),
        MicState::Left => return "left".to_owned(),
    };
    match (turn.state.hold, before.map(|it| it.state)) {
        (Some(HoldKind::Ours), _) => format!("is ON HOLD{by}, {mic}"),
        (Some(HoldKind::Inferred), _) => format!("is on hold, inferred: main audio is inactive, {mic}"),
        (Some(HoldKind::Unknown), _) => format!("is perhaps on hold: the outcome is unknown, {mic}"),
        (None, None) if whole => format!("joined, {mic}"),
        (None, None) => format!("was here when first seen, {mic}"),
        (None, Some(before)) if before.mic == MicState::Left => format!("joined again, {mic}"),
        (None, Some(before)) if before.mic == MicState::Lobby => format!("was let in, {mic}"),
        (None, Some(before)) if before.hold.is_some() => format!("is back from hold, {mic}"),
        (None, Some(_)) => format!("is {mic}"),
    }
}
