//! The table of settings: name, help, allowed values, parser and printer of each.
//!
//! Files, variables, flags, `config show` and the example all use this table.

use url::Url;

use super::{Settings, WrittenValue, ZoneSetting};
use crate::desk::{ConfirmMode, Filter, NoticeMethod, Pane, PaneSort};
use crate::time::Millis;

/// One row of the table of settings.
#[derive(Debug)]
pub struct SettingRow {
    /// Its name in the file, and of its flag.
    pub name: &'static str,
    /// What the setting does, as a sentence.
    pub help: &'static str,
    /// The allowed values, as a phrase.
    pub allowed: &'static str,
    /// A value in TOML for the example, for a setting without a default.
    pub sample: &'static str,
    /// Whether the demo reads it from the file and the environment; never relay, token and read-only.
    pub in_demo: bool,
    /// Whether a running console applies a change.
    pub live: bool,
    set: fn(&mut Settings, &WrittenValue) -> Result<(), String>,
    get: fn(&Settings) -> Option<toml::Value>,
}

/// The themes by name.
pub const THEMES: &[&str] = &["auto", "default", "dark", "light", "high-contrast", "colour-blind", "mono", "ascii"];

const SECONDS: &str = "whole seconds from 1 to 86400";
const DELAY: &str = "whole milliseconds from 0 to 5000";
const TRUTH: &str = "true or false";
const ZONE: &str = "local, utc or the name of a zone such as Europe/Oslo";
const COLUMNS: &str = "column names separated by commas, each with an optional width after a colon";
const SORT: &str = "the name of a column; a - before it reverses the order";
const FILTER: &str = "filter words as in the filter line; all of them must match";

impl SettingRow {
    /// Returns the setting of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|it| it.name == name)
    }

    /// Returns its environment variable: `CALLBOARD_HOLD_WARNING` for `hold-warning`.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("CALLBOARD_{}", self.name.to_uppercase().replace('-', "_"))
    }

    /// Returns the value in TOML; `None` if it is not set.
    #[must_use]
    pub fn shown(&self, settings: &Settings) -> Option<String> {
        (self.get)(settings).map(|it| it.to_string())
    }

    /// Parses a value and sets it; the error names the allowed values.
    pub(super) fn set(&self, settings: &mut Settings, given: &WrittenValue) -> Result<(), String> {
        (self.set)(settings, given)
            .map_err(|why| match why.as_str() {
                "" => format!("it takes {}, not {}", self.allowed, given.quoted()),
                _ => why,
            })
            .map_err(|why| format!("{}: {why}", self.name))
    }
}

/// The error that stands for "it takes …" with the allowed values of the row.
fn not_allowed() -> String {
    String::new()
}

const fn setting(name: &'static str, texts: [&'static str; 2], read: ReadValue, show: ShowValue) -> SettingRow {
    let [allowed, help] = texts;
    SettingRow { name, help, allowed, sample: "", in_demo: true, live: true, set: read, get: show }
}

type ReadValue = fn(&mut Settings, &WrittenValue) -> Result<(), String>;
type ShowValue = fn(&Settings) -> Option<toml::Value>;

