//! What the relay writes into its journal, stamped with floor time; and what it owes the journal: a note of the
//! webhooks that it refused, and of those that it could not keep. Knows no HTTP.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};

use crate::clock::{self, Clock};
use crate::floor::{Fact, Noted};
use crate::journal::{Journal, JournalError, Mark};
use crate::moment::Moment;

/// The relay's pen.
pub(super) struct Recorder {
    journal: Arc<dyn Journal>,
    clock: Clock,
    owed: Mutex<Owed>,
    /// Since when the journal takes nothing; none while it does.
    refusing: watch::Sender<Option<Moment>>,
    wake: Notify,
}

/// What is still to be noted; bounded by the number of reasons.
#[derive(Default)]
struct Owed {
    gap: Option<String>,
    /// A gap that a stranger may have caused, see [`Recorder::unverified`].
    unverified: Option<String>,
    refused: BTreeMap<String, u64>,
}

/// Notes about refusals come at most this often.
const PAUSE: Duration = Duration::from_secs(1);
/// Notes about webhooks that nobody could verify come at most this often.
const UNVERIFIED: Duration = Duration::from_mins(1);

/// The most that is kept of a reason, in bytes: it may quote what somebody else wrote.
pub(super) const LARGEST_REASON: usize = 512;

impl Recorder {
    pub(super) fn new(journal: Arc<dyn Journal>, clock: Clock) -> Self {
        Self { journal, clock, owed: Mutex::default(), refusing: watch::Sender::default(), wake: Notify::new() }
    }

    /// Writes facts that belong together; answers when they are durable.
    pub(super) async fn write(&self, facts: Vec<Fact>) -> Result<Vec<Mark>, JournalError> {
        let at = self.clock.now();
        let written = self.journal.append(facts.into_iter().map(|fact| (at, fact)).collect()).await;
        match &written {
            Ok(_) => drop(self.refusing.send_if_modified(|since| since.take().is_some())),
            // It is over in a moment, and who was refused says so.
            Err(JournalError::Busy) => {}
            Err(_) => {
                self.refuses();
                self.missed("the journal could not be written");
            }
        }
        written
    }

    /// Since when the journal takes nothing, as it changes. It ends with the first thing that is written: a note is
    /// owed then, and tried until it is taken.
    pub(super) fn refusing(&self) -> watch::Receiver<Option<Moment>> {
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

    /// A webhook was refused for its sender's fault.
    pub(super) fn refused(&self, reason: String) {
        *self.owed().refused.entry(reason).or_default() += 1;
        self.wake.notify_one();
    }

    /// Webhooks were lost for a reason of our own: every live call is doubtful once that can be noted.
    pub(super) fn missed(&self, reason: &str) {
        self.owed().gap.get_or_insert_with(|| reason.to_owned());
        self.refuses();
        self.wake.notify_one();
    }

    /// Webhooks could not be verified for a reason of our own, and may be a stranger's: a gap as with
    /// [`Recorder::missed`], but a stranger who goes on may make the calls doubtful only once a minute.
    pub(super) fn unverified(&self, reason: &str) {
        self.owed().unverified.get_or_insert_with(|| reason.to_owned());
        self.wake.notify_one();
    }

    /// Notes what is owed, for as long as the relay lives.
    pub(super) async fn settle(&self) {
        let mut unverified_from = clock::instant();
        loop {
            let waits = self.owed().unverified.is_some();
            let due = unverified_from.saturating_duration_since(clock::instant());
            tokio::select! {
                () = self.wake.notified() => {}
                () = tokio::time::sleep(due), if waits => {}
            }
            loop {
                let owed = self.owed().due(unverified_from <= clock::instant());
                let facts = owed.facts();
                if facts.is_empty() {
                    break;
                }
                let strange = owed.unverified.is_some();
                if let Err(error) = self.write(facts).await {
                    tracing::error!(%error, "notes are owed to the journal; they are tried again");
                    self.owed().add(owed);
                } else if strange {
                    unverified_from = clock::instant() + UNVERIFIED;
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    fn owed(&self) -> std::sync::MutexGuard<'_, Owed> {
        self.owed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The beginning of a text: at most so many bytes, and whole characters.
pub(super) fn beginning(text: &str, most: usize) -> &str {
    let (beginning, _) = text.split_at(text.floor_char_boundary(most));
    beginning
}

impl Owed {
    fn facts(&self) -> Vec<Fact> {
        let refused =
            self.refused.iter().map(|(reason, count)| Noted::Refused { reason: reason.as_str().into(), count: *count });
        let gap = self.gap.iter().chain(&self.unverified).map(|reason| Noted::Gap { reason: reason.as_str().into() });
        refused.chain(gap).map(Fact::Noted).collect()
    }

    /// What may be noted now; the rest stays.
    fn due(&mut self, unverified: bool) -> Self {
        let unverified = if unverified { self.unverified.take() } else { None };
        Self { gap: self.gap.take(), unverified, refused: std::mem::take(&mut self.refused) }
    }

    fn add(&mut self, other: Self) {
        self.gap = self.gap.take().or(other.gap);
        self.unverified = self.unverified.take().or(other.unverified);
        for (reason, count) in other.refused {
            *self.refused.entry(reason).or_default() += count;
        }
    }
}
