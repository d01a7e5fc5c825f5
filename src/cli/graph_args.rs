//! The relay's settings that have a good default: the cloud it stands in, what it takes, and the bot behind it.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use url::Url;

use crate::relay::{self, ForwardSettings, GraphSettings, UnreachedReply};
use crate::time::Millis;

/// Settings of a relay that have a good default.
#[derive(Debug, Args)]
#[command(next_help_heading = "Towards Graph and the bot")]
pub(super) struct GraphArgs {
    /// What the application's token is for; national clouds have their own.
    #[arg(long, value_name = "URL", default_value = "https://graph.microsoft.com/.default")]
    scope: String,
    /// Who may issue webhooks' tokens, instead of the usual two; may be given several times.
    #[arg(long, value_name = "URL")]
    issuer: Vec<String>,
    /// An audience of webhooks' tokens beside the application's id; may be given several times.
    #[arg(long, value_name = "ID")]
    audience: Vec<String>,
    /// The clock difference that is forgiven in webhooks' tokens, at most an hour.
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(..=3_600))]
    skew_seconds: u64,
    /// At most so many requests a second to Graph, whoever asks. Graph documents 50,000 in 15 seconds.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=3_000))]
    graph_rate: u32,
    /// A call of which nothing was heard for so long is read from Graph.
    #[arg(long, value_name = "MINUTES", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1_440))]
    quiet_minutes: u32,
    /// Pass each webhook on to the bot at this address, and answer with the bot's reply.
    #[arg(long, value_name = "URL")]
    forward: Option<Url>,
    /// A file with certificates, PEM, that the bot's own may be signed by.
    #[arg(long, value_name = "FILE", requires = "forward")]
    forward_ca: Option<PathBuf>,
    /// The time for the bot's reply, from the webhook's arrival. A policy recorder's webhook gets at most 4 seconds.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=15))]
    forward_seconds: u64,
    /// What Graph is told when the bot did not reply in time.
    #[arg(long, value_enum, default_value_t = WhenUnreached::Error)]
    forward_failure: WhenUnreached,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum WhenUnreached {
    /// The truth, as 502, 503 or 504.
    Error,
    /// 202, for the journal has it.
    Accept,
}

impl GraphArgs {
    pub(super) fn issuers(&self) -> Vec<String> {
        if self.issuer.is_empty() { relay::default_issuers() } else { self.issuer.clone() }
    }

    pub(super) fn tuning(self) -> anyhow::Result<GraphSettings> {
        let ca = self
            .forward_ca
            .as_ref()
            .map(|file| std::fs::read(file).with_context(|| format!("{} cannot be read", file.display())));
        let (ca, budget) = (ca.transpose()?, Duration::from_secs(self.forward_seconds));
        let unreached = match self.forward_failure {
            WhenUnreached::Error => UnreachedReply::Tell,
            WhenUnreached::Accept => UnreachedReply::Accept,
        };
        if let Some(url) = &self.forward {
            anyhow::ensure!(matches!(url.scheme(), "http" | "https"), "--forward {url} is neither http nor https");
        }
        Ok(GraphSettings {
            scope: self.scope,
            audiences: self.audience,
            skew: Duration::from_secs(self.skew_seconds),
            rate: self.graph_rate,
            quiet: Millis::minutes(i64::from(self.quiet_minutes)),
            forward: self.forward.map(|url| ForwardSettings { url, ca, budget, unreached }),
            ..GraphSettings::default()
        })
    }
}
