//! The command line: its words, and what each command starts.

mod serve;

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand, ValueEnum};
use secrecy::SecretString;
use url::Url;

use crate::clock::Clock;
use crate::desk::Setup;
use crate::screen::Theme;
use crate::sim::{Faults, Scenario};
use crate::{console, demo};

/// The seed of a demo that names none.
const SEED: u64 = 42;

/// Why a command ended badly, and the exit code that says so: 1 failed, 2 the command line or a file is wrong.
#[derive(Debug)]
pub struct Stop {
    /// The exit code.
    pub code: u8,
    /// What went wrong, where, and what to do.
    pub error: anyhow::Error,
}

impl<E: Into<anyhow::Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self { code: 1, error: error.into() }
    }
}

/// The command line, or a file that it names, is wrong.
fn wrong(error: anyhow::Error) -> Stop {
    Stop { code: 2, error }
}

/// A live call board for Microsoft Graph calls, in the terminal.
#[derive(Debug, Parser)]
#[command(name = "callboard", version, about, long_about = LONG, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// Write the log here; without it, servers log to standard error and screens not at all.
    #[arg(long, global = true, value_name = "FILE")]
    log: Option<PathBuf>,
}

const LONG: &str = "A live call board for Microsoft Graph calls, in the terminal: see who is in each call, mute \
a participant or release one from hold with a key, and see the proof.\n\nWithout a command it runs the demo: a \
simulator of Graph's call API, a relay and the console, in one process, over loopback. Without a terminal the demo \
tells its story in plain lines and ends by itself.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Run simulator, relay and console in one process: a busy floor to try every key on.
    Demo(DemoArgs),
    /// Open the console on a relay.
    Console(ConsoleArgs),
    /// Receive Graph's webhooks, keep the journal, serve the feed and the gate.
    Relay(Box<serve::RelayArgs>),
    /// Run the simulator alone: Graph's API and signed webhooks, for consoles and for other people's bots.
    Sim(serve::SimArgs),
}

/// What is simulated.
#[derive(Debug, Args)]
struct Scenery {
    /// The scenario: reopening-day, empty, or a TOML file.
    #[arg(long, value_name = "NAME|FILE", default_value = Scenario::DEFAULT)]
    scenario: String,
    /// The seed that ids, delays and background traffic come from.
    #[arg(long, value_name = "N", default_value_t = SEED)]
    seed: u64,
    /// How many times as fast as real time floor time runs, up to 1000.
    #[arg(long, value_name = "X", default_value_t = 1.0, allow_negative_numbers = true)]
    speed: f64,
    /// A setting of the simulator, for example holdAnswer=completed; may be given several times.
    #[arg(long = "set", value_name = "NAME=VALUE")]
    set: Vec<String>,
}

#[derive(Debug, Args)]
struct DemoArgs {
    #[command(flatten)]
    scenery: Scenery,
    /// Tell the story in plain lines, as without a terminal.
    #[arg(long)]
    plain: bool,
    /// The colours.
    #[arg(long, value_enum, default_value_t = Colours::Default)]
    theme: Colours,
}

#[derive(Debug, Args)]
struct ConsoleArgs {
    /// The relay's address.
    #[arg(long, value_name = "URL")]
    relay: Url,
    /// A file with the operator's token; else the environment variable `CALLBOARD_TOKEN`.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Look only: every act is off.
    #[arg(long)]
    read_only: bool,
    /// The colours.
    #[arg(long, value_enum, default_value_t = Colours::Default)]
    theme: Colours,
}

/// The colours of the screen. `NO_COLOR` in the environment means mono.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Colours {
    /// Colours of the terminal's own palette.
    Default,
    /// No colour; bold, dim and reverse only.
    Mono,
}

