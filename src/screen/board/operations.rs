//! The operations pane: each request, Graph's answer, and the proof in the call's own notifications.

use ratatui::layout::Rect;

use crate::desk::{ClickedRow, Command, LedgerRow, Pane, PendingAct, PendingState, window};
use crate::floor::{Operation, OperationStatus, ProofSource, Statistics};
use crate::screen::chart::sparkline::sparkline;
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::table::{ColumnTable, EVERY_COLUMN, TableCell, widest};
use crate::screen::text::DisplayText;
use crate::screen::time_text::{short_span, time_of_day};
use crate::time::Timestamp;

pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect) {
    let wide = area.width >= 110;
    let note = if wide { "pressed > accepted > proof in the notification stream" } else { "" };
    let desk = ctx.desk;
    let title = match desk.filter(Pane::Operations) {
        Some(filter) => format!("Operations /{}/ {}", filter.text(), desk.ledger().count()),
        None => "Operations".to_owned(),
    };
    let title = if wide { format!("{title}{}", latencies(ctx)) } else { title };
    let inner = ctx.pane(area, Some(Pane::Operations), &title, note);
    let top = usize::from(wide);
    let selected = desk.selected_row();
    let height = usize::from(inner.height).saturating_sub(top);
    let rows = window(desk.ledger(), |it| Some(&it.id()) == selected, height);
    ctx.note_hidden_rows(area, desk.ledger().count().saturating_sub(rows.len()));
    let acts: Vec<String> = rows.iter().map(|it| act(ctx, it, false)).collect();
    let table = ColumnTable::of(
        desk.columns(Pane::Operations),
        desk.sort(Pane::Operations),
        usize::from(inner.width),
        |column| match column.name {
            "action" => widest(acts.iter().map(String::as_str)),
            "by" => widest(rows.iter().map(|it| operator_of(ctx, it))),
            _ => 0,
        },
    );
    if wide {
        table.head(desk.sort(Pane::Operations), ctx.theme.quiet).draw(ctx.buffer, inner, 0, None);
    }
    if rows.is_empty() {
        let empty = if desk.filter(Pane::Operations).is_some() {
            "no operation matches the filter"
        } else {
            "no operations yet"
        };
        RowBuilder::default().gap(1).text(empty, ctx.theme.quiet).draw(ctx.buffer, inner, top, None);
    }
    for (at, ledger) in rows.iter().enumerate() {
        let chosen = Some(&ledger.id()) == selected;
        let style = chosen.then(|| ctx.selection_style(Pane::Operations));
        let lead = if chosen { ">" } else { "" };
        let row = table.row(lead, ctx.theme.text, |column| cell(ctx, &table, ledger, column.name));
        row.draw(ctx.buffer, inner, at + top, style);
        ctx.record_row(inner, at + top, Pane::Operations, || ClickedRow::Row(ledger.id()));
    }
}

/// The latest proof latencies as a sparkline beside the typical latency; empty while there are too few.
fn latencies(ctx: &RenderContext<'_>) -> String {
    let floor = ctx.desk.floor();
    let bars = sparkline(floor.proof_latencies());
    match (floor.statistics(), bars.is_empty()) {
        (Statistics { proof_p50: Some(p50), proof_p95: Some(p95), .. }, false) => {
            format!(": proof {bars} p50 {} p95 {}", short_span(p50), short_span(p95))
        }
        (_, _) => String::new(),
    }
}

