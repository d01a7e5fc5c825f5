//! Tests of the feed over a real connection: from a webhook to a console, resuming, and refused consoles.

use secrecy::SecretString;
use tokio::sync::mpsc;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use url::Url;

use super::*;
use crate::feed::client::run;
use crate::feed::{FeedCommand, FeedConfig, ResumePoint};
use crate::floor::{Floor, Sum};
use crate::graph::CallId;
use crate::protocol::{CloseCode, FeedEvent};

/// A console that folds its feed into a floor and keeps a description of every event.
pub(super) struct Console {
    events: mpsc::Receiver<FeedEvent>,
    pub(super) commands: mpsc::Sender<FeedCommand>,
    pub(super) floor: Floor,
    pub(super) epoch: String,
    pub(super) seen: Vec<String>,
}

impl Console {
    pub(super) fn connect(bench: &Bench, token: &str, from: Option<ResumePoint>) -> Self {
        Self::connect_to(&bench.relay.ready().feed, token, from)
    }

    pub(super) fn connect_to(feed: &str, token: &str, from: Option<ResumePoint>) -> Self {
        let url = Url::parse(feed).unwrap();
        let config = FeedConfig { url, token: SecretString::from(token), trust: None };
        let (sender, events) = mpsc::channel(16);
        let (commands, receiver) = mpsc::channel(16);
        tokio::spawn(run(config, from, sender, receiver));
        Self { events, commands, floor: Floor::default(), epoch: String::new(), seen: Vec::new() }
    }

    /// Waits until an event whose description begins with `what` has arrived.
    pub(super) async fn until(&mut self, what: &str) {
        self.until_seen(what, |it| it.starts_with(what)).await;
    }

    /// Waits until an event with exactly this description has arrived.
    async fn until_exactly(&mut self, what: &str) {
        self.until_seen(what, |it| it == what).await;
    }

    async fn until_seen(&mut self, what: &str, is_wanted: impl Fn(&str) -> bool) {
        // Heartbeats come all the time, so the time-out covers the whole wait.
        let end = tokio::time::Instant::now() + Duration::from_mins(2);
        while !self.seen.iter().any(|it| is_wanted(it)) {
            let event = tokio::time::timeout_at(end, self.events.recv()).await;
            let event = event.unwrap_or_else(|_| panic!("no {what} in time: {:?}", self.seen)).unwrap();
            let description = self.apply_and_describe(event);
            self.seen.push(description);
        }
    }

    fn apply_and_describe(&mut self, event: FeedEvent) -> String {
        match event {
            FeedEvent::Connecting => "connecting".into(),
            FeedEvent::Hello(hello) => {
                self.epoch.clone_from(&hello.epoch);
                format!("hello {} {:?} {}", hello.operator, hello.role, hello.label)
            }
            FeedEvent::Reset(reason) => format!("reset {reason:?}"),
            FeedEvent::Snapshot(floor) => {
                self.floor = *floor;
                format!("snapshot {}", self.floor.head())
            }
            FeedEvent::Entries(entries) => {
                for entry in &entries {
                    assert_eq!(entry.after, self.floor.head());
                    self.floor.apply(entry);
                }
                "entries".into()
            }
            FeedEvent::History(entries) => format!("history {}", entries.len()),
            FeedEvent::CaughtUp => "caught up".into(),
            FeedEvent::Heartbeat(_) => "heartbeat".into(),
            FeedEvent::TimeLeapt => "time leapt".into(),
            FeedEvent::Past(floor) => format!("past {}", floor.head()),
            FeedEvent::Refusing(since) => format!("refusing {}", since.is_some()),
            FeedEvent::Presence(all) => {
                let looking =
                    |it: &crate::protocol::ConnectedOperator| it.looking.as_ref().map_or("-".into(), CallId::to_string);
                let all: Vec<String> = all.iter().map(|it| format!("{}:{}", it.operator, looking(it))).collect();
                format!("presence {}", all.join(" "))
            }
            FeedEvent::Down { reason, .. } => format!("down {reason}"),
            FeedEvent::Refused(reason) => format!("refused {reason}"),
        }
    }

    /// Waits until the floor is at a cursor.
    pub(super) async fn until_at(&mut self, cursor: Cursor) {
        while self.floor.head() < cursor {
            self.seen.retain(|it| it != "entries");
            self.until("entries").await;
        }
    }

    pub(super) fn known(&self) -> ResumePoint {
        ResumePoint { epoch: self.epoch.clone(), after: self.floor.head(), sum: self.floor.sum() }
    }
}

