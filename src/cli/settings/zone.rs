//! The zone that times of day are shown in. The names come from the database in the program, so that a settings file
//! means the same on every machine.

use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::desk::nearest;

/// The zone of the settings.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ZoneSetting {
    /// The machine's, which the shell finds.
    #[default]
    Local,
    /// A zone by its name.
    Named(TimeZone),
}

impl ZoneSetting {
    /// Parses `local`, `utc` or the name of a zone, in upper or lower case.
    ///
    /// The error is a sentence with the nearest name.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "local" => return Ok(Self::Local),
            "utc" => return Ok(Self::Named(TimeZone::UTC)),
            _ => {}
        }
        let zones = TimeZoneDatabase::bundled();
        zones.get(text).map(Self::Named).map_err(|_unknown| {
            let names: Vec<String> = zones.available().map(|it| it.as_str().to_owned()).collect();
            let near = nearest(names.iter().map(String::as_str).chain(["local", "utc"]), text);
            format!("there is no zone {text:?}; the nearest is {near:?}")
        })
    }

    /// Returns the name that [`Self::parse`] reads.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Local => "local",
            Self::Named(zone) if *zone == TimeZone::UTC => "utc",
            Self::Named(zone) => zone.iana_name().unwrap_or("utc"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_read_by_its_name_and_an_unknown_one_has_a_nearest() {
        for (text, name) in
            [("local", "local"), ("UTC", "utc"), ("Europe/Oslo", "Europe/Oslo"), ("asia/tokyo", "Asia/Tokyo")]
        {
            let zone = ZoneSetting::parse(text).unwrap();
            assert_eq!(zone.name(), name);
            assert_eq!(ZoneSetting::parse(zone.name()), Ok(zone));
        }
        let error = ZoneSetting::parse("Europe/Olso").unwrap_err();
        assert_eq!(error, "there is no zone \"Europe/Olso\"; the nearest is \"Europe/Oslo\"");
        assert!(ZoneSetting::parse("").is_err());
    }
}
