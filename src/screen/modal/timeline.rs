//! The timeline of a call: one lane per person, with operations as marks, and the selected moment in words.

mod foot;

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::desk::{
    Command, FloorLine, ParticipantRow, TimelineLane, TimelineView, called, floor_lines, mic_word, window,
};
use crate::floor::{FloorCall, HoldSource, MicState, Person};
use crate::graph::CallState;
use crate::screen::board::events::sentence;
use crate::screen::board::participants::{SharedNames, shared_names};
use crate::screen::chart::lane::{LaneSign, LaneStrip, TimeAxis, mark, step_words};
use crate::screen::render_context::{CURSOR, RenderContext};
use crate::screen::row::RowBuilder;
use crate::screen::section::SectionRule;
use crate::screen::text::DisplayText;
use crate::time::Timestamp;

pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect, telling: &TimelineView) {
    let desk = ctx.desk;
    let Some(call) = desk.floor().call(telling.call()) else {
        let inner = ctx.open_sheet(area, "Timeline", 1);
        let gone = "the call has left the floor; the journal has it";
        return RowBuilder::default().gap(1).text(gone, ctx.theme.quiet).draw(ctx.buffer, inner, 0, None);
    };
    let reach = telling.range().words();
    let title = call.title_beside_number().map(|it| format!(": {}", DisplayText::clean(&it).as_str()));
    let title = format!("Timeline of call {}, {reach}{}", call.number.0, title.unwrap_or_default());
    let lines = usize::from(area.height).saturating_sub(2);
    let inner = ctx.open_sheet(area, &title, lines);
    let width = usize::from(inner.width);
    let people = desk.lanes(call);
    let rows = std::iter::once(None).chain(people.iter().map(|it| Some(*it)));
    let asked = desk.asked_in(call);
    let selected = telling.lane().as_ref().and_then(|it| call.people.get(it));
    let lane = TimelineLane::of(call, selected, &asked);
    let foot = foot::rows(ctx, call, &lane, (telling, width));
    let height = usize::from(inner.height);
    let room = height.saturating_sub(2 + foot.len());
    let shown = window(rows, |row| row.map(|it| &it.id) == selected.map(|it| &it.id), room);
    let hidden = (people.len() + 1).saturating_sub(shown.len());
    let seats: Vec<ParticipantRow<'_>> = people.iter().map(|it| ParticipantRow::Person(it)).collect();
    let picture = TimelineLayout::of(ctx, (call, telling), width, shared_names(&seats));
    picture.headline(ctx).draw(ctx.buffer, inner, 0, None);
    picture.times(ctx).draw(ctx.buffer, inner, 1, None);
    for (at, person) in shown.into_iter().enumerate() {
        let lane = TimelineLane::of(call, person, &asked);
        picture.lane(ctx, &lane, telling).draw(ctx.buffer, inner, at + 2, None);
    }
    for (at, row) in foot.into_iter().rev().enumerate().take(height) {
        row.draw(ctx.buffer, inner, height - at - 1, None);
    }
    ctx.note_hidden_rows(inner, hidden);
}

/// Draws the timeline of the selected call beside the board, and below it what happened there lately.
pub(in crate::screen) fn draw_beside(ctx: &mut RenderContext<'_>, area: Rect) {
    let desk = ctx.desk;
    let theme = ctx.theme;
    let key = desk.keymap().shortcut_for(Command::Timeline);
    let Some((call, telling)) = desk.call().zip(desk.timeline_of_selection()) else {
        SectionRule::titled(&theme, false, (&key, "Story", "")).draw(&theme, ctx.buffer, area);
        return;
    };
    let title = format!("Timeline of call {}", call.number.0);
    let rule = SectionRule::titled(&theme, false, (&key, &title, ""));
    let inner = rule.then(&call.title_beside_number().unwrap_or_default(), theme.facts).draw(&theme, ctx.buffer, area);
    let people = desk.lanes(call);
    let asked = desk.asked_in(call);
    let seats: Vec<ParticipantRow<'_>> = people.iter().map(|it| ParticipantRow::Person(it)).collect();
    let picture = TimelineLayout::of(ctx, (call, &telling), usize::from(inner.width), shared_names(&seats));
    picture.times(ctx).draw(ctx.buffer, inner, 0, None);
    let most = usize::from(inner.height / 2);
    let shown = people.len().min(most.saturating_sub(1));
    for (at, person) in people.iter().take(shown).enumerate() {
        let lane = TimelineLane::of(call, Some(person), &asked);
        picture.lane(ctx, &lane, &telling).draw(ctx.buffer, inner, at + 1, None);
    }
    let below = u16::try_from(shown + 2).unwrap_or(inner.height).min(inner.height);
    draw_happened(ctx, call, Rect { y: inner.y + below, height: inner.height - below, ..inner });
}

