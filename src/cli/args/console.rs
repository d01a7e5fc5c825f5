//! Reads a console's settings from the file, the environment and the flags, and reads the file again when it changes.

use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Context as _;
use clap::Args;
use clap::builder::PossibleValuesParser;
use etcetera::BaseStrategy as _;
use jiff::tz::TimeZone;

use crate::cli::settings::{
    ResolvedSettings, SettingFault, SettingLayers, SettingOrigin, Settings, SettingsDocument, THEMES, ZoneSetting,
};
use crate::console::{self, ConsoleOptions, SettingsReload, SettingsSource, ThemeChoice};
use crate::desk::{ActDelays, DeskSetup, SettingsUpdate};
use crate::screen::{ColourEnvironment, TerminalTraits, Theme};

/// The options for a console's looks and its settings file.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Looks and settings")]
pub(in crate::cli) struct LookArgs {
    /// The settings file. The default is `CALLBOARD_CONFIG`,
    /// then callboard/config.toml in `$XDG_CONFIG_HOME` or `~/.config`.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) config: Option<PathBuf>,
    /// A profile of the settings file. The default is `CALLBOARD_PROFILE`.
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// The colours; auto goes by the terminal. `NO_COLOR` in the environment always means mono.
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(THEMES))]
    theme: Option<String>,
    /// The initial filter of the calls: words that must all match, as for the key /.
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// The columns of the calls: comma-separated names, each with an optional width, such as number,subject:30,age.
    #[arg(long, value_name = "LIST")]
    columns: Option<String>,
    /// The column that sorts the calls; a leading - reverses the order.
    #[arg(long, value_name = "COLUMN", allow_hyphen_values = true)]
    sort: Option<String>,
    /// Let a click select a row and the wheel scroll. The mouse does nothing else.
    #[arg(long)]
    mouse: bool,
}

/// The sources of the settings: the file, and what overrides it.
#[derive(Debug, Clone)]
pub(in crate::cli) struct SettingsSources {
    /// The file; `None` when there is no home folder.
    pub(in crate::cli) path: Option<PathBuf>,
    /// Whether a flag or a variable names the file: then it must exist.
    is_named: bool,
    profile: Option<String>,
    flags: Vec<(&'static str, String)>,
    demo: bool,
}

/// The settings in force, with the warnings of their file.
pub(in crate::cli) struct LoadedSettings {
    pub(in crate::cli) resolved: ResolvedSettings,
    /// A sentence for each part of the file that was not understood.
    pub(in crate::cli) warnings: Vec<String>,
}

/// The largest settings file, in bytes.
const MAX_FILE: u64 = 64 * 1024;

impl LookArgs {
    /// Returns the sources for a console or for the demo; `flags` are the command's own flags that override settings.
    pub(in crate::cli) fn sources(&self, mut flags: Vec<(&'static str, String)>, demo: bool) -> SettingsSources {
        let own = [
            ("theme", self.theme.clone()),
            ("calls-filter", self.filter.clone()),
            ("calls-columns", self.columns.clone()),
            ("calls-sort", self.sort.clone()),
            ("mouse", self.mouse.then(|| "true".to_owned())),
        ];
        flags.extend(own.into_iter().filter_map(|(name, text)| text.map(|it| (name, it))));
        let named = self.config.clone().or_else(|| env_var("CALLBOARD_CONFIG").map(PathBuf::from));
        let is_named = named.is_some();
        let path = named.or_else(default_path);
        SettingsSources {
            path,
            is_named,
            profile: self.profile.clone().or_else(|| env_var("CALLBOARD_PROFILE")),
            flags,
            demo,
        }
    }
}

/// Returns the default path of the settings file, by the XDG rules.
fn default_path() -> Option<PathBuf> {
    etcetera::base_strategy::Xdg::new().ok().map(|it| it.config_dir().join("callboard").join("config.toml"))
}

/// Returns the value of an environment variable, unless it is empty.
fn env_var(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|it| !it.is_empty())
}

impl SettingsSources {
    /// Reads all sources and resolves the settings.
    pub(in crate::cli) fn read(&self) -> anyhow::Result<LoadedSettings> {
        let text = match &self.path {
            Some(path) => read_file(path, self.is_named)?,
            None => None,
        };
        let document = SettingsDocument::parse(text.as_deref().unwrap_or_default()).map_err(|it| self.error_of(&it))?;
        let layers = SettingLayers {
            document: &document,
            profile: self.profile.as_deref(),
            environment: &env_var,
            flags: &self.flags,
            demo: self.demo,
        };
        let resolved = layers.resolve().map_err(|it| self.error_of(&[it]))?;
        let mut warnings: Vec<String> = document.warnings.iter().map(|it| self.sentence(it)).collect();
        let yielded = resolved.settings.keymap.yielded();
        warnings.extend(yielded.map(|(press, lost, has)| {
            format!(
                "{press} is your key of {has}, so it is not the key of {lost} any more; [keys] can give {lost} another"
            )
        }));
        Ok(LoadedSettings { resolved, warnings })
    }

    /// Returns the same sources with another profile.
    pub(in crate::cli) fn with_profile(&self, name: &str) -> Self {
        Self { profile: Some(name.to_owned()), ..self.clone() }
    }

    /// Resolves a path setting: a relative path in the settings file is relative to the file's folder.
    pub(in crate::cli) fn resolve_path(&self, found: &ResolvedSettings, setting: &str, path: PathBuf) -> PathBuf {
        match (found.origin(setting), self.path.as_deref().and_then(Path::parent)) {
            (SettingOrigin::File(_) | SettingOrigin::Profile(..), Some(folder)) => folder.join(path),
            (SettingOrigin::Default | SettingOrigin::Environment(_) | SettingOrigin::Flag(_), _) | (_, None) => path,
        }
    }

