//! The notifications of the world, member for member as documented (graph-contract.md, "Notifications").

use serde_json::{Map, Value, json};

use crate::graph::{CallId, CallState, OperationId, OperationKind};
use crate::sim::scenario::PlannedDirection;
use crate::sim::settings::MediaNews;
use crate::time::Timestamp;

use super::notification::{ExpectedReply, OutgoingNotification};
use super::roster_changes::RosterChange;
use super::wire_format::WireFormat;
use crate::sim::world::calls::operation::InvitedGuest;
use crate::sim::world::entity::{entity, typed};
use crate::sim::world::state::World;

/// The number in the etag of a world's first notification. Clients must treat an etag as opaque, so the number is arbitrary.
const FIRST_ETAG: u64 = 54_000;

/// Returns the `applicationMetadata` of a recorder's incoming call, with the documented members. \[unverified\]: which of
/// them have no value, and their values.
fn recorder_metadata() -> Value {
    json!({ "botData": {
        "mediaHostedRegion": "USWE",
        "user": { "participationMethod": "caller", "clientLocation": "US" },
        "inviteReasons": ["PolicyBasedRecording"],
        "policyIdentifier": "Simulated recording policy",
        "pairedRecorders": [],
        "otherRecorders": [],
    } })
}

impl World {
    /// Sends one notification for each roster that has changed. The roster of a meeting changes in all of its legs.
    pub(in crate::sim::world) fn notify_rosters(&mut self, at: Timestamp) {
        let mut changed = self.calls.take_changed();
        let legs_of = |id: &CallId| self.calls.get(id).map(|it| it.roster.other_legs.clone()).unwrap_or_default();
        let legs: Vec<CallId> = changed.iter().flat_map(legs_of).collect();
        changed.extend(legs);
        for id in changed {
            if let Some(change) = self.calls.get_mut(&id).and_then(RosterChange::take_due) {
                let data = change.data(self.settings.delta_roster);
                self.notify(at, &id, ("updated", self.path(&id, "/participants")), data);
            }
        }
    }

    /// Sends the notification of an incoming call. No other notification of a call has the change type `created`.
    pub(in crate::sim::world) fn notify_incoming(&mut self, at: Timestamp, id: &CallId) {
        let Some(call) = self.calls.get(id) else { return };
        let whole = entity(&call.whole());
        let mut data = self.resource(id, "#microsoft.graph.call");
        let always = ["state", "direction", "source", "targets", "requestedModalities", "chatInfo", "meetingInfo"];
        let for_recorders: &[&str] = match call.recorder {
            Some(_) => &["tenantId", "myParticipantId", "callChainId", "incomingContext", "id"],
            None => &[],
        };
        for member in always.iter().chain(for_recorders) {
            if let Some(value) = whole.get(*member) {
                data.insert((*member).into(), value.clone());
            }
        }
        if call.recorder.is_some() {
            data.insert("applicationMetadata".into(), recorder_metadata());
        }
        self.notify(at, id, ("created", self.path(id, "")), Value::Object(data));
    }

    /// Sends the notification of a changed call state, as a partial call.
    pub(in crate::sim::world) fn notify_state(&mut self, at: Timestamp, id: &CallId) {
        let Some(call) = self.calls.get(id) else { return };
        let live_outgoing = call.direction == PlannedDirection::Outgoing && call.state != CallState::Terminating;
        let whole = entity(&call.whole());
        let wanted: &[&str] = match (live_outgoing, &call.state) {
            (true, CallState::Established) if call.facts.chat_info.is_none() => &["direction", "id"],
            (true, _) => &["chatInfo", "meetingInfo", "id"],
            (false, _) => &[],
        };
        // The documented examples for outgoing calls and for `terminating` contain neither the call's path nor an etag.
        let mut data = if live_outgoing || call.state == CallState::Terminating {
            typed("#microsoft.graph.call")
        } else {
            self.resource(id, "#microsoft.graph.call")
        };
        let media: &[&str] = match (&call.state, self.settings.media_state) {
            (CallState::Established, MediaNews::WithState) => &["mediaState"],
            _ => &[],
        };
        for member in ["state"].iter().chain(wanted).chain(media) {
            if let Some(value) = whole.get(*member) {
                data.insert((*member).into(), value.clone());
            }
        }
        self.notify(at, id, ("updated", self.path(id, "")), Value::Object(data));
    }

    /// Sends a notification with the call's state and at most one other member.
    pub(in crate::sim::world) fn notify_call(&mut self, at: Timestamp, id: &CallId, member: Option<(&str, Value)>) {
        let Some(call) = self.calls.get(id) else { return };
        let mut data = typed("#microsoft.graph.call");
        data.insert("state".into(), json!(call.state));
        if let Some((name, value)) = member {
            data.insert(name.into(), value);
        }
        self.notify(at, id, ("updated", self.path(id, "")), Value::Object(data));
    }

    /// Sends the state of the audio, in a notification of its own.
    pub(in crate::sim::world) fn notify_audio(&mut self, at: Timestamp, id: &CallId) {
        let Some(state) = self.calls.live(id).map(|it| json!(it.facts.media_state)) else { return };
        self.notify_call(at, id, Some(("mediaState", state)));
    }

