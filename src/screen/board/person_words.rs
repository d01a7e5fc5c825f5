//! What the people pane and the card say of a person: who muted them.

use crate::desk::Desk;
use crate::floor::Person;

/// The operator whose proved mute still holds; untrusted text.
pub(in crate::screen) fn muted_by<'a>(desk: &'a Desk, person: &Person) -> Option<&'a str> {
    let operation = desk.floor().operation(person.muted_by?)?;
    Some(if *operation.by == *desk.link().operator() { "you" } else { &operation.by })
}
