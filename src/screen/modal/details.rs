//! The details of one call, person or operation, read from the board at each frame.

use ratatui::layout::Rect;

use super::operation_trace;
use crate::desk::{
    DetailsSubject, DetailsView, ParticipantRef, PendingAct, PendingState, RowId, called, doubt_word, kind_word,
};
use crate::floor::{CallKind, FloorCall, MicState, Operation, Person};
use crate::screen::board::operations::status_sentence;
use crate::screen::board::person_words::mute_history;
use crate::screen::render_context::RenderContext;
use crate::screen::row::RowBuilder;
use crate::screen::text::DisplayText;
use crate::screen::time_text::short_span;
use crate::time::Timestamp;

/// A label and its value.
type DetailFact = (&'static str, String);

pub(in crate::screen) fn draw(ctx: &mut RenderContext<'_>, area: Rect, details: &DetailsView) {
    let (title, facts) = facts(ctx, details.subject());
    let room = usize::from(area.width.min(100)).saturating_sub(4 + NAME);
    let mut rows: Vec<RowBuilder> = Vec::new();
    let operation = match details.subject() {
        DetailsSubject::Row(RowId::Operation(number)) => ctx.desk.floor().operation(*number),
        DetailsSubject::Row(RowId::Pending(_) | RowId::Bulk(_)) | DetailsSubject::Call(_) | DetailsSubject::Who(..) => {
            None
        }
    };
    let trail = details.trace();
    for (name, text) in &facts {
        // The path to the proof comes before the less important values.
        if let Some(operation) = operation.filter(|_| *name == JOURNALLED) {
            rows.extend(operation_trace::timeline(ctx, operation, trail, (NAME, room)));
        }
        let wrapped = if text.is_empty() { vec!["-".to_owned()] } else { DisplayText::clean(text).wrap(room) };
        for (at, text) in wrapped.iter().enumerate() {
            let name = if at == 0 { *name } else { "" };
            rows.push(
                RowBuilder::default().gap(1).cell(name, NAME, ctx.theme.quiet).text(text.trim_end(), ctx.theme.text),
            );
        }
    }
    if let Some((operation, trail)) = operation.zip(trail) {
        rows.extend(operation_trace::entries(ctx, operation, trail, (NAME, room)));
    }
    let inner = ctx.open_sheet(area, &title, rows.len());
    let height = usize::from(inner.height);
    let scroll = ctx.first_line(details.scroll(), (rows.len(), height));
    for (at, row) in rows.into_iter().skip(scroll).take(height).enumerate() {
        row.draw(ctx.buffer, inner, at, None);
    }
}

/// The columns of a label.
const NAME: usize = 16;
/// The label of the journal's entry, before which the path to the proof stands.
const JOURNALLED: &str = "journalled";

fn facts(ctx: &RenderContext<'_>, of: &DetailsSubject) -> (String, Vec<DetailFact>) {
    let floor = ctx.desk.floor();
    let gone = |what: &str| (what.to_owned(), vec![("", "it has left the floor".to_owned())]);
    match of {
        DetailsSubject::Call(id) => match floor.call(id) {
            Some(call) => (format!("Call {}", call.number.0), call_facts(ctx, call)),
            None => gone("Call"),
        },
        DetailsSubject::Who(id, who) => {
            let Some(call) = floor.call(id) else { return gone("Participant") };
            match who {
                ParticipantRef::Person(person) => match call.people.get(person) {
                    Some(person) => ("Participant".to_owned(), person_facts(ctx, call, person)),
                    None => gone("Participant"),
                },
                ParticipantRef::Party(at) => {
                    let Some(party) = call.parties.get(*at) else { return gone("Party") };
                    let kind = kind_word(Some(party.kind)).to_owned();
                    let title = match call.kind {
                        CallKind::OneToOne => "Party of a 1:1 call",
                        CallKind::Group | CallKind::Unknown => "Party of a call whose roster has not arrived",
                    };
                    (title.to_owned(), vec![("name", party.name.to_string()), ("kind", kind)])
                }
            }
        }
        DetailsSubject::Row(RowId::Operation(number)) => match floor.operation(*number) {
            Some(operation) => (format!("Operation {}", number.0), operation_facts(ctx, operation)),
            None => gone("Operation"),
        },
        // A bulk act has no details: its row expands into the rows of its members.
        DetailsSubject::Row(RowId::Bulk(_)) => gone("Act on many people"),
        DetailsSubject::Row(RowId::Pending(serial)) => match ctx.desk.pending_act(*serial) {
            Some(pending) => ("Not in the journal".to_owned(), pending_facts(ctx, pending)),
            None => gone("Operation"),
        },
    }
}

fn call_facts(ctx: &RenderContext<'_>, call: &FloorCall) -> Vec<DetailFact> {
    let now = ctx.desk.shown_at();
    let kind = match call.kind {
        CallKind::Group => "group call",
        CallKind::OneToOne => "1:1 call: no roster, no mute",
        CallKind::Unknown => "not known yet",
    };
    let ago = |at: Timestamp| format!("{} ago, at {}", now.since(at), ctx.clock(at));
    vec![
        ("subject", call.subject.as_deref().unwrap_or_default().to_owned()),
        ("state", call.state.to_string()),
        ("kind", kind.to_owned()),
        ("direction", call.direction.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("parties", call.parties.iter().map(|it| &*it.name).collect::<Vec<_>>().join(", ")),
        ("own participant", call.my_participant.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("began", format!("{} ago", call.began.age(now))),
        ("last heard", ago(call.heard)),
        ("last read", call.read.map(ago).unwrap_or_default()),
        ("doubt", call.doubt.map(doubt_word).unwrap_or_default().to_owned()),
        ("ended", call.ended.map(ago).unwrap_or_default()),
        ("result", call.result.as_deref().unwrap_or_default().to_owned()),
        ("foreign hold", call.foreign_hold.map(ago).unwrap_or_default()),
        ("chat thread", call.thread.as_deref().unwrap_or_default().to_owned()),
        ("chain", call.chain.as_deref().unwrap_or_default().to_owned()),
        ("tenant", call.tenant.as_deref().unwrap_or_default().to_owned()),
        ("call id", call.id.to_string()),
    ]
}

fn person_facts(ctx: &RenderContext<'_>, call: &FloorCall, person: &Person) -> Vec<DetailFact> {
    let now = ctx.desk.shown_at();
    let mic = match person.mic() {
        MicState::Live => "live",
        MicState::MutedSelf | MicState::MutedServer => "muted",
        MicState::Lobby => "in the lobby: somebody in the meeting has to let them in",
        MicState::Left => "left",
    };
    let muted = mute_history(ctx, person).unwrap_or_default();
    let hold = match &person.hold {
        Some(hold) if person.left.is_none() => {
            format!("for {}; {}", hold.since.age(now), ctx.desk.hold_source(person).join("; "))
        }
        Some(_) | None => "no".to_owned(),
    };
    vec![
        ("name", called(person)),
        ("call", format!("{}, {}", call.number.0, call.title())),
        ("kind", kind_word(person.kind).to_owned()),
        ("mic", mic.to_owned()),
        ("muted", muted),
        ("main audio", person.audio.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("on hold", hold),
        ("lobby", person.lobby.map(|it| it.age(now)).unwrap_or_default()),
        ("here for", person.joined.age(person.left.unwrap_or(now))),
        ("not readable", person.unreadable.as_deref().unwrap_or_default().to_owned()),
        ("participant id", person.id.to_string()),
    ]
}

fn operation_facts(ctx: &RenderContext<'_>, operation: &Operation) -> Vec<DetailFact> {
    let now = ctx.desk.shown_at();
    let after = |at: Timestamp| format!("{} after the key press", short_span(at.since(operation.pressed)));
    let proof =
        operation.proof.as_ref().map(|it| format!("{}, {}, entry {}", it.evidence.word(), after(it.at), it.cursor));
    vec![
        ("asked by", operation.by.to_string()),
        ("action", operation.act.to_string()),
        ("target", operation.target.to_string()),
        ("stands", status_sentence(operation, now).to_owned()),
        ("reason", operation.reason().unwrap_or_default().to_owned()),
        (JOURNALLED, format!("{}, entry {}", after(operation.asked.0), operation.asked.1)),
        ("tries", operation.tries.to_string()),
        ("proved by", proof.unwrap_or_default()),
        ("proof until", ctx.clock(operation.deadline)),
        ("request", operation.request.to_string()),
        ("operation id", operation.operation_id.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("ticket", operation.ticket.to_string()),
    ]
}

fn pending_facts(ctx: &RenderContext<'_>, pending: &PendingAct) -> Vec<DetailFact> {
    let (state, reason) = match &pending.state {
        PendingState::Sending => ("being sent", ""),
        PendingState::Accepted => ("sent; the journal's entry is on its way", ""),
        PendingState::Refused(reason) => ("refused", reason.as_str()),
        PendingState::Unknown(reason) => ("outcome unknown", reason.as_str()),
    };
    vec![
        ("action", pending.act.to_string()),
        ("target", pending.label.clone()),
        ("stands", state.to_owned()),
        ("reason", reason.to_owned()),
        ("pressed", ctx.clock(pending.at)),
        ("ticket", pending.ticket.as_ref().map(ToString::to_string).unwrap_or_default()),
    ]
}
