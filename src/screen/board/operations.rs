//! The operations pane: each act, and its progress from Graph's answer to the proof in the call's own notifications.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::desk::{ClickedRow, Column, Command, LedgerRow, Pane, PendingAct, PendingState, window};
use crate::floor::{Act, Operation, OperationStatus, ProofSource};
use crate::screen::board::calls::with_missing;
use crate::screen::grid::{ColumnGrid, EVERY_COLUMN, TableCell};
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::section::shown_of;
use crate::screen::time_text::{in_seconds, in_tenths, within};
use crate::time::{Millis, Timestamp};

/// The cells of an operation's bar: 8 to one second, 4 from there to the act's own limit.
const BAR: usize = 12;
const FIRST_SECOND: usize = 8;
/// The columns of a bar or a word, and of the time behind it.
const RESULT: usize = 18;
/// A new proof is briefly shown in reverse.
const FRESH: Millis = Millis::seconds(3);

const THIN: &str = "\u{2501}";
const TRACK: &str = "\u{2500}";

pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect, rows_each: u16) {
    let desk = ctx.desk;
    let all = desk.ledger().count();
    let grid = ColumnGrid::of(Pane::Operations, desk.columns(Pane::Operations), usize::from(area.width));
    let height = usize::from(area.height.saturating_sub(1)).saturating_sub(grid.heading_rows());
    let each = usize::from(rows_each.max(1));
    let selected = desk.selected_row();
    let has_keys = desk.pane() == Pane::Operations;
    let is_selected = |it: &(usize, LedgerRow<'_>)| Some(&it.1.id()) == selected;
    let rows = window(desk.ledger().enumerate(), |it| has_keys && is_selected(it), height.div_ceil(each));
    let first = rows.first().map_or(0, |it| it.0);
    let inner = draw_rule(ctx, area, (&grid, shown_of(first, rows.len(), all)));
    ctx.record_pane(area, Pane::Operations);
    if rows.is_empty() {
        let empty = empty_text(ctx);
        RowBuilder::default().to(9).text(&empty, ctx.theme.quiet).draw(ctx.buffer, inner, 0, None);
    }
    for (index, shown) in rows.iter().enumerate() {
        let ledger = &shown.1;
        let chosen = has_keys && is_selected(shown);
        let at = index * each;
        let outer = ctx.enter_row(Pane::Operations, (chosen, chosen));
        let row = row(ctx, &grid, ledger, (chosen, each));
        ctx.theme = outer;
        row.draw(ctx.buffer, inner, at, ctx.selected_row_style(Pane::Operations, chosen));
        if let (2.., LedgerRow::Operation(operation)) = (each, ledger) {
            second_row(ctx, &grid, operation).draw(ctx.buffer, inner, at + 1, None);
        }
        ctx.record_row(inner, at, Pane::Operations, ClickedRow::Row(ledger.id()));
    }
}

fn draw_rule(ctx: &mut RenderContext<'_>, area: Rect, (grid, shown): (&ColumnGrid, String)) -> Rect {
    let desk = ctx.desk;
    let theme = ctx.theme;
    let key = desk.keymap().shortcut_for(Command::Focus(Pane::Operations));
    let filter = desk.filter(Pane::Operations).map(|it| format!("/{}/ ", it.text())).unwrap_or_default();
    let beside =
        format!("{filter}{}", if shown.contains(" of ") || !filter.is_empty() { shown } else { String::new() });
    let sort = desk.sort(Pane::Operations);
    let beside = format!("{}{}", beside.trim_end(), ColumnGrid::sort_note(sort));
    let room = grid.title_room().min(usize::from(area.width)).saturating_sub(16 + key.len());
    let beside = with_missing(beside.trim_start_matches(", ").to_owned(), grid, room);
    let rule = ctx.section(Pane::Operations, &key, "Operations", &beside);
    let mut rule = grid.head(rule, sort, &theme);
    if grid.width("result") >= RESULT && grid.heading_rows() == 0 {
        let tick = grid.start("result") + FIRST_SECOND;
        rule = rule.tick(tick, theme.quiet).behind(2, "1 s", theme.quiet);
    }
    grid.draw_rule(ctx, area, (rule, sort))
}

fn empty_text(ctx: &RenderContext<'_>) -> String {
    if ctx.desk.filter(Pane::Operations).is_some() {
        return "no operation matches the filter".to_owned();
    }
    if !ctx.desk.link().has_board() {
        return "not known yet".to_owned();
    }
    let keys = [Command::Mute, Command::Release, Command::Hold, Command::Remove];
    let keys = keys.map(|it| ctx.desk.keymap().shortcut_for(it)).join(" ");
    format!("no operation yet; {keys} act on a person")
}

fn row(
    ctx: &RenderContext<'_>,
    grid: &ColumnGrid,
    ledger: &LedgerRow<'_>,
    (chosen, rows_each): (bool, usize),
) -> RowBuilder {
    let lead = ctx.lead(Pane::Operations, chosen, false);
    let row = grid.row(lead, |column| cell(ctx, grid, ledger, column));
    let room = grid.width("result");
    let (LedgerRow::Operation(operation), true) = (ledger, room >= RESULT) else { return row };
    let at = grid.start("result");
    let standing = operation.standing(ctx.desk.shown_at());
    // The bar of a running operation, and the seconds of a proof, are drawn over the cell.
    if standing.is_in_progress() && ctx.desk.link().frozen_at().is_none() {
        let row = row.cut(at);
        return if rows_each > 1 { running_words(ctx, row, operation) } else { running(ctx, row, operation) };
    }
    match (standing, &operation.proof, operation.proof_latency()) {
        (OperationStatus::Confirmed, Some(proof), Some(after)) => {
            let style = result(ctx, operation).style;
            let word = standing.word();
            let row = row.cut(at).text(word, style).right(&in_seconds(after), RESULT - word.len(), ctx.theme.facts);
            let evidence = format!("by {}", proof.evidence.word());
            // Where an operation has three rows, the evidence stands beside the bar.
            let fits = rows_each == 1 && RESULT + 2 + evidence.len() <= room;
            if fits { row.gap(2).text(&evidence, ctx.theme.quiet) } else { row }
        }
        _ => row,
    }
}

/// The bar of a running operation, and its seconds so far.
fn running(ctx: &RenderContext<'_>, row: RowBuilder, operation: &Operation) -> RowBuilder {
    let so_far = ctx.desk.shown_at().since(operation.pressed);
    running_bar(ctx, row, operation).right(&in_tenths(so_far), RESULT - BAR, ctx.theme.text)
}

/// The bar of a running operation: grey until Graph accepts it, white until the proof.
fn running_bar(ctx: &RenderContext<'_>, row: RowBuilder, operation: &Operation) -> RowBuilder {
    let theme = &ctx.theme;
    let now = ctx.desk.shown_at();
    let style = if operation.standing(now) == OperationStatus::Accepted { theme.title } else { theme.quiet };
    let cells = bar_cells(now.since(operation.pressed), operation.act.budget());
    row.text(&THIN.repeat(cells), style).text(&TRACK.repeat(BAR - cells), theme.line)
}

/// What a running operation waits for, and its seconds so far, where its bar has the row below.
fn running_words(ctx: &RenderContext<'_>, row: RowBuilder, operation: &Operation) -> RowBuilder {
    let now = ctx.desk.shown_at();
    let word = match operation.standing(now) {
        OperationStatus::Asked => "not sent",
        OperationStatus::Sent => "no answer",
        OperationStatus::Accepted
        | OperationStatus::Confirmed
        | OperationStatus::AlreadySo
        | OperationStatus::Failed
        | OperationStatus::Refused
        | OperationStatus::Expired
        | OperationStatus::Left
        | OperationStatus::Unconfirmed
        | OperationStatus::OutcomeUnknown => "no proof yet",
    };
    let style = ctx.theme.text;
    row.text(word, style).right(&in_tenths(now.since(operation.pressed)), RESULT - word.len(), style)
}

/// The cells of a bar after this time, to the scale that all operations share.
fn bar_cells(span: Millis, limit: Millis) -> usize {
    let part = |of: i64, whole: i64, cells: usize| {
        let cells = i64::try_from(cells).unwrap_or_default();
        usize::try_from(of.saturating_mul(cells) / whole.max(1)).unwrap_or_default()
    };
    let cells = match span.0.max(0) {
        millis @ ..1_000 => part(millis, 1_000, FIRST_SECOND),
        millis => FIRST_SECOND + part(millis - 1_000, limit.0 - 1_000, BAR - FIRST_SECOND),
    };
    cells.clamp(1, BAR)
}

/// The second row of an operation if each has three: the time, Graph's answer, and the bar, with the evidence of a proof.
fn second_row(ctx: &RenderContext<'_>, grid: &ColumnGrid, operation: &Operation) -> RowBuilder {
    let theme = &ctx.theme;
    let accepted = operation
        .accept_latency()
        .map(|it| format!(", Graph {}", within(it).trim_start_matches("in ")))
        .unwrap_or_default();
    let text = format!("{}{accepted}", ctx.clock(operation.pressed));
    let row = RowBuilder::default().to(grid.start("action")).text(&text, theme.quiet);
    let is_running = operation.standing(ctx.desk.shown_at()).is_in_progress();
    if is_running && ctx.desk.link().frozen_at().is_none() && grid.width("result") >= RESULT {
        return running_bar(ctx, row.to(grid.start("result")), operation);
    }
    let (Some(proof), Some(after)) = (&operation.proof, operation.proof_latency()) else { return row };
    let cells = bar_cells(after, operation.act.budget());
    row.to(grid.start("result"))
        .text(&THIN.repeat(cells), theme.good)
        .text(&TRACK.repeat(BAR - cells), theme.line)
        .gap(1)
        .text(proof.evidence.word(), theme.quiet)
}

/// A row's text in a column. If a column was dropped, another shows its most important part.
fn cell(ctx: &RenderContext<'_>, grid: &ColumnGrid, ledger: &LedgerRow<'_>, column: &Column) -> TableCell {
    let theme = &ctx.theme;
    let text = |text: String| TableCell { text, style: theme.facts };
    match (ledger, column.name) {
        (_, "action") => {
            let style = if is_open(ctx, ledger) { theme.text } else { theme.facts };
            TableCell { text: act_text(ctx, ledger, grid), style }
        }
        (LedgerRow::Operation(it), "time") => text(ctx.clock(it.pressed)),
        (LedgerRow::Operation(it), "op") => text(it.number.0.to_string()),
        (_, "by") => text(operator_of(ctx, ledger).to_owned()),
        (LedgerRow::Operation(it), "target") => text(it.target.to_string()),
        (LedgerRow::Operation(it), "accept") => text(it.accept_latency().map(in_seconds).unwrap_or_default()),
        (LedgerRow::Operation(it), "proof") => {
            text(it.proof.as_ref().map(|it| it.evidence.word().to_owned()).unwrap_or_default())
        }
        (LedgerRow::Operation(it), _) => result(ctx, it),
        (LedgerRow::Bulk(it), "time") => text(ctx.clock(it.at)),
        (LedgerRow::Bulk(_) | LedgerRow::Pending(_), "op" | "accept" | "proof") => text(String::new()),
        (LedgerRow::Bulk(it), "target") => text(it.members.iter().map(|it| &*it.name).collect::<Vec<_>>().join(", ")),
        (LedgerRow::Bulk(it), _) => {
            let style = if it.dropped().is_some() { theme.warning } else { theme.text };
            TableCell { text: ctx.desk.tally(it), style }
        }
        (LedgerRow::Pending(it), "time") => text(ctx.clock(it.at)),
        (LedgerRow::Pending(it), "target") => text(it.label.clone()),
        (LedgerRow::Pending(it), _) => pending_result(ctx, it),
    }
}

fn is_open(ctx: &RenderContext<'_>, ledger: &LedgerRow<'_>) -> bool {
    match ledger {
        LedgerRow::Operation(it) => it.standing(ctx.desk.shown_at()).is_in_progress(),
        LedgerRow::Bulk(it) => it.waiting() > 0,
        LedgerRow::Pending(it) => matches!(it.state, PendingState::Sending | PendingState::Accepted),
    }
}

/// The texts of all rows, untrusted, and the index of the selected row.
pub(in crate::screen) fn texts(ctx: &RenderContext<'_>) -> (Vec<Vec<String>>, Option<usize>) {
    let desk = ctx.desk;
    let columns = desk.columns(Pane::Operations);
    let grid = ColumnGrid::of(Pane::Operations, columns, EVERY_COLUMN);
    let row = |it: LedgerRow<'_>| columns.iter().map(|on| cell(ctx, &grid, &it, on.column).text).collect();
    let selected = desk.ledger().position(|it| Some(&it.id()) == desk.selected_row());
    (desk.ledger().map(row).collect(), selected)
}

fn pending_result(ctx: &RenderContext<'_>, pending: &PendingAct) -> TableCell {
    let theme = &ctx.theme;
    let (text, style) = match &pending.state {
        PendingState::Sending => ("SENDING".to_owned(), theme.text),
        PendingState::Accepted => ("SENT".to_owned(), theme.text),
        PendingState::Refused(reason) => (format!("REFUSED {reason}"), theme.bad),
        PendingState::Unknown(reason) => (format!("NOT KNOWN {reason}"), theme.warning),
    };
    TableCell { text, style }
}

/// The operator who asked; untrusted text.
fn operator_of<'a>(ctx: &RenderContext<'a>, ledger: &LedgerRow<'a>) -> &'a str {
    match ledger {
        LedgerRow::Operation(it) => ctx.desk.asker(&it.by),
        LedgerRow::Bulk(_) | LedgerRow::Pending(_) => ctx.desk.asker(ctx.desk.link().operator()),
    }
}

/// The act and its target, preceded by the operator's name if no column shows it.
fn act_text(ctx: &RenderContext<'_>, ledger: &LedgerRow<'_>, grid: &ColumnGrid) -> String {
    let with_target = !grid.has("target");
    let (act, target) = match ledger {
        LedgerRow::Operation(it) => (it.act, &*it.target),
        LedgerRow::Pending(it) => (it.act, it.label.split(" / ").next().unwrap_or_default()),
        LedgerRow::Bulk(it) => return it.title(),
    };
    let text = if with_target { act_on(act, target) } else { act_verb(act).to_owned() };
    if grid.has("by") { text } else { format!("{}: {text}", operator_of(ctx, ledger)) }
}

/// An act and its target: `release Bob Okafor`; untrusted text.
pub(in crate::screen) fn act_on(act: Act, target: &str) -> String {
    match act {
        Act::MuteSelf => "mute us".to_owned(),
        Act::UnmuteSelf => "unmute us".to_owned(),
        Act::Mute | Act::Hold | Act::Release | Act::Remove | Act::HangUp => format!("{} {target}", act_verb(act)),
    }
}

/// What an act did: `put Bob Okafor on hold`; untrusted text.
pub(in crate::screen) fn done(act: Act, target: &str) -> String {
    match act {
        Act::Mute => format!("muted {target}"),
        Act::MuteSelf => "muted us".to_owned(),
        Act::UnmuteSelf => "unmuted us".to_owned(),
        Act::Hold => format!("put {target} on hold"),
        Act::Release => format!("released {target}"),
        Act::Remove => format!("removed {target}"),
        Act::HangUp => "took us out of the call".to_owned(),
    }
}

/// The verb of an act.
pub(in crate::screen) const fn act_verb(act: Act) -> &'static str {
    match act {
        Act::Mute => "mute",
        Act::MuteSelf => "mute us",
        Act::UnmuteSelf => "unmute us",
        Act::Hold => "hold",
        Act::Release => "release",
        Act::Remove => "remove",
        Act::HangUp => "leave",
    }
}

