//! Tests of the relay over loopback with a scripted Graph: real sockets, port 0, no sleeping.

mod app_token;
mod clock;
mod expiry;
mod feed;
mod forward;
mod gate;
mod graph;
mod intake;
mod operators;
mod reconcile;
mod retention;
mod stalled;
mod verify;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use secrecy::SecretString;
use tokio::sync::watch;

use self::graph::{APP, FakeGraph, TENANT};
use super::{
    AppCredential, GraphSettings, JournalChoice, NetworkSettings, OperatorRegistry, Relay, RelayLimits, RelaySettings,
    default_issuers,
};
use crate::floor::{Cursor, Entry, Fact, Floor, FloorSnapshot, Noted, Sum};
use crate::journal::{ChainMark, Journal, JournalError, JournalRow, JournalStore, RetentionPolicy, RetentionTime};
use crate::protocol::Role;
use crate::time::clock::Clock;
use crate::time::{Millis, Timestamp};

const OPERATOR: &str = "token-of-ada";
const VIEWER: &str = "token-of-vic";

/// A relay, its scripted Graph, and its journal for the test to read.
struct Bench {
    relay: Relay,
    graph: FakeGraph,
    journal: Arc<FailingJournal>,
    http: reqwest::Client,
    folder: tempfile::TempDir,
}

/// A journal that fails on demand.
struct FailingJournal {
    store: JournalStore,
    /// Whether it refuses every append.
    refuses: watch::Sender<bool>,
    /// Whether it refuses appends of readings.
    refuses_readings: watch::Sender<bool>,
    /// Whether every read fails.
    is_unreadable: watch::Sender<bool>,
    /// Whether every append fails because the disk is full.
    is_full: watch::Sender<bool>,
}

impl Bench {
    async fn new() -> Self {
        Self::with(Clock::system()).await
    }

    async fn with(clock: Clock) -> Self {
        Self::set_up(|settings| settings.clock = clock).await
    }

    /// Creates a relay with changed settings.
    async fn set_up(change: impl FnOnce(&mut RelaySettings)) -> Self {
        let graph = FakeGraph::start().await;
        let folder = tempfile::tempdir().unwrap();
        let store = JournalStore::open(folder.path()).unwrap();
        let journal = Arc::new(FailingJournal {
            store,
            refuses: watch::Sender::new(false),
            refuses_readings: watch::Sender::new(false),
            is_unreadable: watch::Sender::new(false),
            is_full: watch::Sender::new(false),
        });
        let mut settings = settings(&graph);
        change(&mut settings);
        let relay = super::start_with_journal(settings, Arc::clone(&journal) as Arc<dyn Journal>, None).await.unwrap();
        // Tests check redirects rather than follow them.
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { relay, graph, journal, http, folder }
    }

    /// Creates a relay that has a call, and has read it and its people.
    async fn with_a_call() -> Self {
        let bench = Self::new().await;
        bench.post(None, envelope(&[call_item("a", "established")])).await;
        let read = |entries: &[Entry]| entries.iter().filter(|it| matches!(it.fact, Fact::Observed(_))).count() == 2;
        bench.until("reading of the call and its people", read).await;
        bench
    }

    /// Posts a webhook with a good token.
    async fn post(&self, message: Option<&str>, body: impl Into<reqwest::Body>) -> reqwest::Response {
        post(&self.http, &self.relay, message, body).await
    }

    /// Waits until the relay's floor has folded its whole journal.
    async fn until_folded(&self) {
        let wait = async {
            loop {
                let health = self.http.get(format!("{}/healthz", self.ops())).send().await.unwrap();
                let health: serde_json::Value = health.json().await.unwrap();
                if health["folded"] == health["head"] {
                    return;
                }
            }
        };
        tokio::time::timeout(Duration::from_mins(1), wait).await.expect("the floor is behind");
    }

    /// Returns the address of readiness and metrics.
    fn ops(&self) -> String {
        self.relay.ready().ops.clone().unwrap()
    }

    /// Waits until the relay's metrics have this line.
    async fn until_counted(&self, figure: &str) {
        let wait = async {
            loop {
                let text = self.http.get(format!("{}/metrics", self.ops())).send().await.unwrap().text().await.unwrap();
                if text.lines().any(|it| it == figure || it.rsplit_once(' ').is_some_and(|(name, _)| name == figure)) {
                    return;
                }
            }
        };
        tokio::time::timeout(Duration::from_mins(1), wait).await.unwrap_or_else(|_| panic!("no {figure} in time"));
    }