impl Cli {
    /// Does what the command line says.
    ///
    /// # Errors
    /// A sentence that says what went wrong, where, and what to do.
    pub fn run(self) -> Result<ExitCode, Stop> {
        let plain = !std::io::stdout().is_terminal();
        let servers = matches!(self.command, Some(Command::Relay(_) | Command::Sim(_)));
        serve::log_to(self.log.as_deref(), servers).map_err(wrong)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.context("the system gives no threads")?;
        let code = runtime.block_on(async {
            match self.command {
                None => DemoArgs::default().run(plain).await,
                Some(Command::Demo(demo)) => demo.run(plain).await,
                Some(Command::Console(console)) => console.run().await,
                Some(Command::Relay(relay)) => relay.run().await,
                Some(Command::Sim(sim)) => sim.run().await,
            }
        });
        // Whatever is still on its way must not keep the door open.
        runtime.shutdown_background();
        code
    }
}

impl Default for DemoArgs {
    fn default() -> Self {
        let scenery = Scenery { scenario: Scenario::DEFAULT.to_owned(), seed: SEED, speed: 1.0, set: Vec::new() };
        Self { scenery, plain: false, theme: Colours::Default }
    }
}

impl Scenery {
    fn scenario(&self) -> anyhow::Result<Scenario> {
        if let Some(named) = Scenario::named(&self.scenario) {
            return named.with_context(|| format!("the scenario {} is broken", self.scenario));
        }
        let text = std::fs::read_to_string(&self.scenario).with_context(|| {
            let names = Scenario::names().join(", ");
            format!("there is no scenario {:?}: name one of {names}, or a file", self.scenario)
        })?;
        Scenario::parse(&text).with_context(|| format!("the scenario file {}", self.scenario))
    }

    fn faults(&self) -> anyhow::Result<Faults> {
        let mut faults = serde_json::to_value(Faults::default())?;
        for pair in &self.set {
            let (name, value) = pair.split_once('=').with_context(|| format!("--set {pair}: it takes NAME=VALUE"))?;
            // A value that is no JSON is a word.
            let value = serde_json::from_str(value).unwrap_or_else(|_| value.into());
            if let Some(members) = faults.as_object_mut() {
                members.insert(name.to_owned(), value);
            }
        }
        serde_json::from_value(faults).with_context(|| format!("--set {}", self.set.join(" --set ")))
    }

    fn speed(&self) -> anyhow::Result<f64> {
        let sound = self.speed.is_finite() && self.speed > 0.0 && self.speed <= Clock::FASTEST;
        anyhow::ensure!(sound, "--speed {}: it takes a number above 0 and up to {}", self.speed, Clock::FASTEST);
        Ok(self.speed)
    }
}

impl DemoArgs {
    async fn run(self, no_terminal: bool) -> Result<ExitCode, Stop> {
        let settings = demo::Settings {
            scenario: self.scenery.scenario().map_err(wrong)?,
            seed: self.scenery.seed,
            speed: self.scenery.speed().map_err(wrong)?,
            faults: self.scenery.faults().map_err(wrong)?,
        };
        if self.plain || no_terminal {
            let proved = demo::tell(settings).await?;
            return Ok(if proved { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        demo::show(settings, self.theme.theme()).await?;
        Ok(ExitCode::SUCCESS)
    }
}

impl ConsoleArgs {
    async fn run(self) -> Result<ExitCode, Stop> {
        let token = token(self.token_file.as_deref()).map_err(wrong)?;
        let settings = console::Settings {
            relay: console::Relay { url: self.relay, token },
            clock: Clock::system(),
            setup: Setup { seed: rand::random(), read_only: self.read_only, ..Setup::default() },
            theme: self.theme.theme(),
            first_frame: None,
        };
        console::run(settings).await?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Colours {
    fn theme(self) -> Theme {
        let no_colour = std::env::var_os("NO_COLOR").is_some_and(|it| !it.is_empty());
        if no_colour || self == Self::Mono { Theme::mono() } else { Theme::default() }
    }
}

/// The operator's token: from the file, else from the environment.
fn token(file: Option<&std::path::Path>) -> anyhow::Result<SecretString> {
    if let Some(file) = file {
        return serve::secret(file);
    }
    let token = std::env::var("CALLBOARD_TOKEN").unwrap_or_default().trim().to_owned();
    let given = !token.is_empty();
    anyhow::ensure!(given, "there is no operator's token: give --token-file FILE, or set CALLBOARD_TOKEN");
    Ok(token.into())
}

/// Where servers listen unless told otherwise: a free port on loopback.
fn anywhere() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}
