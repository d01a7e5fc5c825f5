//! How notifications leave: late, lost, twice or out of order as the settings say, and several in one webhook.

use serde_json::Value;

use crate::graph::CallId;
use crate::sim::settings::Signature;
use crate::time::{Millis, Timestamp};

use crate::sim::world::agenda::ScheduledEvent;
use crate::sim::world::faults::fault_rng::FaultDraw;
use crate::sim::world::{ExpectedReply, OutgoingNotification, World};

/// A webhook: one POST.
#[derive(Debug, Clone, PartialEq)]
pub struct WebhookPost {
    /// The call that it is about.
    pub call: CallId,
    /// Where it goes; to wherever the scenario's calls notify when absent.
    pub callback: Option<Box<str>>,
    /// The tenant of its call, for which its token is made out.
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
    /// What its receiver's answer may mean; what expects something travels alone.
    pub expects: ExpectedReply,
    /// How many times it is sent again when it is not taken.
    pub again: u32,
    due: Timestamp,
}

/// How late an hour late is.
const HOUR: Millis = Millis::minutes(60);

impl World {
    /// Lets a notification leave, or not.
    pub(in crate::sim::world) fn leave(&mut self, at: Timestamp, outgoing: OutgoingNotification) {
        self.sent += 1;
        let (nth, faults) = (self.sent, &self.faults);
        let falls = |draw, share| self.fortune.falls(draw, nth, share);
        if falls(FaultDraw::Drop, faults.drop_notifications) {
            return;
        }
        let mut due = at + faults.delay();
        if falls(FaultDraw::HourLate, faults.hour_late_notifications) {
            due = due + HOUR;
        }
        if falls(FaultDraw::Reorder, faults.reorder_notifications) {
            due = due + self.fortune.at(FaultDraw::Reorder, nth + (1 << 40)).span(1, faults.reorder_window_ms);
        }
        let due = gathered(due, faults.batch_window_ms);
        let twice = falls(FaultDraw::Repeat, faults.duplicate_notifications);
        let mut leaving = OutgoingNotification { due, ..outgoing };
        self.dress(nth, &mut leaving.notification);
        for again in [Some(leaving.clone()), twice.then_some(leaving)].into_iter().flatten() {
            if again.due > at {
                self.plan(again.due, ScheduledEvent::Send(again));
            } else {
                self.outbox.push(again);
            }
        }
    }

    /// Puts what leaves into webhooks, in order, after those that are sent again.
    pub fn pack(&mut self, leaving: Vec<OutgoingNotification>) -> Vec<WebhookPost> {
        let mut letters = std::mem::take(&mut self.returning);
        let old = letters.len();
        let most = usize::try_from(self.faults.batch_notifications).unwrap_or(usize::MAX).max(1);
        for outgoing in leaving {
            let fresh = letters.iter_mut().skip(old);
            let same = |it: &&mut WebhookPost| {
                (&it.call, &it.chain, &it.callback) == (&outgoing.call, &outgoing.chain, &outgoing.callback)
                    && (&it.expects, &outgoing.expects) == (&ExpectedReply::Nothing, &ExpectedReply::Nothing)
            };
            let last = fresh.rev().find(same).filter(|it| it.due == outgoing.due && it.items.len() < most);
            if let Some(last) = last {
                last.items.push(outgoing.notification);
            } else {
                let letter = self.letter(outgoing);
                letters.push(letter);
            }
        }
        letters
    }

    /// Takes back a webhook that was not taken, to send it again a while later.
    pub fn send_again(&mut self, now: Timestamp, letter: WebhookPost) {
        if letter.again > 0 {
            let letter = WebhookPost { again: letter.again - 1, ..letter };
            self.plan(now + Millis(self.faults.redeliver_after_ms.max(0)), ScheduledEvent::Resend(letter));
        }
    }

    fn letter(&mut self, outgoing: OutgoingNotification) -> WebhookPost {
        let nth = self.fortune.next("letters");
        let mut ids = self.fortune.at(FaultDraw::Letter, nth);
        let mut id = || ids.id::<CallId>().to_string().into();
        let wrong = self.fortune.falls(FaultDraw::Signature, nth, self.faults.webhook_signature_share);
        WebhookPost {
            call: outgoing.call,
            callback: outgoing.callback,
            tenant: outgoing.tenant,
            chain: outgoing.chain,
            message: id(),
            scenario: id(),
            items: vec![outgoing.notification],
            signature: if wrong { self.faults.webhook_signature } else { Signature::Valid },
            expects: outgoing.expects,
            again: self.faults.redeliveries,
            due: outgoing.due,
        }
    }
}

/// The next moment at which what gathers for this long leaves.
fn gathered(due: Timestamp, window: i64) -> Timestamp {
    if window <= 0 {
        return due;
    }
    let over = due.0.rem_euclid(window);
    if over == 0 { due } else { Timestamp(due.0 - over + window) }
}
