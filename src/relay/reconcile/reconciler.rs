//! The reconciler re-reads doubtful calls and operations from Graph, and keeps live calls alive. It decides when to
//! read. The floor interprets a reading, and [`GraphClient`] limits the rate.
//!
//! It reads calls that the floor marks as doubtful, calls without a notification for a long time, calls whose keepAlive
//! or whose read by an operator got a 404, and operations whose proof did not arrive in time. Only a second 404 for the
//! call itself, some time after the first, ends a call. A call that ended this way is checked once more.
//!
//! [`GraphClient`]: crate::relay::graph::client::GraphClient

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::sync::watch::error::RecvError;
use tokio::task::JoinSet;

use super::missing_calls::MissingCalls;
use super::task::{CallReader, ReconcileTask};
use crate::floor::{Act, Fact, FloorCall, Noted, Operation, OperationNumber, OperationOutcome};
use crate::graph::{CallId, CallState, OperationId};
use crate::journal::ChainMark;
use crate::relay::graph::reads::ReadError;
use crate::relay::graph::request::NoResponse;
use crate::relay::ops::metrics::RelayMetrics;
use crate::relay::record::journal_writer::{LARGEST_REASON, truncated};
use crate::time::Backoff;
use crate::time::clock::{self, Clock};
use crate::time::{Millis, Timestamp};

/// The state of the reconciler. Bounded: each collection contains calls or open operations of the floor.
pub(in crate::relay) struct Reconciler {
    reader: Arc<CallReader>,
    metrics: Arc<RelayMetrics>,
    clock: Clock,
    /// The floor time without a notification after which a call is read.
    quiet: Millis,
    /// Calls whose last read failed, and the time of the next read.
    failed: BTreeMap<CallId, (Backoff, Instant)>,
    /// Calls to read even if the floor does not mark them as doubtful: quiet calls, calls with an unproved act, and
    /// calls with a 404 for a keepAlive or a read.
    suspect: BTreeSet<CallId>,
    /// Calls for which Graph answered 404.
    missing: MissingCalls,
    /// Operations whose proof is overdue.
    overdue: BTreeMap<OperationNumber, OverdueProof>,
    /// The time of the next keepAlive of each live call.
    keep_alive_due: BTreeMap<CallId, Timestamp>,
    /// The time at which the next call becomes quiet or the next operation becomes overdue.
    due: Option<Timestamp>,
    running: BTreeSet<CallId>,
    tasks: JoinSet<FinishedTask>,
}

/// An operation with an overdue proof, and how often it was re-read.
struct OverdueProof {
    call: CallId,
    /// Graph's id of the operation; `None` if Graph has no operation, in which case the call is read instead.
    id: Option<OperationId>,
    reads: u8,
    again: Instant,
}

struct FinishedTask {
    call: CallId,
    task: ReconcileTask,
    result: Result<(), ReadError>,
}

/// The interval of keepAlives, in floor time. Graph ends a call 45 minutes after its last keepAlive.
const KEEP_ALIVE: Millis = Millis::minutes(15);
/// The maximum number of concurrent reads.
const AT_ONCE: usize = 8;
/// The longest Retry-After that is obeyed.
const LONGEST_WAIT: Duration = Duration::from_mins(15);
/// The maximum number of reads of an operation, with doubling waits. After them it stays UNCONFIRMED.
const MOST_READS: u8 = 4;
/// The wait between the first two reads of an operation; each later wait is twice as long.
const BETWEEN_READS: Duration = Duration::from_secs(2);

/// The shortest time between two scans.
const BETWEEN_SCANS: Duration = Duration::from_millis(100);

/// Waits for the floor's next change, and until [`BETWEEN_SCANS`] after the last scan. Fails if the floor was dropped.
async fn next_change(head: &mut watch::Receiver<ChainMark>, scanned: Instant) -> Result<(), RecvError> {
    tokio::time::sleep(BETWEEN_SCANS.saturating_sub(scanned.elapsed())).await;
    head.changed().await
}

