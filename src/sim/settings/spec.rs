//! One setting: what it takes, where its default comes from, and how a wrong name or value is refused. Pure.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{SETTINGS, SimSettings};

/// A row of the table of settings.
#[derive(Debug, Clone, Copy)]
pub struct SettingSpec {
    /// Its name on the wire and on the command line.
    pub name: &'static str,
    /// What it takes.
    pub kind: SettingKind,
    /// What it is about.
    pub group: SettingGroup,
    /// Where its default comes from.
    pub evidence: SettingEvidence,
    /// What it is for: a sentence, after a space.
    pub(crate) help: &'static str,
}

/// What a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingKind {
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A whole number.
    Number {
        /// The smallest.
        least: i64,
        /// The largest.
        most: i64,
        /// What it counts.
        unit: &'static str,
    },
    /// A number between 0 and 1.
    Share,
    /// Some texts.
    List {
        /// The ones to choose from; any text when there are none.
        words: &'static [&'static str],
    },
}

/// What a setting is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum SettingGroup {
    /// What the documentation leaves open.
    Open,
    /// How the wire may spell.
    Wire,
    /// A fault to rehearse.
    Fault,
}

/// Where a default or a behaviour comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum SettingEvidence {
    /// Official documentation.
    D,
    /// The metadata of the service.
    M,
    /// Reference or samples of the vendor's SDK.
    S,
    /// Observed in the field.
    O,
    /// Inferred: nothing says so, unverified.
    I,
}

impl SettingEvidence {
    /// What the letter stands for.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::D => "documented",
            Self::M => "from the metadata",
            Self::S => "from the SDK",
            Self::O => "observed",
            Self::I => "unverified",
        }
    }
}

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

/// The most texts of a list, and the longest.
const LONGEST: usize = 128;

impl SettingKind {
    const fn word(self) -> &'static str {
        match self {
            Self::Choice(_) => "choice",
            Self::Number { .. } => "number",
            Self::Share => "share",
            Self::List { .. } => "list",
        }
    }

    /// What it takes, in words.
    #[must_use]
    pub fn takes(self) -> String {
        match self {
            Self::Choice(words) => words.join(" | "),
            Self::Number { least, most, unit } => format!("{least} to {most} {unit}"),
            Self::Share => "0 to 1".to_owned(),
            Self::List { words: [] } => "texts, with commas between".to_owned(),
            Self::List { words } => format!("with commas between: {}", words.join(", ")),
        }
    }

    /// The value as it is kept, or the word that is wrong.
    fn read(self, given: &Value) -> Result<Value, Option<String>> {
        let fits = |fits: bool| if fits { Ok(given.clone()) } else { Err(None) };
        match self {
            Self::Choice(words) => match given.as_str() {
                Some(word) if words.contains(&word) => Ok(given.clone()),
                other => Err(other.map(str::to_owned)),
            },
            Self::Number { least, most, .. } => fits(given.as_i64().is_some_and(|it| (least..=most).contains(&it))),
            Self::Share => fits(given.as_f64().is_some_and(|it| (0.0..=1.0).contains(&it))),
            Self::List { words } => {
                let texts: Option<Vec<&str>> = match given {
                    Value::String(text) => Some(text.split(',').map(str::trim).filter(|it| !it.is_empty()).collect()),
                    Value::Array(items) => items.iter().map(Value::as_str).collect(),
                    Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
                };
                let short = |it: &Vec<&str>| it.len() <= LONGEST && it.iter().all(|it| it.len() <= LONGEST);
                let texts = texts.filter(short).ok_or(None)?;
                match texts.iter().find(|it| !words.is_empty() && !words.contains(it)) {
                    Some(wrong) => Err(Some((*wrong).to_owned())),
                    None => Ok(json!(texts)),
                }
            }
        }
    }

    const fn words(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Choice(words) => Some(words),
            Self::List { words } if !words.is_empty() => Some(words),
            Self::List { .. } | Self::Number { .. } | Self::Share => None,
        }
    }
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

    /// What it is for: a sentence.
    #[must_use]
    pub fn help(&self) -> &'static str {
        self.help.trim()
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
