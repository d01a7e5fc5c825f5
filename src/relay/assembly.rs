//! Assembles a relay: builds each part from the settings, with only the dependencies that it needs.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use super::edge::client_addr::ClientAddrs;
use super::edge::middleware::{CallerChecks, CallerGuard};
use super::edge::router::RouterStates;
use super::edge::tls::ServedCertificate;
use super::error::RelayError;
use super::feed::{ConsoleSlots, FeedState};
use super::gate::GateState;
use super::gate::perform::ActRunner;
use super::gate::relay_time::{RelayStart, RelayTime};
use super::graph::app_token::{AppToken, TokenRequest};
use super::graph::client::GraphClient;
use super::graph::http_client;
use super::graph::read_cache::ReadCache;
use super::graph::status_notes;
use super::live::projection::LiveFloor;
use super::operators::OperatorRegistry;
use super::ops::endpoints::OpsState;
use super::ops::metrics::RelayMetrics;
use super::reconcile::reconciler::Reconciler;
use super::reconcile::task::CallReader;
use super::record::journal_writer::JournalWriter;
use super::record::maintenance::JournalMaintenance;
use super::settings::network::NetworkSettings;
use super::settings::{ForwardSettings, RelaySettings};
use super::supervise::restart_until_stopped;
use super::webhooks::dedup::RecentItems;
use super::webhooks::forward::Forwarder;
use super::webhooks::intake::{IntakeParts, WebhookIntake};
use super::webhooks::signing_keys::SigningKeys;
use super::webhooks::verify::TokenVerifier;
use crate::journal::{Journal, RetentionPolicy};
use crate::time::Millis;
use crate::time::clock::Clock;

/// The parts of a relay, ready to start.
pub(super) struct Assembly {
    /// The states of the public routers.
    pub(super) routers: RouterStates,
    /// The state of the ops router.
    pub(super) ops: OpsState,
    /// The background tasks.
    pub(super) background: BackgroundParts,
}

/// The parts with background tasks.
pub(super) struct BackgroundParts {
    pub(super) live: Arc<LiveFloor>,
    pub(super) writer: Arc<JournalWriter>,
    pub(super) maintenance: Arc<JournalMaintenance>,
    graph: Arc<GraphClient>,
    operators: Arc<OperatorRegistry>,
    verifier: Arc<TokenVerifier>,
    reader: Arc<CallReader>,
    metrics: Arc<RelayMetrics>,
    clock: Clock,
    quiet: Millis,
    certificate: Option<Arc<ServedCertificate>>,
}

/// Stops a relay's tasks and waits for them, so that a stopped relay has closed its journal.
#[derive(Debug, Clone, Default)]
pub(super) struct RelayTasks {
    pub(super) stop: CancellationToken,
    pub(super) tracker: TaskTracker,
}

/// The parts that most other parts use.
struct Foundation {
    journal: Arc<dyn Journal>,
    live: Arc<LiveFloor>,
    writer: Arc<JournalWriter>,
    graph: Arc<GraphClient>,
    read_cache: Arc<ReadCache>,
    recent: Arc<RecentItems>,
    verifier: Arc<TokenVerifier>,
    operators: Arc<OperatorRegistry>,
    consoles: Arc<ConsoleSlots>,
    metrics: Arc<RelayMetrics>,
    time: RelayTime,
    tasks: RelayTasks,
}

