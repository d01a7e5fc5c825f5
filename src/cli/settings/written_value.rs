//! A value as it was written, before its setting parses it.

use toml::de::DeValue;

/// A value as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WrittenValue {
    /// A string of the file.
    Text(String),
    /// Text from a flag or a variable, where numbers and booleans are text too.
    Untyped(String),
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Number(i64),
    /// A list of strings.
    List(Vec<String>),
    /// A kind of value that no setting takes, as a phrase.
    Other(&'static str),
}

impl WrittenValue {
    pub(super) fn of(value: &DeValue<'_>) -> Self {
        match value {
            DeValue::String(text) => Self::Text(text.to_string()),
            DeValue::Boolean(truth) => Self::Boolean(*truth),
            DeValue::Integer(number) => {
                let read = i64::from_str_radix(number.as_str(), number.radix());
                read.map_or(Self::Other("a number that is too large"), Self::Number)
            }
            DeValue::Array(list) => {
                let texts: Option<Vec<String>> =
                    list.iter().map(|it| it.get_ref().as_str().map(str::to_owned)).collect();
                texts.map_or(Self::Other("a list with something other than strings"), Self::List)
            }
            DeValue::Float(_) => Self::Other("a number with a fraction"),
            DeValue::Datetime(_) => Self::Other("a date"),
            DeValue::Table(_) => Self::Other("a table"),
        }
    }

    /// Returns the value as it was written, for an error.
    pub(super) fn quoted(&self) -> String {
        match self {
            Self::Text(text) | Self::Untyped(text) => format!("{text:?}"),
            Self::Boolean(truth) => truth.to_string(),
            Self::Number(number) => number.to_string(),
            Self::List(list) => format!("{list:?}"),
            Self::Other(what) => (*what).to_owned(),
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Untyped(text) => Some(text),
            Self::Boolean(_) | Self::Number(_) | Self::List(_) | Self::Other(_) => None,
        }
    }

    pub(super) fn boolean(&self) -> Option<bool> {
        match self {
            Self::Boolean(truth) => Some(*truth),
            Self::Untyped(word) => word.parse().ok(),
            Self::Text(_) | Self::Number(_) | Self::List(_) | Self::Other(_) => None,
        }
    }

    pub(super) fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Untyped(word) => word.parse().ok(),
            Self::Text(_) | Self::Boolean(_) | Self::List(_) | Self::Other(_) => None,
        }
    }

    /// Returns a string, or a list of strings joined with commas.
    pub(super) fn list(&self) -> Option<String> {
        match self {
            Self::Text(text) | Self::Untyped(text) => Some(text.clone()),
            Self::List(list) => Some(list.join(", ")),
            Self::Boolean(_) | Self::Number(_) | Self::Other(_) => None,
        }
    }

    /// Returns the keys of a command: one string, or a list.
    pub(super) fn presses(&self) -> Option<Vec<String>> {
        match self {
            Self::Text(text) => Some(vec![text.clone()]),
            Self::List(list) => Some(list.clone()),
            Self::Untyped(_) | Self::Boolean(_) | Self::Number(_) | Self::Other(_) => None,
        }
    }
}
