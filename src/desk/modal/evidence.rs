//! The evidence overlay: the journal's own record of the selected row, read from the relay, and its difference from the
//! previous record of the same resource.
//!
//! The relay answers a read with entries and no end mark. The read is complete once the newest wanted entry is there;
//! without it, the wait ends with a reason. `search` then finds the record among the entries, in a task of its own.

pub(in crate::desk) mod changes;
pub(in crate::desk) mod search;

use crate::desk::modal::evidence::search::{
    EvidenceFound, EvidenceQuery, EvidenceSearch, EvidenceSubject, JournalRecord,
};
use crate::desk::modal::scroll::ScrollOffset;
use crate::floor::{Cursor, Entry};
use crate::graph::ParticipantId;
use crate::time::{Millis, Timestamp};

/// The evidence overlay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceView {
    of: String,
    state: EvidenceState,
    scroll: ScrollOffset,
    /// Whether the whole record is shown instead of its part.
    shows_whole: bool,
    wanted: EvidenceQuery,
    /// What was read so far; `None` once the search has begun.
    read: Option<EvidenceSearch>,
}

/// The state of the evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EvidenceState {
    /// The relay has not answered yet.
    Asking,
    /// There is no evidence, for this reason.
    Failed(String),
    /// The record was found.
    Shown(JournalRecord),
}

/// Where an evidence view was closed, to open it there again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::desk) struct EvidencePlace {
    about: EvidenceSubject,
    cursor: Cursor,
    scroll: ScrollOffset,
    shows_whole: bool,
}

/// How long to wait for the relay's answer, in wall time.
pub(in crate::desk) const PATIENCE: Millis = Millis::seconds(5);

impl EvidenceView {
    /// Makes an evidence view that waits since `wall` for the record: its subject, and the newest entry to consider.
    pub(in crate::desk) fn asked(of: String, about: EvidenceSubject, until: Cursor, wall: Timestamp) -> Self {
        let wanted = EvidenceQuery { about, until, asked: wall };
        let read = Some(EvidenceSearch::new(wanted.clone()));
        Self { of, state: EvidenceState::Asking, scroll: ScrollOffset::default(), shows_whole: false, wanted, read }
    }

    /// Returns where it stands; `None` if no record is shown.
    pub(in crate::desk) fn place(&self) -> Option<EvidencePlace> {
        let EvidenceState::Shown(record) = &self.state else { return None };
        let (about, shows_whole) = (self.wanted.about.clone(), self.shows_whole);
        Some(EvidencePlace { about, cursor: record.cursor, scroll: self.scroll, shows_whole })
    }

    /// Goes to a place, if it is one in the same record of the same subject.
    pub(in crate::desk) fn return_to(&mut self, place: &EvidencePlace) {
        if self.place().is_some_and(|it| it.about == place.about && it.cursor == place.cursor) {
            (self.scroll, self.shows_whole) = (place.scroll, place.shows_whole);
        }
    }

    /// Returns the person whom it is about, if it is about one.
    #[must_use]
    pub const fn person(&self) -> Option<&ParticipantId> {
        match &self.wanted.about {
            EvidenceSubject::Person(_, person) => Some(person),
            EvidenceSubject::Call(_) | EvidenceSubject::Entry(_) | EvidenceSubject::Act(_) => None,
        }
    }

    /// Returns the subject of the evidence; untrusted text.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.of
    }

    /// Returns the record, or why there is none yet.
    #[must_use]
    pub const fn state(&self) -> &EvidenceState {
        &self.state
    }

    /// Returns how many lines are scrolled out above.
    #[must_use]
    pub const fn scroll(&self) -> usize {
        self.scroll.lines()
    }

    pub(in crate::desk) const fn offset(&self) -> &ScrollOffset {
        &self.scroll
    }

    pub(in crate::desk) const fn offset_mut(&mut self) -> &mut ScrollOffset {
        &mut self.scroll
    }

    /// Returns whether the record is a part of one, so that the whole can be shown too.
    #[must_use]
    pub fn is_part(&self) -> bool {
        matches!(&self.state, EvidenceState::Shown(record) if !record.whole.is_empty())
    }

    /// Returns whether the whole record is shown instead of the part.
    #[must_use]
    pub const fn shows_whole(&self) -> bool {
        self.shows_whole
    }

    /// Shows the whole record instead of the part, or the part again.
    pub(in crate::desk) fn toggle_whole(&mut self) {
        self.shows_whole = !self.shows_whole;
        self.scroll = ScrollOffset::default();
    }

    /// Returns the newest entry to consider.
    pub(in crate::desk) const fn until(&self) -> Cursor {
        self.wanted.until
    }

    /// Returns whether the relay should have answered by `wall` and has not.
    pub(in crate::desk) fn is_overdue(&self, wall: Timestamp) -> bool {
        self.is_asking() && self.read.is_some() && wall.since(self.wanted.asked) >= PATIENCE
    }

    pub(in crate::desk) fn is_asking(&self) -> bool {
        self.state == EvidenceState::Asking
    }

    /// Ends the wait, with the reason.
    pub(in crate::desk) fn fail(&mut self, why: String) {
        self.state = EvidenceState::Failed(why);
    }

    /// Adds entries that the relay read. After the newest wanted entry, the record can be searched for: that takes long
    /// where rosters are large, so it is not done here.
    pub(in crate::desk) fn take(&mut self, entries: Vec<Entry>) -> Option<EvidenceSearch> {
        if !self.is_asking() {
            return None;
        }
        self.read.as_mut()?.take(entries).then(|| self.read.take())?
    }

    /// Shows what the search has found, if this view began it.
    pub(in crate::desk) fn show_found(&mut self, found: EvidenceFound) {
        if self.is_asking() && self.read.is_none() && self.wanted == found.wanted {
            self.state = match found.record {
                Ok(record) => EvidenceState::Shown(*record),
                Err(why) => EvidenceState::Failed(why),
            };
        }
    }
}
