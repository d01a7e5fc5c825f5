//! The relay of the chaos as a process of its own, which can be killed, stopped, and refused by its disk. It is this test
//! program again: a relay that is started on the command line follows the machine's clock, and this one the test's.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use callboard::relay::{self, JournalChoice, OperatorRegistry, Role};
use callboard::time::clock::Clock;
use callboard::time::{Millis, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::site::TOKEN;

/// The variable that makes this program the relay, with a [`RelayPlace`] in JSON.
const PLACE: &str = "CALLBOARD_CHAOS_RELAY";
/// The test that is the relay then.
const ENTRY: &str = "relay::chaos::relay_process::a_relay_process_follows_the_clock_of_its_test";
/// What precedes the relay's answer; the test harness writes to the same line.
const ANSWER: &str = "the relay says ";

/// What a relay is told when it starts.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct RelayPlace {
    pub(super) listen: SocketAddr,
    pub(super) journal: PathBuf,
    /// Floor time, in milliseconds.
    pub(super) now: i64,
    pub(super) app_id: String,
    pub(super) openid: String,
    pub(super) graph: String,
    pub(super) token_url: String,
    pub(super) secret: String,
    pub(super) tenant: String,
}

/// A running relay. It is killed when it is dropped.
pub(super) struct RelayProcess {
    child: Child,
    orders: ChildStdin,
    /// The harness writes to it when the relay ends.
    _answers: BufReader<ChildStdout>,
}

/// A disk that can be full for the journal alone.
pub(super) struct JournalDisk {
    /// The library that lets writes fail, where it can be preloaded.
    library: Option<PathBuf>,
    /// The file that says whether the disk is full.
    state: PathBuf,
}

impl JournalDisk {
    pub(super) fn new(library: Option<PathBuf>, folder: &Path) -> Self {
        let disk = Self { library, state: folder.join("disk-is-full") };
        std::fs::write(&disk.state, 0_i64.to_ne_bytes()).unwrap();
        disk
    }

    pub(super) fn is_full(&self) -> bool {
        std::fs::read(&self.state).unwrap() != 0_i64.to_ne_bytes()
    }

    /// Fills the disk, or frees it.
    pub(super) fn fill(&self, is_full: bool) {
        // In place: the relay has the file mapped, and is killed by a signal if it reads while the file is truncated.
        let state = std::fs::File::options().write(true).open(&self.state).unwrap();
        state.write_all_at(&i64::from(is_full).to_ne_bytes(), 0).unwrap();
    }
}

impl RelayPlace {
    fn settings(self, clock: Clock) -> relay::RelaySettings {
        relay::RelaySettings {
            listen: self.listen,
            clock,
            operators: OperatorRegistry::in_memory(vec![("dana".to_owned(), Role::Operator, TOKEN.into())]),
            journal: JournalChoice::Dir(self.journal),
            retention: relay::RetentionPolicy::default(),
            label: "CHAOS".to_owned(),
            app_id: self.app_id,
            openid: self.openid.parse().unwrap(),
            graph: self.graph.parse().unwrap(),
            token_url: self.token_url.parse().unwrap(),
            credential: relay::AppCredential::Secret(self.secret.into()),
            tenants: vec![self.tenant],
            issuers: relay::default_issuers(),
            tuning: relay::GraphSettings {
                unknown_keys: Duration::from_millis(200),
                ..relay::GraphSettings::default()
            },
            net: relay::NetworkSettings::default(),
        }
    }
}

