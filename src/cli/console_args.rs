//! What the operator's settings come to: the file, the environment and the flags read, and looked at again later.

use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Context as _;
use clap::Args;
use clap::builder::PossibleValuesParser;
use etcetera::BaseStrategy as _;

use crate::console::{ConsoleOptions, SettingsReload, SettingsSource};
use crate::desk::{DeskSetup, SettingsUpdate};
use crate::screen::Theme;
use crate::settings::{
    ResolvedSettings, SettingFault, SettingLayers, SettingOrigin, Settings, SettingsDocument, THEMES,
};

/// How a console looks, and where that is written.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Looks and settings")]
pub(super) struct LookArgs {
    /// The settings file; else `CALLBOARD_CONFIG`, else callboard/config.toml in `$XDG_CONFIG_HOME` or `~/.config`.
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// A profile of the settings file; else `CALLBOARD_PROFILE`.
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// The colours; with `NO_COLOR` in the environment always mono.
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(THEMES))]
    theme: Option<String>,
    /// Which calls are shown to begin with: words that must all hold, as the key / takes them.
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// The columns of the calls: names apart by commas, each perhaps with a width: number,subject:30,age.
    #[arg(long, value_name = "LIST")]
    columns: Option<String>,
    /// What the calls are sorted by; with - before it the last comes first.
    #[arg(long, value_name = "COLUMN", allow_hyphen_values = true)]
    sort: Option<String>,
    /// A click selects a row and the wheel moves; never more than that.
    #[arg(long)]
    mouse: bool,
}

/// Where the settings are read, and what goes before them.
#[derive(Debug, Clone)]
pub(super) struct SettingsSources {
    /// The file; none on a machine that has no place for one.
    pub(super) path: Option<PathBuf>,
    /// Whether somebody named the file: then it must be there.
    asked: bool,
    profile: Option<String>,
    flags: Vec<(&'static str, String)>,
    demo: bool,
}

/// What was read.
pub(super) struct LoadedSettings {
    pub(super) resolved: ResolvedSettings,
    /// What is not understood, a sentence each.
    pub(super) warnings: Vec<String>,
}

/// A settings file is a page or two.
const MOST: u64 = 64 * 1024;

impl LookArgs {
    /// Where the settings are read for a console, or for the demo. `flags` are those of the command alone.
    pub(super) fn reading(&self, mut flags: Vec<(&'static str, String)>, demo: bool) -> SettingsSources {
        let own = [
            ("theme", self.theme.clone()),
            ("calls-filter", self.filter.clone()),
            ("calls-columns", self.columns.clone()),
            ("calls-sort", self.sort.clone()),
            ("mouse", self.mouse.then(|| "true".to_owned())),
        ];
        flags.extend(own.into_iter().filter_map(|(name, text)| text.map(|it| (name, it))));
        let named = self.config.clone().or_else(|| said("CALLBOARD_CONFIG").map(PathBuf::from));
        let asked = named.is_some();
        let path = named.or_else(usual);
        SettingsSources {
            path,
            asked,
            profile: self.profile.clone().or_else(|| said("CALLBOARD_PROFILE")),
            flags,
            demo,
        }
    }
}

/// The usual place of the file, by the rules of XDG.
fn usual() -> Option<PathBuf> {
    etcetera::base_strategy::Xdg::new().ok().map(|it| it.config_dir().join("callboard").join("config.toml"))
}

/// A variable that says something.
fn said(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|it| !it.is_empty())
}

impl SettingsSources {
    /// Reads everything, and puts it together.
    pub(super) fn read(&self) -> anyhow::Result<LoadedSettings> {
        let text = match &self.path {
            Some(path) => text(path, self.asked)?,
            None => None,
        };
        let document = SettingsDocument::parse(text.as_deref().unwrap_or_default()).map_err(|it| self.wrong(&it))?;
        let layers = SettingLayers {
            document: &document,
            profile: self.profile.as_deref(),
            environment: &said,
            flags: &self.flags,
            demo: self.demo,
        };
        let resolved = layers.resolve().map_err(|it| self.wrong(&[it]))?;
        let warnings = document.warnings.iter().map(|it| self.sentence(it)).collect();
        Ok(LoadedSettings { resolved, warnings })
    }

    /// The same for another profile.
    pub(super) fn with_profile(&self, name: &str) -> Self {
        Self { profile: Some(name.to_owned()), ..self.clone() }
    }

    /// A path as it was meant: a relative one of the file is in the file's own folder.
    pub(super) fn meant(&self, found: &ResolvedSettings, setting: &str, path: PathBuf) -> PathBuf {
        match (found.origin(setting), self.path.as_deref().and_then(Path::parent)) {
            (SettingOrigin::File(_) | SettingOrigin::Profile(..), Some(folder)) => folder.join(path),
            (SettingOrigin::Default | SettingOrigin::Environment(_) | SettingOrigin::Flag(_), _) | (_, None) => path,
        }
    }