impl Reconciler {
    pub(in crate::relay) fn new(
        reader: Arc<CallReader>,
        metrics: Arc<RelayMetrics>,
        clock: Clock,
        quiet: Millis,
    ) -> Self {
        Self {
            reader,
            metrics,
            clock,
            quiet,
            failed: BTreeMap::new(),
            suspect: BTreeSet::new(),
            missing: MissingCalls::default(),
            overdue: BTreeMap::new(),
            keep_alive_due: BTreeMap::new(),
            due: None,
            running: BTreeSet::new(),
            tasks: JoinSet::new(),
        }
    }

    /// Reconciles until the relay stops.
    pub(in crate::relay) async fn run(mut self) {
        let mut head = self.reader.live.watch();
        let mut doubted = self.reader.read_cache.watch_doubted();
        let clock = self.clock.clone();
        loop {
            head.mark_unchanged();
            self.scan();
            let scanned = clock::instant();
            while self.start_next() {}
            let (wall, floor) = self.next_wake_up();
            tokio::select! {
                changed = next_change(&mut head, scanned) => if changed.is_err() { return },
                Some(done) = self.tasks.join_next() => self.finish(done).await,
                () = tokio::time::sleep(wall) => {}
                () = clock.sleep_until(floor) => {}
                Ok(()) = doubted.changed() => {}
            }
        }
    }

    /// Starts the next task, and returns whether one could start.
    fn start_next(&mut self) -> bool {
        // No background requests while the circuit is open. Doubtful calls are read afterwards.
        if self.tasks.len() >= AT_ONCE || self.reader.graph.circuit_open_until().is_some() {
            return false;
        }
        let Some((call, task)) = self.next_task() else { return false };
        match &task {
            ReconcileTask::Read | ReconcileTask::CheckEnded => {}
            ReconcileTask::KeepAlive => drop(self.keep_alive_due.insert(call.clone(), self.clock.now() + KEEP_ALIVE)),
            ReconcileTask::Operation(number, _) => {
                if let Some(overdue) = self.overdue.get_mut(number) {
                    overdue.again = clock::instant() + BETWEEN_READS * (1 << overdue.reads.min(MOST_READS));
                    overdue.reads += 1;
                }
            }
        }
        self.running.insert(call.clone());
        let reader = Arc::clone(&self.reader);
        let confirmed = self.missing.contains(&call);
        self.tasks.spawn(async move {
            let result = reader.run(&task, &call, confirmed).await;
            FinishedTask { call, task, result }
        });
        true
    }

