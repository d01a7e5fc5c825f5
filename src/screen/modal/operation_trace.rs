//! An operation from the key press to the proof: a chart to scale, a description, and the journal's entries.

use ratatui::style::Style;

use crate::desk::{OperationTrace, TraceState, TraceStep, TraceStepKind};
use crate::floor::{Operation, OperationStatus};
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::text::DisplayText;
use crate::screen::time_text::short_span;
use crate::time::{Millis, Timestamp};

/// One phase of an operation, in milliseconds since the key press.
struct TracePhase {
    name: String,
    /// The end of the phase before.
    from: i64,
    /// The end of this phase; `None` while it lasts.
    to: Option<i64>,
    /// Whether the phase is still in progress.
    waits: bool,
    told: String,
    style: Style,
}

/// The columns of the text beside a bar.
const TOLD: usize = 25;

/// The chart: one row per phase with a bar between its times, `name` columns for the labels and `room` for the rest.
pub(in crate::screen) fn timeline(
    ctx: &RenderContext<'_>,
    operation: &Operation,
    trail: Option<&OperationTrace>,
    sizes: (usize, usize),
) -> Vec<RowBuilder> {
    let (name, room) = sizes;
    let now = ctx.desk.shown_at();
    let width = room.saturating_sub(TOLD + 1).max(8);
    let phases = phases(ctx, operation, trail, now);
    let ends = phases.iter().filter_map(|it| it.to).max().unwrap_or_default();
    let waited = phases.iter().any(|it| it.waits);
    let until = if waited { ends.max(chart_end(operation, now)) } else { ends }.max(1);
    let column = |millis: i64| {
        let at = millis.clamp(0, until) * i64::try_from(width - 1).unwrap_or_default() / until;
        usize::try_from(at).unwrap_or_default()
    };
    let row = |phase: TracePhase| {
        let (lead, bar) = match (phase.to, phase.waits) {
            (Some(to), _) => bar_between(column(phase.from.min(to)), column(to)),
            (None, true) => {
                let from = column(phase.from);
                (from, "\u{b7}".repeat(width - from))
            }
            (None, false) => (0, String::new()),
        };
        let used = lead + bar.chars().count();
        let row = RowBuilder::default().gap(1).cell(&phase.name, name, ctx.theme.quiet);
        let row = row.gap(lead).text(&bar, phase.style).gap(width.saturating_sub(used) + 1);
        row.cell(&phase.told, TOLD, phase.style)
    };
    let mut rows: Vec<RowBuilder> = phases.into_iter().map(row).collect();
    let each = Millis(until.div_euclid(i64::try_from(width).unwrap_or(1)).max(1));
    let scale = format!("to scale: one column is about {}", short_span(each));
    rows.push(RowBuilder::default().gap(1).cell("", name, ctx.theme.quiet).text(&scale, ctx.theme.quiet));
    rows
}

/// The end of the chart while a phase is in progress.
fn chart_end(operation: &Operation, now: Timestamp) -> i64 {
    let budget = operation.deadline.since(operation.pressed).0;
    now.since(operation.pressed).0.clamp(0, budget.max(0))
}

/// A bar from one column to another: its first column and its characters.
fn bar_between(from: usize, to: usize) -> (usize, String) {
    match to.saturating_sub(from) {
        0 => (to, "\u{2502}".to_owned()),
        length => (from, format!("\u{2502}{}\u{2502}", "\u{2500}".repeat(length - 1))),
    }
}

fn phases(
    ctx: &RenderContext<'_>,
    operation: &Operation,
    trail: Option<&OperationTrace>,
    now: Timestamp,
) -> Vec<TracePhase> {
    let theme = &ctx.theme;
    let standing = operation.standing(now);
    let since = |at: Timestamp| at.since(operation.pressed).0;
    let phase = |name: &str, from: i64, to: Option<i64>, told: String, style: Style| TracePhase {
        name: name.to_owned(),
        from,
        to,
        waits: false,
        told,
        style,
    };
    let pressed = format!("0 ms, {}", ctx.clock(operation.pressed));
    let mut phases = vec![phase("pressed", 0, Some(0), pressed, theme.text)];
    let sent = operation.sent.map(since);
    let told = match (sent, operation.answered, standing) {
        (Some(at), ..) => millis(at),
        (None, None, OperationStatus::Asked) => "not yet".to_owned(),
        (None, ..) => "never".to_owned(),
    };
    let waits = standing == OperationStatus::Asked;
    phases.push(TracePhase { waits, ..phase("sent", 0, sent, told, theme.text) });
    let tries = trail.map(OperationTrace::steps).unwrap_or_default().iter();
    for (number, at) in tries.filter_map(|it| match it.kind {
        TraceStepKind::Try(number) if number > 1 => Some((number, since(it.at))),
        TraceStepKind::Try(_) | TraceStepKind::Answer(_) | TraceStepKind::Notice | TraceStepKind::Proof => None,
    }) {
        phases.push(phase(&format!("try {number}"), at, Some(at), millis(at), theme.text));
    }
    let last = phases.iter().filter_map(|it| it.to).max().unwrap_or_default();
    phases.push(answer_phase(ctx, operation, standing, last));
    let last = phases.iter().filter_map(|it| it.to).max().unwrap_or_default();
    phases.push(proof_phase(ctx, operation, standing, last));
    phases
}

