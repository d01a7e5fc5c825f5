//! What the reconciler has to do for one call, and when. Pure; does not know the other calls.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::due_queues::{QueuePlaces, ReadRank};
use super::task::ReconcileTask;
use crate::floor::{Act, Cursor, Floor, FloorCall, Operation, OperationNumber, OperationOutcome};
use crate::graph::{CallState, OperationId};
use crate::relay::graph::reads::ReadError;
use crate::relay::graph::request::NoResponse;
use crate::time::{Backoff, Millis, Timestamp};

/// The plan for one call of the floor. Bounded: an operation of the call each, and otherwise one time of each kind.
#[derive(Debug, Default)]
pub(super) struct ReconcilePlan {
    /// What the floor says about the call while it is live.
    live: Option<LiveSigns>,
    /// Whether to read the call even if the floor is sure of it: it is quiet, has an unproved act, or a request about it
    /// got a 404.
    suspect: bool,
    /// The back-off of the reads that failed, and the time of the next one.
    failed: Option<(Backoff, Instant)>,
    /// The time of the second read, if the last one got a 404.
    missed: Option<Instant>,
    keep_alive: Option<Timestamp>,
    /// When the call becomes quiet.
    quiet_from: Option<Timestamp>,
    ended: Option<EndedCall>,
    /// The operations that may still be proved.
    proofs: BTreeMap<OperationNumber, ProofPlan>,
    /// The places in the queues that this plan has now.
    pub(super) places: QueuePlaces,
}

/// Both clocks, read once.
#[derive(Debug, Clone, Copy)]
pub(in crate::relay) struct PlanTime {
    pub(in crate::relay) wall: Instant,
    pub(in crate::relay) floor: Timestamp,
}

#[derive(Debug)]
struct LiveSigns {
    is_doubtful: bool,
    waiting_since: Option<Timestamp>,
    /// The last time of an entry about it or of a read.
    known_at: Timestamp,
}

/// A call that a 404 ended.
#[derive(Debug)]
struct EndedCall {
    /// The entry of the 404.
    cursor: Cursor,
    /// The time of the last check; `None` after it.
    check: Option<Timestamp>,
    /// When to find out whether the floor still has the call.
    forget: Timestamp,
}

#[derive(Debug)]
enum ProofPlan {
    /// The proof may arrive until this deadline.
    Awaited(Timestamp),
    Overdue(OverdueProof),
}

/// An operation with an overdue proof, and how often it was re-read.
#[derive(Debug)]
struct OverdueProof {
    /// Graph's id of the operation; `None` if Graph has no operation, in which case the call is read instead.
    id: Option<OperationId>,
    reads: u8,
    again: Instant,
}

/// The interval of keepAlives, in floor time. Graph ends a call 45 minutes after its last keepAlive.
pub(super) const KEEP_ALIVE: Millis = Millis::minutes(15);
/// The time from the first 404 to the second read, in wall time. A second 404 ends the call.
const SECOND_LOOK: Duration = Duration::from_secs(6);
/// The time from the end of a call by 404 to its last check, in floor time.
const LAST_LOOK: Millis = Millis::minutes(1);
/// How long a checked call is remembered at least. The floor keeps an ended call about as long.
const REMEMBERED: Millis = Millis::minutes(10);
/// The longest Retry-After that is obeyed.
const LONGEST_WAIT: Duration = Duration::from_mins(15);
/// The maximum number of reads of an operation, with doubling waits. After them it stays UNCONFIRMED.
const MOST_READS: u8 = 4;
/// The wait between the first two reads of an operation; each later wait is twice as long.
const BETWEEN_READS: Duration = Duration::from_secs(2);

impl ReconcilePlan {
    /// Brings the plan up to date with the floor.
    pub(super) fn follow(&mut self, floor: &Floor, call: &FloorCall, quiet: Millis, now: PlanTime) {
        let known_at = call.heard.max(call.read.unwrap_or(call.heard));
        self.live = call.is_live().then(|| LiveSigns {
            is_doubtful: call.doubt_to_read().is_some(),
            waiting_since: call.waiting_since(),
            known_at,
        });
        self.follow_proofs(floor, call, now);
        self.quiet_from = None;
        if self.live.is_none() {
            (self.suspect, self.missed) = (false, None);
        } else if known_at + quiet <= now.floor {
            self.suspect = true;
        } else {
            self.quiet_from = Some(known_at + quiet);
        }
        let first = now.floor + KEEP_ALIVE;
        self.keep_alive = needs_keep_alive(call).then(|| self.keep_alive.map_or(first, |it| it.min(first)));
        self.ended = call.ended_only_by_404().map(|unfound| {
            let known = self.ended.take().filter(|it| it.cursor == unfound.cursor);
            let check = known.map_or(Some(unfound.at + LAST_LOOK), |it| it.check);
            EndedCall { cursor: unfound.cursor, check, forget: now.floor + REMEMBERED }
        });
        if !self.wants_read() {
            self.failed = None;
        }
    }

