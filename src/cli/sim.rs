//! `callboard sim`: the simulator alone.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use url::Url;

use super::serve::{EndSignals, ListenArgs, remark};
use super::{CommandFailure, ScenarioArgs, explain, wrong};
use crate::clock::Clock;
use crate::{clock, sim};

/// `callboard sim`.
#[derive(Debug, Args)]
pub(super) struct SimArgs {
    #[command(flatten)]
    scenery: ScenarioArgs,
    /// Where the simulator's own calls notify: the scenario's, and those that the control API brings in, which are then
    /// answered by a client.
    #[arg(long, value_name = "URL")]
    callback: Option<Url>,
    /// A file of authorities, PEM, that webhooks over https trust beside the system's: for a certificate of your own.
    #[arg(long, value_name = "FILE")]
    callback_ca: Option<PathBuf>,
    /// A file with a certificate, PEM, with an RSA key: the application may prove itself with an assertion that this
    /// key signs, instead of the secret.
    #[arg(long, value_name = "FILE")]
    client_certificate: Option<PathBuf>,
    /// Print every setting of --set, what it takes and where its default comes from, and exit; with --json as JSON.
    #[arg(long)]
    explain: bool,
    #[command(flatten)]
    listening: ListenArgs,
}

impl SimArgs {
    pub(super) async fn run(self) -> Result<ExitCode, CommandFailure> {
        if self.explain {
            explain::print(&self.scenery.faults().map_err(wrong)?, self.listening.json)?;
            return Ok(ExitCode::SUCCESS);
        }
        let scenario = self.scenery.scenario().map_err(wrong)?;
        let speed = self.scenery.speed().map_err(wrong)?;
        let clock = Clock::starting_at(clock::wall() - scenario.prelude, 0.0);
        let settings = sim::SimStart {
            seed: self.scenery.seed,
            clock: clock.clone(),
            scenario,
            settings: self.scenery.faults().map_err(wrong)?,
            listen: self.listening.listen,
            callback: self.callback,
        };
        if let Some(warning) = open_to_others(self.listening.listen) {
            remark(&warning);
        }
        let authorities = self.callback_ca.as_deref().map(certificates).transpose().map_err(wrong)?;
        let client = self.client_certificate.as_deref().map(client).transpose().map_err(wrong)?;
        let trust = sim::TrustedParties { authorities: authorities.unwrap_or_default(), client };
        let mut ends = EndSignals::hear()?;
        let started = sim::start_trusting(settings, trust).await;
        let is_ours = matches!(started, Err(sim::SimError::Callback(_)));
        let sim = started.map_err(|error| if is_ours { wrong(error.into()) } else { error.into() })?;
        sim.play_prelude().await;
        clock.set_speed(speed);
        let graph = &sim.ready().graph;
        self.listening
            .announce(sim.ready(), &format!("The simulator serves Graph's call API at {graph}; ctrl-c ends it."))?;
        ends.come().await;
        sim.stop().await;
        Ok(ExitCode::SUCCESS)
    }
}

/// What is to be said when others than this machine reach the simulator.
fn open_to_others(listen: SocketAddr) -> Option<String> {
    (!listen.ip().to_canonical().is_loopback()).then(|| {
        format!(
            "warning: the simulator listens on {listen}, beyond this machine, and without TLS: its application's \
             secret is made from the seed, so that anybody knows it, and whoever reads the ready line rules it; keep \
             it in a network of your own, or listen on 127.0.0.1"
        )
    })
}

/// The application's certificate.
fn client(file: &Path) -> anyhow::Result<sim::RegisteredCertificate> {
    let read = sim::RegisteredCertificate::read(&certificates(file)?);
    read.with_context(|| format!("{} cannot be used", file.display()))
}

/// What a file of certificates holds.
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
    fn only_what_others_reach_is_warned_of() {
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
