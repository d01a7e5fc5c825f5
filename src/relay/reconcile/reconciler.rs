//! The keeper: reads from Graph what is in doubt until it is certain again, and keeps live calls alive.
//! It decides when to read; what a reading means is the floor's business, and the pace is [`Outbound`]'s.
//!
//! In doubt are calls that the floor doubts, calls that have been quiet for long, calls whose keepAlive found nothing,
//! calls that an operator's read did not find, and operations whose proof did not come in time. Nothing is ended on a
//! guess: only Graph's 404 for the call itself says that it has ended, and only a second one a while after the first;
//! and a call that ended so is looked for once more.
//!
//! [`Outbound`]: crate::relay::graph::client::GraphClient

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::sync::watch::error::RecvError;
use tokio::task::JoinSet;

use super::missing_calls::MissingCalls;
use super::task::ReconcileTask;
use crate::clock;
use crate::floor::{Act, Fact, FloorCall, Noted, Operation, OperationNumber, OperationOutcome};
use crate::graph::{CallId, CallState, OperationId};
use crate::journal::ChainMark;
use crate::relay::Shared;
use crate::relay::graph::client::NoResponse;
use crate::relay::graph::reads::ReadError;
use crate::relay::record::journal_writer::{LARGEST_REASON, truncated};
use crate::time::Backoff;
use crate::time::{Millis, Timestamp};

/// What the keeper has in hand; bounded by the calls and open operations of the floor.
struct Reconciler {
    shared: Arc<Shared>,
    /// Calls whose last reading failed, and when they are read again.
    failed: BTreeMap<CallId, (Backoff, Instant)>,
    /// Calls that are read, doubtful or not: quiet ones, ones with an act that lacks its proof, and ones that Graph
    /// did not know when they were kept alive, or read.
    suspect: BTreeSet<CallId>,
    /// Calls that Graph answered 404 for.
    missing: MissingCalls,
    /// Operations whose time for a proof is over.
    overdue: BTreeMap<OperationNumber, OverdueProof>,
    /// When each live call is said to be wanted again.
    keep_alive_due: BTreeMap<CallId, Timestamp>,
    /// When the next call will have been quiet for too long, or the next operation's time will be over.
    due: Option<Timestamp>,
    running: BTreeSet<CallId>,
    tasks: JoinSet<FinishedTask>,
}

/// An operation whose time for a proof is over, and how far it was looked after.
struct OverdueProof {
    call: CallId,
    /// Graph's id, where Graph can be asked for the operation itself; else the call was read.
    id: Option<OperationId>,
    reads: u8,
    again: Instant,
}

struct FinishedTask {
    call: CallId,
    task: ReconcileTask,
    result: Result<(), ReadError>,
}

/// Graph ends calls that nobody keeps alive after 45 minutes; asked three times as often, in floor time.
const KEEP_ALIVE: Millis = Millis::minutes(15);
/// At most so many calls are read at once.
const AT_ONCE: usize = 8;
/// Graph may ask for more patience; a call is read again after this all the same.
const LONGEST_WAIT: Duration = Duration::from_mins(15);
/// An operation is read so often before it is left UNCONFIRMED; the waits between double.
const MOST_READS: u8 = 4;
const BETWEEN_READS: Duration = Duration::from_secs(2);

/// All calls are looked over at most this often, however fast notifications come.
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// Keeps until the relay ends.
pub(in crate::relay) async fn run(shared: Arc<Shared>) {
    let mut head = shared.hub.watch();
    let mut doubted = shared.readings.watch_doubted();
    let mut keeper = Reconciler {
        shared,
        failed: BTreeMap::new(),
        suspect: BTreeSet::new(),
        missing: MissingCalls::default(),
        overdue: BTreeMap::new(),
        keep_alive_due: BTreeMap::new(),
        due: None,
        running: BTreeSet::new(),
        tasks: JoinSet::new(),
    };
    loop {
        head.mark_unchanged();
        keeper.scan();
        let looked = clock::instant();
        while keeper.start_next() {}
        let (wall, floor) = keeper.next();
        let clock = keeper.shared.clock.clone();
        tokio::select! {
            changed = news(&mut head, looked) => if changed.is_err() { return },
            Some(done) = keeper.tasks.join_next() => keeper.finish(done).await,
            () = tokio::time::sleep(wall) => {}
            () = clock.sleep_until(floor) => {}
            Ok(()) = doubted.changed() => {}
        }
    }
}

