//! The calls pane: one row per call, by default with the worst wait first.

use ratatui::layout::Rect;

use crate::desk::{ClickedRow, Column, Command, Pane, call_kind};
use crate::floor::{AlertLevel, CallKind, FloorCall, StartTime};
use crate::graph::CallState;
use crate::screen::grid::{ColumnGrid, TableCell};
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::section::shown_of;
use crate::screen::text::DisplayText;
use crate::screen::time_text::minutes;
use crate::time::Timestamp;

/// The columns of the title without its key and the text beside it, with the spaces between them.
const TITLE: usize = 10;

pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect) {
    let desk = ctx.desk;
    let count = desk.call_count();
    let grid = ColumnGrid::of(Pane::Calls, desk.columns(Pane::Calls), usize::from(area.width));
    let height = usize::from(area.height.saturating_sub(1)).saturating_sub(grid.heading_rows());
    let selected = desk.call().map(|it| it.id.clone());
    let (first, rows) = desk.call_window(height);
    let shown_live = rows.iter().filter(|it| it.is_live()).count();
    let all_live = desk.live_call_count();
    let key = desk.keymap().shortcut_for(Command::Focus(Pane::Calls));
    // The title must not touch the first heading.
    let room = grid.title_room().saturating_sub(TITLE + key.len());
    // Calls that ended stay in the list for a while; they are counted apart from the others.
    let counted = match count - all_live.min(count) {
        0 => shown_of(first, rows.len(), count),
        ended => {
            // Of the live ones at most the last stand at the end of what is shown.
            let first = first.min(all_live.saturating_sub(shown_live));
            let live = if all_live == 0 { "0".to_owned() } else { shown_of(first, shown_live, all_live) };
            with_ended(&live, ended, room)
        }
    };
    let beside = with_missing(beside_title(ctx, &counted, room), &grid, room);
    let sort = desk.sort(Pane::Calls);
    let rule = grid.head(ctx.section(Pane::Calls, &key, "Calls", &beside), sort, &ctx.theme);
    let inner = grid.draw_rule(ctx, area, (rule, sort));
    ctx.record_pane(area, Pane::Calls);
    if count == 0 {
        return draw_empty(ctx, inner);
    }
    for (at, call) in rows.into_iter().enumerate() {
        let chosen = Some(&call.id) == selected.as_ref();
        let theme_around = ctx.enter_row(Pane::Calls, (chosen, chosen));
        let lead = ctx.lead(Pane::Calls, chosen, false);
        let row = grid.row_with_tails(lead, |column| (cell(ctx, call, column), kind_tail(ctx, call, column)));
        row.draw(ctx.buffer, inner, at, ctx.selected_row_style(Pane::Calls, chosen));
        ctx.theme = theme_around;
        ctx.record_row(inner, at, Pane::Calls, ClickedRow::Call(call.id.clone()));
    }
}

/// The text beside a title, and the chosen columns without room, cut to the available columns.
pub(in crate::screen) fn with_missing(beside: String, grid: &ColumnGrid, room: usize) -> String {
    let Some(note) = grid.missing_note() else { return beside };
    let sign = if beside.is_empty() { "" } else { ", " };
    let note = format!("{sign}{note}");
    let used = if beside.is_empty() { 0 } else { DisplayText::clean(&beside).width() };
    let room = room.saturating_sub(used);
    if room == 0 {
        return beside;
    }
    let note = DisplayText::clean(&note).fit(note.len().min(room));
    format!("{beside}{}", note.trim_end())
}

/// A count of calls, and how many that have ended are in the list too, as far as there is room to say so.
fn with_ended(shown: &str, ended: usize, room: usize) -> String {
    let words = format!("{shown}, {ended} ended");
    if words.len() <= room { words } else { format!("{shown} +{ended}") }
}

/// The text beside the title: the filter, cut to the available columns, the number of shown rows, and whether the
/// newest call is followed.
fn beside_title(ctx: &RenderContext<'_>, shown: &str, room: usize) -> String {
    let desk = ctx.desk;
    let of_all = desk.filter(Pane::Calls).map(|_| format!(" of {}", desk.floor().call_count())).unwrap_or_default();
    let of_all = if shown.contains(" of ") { String::new() } else { of_all };
    let shown = if shown.is_empty() && desk.link().has_board() { "0" } else { shown };
    let sort = ColumnGrid::sort_note(desk.sort(Pane::Calls));
    let rest = format!("{shown}{of_all}{sort}{}", if desk.follows() { ", following" } else { "" });
    let Some(filter) = desk.filter(Pane::Calls) else { return rest };
    let filter = DisplayText::clean(&format!("/{}/", filter.text()));
    let filter = filter.fit(filter.width().min(room.saturating_sub(rest.len() + 1)));
    if filter.trim_end().is_empty() { rest } else { format!("{} {rest}", filter.trim_end()) }
}

