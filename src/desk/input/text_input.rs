//! A line of text that is being typed: for filters, the palette, the search in the help and typed confirmations.

use crossterm::event::{Event, KeyEvent, KeyModifiers};
use tui_input::backend::crossterm::{EventHandler as _, to_input_request};
use tui_input::{Input, InputRequest};

use crate::desk::input::key_press::KeyPress;

/// A line that is being typed, and its cursor.
///
/// Invariant: at most [`TextInput::MOST`] characters, none of them a control character.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TextInput {
    text: String,
    cursor: usize,
    /// Whether the whole text is selected: what is typed replaces it.
    selected: bool,
}

impl TextInput {
    /// The maximum number of characters of a line; further ones are ignored.
    pub const MOST: usize = 256;

    /// Returns a line with this text and the cursor at its end.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let text: String = text.chars().filter(|it| !it.is_control()).take(Self::MOST).collect();
        Self { cursor: text.chars().count(), text, selected: false }
    }

    /// Returns a line whose text is selected: what is typed replaces it, and a key that moves the cursor edits it.
    #[must_use]
    pub fn selected(text: &str) -> Self {
        let line = Self::of(text);
        Self { selected: !line.text.is_empty(), ..line }
    }

    /// Returns whether the whole text is selected.
    #[must_use]
    pub const fn is_selected(&self) -> bool {
        self.selected
    }

    /// Returns the typed text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns how many characters are left of the cursor.
    #[must_use]
    pub const fn cursor(&self) -> usize {
        self.cursor
    }

    /// Returns whether a press types or edits text.
    ///
    /// The key table has no rows for these: the text widget owns its editing keys (Left, Home, Backspace, ctrl-w, …),
    /// so asking it keeps one list of them.
    pub(in crate::desk) fn takes(press: KeyPress) -> bool {
        let modifiers = if press.ctrl { KeyModifiers::CONTROL } else { KeyModifiers::NONE };
        to_input_request(&Event::Key(KeyEvent::new(press.code, modifiers))).is_some()
    }

    /// Types a letter, or moves the cursor, or deletes.
    pub(in crate::desk) fn press(&mut self, key: KeyEvent) {
        let request = to_input_request(&Event::Key(key));
        let moves = matches!(
            request,
            None | Some(
                InputRequest::SetCursor(_)
                    | InputRequest::GoToPrevChar
                    | InputRequest::GoToNextChar
                    | InputRequest::GoToPrevWord
                    | InputRequest::GoToNextWord
                    | InputRequest::GoToStart
                    | InputRequest::GoToEnd
            )
        );
        let types = matches!(request, Some(InputRequest::InsertChar(_)));
        if std::mem::take(&mut self.selected) && !moves {
            (self.text, self.cursor) = (String::new(), 0);
            if !types {
                return;
            }
        }
        self.with(|input| {
            input.handle_event(&Event::Key(key));
        });
    }

    /// Inserts pasted text; line breaks and other control characters become spaces.
    pub(in crate::desk) fn paste(&mut self, text: &str) {
        if std::mem::take(&mut self.selected) {
            (self.text, self.cursor) = (String::new(), 0);
        }
        let room = Self::MOST.saturating_sub(self.text.chars().count());
        let letters = text.chars().map(|it| if it.is_control() { ' ' } else { it }).take(room);
        self.with(|input| {
            for letter in letters {
                input.handle(InputRequest::InsertChar(letter));
            }
        });
    }

    fn with(&mut self, does: impl FnOnce(&mut Input)) {
        let mut input = Input::new(self.text.clone()).with_cursor(self.cursor);
        does(&mut input);
        if input.value().chars().count() <= Self::MOST && !input.value().chars().any(char::is_control) {
            (self.text, self.cursor) = (input.value().to_owned(), input.cursor());
        }
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyModifiers};

    use super::*;

    #[test]
    fn a_selected_text_is_replaced_by_what_is_typed_and_edited_after_an_arrow() {
        let after = |codes: &[KeyCode]| {
            let mut line = TextInput::selected("acme");
            for code in codes {
                line.press(KeyEvent::new(*code, KeyModifiers::NONE));
            }
            (line.text().to_owned(), line.cursor(), line.is_selected())
        };
        assert_eq!(after(&[]), ("acme".to_owned(), 4, true));
        assert_eq!(after(&[KeyCode::Char('x')]), ("x".to_owned(), 1, false));
        assert_eq!(after(&[KeyCode::Left, KeyCode::Char('x')]), ("acmxe".to_owned(), 4, false));
        assert_eq!(after(&[KeyCode::End, KeyCode::Char('x')]), ("acmex".to_owned(), 5, false));
        assert_eq!(after(&[KeyCode::Backspace]), (String::new(), 0, false));
        let mut line = TextInput::selected("acme");
        line.paste("b c");
        assert_eq!(line.text(), "b c");
        assert!(!TextInput::selected("").is_selected(), "an empty text has nothing to select");
    }

    #[test]
    fn a_line_is_typed_changed_and_bounded() {
        let press = |line: &mut TextInput, code| line.press(KeyEvent::new(code, KeyModifiers::NONE));
        let mut line = TextInput::of("acm");
        press(&mut line, KeyCode::Char('e'));
        press(&mut line, KeyCode::Home);
        press(&mut line, KeyCode::Char('!'));
        assert_eq!((line.text(), line.cursor()), ("!acme", 1));
        press(&mut line, KeyCode::Delete);
        line.press(KeyEvent::new(KeyCode::Char('w'), KeyModifiers::CONTROL));
        assert_eq!(line.text(), "cme");
        line.paste("x\u{1b}[2J\ny");
        assert_eq!(line.text(), "x [2J ycme");
        line.paste(&"a".repeat(10_000));
        assert_eq!(line.text().chars().count(), TextInput::MOST);
        press(&mut line, KeyCode::Char('z'));
        assert_eq!(line.text().chars().count(), TextInput::MOST);
    }
}
