//! The command line: its words, and what each command starts.

mod config;
mod console_args;
mod explain;
mod graph_args;
mod guide;
mod inspect;
mod journal;
mod journal_records;
mod network_args;
mod operator;
mod relay;
mod scenario_args;
mod secrets;
mod serve;
mod sim;

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use secrecy::SecretString;
use url::Url;

use crate::clock::Clock;
use crate::console::CaTrust;
use crate::desk::DeskSetup;
use crate::{console, demo};
use console_args::LookArgs;
use scenario_args::ScenarioArgs;

/// Why a command ended badly, and the exit code that says so: 1 failed, 2 the command line or a file is wrong.
#[derive(Debug)]
pub struct CommandFailure {
    /// The exit code.
    pub code: u8,
    /// What went wrong, where, and what to do.
    pub error: anyhow::Error,
}

impl<E: Into<anyhow::Error>> From<E> for CommandFailure {
    fn from(error: E) -> Self {
        Self { code: 1, error: error.into() }
    }
}

/// The command line, or a file that it names, is wrong.
fn wrong(error: anyhow::Error) -> CommandFailure {
    CommandFailure { code: 2, error }
}

/// A live call board for Microsoft Graph calls, in the terminal.
#[derive(Debug, Parser)]
#[command(name = "callboard", version, about, long_about = LONG, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<CliCommand>,
    /// Write the log here; without it, servers log to standard error and screens not at all.
    #[arg(long, global = true, value_name = "FILE", help_heading = "Log")]
    log: Option<PathBuf>,
    /// How the log is written.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = serve::LogFormat::Text, global = true, help_heading = "Log")]
    log_format: serve::LogFormat,
}

const LONG: &str = "A live call board for Microsoft Graph calls, in the terminal: see who is in each call, mute \
a participant or release one from hold with a key, and see the proof.\n\nWithout a command it runs the demo: a \
simulator of Graph's call API, a relay and the console, in one process, over loopback. Without a terminal the demo \
tells its story in plain lines and ends by itself.";

#[derive(Debug, Subcommand)]
enum CliCommand {
    /// Run simulator, relay and console in one process: a busy floor to try every key on.
    Demo(DemoArgs),
    /// Open the console on a relay.
    Console(Box<ConsoleArgs>),
    /// Receive Graph's webhooks, keep the journal, serve the feed and the gate.
    Relay(Box<relay::RelayArgs>),
    /// Look after a relay's journal: verify it, make it small, or go on from damage.
    #[command(subcommand)]
    Journal(journal::JournalCommand),
    /// Run the simulator alone: Graph's API and signed webhooks, for consoles and for other people's bots.
    Sim(sim::SimArgs),
    /// Look after the console's settings: where they are, what holds, whether a file is right, an example.
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Say what is understood of a notification, an answer or a record, and what is not.
    ///
    /// Reads a webhook's body, a notification, an answer of Graph, an action's body or a record of the journal (one
    /// JSON value, or one a line) and says, member by member, what callboard makes of it. A member with ? is kept but
    /// not understood, which Graph allows; one with ! is wrong. Exit codes: 0 all of it could be used, 1 something
    /// could not, 2 the text is not JSON or cannot be read.
    Inspect(inspect::InspectArgs),
    /// Read the guide: a list of its pages, or one page.
    ///
    /// The pages are those of the repository's assets/guide, in Markdown, as this version of callboard has them. Exit
    /// codes: 0 printed, 2 there is no such page.
    Guide(guide::GuideArgs),
}

#[derive(Debug, Default, Args)]
struct DemoArgs {
    #[command(flatten)]
    scenery: ScenarioArgs,
    /// Tell the story in plain lines, as without a terminal.
    #[arg(long)]
    plain: bool,
    /// An audience sees this screen: no presenter's notes on it, and Page Down and Page Up are a clicker's.
    #[arg(long)]
    audience: bool,
    #[command(flatten)]
    chosen: LookArgs,
}

#[derive(Debug, Args)]
struct ConsoleArgs {
    /// The relay's address; else the settings' own.
    #[arg(long, value_name = "URL")]
    relay: Option<Url>,
    /// Instead of a relay, a WebSocket whose text frames are bare webhook bodies: to look only, and nothing resumes.
    #[arg(long, value_name = "URL", conflicts_with = "relay")]
    source: Option<Url>,
    /// A file with the operator's token; else the environment variable `CALLBOARD_TOKEN`, else the settings' file.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// A PEM file with the only authorities that may vouch for the relay, for a private one.
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// The control of the simulator behind the relay, as its ready line names it: for the keys . , D F and B.
    #[arg(long, value_name = "URL", requires = "control_token_file")]
    control: Option<Url>,
    /// A file with the token of the simulator's control.
    #[arg(long, value_name = "FILE", requires = "control")]
    control_token_file: Option<PathBuf>,
    /// Look only: every act is off.
    #[arg(long)]
    read_only: bool,
    /// Draw nothing: one line a change, for screen readers, bad links and logs. Read only; ctrl-c ends it.
    #[arg(long)]
    plain: bool,
    #[command(flatten)]
    chosen: LookArgs,
}

