//! Simulator and relay in processes of their own, a call with company, and a desk without a screen over them.

use std::process::Command;
use std::time::Duration;

use callboard::console::{HeadlessDesk, RelayAccess};
use callboard::desk::{ConfirmMode, Desk, DeskSetup, Modal, ParticipantRef};
use callboard::floor::Act;
use callboard::graph::ParticipantId;
use callboard::time::clock::Clock;
use crossterm::event::{KeyCode, KeyEvent};
use tempfile::TempDir;
use url::Url;

use super::processes::{Server, callboard, create, secret};

/// How long a test waits for a state.
const PATIENCE: Duration = Duration::from_mins(1);

/// The processes, and the desk.
pub(crate) struct OwnFloor {
    pub(crate) dana: HeadlessDesk,
    /// Somebody in the call who is not the application and not muted; they are selected.
    pub(crate) other: ParticipantId,
    pub(crate) relay: Server,
    sim: Server,
    _folder: TempDir,
}

impl OwnFloor {
    /// Starts all of it; the relay by this command, which becomes the binary.
    pub(crate) async fn start(relay: Command) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let (journal, app_secret) = (path("journal"), path("secret"));
        let sim = Server::start(&["sim", "--scenario", "empty"]);
        let token = callboard(&["relay", "operator", "add", "dana", "--role", "operator", "--journal", &journal]);
        secret(&folder.path().join("secret"), sim.says("clientSecret"));
        let options = [
            ("--app-id", sim.says("clientId")),
            ("--tenant", sim.says("tenant")),
            ("--openid", sim.says("openid")),
            ("--graph", sim.says("graph")),
            ("--token-url", sim.says("token")),
            ("--client-secret-file", &app_secret),
            ("--journal", &journal),
            ("--listen", "127.0.0.1:0"),
        ];
        let words: Vec<&str> = std::iter::once("relay").chain(options.iter().flat_map(|it| [it.0, it.1])).collect();
        let relay = Server::spawn(relay, &words);
        create(&sim, relay.says("intake")).await;
        let url = Url::parse(relay.says("relay")).unwrap();
        let access = RelayAccess { url, token: token.trim().to_owned().into(), trust: None };
        let setup = DeskSetup { pace: ConfirmMode::Fast, ..DeskSetup::default() };
        let mut dana = HeadlessDesk::connect(access, Clock::of_a_guest(), setup).unwrap();
        let other = select_company(&mut dana).await;
        Self { dana, other, relay, sim, _folder: folder }
    }

    /// Ends the processes; each must end well.
    pub(crate) fn end(self) {
        drop(self.dana);
        assert!(self.relay.terminate() && self.sim.terminate());
    }
}

/// Waits for somebody who is in a call with the application and not muted, and selects them.
pub(crate) async fn select_company(dana: &mut HeadlessDesk) -> ParticipantId {
    let company = |desk: &Desk| {
        let call = desk.live().calls().find(|it| it.my_participant.is_some())?;
        let other = call.present().find(|it| !call.is_own_participant(&it.id) && !it.muted)?;
        Some((call.id.clone(), other.id.clone()))
    };
    until(dana, "call with company", |desk| company(desk).is_some()).await;
    let (call, other) = company(dana.desk()).unwrap();
    dana.select(call, Some(ParticipantRef::Person(other.clone())));
    other
}

/// Asks for an act on what is selected and says yes.
pub(crate) fn ask(desk: &mut HeadlessDesk, act: Act) {
    desk.ask(act);
    assert!(matches!(desk.desk().modal(), Modal::Confirm(_)), "{:?}", desk.desk().message());
    // A key that comes too early does not count.
    for _ in 0..100 {
        if !matches!(desk.desk().modal(), Modal::Confirm(_)) {
            return;
        }
        desk.press(KeyEvent::from(KeyCode::Char('y')));
    }
    panic!("the confirm stays open: {:?} {:?}", desk.desk().modal(), desk.desk().message());
}

/// Waits for a state of the desk, and fails when it does not come.
pub(crate) async fn until(desk: &mut HeadlessDesk, what: &str, wanted: impl FnMut(&Desk) -> bool) {
    let reached = tokio::time::timeout(PATIENCE, desk.until(wanted)).await;
    assert!(reached.is_ok(), "no {what} in time: {:?} {:?}", desk.desk().link(), desk.desk().message());
}
