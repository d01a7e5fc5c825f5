//! Rows 17 and 18: a relay and three consoles with a floor of 50,000 calls under full load, compared with 5,000 calls.

use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::graph::{call, call_id};
use crate::intake::roster;
use crate::pty::Program;
use crate::stage::{Server, Stage};
use crate::wire::{Line, Poster};
use crate::{percentile, row};

/// The sizes of the floor, in calls of four people: the baseline and the large one.
const CALLS: [usize; 2] = [5_000, 50_000];
/// The webhooks per second, and for how long.
const RATE: usize = 2_000;
const LOAD: Duration = Duration::from_mins(1);
const SENDERS: usize = 64;
/// How long the relay is watched before the load.
const REST: Duration = Duration::from_secs(10);
/// The calls of one webhook while the floor is filled.
const CALLS_PER_POST: usize = 20;
/// The requests per second that the relay may send to Graph after its restart; a call takes two. Under load the default
/// rate applies.
const GRAPH_RATE: usize = 1_000;
/// How much longer than the rate allows the readings after a restart may take.
const MOST_TIMES: f64 = 3.0;
/// The time between two keys of a console.
const KEY_INTERVAL: Duration = Duration::from_millis(250);

/// What one run measured.
#[derive(Default)]
struct Measured {
    accepted: f64,
    post_p99: f64,
    keeper_core: f64,
    relay_core: f64,
    relay_memory: f64,
    reads: f64,
    keys: Vec<ConsoleFigures>,
    reread: f64,
    snapshots: f64,
}

/// What a console did under load.
struct ConsoleFigures {
    name: &'static str,
    p99: f64,
    core: f64,
    memory: f64,
}

/// The consoles: each with the keys that set it up.
const CONSOLES: [(&str, &str); 3] = [("default", ""), ("sorted", "o"), ("filtered", "/people:>3\r")];

pub(crate) async fn rows() {
    let base = measure(CALLS[0]).await;
    let ours = measure(CALLS[1]).await;
    row("17 webhooks accepted of 2,000/s", "/s", base.accepted, ours.accepted, ">= 2,000/s");
    row("17 a POST, p99", "ms", base.post_p99, ours.post_p99, "<= 25 ms");
    row("17 the relay computes without a webhook, of a core", "%", base.keeper_core, ours.keeper_core, "<= 1.5x");
    row("17 the relay computes, of a core", "%", base.relay_core, ours.relay_core, "<= 60 %");
    row("17 memory of the relay", "MiB", base.relay_memory, ours.relay_memory, "<= 300 MiB");
    row("17 calls read from Graph under load", "/s", base.reads, ours.reads, "");
    for (base, ours) in base.keys.iter().zip(&ours.keys) {
        row(&format!("17 a key in the {} console, p99", ours.name), "ms", base.p99, ours.p99, "<= 16 ms");
        row(&format!("17 the {} console computes, of a core", ours.name), "%", base.core, ours.core, "");
        row(&format!("17 memory of the {} console", ours.name), "MiB", base.memory, ours.memory, "<= 150 MiB");
    }
    row("17 all calls read after a restart (vs the rate)", "x", base.reread, ours.reread, "<= 1.2x of the rate");
    row("17 snapshots' share of the journal", "%", base.snapshots, ours.snapshots, "<= 20 %");
}

