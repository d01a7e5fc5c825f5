//! The large gallery view (graph-contract.md, "Endpoints", row 25): an application of the service that joins the
//! roster.

use crate::graph::{CallId, Identity, IdentitySet, OperationKind};
use crate::time::Timestamp;

use crate::sim::world::World;
use crate::sim::world::agenda::ScheduledEvent;
use crate::sim::world::api::answer::{Refusal, WorldAnswer};
use crate::sim::world::api::operate::established;
use crate::sim::world::calls::call::Presence;
use crate::sim::world::calls::spawn::member_for;

/// What its identity calls itself.
const KIND: &str = "LargeGallery-V2";

impl World {
    /// Asks for the gallery; it comes within seconds.
    pub(in crate::sim::world) fn add_large_gallery_view(
        &mut self,
        now: Timestamp,
        call: &CallId,
        body: &[u8],
    ) -> Result<WorldAnswer, Refusal> {
        let context = self.context(body)?;
        let me = established(self.group(call)?)?.me.clone();
        let operation = self.operation(OperationKind::AddLargeGalleryView, &me, context);
        let comes = now + self.soon(600, 2_000);
        self.plan(comes, ScheduledEvent::Settle(call.clone(), operation.id.clone()));
        Ok(self.answered(call, 202, operation)?.with_nulls(&["resultInfo"]))
    }

    /// Lets the gallery join. \[unverified\]: one that is there already stays the only one.
    pub(in crate::sim::world) fn seat_gallery(&mut self, call: &CallId) {
        let (id, who) = (self.casting.id(), self.casting.id::<CallId>().to_string());
        let Some(live) = self.live(call) else { return };
        if live.members.iter().any(crate::sim::world::calls::call::CallMember::is_system) {
            return;
        }
        let application = Identity {
            id: Some(who.into()),
            identity_provider: Some("AAD".into()),
            application_type: Some(KIND.into()),
            ..Identity::default()
        };
        let identity = IdentitySet { application: Some(application.into()), ..IdentitySet::default() };
        let mut gallery = member_for(id, identity);
        gallery.presence = Presence::Here;
        live.seat(gallery);
        self.touched.insert(call.clone());
    }
}