/// The word for an operation's outcome, and its reason.
fn result(ctx: &RenderContext<'_>, operation: &Operation) -> TableCell {
    let theme = &ctx.theme;
    let standing = operation.standing(ctx.desk.shown_at());
    let reason = operation.reason().unwrap_or_default();
    let text = match standing {
        _ if standing.is_in_progress() && ctx.desk.link().frozen_at().is_some() => "not known now".to_owned(),
        OperationStatus::Asked => "ASKED".to_owned(),
        OperationStatus::Sent => "SENT".to_owned(),
        OperationStatus::Accepted => "ACCEPTED".to_owned(),
        OperationStatus::Confirmed => {
            let after = operation.proof_latency().map(|it| format!(" {}", in_seconds(it))).unwrap_or_default();
            format!("{}{after}", standing.word())
        }
        OperationStatus::AlreadySo => "already so".to_owned(),
        OperationStatus::Failed => format!("FAILED {reason}"),
        OperationStatus::Refused => format!("REFUSED {reason}"),
        OperationStatus::Expired => format!("EXPIRED {reason}"),
        OperationStatus::Left => "LEFT first".to_owned(),
        OperationStatus::Unconfirmed => "UNCONFIRMED".to_owned(),
        OperationStatus::OutcomeUnknown => format!("NOT KNOWN {reason}"),
    };
    let style = match &operation.proof {
        Some(proof) if standing == OperationStatus::Confirmed && is_fresh(ctx.desk.shown_at(), proof.at) => {
            theme.good.add_modifier(Modifier::REVERSED)
        }
        _ => theme.standing(standing),
    };
    TableCell { text, style }
}

