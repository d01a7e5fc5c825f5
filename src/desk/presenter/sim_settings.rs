//! The panel of the simulator's settings: the settings by group, and how a key changes the selected one.
//!
//! The simulator lists the settings and their allowed values; the panel knows only the kinds of value.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::desk::modal::list_search::ListSearch;
use crate::desk::vocab::Motion;

/// A setting of the simulator. All of its texts are untrusted.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct SimSetting {
    /// The setting's name.
    pub name: String,
    /// A preset in plain words.
    #[serde(default)]
    pub title: Option<String>,
    /// The current value.
    pub value: Value,
    /// The default value.
    pub default: Value,
    /// The kind of its value.
    pub kind: SimSettingKind,
    /// The allowed words of a choice or a list.
    #[serde(default)]
    pub choices: Vec<String>,
    /// The minimum number.
    #[serde(default)]
    pub least: Option<f64>,
    /// The largest number.
    #[serde(default)]
    pub most: Option<f64>,
    /// The unit of a number.
    #[serde(default)]
    pub unit: Option<String>,
    /// What is known of Graph's own behaviour.
    #[serde(default)]
    pub evidence: String,
    /// The path of an action, below the control's address.
    #[serde(default)]
    pub post: Option<String>,
    /// The group: `preset`, `open`, `wire`, `fault` or `action`.
    #[serde(default)]
    pub group: String,
    /// What the setting does.
    #[serde(default)]
    pub help: String,
}

/// The kind of a setting's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SimSettingKind {
    /// One of several words.
    Choice,
    /// A whole number.
    Number,
    /// A probability between 0 and 1.
    Share,
    /// A list of words.
    List,
    /// An action without a value.
    Action,
    /// Several settings at once, on or off.
    Preset,
    /// A kind that this panel does not know.
    #[serde(other)]
    Other,
}

/// The open panel.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SimSettingsPanel {
    /// The name of the selected setting; if it is not listed, the first one is selected.
    selected: String,
    search: ListSearch,
    /// The index of the selected word of a list.
    word: usize,
    refused: Option<String>,
}

/// The known groups, in their order; others follow.
const GROUPS: [&str; 5] = ["preset", "open", "wire", "fault", "action"];
/// The word of a list that stands for all others.
const ALL: &str = "*";
/// Why a setting has no next value.
const ELSEWHERE: &str = "this value can only be set with --set or POST /sim/faults";
/// The probabilities that a key steps through.
const SHARES: [f64; 8] = [0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0];
/// How many settings a page motion moves.
const PAGE: usize = 8;

/// Parses the settings that the control API lists; the error says what is wrong with them.
pub(in crate::desk) fn read(body: &str) -> Result<Vec<SimSetting>, String> {
    let mut settings: Vec<SimSetting> = serde_json::from_str(body)
        .map_err(|error| format!("cannot read the settings from the control API: {error}"))?;
    let rank = |group: &str| GROUPS.iter().position(|it| *it == group).unwrap_or(GROUPS.len());
    settings.sort_by_key(|it| rank(&it.group));
    Ok(settings)
}

impl SimSettingsPanel {
    /// Makes a panel in which this setting is selected.
    pub(in crate::desk) fn at(name: &str) -> Self {
        Self { selected: name.to_owned(), ..Self::default() }
    }

    /// Returns why the last change was refused; untrusted text.
    #[must_use]
    pub fn refused(&self) -> Option<&str> {
        self.refused.as_deref()
    }

    /// Shows why a change was refused.
    pub(in crate::desk) fn refuse(&mut self, why: String) {
        self.refused = Some(why);
    }

    /// Drops the reason of the last refusal.
    pub(in crate::desk) fn clear_refusal(&mut self) {
        self.refused = None;
    }

    /// Returns the search in the settings.
    #[must_use]
    pub const fn search(&self) -> &ListSearch {
        &self.search
    }

    pub(in crate::desk) const fn search_mut(&mut self) -> &mut ListSearch {
        &mut self.search
    }

