//! What the people pane, the card and the details say of a person: who muted them, and since when.

use crate::desk::{Desk, called};
use crate::floor::{Act, MicState, Operation, OperationStatus, Person};
use crate::screen::render_context::RenderContext;

/// The operator whose proved mute still holds; untrusted text.
pub(in crate::screen) fn muted_by<'a>(desk: &'a Desk, person: &Person) -> Option<&'a str> {
    Some(desk.asker(&desk.floor().operation(person.muted_by?)?.by))
}

/// Who muted a person and since when, as far as it is known; `None` if the person is not muted. Untrusted text.
pub(in crate::screen) fn mute_history(ctx: &RenderContext<'_>, person: &Person) -> Option<String> {
    let desk = ctx.desk;
    if !person.muted || person.left.is_some() {
        return None;
    }
    let name = called(person);
    let since = person.muted_since.map(|it| ctx.start(it)).unwrap_or_default();
    if person.mic() != MicState::MutedServer {
        return Some(format!("since {since}, as far as is known by {name}"));
    }
    let Some(operation) = person.muted_by.and_then(|it| desk.floor().operation(it)) else {
        let asked = already_muted(desk, person);
        let asked = asked.map(|it| format!("; op {} of {} came later", it.number.0, desk.asker(&it.by)));
        return Some(format!("by the service since {}; by whom is not known{}", since, asked.unwrap_or_default()));
    };
    let proved = operation.proof.as_ref().map_or(operation.pressed, |it| it.at);
    let text = format!("by {} since {}, op {}", desk.asker(&operation.by), ctx.clock(proved), operation.number.0);
    // A mute that was seen before the key press was not this operation's.
    Some(match person.muted_since.filter(|it| it.at < operation.pressed) {
        Some(earlier) => format!("{text}; before that since {}, as far as is known by {name}", ctx.start(earlier)),
        None => text,
    })
}

/// The newest mute of a person that Graph accepted when the person was muted already.
fn already_muted<'a>(desk: &'a Desk, person: &Person) -> Option<&'a Operation> {
    let is = |it: &&Operation| {
        it.act == Act::Mute
            && it.participant.as_ref() == Some(&person.id)
            && it.standing(desk.shown_at()) == OperationStatus::AlreadySo
    };
    desk.floor().recent_operations().find(is)
}
