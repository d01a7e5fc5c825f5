//! Recorded files: their addresses, and the token that fetches each. A file is a second of silence.

use secrecy::SecretString;

use crate::bounded::BoundedMap;
use crate::graph::CallId;

use crate::sim::world::calls::operation::RecordedFile;

/// The maximum number of recorded files that can be fetched. A new one evicts the oldest.
const MOST: usize = 64;

/// The recorded files.
#[derive(Debug, Default)]
pub(in crate::sim::world) struct RecordingStore {
    /// The token of each file.
    tokens: BoundedMap<Box<str>, SecretString, MOST>,
}

impl RecordingStore {
    /// Returns the token that fetches a file, or `None` if there is no such file.
    pub(in crate::sim::world) fn token(&self, id: &str) -> Option<&SecretString> {
        self.tokens.get(id)
    }

    /// Adds a file, which is served below `origin`, for example `http://127.0.0.1:4711`.
    pub(in crate::sim::world) fn add(&mut self, origin: &str, (id, token): (&CallId, &CallId)) -> RecordedFile {
        let (id, token) = (id.to_string(), token.to_string());
        let location = format!("{origin}/recordings/{id}").into();
        self.tokens.insert(id.into(), token.as_str().into());
        RecordedFile { location, token: token.into() }
    }
}

/// Returns the bytes of every recorded file: WAV, mono, 16 bit, 16 kHz, a second of silence.
#[must_use]
pub fn silent_recording() -> Vec<u8> {
    /// Samples per second.
    const RATE: u32 = 16_000;
    /// The bytes of a second of sound: two for each sample.
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
