//! What the relay writes into its journal, stamped with floor time; and what it owes the journal: a note of the
//! webhooks that it refused, and of those that it could not keep. Knows no HTTP.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, watch};

use super::log_throttle::LogThrottle;
use crate::clock::{self, Clock};
use crate::floor::{Fact, Noted};
use crate::journal::{ChainMark, Journal, JournalError};
use crate::relay::ops::metrics::RelayMetrics;
use crate::relay::webhooks::verify::TokenDenial;
use crate::time::Timestamp;

/// The relay's pen.
pub(in crate::relay) struct JournalWriter {
    journal: Arc<dyn Journal>,
    clock: Clock,
    pending: Mutex<PendingNotes>,
    /// Since when the journal takes nothing; none while it does.
    refusing: watch::Sender<Option<Timestamp>>,
    wake: Notify,
    metrics: Arc<RelayMetrics>,
    note_interval: Duration,
    /// When the last append failed, and why; none when it did not.
    last_failure: Mutex<Option<(Instant, String)>>,
    /// What the log is told while the journal takes nothing.
    append_log: LogThrottle,
    /// The same, while webhooks cannot be verified.
    verify_log: LogThrottle,
}

/// What is still to be noted; bounded by the number of reasons.
#[derive(Default)]
struct PendingNotes {
    notes: BTreeMap<PendingNote, u64>,
    /// From when on a note that was made lately may be made again.
    not_before: BTreeMap<PendingNote, Instant>,
}

/// A note; its number says how often.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum PendingNote {
    Refused(RefusedParty, String),
    ForwardFailed(String),
    Gap(String),
    /// A gap that a stranger may have caused, see [`JournalWriter::unverified`].
    Unverified,
}

/// Who was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::relay) enum RefusedParty {
    /// One who sent a webhook.
    Sender,
    /// One who knocked at the feed or at the gate.
    Caller,
}

/// Between two writes of notes there is at least this.
const PAUSE: Duration = Duration::from_secs(1);
/// Notes about webhooks that nobody could verify come at most this often.
const UNVERIFIED: Duration = Duration::from_mins(1);
/// A failed append counts as the journal's state for so long: after that nobody knows.
const FAILING: Duration = Duration::from_secs(10);

/// The most that is kept of a reason, in bytes: it may quote what somebody else wrote.
pub(in crate::relay) const LARGEST_REASON: usize = 512;

impl JournalWriter {
    /// A pen that notes refusals of one kind at most once in `rarely`.
    pub(in crate::relay) fn new(
        journal: Arc<dyn Journal>,
        clock: Clock,
        metrics: Arc<RelayMetrics>,
        rarely: Duration,
    ) -> Self {
        let (owed, wake, refusing) = (Mutex::default(), Notify::new(), watch::Sender::default());
        let (outage, keyless) = (LogThrottle::default(), LogThrottle::default());
        Self {
            journal,
            clock,
            pending: owed,
            refusing,
            wake,
            metrics,
            note_interval: rarely,
            last_failure: Mutex::default(),
            append_log: outage,
            verify_log: keyless,
        }
    }

    /// Writes facts that belong together; answers when they are durable.
    pub(in crate::relay) async fn write(&self, facts: Vec<Fact>) -> Result<Vec<ChainMark>, JournalError> {
        let (at, began) = (self.clock.now(), clock::instant());
        self.metrics.appending.inc();
        let written = self.journal.append(facts.into_iter().map(|fact| (at, fact)).collect()).await;
        self.metrics.appending.dec();
        self.metrics.appended(began.elapsed(), written.is_ok());
        let failed = written.as_ref().err().map(|error| (clock::instant(), error.to_string()));
        *self.last_failure.lock().unwrap_or_else(PoisonError::into_inner) = failed;
        match &written {
            Ok(_) => {
                if let Some(more) = self.append_log.recovered() {
                    tracing::warn!(more_lost = more, "the journal takes entries again");
                }
                self.refusing.send_if_modified(|since| since.take().is_some());
            }
            // It is over in a moment, and who was refused says so.
            Err(JournalError::Busy) => {}
            Err(error) => {
                if let Some(times) = self.append_log.failed(clock::instant()) {
                    tracing::error!(%error, times, "the journal takes nothing; what came is refused");
                }
                self.refuses();
                self.note_gap("the journal could not be written");
            }
        }
        written
    }

    /// Since when the journal takes nothing, as it changes. It ends with the first thing that is written: a note is
    /// owed then, and tried until it is taken.
    pub(in crate::relay) fn watch_failing(&self) -> watch::Receiver<Option<Timestamp>> {
        self.refusing.subscribe()
    }

    fn refuses(&self) {
        let now = self.clock.now();
        self.refusing.send_if_modified(|since| {
            let new = since.is_none();
            since.get_or_insert(now);
            new
        });
    }

    /// Why the journal takes nothing, if the last append failed a moment ago.
    pub(in crate::relay) fn failing(&self) -> Option<String> {
        let failed = self.last_failure.lock().unwrap_or_else(PoisonError::into_inner);
        failed.as_ref().filter(|(at, _)| at.elapsed() < FAILING).map(|(_, error)| error.clone())
    }

    /// Somebody was refused for a fault of their own; the reason is one of few.
    pub(in crate::relay) fn note_refusal(&self, who: RefusedParty, reason: String) {
        self.queue_note(PendingNote::Refused(who, reason));
    }

