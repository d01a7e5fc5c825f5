//! The story of the selected call, beside the board: a lane for each person over the last minutes, then what happened
//! in the call, and what is known of it.

mod about;
mod happened;

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::desk::{Command, Pane, ParticipantRef, ParticipantRow, TimelineLane, window};
use crate::floor::{AlertLevel, CallKind, FloorCall, MicState, Operation, Person};
use crate::screen::board::participants::{SharedNames, shared_names};
use crate::screen::board::person_words::muted_by;
use crate::screen::chart::lane::{LaneSign, LaneStrip, WaitLook};
use crate::screen::chart::time_axis::TimeAxis;
use crate::screen::render_context::{CURSOR, RenderContext};
use crate::screen::row::RowBuilder;
use crate::screen::section::{SectionRule, shown_of};
use crate::screen::time_text::zone_offset;
use crate::time::{Millis, Timestamp};

/// The columns of the sign and of the name; the cursor is at 0.
const SIGN: usize = 2;
const NAME: usize = 5;
/// The columns of a name, and of a person's state.
const NAME_WIDTH: usize = 18;
const STATE: usize = 8;
/// The length of a column, and of the time between two ticks.
const STEP: Millis = Millis::seconds(30);
const TICK: Millis = Millis::minutes(5);
/// The rows of the times and the axis, and of the legend.
const AXIS: usize = 2;
const LEGEND: usize = 1;

/// Draws the story of the selected call into its three areas; the lower two may be empty.
pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, [lanes, happened, about]: [Rect; 3]) {
    let Some(call) = ctx.desk.call() else {
        let key = ctx.desk.keymap().shortcut_for(Command::Timeline);
        SectionRule::titled(&ctx.theme, false, (&key, "Story", "")).draw(&ctx.theme, ctx.buffer, lanes);
        return;
    };
    draw_lanes(ctx, call, lanes);
    if happened.height > 0 {
        let inner = draw_title(ctx, &format!("What happened in call {}", call.number.0), happened);
        happened::draw(ctx, call, inner);
    }
    if about.height > 0 {
        let inner = draw_title(ctx, &format!("About call {}", call.number.0), about);
        about::draw(ctx, call, inner);
    }
}

/// Draws the rule of a part without a key; returns the area below it.
fn draw_title(ctx: &mut RenderContext<'_>, text: &str, area: Rect) -> Rect {
    let theme = ctx.theme;
    SectionRule::new(false).then(text, theme.facts.add_modifier(theme.emphasis)).draw(&theme, ctx.buffer, area)
}

fn draw_lanes(ctx: &mut RenderContext<'_>, call: &FloorCall, area: Rect) {
    let seats = ctx.desk.participants();
    let people: Vec<&Person> = seats.iter().filter_map(person_of).collect();
    let selected = ctx.desk.selected_participant();
    let is_selected = |it: &(usize, &Person)| matches!(selected, Some(ParticipantRef::Person(id)) if *id == it.1.id);
    let room = usize::from(area.height).saturating_sub(1 + AXIS + LEGEND);
    // One blank row between lanes, if there is room.
    let each = if people.len() * 2 <= room { 2 } else { 1 };
    let shown = window(people.iter().copied().enumerate(), is_selected, room / each);
    let first = shown.first().map_or(0, |it| it.0);
    let cut = if shown.len() < people.len() { shown_of(first, shown.len(), people.len()) } else { String::new() };
    let inner = draw_rule(ctx, call, (area, &cut));
    let layout = StoryLayout::of(ctx, (call, usize::from(area.width)), shared_names(&seats));
    layout.times(ctx).draw(ctx.buffer, inner, 0, None);
    layout.axis_row(ctx).draw(ctx.buffer, inner, 1, None);
    if people.is_empty() {
        let why = match call.kind {
            CallKind::OneToOne => "a 1:1 call has no roster, so it has no lanes",
            CallKind::Group | CallKind::Unknown => "no roster has arrived, so there are no lanes yet",
        };
        let width = usize::from(area.width);
        RowBuilder::default().to(NAME).within(why, width, ctx.theme.quiet).draw(ctx.buffer, inner, AXIS, None);
        return;
    }
    let operations = ctx.desk.asked_in(call);
    let asked = ctx.desk.asked_about();
    let below = AXIS + shown.len() * each;
    for (at, line) in shown.into_iter().enumerate() {
        let outer = ctx.enter_row(Pane::Participants, (false, asked == Some(&line.1.id)));
        let row = layout.lane(ctx, line.1, (is_selected(&line), &operations));
        row.draw(ctx.buffer, inner, AXIS + at * each, None);
        ctx.theme = outer;
        if each > 1 {
            layout.grid(ctx).draw(ctx.buffer, inner, AXIS + at * each + 1, None);
        }
    }
    legend(ctx).draw(ctx.buffer, inner, below, None);
}

