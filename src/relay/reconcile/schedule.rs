//! The reconciler's schedule: which task is next, and when the next one is due. Pure: the caller passes the floor, what
//! changed in it, and the time.
//!
//! Invariant: each plan is that of a full look over the floor, and each call stands in the queues where its plan says. A
//! task that starts or ends, and a call that changes, cost O(log n) in the number of calls. Only a look over the whole
//! floor visits all calls.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use super::due_queues::{DueQueues, QueuePlaces};
use super::plan::{KEEP_ALIVE, PlanTime, ReconcilePlan};
use super::task::ReconcileTask;
use crate::floor::{ChangedCalls, Floor};
use crate::graph::CallId;
use crate::relay::graph::reads::ReadError;
use crate::time::{Millis, Timestamp};

/// The plans of all calls. Bounded by the floor's calls.
#[derive(Debug)]
pub(in crate::relay) struct Schedule {
    /// The floor time without a notification after which a call is read.
    quiet: Millis,
    /// Whether the schedule has looked over the whole floor.
    is_complete: bool,
    plans: BTreeMap<CallId, ReconcilePlan>,
    queues: DueQueues,
    /// The calls that operators have selected.
    selected: BTreeSet<CallId>,
    /// The calls with a running task. They stand in no queue.
    running: BTreeSet<CallId>,
    /// How often a call was visited.
    #[cfg(test)]
    visits: usize,
}

/// A task that has started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::relay) struct StartedTask {
    pub(in crate::relay) call: CallId,
    pub(in crate::relay) task: ReconcileTask,
    /// Whether the answer before this one was a 404, so that another 404 ends the call.
    pub(in crate::relay) confirmed: bool,
}

/// A task that has ended.
#[derive(Debug)]
pub(in crate::relay) struct EndedTask<'a> {
    pub(in crate::relay) call: &'a CallId,
    pub(in crate::relay) task: &'a ReconcileTask,
    pub(in crate::relay) result: Result<(), &'a ReadError>,
    /// From 0 to 1; spreads the waits after failures.
    pub(in crate::relay) dice: f64,
}

/// How late a keepAlive may be before it goes ahead of all reads. After a gap on a large floor, the reads alone can take
/// longer than Graph keeps a call without keepAlive.
const LATEST_KEEP_ALIVE: Millis = Millis::minutes(10);

impl Schedule {
    pub(in crate::relay) fn new(quiet: Millis) -> Self {
        Self {
            quiet,
            is_complete: false,
            plans: BTreeMap::new(),
            queues: DueQueues::default(),
            selected: BTreeSet::new(),
            running: BTreeSet::new(),
            #[cfg(test)]
            visits: 0,
        }
    }

    /// Brings the plans of the changed calls up to date, and those that changed because time has passed.
    pub(in crate::relay) fn look(&mut self, floor: &Floor, changes: ChangedCalls, now: PlanTime) {
        match changes.named() {
            Some(calls) if self.is_complete => {
                for id in calls {
                    self.follow(floor, &id, now);
                }
            }
            Some(_) | None => self.look_over_all(floor, now),
        }
        // A clock that was set back must not delay the keepAlives, which Graph needs within 45 minutes.
        while let Some(id) = self.queues.keep_alive_after(now.floor + KEEP_ALIVE).cloned() {
            self.change(&id, now, |plan| plan.limit_keep_alive(now));
        }
        for id in self.queues.turns_until(now.floor) {
            self.follow(floor, &id, now);
        }
        for id in self.queues.retries_until(now.wall) {
            self.change(&id, now, |_| ());
        }
    }

    /// Has these calls read, if they are live, although the floor may be sure of them.
    pub(in crate::relay) fn suspect(&mut self, calls: BTreeSet<CallId>, now: PlanTime) {
        for id in calls {
            self.change(&id, now, ReconcilePlan::suspect);
        }
    }

    /// Replaces the calls that operators have selected.
    pub(in crate::relay) fn select(&mut self, calls: BTreeSet<CallId>, now: PlanTime) {
        let before = std::mem::replace(&mut self.selected, calls);
        let changed: Vec<CallId> = before.symmetric_difference(&self.selected).cloned().collect();
        for id in changed {
            self.change(&id, now, |_| ());
        }
    }

