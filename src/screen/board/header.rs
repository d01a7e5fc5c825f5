//! The two lines of the header: what this is, whether it is live and complete, whether acts are on, and who we are;
//! below, who waits too long, and the floor's figures.
//!
//! Invariant: the line's state, the chips and the state of acts are never cut; figures and names are cut first.
//! Without a line all of it is grey except what says so: the label, the line's state, the state of acts and the time.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::desk::{LinkState, SimControl};
use crate::floor::Gap;
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::text::DisplayText;
use crate::screen::theme::Theme;
use crate::screen::time_text::{from_to, in_tenths, zone_name};

/// The columns of `SIMULATOR` and the name of a scenario of usual length.
const NARROW_IDENTITY: usize = 24;

/// The least columns of a scenario's name that still say something: two letters and `..`.
const LEAST_OF_NAME: usize = 4;

/// Where the parts of both lines begin.
struct HeaderGrid {
    line: usize,
    acts: usize,
    wide: bool,
}

impl HeaderGrid {
    /// The line stands over Waiting's bars, which begin later where the names are wider.
    const fn of(width: usize, wider_names: usize) -> Self {
        match width {
            120.. => Self { line: 38 + wider_names, acts: 73 + wider_names, wide: true },
            80..=119 => Self { line: 29, acts: 46, wide: false },
            _ => Self { line: 22, acts: 37, wide: false },
        }
    }

    /// The columns for the label and the scenario. In a narrow terminal they may reach a few columns into those of the
    /// line's state, which then moves, if the rest of the line takes no more than `others` of `width` columns.
    fn room_for_identity(&self, width: usize, others: usize) -> usize {
        let free = width.saturating_sub(3 + others).min(NARROW_IDENTITY);
        let room = self.line.saturating_sub(4);
        if self.wide { room } else { room.max(free) }
    }
}

/// Texts and their styles, one after the other.
type Words = Vec<(String, Style)>;

/// Draws the header. `full` is the theme without the greys of a lost line.
pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect, full: &Theme) {
    let width = usize::from(area.width);
    let grid = HeaderGrid::of(width, ctx.wider_names);
    let bright = if ctx.desk.link().frozen_at().is_some() { *full } else { ctx.theme };
    let (line, acts) = (line(ctx, &grid, &bright), acts(ctx, &bright));
    let mut endings = vec![who_and_clock(ctx, &grid, &bright, false), who_and_clock(ctx, &grid, &bright, true)];
    // Where there is room for nothing else, the hour and the minute stay.
    endings.push(endings.last().into_iter().flatten().take(1).cloned().collect());
    let least = endings.last().map_or(0, columns);
    let others = 2 + columns(&line) + 2 + columns(&acts) + 3 + least;
    let first = [identity(ctx, &bright, grid.room_for_identity(width, others)), line, acts];
    draw_line(ctx, area, 0, (first, endings));
    // Before the first complete board, no number is known.
    if ctx.desk.link().has_board() {
        let second = [chips(ctx), waits(ctx, &grid), figures(ctx)];
        draw_line(ctx, area, 1, (second, proofs(ctx, &grid)));
    }
}

/// Draws three groups at their places, and at the right the longest ending that still fits.
fn draw_line(ctx: &mut RenderContext<'_>, area: Rect, at: usize, (groups, endings): ([Words; 3], Vec<Words>)) {
    let width = usize::from(area.width);
    let grid = HeaderGrid::of(width, ctx.wider_names);
    let [first, second, third] = groups;
    let mut row = RowBuilder::default();
    // A chip has a column of its own colour on each side, so its words begin where the others do.
    row = if at == 1 { row.gap(1) } else { row.gap(2) };
    row = put(row, first, width);
    // The groups of the first line move to the left where its last ending would not fit otherwise.
    let ending = endings.last().filter(|_| at == 0).map_or(0, |it| columns(it) + 3);
    let ends = [columns(&second) + 2 + columns(&third) + ending, columns(&third) + ending];
    let [second_end, third_end] = ends.map(|it| width.saturating_sub(it));
    let places = if at == 0 { [grid.line.min(second_end), grid.acts.min(third_end)] } else { [grid.line, grid.acts] };
    let [second_place, third_place] = places;
    // A chip ends with a blank of its own.
    for (place, apart, words) in [(second_place, 0, second), (third_place, 2, third)] {
        let start = if row.used() + apart > place { row.used() + 2 } else { place };
        // A figure that would be cut is left out; the line's state and the state of acts never are.
        if at == 0 || start + columns(&words) < width {
            row = put(row.to(start), words, width);
        }
    }
    if let Some(ending) = endings.into_iter().find(|it| row.used() + 2 + columns(it) < width) {
        let place = width - 1 - columns(&ending);
        row = put(row.to(place), ending, width);
    }
    row.draw(ctx.buffer, area, at, None);
}