    /// Returns the settings that match the search.
    #[must_use]
    pub fn listed<'a>(&self, settings: &'a [SimSetting]) -> Vec<&'a SimSetting> {
        let text = |it: &SimSetting| format!("{} {} {}", it.name, it.title.as_deref().unwrap_or_default(), it.help);
        settings.iter().filter(|it| self.search.matches(&text(it))).collect()
    }

    /// Returns the selected setting; if it is not listed, the first one that is.
    pub(in crate::desk) fn find<'a>(&self, settings: &'a [SimSetting]) -> Option<&'a SimSetting> {
        let listed = self.listed(settings);
        listed.iter().find(|it| it.name == self.selected).or_else(|| listed.first()).copied()
    }

    /// Keeps a changed setting selected, also when the list of settings changes.
    pub(in crate::desk) fn stay_at(&mut self, name: &str) {
        name.clone_into(&mut self.selected);
    }

    /// Moves among the settings; of a list the first word is chosen there.
    pub(in crate::desk) fn travel(&mut self, settings: &[SimSetting], motion: Motion) {
        let settings = self.listed(settings);
        let last = settings.len().saturating_sub(1);
        let at = settings.iter().position(|it| it.name == self.selected).unwrap_or_default();
        let to = match motion {
            Motion::Down => at.saturating_add(1),
            Motion::Up => at.saturating_sub(1),
            Motion::First => 0,
            Motion::Last => last,
            Motion::PageDown | Motion::HalfDown => at.saturating_add(PAGE),
            Motion::PageUp | Motion::HalfUp => at.saturating_sub(PAGE),
        };
        if let Some(setting) = settings.get(to.min(last)) {
            self.selected.clone_from(&setting.name);
            self.word = 0;
        }
    }

    /// Selects the next or the previous of these words; after the last one, the first.
    pub(in crate::desk) const fn step_word(&mut self, words: usize, up: bool) {
        if let Some(last) = words.checked_sub(1) {
            self.word = self.word.saturating_add(if up { 1 } else { last }) % words;
        }
    }
}

impl SimSetting {
    /// Returns whether the value differs from the default.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        match (self.value.as_f64(), self.default.as_f64()) {
            (Some(value), Some(default)) => value.total_cmp(&default).is_ne(),
            _ => self.value != self.default,
        }
    }

    /// Returns the next value, or the previous one.
    ///
    /// The error is why there is none, in words.
    pub(in crate::desk) fn stepped(&self, up: bool) -> Result<Value, &'static str> {
        let now = self.value.as_f64().unwrap_or_default();
        match self.kind {
            SimSettingKind::Choice => self.turned(up).ok_or("it has no other choice"),
            SimSettingKind::Share => step(&SHARES, now, up).map(|it| json!(it)).ok_or("it must be from 0 to 1"),
            SimSettingKind::Number => {
                let ladder: Vec<f64> =
                    (0..12).flat_map(|power| [1.0, 2.0, 5.0].map(|it| it * 10_f64.powi(power))).collect();
                let least = self.least.unwrap_or_default();
                let most = self.most.unwrap_or(f64::MAX);
                let inside = ladder.into_iter().filter(|it| *it > least && *it < most);
                let ends = [Some(least), self.most];
                let mut rungs: Vec<f64> = ends.into_iter().flatten().chain(inside).collect();
                rungs.sort_by(f64::total_cmp);
                step(&rungs, now, up).map(whole).ok_or("it is at its limit")
            }
            SimSettingKind::Preset if self.value == json!(up) => Err(if up { "it is on" } else { "it is off" }),
            SimSettingKind::Preset => Ok(json!(up)),
            SimSettingKind::Action => Err("it is an action, so it has no value"),
            SimSettingKind::List | SimSettingKind::Other => Err(ELSEWHERE),
        }
    }

    /// Returns the word of a list that the panel has selected.
    #[must_use]
    pub fn word(&self, panel: &SimSettingsPanel) -> Option<&str> {
        let at = panel.word.checked_rem(self.choices.len())?;
        self.choices.get(at).filter(|_| self.kind == SimSettingKind::List).map(String::as_str)
    }

    /// Returns whether the list contains a word.
    #[must_use]
    pub fn holds(&self, word: &str) -> bool {
        self.value.as_array().is_some_and(|list| list.iter().any(|it| it == word))
    }

    /// Returns the list with the word added or removed; the default if nothing is left.
    ///
    /// Fails if the list has no words to choose from.
    pub(in crate::desk) fn toggled(&self, panel: &SimSettingsPanel) -> Result<Value, &'static str> {
        let word = self.word(panel).ok_or(ELSEWHERE)?;
        let wanted =
            |it: &&String| if *it == word { !self.holds(it) } else { self.holds(it) && word != ALL && *it != ALL };
        let words: Vec<&String> = self.choices.iter().filter(wanted).collect();
        Ok(if words.is_empty() { self.default.clone() } else { json!(words) })
    }

    /// Returns the path of an action, if it is below the control's address.
    pub(in crate::desk) fn act(&self) -> Option<&str> {
        let inside = |path: &&str| {
            path.split('/').all(|segment| !segment.is_empty() && segment.bytes().all(|it| it.is_ascii_alphabetic()))
        };
        self.post.as_deref().filter(|_| self.kind == SimSettingKind::Action).filter(inside)
    }

    /// Returns the choice next to the current one, starting over at the end.
    fn turned(&self, up: bool) -> Option<Value> {
        let at = self.choices.iter().position(|it| self.value.as_str() == Some(it)).unwrap_or_default();
        let count = self.choices.len();
        let next = if up { at + 1 } else { at + count.checked_sub(1)? };
        self.choices.get(next.checked_rem(count)?).map(|it| json!(it))
    }
}

