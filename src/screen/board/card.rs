//! The card below the people: who the selected person is, why they wait, and what each act would do or why it is off.

use std::iter;

use ratatui::style::Style;

use crate::desk::{Command, Denied, Desk, KEYS, KeyBinding, KeyContext, Pane, Risk, called, kind_word, offered};
use crate::floor::{FloorCall, HoldSource, Operation, OperationStatus, Person};
use crate::screen::board::operations::act_verb;
use crate::screen::board::person_words::muted_by;
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::text::DisplayText;

/// The columns of a card's left edge, and of its labels.
const LEFT: usize = 2;
const LABEL: usize = 11;

/// A label and its text; untrusted.
struct CardLine {
    label: String,
    text: String,
    style: Style,
}

/// The card's lines for a pane of this width, as many as there is room for; empty if nobody is selected. A text of which
/// not all lines fit ends in `..`.
pub(in crate::screen) fn lines(
    ctx: &RenderContext<'_>,
    call: &FloorCall,
    (width, rows): (usize, usize),
) -> Vec<RowBuilder> {
    let (Some(person), 1..) = (ctx.desk.person(), rows) else { return Vec::new() };
    let theme = &ctx.theme;
    let head = RowBuilder::default().to(LEFT).within(&called(person), width, theme.title).within(
        &format!(", {}", who(ctx, call, person)),
        width,
        theme.quiet,
    );
    let facts = facts(ctx, call, person);
    let room = width.saturating_sub(LEFT + LABEL + 1);
    let mut lines = vec![head];
    for CardLine { label, text, style } in facts {
        let mut wrapped = DisplayText::clean(&text).wrap(room);
        let left = rows - lines.len();
        if left > 0 && wrapped.len() > left {
            // The row marks where it cuts the rest.
            let rest = wrapped.split_off(left - 1);
            wrapped.push(rest.concat());
        }
        lines.extend(wrapped.iter().take(left).enumerate().map(|(at, line)| {
            let label = if at == 0 { label.as_str() } else { "" };
            let row = RowBuilder::default().to(LEFT).cell(label, LABEL, theme.quiet);
            row.within(line.trim_end(), LEFT + LABEL + room, style)
        }));
    }
    // Without a line no act is possible, as the band says.
    if ctx.desk.link().frozen_at().is_none() {
        let left = rows - lines.len();
        let acts = acts(ctx, person, room);
        // Some of the acts would read as all of them. The blank row goes first.
        if acts.len() <= left {
            lines.extend(iter::once(RowBuilder::default()).take(left - acts.len()).chain(acts));
        }
    }
    lines
}

/// What kind of participant it is, and since when.
fn who(ctx: &RenderContext<'_>, call: &FloorCall, person: &Person) -> String {
    let kind = if call.is_own_participant(&person.id) { "the application itself" } else { kind_word(person.kind) };
    let since = match (person.left, person.lobby) {
        (Some(left), _) => format!("left at {}", ctx.clock(left)),
        (None, Some(lobby)) => format!("in the lobby since {}", ctx.start(lobby)),
        (None, None) => format!("in the call since {}", ctx.start(person.joined)),
    };
    format!("{kind}, {since}")
}

fn facts(ctx: &RenderContext<'_>, call: &FloorCall, person: &Person) -> Vec<CardLine> {
    let desk = ctx.desk;
    let theme = &ctx.theme;
    let line = |label: &str, text: String| CardLine { label: label.to_owned(), text, style: theme.facts };
    let mut lines = Vec::new();
    if let Some(text) = desk.doubt_about(call, desk.shown_at()) {
        lines.push(line("not sure", text));
    }
    if let Some(text) = desk.unreadable_about(person) {
        lines.push(line("not sure", text));
    }
    if let Some(hold) = person.hold.as_ref().filter(|_| person.left.is_none()) {
        lines.push(line("on hold", hold_text(ctx, hold)));
    }
    if let Some(operation) = newest_open(desk, call, person) {
        lines.push(line(act_verb(operation.act), asked_text(ctx, operation)));
    }
    if person.muted && person.left.is_none() {
        lines.push(line("muted", muted_text(desk, person)));
    }
    if let Some(looking) = desk.link().looking_at(&call.id) {
        lines.push(line("also here", looking));
    }
    lines
}

fn hold_text(ctx: &RenderContext<'_>, hold: &crate::floor::Hold) -> String {
    let since = ctx.start(hold.since);
    match &hold.source {
        HoldSource::Ours { operation, by } => {
            format!("by {}, op {}, at {since}", ctx.desk.asker(by), operation.0)
        }
        HoldSource::Inferred => {
            format!("perhaps, since {since}: the line is silent; a hold made on a phone may not end this way")
        }
        HoldSource::Unknown => "not known: a hold was sent, and no answer came".to_owned(),
    }
}