/// The columns of words with the spaces around them.
fn columns(words: &Words) -> usize {
    let spaces = |text: &str| text.len() - text.trim().len();
    let word = |text: &str| if text.is_empty() { 0 } else { DisplayText::clean(text).width() };
    words.iter().map(|(text, _)| spaces(text) + word(text.trim())).sum()
}

fn put(row: RowBuilder, words: Words, width: usize) -> RowBuilder {
    words.into_iter().fold(row, |row, (text, style)| {
        // The sanitiser drops the spaces at both ends; here they keep the words apart, in the colour of a chip.
        let word = text.trim();
        let before = text.len() - text.trim_start().len();
        let after = if word.is_empty() { 0 } else { text.len() - text.trim_end().len() };
        row.space(before, style).within(word, width, style).space(after, style)
    })
}

/// The relay's label, the scenario that a simulator plays, and how many of its settings were changed.
/// If there is little room, the seed is left out first.
fn identity(ctx: &RenderContext<'_>, bright: &Theme, room: usize) -> Words {
    let theme = &ctx.theme;
    let label = ctx.desk.real_label();
    let (name, rest) = label.split_once(' ').unwrap_or((&label, ""));
    let faults = match ctx.desk.control().map_or(0, SimControl::faults_on) {
        0 => String::new(),
        1 => " 1 fault set".to_owned(),
        many => format!(" {many} faults set"),
    };
    let room = room.saturating_sub(DisplayText::clean(name).width());
    let rest = if rest.is_empty() { String::new() } else { DisplayText::clean(rest).as_str().to_owned() };
    let left = room.saturating_sub(faults.len() + 1);
    let rest = if DisplayText::clean(&rest).width() > left { without_seed(&rest).to_owned() } else { rest };
    let cut = DisplayText::clean(&rest);
    let shown = cut.width().min(left);
    let rest = if rest.is_empty() || shown < LEAST_OF_NAME.min(cut.width()) {
        String::new()
    } else {
        format!(" {}", cut.fit(shown).trim_end())
    };
    vec![(name.to_owned(), bright.title), (rest, theme.quiet), (faults, theme.warning)]
}

/// A scenario's name without the seed behind it.
fn without_seed(text: &str) -> &str {
    match text.rsplit_once(" seed ") {
        Some((name, seed)) if seed.parse::<u64>().is_ok() => name,
        Some(_) | None => text,
    }
}

/// Whether the board follows the floor, and whether notifications may be missing.
fn line(ctx: &RenderContext<'_>, grid: &HeaderGrid, bright: &Theme) -> Words {
    let desk = ctx.desk;
    let theme = &ctx.theme;
    // The band is red already.
    let no_line = if desk.link().frozen_at().is_some() { bright.title } else { theme.bad };
    if desk.link().refusing().is_some() {
        return vec![("LOSING".to_owned(), theme.bad)];
    }
    match desk.link().state() {
        LinkState::Live if desk.behind().is_some() => vec![("PAUSED".to_owned(), theme.title)],
        LinkState::Live => {
            let mut words = vec![("LIVE".to_owned(), theme.title)];
            words.extend(gap_words(ctx, grid));
            words
        }
        LinkState::Connecting if desk.link().frozen_at().is_none() => vec![("connecting".to_owned(), theme.facts)],
        LinkState::Filling => vec![("catching up".to_owned(), theme.facts)],
        LinkState::Refused(_) => vec![("NOT LET IN".to_owned(), no_line)],
        LinkState::Connecting | LinkState::Down { .. } => vec![("NO LINE".to_owned(), no_line)],
    }
}

fn gap_words(ctx: &RenderContext<'_>, grid: &HeaderGrid) -> Option<(String, Style)> {
    let theme = &ctx.theme;
    let span = |it: &Gap| from_to(it.from, it.at, ctx.zone());
    Some(match ctx.desk.gap() {
        None if grid.wide => (", no known gaps".to_owned(), theme.quiet),
        None => return None,
        Some(gap) => match gap.resynced {
            Some(_) if !grid.wide => (", had a gap".to_owned(), theme.facts),
            Some(_) => (format!(", had a gap, {}", span(gap)), theme.facts),
            None if !grid.wide => (", GAP".to_owned(), theme.bad),
            None => (format!(", GAP, {}", span(gap)), theme.bad),
        },
    })
}

/// Whether acts are on, and whether they ask first; before an audience only what is not usual.
fn acts(ctx: &RenderContext<'_>, bright: &Theme) -> Words {
    let desk = ctx.desk;
    let theme = &ctx.theme;
    let viewer = desk.link().is_viewer();
    let (text, style) = match (desk.read_only() || viewer, desk.is_fast()) {
        _ if desk.link().frozen_at().is_some() => ("acts are off", bright.text),
        (true, _) => ("READ ONLY", theme.title),
        (false, true) => ("FAST", theme.title),
        // Beside the names at the right an audience reads it as what somebody does.
        (false, false) if desk.has_audience() => ("", theme.facts),
        (false, false) => ("asks first", theme.facts),
    };
    let mut words = vec![(text.to_owned(), style)];
    if desk.is_private() {
        words.insert(0, ("PRIVATE  ".to_owned(), bright.title));
    }
    words
}