/// Returns the next step above or below a number.
fn step(rungs: &[f64], now: f64, up: bool) -> Option<f64> {
    if up { rungs.iter().find(|it| **it > now).copied() } else { rungs.iter().rev().find(|it| **it < now).copied() }
}

#[expect(clippy::cast_possible_truncation, reason = "it saturates, and no setting counts that far")]
fn whole(number: f64) -> Value {
    json!(number as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(members: &Value) -> SimSetting {
        let mut whole = json!({ "name": "x", "default": 0, "group": "fault", "evidence": "", "help": "" });
        whole.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        serde_json::from_value(whole).unwrap()
    }

    #[test]
    fn each_kind_steps_in_its_own_way() {
        let choice = |value| json!({ "kind": "choice", "value": value, "choices": ["a", "b", "c"] });
        let number = |value| json!({ "kind": "number", "value": value, "least": 0, "most": 30_000 });
        let share = |value| json!({ "kind": "share", "value": value });
        let cases = [
            (choice("a"), true, Ok(json!("b"))),
            (choice("c"), true, Ok(json!("a"))),
            (choice("a"), false, Ok(json!("c"))),
            (json!({ "kind": "choice", "value": "a" }), true, Err("it has no other choice")),
            (number(0), true, Ok(json!(1))),
            (number(3), true, Ok(json!(5))),
            (number(3), false, Ok(json!(2))),
            (number(1), false, Ok(json!(0))),
            (number(20_000), true, Ok(json!(30_000))),
            (number(30_000), true, Err("it is at its limit")),
            (number(0), false, Err("it is at its limit")),
            (share(0.0), true, Ok(json!(0.01))),
            (share(0.3), true, Ok(json!(0.5))),
            (share(1.0), true, Err("it must be from 0 to 1")),
            (share(0.3), false, Ok(json!(0.2))),
        ];
        for (members, up, wanted) in cases {
            assert_eq!(setting(&members).stepped(up), wanted, "{members} {up}");
        }
        assert!(setting(&json!({ "kind": "list", "value": ["a"] })).stepped(true).is_err());
        assert!(setting(&json!({ "kind": "novel", "value": {} })).stepped(true).is_err());
    }

    #[test]
    fn a_list_is_changed_word_by_word() {
        let list = |value: Value| {
            setting(&json!({ "kind": "list", "value": value, "default": ["*"], "choices": ["*", "a", "b"] }))
        };
        let cases = [
            (json!(["*"]), 1, json!(["a"])),
            (json!(["a"]), 2, json!(["a", "b"])),
            (json!(["a", "b"]), 4, json!(["b"])),
            (json!(["b"]), 2, json!(["*"])),
            (json!(["a", "b"]), 0, json!(["*"])),
        ];
        for (value, word, wanted) in cases {
            assert_eq!(
                list(value.clone()).toggled(&SimSettingsPanel { word, ..SimSettingsPanel::default() }),
                Ok(wanted),
                "{value} {word}"
            );
        }
        let free = setting(&json!({ "kind": "list", "value": ["a"] }));
        assert!(free.toggled(&SimSettingsPanel::default()).is_err());
    }

    #[test]
    fn an_action_is_asked_for_below_the_controls_address_only() {
        let action = |post: Value| setting(&json!({ "kind": "action", "value": "", "post": post }));
        assert_eq!(action(json!("keys/roll")).act(), Some("keys/roll"));
        for post in ["/etc", "../x", "http://other.test/x", "keys/roll?x=1", "", "keys//roll"] {
            assert_eq!(action(json!(post)).act(), None, "{post}");
        }
        assert_eq!(setting(&json!({ "kind": "choice", "value": "", "post": "keys/roll" })).act(), None);
    }

    #[test]
    fn a_number_is_its_default_in_whatever_form_it_comes() {
        assert!(!setting(&json!({ "kind": "share", "value": 0.0, "default": 0 })).is_changed());
        assert!(setting(&json!({ "kind": "share", "value": 0.5, "default": 0 })).is_changed());
        assert!(setting(&json!({ "kind": "list", "value": ["a"], "default": ["a", "b"] })).is_changed());
    }
}
