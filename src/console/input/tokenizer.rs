//! Splits the bytes that a terminal sends into keys, whole sequences, pastes and leftovers.
//!
//! A pure state machine over bytes and silence: how the bytes were split into reads changes nothing. It knows no
//! terminal and no clock: its caller feeds it what it reads, and reports a silence of [`InputTokenizer::patience`]. The
//! grammar is that of ECMA-48, with what terminals add to it: X10 mouse reports, the function keys of the Linux
//! console, and BEL at the end of an OSC string.

mod paste;

use std::time::Duration;

use self::paste::{ESC, PASTE_END, PasteAfterSilence, PasteProgress};

/// A whole piece of a terminal's input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum InputToken {
    /// A character or control byte of a key, after an ESC if alt is held; or ESC alone.
    Key(Vec<u8>),
    /// A whole sequence that begins with `ESC [` or `ESC O`.
    Sequence {
        /// Whether another ESC came before it.
        alt: bool,
        /// All its bytes, with ESC for an 8-bit introducer.
        bytes: Vec<u8>,
    },
    /// A whole control string: OSC, DCS, APC or PM.
    ControlString {
        /// The byte after ESC: `]`, `P`, `_` or `^`.
        kind: u8,
        /// The text between introducer and terminator.
        text: Vec<u8>,
    },
    /// The text of a bracketed paste.
    Paste(Vec<u8>),
    /// A bracketed paste has stopped without its end.
    StalledPaste,
    /// This many bytes of a bracketed paste without an end were dropped.
    CutPaste(usize),
    /// This many bytes were dropped: a sequence without an end, or bytes that are not text.
    Dropped(usize),
}

/// Puts a terminal's input together, however it was split into reads.
///
/// Invariant: it keeps at most [`Self::SEQUENCE_BYTES`] of a sequence and [`Self::PASTE_BYTES`] of a paste. A longer
/// one is dropped, up to its end.
#[derive(Debug, Default)]
pub(super) struct InputTokenizer {
    state: TokenizerState,
    held: Vec<u8>,
    /// Bytes of the present piece that exceeded the limit.
    excess: usize,
    alt: bool,
    /// Whether the sequence contains a byte that no sequence may contain.
    malformed: bool,
    /// Whether an ESC has just ended a paste: it may have been the first byte of the paste's own end.
    cut_at_escape: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum TokenizerState {
    #[default]
    Ground,
    Escape,
    EscapeEscape,
    /// In a character of which this many bytes are missing.
    Character(u8),
    /// After `ESC [`.
    Csi,
    /// After `ESC [ [`: a function key of the Linux console.
    LinuxKey,
    /// After `ESC [ M`: an X10 mouse report of which this many bytes are missing.
    X10Mouse(u8),
    /// After `ESC O`.
    Ss3,
    ControlString {
        kind: u8,
        /// Whether an 8-bit byte introduced it: then one may end it. In UTF-8 that byte is a part of characters.
        eight_bit: bool,
        escape: bool,
    },
    /// In a bracketed paste.
    Paste(PasteProgress),
}

const BEL: u8 = 0x07;
/// The 8-bit string terminator.
const ST: u8 = 0x9c;
const PASTE_BEGIN: &[u8] = b"\x1b[200~";

impl InputTokenizer {
    /// The maximum number of bytes of a sequence that are kept.
    pub(super) const SEQUENCE_BYTES: usize = 4 * 1024;
    /// The maximum number of bytes of a paste that are kept.
    pub(super) const PASTE_BYTES: usize = 1024 * 1024;
    /// Within this time after an ESC the next byte belongs to it.
    pub(super) const ESCAPE_PATIENCE: Duration = Duration::from_millis(50);
    /// A sequence ends after this silence.
    pub(super) const SEQUENCE_PATIENCE: Duration = Duration::from_millis(250);

    /// Takes the bytes of one read.
    pub(super) fn feed(&mut self, bytes: &[u8], tokens: &mut Vec<InputToken>) {
        for byte in bytes {
            self.take(*byte, tokens);
        }
    }

    /// Returns the silence since the last byte after which [`Self::expire`] is due; `None` between two pieces.
    pub(super) const fn patience(&self) -> Option<Duration> {
        match self.state {
            TokenizerState::Ground => None,
            TokenizerState::Escape | TokenizerState::EscapeEscape => Some(Self::ESCAPE_PATIENCE),
            TokenizerState::Paste(progress) => Some(progress.patience()),
            TokenizerState::Character(_)
            | TokenizerState::Csi
            | TokenizerState::LinuxKey
            | TokenizerState::X10Mouse(_)
            | TokenizerState::Ss3
            | TokenizerState::ControlString { .. } => Some(Self::SEQUENCE_PATIENCE),
        }
    }

