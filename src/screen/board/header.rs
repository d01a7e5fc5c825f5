//! The first line: whether the floor is real, live and complete, whether the desk may act, and as whom. The second line
//! is in `stats_line`.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::stats_line;
use crate::desk::{LinkState, SimControl};
use crate::floor::Gap;
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::time_text::{short_span, time_of_day};
use crate::time::Millis;

pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect) {
    identity(ctx, area);
    stats_line::draw(ctx, area);
}

fn identity(ctx: &mut RenderContext<'_>, area: Rect) {
    let desk = ctx.desk;
    let theme = ctx.theme;
    let link = desk.link();
    let label = desk.real_label();
    let wide = area.width >= 110;
    let (mut state, style) = link_text(ctx, wide);
    let bar = |row: RowBuilder| row.gap(1).text("|", theme.quiet).gap(1);
    let time = format!("{}Z", time_of_day(desk.now()));
    let mut who = link.operator.clone();
    match (wide, link.others.as_slice()) {
        (_, []) => {}
        (true, [one]) => who = format!("{who} +{}", one.operator),
        (_, others) => who = format!("{who} +{}", others.len()),
    }
    let act = act_word(ctx);
    let faults = desk.control().map_or(0, SimControl::faults_on);
    let marked = if faults > 0 { FAULTS + 3 } else { 0 };
    let marked = if desk.is_private() { marked + PRIVATE.len() + 3 } else { marked };
    // Whatever says that the board can be trusted and acted on is never cut. In a narrow terminal the operator is
    // dropped first, and the gap uses fewer words.
    let others = marked + act.len() + LABEL + 11;
    let needed = |gap: &str| others + state.len() + gap.len();
    let forms = [gap_text(ctx, wide), gap_text(ctx, false), short_gap_text(ctx)];
    let (gap, gap_style) = match forms {
        [full, ..] if needed(&full.0) <= usize::from(area.width) => full,
        [_, fewer, _] if needed(&fewer.0) <= usize::from(area.width) => fewer,
        [.., least] => least,
    };
    let who_width = crate::screen::DisplayText::clean(&who).width().min(20);
    // The last to go is the retry countdown; that the line is down stays.
    if needed(&gap) > usize::from(area.width) + LABEL - 3
        && let Some((first, _)) = state.split_once(", ")
    {
        state = first.to_owned();
    }
    let fixed = others + state.len() + gap.len() - LABEL;
    let rest = usize::from(area.width).saturating_sub(fixed + who_width + 3 + time.len() + 3);
    let label = crate::screen::DisplayText::clean(&label);
    let room = rest.max(LABEL).min(usize::from(area.width).saturating_sub(fixed).max(3));
    let mut row = RowBuilder::default().gap(1).cell(label.as_str(), label.width().min(room), theme.title);
    if desk.is_private() {
        row = bar(row).text(PRIVATE, theme.warning);
    }
    row = bar(row).text(&state, style);
    row = bar(row).text(&gap, gap_style);
    row = bar(row).text(act, theme.title);
    if !who.is_empty() && row.used() + 3 + who_width <= usize::from(area.width) {
        row = bar(row).cell(&who, who_width, theme.text);
    }
    if faults > 0 && row.used() + 3 + FAULTS <= usize::from(area.width) {
        row = bar(row).text(&format!("faults on: {faults}"), theme.warning);
    }
    if row.used() + 3 + time.len() <= usize::from(area.width) {
        row = bar(row).text(&time, theme.quiet);
    }
    row.draw(ctx.buffer, area, 0, None);
}

/// The label of privacy mode, while every name on the screen is a pseudonym.
const PRIVATE: &str = "PRIVATE";

/// The least columns of the label.
const LABEL: usize = 9;

/// The columns of the number of changed settings.
const FAULTS: usize = 13;

fn link_text(ctx: &RenderContext<'_>, wide: bool) -> (String, Style) {
    let desk = ctx.desk;
    let theme = &ctx.theme;
    let link = desk.link();
    if let Some(behind) = desk.behind() {
        return (format!("PAUSED, {behind} behind"), theme.warning);
    }
    let stale = link.stale(desk.now()).map(|age| format!("STALE {age}, ")).unwrap_or_default();
    match &link.state {
        LinkState::Live => {
            let age = desk.now().since(desk.live().at());
            let text =
                if wide { format!("LIVE, event {} ago", coarse_age(age)) } else { format!("LIVE {}", coarse_age(age)) };
            (text, theme.good)
        }
        LinkState::Connecting => (format!("{stale}connecting"), theme.warning),
        LinkState::Filling => (format!("{stale}catching up"), theme.warning),
        LinkState::Down { retry_at, .. } => {
            let left = retry_at.since(desk.wall()).0.saturating_add(999) / 1_000;
            (format!("{stale}retry in {left}s"), theme.bad)
        }
        LinkState::Refused(_) => (format!("{stale}not let in"), theme.bad),
    }
}

/// An age in tenths below ten seconds; finer steps would only flicker.
fn coarse_age(age: Millis) -> String {
    match age.0.max(0) {
        millis @ ..10_000 => format!("{}.{}s", millis / 1_000, millis % 1_000 / 100),
        _ => short_span(age),
    }
}

fn gap_text(ctx: &RenderContext<'_>, wide: bool) -> (String, Style) {
    let floor = ctx.desk.floor();
    let head = floor.head();
    if ctx.desk.link().operator.is_empty() {
        return ("no board yet".to_owned(), ctx.theme.quiet);
    }
    if let Some(since) = ctx.desk.link().refusing {
        let text =
            if wide { format!("LOSING: journal refuses since {}", time_of_day(since)) } else { "LOSING".to_owned() };
        return (text, ctx.theme.bad);
    }
    match ctx.desk.gap() {
        None => (format!("no gaps #{head}"), ctx.theme.text),
        Some(gap) => match gap.resynced {
            Some(at) if !wide => (format!("gap, resynced {}", time_of_day(at)), ctx.theme.warning),
            Some(at) => (format!("{}, resynced {}", gap_span(gap), time_of_day(at)), ctx.theme.warning),
            None if !wide => ("gap, reading again".to_owned(), ctx.theme.bad),
            None => (format!("{}, reading again", gap_span(gap)), ctx.theme.bad),
        },
    }
}

/// A gap from when to when; one of less than a second only at its end.
fn gap_span(gap: &Gap) -> String {
    match gap.from.map(time_of_day).filter(|from| *from != time_of_day(gap.at)) {
        Some(from) => format!("gap {from} to {}", time_of_day(gap.at)),
        None => format!("gap at {}", time_of_day(gap.at)),
    }
}

/// The state of the gap in one word, for a narrow line.
fn short_gap_text(ctx: &RenderContext<'_>) -> (String, Style) {
    let (full, style) = gap_text(ctx, false);
    let gap = ctx.desk.gap();
    let text = match gap.map(|it| it.resynced) {
        _ if ctx.desk.link().operator.is_empty() || ctx.desk.link().refusing.is_some() => full,
        None => "no gaps".to_owned(),
        Some(Some(_)) => "resynced".to_owned(),
        Some(None) => "GAP".to_owned(),
    };
    (text, style)
}

fn act_word(ctx: &RenderContext<'_>) -> &'static str {
    let viewer = ctx.desk.link().is_viewer();
    match (ctx.desk.read_only() || viewer, ctx.desk.is_fast()) {
        (true, _) => "READ ONLY",
        (false, true) => "FAST",
        (false, false) => "WRITE",
    }
}
