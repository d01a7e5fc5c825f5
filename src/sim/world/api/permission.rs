//! Checks the permissions of a request. The required permissions are those of the permission
//! column in graph-contract.md, "Endpoints".

use crate::graph::{CallAction, CallId, Method, Route};
use crate::sim::settings::RoleCheck;

use super::answer::{Refusal, RequestCaller, WorldRequest};
use crate::sim::world::state::World;

type TokenRoles = &'static [&'static str];

/// Any of these permissions allows placing a 1:1 call.
pub(in crate::sim::world) const INITIATE: TokenRoles = &["Calls.Initiate.All"];
/// Any of these permissions allows placing a group call.
pub(in crate::sim::world) const GROUP: TokenRoles = &["Calls.InitiateGroupCall.All"];
/// Any of these permissions allows acting on participants of a call, and answering a call.
pub(in crate::sim::world) const JOIN: TokenRoles = &["Calls.JoinGroupCall.All", "Calls.JoinGroupCallAsGuest.All"];
/// Any of these permissions allows joining a meeting. The last one is granted for a single chat.
pub(in crate::sim::world) const JOIN_MEETING: TokenRoles =
    &["Calls.JoinGroupCall.All", "Calls.JoinGroupCallAsGuest.All", "Calls.JoinGroupCalls.Chat"];
/// Any of these permissions allows handling media.
pub(in crate::sim::world) const MEDIA: TokenRoles = &["Calls.AccessMedia.All"];

// The alternatives of single endpoints, as their documentation lists them.
const CALL: TokenRoles = &["Calls.Initiate.All", "Calls.AccessMedia.All"];
const RECORDED: TokenRoles = &["Calls.AccessMedia.All", "Calls.JoinGroupCall.All"];
const GALLERY: TokenRoles =
    &["Calls.JoinGroupCallAsGuest.All", "Calls.InitiateGroupCall.All", "Calls.JoinGroupCall.All"];
const ROUTING: TokenRoles = &["Calls.JoinGroupCall.All", "Calls.InitiateGroupCall.All"];
const SHARING: TokenRoles =
    &["Calls.JoinGroupCallAsGuest.All", "Calls.Initiate.All", "Calls.InitiateGroupCall.All", "Calls.JoinGroupCall.All"];

/// The permissions that a documented request needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim::world) enum RequiredPermission {
    /// Each request needs any of these permissions; an empty list means that it needs no permission.
    EveryRequest(TokenRoles),
    /// The request that created or joined the call needed any of these permissions.
    AtCreation(TokenRoles),
}

/// Returns the permissions that a request needs, or `None` if the request is not documented.
fn permission_for(method: Method, route: &Route) -> Option<RequiredPermission> {
    use Method::{Delete, Get, Patch, Post};
    Some(match (method, route) {
        (Get | Delete, Route::Call(_)) | (Get, Route::Participants(_)) => RequiredPermission::AtCreation(CALL),
        (Post, Route::CallAction(_, action)) => permission_for_action(*action),
        (Get | Delete, Route::Participant(..)) | (Post, Route::ParticipantAction(..)) => {
            RequiredPermission::EveryRequest(JOIN)
        }
        (Post, Route::Invite(_)) => RequiredPermission::EveryRequest(GROUP),
        (Post, Route::LogTeleconferenceDeviceQuality) => RequiredPermission::EveryRequest(MEDIA),
        (Get | Post, Route::AudioRoutingGroups(_)) | (Get | Patch | Delete, Route::AudioRoutingGroup(..)) => {
            RequiredPermission::EveryRequest(ROUTING)
        }
        (Get, Route::ContentSharingSessions(_) | Route::ContentSharingSession(..)) => {
            RequiredPermission::EveryRequest(SHARING)
        }
        // The permission to create a call depends on its body; `create` checks it. Reading an operation needs no
        // permission.
        (Post, Route::Calls) | (Get, Route::Operation(..)) => RequiredPermission::EveryRequest(&[]),
        _ => return None,
    })
}

