//! The core's speed: divan's figures for decode, fold, draw and append, then each row as a ratio to its baseline,
//! interleaved round by round in the same run. `cargo bench --bench core`, or with `-- keys` only
//! the key presses on a large floor; nothing fails on a noisy machine.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures wall time, prints what it finds, and ends when it cannot"
)]

mod append;
mod decode;
mod draw;
mod fold;
mod keys;
mod rounds;

fn main() {
    if std::env::args().any(|it| it == "keys") {
        return keys::figures();
    }
    divan::main();
    println!("\n{:<48} {:>12} {:>12} {:>8}   goal", "row", "baseline", "callboard", "ratio");
    decode::ratios();
    fold::ratios();
    draw::ratios();
    append::ratios();
    keys::figures();
}