    /// A webhook that the journal has did not reach the bot.
    pub(in crate::relay) fn note_unforwarded(&self, reason: String) {
        self.queue_note(PendingNote::ForwardFailed(reason));
    }

    /// Webhooks were lost for a reason of our own: every live call is doubtful once that can be noted.
    pub(in crate::relay) fn note_gap(&self, reason: &str) {
        self.queue_note(PendingNote::Gap(reason.to_owned()));
    }

    /// Webhooks could not be verified for a reason of our own, and may be a stranger's: a gap as with
    /// [`JournalWriter::missed`], but a stranger who goes on may make the calls doubtful only once a minute.
    pub(in crate::relay) fn note_unverified(&self, why: &TokenDenial) {
        if let Some(webhooks) = self.verify_log.failed(clock::instant()) {
            tracing::error!(%why, webhooks, "webhooks cannot be verified");
        }
        self.queue_note(PendingNote::Unverified);
    }

    /// A webhook was verified.
    pub(in crate::relay) fn verified(&self) {
        if let Some(more) = self.verify_log.recovered() {
            tracing::warn!(more_lost = more, "webhooks can be verified again");
        }
    }

    fn queue_note(&self, note: PendingNote) {
        *self.pending().notes.entry(note).or_default() += 1;
        self.wake.notify_one();
    }

    /// Notes what is owed, for as long as the relay lives.
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
            let facts = due.iter().map(|(note, count)| Fact::Noted(note.noted(*count))).collect();
            if let Err(error) = self.write(facts).await {
                tracing::debug!(%error, "notes are owed to the journal; they are tried again");
                self.pending().add(due);
            } else {
                for (note, count) in &due {
                    note.log(*count);
                }
                self.pending().mark_noted(due, clock::instant(), self.note_interval);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn pending(&self) -> std::sync::MutexGuard<'_, PendingNotes> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The beginning of a text: at most so many bytes, and whole characters.
pub(in crate::relay) fn truncated(text: &str, most: usize) -> &str {
    let (beginning, _) = text.split_at(text.floor_char_boundary(most));
    beginning
}

impl PendingNotes {
    /// How long until a note may be made; `None` when nothing is owed.
    fn wait(&self, now: Instant) -> Option<Duration> {
        let due = |note| self.not_before.get(note).map_or(Duration::ZERO, |it| it.saturating_duration_since(now));
        self.notes.keys().map(due).min()
    }

    /// Takes what may be noted now; the rest stays.
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

    fn mark_noted(&mut self, notes: BTreeMap<PendingNote, u64>, now: Instant, rarely: Duration) {
        for note in notes.into_keys() {
            let pause = match note {
                PendingNote::Refused(..) | PendingNote::ForwardFailed(_) => rarely,
                PendingNote::Gap(_) => continue,
                PendingNote::Unverified => UNVERIFIED,
            };
            self.not_before.insert(note, now + pause);
        }
    }
}

impl PendingNote {
    /// Tells the log, which is told so seldom too.
    fn log(&self, count: u64) {
        match self {
            Self::Refused(RefusedParty::Sender, reason) => tracing::warn!(reason, count, "webhooks were refused"),
            Self::Refused(RefusedParty::Caller, reason) => tracing::warn!(reason, count, "callers were turned away"),
            Self::Gap(reason) => tracing::warn!(reason, "notifications may be missing"),
            // These have lines of their own.
            Self::ForwardFailed(_) | Self::Unverified => {}
        }
    }

    fn noted(&self, count: u64) -> Noted {
        match self {
            Self::Refused(RefusedParty::Sender, reason) => Noted::Refused { reason: reason.as_str().into(), count },
            Self::Refused(RefusedParty::Caller, reason) => {
                Noted::CallersRefused { reason: reason.as_str().into(), count }
            }
            Self::ForwardFailed(reason) => Noted::ForwardFailed { reason: reason.as_str().into(), count },
            Self::Gap(reason) => Noted::Gap { reason: reason.as_str().into() },
            Self::Unverified => Noted::Gap { reason: "signing keys cannot be fetched".into() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_noted_once_in_a_while_and_nothing_is_left_out_of_the_count() {
        let (start, rarely) = (clock::instant(), Duration::from_mins(1));
        let wrong = PendingNote::Refused(RefusedParty::Sender, "wrong audience".into());
        let mut owed = PendingNotes::default();
        assert_eq!(owed.wait(start), None);
        owed.add(BTreeMap::from([(wrong.clone(), 1), (PendingNote::Gap("full".into()), 1)]));
        assert_eq!(owed.wait(start), Some(Duration::ZERO));
        let first = owed.due(start);
        assert_eq!(first.len(), 2);
        owed.mark_noted(first, start, rarely);
        owed.add(BTreeMap::from([(wrong.clone(), 40)]));
        owed.add(BTreeMap::from([(wrong.clone(), 1)]));
        assert_eq!((owed.wait(start), owed.due(start)), (Some(rarely), BTreeMap::new()));
        owed.add(BTreeMap::from([(PendingNote::Gap("full".into()), 1)]));
        assert_eq!(owed.due(start).len(), 1, "a gap is always noted at once");
        assert_eq!(owed.due(start + rarely), BTreeMap::from([(wrong, 41)]));
    }
}