    /// Fits a console out by what was found, and by what changes later.
    pub(super) fn fit(self, found: &LoadedSettings, setup: DeskSetup) -> ConsoleOptions {
        let settings = &found.resolved.settings;
        let (mouse, theme) = (settings.mouse, worn(settings));
        let fitted = fitted(settings, &setup);
        let notice = found.warnings.join("; ");
        ConsoleOptions { setup: fitted, theme, mouse, notice, retuning: self.watched(setup) }
    }

    /// Looks at the file again: when it has changed, or when told to.
    fn watched(self, setup: DeskSetup) -> Option<SettingsSource> {
        let path = self.path.clone()?;
        let mut seen = stamp(&path);
        Some(Box::new(move |told| {
            let now = stamp(&path);
            // A file that is gone is one that is being replaced: what it said stays.
            if !told && (now == seen || now.is_none()) {
                return None;
            }
            seen = now;
            let place = path.display();
            if now.is_none() {
                let said = format!("there is no settings file {place}: the settings stay as they are");
                return Some(SettingsReload { news: SettingsUpdate { setup: None, said, warning: true }, theme: None });
            }
            Some(match self.read() {
                Ok(found) => {
                    let settings = &found.resolved.settings;
                    let fitted = Some(Box::new(fitted(settings, &setup)));
                    let warning = !found.warnings.is_empty();
                    let said = if warning { found.warnings.join("; ") } else { format!("settings read from {place}") };
                    SettingsReload {
                        news: SettingsUpdate { setup: fitted, said, warning },
                        theme: Some(worn(settings)),
                    }
                }
                Err(error) => {
                    let said = format!("the settings stay as they are: {error:#}");
                    SettingsReload { news: SettingsUpdate { setup: None, said, warning: true }, theme: None }
                }
            })
        }))
    }

    fn wrong(&self, faults: &[SettingFault]) -> anyhow::Error {
        let sentences: Vec<String> = faults.iter().map(|it| self.sentence(it)).collect();
        anyhow::anyhow!("{}", sentences.join("\n"))
    }

    fn sentence(&self, fault: &SettingFault) -> String {
        let outside = matches!(fault.origin, SettingOrigin::Environment(_) | SettingOrigin::Flag(_));
        match &self.path {
            Some(path) if fault.place().is_some() => format!("{}, {fault}", path.display()),
            Some(path) if !outside => format!("{}: {fault}", path.display()),
            Some(_) | None => fault.to_string(),
        }
    }
}

/// What a desk starts with, or goes on with.
fn fitted(settings: &Settings, setup: &DeskSetup) -> DeskSetup {
    DeskSetup {
        pace: settings.confirm_mode,
        idle_lock: settings.idle_lock,
        notice: settings.notice,
        limits: settings.limits,
        keymap: settings.keymap.clone(),
        columns: settings.columns.clone(),
        sorts: settings.sorts.clone(),
        filters: settings.filters.clone(),
        ..setup.clone()
    }
}

/// The theme by its name; without colours where the environment asks for none.
fn worn(settings: &Settings) -> Theme {
    let named = Theme::named(settings.theme).unwrap_or_default();
    match said("NO_COLOR") {
        Some(_) if named.is_ascii() => Theme::mono().in_ascii(),
        Some(_) => Theme::mono(),
        None => named,
    }
}

/// The text of a file, if there is one, or if somebody named it.
pub(super) fn text(path: &Path, asked: bool) -> anyhow::Result<Option<String>> {
    let place = path.display();
    let about = match std::fs::metadata(path) {
        Ok(about) => about,
        Err(error) if error.kind() == ErrorKind::NotFound && !asked => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("the settings file {place} cannot be read")),
    };
    anyhow::ensure!(about.is_file(), "{place} is no file; a settings file is a text in TOML");
    let mut text = String::new();
    let file = std::fs::File::open(path).with_context(|| format!("the settings file {place} cannot be read"))?;
    let read = file.take(MOST + 1).read_to_string(&mut text);
    read.with_context(|| format!("the settings file {place} cannot be read"))?;
    let fits = u64::try_from(text.len()).is_ok_and(|it| it <= MOST);
    anyhow::ensure!(fits, "the settings file {place} is larger than {} KiB", MOST / 1024);
    Ok(Some(text))
}

/// What changes when a file is written or replaced.
fn stamp(path: &Path) -> Option<(Option<SystemTime>, u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    let about = std::fs::metadata(path).ok()?;
    Some((about.modified().ok(), about.len(), about.ino()))
}
