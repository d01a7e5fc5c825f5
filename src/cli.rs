//! The command line: the commands, their options, and what each of them starts.

mod args;
mod config;
mod explain;
mod failure;
mod guide;
pub mod inspect;
mod journal;
mod journal_records;
mod notes;
mod operator;
mod picture;
mod relay;
mod secrets;
mod serve;
pub mod settings;
mod sim;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use secrecy::SecretString;
use url::Url;

use crate::console::CaTrust;
use crate::desk::DeskSetup;
use crate::time::clock::Clock;
use crate::{console, demo};
pub use failure::CommandFailure;

use args::console::{LookArgs, zone_of};
use args::scenario::ScenarioArgs;
use failure::invalid_input;

/// A live call board for Microsoft Graph calls, in the terminal.
#[derive(Debug, Parser)]
#[command(name = "callboard", version, about, long_about = LONG, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<CliCommand>,
    /// Write the log to this file. By default servers log to standard error, and the other commands do not log.
    #[arg(long, global = true, value_name = "FILE", help_heading = "Log")]
    log: Option<PathBuf>,
    /// The format of the log.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = serve::LogFormat::Text, global = true, help_heading = "Log")]
    log_format: serve::LogFormat,
}

const LONG: &str = "A live call board for Microsoft Graph calls, in the terminal: see who is in each call, mute \
a participant or release one from hold with a key, and see the proof.\n\nWithout a command it runs the demo: a \
simulator of Graph's call API, a relay and the console, in one process, over loopback. Without a terminal, or \
with TERM=dumb, the demo prints its story as plain lines and then ends.";

#[derive(Debug, Subcommand)]
enum CliCommand {
    /// Run simulator, relay and console in one process, with live calls to try every key on.
    Demo(DemoArgs),
    /// Open a console that is connected to a relay.
    Console(Box<ConsoleArgs>),
    /// Receive Graph's webhooks, keep the journal, and serve the feed and the gate.
    Relay(Box<relay::RelayArgs>),
    /// Verify, compact or salvage a relay's journal.
    #[command(subcommand)]
    Journal(journal::JournalCommand),
    /// Show the presenter's notes of a running demo: what to say, what to do, and what was seen.
    ///
    /// For a second terminal beside a screen that an audience sees (callboard demo --audience). It ends with the demo.
    Notes(notes::NotesArgs),
    /// Draw the board of a scenario's first moment as an SVG picture, to standard output.
    Picture(picture::PictureArgs),
    /// Run only the simulator: Graph's call API and signed webhooks, for relays and for your own bot.
    Sim(sim::SimArgs),
    /// Show the console's settings and where they come from, check a settings file, or print an example.
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Show what callboard understands of a notification, an answer or a journal record.
    ///
    /// Reads a webhook's body, a notification, an answer from Graph, an action's body or a journal record (one JSON
    /// value, or one per line) and shows how callboard reads each member. A member marked ? is kept but not understood,
    /// which Graph allows; a member marked ! is wrong. Exit codes: 0 everything could be used, 1 something could not, 2
    /// the text is not JSON or cannot be read.
    Inspect(inspect::command::InspectArgs),
    /// List the pages of the guide, or print one.
    ///
    /// The pages are the Markdown files of assets/guide, built into this version of callboard. Exit codes: 0 printed, 2
    /// no such page.
    Guide(guide::GuideArgs),
}

#[derive(Debug, Default, Args)]
struct DemoArgs {
    #[command(flatten)]
    scenario_args: ScenarioArgs,
    /// Print the story as plain lines, as happens without a terminal and with TERM=dumb.
    #[arg(long)]
    plain: bool,
    /// Prepare the screen for an audience: show a caption instead of the presenter's notes, and let Page Down and
    /// Page Up of a clicker step through the presentation.
    #[arg(long)]
    audience: bool,
    #[command(flatten)]
    look: LookArgs,
}

#[derive(Debug, Args)]
struct ConsoleArgs {
    /// The relay's address. The default comes from the settings.
    #[arg(long, value_name = "URL", value_parser = relay_address)]
    relay: Option<Url>,
    /// Read webhook bodies from the text frames of this WebSocket instead of a relay. Read-only, and cannot resume.
    #[arg(long, value_name = "URL", conflicts_with = "relay")]
    source: Option<Url>,
    /// A file with the operator's token. The default is the environment variable `CALLBOARD_TOKEN`,
    /// then the file that the settings name.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// A PEM file with the certificate authorities to trust for the relay, instead of the system's.
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// The control API of the simulator behind the relay, as in its ready line; it enables the keys . , D F and B.
    #[arg(long, value_name = "URL", requires = "control_token_file")]
    control: Option<Url>,
    /// A file with the token of the simulator's control API.
    #[arg(long, value_name = "FILE", requires = "control")]
    control_token_file: Option<PathBuf>,
    /// Disable every act.
    #[arg(long)]
    read_only: bool,
    /// Print one line per change instead of drawing, for screen readers, slow connections and logs; the default without
    /// a terminal and with TERM=dumb. Read-only; ctrl-c ends it.
    #[arg(long)]
    plain: bool,
    #[command(flatten)]
    look: LookArgs,
}

