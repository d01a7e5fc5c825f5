//! The simulator, the relay and its consoles, and the faults that can be made between them.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use callboard::sim::{self, Scenario, SimSettings, SimStart, Simulator};
use callboard::time::clock::{Clock, wall};
use callboard::time::{Millis, Timestamp};
use futures_util::SinkExt as _;
use rand::Rng as _;
use rand_chacha::ChaCha8Rng;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use super::relay_process::{JournalDisk, RelayPlace, RelayProcess};
use crate::relay::kills::load::{Board, Up};
use crate::support::outside::preloaded_library;

/// The token of every console.
pub(super) const TOKEN: &str = "token-of-dana";
/// How many calls there are, with how many people.
const CALLS: usize = 4;
const PEOPLE: usize = 4;
/// How many consoles follow the whole time.
const BOARDS: usize = 2;

/// Everything that a seed plays with.
pub(super) struct ChaosSite {
    pub(super) folder: tempfile::TempDir,
    pub(super) clock: Clock,
    pub(super) http: reqwest::Client,
    pub(super) sim: Simulator,
    relay: Option<RelayProcess>,
    disk: JournalDisk,
    address: SocketAddr,
    pub(super) up: tokio::sync::watch::Sender<Up>,
    pub(super) boards: Vec<Board>,
    /// The tickets of acts that the gate answered.
    pub(super) answered: Vec<String>,
    /// Those of them that may be lost: the relay was killed before it had rescued removed files.
    pub(super) endangered: Vec<String>,
    /// Whether files were removed under the running relay, and it may not have rescued them yet.
    is_robbed: bool,
    tickets: u32,
}

impl ChaosSite {
    /// Starts everything, with some calls on the floor.
    pub(super) async fn open() -> Self {
        let clock = Clock::starting_at(Timestamp(wall().0), 1.0);
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let scenario = Scenario::named("empty").unwrap().unwrap();
        let start = SimStart {
            scenario,
            seed: 42,
            settings: SimSettings::default(),
            clock: clock.clone(),
            listen,
            callback: None,
            public_url: None,
        };
        let sim = sim::start(start).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let disk = JournalDisk::new(preloaded_library("faults", folder.path()), folder.path());
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap();
        let (up, _) = tokio::sync::watch::channel(Up { round: 0, is_up: true });
        let mut site = Self {
            folder,
            clock,
            http,
            sim,
            relay: None,
            disk,
            address: listen,
            up,
            boards: Vec::new(),
            answered: Vec::new(),
            endangered: Vec::new(),
            is_robbed: false,
            tickets: 0,
        };
        site.start().await;
        site.control("/callback", json!({ "url": format!("http://{}/notifications", site.address) })).await;
        for call in 0..CALLS {
            let people: Vec<Value> = (0..PEOPLE).map(|it| json!({ "name": format!("Person {call}.{it}") })).collect();
            site.control("/calls", json!({ "subject": format!("Call {call}"), "kind": "group", "people": people }))
                .await;
        }
        for _ in 0..BOARDS {
            site.boards.push(site.board());
        }
        site
    }

    pub(super) fn journal(&self) -> PathBuf {
        self.folder.path().join("journal")
    }

    pub(super) fn relay_url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn board(&self) -> Board {
        Board::open(&format!("ws://{}/feed", self.address), TOKEN, self.up.subscribe())
    }

    fn place(&self) -> RelayPlace {
        let ready = self.sim.ready();
        RelayPlace {
            listen: self.address,
            journal: self.journal(),
            now: self.clock.now().0,
            app_id: ready.client_id.to_string(),
            openid: ready.openid.to_string(),
            graph: ready.graph.to_string(),
            token_url: ready.token.to_string(),
            secret: ready.client_secret.expose_secret().to_owned(),
            tenant: ready.tenant.to_string(),
        }
    }

    /// Starts the relay. It may have to wait until the address is free, and it needs room on its disk.
    async fn start(&mut self) {
        for _ in 0..400 {
            match RelayProcess::start(&self.place(), &self.disk) {
                Ok((relay, address)) => {
                    (self.address, self.relay) = (address, Some(relay));
                    return;
                }
                Err(why) if self.disk.is_full() => {
                    assert!(why.contains("the journal in"), "{why}");
                    self.disk.fill(false);
                }
                Err(why) => {
                    assert!(why.contains("another relay writes") || why.contains("in use"), "{why}");
                    tokio::time::sleep(Duration::from_millis(25)).await;
                }
            }
        }
        panic!("the relay does not start again");
    }

    /// Kills the relay, or ends it as it should, and starts it again.
    pub(super) async fn restart(&mut self, is_killed: bool) {
        self.end(is_killed);
        self.start().await;
        self.up.send_modify(|it| it.is_up = true);
    }

    pub(super) fn end(&mut self, is_killed: bool) {
        self.up.send_modify(|it| *it = Up { round: it.round + 1, is_up: false });
        let Some(relay) = self.relay.take() else { return };
        if is_killed {
            drop(relay);
            if std::mem::take(&mut self.is_robbed) {
                self.endangered.append(&mut self.answered);
            }
        } else {
            // It waits until its entries are in new files, which need room.
            self.disk.fill(false);
            relay.stop();
            self.is_robbed = false;
        }
    }

    /// Lets the relay's process stand still for a moment.
    pub(super) async fn pause(&self, pause: Duration) {
        if let Some(relay) = &self.relay {
            relay.pause(pause).await;
        }
    }