    /// Handles a silence of [`Self::patience`]: ends the present piece, or waits longer for the end of a paste.
    pub(super) fn expire(&mut self, tokens: &mut Vec<InputToken>) {
        match self.state {
            TokenizerState::Ground => {}
            TokenizerState::Escape => self.finish_key(tokens),
            TokenizerState::EscapeEscape => {
                tokens.push(InputToken::Key(vec![ESC]));
                self.finish_key(tokens);
            }
            TokenizerState::Character(_)
            | TokenizerState::Csi
            | TokenizerState::LinuxKey
            | TokenizerState::X10Mouse(_)
            | TokenizerState::Ss3
            | TokenizerState::ControlString { .. } => self.drop_held(tokens),
            TokenizerState::Paste(progress) => match progress.expire() {
                PasteAfterSilence::Open(progress, warns) => {
                    self.state = TokenizerState::Paste(progress);
                    tokens.extend(warns.then_some(InputToken::StalledPaste));
                }
                PasteAfterSilence::Cut(at_escape) => {
                    tokens.push(InputToken::CutPaste(self.held.len() + self.excess));
                    self.reset();
                    self.cut_at_escape = at_escape;
                }
            },
        }
    }

    fn take(&mut self, byte: u8, tokens: &mut Vec<InputToken>) {
        match self.state {
            TokenizerState::Ground => self.begin(byte, tokens),
            TokenizerState::Escape => self.after_escape(byte, tokens),
            TokenizerState::EscapeEscape => self.after_two_escapes(byte, tokens),
            TokenizerState::Character(lacks) => self.in_character(byte, lacks, tokens),
            TokenizerState::Csi => self.in_csi(byte, tokens),
            TokenizerState::LinuxKey => self.in_linux_key(byte, tokens),
            TokenizerState::X10Mouse(lacks) => self.in_mouse_report(byte, lacks, tokens),
            TokenizerState::Ss3 => self.in_ss3(byte, tokens),
            TokenizerState::ControlString { kind, eight_bit, escape } => {
                self.in_control_string(byte, (kind, eight_bit, escape), tokens);
            }
            TokenizerState::Paste(progress) => self.in_paste(byte, progress, tokens),
        }
    }

    /// Takes the first byte of a piece.
    fn begin(&mut self, byte: u8, tokens: &mut Vec<InputToken>) {
        self.held.push(byte);
        let cut_at_escape = std::mem::take(&mut self.cut_at_escape);
        match byte {
            ESC => self.state = TokenizerState::Escape,
            b'[' if cut_at_escape => self.introduce(byte, false),
            0x00..=0x7f => self.finish_key(tokens),
            0xc2..=0xdf => self.state = TokenizerState::Character(1),
            0xe0..=0xef => self.state = TokenizerState::Character(2),
            0xf0..=0xf4 => self.state = TokenizerState::Character(3),
            // The 8-bit forms of `ESC O`, `ESC P`, `ESC [`, `ESC ]`, `ESC ^` and `ESC _`.
            0x8f | 0x90 | 0x9b | 0x9d | 0x9e | 0x9f => self.introduce(byte - 0x40, true),
            _ => self.drop_held(tokens),
        }
    }

    /// Begins a sequence after its introducer.
    fn introduce(&mut self, kind: u8, eight_bit: bool) {
        self.held.clear();
        self.held.extend([ESC, kind]);
        self.state = match kind {
            b'[' => TokenizerState::Csi,
            b'O' => TokenizerState::Ss3,
            _ => TokenizerState::ControlString { kind, eight_bit, escape: false },
        };
    }

    fn after_escape(&mut self, byte: u8, tokens: &mut Vec<InputToken>) {
        match byte {
            ESC => self.state = TokenizerState::EscapeEscape,
            b'[' | b'O' | b']' | b'P' | b'^' | b'_' => self.introduce(byte, false),
            0x80..=0xc1 | 0xf5..=0xff => {
                self.finish_key(tokens);
                self.begin(byte, tokens);
            }
            // The ESC stays in front of the character: alt is held.
            _ => self.begin(byte, tokens),
        }
    }

    fn after_two_escapes(&mut self, byte: u8, tokens: &mut Vec<InputToken>) {
        if matches!(byte, b'[' | b'O') {
            self.alt = true;
            self.introduce(byte, false);
            return;
        }
        tokens.push(InputToken::Key(vec![ESC]));
        if byte != ESC {
            self.after_escape(byte, tokens);
        }
    }

    fn in_character(&mut self, byte: u8, lacks: u8, tokens: &mut Vec<InputToken>) {
        if !matches!(byte, 0x80..=0xbf) {
            self.drop_held(tokens);
            self.begin(byte, tokens);
            return;
        }
        self.held.push(byte);
        if lacks > 1 {
            self.state = TokenizerState::Character(lacks - 1);
            return;
        }
        let text = self.held.strip_prefix(&[ESC]).unwrap_or(&self.held);
        // A control character in its UTF-8 form is not a key either.
        if std::str::from_utf8(text).is_ok_and(|it| !it.chars().any(char::is_control)) {
            self.finish_key(tokens);
        } else {
            self.drop_held(tokens);
        }
    }

