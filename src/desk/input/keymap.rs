//! Which presses mean which command at this desk: the table's own, or others that the settings give it.
//!
//! Invariant: no press means two commands in one pane, and what leads out of any overlay keeps its keys.

use std::collections::BTreeMap;

use crossterm::event::KeyEvent;

use crate::desk::command::{Command, ModalCommand};
use crate::desk::input::key_press::KeyPress;
use crate::desk::input::key_table::{KEYS, KeyBinding, KeyContext, ModalKind};
use crate::desk::nearest;
use crate::desk::vocab::Pane;

/// The presses of every command.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Keymap {
    /// The commands that do not have the table's own presses, by name.
    changed: BTreeMap<&'static str, Vec<KeyPress>>,
}

/// A wish for other keys that cannot be granted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeymapError {
    /// No command has this name.
    #[error("there is no command {name:?}; the nearest is {nearest:?}")]
    Unknown {
        /// What was written.
        name: String,
        /// The most similar name.
        nearest: &'static str,
    },
    /// A press cannot be read.
    #[error("the key of {name}: {error}")]
    Press {
        /// The command that was given it.
        name: &'static str,
        /// What is wrong.
        error: String,
    },
    /// Two commands would have one press.
    #[error("{press} would mean both {one} and {other}; give one of them another key")]
    Twice {
        /// The press that both have.
        press: String,
        /// The first command in the table's order.
        one: &'static str,
        /// The second command.
        other: &'static str,
    },
    /// The command keeps its keys.
    #[error("{0} keeps its keys: they lead out of everything")]
    Fixed(&'static str),
    /// The command would have no key.
    #[error("{0} needs a key: without one no question can be answered")]
    Needed(&'static str),
    /// The command takes letters only, which the paste guard watches.
    #[error("{0} takes letters only: another key could come from a paste and answer a question")]
    NotALetter(&'static str),
}

/// The commands whose keys must mean the same at every desk.
const FIXED: [Command; 2] = [Command::Back, Command::Interrupt];

impl Keymap {
    /// The table's own keys but for these: the name of a command and its presses; none takes its keys away.
    ///
    /// # Errors
    /// The first wish that cannot be granted.
    pub fn with<'a>(wishes: impl IntoIterator<Item = (&'a str, Vec<String>)>) -> Result<Self, KeymapError> {
        let mut map = Self::default();
        for (name, presses) in wishes {
            let Some(key) = KeyBinding::named(name) else {
                let nearest = nearest(KEYS.iter().map(|it| it.name), name);
                return Err(KeymapError::Unknown { name: name.to_owned(), nearest });
            };
            if !Self::can_change(key) {
                return Err(KeymapError::Fixed(key.name));
            }
            let read = |text: &String| text.parse().map_err(|error| KeymapError::Press { name: key.name, error });
            let presses: Vec<_> = presses.iter().map(read).collect::<Result<_, _>>()?;
            if presses.is_empty() && key.command == Command::InModal(ModalCommand::Yes) {
                return Err(KeymapError::Needed(key.name));
            }
            if key.command == Command::InModal(ModalCommand::Yes) && !presses.iter().all(KeyPress::is_letter) {
                return Err(KeymapError::NotALetter(key.name));
            }
            map.changed.insert(key.name, presses);
        }
        map.yield_modal_defaults();
        map.unambiguous()?;
        Ok(map)
    }

    /// Whether a command may have other keys.
    #[must_use]
    pub fn can_change(key: &KeyBinding) -> bool {
        !FIXED.contains(&key.command)
    }

    /// The presses of a command, the one that is shown first.
    #[must_use]
    pub fn presses(&self, key: &'static KeyBinding) -> &[KeyPress] {
        self.changed.get(key.name).map_or(key.press, Vec::as_slice)
    }

    /// The presses of a command as text: `j, Down`.
    #[must_use]
    pub fn shown(&self, key: &'static KeyBinding) -> String {
        self.presses(key).iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }

    /// The first press of a command as text; empty when it has none.
    #[must_use]
    pub fn first(&self, key: &'static KeyBinding) -> String {
        self.presses(key).first().map(ToString::to_string).unwrap_or_default()
    }

    /// How a command is asked for: its first press, or its name in the palette when it has none.
    #[must_use]
    pub fn shortcut_for(&self, command: Command) -> String {
        let Some(key) = KEYS.iter().find(|it| it.command == command) else { return String::new() };
        let press = self.first(key);
        if press.is_empty() { format!(":{}", key.name) } else { press }
    }

    /// How a command is asked for in a modal: its first press there; empty when it has none.
    #[must_use]
    pub fn shortcut_in(&self, kind: ModalKind, command: Command) -> String {
        KeyBinding::of_modal(kind)
            .find(|(key, _)| key.command == command)
            .map_or_else(String::new, |(key, _)| self.first(key))
    }

    /// A press of a command that works also where letters are text, such as `Up`; its first press when every one is a
    /// letter.
    #[must_use]
    pub fn shortcut_beside_text(&self, command: Command) -> String {
        let presses = KEYS.iter().filter(|it| it.command == command).flat_map(|it| self.presses(it));
        let beside = presses.clone().find(|it| it.code.as_char().is_none());
        beside.or_else(|| presses.clone().next()).map(ToString::to_string).unwrap_or_default()
    }

    /// The command that a press means in a pane.
    #[must_use]
    pub fn find(&self, pane: Pane, event: KeyEvent) -> Option<&'static KeyBinding> {
        KEYS.iter().find(|it| it.works_in(pane) && self.has(it, event))
    }

    /// The command that a press would mean in some pane.
    #[must_use]
    pub fn find_any(&self, event: KeyEvent) -> Option<&'static KeyBinding> {
        KEYS.iter().find(|it| !it.is_of_modal() && self.has(it, event))
    }

    /// The command that a press means in a modal.
    #[must_use]
    pub fn find_in(&self, kind: ModalKind, event: KeyEvent) -> Option<&'static KeyBinding> {
        KeyBinding::of_modal(kind).map(|(key, _)| key).find(|it| self.has(it, event))
    }

    /// Takes from each command of a modal, and of the terminal, the default presses that the settings gave to another command there: a key
    /// of the operator's own wins. The answer yes keeps its keys, because a question needs one.
    fn yield_modal_defaults(&mut self) {
        let given = |it: &&KeyBinding| self.changed.contains_key(it.name);
        let yields = |it: &&KeyBinding| {
            let may_yield = it.is_of_modal() || matches!(it.command, Command::Redraw | Command::Suspend);
            may_yield && !given(it) && it.command != Command::InModal(ModalCommand::Yes)
        };
        let left = KEYS.iter().filter(yields).map(|own| {
            let others: Vec<_> = KEYS.iter().filter(given).filter(|it| together(own, it)).collect();
            let is_free = |press: &&KeyPress| !others.iter().any(|it| self.presses(it).contains(press));
            (own, own.press.iter().filter(is_free).copied().collect::<Vec<_>>())
        });
        let left: Vec<_> = left.filter(|(own, presses)| presses.len() < own.press.len()).collect();
        self.changed.extend(left.into_iter().map(|(own, presses)| (own.name, presses)));
    }

    fn has(&self, key: &'static KeyBinding, event: KeyEvent) -> bool {
        self.presses(key).iter().any(|it| it.is(event))
    }

    fn unambiguous(&self) -> Result<(), KeymapError> {
        for (at, one) in KEYS.iter().enumerate() {
            for other in KEYS.iter().skip(at + 1).filter(|it| together(one, it)) {
                if let Some(press) = self.presses(one).iter().find(|it| self.presses(other).contains(it)) {
                    return Err(KeymapError::Twice { press: press.to_string(), one: one.name, other: other.name });
                }
            }
        }
        Ok(())
    }
}