/// Fills a floor, loads the relay and measures it, and restarts it.
async fn measure(calls: usize) -> Measured {
    let graph = Server::baseline("graph");
    let at = graph.says("http").trim_end_matches('/');
    let stage = Stage::with(Some(at)).await;
    fill(&stage, calls).await;
    let keeper_core = idle_share(&stage.relay).await;
    let stalled = stall(&stage).await;
    let consoles = CONSOLES.map(|(name, keys)| watch(&stage, name, keys));
    let (cpu, reads, began) = (stage.relay.cpu_time(), count_reads(at).await, Instant::now());
    let (accepted, mut latencies) = load(&stage, calls).await;
    let seconds = began.elapsed().as_secs_f64();
    let relay_core = stage.relay.cpu_time().saturating_sub(cpu).as_secs_f64() / seconds * 100.0;
    let mut measured = Measured {
        accepted: accepted as f64 / seconds,
        post_p99: percentile(&mut latencies, 99),
        keeper_core,
        relay_core,
        relay_memory: stage.relay.memory() / 1_024.0,
        reads: (count_reads(at).await - reads) / seconds,
        ..Measured::default()
    };
    for console in consoles {
        measured.keys.push(console.join().expect("a console answers"));
    }
    drop(stalled);
    measured.snapshots = snapshots_share(&stage);
    let (reads, began) = (count_reads(at).await, Instant::now());
    let stage = stage.restart(&["--graph-rate", &GRAPH_RATE.to_string()]);
    let allowed = calls as f64 * 2.0 / GRAPH_RATE as f64;
    while count_reads(at).await - reads < calls as f64 && began.elapsed().as_secs_f64() < allowed * MOST_TIMES {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    measured.reread = began.elapsed().as_secs_f64() / allowed;
    drop((stage, graph));
    measured
}

/// Posts every call and its roster.
async fn fill(stage: &Stage, calls: usize) {
    let mut poster = Poster::new(stage.relay.says("intake"), &stage.authorization).await;
    for first in (0..calls).step_by(CALLS_PER_POST) {
        let items: Vec<String> = (first..calls.min(first + CALLS_PER_POST))
            .map(|at| {
                let id = call_id(at);
                let seen = call(&id);
                let updated = format!(
                    r#"{{"changeType":"updated","resourceUrl":"/communications/calls/{id}","resourceData":{seen}}}"#
                );
                format!("{updated},{}", roster(at, 0))
            })
            .collect();
        let body = format!(r#"{{"value":[{}]}}"#, items.join(","));
        while poster.post(&body).await != 202 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Returns how much of a core the relay computes while it only reads calls, in hundredths.
async fn idle_share(relay: &Server) -> f64 {
    let (cpu, began) = (relay.cpu_time(), Instant::now());
    tokio::time::sleep(REST).await;
    relay.cpu_time().saturating_sub(cpu).as_secs_f64() / began.elapsed().as_secs_f64() * 100.0
}

/// Connects a viewer that asks for entries and does not read them.
async fn stall(stage: &Stage) -> Line {
    let mut line = Line::console(stage.relay.says("feed"), &stage.token, Some(4 * 1_024)).await;
    for _ in 0..6 {
        line.say(r#"{"type":"read","after":0,"count":512}"#).await;
    }
    line
}

/// Starts a console, and presses keys in it for as long as the load lasts.
fn watch(stage: &Stage, name: &'static str, keys: &str) -> JoinHandle<ConsoleFigures> {
    let token = stage.folder().join("token");
    std::fs::write(&token, &stage.token).expect("a file");
    std::fs::set_permissions(&token, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("ours alone");
    let words = ["console", "--relay", stage.relay.says("relay"), "--token-file", &token.to_string_lossy()];
    let mut console = Program::start(env!("CARGO_BIN_EXE_callboard"), &words, "LIVE");
    console.press(keys);
    std::thread::spawn(move || {
        let (mut latencies, began) = (Vec::new(), Instant::now());
        let cpu = console.cpu_time();
        while began.elapsed() < LOAD {
            // The answer to a movement looks like any change of the board; that to a question does not.
            for (key, is_help) in [("j?", true), ("\x1b", false)] {
                std::thread::sleep(KEY_INTERVAL);
                console.drain();
                let pressed = Instant::now();
                console.press(key);
                let shown = console.until(|it| it.contains("Keys") == is_help).expect("an answer");
                latencies.push(shown.saturating_duration_since(pressed).as_secs_f64() * 1e3);
            }
        }
        let computed = console.cpu_time().zip(cpu).map(|(after, before)| after.saturating_sub(before));
        ConsoleFigures {
            name,
            p99: percentile(&mut latencies, 99),
            core: computed.expect("Linux says it").as_secs_f64() / began.elapsed().as_secs_f64() * 100.0,
            memory: console.memory().expect("Linux says it") / 1_024.0,
        }
    })
}

/// Posts a webhook about one call after another at the planned times. Returns how many were accepted, and the
/// milliseconds from each planned time to the answer.
async fn load(stage: &Stage, calls: usize) -> (usize, Vec<f64>) {
    let start = Instant::now() + Duration::from_millis(100);
    let webhooks = RATE * usize::try_from(LOAD.as_secs()).expect("a minute");
    let mut senders = Vec::new();
    for sender in 0..SENDERS {
        let mut poster = Poster::new(stage.relay.says("intake"), &stage.authorization).await;
        senders.push(tokio::spawn(async move {
            let (mut accepted, mut latencies) = (0, Vec::new());
            for number in (sender..webhooks).step_by(SENDERS) {
                let due = start + Duration::from_secs_f64(number as f64 / RATE as f64);
                tokio::time::sleep_until(due.into()).await;
                // The calls take turns in an order that does not follow their ids.
                let body = format!(r#"{{"value":[{}]}}"#, roster(number * 7_919 % calls, number));
                accepted += usize::from(poster.post(&body).await == 202);
                latencies.push(due.elapsed().as_secs_f64() * 1e3);
                if start.elapsed() > LOAD {
                    break;
                }
            }
            (accepted, latencies)
        }));
    }
    let (mut accepted, mut latencies) = (0, Vec::new());
    for sender in senders {
        let (of_sender, its_latencies) = sender.await.expect("a sender ends");
        accepted += of_sender;
        latencies.extend(its_latencies);
    }
    (accepted, latencies)
}

/// Returns how many calls were read from the stand-in for Graph.
async fn count_reads(graph: &str) -> f64 {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let answer = client.get(format!("{graph}/reads")).send().await.expect("an answer");
    answer.text().await.expect("text").parse().expect("a number")
}

/// Returns the snapshots' share of the journal, in hundredths.
fn snapshots_share(stage: &Stage) -> f64 {
    let (snapshots, journal) = crate::history::snapshot_share(&stage.folder().join("journal"));
    snapshots as f64 / journal as f64 * 100.0
}