impl Cli {
    /// Runs the command.
    ///
    /// # Errors
    /// Fails if the command fails. The error says what went wrong, where, and what to do.
    pub fn run(self) -> Result<ExitCode, CommandFailure> {
        let servers = matches!(self.command, Some(CliCommand::Relay(_) | CliCommand::Sim(_)));
        serve::init_log(self.log.as_deref(), self.log_format, servers).map_err(invalid_input)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.context("the system cannot start threads")?;
        let code = runtime.block_on(async {
            match self.command {
                None => DemoArgs::default().run().await,
                Some(CliCommand::Demo(demo)) => demo.run().await,
                Some(CliCommand::Console(console)) => console.run().await,
                Some(CliCommand::Relay(relay)) => relay.run().await,
                Some(CliCommand::Journal(journal)) => journal.run(),
                Some(CliCommand::Config(config)) => config.run(),
                Some(CliCommand::Notes(notes)) => notes.run().await,
                Some(CliCommand::Picture(picture)) => picture.run().await,
                Some(CliCommand::Sim(sim)) => sim.run().await,
                Some(CliCommand::Inspect(inspect)) => inspect.run(),
                Some(CliCommand::Guide(guide)) => guide.run(),
            }
        });
        // Tasks that are still running must not keep the process alive.
        runtime.shutdown_background();
        code.or_else(|stop| if serve::is_broken_pipe(&stop.error) { Ok(ExitCode::SUCCESS) } else { Err(stop) })
    }
}

impl DemoArgs {
    async fn run(self) -> Result<ExitCode, CommandFailure> {
        let settings = demo::DemoSettings {
            scenario: self.scenario_args.scenario().map_err(invalid_input)?,
            seed: self.scenario_args.seed,
            speed: self.scenario_args.speed().map_err(invalid_input)?,
            faults: self.scenario_args.settings().map_err(invalid_input)?,
        };
        let sources = self.look.sources(Vec::new(), true);
        let found = sources.read().map_err(invalid_input)?;
        if self.plain || console::needs_plain_lines() {
            let proved = demo::print_story(settings, zone_of(&found.resolved.settings)).await?;
            return Ok(if proved { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        let setup = DeskSetup { seed: rand::random(), audience: self.audience, ..DeskSetup::default() };
        demo::show(settings, sources.console_options(&found, setup)).await?;
        Ok(ExitCode::SUCCESS)
    }
}

impl ConsoleArgs {
    async fn run(self) -> Result<ExitCode, CommandFailure> {
        if let Some(source) = &self.source
            && !matches!(source.scheme(), "ws" | "wss")
        {
            return Err(invalid_input(anyhow::anyhow!("{source} is not a plain source: give ws://… or wss://…")));
        }
        let sources = self.look.sources(self.flags(), false);
        let found = sources.read().map_err(invalid_input)?;
        let settings = found.resolved.settings.clone();
        let file = |name, path: Option<PathBuf>| path.map(|it| sources.resolve_path(&found.resolved, name, it));
        let (token_file, ca_file) = (file("token-file", settings.token_file), file("ca-file", settings.ca_file));
        // A plain source is a third party: it receives a token only if --token-file names one.
        let token = match (&self.source, &self.token_file) {
            (Some(_), None) => SecretString::default(),
            (Some(_) | None, flag) => token(flag.as_deref(), token_file.as_deref()).map_err(invalid_input)?,
        };
        let read_only = settings.read_only || self.source.is_some();
        let missing = "there is no relay: give --relay URL, or set relay = \"URL\" in the settings";
        let is_plain = self.source.is_some();
        let url = self.source.or(settings.relay).context(missing).map_err(invalid_input)?;
        let trust = ca_file.as_deref().map(CaTrust::from_file).transpose().map_err(|it| invalid_input(it.into()))?;
        let control = match (self.control, self.control_token_file) {
            (Some(url), Some(file)) => {
                Some(console::ControlAccess { url, token: serve::read_secret(&file).map_err(invalid_input)? })
            }
            (Some(_), None) | (None, _) => None,
        };
        let setup = DeskSetup { seed: rand::random(), read_only, ..DeskSetup::default() };
        let settings = console::ConsoleStart {
            relay: console::RelayAccess { url, token, trust },
            control,
            clock: if is_plain { Clock::system() } else { Clock::of_a_guest() },
            options: sources.console_options(&found, setup),
            first_frame: None,
        };
        if self.plain || console::needs_plain_lines() {
            console::print_changes(settings).await?;
        } else {
            console::run(settings).await?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Returns the flags that override settings.
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

/// Parses the address of a relay.
fn relay_address(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).ok().filter(|it| matches!(it.scheme(), "http" | "https") && it.has_host());
    url.ok_or_else(|| {
        "a relay's address is https://HOST:PORT, or http://127.0.0.1:PORT for a relay on this machine".to_owned()
    })
}

/// Returns the operator's token, from the flag's file, the environment, or the settings' file, in this order.
fn token(flag: Option<&std::path::Path>, file: Option<&std::path::Path>) -> anyhow::Result<SecretString> {
    let token = std::env::var("CALLBOARD_TOKEN").unwrap_or_default().trim().to_owned();
    if flag.is_none() && !token.is_empty() {
        return Ok(token.into());
    }
    let file = flag.or(file);
    serve::read_secret(file.context("there is no operator token: give --token-file FILE, or set CALLBOARD_TOKEN")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_address_is_http_or_https_with_a_host() {
        for address in ["https://relay.example:8443", "http://127.0.0.1:4711/"] {
            assert_eq!(relay_address(address).unwrap().as_str().trim_end_matches('/'), address.trim_end_matches('/'));
        }
        for address in ["nonsense", "relay.example:8443", "ws://127.0.0.1:4711/feed", "", "http://"] {
            let error = relay_address(address).unwrap_err();
            assert!(error.contains("https://HOST:PORT"), "{address}: {error}");
        }
    }
}
