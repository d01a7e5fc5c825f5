//! Durations in scenarios: `"-4m12s"`, `"200ms"`, `"1h2m"`, or a number of seconds.

use std::fmt;

use serde::Deserializer;
use serde::de::{Error, Visitor};

use crate::time::Millis;

/// Deserializes a duration.
pub(super) fn span<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Millis, D::Error> {
    deserializer.deserialize_any(OffsetReader)
}

/// Deserializes an optional duration.
pub(super) fn maybe<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Millis>, D::Error> {
    span(deserializer).map(Some)
}

struct OffsetReader;

impl Visitor<'_> for OffsetReader {
    type Value = Millis;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a duration like \"-4m12s\" or \"200ms\", or a number of seconds")
    }

    fn visit_i64<E: Error>(self, seconds: i64) -> Result<Millis, E> {
        Ok(Millis::seconds(seconds))
    }

    fn visit_u64<E: Error>(self, seconds: u64) -> Result<Millis, E> {
        i64::try_from(seconds).map(Millis::seconds).map_err(E::custom)
    }

    #[expect(clippy::cast_possible_truncation, reason = "saturates, and no scenario is that long")]
    fn visit_f64<E: Error>(self, seconds: f64) -> Result<Millis, E> {
        Ok(Millis((seconds * 1_000.0) as i64))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Millis, E> {
        read(text)
            .ok_or_else(|| E::custom(format!("{text:?} is not a duration; write it like \"-4m12s\" or \"200ms\"")))
    }
}

/// Reads a duration in jiff's friendly format or in ISO 8601; hours are the largest unit.
fn read(text: &str) -> Option<Millis> {
    let duration: jiff::SignedDuration = text.trim().parse().ok()?;
    i64::try_from(duration.as_millis()).ok().map(Millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_parse_in_every_documented_form() {
        let cases = [
            ("-4m12s", Some(-252_000)),
            ("200ms", Some(200)),
            ("1h2m", Some(3_720_000)),
            ("0s", Some(0)),
            ("", None),
            ("-", None),
            ("12", None),
            ("m4", None),
            ("4 m", Some(240_000)),
            ("1h 2m 3s", Some(3_723_000)),
            ("PT5M", Some(300_000)),
            ("2d", None),
            ("99999999999999999999h", None),
        ];
        for (text, millis) in cases {
            assert_eq!(read(text), millis.map(Millis), "{text:?}");
        }
    }
}
