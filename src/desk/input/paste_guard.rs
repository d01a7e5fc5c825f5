//! Distinguishes typing from unmarked pastes: letters that come faster than anyone types are not commands.

use crossterm::event::{KeyEvent, KeyModifiers};

use crate::time::{Millis, Timestamp};

/// The longest time between two letters of a paste, in wall time.
const BURST: Millis = Millis(20);

/// This many such letters in a row, not all the same, are a paste that the terminal did not mark.
const LETTERS: usize = 4;

/// The letters that came last.
#[derive(Debug, Default)]
pub(in crate::desk) struct PasteGuard {
    last: Timestamp,
    /// How many came in a row, each within [`BURST`] of the previous one.
    letters: usize,
    latest: Option<char>,
    /// Whether they differ.
    mixed: bool,
    pasting: bool,
}

/// The guard's classification of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::desk) enum KeyOrigin {
    /// Someone pressed it.
    Hand,
    /// It shows that the last letters are a paste.
    PasteBegins,
    /// It continues the paste.
    PasteGoesOn,
}

impl PasteGuard {
    /// Classifies a key that came at `wall`.
    ///
    /// One repeated letter is not a paste, because a held key arrives in bursts over a slow line. A different letter
    /// just as soon after it makes it a paste. The first letters of an unmarked paste pass before the guard can know;
    /// they can open a confirm at most, and the paste closes it.
    pub(in crate::desk) fn check(&mut self, key: KeyEvent, wall: Timestamp) -> KeyOrigin {
        let plain = !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        let Some(letter) = key.code.as_char().filter(|it| plain && it.is_alphabetic()) else {
            return KeyOrigin::Hand;
        };
        if self.letters == 0 || wall.since(self.last) > BURST {
            *self = Self { last: wall, letters: 1, latest: Some(letter), ..Self::default() };
            return KeyOrigin::Hand;
        }
        self.last = wall;
        self.letters += 1;
        self.mixed |= self.latest.replace(letter) != Some(letter);
        if self.pasting {
            return KeyOrigin::PasteGoesOn;
        }
        self.pasting = self.mixed && self.letters >= LETTERS;
        if self.pasting { KeyOrigin::PasteBegins } else { KeyOrigin::Hand }
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyCode;

    use super::*;

    #[test]
    fn four_letters_as_close_as_no_hand_types_are_a_paste_until_they_stop() {
        let mut typing = PasteGuard::default();
        let mut press =
            |letter, wall| typing.check(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE), Timestamp(wall));
        assert_eq!(press('m', 0), KeyOrigin::Hand);
        assert_eq!(press('y', 5), KeyOrigin::Hand);
        assert_eq!(press('m', 10), KeyOrigin::Hand);
        assert_eq!(press('y', 15), KeyOrigin::PasteBegins);
        assert_eq!(press('m', 30), KeyOrigin::PasteGoesOn);
        assert_eq!(press('y', 45), KeyOrigin::PasteGoesOn);
        assert_eq!(press('m', 90), KeyOrigin::Hand);
        assert_eq!(press('y', 130), KeyOrigin::Hand);
        for at in 0..20 {
            assert_eq!(press('j', 200 + 15 * at), KeyOrigin::Hand, "a held key");
        }
        assert_eq!(press('y', 500), KeyOrigin::PasteBegins, "no hand is as close behind it");
        assert_eq!(press('y', 560), KeyOrigin::Hand);
    }
}
