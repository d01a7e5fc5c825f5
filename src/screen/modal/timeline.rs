//! The whole story of a call: one lane per person, with operations as marks, and the selected moment in words.

mod foot;

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::desk::{ParticipantRow, TimelineLane, TimelineView, called, window};
use crate::floor::{AlertLevel, FloorCall, HoldSource, Person};
use crate::graph::CallState;
use crate::screen::board::participants::{SharedNames, shared_names};
use crate::screen::board::story::{state_now, wait_look};
use crate::screen::chart::lane::{LaneSign, LaneStrip, mark};
use crate::screen::chart::time_axis::{TimeAxis, step_words};
use crate::screen::render_context::{CURSOR, RenderContext};
use crate::screen::row::RowBuilder;
use crate::screen::text::DisplayText;
use crate::time::Timestamp;

pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect, timeline: &TimelineView) {
    let desk = ctx.desk;
    let Some(call) = desk.floor().call(timeline.call()) else {
        let inner = ctx.open_sheet(area, "Story", 1);
        let gone = "the call has left the floor; the journal has it";
        return RowBuilder::default().gap(1).text(gone, ctx.theme.quiet).draw(ctx.buffer, inner, 0, None);
    };
    let reach = timeline.range().words();
    let title = call.title_beside_number().map(|it| format!(": {}", DisplayText::clean(&it).as_str()));
    let title = format!("Story of call {}, {reach}{}", call.number.0, title.unwrap_or_default());
    let lines = usize::from(area.height).saturating_sub(2);
    let inner = ctx.open_sheet(area, &title, lines);
    let width = usize::from(inner.width);
    let people = desk.lanes(call);
    let rows = std::iter::once(None).chain(people.iter().map(|it| Some(*it)));
    let asked = desk.asked_in(call);
    let selected = timeline.lane().as_ref().and_then(|it| call.people.get(it));
    let lane = TimelineLane::of(call, selected, &asked);
    let foot = foot::rows(ctx, call, &lane, (timeline, width));
    let height = usize::from(inner.height);
    let room = height.saturating_sub(2 + foot.len());
    let shown = window(rows, |row| row.map(|it| &it.id) == selected.map(|it| &it.id), room);
    let hidden = (people.len() + 1).saturating_sub(shown.len());
    let seats: Vec<ParticipantRow<'_>> = people.iter().map(|it| ParticipantRow::Person(it)).collect();
    let picture = TimelineLayout::of(ctx, (call, timeline), width, shared_names(&seats));
    picture.headline(ctx).draw(ctx.buffer, inner, 0, None);
    picture.times(ctx).draw(ctx.buffer, inner, 1, None);
    for (at, person) in shown.into_iter().enumerate() {
        let lane = TimelineLane::of(call, person, &asked);
        picture.lane(ctx, &lane, timeline).draw(ctx.buffer, inner, at + 2, None);
    }
    for (at, row) in foot.into_iter().rev().enumerate().take(height) {
        row.draw(ctx.buffer, inner, height - at - 1, None);
    }
    ctx.note_hidden_rows(inner, hidden);
}

/// The layout of the lanes.
struct TimelineLayout<'a> {
    call: &'a FloorCall,
    axis: TimeAxis,
    twins: SharedNames,
    now: Timestamp,
    name: usize,
    lane: usize,
    /// The columns of a person's present state and, if it fits, its start.
    state: usize,
    since: usize,
}

/// The columns of the cursor.
const LEAD: usize = 2;
/// The columns of an alert's sign, before a person's state.
const SIGN: usize = 2;

