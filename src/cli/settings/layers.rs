//! Merges the layers of settings, value by value: the later layer wins.

use std::collections::BTreeMap;

use super::document::{SettingLine, SettingName};
use super::{SETTINGS, SettingFault, SettingOrigin, SettingRow, Settings, SettingsDocument, WrittenValue};
use crate::desk::{KeyBinding, Keymap, KeymapError, nearest};

/// The layers: file, profile, environment and flags.
#[derive(Clone, Copy)]
pub struct SettingLayers<'a> {
    /// The settings file; an empty document without one.
    pub document: &'a SettingsDocument,
    /// The profile to apply, by name.
    pub profile: Option<&'a str>,
    /// The environment: the value of a variable.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// The flags on the command line: the name of the setting, and its text.
    pub flags: &'a [(&'static str, String)],
    /// Whether the settings are for the demo, which ignores the relay, the token and whatever acts on real calls.
    pub demo: bool,
}

/// The merged settings, each with its origin.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ResolvedSettings {
    /// The merged settings.
    pub settings: Settings,
    /// Where the value of each setting comes from, by the setting's name; a setting that is not here has its default.
    origins: BTreeMap<&'static str, SettingOrigin>,
    /// Where the keys of each command come from, by the command's name. A command may share its name with a setting.
    key_origins: BTreeMap<&'static str, SettingOrigin>,
}

impl ResolvedSettings {
    /// Returns the origin of the setting of this name.
    #[must_use]
    pub fn origin(&self, name: &str) -> SettingOrigin {
        self.origins.get(name).cloned().unwrap_or_default()
    }

    /// Returns the origin of the keys of the command of this name.
    #[must_use]
    pub fn key_origin(&self, name: &str) -> SettingOrigin {
        self.key_origins.get(name).cloned().unwrap_or_default()
    }

    /// Returns the commands that have keys in the settings, by name.
    pub fn keys(&self) -> impl Iterator<Item = &'static KeyBinding> {
        self.key_origins.keys().filter_map(|it| KeyBinding::named(it))
    }

    fn set(
        &mut self,
        setting: &'static SettingRow,
        given: &WrittenValue,
        origin: SettingOrigin,
    ) -> Result<(), SettingFault> {
        let done = setting.set(&mut self.settings, given);
        done.map_err(|text| SettingFault { origin: origin.clone(), text })?;
        self.origins.insert(setting.name, origin);
        Ok(())
    }
}

impl SettingLayers<'_> {
    /// Merges the layers.
    ///
    /// The error is the first fault: an unknown profile, a wrong flag or variable, or values that contradict each other.
    pub(crate) fn resolve(&self) -> Result<ResolvedSettings, SettingFault> {
        let mut resolved = ResolvedSettings::default();
        let mut keys = BTreeMap::new();
        for (said, origin) in self.file_and_profile()? {
            match said.name {
                SettingName::Key(key) => {
                    drop(keys.insert(key.name, (said.value.presses().unwrap_or_default(), origin)));
                }
                SettingName::Setting(setting) if self.demo && !setting.in_demo => {}
                SettingName::Setting(setting) => resolved.set(setting, &said.value, origin)?,
            }
        }
        for setting in SETTINGS.iter().filter(|it| it.in_demo || !self.demo) {
            let variable = setting.variable();
            if let Some(text) = (self.environment)(&variable).filter(|it| !it.is_empty()) {
                resolved.set(setting, &WrittenValue::Untyped(text), SettingOrigin::Environment(variable))?;
            }
        }
        for (name, text) in self.flags {
            if let Some(setting) = SettingRow::named(name) {
                // Flags for the pane of calls have short names: `--filter` is `calls-filter`.
                let flag = name.strip_prefix("calls-").unwrap_or(name);
                resolved.set(setting, &WrittenValue::Untyped(text.clone()), SettingOrigin::Flag(flag.to_owned()))?;
            }
        }
        check_limits(&resolved)?;
        resolved.settings.keymap = keymap(&keys)?;
        resolved.key_origins.extend(keys.into_iter().map(|(name, (_, origin))| (name, origin)));
        Ok(resolved)
    }

    /// Returns the values of the file, then those of the profile.
    fn file_and_profile(&self) -> Result<Vec<(&SettingLine, SettingOrigin)>, SettingFault> {
        let mut said: Vec<_> = self.document.values.iter().map(|it| (it, SettingOrigin::File(it.place))).collect();
        let Some(name) = self.profile else { return Ok(said) };
        let Some(profile) = self.document.profiles.get(name) else {
            let text = if self.document.profiles.is_empty() {
                format!("there is no profile {name:?}; define it in the settings file as [profiles.{name}]")
            } else {
                let nearest = nearest(self.document.profiles(), name);
                format!("there is no profile {name:?}; the nearest is {nearest:?}")
            };
            return Err(SettingFault { origin: SettingOrigin::Default, text });
        };
        said.extend(profile.iter().map(|it| (it, SettingOrigin::Profile(name.to_owned(), it.place))));
        Ok(said)
    }
}

/// Fails if a warning limit is longer than its critical limit.
fn check_limits(resolved: &ResolvedSettings) -> Result<(), SettingFault> {
    let limits = &resolved.settings.limits;
    for (warning, critical, wrong) in [
        ("hold-warning", "hold-critical", limits.hold_warning > limits.hold_critical),
        ("lobby-warning", "lobby-critical", limits.lobby_warning > limits.lobby_critical),
    ] {
        if wrong {
            let origin = [warning, critical].map(|it| resolved.origin(it));
            let origin = origin.into_iter().find(|it| *it != SettingOrigin::Default).unwrap_or_default();
            let text = format!("{warning} is longer than {critical}: nothing would ever be a warning");
            return Err(SettingFault { origin, text });
        }
    }
    Ok(())
}

fn keymap(keys: &BTreeMap<&'static str, (Vec<String>, SettingOrigin)>) -> Result<Keymap, SettingFault> {
    Keymap::with(keys.iter().map(|(name, (presses, _))| (*name, presses.clone()))).map_err(|error| {
        let names = match &error {
            KeymapError::Unknown { name, .. } => [name.as_str(), ""],
            KeymapError::Press { name, .. }
            | KeymapError::Fixed(name)
            | KeymapError::Needed(name)
            | KeymapError::NotALetter(name) => [*name, ""],
            KeymapError::Twice { one, other, .. } => [*one, *other],
            KeymapError::IsText { name, .. } => [*name, *name],
        };
        let origin = names.iter().filter_map(|it| keys.get(it)).map(|(_, origin)| origin.clone()).next_back();
        SettingFault { origin: origin.unwrap_or_default(), text: error.to_string() }
    })
}
