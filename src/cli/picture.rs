//! `callboard picture`: a picture of the board as an SVG file.

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;

use super::args::scenario::ScenarioArgs;
use super::failure::{CommandFailure, invalid_input};
use crate::demo;
use crate::screen::{TerminalBackground, Theme};

/// The options of `callboard picture`.
#[derive(Debug, Args)]
pub(super) struct PictureArgs {
    #[command(flatten)]
    scenario_args: ScenarioArgs,
    /// The width of the board, in columns.
    #[arg(long, value_name = "N", default_value_t = 120, value_parser = clap::value_parser!(u16).range(60..=400))]
    columns: u16,
    /// The height of the board, in rows.
    #[arg(long, value_name = "N", default_value_t = 36, value_parser = clap::value_parser!(u16).range(20..=200))]
    rows: u16,
    /// The theme, one with colours of its own.
    #[arg(long, value_name = "NAME", default_value = "dark", value_parser = ["dark", "light", "high-contrast", "colour-blind"])]
    theme: String,
}

impl PictureArgs {
    /// Writes the picture to standard output.
    ///
    /// Fails if the scenario cannot be played, or if standard output is closed.
    pub(super) async fn run(self) -> Result<ExitCode, CommandFailure> {
        let settings = demo::DemoSettings {
            scenario: self.scenario_args.scenario().map_err(invalid_input)?,
            seed: self.scenario_args.seed,
            speed: 0.0,
            faults: self.scenario_args.settings().map_err(invalid_input)?,
        };
        let theme = Theme::named(&self.theme, TerminalBackground::Dark).unwrap_or_default();
        let picture = demo::picture(settings, (self.columns, self.rows), &theme).await?;
        std::io::stdout().write_all(picture.as_bytes()).context("the picture cannot be written")?;
        Ok(ExitCode::SUCCESS)
    }
}
