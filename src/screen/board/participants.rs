//! The people pane: everyone in the selected call, and below them the card of the selected person.

use std::collections::BTreeMap;

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::card;
use super::operations::act_verb;
use super::person_words::muted_by;
use crate::desk::{ClickedRow, Command, Pane, ParticipantRow, called, kind_word, mic_word, window};
use crate::floor::{AlertLevel, CallKind, FloorCall, MicState, Party, Person};
use crate::graph::IdentityKind;
use crate::screen::grid::{ColumnGrid, EVERY_COLUMN, TableCell};
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::section::shown_of;
use crate::screen::text::DisplayText;
use crate::screen::time_text::minutes;

/// The minimum rows of people that the card leaves.
const LEAST_PEOPLE: usize = 5;

pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect) {
    let desk = ctx.desk;
    let key = desk.keymap().shortcut_for(Command::Focus(Pane::Participants));
    ctx.record_pane(area, Pane::Participants);
    let Some(call) = desk.call() else {
        let rule = ctx.section(Pane::Participants, &key, "Call", "");
        let inner = rule.draw(&ctx.theme, ctx.buffer, area);
        RowBuilder::default().to(5).text("no call is selected", ctx.theme.quiet).draw(ctx.buffer, inner, 0, None);
        return;
    };
    let seats = desk.participants();
    let grid = ColumnGrid::of(Pane::Participants, desk.columns(Pane::Participants), usize::from(area.width));
    let rows_height = usize::from(area.height.saturating_sub(1)).saturating_sub(grid.heading_rows());
    // The card is below the people if there is room, after a blank row.
    let free = rows_height.saturating_sub(seats.len().max(LEAST_PEOPLE) + 1);
    let card = card::lines(ctx, call, (usize::from(area.width), free));
    let below = if card.is_empty() { 0 } else { card.len() + 1 };
    let height = rows_height.saturating_sub(below);
    let selected = desk.selected_participant();
    let is_selected = |it: &(usize, &ParticipantRow<'_>)| selected == Some(&it.1.id());
    // The row that a question is about stays visible above its sheet.
    let asked = desk.asked_about();
    let is_asked = |it: &(usize, &ParticipantRow<'_>)| match (asked, it.1) {
        (Some(asked), ParticipantRow::Person(person)) => person.id == *asked,
        (Some(_), ParticipantRow::Party(..)) => false,
        (None, _) => is_selected(it),
    };
    let shown = window(seats.iter().enumerate(), is_asked, height);
    let first = shown.first().map_or(0, |it| it.0);
    let inner = draw_rule(ctx, area, (call, &grid), cut_list(first, shown.len(), seats.len()));
    let people = PeopleTable { call, grid, twins: shared_names(&seats) };
    if seats.is_empty() {
        draw_empty_reason(ctx, inner);
    }
    let people_below = shown.len().max(usize::from(seats.is_empty()));
    for (at, line) in shown.into_iter().enumerate() {
        let chosen = is_selected(&line);
        let outer = ctx.enter_row(Pane::Participants, (chosen, is_asked(&line)));
        let row = people.row(ctx, line.1, chosen);
        row.draw(ctx.buffer, inner, at, ctx.selected_row_style(Pane::Participants, chosen));
        ctx.theme = outer;
        ctx.record_row(inner, at, Pane::Participants, ClickedRow::Who(call.id.clone(), line.1.id()));
    }
    for (at, row) in card.into_iter().enumerate() {
        row.draw(ctx.buffer, inner, people_below + 1 + at, None);
    }
}

/// The row of one person, for a sheet that covers the pane.
pub(in crate::screen) fn row_of(ctx: &RenderContext<'_>, call: &FloorCall, person: &Person, width: u16) -> RowBuilder {
    let seats = ctx.desk.participants();
    let grid = ColumnGrid::of(Pane::Participants, ctx.desk.columns(Pane::Participants), usize::from(width));
    let people = PeopleTable { call, grid, twins: shared_names(&seats) };
    people.row(ctx, &ParticipantRow::Person(person), false)
}

/// Which rows are shown, if not all of them are.
fn cut_list(first: usize, shown: usize, all: usize) -> String {
    if shown < all { shown_of(first, shown, all) } else { String::new() }
}

fn draw_rule(ctx: &mut RenderContext<'_>, area: Rect, (call, grid): (&FloorCall, &ColumnGrid), cut: String) -> Rect {
    let desk = ctx.desk;
    let key = desk.keymap().shortcut_for(Command::Focus(Pane::Participants));
    let filter = desk.filter(Pane::Participants).map(|it| format!("/{}/", it.text()));
    let marked = match desk.marked() {
        0 => None,
        marked => Some(format!("{marked} marked")),
    };
    let cut = Some(cut).filter(|it| !it.is_empty());
    let beside: Vec<String> = [filter, cut, marked, grid.missing_note()].into_iter().flatten().collect();
    let beside = beside.join(", ") + &ColumnGrid::sort_note(desk.sort(Pane::Participants));
    let beside = beside.trim_start_matches(", ").to_owned();
    // The title must not touch the first heading: the call's name is cut, and the counts stay.
    let number = format!("Call {}", call.number.0);
    let room = grid.title_room().min(usize::from(area.width)).saturating_sub(4 + number.len() + 3);
    let beside_width = if beside.is_empty() { 0 } else { DisplayText::clean(&beside).width() + 2 };
    let title = call.title_beside_number().map(|it| DisplayText::clean(&it));
    let title = title.map(|it| it.fit(it.width().min(room.saturating_sub(beside_width)))).unwrap_or_default();
    let text = match (title.trim_end(), beside.is_empty()) {
        ("", _) => DisplayText::clean(&beside).fit(beside_width.saturating_sub(2).min(room)).trim_end().to_owned(),
        (title, true) => title.to_owned(),
        (title, false) => format!("{title}, {beside}"),
    };
    let rule = ctx.section(Pane::Participants, &key, &number, "").behind(2, &text, ctx.theme.facts);
    let sort = desk.sort(Pane::Participants);
    let rule = grid.head(rule, sort, &ctx.theme);
    grid.draw_rule(ctx, area, (rule, sort))
}

/// The reason why the pane has no row.
fn draw_empty_reason(ctx: &mut RenderContext<'_>, inner: Rect) {
    let why = match ctx.desk.filter(Pane::Participants) {
        Some(_) => "nobody matches the filter",
        None => "nobody is known in this call yet: no roster has arrived",
    };
    for (at, line) in DisplayText::clean(why).wrap(usize::from(inner.width).saturating_sub(6)).iter().enumerate() {
        RowBuilder::default().to(5).text(line.trim_end(), ctx.theme.quiet).draw(ctx.buffer, inner, at, None);
    }
}

/// The content of a row of the table.
struct PeopleTable<'a> {
    call: &'a FloorCall,
    grid: ColumnGrid,
    twins: SharedNames,
}

