//! Settings by name: changed, explained, and refused with the nearest word. Pure.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::kind::{LONGEST, SettingEvidence, SettingGroup, SettingKind, SettingSpec};
use super::table::{SETTINGS, SimSettings};

/// A setting and its value, as the control API and `--explain` show it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExplainedSetting {
    /// Its name.
    pub name: &'static str,
    /// Its value now.
    pub value: Value,
    /// Its value unless set.
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
    /// What a number counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<&'static str>,
    /// Where its default comes from.
    pub evidence: SettingEvidence,
    /// What it is about.
    pub group: SettingGroup,
    /// What it is for.
    pub help: &'static str,
}

impl ExplainedSetting {
    /// What it takes, in words.
    #[must_use]
    pub fn takes(&self) -> String {
        self.takes.takes()
    }
}

/// A setting cannot be set so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// There is none of this name.
    #[error("there is no setting {name:?}; the nearest is {nearest} (callboard sim --explain lists them all)")]
    Unknown {
        /// The name.
        name: String,
        /// The setting whose name is nearest.
        nearest: &'static str,
    },
    /// It does not take this.
    #[error("{name} cannot be {given}: it takes {takes}{nearest}")]
    Value {
        /// The setting.
        name: &'static str,
        /// What was given, as JSON; at most 80 characters.
        given: String,
        /// What it takes.
        takes: String,
        /// A clause that names the nearest word, or nothing.
        nearest: String,
    },
    /// The settings do not read.
    #[error("the settings do not read: {0}")]
    Shape(String),
}

impl SettingSpec {
    /// The setting of this name.
    ///
    /// # Errors
    /// When there is none; names the nearest one.
    pub fn named(name: &str) -> Result<&'static Self, SettingError> {
        let found = SETTINGS.iter().find(|it| it.name == name);
        found.ok_or_else(|| {
            let nearest = nearest(name, SETTINGS.iter().map(|it| it.name)).unwrap_or_default();
            SettingError::Unknown { name: shortened(name), nearest }
        })
    }

    /// The value as it is kept.
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
    /// These settings with some of them changed.
    ///
    /// # Errors
    /// When a name is not known or a value does not fit; then nothing is changed.
    pub fn changed(&self, changes: &Map<String, Value>) -> Result<Self, SettingError> {
        let mut all = json!(self);
        for (name, given) in changes {
            let setting = SettingSpec::named(name)?;
            let value = setting.read(given)?;
            if let Value::Object(members) = &mut all {
                members.insert(setting.name.to_owned(), value);
            }
        }
        serde_json::from_value(all).map_err(|error| SettingError::Shape(error.to_string()))
    }

    /// Every setting with its value, in the order of the table.
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

/// The word that is spelled most like this one.
fn nearest(text: &str, words: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    let text: String = text.to_lowercase().chars().take(LONGEST).collect();
    words.min_by_key(|it| strsim::damerau_levenshtein(&text, &it.to_lowercase()))
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= 80 { text.to_owned() } else { text.chars().take(79).chain(['…']).collect() }
}
