//! `callboard sim`: starts only the simulator, with the options of the command line.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use url::Url;

use super::args::scenario::ScenarioArgs;
use super::explain;
use super::failure::{CommandFailure, invalid_input};
use super::serve::{EndSignals, ListenArgs, print_remark};
use crate::sim;
use crate::time::clock;
use crate::time::clock::Clock;

/// The options of `callboard sim`.
#[derive(Debug, Args)]
pub(super) struct SimArgs {
    #[command(flatten)]
    scenario_args: ScenarioArgs,
    /// The webhook address of the simulator's own calls: those of the scenario, and those that the control API creates
    /// for a client to answer.
    #[arg(long, value_name = "URL")]
    callback: Option<Url>,
    /// A PEM file with authorities to trust for https webhooks, besides the system's.
    #[arg(long, value_name = "FILE")]
    callback_ca: Option<PathBuf>,
    /// A PEM file with an RSA certificate. The application may authenticate with an assertion signed by its key instead
    /// of the secret.
    #[arg(long, value_name = "FILE")]
    client_certificate: Option<PathBuf>,
    /// The address at which clients reach the simulator, if it is not the one that their requests name: behind a proxy
    /// that changes Host, or in a container. The ready line and every address in an answer begin with it.
    #[arg(long, value_name = "URL")]
    public_url: Option<Url>,
    /// Print every setting of --set, its allowed values and the source of its default, and exit; with --json as JSON.
    #[arg(long)]
    explain: bool,
    #[command(flatten)]
    listening: ListenArgs,
}

impl SimArgs {
    pub(super) async fn run(self) -> Result<ExitCode, CommandFailure> {
        if self.explain {
            explain::print(&self.scenario_args.settings().map_err(invalid_input)?, self.listening.json)?;
            return Ok(ExitCode::SUCCESS);
        }
        let scenario = self.scenario_args.scenario().map_err(invalid_input)?;
        let speed = self.scenario_args.speed().map_err(invalid_input)?;
        let clock = Clock::starting_at(clock::wall() - scenario.prelude, 0.0);
        let settings = sim::SimStart {
            seed: self.scenario_args.seed,
            clock: clock.clone(),
            scenario,
            settings: self.scenario_args.settings().map_err(invalid_input)?,
            listen: self.listening.listen,
            callback: self.callback,
            public_url: self.public_url,
        };
        if let Some(warning) = open_to_others(self.listening.listen) {
            print_remark(&warning);
        }
        let authorities = self.callback_ca.as_deref().map(certificates).transpose().map_err(invalid_input)?;
        let client = self.client_certificate.as_deref().map(client).transpose().map_err(invalid_input)?;
        let trust = sim::TrustedParties { authorities: authorities.unwrap_or_default(), client };
        let mut ends = EndSignals::listen()?;
        let started = sim::start_trusting(settings, trust).await;
        let is_ours = matches!(started, Err(sim::SimError::Callback(_) | sim::SimError::PublicAddress(_)));
        let sim = started.map_err(|error| if is_ours { invalid_input(error.into()) } else { error.into() })?;
        sim.play_prelude().await;
        clock.set_speed(speed);
        let graph = &sim.ready().graph;
        self.listening
            .announce(sim.ready(), &format!("The simulator serves Graph's call API at {graph}; ctrl-c ends it."))?;
        ends.wait().await;
        sim.stop().await;
        Ok(ExitCode::SUCCESS)
    }
}

/// Returns the warning for a simulator that other machines can reach.
fn open_to_others(listen: SocketAddr) -> Option<String> {
    (!listen.ip().to_canonical().is_loopback()).then(|| {
        format!(
            "warning: the simulator listens on {listen}, which other machines can reach, without TLS. Its application \
             secret is derived from the seed, so anyone can know it, and anyone who reads the ready line controls it. Keep \
             it in a private network, or listen on 127.0.0.1"
        )
    })
}

/// Returns the application's certificate.
fn client(file: &Path) -> anyhow::Result<sim::RegisteredCertificate> {
    let read = sim::RegisteredCertificate::read(&certificates(file)?);
    read.with_context(|| format!("{} cannot be used", file.display()))
}

/// Reads a file of certificates, which must not be empty.
fn certificates(file: &Path) -> anyhow::Result<Vec<u8>> {
    let place = file.display();
    let read = std::fs::read(file).with_context(|| format!("{place} cannot be read"))?;
    anyhow::ensure!(!read.is_empty(), "{place} is empty; it must hold certificates as PEM");
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_beyond_loopback_causes_a_warning() {
        for (listen, warned) in [
            ("127.0.0.1:0", false),
            ("127.8.9.1:80", false),
            ("[::1]:0", false),
            ("[::ffff:127.0.0.1]:0", false),
            ("0.0.0.0:0", true),
            ("[::]:0", true),
            ("192.0.2.1:80", true),
        ] {
            let warning = open_to_others(listen.parse().unwrap());
            assert_eq!(warning.is_some(), warned, "{listen}: {warning:?}");
            assert!(warning.is_none_or(|it| it.contains("secret") && it.contains(listen)), "{listen}");
        }
    }
}
