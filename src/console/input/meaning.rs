//! Gives the pieces of a terminal's input their meaning: keys, pastes, mouse reports, and replies to questions.
//!
//! A reply is never a key. An answer, or input that only looks like one, is recognised by its form before the key
//! parser sees it.

use crossterm::event::{Event as CrosstermEvent, KeyCode, KeyEvent, KeyModifiers, MouseEvent};

use super::tokenizer::InputToken;

/// A terminal's input as the console uses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TerminalInput {
    /// A key, with its modifiers.
    Key(KeyEvent),
    /// The text of a bracketed paste.
    Paste(String),
    /// A mouse report.
    Mouse(MouseEvent),
    /// An answer to one of the console's questions.
    Reply(TerminalReply),
    /// This many bytes were not understood.
    Dropped(usize),
    /// A paste has stopped without its end.
    StalledPaste,
    /// This many bytes of a paste without an end were dropped.
    CutPaste(usize),
}

/// A terminal's answer about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::console) enum TerminalReply {
    /// The column of the cursor, from 1.
    CursorColumn(u16),
    /// The background's red, green and blue, each from 0 to 65535.
    Background([u16; 3]),
    /// The device attributes, whose content does not matter: every terminal answers this question.
    Attributes,
}

/// Appends the meaning of a piece; nothing for a sequence that has no meaning here.
pub(super) fn read_token(token: InputToken, inputs: &mut Vec<TerminalInput>) {
    match token {
        InputToken::Key(bytes) => inputs.extend(parsed(&bytes)),
        InputToken::Sequence { alt, bytes } => read_sequence(alt, &bytes, inputs),
        InputToken::ControlString { kind, text } => inputs.extend(background(kind, &text).map(TerminalInput::Reply)),
        InputToken::Paste(text) => inputs.push(TerminalInput::Paste(String::from_utf8_lossy(&text).into_owned())),
        InputToken::Dropped(bytes) => inputs.push(TerminalInput::Dropped(bytes)),
        InputToken::StalledPaste => inputs.push(TerminalInput::StalledPaste),
        InputToken::CutPaste(bytes) => inputs.push(TerminalInput::CutPaste(bytes)),
    }
}

fn read_sequence(alt: bool, bytes: &[u8], inputs: &mut Vec<TerminalInput>) {
    let input = match control_sequence(bytes) {
        Some(sequence) if sequence.is_reply() => sequence.reply().map(TerminalInput::Reply),
        // The first column and row are 1; the parser subtracts it without a check.
        Some(sequence) if sequence.is_mouse_report_of_nowhere() => None,
        Some(_) | None => parsed(bytes),
    };
    match input {
        Some(TerminalInput::Key(key)) if alt => {
            inputs.push(TerminalInput::Key(KeyEvent { modifiers: key.modifiers | KeyModifiers::ALT, ..key }));
        }
        input => {
            // The first ESC was a key, and what followed it came from the terminal.
            inputs.extend(alt.then(|| TerminalInput::Key(KeyCode::Esc.into())));
            inputs.extend(input);
        }
    }
}

/// The key or mouse report of these bytes.
fn parsed(bytes: &[u8]) -> Option<TerminalInput> {
    let event = terminput::Event::parse_from(bytes).ok().flatten()?;
    match terminput_crossterm::to_crossterm(event).ok()? {
        CrosstermEvent::Key(key) => Some(TerminalInput::Key(key)),
        CrosstermEvent::Mouse(mouse) => Some(TerminalInput::Mouse(mouse)),
        CrosstermEvent::FocusGained
        | CrosstermEvent::FocusLost
        | CrosstermEvent::Paste(_)
        | CrosstermEvent::Resize(..) => None,
    }
}

/// A sequence that begins with `ESC [`.
#[derive(Debug, Clone, Copy)]
struct ControlSequence<'a> {
    parameters: &'a [u8],
    last: u8,
}

fn control_sequence(bytes: &[u8]) -> Option<ControlSequence<'_>> {
    let (last, parameters) = bytes.strip_prefix(b"\x1b[")?.split_last()?;
    // After `ESC [ M` and `ESC [ [` comes no parameter, but a mouse report or a letter.
    let is_plain = !matches!(parameters.first(), Some(b'M' | b'['));
    is_plain.then_some(ControlSequence { parameters, last: *last })
}

impl ControlSequence<'_> {
    /// Whether a terminal sends it of itself: every form but those of keys and mouse reports.
    fn is_reply(&self) -> bool {
        // Neither keys nor mouse reports have intermediate bytes.
        if self.parameters.iter().any(|it| (b' '..=b'/').contains(it)) {
            return true;
        }
        match self.parameters.first() {
            Some(b'<') => !matches!(self.last, b'M' | b'm'),
            Some(b'=' | b'>' | b'?') => true,
            // F3 with a modifier looks like the position of the cursor: then it is the position.
            None if matches!(self.last, b'I' | b'O' | b'R') => false,
            Some(_) | None => !matches!(self.last, b'A'..=b'F' | b'H' | b'M' | b'P'..=b'Q' | b'S' | b'Z' | b'u' | b'~'),
        }
    }

    fn is_mouse_report_of_nowhere(&self) -> bool {
        let is_zero = |digits: &[u8]| !digits.is_empty() && digits.iter().all(|it| *it == b'0');
        matches!(self.last, b'M' | b'm') && self.parameters.split(|it| *it == b';').skip(1).any(is_zero)
    }

    fn reply(&self) -> Option<TerminalReply> {
        let text = std::str::from_utf8(self.parameters).ok()?;
        match self.last {
            b'R' => text.split_once(';')?.1.parse().ok().map(TerminalReply::CursorColumn),
            b'c' if text.starts_with('?') => Some(TerminalReply::Attributes),
            _ => None,
        }
    }
}

/// The background's colour in an OSC 11 string, such as `11;rgb:1111/1414/1a1a`.
fn background(kind: u8, text: &[u8]) -> Option<TerminalReply> {
    let text = std::str::from_utf8(text).ok().filter(|_| kind == b']')?;
    let colour = text.strip_prefix("11;")?;
    let parts = colour.strip_prefix("rgb:").or_else(|| colour.strip_prefix("rgba:"))?;
    let mut parts = parts.split('/').map(intensity);
    let colour = [parts.next()??, parts.next()??, parts.next()??];
    Some(TerminalReply::Background(colour))
}

/// One to four hexadecimal digits, scaled to 16 bits.
fn intensity(digits: &str) -> Option<u16> {
    let most = match digits.len() {
        1 => 0xf,
        2 => 0xff,
        3 => 0xfff,
        4 => 0xffff,
        _ => return None,
    };
    // A sign is not a digit.
    let is_number = digits.bytes().all(|it| it.is_ascii_hexdigit());
    let value = u32::from(u16::from_str_radix(digits, 16).ok().filter(|_| is_number)?);
    u16::try_from(value * 0xffff / most).ok()
}
