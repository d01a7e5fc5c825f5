//! A press of a key: matching it, writing it, and parsing it from the settings. Knows no commands.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key, with or without ctrl.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyPress {
    /// The key, without modifiers.
    pub code: KeyCode,
    /// Whether ctrl is held.
    pub ctrl: bool,
}

impl KeyPress {
    /// Returns the press of a terminal event; `None` for one that the settings cannot name.
    #[must_use]
    pub fn of(event: KeyEvent) -> Option<Self> {
        let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
        let press = Self { code: event.code, ctrl };
        let has_name = !event.modifiers.contains(KeyModifiers::ALT) && press.to_string().parse() == Ok(press);
        has_name.then_some(press)
    }

    /// Returns whether it is a letter without ctrl.
    #[must_use]
    pub fn is_letter(&self) -> bool {
        !self.ctrl && self.code.as_char().is_some_and(char::is_alphabetic)
    }

    /// Returns whether a terminal event is this press.
    #[must_use]
    pub fn is(&self, event: KeyEvent) -> bool {
        let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
        !event.modifiers.contains(KeyModifiers::ALT) && event.code == self.code && ctrl == self.ctrl
    }
}

impl std::fmt::Display for KeyPress {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.ctrl {
            out.write_str("ctrl-")?;
        }
        match NAMED.iter().find(|(_, code)| *code == self.code) {
            Some((name, _)) => out.write_str(name),
            None => write!(out, "{}", self.code),
        }
    }
}

/// A letter without ctrl.
pub(in crate::desk) const fn key(letter: char) -> KeyPress {
    KeyPress { code: KeyCode::Char(letter), ctrl: false }
}

/// A letter with ctrl.
pub(in crate::desk) const fn ctrl(letter: char) -> KeyPress {
    KeyPress { code: KeyCode::Char(letter), ctrl: true }
}

/// A key that has a name.
pub(in crate::desk) const fn named(code: KeyCode) -> KeyPress {
    KeyPress { code, ctrl: false }
}

/// The keys that have names, as [`KeyPress`] writes them.
const NAMED: &[(&str, KeyCode)] = &[
    ("Enter", KeyCode::Enter),
    ("Esc", KeyCode::Esc),
    ("Tab", KeyCode::Tab),
    ("shift-Tab", KeyCode::BackTab),
    ("Space", KeyCode::Char(' ')),
    ("Backspace", KeyCode::Backspace),
    ("Del", KeyCode::Delete),
    ("Ins", KeyCode::Insert),
    ("Home", KeyCode::Home),
    ("End", KeyCode::End),
    ("PgUp", KeyCode::PageUp),
    ("PgDn", KeyCode::PageDown),
    ("Up", KeyCode::Up),
    ("Down", KeyCode::Down),
    ("Left", KeyCode::Left),
    ("Right", KeyCode::Right),
];

impl std::str::FromStr for KeyPress {
    type Err = String;

    /// Parses what [`KeyPress`] writes: `m`, `ctrl-r`, `PgDn`, `F5`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (ctrl, rest) = text.strip_prefix("ctrl-").map_or((false, text), |rest| (true, rest));
        let mut letters = rest.chars();
        let code = match (letters.next(), letters.as_str()) {
            (Some(letter), "") if !letter.is_control() && !letter.is_whitespace() => Some(KeyCode::Char(letter)),
            (Some('F'), number) => number.parse().ok().filter(|it| (1..=12).contains(it)).map(KeyCode::F),
            _ => None,
        };
        let named = || NAMED.iter().find(|(name, _)| name.eq_ignore_ascii_case(rest)).map(|(_, code)| *code);
        let code = code.or_else(named);
        let code = code.ok_or_else(|| format!("{text:?} is no key: write it as m, M, ctrl-r, Enter, PgDn or F5"))?;
        Ok(Self { code, ctrl })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for text in ["m", "M", "ctrl-r", "Enter", "shift-Tab", "PgDn", "F5", "Space", "\\", "-", "ctrl-Home"] {
            let press: KeyPress = text.parse().unwrap();
            assert_eq!(press.to_string(), text);
        }
        for text in ["", "mm", "ctrl-", "F13", "Hyper", " ", "\u{1b}"] {
            assert!(text.parse::<KeyPress>().is_err(), "{text:?}");
        }
    }
}