/// Every setting, in the order of the example.
pub static SETTINGS: &[SettingRow] = &[
    SettingRow {
        sample: "\"https://relay.example/\"",
        in_demo: false,
        live: false,
        ..setting(
            "relay",
            ["an address, http://HOST:PORT or https://HOST:PORT", "The relay's address."],
            |settings, given| {
                let url = given.text().and_then(|it| Url::parse(it).ok());
                settings.relay =
                    Some(url.filter(|it| matches!(it.scheme(), "http" | "https")).ok_or_else(not_allowed)?);
                Ok(())
            },
            |settings| settings.relay.as_ref().map(|it| it.as_str().into()),
        )
    },
    SettingRow {
        sample: "\"operator.token\"",
        in_demo: false,
        live: false,
        ..setting(
            "token-file",
            [PATH, "A file with the operator's token, readable by its owner only. CALLBOARD_TOKEN takes precedence."],
            |settings, given| path(given).map(|it| settings.token_file = Some(it)),
            |settings| settings.token_file.as_ref().map(|it| it.to_string_lossy().into_owned().into()),
        )
    },
    SettingRow {
        sample: "\"relay-ca.pem\"",
        in_demo: false,
        live: false,
        ..setting(
            "ca-file",
            [PATH, "A PEM file with the only certificate authorities to trust for the relay, for a private authority."],
            |settings, given| path(given).map(|it| settings.ca_file = Some(it)),
            |settings| settings.ca_file.as_ref().map(|it| it.to_string_lossy().into_owned().into()),
        )
    },
    SettingRow {
        in_demo: false,
        live: false,
        ..setting(
            "read-only",
            [TRUTH, "Read-only: every act is off until you turn acts on."],
            |settings, given| truth(given).map(|it| settings.read_only = it),
            |it| Some(it.read_only.into()),
        )
    },
    setting(
        "theme",
        [
            "auto, default, dark, light, high-contrast, colour-blind, mono or ascii",
            "The colour theme; auto goes by the terminal. NO_COLOR in the environment selects mono.",
        ],
        |settings, given| {
            let named = THEMES.iter().find(|it| given.text() == Some(*it));
            named.map(|it| settings.theme = it).ok_or_else(not_allowed)
        },
        |it| Some(it.theme.into()),
    ),
    setting(
        "zone",
        [ZONE, "The zone that times of day are shown in; local is that of this machine, or of TZ."],
        |settings, given| {
            settings.zone = ZoneSetting::parse(given.text().ok_or_else(not_allowed)?)?;
            Ok(())
        },
        |it| Some(it.zone.name().into()),
    ),
    SettingRow {
        live: false,
        ..setting(
            "mouse",
            [TRUTH, "A click selects a row, and the wheel scrolls. Hold Shift to select text in the terminal."],
            |settings, given| truth(given).map(|it| settings.mouse = it),
            |it| Some(it.mouse.into()),
        )
    },
    setting(
        "fast",
        [TRUTH, "Send mute, release and self for the selected row without a confirmation. :fast switches it."],
        |settings, given| {
            truth(given).map(|it| settings.confirm_mode = if it { ConfirmMode::Fast } else { ConfirmMode::Confirming })
        },
        |it| Some((it.confirm_mode == ConfirmMode::Fast).into()),
    ),
    setting(
        "confirm-delay",
        [
            DELAY,
            "A question, or a word typed to confirm, takes its answer when it was on the screen and no key came for this \
             long; 0 means at once.",
        ],
        |settings, given| delay(given).map(|it| settings.confirm_delay = it),
        |it| Some(it.confirm_delay.0.into()),
    ),
    setting(
        "fast-delay",
        [
            DELAY,
            "An act of FAST, quitting and the end of privacy mode wait this long for another key, which makes them ask; \
             0 means at once.",
        ],
        |settings, given| delay(given).map(|it| settings.fast_delay = it),
        |it| Some(it.fast_delay.0.into()),
    ),
    setting(
        "idle-lock",
        ["whole minutes from 0 to 1440", "Acts go off after this long without a key press; 0 means never."],
        |settings, given| {
            let minutes = given.number().filter(|it| (0..=1_440).contains(it)).ok_or_else(not_allowed)?;
            settings.idle_lock = (minutes > 0).then(|| Millis::minutes(minutes));
            Ok(())
        },
        |settings| Some(settings.idle_lock.map_or(0, |it| it.0 / 60_000).into()),
    ),
    setting(
        "notice",
        [
            "off, bell or osc9",
            "How to announce each wait that becomes critical: the terminal's bell, or a notification (OSC 9).",
        ],
        |settings, given| {
            settings.notice = given.text().and_then(NoticeMethod::named).ok_or_else(not_allowed)?;
            Ok(())
        },
        |it| Some(it.notice.name().into()),
    ),
    setting(
        "hold-warning",
        [SECONDS, "A hold becomes a warning after this time."],
        |settings, given| seconds(given).map(|it| settings.limits.hold_warning = it),
        |it| Some(shown(it.limits.hold_warning)),
    ),
    setting(
        "hold-critical",
        [SECONDS, "A hold becomes critical after this time, which is not less than hold-warning."],
        |settings, given| seconds(given).map(|it| settings.limits.hold_critical = it),
        |it| Some(shown(it.limits.hold_critical)),
    ),
    setting(
        "lobby-warning",
        [SECONDS, "A wait in the lobby becomes a warning after this time."],
        |settings, given| seconds(given).map(|it| settings.limits.lobby_warning = it),
        |it| Some(shown(it.limits.lobby_warning)),
    ),
    setting(
        "lobby-critical",
        [SECONDS, "A wait in the lobby becomes critical after this time, which is not less than lobby-warning."],
        |settings, given| seconds(given).map(|it| settings.limits.lobby_critical = it),
        |it| Some(shown(it.limits.lobby_critical)),
    ),
    setting(
        "quiet",
        [SECONDS, "A call without news for this time is marked quiet."],
        |settings, given| seconds(given).map(|it| settings.limits.quiet = it),
        |it| Some(shown(it.limits.quiet)),
    ),
    columns(
        ["calls-columns", "The columns of the calls pane."],
        |settings, given| set_columns(settings, Pane::Calls, given),
        |it| Some(it.columns.list(Pane::Calls).into()),
    ),
    columns(
        ["participants-columns", "The columns of the participants pane."],
        |settings, given| set_columns(settings, Pane::Participants, given),
        |it| Some(it.columns.list(Pane::Participants).into()),
    ),
    columns(
        ["operations-columns", "The columns of the operations pane."],
        |settings, given| set_columns(settings, Pane::Operations, given),
        |it| Some(it.columns.list(Pane::Operations).into()),
    ),
    sort(
        ["calls-sort", "\"-age\"", "The sort order of the calls; without it, the worst wait comes first."],
        |settings, given| set_sort(settings, Pane::Calls, given),
        |it| sort_value(it, Pane::Calls),
    ),
    sort(
        [
            "participants-sort",
            "\"name\"",
            "The sort order of the participants; without it, the first to join comes first.",
        ],
        |settings, given| set_sort(settings, Pane::Participants, given),
        |it| sort_value(it, Pane::Participants),
    ),
    sort(
        ["operations-sort", "\"target\"", "The sort order of the operations; without it, the newest comes first."],
        |settings, given| set_sort(settings, Pane::Operations, given),
        |it| sort_value(it, Pane::Operations),
    ),
    filter(
        ["calls-filter", "\"is:held\"", "The calls to show; without it, all."],
        |settings, given| set_filter(settings, Pane::Calls, given),
        |it| filter_value(it, Pane::Calls),
    ),
    filter(
        ["participants-filter", "\"!is:left\"", "The participants to show; without it, all."],
        |settings, given| set_filter(settings, Pane::Participants, given),
        |it| filter_value(it, Pane::Participants),
    ),
    filter(
        ["operations-filter", "\"by:dana\"", "The operations to show; without it, all."],
        |settings, given| set_filter(settings, Pane::Operations, given),
        |it| filter_value(it, Pane::Operations),
    ),
];

