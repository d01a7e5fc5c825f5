//! Reactions of a scenario's people to an action on them, such as a mute or a hold.

use crate::graph::{CallId, ParticipantId};
use crate::sim::scenario::ReactionTrigger;
use crate::time::Timestamp;

use crate::sim::world::agenda::ScheduledEvent;
use crate::sim::world::state::World;

impl World {
    /// Plans a person's reactions to an action on them.
    pub(in crate::sim::world) fn plan_reactions(
        &mut self,
        at: Timestamp,
        call: &CallId,
        who: &ParticipantId,
        trigger: ReactionTrigger,
    ) {
        let Some(member) = self.calls.live(call).and_then(|it| it.roster.member(who)) else { return };
        for reaction in member.reactions.iter().filter(|it| it.on == trigger) {
            let event = ScheduledEvent::Person(call.clone(), who.clone(), reaction.does);
            self.agenda.plan(at + reaction.after, event);
        }
    }
}
