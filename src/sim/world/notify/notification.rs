//! Outgoing notifications and webhooks, as data.

use serde_json::Value;

use crate::graph::{CallId, ParticipantId};
use crate::sim::settings::{NoContent, Signature};
use crate::time::Timestamp;

/// A notification to be sent in a webhook.
#[derive(Debug, Clone, PartialEq)]
pub struct OutgoingNotification {
    /// The call that it is about.
    pub call: CallId,
    /// The address that receives it: the one that the call was created with, or else the setting `callback`.
    pub callback: Option<Box<str>>,
    /// The floor time at which it is sent.
    pub due: Timestamp,
    /// The tenant of its call.
    pub tenant: Box<str>,
    /// Its call's `callChainId`.
    pub chain: Box<str>,
    /// What its receiver's answer means, beyond a plain 2xx that acknowledges it.
    pub expects: ExpectedReply,
    /// The JSON object; it becomes one item of a webhook's body.
    pub notification: Value,
}

/// What a receiver's answer to a webhook means, beyond a plain 2xx that acknowledges it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpectedReply {
    /// Nothing: the answer only acknowledges the notification.
    Nothing,
    /// A plain acknowledgement, or the address that handles an incoming call: 302 or 307 sends its notification there.
    AddressOrReceipt,
    /// A recorder's reply about a person who wants to join a recorded call.
    Reply(ParticipantId),
}

/// A webhook: one POST.
#[derive(Debug, Clone, PartialEq)]
pub struct WebhookPost {
    /// The call that it is about.
    pub call: CallId,
    /// The address that receives it: the one that the call was created with, or else the setting `callback`.
    pub callback: Option<Box<str>>,
    /// The tenant of its call, for which its token is issued.
    pub tenant: Box<str>,
    /// Its call's `callChainId`.
    pub chain: Box<str>,
    /// The id of this message, the same when it is sent again.
    pub message: Box<str>,
    /// The notifications in its body, in order; at least one.
    pub items: Vec<Value>,
    /// The signature of its token.
    pub signature: Signature,
    /// The meaning of its receiver's answer. A webhook that expects a reply has one item.
    pub expects: ExpectedReply,
    /// The number of remaining retries if its receiver refuses it.
    pub retries_left: u32,
    /// The wall time that the next webhook of its call waits for the answer, in milliseconds.
    pub next_waits_ms: u64,
    /// The meaning of 204 if it is about an incoming call.
    pub no_content: NoContent,
    /// The floor time at which it is sent.
    pub(in crate::sim::world) due: Timestamp,
}
