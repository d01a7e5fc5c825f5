//! Notifications: their content, their form on the wire, and their way to webhooks.

pub(super) mod notification;
pub(super) mod notifications;
pub(super) mod notify_first;
pub(super) mod roster_changes;
pub(super) mod webhook_queue;
pub(super) mod wire_format;
