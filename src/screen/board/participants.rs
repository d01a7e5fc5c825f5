//! The participants pane: the people in the selected call, and what each key would do to the selected one.

use std::collections::BTreeMap;

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::desk::{
    ClickedRow, Column, Command, Denied, Desk, KEYS, KeyBinding, KeyContext, Pane, ParticipantRow, Risk, called,
    mic_word, offered, window,
};
use crate::floor::{Act, FloorCall, Hold, MicState, Party, Person};
use crate::graph::IdentityKind;
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::table::{ColumnTable, EVERY_COLUMN, TableCell};
use crate::screen::text::DisplayText;
use crate::time::Timestamp;

pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect) {
    let desk = ctx.desk;
    let Some(call) = desk.call() else {
        let inner = ctx.pane(area, Some(Pane::Participants), "Participants", "");
        RowBuilder::default().gap(1).text("no call is selected", ctx.theme.quiet).draw(ctx.buffer, inner, 0, None);
        return;
    };
    let title = match desk.filter(Pane::Participants) {
        Some(filter) => format!("Participants /{}/ {}", filter.text(), call.title()),
        None => format!("Participants: {}", call.title()),
    };
    let note = match desk.marked() {
        0 => format!("call {}", call.number.0),
        marked => format!("call {}, {marked} marked", call.number.0),
    };
    let inner = ctx.pane(area, Some(Pane::Participants), &beside_note(&title, &note, area), &note);
    let notes = draw_notes(ctx, call, inner);
    let heading = inner.height > 8;
    let seats = desk.participants();
    let top = usize::from(heading);
    let below = notes.len().min(usize::from(inner.height).saturating_sub(top + 3));
    let height = usize::from(inner.height).saturating_sub(top + below);
    let room = usize::from(inner.width);
    let (columns, sort) = (desk.columns(Pane::Participants), desk.sort(Pane::Participants));
    let table = ColumnTable::of(columns, sort, room, least_widths(desk, call, &seats, room));
    let people = PeopleTable { call, table, twins: shared_names(&seats) };
    if heading {
        let head = people.table.head(sort, ctx.theme.quiet);
        head.draw(ctx.buffer, inner, 0, None);
    }
    if seats.is_empty() {
        draw_empty_reason(ctx, inner, top);
    }
    let selected = seats.iter().position(|it| desk.selected_participant() == Some(&it.id()));
    let is_selected = |line: &PeopleLine<'_>| matches!(line, PeopleLine::Seat(at, _) if Some(*at) == selected);
    let shown = window(people.lines(desk, &seats), is_selected, height);
    let sitting = shown.iter().filter(|it| matches!(it, PeopleLine::Seat(..))).count();
    ctx.note_hidden_rows(area, seats.len() - sitting);
    for (at, line) in shown.into_iter().enumerate() {
        let chosen = is_selected(&line);
        let sits = match line {
            PeopleLine::Seat(_, seat) => Some(seat.id()),
            PeopleLine::Source(_) => None,
        };
        let row = match line {
            PeopleLine::Seat(_, seat) => people.row(ctx, seat, chosen),
            PeopleLine::Source(source) => RowBuilder::default().gap(4).text(&source, ctx.theme.quiet),
        };
        row.draw(ctx.buffer, inner, at + top, chosen.then(|| ctx.selection_style(Pane::Participants)));
        if let Some(who) = sits {
            ctx.record_row(inner, at + top, Pane::Participants, || ClickedRow::Who(who));
        }
    }
    let first = usize::from(inner.height) - below;
    for (at, (text, style)) in notes.into_iter().take(below).enumerate() {
        RowBuilder::default().gap(1).text(&text, style).draw(ctx.buffer, inner, first + at, None);
    }
}

/// The title, cut so that the call's number still fits between the pane's own number and the corners.
fn beside_note(title: &str, note: &str, area: Rect) -> String {
    let title = DisplayText::clean(title);
    let room = usize::from(area.width).saturating_sub("2 ".len() + note.len() + 10);
    if title.width() > room && room >= LEAST_TITLE { title.fit(room) } else { title.as_str().to_owned() }
}

/// The reason why the pane has no row.
fn draw_empty_reason(ctx: &mut RenderContext<'_>, inner: Rect, top: usize) {
    let why = match ctx.desk.filter(Pane::Participants) {
        Some(_) => "nobody matches the filter",
        None => "nobody is known in this call yet: no roster and no parties have arrived",
    };
    for (at, line) in DisplayText::clean(why).wrap(usize::from(inner.width).saturating_sub(2)).iter().enumerate() {
        RowBuilder::default().gap(1).text(line.trim_end(), ctx.theme.quiet).draw(ctx.buffer, inner, top + at, None);
    }
}

