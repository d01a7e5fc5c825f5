//! Appends the relay's entries to the journal with floor time, and queues notes about refused and lost webhooks until
//! they are durable. Does not know HTTP.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::{Notify, watch};

use super::log_throttle::LogThrottle;
use super::timed_journal::TimedJournal;
use crate::floor::{Fact, Noted};
use crate::journal::{ChainMark, Journal, JournalError};
use crate::relay::ops::metrics::RelayMetrics;
use crate::time::clock::{self, Clock};
use crate::time::{ClockMove, ClockMoveCause, Millis, Timestamp};

/// Appends the relay's entries to the journal.
pub(in crate::relay) struct JournalWriter {
    journal: TimedJournal,
    pending: Mutex<PendingNotes>,
    /// The time of the first failed append; `None` while appends succeed.
    failing_since: watch::Sender<Option<Timestamp>>,
    wake: Notify,
    metrics: Arc<RelayMetrics>,
    /// The shortest time between two notes of the same refusal.
    note_interval: Duration,
    /// The time and reason of the last append's failure; `None` if it succeeded.
    last_failure: Mutex<Option<(Instant, String)>>,
    /// Throttles the log lines of failed appends.
    append_log: LogThrottle,
    /// Throttles the log lines of webhooks that cannot be verified.
    verify_log: LogThrottle,
}

/// Notes that are not durable yet; bounded by the number of reasons.
#[derive(Default)]
struct PendingNotes {
    notes: BTreeMap<PendingNote, u64>,
    /// When each queued note happened first, in floor time.
    first_at: BTreeMap<PendingNote, Timestamp>,
    /// The time at which a recently written note may be written again.
    not_before: BTreeMap<PendingNote, Instant>,
}

/// The kind and reason of a note. The map's value is the number of events.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum PendingNote {
    Refused(RefusedParty, String),
    ForwardFailed(String),
    Gap(String),
    /// A gap that forged webhooks may have caused; see [`JournalWriter::note_unverified`].
    Unverified,
}

/// The side that was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::relay) enum RefusedParty {
    /// A sender of webhooks.
    Sender,
    /// A caller of the feed or the gate.
    Caller,
}

/// The shortest time between two writes of notes.
const BETWEEN_WRITES: Duration = Duration::from_secs(1);
/// The shortest time between two notes of unverified webhooks.
const BETWEEN_UNVERIFIED: Duration = Duration::from_mins(1);
/// The time for which a failed append counts as the journal's state. After that the state is unknown.
const FAILURE_AGE: Duration = Duration::from_secs(10);

/// The interval at which the journal's files are looked at: consoles show within a second that they are gone.
const STORAGE_CHECK_INTERVAL: Duration = Duration::from_millis(500);
/// The interval at which the machine's clocks are compared: a clock that was mended counts within a second.
const CLOCK_CHECK_INTERVAL: Duration = Duration::from_millis(500);
/// The maximum length of a reason in an entry, in bytes. A reason may quote text from outside.
pub(in crate::relay) const LARGEST_REASON: usize = 512;

impl JournalWriter {
    /// Creates a writer that notes refusals of one kind at most once in `note_interval`, in wall time.
    pub(in crate::relay) fn new(
        journal: Arc<dyn Journal>,
        clock: Clock,
        metrics: Arc<RelayMetrics>,
        note_interval: Duration,
    ) -> Self {
        Self {
            journal: TimedJournal::new(journal, clock),
            pending: Mutex::default(),
            failing_since: watch::Sender::default(),
            wake: Notify::new(),
            metrics,
            note_interval,
            last_failure: Mutex::default(),
            append_log: LogThrottle::default(),
            verify_log: LogThrottle::default(),
        }
    }

    /// Writes facts as one batch, and returns when they are durable. A failure other than `Busy` queues one gap.
    pub(in crate::relay) async fn write(&self, facts: Vec<Fact>) -> Result<Vec<ChainMark>, JournalError> {
        let written = self.append(facts).await;
        if let Err(error) = &written
            && !matches!(error, JournalError::Busy)
        {
            self.note_gap(lost_by(error));
        }
        written
    }

