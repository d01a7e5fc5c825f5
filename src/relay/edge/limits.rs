//! Every limit on the relay's callers, each with a default. Plain numbers: other files enforce them.

use std::time::Duration;

use serde::Deserialize;

/// The limits on what callers may send and hold open. Times are wall time.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct RelayLimits {
    /// The maximum number of connections; further ones wait in the system's queue. A feed's connection stops counting
    /// when it is upgraded: consoles have a separate limit.
    pub connections: usize,
    /// The maximum number of connections from one address; further ones are closed. Off behind a proxy.
    pub connections_per_address: usize,
    /// The time for a TLS handshake, in seconds.
    pub handshake_seconds: u64,
    /// The time for a request's head, and between requests, in seconds.
    pub head_seconds: u64,
    /// The time for a webhook's body, in seconds.
    pub body_seconds: u64,
    /// The time in which a caller must read some of its answer, in seconds.
    pub stall_seconds: u64,
    /// The time in which a stalled console can still read why it is disconnected, in seconds.
    pub goodbye_seconds: u64,
    /// The largest head of a request, in bytes; at least 8192.
    pub head_bytes: usize,
    /// The largest body of a webhook, in bytes.
    pub body_bytes: usize,
    /// The time for the body of an operator's request, in seconds.
    pub gate_body_seconds: u64,
    /// The largest body of an operator's request, in bytes.
    pub gate_body_bytes: usize,
    /// The maximum time from the key press of an act to its first request to Graph, in seconds. The gate refuses a
    /// later act as EXPIRED. It is real time at any speed of floor time. An act that does not say when its key was
    /// pressed does not expire.
    pub act_expires_seconds: u64,
    /// The longest token of a webhook, in bytes.
    pub token_bytes: usize,
    /// The maximum number of webhooks processed at the same time; further ones are answered with a request to retry.
    pub webhooks_at_once: usize,
    /// The maximum number of webhooks per second with the same token; further ones are answered with
    /// a request to retry.
    pub webhooks_per_second: u32,
    /// The burst of this rate.
    pub webhooks_burst: u32,
    /// The maximum number of requests per second from one address without a token: health, unknown paths.
    pub requests_per_second: u32,
    /// The burst of this rate.
    pub requests_burst: u32,
    /// The maximum number of forged or guessed tokens per minute from one address.
    pub failures_per_minute: u32,
    /// The burst of this rate.
    pub failures_burst: u32,
    /// The maximum number of addresses with a separate limit; all others share one.
    pub addresses: usize,
    /// The maximum number of consoles.
    pub consoles: usize,
    /// The maximum number of consoles with the same token.
    pub consoles_per_token: usize,
    /// The maximum number of consoles of one operator, who can have two tokens.
    pub consoles_per_operator: usize,
    /// The maximum number of frames per second from all consoles of one operator; further ones wait.
    pub console_frames_per_second: u32,
    /// The burst of this rate.
    pub console_frames_burst: u32,
    /// The maximum number of pages of history per second for all consoles of one operator; further ones wait.
    pub history_per_second: u32,
    /// The burst of this rate.
    pub history_burst: u32,
    /// The maximum number of past floors per second for all consoles of one operator; further ones wait.
    pub past_floors_per_second: u32,
    /// The burst of this rate.
    pub past_floors_burst: u32,
    /// The maximum number of whole floors per minute for all consoles of one operator; further ones wait.
    pub snapshots_per_minute: u32,
    /// The burst of this rate.
    pub snapshots_burst: u32,
    /// The time in which a console must take each 16 MiB of a whole floor, in seconds.
    pub snapshot_seconds: u64,
    /// The shortest time between two notes in the journal of the same kind of refusal, in seconds.
    pub refusals_noted_seconds: u64,
}

/// An invalid limit: its text, and the reason.
#[derive(Debug, thiserror::Error)]
#[error("{text:?} sets no limit: {error}; write it as body-bytes=1048576")]
pub struct LimitError {
    text: String,
    error: String,
}

/// A rate, and the burst above it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::relay) struct RateLimit {
    pub(in crate::relay) per_second: f64,
    pub(in crate::relay) burst: f64,
}

impl RateLimit {
    fn per_second(rate: u32, burst: u32) -> Self {
        Self { per_second: f64::from(rate), burst: f64::from(burst) }
    }

    fn per_minute(rate: u32, burst: u32) -> Self {
        Self { per_second: f64::from(rate) / 60.0, burst: f64::from(burst) }
    }
}

impl Default for RelayLimits {
    fn default() -> Self {
        Self {
            connections: 1_024,
            connections_per_address: 512,
            handshake_seconds: 10,
            head_seconds: 10,
            body_seconds: 10,
            stall_seconds: 5,
            goodbye_seconds: 5,
            head_bytes: 64 * 1_024,
            body_bytes: 4 * 1_024 * 1_024,
            gate_body_seconds: 10,
            gate_body_bytes: 64 * 1_024,
            act_expires_seconds: 5,
            token_bytes: 16 * 1_024,
            webhooks_at_once: 256,
            webhooks_per_second: 20_000,
            webhooks_burst: 40_000,
            requests_per_second: 1_000,
            requests_burst: 5_000,
            failures_per_minute: 60,
            failures_burst: 120,
            addresses: 16_384,
            consoles: 2_000,
            consoles_per_token: 32,
            consoles_per_operator: 64,
            console_frames_per_second: 200,
            console_frames_burst: 1_000,
            history_per_second: 100,
            history_burst: 400,
            past_floors_per_second: 4,
            past_floors_burst: 16,
            snapshots_per_minute: 60,
            snapshots_burst: 60,
            snapshot_seconds: 60,
            refusals_noted_seconds: 60,
        }
    }
}