/// The phase until Graph's answer, or until the failure that replaced it.
fn answer_phase(ctx: &RenderContext<'_>, operation: &Operation, standing: OperationStatus, from: i64) -> TracePhase {
    let theme = &ctx.theme;
    let to = operation.answered.map(|it| it.since(operation.pressed).0);
    let status = operation.status.map(|it| format!(", {it}")).unwrap_or_default();
    let (name, told, style) = match (to, standing) {
        (Some(at), OperationStatus::Expired) => ("expired", format!("{}, not sent", millis(at)), theme.bad),
        (Some(at), OperationStatus::Refused) => ("refused", format!("{}{status}", millis(at)), theme.bad),
        (Some(at), OperationStatus::OutcomeUnknown) => {
            ("no answer", format!("given up at {}", millis(at)), theme.warning)
        }
        (Some(at), _) => ("accepted", format!("{}{status}", millis(at)), theme.text),
        (None, OperationStatus::OutcomeUnknown) => ("no answer", "none came".to_owned(), theme.warning),
        (None, _) => ("accepted", "no answer yet".to_owned(), theme.quiet),
    };
    let waits = to.is_none() && standing == OperationStatus::Sent;
    TracePhase { name: name.to_owned(), from, to, waits, told, style }
}

/// The phase until the proof, or the reason why there is none.
fn proof_phase(ctx: &RenderContext<'_>, operation: &Operation, standing: OperationStatus, from: i64) -> TracePhase {
    let style = ctx.theme.standing(standing);
    let since = |at: Timestamp| at.since(operation.pressed).0;
    let proof = operation.proof.as_ref().map(|it| (since(it.at), it.evidence.word()));
    let gone = operation.target_gone.map(since);
    let budget = short_span(operation.act.budget());
    let (to, waits, told) = match (standing, proof) {
        (OperationStatus::Confirmed, Some((at, word))) => (Some(at), false, format!("{}, {word}", millis(at))),
        (OperationStatus::Confirmed, None) => (None, false, "CONFIRMED".to_owned()),
        (OperationStatus::Accepted, _) => (None, true, format!("awaited, {budget} at most")),
        (OperationStatus::Unconfirmed, _) => (None, true, format!("none within {budget}")),
        (OperationStatus::AlreadySo, _) => (None, false, "n/a, it was so already".to_owned()),
        (OperationStatus::Left, _) => {
            (gone, false, format!("LEFT first{}", gone.map(|it| format!(", {}", millis(it))).unwrap_or_default()))
        }
        (OperationStatus::Failed, _) => (None, false, "none: it FAILED".to_owned()),
        (OperationStatus::Refused, _) => (None, false, "none: it was REFUSED".to_owned()),
        (OperationStatus::Expired, _) => (None, false, "none: it EXPIRED".to_owned()),
        (OperationStatus::OutcomeUnknown, _) => (None, false, "none: OUTCOME UNKNOWN".to_owned()),
        (OperationStatus::Asked | OperationStatus::Sent, _) => (None, false, "not yet".to_owned()),
    };
    TracePhase { name: "proof".to_owned(), from, to, waits, told, style }
}

/// A duration in milliseconds, or in seconds when it is long.
fn millis(at: i64) -> String {
    if at < 100_000 { format!("{at} ms") } else { short_span(Millis(at)) }
}

/// The journal's entries of an operation with their texts, `room` columns wide beside the names.
pub(in crate::screen) fn entries(
    ctx: &RenderContext<'_>,
    operation: &Operation,
    trail: &OperationTrace,
    sizes: (usize, usize),
) -> Vec<RowBuilder> {
    let (name, room) = sizes;
    let theme = &ctx.theme;
    let line = |word: &str, indent: usize, text: &str, style: Style| {
        let row = RowBuilder::default().gap(1).cell(word, name, theme.quiet).gap(indent);
        row.cell(text, room.saturating_sub(indent), style)
    };
    let mut rows = Vec::new();
    let mut said = |word: &str, text: &str, style: Style| {
        for (at, part) in DisplayText::clean(text).wrap(room).iter().enumerate() {
            rows.push(line(if at == 0 { word } else { "" }, 0, part.trim_end(), style));
        }
    };
    match &trail.state() {
        TraceState::Asking => said("the journal", "asking the relay..", theme.quiet),
        TraceState::Failed(why) => said("the journal", why, theme.warning),
        TraceState::Whole if trail.steps().is_empty() => said("the journal", "holds no more of it", theme.quiet),
        TraceState::Whole => {}
    }
    for step in trail.steps() {
        let (word, told) = entry_words(ctx, operation, step);
        for (at, part) in DisplayText::clean(&told).wrap(room).iter().enumerate() {
            rows.push(line(if at == 0 { &word } else { "" }, 0, part.trim_end(), theme.title));
        }
        for text in &step.lines {
            let inner = text.trim_start_matches(' ');
            rows.push(line("", (text.len() - inner.len()).min(room / 2), inner, theme.text));
        }
    }
    rows
}

/// The kind of an entry, and its time and place in the journal.
fn entry_words(ctx: &RenderContext<'_>, operation: &Operation, step: &TraceStep) -> (String, String) {
    let after = millis(step.at.since(operation.pressed).0);
    let place = format!("after {after}, at {}, entry {}", ctx.clock(step.at), step.cursor);
    match &step.kind {
        TraceStepKind::Try(number) => (format!("try {number}"), format!("sent {place}")),
        TraceStepKind::Answer(what) => ("answer".to_owned(), format!("{what}, {place}")),
        TraceStepKind::Notice => ("notification".to_owned(), format!("about this operation, {place}")),
        TraceStepKind::Proof => ("proof".to_owned(), format!("what the call said, {place}")),
    }
}
