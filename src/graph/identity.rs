//! A participant's identity: the union of `identitySet` and `communicationsIdentitySet`, because payloads name the
//! first and carry the members of the second (graph-contract.md, "Types").

use serde::{Deserialize, Serialize};

/// One identity: a person, an application, a phone number.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "@odata.type", rename = "#microsoft.graph.identity", rename_all = "camelCase")]
pub struct Identity {
    /// The directory id, or an E.164 number for a phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Box<str>>,
    /// The name that others see; untrusted text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<Box<str>>,
    /// The identity's tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<Box<str>>,
    /// The identity's provider, for example `AAD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity_provider: Option<Box<str>>,
    /// The kind of system application, for example `LargeGallery-V2`.
    #[serde(rename = "ApplicationType", default, skip_serializing_if = "Option::is_none")]
    pub application_type: Option<Box<str>>,
}

/// The kind of a participant's identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum IdentityKind {
    /// A user of a directory.
    User,
    /// A guest without an account.
    Guest,
    /// A phone number.
    Phone,
    /// An application (a bot).
    Application,
    /// An instance of an application with its own phone number.
    ApplicationInstance,
    /// A device, such as a room system.
    Device,
    /// An on-premises identity.
    OnPremises,
    /// An identity that this application may not read.
    Encrypted,
    /// A user of Azure Communication Services.
    AzureCommunicationServicesUser,
    /// An identity that somebody else asserted.
    Asserted,
}

/// The identity of a participant: exactly one member is usually present, so members are boxed: reading a roster
/// moves participants in memory.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "@odata.type", rename = "#microsoft.graph.identitySet", rename_all = "camelCase")]
pub struct IdentitySet {
    /// A user of a directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<Box<Identity>>,
    /// A guest without an account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest: Option<Box<Identity>>,
    /// A phone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Box<Identity>>,
    /// An application (a bot).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<Box<Identity>>,
    /// An application instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application_instance: Option<Box<Identity>>,
    /// A device, such as a room system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Box<Identity>>,
    /// An on-premises identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_premises: Option<Box<Identity>>,
    /// An identity that may not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encrypted: Option<Box<Identity>>,
    /// A user of Azure Communication Services.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub azure_communication_services_user: Option<Box<Identity>>,
    /// An asserted identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asserted_identity: Option<Box<Identity>>,
}

impl IdentitySet {
    /// Returns the identity that is present, and its kind; the first in the order of the members
    /// where there are several.
    #[must_use]
    pub fn principal(&self) -> Option<(IdentityKind, &Identity)> {
        let members = [
            (IdentityKind::User, &self.user),
            (IdentityKind::Guest, &self.guest),
            (IdentityKind::Phone, &self.phone),
            (IdentityKind::Application, &self.application),
            (IdentityKind::ApplicationInstance, &self.application_instance),
            (IdentityKind::Device, &self.device),
            (IdentityKind::OnPremises, &self.on_premises),
            (IdentityKind::Encrypted, &self.encrypted),
            (IdentityKind::AzureCommunicationServicesUser, &self.azure_communication_services_user),
            (IdentityKind::Asserted, &self.asserted_identity),
        ];
        members.into_iter().find_map(|(kind, identity)| identity.as_deref().map(|it| (kind, it)))
    }

    /// Returns the name of this identity: its display name, else its id.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        let (_, identity) = self.principal()?;
        let named = identity.display_name.as_deref().filter(|name| !name.trim().is_empty());
        named.or(identity.id.as_deref())
    }
}
