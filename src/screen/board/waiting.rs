//! The Waiting pane: everyone who waits in any call, the most overdue first, one bar each.
//!
//! A bar's length says how late a person is against the limits of this kind of wait, and its thickness shows the level,
//! which the colour only repeats. A third of the bar is the first limit, two thirds the second; beyond that it grows
//! but never fills.

use ratatui::layout::Rect;

use crate::desk::{ClickedRow, Command, Desk, Pane, WaitingPerson, called, window};
use crate::floor::{Act, AlertLevel, FloorCall, HoldSource, Operation, Person};
use crate::screen::board::operations::act_verb;
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::section::shown_of;
use crate::screen::text::DisplayText;
use crate::screen::time_text::in_seconds;

/// The places of the columns. A `call` of 0 means that there is no room for it.
#[derive(Debug, Clone, Copy)]
struct WaitingGrid {
    name: (usize, usize),
    time: usize,
    bar: (usize, usize),
    why: usize,
    call: usize,
    /// The words on the rule that name what begins at the first and at the second limit.
    words: [&'static str; 2],
}

const NARROW: WaitingGrid =
    WaitingGrid { name: (9, 23), time: 31, bar: (32, 53), why: 55, call: 0, words: ["!", "!!"] };
const WIDE: WaitingGrid =
    WaitingGrid { name: (9, 29), time: 37, bar: (38, 71), why: 73, call: 96, words: ["long", "too long"] };

impl WaitingGrid {
    /// This grid with longer names, so that all columns behind them begin later.
    const fn with_wider_names(self, by: usize) -> Self {
        Self {
            name: (self.name.0, self.name.1 + by),
            time: self.time + by,
            bar: (self.bar.0 + by, self.bar.1 + by),
            why: self.why + by,
            call: self.call + by,
            ..self
        }
    }
}

/// Below this width there is no bar, and the sign shows the level.
const LEAST_WITH_BAR: usize = 72;

/// The thickness of a bar by its level.
const BARS: [&str; 3] = ["\u{2583}", "\u{2585}", "\u{2587}"];
/// A bar of a board without a line.
const STALE: &str = "\u{2591}";
const TRACK: &str = "\u{2502}";

pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect) {
    let desk = ctx.desk;
    let width = usize::from(area.width);
    let grid = if width >= 120 { WIDE.with_wider_names(ctx.wider_names) } else { NARROW };
    let waiting = desk.waiting();
    let selected = desk.selected_waiting_row();
    let height = usize::from(area.height.saturating_sub(1));
    let all = waiting.len();
    let still = waiting.iter().filter(|it| it.back.is_none()).count();
    let is_selected = |it: &(usize, WaitingPerson<'_>)| selected.as_ref() == Some(&it.1.id());
    let rows = window(waiting.into_iter().enumerate(), is_selected, height);
    let first = rows.first().map_or(0, |it| it.0);
    let shown = if rows.len() < all { shown_of(first, rows.len(), all) } else { shown_of(0, still, still) };
    let inner = draw_rule(ctx, area, &grid, &shown);
    ctx.record_pane(area, Pane::Waiting);
    if rows.is_empty() {
        let text = nobody_waits(ctx);
        RowBuilder::default().to(9).within(&text, width, ctx.theme.quiet).draw(ctx.buffer, inner, 0, None);
        return;
    }
    for (at, shown) in rows.iter().enumerate() {
        let chosen = is_selected(shown);
        let outer = ctx.enter_row(Pane::Waiting, (chosen, chosen));
        let row = draw_row(ctx, &shown.1, &grid, (width, chosen));
        row.draw(ctx.buffer, inner, at, ctx.selected_row_style(Pane::Waiting, chosen));
        ctx.theme = outer;
        let (call, person) = shown.1.id();
        ctx.record_row(inner, at, Pane::Waiting, ClickedRow::Waiting(call, person));
    }
}

fn draw_rule(ctx: &mut RenderContext<'_>, area: Rect, grid: &WaitingGrid, shown: &str) -> Rect {
    let desk = ctx.desk;
    let theme = ctx.theme;
    let width = usize::from(area.width);
    let mut rule = ctx.section(Pane::Waiting, &desk.keymap().shortcut_for(Command::Waiting), "Waiting", shown);
    if width >= LEAST_WITH_BAR {
        let (from, to) = grid.bar;
        let third = (to - from) / 3;
        for (word, tick) in grid.words.into_iter().zip([from + third, from + 2 * third]) {
            rule = rule.tick(tick, theme.quiet).behind(2, word, theme.quiet);
        }
    }
    if grid.call > 0 {
        rule = if let Some(at) = desk.link().frozen_at() {
            rule.at(grid.why, &format!("as of {}", ctx.clock(at)), theme.quiet)
        } else {
            let limits = desk.limits();
            let hold = format!("hold {}, {}", limits.hold_warning, limits.hold_critical);
            let lobby = format!("lobby {}, {}", limits.lobby_warning, limits.lobby_critical);
            rule.at(grid.why, &hold, theme.quiet).behind(3, &lobby, theme.quiet)
        };
    }
    rule.draw(&theme, ctx.buffer, area)
}

fn draw_row(
    ctx: &RenderContext<'_>,
    waits: &WaitingPerson<'_>,
    grid: &WaitingGrid,
    (width, chosen): (usize, bool),
) -> RowBuilder {
    let theme = &ctx.theme;
    let (level, acknowledged) = ctx.desk.person_alert(waits.call, waits.person);
    let level = if acknowledged { AlertLevel::None } else { level };
    let time = if waits.back.is_some() { theme.good } else { theme.alert(level) };
    let name = if level == AlertLevel::Critical { theme.title } else { theme.text };
    let why = match waits.back {
        Some(_) => theme.good,
        None if chosen && open_release(ctx.desk, waits.call, waits.person).is_some() => theme.text,
        None => theme.facts,
    };
    let row = ctx
        .lead(Pane::Waiting, chosen, ctx.desk.is_marked(&waits.call.id, &waits.person.id))
        .right(ctx.sign(level, acknowledged), 2, theme.bar(level))
        .right(&waits.call.number.0.to_string(), 3, theme.facts)
        .to(grid.name.0)
        .cell(&called(waits.person), grid.name.1 - grid.name.0, name)
        .right(&waits.since.age(waits.until(ctx.desk.shown_at())), grid.time - grid.name.1, time);
    let mut row = if width >= LEAST_WITH_BAR { bar(ctx, row, (waits, level), grid.bar) } else { row };
    let start = if width >= LEAST_WITH_BAR { grid.why } else { grid.time + 1 };
    let end = if grid.call > 0 { grid.call - 1 } else { width };
    row = row.to(start).cell(&why_text(ctx.desk, waits), end.saturating_sub(start), why);
    if grid.call == 0 {
        return row;
    }
    row.to(grid.call).within(&waits.call.title(), width.min(120 + 2 * ctx.wider_names) - 1, theme.quiet)
}

/// Draws a bar over its track. The ticks of the two limits are visible where the bar does not reach them.
fn bar(
    ctx: &RenderContext<'_>,
    row: RowBuilder,
    (waits, level): (&WaitingPerson<'_>, AlertLevel),
    (from, to): (usize, usize),
) -> RowBuilder {
    let width = to - from;
    let cells = (u64::from(waits.lateness) * u64::try_from(width).unwrap_or_default() + 500_000) / 1_000_000;
    let cells = usize::try_from(cells).unwrap_or(width).clamp(1, width.saturating_sub(1));
    let [fine, long, too_long] = BARS;
    let symbol = match level {
        _ if ctx.desk.link().frozen_at().is_some() => STALE,
        AlertLevel::None | AlertLevel::Quiet => fine,
        AlertLevel::Warning => long,
        AlertLevel::Critical => too_long,
    };
    let style = if waits.back.is_some() { ctx.theme.good } else { ctx.theme.bar(level) };
    let row = row.to(from).text(&symbol.repeat(cells), style);
    let third = width / 3;
    [from + third, from + 2 * third]
        .into_iter()
        .fold(row, |row, tick| if row.used() > tick { row } else { row.to(tick).text(TRACK, ctx.theme.line) })
}

/// Why a person waits, what was asked to end the wait, or how fast the release was proved; untrusted text.
fn why_text(desk: &Desk, waits: &WaitingPerson<'_>) -> String {
    match waits.back {
        Some(release) => format!("BACK after {}", in_seconds(release.after())),
        None => wait_reason(desk, waits.call, waits.person),
    }
}

/// The newest release of a person that is in progress.
fn open_release<'a>(desk: &'a Desk, call: &FloorCall, person: &Person) -> Option<&'a Operation> {
    let open = desk.floor().newest_open_on(&call.id, &person.id, Some(Act::Release));
    open.filter(|it| it.standing(desk.shown_at()).is_in_progress())
}

