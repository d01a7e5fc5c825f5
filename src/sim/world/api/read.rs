//! What reading a call, its people and its operations gives (graph-contract.md, "Endpoints", rows 2, 11, 12, 26 to 28).

use serde_json::{Value, json};

use crate::graph::{CallId, OperationId, OperationKind, ParticipantId};

use super::answer::{Refusal, RequestCaller, WorldAnswer};
use super::permission::same_tenant;
use crate::sim::world::World;
use crate::sim::world::calls::call::CallOperation;
use crate::sim::world::calls::invite;
use crate::sim::world::notify::notifications::entity;

impl World {
    /// One call, also while it ends.
    pub(in crate::sim::world) fn read_call(&self, call: &CallId) -> Result<WorldAnswer, Refusal> {
        let body = self.calls.get(call).ok_or_else(Refusal::no_call)?.printed();
        Ok(WorldAnswer::entity(200, Some("communications/calls/$entity".into()), body))
    }

    /// A roster.
    pub(in crate::sim::world) fn read_participants(&mut self, call: &CallId) -> Result<WorldAnswer, Refusal> {
        let live = self.group(call)?;
        let context = format!("communications/calls('{call}')/participants");
        Ok(WorldAnswer::entity(200, Some(context), json!({ "value": live.roster() })))
    }

    /// Somebody in a call.
    pub(in crate::sim::world) fn read_participant(
        &mut self,
        call: &CallId,
        who: &ParticipantId,
    ) -> Result<WorldAnswer, Refusal> {
        let live = self.group(call)?;
        let found = live.present(who).ok_or_else(|| Refusal::no_item("The participant"))?;
        let context = format!("communications/calls('{call}')/participants/$entity");
        Ok(WorldAnswer::entity(200, Some(context), json!(found.participant())))
    }

    /// What became of an action.
    pub(in crate::sim::world) fn read_operation(
        &mut self,
        call: &CallId,
        operation: &OperationId,
    ) -> Result<WorldAnswer, Refusal> {
        let live = self.find(call)?;
        let found = live.operation(operation).ok_or_else(|| Refusal::no_item("The operation"))?;
        let context = format!("communications/calls('{call}')/operations/$entity");
        Ok(WorldAnswer::entity(200, Some(context), printed(found)))
    }

    /// Every call of the caller's tenant, which no page documents.
    pub(in crate::sim::world) fn list_calls(&self, caller: &RequestCaller) -> WorldAnswer {
        let own = |tenant: Option<&str>| same_tenant(caller, tenant.unwrap_or(&self.application.tenant)).is_ok();
        let calls = self.calls.values().filter(|it| own(it.facts.tenant_id.as_deref()));
        let value: Vec<Value> = calls.map(crate::sim::world::calls::call::LiveCall::printed).collect();
        WorldAnswer::entity(200, Some("communications/calls".into()), json!({ "value": value }))
    }

    /// The operations that a call remembers, which no page documents.
    pub(in crate::sim::world) fn list_operations(&self, call: &CallId) -> Result<WorldAnswer, Refusal> {
        let live = self.calls.get(call).ok_or_else(Refusal::no_call)?;
        let value: Vec<Value> = live.operations.iter().map(printed).collect();
        Ok(WorldAnswer::entity(
            200,
            Some(format!("communications/calls('{call}')/operations")),
            json!({ "value": value }),
        ))
    }
}

fn printed(operation: &CallOperation) -> Value {
    let mut body = entity(&operation.whole());
    if operation.kind == OperationKind::InviteParticipants {
        body.insert("participants".into(), invite::answered(&operation.invited));
    }
    body.entry("resultInfo").or_insert(Value::Null);
    Value::Object(body)
}