/// A line of the pane: a row of the table, or a hold's source below one.
enum PeopleLine<'a> {
    Seat(usize, &'a ParticipantRow<'a>),
    /// The source of the hold in the row above.
    Source(String),
}

/// The content of a row of the table.
struct PeopleTable<'a> {
    call: &'a FloorCall,
    table: ColumnTable,
    twins: SharedNames,
}

/// The least columns of the title before a note may shorten it.
const LEAST_TITLE: usize = 24;

/// The columns of any wait below one hour, so that the table does not shift while a wait grows.
const WAITING: usize = "waits 00:00 !!a".len();

/// From this width on a hold and its source share one row.
const BESIDE: usize = 76;

/// The least column widths for a pane of this width. If a hold's source does not fit, names get what holds leave.
fn least_widths(
    desk: &Desk,
    call: &FloorCall,
    seats: &[ParticipantRow<'_>],
    room: usize,
) -> impl Fn(&'static Column) -> usize {
    let waits = |seat: &ParticipantRow<'_>| match seat {
        ParticipantRow::Person(person) => wait_text(desk, call, person).map_or(0, |it| DisplayText::clean(&it).width()),
        ParticipantRow::Party(..) => 0,
    };
    let widest = match seats.iter().map(waits).max().unwrap_or_default() {
        _ if room >= BESIDE => usize::MAX,
        0 => 0,
        widest => widest.max(WAITING),
    };
    move |column| if column.name == "hold" { widest } else { 0 }
}

/// A participant's hold or wait and its age; empty for anyone else.
fn wait_text(desk: &Desk, call: &FloorCall, person: &Person) -> Option<String> {
    let text = match (&person.hold, person.lobby, person.left) {
        (_, _, Some(_)) | (None, None, None) => return None,
        (_, Some(lobby), None) => format!("waits {} {}", lobby.age(desk.shown_at()), sign(desk, call, person)),
        (Some(hold), None, None) => hold_text(desk, call, person, hold),
    };
    Some(text.trim_end().to_owned())
}

impl PeopleTable<'_> {
    /// The lines, whose cells are built only when they are visible.
    fn lines<'a>(&'a self, desk: &'a Desk, seats: &'a [ParticipantRow<'_>]) -> impl Iterator<Item = PeopleLine<'a>> {
        seats.iter().enumerate().flat_map(move |(at, seat)| {
            let source = match seat {
                ParticipantRow::Person(person) if person.left.is_none() && self.beside(desk, person).is_none() => {
                    desk.hold_source(person).into_iter().next()
                }
                ParticipantRow::Person(_) | ParticipantRow::Party(..) => None,
            };
            std::iter::once(PeopleLine::Seat(at, seat)).chain(source.map(PeopleLine::Source))
        })
    }

    /// A hold with its age and source, if the column has room for both.
    fn beside(&self, desk: &Desk, person: &Person) -> Option<String> {
        let hold = person.hold.as_ref().filter(|_| person.left.is_none() && person.lobby.is_none())?;
        let source = desk.hold_source_short(hold);
        let text = format!("{} {source}", hold_text(desk, self.call, person, hold));
        (DisplayText::clean(&text).width() <= self.table.width("hold")).then_some(text)
    }

    fn row(&self, ctx: &RenderContext<'_>, seat: &ParticipantRow<'_>, selected: bool) -> RowBuilder {
        let theme = &ctx.theme;
        let marked = matches!(seat, ParticipantRow::Person(it) if ctx.desk.is_marked(&self.call.id, &it.id));
        let lead = match (selected, marked) {
            (true, true) => ">*",
            (true, false) => ">",
            (false, true) => " *",
            (false, false) => "",
        };
        match seat {
            ParticipantRow::Party(_, party) => {
                self.table.row(lead, theme.text, |column| party_cell(ctx, party, column.name))
            }
            ParticipantRow::Person(person) => {
                let text = if person.left.is_some() { theme.quiet } else { theme.text };
                self.table.row(lead, text, |column| self.cell(ctx, person, (column.name, text)))
            }
        }
    }

    fn cell(&self, ctx: &RenderContext<'_>, person: &Person, (column, plain): (&str, Style)) -> TableCell {
        let theme = &ctx.theme;
        let now = ctx.desk.shown_at();
        let (alert, acknowledged) = ctx.desk.person_alert(self.call, person);
        let (text, style) = match column {
            "name" => (self.twins.name(person, self.table.width("name")), plain),
            "kind" if self.call.is_own_participant(&person.id) => ("self".to_owned(), plain),
            "kind" => (kind_word(person.kind).to_owned(), plain),
            "mic" => (mic_word(person.mic()).to_owned(), mic_style(ctx, person)),
            "hold" => {
                let text = self.beside(ctx.desk, person).or_else(|| wait_text(ctx.desk, self.call, person));
                let style = if acknowledged { theme.quiet } else { theme.alert(alert) };
                (text.unwrap_or_else(|| "-".to_owned()), style)
            }
            "time" => (time(person, now), plain),
            _ => (person.id.to_string(), plain),
        };
        TableCell { text, style }
    }
}

