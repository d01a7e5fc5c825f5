//! Changes and explains settings by name. An error names the nearest word. Pure.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::kind::{LONGEST, SettingEvidence, SettingGroup, SettingKind, SettingSpec};
use super::presets::{FaultPreset, PRESETS};
use super::table::{SETTINGS, SimSettings};

/// A setting and its value, as the control API and `--explain` show it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExplainedSetting {
    /// The name of the setting.
    pub name: &'static str,
    /// The current value.
    pub value: Value,
    /// The default value.
    pub default: Value,
    /// `choice`, `number`, `share` or `list`.
    pub kind: &'static str,
    #[serde(skip)]
    takes: SettingKind,
    /// The words of a choice or a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choices: Option<&'static [&'static str]>,
    /// The smallest number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub least: Option<i64>,
    /// The largest number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most: Option<i64>,
    /// The unit of a number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<&'static str>,
    /// The source of its default.
    pub evidence: SettingEvidence,
    /// Its group in the listing.
    pub group: SettingGroup,
    /// Its purpose: a sentence.
    pub help: &'static str,
}

impl ExplainedSetting {
    /// Describes the allowed values.
    #[must_use]
    pub fn takes(&self) -> String {
        self.takes.takes()
    }
}

/// The reason why a setting cannot be changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// There is no setting of this name.
    #[error("there is no setting {name:?}; the nearest is {nearest} (callboard sim --explain lists them all)")]
    Unknown {
        /// The name that was given.
        name: String,
        /// The setting whose name is nearest.
        nearest: &'static str,
    },
    /// The setting does not allow the value.
    #[error("{name} cannot be {given}: it takes {takes}{nearest}")]
    Value {
        /// The name of the setting.
        name: &'static str,
        /// The value that was given, as JSON; at most 80 characters.
        given: String,
        /// A description of the allowed values.
        takes: String,
        /// A clause with the nearest word, or an empty text.
        nearest: String,
    },
    /// The changed settings cannot be deserialized.
    #[error("the settings cannot be read: {0}")]
    Shape(String),
}

impl SettingSpec {
    /// Returns the setting of this name.
    ///
    /// Fails if no setting has this name. The error contains the nearest name.
    pub(crate) fn named(name: &str) -> Result<&'static Self, SettingError> {
        let found = SETTINGS.iter().find(|it| it.name == name);
        found.ok_or_else(|| {
            let names = SETTINGS.iter().map(|it| it.name).chain(PRESETS.iter().map(|it| it.name));
            let nearest = nearest(name, names).unwrap_or_default();
            SettingError::Unknown { name: shortened(name), nearest }
        })
    }

    /// Validates a value, and returns it in its stored form.
    fn read(&self, given: &Value) -> Result<Value, SettingError> {
        self.kind.read(given).map_err(|wrong| {
            let words = self.kind.words().unwrap_or_default().iter().copied();
            let nearest = wrong.and_then(|it| nearest(&it, words));
            SettingError::Value {
                name: self.name,
                given: shortened(&given.to_string()),
                takes: self.kind.takes(),
                nearest: nearest.map(|it| format!("; the nearest is {it}")).unwrap_or_default(),
            }
        })
    }
}

impl SimSettings {
    /// Returns these settings with the changes applied: first the presets, then the settings by name.
    ///
    /// # Errors
    /// Fails if a name is unknown or a value is not allowed.
    pub fn changed(&self, changes: &Map<String, Value>) -> Result<Self, SettingError> {
        let mut switched = self.clone();
        for (name, given) in changes {
            let Some(preset) = FaultPreset::named(name) else { continue };
            let on = preset_value(preset, given)?;
            switched = preset.switched(&switched, on);
        }
        let mut all = json!(switched);
        for (name, given) in changes.iter().filter(|(name, _)| FaultPreset::named(name).is_none()) {
            let setting = SettingSpec::named(name)?;
            let value = setting.read(given)?;
            if let Value::Object(members) = &mut all {
                members.insert(setting.name.to_owned(), value);
            }
        }
        serde_json::from_value(all).map_err(|error| SettingError::Shape(error.to_string()))
    }

    /// Returns every setting with its value, in the order of the table.
    #[must_use]
    pub fn explained(&self) -> Vec<ExplainedSetting> {
        let (values, defaults) = (json!(self), json!(Self::default()));
        let of = |all: &Value, name: &str| all.get(name).cloned().unwrap_or_default();
        let explained = SETTINGS.iter().map(|it| {
            let (least, most, unit) = match it.kind {
                SettingKind::Number { least, most, unit } => (Some(least), Some(most), Some(unit)),
                SettingKind::Choice(_) | SettingKind::Share | SettingKind::List { .. } => (None, None, None),
            };
            ExplainedSetting {
                name: it.name,
                value: of(&values, it.name),
                default: of(&defaults, it.name),
                kind: it.kind.word(),
                takes: it.kind,
                choices: it.kind.words(),
                least,
                most,
                unit,
                evidence: it.evidence,
                group: it.group,
                help: it.help(),
            }
        });
        explained.collect()
    }
}

/// Reads whether a preset is switched on: `true` or `false`, also as a text, as the command line writes it.
fn preset_value(preset: &FaultPreset, given: &Value) -> Result<bool, SettingError> {
    let on = given.as_bool().or_else(|| given.as_str()?.parse().ok());
    on.ok_or_else(|| SettingError::Value {
        name: preset.name,
        given: shortened(&given.to_string()),
        takes: "true | false".to_owned(),
        nearest: String::new(),
    })
}

/// Returns the word with the most similar spelling.
fn nearest(text: &str, words: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    let text: String = text.to_lowercase().chars().take(LONGEST).collect();
    words.min_by_key(|it| strsim::damerau_levenshtein(&text, &it.to_lowercase()))
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= 80 { text.to_owned() } else { text.chars().take(79).chain(['…']).collect() }
}
