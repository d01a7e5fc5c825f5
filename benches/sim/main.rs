//! The simulator's speed: 10,000 live calls in real time, each with a notification every 30 seconds, to a trivial
//! receiver in a separate process. Prints the used share of one core: `cargo bench --bench sim`. Takes half a minute,
//! and does not fail on a noisy machine. Reads `/proc`, so it needs Linux.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures wall time, prints what it finds, and ends when it cannot"
)]

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use callboard::sim::{self, Scenario, SimSettings, Simulator};
use callboard::time::Timestamp;
use callboard::time::clock::Clock;

/// The number of live calls.
const CALLS: usize = 10_000;
/// The measured time, in which each call has one notification.
const MEASURED: Duration = Duration::from_secs(30);
/// The share of one core that is the goal.
const GOAL: f64 = 0.5;
/// The argument that makes this program the receiver.
const RECEIVER: &str = "--receiver";
/// The number of clock ticks per second in `/proc`.
const TICKS: f64 = 100.0;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime starts");
    if std::env::args().nth(1).as_deref() == Some(RECEIVER) {
        runtime.block_on(receive());
        return;
    }
    println!("{:<48} {:>12} {:>12} {:>8}   goal", "row", "one core", "callboard", "ratio");
    runtime.block_on(measure());
}

/// Answers 202 to everything until standard input closes.
async fn receive() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    println!("{}", listener.local_addr().expect("it listens"));
    let app = axum::Router::new().fallback(async |_body: axum::body::Bytes| axum::http::StatusCode::ACCEPTED);
    let served = tokio::spawn(async move { axum::serve(listener, app).await });
    let closed = tokio::task::spawn_blocking(|| std::io::stdin().read(&mut [0]));
    tokio::select! {
        _ = served => {}
        _ = closed => std::process::exit(0),
    }
}

async fn measure() {
    let (mut receiver, address) = receiver();
    let clock = Clock::starting_at(Timestamp(1_700_000_000_000), 0.0);
    let sim = floor(clock.clone()).await;
    sim.play_prelude().await;
    sim.set_callback(format!("http://{address}/").parse().expect("an address is a URL"));
    let (before, begun) = (processor(), Instant::now());
    clock.set_speed(1.0);
    tokio::time::sleep(MEASURED).await;
    clock.set_speed(0.0);
    sim.settle().await;
    let (wall, took) = (begun.elapsed().as_secs_f64(), processor() - before);
    let counts = sim.counts();
    println!(
        "{:<48} {:>10.1} s {:>10.2} s {:>7.2}x   <= {GOAL}x",
        format!("{CALLS} calls, {} notifications", counts.delivered),
        wall,
        took,
        took / wall
    );
    if counts.failed > 0 {
        println!("{} notifications failed, so that the figure is worth nothing", counts.failed);
    }
    sim.stop().await;
    drop(receiver.stdin.take());
    receiver.wait().expect("the receiver ends with its input");
}

/// A simulator whose calls were all established before its scenario starts.
async fn floor(clock: Clock) -> Simulator {
    let mut text = String::from("name = 'many'\ndescription = 'many calls'\nprelude = '10s'\n");
    for call in 0..CALLS {
        let at = usize::try_from(MEASURED.as_millis()).expect("half a minute fits") * call / CALLS;
        let people = format!("[{{ name = 'Ada', events = [{{ at = '{at}ms', does = 'mute' }}] }}, {{ name = 'Bob' }}]");
        writeln!(text, "[[calls]]\nsubject = 'Call {call}'\nkind = 'group'\nat = '-9s'\npeople = {people}")
            .expect("a string takes text");
    }
    let settings = sim::SimStart {
        scenario: Scenario::parse(&text).expect("the scenario is sound"),
        seed: 1,
        settings: SimSettings::default(),
        clock,
        listen: "127.0.0.1:0".parse().expect("loopback is an address"),
        callback: None,
        public_url: None,
    };
    sim::start(settings).await.expect("the simulator starts")
}

/// Starts this program as the receiver, and returns its address.
fn receiver() -> (Child, String) {
    let own = std::env::current_exe().expect("this program is a file");
    let mut child = Command::new(own)
        .arg(RECEIVER)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the receiver starts");
    let mut said: BufReader<ChildStdout> = BufReader::new(child.stdout.take().expect("it has an output"));
    let mut line = String::new();
    said.read_line(&mut line).expect("it says where it listens");
    (child, line.trim().to_owned())
}

/// Returns the seconds of user and system time of this process.
fn processor() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("there is a /proc");
    let fields = stat.rsplit_once(')').map(|(_, it)| it).expect("the name of a process ends");
    let mut ticks = fields.split_whitespace().skip(11).map_while(|it| it.parse::<f64>().ok());
    (ticks.next().expect("user time") + ticks.next().expect("system time")) / TICKS
}