impl RelayProcess {
    /// Starts a relay, and returns its address. Fails with its words if it does not start.
    pub(super) fn start(place: &RelayPlace, disk: &JournalDisk) -> Result<(Self, SocketAddr), String> {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([ENTRY, "--exact", "--nocapture"]).env(PLACE, serde_json::to_string(place).unwrap());
        if let Some(library) = &disk.library {
            command.env("LD_PRELOAD", library).env("FAULT_FULL", &disk.state);
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let orders = child.stdin.take().unwrap();
        let mut answers = BufReader::new(child.stdout.take().unwrap());
        let mut lines = answers.by_ref().lines().map(Result::unwrap);
        let said = lines.find_map(|it| serde_json::from_str::<Value>(it.split_once(ANSWER)?.1).ok()).unwrap();
        let process = Self { child, orders, _answers: answers };
        match said["relay"].as_str() {
            Some(url) => Ok((process, url.trim_start_matches("http://").parse().unwrap())),
            None => Err(said["error"].to_string()),
        }
    }

    /// Lets the relay's floor time pass at once.
    pub(super) fn pass(&mut self, span: Duration) {
        writeln!(self.orders, "{}", span.as_millis()).unwrap();
    }

    /// Lets the process stand still for a while.
    pub(super) async fn pause(&self, pause: Duration) {
        self.signal("-STOP");
        tokio::time::sleep(pause).await;
        self.signal("-CONT");
    }

    fn signal(&self, name: &str) {
        assert!(Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap().success());
    }

    /// Ends the relay as it should.
    pub(super) fn stop(mut self) {
        writeln!(self.orders, "stop").unwrap();
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for RelayProcess {
    fn drop(&mut self) {
        // It may have ended.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Runs a relay that obeys the lines of standard input: milliseconds that pass, and anything else to stop.
async fn obey(place: RelayPlace) {
    // Not `println!`, which the test harness may capture.
    let say = |said: &Value| std::io::stdout().write_all(format!("{ANSWER}{said}\n").as_bytes()).unwrap();
    let clock = Clock::starting_at(Timestamp(place.now), 1.0);
    let relay = match relay::start(place.settings(clock.clone())).await {
        Ok(relay) => relay,
        Err(error) => return say(&json!({ "error": error.to_string() })),
    };
    say(&json!({ "relay": relay.ready().relay }));
    let (read, mut orders) = mpsc::channel(16);
    std::thread::spawn(move || {
        std::io::stdin().lines().map_while(Result::ok).try_for_each(|it| read.blocking_send(it))
    });
    while let Some(millis) = orders.recv().await.and_then(|it| it.parse().ok()) {
        clock.step(Millis(millis));
    }
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_process_follows_the_clock_of_its_test() {
    if let Some(place) = std::env::var_os(PLACE) {
        return obey(serde_json::from_str(place.to_str().unwrap()).unwrap()).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let nowhere = "http://127.0.0.1:9/";
    let place = RelayPlace {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        journal: folder.path().join("journal"),
        now: 1_000,
        app_id: "5f3a2b4e-0000-4000-8000-000000000001".to_owned(),
        openid: nowhere.to_owned(),
        graph: nowhere.to_owned(),
        token_url: nowhere.to_owned(),
        secret: "secret".to_owned(),
        tenant: "5f3a2b4e-0000-4000-8000-000000000002".to_owned(),
    };
    let disk = JournalDisk::new(None, folder.path());
    let (mut relay, _) = RelayProcess::start(&place, &disk).unwrap();
    let refused = RelayProcess::start(&place, &disk).map(|_| ()).unwrap_err();
    assert!(refused.contains("another relay writes"), "{refused}");
    relay.pass(Duration::from_hours(1));
    relay.stop();
    let (again, _) = RelayProcess::start(&RelayPlace { now: 3_700_000, ..place.clone() }, &disk).unwrap();
    drop(again);
    let rows = callboard::journal::JournalReader::open(&place.journal).unwrap().rows(callboard::floor::Cursor(0), 100);
    let times: Vec<i64> = rows.unwrap().iter().map(|it| it.entry().unwrap().at.0).collect();
    assert!(
        times.first().is_some_and(|it| *it < 60_000) && times.last().is_some_and(|it| *it >= 3_700_000),
        "{times:?}"
    );
}
