//! What the relay counts and measures, and its text as Prometheus reads it. It holds figures and no names: nothing
//! that a caller wrote becomes a label.

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::relay::graph::circuit_breaker::{OpenCause, Priority};
use crate::time::Millis;

type PlainFamily = [(&'static str, &'static str); 0];
type OneLabel = [(&'static str, &'static str); 1];
type TwoLabels = [(&'static str, Cow<'static, str>); 2];

/// The relay's figures.
#[derive(Debug)]
pub(in crate::relay) struct RelayMetrics {
    registry: Mutex<Registry>,
    began: Instant,
    /// Connections that are open now; consoles count for themselves.
    pub(in crate::relay) connections: Gauge,
    webhooks: Family<OneLabel, Counter>,
    refusals: Family<OneLabel, Counter>,
    appends: Histogram,
    failed_appends: Counter,
    /// Appends that wait for the journal.
    pub(in crate::relay) appending: Gauge,
    acts: Family<TwoLabels, Counter>,
    errands: Family<TwoLabels, Counter>,
    lag: Histogram,
    forwards: Family<OneLabel, Counter>,
    queued: Family<OneLabel, Histogram, fn() -> Histogram>,
    unqueued: Family<OneLabel, Counter>,
    now: CurrentGauges,
}

/// What is asked for when somebody looks.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::relay) struct GaugeReadings {
    pub(in crate::relay) head: u64,
    pub(in crate::relay) folded: u64,
    pub(in crate::relay) consoles: usize,
    pub(in crate::relay) repeats: u64,
    /// How long ago the signing keys were fetched.
    pub(in crate::relay) keys_age: Option<Duration>,
    /// How long the application's own token is still good.
    pub(in crate::relay) token_left: Option<Duration>,
    /// Each cause of trouble, and whether it shuts the way to Graph off.
    pub(in crate::relay) circuits: Option<[(OpenCause, bool); 3]>,
    /// How long the relay's own certificate is still good; negative once it has ended.
    pub(in crate::relay) certificate_left: Option<Millis>,
}

#[derive(Debug, Default)]
struct CurrentGauges {
    head: Gauge,
    folded: Gauge,
    consoles: Gauge,
    repeats: Gauge,
    keys_age: Gauge,
    token_left: Gauge,
    circuits: Family<OneLabel, Gauge>,
    /// Empty without TLS: there is no number for that.
    certificate_left: Family<PlainFamily, Gauge>,
    uptime: Gauge,
}

/// Seconds; an append is one wait for the disk.
const APPENDS: [f64; 12] = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5];
/// Seconds that a request waits before it is sent.
const QUEUES: [f64; 8] = [0.000_1, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];
/// Entries.
const LAGS: [f64; 6] = [0.0, 1.0, 10.0, 100.0, 1_000.0, 10_000.0];

impl Default for RelayMetrics {
    fn default() -> Self {
        Self::new()
    }
}

impl RelayMetrics {
    pub(in crate::relay) fn new() -> Self {
        let it = Self {
            registry: Mutex::default(),
            began: crate::clock::instant(),
            connections: Gauge::default(),
            webhooks: Family::default(),
            refusals: Family::default(),
            appends: Histogram::new(APPENDS),
            failed_appends: Counter::default(),
            appending: Gauge::default(),
            acts: Family::default(),
            errands: Family::default(),
            lag: Histogram::new(LAGS),
            forwards: Family::default(),
            queued: Family::new_with_constructor(|| Histogram::new(QUEUES)),
            unqueued: Family::default(),
            now: CurrentGauges::default(),
        };
        *it.registry.lock().unwrap_or_else(PoisonError::into_inner) = it.registered();
        it
    }

