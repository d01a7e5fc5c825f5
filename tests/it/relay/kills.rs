//! A relay that is killed with `kill -9` again and again under load: nothing that it acknowledged is missing, nothing is
//! there twice, and every console has the floor that the journal's entries give.
//!
//! `CALLBOARD_KILL_ROUNDS=500 cargo test --release --test it kills` runs as many rounds as one likes.

mod ledger;
pub(crate) mod load;

use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

use callboard::journal;
use tokio::sync::watch;

use self::ledger::Ledger;
use self::load::{Acknowledged, Board, Fallen, Up, operate, post};
use crate::e2e::processes::{Server, callboard, create, secret};
use crate::support::outside;

const SENDERS: usize = 3;
const BOARDS: usize = 3;
/// A state that is waited for comes within this.
const PATIENCE: Duration = Duration::from_secs(30);

/// Returns how many rounds to run: what the environment says, else more in the gate than at a desk.
fn rounds() -> u64 {
    let asked = std::env::var("CALLBOARD_KILL_ROUNDS").ok().and_then(|it| it.parse().ok());
    asked.unwrap_or(if outside::required() { 40 } else { 5 })
}

/// Everything around the relay; it alone dies.
struct Stage {
    _sim: Server,
    words: Vec<String>,
    folder: tempfile::TempDir,
    up: watch::Sender<Up>,
    acknowledged: Acknowledged,
    boards: Vec<Board>,
    ledger: Ledger,
}

impl Stage {
    async fn set() -> (Self, Server) {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let sim = Server::start(&["sim", "--scenario", "empty"]);
        let token =
            callboard(&["relay", "operator", "add", "dana", "--role", "operator", "--journal", &path("journal")]);
        secret(Path::new(&path("secret")), sim.says("clientSecret"));
        let mut words: Vec<String> =
            ["relay", "--keep-size", "64M", "--ops-listen", "127.0.0.1:0", "--log", &path("log")]
                .map(str::to_owned)
                .into();
        for (name, value) in [
            ("--app-id", sim.says("clientId")),
            ("--tenant", sim.says("tenant")),
            ("--openid", sim.says("openid")),
            ("--graph", sim.says("graph")),
            ("--token-url", sim.says("token")),
            ("--client-secret-file", &path("secret")),
            ("--journal", &path("journal")),
        ] {
            words.extend([name.to_owned(), value.to_owned()]);
        }
        let first = start(&words, "127.0.0.1:0");
        words.extend(["--listen".to_owned(), first.says("relay").trim_start_matches("http://").to_owned()]);
        let (up, _) = watch::channel(Up { round: 0, is_up: true });
        let acknowledged = Acknowledged::default();
        let call = create(&sim, first.says("intake")).await;
        let authorization = load::authorization(&sim).await;
        for sender in 0..SENDERS {
            let there = (first.says("intake").to_owned(), authorization.clone());
            tokio::spawn(post(sender, there, up.subscribe(), acknowledged.clone()));
        }
        let there = (format!("{}/communications/calls/{call}", first.says("gate")), token.trim().to_owned());
        tokio::spawn(operate(there, up.subscribe(), acknowledged.clone()));
        let boards = (0..BOARDS).map(|_| Board::open(first.says("feed"), token.trim(), up.subscribe())).collect();
        (Self { _sim: sim, words, folder, up, acknowledged, boards, ledger: Ledger::default() }, first)
    }

    fn journal(&self) -> std::path::PathBuf {
        self.folder.path().join("journal")
    }

    /// Kills the relay after a number of acknowledgements that nobody can guess, and looks at what it left.
    async fn round(&mut self, round: u64, relay: Server) {
        let more = if round.is_multiple_of(10) { 0 } else { rand::random_range(1..120) };
        self.acknowledged.until(more).await;
        self.up.send_replace(Up { round, is_up: false });
        relay.kill();
        let mut fallen = Vec::new();
        for board in &mut self.boards {
            fallen.push(board.fallen(round).await);
        }
        let owed = self.acknowledged.marks();
        self.ledger.read(&self.journal(), &fallen).await;
        self.ledger.holds(&owed);
    }

    fn restart(&self, round: u64) -> Server {
        let relay = start(&self.words, "");
        self.up.send_replace(Up { round, is_up: true });
        relay
    }

    /// All boards come to the head, and have the floor that the journal's entries give; so has one that is new.
    async fn end(mut self, relay: Server, rounds: u64) {
        self.acknowledged.is_over.store(true, Ordering::Release);
        self.boards.push(Board::open(relay.says("feed"), &self.token(), self.up.subscribe()));
        let quiet = load::quiet(relay.says("ops"), &mut self.boards);
        tokio::time::timeout(PATIENCE, quiet).await.unwrap_or_else(|_| panic!("the boards do not come to the head"));
        self.up.send_replace(Up { round: rounds + 1, is_up: false });
        assert!(relay.terminate());
        let mut fallen: Vec<Fallen> = Vec::new();
        for board in &mut self.boards {
            fallen.push(board.fallen(rounds + 1).await);
        }
        let compared = self.ledger.compared;
        self.ledger.read(&self.journal(), &fallen).await;
        assert_eq!(
            self.ledger.compared,
            compared + self.boards.len() as u64,
            "all boards, the new one too, have the floor of the entries"
        );
        self.ledger.holds(&self.acknowledged.marks());
        let found = journal::check(&self.journal()).unwrap();
        assert!(found.damaged.is_empty(), "{:?}", found.damaged);
        assert!(self.boards.iter().all(|it| it.resets() == ["New"]), "a board had to begin anew");
    }

    fn token(&self) -> String {
        let journal = self.journal();
        callboard(&["relay", "operator", "add", "new", "--role", "viewer", "--journal", journal.to_str().unwrap()])
            .trim()
            .to_owned()
    }
}

/// Starts the relay, at an address when it is not among its words.
fn start(words: &[String], listen: &str) -> Server {
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    if !listen.is_empty() {
        words.extend(["--listen", listen]);
    }
    Server::start(&words)
}

#[tokio::test(flavor = "multi_thread")]
async fn killing_a_relay_loses_and_duplicates_nothing_and_all_boards_agree() {
    let rounds = rounds();
    let began = callboard::time::clock::instant();
    let (mut stage, mut relay) = Stage::set().await;
    for round in 1..=rounds {
        stage.round(round, relay).await;
        relay = stage.restart(round);
    }
    let figures = (stage.acknowledged.clone(), stage.ledger.compared);
    stage.end(relay, rounds).await;
    let (posts, acts) = figures.0.counts();
    eprintln!(
        "{rounds} rounds of kill -9 in {:.0} s: {posts} webhooks and {acts} acts acknowledged, 0 lost, 0 doubled; \
         {} floors compared, 0 differ",
        began.elapsed().as_secs_f64(),
        figures.1
    );
}