impl<'a> TimelineLayout<'a> {
    fn of(
        ctx: &RenderContext<'_>,
        (call, timeline): (&'a FloorCall, &TimelineView),
        width: usize,
        twins: SharedNames,
    ) -> Self {
        let (name, state, since) = match width {
            ..70 => (11, 16, 0),
            70..100 => (14, 17, 10),
            100..150 => (20, 18, 16),
            _ => (28, 18, 16),
        };
        let lane = width.saturating_sub(LEAD + name + 2 + state + since).max(1);
        let now = ctx.desk.shown_at();
        let (from, until) = timeline.times(call, now);
        Self { call, axis: TimeAxis::over(from, until, lane), twins, now, name, lane, state, since }
    }

    /// Draws who is on hold and since when, the most urgent question.
    fn headline(&self, ctx: &RenderContext<'_>) -> RowBuilder {
        let theme = &ctx.theme;
        let mut waiting: Vec<&Person> = self.call.present().filter(|it| it.hold.is_some()).collect();
        waiting.sort_by_key(|person| person.hold.as_ref().map(|it| it.since));
        let worst = waiting.iter().map(|it| ctx.desk.person_alert(self.call, it).0).max().unwrap_or_default();
        let told = |person: &&Person| {
            let hold = person.hold.as_ref()?;
            let source = match &hold.source {
                HoldSource::Ours { operation, by } => format!("op {} {by}", operation.0),
                HoldSource::Inferred => "inferred".to_owned(),
                HoldSource::Unknown => "outcome unknown".to_owned(),
            };
            let name = DisplayText::clean(&called(person));
            let name = name.fit(name.width().min(self.name.max(14)));
            let sign = ctx.desk.person_alert(self.call, person).0.sign();
            let age = format!("{} {sign}", hold.since.age(self.now));
            Some(format!("{name} {}, {} ({source})", age.trim_end(), start_words(ctx, hold.since.at, hold.since.exact)))
        };
        let told: Vec<String> = waiting.iter().filter_map(told).collect();
        let row = RowBuilder::default().gap(1);
        match (told.is_empty(), self.call.is_live()) {
            (_, false) => row.text("the call has ended", theme.title),
            (true, true) => row.text("nobody is on hold", theme.text),
            (false, true) => {
                let text = format!("ON HOLD: {}", told.join("; "));
                row.cell(&text, LEAD + self.name + self.lane + self.state + self.since, theme.alert(worst))
            }
        }
    }

    /// Draws the times and their zone.
    fn times(&self, ctx: &RenderContext<'_>) -> RowBuilder {
        let theme = &ctx.theme;
        let zone = match self.name {
            ..14 => String::new(),
            14..20 => step_words(&self.axis),
            _ => format!("{} a sign", step_words(&self.axis)),
        };
        let mut row = RowBuilder::default().gap(LEAD).cell(&zone, self.name, theme.quiet).gap(1);
        let mut used = 0;
        for (column, text) in self.axis.ticks(|at| ctx.clock(at)) {
            let wide = text.chars().count();
            if column >= used && column + wide <= self.lane {
                row = row.gap(column - used).cell(&text, wide, theme.quiet);
                used = column + wide;
            }
        }
        let end = if self.call.is_live() { "now" } else { "at the end" };
        let end = format!("{end} {}", ctx.clock(self.call.ended.unwrap_or(self.now)));
        row.gap(self.lane - used + 1).cell(&end, self.state + self.since, theme.quiet)
    }

    fn lane(&self, ctx: &RenderContext<'_>, lane: &TimelineLane<'_>, timeline: &TimelineView) -> RowBuilder {
        let theme = &ctx.theme;
        let chosen = lane.person.map(|it| &it.id) == timeline.lane().filter(|it| self.call.people.contains(it));
        let (name, turns) = match lane.person {
            Some(person) => {
                let unseen = (!lane.story.is_complete).then(|| self.call.began.at.min(person.joined.at));
                let look = wait_look(ctx, self.call, person);
                (self.twins.name(person, self.name), LaneSign::turns((person, &lane.story.changes), unseen, look))
            }
            None => (format!("call {}", self.call.number.0), call_lane(self.call)),
        };
        let mut strip = LaneStrip::of(&self.axis.signs(&turns), theme);
        // The newest mark is drawn first, and an older one yields to it.
        for operation in lane.operations.iter().rev() {
            if let Some(column) = self.axis.column(operation.pressed) {
                strip.write(column, &mark(operation, self.now), theme.text);
            }
        }
        let selected = lane.selected(timeline, self.call).filter(|_| chosen);
        if let Some(column) = selected.and_then(|(at, _)| self.axis.column(at)) {
            strip.point(column, theme.selected);
        }
        let plain = match (chosen, lane.person.is_some_and(|it| it.left.is_some())) {
            (true, _) => theme.title,
            (false, true) => theme.quiet,
            (false, false) => theme.text,
        };
        let row = RowBuilder::default()
            .cell(if chosen { CURSOR } else { "" }, LEAD, theme.cursor)
            .cell(&name, self.name, plain)
            .gap(1);
        let (state, since, style) = self.state(ctx, lane);
        let row = match lane.person {
            Some(person) => {
                let (level, acknowledged) = ctx.desk.person_alert(self.call, person);
                let style = theme.bar(if acknowledged { AlertLevel::None } else { level });
                strip.onto(row).right(ctx.sign(level, acknowledged), SIGN, style).gap(1)
            }
            None => strip.onto(row).gap(1 + SIGN),
        };
        row.cell(&state, self.state - SIGN, style).right(&since, self.since.saturating_sub(1), theme.quiet)
    }

    /// A person's present state in words, and its start.
    fn state(&self, ctx: &RenderContext<'_>, lane: &TimelineLane<'_>) -> (String, String, Style) {
        let theme = &ctx.theme;
        let Some(person) = lane.person else {
            let since = self.call.ended.or(self.call.connected);
            return (
                self.call.state.to_string(),
                since.map_or_else(String::new, |it| self.at(ctx, it, true)),
                theme.text,
            );
        };
        let (text, style) = state_now(ctx, self.call, person);
        let last = lane.story.changes.last().map(|it| (it.at, lane.story.is_complete || lane.story.changes.len() > 1));
        let wait = person.lobby.or(person.hold.as_ref().map(|it| it.since)).map(|it| (it.at, it.exact));
        let since = person.left.map(|it| (it, true)).or(wait).or(last);
        (text, since.map_or_else(String::new, |(at, exact)| self.at(ctx, at, exact)), style)
    }

    /// The start of a state, as far as it fits.
    fn at(&self, ctx: &RenderContext<'_>, at: Timestamp, exact: bool) -> String {
        match self.since {
            0 => String::new(),
            1..12 if exact => ctx.clock(at),
            1..12 => format!("<{}", ctx.clock(at)),
            _ => start_words(ctx, at, exact),
        }
    }
}

/// The start of a state; `before` when it had already begun at this time.
fn start_words(ctx: &RenderContext<'_>, at: Timestamp, exact: bool) -> String {
    let word = if exact { "since" } else { "before" };
    format!("{word} {}", ctx.clock(at))
}

/// The lane of the call itself.
fn call_lane(call: &FloorCall) -> Vec<(Timestamp, LaneSign)> {
    let connecting = matches!(call.state, CallState::Incoming | CallState::Establishing | CallState::Ringing);
    let first = if call.connected.is_some() || connecting { LaneSign::Connecting } else { LaneSign::Live };
    let connected = call.connected.map(|it| (it, LaneSign::Live));
    let ended = call.ended.map(|it| (it, LaneSign::Away));
    [Some((call.began.at, first)), connected, ended].into_iter().flatten().collect()
}