    /// Sends the notification that a call ended because it was rejected or redirected. After a rejection its data
    /// contains only the call's path; after a redirection the call's state, direction, callback, participants and ids.
    pub(in crate::sim::world) fn notify_unanswered(&mut self, at: Timestamp, id: &CallId, redirected: bool) {
        let Some(call) = self.calls.get(id) else { return };
        let whole = entity(&call.whole());
        let mut data = typed("#microsoft.graph.call");
        if redirected {
            for member in ["state", "direction", "callbackUri", "source", "targets", "myParticipantId", "id"] {
                if let Some(value) = whole.get(member) {
                    data.insert(member.into(), value.clone());
                }
            }
        } else {
            data.insert("@odata.id".into(), json!(self.path(id, "")));
        }
        self.notify(at, id, ("deleted", self.path(id, "")), Value::Object(data));
    }

    /// Sends the notification of a call's end: always `deleted`, with the call's result.
    pub(in crate::sim::world) fn notify_ended(&mut self, at: Timestamp, id: &CallId) {
        let Some(call) = self.calls.get(id) else { return };
        let mut data = typed("#microsoft.graph.call");
        data.insert("state".into(), json!(call.state));
        data.insert("resultInfo".into(), json!(call.facts.result_info));
        self.notify(at, id, ("deleted", self.path(id, "")), Value::Object(data));
    }

    /// Sends the notification of an operation's end. The path of an invitation or a media operation has a leading slash;
    /// the path of any other operation does not. Only the data of invitations, tones and recordings contains the id.
    pub(in crate::sim::world) fn notify_operation(&mut self, at: Timestamp, id: &CallId, operation: &OperationId) {
        let path = self.path(id, &format!("/operations/{}", self.wire_id(&operation.to_string())));
        let Some(ended) = self.calls.get_mut(id).and_then(|it| it.operations.get_mut(operation)).cloned() else {
            return;
        };
        let mut data = typed(ended.kind.as_str());
        data.insert("status".into(), json!(ended.status));
        if let Some(context) = &ended.context {
            data.insert("clientContext".into(), json!(context));
        }
        if let Some(result) = &ended.result {
            data.insert("resultInfo".into(), json!(result));
        }
        if ended.kind == OperationKind::InviteParticipants {
            data.insert("id".into(), json!(operation));
            data.insert("participants".into(), InvitedGuest::notified(&ended.invited));
            self.notify(at, id, ("deleted", path), Value::Object(data));
            return;
        }
        if ended.is_media() {
            data.extend(ended.media_members(&path, &self.etag()));
            self.notify(at, id, ("deleted", path), Value::Object(data));
            return;
        }
        let bare = path.trim_start_matches('/').to_owned();
        data.insert("@odata.id".into(), json!(bare));
        data.insert("@odata.etag".into(), json!(self.etag()));
        self.notify(at, id, ("deleted", bare), Value::Object(data));
    }

    /// Sends a notification of a change at a path, unless the call ends silently.
    pub(in crate::sim::world) fn notify(
        &mut self,
        at: Timestamp,
        id: &CallId,
        (change, path): (&str, String),
        data: Value,
    ) {
        let Some(call) = self.calls.get(id).filter(|it| !it.lifetime.ends_silently) else { return };
        let mut item = typed("#microsoft.graph.commsNotification");
        item.insert("changeType".into(), json!(change));
        item.insert("resourceUrl".into(), Value::String(path));
        if let Some(callback) = call.callback.as_ref().filter(|_| call.direction == PlannedDirection::Outgoing) {
            item.insert("callbackUri".into(), json!(callback));
        }
        item.insert("resourceData".into(), data);
        let expects = if change == "created" && call.state == CallState::Incoming {
            ExpectedReply::AddressOrReceipt
        } else {
            ExpectedReply::Nothing
        };
        self.notify_item(at, id, (item, expects));
    }

    /// Sends an item about a call to the call's callback address.
    pub(in crate::sim::world) fn notify_item(
        &mut self,
        at: Timestamp,
        id: &CallId,
        (item, expects): (Map<String, Value>, ExpectedReply),
    ) {
        let Some(call) = self.calls.get(id) else { return };
        let chain = call.facts.call_chain_id.clone().unwrap_or_default();
        let tenant = call.facts.tenant_id.clone().unwrap_or_else(|| self.application.tenant.clone());
        let (call, callback) = (id.clone(), call.callback.clone());
        let notification = Value::Object(item);
        self.send(at, OutgoingNotification { call, callback, due: at, tenant, chain, expects, notification });
    }

    fn resource(&self, id: &CallId, kind: &str) -> Map<String, Value> {
        let mut data = typed(kind);
        data.insert("@odata.id".into(), json!(self.path(id, "")));
        data.insert("@odata.etag".into(), json!(self.etag()));
        data
    }

    fn etag(&self) -> String {
        format!("W/\"{}\"", FIRST_ETAG + self.webhooks.sent())
    }

    /// Returns an id as the next notification spells it in a path (setting `idCasing`).
    fn wire_id(&self, id: &str) -> String {
        WireFormat::new(&self.settings, &self.fault_rng, self.webhooks.sent()).spell(id)
    }

    /// Returns the path of a call, or of a resource below it.
    pub(in crate::sim::world) fn path(&self, call: &CallId, tail: &str) -> String {
        format!("/communications/calls/{}{tail}", self.wire_id(&call.to_string()))
    }
}