#[tokio::test]
async fn a_webhook_reaches_a_console() {
    let bench = Bench::new().await;
    let mut ada = Console::connect(&bench, OPERATOR, None);
    ada.until("caught up").await;
    // A presence frame may come at any time.
    let seen: Vec<&String> = ada.seen.iter().filter(|it| !it.starts_with("presence")).collect();
    assert_eq!(seen[..3], ["connecting", "hello ada Operator TEST", "reset New"]);
    let call = CallId::new("a").unwrap();
    assert!(ada.floor.call(&call).is_none());
    bench.post(None, envelope(&[call_item("a", "established")])).await;
    bench
        .until("reading", |entries| entries.iter().filter(|it| matches!(it.fact, Fact::Observed(_))).count() == 2)
        .await;
    ada.until_at(bench.journal.head().cursor).await;
    assert_eq!(ada.floor.call(&call).unwrap().present().count(), 2);

    ada.commands.send(FeedCommand::Read { after: Cursor(0), count: 2 }).await.unwrap();
    ada.until("history 2").await;
}

#[tokio::test]
async fn a_resumed_console_has_the_same_floor_as_an_uninterrupted_one() {
    let bench = Bench::new().await;
    let mut stays = Console::connect(&bench, OPERATOR, None);
    let mut leaves = Console::connect(&bench, VIEWER, None);
    stays.until("caught up").await;
    leaves.until("caught up").await;
    let known = leaves.known();
    drop(leaves.events);
    for state in ["establishing", "established", "terminated"] {
        bench.post(None, envelope(&[call_item("a", state), call_item("b", state)])).await;
    }
    let mut back = Console::connect(&bench, VIEWER, Some(known));
    back.floor = leaves.floor;
    let all_written = |it: &[Entry]| notifications(it) == 6;
    bench.until("all notifications", all_written).await;
    bench.until_quiet().await;
    stays.until_at(bench.journal.head().cursor).await;
    // A read of Graph that has begun may still append an entry, so the consoles follow each other to the same cursor.
    while stays.floor.head() != back.floor.head() {
        back.until_at(stays.floor.head()).await;
        stays.until_at(back.floor.head()).await;
    }
    assert!(!back.seen.iter().any(|it| it.starts_with("reset")), "{:?}", back.seen);
    assert_eq!(serde_json::to_string(&stays.floor).unwrap(), serde_json::to_string(&back.floor).unwrap());
}

impl Bench {
    /// Waits until no call is doubtful, so that the reconciler writes no more entries.
    async fn until_quiet(&self) {
        let no_call_is_doubtful = |entries: &[Entry]| {
            let mut floor = Floor::default();
            for entry in entries {
                floor.apply(entry);
            }
            floor.doubtful().count() == 0
        };
        self.until("a floor without a doubtful call", no_call_is_doubtful).await;
    }
}

#[tokio::test]
async fn a_different_history_is_detected_and_renews_the_relays_own_epoch() {
    let bench = Bench::new().await;
    let epoch = bench.journal.epoch();
    let wrong = [
        ResumePoint { epoch: "of another relay".into(), after: Cursor(1), sum: Sum(1) },
        ResumePoint { epoch: epoch.to_string(), after: Cursor(1), sum: Sum(1) },
    ];
    // An epoch of another relay says nothing about this relay's journal, so this relay keeps its epoch.
    for (known, renewed) in wrong.into_iter().zip([false, true]) {
        let mut console = Console::connect(&bench, OPERATOR, Some(known));
        console.until("caught up").await;
        assert!(console.seen.contains(&"reset Epoch".to_owned()), "{:?}", console.seen);
        assert_eq!(bench.journal.epoch() != epoch, renewed);
        assert_eq!(console.epoch, *bench.journal.epoch());
    }
    let beyond = ResumePoint { epoch: bench.journal.epoch().to_string(), after: Cursor(99), sum: Sum(1) };
    Console::connect(&bench, OPERATOR, Some(beyond)).until("reset Epoch").await;
}

#[tokio::test]
async fn consoles_see_the_presence_of_other_operators() {
    let bench = Bench::new().await;
    let mut ada = Console::connect(&bench, OPERATOR, None);
    ada.until_exactly("presence ada:-").await;
    let mut vic = Console::connect(&bench, VIEWER, None);
    vic.until_exactly("presence ada:- vic:-").await;
    vic.commands.send(FeedCommand::Looking(CallId::new("a"))).await.unwrap();
    ada.until_exactly("presence ada:- vic:a").await;
    drop(vic.events);
    ada.seen.clear();
    bench.post(None, envelope(&[call_item("a", "established")])).await;
    ada.until_exactly("presence ada:-").await;
}