    async fn entries(&self) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let after = entries.last().map_or(Cursor(0), |it| it.cursor);
            let rows = self.journal.read(after, 10_000).await.unwrap();
            if rows.is_empty() {
                return entries;
            }
            entries.extend(rows.iter().map(|it| it.entry().unwrap()));
        }
    }

    /// Waits until the journal holds entries that satisfy `enough`.
    async fn until(&self, what: &str, enough: impl Fn(&[Entry]) -> bool) -> Vec<Entry> {
        let mut head = self.journal.follow();
        let wait = async {
            loop {
                head.mark_unchanged();
                let entries = self.entries().await;
                if enough(&entries) {
                    return entries;
                }
                head.changed().await.unwrap();
            }
        };
        tokio::time::timeout(Duration::from_mins(1), wait).await.unwrap_or_else(|_| panic!("no {what} in time"))
    }
}

/// Posts a webhook with a good token.
async fn post(
    http: &reqwest::Client,
    relay: &Relay,
    message: Option<&str>,
    body: impl Into<reqwest::Body>,
) -> reqwest::Response {
    let mut request = http.post(&relay.ready().intake).bearer_auth(graph::token()).body(body);
    if let Some(message) = message {
        request = request.header("X-Microsoft-Skype-Message-ID", message);
    }
    request.send().await.unwrap()
}

fn settings(graph: &FakeGraph) -> RelaySettings {
    RelaySettings {
        listen: "127.0.0.1:0".parse().unwrap(),
        clock: Clock::system(),
        journal: JournalChoice::Temporary,
        retention: RetentionPolicy::ALL,
        label: "TEST".into(),
        app_id: APP.into(),
        openid: graph.url("/openid"),
        graph: graph.url("/v1.0"),
        token_url: graph.url("/token"),
        credential: AppCredential::Secret(SecretString::from("secret-of-the-application")),
        tenants: vec![TENANT.into()],
        issuers: default_issuers(),
        tuning: GraphSettings { quiet: Millis::minutes(600), ..GraphSettings::default() },
        operators: OperatorRegistry::in_memory(vec![
            ("ada".into(), Role::Operator, SecretString::from(OPERATOR)),
            ("vic".into(), Role::Viewer, SecretString::from(VIEWER)),
        ]),
        net: NetworkSettings {
            limits: RelayLimits { refusals_noted_seconds: 0, ..RelayLimits::default() },
            ops: Some("127.0.0.1:0".parse().unwrap()),
            ..NetworkSettings::default()
        },
    }
}

/// Returns the relay's own notes that matter to the tests.
fn notes<T>(entries: &[Entry], tell: impl Fn(&Noted) -> Option<T>) -> Vec<T> {
    let noted = entries.iter().filter_map(|it| if let Fact::Noted(it) = &it.fact { Some(it) } else { None });
    noted.filter_map(tell).collect()
}

fn notifications(entries: &[Entry]) -> usize {
    entries.iter().filter(|it| matches!(it.fact, Fact::Notification(_))).count()
}

/// Returns a call's notification, as an item of an envelope.
fn call_item(call: &str, state: &str) -> String {
    format!(
        r##"{{"changeType":"updated","resourceUrl":"/communications/calls/{call}","resourceData":{{"@odata.type":"#microsoft.graph.call","state":"{state}"}}}}"##
    )
}

/// Returns the floor that these entries give.
fn floor_of(entries: &[Entry]) -> Floor {
    let mut floor = Floor::default();
    for entry in entries {
        floor.apply(entry);
    }
    floor
}

