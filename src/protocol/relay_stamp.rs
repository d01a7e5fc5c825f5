//! An instant in a relay's own time, by which an act expires.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The header of an act that says when its key was pressed, as a [`RelayStamp`] in text.
pub const PRESSED_HEADER: &str = "callboard-pressed";
/// The header of one of many acts that says when its turn came; it expires from then on.
pub const TURN_HEADER: &str = "callboard-turn";
/// The path at which a relay tells its time, as a [`RelayStamp`] in JSON, to an operator's token.
pub const TIME_PATH: &str = "/time";

/// An instant by a relay's own clock: real time since its start, whatever the speed of floor time and the steps of wall
/// time. Written as `<start>:<ms>` in a header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RelayStamp {
    /// The milliseconds since the start; negative before it.
    pub ms: i64,
    /// The identity of the start: a relay that is started again has another.
    pub start: Box<str>,
}

/// A text that is not a stamp.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a time of the relay: it is written <start>:<milliseconds>, as {TIME_PATH} and the heartbeats give both"
)]
pub struct StampError(String);

impl fmt::Display for RelayStamp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.start, self.ms)
    }
}

impl FromStr for RelayStamp {
    type Err = StampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.rsplit_once(':').filter(|(start, _)| !start.is_empty());
        let stamp = parts.and_then(|(start, ms)| Some(Self { ms: ms.parse().ok()?, start: start.into() }));
        stamp.ok_or_else(|| StampError(text.chars().take(LONGEST).collect()))
    }
}

/// The maximum number of characters that an error quotes.
const LONGEST: usize = 80;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_reads_back_and_nonsense_is_named() {
        for (ms, start) in [(0, "a"), (-7, "0192-ff"), (i64::MAX, "a:b")] {
            let stamp = RelayStamp { ms, start: start.into() };
            assert_eq!(stamp.to_string().parse(), Ok(stamp));
        }
        for wrong in ["", "5", ":5", "a:", "a:x", "a:5.5"] {
            let error = wrong.parse::<RelayStamp>().unwrap_err().to_string();
            assert!(error.contains(&format!("{wrong:?}")), "{error}");
        }
    }
}