impl Cli {
    /// Does what the command line says.
    ///
    /// # Errors
    /// A sentence that says what went wrong, where, and what to do.
    pub fn run(self) -> Result<ExitCode, CommandFailure> {
        let plain = !std::io::stdout().is_terminal();
        let servers = matches!(self.command, Some(CliCommand::Relay(_) | CliCommand::Sim(_)));
        serve::log_to(self.log.as_deref(), self.log_format, servers).map_err(wrong)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.context("the system gives no threads")?;
        let code = runtime.block_on(async {
            match self.command {
                None => DemoArgs::default().run(plain).await,
                Some(CliCommand::Demo(demo)) => demo.run(plain).await,
                Some(CliCommand::Console(console)) => console.run().await,
                Some(CliCommand::Relay(relay)) => relay.run().await,
                Some(CliCommand::Journal(journal)) => journal.run(),
                Some(CliCommand::Config(config)) => config.run(),
                Some(CliCommand::Sim(sim)) => sim.run().await,
                Some(CliCommand::Inspect(inspect)) => inspect.run(),
                Some(CliCommand::Guide(guide)) => guide.run(),
            }
        });
        // Whatever is still on its way must not keep the door open.
        runtime.shutdown_background();
        code.or_else(|stop| if serve::is_left(&stop.error) { Ok(ExitCode::SUCCESS) } else { Err(stop) })
    }
}

impl DemoArgs {
    async fn run(self, no_terminal: bool) -> Result<ExitCode, CommandFailure> {
        let settings = demo::DemoSettings {
            scenario: self.scenery.scenario().map_err(wrong)?,
            seed: self.scenery.seed,
            speed: self.scenery.speed().map_err(wrong)?,
            faults: self.scenery.faults().map_err(wrong)?,
        };
        if self.plain || no_terminal {
            let proved = demo::tell(settings).await?;
            return Ok(if proved { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        let reading = self.chosen.reading(Vec::new(), true);
        let found = reading.read().map_err(wrong)?;
        let setup = DeskSetup { seed: rand::random(), audience: self.audience, ..DeskSetup::default() };
        demo::show(settings, reading.fit(&found, setup)).await?;
        Ok(ExitCode::SUCCESS)
    }
}

impl ConsoleArgs {
    async fn run(self) -> Result<ExitCode, CommandFailure> {
        if let Some(source) = &self.source
            && !matches!(source.scheme(), "ws" | "wss")
        {
            return Err(wrong(anyhow::anyhow!("{source} is no plain source: give ws://… or wss://…")));
        }
        let reading = self.chosen.reading(self.flags(), false);
        let found = reading.read().map_err(wrong)?;
        let settings = found.resolved.settings.clone();
        let file = |name, path: Option<PathBuf>| path.map(|it| reading.meant(&found.resolved, name, it));
        let (token_file, ca_file) = (file("token-file", settings.token_file), file("ca-file", settings.ca_file));
        // A source is a stranger: it gets a token only where one is given for it.
        let token = match (&self.source, &self.token_file) {
            (Some(_), None) => SecretString::default(),
            (Some(_) | None, flag) => token(flag.as_deref(), token_file.as_deref()).map_err(wrong)?,
        };
        let read_only = settings.read_only || self.source.is_some();
        let missing = "there is no relay: give --relay URL, or say relay = \"URL\" in the settings";
        let url = self.source.or(settings.relay).context(missing).map_err(wrong)?;
        let trust = ca_file.as_deref().map(CaTrust::from_file).transpose().map_err(|it| wrong(it.into()))?;
        let control = match (self.control, self.control_token_file) {
            (Some(url), Some(file)) => {
                Some(console::ControlAccess { url, token: serve::secret(&file).map_err(wrong)? })
            }
            (Some(_), None) | (None, _) => None,
        };
        let setup = DeskSetup { seed: rand::random(), read_only, ..DeskSetup::default() };
        let settings = console::ConsoleStart {
            relay: console::RelayAccess { url, token, trust },
            control,
            clock: Clock::system(),
            fittings: reading.fit(&found, setup),
            first_frame: None,
        };
        if self.plain {
            console::tell(settings).await?;
        } else {
            console::run(settings).await?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// The flags that are settings too.
    fn flags(&self) -> Vec<(&'static str, String)> {
        let path = |path: &Option<PathBuf>| path.as_ref().map(|it| it.to_string_lossy().into_owned());
        let flags = [
            ("relay", self.relay.as_ref().map(ToString::to_string)),
            ("token-file", path(&self.token_file)),
            ("ca-file", path(&self.ca_file)),
            ("read-only", self.read_only.then(|| "true".to_owned())),
        ];
        flags.into_iter().filter_map(|(name, text)| text.map(|it| (name, it))).collect()
    }
}

/// The operator's token: from the file of the flag, else from the environment, else from the file of the settings.
fn token(flag: Option<&std::path::Path>, file: Option<&std::path::Path>) -> anyhow::Result<SecretString> {
    let token = std::env::var("CALLBOARD_TOKEN").unwrap_or_default().trim().to_owned();
    if flag.is_none() && !token.is_empty() {
        return Ok(token.into());
    }
    let file = flag.or(file);
    serve::secret(file.context("there is no operator's token: give --token-file FILE, or set CALLBOARD_TOKEN")?)
}