const fn person_of<'a>(row: &ParticipantRow<'a>) -> Option<&'a Person> {
    match row {
        ParticipantRow::Person(person) => Some(person),
        ParticipantRow::Party(..) => None,
    }
}

fn draw_rule(ctx: &mut RenderContext<'_>, call: &FloorCall, (area, cut): (Rect, &str)) -> Rect {
    let theme = ctx.theme;
    let key = ctx.desk.keymap().shortcut_for(Command::Timeline);
    let rule = SectionRule::titled(&theme, false, (&key, &format!("Story of call {}", call.number.0), cut));
    let title = call.title_beside_number().unwrap_or_default();
    rule.then(&title, theme.facts).draw(&theme, ctx.buffer, area)
}

fn legend(ctx: &RenderContext<'_>) -> RowBuilder {
    let theme = &ctx.theme;
    let row = LaneSign::LEGEND.into_iter().fold(RowBuilder::default().to(NAME), |row, (signs, word, sign)| {
        row.text(signs, sign.style(theme)).gap(1).text(word, theme.quiet).gap(3)
    });
    row.text("3", theme.text).gap(1).text("op 3", theme.quiet)
}

/// What a person does now, in the words of a lane's end: a time, if the person waits.
pub(in crate::screen) fn state_now(ctx: &RenderContext<'_>, call: &FloorCall, person: &Person) -> (String, Style) {
    let theme = &ctx.theme;
    let since = person.hold.as_ref().map(|it| it.since).or(person.lobby).filter(|_| person.left.is_none());
    if let Some(since) = since {
        let (level, acknowledged) = ctx.desk.person_alert(call, person);
        let level = if acknowledged { AlertLevel::None } else { level };
        return (since.age(call.ended.unwrap_or_else(|| ctx.desk.shown_at())), theme.alert(level));
    }
    let (word, style) = match person.mic() {
        MicState::Left => ("left", theme.quiet),
        MicState::MutedServer => ("MUTED", theme.text),
        MicState::MutedSelf if muted_by(ctx.desk, person).is_some() => ("MUTED", theme.text),
        MicState::MutedSelf => ("muted", theme.facts),
        MicState::Live | MicState::Lobby => ("live", theme.quiet),
    };
    (word.to_owned(), style)
}

/// How the waits of a person's lane are drawn.
pub(in crate::screen) fn wait_look<'a>(ctx: &RenderContext<'a>, call: &FloorCall, person: &Person) -> WaitLook<'a> {
    WaitLook {
        limits: ctx.desk.limits(),
        acknowledged: ctx.desk.person_alert(call, person).1,
        stale: ctx.desk.link().frozen_at().is_some(),
    }
}

/// The places of the lanes.
struct StoryLayout<'a> {
    call: &'a FloorCall,
    axis: TimeAxis,
    /// The columns of the ticks, from the first of the lane, and their times.
    ticks: Vec<(usize, Timestamp)>,
    twins: SharedNames,
    name: usize,
    lane: usize,
}

