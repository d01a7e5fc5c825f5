//! Notifications: their content, their JSON form, and the webhooks that carry them.

pub(super) mod notification;
pub(super) mod notifications;
pub(super) mod notify_first;
pub(super) mod roster_changes;
pub(super) mod webhook_queue;
pub(super) mod wire_format;