    fn follow_proofs(&mut self, floor: &Floor, call: &FloorCall, now: PlanTime) {
        let is_open = |it: &OperationNumber| floor.operation(*it).is_some_and(Operation::may_still_be_proved);
        self.proofs.retain(|number, _| is_open(number));
        for operation in floor.open_operations_on(&call.id).filter(|it| it.outcome != OperationOutcome::Pending) {
            let is_overdue = |it: &ProofPlan| matches!(it, ProofPlan::Overdue(_));
            if self.proofs.get(&operation.number).is_some_and(is_overdue) {
                continue;
            }
            let plan = if now.floor <= operation.deadline {
                ProofPlan::Awaited(operation.deadline)
            } else {
                let proof = OverdueProof::of(operation, now.wall);
                // Without an operation at Graph, only the call can show the effect.
                self.suspect |= proof.id.is_none();
                ProofPlan::Overdue(proof)
            };
            self.proofs.insert(operation.number, plan);
        }
    }

    /// Returns whether nothing has to be done for the call, so that the plan can be forgotten.
    pub(super) fn is_empty(&self) -> bool {
        self.live.is_none() && self.ended.is_none() && self.proofs.is_empty()
    }

    /// Returns the places in the queues. `selected` says whether an operator has selected the call.
    pub(super) fn places_at(&self, selected: bool, now: PlanTime) -> QueuePlaces {
        let failed = self.failed.as_ref().map(|(_, again)| *again);
        let retry = failed.max(self.missed).filter(|at| *at > now.wall);
        let read = self.read_rank(selected);
        let deadlines = self.proofs.values().filter_map(|it| match it {
            ProofPlan::Awaited(deadline) => Some(*deadline + Millis(1)),
            ProofPlan::Overdue(_) => None,
        });
        let forget = self.ended.as_ref().filter(|it| it.check.is_none()).map(|it| it.forget);
        QueuePlaces {
            read: read.filter(|_| retry.is_none()),
            retry: retry.filter(|_| read.is_some()),
            proof: self.readable_proofs().map(|(_, _, again)| again).min(),
            keep_alive: self.keep_alive,
            check: self.ended.as_ref().and_then(|it| it.check),
            turn: deadlines.chain(self.quiet_from).chain(forget).min(),
        }
    }

    /// Returns the read of an operation that is due first.
    pub(super) fn due_operation(&self) -> Option<ReconcileTask> {
        let (number, id, _) = self.readable_proofs().min_by_key(|(_, _, again)| *again)?;
        Some(ReconcileTask::Operation(number, id.clone()))
    }

    /// Returns whether the last answer for the live call was a 404.
    pub(super) const fn is_missed(&self) -> bool {
        self.missed.is_some()
    }

    /// Has the call read if it is live.
    pub(super) const fn suspect(&mut self) {
        self.suspect = self.live.is_some();
    }

    /// Has the next keepAlive sent no later than an interval from now.
    pub(super) fn limit_keep_alive(&mut self, now: PlanTime) {
        self.keep_alive = self.keep_alive.map(|it| it.min(now.floor + KEEP_ALIVE));
    }

    /// Records the start of a task.
    pub(super) fn start(&mut self, task: &ReconcileTask, now: PlanTime) {
        match task {
            ReconcileTask::Read | ReconcileTask::CheckEnded => {}
            ReconcileTask::KeepAlive => self.keep_alive = Some(now.floor + KEEP_ALIVE),
            ReconcileTask::Operation(number, _) => {
                if let Some(ProofPlan::Overdue(proof)) = self.proofs.get_mut(number) {
                    proof.again = now.wall + BETWEEN_READS * (1 << proof.reads.min(MOST_READS));
                    proof.reads += 1;
                }
            }
        }
    }