impl RelayLimits {
    /// Creates the defaults, changed by settings of the form `NAME=VALUE`, where a name is a field's with dashes.
    ///
    /// # Errors
    /// Fails if the name is unknown, if the value is not a number, or if the limit would refuse every caller.
    pub fn with(settings: &[String]) -> Result<Self, LimitError> {
        let fault = |text: &str, error: &str| LimitError { text: text.to_owned(), error: error.trim().to_owned() };
        for text in settings {
            // Each setting is tried separately first, so that the error contains the invalid one.
            let one: Self = toml::from_str(text).map_err(|error| fault(text, error.message()))?;
            if one.refuses_everyone() {
                return Err(fault(text, "with this value the relay would refuse every caller"));
            }
        }
        let all = settings.join("\n");
        toml::from_str(&all).map_err(|error| fault(&all, error.message()))
    }

    fn refuses_everyone(&self) -> bool {
        let sizes = [
            self.connections,
            self.connections_per_address,
            self.body_bytes,
            self.gate_body_bytes,
            self.token_bytes,
            self.webhooks_at_once,
            self.addresses,
            self.consoles,
            self.consoles_per_token,
            self.consoles_per_operator,
        ];
        let times = [
            self.handshake_seconds,
            self.head_seconds,
            self.body_seconds,
            self.gate_body_seconds,
            self.act_expires_seconds,
            self.stall_seconds,
            self.goodbye_seconds,
            self.snapshot_seconds,
        ];
        let rates = [
            self.webhooks_per_second,
            self.requests_per_second,
            self.failures_per_minute,
            self.console_frames_per_second,
            self.history_per_second,
            self.past_floors_per_second,
            self.snapshots_per_minute,
        ];
        let bursts = [
            self.webhooks_burst,
            self.requests_burst,
            self.failures_burst,
            self.console_frames_burst,
            self.history_burst,
            self.past_floors_burst,
            self.snapshots_burst,
        ];
        let has_zero = sizes.contains(&0) || times.contains(&0) || bursts.contains(&0) || rates.contains(&0);
        has_zero || self.head_bytes < 8_192
    }

    pub(in crate::relay) const fn head(&self) -> Duration {
        Duration::from_secs(self.head_seconds)
    }

    pub(in crate::relay) const fn body(&self) -> Duration {
        Duration::from_secs(self.body_seconds)
    }

    pub(in crate::relay) const fn gate_body(&self) -> Duration {
        Duration::from_secs(self.gate_body_seconds)
    }

    pub(in crate::relay) const fn act_lifetime(&self) -> Duration {
        Duration::from_secs(self.act_expires_seconds)
    }

    pub(in crate::relay) fn webhooks(&self) -> RateLimit {
        RateLimit::per_second(self.webhooks_per_second, self.webhooks_burst)
    }

    pub(in crate::relay) fn requests(&self) -> RateLimit {
        RateLimit::per_second(self.requests_per_second, self.requests_burst)
    }

    pub(in crate::relay) fn failures(&self) -> RateLimit {
        RateLimit::per_minute(self.failures_per_minute, self.failures_burst)
    }

    pub(in crate::relay) fn console_frames(&self) -> RateLimit {
        RateLimit::per_second(self.console_frames_per_second, self.console_frames_burst)
    }

    pub(in crate::relay) fn history(&self) -> RateLimit {
        RateLimit::per_second(self.history_per_second, self.history_burst)
    }

    pub(in crate::relay) fn past_floors(&self) -> RateLimit {
        RateLimit::per_second(self.past_floors_per_second, self.past_floors_burst)
    }

    pub(in crate::relay) fn snapshots(&self) -> RateLimit {
        RateLimit::per_minute(self.snapshots_per_minute, self.snapshots_burst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_set_by_name_and_an_error_contains_the_invalid_one() {
        let set = |words: &[&str]| RelayLimits::with(&words.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>());
        let limits = set(&["connections=9", "body-seconds=3"]).unwrap();
        assert_eq!(limits, RelayLimits { connections: 9, body_seconds: 3, ..RelayLimits::default() });
        for wrong in [
            "conections=9",
            "connections=many",
            "connections=-1",
            "connections=0",
            "head-bytes=100",
            "webhooks-per-second=0",
            "requests-per-second=0",
            "failures-per-minute=0",
            "head-seconds=0",
        ] {
            let error = set(&["consoles=5", wrong]).unwrap_err().to_string();
            assert!(error.contains(wrong), "{error}");
        }
        assert!(set(&["consoles=5", "consoles=6"]).is_err());
    }
}