/// Why there is no call, and what to check.
fn draw_empty(ctx: &mut RenderContext<'_>, inner: Rect) {
    let desk = ctx.desk;
    let lines = if !desk.link().has_board() {
        vec!["not known yet".to_owned()]
    } else if desk.filter(Pane::Calls).is_some() {
        vec!["no call matches the filter".to_owned()]
    } else if desk.link().is_live() {
        empty_floor(ctx)
    } else {
        vec!["no calls".to_owned()]
    };
    let width = usize::from(inner.width).saturating_sub(10);
    let wrapped = lines.iter().flat_map(|it| DisplayText::clean(it).wrap(width));
    for (at, line) in wrapped.enumerate() {
        let style = if at == 0 { ctx.theme.text } else { ctx.theme.quiet };
        RowBuilder::default().to(9).text(line.trim_end(), style).draw(ctx.buffer, inner, at, None);
    }
}

/// What to check if the floor has no call.
fn empty_floor(ctx: &RenderContext<'_>) -> Vec<String> {
    let floor = ctx.desk.floor();
    let counts = floor.counts();
    let refused: u64 = counts.refused.values().sum();
    let rejected: u64 = counts.rejected.values().sum();
    let mut lines = vec!["no calls".to_owned()];
    lines.push(match counts.notifications {
        0 => "No notification has arrived. The callbackUri of each call must be the relay's public address, \
              with /notifications at its end."
            .to_owned(),
        1 => "1 notification has arrived.".to_owned(),
        many => format!("{many} notifications have arrived."),
    });
    let reason = counts.refused.iter().max_by_key(|(_, count)| **count).map(|(reason, _)| reason.to_string());
    if let Some(reason) = reason.filter(|_| refused > 0) {
        lines.push(format!("{refused} were refused, most of them: {reason}."));
    }
    if rejected > 0 {
        lines.push(format!("{rejected} were not understood; callboard journal shows them."));
    }
    lines.push("A call that began before the relay started shows with its next notification.".to_owned());
    lines.push(match floor.gap() {
        Some(gap) => format!("The last gap: {}, at {}.", gap.reason, ctx.clock(gap.at)),
        None => "The relay has not been restarted since its journal began.".to_owned(),
    });
    lines
}

fn cell(ctx: &RenderContext<'_>, call: &FloorCall, column: &Column) -> TableCell {
    let theme = &ctx.theme;
    let (alert, acknowledged) = ctx.desk.alert(call);
    let level = if acknowledged { AlertLevel::None } else { alert };
    let content = text(ctx, call, column.name);
    let (text, style) = match column.name {
        "alert" => (content, if level == AlertLevel::Quiet { theme.title } else { theme.bar(level) }),
        "held" | "lobby" => (content, theme.alert(level)),
        "subject" => (call.party_or_title(), if call.is_live() { theme.text } else { theme.quiet }),
        "waiting" => (content, theme.title),
        "state" if is_calm(ctx, call) => (content, theme.quiet),
        "number" | "state" | "muted" => (content, theme.facts),
        _ => (content, theme.quiet),
    };
    TableCell { text, style }
}

/// A call's text in a column; untrusted.
fn text(ctx: &RenderContext<'_>, call: &FloorCall, column: &str) -> String {
    let now = ctx.desk.shown_at();
    let counted = |count: usize| if count == 0 { String::new() } else { count.to_string() };
    match column {
        "number" => call.number.0.to_string(),
        "alert" => {
            let (level, acknowledged) = ctx.desk.alert(call);
            let doubtful = level == AlertLevel::None && call.doubt.is_some() && call.is_live();
            if doubtful { "?" } else { ctx.sign(level, acknowledged) }.to_owned()
        }
        "state" => state_text(ctx, call),
        "kind" => call_kind(call.kind).to_owned(),
        "subject" => call.title(),
        "people" if call.people.is_empty() => call.parties.len().to_string(),
        "people" => call.present().filter(|it| it.lobby.is_none()).count().to_string(),
        "waiting" => counted(call.present().filter(|it| it.hold.is_some() || it.lobby.is_some()).count()),
        "held" => oldest_wait(call.oldest_hold(), call.present().filter(|it| it.hold.is_some()).count(), now),
        "lobby" => oldest_wait(call.oldest_lobby(), call.present().filter(|it| it.lobby.is_some()).count(), now),
        "muted" => counted(call.present().filter(|it| it.muted).count()),
        "heard" => now.since(call.heard).to_string(),
        "age" => minutes(call.began, call.ended.unwrap_or(now)),
        _ => call.id.to_string(),
    }
}

