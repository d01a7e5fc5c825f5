//! The commands that listen: relay and simulator, their ready lines, their ends, and their logs.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand, ValueEnum};
use secrecy::SecretString;
use serde::Serialize;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;
use url::Url;

use super::{Scenery, Stop, anywhere, wrong};
use crate::clock::Clock;
use crate::{clock, relay, sim};

/// `callboard sim`.
#[derive(Debug, Args)]
pub(super) struct SimArgs {
    #[command(flatten)]
    scenery: Scenery,
    /// Where the scenario's own calls notify.
    #[arg(long, value_name = "URL")]
    callback: Option<Url>,
    #[command(flatten)]
    listening: Listening,
}

/// `callboard relay`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct RelayArgs {
    #[command(subcommand)]
    what: Option<RelayCommand>,
    /// The application's (bot's) id, for which webhooks must be meant.
    // What is required to serve is not to look after operators: required here, optional in the type.
    #[arg(long, value_name = "ID", required = true)]
    app_id: Option<String>,
    /// The OpenID document of those who sign the webhooks.
    #[arg(long, value_name = "URL", default_value = "https://api.aps.skype.com/v1/.well-known/OpenIdConfiguration")]
    openid: Url,
    /// Graph's base address.
    #[arg(long, value_name = "URL", default_value = "https://graph.microsoft.com/v1.0")]
    graph: Url,
    /// The token endpoint of the application's tenant.
    #[arg(long, value_name = "URL", required = true)]
    token_url: Option<Url>,
    /// A file with the application's secret, readable by its owner only.
    #[arg(long, value_name = "FILE", required = true)]
    client_secret_file: Option<PathBuf>,
    /// The folder of the journal; made if it is not there.
    #[arg(long, value_name = "DIR", required = true)]
    journal: Option<PathBuf>,
    /// A tenant whose calls are accepted; may be given several times.
    #[arg(long, value_name = "ID", required = true)]
    tenant: Vec<String>,
    /// What the console's first line calls this floor.
    #[arg(long, value_name = "TEXT", default_value = "callboard")]
    label: String,
    #[command(flatten)]
    listening: Listening,
}

#[derive(Debug, Clone, Copy, Args)]
struct Listening {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDR:PORT", default_value_t = anywhere())]
    listen: SocketAddr,
    /// Print one line of JSON when ready, instead of a sentence.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum RelayCommand {
    /// Look after the operators: who may look, and who may act.
    #[command(subcommand)]
    Operator(OperatorCommand),
}

