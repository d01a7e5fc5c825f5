//! The operator's settings: one table of what can be set, the text that says it, and which of several sayings holds.
//!
//! Flags go before the environment, the environment before a profile, a profile before the file, the file before the
//! defaults. Pure: it knows no file, no environment and no terminal; texts come in, settings and sentences go out.

mod document;
mod example;
mod layers;
mod table;
#[cfg(test)]
mod tests;
mod written_value;

pub use document::SettingsDocument;
pub use example::example;
pub use layers::{ResolvedSettings, SettingLayers};
pub use table::{SETTINGS, SettingRow, THEMES};
pub use written_value::WrittenValue;

use std::fmt;
use std::path::PathBuf;

use url::Url;

use crate::desk::{ConfirmMode, Filter, Keymap, NoticeMethod, Pane, PaneColumns, PaneSort};
use crate::floor::AlertLimits;
use crate::time::Millis;

/// What can be set, typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The relay's address.
    pub relay: Option<Url>,
    /// A file with the operator's token.
    pub token_file: Option<PathBuf>,
    /// A PEM file with the only authorities that may vouch for the relay.
    pub ca_file: Option<PathBuf>,
    /// Whether every act is off.
    pub read_only: bool,
    /// The name of the theme; one of [`THEMES`].
    pub theme: &'static str,
    /// Whether the mouse selects rows.
    pub mouse: bool,
    /// Whether single acts are confirmed.
    pub confirm_mode: ConfirmMode,
    /// After how long without a key acts go off; never if none.
    pub idle_lock: Option<Millis>,
    /// How somebody who does not look is told of a critical wait.
    pub notice: NoticeMethod,
    /// When waiting becomes an alert.
    pub limits: AlertLimits,
    /// The columns of the panes.
    pub columns: PaneColumns,
    /// The order of the panes that are not in their own.
    pub sorts: Vec<(Pane, PaneSort)>,
    /// What is shown of the panes, where not all is.
    pub filters: Vec<(Pane, Filter)>,
    /// Which presses mean which command.
    pub keymap: Keymap,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            relay: None,
            token_file: None,
            ca_file: None,
            read_only: false,
            theme: "default",
            mouse: false,
            confirm_mode: ConfirmMode::Confirming,
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

/// A place in a text; both from 1, the column in letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct SettingPlace {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum SettingOrigin {
    /// Nobody said anything.
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

/// Something wrong in what was set, or something that is not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{text}", prefix(.origin))]
pub struct SettingFault {
    /// Where it was said.
    pub origin: SettingOrigin,
    /// What is wrong, and what is allowed.
    pub text: String,
}

impl SettingFault {
    /// Where in the file it is.
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
