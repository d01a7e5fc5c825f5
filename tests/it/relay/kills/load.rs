//! The load: senders that repeat a webhook until it is acknowledged, an operator who acts, and boards that reconnect.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use callboard::feed::{FeedCommand, FeedConfig, client};
use callboard::floor::{Cursor, Floor};
use callboard::protocol::FeedEvent;
use tokio::sync::{mpsc, watch};
use url::Url;

use super::PATIENCE;
use crate::e2e::processes::{Server, create};

/// Whether the relay is there, and which round it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Up {
    pub(crate) round: u64,
    pub(crate) is_up: bool,
}

/// What was acknowledged.
#[derive(Clone, Default)]
pub(crate) struct Acknowledged {
    marks: Arc<Mutex<BTreeSet<String>>>,
    count: Arc<watch::Sender<u64>>,
    /// Nothing new is sent.
    pub(crate) is_over: Arc<AtomicBool>,
}

impl Acknowledged {
    fn add(&self, marks: impl IntoIterator<Item = String>) {
        self.marks.lock().unwrap().extend(marks);
        self.count.send_modify(|count| *count += 1);
    }

    /// Waits for this number of further items.
    pub(crate) async fn until(&self, more: u64) {
        let goal = *self.count.borrow() + more;
        let mut count = self.count.subscribe();
        let reached = count.wait_for(|it| *it >= goal);
        tokio::time::timeout(PATIENCE, reached).await.unwrap_or_else(|_| panic!("the load stands still")).unwrap();
    }

    pub(crate) fn marks(&self) -> BTreeSet<String> {
        self.marks.lock().unwrap().clone()
    }

    /// Webhooks' items and acts.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let marks = self.marks.lock().unwrap();
        let posts = marks.iter().filter(|it| it.starts_with("mark-")).count();
        (posts / ITEMS, marks.len() - posts)
    }
}

/// How many items a webhook carries.
const ITEMS: usize = 2;

/// The marks in an item's text.
pub(crate) fn marks(text: &str) -> Vec<String> {
    let mark = |rest: &str| format!("mark-{}", rest.split('"').next().unwrap_or_default());
    text.split("mark-").skip(1).map(mark).collect()
}

/// The token of a webhook, as the simulator signs it.
pub(crate) async fn authorization(sim: &Server) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let here = format!("http://{}/", listener.local_addr().unwrap());
    let (tell, mut told) = watch::channel(String::new());
    let take = move |headers: axum::http::HeaderMap| async move {
        tell.send_replace(headers["authorization"].to_str().unwrap().to_owned());
        axum::http::StatusCode::ACCEPTED
    };
    let server = axum::serve(listener, axum::Router::new().fallback(take));
    let server = tokio::spawn(server.into_future());
    create(sim, &here).await;
    let authorization = told.wait_for(|it| !it.is_empty()).await.unwrap().clone();
    server.abort();
    authorization
}