/// Builds the parts of a relay over an open journal.
pub(super) fn assemble(
    settings: RelaySettings,
    journal: Arc<dyn Journal>,
    certificate: Option<Arc<ServedCertificate>>,
    tasks: &RelayTasks,
) -> Result<Assembly, RelayError> {
    let verifier = Arc::new(verifier(&settings)?);
    let RelaySettings { clock, retention, label, operators, tuning, net, .. } = settings;
    let metrics = Arc::new(RelayMetrics::new());
    let token = TokenRequest {
        url: settings.token_url,
        app_id: settings.app_id,
        scope: tuning.scope,
        credential: settings.credential,
    };
    let graph = graph_client(&settings.graph, token, tuning.rate, &metrics)?;
    let NetworkSettings { limits, origins, behind_proxy, trusted, .. } = net;
    let note_interval = Duration::from_secs(limits.refusals_noted_seconds);
    let writer = JournalWriter::new(Arc::clone(&journal), clock.clone(), Arc::clone(&metrics), note_interval);
    let parts = Foundation {
        live: Arc::new(LiveFloor::new(Arc::clone(&journal))),
        journal,
        writer: Arc::new(writer),
        graph: Arc::new(graph),
        read_cache: Arc::default(),
        recent: Arc::default(),
        verifier,
        operators: Arc::new(operators),
        consoles: Arc::new(ConsoleSlots::of(&limits, tuning.heartbeat)),
        metrics,
        time: RelayTime { start: RelayStart::new(&clock), clock },
        tasks: tasks.clone(),
    };
    let callers = ClientAddrs { behind_proxy, trusted: trusted.into_iter().map(|it| it.to_canonical()).collect() };
    let guard = Arc::new(CallerGuard::new(callers, &limits));
    let intake = parts.intake(Arc::clone(&guard), tuning.forward)?;
    let routers = RouterStates {
        checks: parts.checks(guard),
        intake: Arc::new(WebhookIntake::new(intake, &limits)),
        gate: Arc::new(GateState::new(Arc::clone(&parts.operators), &limits, parts.runner())),
        feed: Arc::new(parts.feed(label, origins, tuning.lag_limit)),
    };
    let ops = parts.ops(certificate.clone());
    Ok(Assembly { routers, ops, background: parts.background(retention, tuning.quiet, certificate) })
}

impl Foundation {
    fn intake(&self, guard: Arc<CallerGuard>, forward: Option<ForwardSettings>) -> Result<IntakeParts, reqwest::Error> {
        let (writer, metrics) = (Arc::clone(&self.writer), Arc::clone(&self.metrics));
        let tasks = self.tasks.tracker.clone();
        let forwarder = forward.map(|to| Forwarder::new(to, Arc::clone(&writer), Arc::clone(&metrics), tasks));
        Ok(IntakeParts {
            verifier: Arc::clone(&self.verifier),
            recent: Arc::clone(&self.recent),
            guard,
            forwarder: forwarder.transpose()?.map(Arc::new),
            writer,
            metrics,
        })
    }

    fn checks(&self, guard: Arc<CallerGuard>) -> CallerChecks {
        CallerChecks {
            guard,
            operators: Arc::clone(&self.operators),
            writer: Arc::clone(&self.writer),
            metrics: Arc::clone(&self.metrics),
        }
    }

    fn runner(&self) -> ActRunner {
        ActRunner {
            live: Arc::clone(&self.live),
            graph: Arc::clone(&self.graph),
            read_cache: Arc::clone(&self.read_cache),
            writer: Arc::clone(&self.writer),
            time: self.time.clone(),
            stop: self.tasks.stop.clone(),
            tasks: self.tasks.tracker.clone(),
            in_flight: Mutex::default(),
        }
    }

    fn feed(&self, label: String, origins: Vec<String>, lag_limit: u64) -> FeedState {
        FeedState {
            journal: Arc::clone(&self.journal),
            live: Arc::clone(&self.live),
            writer: Arc::clone(&self.writer),
            operators: Arc::clone(&self.operators),
            consoles: Arc::clone(&self.consoles),
            metrics: Arc::clone(&self.metrics),
            time: self.time.clone(),
            label,
            origins,
            lag_limit,
            stop: self.tasks.stop.clone(),
            tasks: self.tasks.tracker.clone(),
        }
    }

    fn ops(&self, certificate: Option<Arc<ServedCertificate>>) -> OpsState {
        OpsState {
            journal: Arc::clone(&self.journal),
            live: Arc::clone(&self.live),
            writer: Arc::clone(&self.writer),
            verifier: Arc::clone(&self.verifier),
            recent: Arc::clone(&self.recent),
            graph: Arc::clone(&self.graph),
            consoles: Arc::clone(&self.consoles),
            certificate,
            metrics: Arc::clone(&self.metrics),
        }
    }

