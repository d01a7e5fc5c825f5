//! Distinguishes letters typed as text from letters meant as commands: a sentence typed at normal speed must not act,
//! quit or reveal names.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::time::{Millis, Timestamp};

/// A letter within this time of another one that was not a movement may be part of a text.
const RECENT: Millis = Millis::seconds(1);
/// This many letters in a row without a command mean that somebody is typing text.
const MEANINGLESS: usize = 3;

/// What was typed lately.
#[derive(Debug, Default)]
pub(in crate::desk) struct TypingWatch {
    /// When a character that was not a movement last came, in wall time.
    typed: Option<Timestamp>,
    /// Whether the current key came shortly after such a character.
    amid_text: bool,
    /// How many letters without a command came in a row.
    meaningless: usize,
}

/// What a key does where it was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::desk) enum KeyMeaning {
    /// It moves the selection or the keys.
    Moves,
    /// It runs a command, or it is text where text is typed.
    Works,
    /// It does nothing there.
    Nothing,
}

impl TypingWatch {
    /// Records a key that comes at `wall`.
    pub(in crate::desk) fn record(&mut self, key: KeyEvent, meaning: KeyMeaning, wall: Timestamp) {
        self.amid_text = self.typed.is_some_and(|at| wall.since(at) <= RECENT);
        let KeyCode::Char(letter) = key.code else {
            self.meaningless = 0;
            return;
        };
        if key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) {
            self.meaningless = 0;
            return;
        }
        if meaning != KeyMeaning::Moves {
            self.typed = Some(wall);
        }
        self.meaningless = match meaning {
            KeyMeaning::Nothing if letter.is_alphabetic() => self.meaningless + 1,
            KeyMeaning::Nothing | KeyMeaning::Moves | KeyMeaning::Works => 0,
        };
    }

    /// Returns whether the current key came shortly after a character that was not a movement.
    pub(in crate::desk) const fn is_amid_text(&self) -> bool {
        self.amid_text
    }

    /// Returns whether the last letters look like text that runs no command.
    pub(in crate::desk) const fn means_nothing(&self) -> bool {
        self.meaningless >= MEANINGLESS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_amid_text_for_a_second_after_a_letter_that_was_no_movement() {
        let mut watch = TypingWatch::default();
        let mut press = |letter, meaning, wall| {
            watch.record(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE), meaning, Timestamp(wall));
            (watch.is_amid_text(), watch.means_nothing())
        };
        assert_eq!(press('j', KeyMeaning::Moves, 0), (false, false));
        assert_eq!(press('m', KeyMeaning::Works, 100), (false, false));
        assert_eq!(press('m', KeyMeaning::Works, 1_100), (true, false));
        assert_eq!(press('m', KeyMeaning::Works, 2_101), (false, false));
        assert_eq!(press('x', KeyMeaning::Nothing, 5_000), (false, false));
        assert_eq!(press('y', KeyMeaning::Nothing, 5_900), (true, false));
        assert_eq!(press('z', KeyMeaning::Nothing, 6_900), (true, true));
        assert_eq!(press('m', KeyMeaning::Works, 7_000), (true, false));
    }
}
