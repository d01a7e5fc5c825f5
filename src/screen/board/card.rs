//! The card below the people: who the selected person is, why they wait, and what each act would do or why it is off.

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

/// The card's lines for a pane of this width; empty if nobody is selected.
pub(in crate::screen) fn lines(ctx: &RenderContext<'_>, call: &FloorCall, width: usize) -> Vec<RowBuilder> {
    let Some(person) = ctx.desk.person() else { return Vec::new() };
    let theme = &ctx.theme;
    let head = RowBuilder::default().to(LEFT).within(&called(person), width, theme.title).within(
        &format!(", {}", who(ctx, call, person)),
        width,
        theme.quiet,
    );
    let facts = facts(ctx, call, person);
    let room = width.saturating_sub(LEFT + LABEL + 1);
    let rows = facts.into_iter().flat_map(|CardLine { label, text, style }| {
        let wrapped = DisplayText::clean(&text).wrap(room);
        wrapped.into_iter().enumerate().map(move |(at, line)| {
            let label = if at == 0 { label.as_str() } else { "" };
            RowBuilder::default().to(LEFT).cell(label, LABEL, theme.quiet).text(line.trim_end(), style)
        })
    });
    std::iter::once(head).chain(rows).collect()
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
    if let Some(hold) = person.hold.as_ref().filter(|_| person.left.is_none()) {
        lines.push(line("on hold", hold_text(ctx, hold)));
    }
    if let Some(operation) = newest_open(desk, call, person) {
        lines.push(line(act_verb(operation.act), asked_text(ctx, operation)));
    } else if person.hold.is_some() && offered(desk, Command::Release).is_ok() {
        let key = desk.keymap().shortcut_for(Command::Release);
        lines.push(line("release", format!("{key} asks Graph to stop the music")));
    }
    if person.muted && person.left.is_none() {
        lines.push(line("muted", muted_text(desk, person)));
    }
    if let Some(looking) = desk.link().looking_at(&call.id) {
        lines.push(line("also here", looking));
    }
    lines.extend(acts(ctx, person));
    lines
}

fn hold_text(ctx: &RenderContext<'_>, hold: &crate::floor::Hold) -> String {
    let since = ctx.start(hold.since);
    match &hold.source {
        HoldSource::Ours { operation, by } => {
            let by = if **by == *ctx.desk.link().operator() { "you" } else { by };
            format!("by {by}, op {}, at {since}", operation.0)
        }
        HoldSource::Inferred => {
            format!("perhaps, since {since}: the line is silent; a hold made on a phone may not end this way")
        }
        HoldSource::Unknown => "not known: a hold was sent, and no answer came".to_owned(),
    }
}

/// The newest operation about a person that has no proof yet.
fn newest_open<'a>(desk: &'a Desk, call: &FloorCall, person: &Person) -> Option<&'a Operation> {
    let about = |it: &&Operation| it.participant.as_ref() == Some(&person.id);
    let open = desk.floor().open_operations_in(&call.id).rfind(about)?;
    (open.standing(desk.shown_at()).is_in_progress()).then_some(open)
}

fn asked_text(ctx: &RenderContext<'_>, operation: &Operation) -> String {
    let desk = ctx.desk;
    let by = if *operation.by == *desk.link().operator() { "you" } else { &operation.by };
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

/// What each act on a person would do, or why it is off. After a release no row of Waiting is chosen, and acts are off
/// until one is.
fn acts(ctx: &RenderContext<'_>, person: &Person) -> Vec<CardLine> {
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
    let label = |keys: &[&'static KeyBinding]| {
        let keys = keys.iter().map(|it| format!("{} {}", desk.keymap().first(it), it.hint));
        keys.collect::<Vec<_>>().join(", ")
    };
    let name = called(person);
    let told = [
        (Command::Mute, format!("one way: only {name} can unmute")),
        (Command::Remove, "asks for the name to be typed".to_owned()),
        (Command::Hold, format!("{name} hears music; asks first")),
    ];
    let on = on.into_iter().filter_map(|key| {
        let (_, text) = told.iter().find(|(command, _)| *command == key.command)?;
        Some(CardLine { label: label(&[key]), text: text.clone(), style: theme.quiet })
    });
    let off = off.into_iter().map(|(why, keys)| {
        let text = format!("{}: {why}", label(&keys));
        CardLine { label: "off".to_owned(), text, style: theme.quiet }
    });
    on.chain(off).collect()
}
