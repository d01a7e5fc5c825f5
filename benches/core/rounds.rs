//! Interleaved rounds of two measurements, and the ratio of their medians.

use std::time::{Duration, Instant};

/// The number of rounds of each side.
const ROUNDS: usize = 15;
/// The minimum duration of one round.
const ROUND: Duration = Duration::from_millis(30);

/// Runs both sides in turn and prints their medians and the ratio.
pub(crate) fn compare(row: &str, at_most: f64, mut baseline: impl FnMut(), mut ours: impl FnMut()) {
    let (mut base, mut mine) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        base.push(round(&mut baseline));
        mine.push(round(&mut ours));
    }
    let (base, mine) = (median(base), median(mine));
    println!("{row:<48} {:>12} {:>12} {:>7.2}x   <= {at_most}x", text(base), text(mine), mine / base);
}

/// Returns the mean nanoseconds of one call in a round.
fn round(work: &mut impl FnMut()) -> f64 {
    let begin = Instant::now();
    let mut calls = 0_u32;
    while begin.elapsed() < ROUND {
        work();
        calls += 1;
    }
    begin.elapsed().as_secs_f64() * 1e9 / f64::from(calls)
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

fn text(nanos: f64) -> String {
    match nanos {
        _ if nanos < 1e3 => format!("{nanos:.0} ns"),
        _ if nanos < 1e6 => format!("{:.2} us", nanos / 1e3),
        _ => format!("{:.2} ms", nanos / 1e6),
    }
}
