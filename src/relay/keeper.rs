//! The keeper: reads doubtful calls from Graph until they are certain again, and keeps live calls alive.
//! It decides when to read; what a reading means is the floor's business.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::Shared;
use super::reading::{self, ReadError};
use super::recorder::{LARGEST_REASON, beginning};
use crate::clock;
use crate::feed::Backoff;
use crate::floor::{Call, CallKind, Fact, Floor, Noted};
use crate::graph::{CallId, CallState};
use crate::moment::{Moment, Span};

/// What the keeper has in hand; bounded by the calls of the floor.
struct Keeper {
    shared: Arc<Shared>,
    /// Calls whose last reading failed, and when they are read again.
    failed: BTreeMap<CallId, (Backoff, Instant)>,
    /// Calls that Graph did not know when they were kept alive: they are read, doubtful or not.
    suspect: BTreeSet<CallId>,
    /// When each live call is said to be wanted again.
    alive: BTreeMap<CallId, Moment>,
    running: BTreeSet<CallId>,
    tasks: JoinSet<Done>,
    pace: Pace,
}

/// How fast errands may begin: [`BURST`] at once after a pause, then one each [`DISTANCE`].
struct Pace {
    /// When the errands so far will have been paid for.
    paid: Instant,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Errand {
    Read,
    KeepAlive,
}

struct Done {
    call: CallId,
    errand: Errand,
    result: Result<(), ReadError>,
}

/// Graph ends calls that nobody keeps alive after 45 minutes; asked three times as often, in floor time.
const KEEP_ALIVE: Span = Span::minutes(15);
/// At most so many calls are read at once …
const AT_ONCE: usize = 8;
/// … so many may begin at once after a pause …
const BURST: u32 = 20;
/// … and then one after the other at this distance: about twenty a second.
const DISTANCE: Duration = Duration::from_millis(50);

/// Keeps until the relay ends.
pub(super) async fn run(shared: Arc<Shared>) {
    let mut head = shared.hub.watch();
    let mut keeper = Keeper {
        shared,
        failed: BTreeMap::new(),
        suspect: BTreeSet::new(),
        alive: BTreeMap::new(),
        running: BTreeSet::new(),
        tasks: JoinSet::new(),
        pace: Pace { paid: clock::instant() },
    };
    loop {
        head.mark_unchanged();
        keeper.look_round();
        if keeper.begin_one() {
            keeper.pace.keep().await;
            while let Some(done) = keeper.tasks.try_join_next() {
                keeper.finish(done).await;
            }
            continue;
        }
        let (wall, floor) = keeper.next();
        let clock = keeper.shared.clock.clone();
        tokio::select! {
            changed = head.changed() => if changed.is_err() { return },
            Some(done) = keeper.tasks.join_next() => keeper.finish(done).await,
            () = tokio::time::sleep(wall) => {}
            () = clock.sleep_until(floor) => {}
        }
    }
}

impl Pace {
    /// Pays for one errand, and waits while more were begun than the burst allows.
    async fn keep(&mut self) {
        let now = clock::instant();
        self.paid = self.paid.max(now) + DISTANCE;
        let ahead = self.paid.saturating_duration_since(now);
        tokio::time::sleep(ahead.saturating_sub(DISTANCE * BURST)).await;
    }
}

impl Keeper {
    /// Begins the next errand; whether there was one.
    fn begin_one(&mut self) -> bool {
        if self.tasks.len() >= AT_ONCE {
            return false;
        }
        let (now, floor_now) = (clock::instant(), self.shared.clock.now());
        let doubtful = self.shared.hub.with_floor(|floor| {
            let ready =
                |id: &CallId| !self.running.contains(id) && self.failed.get(id).is_none_or(|(_, again)| *again <= now);
            floor.doubtful().map(|(id, _)| id).chain(&self.suspect).find(|id| ready(id)).cloned()
        });
        let due = || self.alive.iter().find(|(id, due)| **due <= floor_now && !self.running.contains(*id));
        let (call, errand) = match (doubtful, due()) {
            (Some(call), _) => (call, Errand::Read),
            (None, Some((call, _))) => (call.clone(), Errand::KeepAlive),
            (None, None) => return false,
        };
        if errand == Errand::KeepAlive {
            self.alive.insert(call.clone(), floor_now + KEEP_ALIVE);
        }
        self.running.insert(call.clone());
        let shared = Arc::clone(&self.shared);
        self.tasks.spawn(async move {
            let result = match errand {
                Errand::Read => read(&shared, &call).await,
                Errand::KeepAlive => reading::keep_alive(&shared.outbound, &call).await,
            };
            Done { call, errand, result }
        });
        true
    }