/// Draws the newest events of a call.
fn draw_happened(ctx: &mut RenderContext<'_>, call: &FloorCall, area: Rect) {
    let theme = ctx.theme;
    let title = format!("What happened in call {}", call.number.0);
    let rule = SectionRule::new(false).then(&title, theme.facts.add_modifier(Modifier::BOLD));
    let inner = rule.draw(&theme, ctx.buffer, area);
    let of_call = |it: &&FloorLine<'_>| it.newest.call.as_ref().is_some_and(|(id, _)| *id == call.id);
    let lines = floor_lines(ctx.desk);
    let width = usize::from(inner.width);
    for (at, line) in lines.iter().filter(of_call).take(usize::from(inner.height)).enumerate() {
        let row = RowBuilder::default().to(2).text(&ctx.clock(line.first.at), theme.quiet).gap(2);
        row.within(&sentence(ctx, line.newest), width, theme.facts).draw(ctx.buffer, inner, at, None);
    }
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

impl<'a> TimelineLayout<'a> {
    fn of(
        ctx: &RenderContext<'_>,
        (call, telling): (&'a FloorCall, &TimelineView),
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
        let (from, until) = telling.times(call, now);
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

    fn lane(&self, ctx: &RenderContext<'_>, lane: &TimelineLane<'_>, telling: &TimelineView) -> RowBuilder {
        let theme = &ctx.theme;
        let chosen = lane.person.map(|it| &it.id) == telling.lane().filter(|it| self.call.people.contains_key(*it));
        let (name, turns) = match lane.person {
            Some(person) => {
                let unseen = (!lane.story.is_complete).then(|| self.call.began.at.min(person.joined.at));
                (self.twins.name(person, self.name), LaneSign::turns(&lane.story.changes, unseen))
            }
            None => (format!("call {}", self.call.number.0), call_lane(self.call)),
        };
        let mut strip = LaneStrip::of(&self.axis.signs(&turns), theme);
        // The newest mark is drawn first, and an older one yields to it.
        for operation in lane.operations.iter().rev() {
            if let Some(column) = self.axis.column(operation.pressed) {
                let style = theme.standing(operation.standing(self.now));
                strip.write(column, &mark(operation, self.now), style);
            }
        }
        let selected = lane.selected(telling, self.call).filter(|_| chosen);
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
        strip.onto(row).gap(1).cell(&state, self.state, style).right(&since, self.since.saturating_sub(1), theme.quiet)
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
        let (alert, acknowledged) = ctx.desk.person_alert(self.call, person);
        let sign = ctx.sign(alert, acknowledged);
        let grade = if acknowledged { theme.quiet } else { theme.alert(alert) };
        let last = lane.story.changes.last().map(|it| (it.at, lane.story.is_complete || lane.story.changes.len() > 1));
        let (text, since, style) = match (person.left, person.lobby, &person.hold) {
            (Some(left), ..) => (mic_word(MicState::Left).to_owned(), Some((left, true)), theme.quiet),
            (None, Some(lobby), _) => {
                (format!("(lobby) {} {sign}", lobby.age(self.now)), Some((lobby.at, lobby.exact)), grade)
            }
            (None, None, Some(hold)) => {
                let word = if hold.source == HoldSource::Unknown { "held?" } else { "HELD" };
                let text = format!("{word} {} {sign}", hold.since.age(self.now));
                (text, Some((hold.since.at, hold.since.exact)), grade)
            }
            (None, None, None) => {
                let style = lane.story.changes.last().map_or(theme.quiet, |it| LaneSign::of(it.state).style(theme));
                (mic_word(person.mic()).to_owned(), last, style)
            }
        };
        (text.trim_end().to_owned(), since.map_or_else(String::new, |(at, exact)| self.at(ctx, at, exact)), style)
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