/// The floor's next change, when it is time to look again; it fails when there will be none.
async fn news(head: &mut watch::Receiver<ChainMark>, looked: Instant) -> Result<(), RecvError> {
    tokio::time::sleep(BETWEEN_LOOKS.saturating_sub(looked.elapsed())).await;
    head.changed().await
}

impl Reconciler {
    /// Begins the next errand; whether there was one.
    fn start_next(&mut self) -> bool {
        // Graph is left alone while it is in trouble: what is in doubt stays so, and is read afterwards.
        if self.tasks.len() >= AT_ONCE || self.shared.outbound.shut_until().is_some() {
            return false;
        }
        let Some((call, errand)) = self.next_task() else { return false };
        match &errand {
            ReconcileTask::Read | ReconcileTask::CheckEnded => {}
            ReconcileTask::KeepAlive => {
                drop(self.keep_alive_due.insert(call.clone(), self.shared.clock.now() + KEEP_ALIVE))
            }
            ReconcileTask::Operation(number, _) => {
                if let Some(overdue) = self.overdue.get_mut(number) {
                    overdue.again = clock::instant() + BETWEEN_READS * (1 << overdue.reads.min(MOST_READS));
                    overdue.reads += 1;
                }
            }
        }
        self.running.insert(call.clone());
        let shared = Arc::clone(&self.shared);
        let sure = self.missing.contains(&call);
        self.tasks.spawn(async move {
            let result = errand.run(&shared, &call, sure).await;
            FinishedTask { call, task: errand, result }
        });
        true
    }

    fn next_task(&self) -> Option<(CallId, ReconcileTask)> {
        let (now, floor_now) = (clock::instant(), self.shared.clock.now());
        let idle = |id: &CallId| !self.running.contains(id);
        let doubtful = self.shared.hub.with_floor(|floor| {
            let ready = |id: &CallId| {
                idle(id) && self.failed.get(id).is_none_or(|(_, again)| *again <= now) && self.missing.is_ready(id, now)
            };
            floor.doubtful().map(|(id, _)| id).chain(&self.suspect).find(|id| ready(id)).cloned()
        });
        if let Some(call) = doubtful {
            return Some((call, ReconcileTask::Read));
        }
        let overdue = self.overdue.iter().filter(|(_, it)| it.again <= now && it.reads < MOST_READS && idle(&it.call));
        let mut overdue = overdue.filter_map(|(number, it)| Some((*number, it.call.clone(), it.id.clone()?)));
        if let Some((number, call, id)) = overdue.next() {
            return Some((call, ReconcileTask::Operation(number, id)));
        }
        if let Some((call, _)) = self.keep_alive_due.iter().find(|(id, due)| **due <= floor_now && idle(id)) {
            return Some((call.clone(), ReconcileTask::KeepAlive));
        }
        Some((self.missing.next_due(floor_now, idle)?.clone(), ReconcileTask::CheckEnded))
    }