    /// Takes note of the calls that live: each is kept alive from now on, and what has ended is forgotten.
    fn look_round(&mut self) {
        let first = self.shared.clock.now() + KEEP_ALIVE;
        let (alive, failed, suspect) = (&mut self.alive, &mut self.failed, &mut self.suspect);
        self.shared.hub.with_floor(|floor| {
            suspect.retain(|id| floor.call(id).is_some_and(Call::is_live));
            alive.retain(|id, _| floor.call(id).is_some_and(is_wanted));
            let doubtful: BTreeSet<&CallId> = floor.doubtful().map(|(id, _)| id).collect();
            failed.retain(|id, _| doubtful.contains(id) || suspect.contains(id));
            for call in floor.calls().filter(|it| is_wanted(it)) {
                if !alive.contains_key(&call.id) {
                    alive.insert(call.id.clone(), first);
                }
            }
        });
    }

    async fn finish(&mut self, done: Result<Done, tokio::task::JoinError>) {
        let Ok(Done { call, errand, result }) = done else {
            // Nobody knows which call it was: all may be read again.
            self.running.clear();
            return;
        };
        self.running.remove(&call);
        let word = if errand == Errand::Read { "read" } else { "keepAlive" };
        self.shared.metrics.errand(word, result.is_ok());
        match (errand, result) {
            (Errand::Read, Ok(())) => {
                self.failed.remove(&call);
                self.suspect.remove(&call);
            }
            (Errand::Read, Err(error)) => self.put_off(call, &error).await,
            (Errand::KeepAlive, Ok(())) => {}
            // An action's 404 is no proof of a call's end: the call itself is asked.
            (Errand::KeepAlive, Err(ReadError::Gone)) => drop(self.suspect.insert(call)),
            (Errand::KeepAlive, Err(error)) => {
                tracing::warn!(%error, %call, "a call was not kept alive; it is tried again in a minute");
                self.alive.insert(call, self.shared.clock.now() + Span::minutes(1));
            }
        }
    }

    /// A reading failed: it is noted, and tried again later and later.
    async fn put_off(&mut self, call: CallId, error: &ReadError) {
        let (backoff, again) =
            self.failed.entry(call.clone()).or_insert_with(|| (Backoff::default(), clock::instant()));
        let wait = backoff.wait(rand::random());
        *again = clock::instant()
            + match error {
                ReadError::Later(after) => wait.max(*after),
                // Graph understood and does not want to: asking often does not change its mind.
                ReadError::Status(400..=499) => Duration::from_mins(1),
                ReadError::Gone
                | ReadError::NoRoster
                | ReadError::NotKept(_)
                | ReadError::Status(_)
                | ReadError::NoReply(_)
                | ReadError::Shape(_) => wait,
            };
        if matches!(error, ReadError::NotKept(_)) {
            tracing::error!(%error, %call, "a reading was not kept; the call is read again");
            return;
        }
        let error = error.to_string();
        let note = Fact::Noted(Noted::Unread { call, error: beginning(&error, LARGEST_REASON).into() });
        if let Err(error) = self.shared.recorder.write(vec![note]).await {
            tracing::error!(%error, "what the keeper found was not noted");
        }
    }

    /// When there may be something to do: in wall time, and in floor time.
    fn next(&self) -> (Duration, Moment) {
        let now = clock::instant();
        // Calls with an errand under way wait for its end, and so does everything when there are as many as may be:
        // their time has come already, and waiting for it would not be waiting.
        let waits = |id: &CallId| self.tasks.len() < AT_ONCE && !self.running.contains(id);
        let failed = self.failed.iter().filter(|(id, _)| waits(id));
        let wall = failed.map(|(_, (_, again))| again.saturating_duration_since(now)).min();
        let wall = wall.map_or(Duration::from_mins(1), |it| it.max(Duration::from_millis(10)));
        let floor = self.alive.iter().filter(|(id, _)| waits(id)).map(|(_, due)| *due).min();
        (wall, floor.unwrap_or_else(|| self.shared.clock.now() + KEEP_ALIVE))
    }
}

/// Whether a call is to be kept alive: it lives, and is not about to end.
fn is_wanted(call: &Call) -> bool {
    call.is_live() && !matches!(call.state, CallState::Terminating | CallState::Terminated)
}

/// Reads one call, and its participants where it has a roster, into one batch of the journal.
async fn read(shared: &Shared, id: &CallId) -> Result<(), ReadError> {
    let facts = match reading::call(&shared.outbound, id).await {
        Err(ReadError::Gone) => vec![reading::observed_gone(id)],
        Err(error) => return Err(error),
        Ok(read) => {
            let known = shared.hub.with_floor(|floor| floor.call(id).map(|it| it.kind));
            let mut facts = vec![reading::observed_call(id, read.raw)];
            let one_to_one = known == Some(CallKind::OneToOne)
                || (known != Some(CallKind::Group) && read.call.is_group() == Some(false));
            if !one_to_one {
                let since = shared.hub.with_floor(Floor::head);
                let people = reading::participants(&shared.outbound, id).await?;
                facts.push(reading::observed_participants(id, people.raw, since));
            }
            facts
        }
    };
    shared.recorder.write(facts).await?;
    // The floor must know before the call is looked at again, or it would be read twice.
    shared.hub.wait_for_head().await;
    Ok(())
}
