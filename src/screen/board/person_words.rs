//! What the people pane and the card say of a person: the kind of identity, and who muted them.

use crate::desk::Desk;
use crate::floor::Person;
use crate::graph::IdentityKind;

/// The operator whose proved mute still holds; untrusted text.
pub(in crate::screen) fn muted_by<'a>(desk: &'a Desk, person: &Person) -> Option<&'a str> {
    let operation = desk.floor().operation(person.muted_by?)?;
    Some(if *operation.by == *desk.link().operator() { "you" } else { &operation.by })
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