/// Who we are, who else is here, and the time; the zone is named once.
fn who_and_clock(ctx: &RenderContext<'_>, grid: &HeaderGrid, bright: &Theme, clock_only: bool) -> Words {
    let desk = ctx.desk;
    let theme = &ctx.theme;
    let link = desk.link();
    let time = ctx.clock(desk.now());
    let time = if grid.wide { time } else { time.chars().take(5).collect() };
    let zone = format!(" {}", zone_name(desk.now(), ctx.zone()));
    let clock = [(time, bright.text), (zone, theme.quiet)];
    if clock_only || link.operator().is_empty() {
        return clock.into();
    }
    let others = match link.others() {
        [] => String::new(),
        [one] => one.operator.clone(),
        others => format!("{} more", others.len()),
    };
    let comma = if others.is_empty() { "" } else { ", " };
    let us = if grid.wide && !desk.has_audience() { " (you)" } else { "" };
    let gap = if grid.wide { "   " } else { "  " };
    let mut words = vec![
        (link.operator().to_owned(), theme.facts),
        (us.to_owned(), theme.quiet),
        (comma.to_owned(), theme.quiet),
        (others, theme.facts),
        (gap.to_owned(), theme.text),
    ];
    words.extend(clock);
    words.retain(|(text, _)| !text.is_empty());
    words
}

/// Who waits too long, and who waits long; acknowledged waits are counted separately.
fn chips(ctx: &RenderContext<'_>) -> Words {
    let theme = &ctx.theme;
    let [long, too_long] = theme.chips;
    let counts = ctx.desk.alert_counts();
    let mut words = Words::new();
    if counts.critical > 0 {
        words.push((format!(" !! {} too long ", counts.critical), too_long));
        words.push((" ".to_owned(), theme.text));
    }
    if counts.warning > 0 {
        words.push((format!("  ! {} long ", counts.warning), long));
    }
    if words.is_empty() {
        words.push((" nobody waits too long".to_owned(), theme.quiet));
    }
    if counts.acknowledged > 0 {
        words.push((format!(" {} seen", counts.acknowledged), theme.quiet));
    }
    words
}

/// How many people are on hold and in lobbies.
fn waits(ctx: &RenderContext<'_>, grid: &HeaderGrid) -> Words {
    let floor = ctx.desk.floor().statistics();
    let [held, lobby] = if grid.wide { [" on hold  ", " in the lobby"] } else { [" held  ", " lobby"] };
    counted(ctx, &[(floor.held, held), (floor.lobby, lobby)])
}

fn figures(ctx: &RenderContext<'_>) -> Words {
    let floor = ctx.desk.floor().statistics();
    let calls = if floor.calls == 1 { " call  " } else { " calls  " };
    counted(ctx, &[(floor.calls, calls), (floor.muted, " muted")])
}

fn counted(ctx: &RenderContext<'_>, parts: &[(usize, &str)]) -> Words {
    let theme = &ctx.theme;
    let part = |(count, words): &(usize, &str)| [(count.to_string(), theme.text), ((*words).to_owned(), theme.quiet)];
    parts.iter().flat_map(part).collect()
}

/// What was refused, if anything; else how long proofs take. The longest form first.
fn proofs(ctx: &RenderContext<'_>, grid: &HeaderGrid) -> Vec<Words> {
    let theme = &ctx.theme;
    let counts = ctx.desk.floor().counts();
    let refused: u64 = counts.refused.values().sum();
    let rejected: u64 = counts.rejected.values().sum();
    if refused + rejected > 0 {
        let parts = [(refused, "refused"), (rejected, "not understood")];
        let parts = parts.into_iter().filter(|it| it.0 > 0).map(|(count, word)| format!("{count} {word}"));
        let text = parts.collect::<Vec<_>>().join(", ");
        let worst = counts.refused.iter().max_by_key(|(_, count)| **count).map(|(reason, _)| format!(": {reason}"));
        let full = format!("{text}{}", worst.filter(|_| rejected == 0).unwrap_or_default());
        let short = (refused + rejected).to_string() + " refused";
        return [full, text, short].into_iter().map(|it| vec![(it, theme.bad)]).collect();
    }
    let numbers = ctx.desk.floor().statistics();
    let slowest = ctx.desk.floor().proof_latencies().max();
    let (Some(usual), Some(slowest)) = (numbers.proof_p50, slowest) else { return Vec::new() };
    let usual = [("proof ".to_owned(), theme.quiet), (in_tenths(usual), theme.text)];
    let full = [(", slowest ".to_owned(), theme.quiet), (in_tenths(slowest), theme.text)];
    let long: Words = usual.iter().cloned().chain(full).collect();
    if grid.wide { vec![long, usual.into()] } else { vec![usual.into()] }
}