/// The newest operation about a person that has no proof yet.
fn newest_open<'a>(desk: &'a Desk, call: &FloorCall, person: &Person) -> Option<&'a Operation> {
    let open = desk.floor().newest_open_on(&call.id, &person.id, None)?;
    (open.standing(desk.shown_at()).is_in_progress()).then_some(open)
}

fn asked_text(ctx: &RenderContext<'_>, operation: &Operation) -> String {
    let desk = ctx.desk;
    let by = desk.asker(&operation.by);
    let how = match operation.standing(desk.shown_at()) {
        _ if desk.link().frozen_at().is_some() => "proof not known",
        OperationStatus::Accepted => "Graph accepted it",
        OperationStatus::Sent => "sent, no answer yet",
        OperationStatus::Expired => "too late, not sent",
        OperationStatus::Asked
        | OperationStatus::Confirmed
        | OperationStatus::AlreadySo
        | OperationStatus::Failed
        | OperationStatus::Refused
        | OperationStatus::Left
        | OperationStatus::Unconfirmed
        | OperationStatus::OutcomeUnknown => "not sent yet",
    };
    format!("asked by {by}, op {}; {how}", operation.number.0)
}

fn muted_text(desk: &Desk, person: &Person) -> String {
    let name = called(person);
    match muted_by(desk, person) {
        Some(by) => format!("by {by}; one way: only {name} can unmute"),
        None => format!("only {name} can unmute"),
    }
}

/// What each act on a person would do, or why it is off. Acts that are off for the same reason share a row. After a release no row of Waiting is chosen, and acts are off until one is.
fn acts(ctx: &RenderContext<'_>, person: &Person, room: usize) -> Vec<RowBuilder> {
    let desk = ctx.desk;
    let theme = &ctx.theme;
    let keys = KEYS.iter().filter(|it| it.on == KeyContext::Pane(Pane::Participants) && it.risk != Risk::Safe);
    let mut on = Vec::new();
    let mut off: Vec<(Denied, Vec<&'static KeyBinding>)> = Vec::new();
    for key in keys {
        match offered(desk, key.command) {
            Ok(()) => on.push(key),
            // The card shows somebody, so it does not say that nobody is selected.
            Err(Denied::NobodySelected) => {}
            Err(reason) => match off.iter_mut().find(|(other, _)| *other == reason) {
                Some((_, keys)) => keys.push(key),
                None => off.push((reason, vec![key])),
            },
        }
    }
    let mut rows = Vec::new();
    for key in on {
        let label = RowBuilder::default().to(LEFT).text(&desk.keymap().first(key), theme.title).gap(1);
        rows.push(label.text(key.hint, theme.facts).to(LEFT + LABEL).text(&would_do(key, person), theme.quiet));
    }
    let hint = |key: &'static KeyBinding| format!("{} {}", desk.keymap().first(key), key.hint);
    for (why, keys) in off {
        let (label, text) = match keys.as_slice() {
            [key] => (hint(key), format!("not now: {}", in_brief(&why))),
            keys => {
                ("off".to_owned(), format!("{}: {why}", keys.iter().map(|it| hint(it)).collect::<Vec<_>>().join(", ")))
            }
        };
        rows.extend(DisplayText::clean(&text).wrap(room).iter().enumerate().map(|(at, line)| {
            let label = if at == 0 { label.as_str() } else { "" };
            RowBuilder::default().to(LEFT).cell(label, LABEL, theme.quiet).text(line.trim_end(), theme.quiet)
        }));
    }
    rows
}

/// What the act of a key would do to a person; untrusted text.
#[expect(clippy::wildcard_enum_match_arm, reason = "four commands act on a person")]
fn would_do(key: &KeyBinding, person: &Person) -> String {
    let name = called(person);
    match key.command {
        Command::Mute => format!("one way: only {name} can unmute"),
        Command::Remove => "asks you to type the name".to_owned(),
        Command::Hold => format!("{name} hears music; asks first"),
        Command::Release => "asks Graph to stop the music".to_owned(),
        _ => String::new(),
    }
}

/// Why an act is off, on the card of the person whom it is about; untrusted text.
#[expect(clippy::wildcard_enum_match_arm, reason = "the other reasons are said in full")]
fn in_brief(why: &Denied) -> String {
    match why {
        Denied::AlreadyAsked(operation) => format!("asked already, op {operation}"),
        Denied::BeingSent => "asked already, it is being sent".to_owned(),
        Denied::HeldAlready(_) => "on hold already".to_owned(),
        Denied::NotHeld(_) => "not on hold".to_owned(),
        why => why.to_string(),
    }
}