fn envelope(items: &[String]) -> String {
    format!(r#"{{"value":[{}]}}"#, items.join(","))
}

impl Journal for FailingJournal {
    fn append(&self, batch: Vec<(Timestamp, Fact)>) -> BoxFuture<'_, Result<Vec<ChainMark>, JournalError>> {
        let reading = batch.iter().any(|(_, fact)| matches!(fact, Fact::Observed(_)));
        if *self.refuses.borrow() || (reading && *self.refuses_readings.borrow()) {
            return Box::pin(async { Err(JournalError::Busy) });
        }
        if *self.is_full.borrow() {
            return Box::pin(async { Err(JournalError::Store { error: "database or disk is full".to_owned() }) });
        }
        self.store.append(batch)
    }

    fn read(&self, after: Cursor, limit: usize) -> BoxFuture<'_, Result<Vec<JournalRow>, JournalError>> {
        if *self.is_unreadable.borrow() {
            return Box::pin(async { Err(JournalError::Store { error: "disk I/O error".to_owned() }) });
        }
        self.store.read(after, limit)
    }

    fn head(&self) -> ChainMark {
        self.store.head()
    }

    fn oldest(&self) -> Cursor {
        self.store.oldest()
    }

    fn epoch(&self) -> Arc<str> {
        self.store.epoch()
    }

    fn sum_at(&self, at: Cursor) -> BoxFuture<'_, Result<Option<Sum>, JournalError>> {
        self.store.sum_at(at)
    }

    fn save_snapshot(&self, floor: Floor) -> BoxFuture<'_, Result<u64, JournalError>> {
        self.store.save_snapshot(floor)
    }

    fn load_snapshot(&self, at: Cursor) -> BoxFuture<'_, Result<Option<FloorSnapshot>, JournalError>> {
        self.store.load_snapshot(at)
    }

    fn trim(&self, retention: RetentionPolicy, now: RetentionTime) -> BoxFuture<'_, Result<bool, JournalError>> {
        self.store.trim(retention, now)
    }

    fn check_storage(&self) -> BoxFuture<'_, Result<(), JournalError>> {
        self.store.check_storage()
    }

    fn renew_epoch(&self) -> BoxFuture<'_, Result<(), JournalError>> {
        self.store.renew_epoch()
    }

    fn follow(&self) -> watch::Receiver<ChainMark> {
        self.store.follow()
    }
}

#[tokio::test]
async fn a_relay_serves_and_stops() {
    let graph = FakeGraph::start().await;
    let relay = super::start(settings(&graph)).await.unwrap();
    let ready = serde_json::to_value(relay.ready()).unwrap();
    let base = ready["relay"].as_str().unwrap().to_owned();
    assert_eq!(ready["ready"], true);
    assert_eq!(ready["intake"], format!("{base}/notifications"));
    assert_eq!(ready["gate"], format!("{base}/graph/v1.0"));
    assert_eq!(ready["feed"], format!("{}/feed", base.replace("http", "ws")));
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let health = |base: &str| http.get(format!("{base}/healthz")).send();
    // Public paths must not reveal anything about calls.
    assert_eq!(health(&base).await.unwrap().text().await.unwrap(), "ok\n");
    let said: serde_json::Value = health(ready["ops"].as_str().unwrap()).await.unwrap().json().await.unwrap();
    assert_eq!((said["ok"].clone(), said["head"].clone(), said["consoles"].clone()), (true.into(), 1.into(), 0.into()));
    let folder = relay.temporary.clone().unwrap();
    assert!(folder.exists());
    relay.stop().await;
    assert!(!folder.exists());
    assert!(http.get(format!("{base}/healthz")).send().await.is_err());
}

#[tokio::test]
async fn acknowledged_webhooks_survive_a_crash() {
    let graph = FakeGraph::start().await;
    let folder = tempfile::tempdir().unwrap();
    let set_up = || RelaySettings { journal: JournalChoice::Dir(folder.path().to_owned()), ..settings(&graph) };
    let mut acknowledged = Vec::new();
    for round in 0..5 {
        // A separate runtime, because dropping it aborts all tasks of the relay.
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let settings = set_up();
        let relay = runtime.spawn(super::start(settings)).await.unwrap().unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        for number in 0..=round * 3 {
            let item = call_item(&format!("call-{round}-{number}"), "established");
            assert_eq!(post(&http, &relay, None, envelope(std::slice::from_ref(&item))).await.status(), 202);
            acknowledged.push(item);
        }
        tokio::task::spawn_blocking(move || drop(runtime)).await.unwrap();
        drop(relay);

        let store = JournalStore::open(folder.path()).unwrap();
        let rows = store.read(Cursor(0), 10_000).await.unwrap();
        let kept: Vec<String> = rows
            .iter()
            .filter_map(|it| match it.entry().unwrap().fact {
                Fact::Notification(it) => Some(it.item().get().to_owned()),
                Fact::Asked(_) | Fact::Answered(_) | Fact::Observed(_) | Fact::Rejected(_) | Fact::Noted(_) => None,
            })
            .collect();
        assert_eq!(kept, acknowledged);
    }
}
