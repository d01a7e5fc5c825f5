//! `callboard config`: shows the settings and their origins, checks a settings file, and prints an example.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use super::args::console::{LookArgs, SettingsSources, read_file};
use super::failure::{CommandFailure, invalid_input};
use super::serve::print_line;
use crate::cli::settings::{SETTINGS, SettingsDocument, example};

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Print the path of the settings file.
    Path(LookArgs),
    /// Print every setting with its value and its origin: a flag, a variable, a profile, the file or the default.
    Show(LookArgs),
    /// Check a settings file and each of its profiles. Exit codes: 0 valid, 2 not valid.
    Check {
        /// The file to check. The default is the file that a console would read.
        file: Option<PathBuf>,
        #[command(flatten)]
        look: LookArgs,
    },
    /// Print a settings file with every setting, its default and its meaning.
    Example,
}

impl ConfigCommand {
    pub(super) fn run(self) -> Result<ExitCode, CommandFailure> {
        match self {
            Self::Path(look) => match look.sources(Vec::new(), false).path {
                Some(path) => print_line(&path.display().to_string())?,
                None => return Err(invalid_input(anyhow::anyhow!("there is no home folder: set CALLBOARD_CONFIG"))),
            },
            Self::Show(look) => show(&look.sources(Vec::new(), false))?,
            Self::Check { file, mut look } => {
                look.config = file.or(look.config);
                check(&look.sources(Vec::new(), false))?;
            }
            Self::Example => print_line(example().trim_end())?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn show(sources: &SettingsSources) -> Result<(), CommandFailure> {
    let found = sources.read().map_err(invalid_input)?;
    warn(&found.warnings);
    let resolved = &found.resolved;
    for setting in SETTINGS {
        let value = setting.shown(&resolved.settings).map_or_else(|| "not set".to_owned(), |it| format!("= {it}"));
        print_line(&format!("{:<21} {value:<40} # {}", setting.name, resolved.origin(setting.name)))?;
    }
    for key in resolved.keys() {
        let presses = resolved.settings.keymap.shown(key);
        print_line(&format!(
            "{:<21} = {presses:<38} # {}",
            format!("keys.{}", key.name),
            resolved.key_origin(key.name)
        ))?;
    }
    Ok(())
}

fn check(sources: &SettingsSources) -> Result<(), CommandFailure> {
    let Some(path) = &sources.path else {
        return Err(invalid_input(anyhow::anyhow!("there is no home folder: name a file")));
    };
    let place = path.display();
    let Some(text) = read_file(path, false).map_err(invalid_input)? else {
        return Err(invalid_input(anyhow::anyhow!("there is no settings file {place}; see: callboard config example")));
    };
    let found = sources.read().map_err(invalid_input)?;
    // A change since the reading a moment ago is left to the next check.
    let document = SettingsDocument::parse(&text).unwrap_or_default();
    for profile in document.profiles() {
        sources
            .with_profile(profile)
            .read()
            .map_err(|error| invalid_input(error.context(format!("profile {profile}"))))?;
    }
    warn(&found.warnings);
    let (values, profiles) = (document.len(), document.profiles().count());
    let count = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
    let warnings = count(found.warnings.len(), "warning");
    print_line(&format!("{place}: {}, {}, {warnings}", count(values, "value"), count(profiles, "profile")))?;
    Ok(())
}

fn warn(warnings: &[String]) {
    use std::io::Write as _;
    for warning in warnings {
        // A closed standard error has no reader to warn.
        drop(writeln!(std::io::stderr(), "warning: {warning}"));
    }
}
