//! Screen sharing (graph-contract.md, "Endpoints", rows 24 and 28): the application's role, and the sharing session.

use serde_json::json;

use crate::graph::{CallId, ContentSharingSession, MediaDirection, ScreenSharingRole};
use crate::time::Timestamp;

use crate::sim::world::agenda::ScheduledEvent;
use crate::sim::world::api::answer::{Refusal, WorldAnswer};
use crate::sim::world::api::body::{json_object, required};
use crate::sim::world::calls::call_body::app_hosted;
use crate::sim::world::state::World;

/// Sets the application's role: sharer or viewer.
pub(in crate::sim::world) fn change_role(
    world: &mut World,
    now: Timestamp,
    call: &CallId,
    body: &[u8],
) -> Result<WorldAnswer, Refusal> {
    let asked = json_object(body)?;
    let role = required(&asked, "role")?.as_str().map(ScreenSharingRole::parse);
    let is_sharer = match role {
        Some(ScreenSharingRole::Sharer) => true,
        Some(ScreenSharingRole::Viewer) => false,
        None | Some(ScreenSharingRole::Unknown(_)) => {
            return Err(Refusal::invalid("role must be viewer or sharer."));
        }
    };
    let session = world.ids.id::<CallId>().to_string();
    let live = world.calls.group_call(call)?.established()?;
    if !app_hosted(&live.facts) {
        return Err(Refusal::invalid("This operation is supported for calls with app-hosted media only."));
    }
    let me = live.roster.me.clone();
    if let Some(me) = live.roster.own_member() {
        me.screen = Some(if is_sharer { MediaDirection::SendOnly } else { MediaDirection::ReceiveOnly });
    }
    let wants_notifications =
        live.facts.call_options.as_ref().and_then(|it| it.is_content_sharing_notification_enabled);
    let changed = match (is_sharer, live.media.sharing.take()) {
        (true, Some(before)) => {
            live.media.sharing = Some(before);
            None
        }
        (true, None) => {
            let new = ContentSharingSession { id: Some(session.into()), presenter_participant_id: Some(me) };
            live.media.sharing = Some(new.clone());
            Some(("created", new))
        }
        (false, before) => before.map(|it| ("deleted", it)),
    };
    if let Some((change, session)) = changed.filter(|_| wants_notifications == Some(true)) {
        let path = world.path(call, "/contentsharingsessions");
        world.notify(now, call, (change, path), json!([session]));
    }
    let roster_at = now + world.random_delay(120, 600);
    world.agenda.plan(roster_at, ScheduledEvent::NotifyRoster(call.clone()));
    Ok(WorldAnswer::empty(202))
}

/// Lists the sharing sessions of a call.
pub(in crate::sim::world) fn list(world: &mut World, call: &CallId) -> Result<WorldAnswer, Refusal> {
    let live = world.calls.group_call(call)?;
    let value: Vec<_> = live.media.sharing.iter().collect();
    let context = format!("communications/calls('{call}')/contentSharingSessions");
    Ok(WorldAnswer::entity(200, Some(context), json!({ "value": value })))
}

/// Returns one sharing session of a call.
pub(in crate::sim::world) fn read(world: &mut World, call: &CallId, session: &str) -> Result<WorldAnswer, Refusal> {
    let is_wanted = |it: &&ContentSharingSession| it.id.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(session));
    let found = world.calls.group_call(call)?.media.sharing.as_ref().filter(is_wanted);
    let found = found.ok_or_else(|| Refusal::no_item("The session"))?;
    let context = format!("communications/calls('{call}')/contentSharingSessions/$entity");
    Ok(WorldAnswer::entity(200, Some(context), json!(found)))
}
