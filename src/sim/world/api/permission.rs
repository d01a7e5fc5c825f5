//! Which permissions a request needs, and when they are checked: the permission column of graph-contract.md,
//! "Endpoints".

use crate::graph::{CallAction, CallId, Method, Route};
use crate::sim::settings::RoleCheck;

use super::answer::{Refusal, RequestCaller, WorldRequest};
use crate::sim::world::state::World;

type TokenRoles = &'static [&'static str];

/// A permission to place a 1:1 call.
pub(in crate::sim::world) const INITIATE: TokenRoles = &["Calls.Initiate.All"];
/// A permission to place a group call.
pub(in crate::sim::world) const GROUP: TokenRoles = &["Calls.InitiateGroupCall.All"];
/// The permissions to act on people of a call, or to answer one.
pub(in crate::sim::world) const JOIN: TokenRoles = &["Calls.JoinGroupCall.All", "Calls.JoinGroupCallAsGuest.All"];
/// The permissions to join a meeting; the last one is granted for a single chat.
pub(in crate::sim::world) const JOIN_MEETING: TokenRoles =
    &["Calls.JoinGroupCall.All", "Calls.JoinGroupCallAsGuest.All", "Calls.JoinGroupCalls.Chat"];
/// A permission to handle media.
pub(in crate::sim::world) const MEDIA: TokenRoles = &["Calls.AccessMedia.All"];

const CALL: TokenRoles = &["Calls.Initiate.All", "Calls.AccessMedia.All"];
const RECORDED: TokenRoles = &["Calls.AccessMedia.All", "Calls.JoinGroupCall.All"];
const GALLERY: TokenRoles =
    &["Calls.JoinGroupCallAsGuest.All", "Calls.InitiateGroupCall.All", "Calls.JoinGroupCall.All"];
const ROUTING: TokenRoles = &["Calls.JoinGroupCall.All", "Calls.InitiateGroupCall.All"];
const SHARING: TokenRoles =
    &["Calls.JoinGroupCallAsGuest.All", "Calls.Initiate.All", "Calls.InitiateGroupCall.All", "Calls.JoinGroupCall.All"];

/// The permissions that a documented request needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim::world) enum PermissionNeed {
    /// Any of these, on each request; an empty list needs no permission.
    Now(TokenRoles),
    /// Any of these, when the call was created or joined.
    AtCreation(TokenRoles),
}

/// The need of a request; `None` for requests that are not documented.
fn need(method: Method, route: &Route) -> Option<PermissionNeed> {
    use Method::{Delete, Get, Patch, Post};
    Some(match (method, route) {
        (Get | Delete, Route::Call(_)) | (Get, Route::Participants(_)) => PermissionNeed::AtCreation(CALL),
        (Post, Route::CallAction(_, action)) => need_of(*action),
        (Get | Delete, Route::Participant(..)) | (Post, Route::ParticipantAction(..)) => PermissionNeed::Now(JOIN),
        (Post, Route::Invite(_)) => PermissionNeed::Now(GROUP),
        (Post, Route::LogTeleconferenceDeviceQuality) => PermissionNeed::Now(MEDIA),
        (Get | Post, Route::AudioRoutingGroups(_)) | (Get | Patch | Delete, Route::AudioRoutingGroup(..)) => {
            PermissionNeed::Now(ROUTING)
        }
        (Get, Route::ContentSharingSessions(_) | Route::ContentSharingSession(..)) => PermissionNeed::Now(SHARING),
        // Creating a call needs what its shape needs; an operation is listed without permissions.
        (Post, Route::Calls) | (Get, Route::Operation(..)) => PermissionNeed::Now(&[]),
        _ => return None,
    })
}

const fn need_of(action: CallAction) -> PermissionNeed {
    match action {
        CallAction::KeepAlive | CallAction::Mute | CallAction::Unmute => PermissionNeed::AtCreation(CALL),
        CallAction::Answer => PermissionNeed::Now(JOIN),
        CallAction::Reject => PermissionNeed::Now(&[]),
        CallAction::Redirect | CallAction::Transfer => PermissionNeed::Now(INITIATE),
        CallAction::PlayPrompt | CallAction::CancelMediaProcessing => PermissionNeed::Now(CALL),
        CallAction::RecordResponse
        | CallAction::SubscribeToTone
        | CallAction::SendDtmfTones
        | CallAction::ChangeScreenSharingRole => PermissionNeed::Now(MEDIA),
        CallAction::UpdateRecordingStatus => PermissionNeed::Now(RECORDED),
        CallAction::AddLargeGalleryView => PermissionNeed::Now(GALLERY),
    }
}

/// Whether a request is in the service's metadata and not documented; all further requests are unknown.
pub(in crate::sim::world) fn in_metadata(method: Method, route: &Route) -> bool {
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

/// The documented methods of a resource.
#[must_use]
pub fn documented_methods(route: &Route) -> Vec<Method> {
    let all = [Method::Get, Method::Post, Method::Patch, Method::Delete];
    all.into_iter().filter(|it| need(*it, route).is_some()).collect()
}

/// Requires the permissions and the tenant that a documented request needs.
pub(in crate::sim::world) fn permit(world: &World, ask: &WorldRequest<'_>) -> Result<(), Refusal> {
    let Some(need) = need(ask.method, ask.route) else {
        return Err(Refusal::new(405, "notAllowed", "The method is not served at this path."));
    };
    match (need, world.settings.create_time_roles) {
        (PermissionNeed::Now(roles), _) | (PermissionNeed::AtCreation(roles), RoleCheck::EveryRequest) => {
            needs(ask.caller, roles)?;
        }
        (PermissionNeed::AtCreation(_), RoleCheck::AtCreation) => {}
    }
    match ask.route.call() {
        Some(call) => same_tenant_as(world, ask.caller, call),
        None => Ok(()),
    }
}

/// Requires a token for the tenant of a call.
pub(in crate::sim::world) fn same_tenant_as(
    world: &World,
    caller: &RequestCaller,
    call: &CallId,
) -> Result<(), Refusal> {
    let call = world.calls.get(call).ok_or_else(Refusal::no_call)?;
    same_tenant(caller, call.facts.tenant_id.as_deref().unwrap_or(&world.application.tenant))
}

/// Requires one of the permissions; an empty list requires no permission.
pub(in crate::sim::world) fn needs(caller: &RequestCaller, roles: &[&str]) -> Result<(), Refusal> {
    let has = caller.roles.iter().any(|it| roles.iter().any(|role| it.eq_ignore_ascii_case(role)));
    if roles.is_empty() || has {
        return Ok(());
    }
    Err(Refusal::new(403, "7504", "Insufficient enterprise tenant permissions, cannot access this API."))
}

/// Requires a token for the tenant. \[unverified\]: the code is documented, its status is not.
pub(in crate::sim::world) fn same_tenant(caller: &RequestCaller, tenant: &str) -> Result<(), Refusal> {
    if caller.tenant.eq_ignore_ascii_case(tenant) {
        return Ok(());
    }
    Err(Refusal::new(403, "7505", "Request authorization tenant mismatch."))
}
