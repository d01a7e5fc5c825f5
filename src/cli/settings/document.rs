//! Parses a settings file: its sections, their values and places, and every fault at once.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{SETTINGS, SettingFault, SettingOrigin, SettingPlace, SettingRow, Settings, WrittenValue};
use crate::desk::{KEYS, KeyBinding, Keymap, nearest};

/// The setting or the command that a value belongs to.
#[derive(Debug, Clone, Copy)]
pub(super) enum SettingName {
    Setting(&'static SettingRow),
    Key(&'static KeyBinding),
}

/// One value of a section.
#[derive(Debug, Clone)]
pub(super) struct SettingLine {
    pub(super) name: SettingName,
    pub(super) value: WrittenValue,
    pub(super) place: SettingPlace,
}

/// A parsed settings file.
#[derive(Debug, Default)]
pub struct SettingsDocument {
    pub(super) values: Vec<SettingLine>,
    pub(super) profiles: BTreeMap<String, Vec<SettingLine>>,
    /// Unknown names, which are ignored.
    pub warnings: Vec<SettingFault>,
}

/// The sections of a file.
const SECTIONS: [&str; 3] = ["console", "keys", "profiles"];

impl SettingsDocument {
    /// Parses a text. Unknown names are warnings; each value is checked, whether its profile is used or not.
    ///
    /// # Errors
    /// Every value that its setting does not allow, or the place where the text is not TOML.
    pub fn parse(text: &str) -> Result<Self, Vec<SettingFault>> {
        let table = DeTable::parse(text).map_err(|error| {
            let place = error.span().map(|it| place(text, it.start)).unwrap_or_default();
            vec![SettingFault { origin: SettingOrigin::File(place), text: error.message().to_owned() }]
        })?;
        let mut reader = DocumentReader { text, document: Self::default(), faults: Vec::new() };
        for (name, value) in table.get_ref() {
            reader.section(name, value);
        }
        let DocumentReader { mut document, mut faults, .. } = reader;
        document.warnings.sort_by_key(SettingFault::place);
        faults.sort_by_key(SettingFault::place);
        if faults.is_empty() { Ok(document) } else { Err(faults) }
    }

    /// Returns the names of its profiles.
    pub fn profiles(&self) -> impl Iterator<Item = &str> {
        self.profiles.keys().map(String::as_str)
    }

    /// Returns how many values it has, in profiles and outside.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len() + self.profiles.values().map(Vec::len).sum::<usize>()
    }

    /// Whether it has no values.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

struct DocumentReader<'t> {
    text: &'t str,
    document: SettingsDocument,
    faults: Vec<SettingFault>,
}

type ValueMarker<'t> = Spanned<DeValue<'t>>;
type WordMarker<'t> = Spanned<std::borrow::Cow<'t, str>>;

impl DocumentReader<'_> {
    fn section(&mut self, name: &WordMarker<'_>, value: &ValueMarker<'_>) {
        let known = SECTIONS.iter().find(|it| **it == name.get_ref());
        let (Some(known), Some(table)) = (known, value.get_ref().as_table()) else {
            return match known {
                Some(known) => self.fault(value, format!("{known}: it is a section, [{known}]")),
                None if SettingRow::named(name.get_ref()).is_some() => {
                    self.warn(
                        name,
                        format!("{:?} is outside of a section: it belongs below [console]", name.get_ref()),
                    );
                }
                None => self.unknown(name, "section", nearest(SECTIONS.into_iter(), name.get_ref())),
            };
        };
        let mut said = Vec::new();
        match *known {
            "console" => self.console(table, false, &mut said),
            "keys" => self.keys(table, &mut said),
            _ => {
                for (name, value) in table {
                    let mut said = Vec::new();
                    match value.get_ref().as_table() {
                        Some(table) => self.console(table, true, &mut said),
                        None => {
                            self.fault(value, format!("profiles: it takes sections, [profiles.{}]", name.get_ref()));
                        }
                    }
                    self.document.profiles.insert(name.get_ref().to_string(), said);
                }
            }
        }
        self.document.values.extend(said);
    }

    fn console(&mut self, table: &DeTable<'_>, profile: bool, said: &mut Vec<SettingLine>) {
        for (name, value) in table {
            if profile && name.get_ref() == "keys" {
                match value.get_ref().as_table() {
                    Some(table) => self.keys(table, said),
                    None => self.fault(value, "keys: it is a section, [profiles.NAME.keys]".to_owned()),
                }
                continue;
            }
            let Some(setting) = SettingRow::named(name.get_ref()) else {
                self.unknown(name, "setting", nearest(SETTINGS.iter().map(|it| it.name), name.get_ref()));
                continue;
            };
            let given = WrittenValue::of(value.get_ref());
            match setting.set(&mut Settings::default(), &given) {
                Ok(()) => {
                    said.push(SettingLine {
                        name: SettingName::Setting(setting),
                        value: given,
                        place: self.place(value),
                    });
                }
                Err(why) => self.fault(value, why),
            }
        }
    }

    fn keys(&mut self, table: &DeTable<'_>, said: &mut Vec<SettingLine>) {
        for (name, value) in table {
            let Some(key) = KeyBinding::named(name.get_ref()) else {
                self.unknown(name, "command", nearest(KEYS.iter().map(|it| it.name), name.get_ref()));
                continue;
            };
            let given = WrittenValue::of(value.get_ref());
            let Some(presses) = given.presses() else {
                let text = format!("{}: it takes a key or a list of keys, not {}", key.name, given.quoted());
                self.fault(value, text);
                continue;
            };
            // Two commands with the same key are found once all layers are merged.
            match Keymap::with([(key.name, presses)]) {
                Err(error @ (crate::desk::KeymapError::Press { .. } | crate::desk::KeymapError::Fixed(_))) => {
                    self.fault(value, error.to_string());
                }
                Ok(_) | Err(_) => {
                    said.push(SettingLine { name: SettingName::Key(key), value: given, place: self.place(value) });
                }
            }
        }
    }

    fn unknown(&mut self, name: &WordMarker<'_>, what: &str, nearest: &str) {
        self.warn(name, format!("there is no {what} {:?}; the nearest is {nearest:?}", name.get_ref()));
    }

    fn warn(&mut self, name: &WordMarker<'_>, text: String) {
        let place = place(self.text, name.span().start);
        self.document.warnings.push(SettingFault { origin: SettingOrigin::File(place), text });
    }

    fn fault(&mut self, value: &ValueMarker<'_>, text: String) {
        self.faults.push(SettingFault { origin: SettingOrigin::File(self.place(value)), text });
    }

    fn place(&self, value: &ValueMarker<'_>) -> SettingPlace {
        place(self.text, value.span().start)
    }
}

/// Returns the line and column of a byte.
fn place(text: &str, at: usize) -> SettingPlace {
    let before = text.get(..at).unwrap_or(text);
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    SettingPlace { line: before.matches('\n').count() + 1, column }
}
