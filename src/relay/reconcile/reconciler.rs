//! The reconciler re-reads doubtful calls and operations from Graph, and keeps live calls alive. It decides when to
//! read. The floor interprets a reading, and [`GraphClient`] limits the rate.
//!
//! It reads calls that the floor marks as doubtful, calls without a notification for a long time, calls whose keepAlive
//! or whose read by an operator got a 404, and operations whose proof did not arrive in time. Only a second 404 for the
//! call itself, some time after the first, ends a call. A call that ended this way is checked once more.
//!
//! [`GraphClient`]: crate::relay::graph::client::GraphClient

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::sync::watch::error::RecvError;
use tokio::task::{JoinError, JoinSet};

use super::plan::{KEEP_ALIVE, PlanTime};
use super::schedule::{EndedTask, Schedule, StartedTask};
use super::task::{CallReader, ReconcileTask};
use crate::floor::{Fact, Noted};
use crate::graph::CallId;
use crate::journal::ChainMark;
use crate::protocol::ConnectedOperator;
use crate::relay::graph::reads::ReadError;
use crate::relay::graph::request::NoResponse;
use crate::relay::ops::metrics::RelayMetrics;
use crate::relay::record::journal_writer::{LARGEST_REASON, truncated};
use crate::time::clock::{self, Clock};
use crate::time::{Millis, Timestamp};

/// Starts the tasks that the schedule says are due, and records how they end.
pub(in crate::relay) struct Reconciler {
    reader: Arc<CallReader>,
    metrics: Arc<RelayMetrics>,
    clock: Clock,
    schedule: Schedule,
    /// The connected operators, with the call that each has selected.
    operators: watch::Receiver<BTreeMap<u64, ConnectedOperator>>,
    /// The maximum number of concurrent tasks.
    at_once: usize,
    tasks: JoinSet<FinishedTask>,
}

struct FinishedTask {
    call: CallId,
    task: ReconcileTask,
    result: Result<(), ReadError>,
}

/// The shortest time between two looks because entries have changed the floor.
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// Waits for the floor's next change, and until [`BETWEEN_LOOKS`] after the last look. Fails if the floor was dropped.
async fn next_change(head: &mut watch::Receiver<ChainMark>, looked: Instant) -> Result<(), RecvError> {
    tokio::time::sleep(BETWEEN_LOOKS.saturating_sub(looked.elapsed())).await;
    head.changed().await
}

impl Reconciler {
    pub(in crate::relay) fn new(
        reader: Arc<CallReader>,
        metrics: Arc<RelayMetrics>,
        clock: Clock,
        quiet: Millis,
    ) -> Self {
        let mut operators = reader.live.watch_operators();
        operators.mark_changed();
        let at_once = reader.graph.background_at_once();
        let schedule = Schedule::new(quiet);
        Self { reader, metrics, clock, schedule, operators, at_once, tasks: JoinSet::new() }
    }

    /// Reconciles until the relay stops.
    pub(in crate::relay) async fn run(mut self) {
        let mut head = self.reader.live.watch();
        let mut doubted = self.reader.read_cache.watch_doubted();
        let clock = self.clock.clone();
        loop {
            head.mark_unchanged();
            let looked = clock::instant();
            self.start_due();
            let (wall, floor) = self.next_wake_up();
            tokio::select! {
                changed = next_change(&mut head, looked) => if changed.is_err() { return },
                Some(done) = self.tasks.join_next() => self.finish(done).await,
                () = tokio::time::sleep(wall) => {}
                () = clock.sleep_until(floor) => {}
                Ok(()) = doubted.changed() => {}
            }
        }
    }

    /// Brings the schedule up to date, and starts the tasks that are due.
    fn start_due(&mut self) {
        let now = self.now();
        // No background requests while the circuit is open. Doubtful calls are read afterwards.
        let is_open = self.reader.graph.circuit_open_until().is_some();
        let free = if is_open { 0 } else { self.at_once.saturating_sub(self.tasks.len()) };
        let selected = self.newly_selected();
        let doubted = self.reader.read_cache.take_doubted();
        let schedule = &mut self.schedule;
        let started: Vec<StartedTask> = self.reader.live.with_changes(|floor, changes| {
            schedule.look(floor, changes, now);
            schedule.suspect(doubted, now);
            if let Some(selected) = selected {
                schedule.select(selected, now);
            }
            std::iter::from_fn(|| schedule.start_next(floor, now)).take(free).collect()
        });
        for StartedTask { call, task, confirmed } in started {
            let reader = Arc::clone(&self.reader);
            self.tasks.spawn(async move {
                let result = reader.run(&task, &call, confirmed).await;
                FinishedTask { call, task, result }
            });
        }
    }

    /// Returns the calls that operators have selected, if they have changed.
    fn newly_selected(&mut self) -> Option<BTreeSet<CallId>> {
        if !self.operators.has_changed().unwrap_or_default() {
            return None;
        }
        Some(self.operators.borrow_and_update().values().filter_map(|it| it.looking.clone()).collect())
    }

    async fn finish(&mut self, done: Result<FinishedTask, JoinError>) {
        let now = self.now();
        let Ok(FinishedTask { call, task, result }) = done else {
            // The result of a panicked task does not contain its call, so all calls become readable again.
            self.schedule.release_running(now);
            return;
        };
        self.metrics.graph.reconciled(task.word(), result.is_ok());
        let ended = EndedTask { call: &call, task: &task, result: result.as_ref().map(|&()| ()), dice: rand::random() };
        let schedule = &mut self.schedule;
        self.reader.live.with_floor(|floor| schedule.finish(floor, &ended, now));
        let Err(error) = result else { return };
        match task {
            ReconcileTask::Operation(number, _) => {
                tracing::warn!(%error, number = number.0, "could not read an operation");
            }
            // The schedule decides what a 404 for a call means.
            ReconcileTask::Read | ReconcileTask::CheckEnded | ReconcileTask::KeepAlive
                if matches!(error, ReadError::Gone) => {}
            ReconcileTask::Read => self.note_failed_read(call, &error).await,
            ReconcileTask::CheckEnded => {
                tracing::warn!(%error, %call, "could not check a call that a 404 ended; retrying");
            }
            ReconcileTask::KeepAlive => {
                tracing::warn!(%error, %call, "could not keep a call alive; retrying in a minute");
            }
        }
    }

    /// Notes a failed read, which is retried with back-off.
    async fn note_failed_read(&self, call: CallId, error: &ReadError) {
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
        let PlanTime { wall: now, floor: floor_now } = self.now();
        if let Some(until) = self.reader.graph.circuit_open_until() {
            return (until.saturating_duration_since(now).max(SOON), floor_now + KEEP_ALIVE);
        }
        let (wall, floor) = self.schedule.next_due(self.tasks.len() >= self.at_once);
        let wall = wall.map_or(Duration::from_mins(1), |it| it.saturating_duration_since(now).max(SOON));
        (wall, floor.unwrap_or(floor_now + KEEP_ALIVE))
    }

    fn now(&self) -> PlanTime {
        PlanTime { wall: clock::instant(), floor: self.clock.now() }
    }
}
