//! `callboard relay`: starts the relay with the options of the command line.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use tokio::signal::unix::{SignalKind, signal};
use url::Url;

use super::args::graph::GraphArgs;
use super::args::network::NetArgs;
use super::failure::{CommandFailure, invalid_input};
use super::journal::RetentionArgs;
use super::operator::OperatorCommand;
use super::secrets::SecretArgs;
use super::serve::{EndSignals, ListenArgs};
use crate::relay;
use crate::time::clock::Clock;

/// The options of `callboard relay`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct RelayArgs {
    #[command(subcommand)]
    what: Option<RelayCommand>,
    /// The id of the application (the bot); webhooks for other applications are refused.
    // Serving requires it, the subcommand `operator` does not: required for clap, optional in the type.
    #[arg(long, value_name = "ID", required = true)]
    app_id: Option<String>,
    /// The OpenID document of the webhooks' signer.
    #[arg(long, value_name = "URL", default_value = "https://api.aps.skype.com/v1/.well-known/OpenIdConfiguration")]
    openid: Url,
    /// Graph's base address.
    #[arg(long, value_name = "URL", default_value = "https://graph.microsoft.com/v1.0")]
    graph: Url,
    /// The token endpoint of the application's tenant.
    #[arg(long, value_name = "URL", required = true)]
    token_url: Option<Url>,
    #[command(flatten)]
    secrets: SecretArgs,
    /// The folder of the journal, created if it does not exist.
    #[arg(long, value_name = "DIR", required = true)]
    journal: Option<PathBuf>,
    #[command(flatten)]
    keeping: RetentionArgs,
    /// A tenant whose calls are accepted; may be given several times.
    #[arg(long, value_name = "ID", required = true)]
    tenant: Vec<String>,
    /// The label in the first line of each console.
    #[arg(long, value_name = "TEXT", default_value = "callboard")]
    label: String,
    #[command(flatten)]
    graph_args: GraphArgs,
    #[command(flatten)]
    net: NetArgs,
    #[command(flatten)]
    listening: ListenArgs,
}

/// SIGXFSZ on Linux and the BSDs: a file reached the size limit of the process.
const FILE_SIZE_EXCEEDED: i32 = 25;

#[derive(Debug, Subcommand)]
enum RelayCommand {
    /// Add, list and revoke operators: who may look, and who may act.
    #[command(subcommand)]
    Operator(OperatorCommand),
}

impl RelayArgs {
    pub(super) async fn run(self) -> Result<ExitCode, CommandFailure> {
        let listening = self.listening;
        let settings = match self.what {
            Some(RelayCommand::Operator(command)) => return command.run(),
            None => self.settings().map_err(invalid_input)?,
        };
        let (mut ends, mut hang_up) = (EndSignals::listen()?, signal(SignalKind::hangup())?);
        // The default action of SIGXFSZ ends the process. With a handler, which stays installed when its stream is
        // dropped, the write fails as on a full disk.
        drop(signal(SignalKind::from_raw(FILE_SIZE_EXCEEDED))?);
        let relay = relay::start(settings).await?;
        let ready = relay.ready();
        let words =
            format!("The relay accepts webhooks at {} and consoles at {}; ctrl-c ends it.", ready.intake, ready.relay);
        listening.announce(ready, &words)?;
        loop {
            tokio::select! {
                () = ends.wait() => break,
                _ = hang_up.recv() => relay.reload_certificate(),
            }
        }
        relay.stop().await;
        Ok(ExitCode::SUCCESS)
    }

    fn settings(self) -> anyhow::Result<relay::RelaySettings> {
        let journal = self.journal.context("--journal is missing")?;
        Ok(relay::RelaySettings {
            listen: self.listening.listen,
            clock: Clock::system(),
            operators: relay::OperatorRegistry::beside(&journal)?,
            journal: relay::JournalChoice::Dir(journal),
            retention: self.keeping.retention(),
            label: self.label,
            app_id: self.app_id.context("--app-id is missing")?,
            openid: self.openid,
            graph: self.graph,
            token_url: self.token_url.context("--token-url is missing")?,
            credential: self.secrets.credential()?,
            tenants: self.tenant,
            issuers: self.graph_args.issuers(),
            tuning: self.graph_args.tuning()?,
            net: self.net.net()?,
        })
    }
}
