//! The demo without a terminal: prints the scenario's story, one line per change, and performs its acts at the
//! presenter's desk. Each act is printed with its proof and latencies.

use std::io::Write;
use std::time::Duration;

use jiff::tz::TimeZone;
use tokio::time::timeout;

use super::assembly::{PRESENTER, RunningDemo};
use super::error::DemoError;
use super::supervisors::{floor_act, perform};
use crate::console::{HeadlessDesk, board_lines, event_line};
use crate::desk::{Desk, LedgerRow, RowId};
use crate::floor::{Cursor, Floor, Operation, OperationStatus, ProofSource};
use crate::screen::DisplayText;
use crate::sim::scenario::{ExpectedOutcome, ScenarioAct};
use crate::time::{Millis, Timestamp};

/// The maximum wall time of a story.
const TIMEOUT: Duration = Duration::from_secs(55);
/// The wall time to wait for an overdue proof.
const OVERDUE_TIMEOUT: Duration = Duration::from_secs(10);
/// The floor time to print for a scenario without a story.
const WITHOUT_STORY: Millis = Millis::seconds(10);

/// Prints the story, and returns whether every act had the expected outcome.
pub(super) async fn print_story(demo: &RunningDemo, zone: TimeZone) -> Result<bool, DemoError> {
    let Some(desk) = demo.connect_desk(PRESENTER) else { return Ok(false) };
    let desk = desk?;
    let mut printer = StoryPrinter { desk, zone, printed: Cursor(0), out: std::io::stdout(), broken: None };
    let played = timeout(TIMEOUT, printer.play(demo)).await;
    let as_expected = played.unwrap_or_else(|_elapsed| Ok(false))?;
    printer.print(if as_expected { "the story went as expected" } else { "the story did NOT go as expected" });
    printer.broken.map_or(Ok(as_expected), |error| Err(error.into()))
}

struct StoryPrinter {
    desk: HeadlessDesk,
    /// The zone of the printed times.
    zone: TimeZone,
    /// The cursor of the last printed entry.
    printed: Cursor,
    out: std::io::Stdout,
    /// The first failure of the output.
    broken: Option<std::io::Error>,
}

impl StoryPrinter {
    async fn play(&mut self, demo: &RunningDemo) -> Result<bool, DemoError> {
        self.desk.until(|desk| desk.link().is_live()).await;
        self.print_board();
        let mut acts: Vec<&ScenarioAct> = demo.scenario.acts.iter().filter(|it| it.story).collect();
        acts.sort_by_key(|it| it.at);
        if acts.is_empty() {
            let end = demo.clock.now() + WITHOUT_STORY;
            self.print_until(|desk| desk.now() >= end).await;
            return Ok(true);
        }
        let mut as_expected = true;
        for act in acts {
            self.print_until(|desk| desk.now() >= demo.start + act.at).await;
            let row = perform(&mut self.desk, act).await;
            as_expected &= self.print_outcome(act, row).await;
        }
        Ok(as_expected)
    }

    /// Waits for the outcome of an act, prints it, and returns whether it is the expected one.
    async fn print_outcome(&mut self, act: &ScenarioAct, row: Option<RowId>) -> bool {
        let Some(row) = row else {
            let target = act.participant.as_ref().map(|it| format!("{it} / ")).unwrap_or_default();
            let why = self.desk.desk().message().map_or("no participant has that name", |it| it.text.as_str());
            let text = format!("  {} {target}{}: not done, {}", floor_act(act.act), act.call, clean(why));
            self.print(&text);
            return act.expect.is_none();
        };
        self.print_until(|desk| status_of(desk, &row).is_none_or(is_final)).await;
        if act.expect == Some(ExpectedOutcome::Confirmed) {
            // On a slow machine the proof may be overdue; it still counts.
            let late = self.print_until(|desk| status_of(desk, &row) != Some(OperationStatus::Unconfirmed));
            drop(timeout(OVERDUE_TIMEOUT, late).await);
        }
        let status = status_of(self.desk.desk(), &row);
        let text = outcome_line(self.desk.desk(), &row);
        self.print(&text);
        let expected = match act.expect {
            None => return true,
            Some(ExpectedOutcome::Confirmed) => OperationStatus::Confirmed,
            Some(ExpectedOutcome::Refused) => OperationStatus::Refused,
            Some(ExpectedOutcome::Left) => OperationStatus::Left,
            Some(ExpectedOutcome::Unconfirmed) => OperationStatus::Unconfirmed,
            Some(ExpectedOutcome::Failed) => OperationStatus::Failed,
        };
        // A refusal by the desk itself has no status in the journal.
        let as_expected = status.unwrap_or(OperationStatus::Refused) == expected;
        if !as_expected {
            self.print(&format!("  expected: {expected:?}"));
        }
        as_expected
    }

    /// Prints each event until `wanted` holds.
    async fn print_until(&mut self, mut wanted: impl FnMut(&Desk) -> bool) {
        let Self { desk, zone, printed, out, broken } = self;
        desk.until(|desk| {
            let floor = desk.live();
            for line in floor.event_log().filter(|it| it.cursor > *printed) {
                print_line(out, broken, &event_line(line, zone));
            }
            *printed = floor.head();
            wanted(desk)
        })
        .await;
    }

    /// Prints the board as it is when the story begins.
    fn print_board(&mut self) {
        let desk = self.desk.desk();
        let floor = desk.live();
        self.printed = floor.head();
        for line in board_lines(desk, &self.zone) {
            self.print(&line);
        }
    }

    fn print(&mut self, text: &str) {
        print_line(&mut self.out, &mut self.broken, text);
    }
}

/// Prints a line. The first failure is kept, and fails the story.
fn print_line(out: &mut impl Write, broken: &mut Option<std::io::Error>, text: &str) {
    if broken.is_none() {
        *broken = writeln!(out, "{text}").and_then(|()| out.flush()).err();
    }
}

fn status_of(desk: &Desk, row: &RowId) -> Option<OperationStatus> {
    match row {
        RowId::Operation(number) => desk.live().operation(*number).map(|it| it.standing(desk.now())),
        RowId::Pending(_) | RowId::Bulk(_) => None,
    }
}

const fn is_final(status: OperationStatus) -> bool {
    !status.is_in_progress()
}

/// Returns an act and its outcome as a line.
fn outcome_line(desk: &Desk, row: &RowId) -> String {
    let floor = desk.live();
    match desk.ledger().find(|it| it.id() == *row) {
        Some(LedgerRow::Operation(operation)) => operation_line(floor, operation, desk.now()),
        Some(LedgerRow::Pending(pending)) => {
            format!("  {} {}: {}", pending.act, clean(&pending.label), clean(&pending.state.sentence()))
        }
        Some(LedgerRow::Bulk(batch)) => format!("  {}: {}", batch.title(), desk.tally(batch)),
        None => "  no longer in the ledger".to_owned(),
    }
}

fn operation_line(floor: &Floor, operation: &Operation, now: Timestamp) -> String {
    let place = floor.call(&operation.call).map(|it| clean(&it.title())).unwrap_or_default();
    let target = operation.participant.as_ref().map(|_| format!("{} / ", clean(&operation.target))).unwrap_or_default();
    let mut text = format!("  op {} {} {target}{place}: ", operation.number.0, operation.act);
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
