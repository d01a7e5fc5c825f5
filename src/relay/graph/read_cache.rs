//! What was last read of each call: a reading that says it again is not written again; and the calls that an operator
//! read and Graph did not know. Knows no requests.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use tokio::sync::watch;

use crate::floor::{Cursor, Fact, Floor, GraphReading, Observed};
use crate::graph::{CallId, OperationId};
use crate::journal::{ChainMark, JournalError};
use crate::relay::Shared;

/// The last readings; bounded: when there are too many all are forgotten, and the next ones are news.
#[derive(Debug, Default)]
pub(in crate::relay) struct ReadCache {
    known: Mutex<BTreeMap<(CallId, ReadKind), CachedRead>>,
    /// Calls that the keeper is to look for; at most as many, and when there are too many no more are taken: an
    /// operator's read changes nothing then.
    doubted: watch::Sender<BTreeSet<CallId>>,
}

/// What was read of a call.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum ReadKind {
    Call,
    Participants,
    Operation(OperationId),
    Gone,
}

/// A reading that the journal has.
#[derive(Debug)]
struct CachedRead {
    text: Box<[u8]>,
    at: Cursor,
}

const MOST: usize = 10_000;

impl ReadCache {
    /// Whether a reading tells the floor anything: the journal's last one of the same thing says something else, or
    /// something was heard of the call or done to it since, or it is in doubt, which a reading ends.
    pub(in crate::relay) fn are_news(&self, shared: &Shared, fact: &Fact) -> bool {
        let Fact::Observed(observed) = fact else { return true };
        shared.hub.with_floor(|floor| self.tell(floor, shared.journal.head().cursor, observed))
    }

    /// As [`ReadCache::are_news`], for a floor and where the journal ends.
    fn tell(&self, floor: &Floor, head: Cursor, observed: &Observed) -> bool {
        let (what, text) = described(observed);
        let Some(call) = floor.call(&observed.call) else { return true };
        if !call.is_live() {
            return what != ReadKind::Gone;
        }
        let is_open = floor.open_operations().any(|it| it.call == observed.call);
        if is_open || call.doubt.is_some() || floor.head() < head {
            return true;
        }
        let known = self.known();
        let said = known.get(&(observed.call.clone(), what));
        said.is_none_or(|it| it.text != text || it.at < call.news)
    }

    /// Something is done to a call: whatever is read next is news.
    pub(in crate::relay) fn forget(&self, call: &CallId) {
        self.known().retain(|(of, _), _| of != call);
    }

    /// An operator's read of a call found nothing: the keeper reads it.
    pub(in crate::relay) fn doubt(&self, call: &CallId) {
        self.doubted.send_if_modified(|it| it.len() < MOST && it.insert(call.clone()));
    }

    /// Tells when there is something to take from [`ReadCache::take_doubted`].
    pub(in crate::relay) fn watch_doubted(&self) -> watch::Receiver<BTreeSet<CallId>> {
        self.doubted.subscribe()
    }

    /// The calls that operators' reads did not find since this was asked last.
    pub(in crate::relay) fn take_doubted(&self) -> BTreeSet<CallId> {
        let mut taken = BTreeSet::new();
        // Nobody needs to be told that they were taken.
        self.doubted.send_if_modified(|it| {
            taken = std::mem::take(it);
            false
        });
        taken
    }

    fn keep(&self, (call, what, text): (CallId, ReadKind, Box<[u8]>), at: Cursor) {
        let mut known = self.known();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert((call, what), CachedRead { text, at });
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<(CallId, ReadKind), CachedRead>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes readings, and remembers them once the journal has them.
pub(in crate::relay) async fn keep(shared: &Shared, facts: Vec<Fact>) -> Result<Vec<ChainMark>, JournalError> {
    let readings: Vec<_> = facts
        .iter()
        .map(|fact| {
            let Fact::Observed(observed) = fact else { return None };
            let (what, text) = described(observed);
            Some((observed.call.clone(), what, text))
        })
        .collect();
    let marks = shared.recorder.write(facts).await?;
    for (reading, mark) in readings.into_iter().zip(&marks) {
        if let Some(reading) = reading {
            shared.readings.keep(reading, mark.cursor);
        }
    }
    Ok(marks)
}

/// What a reading is about, and a digest of what it says.
fn described(observed: &Observed) -> (ReadKind, Box<[u8]>) {
    let (what, text) = match &observed.read {
        GraphReading::Call(raw) => (ReadKind::Call, raw.get()),
        GraphReading::Participants(raw) => (ReadKind::Participants, raw.get()),
        GraphReading::Operation(id, raw) => (ReadKind::Operation(id.clone()), raw.get()),
        GraphReading::Gone => (ReadKind::Gone, ""),
    };
    (what, digest(&SHA256, text.as_bytes()).as_ref().into())
}