    /// Writes facts as [`JournalWriter::write`] does, for callers that queue the gap themselves with their own reason.
    pub(in crate::relay) async fn append(&self, facts: Vec<Fact>) -> Result<Vec<ChainMark>, JournalError> {
        let began = clock::instant();
        self.metrics.journal.appending.inc();
        let written = self.journal.append(facts).await;
        self.metrics.journal.appending.dec();
        self.metrics.journal.appended(began.elapsed(), written.is_ok());
        *self.last_failure.lock() = written.as_ref().err().map(|error| (clock::instant(), error.to_string()));
        match &written {
            Ok(_) => {
                if let Some(more) = self.append_log.recovered() {
                    tracing::warn!(more_failures = more, "the journal accepts entries again");
                }
                self.failing_since.send_if_modified(|since| since.take().is_some());
            }
            // The journal is busy only for a moment, and the caller reports its own refusal.
            Err(JournalError::Busy) => {}
            Err(error) => self.mark_failing(error),
        }
        written
    }

    /// Checks that the journal keeps what was acknowledged, also while nothing is appended, until the relay stops.
    pub(in crate::relay) async fn watch_storage(&self) {
        loop {
            tokio::time::sleep(STORAGE_CHECK_INTERVAL).await;
            match self.journal.check_storage().await {
                Ok(()) | Err(JournalError::Busy) => {}
                Err(error) => {
                    *self.last_failure.lock() = Some((clock::instant(), error.to_string()));
                    self.mark_failing(&error);
                    // Its success ends the failure.
                    self.note_gap(lost_by(&error));
                }
            }
        }
    }

    /// Moves floor time with the machine's clocks also while nothing is appended, and notes the relay's own pauses,
    /// until the relay stops.
    pub(in crate::relay) async fn watch_clock(&self) {
        let mut pauses = self.journal.watch_pauses();
        loop {
            tokio::time::sleep(CLOCK_CHECK_INTERVAL).await;
            // Looked at first: a slow disk is no pause.
            if let Some(from) = pauses.tick(&self.journal, CLOCK_CHECK_INTERVAL) {
                self.queue_note(PendingNote::Gap("the relay was paused".to_owned()), from);
            }
            if self.journal.has_moved() {
                // A failure is logged, and the next check tries again.
                drop(self.append(Vec::new()).await);
                pauses = self.journal.watch_pauses();
            }
        }
    }

    /// Records a move if the clock is behind the journal's last entry: it was set back while the relay was stopped.
    pub(in crate::relay) async fn begin_after(&self, last: Timestamp) -> Result<(), JournalError> {
        let now = self.journal.now();
        let by = Millis(now.0.saturating_sub(last.0));
        if by.0 <= -1_000 {
            let moved = ClockMove { by, cause: ClockMoveCause::WallTime };
            tracing::warn!(by = %by.0, "{moved}");
            self.append(vec![Fact::Noted(Noted::ClockMoved(moved))]).await?;
        }
        Ok(())
    }

    /// Watches the time of the first failed append, in floor time; `None` while appends succeed. The queued note of the
    /// failure is retried, and its success ends the failure.
    pub(in crate::relay) fn watch_failing(&self) -> watch::Receiver<Option<Timestamp>> {
        self.failing_since.subscribe()
    }

    fn mark_failing(&self, error: &JournalError) {
        if let Some(failures) = self.append_log.failed(clock::instant()) {
            tracing::error!(%error, failures, "cannot append to the journal; the relay refuses what it receives");
        }
        let now = self.journal.now();
        self.failing_since.send_if_modified(|since| {
            let is_first = since.is_none();
            since.get_or_insert(now);
            is_first
        });
    }

