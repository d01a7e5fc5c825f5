//! The relay's metrics, and their text for Prometheus. Labels are constants; a caller's text never becomes a label.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::relay::graph::circuit_breaker::{OpenCause, Priority};
use crate::time::Millis;

type NoLabels = [(&'static str, &'static str); 0];
type OneLabel = [(&'static str, &'static str); 1];
type TwoLabels = [(&'static str, Cow<'static, str>); 2];

/// All metrics of a relay.
#[derive(Debug)]
pub(in crate::relay) struct RelayMetrics {
    registry: Registry,
    started: Instant,
    /// Open connections, without those that were upgraded to a feed.
    pub(in crate::relay) connections: Gauge,
    refusals: Family<OneLabel, Counter>,
    /// Every request at the gate, reads too.
    gate_requests: Family<TwoLabels, Counter>,
    console_lag: Histogram,
    pub(in crate::relay) journal: JournalMetrics,
    pub(in crate::relay) webhooks: WebhookMetrics,
    pub(in crate::relay) graph: GraphMetrics,
    now: CurrentGauges,
}

/// Metrics of appends to the journal.
#[derive(Debug)]
pub(in crate::relay) struct JournalMetrics {
    appends: Histogram,
    failures: Counter,
    /// Appends that wait for the journal.
    pub(in crate::relay) appending: Gauge,
}

/// Metrics of webhooks and of their copies to the bot.
#[derive(Debug, Default)]
pub(in crate::relay) struct WebhookMetrics {
    received: Family<OneLabel, Counter>,
    forwards: Family<OneLabel, Counter>,
}

/// Metrics of requests to Graph.
#[derive(Debug)]
pub(in crate::relay) struct GraphMetrics {
    queued: Family<OneLabel, Histogram, fn() -> Histogram>,
    queue_refusals: Family<OneLabel, Counter>,
    reconcile: Family<TwoLabels, Counter>,
    /// The same counts under the metric's former name, for one release.
    keeper: Family<TwoLabels, Counter>,
}

/// The values of the gauges that are read at each scrape.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::relay) struct GaugeReadings {
    /// The last cursor of the journal.
    pub(in crate::relay) head: u64,
    /// The last cursor that the floor has folded.
    pub(in crate::relay) folded: u64,
    /// The connected consoles.
    pub(in crate::relay) consoles: usize,
    /// The items that the platform delivered again.
    pub(in crate::relay) repeats: u64,
    /// The members that could not be read and were left out, since the journal began.
    pub(in crate::relay) unreadable: u64,
    /// The time since the signing keys were fetched.
    pub(in crate::relay) keys_age: Option<Duration>,
    /// The remaining validity of the application's token.
    pub(in crate::relay) token_left: Option<Duration>,
    /// Each cause, and whether it opens the circuit to Graph.
    pub(in crate::relay) circuits: Option<[(OpenCause, bool); 3]>,
    /// The remaining validity of the relay's certificate; negative once it has expired.
    pub(in crate::relay) certificate_left: Option<Millis>,
}

#[derive(Debug, Default)]
struct CurrentGauges {
    head: Gauge,
    folded: Gauge,
    consoles: Gauge,
    repeats: Gauge,
    unreadable: Gauge,
    keys_age: Gauge,
    token_left: Gauge,
    circuits: Family<OneLabel, Gauge>,
    /// The same values under the metric's former name, for one release.
    graph_shut: Family<OneLabel, Gauge>,
    /// Without TLS the family stays empty, so that the metric is absent.
    certificate_left: Family<NoLabels, Gauge>,
    uptime: Gauge,
}

/// Buckets in seconds, for appends, each of which waits for the disk.
const APPENDS: [f64; 12] = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5];
/// Buckets in seconds, for a request's wait before it is sent.
const QUEUES: [f64; 8] = [0.000_1, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];
/// Buckets in entries, for a console's lag.
const LAGS: [f64; 6] = [0.0, 1.0, 10.0, 100.0, 1_000.0, 10_000.0];

impl Default for RelayMetrics {
    fn default() -> Self {
        Self::new()
    }
}