    fn registered(&self) -> Registry {
        let mut all = Registry::with_prefix("callboard");
        all.register("connections", "Connections that are open now", self.connections.clone());
        all.register("webhooks", "Webhooks by what became of them", self.webhooks.clone());
        all.register("refusals", "Callers that were refused, by reason", self.refusals.clone());
        let seconds = Unit::Seconds;
        all.register_with_unit("journal_append", "Appends to the journal", seconds.clone(), self.appends.clone());
        all.register("journal_append_failures", "Appends that failed", self.failed_appends.clone());
        all.register("journal_appending", "Appends that wait for the journal", self.appending.clone());
        all.register("journal_head", "The last cursor of the journal", self.now.head.clone());
        all.register("journal_folded", "The last cursor that the floor knows", self.now.folded.clone());
        all.register("consoles", "Consoles that are connected", self.now.consoles.clone());
        all.register("console_lag_entries", "Entries that a console was behind at a heartbeat", self.lag.clone());
        all.register("webhook_repeats", "Items that the platform sent again", self.now.repeats.clone());
        all.register("gate", "Requests at the gate by action and outcome", self.acts.clone());
        all.register("keeper", "The keeper's errands to Graph by outcome", self.errands.clone());
        all.register(
            "forwards",
            "Webhooks that were passed on to the bot, by what became of them",
            self.forwards.clone(),
        );
        let queued = "How long requests to Graph waited for their turn, by who asked";
        all.register_with_unit("graph_queue", queued, seconds.clone(), self.queued.clone());
        all.register("graph_queue_refusals", "Requests whose turn would have come too late", self.unqueued.clone());
        let shut = "Whether a cause of trouble shuts the way to Graph off (1) or not (0)";
        all.register("graph_shut", shut, self.now.circuits.clone());
        let left = "How long the relay's own certificate is still good; negative once it has ended";
        all.register_with_unit("tls_certificate_left", left, seconds.clone(), self.now.certificate_left.clone());
        let age = "Since the signing keys were fetched; -1 before that";
        all.register_with_unit("signing_keys_age", age, seconds.clone(), self.now.keys_age.clone());
        let left = "How long the application's token is still good; -1 without one";
        all.register_with_unit("app_token_left", left, seconds.clone(), self.now.token_left.clone());
        all.register_with_unit("uptime", "Since the relay started", seconds, self.now.uptime.clone());
        all
    }

    /// A caller was refused.
    pub(in crate::relay) fn refused(&self, reason: &'static str) {
        self.refusals.get_or_create(&[("reason", reason)]).inc();
    }

    /// A webhook was answered.
    pub(in crate::relay) fn webhook(&self, outcome: &'static str) {
        self.webhooks.get_or_create(&[("outcome", outcome)]).inc();
    }

    /// The gate answered.
    pub(in crate::relay) fn act(&self, action: Cow<'static, str>, outcome: &'static str) {
        self.acts.get_or_create(&[("action", action), ("outcome", outcome.into())]).inc();
    }

    /// The keeper came back from Graph.
    pub(in crate::relay) fn reconciled(&self, errand: &'static str, is_done: bool) {
        let outcome = if is_done { "done" } else { "failed" };
        self.errands.get_or_create(&[("errand", errand.into()), ("outcome", outcome.into())]).inc();
    }

    /// A webhook was passed on, or not.
    pub(in crate::relay) fn forward(&self, outcome: &'static str) {
        self.forwards.get_or_create(&[("outcome", outcome)]).inc();
    }

    /// A request to Graph had its turn after so long; `None` when it would have come too late.
    pub(in crate::relay) fn queued(&self, urgency: Priority, waited: Option<Duration>) {
        let who = [("for", urgency.word())];
        match waited {
            Some(waited) => self.queued.get_or_create(&who).observe(waited.as_secs_f64()),
            None => {
                self.unqueued.get_or_create(&who).inc();
            }
        }
    }

    /// The journal answered an append.
    pub(in crate::relay) fn appended(&self, took: Duration, is_kept: bool) {
        self.appends.observe(took.as_secs_f64());
        if !is_kept {
            self.failed_appends.inc();
        }
    }

