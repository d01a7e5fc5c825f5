//! The calls pane: one row per call, by default with the worst wait first.

use ratatui::layout::Rect;

use crate::desk::{ClickedRow, Column, Command, Pane, call_kind, window};
use crate::floor::{AlertLevel, CallKind, FloorCall, StartTime, Uncertainty};
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::table::{ColumnTable, TableCell, widest};
use crate::screen::text::DisplayText;
use crate::time::Timestamp;

pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect) {
    let desk = ctx.desk;
    let count = desk.call_count();
    let inner = ctx.pane(area, Some(Pane::Calls), &title(ctx), &note(ctx));
    if count == 0 {
        let empty = match (desk.filter(Pane::Calls), desk.link().is_live()) {
            (Some(_), _) => "no call matches the filter",
            (None, true) => "no calls",
            (None, false) => "no calls yet",
        };
        RowBuilder::default().gap(1).text(empty, ctx.theme.quiet).draw(ctx.buffer, inner, 0, None);
        return;
    }
    let top = usize::from(inner.height > 8);
    let height = usize::from(inner.height).saturating_sub(top);
    let selected = desk.call().map(|it| it.id.clone());
    let rows = window(desk.calls(), |it| Some(&it.id) == selected.as_ref(), height);
    ctx.note_hidden_rows(area, count.saturating_sub(rows.len()));
    if let Some(odd) = desk.call().and_then(|it| doubt_texts(ctx, it)) {
        let [what, _] = &odd;
        ctx.note_below(area, &odd.concat(), what);
    }
    let texts = |column: &Column| rows.iter().map(|it| text(ctx, it, column.name)).collect::<Vec<_>>();
    let table =
        ColumnTable::of(desk.columns(Pane::Calls), desk.sort(Pane::Calls), usize::from(inner.width), |column| {
            widest(texts(column).iter().map(String::as_str))
        });
    if top > 0 {
        let head = table.head(desk.sort(Pane::Calls), ctx.theme.quiet);
        head.draw(ctx.buffer, inner, 0, None);
    }
    for (at, call) in rows.into_iter().enumerate() {
        let is_selected = Some(&call.id) == selected.as_ref();
        let style = is_selected.then(|| ctx.selection_style(Pane::Calls));
        row(ctx, &table, call, is_selected).draw(ctx.buffer, inner, at + top, style);
        ctx.record_row(inner, at + top, Pane::Calls, || ClickedRow::Call(call.id.clone()));
    }
}

fn title(ctx: &RenderContext<'_>) -> String {
    let desk = ctx.desk;
    let all = desk.floor().call_count();
    match desk.filter(Pane::Calls) {
        Some(filter) => format!("Calls /{}/ {} of {all}", filter.text(), desk.call_count()),
        None => format!("Calls: {} live of {all}", desk.floor().statistics().calls),
    }
}

fn note(ctx: &RenderContext<'_>) -> String {
    let follows = if ctx.desk.follows() { "FOLLOWING  " } else { "" };
    match ctx.desk.sort(Pane::Calls) {
        Some(sort) => format!("{follows}by {}{}", sort.by.name, if sort.reversed { ", reversed" } else { "" }),
        None => format!("{follows}{} next alert", ctx.desk.keymap().shortcut_for(Command::NextAlert)),
    }
}

fn row(ctx: &RenderContext<'_>, table: &ColumnTable, call: &FloorCall, selected: bool) -> RowBuilder {
    let theme = &ctx.theme;
    let (alert, acknowledged) = ctx.desk.alert(call);
    let plain = if call.is_live() { theme.text } else { theme.quiet };
    let alarm = if acknowledged { theme.quiet } else { theme.alert(alert) };
    let lead = if selected { ">" } else { "" };
    table.row(lead, plain, |column| {
        let text = text(ctx, call, column.name);
        match column.name {
            "alert" | "held" | "lobby" => TableCell { text, style: alarm },
            // The note is shown only if the subject still fits; the sign says the same in one column.
            "subject" => TableCell { text: subject_with_doubt(ctx, call, text, table.width("subject")), style: plain },
            _ => TableCell { text, style: plain },
        }
    })
}

