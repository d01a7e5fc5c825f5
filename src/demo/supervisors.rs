//! The scenario's supervisors. Each acts through a headless desk, with the same rules, keys and gate as a person. The
//! simulator never places a participant on API hold; a supervisor does.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent};
use tokio::time::timeout;

use super::error::DemoError;
use crate::console::{HeadlessDesk, RelayAddressError};
use crate::desk::{Desk, LedgerRow, Modal, ParticipantRef, PendingState, RowId};
use crate::floor::{self, Floor, Ticket};
use crate::graph::CallId;
use crate::sim::PreludeDriver;
use crate::sim::scenario::{ActKind, Scenario, ScenarioAct};
use crate::time::Timestamp;
use crate::time::clock::Clock;

/// The wall time that a supervisor waits for the participant of an act to appear.
const TARGET_TIMEOUT: Duration = Duration::from_secs(10);

/// The wall time that a supervisor waits for the gate's answer: longer than the desk, which then
/// reports that none came.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(25);

/// The time between opening a confirmation and answering it. A desk treats faster keys as a paste.
const CONFIRM_DELAY: Duration = Duration::from_millis(30);

/// The acts of a scenario other than the presenter's story, in order, and the desks that perform them.
pub(super) struct ScriptedActs {
    start: Timestamp,
    acts: VecDeque<ScenarioAct>,
    desks: BTreeMap<String, HeadlessDesk>,
}

impl ScriptedActs {
    /// Connects a desk for each supervisor who acts. An act of an unknown supervisor is logged and left out.
    pub(super) fn with_desks(
        scenario: &Scenario,
        start: Timestamp,
        mut desk: impl FnMut(&str) -> Option<Result<HeadlessDesk, RelayAddressError>>,
    ) -> Result<Self, DemoError> {
        let mut acts: Vec<ScenarioAct> = scenario.acts.iter().filter(|it| !it.story).cloned().collect();
        acts.sort_by_key(|it| it.at);
        let mut desks = BTreeMap::new();
        for act in &acts {
            if !desks.contains_key(&act.by) {
                let Some(connected) = desk(&act.by) else {
                    tracing::warn!(by = %act.by, "the scenario names a supervisor without a desk: the act is left out");
                    continue;
                };
                desks.insert(act.by.clone(), connected?);
            }
        }
        Ok(Self { start, acts: acts.into(), desks })
    }

    /// Plays all acts before the scenario's start by stepping the stopped clock from one act to the next.
    pub(super) async fn play_prelude(&mut self, clock: &Clock, sim: &PreludeDriver) {
        loop {
            let act = self.acts.front().map(|it| self.start + it.at);
            let due = [sim.next_due(), act].into_iter().flatten().filter(|it| *it <= self.start).min();
            let Some(due) = due else { break };
            clock.step(due.since(clock.now()));
            sim.settle().await;
            if act.is_some_and(|it| it <= due) {
                self.act_next().await;
            }
        }
        clock.step(self.start.since(clock.now()));
        sim.settle().await;
    }

    /// Plays the remaining acts, each at its floor time.
    pub(super) async fn play(mut self, clock: Clock) {
        while let Some(act) = self.acts.front() {
            let at = self.start + act.at;
            clock.sleep_until(at).await;
            self.act_next().await;
        }
    }

    async fn act_next(&mut self) {
        let Some(act) = self.acts.pop_front() else { return };
        let Some(desk) = self.desks.get_mut(&act.by) else { return };
        if perform(desk, &act).await.is_none() {
            let message = desk.desk().message().map(|it| it.text.clone());
            tracing::warn!(?act, ?message, "an act of the scenario failed");
        }
    }
}

/// Performs one act at a desk and waits for the gate's answer. Returns the act's row in the ledger; `None` when its
/// participant never appeared or no answer came.
pub(super) async fn perform(desk: &mut HeadlessDesk, act: &ScenarioAct) -> Option<RowId> {
    let mut found = None;
    // The target may appear before the desk has caught up, when it still refuses acts.
    let appeared = desk.until(|desk| {
        found = target(desk.live(), act);
        desk.link().is_live() && found.is_some()
    });
    timeout(TARGET_TIMEOUT, appeared).await.ok()?;
    let (call, who) = found?;
    let refused = newest_pending(desk.desk());
    desk.select(call, who);
    desk.ask(floor_act(act.act));
    let Modal::Confirm(open) = desk.desk().modal() else {
        // The desk refused the act. It keeps a row of the refusal unless the act had no target.
        return newest_pending(desk.desk()).filter(|it| Some(it) != refused.as_ref());
    };
    let ticket = open.bound().ticket().clone();
    confirm(desk).await;
    timeout(ANSWER_TIMEOUT, desk.until(|desk| answered(desk, &ticket).is_some())).await.ok()?;
    answered(desk.desk(), &ticket)
}

/// Answers the open confirm with yes, or with the name that it asks for.
async fn confirm(desk: &mut HeadlessDesk) {
    let Modal::Confirm(open) = desk.desk().modal() else { return };
    let word = open.typed().map(|it| it.name().to_owned());
    tokio::time::sleep(CONFIRM_DELAY).await;
    match word {
        None => desk.press(KeyEvent::from(KeyCode::Char('y'))),
        Some(word) => {
            word.chars().for_each(|letter| desk.press(KeyEvent::from(KeyCode::Char(letter))));
            desk.press(KeyEvent::from(KeyCode::Enter));
        }
    }
}

fn newest_pending(desk: &Desk) -> Option<RowId> {
    desk.ledger().find(|it| matches!(it, LedgerRow::Pending(_))).map(|it| it.id())
}

/// Returns the row of an act that has been answered, and at most waits for its proof.
fn answered(desk: &Desk, ticket: &Ticket) -> Option<RowId> {
    let row = desk.ledger().find(|row| match row {
        LedgerRow::Operation(operation) => operation.ticket == *ticket,
        LedgerRow::Pending(pending) => pending.ticket.as_ref() == Some(ticket),
        LedgerRow::Bulk(_) => false,
    })?;
    let done = match row {
        LedgerRow::Operation(operation) => operation.answered.is_some(),
        LedgerRow::Pending(pending) => !matches!(pending.state, PendingState::Sending | PendingState::Accepted),
        LedgerRow::Bulk(_) => false,
    };
    done.then(|| row.id())
}

/// Returns the call and participant of an act, found by the names in the scenario.
fn target(floor: &Floor, act: &ScenarioAct) -> Option<(CallId, Option<ParticipantRef>)> {
    let call = floor.calls().find(|call| call.is_live() && call.title() == act.call)?;
    let Some(name) = &act.participant else { return Some((call.id.clone(), None)) };
    let person = call.present().find(|it| *it.name == **name).map(|it| ParticipantRef::Person(it.id.clone()));
    let party = || call.parties.iter().position(|it| *it.name == **name).map(ParticipantRef::Party);
    Some((call.id.clone(), Some(person.or_else(party)?)))
}

/// Returns the floor's act for a scenario's.
pub(super) const fn floor_act(act: ActKind) -> floor::Act {
    match act {
        ActKind::Mute => floor::Act::Mute,
        ActKind::MuteSelf => floor::Act::MuteSelf,
        ActKind::UnmuteSelf => floor::Act::UnmuteSelf,
        ActKind::Hold => floor::Act::Hold,
        ActKind::Release => floor::Act::Release,
        ActKind::Remove => floor::Act::Remove,
        ActKind::HangUp => floor::Act::HangUp,
    }
}