#[tokio::test]
async fn unknown_tokens_and_web_pages_are_refused() {
    let bench = Bench::new().await;
    let mut stranger = Console::connect(&bench, "guess", None);
    stranger.until("refused the relay does not know this token").await;
    assert!(stranger.events.recv().await.is_none());

    let mut request = bench.relay.ready().feed.as_str().into_client_request().unwrap();
    request.headers_mut().insert("Authorization", format!("Bearer {OPERATOR}").parse().unwrap());
    request.headers_mut().insert("Origin", "https://page.example".parse().unwrap());
    let Err(Error::Http(answer)) = connect_async(request).await else { panic!("a web page was not refused") };
    assert_eq!(answer.status(), 403);
}

#[tokio::test]
async fn a_console_reconnects_after_a_relay_restart() {
    let graph = FakeGraph::start().await;
    let folder = tempfile::tempdir().unwrap();
    let set_up =
        |listen| RelaySettings { listen, journal: JournalChoice::Dir(folder.path().to_owned()), ..settings(&graph) };
    let relay = crate::relay::start(set_up("127.0.0.1:0".parse().unwrap())).await.unwrap();
    let address = relay.ready().relay.strip_prefix("http://").unwrap().parse().unwrap();
    let mut ada = Console::connect_to(&relay.ready().feed, OPERATOR, None);
    ada.until("caught up").await;
    let epoch = ada.epoch.clone();
    relay.stop().await;
    let relay = crate::relay::start(set_up(address)).await.unwrap();
    ada.until("down the relay restarts").await;
    ada.seen.clear();
    ada.until("caught up").await;
    assert!(!ada.seen.iter().any(|it| it.starts_with("reset")), "{:?}", ada.seen);
    ada.until_at(Cursor(2)).await;
    assert_eq!(ada.epoch, epoch);
    relay.stop().await;
}

