//! Row 10: entries to a thousand consoles, compared with the same bytes to a thousand plain connections; the memory for
//! an idle console and for one that has stopped reading, and whether the latter delays others.

use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::intake::roster;
use crate::stage::{Server, Stage};
use crate::wire::{ENTRY, Line, Poster};
use crate::{median, note, row};

const CONSOLES: usize = 1_000;
/// Entries of one webhook, and webhooks of one round.
const ENTRIES: usize = 50;
const POSTS: usize = 4;
const ROUNDS: usize = 3;
const STALLED: usize = 20;

/// A thousand connections that signal when each has received a whole round.
struct Audience {
    heard: mpsc::Receiver<()>,
    /// Dropping this closes the connections before the server does.
    _lines: JoinSet<()>,
}

impl Audience {
    fn of(lines: Vec<Line>) -> Self {
        let (tell, heard) = mpsc::channel(lines.len());
        let mut listening = JoinSet::new();
        for mut line in lines {
            let tell = tell.clone();
            listening.spawn(async move {
                loop {
                    line.wait_for(ENTRY, ENTRIES * POSTS).await;
                    if tell.send(()).await.is_err() {
                        return;
                    }
                }
            });
        }
        Self { heard, _lines: listening }
    }

    /// Posts a round of webhooks, waits until every connection has received it, and returns the deliveries per second.
    async fn round(&mut self, url: &str, authorization: &str) -> f64 {
        let mut poster = Poster::new(url, authorization).await;
        let began = Instant::now();
        for post in 0..POSTS {
            let items: Vec<String> = (0..ENTRIES).map(|at| roster(post * ENTRIES + at, 777_777)).collect();
            assert_eq!(poster.post(&format!(r#"{{"value":[{}]}}"#, items.join(","))).await, 202);
        }
        for _ in 0..CONSOLES {
            self.heard.recv().await.expect("a console hears");
        }
        (CONSOLES * ENTRIES * POSTS) as f64 / began.elapsed().as_secs_f64()
    }
}

/// Connects twenty consoles that request more than the system's buffers hold, and then read nothing.
async fn stall(stage: &Stage) -> Vec<Line> {
    let mut stalled = Vec::new();
    for _ in 0..STALLED {
        let mut line = Line::console(stage.relay.says("feed"), &stage.token, Some(4 * 1_024)).await;
        for _ in 0..6 {
            line.say(r#"{"type":"read","after":0,"count":512}"#).await;
        }
        stalled.push(line);
    }
    // The buffers are full when no more bytes arrive.
    tokio::time::sleep(Duration::from_millis(300)).await;
    stalled
}

/// Measures the memory for a thousand idle consoles, at a relay that has done nothing yet.
pub(crate) async fn idle(stage: &Stage) {
    // The first console allocates what all share.
    let first = connect(stage, 1).await;
    let before = stage.relay.memory();
    let consoles = connect(stage, CONSOLES).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let each = (stage.relay.memory() - before) / CONSOLES as f64;
    row("10 memory of an idle console", "KiB", 20.0, each, "<= 1x of 20 KiB");
    drop((first, consoles));
    while stage.consoles().await > 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn connect(stage: &Stage, count: usize) -> Vec<Line> {
    let mut consoles = Vec::new();
    for _ in 0..count {
        consoles.push(Line::console(stage.relay.says("feed"), &stage.token, None).await);
    }
    consoles
}

pub(crate) async fn rows(stage: &Stage) {
    let baseline = Server::baseline("lines");
    let mut lines = Vec::new();
    for _ in 0..CONSOLES {
        lines.push(Line::plain(baseline.says("lines").parse().expect("an address")).await);
    }
    let (mut plain, mut audience) = (Audience::of(lines), Audience::of(connect(stage, CONSOLES).await));
    let intake = stage.relay.says("intake");
    let (mut base, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        base.push(plain.round(baseline.says("http"), "").await);
        ours.push(audience.round(intake, &stage.authorization).await);
    }
    row("10 fan-out to 1,000 consoles (vs plain lines)", "/s", median(base), median(ours), ">= 0.8x");
    drop((plain, baseline));

    let (mut alone, mut with, mut memory) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        alone.push(audience.round(intake, &stage.authorization).await);
        let before = stage.relay.memory();
        let stalled = stall(stage).await;
        memory.push((stage.relay.memory() - before).max(0.0) / STALLED as f64);
        with.push(audience.round(intake, &stage.authorization).await);
        drop(stalled);
    }
    row("10 fan-out beside 20 stalled consoles (vs alone)", "/s", median(alone), median(with), ">= 0.9x");
    row("10 memory of a stalled console", "KiB", 1_024.0, median(memory), "<= 1x of 1 MiB");
    let (stalled, began) = (stall(stage).await, Instant::now());
    while stage.consoles().await > CONSOLES && began.elapsed() < Duration::from_secs(20) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let left = stage.consoles().await - CONSOLES;
    note(
        "10 … of 20 that stalled, cut off, and after",
        &format!("{}, {:.1} s", STALLED - left, began.elapsed().as_secs_f64()),
    );
    drop(stalled);
}
