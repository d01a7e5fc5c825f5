//! Faults in plain words: each preset sets several settings at once, as a presenter needs them. Pure.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::table::SimSettings;

/// A fault in plain words, and the settings that make it.
#[derive(Debug)]
pub struct FaultPreset {
    /// Its name, where a change names a setting.
    pub name: &'static str,
    /// The fault in plain words.
    pub title: &'static str,
    /// Its effect, in a sentence.
    pub help: &'static str,
    apply: fn(&mut SimSettings),
}

/// A preset as the control API lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExplainedPreset {
    /// The name of the preset.
    pub name: &'static str,
    /// The fault in plain words.
    pub title: &'static str,
    /// Whether its settings have its values now.
    pub value: bool,
    /// Always false: no preset is on by default.
    pub default: bool,
    /// The word `preset`.
    pub kind: &'static str,
    /// The word `preset`.
    pub group: &'static str,
    /// Its effect and its settings, in sentences.
    pub help: String,
}

/// Every preset, in the order of the listing.
pub const PRESETS: [FaultPreset; 5] = [
    FaultPreset {
        name: "mutesFail",
        title: "Every mute fails",
        help: "Graph refuses every mute with 403.",
        apply: |it| {
            it.faults_on = vec!["mute".to_owned()];
            it.answers_403 = 1.0;
        },
    },
    FaultPreset {
        name: "lateNotifications",
        title: "Notifications come 5 s late",
        help: "Graph answers at once, and the proof comes 5 seconds later.",
        apply: |it| it.notification_delay_ms = 5_000,
    },
    FaultPreset {
        name: "endlessHolds",
        title: "Holds and releases never finish",
        help: "Graph accepts them, and then nothing happens.",
        apply: |it| it.never_finished = 1.0,
    },
    FaultPreset {
        name: "busyGraph",
        title: "Half of the answers are 503",
        help: "Graph asks for patience, and the relay tries again.",
        apply: |it| it.answers_503 = 0.5,
    },
    FaultPreset {
        name: "cutLine",
        title: "The line to Graph is cut",
        help: "No request reaches Graph, and no notification comes.",
        apply: |it| {
            it.cut_before = 1.0;
            it.drop_notifications = 1.0;
        },
    },
];

/// A change of settings that can be taken back.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingsChange {
    before: SimSettings,
    after: SimSettings,
}

impl FaultPreset {
    /// Returns the preset of this name, if there is one.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        PRESETS.iter().find(|it| it.name == name)
    }

    /// Returns the settings with the preset switched on, or with its settings at their defaults.
    pub(super) fn switched(&self, settings: &SimSettings, on: bool) -> SimSettings {
        let mut switched = settings.clone();
        (self.apply)(&mut switched);
        if on {
            return switched;
        }
        let defaults = SimSettings::default();
        let mut own = defaults.clone();
        (self.apply)(&mut own);
        restored(settings, |name| member(&own, name) != member(&defaults, name), &defaults)
    }

    fn is_on(&self, settings: &SimSettings) -> bool {
        self.switched(settings, true) == *settings
    }

    /// Returns the values that it sets, by the names of the settings.
    fn values(&self) -> Map<String, Value> {
        let defaults = members(&SimSettings::default());
        let own = members(&self.switched(&SimSettings::default(), true));
        own.into_iter().filter(|(name, value)| defaults.get(name) != Some(value)).collect()
    }
}

impl SimSettings {
    /// Returns every preset, and whether it is on.
    #[must_use]
    pub fn explained_presets(&self) -> Vec<ExplainedPreset> {
        let explained = PRESETS.iter().map(|it| {
            let values =
                it.values().iter().map(|(name, value)| format!("{name} = {}", plain(value))).collect::<Vec<_>>();
            ExplainedPreset {
                name: it.name,
                title: it.title,
                value: it.is_on(self),
                default: false,
                kind: "preset",
                group: "preset",
                help: format!("{} It sets {}.", it.help, values.join(", ")),
            }
        });
        explained.collect()
    }
}

impl SettingsChange {
    /// Records a change from `before` to `after`.
    #[must_use]
    pub const fn new(before: SimSettings, after: SimSettings) -> Self {
        Self { before, after }
    }

    /// Returns these settings without the change. A setting that somebody has changed since keeps its value.
    #[must_use]
    pub fn taken_back(&self, now: &SimSettings) -> SimSettings {
        let is_ours = |name: &str| {
            let after = member(&self.after, name);
            after != member(&self.before, name) && after == member(now, name)
        };
        restored(now, is_ours, &self.before)
    }
}

/// Returns the settings with the chosen ones as in `source`.
fn restored(settings: &SimSettings, is_chosen: impl Fn(&str) -> bool, source: &SimSettings) -> SimSettings {
    let source = members(source);
    let mixed = members(settings).into_iter().map(|(name, value)| {
        let value = if is_chosen(&name) { source.get(&name).cloned().unwrap_or(value) } else { value };
        (name, value)
    });
    // Every value was a setting's, so that the mixture is one too.
    serde_json::from_value(Value::Object(mixed.collect())).unwrap_or_else(|_| settings.clone())
}

/// Writes a value without the point of a whole number.
fn plain(value: &Value) -> String {
    value.as_f64().map_or_else(|| value.to_string(), |it| it.to_string())
}

fn member(settings: &SimSettings, name: &str) -> Option<Value> {
    members(settings).remove(name)
}

fn members(settings: &SimSettings) -> Map<String, Value> {
    match json!(settings) {
        Value::Object(members) => members,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}
