//! `callboard relay`: webhooks in; journal, feed and gate out.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use tokio::signal::unix::{SignalKind, signal};
use url::Url;

use super::graph_args::GraphArgs;
use super::journal::RetentionArgs;
use super::network_args::NetArgs;
use super::operator::OperatorCommand;
use super::secrets::SecretArgs;
use super::serve::{EndSignals, ListenArgs};
use super::{CommandFailure, wrong};
use crate::clock::Clock;
use crate::relay;

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
    #[command(flatten)]
    secrets: SecretArgs,
    /// The folder of the journal; made if it is not there.
    #[arg(long, value_name = "DIR", required = true)]
    journal: Option<PathBuf>,
    #[command(flatten)]
    keeping: RetentionArgs,
    /// A tenant whose calls are accepted; may be given several times.
    #[arg(long, value_name = "ID", required = true)]
    tenant: Vec<String>,
    /// What the console's first line calls this floor.
    #[arg(long, value_name = "TEXT", default_value = "callboard")]
    label: String,
    #[command(flatten)]
    tuned: GraphArgs,
    #[command(flatten)]
    net: NetArgs,
    #[command(flatten)]
    listening: ListenArgs,
}

/// SIGXFSZ of Linux and of the BSDs: a file reached the largest size that the process may give it.
const FILE_SIZE_EXCEEDED: i32 = 25;

#[derive(Debug, Subcommand)]
enum RelayCommand {
    /// Look after the operators: who may look, and who may act.
    #[command(subcommand)]
    Operator(OperatorCommand),
}

impl RelayArgs {
    pub(super) async fn run(self) -> Result<ExitCode, CommandFailure> {
        let listening = self.listening;
        let settings = match self.what {
            Some(RelayCommand::Operator(command)) => return command.run(),
            None => self.settings().map_err(wrong)?,
        };
        let (mut ends, mut hang_up) = (EndSignals::hear()?, signal(SignalKind::hangup())?);
        // A file that may not grow is a full disk to us: the write fails and says so, and nobody is ended for it.
        drop(signal(SignalKind::from_raw(FILE_SIZE_EXCEEDED))?);
        let relay = relay::start(settings).await?;
        let ready = relay.ready();
        let words =
            format!("The relay takes webhooks at {} and consoles at {}; ctrl-c ends it.", ready.intake, ready.relay);
        listening.announce(ready, &words)?;
        loop {
            tokio::select! {
                () = ends.come() => break,
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
            issuers: self.tuned.issuers(),
            tuning: self.tuned.tuning()?,
            net: self.net.net()?,
        })
    }
}
