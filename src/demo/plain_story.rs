//! The demo where there is no terminal: the scenario's story in plain lines, one a change, its acts performed at the
//! presenter's desk, each printed with its proof and latencies.

use std::io::Write;
use std::time::Duration;

use tokio::time::timeout;

use super::supervisors::{asked, perform};
use super::{DemoError, PRESENTER, RunningDemo};
use crate::console::{HeadlessDesk, happening, scene};
use crate::desk::{Desk, LedgerRow, RowId};
use crate::floor::{Cursor, Floor, Operation, OperationStatus, ProofSource};
use crate::screen::DisplayText;
use crate::sim::scenario::{ExpectedOutcome, ScenarioAct};
use crate::time::{Millis, Timestamp};

/// A story ends within a minute of wall time, whatever happens.
const LONGEST: Duration = Duration::from_secs(55);
/// How long, in wall time, a proof is waited for that has not come in its time.
const LATE: Duration = Duration::from_secs(10);
/// How much floor time is told of a scenario that has no story.
const WITHOUT_STORY: Millis = Millis::seconds(10);

/// Tells the story; whether everything came as the scenario expects.
pub(super) async fn tell(stage: &RunningDemo) -> Result<bool, DemoError> {
    let Some(desk) = stage.desk(PRESENTER) else { return Ok(false) };
    let desk = desk?;
    let mut teller = StoryPrinter { desk, told: Cursor(0), out: std::io::stdout(), broken: None };
    let told = timeout(LONGEST, teller.story(stage)).await;
    let whole = told.unwrap_or_else(|_elapsed| Ok(false))?;
    teller.say(if whole { "the story went as expected" } else { "the story did NOT go as expected" });
    teller.broken.map_or(Ok(whole), |error| Err(error.into()))
}

struct StoryPrinter {
    desk: HeadlessDesk,
    told: Cursor,
    out: std::io::Stdout,
    broken: Option<std::io::Error>,
}

impl StoryPrinter {
    async fn story(&mut self, stage: &RunningDemo) -> Result<bool, DemoError> {
        self.desk.until(|desk| desk.link().is_live()).await;
        self.scene();
        let mut acts: Vec<&ScenarioAct> = stage.scenario.acts.iter().filter(|it| it.story).collect();
        acts.sort_by_key(|it| it.at);
        if acts.is_empty() {
            let end = stage.clock.now() + WITHOUT_STORY;
            self.listen(|desk| desk.now() >= end).await;
            return Ok(true);
        }
        let mut whole = true;
        for act in acts {
            self.listen(|desk| desk.now() >= stage.begin + act.at).await;
            let row = perform(&mut self.desk, act).await;
            whole &= self.outcome(act, row).await;
        }
        Ok(whole)
    }

    /// Waits for the end of an act, prints it, and says whether it is what was expected.
    async fn outcome(&mut self, act: &ScenarioAct, row: Option<RowId>) -> bool {
        let Some(row) = row else {
            let whom = act.participant.as_ref().map(|it| format!("{it} / ")).unwrap_or_default();
            let why = self.desk.desk().message().map_or("nobody of that name is there", |it| it.text.as_str());
            let text = format!("  {} {whom}{}: not done, {}", asked(act.act), act.call, clean(why));
            self.say(&text);
            return act.expect.is_none();
        };
        self.listen(|desk| standing(desk, &row).is_none_or(is_final)).await;
        if act.expect == Some(ExpectedOutcome::Confirmed) {
            // A slow machine's proof comes after its time, and is proof all the same.
            let late = self.listen(|desk| standing(desk, &row) != Some(OperationStatus::Unconfirmed));
            drop(timeout(LATE, late).await);
        }
        let standing = standing(self.desk.desk(), &row);
        let text = sentence(self.desk.desk(), &row);
        self.say(&text);
        let expected = match act.expect {
            None => return true,
            Some(ExpectedOutcome::Confirmed) => OperationStatus::Confirmed,
            Some(ExpectedOutcome::Refused) => OperationStatus::Refused,
            Some(ExpectedOutcome::Left) => OperationStatus::Left,
            Some(ExpectedOutcome::Unconfirmed) => OperationStatus::Unconfirmed,
            Some(ExpectedOutcome::Failed) => OperationStatus::Failed,
        };
        // What the desk refuses by itself has no standing in the journal: it is a refusal.
        let as_expected = standing.unwrap_or(OperationStatus::Refused) == expected;
        if !as_expected {
            self.say(&format!("  expected: {expected:?}"));
        }
        as_expected
    }

    /// Hears what happens, a line each, until the desk is as wanted.
    async fn listen(&mut self, mut wanted: impl FnMut(&Desk) -> bool) {
        let Self { desk, told, out, broken } = self;
        desk.until(|desk| {
            let floor = desk.live();
            for line in floor.event_log().filter(|it| it.cursor > *told) {
                print(out, broken, &happening(line));
            }
            *told = floor.head();
            wanted(desk)
        })
        .await;
    }

    /// Who is where when the story begins.
    fn scene(&mut self) {
        let desk = self.desk.desk();
        let floor = desk.live();
        self.told = floor.head();
        for line in scene(desk) {
            self.say(&line);
        }
    }

    fn say(&mut self, text: &str) {
        print(&mut self.out, &mut self.broken, text);
    }
}

/// Prints a line; the first failure is kept, and ends the story's chance of success.
fn print(out: &mut impl Write, broken: &mut Option<std::io::Error>, text: &str) {
    if broken.is_none() {
        *broken = writeln!(out, "{text}").and_then(|()| out.flush()).err();
    }
}

fn standing(desk: &Desk, row: &RowId) -> Option<OperationStatus> {
    match row {
        RowId::Operation(number) => desk.live().operation(*number).map(|it| it.standing(desk.now())),
        RowId::Pending(_) | RowId::Bulk(_) => None,
    }
}

const fn is_final(standing: OperationStatus) -> bool {
    !standing.is_open()
}

/// An act and what became of it.
fn sentence(desk: &Desk, row: &RowId) -> String {
    let floor = desk.live();
    match desk.ledger().find(|it| it.id() == *row) {
        Some(LedgerRow::Operation(operation)) => operated(floor, operation, desk.now()),
        Some(LedgerRow::Pending(slip)) => {
            format!("  {} {}: {}", slip.act, clean(&slip.label), clean(&slip.state.sentence()))
        }
        Some(LedgerRow::Bulk(batch)) => format!("  {}: {}", batch.title(), desk.tally(batch)),
        None => "  no longer in the ledger".to_owned(),
    }
}

fn operated(floor: &Floor, operation: &Operation, now: Timestamp) -> String {
    let place = floor.call(&operation.call).map(|it| clean(&it.title())).unwrap_or_default();
    let whom = operation.participant.as_ref().map(|_| format!("{} / ", clean(&operation.target))).unwrap_or_default();
    let mut text = format!("  op {} {} {whom}{place}: ", operation.number.0, operation.act);
    text.push_str(operation.standing(now).word());
    let accepted = operation.accept_latency().map(|it| format!("accepted after {} ms", it.0));
    let proved = operation.proof.as_ref().zip(operation.proof_latency()).map(|(proof, after)| {
        let detail = if proof.evidence == ProofSource::RosterServerMuted { ", serverMuted" } else { "" };
        format!("proof after {} ms ({}{detail})", after.0, proof.evidence.word())
    });
    let why = operation.reason().map(clean);
    let details = [accepted, proved, why].into_iter().flatten();
    details.fold(text, |text, detail| text + ", " + &detail)
}

fn clean(text: &str) -> String {
    DisplayText::clean(text).as_str().to_owned()
}