const fn permission_for_action(action: CallAction) -> RequiredPermission {
    match action {
        CallAction::KeepAlive | CallAction::Mute | CallAction::Unmute => RequiredPermission::AtCreation(CALL),
        CallAction::Answer => RequiredPermission::EveryRequest(JOIN),
        CallAction::Reject => RequiredPermission::EveryRequest(&[]),
        CallAction::Redirect | CallAction::Transfer => RequiredPermission::EveryRequest(INITIATE),
        CallAction::PlayPrompt | CallAction::CancelMediaProcessing => RequiredPermission::EveryRequest(CALL),
        CallAction::RecordResponse
        | CallAction::SubscribeToTone
        | CallAction::SendDtmfTones
        | CallAction::ChangeScreenSharingRole => RequiredPermission::EveryRequest(MEDIA),
        CallAction::UpdateRecordingStatus => RequiredPermission::EveryRequest(RECORDED),
        CallAction::AddLargeGalleryView => RequiredPermission::EveryRequest(GALLERY),
    }
}

/// Returns whether a request appears in the service's metadata, but on no documentation page.
pub(in crate::sim::world) fn is_metadata_only(method: Method, route: &Route) -> bool {
    use Method::{Delete, Get, Patch, Post};
    let count = method == Get && route.to_string().ends_with("/$count");
    count
        || matches!(
            (method, route),
            (Get, Route::Calls)
                | (Patch, Route::Call(_) | Route::Participant(..))
                | (Post, Route::Participants(_) | Route::ContentSharingSessions(_))
                | (Get | Post, Route::Operations(_))
                | (Patch | Delete, Route::Operation(..) | Route::ContentSharingSession(..))
        )
}

/// Returns the documented methods of a resource.
#[must_use]
pub fn documented_methods(route: &Route) -> Vec<Method> {
    let all = [Method::Get, Method::Post, Method::Patch, Method::Delete];
    all.into_iter().filter(|it| permission_for(*it, route).is_some()).collect()
}

/// Requires the permissions and the tenant that a documented request needs. Refuses a request that is not documented.
pub(in crate::sim::world) fn permit(world: &World, ask: &WorldRequest<'_>) -> Result<(), Refusal> {
    let Some(required) = permission_for(ask.method, ask.route) else {
        return Err(Refusal::new(405, "notAllowed", "The method is not served at this path."));
    };
    match (required, world.settings.create_time_roles) {
        (RequiredPermission::EveryRequest(roles), _)
        | (RequiredPermission::AtCreation(roles), RoleCheck::EveryRequest) => {
            require_any_role(ask.caller, roles)?;
        }
        (RequiredPermission::AtCreation(_), RoleCheck::AtCreation) => {}
    }
    match ask.route.call() {
        Some(call) => require_tenant_of_call(world, ask.caller, call),
        None => Ok(()),
    }
}

/// Requires that the caller's token is for the tenant of a call.
pub(in crate::sim::world) fn require_tenant_of_call(
    world: &World,
    caller: &RequestCaller,
    call: &CallId,
) -> Result<(), Refusal> {
    let call = world.calls.get(call).ok_or_else(Refusal::no_call)?;
    require_tenant(caller, call.facts.tenant_id.as_deref().unwrap_or(&world.application.tenant))
}

/// Requires any of the given permissions. An empty list requires no permission.
pub(in crate::sim::world) fn require_any_role(caller: &RequestCaller, roles: &[&str]) -> Result<(), Refusal> {
    let has = caller.roles.iter().any(|it| roles.iter().any(|role| it.eq_ignore_ascii_case(role)));
    if roles.is_empty() || has {
        return Ok(());
    }
    Err(Refusal::new(403, "7504", "Insufficient enterprise tenant permissions, cannot access this API."))
}

/// Requires that the caller's token is for a tenant. \[unverified\]: the error code is documented, its
/// HTTP status is not.
pub(in crate::sim::world) fn require_tenant(caller: &RequestCaller, tenant: &str) -> Result<(), Refusal> {
    if caller.tenant.eq_ignore_ascii_case(tenant) {
        return Ok(());
    }
    Err(Refusal::new(403, "7505", "Request authorization tenant mismatch."))
}