/// Posts webhooks one after the other; one that was not acknowledged is sent again, as the platform may do.
pub(crate) async fn post(
    sender: usize,
    (intake, authorization): (String, String),
    mut up: watch::Receiver<Up>,
    acknowledged: Acknowledged,
) {
    let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
    for number in 0_u64.. {
        let marks: Vec<String> = (0..ITEMS).map(|item| format!("mark-{sender}-{number}-{item}")).collect();
        let items: Vec<String> = marks.iter().map(|mark| format!(r##"{{"changeType":"updated","resourceUrl":"/communications/calls/kill-{sender}","resourceData":{{"@odata.type":"#microsoft.graph.call","state":"established","subject":"{mark}"}}}}"##)).collect();
        let body = format!(r#"{{"value":[{}]}}"#, items.join(","));
        loop {
            if acknowledged.is_over.load(Ordering::Acquire) || up.wait_for(|it| it.is_up).await.is_err() {
                return;
            }
            let request = client.post(&intake).header("authorization", &authorization).body(body.clone());
            let answer = request.header("X-Microsoft-Skype-Message-ID", format!("{sender}-{number}")).send().await;
            match answer.map(|it| it.status().as_u16()) {
                Ok(202) => break,
                Ok(503) | Err(_) => tokio::task::yield_now().await,
                Ok(other) => panic!("a webhook was answered {other}"),
            }
        }
        acknowledged.add(marks);
    }
}

/// Mutes and unmutes the application; an act that was answered must be in the journal.
pub(crate) async fn operate((call, token): (String, String), mut up: watch::Receiver<Up>, acknowledged: Acknowledged) {
    let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
    for number in 0_u64.. {
        if acknowledged.is_over.load(Ordering::Acquire) || up.wait_for(|it| it.is_up).await.is_err() {
            return;
        }
        let (ticket, act) = (format!("ticket-{number}"), if number % 2 == 0 { "mute" } else { "unmute" });
        let request = client.post(format!("{call}/{act}")).bearer_auth(&token).header("Callboard-Ticket", &ticket);
        let answer = request.header("content-type", "application/json").body("{}").send().await;
        if answer.is_ok_and(|it| it.status().is_success()) {
            acknowledged.add([ticket]);
        }
    }
}

/// Where a board was when its line fell, and what it showed.
#[derive(Clone, Default)]
pub(crate) struct Fallen {
    round: u64,
    pub(crate) cursor: Cursor,
    pub(crate) floor: String,
}

/// A console's floor, over a line that comes back.
pub(crate) struct Board {
    fallen: watch::Receiver<Fallen>,
    at: watch::Receiver<Cursor>,
    resets: Arc<Mutex<Vec<String>>>,
}

impl Board {
    pub(crate) fn open(feed: &str, token: &str, up: watch::Receiver<Up>) -> Self {
        let config = FeedConfig { url: Url::parse(feed).unwrap(), token: token.to_owned().into(), trust: None };
        let (sender, events) = mpsc::channel(16);
        let (orders, receiver) = mpsc::channel(16);
        tokio::spawn(client::run(config, None, sender, receiver));
        let (fell, fallen) = watch::channel(Fallen::default());
        let (moved, at) = watch::channel(Cursor(0));
        let resets = Arc::new(Mutex::new(Vec::new()));
        tokio::spawn(follow(events, orders, up, (fell, moved, Arc::clone(&resets))));
        Self { fallen, at, resets }
    }

    /// Waits until its line has fallen in a round.
    pub(crate) async fn fallen(&mut self, round: u64) -> Fallen {
        let fallen = tokio::time::timeout(PATIENCE, self.fallen.wait_for(|it| it.round >= round)).await;
        fallen.unwrap_or_else(|_| panic!("a board did not notice that the relay is gone")).unwrap().clone()
    }

    /// Waits until it has folded the entry at a cursor.
    pub(crate) async fn reaches(&mut self, cursor: Cursor) {
        let reached = tokio::time::timeout(PATIENCE, self.at.wait_for(|it| *it >= cursor)).await;
        reached.unwrap_or_else(|_| panic!("a board does not come to entry {cursor}")).unwrap();
    }

    pub(crate) fn resets(&self) -> Vec<String> {
        self.resets.lock().unwrap().clone()
    }
}

type Tells = (watch::Sender<Fallen>, watch::Sender<Cursor>, Arc<Mutex<Vec<String>>>);

async fn follow(
    mut events: mpsc::Receiver<FeedEvent>,
    orders: mpsc::Sender<FeedCommand>,
    mut up: watch::Receiver<Up>,
    (fell, moved, resets): Tells,
) {
    let mut floor = Floor::default();
    let mut down = false;
    loop {
        tokio::select! {
            event = events.recv() => match event {
                Some(FeedEvent::Snapshot(whole)) => floor = *whole,
                Some(FeedEvent::Entries(entries)) => for entry in &entries {
                    assert_eq!(entry.after, floor.head(), "a gap, or an entry twice");
                    floor.apply(entry);
                },
                Some(FeedEvent::Reset(reason)) => resets.lock().unwrap().push(format!("{reason:?}")),
                Some(FeedEvent::Down { .. }) => down = true,
                Some(FeedEvent::Connecting) => down = false,
                Some(FeedEvent::Refused(why)) => panic!("{why}"),
                Some(_) => {}
                None => return,
            },
            changed = up.changed() => if changed.is_err() { return },
        }
        moved.send_replace(floor.head());
        let Up { round, is_up } = *up.borrow_and_update();
        if down && is_up {
            // Not after the wait that would be polite: the round would take as long.
            drop(orders.try_send(FeedCommand::Retry));
        } else if down && fell.borrow().round < round {
            fell.send_replace(Fallen { round, cursor: floor.head(), floor: floor.snapshot().pieces.concat() });
        }
    }
}

/// Waits until all boards are at the journal's head, and nothing has been in doubt since.
pub(crate) async fn quiet(ops: &str, boards: &mut [Board]) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    loop {
        let health = client.get(format!("{ops}/healthz")).send().await.unwrap();
        let health: serde_json::Value = health.json().await.unwrap();
        let head = Cursor(health["head"].as_u64().unwrap());
        for board in &mut *boards {
            board.at.wait_for(|it| *it >= head).await.unwrap();
        }
        if boards.iter().all(|it| *it.at.borrow() == head) {
            return;
        }
    }
}
