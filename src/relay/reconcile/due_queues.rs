//! The reconciler's queues, each in the order in which its calls are due. Pure. A call changes its places in them in
//! O(log n), so no task costs more because there are more calls.

use std::collections::BTreeSet;
use std::time::Instant;

use crate::graph::CallId;
use crate::time::Timestamp;

/// The calls with something to do or to wait for. A call stands in each queue at most once.
#[derive(Debug, Default)]
pub(super) struct DueQueues {
    /// Calls to read now.
    reads: BTreeSet<(ReadRank, CallId)>,
    /// Calls to read later, because the last read failed or got a 404.
    retries: BTreeSet<(Instant, CallId)>,
    /// Calls with an operation whose proof is overdue, by the time of its next read.
    proofs: BTreeSet<(Instant, CallId)>,
    keep_alives: BTreeSet<(Timestamp, CallId)>,
    /// Calls ended by a 404, by the time of their last check.
    checks: BTreeSet<(Timestamp, CallId)>,
    /// Calls whose plan changes without an entry: they become quiet, or the proof of an operation becomes overdue.
    turns: BTreeSet<(Timestamp, CallId)>,
}

/// The places of one call in the queues. The default is in none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct QueuePlaces {
    pub(super) read: Option<ReadRank>,
    pub(super) retry: Option<Instant>,
    pub(super) proof: Option<Instant>,
    pub(super) keep_alive: Option<Timestamp>,
    pub(super) check: Option<Timestamp>,
    pub(super) turn: Option<Timestamp>,
}

/// The order of reads that are due. Each time is the start of what the call waits for, so the longest wait comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ReadRank {
    /// An operator has selected the call now. With the time since which nothing is known about it.
    Selected(Timestamp),
    /// Somebody is on hold or in the lobby, since this time.
    Waiting(Timestamp),
    /// The floor may be wrong about the call. With the time since which nothing is known about it.
    Doubtful(Timestamp),
    /// Only the reconciler has a reason to read the call, for example because it is quiet.
    Suspect(Timestamp),
}

impl DueQueues {
    /// Moves a call from its old places to its new ones.
    pub(super) fn move_call(&mut self, id: &CallId, from: &QueuePlaces, to: &QueuePlaces) {
        shift(&mut self.reads, id, from.read, to.read);
        shift(&mut self.retries, id, from.retry, to.retry);
        shift(&mut self.proofs, id, from.proof, to.proof);
        shift(&mut self.keep_alives, id, from.keep_alive, to.keep_alive);
        shift(&mut self.checks, id, from.check, to.check);
        shift(&mut self.turns, id, from.turn, to.turn);
    }

    /// Returns the first call to read now.
    pub(super) fn first_read(&self) -> Option<&CallId> {
        self.reads.first().map(|(_, id)| id)
    }

    /// Returns the first call whose operation is to be read by now.
    pub(super) fn first_proof(&self, now: Instant) -> Option<&CallId> {
        self.proofs.first().filter(|(at, _)| *at <= now).map(|(_, id)| id)
    }

    /// Returns the first call whose keepAlive is due by now.
    pub(super) fn first_keep_alive(&self, now: Timestamp) -> Option<&CallId> {
        self.keep_alives.first().filter(|(at, _)| *at <= now).map(|(_, id)| id)
    }

    /// Returns the call whose keepAlive is due last, if that is after `limit`.
    pub(super) fn keep_alive_after(&self, limit: Timestamp) -> Option<&CallId> {
        self.keep_alives.last().filter(|(at, _)| *at > limit).map(|(_, id)| id)
    }

    /// Returns the first ended call to check by now.
    pub(super) fn first_check(&self, now: Timestamp) -> Option<&CallId> {
        self.checks.first().filter(|(at, _)| *at <= now).map(|(_, id)| id)
    }

    /// Returns the calls that may be read again by now.
    pub(super) fn retries_until(&self, now: Instant) -> Vec<CallId> {
        self.retries.iter().take_while(|(at, _)| *at <= now).map(|(_, id)| id.clone()).collect()
    }

    /// Returns the calls whose plan changes by now.
    pub(super) fn turns_until(&self, now: Timestamp) -> Vec<CallId> {
        self.turns.iter().take_while(|(at, _)| *at <= now).map(|(_, id)| id.clone()).collect()
    }

    /// Returns when the next read of a call or of an operation is due.
    pub(super) fn next_read_at(&self) -> Option<Instant> {
        [self.retries.first(), self.proofs.first()].into_iter().flatten().map(|(at, _)| *at).min()
    }

    /// Returns when the next keepAlive or check is due.
    pub(super) fn next_due_at(&self) -> Option<Timestamp> {
        [self.keep_alives.first(), self.checks.first()].into_iter().flatten().map(|(at, _)| *at).min()
    }

    /// Returns when the next plan changes.
    pub(super) fn next_turn_at(&self) -> Option<Timestamp> {
        self.turns.first().map(|(at, _)| *at)
    }
}

fn shift<K: Ord + Copy>(queue: &mut BTreeSet<(K, CallId)>, id: &CallId, from: Option<K>, to: Option<K>) {
    if from == to {
        return;
    }
    if let Some(key) = from {
        queue.remove(&(key, id.clone()));
    }
    if let Some(key) = to {
        queue.insert((key, id.clone()));
    }
}
