//! A relay on a machine that is paused, as a virtual machine is, so that all its clocks stand still; or that slept, so
//! that its time leaps. An act that was pressed a moment ago is refused once at most.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use callboard::console::{HeadlessDesk, RelayAccess};
use callboard::desk::{Command, Desk, DeskSetup, offered};
use callboard::floor::{Act, OperationStatus};
use callboard::relay::{self, JournalChoice, OperatorRegistry, Relay, Role};
use callboard::sim::{self, Scenario, SimSettings, Simulator};
use callboard::time::Timestamp;
use callboard::time::clock::{Clock, MachineClock, MachineTime, instant, wall};
use secrecy::SecretString;
use url::Url;

use super::late_acts::real_seconds;
use super::own_floor::{ask, select_company, until};
use super::processes::create_at;

/// A machine whose clocks run like this one's, but for its pauses and its sleep.
#[derive(Debug)]
struct PausableMachine {
    began: Instant,
    wall: Timestamp,
    state: Mutex<MachineState>,
}

#[derive(Debug, Default)]
struct MachineState {
    /// Since when it stands still.
    paused: Option<Instant>,
    /// How long it stood still before.
    lost: Duration,
    slept: Duration,
}

impl PausableMachine {
    fn pause(&self) {
        self.state.lock().unwrap().paused = Some(instant());
    }

    fn go_on(&self) {
        let mut state = self.state.lock().unwrap();
        let paused = state.paused.take().unwrap();
        state.lost += paused.elapsed();
    }

    fn sleep(&self, span: Duration) {
        self.state.lock().unwrap().slept += span;
    }
}

impl MachineClock for PausableMachine {
    fn awake(&self) -> Duration {
        let state = self.state.lock().unwrap();
        state.paused.unwrap_or_else(instant).saturating_duration_since(self.began).saturating_sub(state.lost)
    }

    fn read(&self) -> MachineTime {
        let awake = self.awake();
        let boot = awake + self.state.lock().unwrap().slept;
        let wall = Timestamp(self.wall.0 + i64::try_from(boot.as_millis()).unwrap());
        MachineTime { awake, boot, wall }
    }
}

/// A simulator, a relay on such a machine, and a desk with company selected.
struct PausableFloor {
    machine: Arc<PausableMachine>,
    sim: Simulator,
    relay: Relay,
    dana: HeadlessDesk,
}

impl PausableFloor {
    async fn start() -> Self {
        let machine = Arc::new(PausableMachine { began: instant(), wall: wall(), state: Mutex::default() });
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let scenario = Scenario::named("empty").unwrap().unwrap();
        let clock = Clock::system();
        let settings = SimSettings::default();
        let start = sim::SimStart { scenario, seed: 42, settings, clock, listen, callback: None, public_url: None };
        let sim = sim::start(start).await.unwrap();
        let token = SecretString::from("token-of-dana");
        let operators = OperatorRegistry::in_memory(vec![("dana".to_owned(), Role::Operator, token.clone())]);
        let ready = sim.ready();
        let relay = relay::start(relay::RelaySettings {
            listen,
            clock: Clock::of_machine(Arc::clone(&machine) as Arc<dyn MachineClock>),
            operators,
            journal: JournalChoice::Temporary,
            retention: relay::RetentionPolicy::default(),
            label: "PAUSED".to_owned(),
            app_id: ready.client_id.to_string(),
            openid: ready.openid.clone(),
            graph: ready.graph.clone(),
            token_url: ready.token.clone(),
            credential: relay::AppCredential::Secret(ready.client_secret.clone()),
            tenants: vec![ready.tenant.to_string()],
            issuers: relay::default_issuers(),
            tuning: relay::GraphSettings::default(),
            net: relay::NetworkSettings::default(),
        })
        .await
        .unwrap();
        let told = serde_json::to_value(ready).unwrap();
        create_at(|it| told[it].as_str().unwrap(), &relay.ready().intake).await;
        let access = RelayAccess { url: Url::parse(&relay.ready().relay).unwrap(), token, trust: None };
        let mut dana = HeadlessDesk::connect(access, Clock::of_a_guest(), DeskSetup::default()).unwrap();
        select_company(&mut dana).await;
        Self { machine, sim, relay, dana }
    }

    async fn end(self) {
        drop(self.dana);
        self.relay.stop().await;
        self.sim.stop().await;
    }
}

/// Asks for an act until it is proved, and returns how the attempts before that were refused.
async fn refusals(dana: &mut HeadlessDesk, act: Act) -> Vec<String> {
    let mut refusals = Vec::new();
    while refusals.len() < 3 {
        until(dana, "act that is offered", |desk| offered(desk, Command::ToggleSelf).is_ok()).await;
        let before = dana.desk().live().operations().count();
        ask(dana, act);
        let standing = |desk: &Desk| {
            let newest = desk.live().operations().next_back().filter(|_| desk.live().operations().count() > before);
            newest.filter(|it| it.act == act).map(|it| it.standing(desk.now()))
        };
        let confirmed = |desk: &Desk| standing(desk) == Some(OperationStatus::Confirmed);
        let failing = |desk: &Desk| standing(desk).filter(|it| it.is_failure()).map(OperationStatus::word);
        let warning = |desk: &Desk| desk.message().filter(|it| it.warning).map(|it| it.text.clone());
        let refused = |desk: &Desk| failing(desk).is_some() || warning(desk).is_some();
        until(dana, "outcome", |desk| refused(desk) || confirmed(desk)).await;
        if confirmed(dana.desk()) {
            break;
        }
        // An expired act is in the journal too. Its entry may come after the answer, and must not count for the next act.
        if warning(dana.desk()).is_some_and(|it| it.contains("EXPIRED")) {
            until(dana, "entry of the expired act", |desk| failing(desk).is_some()).await;
        }
        // A leap of time ends a message, but not the word of the operation.
        let told = warning(dana.desk()).into_iter().chain(failing(dana.desk()).map(str::to_owned));
        refusals.push(told.collect::<Vec<_>>().join(", "));
    }
    refusals
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_pause_or_sleep_of_the_relays_machine_one_act_at_most_is_refused() {
    let mut floor = PausableFloor::start().await;
    let (dana, machine) = (&mut floor.dana, Arc::clone(&floor.machine));
    // A heartbeat comes every two seconds. The best one before the pause is the one that would count afterwards.
    real_seconds(dana, 3.0).await;
    // Shorter and longer than what a delay explains.
    for (act, pause) in [(Act::MuteSelf, 3.0), (Act::UnmuteSelf, 7.0)] {
        machine.pause();
        real_seconds(dana, pause).await;
        machine.go_on();
        let refusals = refusals(dana, act).await;
        assert!(refusals.len() < 2, "after a pause of {pause} s: {refusals:?}");
        assert!(refusals.iter().all(|it| it.contains("not sent: the relay's clock stood still")), "{refusals:?}");
    }
    machine.sleep(Duration::from_mins(10));
    let refusals = refusals(dana, Act::MuteSelf).await;
    assert!(refusals.len() < 2, "after sleep: {refusals:?}");
    assert!(refusals.iter().all(|it| it.contains("EXPIRED")), "{refusals:?}");
    floor.end().await;
}