/// Whether a call has no state to show except that it is live.
fn is_calm(ctx: &RenderContext<'_>, call: &FloorCall) -> bool {
    state_text(ctx, call) == "live"
}

/// The state of a call in one or two words, with a time if the time matters.
fn state_text(ctx: &RenderContext<'_>, call: &FloorCall) -> String {
    let now = ctx.desk.shown_at();
    if let Some(ended) = call.ended {
        return format!("ended {}", now.since(ended));
    }
    match call.state {
        CallState::Terminating => return "ending".to_owned(),
        CallState::Terminated => return "ended".to_owned(),
        CallState::Incoming | CallState::Ringing => return format!("ringing {}", now.since(call.began.at)),
        CallState::Establishing => return format!("calling {}", now.since(call.began.at)),
        CallState::Hold => return "on hold".to_owned(),
        CallState::Transferring | CallState::TransferAccepted | CallState::Redirecting => {
            return "being moved".to_owned();
        }
        CallState::Established | CallState::Unknown(_) => {}
    }
    let (level, acknowledged) = ctx.desk.alert(call);
    let lobby = call.present().filter(|it| it.lobby.is_some()).map(|it| ctx.desk.person_alert(call, it).0).max();
    let hold = call.present().filter(|it| it.hold.is_some()).map(|it| ctx.desk.person_alert(call, it).0).max();
    let lobby_is_worse = lobby > hold;
    match level {
        AlertLevel::Quiet => format!("quiet {}", now.since(call.heard)),
        AlertLevel::Warning | AlertLevel::Critical if !acknowledged && lobby_is_worse => "live, lobby".to_owned(),
        AlertLevel::None if call.doubt.is_some() => "live?".to_owned(),
        AlertLevel::None | AlertLevel::Warning | AlertLevel::Critical => "live".to_owned(),
    }
}

/// The texts of the selected row, untrusted, if the pane shows it. No other row is laid out.
pub(in crate::screen) fn selected_texts(ctx: &RenderContext<'_>) -> Option<Vec<String>> {
    let desk = ctx.desk;
    let (_, rows) = desk.call_window(1);
    let call = desk.call().filter(|call| rows.iter().any(|it| it.id == call.id))?;
    Some(desk.columns(Pane::Calls).iter().map(|it| text(ctx, call, it.column.name)).collect())
}

/// The texts of all rows, untrusted, and the index of the selected row.
pub(in crate::screen) fn texts(ctx: &RenderContext<'_>) -> (Vec<Vec<String>>, Option<usize>) {
    let desk = ctx.desk;
    let columns = desk.columns(Pane::Calls);
    let row = |call: &FloorCall| columns.iter().map(|it| text(ctx, call, it.column.name)).collect();
    let selected = desk.call().and_then(|call| desk.calls().position(|it| it.id == call.id));
    (desk.calls().map(row).collect(), selected)
}

/// The kind of a 1:1 call, behind the name of the other party.
fn kind_tail(ctx: &RenderContext<'_>, call: &FloorCall, column: &Column) -> Option<TableCell> {
    let is_told = column.name == "subject"
        && call.kind == CallKind::OneToOne
        && !call.party_or_title().starts_with(call_kind(CallKind::OneToOne));
    is_told.then(|| TableCell { text: format!(", {}", call_kind(call.kind)), style: ctx.theme.quiet })
}

/// The age of the oldest wait, preceded by the number of people who wait if there are several.
fn oldest_wait(oldest: Option<StartTime>, count: usize, now: Timestamp) -> String {
    let Some(since) = oldest else { return "-".to_owned() };
    let age = since.age(now);
    if count > 1 { format!("{count}x {age}") } else { age }
}
