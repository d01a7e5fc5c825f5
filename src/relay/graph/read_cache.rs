//! Caches the last reading of each call, so that an equal reading is not journalled again. Also collects the calls for
//! which an operator's read got a 404. Sends no requests.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use aws_lc_rs::digest::{SHA256, digest};
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::bounded::BoundedMap;
use crate::floor::{Cursor, Fact, Floor, GraphReading, Observed};
use crate::graph::{CallId, OperationId};
use crate::journal::{ChainMark, JournalError};
use crate::relay::live::projection::LiveFloor;
use crate::relay::record::journal_writer::JournalWriter;

/// The last readings. An evicted reading counts as news when it is read again.
#[derive(Debug, Default)]
pub(in crate::relay) struct ReadCache {
    known: Mutex<BoundedMap<(CallId, ReadKind), CachedRead, MAX_READINGS>>,
    /// Calls that the reconciler should read; at most `MAX_READINGS`. When it is full, an operator's 404 is not followed up.
    doubted: watch::Sender<BTreeSet<CallId>>,
}

/// The kind of a reading of a call.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum ReadKind {
    Call,
    Participants,
    Operation(OperationId),
    Gone,
}

/// A journalled reading.
#[derive(Debug)]
struct CachedRead {
    text: Box<[u8]>,
    at: Cursor,
}

/// The maximum number of cached readings.
const MAX_READINGS: usize = 10_000;

impl ReadCache {
    /// Returns whether a reading is news: it differs from the last journalled one of the same kind, or the call has
    /// changed or was acted on since, or the call is doubtful and the reading ends the doubt.
    pub(in crate::relay) fn is_news(&self, live: &LiveFloor, fact: &Fact) -> bool {
        let Fact::Observed(observed) = fact else { return true };
        live.with_floor(|floor| self.differs(floor, live.journal_head(), observed))
    }

    /// Decides [`ReadCache::is_news`] for a floor and the journal's head.
    fn differs(&self, floor: &Floor, head: Cursor, observed: &Observed) -> bool {
        let (what, text) = described(observed);
        let Some(call) = floor.call(&observed.call) else { return true };
        if !call.is_live() {
            return what != ReadKind::Gone;
        }
        let has_open_operation = floor.open_operations_on(&observed.call).next().is_some();
        if has_open_operation || call.doubt.is_some() || floor.head() < head {
            return true;
        }
        let known = self.known.lock();
        let last = known.get(&(observed.call.clone(), what));
        last.is_none_or(|it| it.text != text || it.at < call.news)
    }

    /// Forgets a call's readings after an act on it, so that the next reading is news.
    pub(in crate::relay) fn forget(&self, call: &CallId) {
        self.known.lock().retain(|(of, _), _| of != call);
    }

    /// Asks the reconciler to read a call that an operator's read did not find.
    pub(in crate::relay) fn doubt(&self, call: &CallId) {
        self.doubted.send_if_modified(|it| it.len() < MAX_READINGS && it.insert(call.clone()));
    }

    /// Watches the calls that [`ReadCache::take_doubted`] returns.
    pub(in crate::relay) fn watch_doubted(&self) -> watch::Receiver<BTreeSet<CallId>> {
        self.doubted.subscribe()
    }

    /// Removes and returns the calls for which operators' reads got a 404.
    pub(in crate::relay) fn take_doubted(&self) -> BTreeSet<CallId> {
        let mut taken = BTreeSet::new();
        // Removing them must not wake the reconciler.
        self.doubted.send_if_modified(|it| {
            taken = std::mem::take(it);
            false
        });
        taken
    }

    /// Journals readings, and caches them once they are durable.
    pub(in crate::relay) async fn write(
        &self,
        writer: &JournalWriter,
        facts: Vec<Fact>,
    ) -> Result<Vec<ChainMark>, JournalError> {
        let readings: Vec<_> = facts
            .iter()
            .map(|fact| {
                let Fact::Observed(observed) = fact else { return None };
                let (what, text) = described(observed);
                Some((observed.call.clone(), what, text))
            })
            .collect();
        let marks = writer.write(facts).await?;
        for (reading, mark) in readings.into_iter().zip(&marks) {
            if let Some(reading) = reading {
                self.keep(reading, mark.cursor);
            }
        }
        Ok(marks)
    }

    fn keep(&self, (call, what, text): (CallId, ReadKind, Box<[u8]>), at: Cursor) {
        let mut known = self.known.lock();
        let key = (call, what);
        // Inserted at the end, so that the oldest reading is evicted first.
        known.remove(&key);
        known.insert(key, CachedRead { text, at });
    }
}

/// Returns a reading's kind, and a digest of its text.
fn described(observed: &Observed) -> (ReadKind, Box<[u8]>) {
    let (what, text) = match &observed.read {
        GraphReading::Call(raw) => (ReadKind::Call, raw.get()),
        GraphReading::Participants(raw) => (ReadKind::Participants, raw.get()),
        GraphReading::Operation(id, raw) => (ReadKind::Operation(id.clone()), raw.get()),
        GraphReading::Gone => (ReadKind::Gone, ""),
    };
    (what, digest(&SHA256, text.as_bytes()).as_ref().into())
}