    /// Takes note of the calls that live, and of what has become doubtful with time; what has ended is forgotten.
    fn scan(&mut self) {
        let now = self.shared.clock.now();
        let quiet = self.shared.quiet;
        self.suspect.extend(self.shared.readings.take_doubted());
        self.shared.hub.with_floor(|floor| self.missing.scan(floor));
        let (alive, failed, suspect, overdue) =
            (&mut self.keep_alive_due, &mut self.failed, &mut self.suspect, &mut self.overdue);
        self.due = self.shared.hub.with_floor(|floor| {
            let mut next: Option<Timestamp> = None;
            let mut later = |at: Timestamp| next = Some(next.map_or(at, |it| it.min(at)));
            suspect.retain(|id| floor.call(id).is_some_and(FloorCall::is_live));
            alive.retain(|id, _| floor.call(id).is_some_and(needs_keep_alive));
            let open = |number: &OperationNumber| floor.operation(*number).is_some_and(Operation::is_open);
            overdue.retain(|number, _| open(number));
            for operation in floor.open_operations().filter(|it| it.outcome != OperationOutcome::Pending) {
                if now <= operation.deadline {
                    later(operation.deadline + Millis(1));
                } else if let Entry::Vacant(place) = overdue.entry(operation.number) {
                    let it = OverdueProof::of(operation);
                    // Without an operation of Graph's, the call itself is the only witness.
                    if it.id.is_none() && floor.call(&operation.call).is_some_and(FloorCall::is_live) {
                        suspect.insert(operation.call.clone());
                    }
                    place.insert(it);
                }
            }
            for call in floor.calls().take_while(|it| it.is_live()) {
                let silent = call.heard.max(call.read.unwrap_or(call.heard)) + quiet;
                if silent <= now {
                    suspect.insert(call.id.clone());
                } else {
                    later(silent);
                }
                if needs_keep_alive(call) && !alive.contains_key(&call.id) {
                    alive.insert(call.id.clone(), now + KEEP_ALIVE);
                }
            }
            let doubtful: BTreeSet<&CallId> = floor.doubtful().map(|(id, _)| id).collect();
            failed.retain(|id, _| doubtful.contains(id) || suspect.contains(id));
            next
        });
    }

    async fn finish(&mut self, done: Result<FinishedTask, tokio::task::JoinError>) {
        let Ok(FinishedTask { call, task: errand, result }) = done else {
            // Nobody knows which call it was: all may be read again.
            self.running.clear();
            return;
        };
        self.running.remove(&call);
        self.shared.metrics.reconciled(errand.word(), result.is_ok());
        match (errand, result) {
            (ReconcileTask::Read, Ok(())) => {
                self.failed.remove(&call);
                self.suspect.remove(&call);
                self.missing.clear(&call);
            }
            (ReconcileTask::Read, Err(ReadError::Gone)) => {
                self.failed.remove(&call);
                self.suspect.insert(call.clone());
                self.missing.record(call, clock::instant());
            }
            (ReconcileTask::Read, Err(error)) => {
                self.missing.clear(&call);
                self.defer(call, &error).await;
            }
            (ReconcileTask::CheckEnded, Ok(()) | Err(ReadError::Gone)) => self.missing.checked(&call),
            (ReconcileTask::CheckEnded, Err(error)) => {
                tracing::warn!(%error, %call, "a call that a 404 ended was not looked for; it is tried again");
                self.missing.defer(&call, self.shared.clock.now());
            }
            (ReconcileTask::KeepAlive | ReconcileTask::Operation(..), Ok(())) => {}
            (ReconcileTask::Operation(number, _), Err(error)) => self.defer_operation(number, &error),
            // An action's 404 is no proof of a call's end: the call itself is asked.
            (ReconcileTask::KeepAlive, Err(ReadError::Gone)) => drop(self.suspect.insert(call)),
            (ReconcileTask::KeepAlive, Err(error)) => {
                tracing::warn!(%error, %call, "a call was not kept alive; it is tried again in a minute");
                self.keep_alive_due.insert(call, self.shared.clock.now() + Millis::minutes(1));
            }
        }
    }