    fn in_csi(&mut self, byte: u8, tokens: &mut Vec<InputToken>) {
        match byte {
            ESC => self.interrupt(tokens),
            b'[' if self.held.len() == 2 => self.expect(byte, TokenizerState::LinuxKey),
            b'M' if self.held.len() == 2 => self.expect(byte, TokenizerState::X10Mouse(3)),
            0x40..=0x7e => {
                self.keep(byte);
                if self.held == PASTE_BEGIN {
                    self.held.clear();
                    self.state = TokenizerState::Paste(PasteProgress::default());
                } else {
                    self.finish_sequence(tokens);
                }
            }
            0x20..=0x3f => self.keep(byte),
            _ => {
                self.malformed = true;
                self.keep(byte);
            }
        }
    }

    fn in_linux_key(&mut self, byte: u8, tokens: &mut Vec<InputToken>) {
        if byte == ESC {
            self.interrupt(tokens);
            return;
        }
        self.keep(byte);
        self.finish_sequence(tokens);
    }

    fn in_mouse_report(&mut self, byte: u8, lacks: u8, tokens: &mut Vec<InputToken>) {
        if byte == ESC {
            self.interrupt(tokens);
            return;
        }
        self.keep(byte);
        if lacks > 1 {
            self.state = TokenizerState::X10Mouse(lacks - 1);
        } else {
            self.finish_sequence(tokens);
        }
    }

    fn in_ss3(&mut self, byte: u8, tokens: &mut Vec<InputToken>) {
        match byte {
            ESC => self.interrupt(tokens),
            // Some terminals put a modifier here, as `ESC O 5 P`.
            0x30..=0x3f => self.keep(byte),
            0x20..=0x7e => {
                self.keep(byte);
                self.finish_sequence(tokens);
            }
            _ => {
                self.keep(byte);
                self.drop_held(tokens);
            }
        }
    }

    fn in_control_string(&mut self, byte: u8, string: (u8, bool, bool), tokens: &mut Vec<InputToken>) {
        let (kind, eight_bit, escape) = string;
        if escape && byte != b'\\' {
            self.interrupt(tokens);
            self.after_escape(byte, tokens);
        } else if escape || (byte == BEL && kind == b']') || (byte == ST && eight_bit) {
            self.finish_control_string(kind, tokens);
        } else if byte == ESC {
            self.state = TokenizerState::ControlString { kind, eight_bit, escape: true };
        } else {
            self.keep(byte);
        }
    }

    fn in_paste(&mut self, byte: u8, progress: PasteProgress, tokens: &mut Vec<InputToken>) {
        self.keep(byte);
        if let Some(progress) = progress.take(byte) {
            self.state = TokenizerState::Paste(progress);
            return;
        }
        if self.excess > 0 {
            self.drop_held(tokens);
            return;
        }
        self.held.truncate(self.held.len().saturating_sub(PASTE_END.len()));
        tokens.push(InputToken::Paste(std::mem::take(&mut self.held)));
        self.reset();
    }

    /// Keeps a byte, or counts it once the limit is reached.
    fn keep(&mut self, byte: u8) {
        let pasted = matches!(self.state, TokenizerState::Paste(_));
        let limit = if pasted { Self::PASTE_BYTES } else { Self::SEQUENCE_BYTES };
        if self.held.len() < limit {
            self.held.push(byte);
        } else {
            self.excess += 1;
        }
    }

    /// Keeps a byte and waits for the others of its character.
    fn expect(&mut self, byte: u8, state: TokenizerState) {
        self.keep(byte);
        self.state = state;
    }

    /// Drops the present piece because an ESC has begun another.
    fn interrupt(&mut self, tokens: &mut Vec<InputToken>) {
        self.drop_held(tokens);
        self.held.push(ESC);
        self.state = TokenizerState::Escape;
    }

    fn finish_key(&mut self, tokens: &mut Vec<InputToken>) {
        tokens.push(InputToken::Key(std::mem::take(&mut self.held)));
        self.reset();
    }

    fn finish_sequence(&mut self, tokens: &mut Vec<InputToken>) {
        if self.malformed || self.excess > 0 {
            self.drop_held(tokens);
            return;
        }
        tokens.push(InputToken::Sequence { alt: self.alt, bytes: std::mem::take(&mut self.held) });
        self.reset();
    }

    fn finish_control_string(&mut self, kind: u8, tokens: &mut Vec<InputToken>) {
        if self.excess > 0 {
            self.drop_held(tokens);
            return;
        }
        let text = self.held.split_off(self.held.len().min(2));
        tokens.push(InputToken::ControlString { kind, text });
        self.reset();
    }

    fn drop_held(&mut self, tokens: &mut Vec<InputToken>) {
        tokens.push(InputToken::Dropped(self.held.len() + self.excess));
        self.reset();
    }

    fn reset(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests;
