//! `callboard notes`: the presenter's notes on a second terminal.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use url::Url;

use super::failure::{CommandFailure, invalid_input};
use super::serve;
use crate::{console, demo};

/// The options of `callboard notes`.
#[derive(Debug, Args)]
pub(super) struct NotesArgs {
    /// The control API of the simulator, as in its ready line. The default is the demo that runs on this machine.
    #[arg(long, value_name = "URL", requires = "control_token_file")]
    control: Option<Url>,
    /// A file with the token of the simulator's control API.
    #[arg(long, value_name = "FILE", requires = "control")]
    control_token_file: Option<PathBuf>,
}

/// The columns of a terminal that does not say how many it has.
const COLUMNS: usize = 80;

impl NotesArgs {
    /// Prints the notes of each step until the demo ends.
    ///
    /// Fails if there is no demo, or if its simulator does not answer.
    pub(super) async fn run(self) -> Result<ExitCode, CommandFailure> {
        let control = match (self.control, self.control_token_file) {
            (Some(url), Some(file)) => {
                console::ControlAccess { url, token: serve::read_secret(&file).map_err(invalid_input)? }
            }
            (Some(_), None) | (None, _) => demo::find_control().map_err(invalid_input)?,
        };
        let columns = crossterm::terminal::size().map_or(COLUMNS, |(columns, _)| usize::from(columns).max(20));
        console::print_notes(control, columns, &mut std::io::stdout()).await?;
        Ok(ExitCode::SUCCESS)
    }
}
