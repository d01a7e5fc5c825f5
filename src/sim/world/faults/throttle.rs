//! Throttling: counts requests, and answers those that exceed the limit (graph-contract.md, "Timers and limits").

use std::collections::BTreeMap;

use crate::sim::settings::{RetryAfter, SimSettings};
use crate::time::{Millis, Timestamp};

use crate::sim::world::api::answer::{AnswerContent, RequestCaller, WorldAnswer};

/// The request counts of one time window.
#[derive(Debug, Default)]
pub(in crate::sim::world) struct ThrottleWindow {
    since: Option<Timestamp>,
    /// The number of requests of each tenant. Bounded: cleared at [`ThrottleWindow::MAX_TENANTS`],
    /// and with each window.
    requests: BTreeMap<Box<str>, u32>,
}

impl ThrottleWindow {
    /// The length of a window, as documented.
    const LENGTH: Millis = Millis::seconds(15);
    /// The maximum number of tenants with a count.
    const MAX_TENANTS: usize = 1_000;

    /// Counts a request, and returns the time to wait if it exceeds the limit.
    fn count(&mut self, now: Timestamp, tenant: &str, max_requests: u32) -> Option<Millis> {
        let since = self.since.filter(|it| now < *it + Self::LENGTH).unwrap_or(now);
        if self.since != Some(since) || self.requests.len() >= Self::MAX_TENANTS {
            self.since = Some(since);
            self.requests.clear();
        }
        let requests = self.requests.entry(tenant.into()).or_default();
        *requests = requests.saturating_add(1);
        (*requests > max_requests).then(|| (since + Self::LENGTH).since(now))
    }

    /// Counts a request, and returns the refusal if it exceeds the limit.
    pub(in crate::sim::world) fn refuse_excess(
        &mut self,
        now: Timestamp,
        caller: &RequestCaller,
        settings: &SimSettings,
    ) -> Option<WorldAnswer> {
        let wait = self.count(now, &caller.tenant, settings.requests_per_15s)?;
        let retry_after = match settings.retry_after {
            RetryAfter::Fractional => Some(format!("{}.{:03}", wait.0 / 1_000, wait.0 % 1_000)),
            RetryAfter::Whole => Some((wait.0.saturating_add(999) / 1_000).to_string()),
            RetryAfter::Absent => None,
        };
        let message = "Please retry again later.".to_owned();
        Some(WorldAnswer {
            content: AnswerContent::Error { code: "TooManyRequests", message },
            retry_after: retry_after.map(Into::into),
            ..WorldAnswer::empty(429)
        })
    }
}