impl PeopleTable<'_> {
    fn row(&self, ctx: &RenderContext<'_>, seat: &ParticipantRow<'_>, selected: bool) -> RowBuilder {
        let marked = matches!(seat, ParticipantRow::Person(it) if ctx.desk.is_marked(&self.call.id, &it.id));
        let lead = ctx.lead(Pane::Participants, selected, marked);
        match seat {
            ParticipantRow::Party(_, party) => {
                self.grid.row(lead, |column| party_cell(ctx, (self.call, party), column.name))
            }
            ParticipantRow::Person(person) => self.grid.row(lead, |column| self.cell(ctx, person, column.name)),
        }
    }

    fn cell(&self, ctx: &RenderContext<'_>, person: &Person, column: &str) -> TableCell {
        let theme = &ctx.theme;
        let now = ctx.desk.shown_at();
        let (alert, acknowledged) = ctx.desk.person_alert(self.call, person);
        let level = if acknowledged { AlertLevel::None } else { alert };
        let own = self.call.is_own_participant(&person.id);
        let (text, style) = match column {
            "alert" if is_doubtful(person, level) => ("?".to_owned(), theme.title),
            "alert" => (ctx.sign(level, acknowledged).to_owned(), theme.bar(level)),
            "name" => {
                let style = match level {
                    _ if own || person.left.is_some() => theme.quiet,
                    AlertLevel::Critical => theme.title,
                    AlertLevel::None | AlertLevel::Quiet | AlertLevel::Warning => theme.text,
                };
                (self.twins.name(person, self.grid.width("name")), style)
            }
            "kind" if own => ("us".to_owned(), theme.quiet),
            "kind" if person.kind == Some(IdentityKind::User) => (String::new(), theme.quiet),
            "kind" => (kind_word(person.kind).to_owned(), theme.quiet),
            "mic" => mic_text(ctx, person),
            "hold" => {
                let since = person.hold.as_ref().map(|it| it.since).or(person.lobby).filter(|_| person.left.is_none());
                (since.map(|it| it.age(now)).unwrap_or_default(), theme.alert(level))
            }
            "time" if person.left.is_some() => (String::new(), theme.quiet),
            "time" => (minutes(person.lobby.unwrap_or(person.joined), now), theme.quiet),
            _ => (person.id.to_string(), theme.quiet),
        };
        TableCell { text, style }
    }
}

/// Whether something of a person in the call could not be read, and no alert says more.
fn is_doubtful(person: &Person, level: AlertLevel) -> bool {
    level == AlertLevel::None && person.left.is_none() && person.unreadable.is_some()
}

