//! The last hour, below the panes: calls, people who wait and proofs, a column a minute. A bar is as high as its share of
//! the hour's maximum, and nothing stands where nothing was.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::desk::Command;
use crate::floor::{AlertLevel, AlertLimits, MinuteSample};
use crate::screen::chart::bar_chart::{BarValue, UNKNOWN};
use crate::screen::chart::time_axis::TimeAxis;
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::section::SectionRule;
use crate::screen::time_text::zone_offset;
use crate::time::Millis;

/// The columns of a chart's name, of the end of its present number, and of the first minute.
const NAME: usize = 9;
const NUMBER_END: usize = 37;
const FIRST: usize = 38;
/// The columns behind the last minute.
const NOTE: usize = 18;
/// The rows of a chart, of which the proofs have one.
const ROWS: usize = 3;
/// The time between two ticks.
const TICK: Millis = Millis::minutes(15);
const NOT_WATCHED: &str = "not watched";

type Minutes<'a> = &'a [Option<MinuteSample>];

/// One chart of the last hour.
struct BarRow<'a> {
    name: &'static str,
    now: usize,
    rows: usize,
    /// The figure of a minute, and its style.
    value: &'a dyn Fn(&MinuteSample) -> (usize, Style),
    note: String,
}

pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect) {
    let theme = ctx.theme;
    let hour = ctx.desk.hour();
    let many = hour.len().min(usize::from(area.width).saturating_sub(FIRST + NOTE));
    let minutes = hour.get(hour.len() - many..).unwrap_or_default();
    let inner = draw_rule(ctx, area, minutes);
    let limits = ctx.desk.limits();
    let statistics = ctx.desk.floor().statistics();
    let calls = |it: &MinuteSample| (it.live, theme.bar(AlertLevel::None));
    let waiting = |it: &MinuteSample| (it.waiting.max(it.held), theme.bar(worst(limits, it)));
    let proved = |it: &MinuteSample| (it.proofs(), theme.good);
    let proofs = minutes.iter().flatten().map(MinuteSample::proofs).sum();
    let charts = [
        BarRow { name: "calls", now: statistics.calls, rows: ROWS, value: &calls, note: most(ctx, minutes, &calls) },
        BarRow {
            name: "waiting",
            now: statistics.held + statistics.lobby,
            rows: ROWS,
            value: &waiting,
            note: most(ctx, minutes, &waiting),
        },
        BarRow { name: "proved", now: proofs, rows: 1, value: &proved, note: of_acts(ctx, minutes, proofs) },
    ];
    let mut top = 0;
    for chart in charts {
        for (at, row) in chart.draw_rows(ctx, minutes).into_iter().enumerate() {
            row.draw(ctx.buffer, inner, top + at, None);
        }
        top += chart.rows + 1;
    }
}

/// The rule with a tick at each quarter of an hour, watched or not.
fn draw_rule(ctx: &mut RenderContext<'_>, area: Rect, minutes: Minutes<'_>) -> Rect {
    let theme = ctx.theme;
    let key = ctx.desk.keymap().shortcut_for(Command::LastHour);
    let newest = minutes.iter().flatten().last().map(MinuteSample::begin);
    let last = newest.unwrap_or_else(|| ctx.desk.shown_at());
    let axis = TimeAxis::ending(last, Millis::minutes(1), minutes.len());
    let now = (FIRST + minutes.len()).saturating_sub(2);
    let mut rule = SectionRule::titled(&theme, false, (&key, "Last hour", ""));
    for (column, at) in axis.every(TICK, zone_offset(last, ctx.zone())) {
        let text = ctx.minute(at);
        if FIRST + column + 2 + text.len() < now {
            rule = rule.tick(FIRST + column, theme.quiet).at(FIRST + column + 2, &text, theme.quiet);
        }
    }
    rule.at(now, "now", theme.text).draw(&theme, ctx.buffer, area)
}

/// The level of the longest waits of a minute.
fn worst(limits: &AlertLimits, minute: &MinuteSample) -> AlertLevel {
    limits.hold(minute.longest_hold).max(limits.lobby(minute.longest_lobby))
}

/// The hour's maximum and its latest minute; empty if there was nothing.
fn most(ctx: &RenderContext<'_>, minutes: Minutes<'_>, value: &dyn Fn(&MinuteSample) -> (usize, Style)) -> String {
    let highest = minutes.iter().flatten().max_by_key(|it| value(it).0);
    let Some((minute, most)) = highest.map(|it| (it, value(it).0)).filter(|(_, most)| *most > 0) else {
        return String::new();
    };
    let newest = minutes.iter().flatten().last();
    let at = if newest == Some(minute) { "now".to_owned() } else { format!("at {}", ctx.minute(minute.begin())) };
    format!("most {most}, {at}")
}

/// Of how many acts of the shown minutes the proofs are; empty without an act.
fn of_acts(ctx: &RenderContext<'_>, minutes: Minutes<'_>, proofs: usize) -> String {
    let Some(first) = minutes.iter().flatten().next() else { return String::new() };
    let acts = ctx.desk.floor().operations().filter(|it| it.pressed >= first.begin()).count().max(proofs);
    match acts {
        0 => String::new(),
        1 => "of 1 act".to_owned(),
        acts => format!("of {acts} acts"),
    }
}

impl BarRow<'_> {
    fn draw_rows(&self, ctx: &RenderContext<'_>, minutes: Minutes<'_>) -> Vec<RowBuilder> {
        let theme = &ctx.theme;
        let most = minutes.iter().flatten().map(|it| (self.value)(it).0).max().unwrap_or_default();
        let unwatched = minutes.iter().take_while(|it| it.is_none()).count();
        let row = |above: usize| {
            let is_lowest = above == 0;
            let mut row = RowBuilder::default();
            if is_lowest {
                row = row.to(NAME).text(self.name, theme.facts);
                row = row.to(NAME + 10).right(&self.now.to_string(), NUMBER_END - NAME - 10, theme.text);
            }
            // The words stand over the dashes of the highest chart.
            let words = above == 1 && self.name == "calls" && unwatched >= NOT_WATCHED.len();
            row = if words { row.to(FIRST).text(NOT_WATCHED, theme.quiet) } else { row };
            for (column, minute) in minutes.iter().enumerate() {
                let (sign, style) = match minute {
                    None if is_lowest => (UNKNOWN, theme.line),
                    None => continue,
                    Some(minute) => self.sign(minute, above, most),
                };
                if sign != ' ' {
                    row = row.to(FIRST + column).text(&sign.to_string(), style);
                }
            }
            if is_lowest { row.to(FIRST + minutes.len() + 2).text(&self.note, theme.quiet) } else { row }
        };
        (0..self.rows).rev().map(row).collect()
    }

    /// The sign of a minute in a row, counted from below.
    fn sign(&self, minute: &MinuteSample, above: usize, most: usize) -> (char, Style) {
        let (figure, style) = (self.value)(minute);
        let most = u64::try_from(most).unwrap_or(u64::MAX);
        let sign = match (figure, self.rows) {
            (0, _) => ' ',
            // A single row leaves room above it.
            (_, 1) => BarValue::full(figure.saturating_mul(5)).sign(above, 1, most.saturating_mul(8)),
            (_, rows) => BarValue::full(figure).sign(above, rows, most),
        };
        (sign, style)
    }
}