    /// Fills the disk of the journal, or frees it.
    pub(super) fn fill_disk(&self, is_full: bool) {
        self.disk.fill(is_full);
    }

    /// Sends a request to the simulator's control API.
    pub(super) async fn control(&self, path: &str, body: Value) {
        let ready = self.sim.ready();
        let url = format!("{}{path}", ready.control.as_str().trim_end_matches('/'));
        let asked = self.http.post(url).bearer_auth(ready.control_token.expose_secret()).json(&body);
        // A person may be unable to do something now, which is no fault.
        drop(asked.send().await.unwrap());
    }

    /// Reads from the simulator's control API.
    pub(super) async fn world(&self, path: &str) -> Value {
        let ready = self.sim.ready();
        let url = format!("{}{path}", ready.control.as_str().trim_end_matches('/'));
        let asked = self.http.get(url).bearer_auth(ready.control_token.expose_secret());
        asked.send().await.unwrap().json().await.unwrap()
    }

    /// Returns a call and one of its people, by chance.
    async fn someone(&self, rng: &mut ChaCha8Rng) -> Option<(String, String)> {
        let calls = self.world("/calls").await;
        let calls = calls["value"].as_array()?;
        let call = calls.get(rng.random_range(0..calls.len().max(1)))?;
        let people = call["participants"].as_array()?;
        let person = people.get(rng.random_range(0..people.len().max(1)))?;
        Some((call["id"].as_str()?.to_owned(), person["id"].as_str()?.to_owned()))
    }

    pub(super) async fn person(&self, rng: &mut ChaCha8Rng, does: &str) {
        if let Some((call, person)) = self.someone(rng).await {
            self.control(&format!("/calls/{call}/participants/{person}/{does}"), json!({})).await;
        }
    }

    /// Lets an operator act on somebody; the answer may never come.
    pub(super) async fn act(&mut self, act: &str, rng: &mut ChaCha8Rng) {
        let Some((call, person)) = self.someone(rng).await else { return };
        self.tickets += 1;
        let ticket = format!("ticket-{}", self.tickets);
        let gate = format!("{}/graph/v1.0/communications/calls/{call}", self.relay_url());
        let body = json!({ "clientContext": ticket });
        let asked = match act {
            "get" => self.http.get(gate),
            "self" => self.http.post(format!("{gate}/mute")).json(&body),
            act => self.http.post(format!("{gate}/participants/{person}/{act}")).json(&body),
        };
        let asked = asked.bearer_auth(TOKEN).timeout(Duration::from_secs(3));
        if asked.send().await.is_ok_and(|it| it.status().is_success()) && act != "get" {
            self.answered.push(ticket);
        }
    }

    pub(super) async fn fault(&self, faults: Value) {
        self.control("/faults", faults).await;
    }

    /// Ends all faults of the simulator.
    pub(super) async fn calm(&self) {
        let names = [
            "dropNotifications",
            "duplicateNotifications",
            "reorderNotifications",
            "hourLateNotifications",
            "answers404",
            "answers429",
            "answers500",
            "answers500After",
            "answers503",
            "cutBefore",
            "cutAfter",
        ];
        self.fault(names.iter().map(|it| ((*it).to_owned(), json!(0.0))).collect()).await;
    }

    /// Lets floor time pass at once.
    pub(super) fn pass(&mut self, span: Duration) {
        self.clock.step(Millis(i64::try_from(span.as_millis()).unwrap()));
        if let Some(relay) = &mut self.relay {
            relay.pass(span);
        }
    }

    /// Removes a file of the journal under the running relay, or its whole folder.
    pub(super) fn remove(&mut self, file: &str) {
        self.is_robbed = true;
        let removed = if file.is_empty() {
            std::fs::remove_dir_all(self.journal())
        } else {
            std::fs::remove_file(self.journal().join(file))
        };
        // It may be gone already.
        drop(removed);
    }

    /// Opens a console that asks for everything and reads nothing, or that sends rubbish, and leaves without a word.
    pub(super) async fn bad_console(&self, stalls: bool) {
        let mut request = format!("ws://{}/feed", self.address).into_client_request().unwrap();
        request.headers_mut().insert("Authorization", format!("Bearer {TOKEN}").parse().unwrap());
        let Ok((mut console, _)) = tokio_tungstenite::connect_async(request).await else { return };
        let rubbish =
            [r#"{"type":"resume","epoch":"x","after":7,"sum":"0"}"#, "{", r#"{"type":"floorAt","cursor":99}"#];
        for text in if stalls { &[r#"{"type":"start"}"#; 3] } else { &rubbish } {
            drop(console.send(Message::text(*text)).await);
        }
        if stalls {
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_secs(2)).await;
                drop(console);
            });
        }
    }

    /// Ends all faults and lets twelve minutes of floor time pass, minute by minute, so that every timer can act.
    pub(super) async fn peace(&mut self) {
        self.calm().await;
        self.disk.fill(false);
        self.control("/clock", json!({ "speed": 1 })).await;
        // A relay that has lost its journal learns of a call when something happens in it.
        let calls = self.world("/calls").await;
        for call in calls["value"].as_array().unwrap() {
            let (id, person) = (call["id"].as_str().unwrap(), &call["participants"][0]["id"]);
            for does in ["mute", "unmute"] {
                self.control(&format!("/calls/{id}/participants/{}/{does}", person.as_str().unwrap()), json!({})).await;
            }
        }
        for _ in 0..12 {
            self.pass(Duration::from_mins(1));
            tokio::time::sleep(Duration::from_millis(120)).await;
        }
    }
}
