//! Tests of the schedule: its order, its work, and that a look at the changed calls is as good as one at all.

use std::time::Duration;

use super::*;
use crate::floor::{Cursor, Entry, Fact, Sum};
use crate::relay::graph::reads::ReadError;
use crate::time::clock;

/// A floor with its schedule, on two clocks that only the test moves.
struct Site {
    floor: Floor,
    schedule: Schedule,
    changes: ChangedCalls,
    now: PlanTime,
    cursor: u64,
}

const QUIET: Millis = Millis::minutes(10);

impl Site {
    fn new() -> Self {
        Self {
            floor: Floor::default(),
            schedule: Schedule::new(QUIET),
            changes: ChangedCalls::default(),
            now: PlanTime { wall: clock::instant(), floor: Timestamp(1_000_000_000) },
            cursor: 0,
        }
    }

    /// Folds an entry, given as the journal's text without its time.
    fn told(&mut self, fact: &str) {
        let (at, fact) = Fact::decode(&format!(r#"{{"at":{},{fact}}}"#, self.now.floor.0)).unwrap();
        self.cursor += 1;
        let (cursor, after) = (Cursor(self.cursor), Cursor(self.cursor - 1));
        let entry = Entry { cursor, after, sum: Sum(self.cursor), at, fact };
        self.floor.apply(&entry);
        self.changes.extend(&self.floor.take_changed_calls());
    }

    fn call_said(&mut self, call: &str, state: &str) {
        self.told(&format!(
            r##""notification":{{"changeType":"updated","resourceUrl":"/communications/calls/{call}","resourceData":{{"@odata.type":"#microsoft.graph.call","state":"{state}"}}}}"##
        ));
    }

    fn roster_read(&mut self, call: &str, in_lobby: bool) {
        self.told(&format!(
            r#""observed":{{"call":"{call}","read":{{"participants":[{{"id":"bob","isInLobby":{in_lobby},"info":{{"identity":{{"user":{{"id":"bob"}}}}}}}}]}}}}"#
        ));
    }

    /// The relay starts anew: every live call becomes doubtful.
    fn restarted(&mut self) {
        self.told(r#""noted":"opened""#);
    }

    fn later(&mut self, millis: i64) {
        self.now.floor = self.now.floor + Millis(millis);
        self.now.wall += Duration::from_millis(millis.unsigned_abs());
    }

    fn look(&mut self) {
        let changes = std::mem::take(&mut self.changes);
        self.schedule.look(&self.floor, changes, self.now);
    }

    fn start(&mut self) -> Option<StartedTask> {
        self.look();
        self.schedule.start_next(&self.floor, self.now)
    }

    fn finish(&mut self, started: &StartedTask, result: Result<(), &ReadError>) {
        let ended = EndedTask { call: &started.call, task: &started.task, result, dice: 1.0 };
        self.schedule.finish(&self.floor, &ended, self.now);
    }

    /// Starts the next task, which must be this one, and has it succeed.
    fn does(&mut self, call: &str, task: &ReconcileTask) {
        let started = self.start().unwrap_or_else(|| panic!("nothing is due instead of {task:?} of {call}"));
        assert_eq!((&started.call, &started.task), (&id(call), task));
        if *task == ReconcileTask::Read {
            self.roster_read(call, false);
        }
        self.finish(&started, Ok(()));
    }

    fn rests(&mut self) {
        assert_eq!(self.start(), None);
    }
}

fn id(call: &str) -> CallId {
    CallId::new(call).unwrap()
}

/// Returns a site with this many calls that were read, and have nothing due.
fn with_calls(count: usize) -> Site {
    let mut site = Site::new();
    for number in 0..count {
        site.call_said(&format!("c{number}"), "established");
        site.roster_read(&format!("c{number}"), false);
    }
    site.look();
    site
}

#[test]
fn a_changed_call_costs_the_same_on_every_floor() {
    let mut visits = Vec::new();
    for count in [20, 5_000] {
        let mut site = with_calls(count);
        let before = site.schedule.visits;
        site.call_said("c7", "established");
        site.rests();
        site.call_said("new", "established");
        site.does("new", &ReconcileTask::Read);
        site.rests();
        site.later(5_000);
        site.rests();
        let _next = site.schedule.next_due(false);
        visits.push(site.schedule.visits - before);
    }
    let [small, large] = visits[..] else { panic!("{visits:?}") };
    assert_eq!(small, large);
    assert!(large < 10, "{large} calls were visited for two that changed");
}

#[test]
fn each_read_after_a_restart_visits_a_few_calls() {
    let mut site = with_calls(2_000);
    site.restarted();
    site.look();
    let before = site.schedule.visits;
    for _ in 0..2_000 {
        let started = site.start().unwrap();
        let call = started.call.to_string();
        site.roster_read(&call, false);
        site.finish(&started, Ok(()));
    }
    site.rests();
    let visits = site.schedule.visits - before;
    assert!(visits <= 2_000 * 4, "{visits} visits for 2,000 reads");
}

#[test]
fn selected_calls_are_read_first_then_the_longest_waits_then_the_longest_silence() {
    let mut site = Site::new();
    for (call, in_lobby) in [("a", false), ("b", true), ("c", false), ("d", true), ("e", false), ("f", false)] {
        site.call_said(call, "established");
        site.roster_read(call, in_lobby);
        site.later(1_000);
    }
    // Its notification makes this one the last.
    site.call_said("a", "established");
    site.restarted();
    site.look();
    site.schedule.select(BTreeSet::from([id("e"), id("elsewhere")]), site.now);
    for call in ["e", "b", "d", "c", "f"] {
        site.does(call, &ReconcileTask::Read);
    }
    // Nobody has selected it any more, and somebody now waits in it.
    site.schedule.select(BTreeSet::new(), site.now);
    site.does("a", &ReconcileTask::Read);
    site.rests();
}

#[test]
fn doubtful_calls_are_read_before_quiet_ones() {
    let mut site = with_calls(1);
    site.later(QUIET.0);
    site.call_said("a", "established");
    site.does("a", &ReconcileTask::Read);
    site.does("c0", &ReconcileTask::Read);
    site.rests();
    assert_eq!(site.schedule.next_due(false).1, Some(site.now.floor + Millis::minutes(5)), "the next keepAlive");
    site.later(QUIET.0 - 1);
    assert!(site.start().is_some_and(|it| it.task == ReconcileTask::KeepAlive), "both were read ten minutes ago");
}

#[test]
fn a_clock_that_is_set_back_delays_no_keep_alive() {
    let mut site = with_calls(3);
    site.now.floor = site.now.floor - Millis::minutes(60);
    site.rests();
    site.now.floor = site.now.floor + Millis::minutes(15);
    for call in ["c0", "c1", "c2"] {
        site.does(call, &ReconcileTask::KeepAlive);
    }
    site.rests();
}

#[test]
fn a_very_late_keep_alive_goes_before_reads() {
    let mut site = with_calls(1);
    site.later(Millis::minutes(15).0);
    site.restarted();
    let read = site.start().unwrap();
    assert_eq!(read.task, ReconcileTask::Read);
    site.finish(&read, Err(&ReadError::Later(Duration::from_secs(1))));
    site.later(Millis::minutes(10).0);
    site.does("c0", &ReconcileTask::KeepAlive);
    site.does("c0", &ReconcileTask::Read);
}

#[test]
fn only_a_second_404_in_a_row_is_confirmed_and_its_call_is_checked_once() {
    let mut site = with_calls(2);
    site.restarted();
    let first = site.start().unwrap();
    site.finish(&first, Err(&ReadError::Gone));
    site.does("c1", &ReconcileTask::Read);
    site.rests();
    assert_eq!(site.schedule.next_due(false).0, Some(site.now.wall + Duration::from_secs(6)));
    site.later(6_000);
    let second = site.start().unwrap();
    assert!(!first.confirmed && second.confirmed && first.call == second.call);
    site.told(r#""observed":{"call":"c0","read":"gone"}"#);
    site.finish(&second, Ok(()));
    site.rests();
    site.later(60_000);
    let check = site.start().unwrap();
    assert_eq!((&check.task, &check.call), (&ReconcileTask::CheckEnded, &id("c0")));
    site.finish(&check, Err(&ReadError::Status(500)));
    site.rests();
    site.later(60_000);
    site.does("c0", &ReconcileTask::CheckEnded);
    // A late notification does not have it checked again.
    site.call_said("c0", "terminating");
    site.rests();
    for _ in 0..3 {
        site.later(Millis::minutes(8).0);
        site.call_said("c1", "established");
        site.look();
    }
    assert!(!site.schedule.plans.contains_key(&id("c0")), "the floor has dropped it");
}

#[test]
fn an_overdue_operation_is_read_four_times_with_doubling_waits() {
    let mut site = with_calls(1);
    site.told(
        r#""asked":{"ticket":"t1","by":"ada","act":"hold","call":"c0","participant":"bob","request":"POST /hold"}"#,
    );
    site.told(
        r#""answered":{"ticket":"t1","outcome":{"replied":{"status":202,"body":{"id":"op-7","status":"running"}}}}"#,
    );
    site.rests();
    let deadline = site.floor.operations().next().unwrap().deadline;
    assert_eq!(site.schedule.next_due(true), (None, Some(deadline + Millis(1))));
    site.later(deadline.since(site.now.floor).0 + 1);
    for seconds in [2, 4, 8, 16] {
        let started = site.start().unwrap();
        assert!(matches!(started.task, ReconcileTask::Operation(..)), "{started:?}");
        site.rests();
        site.finish(&started, Ok(()));
        site.later(seconds * 1_000 - 1);
        site.rests();
        site.later(1);
    }
    site.rests();
}

#[test]
fn looking_at_the_changed_calls_is_as_good_as_looking_at_all() {
    let dice = |seed: u64, sides: u64| (seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33) % sides;
    for run in 0..40_u64 {
        let mut site = Site::new();
        for step in 0..120 {
            let roll = |sides| dice(run * 1_000 + step + 1, sides);
            let call = format!("c{}", dice(run * 7_919 + step * 31 + 5, 6));
            match roll(11) {
                0..3 => site.call_said(&call, ["established", "terminating", "terminated"][usize::from(roll(7) == 1) * 2]),
                3..5 => site.roster_read(&call, roll(2) == 0),
                5 => site.restarted(),
                6 => site.told(&format!(r#""observed":{{"call":"{call}","read":"gone"}}"#)),
                7 => site.later(i64::try_from(roll(900_000)).unwrap()),
                8 => site.schedule.select(BTreeSet::from([id(&call)]), site.now),
                9 => site.told(&format!(
                    r#""asked":{{"ticket":"t{step}","by":"ada","act":"mute","call":"{call}","participant":"bob","request":"POST /mute"}}"#
                )),
                _ => {
                    let Some(started) = site.start() else { continue };
                    let error = ReadError::Status(500);
                    let result = [Ok(()), Err(&error), Err(&ReadError::Gone)][usize::try_from(roll(3)).unwrap()];
                    site.finish(&started, result);
                }
            }
            site.look();
            let places = |site: &Site| -> Vec<(CallId, QueuePlaces)> {
                site.schedule.plans.iter().map(|(id, plan)| (id.clone(), plan.places)).collect()
            };
            let before = places(&site);
            site.changes = ChangedCalls::all();
            site.look();
            let without_memory = |all: Vec<(CallId, QueuePlaces)>| -> Vec<_> {
                all.into_iter()
                    .filter(|(id, _)| site.floor.call(id).is_some_and(crate::floor::FloorCall::is_live))
                    .collect()
            };
            assert_eq!(without_memory(before), without_memory(places(&site)), "run {run}, step {step}");
        }
    }
}