    /// An operation could not be read: it is read again after its wait. One that Graph does not know any more says
    /// nothing, of itself or of its call.
    fn defer_operation(&mut self, number: OperationNumber, error: &ReadError) {
        tracing::warn!(%error, number = number.0, "an operation was not read");
        let Some(overdue) = self.overdue.get_mut(&number) else { return };
        match error {
            ReadError::Gone => overdue.reads = MOST_READS,
            ReadError::NoReply(NoResponse::Shut { .. }) => overdue.reads = overdue.reads.saturating_sub(1),
            ReadError::Later(after) => overdue.again = overdue.again.max(clock::instant() + (*after).min(LONGEST_WAIT)),
            ReadError::NoRoster
            | ReadError::NotKept(_)
            | ReadError::Status(_)
            | ReadError::NoReply(_)
            | ReadError::Shape(_) => {}
        }
    }

    /// A reading failed: it is noted, and tried again later and later.
    async fn defer(&mut self, call: CallId, error: &ReadError) {
        let (backoff, again) =
            self.failed.entry(call.clone()).or_insert_with(|| (Backoff::default(), clock::instant()));
        let wait = backoff.wait(rand::random());
        *again = clock::instant()
            + match error {
                ReadError::Later(after) => wait.max(*after).min(LONGEST_WAIT),
                // Graph understood and does not want to: asking often does not change its mind.
                ReadError::Status(400..=499) => Duration::from_mins(1),
                ReadError::Gone
                | ReadError::NoRoster
                | ReadError::NotKept(_)
                | ReadError::Status(_)
                | ReadError::NoReply(_)
                | ReadError::Shape(_) => wait,
            };
        if matches!(error, ReadError::NoReply(NoResponse::Shut { .. })) {
            // Nothing was asked; that Graph is in trouble has been noted once for all.
            return;
        }
        if matches!(error, ReadError::NotKept(_)) {
            tracing::error!(%error, %call, "a reading was not kept; the call is read again");
            return;
        }
        let error = error.to_string();
        let note = Fact::Noted(Noted::ReadFailed { call, error: truncated(&error, LARGEST_REASON).into() });
        if let Err(error) = self.shared.recorder.write(vec![note]).await {
            tracing::error!(%error, "what the keeper found was not noted");
        }
    }

    /// When there may be something to do: in wall time, and in floor time.
    fn next(&self) -> (Duration, Timestamp) {
        const SOON: Duration = Duration::from_millis(10);
        let (now, floor_now) = (clock::instant(), self.shared.clock.now());
        if let Some(until) = self.shared.outbound.shut_until() {
            return (until.saturating_duration_since(now).max(SOON), floor_now + KEEP_ALIVE);
        }
        // Calls with an errand under way wait for its end, and so does everything when there are as many as may be:
        // their time has come already, and waiting for it would not be waiting.
        let waits = |id: &CallId| self.tasks.len() < AT_ONCE && !self.running.contains(id);
        let failed = self.failed.iter().filter(|(id, _)| waits(id)).map(|(_, (_, again))| *again);
        let overdue = self.overdue.values().filter(|it| it.id.is_some() && it.reads < MOST_READS && waits(&it.call));
        let missed = self.missing.next_retry(waits);
        let wall = failed.chain(overdue.map(|it| it.again)).chain(missed).min();
        let wall = wall.map_or(Duration::from_mins(1), |it| it.saturating_duration_since(now).max(SOON));
        let alive = self.keep_alive_due.iter().filter(|(id, _)| waits(id)).map(|(_, due)| *due);
        let floor = alive.chain(self.due).chain(self.missing.next_check(waits)).min();
        (wall, floor.unwrap_or(floor_now + KEEP_ALIVE))
    }
}

impl OverdueProof {
    fn of(operation: &Operation) -> Self {
        let notified = matches!(operation.act, Act::Hold | Act::Release);
        let id = operation.operation_id.clone().filter(|_| notified);
        Self { call: operation.call.clone(), id, reads: 0, again: clock::instant() }
    }
}

/// Whether a call is to be kept alive: it lives, and is not about to end.
fn needs_keep_alive(call: &FloorCall) -> bool {
    call.is_live() && !matches!(call.state, CallState::Terminating | CallState::Terminated)
}