    /// A console was so many entries behind.
    #[expect(clippy::cast_precision_loss, reason = "a lag is not told to the entry")]
    pub(in crate::relay) fn console_lag(&self, entries: u64) {
        self.lag.observe(entries as f64);
    }

    /// Takes what is asked for when somebody looks.
    pub(in crate::relay) fn read_gauges(&self, look: GaugeReadings) {
        let seconds = |it: Option<Duration>| it.map_or(-1, |it| i64::try_from(it.as_secs()).unwrap_or(i64::MAX));
        let number = |it: u64| i64::try_from(it).unwrap_or(i64::MAX);
        self.now.head.set(number(look.head));
        self.now.folded.set(number(look.folded));
        self.now.consoles.set(i64::try_from(look.consoles).unwrap_or(i64::MAX));
        self.now.repeats.set(number(look.repeats));
        self.now.keys_age.set(seconds(look.keys_age));
        self.now.token_left.set(seconds(look.token_left));
        for (cause, shut) in look.circuits.into_iter().flatten() {
            self.now.circuits.get_or_create(&[("cause", cause.word())]).set(shut.into());
        }
        if let Some(left) = look.certificate_left {
            self.now.certificate_left.get_or_create(&[]).set(left.0 / 1_000);
        }
        self.now.uptime.set(seconds(Some(self.began.elapsed())));
    }

    /// All figures, as Prometheus reads them.
    pub(in crate::relay) fn text(&self) -> String {
        let mut text = String::new();
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = encode(&mut text, &registry) {
            tracing::error!(%error, "the figures cannot be written");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_what_prometheus_reads() {
        let metrics = RelayMetrics::new();
        metrics.refused("expired");
        metrics.refused("expired");
        metrics.act("mute".into(), "done");
        metrics.reconciled("read", false);
        metrics.appended(Duration::from_millis(2), false);
        metrics.forward("slow");
        metrics.queued(Priority::Operator, Some(Duration::from_millis(20)));
        metrics.queued(Priority::Background, None);
        metrics.read_gauges(GaugeReadings {
            head: 7,
            token_left: Some(Duration::from_mins(1)),
            ..GaugeReadings::default()
        });
        assert!(!metrics.text().contains("tls_certificate_left_seconds{"), "no number without a certificate");
        metrics.read_gauges(GaugeReadings {
            head: 7,
            token_left: Some(Duration::from_mins(1)),
            circuits: Some(OpenCause::ALL.map(|it| (it, it == OpenCause::Throttled))),
            certificate_left: Some(Millis::minutes(-1)),
            ..GaugeReadings::default()
        });
        let text = metrics.text();
        for line in [
            r#"callboard_refusals_total{reason="expired"} 2"#,
            r#"callboard_gate_total{action="mute",outcome="done"} 1"#,
            r#"callboard_keeper_total{errand="read",outcome="failed"} 1"#,
            r#"callboard_journal_append_seconds_bucket{le="0.0025"} 1"#,
            r#"callboard_forwards_total{outcome="slow"} 1"#,
            r#"callboard_graph_queue_seconds_bucket{le="0.05",for="operator"} 1"#,
            r#"callboard_graph_queue_refusals_total{for="background"} 1"#,
            r#"callboard_graph_shut{cause="throttled"} 1"#,
            r#"callboard_graph_shut{cause="unreachable"} 0"#,
            "callboard_tls_certificate_left_seconds{} -60",
            "callboard_journal_append_failures_total 1",
            "callboard_journal_head 7",
            "callboard_app_token_left_seconds 60",
            "callboard_signing_keys_age_seconds -1",
            "# TYPE callboard_refusals counter",
        ] {
            assert!(text.lines().any(|it| it == line), "{line} is not in\n{text}");
        }
        assert!(text.ends_with("# EOF\n"));
    }
}
