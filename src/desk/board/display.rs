//! How the board is shown, apart from its rows: the zone of its times, the height of Waiting, and how far the
//! event log is scrolled.

use jiff::tz::TimeZone;

use crate::desk::board::waiting::Crowding;
use crate::desk::modal::evidence::EvidencePlace;
use crate::desk::vocab::Motion;
use crate::time::Timestamp;

/// Returns the time of day in a zone: `14:32:07`. An instant outside the calendar's range is shown as the
/// start of 1970.
#[must_use]
pub fn time_of_day(at: Timestamp, zone: &TimeZone) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    let time = zone.to_datetime(at).time();
    format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())
}

/// How the board is shown, apart from its rows.
#[derive(Debug)]
pub(in crate::desk) struct BoardDisplay {
    zone: TimeZone,
    /// When the last key was pressed, in wall time.
    last_key: Option<Timestamp>,
    waiting_alone: bool,
    crowding: Crowding,
    events_scroll: usize,
    /// Where the last evidence was closed.
    evidence_place: Option<EvidencePlace>,
}

impl BoardDisplay {
    /// The display in this zone, or in UTC.
    pub(in crate::desk) fn new(zone: Option<TimeZone>) -> Self {
        Self {
            zone: zone.unwrap_or(TimeZone::UTC),
            last_key: None,
            waiting_alone: false,
            crowding: Crowding::default(),
            events_scroll: 0,
            evidence_place: None,
        }
    }

    /// Where the last evidence was closed.
    pub(in crate::desk) const fn evidence_place(&self) -> Option<&EvidencePlace> {
        self.evidence_place.as_ref()
    }

    /// Keeps the place where evidence was closed.
    pub(in crate::desk) fn keep_evidence_place(&mut self, place: Option<EvidencePlace>) {
        self.evidence_place = place.or_else(|| self.evidence_place.take());
    }

    pub(in crate::desk) const fn zone(&self) -> &TimeZone {
        &self.zone
    }

    pub(in crate::desk) fn set_zone(&mut self, zone: Option<TimeZone>) {
        self.zone = zone.unwrap_or(TimeZone::UTC);
    }

    /// Records a key press, in wall time.
    pub(in crate::desk) const fn key_pressed(&mut self, wall: Timestamp) {
        self.last_key = Some(wall);
    }

    /// Whether Waiting fills the whole board while it is focused.
    pub(in crate::desk) const fn waiting_is_alone(&self) -> bool {
        self.waiting_alone
    }

    /// Switches Waiting between the whole board and its own rows.
    pub(in crate::desk) const fn toggle_waiting_alone(&mut self) {
        self.waiting_alone = !self.waiting_alone;
    }

    /// Whether Waiting has its larger height.
    pub(in crate::desk) const fn is_crowded(&self) -> bool {
        self.crowding.is_crowded()
    }

    /// Updates the height of Waiting from the number of people who wait and the rows of its usual height.
    pub(in crate::desk) fn settle_crowding(&mut self, waiting: usize, rows: usize, wall: Timestamp) {
        self.crowding.settle((waiting, rows), wall, self.last_key);
    }

    /// How many of the newest lines of the event log are scrolled past.
    pub(in crate::desk) const fn events_scroll(&self) -> usize {
        self.events_scroll
    }

    /// Scrolls the event log, which has this many lines.
    pub(in crate::desk) fn scroll_events(&mut self, motion: Motion, page: usize, lines: usize) {
        let last = lines.saturating_sub(1);
        let scrolled = match motion {
            Motion::Down => self.events_scroll + 1,
            Motion::Up => self.events_scroll.saturating_sub(1),
            Motion::First => 0,
            Motion::Last => last,
            Motion::PageDown | Motion::HalfDown => self.events_scroll + page,
            Motion::PageUp | Motion::HalfUp => self.events_scroll.saturating_sub(page),
        };
        self.events_scroll = scrolled.min(last);
    }
}
