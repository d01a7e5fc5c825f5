//! The relay's speed, each row compared with a baseline in the same run: intake, latency to a console, fan-out, memory,
//! resuming, seeking. `cargo bench --bench relay`, or with `-- intake`, `consoles` or `history` a part of it. With
//! `-- scale`, a full load on a large floor instead, which takes some minutes. Loopback only; the rest takes a minute or
//! two. The compared measurements alternate and each row is the ratio of the medians, so a
//! noisy machine does not fail it.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_precision_loss,
    clippy::wildcard_enum_match_arm,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "a benchmark measures wall time, prints what it finds, and ends when it cannot"
)]

mod baseline;
mod consoles;
mod graph;
mod history;
mod intake;
#[path = "../screen/process.rs"]
mod process;
#[path = "../screen/pty.rs"]
mod pty;
mod scale;
mod stage;
mod wire;

use stage::Stage;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime starts");
    let words: Vec<String> = std::env::args().collect();
    if let [_, option, name, ..] = words.as_slice()
        && option == "--baseline"
    {
        return runtime.block_on(baseline::serve(name));
    }
    let chosen: Vec<&String> = words.iter().skip(1).filter(|it| !it.starts_with("--")).collect();
    let is_wanted = |part: &str| chosen.is_empty() || chosen.iter().any(|it| *it == part);
    println!("{:<52} {:>14} {:>14} {:>8}   goal", "row", "baseline", "callboard", "ratio");
    runtime.block_on(async {
        if chosen.iter().any(|it| *it == "scale") {
            return scale::rows().await;
        }
        let stage = Stage::set().await;
        if is_wanted("consoles") {
            consoles::idle(&stage).await;
        }
        if is_wanted("intake") {
            intake::rows(&stage).await;
        }
        if is_wanted("consoles") {
            consoles::rows(&stage).await;
        }
        drop(stage);
        if is_wanted("history") {
            history::rows().await;
        }
    });
    runtime.shutdown_background();
}

/// Prints a row: the baseline, ours, ours over the baseline, and the goal.
fn row(name: &str, unit: &str, base: f64, ours: f64, goal: &str) {
    println!("{name:<52} {:>14} {:>14} {:>7.2}x   {goal}", figure(base, unit), figure(ours, unit), ours / base);
}

/// Prints a figure without a baseline.
fn note(name: &str, what: &str) {
    println!("{name:<52} {what:>38}");
}

fn figure(number: f64, unit: &str) -> String {
    if number >= 100.0 { format!("{number:.0} {unit}") } else { format!("{number:.2} {unit}") }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// Returns a percentile.
fn percentile(figures: &mut [f64], hundredths: usize) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[(figures.len() * hundredths / 100).min(figures.len() - 1)]
}