    /// Starts the next task, if one is due.
    pub(in crate::relay) fn start_next(&mut self, floor: &Floor, now: PlanTime) -> Option<StartedTask> {
        loop {
            let (call, task) = self.next(now)?;
            if floor.call(&call).is_none() {
                self.forget(&call);
                continue;
            }
            let confirmed = self.plans.get(&call).is_some_and(ReconcilePlan::is_missed);
            self.running.insert(call.clone());
            self.change(&call, now, |plan| plan.start(&task, now));
            return Some(StartedTask { call, task, confirmed });
        }
    }

    /// Records the end of a task.
    pub(in crate::relay) fn finish(&mut self, floor: &Floor, ended: &EndedTask<'_>, now: PlanTime) {
        self.running.remove(ended.call);
        self.change(ended.call, now, |plan| plan.finish(ended.task, ended.result, now, ended.dice));
        self.follow(floor, ended.call, now);
    }

    /// Makes the calls of all running tasks available again, after a task ended without saying which call it was for.
    pub(in crate::relay) fn release_running(&mut self, now: PlanTime) {
        for id in std::mem::take(&mut self.running) {
            self.change(&id, now, |_| ());
        }
    }

    /// Returns when the next task is due in wall time, and when in floor time. `is_full` says that no task can start, so
    /// that only a changed plan matters.
    pub(in crate::relay) fn next_due(&self, is_full: bool) -> (Option<Instant>, Option<Timestamp>) {
        let turn = self.queues.next_turn_at();
        if is_full {
            return (None, turn);
        }
        (self.queues.next_read_at(), [turn, self.queues.next_due_at()].into_iter().flatten().min())
    }

    fn next(&self, now: PlanTime) -> Option<(CallId, ReconcileTask)> {
        let queues = &self.queues;
        if let Some(call) = queues.first_keep_alive(now.floor - LATEST_KEEP_ALIVE) {
            return Some((call.clone(), ReconcileTask::KeepAlive));
        }
        if let Some(call) = queues.first_read() {
            return Some((call.clone(), ReconcileTask::Read));
        }
        let operation = |call: &CallId| Some((call.clone(), self.plans.get(call)?.due_operation()?));
        if let Some(due) = queues.first_proof(now.wall).and_then(operation) {
            return Some(due);
        }
        if let Some(call) = queues.first_keep_alive(now.floor) {
            return Some((call.clone(), ReconcileTask::KeepAlive));
        }
        Some((queues.first_check(now.floor)?.clone(), ReconcileTask::CheckEnded))
    }

    fn look_over_all(&mut self, floor: &Floor, now: PlanTime) {
        self.is_complete = true;
        let gone: Vec<CallId> = self.plans.keys().filter(|id| floor.call(id).is_none()).cloned().collect();
        for id in gone {
            self.forget(&id);
        }
        for call in floor.calls() {
            self.follow(floor, &call.id, now);
        }
    }

    /// Brings one plan up to date with the floor.
    fn follow(&mut self, floor: &Floor, id: &CallId, now: PlanTime) {
        let Some(call) = floor.call(id) else { return self.forget(id) };
        let quiet = self.quiet;
        self.plans.entry(id.clone()).or_default();
        self.change(id, now, |plan| plan.follow(floor, call, quiet, now));
        if self.plans.get(id).is_some_and(ReconcilePlan::is_empty) {
            self.forget(id);
        }
    }

    /// Changes one plan, and moves its call in the queues.
    fn change(&mut self, id: &CallId, now: PlanTime, change: impl FnOnce(&mut ReconcilePlan)) {
        #[cfg(test)]
        {
            self.visits += 1;
        }
        let Some(plan) = self.plans.get_mut(id) else { return };
        change(plan);
        let places = if self.running.contains(id) {
            QueuePlaces::default()
        } else {
            plan.places_at(self.selected.contains(id), now)
        };
        self.queues.move_call(id, &plan.places, &places);
        plan.places = places;
    }

    fn forget(&mut self, id: &CallId) {
        if let Some(plan) = self.plans.remove(id) {
            self.queues.move_call(id, &plan.places, &QueuePlaces::default());
        }
    }
}