impl RelayMetrics {
    pub(in crate::relay) fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::default(),
            started: crate::time::clock::instant(),
            connections: Gauge::default(),
            refusals: Family::default(),
            gate_requests: Family::default(),
            console_lag: Histogram::new(LAGS),
            journal: JournalMetrics {
                appends: Histogram::new(APPENDS),
                failures: Counter::default(),
                appending: Gauge::default(),
            },
            webhooks: WebhookMetrics::default(),
            graph: GraphMetrics {
                queued: Family::new_with_constructor(|| Histogram::new(QUEUES)),
                queue_refusals: Family::default(),
                reconcile: Family::default(),
                keeper: Family::default(),
            },
            now: CurrentGauges::default(),
        };
        metrics.registry = metrics.build_registry();
        metrics
    }

    /// Returns a registry that shares the values of all these metrics.
    fn build_registry(&self) -> Registry {
        let mut all = Registry::with_prefix("callboard");
        all.register("connections", "Connections that are open now", self.connections.clone());
        all.register("refusals", "Refused callers, by reason", self.refusals.clone());
        all.register("gate", "Requests at the gate by action and outcome", self.gate_requests.clone());
        let lag = "Entries that a console was behind at a heartbeat";
        all.register("console_lag_entries", lag, self.console_lag.clone());
        self.journal.register(&mut all);
        self.webhooks.register(&mut all);
        self.graph.register(&mut all);
        self.now.register(&mut all);
        all
    }

    /// Counts a refused caller.
    pub(in crate::relay) fn refused(&self, reason: &'static str) {
        self.refusals.get_or_create(&[("reason", reason)]).inc();
    }

    /// Counts a request at the gate, by its outcome.
    pub(in crate::relay) fn gate_request(&self, action: Cow<'static, str>, outcome: &'static str) {
        self.gate_requests.get_or_create(&[("action", action), ("outcome", outcome.into())]).inc();
    }

    /// Records by how many entries a console is behind.
    #[expect(clippy::cast_precision_loss, reason = "a histogram needs no exact lag")]
    pub(in crate::relay) fn console_lag(&self, entries: u64) {
        self.console_lag.observe(entries as f64);
    }

    /// Sets the gauges that are read at each scrape.
    pub(in crate::relay) fn set_gauges(&self, readings: GaugeReadings) {
        self.now.set(readings, self.started.elapsed());
    }

    /// Returns all metrics as text, in the `OpenMetrics` format.
    pub(in crate::relay) fn text(&self) -> String {
        let mut text = String::new();
        if let Err(error) = encode(&mut text, &self.registry) {
            tracing::error!(%error, "could not encode the metrics");
        }
        text
    }
}

impl JournalMetrics {
    fn register(&self, all: &mut Registry) {
        all.register_with_unit("journal_append", "Appends to the journal", Unit::Seconds, self.appends.clone());
        all.register("journal_append_failures", "Appends that failed", self.failures.clone());
        all.register("journal_appending", "Appends that wait for the journal", self.appending.clone());
    }

    /// Records an append and whether it succeeded.
    pub(in crate::relay) fn appended(&self, took: Duration, is_durable: bool) {
        self.appends.observe(took.as_secs_f64());
        if !is_durable {
            self.failures.inc();
        }
    }
}

impl WebhookMetrics {
    fn register(&self, all: &mut Registry) {
        all.register("webhooks", "Webhooks by outcome", self.received.clone());
        all.register("forwards", "Webhooks forwarded to the bot, by outcome", self.forwards.clone());
    }

    /// Counts a webhook's answer.
    pub(in crate::relay) fn received(&self, outcome: &'static str) {
        self.received.get_or_create(&[("outcome", outcome)]).inc();
    }

    /// Counts a forwarded webhook.
    pub(in crate::relay) fn forwarded(&self, outcome: &'static str) {
        self.forwards.get_or_create(&[("outcome", outcome)]).inc();
    }
}

impl GraphMetrics {
    fn register(&self, all: &mut Registry) {
        let queued = "How long requests to Graph waited for the rate limit, by priority";
        all.register_with_unit("graph_queue", queued, Unit::Seconds, self.queued.clone());
        let refused = "Requests whose wait for the rate limit would have been too long";
        all.register("graph_queue_refusals", refused, self.queue_refusals.clone());
        all.register("reconcile", "The reconciler's requests to Graph by task and outcome", self.reconcile.clone());
        all.register("keeper", "The former name of callboard_reconcile_total", self.keeper.clone());
    }

    /// Counts a finished task of the reconciler.
    pub(in crate::relay) fn reconciled(&self, task: &'static str, is_done: bool) {
        let outcome = if is_done { "done" } else { "failed" };
        self.reconcile.get_or_create(&[("task", task.into()), ("outcome", outcome.into())]).inc();
        self.keeper.get_or_create(&[("errand", task.into()), ("outcome", outcome.into())]).inc();
    }