    fn background(
        self,
        retention: RetentionPolicy,
        quiet: Millis,
        certificate: Option<Arc<ServedCertificate>>,
    ) -> BackgroundParts {
        let Self { journal, live, writer, graph, read_cache, recent, time, .. } = self;
        let clock = time.clock;
        let maintenance =
            JournalMaintenance { journal, live: Arc::clone(&live), recent, retention, clock: clock.clone() };
        let reader =
            CallReader { live: Arc::clone(&live), graph: Arc::clone(&graph), read_cache, writer: Arc::clone(&writer) };
        BackgroundParts {
            live,
            writer,
            maintenance: Arc::new(maintenance),
            graph,
            operators: self.operators,
            verifier: self.verifier,
            reader: Arc::new(reader),
            metrics: self.metrics,
            clock,
            quiet,
            certificate,
        }
    }
}

impl BackgroundParts {
    /// Starts all background tasks.
    pub(super) fn start(self, tasks: &RelayTasks) {
        let Self { live, writer, maintenance, graph, operators, verifier, .. } = self;
        tasks.keep_running(Arc::clone(&live), |it| async move { it.follow().await });
        tasks.keep_running(Arc::clone(&writer), |it| async move { it.flush_notes().await });
        tasks.keep_running(Arc::clone(&writer), |it| async move { it.watch_clock().await });
        tasks.keep_running(Arc::clone(&writer), |it| async move { it.watch_storage().await });
        tasks.keep_running(live, |it| async move { it.encode_presence().await });
        tasks.keep_running(Arc::clone(&graph), |it| async move { it.keep_fresh().await });
        tasks.keep_running(operators, |it| async move { it.watch().await });
        tasks.keep_running(maintenance, |it| async move { it.run().await });
        let notes = (graph, Arc::clone(&writer));
        tasks.keep_running(Arc::new(notes), |it| async move { status_notes::run(&it.0, &it.1).await });
        let keys = (verifier, writer);
        tasks.keep_running(Arc::new(keys), |it| async move {
            let missed = || it.1.note_gap("webhooks came with a signing key that was not known yet");
            it.0.follow_keys(missed).await;
        });
        if let Some(certificate) = self.certificate {
            tasks.keep_running(certificate, |it| async move { it.follow().await });
        }
        let (reader, metrics, clock, quiet) = (self.reader, self.metrics, self.clock, self.quiet);
        restart_until_stopped(&tasks.tracker, &tasks.stop, move || {
            Reconciler::new(Arc::clone(&reader), Arc::clone(&metrics), clock.clone(), quiet).run()
        });
    }
}

impl RelayTasks {
    /// Runs a part's task until the relay stops, restarting it when it ends.
    fn keep_running<P, F>(&self, part: Arc<P>, task: impl Fn(Arc<P>) -> F + Send + 'static)
    where
        P: Send + Sync + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        restart_until_stopped(&self.tracker, &self.stop, move || task(Arc::clone(&part)));
    }
}

fn verifier(settings: &RelaySettings) -> Result<TokenVerifier, reqwest::Error> {
    let RelaySettings { openid, tuning, app_id, issuers, tenants, net, .. } = settings;
    let keys = SigningKeys::new(openid.clone(), http_client::client(openid)?, tuning.unknown_keys);
    let verifier = TokenVerifier::new(Arc::new(keys), app_id, issuers, tenants.clone());
    Ok(verifier.tuned(app_id, tuning).with_max_token(net.limits.token_bytes))
}

fn graph_client(
    graph: &Url,
    token: TokenRequest,
    rate: u32,
    metrics: &Arc<RelayMetrics>,
) -> Result<GraphClient, reqwest::Error> {
    let token = AppToken::new(http_client::client(&token.url)?, token);
    Ok(GraphClient::new(graph, http_client::client(graph)?, token, rate, Arc::clone(metrics)))
}