/// A call's text in a column; untrusted.
fn text(ctx: &RenderContext<'_>, call: &FloorCall, column: &str) -> String {
    let now = ctx.desk.shown_at();
    match column {
        "number" => call.number.0.to_string(),
        "alert" => sign(ctx, call),
        "state" => call.state.to_string(),
        "kind" => call_kind(call.kind).to_owned(),
        "subject" => subject(call),
        "people" if call.people.is_empty() => call.parties.len().to_string(),
        "people" => call.present().count().to_string(),
        "held" => oldest_wait(call.oldest_hold(), call.present().filter(|it| it.hold.is_some()).count(), now),
        "lobby" => oldest_wait(call.oldest_lobby(), call.present().filter(|it| it.lobby.is_some()).count(), now),
        "muted" => call.present().filter(|it| it.muted).count().to_string(),
        "heard" => now.since(call.heard).to_string(),
        "age" => call.began.age(call.ended.unwrap_or(now)),
        _ => call.id.to_string(),
    }
}

/// The texts of all rows, untrusted, and the index of the selected row.
pub(in crate::screen) fn texts(ctx: &RenderContext<'_>) -> (Vec<Vec<String>>, Option<usize>) {
    let desk = ctx.desk;
    let columns = desk.columns(Pane::Calls);
    let row = |call: &FloorCall| columns.iter().map(|it| text(ctx, call, it.column.name)).collect();
    let selected = desk.call().and_then(|call| desk.calls().position(|it| it.id == call.id));
    (desk.calls().map(row).collect(), selected)
}

/// The sign of a call's worst alert, with an `a` if all its alerts are acknowledged; without alerts, the sign of doubt.
fn sign(ctx: &RenderContext<'_>, call: &FloorCall) -> String {
    match ctx.desk.alert(call) {
        (AlertLevel::None, _) if call.doubt.is_some() => "~".to_owned(),
        (alert, true) => format!("{}a", alert.sign()),
        (alert, false) => alert.sign().to_owned(),
    }
}

fn subject(call: &FloorCall) -> String {
    let title = call.title();
    let one_to_one = call.kind == CallKind::OneToOne && !title.starts_with("1:1");
    if one_to_one { format!("1:1 {title}") } else { title }
}

/// The age of the oldest wait, preceded by the number of people who wait if there are several.
fn oldest_wait(oldest: Option<StartTime>, count: usize, now: Timestamp) -> String {
    let Some(since) = oldest else { return "-".to_owned() };
    let age = since.age(now);
    if count > 1 { format!("{count}x {age}") } else { age }
}

/// The reason why a call's row may be wrong, and what the relay or a key does about it.
fn doubt_texts(ctx: &RenderContext<'_>, call: &FloorCall) -> Option<[String; 2]> {
    let now = ctx.desk.shown_at();
    let silent = now.since(call.heard);
    let (what, done) = match call.doubt.filter(|_| call.is_live()) {
        Some(doubt) => (doubt_word(doubt).to_owned(), "; it is read again".to_owned()),
        None if call.is_live() && silent >= ctx.desk.limits().quiet => {
            let read = call.read.is_some_and(|it| it >= call.heard);
            let press = ctx.desk.keymap().shortcut_for(Command::Reread);
            let done = if read { " since it was read".to_owned() } else { format!("; {press} reads it") };
            (format!("quiet {silent}"), done)
        }
        None => return None,
    };
    Some([format!("call {}: {what}", call.number.0), done])
}

/// The subject, with the reason for doubt if both fit.
fn subject_with_doubt(ctx: &RenderContext<'_>, call: &FloorCall, subject: String, room: usize) -> String {
    let quiet = ctx.desk.alert(call).0 == AlertLevel::Quiet;
    let note = if quiet {
        Some(format!("quiet {}", ctx.desk.shown_at().since(call.heard)))
    } else {
        call.doubt.filter(|_| call.is_live()).map(|doubt| doubt_word(doubt).to_owned())
    };
    let noted = note.map(|it| format!("{subject} ({it})"));
    noted.filter(|it| DisplayText::clean(it).width() <= room).unwrap_or(subject)
}

/// A short reason why a call's row may be wrong.
pub(in crate::screen) const fn doubt_word(doubt: Uncertainty) -> &'static str {
    match doubt {
        Uncertainty::FirstSight => "not read yet",
        Uncertainty::PartialRoster => "roster may be partial",
        Uncertainty::UnknownSelf => "own participant unknown",
        Uncertainty::Nameless => "somebody has no id",
        Uncertainty::Gap => "notifications may be missing",
    }
}