    fn next_task(&self) -> Option<(CallId, ReconcileTask)> {
        let (now, floor_now) = (clock::instant(), self.clock.now());
        let idle = |id: &CallId| !self.running.contains(id);
        let doubtful = self.reader.live.with_floor(|floor| {
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

    /// Collects the calls and operations that are due, and removes those that have ended.
    fn scan(&mut self) {
        let now = self.clock.now();
        let quiet = self.quiet;
        self.suspect.extend(self.reader.read_cache.take_doubted());
        self.reader.live.with_floor(|floor| self.missing.scan(floor));
        let (alive, failed, suspect, overdue) =
            (&mut self.keep_alive_due, &mut self.failed, &mut self.suspect, &mut self.overdue);
        self.due = self.reader.live.with_floor(|floor| {
            let mut next: Option<Timestamp> = None;
            let mut wake_at = |at: Timestamp| next = Some(next.map_or(at, |it| it.min(at)));
            suspect.retain(|id| floor.call(id).is_some_and(FloorCall::is_live));
            alive.retain(|id, _| floor.call(id).is_some_and(needs_keep_alive));
            // A clock that was set back must not delay the keep-alives, which Graph needs within 45 minutes.
            for due in alive.values_mut() {
                *due = (*due).min(now + KEEP_ALIVE);
            }
            let needs_proof = |it: &OperationNumber| floor.operation(*it).is_some_and(Operation::may_still_be_proved);
            overdue.retain(|number, _| needs_proof(number));
            for operation in floor.open_operations().filter(|it| it.outcome != OperationOutcome::Pending) {
                if now <= operation.deadline {
                    wake_at(operation.deadline + Millis(1));
                } else if let Entry::Vacant(entry) = overdue.entry(operation.number) {
                    let proof = OverdueProof::of(operation);
                    // Without an operation at Graph, only the call can show the effect.
                    if proof.id.is_none() && floor.call(&operation.call).is_some_and(FloorCall::is_live) {
                        suspect.insert(operation.call.clone());
                    }
                    entry.insert(proof);
                }
            }
            for call in floor.calls().take_while(|it| it.is_live()) {
                let quiet_from = call.heard.max(call.read.unwrap_or(call.heard)) + quiet;
                if quiet_from <= now {
                    suspect.insert(call.id.clone());
                } else {
                    wake_at(quiet_from);
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
        let Ok(FinishedTask { call, task, result }) = done else {
            // The result of a panicked task does not contain its call, so all calls become readable again.
            self.running.clear();
            return;
        };
        self.running.remove(&call);
        self.metrics.graph.reconciled(task.word(), result.is_ok());
        match (task, result) {
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
                tracing::warn!(%error, %call, "could not check a call that a 404 ended; retrying");
                self.missing.defer(&call, self.clock.now());
            }
            (ReconcileTask::KeepAlive | ReconcileTask::Operation(..), Ok(())) => {}
            (ReconcileTask::Operation(number, _), Err(error)) => self.defer_operation(number, &error),
            // A 404 for an action does not prove the call's end, so the call itself is read.
            (ReconcileTask::KeepAlive, Err(ReadError::Gone)) => drop(self.suspect.insert(call)),
            (ReconcileTask::KeepAlive, Err(error)) => {
                tracing::warn!(%error, %call, "could not keep a call alive; retrying in a minute");
                self.keep_alive_due.insert(call, self.clock.now() + Millis::minutes(1));
            }
        }
    }

    /// Plans the next read of an operation after a failed read. A 404 ends the reads, although it proves nothing about
    /// the operation or its call.
    fn defer_operation(&mut self, number: OperationNumber, error: &ReadError) {
        tracing::warn!(%error, number = number.0, "could not read an operation");
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

    /// Plans the next read of a call after a failed read, with back-off, and notes the failure.
    async fn defer(&mut self, call: CallId, error: &ReadError) {
        let (backoff, again) =
            self.failed.entry(call.clone()).or_insert_with(|| (Backoff::default(), clock::instant()));
        let wait = backoff.next_wait(rand::random());
        *again = clock::instant()
            + match error {
                ReadError::Later(after) => wait.max(*after).min(LONGEST_WAIT),
                // Graph refused the request, so a quick retry would get the same answer.
                ReadError::Status(400..=499) => Duration::from_mins(1),
                ReadError::Gone
                | ReadError::NoRoster
                | ReadError::NotKept(_)
                | ReadError::Status(_)
                | ReadError::NoReply(_)
                | ReadError::Shape(_) => wait,
            };
        if matches!(error, ReadError::NoReply(NoResponse::Shut { .. })) {
            // Nothing was sent, and the open circuit has a separate note.
            return;
        }
        if matches!(error, ReadError::NotKept(_)) {
            tracing::error!(%error, %call, "could not journal a reading; the call will be read again");
            return;
        }
        let error = error.to_string();
        let note = Fact::Noted(Noted::ReadFailed { call, error: truncated(&error, LARGEST_REASON).into() });
        if let Err(error) = self.reader.writer.write(vec![note]).await {
            tracing::error!(%error, "could not note a failed reading");
        }
    }

    /// Returns the time of the next possible task: as a wait in wall time, and in floor time.
    fn next_wake_up(&self) -> (Duration, Timestamp) {
        /// The shortest wait, so that a task that stays due does not make the loop spin.
        const SOON: Duration = Duration::from_millis(10);
        let (now, floor_now) = (clock::instant(), self.clock.now());
        if let Some(until) = self.reader.graph.circuit_open_until() {
            return (until.saturating_duration_since(now).max(SOON), floor_now + KEEP_ALIVE);
        }
        // Calls with a running task are left out, and all calls while every task is in use. Their due time has passed
        // already, so a sleep until then would return immediately.
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
        // Only a hold or a release is proved by Graph's own operation.
        let is_proved_by_graph = matches!(operation.act, Act::Hold | Act::Release);
        let id = operation.operation_id.clone().filter(|_| is_proved_by_graph);
        Self { call: operation.call.clone(), id, reads: 0, again: clock::instant() }
    }
}

/// Returns whether a call is live and not about to end.
fn needs_keep_alive(call: &FloorCall) -> bool {
    call.is_live() && !matches!(call.state, CallState::Terminating | CallState::Terminated)
}