#[tokio::test]
async fn the_largest_webhooks_reach_every_console() {
    const LARGEST: usize = 4 * 1_024 * 1_024;
    let bench = Bench::new().await;
    let item = |pad: &str| {
        format!(
            r##"{{"changeType":"updated","resourceUrl":"/communications/calls/a","resourceData":{{"@odata.type":"#microsoft.graph.call","state":"established","pad":"{pad}"}}}}"##
        )
    };
    let room = LARGEST - envelope(&[item("")]).len();
    let understood = envelope(&[item(&"\\\"".repeat(room / 2))]);
    let quotes = r#"\""#.repeat(1_500_000);
    let not_understood = envelope(&[format!(r#"{{"changeType":"updated","resourceUrl":"{quotes}"}}"#)]);
    for (body, status) in [(understood, 202), (not_understood, 202), ("\u{1}".repeat(LARGEST), 400)] {
        assert!(body.len() <= LARGEST);
        assert_eq!(bench.post(None, body).await.status(), status);
    }
    let entries = bench.entries().await;
    assert_eq!(notifications(&entries), 1);
    let details: Vec<usize> = entries
        .iter()
        .filter_map(|it| if let Fact::Rejected(it) = &it.fact { Some(it.detail.len()) } else { None })
        .collect();
    assert!(details.len() == 2 && details.iter().all(|it| *it <= 512), "{details:?}");

    let begin = ResumePoint { epoch: bench.journal.epoch().to_string(), after: Cursor(0), sum: Sum(0) };
    let mut ada = Console::connect(&bench, OPERATOR, Some(begin));
    ada.until("caught up").await;
    ada.until_at(bench.journal.head().cursor).await;
    assert!(!ada.seen.iter().any(|it| it.starts_with("down")), "{:?}", ada.seen);
}

#[tokio::test]
async fn consoles_with_a_different_history_renew_the_epoch_at_most_once_a_minute() {
    let bench = Bench::new().await;
    let mut epochs = vec![bench.journal.epoch().to_string()];
    for _ in 0..3 {
        let wrong = ResumePoint { epoch: bench.journal.epoch().to_string(), after: Cursor(1), sum: Sum(1) };
        let mut console = Console::connect(&bench, OPERATOR, Some(wrong));
        console.until("caught up").await;
        assert!(console.seen.contains(&"reset Epoch".to_owned()), "{:?}", console.seen);
        assert_eq!(console.epoch, *bench.journal.epoch());
        epochs.push(console.epoch.clone());
    }
    epochs.dedup();
    assert_eq!(epochs.len(), 2);
}

#[tokio::test]
async fn a_viewer_with_a_different_history_renews_no_epoch() {
    let bench = Bench::new().await;
    let epoch = bench.journal.epoch();
    let wrong = ResumePoint { epoch: epoch.to_string(), after: Cursor(1), sum: Sum(1) };
    let mut console = Console::connect(&bench, VIEWER, Some(wrong));
    console.until("caught up").await;
    assert!(console.seen.contains(&"reset Epoch".to_owned()), "{:?}", console.seen);
    assert_eq!(bench.journal.epoch(), epoch);
}

/// Returns a relay whose heartbeat is too slow to end a connection during the test.
async fn relay_for(operators: OperatorRegistry, graph: &FakeGraph) -> Relay {
    let mut settings = RelaySettings { operators, ..settings(graph) };
    settings.tuning.heartbeat = Duration::from_hours(1);
    crate::relay::start(settings).await.unwrap()
}

#[tokio::test]
async fn a_revoked_operators_feed_is_closed_immediately() {
    use secrecy::ExposeSecret as _;
    let graph = FakeGraph::start().await;
    let folder = tempfile::tempdir().unwrap();
    let token = crate::relay::operators::add(folder.path(), "ada", Role::Operator, None).unwrap();
    let relay = relay_for(OperatorRegistry::beside(folder.path()).unwrap(), &graph).await;
    let mut ada = Console::connect_to(&relay.ready().feed, token.expose_secret(), None);
    ada.until("caught up").await;
    assert_eq!(crate::relay::operators::revoke(folder.path(), "ada", None).unwrap(), 1);
    ada.until("refused the relay refuses this token: it was revoked or has expired").await;
    relay.stop().await;
}

#[tokio::test]
async fn an_expired_operators_feed_is_closed_immediately() {
    use secrecy::ExposeSecret as _;
    let graph = FakeGraph::start().await;
    // A slow machine that needs longer than this to connect gets more time.
    for seconds in [3, 12, 48] {
        let folder = tempfile::tempdir().unwrap();
        let end = crate::time::clock::wall() + Millis::seconds(seconds);
        let token = crate::relay::operators::add(folder.path(), "ada", Role::Operator, Some(end)).unwrap();
        let relay = relay_for(OperatorRegistry::beside(folder.path()).unwrap(), &graph).await;
        let mut ada = Console::connect_to(&relay.ready().feed, token.expose_secret(), None);
        ada.until("refused").await;
        relay.stop().await;
        if ada.seen.iter().any(|it| it == "caught up") {
            let closed = "refused the relay refuses this token: it was revoked or has expired";
            assert!(ada.seen.iter().any(|it| it.starts_with(closed)), "{:?}", ada.seen);
            assert!(crate::time::clock::wall() >= end);
            return;
        }
    }
    panic!("connecting took too long every time");
}

#[tokio::test]
async fn a_console_that_requests_an_unreadable_entry_starts_again() {
    let bench = Bench::with_a_call().await;
    let mut ada = Console::connect(&bench, OPERATOR, None);
    ada.until("caught up").await;
    bench.journal.is_unreadable.send_replace(true);
    let asked = FeedCommand::Read { after: Cursor(0), count: 2 };
    ada.commands.send(asked.clone()).await.unwrap();
    ada.until(&format!("down {}", CloseCode::Gone.sentence())).await;
    bench.journal.is_unreadable.send_replace(false);
    ada.seen.clear();
    ada.until("caught up").await;
    assert!(ada.seen.contains(&"reset New".to_owned()), "{:?}", ada.seen);
    ada.commands.send(asked).await.unwrap();
    ada.until("history 2").await;
}

#[tokio::test]
async fn entries_before_a_damaged_one_are_readable_and_the_board_stays_live() {
    let bench = Bench::with_a_call().await;
    let mut ada = Console::connect(&bench, OPERATOR, None);
    ada.until("caught up").await;
    let file = rusqlite::Connection::open(bench.folder.path().join("journal.sqlite")).unwrap();
    assert_eq!(file.execute("UPDATE entries SET sum = sum + 1 WHERE cursor = 3", []).unwrap(), 1);
    bench.journal.store.clear_recent();
    ada.commands.send(FeedCommand::Read { after: Cursor(0), count: 4 }).await.unwrap();
    ada.until("history 2").await;
    assert_eq!(bench.post(None, envelope(&[call_item("b", "established")])).await.status(), 202);
    ada.until_at(bench.journal.head().cursor).await;
    assert!(!ada.seen.iter().any(|it| it.starts_with("down")), "{:?}", ada.seen);
}
