//! The participants pane: who is in the selected call, and what each key would do about the selected one.

use std::collections::BTreeMap;

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::row::Row;
use super::{Brush, DisplayText};
use crate::desk::{Desk, KEYS, On, Pane, Reason, Risk, Seat, called, window};
use crate::floor::{Act, Call, Mic, Party, Person};
use crate::graph::IdentityKind;

pub(super) fn draw(brush: &mut Brush<'_>, area: Rect) {
    let desk = brush.desk;
    let Some(call) = desk.call() else {
        let inner = brush.pane(area, Some(Pane::Participants), "Participants", "");
        Row::default().gap(1).text("no call is selected", brush.theme.quiet).draw(brush.buffer, inner, 0, None);
        return;
    };
    let title = format!("Participants: {}", call.title());
    let inner = brush.pane(area, Some(Pane::Participants), &title, &format!("call {}", call.number.0));
    let notes = notes(brush, call, inner);
    let heading = inner.height > 8;
    let seats = desk.seats();
    let top = usize::from(heading);
    let below = notes.len().min(usize::from(inner.height).saturating_sub(top + 3));
    let height = usize::from(inner.height).saturating_sub(top + below);
    if heading {
        head(brush, inner);
    }
    let twins = twins(&seats);
    let selected = seats.iter().position(|it| desk.who() == Some(&it.who()));
    let is_selected = |line: &Line<'_>| matches!(line, Line::Seat(at, _) if Some(*at) == selected);
    let shown = window(lines(desk, &seats), is_selected, height);
    let people = shown.iter().filter(|it| matches!(it, Line::Seat(..))).count();
    brush.hidden(area, seats.len() - people);
    for (at, line) in shown.into_iter().enumerate() {
        let chosen = is_selected(&line);
        let row = match line {
            Line::Seat(_, Seat::Person(person)) => person_row(brush, call, person, (chosen, inner, &twins)),
            Line::Seat(_, Seat::Party(_, party)) => party_row(brush, party, chosen, inner),
            Line::Source(source) => Row::default().gap(4).text(&source, brush.theme.quiet),
        };
        row.draw(brush.buffer, inner, at + top, chosen.then(|| brush.selection(Pane::Participants)));
    }
    let first = usize::from(inner.height) - below;
    for (at, (text, style)) in notes.into_iter().take(below).enumerate() {
        Row::default().gap(1).text(&text, style).draw(brush.buffer, inner, first + at, None);
    }
}

/// A line of the pane.
enum Line<'a> {
    Seat(usize, &'a Seat<'a>),
    /// Where the hold of the person above comes from.
    Source(String),
}

/// The lines, not yet built.
fn lines<'a>(desk: &'a Desk, seats: &'a [Seat<'_>]) -> impl Iterator<Item = Line<'a>> {
    seats.iter().enumerate().flat_map(|(at, seat)| {
        let source = match seat {
            Seat::Person(person) if person.left.is_none() => desk.hold_source(person).into_iter().next(),
            Seat::Person(_) | Seat::Party(..) => None,
        };
        std::iter::once(Line::Seat(at, seat)).chain(source.map(Line::Source))
    })
}

fn party_row(brush: &Brush<'_>, party: &Party, selected: bool, inner: Rect) -> Row {
    let text = brush.theme.text;
    let row = Row::default().cell(if selected { ">" } else { "" }, 2, text);
    let row = row.cell(&party.name, name_width(inner), text).gap(1);
    row.cell(kind_word(Some(party.kind)), KIND, text).text("1:1 call", brush.theme.quiet)
}

const KIND: usize = 7;
const MIC: usize = 10;
const HOLD: usize = 16;
const TIME: usize = 9;

fn name_width(inner: Rect) -> usize {
    usize::from(inner.width).saturating_sub(2 + 1 + KIND + MIC + HOLD + TIME).clamp(8, 32)
}

fn head(brush: &mut Brush<'_>, inner: Rect) {
    let style = brush.theme.quiet;
    Row::default()
        .gap(2)
        .cell("NAME", name_width(inner) + 1, style)
        .cell("KIND", KIND, style)
        .cell("MIC", MIC, style)
        .cell("HOLD", HOLD, style)
        .right("TIME", TIME, style)
        .draw(brush.buffer, inner, 0, None);
}

