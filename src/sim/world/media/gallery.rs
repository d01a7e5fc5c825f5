//! The large gallery view (graph-contract.md, "Endpoints", row 25): an application of the service
//! that joins the roster.

use crate::graph::{CallId, Identity, IdentitySet, OperationKind};
use crate::time::Timestamp;

use crate::sim::world::agenda::ScheduledEvent;
use crate::sim::world::api::answer::{Refusal, WorldAnswer};
use crate::sim::world::api::body::client_context;
use crate::sim::world::calls::member::{CallMember, Presence};
use crate::sim::world::calls::operation::CallOperation;
use crate::sim::world::state::World;

/// The `applicationType` of its identity.
const KIND: &str = "LargeGallery-V2";

/// Adds the gallery to the call; it joins within seconds.
pub(in crate::sim::world) fn add(
    world: &mut World,
    now: Timestamp,
    call: &CallId,
    body: &[u8],
) -> Result<WorldAnswer, Refusal> {
    let context = client_context(&world.settings, body)?;
    let me = world.calls.group_call(call)?.established()?.roster.me.clone();
    let operation = CallOperation::running(world.ids.id(), OperationKind::AddLargeGalleryView, &me, context);
    let joins_at = now + world.random_delay(600, 2_000);
    world.agenda.plan(joins_at, ScheduledEvent::Settle(call.clone(), operation.id.clone()));
    Ok(world.calls.accept(call, 202, operation)?.with_nulls(&["resultInfo"]))
}

/// Adds the gallery to the roster. \[unverified\]: if the call has one already, no second one joins.
pub(in crate::sim::world) fn join(world: &mut World, call: &CallId) {
    let (id, who) = (world.ids.id(), world.ids.id::<CallId>().to_string());
    let Some(live) = world.calls.live(call) else { return };
    if live.roster.members.iter().any(CallMember::is_system) {
        return;
    }
    let application = Identity {
        id: Some(who.into()),
        identity_provider: Some("AAD".into()),
        application_type: Some(KIND.into()),
        ..Identity::default()
    };
    let identity = IdentitySet { application: Some(application.into()), ..IdentitySet::default() };
    let mut gallery = CallMember::expected(id, identity);
    gallery.presence = Presence::Here;
    live.roster.add_member(gallery);
    world.calls.mark_changed(call);
}
