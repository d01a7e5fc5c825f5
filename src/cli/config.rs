//! `callboard config`: where the settings are, what holds and why, whether a file is right, and an example.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use super::console_args::{LookArgs, SettingsSources, text};
use super::serve::line;
use super::{CommandFailure, wrong};
use crate::settings::{SETTINGS, SettingsDocument, example};

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Print where the settings file is read.
    Path(LookArgs),
    /// Print every setting, what holds, and where it comes from: a flag, a variable, a profile, the file or the default.
    Show(LookArgs),
    /// Check a settings file and each of its profiles: 0 it is right, 2 it is not.
    Check {
        /// The file; else the one that would be read.
        file: Option<PathBuf>,
        #[command(flatten)]
        chosen: LookArgs,
    },
    /// Print a settings file with every setting, its default and what it means.
    Example,
}

impl ConfigCommand {
    pub(super) fn run(self) -> Result<ExitCode, CommandFailure> {
        match self {
            Self::Path(chosen) => match chosen.reading(Vec::new(), false).path {
                Some(path) => line(&path.display().to_string())?,
                None => return Err(wrong(anyhow::anyhow!("there is no home folder: set CALLBOARD_CONFIG"))),
            },
            Self::Show(chosen) => show(&chosen.reading(Vec::new(), false))?,
            Self::Check { file, mut chosen } => {
                chosen.config = file.or(chosen.config);
                check(&chosen.reading(Vec::new(), false))?;
            }
            Self::Example => line(example().trim_end())?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn show(reading: &SettingsSources) -> Result<(), CommandFailure> {
    let found = reading.read().map_err(wrong)?;
    warn(&found.warnings);
    let resolved = &found.resolved;
    for setting in SETTINGS {
        let value = setting.shown(&resolved.settings).map_or_else(|| "not set".to_owned(), |it| format!("= {it}"));
        line(&format!("{:<21} {value:<40} # {}", setting.name, resolved.origin(setting.name)))?;
    }
    for key in resolved.keys() {
        let presses = resolved.settings.keymap.shown(key);
        line(&format!("{:<21} = {presses:<38} # {}", format!("keys.{}", key.name), resolved.key_origin(key.name)))?;
    }
    Ok(())
}

fn check(reading: &SettingsSources) -> Result<(), CommandFailure> {
    let Some(path) = &reading.path else {
        return Err(wrong(anyhow::anyhow!("there is no home folder: name a file")));
    };
    let place = path.display();
    let Some(text) = text(path, false).map_err(wrong)? else {
        return Err(wrong(anyhow::anyhow!("there is no settings file {place}; see: callboard config example")));
    };
    let found = reading.read().map_err(wrong)?;
    // It was read a moment ago; should it have changed since, the next check says so.
    let document = SettingsDocument::parse(&text).unwrap_or_default();
    for profile in document.profiles() {
        reading.with_profile(profile).read().map_err(|error| wrong(error.context(format!("profile {profile}"))))?;
    }
    warn(&found.warnings);
    let (values, profiles) = (document.len(), document.profiles().count());
    line(&format!("{place}: {values} values, {profiles} profiles, {} warnings", found.warnings.len()))?;
    Ok(())
}

fn warn(warnings: &[String]) {
    use std::io::Write as _;
    for warning in warnings {
        // Nobody is left to be warned when standard error is closed.
        drop(writeln!(std::io::stderr(), "warning: {warning}"));
    }
}