/// The sign of a participant's alert, with an `a` if it is acknowledged.
fn sign(desk: &Desk, call: &FloorCall, person: &Person) -> String {
    let (alert, acknowledged) = desk.person_alert(call, person);
    format!("{}{}", alert.sign(), if acknowledged { "a" } else { "" })
}

fn hold_text(desk: &Desk, call: &FloorCall, person: &Person, hold: &Hold) -> String {
    let text = format!("HELD {} {}", hold.since.age(desk.shown_at()), sign(desk, call, person));
    text.trim_end().to_owned()
}

/// The texts of all rows, untrusted, and the index of the selected row.
pub(in crate::screen) fn texts(ctx: &RenderContext<'_>) -> (Vec<Vec<String>>, Option<usize>) {
    let desk = ctx.desk;
    let Some(call) = desk.call() else { return (Vec::new(), None) };
    let columns = desk.columns(Pane::Participants);
    let seats = desk.participants();
    let people =
        PeopleTable { call, table: ColumnTable::of(columns, None, EVERY_COLUMN, |_| 0), twins: shared_names(&seats) };
    let text = |seat: &ParticipantRow<'_>, name: &str| match seat {
        ParticipantRow::Party(_, party) => party_cell(ctx, party, name).text,
        ParticipantRow::Person(person) => people.cell(ctx, person, (name, ctx.theme.text)).text,
    };
    let row = |seat: &ParticipantRow<'_>| columns.iter().map(|it| text(seat, it.column.name)).collect();
    let selected = seats.iter().position(|it| desk.selected_participant() == Some(&it.id()));
    (seats.iter().map(row).collect(), selected)
}

fn time(person: &Person, now: Timestamp) -> String {
    match (person.left, person.lobby) {
        (Some(left), _) => format!("-{}", now.since(left)),
        (None, Some(lobby)) => lobby.age(now),
        (None, None) => person.joined.age(now),
    }
}

fn party_cell(ctx: &RenderContext<'_>, party: &Party, column: &str) -> TableCell {
    let text = match column {
        "name" => party.name.to_string(),
        "kind" => kind_word(Some(party.kind)).to_owned(),
        "mic" => "1:1 call".to_owned(),
        _ => String::new(),
    };
    TableCell { text, style: if column == "mic" { ctx.theme.quiet } else { ctx.theme.text } }
}

/// The names that several people of a call share.
pub(in crate::screen) struct SharedNames(BTreeMap<String, usize>);

pub(in crate::screen) fn shared_names(seats: &[ParticipantRow<'_>]) -> SharedNames {
    let mut names = BTreeMap::new();
    for seat in seats {
        let shown = DisplayText::clean(seat.name()).as_str().to_lowercase();
        *names.entry(shown).or_default() += 1;
    }
    SharedNames(names)
}

impl SharedNames {
    /// The name to show. A shared name is shortened to make room for the start of the participant's id.
    pub(in crate::screen) fn name(&self, person: &Person, room: usize) -> String {
        let shown = DisplayText::clean(&person.name).as_str().to_lowercase();
        if self.0.get(&shown).is_none_or(|it| *it < 2) {
            return called(person);
        }
        let suffix: String = person.id.0.short().chars().take(4).collect();
        let name = DisplayText::clean(&called(person));
        let room = name.width().min(room.saturating_sub(suffix.len() + 1));
        format!("{}~{suffix}", name.fit(room))
    }
}

fn mic_style(ctx: &RenderContext<'_>, person: &Person) -> Style {
    match person.mic() {
        MicState::Live => ctx.theme.good,
        MicState::MutedSelf | MicState::MutedServer => ctx.theme.warning,
        MicState::Lobby | MicState::Left => ctx.theme.quiet,
    }
}

/// A short word for a kind of identity.
pub(in crate::screen) const fn kind_word(kind: Option<IdentityKind>) -> &'static str {
    match kind {
        Some(IdentityKind::User) => "user",
        Some(IdentityKind::Guest) => "guest",
        Some(IdentityKind::Phone) => "phone",
        Some(IdentityKind::Application | IdentityKind::ApplicationInstance) => "app",
        Some(IdentityKind::Device) => "device",
        Some(IdentityKind::OnPremises) => "onprem",
        Some(IdentityKind::Encrypted) => "hidden",
        Some(IdentityKind::AzureCommunicationServicesUser) => "acs",
        Some(IdentityKind::Asserted) => "claims",
        None => "?",
    }
}