/// Why a person waits, or what was asked to end the wait; untrusted text.
fn wait_reason(desk: &Desk, call: &FloorCall, person: &Person) -> String {
    if let Some(act) = desk.going_ahead(call, person) {
        // In full at 120 columns; the message line says the rest.
        return format!("{}, {} stops it", act_verb(act), desk.keymap().shortcut_for(Command::Back));
    }
    if let Some(operation) = open_release(desk, call, person) {
        return format!("release asked, op {}", operation.number.0);
    }
    let Some(hold) = &person.hold else { return "in the lobby".to_owned() };
    match &hold.source {
        HoldSource::Ours { operation, by } => {
            format!("on hold by {}, op {}", desk.asker(by), operation.0)
        }
        HoldSource::Inferred => "on hold? silent line".to_owned(),
        HoldSource::Unknown => "on hold? not known".to_owned(),
    }
}

/// The heads of the texts.
pub(in crate::screen) const HEADS: [&str; 5] = ["CALL", "WHO", "WAITS", "WHY", "SUBJECT"];

/// The texts of everyone who waits, untrusted, and the index of the selected row.
pub(in crate::screen) fn texts(ctx: &RenderContext<'_>) -> (Vec<Vec<String>>, Option<usize>) {
    let desk = ctx.desk;
    let waiting = desk.waiting();
    let selected = desk.selected_waiting_row();
    let selected = waiting.iter().position(|it| selected.as_ref() == Some(&it.id()));
    let row = |it: &WaitingPerson<'_>| {
        let why = why_text(desk, it);
        let age = it.since.age(it.until(desk.shown_at()));
        vec![it.call.number.0.to_string(), called(it.person), age, why, it.call.title()]
    };
    (waiting.iter().map(row).collect(), selected)
}

/// The text of an empty pane: that nobody waits, and whose wait ended last; or that nothing is known yet.
fn nobody_waits(ctx: &RenderContext<'_>) -> String {
    if !ctx.desk.link().has_board() {
        return "not known yet".to_owned();
    }
    let floor = ctx.desk.floor();
    let Some((event, waited)) = floor.last_wait() else { return "nobody waits".to_owned() };
    let name = DisplayText::clean(&event.name);
    let waited = waited.map(|it| format!(", {it}")).unwrap_or_default();
    format!("nobody waits; the last was {}{waited}, at {}", name.as_str(), ctx.clock(event.at))
}
