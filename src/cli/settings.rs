//! The console's settings: one table of settings, the settings file, and which layer wins.
//!
//! Flags go before the environment, the environment before a profile, a profile before the file, the file before the
//! defaults. Pure: it opens no file, reads no environment and knows no terminal.

mod document;
mod example;
mod layers;
mod table;
#[cfg(test)]
mod tests;
mod written_value;
mod zone;

pub use document::SettingsDocument;
pub use example::example;
pub use layers::{ResolvedSettings, SettingLayers};
pub use table::{SETTINGS, SettingRow, THEMES};
pub use written_value::WrittenValue;
pub use zone::ZoneSetting;

use std::fmt;
use std::path::PathBuf;

use url::Url;

use crate::desk::{ConfirmMode, Filter, Keymap, NoticeMethod, Pane, PaneColumns, PaneSort};
use crate::floor::AlertLimits;
use crate::time::Millis;

/// The settings of a console, typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The relay's address.
    pub relay: Option<Url>,
    /// A file with the operator's token.
    pub token_file: Option<PathBuf>,
    /// A PEM file with the only certificate authorities that are trusted for the relay; the system's if `None`.
    pub ca_file: Option<PathBuf>,
    /// Whether all acts are disabled.
    pub read_only: bool,
    /// The name of the theme; one of [`THEMES`].
    pub theme: &'static str,
    /// The zone that times of day are shown in.
    pub zone: ZoneSetting,
    /// Whether the mouse selects rows.
    pub mouse: bool,
    /// Whether acts on one person are confirmed.
    pub confirm_mode: ConfirmMode,
    /// How long a drawn question waits for a quiet keyboard before it takes its answer.
    pub confirm_delay: Millis,
    /// How long an act of FAST, and the quit key, wait for another key.
    pub fast_delay: Millis,
    /// After how long without a key acts are disabled; `None` is never.
    pub idle_lock: Option<Millis>,
    /// How the terminal announces a critical wait.
    pub notice: NoticeMethod,
    /// When waiting becomes an alert.
    pub limits: AlertLimits,
    /// The columns of the panes.
    pub columns: PaneColumns,
    /// The sort of each pane that is not in its default order.
    pub sorts: Vec<(Pane, PaneSort)>,
    /// The filter of each pane that has one.
    pub filters: Vec<(Pane, Filter)>,
    /// The keys of each command.
    pub keymap: Keymap,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            relay: None,
            token_file: None,
            ca_file: None,
            read_only: false,
            theme: "auto",
            zone: ZoneSetting::default(),
            mouse: false,
            confirm_mode: ConfirmMode::Confirming,
            confirm_delay: Millis(350),
            fast_delay: Millis(350),
            idle_lock: None,
            notice: NoticeMethod::Off,
            limits: AlertLimits::default(),
            columns: PaneColumns::default(),
            sorts: Vec::new(),
            filters: Vec::new(),
            keymap: Keymap::default(),
        }
    }
}

/// A place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct SettingPlace {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum SettingOrigin {
    /// No layer sets it.
    #[default]
    Default,
    /// The file, outside of any profile.
    File(SettingPlace),
    /// A profile of the file.
    Profile(String, SettingPlace),
    /// An environment variable.
    Environment(String),
    /// A flag of the command line.
    Flag(String),
}

impl fmt::Display for SettingOrigin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => out.write_str("default"),
            Self::File(place) => write!(out, "file, line {}", place.line),
            Self::Profile(name, place) => write!(out, "profile {name}, line {}", place.line),
            Self::Environment(name) => out.write_str(name),
            Self::Flag(name) => write!(out, "--{name}"),
        }
    }
}

/// A wrong or unknown setting, with its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{text}", prefix(.origin))]
pub struct SettingFault {
    /// The layer and the place of the setting.
    pub origin: SettingOrigin,
    /// What is wrong, and which values are allowed.
    pub text: String,
}

impl SettingFault {
    /// Returns the place in the file, if it is in the file.
    #[must_use]
    pub const fn place(&self) -> Option<SettingPlace> {
        match &self.origin {
            SettingOrigin::File(place) | SettingOrigin::Profile(_, place) => Some(*place),
            SettingOrigin::Default | SettingOrigin::Environment(_) | SettingOrigin::Flag(_) => None,
        }
    }
}

fn prefix(origin: &SettingOrigin) -> String {
    match origin {
        SettingOrigin::Default => String::new(),
        SettingOrigin::File(place) | SettingOrigin::Profile(_, place) => {
            format!("line {}, column {}: ", place.line, place.column)
        }
        SettingOrigin::Environment(name) => format!("{name}: "),
        SettingOrigin::Flag(name) => format!("--{name}: "),
    }
}
