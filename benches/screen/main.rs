//! The console on a real terminal: the time from a key to the screen, compared with a minimal program in the same run,
//! and what a board at rest writes and computes. `cargo bench --bench screen`, or with `-- PROGRAM` of another binary.
//! The compared measurements alternate and each row is the ratio of the medians, so a noisy machine does not fail it.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures wall time, prints what it finds, and ends when it cannot"
)]

mod baseline;
mod process;
mod pty;

use std::time::{Duration, Instant};

use pty::Program;

/// How often the two programs take turns.
const ROUNDS: usize = 5;
/// How many keys are pressed in a turn.
const KEYS: u32 = 60;
/// How long a board at rest is watched.
const REST: Duration = Duration::from_secs(20);

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|it| it != "--bench").collect();
    if words.first().is_some_and(|it| it == "--baseline") {
        return baseline::run();
    }
    let program = words.first().map_or(env!("CARGO_BIN_EXE_callboard"), String::as_str);
    let own = std::env::current_exe().expect("the benchmark has a path");
    let mut minimal = Program::start(&own.to_string_lossy(), &["--baseline"], "row 20");
    let mut console = Program::start(program, &["demo", "--seed", "42"], "LIVE");
    println!("{:<44} {:>12} {:>12} {:>8}   goal", "row", "baseline", "callboard", "ratio");
    let (mut base, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        base.extend(latencies(&mut minimal));
        ours.extend(latencies(&mut console));
    }
    for (hundredths, most) in [(50, 1.2), (99, 1.5)] {
        let (base, ours) = (percentile(&mut base, hundredths), percentile(&mut ours, hundredths));
        let row = format!("key to screen, p{hundredths}");
        println!("{row:<44} {base:>9.2} ms {ours:>9.2} ms {:>7.2}x   <= {most}x", ours / base);
    }
    at_rest(&mut console);
}

/// Presses keys at the pace of a hand, and returns the milliseconds from each key to the first byte of its answer.
fn latencies(program: &mut Program) -> Vec<f64> {
    let mut found = Vec::new();
    for at in 0..KEYS {
        // The gaps differ, so that the keys do not fall in step with the program's own ticks.
        std::thread::sleep(Duration::from_millis(40 + u64::from(at * 7 % 23)));
        program.drain();
        let pressed = Instant::now();
        program.press(if at % 2 == 0 { "\x1b[B" } else { "\x1b[A" });
        if let Some(answered) = program.next_write() {
            found.push(answered.duration_since(pressed).as_secs_f64() * 1e3);
        }
    }
    found
}

/// Prints what a live board writes and computes without a key.
fn at_rest(console: &mut Program) {
    std::thread::sleep(Duration::from_secs(2));
    console.drain();
    let before = console.cpu_time();
    let begin = Instant::now();
    std::thread::sleep(REST);
    let seconds = begin.elapsed().as_secs_f64();
    let (writes, bytes) = console.drain();
    println!("{:<44} {:>38}", "a live board at rest writes", format!("{:.0} bytes/s", bytes as f64 / seconds));
    println!("{:<44} {:>38}", "in this many writes", format!("{:.1} a second", writes as f64 / seconds));
    if let Some((before, after)) = before.zip(console.cpu_time()) {
        // The demo's simulator and relay run in the same process.
        let share = after.saturating_sub(before).as_secs_f64() / seconds * 100.0;
        println!("{:<44} {:>38}", "and the whole demo computes", format!("{share:.1} % of a core"));
    }
    if let Some(memory) = console.memory() {
        println!("{:<44} {:>38}", "in", format!("{:.1} MiB", memory / 1_024.0));
    }
}

/// Returns a percentile.
fn percentile(figures: &mut [f64], hundredths: usize) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[(figures.len() * hundredths / 100).min(figures.len() - 1)]
}
