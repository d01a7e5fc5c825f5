//! Recorded files: where they are, and which token fetches each. A file is a second of silence.

use indexmap::IndexMap;
use secrecy::SecretString;

use crate::graph::CallId;

use super::World;

/// One recorded file, as its operation tells it.
#[derive(Debug, Clone)]
pub(in super::super) struct RecordedFile {
    /// Its address; empty when nothing was recorded.
    pub(in super::super) location: Box<str>,
    /// What fetches it, worth nothing outside the simulator.
    pub(in super::super) token: Box<str>,
}

/// The recorded files.
#[derive(Debug, Default)]
pub(in super::super) struct RecordingStore {
    /// Where they are served, for example `http://127.0.0.1:4711`.
    base: Box<str>,
    /// Tokens by file. Bounded: at [`RecordingStore::MOST`] the oldest is forgotten.
    tokens: IndexMap<Box<str>, SecretString>,
}

impl RecordedFile {
    /// What an operation tells that recorded nothing.
    pub(super) fn none() -> Self {
        Self { location: "".into(), token: "".into() }
    }
}

impl RecordingStore {
    const MOST: usize = 64;

    /// Keeps a file.
    pub(super) fn keep(&mut self, id: &CallId, token: &CallId) -> RecordedFile {
        if self.tokens.len() >= Self::MOST {
            self.tokens.shift_remove_index(0);
        }
        let (id, token) = (id.to_string(), token.to_string());
        let location = format!("{}/recordings/{id}", self.base).into();
        self.tokens.insert(id.into(), token.as_str().into());
        RecordedFile { location, token: token.into() }
    }
}

impl World {
    /// Says where recorded files are served.
    pub fn set_base(&mut self, base: &str) {
        self.recordings.base = base.into();
    }

    /// What fetches a recorded file; `None` when there is no such file.
    #[must_use]
    pub fn recording_token(&self, id: &str) -> Option<&SecretString> {
        self.recordings.tokens.get(id)
    }

    /// The bytes of every recorded file: WAV, mono, 16 bit, 16 kHz, a second of silence.
    #[must_use]
    pub fn recording() -> Vec<u8> {
        const RATE: u32 = 16_000;
        const SOUND: u32 = RATE * 2;
        let mut file = Vec::from(*b"RIFF");
        file.extend((36 + SOUND).to_le_bytes());
        file.extend(b"WAVEfmt ");
        file.extend(16_u32.to_le_bytes());
        for half in [1_u16, 1] {
            file.extend(half.to_le_bytes());
        }
        for whole in [RATE, SOUND] {
            file.extend(whole.to_le_bytes());
        }
        for half in [2_u16, 16] {
            file.extend(half.to_le_bytes());
        }
        file.extend(b"data");
        file.extend(SOUND.to_le_bytes());
        file.resize(file.len() + RATE as usize * 2, 0);
        file
    }
}