    /// Records the end of a task. `dice`, from 0 to 1, spreads the waits after failures.
    pub(super) fn finish(&mut self, task: &ReconcileTask, result: Result<(), &ReadError>, now: PlanTime, dice: f64) {
        match (task, result) {
            (ReconcileTask::Read, Ok(())) => (self.failed, self.suspect, self.missed) = (None, false, None),
            (ReconcileTask::Read, Err(ReadError::Gone)) => {
                self.failed = None;
                self.suspect();
                self.missed = Some(now.wall + SECOND_LOOK);
            }
            (ReconcileTask::Read, Err(error)) => {
                // Only two consecutive 404s end a call.
                self.missed = None;
                self.defer_read(error, now, dice);
            }
            (ReconcileTask::CheckEnded, Ok(()) | Err(ReadError::Gone)) => self.set_check(None),
            (ReconcileTask::CheckEnded, Err(_)) => self.set_check(Some(now.floor + LAST_LOOK)),
            (ReconcileTask::KeepAlive | ReconcileTask::Operation(..), Ok(())) => {}
            (ReconcileTask::Operation(number, _), Err(error)) => self.defer_operation(*number, error, now),
            // A 404 for an action does not prove the call's end, so the call itself is read.
            (ReconcileTask::KeepAlive, Err(ReadError::Gone)) => self.suspect(),
            (ReconcileTask::KeepAlive, Err(_)) => {
                self.keep_alive = self.keep_alive.map(|_| now.floor + Millis::minutes(1));
            }
        }
    }

    fn wants_read(&self) -> bool {
        self.live.as_ref().is_some_and(|it| it.is_doubtful || self.suspect)
    }

    fn read_rank(&self, selected: bool) -> Option<ReadRank> {
        let live = self.live.as_ref().filter(|_| self.wants_read())?;
        let unread =
            if live.is_doubtful { ReadRank::Doubtful(live.known_at) } else { ReadRank::Suspect(live.known_at) };
        let rank = live.waiting_since.map_or(unread, ReadRank::Waiting);
        Some(if selected { ReadRank::Selected(live.known_at) } else { rank })
    }

    /// Returns the operations that may be read, and when.
    fn readable_proofs(&self) -> impl Iterator<Item = (OperationNumber, &OperationId, Instant)> {
        self.proofs.iter().filter_map(|(number, plan)| match plan {
            ProofPlan::Awaited(_) => None,
            ProofPlan::Overdue(proof) if proof.reads >= MOST_READS => None,
            ProofPlan::Overdue(proof) => Some((*number, proof.id.as_ref()?, proof.again)),
        })
    }

    fn set_check(&mut self, at: Option<Timestamp>) {
        if let Some(ended) = &mut self.ended {
            ended.check = at;
        }
    }

    /// Plans the next read of the call after a failed one, with back-off.
    fn defer_read(&mut self, error: &ReadError, now: PlanTime, dice: f64) {
        let (mut backoff, _) = self.failed.take().unwrap_or_else(|| (Backoff::default(), now.wall));
        let wait = backoff.next_wait(dice);
        let wait = match error {
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
        self.failed = Some((backoff, now.wall + wait));
    }

    /// Plans the next read of an operation after a failed read. A 404 ends the reads, although it proves nothing about
    /// the operation or its call.
    fn defer_operation(&mut self, number: OperationNumber, error: &ReadError, now: PlanTime) {
        let Some(ProofPlan::Overdue(overdue)) = self.proofs.get_mut(&number) else { return };
        match error {
            ReadError::Gone => overdue.reads = MOST_READS,
            ReadError::NoReply(NoResponse::Shut { .. }) => overdue.reads = overdue.reads.saturating_sub(1),
            ReadError::Later(after) => overdue.again = overdue.again.max(now.wall + (*after).min(LONGEST_WAIT)),
            ReadError::NoRoster
            | ReadError::NotKept(_)
            | ReadError::Status(_)
            | ReadError::NoReply(_)
            | ReadError::Shape(_) => {}
        }
    }
}

impl OverdueProof {
    fn of(operation: &Operation, now: Instant) -> Self {
        // Only a hold or a release is proved by Graph's own operation.
        let is_proved_by_graph = matches!(operation.act, Act::Hold | Act::Release);
        let id = operation.operation_id.clone().filter(|_| is_proved_by_graph);
        Self { id, reads: 0, again: now }
    }
}

/// Returns whether a call is live and not about to end.
fn needs_keep_alive(call: &FloorCall) -> bool {
    call.is_live() && !matches!(call.state, CallState::Terminating | CallState::Terminated)
}