/// Whether there is a pane or a modal where both work.
fn together(one: &KeyBinding, other: &KeyBinding) -> bool {
    match (one.on, other.on) {
        (KeyContext::Modal(kind), KeyContext::Modal(another)) => kind == another,
        (KeyContext::Modal(kind), _) => kind.takes(other.command),
        (_, KeyContext::Modal(kind)) => kind.takes(one.command),
        (KeyContext::Everywhere, _) | (_, KeyContext::Everywhere) => true,
        (KeyContext::Pane(pane), KeyContext::Pane(another)) => pane == another,
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyModifiers};

    use super::*;

    fn wish(name: &str, presses: &[&str]) -> Result<Keymap, KeymapError> {
        Keymap::with([(name, presses.iter().map(|it| (*it).to_owned()).collect())])
    }

    #[test]
    fn the_tables_own_keys_are_unambiguous() {
        assert_eq!(Keymap::default().unambiguous(), Ok(()));
    }

    #[test]
    fn a_command_gets_other_keys_and_loses_its_own() {
        let map = wish("mute", &["M", "F5"]).unwrap();
        let press = |code| KeyEvent::new(code, KeyModifiers::NONE);
        let meant = |code| map.find(Pane::Participants, press(code)).map(|it| it.name);
        assert_eq!(meant(KeyCode::Char('M')), Some("mute"));
        assert_eq!(meant(KeyCode::F(5)), Some("mute"));
        assert_eq!(meant(KeyCode::Char('m')), None);
        assert_eq!(map.shown(KeyBinding::named("mute").unwrap()), "M, F5");
    }

    #[test]
    fn a_modals_default_gives_way_to_a_key_of_the_operators_own() {
        let map = wish("half-page-down", &["z"]).unwrap();
        let z = KeyEvent::new(KeyCode::Char('z'), KeyModifiers::NONE);
        assert_eq!(map.find_in(ModalKind::Timeline, z).map(|it| it.name), Some("half-page-down"));
        assert_eq!(map.shown(KeyBinding::named("zoom").unwrap()), "");
    }

    #[test]
    fn a_wish_that_cannot_be_granted_says_why() {
        for (name, presses, says) in [
            ("mut", vec!["x"], "there is no command \"mut\"; the nearest is \"mute\""),
            ("mute", vec!["zz"], "the key of mute: \"zz\" is no key"),
            ("mute", vec!["r"], "r would mean both mute and release"),
            ("back", vec!["b"], "back keeps its keys"),
            ("down", vec!["y"], "y would mean both"),
            ("yes", vec![], "yes needs a key"),
            ("yes", vec!["Enter"], "yes takes letters only"),
            ("yes", vec!["ctrl-y"], "yes takes letters only"),
        ] {
            let error = wish(name, &presses).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