/// The state of a person's microphone, or where the person is; untrusted text.
fn mic_text(ctx: &RenderContext<'_>, person: &Person) -> (String, Style) {
    let theme = &ctx.theme;
    let now = ctx.desk.shown_at();
    if let Some(act) = ctx.desk.call().and_then(|call| ctx.desk.going_ahead(call, person)) {
        return (format!("{} waits", act_verb(act)), theme.title);
    }
    match person.mic() {
        MicState::Left => (format!("left {}", person.left.map(|it| now.since(it)).unwrap_or_default()), theme.quiet),
        MicState::Lobby => ("in the lobby".to_owned(), theme.facts),
        MicState::Live => (mic_word(MicState::Live).to_owned(), theme.quiet),
        MicState::MutedSelf | MicState::MutedServer => match muted_by(ctx.desk, person) {
            Some(by) => (format!("MUTED by {by}"), theme.title),
            None if person.mic() == MicState::MutedServer => ("MUTED".to_owned(), theme.title),
            None => (mic_word(MicState::MutedSelf).to_owned(), theme.facts),
        },
    }
}

/// The texts of all rows, untrusted, and the index of the selected row.
pub(in crate::screen) fn texts(ctx: &RenderContext<'_>) -> (Vec<Vec<String>>, Option<usize>) {
    let desk = ctx.desk;
    let Some(call) = desk.call() else { return (Vec::new(), None) };
    let columns = desk.columns(Pane::Participants);
    let seats = desk.participants();
    let grid = ColumnGrid::of(Pane::Participants, columns, EVERY_COLUMN);
    let people = PeopleTable { call, grid, twins: shared_names(&seats) };
    let text = |seat: &ParticipantRow<'_>, name: &str| match seat {
        // The board leaves out the most common kind; a file has it.
        ParticipantRow::Person(person) if name == "kind" && !call.is_own_participant(&person.id) => {
            kind_word(person.kind).to_owned()
        }
        ParticipantRow::Party(_, party) => party_cell(ctx, (call, party), name).text,
        ParticipantRow::Person(person) => people.cell(ctx, person, name).text,
    };
    let row = |seat: &ParticipantRow<'_>| columns.iter().map(|it| text(seat, it.column.name)).collect();
    let selected = seats.iter().position(|it| desk.selected_participant() == Some(&it.id()));
    (seats.iter().map(row).collect(), selected)
}

fn party_cell(ctx: &RenderContext<'_>, (call, party): (&FloorCall, &Party), column: &str) -> TableCell {
    let text = match column {
        "name" => party.name.to_string(),
        "kind" if party.kind == IdentityKind::User => String::new(),
        "kind" => kind_word(Some(party.kind)).to_owned(),
        "mic" if call.kind == CallKind::OneToOne => "1:1 call".to_owned(),
        "mic" => "no roster".to_owned(),
        _ => String::new(),
    };
    TableCell { text, style: if column == "name" { ctx.theme.text } else { ctx.theme.quiet } }
}

/// The names that several people of a call share, with the shortest start of their ids that distinguishes them.
pub(in crate::screen) struct SharedNames(BTreeMap<String, Vec<String>>);

pub(in crate::screen) fn shared_names(seats: &[ParticipantRow<'_>]) -> SharedNames {
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for seat in seats {
        let shown = DisplayText::clean(seat.name()).as_str().to_lowercase();
        let id = match seat {
            ParticipantRow::Person(person) => person.id.to_string(),
            ParticipantRow::Party(..) => String::new(),
        };
        names.entry(shown).or_default().push(id);
    }
    SharedNames(names)
}

impl SharedNames {
    /// The minimum number of characters of an id in a name.
    const LEAST: usize = 4;

    /// The name to show. A shared name is shortened to make room for the start of the participant's id.
    pub(in crate::screen) fn name(&self, person: &Person, room: usize) -> String {
        let shown = DisplayText::clean(&person.name).as_str().to_lowercase();
        let Some(ids) = self.0.get(&shown).filter(|it| it.len() > 1) else { return called(person) };
        let suffix = Self::suffix(&person.id.to_string(), ids);
        let name = DisplayText::clean(&called(person));
        let room = name.width().min(room.saturating_sub(suffix.chars().count() + 1));
        format!("{}~{suffix}", name.fit(room))
    }

    /// The shortest start of an id that no other id shares.
    fn suffix(id: &str, ids: &[String]) -> String {
        let others = || ids.iter().filter(|it| *it != id);
        let start = |length: usize| id.chars().take(length).collect::<String>();
        let length = (Self::LEAST..=id.chars().count()).find(|it| {
            let start = start(*it);
            others().all(|other| !other.starts_with(&start))
        });
        start(length.unwrap_or(Self::LEAST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_grow_until_they_differ() {
        let ids = ["45a6d4ac-51e8", "45a6d4ac-77aa", "9b"].map(str::to_owned);
        assert_eq!(SharedNames::suffix("45a6d4ac-51e8", &ids), "45a6d4ac-5");
        assert_eq!(SharedNames::suffix("45a6d4ac-77aa", &ids), "45a6d4ac-7");
    }
}
