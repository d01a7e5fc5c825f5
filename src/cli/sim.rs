//! `callboard sim`: the simulator alone.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use url::Url;

use super::serve::{Listening, ended};
use super::{Scenery, Stop, explain, wrong};
use crate::clock::Clock;
use crate::{clock, sim};

/// `callboard sim`.
#[derive(Debug, Args)]
pub(super) struct SimArgs {
    #[command(flatten)]
    scenery: Scenery,
    /// Where the simulator's own calls notify: the scenario's, and those that the control API brings in.
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
    listening: Listening,
}

impl SimArgs {
    pub(super) async fn run(self) -> Result<ExitCode, Stop> {
        if self.explain {
            explain::print(&self.scenery.faults().map_err(wrong)?, self.listening.json)?;
            return Ok(ExitCode::SUCCESS);
        }
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
        let authorities = self.callback_ca.as_deref().map(certificates).transpose().map_err(wrong)?;
        let client = self.client_certificate.as_deref().map(client).transpose().map_err(wrong)?;
        let trust = sim::Trust { authorities: authorities.unwrap_or_default(), client };
        let sim = sim::start_trusting(settings, trust).await?;
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

/// The application's certificate.
fn client(file: &Path) -> anyhow::Result<sim::ClientCertificate> {
    let read = sim::ClientCertificate::read(&certificates(file)?);
    read.with_context(|| format!("{} cannot be used", file.display()))
}

/// What a file of certificates holds.
fn certificates(file: &Path) -> anyhow::Result<Vec<u8>> {
    let place = file.display();
    let read = std::fs::read(file).with_context(|| format!("{place} cannot be read"))?;
    anyhow::ensure!(!read.is_empty(), "{place} is empty; it must hold certificates as PEM");
    Ok(read)
}
