//! How far a bracketed paste is: its end, and the key that ends one whose end does not come.

use std::time::Duration;

/// The sequence that ends a paste.
pub(super) const PASTE_END: &[u8] = b"\x1b[201~";
pub(super) const ESC: u8 = 0x1b;
/// The byte of ctrl-c.
const ETX: u8 = 0x03;
/// A key that ends a paste is alone between two silences of this length.
const KEY_SILENCE: Duration = Duration::from_millis(250);
/// A paste without an end ends after this silence. It is long, because the rest of a paste over a slow
/// line would be typed.
const PASTE_PATIENCE: Duration = Duration::from_secs(10);

/// The state of a paste.
///
/// ESC or ctrl-c ends a paste whose end does not come. It has to be alone between two silences, because both may be bytes
/// of the text, and ESC begins the end itself. A key that is held or repeated is alone too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct PasteProgress {
    /// How many bytes of the end have come.
    matched: usize,
    silence: PasteSilence,
    /// Whether the operator knows how to end it.
    warned: bool,
}

/// What has come since the last silence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum PasteSilence {
    /// Text of the paste.
    #[default]
    Broken,
    /// Nothing for the paste.
    Lasts,
    /// This key, and nothing else.
    ThenKey(u8),
}

/// What a silence means for a paste.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PasteAfterSilence {
    /// It goes on; whether the operator has to be warned.
    Open(PasteProgress, bool),
    /// It is dropped; whether an ESC was its last byte.
    Cut(bool),
}

impl PasteProgress {
    /// Takes a byte; `None` if it completes the end.
    pub(super) fn take(self, byte: u8) -> Option<Self> {
        let matched = match PASTE_END.get(self.matched) {
            Some(next) if *next == byte => self.matched + 1,
            // ESC occurs only at the start of the end marker.
            Some(_) | None => usize::from(byte == ESC),
        };
        let silence = match self.silence {
            PasteSilence::Lasts | PasteSilence::ThenKey(_) if matches!(byte, ESC | ETX) => PasteSilence::ThenKey(byte),
            PasteSilence::Lasts | PasteSilence::ThenKey(_) | PasteSilence::Broken => PasteSilence::Broken,
        };
        (matched < PASTE_END.len()).then_some(Self { matched, silence, ..self })
    }

    /// Returns the silence after which [`Self::expire`] is due.
    pub(super) const fn patience(self) -> Duration {
        match self.silence {
            PasteSilence::Broken | PasteSilence::ThenKey(_) => KEY_SILENCE,
            PasteSilence::Lasts => PASTE_PATIENCE,
        }
    }

    /// Handles a silence.
    pub(super) const fn expire(self) -> PasteAfterSilence {
        match self.silence {
            PasteSilence::Broken => {
                let next = Self { silence: PasteSilence::Lasts, warned: true, ..self };
                PasteAfterSilence::Open(next, !self.warned)
            }
            PasteSilence::Lasts => PasteAfterSilence::Cut(false),
            PasteSilence::ThenKey(key) => PasteAfterSilence::Cut(key == ESC),
        }
    }
}