const PATH: &str = "a file path; a relative one starts in the folder of the settings file";

const fn columns(texts: [&'static str; 2], read: ReadValue, show: ShowValue) -> SettingRow {
    let [name, help] = texts;
    setting(name, [COLUMNS, help], read, show)
}

const fn sort(texts: [&'static str; 3], read: ReadValue, show: ShowValue) -> SettingRow {
    let [name, sample, help] = texts;
    SettingRow { sample, ..setting(name, [SORT, help], read, show) }
}

/// The demo ignores filters: they are made for other calls.
const fn filter(texts: [&'static str; 3], read: ReadValue, show: ShowValue) -> SettingRow {
    let [name, sample, help] = texts;
    SettingRow { sample, in_demo: false, ..setting(name, [FILTER, help], read, show) }
}

fn path(given: &WrittenValue) -> Result<std::path::PathBuf, String> {
    given.text().filter(|it| !it.is_empty()).map(Into::into).ok_or_else(not_allowed)
}

fn truth(given: &WrittenValue) -> Result<bool, String> {
    given.boolean().ok_or_else(not_allowed)
}

fn seconds(given: &WrittenValue) -> Result<Millis, String> {
    given.number().filter(|it| (1..=86_400).contains(it)).map(Millis::seconds).ok_or_else(not_allowed)
}

fn delay(given: &WrittenValue) -> Result<Millis, String> {
    given.number().filter(|it| (0..=5_000).contains(it)).map(Millis).ok_or_else(not_allowed)
}

fn shown(span: Millis) -> toml::Value {
    (span.0 / 1_000).into()
}

fn set_columns(settings: &mut Settings, pane: Pane, given: &WrittenValue) -> Result<(), String> {
    settings.columns.set_from_list(pane, &given.list().ok_or_else(not_allowed)?)
}

fn set_sort(settings: &mut Settings, pane: Pane, given: &WrittenValue) -> Result<(), String> {
    let sort = PaneSort::parse(pane, given.text().ok_or_else(not_allowed)?)?;
    settings.sorts.retain(|(it, _)| *it != pane);
    settings.sorts.push((pane, sort));
    Ok(())
}

fn sort_value(settings: &Settings, pane: Pane) -> Option<toml::Value> {
    let (_, sort) = settings.sorts.iter().find(|(it, _)| *it == pane)?;
    Some(format!("{}{}", if sort.reversed { "-" } else { "" }, sort.by.name).into())
}

/// Sets a filter; an empty one removes the filter of an earlier layer.
fn set_filter(settings: &mut Settings, pane: Pane, given: &WrittenValue) -> Result<(), String> {
    let filter = Filter::parse(pane, given.text().ok_or_else(not_allowed)?).map_err(|it| it.to_string())?;
    settings.filters.retain(|(it, _)| *it != pane);
    settings.filters.extend(filter.map(|it| (pane, it)));
    Ok(())
}

fn filter_value(settings: &Settings, pane: Pane) -> Option<toml::Value> {
    settings.filters.iter().find(|(it, _)| *it == pane).map(|(_, it)| it.text().into())
}