impl<'a> StoryLayout<'a> {
    fn of(ctx: &RenderContext<'_>, (call, width): (&'a FloorCall, usize), twins: SharedNames) -> Self {
        let name = NAME_WIDTH + ctx.wider_names;
        // A blank column ends the state, and another separates it from the lane.
        let lane = width.saturating_sub(NAME + name + 2 + STATE).max(1);
        let until = call.ended.unwrap_or_else(|| ctx.desk.shown_at());
        let axis = TimeAxis::ending(until, STEP, lane);
        let ticks = axis.every(TICK, zone_offset(until, ctx.zone()));
        Self { call, axis, ticks, twins, name, lane }
    }

    const fn lane_start(&self) -> usize {
        NAME + self.name
    }

    /// The times over their ticks.
    fn times(&self, ctx: &RenderContext<'_>) -> RowBuilder {
        let theme = &ctx.theme;
        let end = if self.call.is_live() { "now" } else { "end" };
        let last = self.lane_start() + self.lane - end.len();
        let row = self.ticks.iter().fold(RowBuilder::default(), |row, (column, at)| {
            let time: String = ctx.clock(*at).chars().take(5).collect();
            let start = (self.lane_start() + column).saturating_sub(2);
            if start + time.len() < last { row.to(start).text(&time, theme.quiet) } else { row }
        });
        row.to(last).text(end, theme.text)
    }

    fn axis_row(&self, ctx: &RenderContext<'_>) -> RowBuilder {
        let theme = &ctx.theme;
        let end = self.lane_start() + self.lane;
        let rule = |row: RowBuilder, to: usize| {
            let many = to.saturating_sub(row.used());
            row.text(&"\u{2500}".repeat(many), theme.line)
        };
        let row = RowBuilder::default().to(self.lane_start());
        let row = self
            .ticks
            .iter()
            .fold(row, |row, (column, _)| rule(row, self.lane_start() + column).text("\u{252c}", theme.quiet));
        rule(row, end)
    }

    /// The row between two lanes.
    fn grid(&self, ctx: &RenderContext<'_>) -> RowBuilder {
        let strip = self.with_grid(ctx, LaneStrip::of(&vec![LaneSign::Away; self.lane], &ctx.theme));
        strip.onto(RowBuilder::default().to(self.lane_start()))
    }

    fn with_grid(&self, ctx: &RenderContext<'_>, mut strip: LaneStrip) -> LaneStrip {
        for (column, _) in &self.ticks {
            strip.track(*column, ctx.theme.line);
        }
        strip
    }

    fn lane(
        &self,
        ctx: &RenderContext<'_>,
        person: &Person,
        (chosen, operations): (bool, &[&Operation]),
    ) -> RowBuilder {
        let theme = &ctx.theme;
        let (level, acknowledged) = ctx.desk.person_alert(self.call, person);
        let level = if acknowledged { AlertLevel::None } else { level };
        let name = match level {
            _ if person.left.is_some() || self.call.is_own_participant(&person.id) => theme.quiet,
            AlertLevel::Critical => theme.title,
            AlertLevel::None | AlertLevel::Quiet | AlertLevel::Warning => theme.text,
        };
        let lane = TimelineLane::of(self.call, Some(person), operations);
        let unseen = (!lane.story.is_complete).then(|| self.call.began.at.min(person.joined.at));
        let turns = LaneSign::turns((person, &lane.story.changes), unseen, wait_look(ctx, self.call, person));
        let mut strip = self.with_grid(ctx, LaneStrip::of(&self.axis.signs(&turns), theme));
        // The newest mark is drawn first, and an older one yields to it.
        for operation in lane.operations.iter().rev() {
            if let Some(column) = self.axis.column(operation.pressed) {
                strip.write(column, &operation.number.0.to_string(), theme.text);
            }
        }
        let (state, style) = state_now(ctx, self.call, person);
        let row = RowBuilder::default()
            .cell(if chosen { CURSOR } else { "" }, SIGN, theme.cursor)
            .right(ctx.sign(level, acknowledged), 2, theme.bar(level))
            .to(NAME)
            .cell(&self.twins.name(person, self.name - 1), self.name - 1, name)
            .gap(1);
        strip.onto(row).gap(1).right(&state, STATE, style)
    }
}