fn person_row(brush: &Brush<'_>, call: &Call, person: &Person, how: (bool, Rect, &Twins)) -> Row {
    let (selected, inner, twins) = how;
    let theme = &brush.theme;
    let now = brush.desk.shown_at();
    let alert = brush.desk.limits().person(person, now);
    let name = twins.name(person);
    let (mic, style) = mic_word(brush, person);
    let (hold, time) = match (&person.hold, person.lobby, person.left) {
        (_, _, Some(left)) => ("-".to_owned(), format!("-{}", now.since(left))),
        (_, Some(lobby), None) => (format!("waits {} {}", lobby.age(now), alert.sign()), lobby.age(now)),
        (Some(hold), None, None) => (format!("HELD {} {}", hold.since.age(now), alert.sign()), person.joined.age(now)),
        (None, None, None) => ("-".to_owned(), person.joined.age(now)),
    };
    let text = if person.left.is_some() { theme.quiet } else { theme.text };
    let kind = if call.is_me(&person.id) { "self" } else { kind_word(person.kind) };
    let room = name_width(inner).saturating_sub(name.1.len());
    Row::default()
        .cell(if selected { ">" } else { "" }, 2, text)
        .cell(&name.0, room, text)
        .cell(&name.1, name.1.len(), theme.quiet)
        .gap(1)
        .cell(kind, KIND, text)
        .cell(mic, MIC, style)
        .cell(hold.trim_end(), HOLD, theme.alert(alert))
        .right(&time, TIME, text)
}

/// The names that more than one person of a call is shown by.
struct Twins(BTreeMap<String, usize>);

fn twins(seats: &[Seat<'_>]) -> Twins {
    let mut names = BTreeMap::new();
    for seat in seats {
        let shown = DisplayText::clean(seat.name()).as_str().to_lowercase();
        *names.entry(shown).or_default() += 1;
    }
    Twins(names)
}

impl Twins {
    /// The shown name, and the start of the id where two people share it.
    fn name(&self, person: &Person) -> (String, String) {
        let shown = DisplayText::clean(&person.name).as_str().to_lowercase();
        let shared = self.0.get(&shown).is_some_and(|it| *it > 1);
        let suffix = if shared { person.id.0.short().chars().take(4).collect() } else { String::new() };
        (called(person), if suffix.is_empty() { suffix } else { format!("~{suffix}") })
    }
}

fn mic_word(brush: &Brush<'_>, person: &Person) -> (&'static str, Style) {
    let theme = &brush.theme;
    match person.mic() {
        Mic::Live => ("live", theme.good),
        Mic::MutedSelf => ("muted", theme.warning),
        Mic::MutedServer => ("MUTED srv", theme.warning),
        Mic::Lobby => ("(lobby)", theme.quiet),
        Mic::Left => ("(left)", theme.quiet),
    }
}

/// A kind of identity in a short word.
pub(super) const fn kind_word(kind: Option<IdentityKind>) -> &'static str {
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

/// What each key would do now about the selected person and why not, and the request of the first that is offered.
fn notes(brush: &Brush<'_>, call: &Call, inner: Rect) -> Vec<(String, Style)> {
    let desk = brush.desk;
    let theme = &brush.theme;
    let mut notes = Vec::new();
    let keys = KEYS.iter().filter(|it| it.risk != Risk::Safe && it.works_in(Pane::Participants));
    let mut on = Vec::new();
    let mut on_person = false;
    let mut off: Vec<(Reason, Vec<String>)> = Vec::new();
    for key in keys {
        let text = format!("{} {}", desk.keymap().shown(key), key.hint);
        match (key.offered)(desk) {
            Ok(()) => {
                on_person |= key.on != On::Everywhere;
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
        let who = name.clone().filter(|_| on_person).map(|it| format!("{it}: ")).unwrap_or_default();
        notes.push((format!("{who}{}", on.join(", ")), theme.text));
    }
    notes.extend(off.into_iter().map(|(why, keys)| (format!("{} off: {why}", keys.join(", ")), theme.quiet)));
    if let Some(name) = name.filter(|_| desk.person().is_some_and(|it| it.muted && it.left.is_none())) {
        notes.push((format!("mute is one-way in Graph: only {name} can unmute {name}"), theme.quiet));
    }
    if let Some(request) = would_send(brush, call) {
        notes.push((request, theme.quiet));
    }
    if let Some(other) = desk.link().others.iter().find(|it| it.looking.as_ref() == Some(&call.id)) {
        notes.push((format!("{} is looking at this call", other.name), theme.quiet));
    }
    let width = usize::from(inner.width).saturating_sub(2);
    let lines = notes.into_iter().flat_map(|(text, style)| {
        DisplayText::clean(&text).wrap(width).into_iter().map(move |line| (line.trim_end().to_owned(), style))
    });
    lines.take(if inner.height < 8 { 0 } else { usize::from(inner.height / 2) }).collect()
}

fn would_send(brush: &Brush<'_>, call: &Call) -> Option<String> {
    let person = brush.desk.person()?;
    let act = if person.hold.is_some() { Act::Release } else { Act::Mute };
    crate::desk::offered(brush.desk, act).ok()?;
    let (method, route) = act.action(call.id.clone(), Some(person.id.clone()))?.route();
    let route = route.to_string();
    let tail = route.rsplit('/').next().unwrap_or_default();
    let key = if act == Act::Release { "r" } else { "m" };
    let short = person.id.0.short();
    Some(format!("{key} would {} …/participants/{short}…/{tail}", method.as_str()))
}
