//! Notifications and webhooks on their way out, as data.

use serde_json::Value;

use crate::graph::{CallId, ParticipantId};
use crate::sim::settings::Signature;
use crate::time::Timestamp;

/// A notification that leaves for a webhook.
#[derive(Debug, Clone, PartialEq)]
pub struct OutgoingNotification {
    /// The call that it is about.
    pub call: CallId,
    /// The address that receives it; the one of the scenario's calls when absent.
    pub callback: Option<Box<str>>,
    /// When it leaves, in floor time.
    pub due: Timestamp,
    /// The tenant of its call.
    pub tenant: Box<str>,
    /// The id that all legs of its call share.
    pub chain: Box<str>,
    /// The meaning that its receiver's answer may have beyond the receipt.
    pub expects: ExpectedReply,
    /// One item of an envelope.
    pub notification: Value,
}

/// The meaning that a receiver's answer may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpectedReply {
    /// Nothing: the notification arrived, or did not.
    Nothing,
    /// Where an incoming call goes: 302 or 307 names another address.
    Place,
    /// A recorder's reply about a person who wants to join a recorded call.
    Reply(ParticipantId),
}

/// A webhook: one POST.
#[derive(Debug, Clone, PartialEq)]
pub struct WebhookPost {
    /// The call that it is about.
    pub call: CallId,
    /// The address that receives it; the one of the scenario's calls when absent.
    pub callback: Option<Box<str>>,
    /// The tenant of its call, for which its token is issued.
    pub tenant: Box<str>,
    /// The id that all legs of its call share.
    pub chain: Box<str>,
    /// The id of this message, the same when it is sent again.
    pub message: Box<str>,
    /// The id under which the platform logs it.
    pub scenario: Box<str>,
    /// The items of its envelope, in order; at least one.
    pub items: Vec<Value>,
    /// How it is signed.
    pub signature: Signature,
    /// The meaning that its receiver's answer may have; a webhook that expects a reply has one item.
    pub expects: ExpectedReply,
    /// How many times it is sent again when its receiver refuses it.
    pub again: u32,
    /// When its items leave, in floor time.
    pub(in crate::sim::world) due: Timestamp,
}
