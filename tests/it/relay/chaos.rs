//! Chaos with a judge: a relay and the simulator on one clock of floor time, and faults of many kinds in an order that a
//! seed gives. Then all faults end, twelve minutes of floor time pass, and the judge compares: the floor with the
//! simulator's world, every console's floor with the journal, and what was acknowledged with what was kept.
//!
//! `CALLBOARD_CHAOS_SEEDS=500 cargo test --release --test it chaos` judges as many seeds as one likes, and
//! `CALLBOARD_CHAOS_SEED=7` that one alone. What the network and the scheduler do is not in the seed.

mod judge;
mod relay_process;
mod site;

use std::time::Duration;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use self::site::ChaosSite;
use crate::support::outside;

/// How many faults and changes one seed has.
const STEPS: usize = 60;
/// The real time between two of them, at most, in milliseconds.
const LONGEST_PAUSE_MS: u64 = 60;

/// Something that happens to the floor, to the relay or to those around it.
#[derive(Debug, Clone, Copy)]
enum Happening {
    /// A person joins, leaves, mutes or holds.
    Person,
    /// An operator asks for an act.
    Act,
    /// Notifications are lost, doubled, late or in another order.
    Notifications,
    /// Graph answers with errors, late, or not at all.
    Graph,
    /// All faults of the simulator end for now.
    Calm,
    /// The platform signs with another key.
    Keys,
    /// Floor time passes at once.
    Time,
    /// The relay's process is killed, or ends as it should.
    Relay,
    /// The relay's process stands still.
    Pause,
    /// The disk of the journal is full, or has room again.
    Disk,
    /// A part of the journal is removed.
    Files,
    /// A console stalls, or sends rubbish.
    Console,
}

/// What happens how often.
const WEIGHTS: [(Happening, u32); 12] = [
    (Happening::Person, 30),
    (Happening::Act, 14),
    (Happening::Notifications, 10),
    (Happening::Graph, 8),
    (Happening::Calm, 8),
    (Happening::Keys, 3),
    (Happening::Time, 12),
    (Happening::Relay, 6),
    (Happening::Pause, 3),
    (Happening::Disk, 4),
    (Happening::Files, 3),
    (Happening::Console, 6),
];

fn next(rng: &mut ChaCha8Rng) -> Happening {
    let all: u32 = WEIGHTS.iter().map(|(_, weight)| weight).sum();
    let mut drawn = rng.random_range(0..all);
    for (happening, weight) in WEIGHTS {
        if drawn < weight {
            return happening;
        }
        drawn -= weight;
    }
    Happening::Calm
}

fn pick<'a>(rng: &mut ChaCha8Rng, of: &[&'a str]) -> &'a str {
    of[rng.random_range(0..of.len())]
}

/// Faults of notifications, or of Graph's answers, by the names of the simulator's settings.
fn faults(rng: &mut ChaCha8Rng, names: &[&str]) -> Value {
    let mut faults = serde_json::Map::new();
    for _ in 0..rng.random_range(1..=2) {
        faults.insert(pick(rng, names).to_owned(), json!(f64::from(rng.random_range(1..=6_u32)) / 10.0));
    }
    Value::Object(faults)
}

async fn happen(site: &mut ChaosSite, rng: &mut ChaCha8Rng, happening: Happening) {
    match happening {
        Happening::Person => {
            let does = ["leave", "join", "mute", "unmute", "hold", "resume", "mute", "unmute"];
            let does = pick(rng, &does);
            site.person(rng, does).await;
        }
        Happening::Act => site.act(pick(rng, &["mute", "startHoldMusic", "stopHoldMusic", "self", "get"]), rng).await,
        Happening::Notifications => {
            let names =
                ["dropNotifications", "duplicateNotifications", "reorderNotifications", "hourLateNotifications"];
            site.fault(faults(rng, &names)).await;
        }
        Happening::Graph => {
            let names =
                ["answers404", "answers429", "answers500", "answers500After", "answers503", "cutBefore", "cutAfter"];
            site.fault(faults(rng, &names)).await;
        }
        Happening::Calm => site.calm().await,
        Happening::Keys => site.control("/keys/roll", json!({})).await,
        Happening::Time => site.pass(Duration::from_secs(rng.random_range(1..200))),
        Happening::Relay => site.restart(rng.random_bool(0.7)).await,
        Happening::Pause => site.pause(Duration::from_millis(rng.random_range(20..400))).await,
        Happening::Disk => site.fill_disk(rng.random_bool(0.5)),
        Happening::Files => site.remove(pick(rng, &["journal.sqlite", "journal.sqlite-wal", "journal.lock", ""])),
        Happening::Console => site.bad_console(rng.random_bool(0.5)).await,
    }
}

async fn judge(seed: u64) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut site = ChaosSite::open().await;
    let mut history = Vec::new();
    for _ in 0..STEPS {
        let happening = next(&mut rng);
        history.push(happening);
        happen(&mut site, &mut rng, happening).await;
        tokio::time::sleep(Duration::from_millis(rng.random_range(0..LONGEST_PAUSE_MS))).await;
    }
    site.peace().await;
    if let Err(why) = site.judge().await {
        panic!("seed {seed}: {why}\nit had {history:?}\nthis seed again: CALLBOARD_CHAOS_SEED={seed} cargo test chaos");
    }
}

/// Returns the seeds to judge: what the environment says, else more in the gate than at a desk.
fn seeds() -> std::ops::RangeInclusive<u64> {
    let number = |name: &str| std::env::var(name).ok().and_then(|it| it.parse::<u64>().ok());
    if let Some(seed) = number("CALLBOARD_CHAOS_SEED") {
        return seed..=seed;
    }
    1..=number("CALLBOARD_CHAOS_SEEDS").unwrap_or(if outside::required() { 20 } else { 4 })
}

#[tokio::test(flavor = "multi_thread")]
async fn after_any_chaos_the_floor_is_the_world_and_nothing_acknowledged_is_lost() {
    let began = callboard::time::clock::instant();
    for seed in seeds() {
        judge(seed).await;
    }
    eprintln!("{} seeds of chaos in {:.0} s", seeds().count(), began.elapsed().as_secs_f64());
}