    /// Records a request's wait for the rate limit; `None` means that it gave up.
    pub(in crate::relay) fn queued(&self, priority: Priority, waited: Option<Duration>) {
        let label = [("for", priority.word())];
        match waited {
            Some(waited) => self.queued.get_or_create(&label).observe(waited.as_secs_f64()),
            None => {
                self.queue_refusals.get_or_create(&label).inc();
            }
        }
    }
}

impl CurrentGauges {
    fn register(&self, all: &mut Registry) {
        all.register("journal_head", "The last cursor of the journal", self.head.clone());
        all.register("journal_folded", "The last cursor that the floor has folded", self.folded.clone());
        all.register("consoles", "Consoles that are connected", self.consoles.clone());
        all.register("webhook_repeats", "Items that the platform delivered again", self.repeats.clone());
        let unreadable = "Members of notifications and readings that could not be read and were left out";
        all.register("unreadable_members", unreadable, self.unreadable.clone());
        let open = "Whether a cause opens the circuit to Graph (1) or not (0)";
        all.register("graph_circuit_open", open, self.circuits.clone());
        all.register("graph_shut", "The former name of callboard_graph_circuit_open", self.graph_shut.clone());
        let left = "How long the relay's own certificate is still valid; negative once it has expired";
        all.register_with_unit("tls_certificate_left", left, Unit::Seconds, self.certificate_left.clone());
        let age = "Time since the signing keys were fetched; -1 before that";
        all.register_with_unit("signing_keys_age", age, Unit::Seconds, self.keys_age.clone());
        let left = "How long the application's token is still valid; -1 without one";
        all.register_with_unit("app_token_left", left, Unit::Seconds, self.token_left.clone());
        all.register_with_unit("uptime", "Time since the relay started", Unit::Seconds, self.uptime.clone());
    }

    fn set(&self, readings: GaugeReadings, uptime: Duration) {
        let seconds =
            |duration: Option<Duration>| duration.map_or(-1, |it| i64::try_from(it.as_secs()).unwrap_or(i64::MAX));
        let number = |it: u64| i64::try_from(it).unwrap_or(i64::MAX);
        self.head.set(number(readings.head));
        self.folded.set(number(readings.folded));
        self.consoles.set(i64::try_from(readings.consoles).unwrap_or(i64::MAX));
        self.repeats.set(number(readings.repeats));
        self.unreadable.set(number(readings.unreadable));
        self.keys_age.set(seconds(readings.keys_age));
        self.token_left.set(seconds(readings.token_left));
        for (cause, is_open) in readings.circuits.into_iter().flatten() {
            for gauges in [&self.circuits, &self.graph_shut] {
                gauges.get_or_create(&[("cause", cause.word())]).set(is_open.into());
            }
        }
        if let Some(left) = readings.certificate_left {
            self.certificate_left.get_or_create(&[]).set(left.0 / 1_000);
        }
        self.uptime.set(seconds(Some(uptime)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_has_the_prometheus_format() {
        let metrics = RelayMetrics::new();
        metrics.refused("expired");
        metrics.refused("expired");
        metrics.gate_request("mute".into(), "done");
        metrics.graph.reconciled("read", false);
        metrics.journal.appended(Duration::from_millis(2), false);
        metrics.webhooks.forwarded("slow");
        metrics.graph.queued(Priority::Operator, Some(Duration::from_millis(20)));
        metrics.graph.queued(Priority::Background, None);
        metrics.set_gauges(GaugeReadings {
            head: 7,
            token_left: Some(Duration::from_mins(1)),
            ..GaugeReadings::default()
        });
        assert!(!metrics.text().contains("tls_certificate_left_seconds{"), "no value without a certificate");
        metrics.set_gauges(GaugeReadings {
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
            r#"callboard_reconcile_total{task="read",outcome="failed"} 1"#,
            r#"callboard_keeper_total{errand="read",outcome="failed"} 1"#,
            r#"callboard_journal_append_seconds_bucket{le="0.0025"} 1"#,
            r#"callboard_forwards_total{outcome="slow"} 1"#,
            r#"callboard_graph_queue_seconds_bucket{le="0.05",for="operator"} 1"#,
            r#"callboard_graph_queue_refusals_total{for="background"} 1"#,
            r#"callboard_graph_shut{cause="throttled"} 1"#,
            r#"callboard_graph_circuit_open{cause="throttled"} 1"#,
            r#"callboard_graph_circuit_open{cause="unreachable"} 0"#,
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