/// A line of the notes and its style; untrusted text.
type PeopleNote = (String, Style);

/// Notes on the selected person: what each key would do now or why it is off, and the request of the first enabled key.
fn notes(ctx: &RenderContext<'_>, call: &FloorCall) -> Vec<PeopleNote> {
    let desk = ctx.desk;
    let theme = &ctx.theme;
    let mut notes = Vec::new();
    let here = |it: &&KeyBinding| it.on == KeyContext::Pane(Pane::Participants) || it.command == Command::ToggleSelf;
    let keys = KEYS.iter().filter(|it| it.risk != Risk::Safe).filter(here);
    let mut on = Vec::new();
    let mut on_person = false;
    let mut off: Vec<(Denied, Vec<String>)> = Vec::new();
    for key in keys {
        let text = format!("{} {}", desk.keymap().shown(key), key.hint);
        match offered(desk, key.command) {
            Ok(()) => {
                on_person |= key.on != KeyContext::Everywhere;
                on.push(text);
            }
            Err(reason) => match off.iter_mut().find(|(other, _)| *other == reason) {
                Some((_, keys)) => keys.push(text),
                None => off.push((reason, vec![text])),
            },
        }
    }
    let name = desk.person().map(called);
    if !on.is_empty() {
        let who = match desk.marked() {
            _ if !on_person => String::new(),
            0 => name.clone().map(|it| format!("{it}: ")).unwrap_or_default(),
            1 => "the marked one: ".to_owned(),
            marked => format!("the {marked} marked: "),
        };
        notes.push((format!("{who}{}", on.join(", ")), theme.text));
    }
    notes.extend(off.into_iter().map(|(why, keys)| (format!("{} off: {why}", keys.join(", ")), theme.quiet)));
    if let Some(name) = name.filter(|_| desk.person().is_some_and(|it| it.muted && it.left.is_none())) {
        notes.push((format!("mute is one-way in Graph: only {name} can unmute {name}"), theme.quiet));
    }
    if let Some(request) = would_send(ctx, call).filter(|_| desk.marked() == 0) {
        notes.push((request, theme.quiet));
    }
    notes.extend(desk.link().looking_at(&call.id).map(|it| (it, theme.quiet)));
    notes
}

/// Draws the notes in at most half of the pane; a pane without room passes them to the message line.
fn draw_notes(ctx: &mut RenderContext<'_>, call: &FloorCall, inner: Rect) -> Vec<PeopleNote> {
    let notes = notes(ctx, call);
    if inner.height < 8 {
        if ctx.desk.pane() == Pane::Participants && ctx.desk.selected_participant().is_some() {
            ctx.unsaid = notes_line(&notes, usize::from(inner.width));
        }
        return Vec::new();
    }
    let width = usize::from(inner.width).saturating_sub(2);
    let lines = notes.into_iter().flat_map(|(text, style)| {
        DisplayText::clean(&text).wrap(width).into_iter().map(move |line| (line.trim_end().to_owned(), style))
    });
    lines.take(usize::from(inner.height / 2)).collect()
}

/// The notes that fit whole into one line, reasons first, because the keys below do not show those.
fn notes_line(notes: &[PeopleNote], width: usize) -> Option<String> {
    let (on, off): (Vec<_>, Vec<_>) = notes.iter().map(|(text, _)| text).partition(|it| !it.contains(" off: "));
    let mut line = String::new();
    for note in off.into_iter().chain(on) {
        let longer = if line.is_empty() { note.clone() } else { format!("{line}; {note}") };
        if DisplayText::clean(&longer).width() <= width {
            line = longer;
        }
    }
    Some(line).filter(|it| !it.is_empty())
}

fn would_send(ctx: &RenderContext<'_>, call: &FloorCall) -> Option<String> {
    let person = ctx.desk.person()?;
    let act = if person.hold.is_some() { Act::Release } else { Act::Mute };
    let command = if act == Act::Release { Command::Release } else { Command::Mute };
    offered(ctx.desk, command).ok()?;
    let (method, route) = act.action(call.id.clone(), Some(person.id.clone()))?.route();
    let route = route.to_string();
    let tail = route.rsplit('/').next().unwrap_or_default();
    let key = ctx.desk.keymap().shortcut_for(command);
    let short = person.id.0.short();
    Some(format!("{key} would {} …/participants/{short}…/{tail}", method.as_str()))
}