fn is_fresh(now: Timestamp, at: Timestamp) -> bool {
    now >= at && now.since(at) < FRESH
}

/// A sentence for an operation's status.
pub(in crate::screen) fn status_sentence(operation: &Operation, now: Timestamp) -> &'static str {
    match operation.standing(now) {
        OperationStatus::Asked => "asked, not sent yet",
        OperationStatus::Sent => "sent, no answer yet",
        OperationStatus::Accepted => "Graph accepted it, no proof yet",
        OperationStatus::Confirmed if operation.proof.as_ref().is_some_and(|it| it.evidence == ProofSource::Answer) => {
            "confirmed by Graph's final answer: nothing more is sent"
        }
        OperationStatus::Confirmed => "confirmed by the call itself",
        OperationStatus::AlreadySo => "accepted, but it was already so: there is nothing to prove",
        OperationStatus::Failed => "failed: Graph's operation did not succeed",
        OperationStatus::Refused => "refused",
        OperationStatus::Expired => "refused: it came too late after its key press, and nothing was sent",
        OperationStatus::Left => "the person left, or the call ended, before there was proof",
        OperationStatus::Unconfirmed => "accepted, but no proof came in time; a late proof still confirms it",
        OperationStatus::OutcomeUnknown => "sent, but no answer came: it may or may not have happened",
    }
}

/// The style of a message about an operation.
pub(in crate::screen) const fn message_style(ctx: &RenderContext<'_>, standing: OperationStatus) -> Style {
    if matches!(standing, OperationStatus::Confirmed) { ctx.theme.text } else { ctx.theme.standing(standing) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bar_has_the_same_scale() {
        let mute = Act::Mute.budget();
        assert_eq!(bar_cells(Millis(0), mute), 1);
        assert_eq!(bar_cells(Millis(300), mute), 2);
        assert_eq!(bar_cells(Millis(1_000), mute), 8);
        assert_eq!(bar_cells(Millis(2_000), mute), 10);
        assert_eq!(bar_cells(Millis(60_000), mute), 12);
        assert_eq!(bar_cells(Millis(300), Act::Hold.budget()), 2);
    }
}
