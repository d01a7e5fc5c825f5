//! Queues notifications, and applies the faults in the settings: loss, delay, repetition, reordering and batching.

use crate::graph::CallId;
use crate::sim::settings::{Signature, SimSettings};
use crate::time::{Millis, Timestamp};

use super::notification::{ExpectedReply, OutgoingNotification, WebhookPost};
use super::wire_format::WireFormat;
use crate::sim::world::agenda::{Agenda, ScheduledEvent};
use crate::sim::world::faults::fault_rng::{FaultDraw, FaultRng};

/// Added to a notification's number, so that the draw of its delay is independent of the draw whether it is delayed.
const DELAY_DRAWS: u64 = 1 << 40;
/// The delay of an `hourLateNotifications` fault.
const HOUR: Millis = Millis::minutes(60);

/// The queue of notifications and webhooks to send next.
#[derive(Debug, Default)]
pub(in crate::sim::world) struct WebhookQueue {
    /// The notifications to send next, in order.
    leaving: Vec<OutgoingNotification>,
    /// Webhooks to send again. Bounded: the sender returns a bounded number.
    returning: Vec<WebhookPost>,
    sent: u64,
}

impl WebhookQueue {
    /// Returns the number of notifications sent, lost ones included.
    pub(in crate::sim::world) const fn sent(&self) -> u64 {
        self.sent
    }

    /// Continues the sequence numbers of another queue.
    pub(in crate::sim::world) const fn continue_from(&mut self, before: &Self) {
        self.sent = before.sent;
    }

    /// Queues a notification, plans it for later, or drops it, as the settings say.
    pub(in crate::sim::world) fn send(
        &mut self,
        at: Timestamp,
        outgoing: OutgoingNotification,
        (settings, fault_rng): (&SimSettings, &FaultRng),
        agenda: &mut Agenda,
    ) {
        self.sent += 1;
        let nth = self.sent;
        let hits = |draw, share| fault_rng.hits(draw, nth, share);
        if hits(FaultDraw::Drop, settings.drop_notifications) {
            return;
        }
        let mut due = at + settings.delay();
        if hits(FaultDraw::HourLate, settings.hour_late_notifications) {
            due = due + HOUR;
        }
        if hits(FaultDraw::Reorder, settings.reorder_notifications) {
            due = due + fault_rng.at(FaultDraw::Reorder, nth + DELAY_DRAWS).span(1, settings.reorder_window_ms);
        }
        let due = window_end(due, settings.batch_window_ms);
        let is_repeated = hits(FaultDraw::Repeat, settings.duplicate_notifications);
        let mut leaving = OutgoingNotification { due, ..outgoing };
        WireFormat::new(settings, fault_rng, nth).apply(&mut leaving.notification);
        for copy in [Some(leaving.clone()), is_repeated.then_some(leaving)].into_iter().flatten() {
            if copy.due > at {
                agenda.plan(copy.due, ScheduledEvent::Send(copy));
            } else {
                self.leaving.push(copy);
            }
        }
    }

    /// Queues a delayed notification that is due.
    pub(in crate::sim::world) fn push(&mut self, outgoing: OutgoingNotification) {
        self.leaving.push(outgoing);
    }

    /// Queues a webhook to be sent again.
    pub(in crate::sim::world) fn push_again(&mut self, post: WebhookPost) {
        self.returning.push(post);
    }

    /// Returns whether no notification is queued.
    pub(in crate::sim::world) fn is_empty(&self) -> bool {
        self.leaving.is_empty()
    }

    /// Removes and returns the queued notifications, in order.
    pub(in crate::sim::world) fn take(&mut self) -> Vec<OutgoingNotification> {
        std::mem::take(&mut self.leaving)
    }

    /// Puts back the notifications that [`Self::take`] returned.
    pub(in crate::sim::world) fn put_back(&mut self, leaving: Vec<OutgoingNotification>) {
        self.leaving = leaving;
    }

    /// Packs notifications into webhooks, in order. Webhooks to send again come first.
    pub(in crate::sim::world) fn batch(
        &mut self,
        leaving: Vec<OutgoingNotification>,
        settings: &SimSettings,
        fault_rng: &mut FaultRng,
    ) -> Vec<WebhookPost> {
        let mut posts = std::mem::take(&mut self.returning);
        let resent = posts.len();
        let max_items = usize::try_from(settings.batch_notifications).unwrap_or(usize::MAX).max(1);
        for outgoing in leaving {
            let new_posts = posts.iter_mut().skip(resent);
            let has_same_target = |it: &&mut WebhookPost| {
                (&it.call, &it.chain, &it.callback) == (&outgoing.call, &outgoing.chain, &outgoing.callback)
                    && (&it.expects, &outgoing.expects) == (&ExpectedReply::Nothing, &ExpectedReply::Nothing)
            };
            let last = new_posts.rev().find(has_same_target);
            let last = last.filter(|it| it.due == outgoing.due && it.items.len() < max_items);
            if let Some(last) = last {
                last.items.push(outgoing.notification);
            } else {
                posts.push(post(outgoing, settings, fault_rng));
            }
        }
        posts
    }
}

/// Creates a webhook with one notification.
fn post(outgoing: OutgoingNotification, settings: &SimSettings, fault_rng: &mut FaultRng) -> WebhookPost {
    let nth = fault_rng.next("webhooks");
    let message = fault_rng.at(FaultDraw::PostIds, nth).id::<CallId>().to_string().into();
    let is_wrong = fault_rng.hits(FaultDraw::Signature, nth, settings.webhook_signature_share);
    WebhookPost {
        call: outgoing.call,
        callback: outgoing.callback,
        tenant: outgoing.tenant,
        chain: outgoing.chain,
        message,
        items: vec![outgoing.notification],
        signature: if is_wrong { settings.webhook_signature } else { Signature::Valid },
        expects: outgoing.expects,
        retries_left: settings.redeliveries,
        next_waits_ms: settings.next_waits_ms,
        no_content: settings.no_content,
        due: outgoing.due,
    }
}

/// Returns the end of the batching window that contains `due`. Windows are `window` milliseconds long.
fn window_end(due: Timestamp, window: i64) -> Timestamp {
    if window <= 0 {
        return due;
    }
    let into_window = due.0.rem_euclid(window);
    if into_window == 0 { due } else { Timestamp(due.0 - into_window + window) }
}