    /// Returns why the last append failed, if that was less than 10 seconds ago.
    pub(in crate::relay) fn recent_failure(&self) -> Option<String> {
        let failed = self.last_failure.lock();
        failed.as_ref().filter(|(at, _)| at.elapsed() < FAILURE_AGE).map(|(_, error)| error.clone())
    }

    /// Queues the note of a refusal that the caller caused. `reason` must be one of a small set of texts.
    pub(in crate::relay) fn note_refusal(&self, who: RefusedParty, reason: String) {
        self.queue_note(PendingNote::Refused(who, reason), self.journal.now());
    }

    /// Queues the note of a journalled webhook that did not reach the bot.
    pub(in crate::relay) fn note_unforwarded(&self, reason: String) {
        self.queue_note(PendingNote::ForwardFailed(reason), self.journal.now());
    }

    /// Queues a gap: the relay lost webhooks through its own failure. When the gap is durable, every
    /// live call is doubtful.
    pub(in crate::relay) fn note_gap(&self, reason: &str) {
        self.queue_note(PendingNote::Gap(reason.to_owned()), self.journal.now());
    }

    /// Queues a gap, as [`JournalWriter::note_gap`] does, for webhooks that the relay could not verify because of its
    /// own failure. They may be forged, so such a gap is written at most once a minute.
    pub(in crate::relay) fn note_unverified(&self, why: &dyn Display) {
        if let Some(webhooks) = self.verify_log.failed(clock::instant()) {
            tracing::error!(%why, webhooks, "webhooks cannot be verified");
        }
        self.queue_note(PendingNote::Unverified, self.journal.now());
    }

    /// Records that a webhook was verified, which ends a logged outage.
    pub(in crate::relay) fn verified(&self) {
        if let Some(more) = self.verify_log.recovered() {
            tracing::warn!(more_failures = more, "webhooks can be verified again");
        }
    }

    /// Queues a note of something that began at `from`.
    fn queue_note(&self, note: PendingNote, from: Timestamp) {
        let mut pending = self.pending();
        pending.first_at.entry(note.clone()).or_insert(from);
        *pending.notes.entry(note).or_default() += 1;
        drop(pending);
        self.wake.notify_one();
    }

    /// Writes the queued notes, until the relay stops.
    pub(in crate::relay) async fn flush_notes(&self) {
        loop {
            let waits = self.pending().wait(clock::instant());
            tokio::select! {
                () = self.wake.notified() => {}
                () = tokio::time::sleep(waits.unwrap_or_default()), if waits.is_some() => {}
            }
            let due = self.pending().due(clock::instant());
            if due.is_empty() {
                continue;
            }
            let facts = {
                let pending = self.pending();
                let noted =
                    |(note, count): (&PendingNote, &u64)| note.noted(*count, pending.first_at.get(note).copied());
                due.iter().map(noted).map(Fact::Noted).collect()
            };
            if let Err(error) = self.append(facts).await {
                tracing::debug!(%error, "could not write the queued notes; retrying");
                self.pending().add(due);
            } else {
                for (note, count) in &due {
                    note.log(*count);
                }
                self.pending().mark_noted(due, clock::instant(), self.note_interval);
            }
            tokio::time::sleep(BETWEEN_WRITES).await;
        }
    }

    fn pending(&self) -> MutexGuard<'_, PendingNotes> {
        self.pending.lock()
    }
}

/// Returns the reason of the gap that an error causes.
const fn lost_by(error: &JournalError) -> &'static str {
    use JournalError::{NotRescued, Removed, Replaced};
    if matches!(error, Removed { .. } | NotRescued { .. } | Replaced { .. }) {
        "the journal's files were removed while the relay ran"
    } else {
        "the journal could not be written"
    }
}

/// Returns the longest beginning of a text with at most `max_bytes` bytes and whole characters.
pub(in crate::relay) fn truncated(text: &str, max_bytes: usize) -> &str {
    let (beginning, _) = text.split_at(text.floor_char_boundary(max_bytes));
    beginning
}

