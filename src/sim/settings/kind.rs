//! The definition of a setting: its name, its allowed values, and the source of its default. Pure.

use serde::Serialize;
use serde_json::{Value, json};

/// A row of the table of settings.
#[derive(Debug, Clone, Copy)]
pub struct SettingSpec {
    /// Its name on the wire and on the command line.
    pub name: &'static str,
    /// The allowed values.
    pub kind: SettingKind,
    /// Its group in the listing.
    pub group: SettingGroup,
    /// The source of its default.
    pub evidence: SettingEvidence,
    /// Its purpose in a sentence, with a leading space.
    pub(super) help: &'static str,
}

/// The allowed values of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingKind {
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A whole number.
    Number {
        /// The smallest number.
        least: i64,
        /// The largest number.
        most: i64,
        /// The unit of the number.
        unit: &'static str,
    },
    /// A number between 0 and 1.
    Share,
    /// A list of texts.
    List {
        /// The allowed texts; an empty list allows any text.
        words: &'static [&'static str],
    },
}

/// The topic of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum SettingGroup {
    /// A choice that the documentation leaves open.
    Open,
    /// An alternative JSON form.
    Wire,
    /// A fault to inject.
    Fault,
}

/// The source of a default or a behaviour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum SettingEvidence {
    /// Microsoft's documentation pages.
    D,
    /// The metadata of the service.
    M,
    /// The reference or the samples of Microsoft's SDK.
    S,
    /// An observation in the field.
    O,
    /// An inference without a source, unverified.
    I,
}

impl SettingEvidence {
    /// Describes the source in words.
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

/// The maximum number of texts of a list, and the longest.
pub(super) const LONGEST: usize = 128;

impl SettingKind {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Choice(_) => "choice",
            Self::Number { .. } => "number",
            Self::Share => "share",
            Self::List { .. } => "list",
        }
    }

    /// Describes the allowed values.
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

    /// Validates a value, and returns it in its stored form. The error contains the first word that is not allowed, if
    /// the setting consists of words.
    pub(super) fn read(self, given: &Value) -> Result<Value, Option<String>> {
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
                let short = |words: &Vec<&str>| words.len() <= LONGEST && words.iter().all(|it| it.len() <= LONGEST);
                let texts = texts.filter(short).ok_or(None)?;
                match texts.iter().find(|it| !words.is_empty() && !words.contains(it)) {
                    Some(wrong) => Err(Some((*wrong).to_owned())),
                    None => Ok(json!(texts)),
                }
            }
        }
    }

    pub(super) const fn words(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Choice(words) => Some(words),
            Self::List { words } if !words.is_empty() => Some(words),
            Self::List { .. } | Self::Number { .. } | Self::Share => None,
        }
    }
}

impl SettingSpec {
    /// Returns its purpose in a sentence.
    #[must_use]
    pub fn help(&self) -> &'static str {
        self.help.trim()
    }
}