    /// Returns the options for a console with these settings, which it reloads when the file changes.
    pub(in crate::cli) fn console_options(self, found: &LoadedSettings, setup: DeskSetup) -> ConsoleOptions {
        let settings = &found.resolved.settings;
        let (mouse, theme) = (settings.mouse, theme_of(settings));
        let desk = desk_setup(settings, &setup);
        let terminal = TerminalTraits { ascii_only: !console::has_utf8_locale(), ..TerminalTraits::default() };
        let mut notices = found.warnings.clone();
        if terminal.ascii_only && theme.setting == Theme::AUTO {
            notices.push(console::NO_UTF8.to_owned());
        }
        ConsoleOptions { setup: desk, theme, terminal, mouse, notice: notices.join("; "), settings: self.watch(setup) }
    }

    /// Returns a function that reads the settings again when the file has changed, or when called with `true`.
    fn watch(self, setup: DeskSetup) -> Option<SettingsSource> {
        let path = self.path.clone()?;
        let mut seen = file_stamp(&path);
        Some(Box::new(move |always| {
            let now = file_stamp(&path);
            // A missing file is usually being replaced, so the settings stay.
            if !always && (now == seen || now.is_none()) {
                return None;
            }
            seen = now;
            let place = path.display();
            if now.is_none() {
                let said = format!("there is no settings file {place}: the settings stay as they are");
                return Some(SettingsReload {
                    update: SettingsUpdate { setup: None, said, warning: true },
                    theme: None,
                });
            }
            Some(match self.read() {
                Ok(found) => {
                    let settings = &found.resolved.settings;
                    let desk = Some(Box::new(desk_setup(settings, &setup)));
                    let warning = !found.warnings.is_empty();
                    let said = if warning { found.warnings.join("; ") } else { format!("settings read from {place}") };
                    SettingsReload {
                        update: SettingsUpdate { setup: desk, said, warning },
                        theme: Some(theme_of(settings)),
                    }
                }
                Err(error) => {
                    let said = format!("the settings stay as they are: {error:#}");
                    SettingsReload { update: SettingsUpdate { setup: None, said, warning: true }, theme: None }
                }
            })
        }))
    }

    fn error_of(&self, faults: &[SettingFault]) -> anyhow::Error {
        let sentences: Vec<String> = faults.iter().map(|it| self.sentence(it)).collect();
        anyhow::anyhow!("{}", sentences.join("\n"))
    }

    fn sentence(&self, fault: &SettingFault) -> String {
        let is_outside_file = matches!(fault.origin, SettingOrigin::Environment(_) | SettingOrigin::Flag(_));
        match &self.path {
            Some(path) if fault.place().is_some() => format!("{}, {fault}", path.display()),
            Some(path) if !is_outside_file => format!("{}: {fault}", path.display()),
            Some(_) | None => fault.to_string(),
        }
    }
}

/// Returns the desk's part of the settings.
fn desk_setup(settings: &Settings, setup: &DeskSetup) -> DeskSetup {
    DeskSetup {
        pace: settings.confirm_mode,
        delays: ActDelays::new(settings.confirm_delay, settings.fast_delay),
        idle_lock: settings.idle_lock,
        notice: settings.notice,
        limits: settings.limits,
        zone: Some(zone_of(settings)),
        keymap: settings.keymap.clone(),
        columns: settings.columns.clone(),
        sorts: settings.sorts.clone(),
        filters: settings.filters.clone(),
        ..setup.clone()
    }
}

/// Returns the zone of the settings. For `local` it is that of `TZ` or of the system, or UTC if neither is known.
pub(in crate::cli) fn zone_of(settings: &Settings) -> TimeZone {
    match &settings.zone {
        ZoneSetting::Local => TimeZone::try_system().unwrap_or(TimeZone::UTC),
        ZoneSetting::Named(zone) => zone.clone(),
    }
}

/// Returns the theme of the settings for this terminal.
fn theme_of(settings: &Settings) -> ThemeChoice {
    let variable = |name| env_var(name).unwrap_or_default();
    let environment = ColourEnvironment {
        no_colour: env_var("NO_COLOR").is_some(),
        term: variable("TERM"),
        colorterm: variable("COLORTERM"),
        colorfgbg: variable("COLORFGBG"),
    };
    ThemeChoice { setting: settings.theme, environment }
}

/// Returns the text of a settings file, or `None` if the file is missing and `is_required` is false.
pub(in crate::cli) fn read_file(path: &Path, is_required: bool) -> anyhow::Result<Option<String>> {
    let place = path.display();
    let about = match std::fs::metadata(path) {
        Ok(about) => about,
        Err(error) if error.kind() == ErrorKind::NotFound && !is_required => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("the settings file {place} cannot be read")),
    };
    anyhow::ensure!(about.is_file(), "{place} is not a file; a settings file is a TOML text");
    let mut text = String::new();
    let file = std::fs::File::open(path).with_context(|| format!("the settings file {place} cannot be read"))?;
    let read = file.take(MAX_FILE + 1).read_to_string(&mut text);
    read.with_context(|| format!("the settings file {place} cannot be read"))?;
    let fits = u64::try_from(text.len()).is_ok_and(|it| it <= MAX_FILE);
    anyhow::ensure!(fits, "the settings file {place} is larger than {} KiB", MAX_FILE / 1024);
    Ok(Some(text))
}

/// Returns values that change when a file is written or replaced: modification time, length and inode.
fn file_stamp(path: &Path) -> Option<(Option<SystemTime>, u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    let about = std::fs::metadata(path).ok()?;
    Some((about.modified().ok(), about.len(), about.ino()))
}