/// A row's text in a column. If a column was dropped, another shows its most important part.
fn cell(ctx: &RenderContext<'_>, table: &ColumnTable, ledger: &LedgerRow<'_>, column: &str) -> TableCell {
    let plain = ctx.theme.text;
    let text = |text: String| TableCell { text, style: plain };
    match (ledger, column) {
        (_, "action") => text(act(ctx, ledger, table.has("by"))),
        (LedgerRow::Operation(it), "time") => text(time_of_day(it.pressed)),
        (LedgerRow::Operation(it), "op") => text(it.number.0.to_string()),
        (_, "by") => text(operator_of(ctx, ledger).to_owned()),
        (LedgerRow::Operation(it), "target") => text(target(ctx, it, table.width("target") >= 20)),
        (LedgerRow::Operation(it), "accept") => {
            text(it.accept_latency().map_or_else(|| "-".to_owned(), |it| it.0.to_string()))
        }
        (LedgerRow::Operation(it), "proof") => text(proof_text(it, it.standing(ctx.desk.shown_at()))),
        (LedgerRow::Operation(it), _) => {
            let standing = it.standing(ctx.desk.shown_at());
            TableCell { text: result_text(ctx, it, standing, table.has("proof")), style: ctx.theme.standing(standing) }
        }
        (LedgerRow::Bulk(it), "time") => text(time_of_day(it.at)),
        (LedgerRow::Bulk(_), "op" | "accept" | "proof") | (LedgerRow::Pending(_), "op") => text(String::new()),
        (LedgerRow::Bulk(it), "target") => text(it.members.iter().map(|it| &*it.name).collect::<Vec<_>>().join(", ")),
        (LedgerRow::Bulk(it), _) => {
            // The status comes before the hint of a key, which the details and the help repeat.
            let how = if it.open { "closes" } else { "opens" };
            let tally = ctx.desk.tally(it);
            let long = format!("{tally} ({} {how})", ctx.desk.keymap().shortcut_for(Command::Open));
            text(if DisplayText::clean(&long).width() <= table.width("result") { long } else { tally })
        }
        (LedgerRow::Pending(it), "time") => text(time_of_day(it.at)),
        (LedgerRow::Pending(it), "target") => text(it.label.clone()),
        (LedgerRow::Pending(_), "accept" | "proof") => text("-".to_owned()),
        (LedgerRow::Pending(it), _) => slip_result(ctx, it),
    }
}

/// The texts of all rows, untrusted, and the index of the selected row.
pub(in crate::screen) fn texts(ctx: &RenderContext<'_>) -> (Vec<Vec<String>>, Option<usize>) {
    let desk = ctx.desk;
    let columns = desk.columns(Pane::Operations);
    let table = ColumnTable::of(columns, None, EVERY_COLUMN, |_| 0);
    let row = |it: LedgerRow<'_>| columns.iter().map(|on| cell(ctx, &table, &it, on.column.name).text).collect();
    let selected = desk.ledger().position(|it| Some(&it.id()) == desk.selected_row());
    (desk.ledger().map(row).collect(), selected)
}

fn slip_result(ctx: &RenderContext<'_>, slip: &PendingAct) -> TableCell {
    let theme = &ctx.theme;
    let (text, style) = match &slip.state {
        PendingState::Sending => ("SENDING".to_owned(), theme.busy),
        PendingState::Accepted => ("SENT, awaiting the journal".to_owned(), theme.busy),
        PendingState::Refused(reason) => (format!("REFUSED {reason}"), theme.bad),
        PendingState::Unknown(reason) => (format!("OUTCOME UNKNOWN {reason}"), theme.warning),
    };
    TableCell { text, style }
}

/// The operator who asked; untrusted text.
fn operator_of<'a>(ctx: &RenderContext<'a>, ledger: &LedgerRow<'a>) -> &'a str {
    match ledger {
        LedgerRow::Operation(it) => &it.by,
        LedgerRow::Bulk(_) | LedgerRow::Pending(_) => ctx.desk.link().operator(),
    }
}

/// The requested act, preceded by the operator's name if no column shows it.
fn act(ctx: &RenderContext<'_>, ledger: &LedgerRow<'_>, named: bool) -> String {
    match ledger {
        LedgerRow::Operation(it) if named => it.act.to_string(),
        LedgerRow::Operation(it) => act_of(ctx, it),
        LedgerRow::Pending(it) => it.act.to_string(),
        LedgerRow::Bulk(it) => it.title(),
    }
}

/// The requested act, preceded by the operator's name if it is not ours; untrusted text.
pub(in crate::screen) fn act_of(ctx: &RenderContext<'_>, operation: &Operation) -> String {
    if *operation.by == *ctx.desk.link().operator() {
        operation.act.to_string()
    } else {
        format!("{}: {}", operation.by, operation.act)
    }
}

