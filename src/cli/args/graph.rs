//! The relay's options for Graph, for webhooks and for the bot that it forwards to. Each has a default.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use url::Url;

use crate::relay::{self, ForwardSettings, GraphSettings, UnreachedReply};
use crate::time::Millis;

/// The relay's options for Graph, for webhooks and for the bot.
#[derive(Debug, Args)]
#[command(next_help_heading = "Towards Graph and the bot")]
pub(in crate::cli) struct GraphArgs {
    /// The scope of the application's token. National clouds have their own.
    #[arg(long, value_name = "URL", default_value = "https://graph.microsoft.com/.default")]
    scope: String,
    /// An accepted issuer of webhook tokens, instead of the default two; may be given several times.
    #[arg(long, value_name = "URL")]
    issuer: Vec<String>,
    /// An accepted audience of webhook tokens besides the application's id; may be given several times.
    #[arg(long, value_name = "ID")]
    audience: Vec<String>,
    /// The tolerated clock difference in webhook tokens, at most one hour.
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(..=3_600))]
    skew_seconds: u64,
    /// The maximum number of requests per second to Graph, from operators and relay together. Graph documents
    /// 50,000 in 15 seconds.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=3_000))]
    graph_rate: u32,
    /// Read a call from Graph after this time without a notification about it.
    #[arg(long, value_name = "MINUTES", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1_440))]
    quiet_minutes: u32,
    /// Forward each webhook to the bot at this address, and return the bot's reply.
    #[arg(long, value_name = "URL")]
    forward: Option<Url>,
    /// A PEM file with additional authorities to trust for the bot's certificate.
    #[arg(long, value_name = "FILE", requires = "forward")]
    forward_ca: Option<PathBuf>,
    /// The seconds that the bot has to reply, from the webhook's arrival. A policy recorder's webhook gets at most 4.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=15))]
    forward_seconds: u64,
    /// The reply to Graph when the bot does not reply in time.
    #[arg(long, value_enum, default_value_t = WhenUnreached::Error)]
    forward_failure: WhenUnreached,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum WhenUnreached {
    /// 502, 503 or 504, so that Graph learns of the failure.
    Error,
    /// 202, because the journal has the webhook.
    Accept,
}

impl GraphArgs {
    pub(in crate::cli) fn issuers(&self) -> Vec<String> {
        if self.issuer.is_empty() { relay::default_issuers() } else { self.issuer.clone() }
    }

    pub(in crate::cli) fn tuning(self) -> anyhow::Result<GraphSettings> {
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