impl PendingNotes {
    /// Returns the time until a note may be written, or `None` if the queue is empty.
    fn wait(&self, now: Instant) -> Option<Duration> {
        let due = |note| self.not_before.get(note).map_or(Duration::ZERO, |it| it.saturating_duration_since(now));
        self.notes.keys().map(due).min()
    }

    /// Removes and returns the notes that may be written now.
    fn due(&mut self, now: Instant) -> BTreeMap<PendingNote, u64> {
        self.not_before.retain(|_, from| *from > now);
        let (later, due) =
            std::mem::take(&mut self.notes).into_iter().partition(|(it, _)| self.not_before.contains_key(it));
        self.notes = later;
        due
    }

    fn add(&mut self, notes: BTreeMap<PendingNote, u64>) {
        for (note, count) in notes {
            *self.notes.entry(note).or_default() += count;
        }
    }

    fn mark_noted(&mut self, notes: BTreeMap<PendingNote, u64>, now: Instant, note_interval: Duration) {
        for note in notes.into_keys() {
            self.first_at.remove(&note);
            let pause = match note {
                PendingNote::Refused(..) | PendingNote::ForwardFailed(_) => note_interval,
                PendingNote::Gap(_) => continue,
                PendingNote::Unverified => BETWEEN_UNVERIFIED,
            };
            self.not_before.insert(note, now + pause);
        }
    }
}

impl PendingNote {
    /// Logs a written note, so that the log is limited like the notes.
    fn log(&self, count: u64) {
        match self {
            Self::Refused(RefusedParty::Sender, reason) => tracing::warn!(reason, count, "webhooks were refused"),
            Self::Refused(RefusedParty::Caller, reason) => tracing::warn!(reason, count, "callers were refused"),
            Self::Gap(reason) => tracing::warn!(reason, "notifications may be missing"),
            // These have separate, throttled log lines.
            Self::ForwardFailed(_) | Self::Unverified => {}
        }
    }

    /// Returns the note for the journal: it happened `count` times, first at `from`.
    fn noted(&self, count: u64, from: Option<Timestamp>) -> Noted {
        match self {
            Self::Refused(RefusedParty::Sender, reason) => Noted::Refused { reason: reason.as_str().into(), count },
            Self::Refused(RefusedParty::Caller, reason) => {
                Noted::CallersRefused { reason: reason.as_str().into(), count }
            }
            Self::ForwardFailed(reason) => Noted::ForwardFailed { reason: reason.as_str().into(), count },
            Self::Gap(reason) => Noted::Gap { reason: reason.as_str().into(), from },
            Self::Unverified => Noted::Gap { reason: "signing keys cannot be fetched".into(), from },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_of_a_reason_are_throttled_and_their_count_is_complete() {
        let (start, rarely) = (clock::instant(), Duration::from_mins(1));
        let wrong = PendingNote::Refused(RefusedParty::Sender, "wrong audience".into());
        let mut queue = PendingNotes::default();
        assert_eq!(queue.wait(start), None);
        queue.add(BTreeMap::from([(wrong.clone(), 1), (PendingNote::Gap("full".into()), 1)]));
        assert_eq!(queue.wait(start), Some(Duration::ZERO));
        let first = queue.due(start);
        assert_eq!(first.len(), 2);
        queue.mark_noted(first, start, rarely);
        queue.add(BTreeMap::from([(wrong.clone(), 40)]));
        queue.add(BTreeMap::from([(wrong.clone(), 1)]));
        assert_eq!((queue.wait(start), queue.due(start)), (Some(rarely), BTreeMap::new()));
        queue.add(BTreeMap::from([(PendingNote::Gap("full".into()), 1)]));
        assert_eq!(queue.due(start).len(), 1, "a gap is noted immediately");
        assert_eq!(queue.due(start + rarely), BTreeMap::from([(wrong, 41)]));
    }
}