/// The participant, and the call if it fits; untrusted text.
fn target(ctx: &RenderContext<'_>, operation: &Operation, wide: bool) -> String {
    match ctx.desk.floor().call(&operation.call) {
        Some(call) if wide && operation.participant.is_some() => format!("{} / {}", operation.target, call.title()),
        Some(_) | None => operation.target.to_string(),
    }
}

fn proof_text(operation: &Operation, standing: OperationStatus) -> String {
    match (standing, &operation.proof, operation.proof_latency()) {
        (_, Some(proof), Some(latency)) => format!("{:<8}{:>5}", proof.evidence.word(), latency.0),
        (status, ..) if status.is_in_progress() => "..".to_owned(),
        (OperationStatus::Unconfirmed, ..) => {
            let budget = operation.act.budget();
            format!("none   >{:>4}", short_span(budget))
        }
        (OperationStatus::AlreadySo, ..) => "n/a".to_owned(),
        _ => "-".to_owned(),
    }
}

fn result_text(ctx: &RenderContext<'_>, operation: &Operation, standing: OperationStatus, wide: bool) -> String {
    let reason = operation.reason().unwrap_or_default();
    let status = operation.status.map(|it| format!(" {it}")).unwrap_or_default();
    match standing {
        OperationStatus::Asked => "ASKED".to_owned(),
        OperationStatus::Sent if operation.tries > 1 => format!("SENT, try {}", operation.tries),
        OperationStatus::Sent => "SENT".to_owned(),
        OperationStatus::Accepted if wide => format!("ACCEPTED{status}, awaiting proof"),
        OperationStatus::Accepted => "ACCEPTED, awaiting proof".to_owned(),
        OperationStatus::Confirmed => match &operation.proof {
            Some(proof) if wide => format!("CONFIRMED{}", roster_evidence(proof.evidence)),
            Some(proof) => {
                let after = operation.proof_latency().map(short_span).unwrap_or_default();
                format!("CONFIRMED {} {after}", proof.evidence.word())
            }
            None => "CONFIRMED".to_owned(),
        },
        OperationStatus::AlreadySo => "ACCEPTED was already so".to_owned(),
        OperationStatus::Failed => format!("FAILED {reason}"),
        OperationStatus::Refused => format!("REFUSED {reason}"),
        OperationStatus::Left => "LEFT first".to_owned(),
        OperationStatus::Unconfirmed => {
            format!("UNCONFIRMED {} re-read", ctx.desk.keymap().shortcut_for(Command::Reread))
        }
        OperationStatus::OutcomeUnknown => format!("OUTCOME UNKNOWN {reason}"),
    }
}

/// A sentence for an operation's status.
pub(in crate::screen) fn status_sentence(operation: &Operation, now: Timestamp) -> &'static str {
    match operation.standing(now) {
        OperationStatus::Asked => "asked, not sent yet",
        OperationStatus::Sent => "sent, no answer yet",
        OperationStatus::Accepted => "accepted, no proof yet",
        OperationStatus::Confirmed if operation.proof.as_ref().is_some_and(|it| it.evidence == ProofSource::Answer) => {
            "confirmed by Graph's final answer: nothing more is sent"
        }
        OperationStatus::Confirmed => "confirmed by the call itself",
        OperationStatus::AlreadySo => "accepted, but it was already so: there is nothing to prove",
        OperationStatus::Failed => "failed: Graph's operation did not succeed",
        OperationStatus::Refused => "refused",
        OperationStatus::Left => "the person left, or the call ended, before there was proof",
        OperationStatus::Unconfirmed => "accepted, but no proof came in time; a late proof still confirms it",
        OperationStatus::OutcomeUnknown => "sent, but no answer came: it may or may not have happened",
    }
}

/// The kind of roster evidence that proved an operation.
fn roster_evidence(evidence: ProofSource) -> &'static str {
    use ProofSource::{Answer, CallEnded, Notice, Read, Roster, RosterServerMuted};
    match evidence {
        RosterServerMuted => " (serverMuted)",
        Roster | Read | Notice | Answer | CallEnded => "",
    }
}