#[derive(Debug, Subcommand)]
enum OperatorCommand {
    /// Add an operator, or a second token for one; prints the new token, which is shown only now.
    Add {
        /// The operator's name, as the ledger shows it.
        name: String,
        /// What the operator may do.
        #[arg(long, value_enum)]
        role: Role,
        /// The folder of the relay's journal.
        #[arg(long, value_name = "DIR")]
        journal: PathBuf,
    },
    /// List the operators and their roles.
    List {
        /// The folder of the relay's journal.
        #[arg(long, value_name = "DIR")]
        journal: PathBuf,
    },
    /// Take an operator's tokens back; a running relay heeds it at once.
    Revoke {
        /// The operator's name.
        name: String,
        /// The folder of the relay's journal.
        #[arg(long, value_name = "DIR")]
        journal: PathBuf,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Role {
    /// May look.
    Viewer,
    /// May look and act.
    Operator,
}

impl SimArgs {
    pub(super) async fn run(self) -> Result<ExitCode, Stop> {
        let scenario = self.scenery.scenario().map_err(wrong)?;
        let speed = self.scenery.speed().map_err(wrong)?;
        let clock = Clock::starting_at(clock::wall() - scenario.prelude, 0.0);
        let settings = sim::Settings {
            seed: self.scenery.seed,
            clock: clock.clone(),
            scenario,
            faults: self.scenery.faults().map_err(wrong)?,
            listen: self.listening.listen,
            callback: self.callback,
        };
        let sim = sim::start(settings).await?;
        sim.play_prelude().await;
        clock.set_speed(speed);
        let graph = &sim.ready().graph;
        self.listening
            .announce(sim.ready(), &format!("The simulator serves Graph's call API at {graph}; ctrl-c ends it."))?;
        ended().await?;
        sim.stop().await;
        Ok(ExitCode::SUCCESS)
    }
}

impl RelayArgs {
    pub(super) async fn run(self) -> Result<ExitCode, Stop> {
        let listening = self.listening;
        let settings = match self.what {
            Some(RelayCommand::Operator(command)) => return command.run(),
            None => self.settings().map_err(wrong)?,
        };
        let relay = relay::start(settings).await?;
        let ready = relay.ready();
        let words =
            format!("The relay takes webhooks at {} and consoles at {}; ctrl-c ends it.", ready.intake, ready.relay);
        listening.announce(ready, &words)?;
        ended().await?;
        relay.stop().await;
        Ok(ExitCode::SUCCESS)
    }

    fn settings(self) -> anyhow::Result<relay::Settings> {
        let journal = self.journal.context("--journal is missing")?;
        Ok(relay::Settings {
            listen: self.listening.listen,
            clock: Clock::system(),
            operators: relay::Operators::beside(&journal)?,
            journal: relay::JournalChoice::Dir(journal),
            label: self.label,
            app_id: self.app_id.context("--app-id is missing")?,
            openid: self.openid,
            graph: self.graph,
            token_url: self.token_url.context("--token-url is missing")?,
            client_secret: secret(&self.client_secret_file.context("--client-secret-file is missing")?)?,
            tenants: self.tenant,
            issuers: relay::default_issuers(),
        })
    }
}

impl OperatorCommand {
    fn run(self) -> Result<ExitCode, Stop> {
        match self {
            Self::Add { name, role, journal } => {
                let role = match role {
                    Role::Viewer => relay::Role::Viewer,
                    Role::Operator => relay::Role::Operator,
                };
                let token = relay::operators::add(&journal, &name, role)?;
                line(secrecy::ExposeSecret::expose_secret(&token))?;
            }
            Self::List { journal } => {
                for operator in relay::operators::list(&journal)? {
                    line(&format!("{}\t{}", operator.role, operator.name))?;
                }
            }
            Self::Revoke { name, journal } => {
                let revoked = relay::operators::revoke(&journal, &name)?;
                line(&format!("tokens revoked: {revoked}"))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Listening {
    fn announce(&self, ready: &impl Serialize, words: &str) -> anyhow::Result<()> {
        if self.json { line(&serde_json::to_string(ready)?) } else { line(words) }
    }
}

/// Waits for SIGINT or SIGTERM.
async fn ended() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

/// A secret from a file that only its owner can read.
pub(super) fn secret(file: &Path) -> anyhow::Result<SecretString> {
    use std::os::unix::fs::PermissionsExt as _;
    let place = file.display();
    let mode = std::fs::metadata(file).with_context(|| format!("{place} cannot be read"))?.permissions().mode();
    anyhow::ensure!(mode.trailing_zeros() >= 6, "{place} can be read by others; do: chmod 600 {place}");
    let text = std::fs::read_to_string(file).with_context(|| format!("{place} cannot be read"))?;
    let text = text.trim();
    anyhow::ensure!(!text.is_empty(), "{place} is empty; it must hold the secret");
    Ok(text.into())
}

/// Prints a line that a program may read.
pub(crate) fn line(text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush()).context("standard output is closed")
}

/// Sends the log to the file, or for servers to standard error. `RUST_LOG` chooses what is logged.
pub(super) fn log_to(file: Option<&Path>, servers: bool) -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("callboard=info,warn"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false);
    if let Some(file) = file {
        let place = file.display();
        let open = std::fs::OpenOptions::new().create(true).append(true).open(file);
        let open = open.with_context(|| format!("the log {place} cannot be written"))?;
        log.with_writer(std::sync::Mutex::new(open)).init();
    } else if servers {
        log.with_writer(std::io::stderr).init();
    }
    Ok(())
}
