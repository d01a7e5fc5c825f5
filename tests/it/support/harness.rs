//! A stage for loopback tests: simulator, relay and desks on free ports, a line that can be cut, and a webhook token
//! as the simulator really signs it.

use std::sync::{Arc, Mutex};

use callboard::console::{HeadlessDesk, RelayAccess};
use callboard::demo::{DemoSettings, RunningDemo};
use callboard::desk::{Desk, DeskSetup};
use callboard::floor::{FloorCall, Person};
use callboard::sim::{Scenario, SimSettings};
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;
use url::Url;

/// The default scenario on stage, at this speed.
pub(crate) async fn reopening_day(speed: f64, faults: SimSettings) -> RunningDemo {
    let scenario = Scenario::named(Scenario::DEFAULT).unwrap().unwrap();
    RunningDemo::start(DemoSettings { scenario, seed: 42, speed, faults }).await.unwrap()
}

/// A desk for somebody, with its board complete.
pub(crate) async fn seated(stage: &RunningDemo, name: &str) -> HeadlessDesk {
    let mut desk = stage.connect_desk(name).unwrap().unwrap();
    desk.until(|desk| desk.link().is_live()).await;
    desk
}

/// The call with this title.
pub(crate) fn call<'a>(desk: &'a Desk, title: &str) -> &'a FloorCall {
    desk.live().calls().find(|it| it.title() == title).unwrap_or_else(|| panic!("no call {title}"))
}

/// Somebody in a call.
pub(crate) fn person<'a>(call: &'a FloorCall, name: &str) -> &'a Person {
    call.people.iter().find(|it| &*it.name == name).unwrap_or_else(|| panic!("nobody called {name}"))
}

/// What goes through a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Passes {
    Everything,
    /// All but the feed.
    Gate,
    /// All; what is new to the gate is held back.
    GateHeld,
    Nothing,
}

/// A line to the relay that can be cut and mended.
pub(crate) struct Line {
    pub(crate) url: Url,
    passes: watch::Sender<Passes>,
    _runs: JoinSet<()>,
}

impl Line {
    pub(crate) async fn to(relay: &Url) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let far = format!("{}:{}", relay.host_str().unwrap(), relay.port().unwrap());
        let (passes, now) = watch::channel(Passes::Everything);
        let mut runs = JoinSet::new();
        runs.spawn(async move {
            let mut lines = JoinSet::new();
            loop {
                let (near, _) = listener.accept().await.unwrap();
                let (mut now, far) = (now.clone(), far.clone());
                lines.spawn(async move {
                    let feed = asks_for_the_feed(&near).await;
                    let stops = |it: &Passes| *it == Passes::Nothing || (feed && *it == Passes::Gate);
                    if !feed {
                        drop(now.wait_for(|it| *it != Passes::GateHeld).await);
                    }
                    tokio::select! {
                        biased;
                        _ = now.wait_for(stops) => {}
                        () = pipe(near, &far) => {}
                    }
                });
            }
        });
        Self { url, passes, _runs: runs }
    }

    pub(crate) fn cut(&self) {
        self.passes.send_replace(Passes::Nothing);
    }

    /// Cuts the feed alone: the gate can be reached.
    pub(crate) fn cut_feed(&self) {
        self.passes.send_replace(Passes::Gate);
    }

    /// Holds back what goes to the gate on new connections, until the line is mended.
    pub(crate) fn hold_gate(&self) {
        self.passes.send_replace(Passes::GateHeld);
    }

    pub(crate) fn mend(&self) {
        self.passes.send_replace(Passes::Everything);
    }

    /// A desk at the far end of this line.
    pub(crate) fn desk(&self, stage: &RunningDemo, name: &str) -> HeadlessDesk {
        self.desk_with(stage, name, DeskSetup::default())
    }

    /// A desk with this setup at the far end of this line.
    pub(crate) fn desk_with(&self, stage: &RunningDemo, name: &str, setup: DeskSetup) -> HeadlessDesk {
        let relay = RelayAccess { url: self.url.clone(), ..stage.relay_access(name).unwrap() };
        HeadlessDesk::connect(relay, stage.clock.clone(), setup).unwrap()
    }
}

/// Whether a connection is the feed's, by the first of what it asks.
async fn asks_for_the_feed(near: &TcpStream) -> bool {
    const FEED: &[u8] = b"GET /feed";
    let mut begin = [0; FEED.len()];
    loop {
        match near.peek(&mut begin).await {
            Ok(0) | Err(_) => return false,
            Ok(read) if read == begin.len() || !FEED.starts_with(&begin[..read]) => return begin == FEED,
            Ok(_) => tokio::task::yield_now().await,
        }
    }
}

async fn pipe(mut near: TcpStream, far: &str) {
    let Ok(mut far) = TcpStream::connect(far).await else { return };
    drop(tokio::io::copy_bidirectional(&mut near, &mut far).await);
}

/// The `Authorization` header of a webhook that the simulator signs: its calls notify us once, then the relay again.
pub(crate) async fn webhook_authorization(stage: &RunningDemo) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let here = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    let (tell, told) = oneshot::channel();
    let tell = Arc::new(Mutex::new(Some(tell)));
    let take = move |headers: axum::http::HeaderMap| {
        let tell = Arc::clone(&tell);
        async move {
            let seen = headers["authorization"].to_str().unwrap().to_owned();
            if let Some(tell) = tell.lock().unwrap().take() {
                tell.send(seen).unwrap();
            }
            axum::http::StatusCode::ACCEPTED
        }
    };
    let server = tokio::spawn(async move {
        axum::serve(listener, axum::Router::new().fallback(take)).await.unwrap();
    });
    stage.sim.set_callback(here);
    direct(stage, "Support / Wingtip", "Olga Petrenko", "mute").await;
    let authorization = told.await.unwrap();
    stage.sim.set_callback(Url::parse(&stage.relay.ready().intake).unwrap());
    server.abort();
    authorization
}

/// Lets a person of the simulator do something on their own phone.
pub(crate) async fn direct(stage: &RunningDemo, call: &str, name: &str, does: &str) {
    let ready = serde_json::to_value(stage.sim.ready()).unwrap();
    let (control, token) = (ready["control"].as_str().unwrap(), ready["controlToken"].as_str().unwrap());
    let client = reqwest::Client::new();
    let sights = client.get(format!("{control}/calls")).bearer_auth(token).send().await.unwrap();
    let sights: Value = sights.json().await.unwrap();
    let called = |it: &&Value, member: &str, name: &str| it[member] == name;
    let calls = sights["value"].as_array().unwrap();
    let call = calls.iter().find(|it| called(it, "subject", call)).unwrap();
    let people = call["participants"].as_array().unwrap();
    let person = people.iter().find(|it| called(it, "name", name)).unwrap();
    let path = format!(
        "{control}/calls/{}/participants/{}/{does}",
        call["id"].as_str().unwrap(),
        person["id"].as_str().unwrap()
    );
    let done = client.post(path).bearer_auth(token).send().await.unwrap();
    assert!(done.status().is_success(), "{}", done.text().await.unwrap());
}
