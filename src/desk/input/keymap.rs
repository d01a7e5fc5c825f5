//! Which presses run which command at this desk: the table's defaults, or those of the settings.
//!
//! Invariant: no press runs two commands in one pane or overlay, and Esc and ctrl-c keep their commands.

use std::collections::BTreeMap;

use crossterm::event::{KeyCode, KeyEvent};

use crate::desk::command::{Command, ModalCommand};
use crate::desk::input::key_press::KeyPress;
use crate::desk::input::key_table::{KEYS, KeyBinding, KeyContext, ModalKind};
use crate::desk::input::text_input::TextInput;
use crate::desk::nearest;
use crate::desk::vocab::Pane;

/// The presses of every command.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Keymap {
    /// The commands whose presses differ from the table's defaults, by name.
    changed: BTreeMap<&'static str, Vec<KeyPress>>,
    /// The default presses that the settings gave to another command.
    yielded: Vec<(KeyPress, &'static str, &'static str)>,
}

/// Why the settings' keys are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeymapError {
    /// No command has this name.
    #[error("there is no command {name:?}; the nearest is {nearest:?}")]
    Unknown {
        /// The name in the settings.
        name: String,
        /// The most similar name.
        nearest: &'static str,
    },
    /// A press is not spelled as [`KeyPress`] spells it.
    #[error("the key of {name}: {error}")]
    Press {
        /// The command in the settings.
        name: &'static str,
        /// Why the press cannot be read.
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
    /// The command's keys cannot be changed.
    #[error("{0} keeps its keys: they must always close an overlay or quit")]
    Fixed(&'static str),
    /// The command would have no key.
    #[error("{0} needs a key: the palette cannot run it, and nothing else answers there")]
    Needed(&'static str),
    /// The command takes letters only, because the paste guard checks only letters.
    #[error("{0} takes letters only: another key could come from a paste and answer a question")]
    NotALetter(&'static str),
    /// The press is text where the command works.
    #[error("{name} cannot have {press}: text is typed there, and this key types or edits it")]
    IsText {
        /// The command in the settings.
        name: &'static str,
        /// The press that types or edits text.
        press: String,
    },
}

/// The commands whose keys are the same at every desk.
const FIXED: [Command; 2] = [Command::Back, Command::Interrupt];

impl Keymap {
    /// Returns the table's defaults with these changes: a command's name and its presses; an empty
    /// list removes its keys.
    ///
    /// # Errors
    /// The first change that is refused, and why.
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
            if presses.is_empty() && is_answer(key) {
                return Err(KeymapError::Needed(key.name));
            }
            if let (KeyContext::Modal(kind), Some(press)) = (key.on, presses.iter().find(|it| TextInput::takes(**it)))
                && kind.is_typed()
            {
                return Err(KeymapError::IsText { name: key.name, press: press.to_string() });
            }
            if key.command == Command::InModal(ModalCommand::Yes) && !presses.iter().all(KeyPress::is_letter) {
                return Err(KeymapError::NotALetter(key.name));
            }
            map.changed.insert(key.name, presses);
        }
        map.yield_defaults();
        map.unambiguous()?;
        Ok(map)
    }

    /// Returns whether the settings may change the command's keys.
    #[must_use]
    pub fn can_change(key: &KeyBinding) -> bool {
        !FIXED.contains(&key.command)
    }

    /// Returns the presses of a command; the first is the one that hints show.
    #[must_use]
    pub fn presses(&self, key: &'static KeyBinding) -> &[KeyPress] {
        self.changed.get(key.name).map_or(key.press, Vec::as_slice)
    }

    /// Returns the presses of a command as text: `j, Down`.
    #[must_use]
    pub fn shown(&self, key: &'static KeyBinding) -> String {
        self.presses(key).iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }

    /// Returns the first press of a command as text; empty if it has no press.
    #[must_use]
    pub fn first(&self, key: &'static KeyBinding) -> String {
        self.presses(key).first().map(ToString::to_string).unwrap_or_default()
    }

    /// Returns how to run a command: its first press, or its name in the palette (`:name`) if it has no press.
    #[must_use]
    pub fn shortcut_for(&self, command: Command) -> String {
        let Some(key) = KEYS.iter().find(|it| it.command == command) else { return String::new() };
        let press = self.first(key);
        if press.is_empty() { format!(":{}", key.name) } else { press }
    }

    /// Returns the first press of a command in an overlay; empty if it has no press there.
    #[must_use]
    pub fn shortcut_in(&self, kind: ModalKind, command: Command) -> String {
        let key = KeyBinding::of_modal(kind).map(|(key, _)| key).find(|it| it.command == command);
        key.map_or_else(String::new, |it| self.first_in(kind, it))
    }

    /// Returns the first press of a key in an overlay as text, such as `Down` where letters are text; empty if it has
    /// no press there.
    #[must_use]
    pub fn first_in(&self, kind: ModalKind, key: &'static KeyBinding) -> String {
        self.presses_in(kind, key).next().map(ToString::to_string).unwrap_or_default()
    }

    /// The presses that count in an overlay: where text is typed, none that types or edits it.
    fn presses_in(&self, kind: ModalKind, key: &'static KeyBinding) -> impl Iterator<Item = &KeyPress> {
        self.presses(key).iter().filter(move |it| !kind.is_typed() || !TextInput::takes(**it))
    }

    /// Returns the command that a press runs in a pane.
    #[must_use]
    pub fn find(&self, pane: Pane, event: KeyEvent) -> Option<&'static KeyBinding> {
        KEYS.iter().find(|it| it.works_in(pane) && self.has(it, event))
    }

    /// Returns the command that a press runs in any pane.
    #[must_use]
    pub fn find_any(&self, event: KeyEvent) -> Option<&'static KeyBinding> {
        KEYS.iter().find(|it| !it.is_of_modal() && self.has(it, event))
    }

    /// Returns the command that a press runs in an overlay. The overlay's own keys come before those of the panes.
    #[must_use]
    pub fn find_in(&self, kind: ModalKind, event: KeyEvent) -> Option<&'static KeyBinding> {
        KeyBinding::of_modal(kind)
            .map(|(key, _)| key)
            .find(|binding| self.presses_in(kind, binding).any(|it| it.is(event)))
    }

    /// Returns each default press that the settings gave to another command: the press, the command that lost it, and
    /// the command that has it now.
    pub fn yielded(&self) -> impl Iterator<Item = (KeyPress, &'static str, &'static str)> {
        self.yielded.iter().copied()
    }

    /// Removes default presses that the settings gave to another command that works in the same place. Only overlay
    /// commands, and presses newer than some settings files, give way like this. Keys that answer keep their presses,
    /// because an overlay needs them.
    fn yield_defaults(&mut self) {
        let given = |it: &&KeyBinding| self.changed.contains_key(it.name);
        let mut yielded = Vec::new();
        for own in KEYS.iter().filter(|it| !given(it) && !is_answer(it)) {
            let others: Vec<_> = KEYS.iter().filter(given).filter(|it| together(own, it)).collect();
            let yields = |press: &&KeyPress| own.is_of_modal() || is_young(own.command, **press);
            let taken = own.press.iter().filter(yields).filter_map(|press| {
                let other = others.iter().find(|it| self.presses(it).contains(press))?;
                Some((*press, own.name, other.name))
            });
            yielded.extend(taken);
        }
        for (press, own, _) in &yielded {
            if let Some(key) = KeyBinding::named(own) {
                let left = self.presses(key).iter().filter(|it| *it != press).copied().collect();
                self.changed.insert(key.name, left);
            }
        }
        self.yielded = yielded;
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

/// Returns whether a key is the one that answers a question or finishes a typed line.
const fn is_answer(key: &KeyBinding) -> bool {
    matches!(key.command, Command::InModal(ModalCommand::Yes | ModalCommand::Accept))
}

/// Returns whether a default press is newer than the settings files that may give it to another command.
fn is_young(command: Command, press: KeyPress) -> bool {
    matches!(command, Command::GoIn | Command::GoOut | Command::Redraw | Command::Suspend)
        || (command == Command::Open && press.code == KeyCode::Char('d'))
        || (command == Command::Help && press.code == KeyCode::F(1))
}

/// Returns whether a command of the panes may clash with an overlay's own keys. Where text is typed, own keys come
/// first, so that a motion may have Enter elsewhere; only the way out must stay free.
fn clashes(kind: ModalKind, of_panes: &KeyBinding) -> bool {
    kind.takes(of_panes.command) && (!kind.is_typed() || of_panes.command == Command::Back)
}

/// Returns whether there is a pane or an overlay where both keys work.
fn together(one: &KeyBinding, other: &KeyBinding) -> bool {
    match (one.on, other.on) {
        (KeyContext::Modal(kind), KeyContext::Modal(another)) => kind == another,
        (KeyContext::Modal(kind), _) => clashes(kind, other),
        (_, KeyContext::Modal(kind)) => clashes(kind, one),
        (KeyContext::Everywhere, _) | (_, KeyContext::Everywhere) => true,
        (KeyContext::Pane(pane), KeyContext::Pane(another)) => pane == another,
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyModifiers;

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
    fn a_young_default_gives_way_to_a_key_of_the_operators_own_and_says_so() {
        let lost = |name: &str, presses: &[&str]| {
            let map = wish(name, presses).unwrap();
            let key = |code| map.find(Pane::Participants, KeyEvent::new(code, KeyModifiers::NONE)).map(|it| it.name);
            let has: Vec<_> = ["Enter", "l", "Right", "h", "Left", "d", "F1"]
                .into_iter()
                .filter_map(|it| key(it.parse::<KeyPress>().unwrap().code))
                .collect();
            let yielded: Vec<_> = map.yielded().map(|(it, own, to)| format!("{it} {own} {to}")).collect();
            (has.join(" "), yielded.join("; "))
        };
        let usual = "go-in go-in go-in go-out go-out open help";
        assert_eq!(lost("up", &["z"]).0, usual);
        for (name, presses, has, yielded) in [
            ("open", vec!["Enter"], "open go-in go-in go-out go-out help", "Enter go-in open"),
            ("sort", vec!["h", "l"], "go-in sort go-in sort go-out open help", "l go-in sort; h go-out sort"),
            ("mute", vec!["d"], "go-in go-in go-in go-out go-out mute help", "d open mute"),
            ("mute", vec!["F1"], "go-in go-in go-in go-out go-out open mute", "F1 help mute"),
        ] {
            assert_eq!(lost(name, &presses), (has.to_owned(), yielded.to_owned()), "{name}");
        }
        assert!(wish("mute", &["S"]).is_err(), "an old default does not give way unsaid");
    }

    #[test]
    fn where_text_is_typed_the_keys_that_type_or_edit_it_are_no_commands() {
        let map = wish("down", &["j", "Backspace", "ctrl-w", "F3"]).unwrap();
        let meant = |press: &str| {
            let press: KeyPress = press.parse().unwrap();
            let ctrl = if press.ctrl { KeyModifiers::CONTROL } else { KeyModifiers::NONE };
            map.find_in(ModalKind::TypedQuestion, KeyEvent::new(press.code, ctrl)).map(|it| it.name)
        };
        for text in ["j", "Backspace", "ctrl-w", "Left", "Home"] {
            assert_eq!(meant(text), None, "{text}");
        }
        assert_eq!((meant("F3"), meant("Up"), meant("Enter")), (Some("down"), Some("up"), Some("confirm-typed")));
        let enter = Keymap::with([("open", vec!["F9".to_owned()]), ("down", vec!["Enter".to_owned()])]).unwrap();
        let pressed = KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE);
        assert_eq!(enter.find_in(ModalKind::ListSearch, pressed).map(|it| it.name), Some("keep-search"));
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
            ("confirm-typed", vec![], "confirm-typed needs a key"),
            ("confirm-typed", vec!["x"], "confirm-typed cannot have x: text is typed there"),
            ("keep-filter", vec!["ctrl-w"], "keep-filter cannot have ctrl-w"),
            ("keep-search", vec!["Esc"], "Esc would mean both"),
        ] {
            let error = wish(name, &presses).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
